/* One step of Riemannian gradient descent and of Riemannian Adam in the Poincaré ball of curvature -c: from the
 * Euclidean gradient to the moved point and the transported moment. Everything that is written is a combination of the
 * rows x, g and the moment, whose factors come from the inner products of these rows alone.
 *
 * With e = sign g + decay x, what is to be descended, the Riemannian gradient is h = (a/2)^2 e, a = 1 - c|x|^2, and
 * |h|_x^2 = (4/a^2)(a/2)^4|e|^2 = (a/2)^2 |e|^2.
 *
 * A step goes to y = exp_x(-k w) for a tangent vector w and a number k >= 0. With n = |w|, T = tanh(sqrt(c) k n/a) and
 * kappa = -sqrt(c)<x, w>/n, the cosine of the directions of x and of the step times sqrt(c)|x|, as in POINCARE_EXP
 *   y = (P x - tau w)/Q,  tau = T a/(sqrt(c) n),  P = 1 + T^2 + 2 kappa T,  Q = P - a T^2,
 *   1 - c|y|^2 = a (1 - T^2)/Q.
 * P and Q are taken with 1 - T = 2/(1 + e^2z), and where they cancel (towards the origin from near the boundary) by the
 * sums of positive terms given there. Doubles lose digits to that for Q below one half; floats, whose numbers are kept
 * to 2^-24, only much later.
 *
 * Transport: dT/dt = (1 - T^2) sqrt(c) k n/a along t -> exp_x(-t k w), and
 *   dy/dT = a (2 T (1 + kappa T) x - (1 - (1 - a) T^2) w/(sqrt(c) n))/Q^2,
 * so that w itself, which is minus the velocity over k, arrives as
 *   (1 - T^2)/Q^2 ((1 - (1 - a) T^2) w - 2 T (1 + kappa T) sqrt(c) n x),  2 (1 + kappa T) = P + 1 - T^2.
 * Any other vector v arrives, from the core of poincare_transp with y put in, as
 *   (1 - T^2)/Q (v + (gamma a (P - T^2) - 2c T^2 <x, v>)/Q x + tau (2c <x, v>/a + gamma c|x|^2)/Q w),
 * gamma = -2c tau <w, v>/a^2.
 */
#ifndef GK_OPTIM_POINCARE_H
#define GK_OPTIM_POINCARE_H

#include "domains.h"

/* The terms of a step along w, given nn = |w|^2, which becomes |w|, and xw = <x, w>. The rows W are made in `spare` only
 * where they are needed themselves. */
#define POINCARE_STEP(k, a, x, W, nn, xw, c, spare)                                                                    \
    gk_scalars kappa, T, rest, P, Q, tau, shrink; /* rest = 1 - T, shrink = 1 - T^2 */                                 \
    {                                                                                                                  \
        const double enough = block->compensate ? 0.5 : 1e-7;                                                          \
        int extreme = 0, cancels = 0;                                                                                  \
        for (long i = 0; i < block->lanes; i++) extreme |= !((nn)[i] > 1e-280 && (nn)[i] < 1e300);                     \
        if (extreme && block->compensate) GK_COMBINE(spare, W);                                                        \
        GK_LENGTH_OF(nn, spare);                                                                                       \
        GK_SCALARS {                                                                                                   \
            double rc = __builtin_sqrt((c)[i]), n = (nn)[i], z = rc * (k)[i] * n / (a)[i];                             \
            double turn = -rc * (xw)[i] / n, tanh = gk_tanh(z), reach = tanh * (a)[i] / (rc * n);                      \
            kappa[i] = n == 0.0 ? 0.0 : turn;                                                                          \
            T[i] = tanh;                                                                                               \
            rest[i] = 2.0 / (1.0 + gk_exp(2.0 * z));                                                                   \
            tau[i] = z < 1e-150 ? (k)[i] : reach;                                                                      \
            shrink[i] = rest[i] * (2.0 - rest[i]);                                                                     \
            P[i] = rest[i] * rest[i] + 2.0 * tanh * (1.0 + kappa[i]);                                                  \
            Q[i] = P[i] - (a)[i] * tanh * tanh;                                                                        \
        }                                                                                                              \
        for (long i = 0; i < block->lanes; i++) cancels |= !(Q[i] >= enough);                                          \
        if (cancels) {                                                                                                 \
            gk_scalars along, across;                                                                                  \
            GK_COMBINE(spare, W);                                                                                      \
            GK_SCALARS along[i] = (nn)[i] == 0.0 ? 0.0 : (xw)[i] / (nn)[i] / (nn)[i];                                  \
            GK_SUM(across, (GK_AT(x) - GK_OF(along) * GK_AT(spare)) * (GK_AT(x) - GK_OF(along) * GK_AT(spare)));       \
            GK_SCALARS {                                                                                               \
                double o = (c)[i] * across[i], other = 1.0 - kappa[i], omega = ((a)[i] + o) / other;                   \
                double square = rest[i] * rest[i], p = square + 2.0 * T[i] * omega;                                    \
                double q = square + T[i] * (2.0 * o + (a)[i] * (2.0 * rest[i] + T[i] * omega)) / other;                \
                int taken = Q[i] < enough;                                                                             \
                P[i] = taken ? p : P[i];                                                                               \
                Q[i] = taken ? q : Q[i];                                                                               \
            }                                                                                                          \
        }                                                                                                              \
    }

/* x; c: whether all points lie inside, which is asked before a step writes over them. */
GK_ROW_FUNCTION(poincare_inside) {
    (void)out, (void)t;
    gk_scalars a, xx;
    GK_GAP(a, xx, s[0], in[0]);
    gk_inside(block, 0, a);
}

/* x, g; sign, decay, lr, c -> x, with w = h = w_g g + w_x x */
GK_ROW_FUNCTION(poincare_sgd_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *c = s[3];
    gk_scalars a, xx, xg, gg, ww, xw, w_g, w_x;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[1]), gg, GK_AT(in[1]) * GK_AT(in[1]));
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i], wg = r * sign[i], wx = r * decay[i];
        w_g[i] = wg;
        w_x[i] = wx;
        ww[i] = wg * wg * gg[i] + wx * (2.0 * wg * xg[i] + wx * xx[i]);
        xw[i] = wg * xg[i] + wx * xx[i];
    }
    POINCARE_STEP(lr, a, in[0], w_g[i] * GK_AT(in[1]) + w_x[i] * GK_AT(in[0]), ww, xw, c, out[0]);
    GK_SCALARS {
        t[0][i] = a[i] * shrink[i] / Q[i];
        w_x[i] = (P[i] - tau[i] * w_x[i]) / Q[i];
        w_g[i] = tau[i] / Q[i] * w_g[i];
    }
    GK_COMBINE(out[0], w_x[i] * GK_AT(in[0]) - w_g[i] * GK_AT(in[1]));
}

/* The inner products of the three rows x, b, g. */
#define POINCARE_PRODUCTS(x, b, g)                                                                                     \
    gk_scalars xx, xb, xg, bb, bg, gg;                                                                                 \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), xb, GK_AT(x) * GK_AT(b), xg, GK_AT(x) * GK_AT(g));                                \
    GK_SUM3(bb, GK_AT(b) * GK_AT(b), bg, GK_AT(b) * GK_AT(g), gg, GK_AT(g) * GK_AT(g))

/* |w|^2 and <x, w> of w = p b + q g + r x. */
#define POINCARE_COMBINED(ww, xw, p, q, r)                                                                             \
    ww = (p) * ((p) * bb[i] + 2.0 * (q) * bg[i]) + (q) * (q) * gg[i] +                                                 \
         (r) * (2.0 * ((p) * xb[i] + (q) * xg[i]) + (r) * xx[i]);                                                      \
    xw = (p) * xb[i] + (q) * xg[i] + (r) * xx[i]

/* x, b, g; sign, decay, lr, keep, share, ahead, c -> x, b: b <- keep b + share h = b_b b + b_g g + b_x x;
 * w = b, or Nesterov's h + ahead b */
GK_ROW_FUNCTION(poincare_momentum_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *keep = s[3], *share = s[4], *ahead = s[5], *c = s[6];
    gk_scalars a, ww, xw, b_g, b_x, w_b, w_g, w_x, of_x, of_b, of_g;
    POINCARE_PRODUCTS(in[0], in[1], in[2]);
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i], more = ahead[i] == 0.0 ? share[i] : 1.0 + ahead[i] * share[i];
        b_g[i] = share[i] * r * sign[i];
        b_x[i] = share[i] * r * decay[i];
        w_b[i] = ahead[i] == 0.0 ? keep[i] : ahead[i] * keep[i];
        w_g[i] = more * r * sign[i];
        w_x[i] = more * r * decay[i];
        POINCARE_COMBINED(ww[i], xw[i], w_b[i], w_g[i], w_x[i]);
    }
    POINCARE_STEP(lr, a, in[0], w_b[i] * GK_AT(in[1]) + w_g[i] * GK_AT(in[2]) + w_x[i] * GK_AT(in[0]), ww, xw, c,
                  out[0]);
    GK_SCALARS {
        double arrive = tau[i] / Q[i], scale = shrink[i] / Q[i], b_b = keep[i];
        double x_own = -scale / Q[i] * T[i] * (P[i] + shrink[i]) * __builtin_sqrt(c[i]) * ww[i];
        double w_own = scale / Q[i] * (shrink[i] + a[i] * T[i] * T[i]);
        double xv = b_b * xb[i] + b_g[i] * xg[i] + b_x[i] * xx[i];
        double wv = w_b[i] * (b_b * bb[i] + b_g[i] * bg[i] + b_x[i] * xb[i]) +
                    w_g[i] * (b_b * bg[i] + b_g[i] * gg[i] + b_x[i] * xg[i]) + w_x[i] * xv;
        double gamma = -2.0 * c[i] * tau[i] * wv / (a[i] * a[i]);
        double x_other = scale / Q[i] * (gamma * a[i] * (P[i] - T[i] * T[i]) - 2.0 * c[i] * T[i] * T[i] * xv);
        double w_other = scale * arrive * (2.0 * c[i] * xv / a[i] + gamma * c[i] * xx[i]);
        double of_v = ahead[i] == 0.0 ? 0.0 : scale, of_w = ahead[i] == 0.0 ? w_own : w_other;
        t[0][i] = a[i] * scale;
        of_b[i] = of_v * b_b + of_w * w_b[i];
        of_g[i] = of_v * b_g[i] + of_w * w_g[i];
        of_x[i] = of_v * b_x[i] + of_w * w_x[i] + (ahead[i] == 0.0 ? x_own : x_other);
        w_b[i] = arrive * w_b[i];
        w_g[i] = arrive * w_g[i];
        w_x[i] = P[i] / Q[i] - arrive * w_x[i];
    }
    GK_COMBINE(out[0], w_x[i] * GK_AT(in[0]) - (w_b[i] * GK_AT(in[1]) + w_g[i] * GK_AT(in[2])));
    GK_COMBINE(out[1], of_b[i] * GK_AT(in[1]) + of_g[i] * GK_AT(in[2]) + of_x[i] * GK_AT(in[0]));
}

/* x, m, g; v, vmax, sign, decay, beta1, beta2, rate, root, eps, c -> x, m; v, vmax:
 *   m <- beta1 m + (1 - beta1) h,  v <- beta2 v + (1 - beta2)|h|_x^2,  vmax <- max(vmax, v) where it is wanted,
 *   w = m,  k = rate/(sqrt(v or vmax)/root + eps) */
GK_ROW_FUNCTION(poincare_adam_step) {
    const double *v = s[0], *vmax = s[1], *sign = s[2], *decay = s[3], *beta1 = s[4], *beta2 = s[5], *rate = s[6];
    const double *root = s[7], *eps = s[8], *c = s[9];
    const int amsgrad = block->wanted >> 1 & 1;
    gk_scalars a, mm, xm, k, m_g, m_x, y_m, y_g, y_x, of_m, of_g, of_x;
    POINCARE_PRODUCTS(in[0], in[1], in[2]);
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i], ee = sign[i] * sign[i] * gg[i] + decay[i] * (2.0 * sign[i] * xg[i] + decay[i] * xx[i]);
        double square = beta2[i] * v[i] + (1.0 - beta2[i]) * r * ee;
        double largest = vmax[i] > square ? vmax[i] : square; /* a NaN in v stays there, and comes through */
        t[0][i] = square;
        t[1][i] = largest;
        k[i] = rate[i] / (__builtin_sqrt(amsgrad ? largest : square) / root[i] + eps[i]);
        m_g[i] = (1.0 - beta1[i]) * r * sign[i];
        m_x[i] = (1.0 - beta1[i]) * r * decay[i];
        POINCARE_COMBINED(mm[i], xm[i], beta1[i], m_g[i], m_x[i]);
    }
    POINCARE_STEP(k, a, in[0], beta1[i] * GK_AT(in[1]) + m_g[i] * GK_AT(in[2]) + m_x[i] * GK_AT(in[0]), mm, xm, c,
                  out[0]);
    GK_SCALARS {
        double arrive = tau[i] / Q[i], scale = shrink[i] / (Q[i] * Q[i]);
        double carried = scale * (shrink[i] + a[i] * T[i] * T[i]);
        t[2][i] = a[i] * shrink[i] / Q[i];
        y_m[i] = arrive * beta1[i];
        y_g[i] = arrive * m_g[i];
        y_x[i] = P[i] / Q[i] - arrive * m_x[i];
        of_m[i] = carried * beta1[i];
        of_g[i] = carried * m_g[i];
        of_x[i] = carried * m_x[i] - scale * T[i] * (P[i] + shrink[i]) * __builtin_sqrt(c[i]) * mm[i];
    }
    GK_COMBINE(out[0], y_x[i] * GK_AT(in[0]) - (y_m[i] * GK_AT(in[1]) + y_g[i] * GK_AT(in[2])));
    GK_COMBINE(out[1], of_m[i] * GK_AT(in[1]) + of_g[i] * GK_AT(in[2]) + of_x[i] * GK_AT(in[0]));
}

static const gk_row_kernel POINCARE_INSIDE = {
    "step", poincare_inside, 1, 1, 0, 0, 0, {"x"}, {"c"}, 2, 0.3, &GK_BALL};
static const gk_row_kernel POINCARE_SGD_STEP = {
    "sgd_step", poincare_sgd_step, 2, 4, 1, 0, 1, {"x", "g"}, {"sign", "decay", "lr", "c"}, 12, 0.8, &GK_BALL};
static const gk_row_kernel POINCARE_MOMENTUM_STEP = {
    "sgd_step", poincare_momentum_step, 3, 7, 2, 0, 1, {"x", "the momentum buffer", "g"},
    {"sign", "decay", "lr", "keep", "share", "ahead", "c"}, 14, 1.2, &GK_BALL};
static const gk_row_kernel POINCARE_ADAM_STEP = {
    "adam_step", poincare_adam_step, 3, 10, 2, 2, 1, {"x", "the mean of gradients", "g"},
    {"v", "vmax", "sign", "decay", "beta1", "beta2", "rate", "root", "eps", "c"}, 18, 1.2, &GK_BALL};

#endif
