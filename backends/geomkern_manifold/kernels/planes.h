/* Distances from geodesic hyperplanes, and Busemann functions (distances from ideal points), in the Poincaré ball and
 * in Lorentz's model, of planes in the half-space, too; and the translations of Lorentz's model.
 *
 * A plane goes through p with the normal tangent vector A. On the hyperboloid the signed distance d of x from it is
 *   H = sinh(sqrt(c) d) = sqrt(c) <X, A>_L/|A|_L.
 * The Busemann function of the ideal point in the direction u, |u| = 1, of the ball's boundary is
 *   B = log(V)/sqrt(c),  V = W - sqrt(c) <z, u> on the hyperboloid,  V = |u - sqrt(c) x|^2/(1 - c|x|^2) in the ball.
 * What is parallel to p is split off with fused multiply-adds, as in conversions_radial.h.
 */
#ifndef GK_PLANES_H
#define GK_PLANES_H

#include "conversions_cayley.h"
#include "conversions_radial.h"

/* <u, v>, the rounding errors of products and sums found as in GK_GAP: multiples of 2^-52 |u||v| add up exactly. */
#define PLANE_DOT(dot, u, v)                                                                                           \
    do {                                                                                                               \
        gk_scalars shift, high, length;                                                                                \
        GK_SUM3(dot, GK_AT(u) * GK_AT(v), high, GK_AT(u) * GK_AT(u), length, GK_AT(v) * GK_AT(v));                     \
        if (!block->compensate) break;                                                                                 \
        for (long i = 0; i < GK_BLOCK; i++) {                                                                          \
            double inverse = i < block->lanes ? 1.0 / __builtin_sqrt(high[i] * length[i]) : 1.0;                       \
            shift[i] = inverse > 1e-300 && inverse < 1e300 ? 1.5 * gk_square_bound(inverse) : 0.0;                     \
        }                                                                                                              \
        GK_SUM2(high, (GK_AT(u) * GK_AT(v) + GK_OF(shift)) - GK_OF(shift), length,                                     \
                (GK_AT(u) * GK_AT(v) - ((GK_AT(u) * GK_AT(v) + GK_OF(shift)) - GK_OF(shift))) +                        \
                    GK_FMA(GK_AT(u), GK_AT(v), -(GK_AT(u) * GK_AT(v))));                                               \
        GK_SCALARS dot[i] = high[i] + length[i];                                                                       \
    } while (0)

/* S_along + S_rest = <v, w>/|w|^2 and S_square = |v - (S_along + S_rest) w|^2, given vv = |v|^2, vw = <v, w> and
 * ww = |w|^2; that vector is PLANE_ACROSS in a combination, and PLANE_ACROSS_SUM in a sum. Where it is most of v, the
 * plain difference of squares will do; coordinates that were float32 leave more room. */
#define PLANE_SPLIT(S, v, w, vv, vw, ww)                                                                               \
    gk_scalars S##_along, S##_rest, S##_square;                                                                        \
    do {                                                                                                               \
        const double least = block->compensate ? 0.25 : 1e-7;                                                          \
        int parallel = 0;                                                                                              \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            double ratio = (vw)[i] / (ww)[i];                                                                          \
            S##_along[i] = (ww)[i] == 0.0 ? 0.0 : ratio;                                                               \
            S##_rest[i] = 0.0;                                                                                         \
            S##_square[i] = (vv)[i] - S##_along[i] * (vw)[i];                                                          \
            parallel |= S##_square[i] < least * (vv)[i];                                                               \
        }                                                                                                              \
        if (!parallel) break;                                                                                          \
        gk_scalars left, across;                                                                                       \
        GK_SUM2(left, PLANE_ACROSS_SUM(S, v, w) * GK_AT(w), across,                                                    \
                PLANE_ACROSS_SUM(S, v, w) * PLANE_ACROSS_SUM(S, v, w));                                                \
        GK_SCALARS {                                                                                                   \
            double ratio = left[i] / (ww)[i], exact = across[i] - ratio * left[i];                                     \
            int taken = (S##_square[i] < least * (vv)[i]) & ((ww)[i] != 0.0);                                          \
            S##_rest[i] = taken ? ratio : 0.0;                                                                         \
            S##_square[i] = taken ? (exact < 0.0 ? 0.0 : exact) : S##_square[i];                                       \
        }                                                                                                              \
    } while (0)
#define PLANE_ACROSS_SUM(S, v, w)                                                                                      \
    (GK_FMA(GK_AT(w), (gk_lane){0} - GK_OF(S##_along), GK_AT(v)) - GK_OF(S##_rest) * GK_AT(w))
#define PLANE_ACROSS(S, v, w) (__builtin_fma(-S##_along[i], GK_AT(w), GK_AT(v)) - S##_rest[i] * GK_AT(w))

/* sqrt(1 + H^2), and H/sqrt(1 + H^2) - asinh(H) = 2q H K'(q) where K = asinh(z)/z at q = z^2 = H^2 */
GK_INLINE double plane_bend(double H) {
    double q = H * H, w = __builtin_sqrt(1.0 + q);
    poincare_ratio F = poincare_F(q);
    double near = 2.0 * q * H * (0.5 * F.value / w + w * F.slope);
    return q < 1.0 ? near : H / w - gk_asinh(H);
}

/* ---- planes in the ball ----
 * With a = 1 - c|x|^2, b = 1 - c|p|^2, delta = p - x and s = c|delta|^2, -p + x = (-b delta - s p)/(s + ab), so that
 *   H = 2 sqrt(c) <-p + x, A>/((1 - c|-p + x|^2)|A|) = -2 sqrt(c) (<delta, A>/a + s <p, A>/(ab))/|A|. */
#define BALL_PLANE(x, p, A, c)                                                                                         \
    gk_scalars n, dA, pA, H, u;                                                                                        \
    POINCARE_PAIR(x, p, c);                                                                                            \
    GK_LENGTH(n, A);                                                                                                   \
    GK_SUM(dA, (GK_AT(p) - GK_AT(x)) * GK_AT(A));                                                                      \
    PLANE_DOT(pA, p, A);                                                                                               \
    GK_SCALARS {                                                                                                       \
        u[i] = 2.0 * __builtin_sqrt((c)[i]) / n[i];                                                                    \
        H[i] = -u[i] * (dA[i] + s2[i] / b[i] * pA[i]) / a[i];                                                          \
    }

/* x, p, a; c -> d */
GK_ROW_FUNCTION(poincare_dist2plane) {
    const double *c = s[0];
    (void)out;
    BALL_PLANE(in[0], in[1], in[2], c);
    GK_SCALARS t[0][i] = gk_asinh(H[i]) / __builtin_sqrt(c[i]);
}

/* x, p, a; g, c -> gx, gp, ga; gc: dd = dH/(sqrt(c) sqrt(1 + H^2)) - d/(2c) dc */
GK_ROW_FUNCTION(poincare_dist2plane_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_d, of_A, of_p, of_n, of_a, of_b;
    BALL_PLANE(in[0], in[1], in[2], c);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), slope = g[i] / (rc * __builtin_sqrt(1.0 + H[i] * H[i]));
        double v = slope * u[i] / a[i], A = -slope * H[i] / a[i], B = v * s2[i] * pA[i] / (b[i] * b[i]);
        of_A[i] = -v;
        of_d[i] = -2.0 * c[i] * v * pA[i] / b[i];
        of_p[i] = -v * s2[i] / b[i];
        of_n[i] = -slope * H[i] / n[i];
        of_a[i] = -2.0 * c[i] * A;
        of_b[i] = -2.0 * c[i] * B;
        t[0][i] = g[i] * plane_bend(H[i]) / (2.0 * c[i] * rc) - v * dd[i] * pA[i] / b[i] - A * xx[i] - B * yy[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
    }
    GK_COMBINE(out[0], of_a[i] * GK_AT(in[0]) - of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) - of_A[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], of_b[i] * GK_AT(in[1]) + of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) +
                           (of_A[i] + of_p[i]) * GK_AT(in[2]));
    GK_COMBINE(out[2], of_A[i] * (GK_AT(in[1]) - GK_AT(in[0])) + of_p[i] * GK_AT(in[1]) +
                           of_n[i] * (GK_AT(in[2]) / n[i]));
}

/* ---- planes in Lorentz's model ----
 * With x = xi p + x', A = kappa p + A', both primes orthogonal to p, Wp = sqrt(1 + c|p|^2) and Wx likewise,
 *   <X, A>_L = <x', A'> + kappa |p|^2 Y/Wp,  Y = Wp xi - Wx,  |A|_L^2 = |A'|^2 + kappa^2 |p|^2/Wp^2,
 * and for xi > 0, where Y cancels, Y = ((xi - 1)(xi + 1) - c|x'|^2)/(Wp xi + Wx). */
#define CHART_PLANE(x, p, A, c)                                                                                        \
    gk_scalars xx, pp, AA, xp, pA, xi, kappa, ahead, across, nn, Wx, Wp, Y, H;                                         \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), pp, GK_AT(p) * GK_AT(p), xp, GK_AT(x) * GK_AT(p));                                \
    PLANE_DOT(pA, p, A);                                                                                               \
    GK_SUM(AA, GK_AT(A) * GK_AT(A));                                                                                   \
    PLANE_SPLIT(of_x, x, p, xx, xp, pp);                                                                               \
    PLANE_SPLIT(of_A, A, p, AA, pA, pp);                                                                               \
    GK_SUM2(ahead, (GK_AT(x) - GK_AT(p)) * GK_AT(p),                                                                   \
            across, PLANE_ACROSS_SUM(of_x, x, p) * PLANE_ACROSS_SUM(of_A, A, p));                                      \
    GK_SCALARS {                                                                                                       \
        double shift = pp[i] == 0.0 ? 0.0 : ahead[i] / pp[i];                                                          \
        xi[i] = of_x_along[i] + of_x_rest[i];                                                                          \
        kappa[i] = of_A_along[i] + of_A_rest[i];                                                                       \
        Wx[i] = __builtin_sqrt(1.0 + (c)[i] * xx[i]);                                                                  \
        Wp[i] = __builtin_sqrt(1.0 + (c)[i] * pp[i]);                                                                  \
        double near = (shift * (xi[i] + 1.0) - (c)[i] * of_x_square[i]) / (Wp[i] * xi[i] + Wx[i]);                     \
        double radial = kappa[i] * pp[i] / Wp[i];                                                                      \
        Y[i] = xi[i] > 0.0 ? near : Wp[i] * xi[i] - Wx[i];                                                             \
        nn[i] = of_A_square[i] + kappa[i] / Wp[i] * radial;                                                            \
        H[i] = __builtin_sqrt((c)[i] / nn[i]) * (across[i] + radial * Y[i]);                                           \
    }

/* x, p, a; c -> d */
GK_ROW_FUNCTION(lorentz_dist2plane) {
    const double *c = s[0];
    (void)out;
    CHART_PLANE(in[0], in[1], in[2], c);
    GK_SCALARS t[0][i] = gk_asinh(H[i]) / __builtin_sqrt(c[i]);
}

/* x, p, a; g, c -> gx, gp, ga; gc of M = <X, A>_L = <x, A> - Wx/Wp <p, A> and N = |A|_L^2 = |A|^2 - c<p, A>^2/Wp^2.
 * Split likewise, their gradients are
 *   M_x = A' + kappa (xi/Wp - Y)/Wx p - kappa c|p|^2/(Wp Wx) x',   M_A = x' + Y/Wp p,
 *   M_p = -Wx/Wp (A' + kappa/Wp^2 p),
 *   N_A/2 = A' + kappa/Wp^2 p,   N_p/2 = -kappa c|p|^2/Wp^2 N_A/2,
 * and what multiplies N_A/2 in the gradient in p is, with the radial share r = kappa^2|p|^2/(Wp^2 N),
 *   -(xi - (1 - r) Y/Wp - r Wp Y - kappa c|p|^2 <x', A'>/(Wp^2 N)). */
GK_ROW_FUNCTION(lorentz_dist2plane_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars M, N, x_p, x_x, p_A, A_p, to_p;
    CHART_PLANE(in[0], in[1], in[2], c);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), slope = g[i] / (rc * __builtin_sqrt(1.0 + H[i] * H[i]));
        double cpp = c[i] * pp[i], wp2 = Wp[i] * Wp[i], level = kappa[i] * cpp / wp2, ratio = Wx[i] / Wp[i];
        double share = kappa[i] / wp2 * kappa[i] * pp[i] / nn[i];
        M[i] = slope * rc / __builtin_sqrt(nn[i]);
        N[i] = -slope * H[i] / nn[i];
        x_p[i] = M[i] * kappa[i] * (xi[i] / Wp[i] - Y[i]) / Wx[i];
        x_x[i] = -M[i] * kappa[i] * cpp / (Wp[i] * Wx[i]);
        p_A[i] = -M[i] * (xi[i] - of_A_square[i] / nn[i] * Y[i] / Wp[i] - share * Wp[i] * Y[i] -
                          level * across[i] / nn[i]);
        to_p[i] = kappa[i] / wp2;
        A_p[i] = M[i] * Y[i] / Wp[i] + N[i] * to_p[i];
        t[0][i] = g[i] * plane_bend(H[i]) / (2.0 * c[i] * rc) -
                  0.5 * M[i] * pA[i] * (xx[i] / ratio - pp[i] * ratio) / wp2 - 0.5 * N[i] * level / c[i] * level / c[i];
    }
    GK_COMBINE(out[0], M[i] * PLANE_ACROSS(of_A, in[2], in[1]) + x_p[i] * GK_AT(in[1]) +
                           x_x[i] * PLANE_ACROSS(of_x, in[0], in[1]));
    GK_COMBINE(out[1], p_A[i] * (PLANE_ACROSS(of_A, in[2], in[1]) + to_p[i] * GK_AT(in[1])));
    GK_COMBINE(out[2], M[i] * PLANE_ACROSS(of_x, in[0], in[1]) + N[i] * PLANE_ACROSS(of_A, in[2], in[1]) +
                           A_p[i] * GK_AT(in[1]));
}

/* ---- planes in the half-space ----
 * Moved and scaled such that p is the origin, it is the formula of the ball: with x = (s, y), p = (q, r),
 * delta = s - q,
 *   H = (2r <delta, A'> + beta A_d)/(2 y r |A|),  beta = |delta|^2 + y^2 - r^2. */
#define UPPER_PLANE(x, p, A)                                                                                           \
    gk_scalars n, alpha, beta, Q, H, dd;                                                                               \
    CAYLEY_LAST(y, x);                                                                                                 \
    CAYLEY_LAST(r, p);                                                                                                 \
    CAYLEY_LAST(Ad, A);                                                                                                \
    gk_inside(block, 0, y);                                                                                            \
    gk_inside(block, 1, r);                                                                                            \
    GK_LENGTH(n, A);                                                                                                   \
    CAYLEY_SUM2(alpha, (GK_AT(x) - GK_AT(p)) * GK_AT(A), dd, (GK_AT(x) - GK_AT(p)) * (GK_AT(x) - GK_AT(p)));           \
    GK_SCALARS {                                                                                                       \
        beta[i] = dd[i] + (y[i] - r[i]) * (y[i] + r[i]);                                                               \
        Q[i] = 2.0 * y[i] * r[i] * n[i];                                                                               \
        H[i] = (2.0 * r[i] * alpha[i] + beta[i] * Ad[i]) / Q[i];                                                       \
    }

/* x, p, a; c -> d */
GK_ROW_FUNCTION(half_space_dist2plane) {
    const double *c = s[0];
    (void)out;
    UPPER_PLANE(in[0], in[1], in[2]);
    GK_SCALARS t[0][i] = gk_asinh(H[i]) / __builtin_sqrt(c[i]);
}

/* x, p, a; g, c -> gx, gp, ga; gc = -d/(2c), with H_y = ((y^2 + r^2 - |delta|^2) A_d - 2r alpha)/(Q y) and
 * H_r = -(|delta|^2 + y^2 + r^2) A_d/(Q r) */
GK_ROW_FUNCTION(half_space_dist2plane_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_A, of_d, to_d, to_A, last_x, last_p, last_A;
    UPPER_PLANE(in[0], in[1], in[2]);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), slope = g[i] / (rc * __builtin_sqrt(1.0 + H[i] * H[i])), u = slope / Q[i];
        double squares = y[i] * y[i] + r[i] * r[i];
        of_A[i] = to_d[i] = 2.0 * u * r[i];
        of_d[i] = 2.0 * u * Ad[i];
        to_A[i] = -slope * H[i] / n[i] / n[i];
        last_x[i] = u * ((squares - dd[i]) * Ad[i] - 2.0 * r[i] * alpha[i]) / y[i];
        last_p[i] = -u * (squares + dd[i]) * Ad[i] / r[i];
        last_A[i] = u * beta[i] + to_A[i] * Ad[i];
        t[0][i] = -0.5 * g[i] * gk_asinh(H[i]) / (c[i] * rc);
    }
    CAYLEY_COMBINE(out[0], of_A[i] * GK_AT(in[2]) + of_d[i] * (GK_AT(in[0]) - GK_AT(in[1])), last_x[i]);
    CAYLEY_COMBINE(out[1], -of_A[i] * GK_AT(in[2]) - of_d[i] * (GK_AT(in[0]) - GK_AT(in[1])), last_p[i]);
    CAYLEY_COMBINE(out[2], to_d[i] * (GK_AT(in[0]) - GK_AT(in[1])) + to_A[i] * GK_AT(in[2]), last_A[i]);
}

/* ---- Busemann functions ----
 * With beta = sqrt(c) <x, u> and o = c|x|^2 - beta^2, a difference that cancels towards u is a sum of positive terms:
 *   |u - sqrt(c) x|^2 = o + e^2, e = 1 - beta = (1 - c|x|^2 + o)/(1 + beta);   W - beta = (1 + o)/(W + beta).
 * Near the origin V is near 1; then log V = log1p(V - 1) with V - 1 = 2 (c|x|^2 - beta)/(1 - c|x|^2) or W - 1 - beta,
 * W - 1 = c|x|^2/(1 + W). */
GK_INLINE double plane_log(double square, double V, double V1) {
    return square < 0.25 ? gk_log1p(V1) : gk_log(V);
}

/* V, V1 = V - 1, and the factors in u - sqrt(c) x = e u - sqrt(c) x' and 1/D = 1/|u - sqrt(c) x|^2 */
#define BALL_BUSEMANN(x, p, c)                                                                                         \
    gk_scalars a, xx, pp, xp, e, D, B, norm;                                                                           \
    GK_GAP(a, xx, c, x);                                                                                               \
    gk_inside(block, 0, a);                                                                                            \
    GK_SUM2(pp, GK_AT(p) * GK_AT(p), xp, GK_AT(x) * GK_AT(p));                                                         \
    PLANE_SPLIT(x_p, x, p, xx, xp, pp);                                                                                \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt((c)[i]), o = (c)[i] * x_p_square[i];                                                \
        norm[i] = __builtin_sqrt(pp[i]);                                                                               \
        double beta = rc * (x_p_along[i] + x_p_rest[i]) * norm[i];                                                     \
        e[i] = beta > 0.0 ? (a[i] + o) / (1.0 + beta) : 1.0 - beta;                                                    \
        D[i] = o + e[i] * e[i];                                                                                        \
        B[i] = plane_log((c)[i] * xx[i], D[i] / a[i], 2.0 * ((c)[i] * xx[i] - beta) / a[i]) / rc;                      \
    }

/* x, p; c -> B, for u = p/|p| */
GK_ROW_FUNCTION(poincare_busemann) {
    const double *c = s[0];
    (void)out;
    BALL_BUSEMANN(in[0], in[1], c);
    GK_SCALARS t[0][i] = B[i];
}

/* x, p; g, c -> gx, gp; gc: gx = -2/D (e u - sqrt(c) x') + 2 sqrt(c)/a x, gp = -2 x'/(D|p|), and since sqrt(c) B
 * depends on sqrt(c) x only, gc = (<gx, x> - g B)/(2c) */
GK_ROW_FUNCTION(poincare_busemann_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_x, of_p, aside, to_p;
    BALL_BUSEMANN(in[0], in[1], c);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), near = 2.0 * g[i] / D[i];
        of_x[i] = 2.0 * g[i] * rc / a[i];
        of_p[i] = -near * e[i] / norm[i];
        aside[i] = near * rc;
        to_p[i] = -near / norm[i];
        double along_x = of_x[i] * xx[i] + of_p[i] * xp[i] + aside[i] * x_p_square[i];
        t[0][i] = 0.5 * (along_x - g[i] * B[i]) / c[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_p[i] * GK_AT(in[1]) + aside[i] * PLANE_ACROSS(x_p, in[0], in[1]));
    GK_COMBINE(out[1], to_p[i] * PLANE_ACROSS(x_p, in[0], in[1]));
}

#define CHART_BUSEMANN(x, p, c)                                                                                        \
    gk_scalars xx, pp, xp, W, V, B, norm;                                                                              \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), pp, GK_AT(p) * GK_AT(p), xp, GK_AT(x) * GK_AT(p));                                \
    PLANE_SPLIT(x_p, x, p, xx, xp, pp);                                                                                \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt((c)[i]), q = (c)[i] * xx[i];                                                        \
        norm[i] = __builtin_sqrt(pp[i]);                                                                               \
        double beta = rc * (x_p_along[i] + x_p_rest[i]) * norm[i];                                                     \
        W[i] = __builtin_sqrt(1.0 + q);                                                                                \
        V[i] = beta > 0.0 ? (1.0 + (c)[i] * x_p_square[i]) / (W[i] + beta) : W[i] - beta;                              \
        B[i] = plane_log(q, V[i], q / (1.0 + W[i]) - beta) / rc;                                                       \
    }

/* x, p; c -> B */
GK_ROW_FUNCTION(lorentz_busemann) {
    const double *c = s[0];
    (void)out;
    CHART_BUSEMANN(in[0], in[1], c);
    GK_SCALARS t[0][i] = B[i];
}

/* x, p; g, c -> gx, gp; gc: gx = (sqrt(c) x/W - u)/V = sqrt(c) x'/(W V) - u/W, gp = -x'/(V|p|), gc as in the ball */
GK_ROW_FUNCTION(lorentz_busemann_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars aside, of_p, to_p;
    CHART_BUSEMANN(in[0], in[1], c);
    GK_SCALARS {
        of_p[i] = -g[i] / (W[i] * norm[i]);
        to_p[i] = -g[i] / (V[i] * norm[i]);
        aside[i] = g[i] * __builtin_sqrt(c[i]) / (W[i] * V[i]);
        t[0][i] = 0.5 * (aside[i] * x_p_square[i] + of_p[i] * xp[i] - g[i] * B[i]) / c[i];
    }
    GK_COMBINE(out[0], aside[i] * PLANE_ACROSS(x_p, in[0], in[1]) + of_p[i] * GK_AT(in[1]));
    GK_COMBINE(out[1], to_p[i] * PLANE_ACROSS(x_p, in[0], in[1]));
}

/* ---- translations in Lorentz's model ----
 * The boost that takes the origin to b: with x = xi b + x', x' orthogonal to b, and Wb, Wx as above,
 *   y = x + (c<b, x>/(1 + Wb) + Wx) b = x' + (Wb xi + Wx) b,
 * where for xi < 0 the bracket is (1 - xi^2 + c|x'|^2)/(Wx - Wb xi). */
#define CHART_TRANSLATION(x, b, c)                                                                                     \
    gk_scalars xx, bb, xb, ahead, Wx, Wb, of_b;                                                                        \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), bb, GK_AT(b) * GK_AT(b), xb, GK_AT(x) * GK_AT(b));                                \
    PLANE_SPLIT(x_b, x, b, xx, xb, bb);                                                                                \
    GK_SUM(ahead, (GK_AT(x) + GK_AT(b)) * GK_AT(b));                                                                   \
    GK_SCALARS {                                                                                                       \
        double xi = x_b_along[i] + x_b_rest[i], sum = bb[i] == 0.0 ? 1.0 : ahead[i] / bb[i];                           \
        Wx[i] = __builtin_sqrt(1.0 + (c)[i] * xx[i]);                                                                  \
        Wb[i] = __builtin_sqrt(1.0 + (c)[i] * bb[i]);                                                                  \
        double back = ((1.0 - xi) * sum + (c)[i] * x_b_square[i]) / (Wx[i] - Wb[i] * xi);                              \
        of_b[i] = xi < 0.0 ? back : Wb[i] * xi + Wx[i];                                                                \
    }

/* x, by; c -> y */
GK_ROW_FUNCTION(lorentz_translate) {
    const double *c = s[0];
    (void)t;
    CHART_TRANSLATION(in[0], in[1], c);
    GK_COMBINE(out[0], PLANE_ACROSS(x_b, in[0], in[1]) + of_b[i] * GK_AT(in[1]));
}

/* g, x, by; c -> gx, gby; gc of <g, x> + (c xb/(1 + Wb) + Wx) <g, b> */
GK_ROW_FUNCTION(lorentz_translate_vjp) {
    const double *c = s[0];
    gk_scalars gb, gx_x, gx_b, gb_g, gb_x, gb_b;
    CHART_TRANSLATION(in[1], in[2], c);
    GK_SUM(gb, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double share = 1.0 / (1.0 + Wb[i]), push = c[i] * gb[i];
        gx_x[i] = push / Wx[i];
        gx_b[i] = push * share;
        gb_g[i] = of_b[i] - x_b_along[i] - x_b_rest[i];
        gb_x[i] = push * share;
        gb_b[i] = -push * share * share * c[i] * xb[i] / Wb[i];
        t[0][i] = gb[i] * (xb[i] * share * (1.0 - 0.5 * c[i] * bb[i] * share / Wb[i]) + 0.5 * xx[i] / Wx[i]);
    }
    GK_COMBINE(out[0], GK_AT(in[0]) + gx_x[i] * GK_AT(in[1]) + gx_b[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], gb_g[i] * GK_AT(in[0]) + gb_x[i] * GK_AT(in[1]) + gb_b[i] * GK_AT(in[2]));
}

static const gk_row_kernel POINCARE_DIST2PLANE = {
    "dist2plane", poincare_dist2plane, 3, 1, 0, 1, 0, {"x", "p", "a"}, {"c"}, 14, 2.4, &GK_BALL};
static const gk_row_kernel POINCARE_DIST2PLANE_VJP = {
    "dist2plane_vjp", poincare_dist2plane_vjp, 3, 2, 3, 1, 0, {"x", "p", "a"}, {"g", "c"}, 24, 4.0, &GK_BALL};
static const gk_row_kernel LORENTZ_DIST2PLANE = {
    "dist2plane", lorentz_dist2plane, 3, 1, 0, 1, 0, {"x", "p", "a"}, {"c"}, 14, 3.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_DIST2PLANE_VJP = {
    "dist2plane_vjp", lorentz_dist2plane_vjp, 3, 2, 3, 1, 0, {"x", "p", "a"}, {"g", "c"}, 24, 4.5,
    &GK_HYPERBOLIC_CHART};
static const gk_row_kernel HALF_SPACE_DIST2PLANE = {
    "dist2plane", half_space_dist2plane, 3, 1, 0, 1, 0, {"x", "p", "a"}, {"c"}, 14, 1.6, &GK_HALF_SPACE_TO_CHART};
static const gk_row_kernel HALF_SPACE_DIST2PLANE_VJP = {
    "dist2plane_vjp", half_space_dist2plane_vjp, 3, 2, 3, 1, 0, {"x", "p", "a"}, {"g", "c"}, 24, 3.0,
    &GK_HALF_SPACE_TO_CHART};
static const gk_row_kernel POINCARE_BUSEMANN = {
    "busemann", poincare_busemann, 2, 1, 0, 1, 0, {"x", "p"}, {"c"}, 14, 1.6, &GK_BALL};
static const gk_row_kernel POINCARE_BUSEMANN_VJP = {
    "busemann_vjp", poincare_busemann_vjp, 2, 2, 2, 1, 0, {"x", "p"}, {"g", "c"}, 20, 2.4, &GK_BALL};
static const gk_row_kernel LORENTZ_BUSEMANN = {
    "busemann", lorentz_busemann, 2, 1, 0, 1, 0, {"x", "p"}, {"c"}, 14, 1.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_BUSEMANN_VJP = {
    "busemann_vjp", lorentz_busemann_vjp, 2, 2, 2, 1, 0, {"x", "p"}, {"g", "c"}, 20, 2.4, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_TRANSLATE = {
    "translate", lorentz_translate, 2, 1, 1, 0, 0, {"x", "by"}, {"c"}, 8, 2.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_TRANSLATE_VJP = {
    "translate_vjp", lorentz_translate_vjp, 3, 1, 2, 1, 0, {"g", "x", "by"}, {"c"}, 10, 3.0, &GK_HYPERBOLIC_CHART};

#endif
