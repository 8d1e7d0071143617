/* Exponential and logarithmic maps, geodesics and projection of the Poincaré ball of curvature -c.
 * Notation as in poincare_metric.h. */
#ifndef GK_POINCARE_MAPS_H
#define GK_POINCARE_MAPS_H

#include "poincare_metric.h"

/* v; c -> y = T(z) v, T(z) = tanh(z)/z, z = sqrt(c)|v| (v is a tangent vector at 0, whose Riemannian norm is 2|v|) */
CURVED_DIRECT_FUNCTION(expmap0, 1, -1) {
    const double *c = s[0];
    gk_scalars n, k;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double z = __builtin_sqrt(gk_abs(c[i])) * n[i], tanh = gk_tanh(z), gap = (1.0 - tanh) * (1.0 + tanh);
        k[i] = curved_T(either, z, c[i]).value;
        t[0][i] = either && c[i] <= 0.0 ? 1.0 : gap;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, v; c -> gv; gc, T' the derivative of T in the square */
CURVED_FUNCTION(expmap0_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars n, p, k, of_v;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        poincare_ratio T = curved_T(either, __builtin_sqrt(gk_abs(c[i])) * n[i], c[i]);
        double M = p[i] * T.slope;
        k[i] = T.value;
        of_v[i] = 2.0 * c[i] * M;
        t[0][i] = M * n[i] * n[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* y; c -> v = Z y, Z = artanh(sqrt(c)|y|)/(sqrt(c)|y|) */
CURVED_DIRECT_FUNCTION(logmap0, 1, -1) {
    const double *c = s[0];
    gk_scalars a, yy, k;
    GK_GAP(a, yy, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS k[i] = curved_Z(either, c[i] * yy[i], a[i]).value;
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, y; c -> gy; gc */
CURVED_FUNCTION(logmap0_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars a, yy, p, k, of_y;
    GK_GAP(a, yy, c, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        poincare_ratio Z = curved_Z(either, c[i] * yy[i], a[i]);
        double U = p[i] * Z.slope;
        k[i] = Z.value;
        of_y[i] = 2.0 * c[i] * U;
        t[0][i] = U * yy[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_y[i] * GK_AT(in[1]));
}

/* x, y; c -> log_x y. With w = (-x) (+) y = (a delta - s x)/(s + ab) and artanh(sqrt(c)|w|) = asinh(sqrt E) the usual
 * (2/(sqrt(c) lambda_x)) artanh(sqrt(c)|w|) w/|w| becomes F(E)/b m, m = a delta - s x. */
CURVED_DIRECT_FUNCTION(logmap, 1, -1) {
    const double *c = s[0];
    gk_scalars of_d, of_x;
    POINCARE_PAIR(in[0], in[1], c);
    POINCARE_OPENING(open, s2, +, in[0], in[1], c);
    if (either) gk_require(block, 1, open, &GK_ANTIPODE);
    GK_SCALARS {
        double ab = a[i] * b[i], f = curved_F(either, s2[i] / ab, open[i] / ab).value / b[i];
        of_d[i] = f * a[i];
        of_x[i] = f * s2[i];
    }
    GK_COMBINE(out[0], of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) - of_x[i] * GK_AT(in[0]));
}

/* g, x, y; c -> gx, gy; gc, with p = <g, m> = a p_d - s p_x */
CURVED_FUNCTION(logmap_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars pd, px, of_d, of_x, x_x, y_y, d_d;
    POINCARE_PAIR(in[1], in[2], c);
    POINCARE_OPENING(open, s2, +, in[1], in[2], c);
    GK_SUM2(pd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])), px, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, p = a[i] * pd[i] - s2[i] * px[i];
        poincare_ratio F = curved_F(either, E, open[i] / ab);
        double f = F.value / b[i], e = F.slope * p / b[i];
        double A = f * pd[i] - e * E / a[i], B = -(e * E + f * p) / b[i], S = e / ab - f * px[i];
        of_d[i] = f * a[i];
        of_x[i] = f * s2[i];
        x_x[i] = -2.0 * c[i] * A;
        y_y[i] = -2.0 * c[i] * B;
        d_d[i] = 2.0 * c[i] * S;
        t[0][i] = S * dd[i] - A * xx[i] - B * yy[i];
    }
    GK_COMBINE(out[0], x_x[i] * GK_AT(in[1]) - (of_x[i] + of_d[i]) * GK_AT(in[0]) -
                           d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[1], y_y[i] * GK_AT(in[2]) + of_d[i] * GK_AT(in[0]) + d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
}

/* x, v; c -> y = exp_x v = x (+) w with w = (tau/a) v, T = tanh(sqrt(c)|v|/a), tau = T a/(sqrt(c)|v|):
 *   y = (P x + tau v)/Q,  P = 1 + T^2 + 2 kappa T,  Q = P - a T^2,  kappa = sqrt(c)<x, v>/|v|.
 * Towards the origin from near the boundary (kappa -> -1, T -> 1) P and Q cancel. With omega = 1 + kappa, where
 * (1 + kappa)(1 - kappa) = a + o for o = c|x - <x,v>v/|v|^2|^2, they are sums of positive terms:
 *   P = (1 - T)^2 + 2 T omega,  Q = (1 - T)^2 + T (2 o + a (2 (1 - T) + T omega))/(1 - kappa),  1 - T = 2/(1 + e^2z).
 * For c = -k <= 0, where T is a tangent, P, Q and tau are those times cos^2 z: with kappa = sqrt(k)<x, v>/|v| and
 * o = k|x - ...|^2, P = cos 2z - kappa sin 2z, Q = (cos z - kappa sin z)^2 + o sin^2 z, tau = sin(2z)/(2z). */
#define POINCARE_EXP(x, v, c)                                                                                          \
    gk_scalars a, xx, n, xv, across, along, P, Q, tau, TT;                                                             \
    GK_GAP(a, xx, c, x);                                                                                               \
    GK_LENGTH(n, v);                                                                                                   \
    GK_SUM(xv, GK_AT(x) * GK_AT(v));                                                                                   \
    GK_SCALARS along[i] = n[i] == 0.0 ? 0.0 : xv[i] / n[i] / n[i];                                                     \
    GK_SUM(across, (GK_AT(x) - GK_OF(along) * GK_AT(v)) * (GK_AT(x) - GK_OF(along) * GK_AT(v)));                       \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt(gk_abs(c[i])), z = rc * n[i] / a[i], T = gk_tanh(z);                                \
        double T1 = 2.0 / (1.0 + gk_exp(2.0 * z)), kappa = rc * along[i] * n[i], o = gk_abs(c[i]) * across[i];         \
        double omega = kappa < 0.0 ? (a[i] + o) / (1.0 - kappa) : 1.0 + kappa;                                         \
        double p = T1 * T1 + 2.0 * T * omega;                                                                          \
        double q = T1 * T1 + T * (2.0 * o + a[i] * (2.0 * T1 + T * omega)) / (1.0 - kappa);                            \
        P[i] = p;                                                                                                      \
        Q[i] = kappa < 0.0 ? q : p - a[i] * T * T;                                                                     \
        double steepness = T * (a[i] / (rc * n[i]));                                                                   \
        tau[i] = z < 1e-150 ? 1.0 : steepness;                                                                         \
        TT[i] = T * T;                                                                                                 \
        if (either) {                                                                                                  \
            gk_circular of = gk_sincos(z);                                                                             \
            double ray = of.cos - kappa * of.sin, sinc = z < 1e-9 ? 1.0 : of.sin * of.cos / z;                         \
            double round_P = (of.cos - of.sin) * (of.cos + of.sin) - 2.0 * kappa * of.sin * of.cos;                    \
            P[i] = c[i] <= 0.0 ? round_P : P[i];                                                                       \
            Q[i] = c[i] <= 0.0 ? ray * ray + o * of.sin * of.sin : Q[i];                                               \
            tau[i] = c[i] <= 0.0 ? sinc : tau[i];                                                                      \
            TT[i] = c[i] <= 0.0 ? -of.sin * of.sin : TT[i];                                                            \
        }                                                                                                              \
    }

CURVED_DIRECT_FUNCTION(expmap, 1, -1) {
    const double *c = s[0];
    gk_scalars of_x, of_v;
    POINCARE_EXP(in[0], in[1], c);
    gk_inside(block, 0, a);
    GK_SCALARS {
        of_x[i] = P[i] / Q[i];
        of_v[i] = tau[i] / Q[i];
        t[0][i] = either && c[i] <= 0.0 ? 1.0 : a[i] * (1.0 - TT[i]) / Q[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* g, x, v; c -> gx, gv; gc. The differential of exp is that of Jacobi fields: with G = R^T g the upstream gradient
 * turned back from y to x (R as in poincare_gyro.h; |G| = |g|), `par` and `perp` its parts along and across v,
 *   gv = (b/a) (G_par + sinhc(2z) G_perp),
 *   gx = (b/a) (G_par + cosh(2z) G_perp) + (what the Christoffel symbols make of gv),
 * and b = 1 - c|y|^2 = a (1 - T^2)/Q turns the factors into
 *   gv = ((1 - T^2) G_par + tau G_perp)/Q,
 *   gx = ((1 - T^2) G_par + P G_perp)/Q + 2c/(aQ) ((1 - T^2) <G,v> x - tau <G, x_perp> v).
 * delta = y - x = (aT^2 x + tau v)/Q gives s = a^2 T^2/Q and s + ab = a^2/Q, so that
 *   G = g + f_x x + f_d delta,  f_x = -2c/a ((1 - T^2) p_d + a T^2 p_y),  f_d = 2cQ/a^2 (a p_y - p_d).
 * The derivative in c is what remains of Euler's identity for the scaling of lengths, 2c gc = <gx,x> + <gv,v> - p_y;
 * where that cancels, for small x and v, the derivative of P, Q and tau in k = c<x, v>,
 * m = c|v|^2 and h = m/a^2 is used:
 *   P = 1 + h tau^2 + 2k tau/a,  Q = 1 + 2k tau/a + (1 - a) h tau^2,
 * alpha = (p_x - p_y)/Q multiplies 2 d(k tau/a), eta = alpha + a p_y/Q multiplies d(h tau^2), p_v/Q multiplies d tau.
 *
 * For c <= 0 the transport back breaks down where y passes the antipode of x, and nothing cancels in the chain rule on
 * the scaled terms: P = 1 + 2 S + 2k tau/a and Q = P - a S, where S = sinh^2(sqrt h) = -sin^2 z (stored for T^2) has
 * the derivative tau in h, and tau = sinh(2 sqrt h)/(2 sqrt h) the derivative 4 gk_dsinc(2z). */
CURVED_FUNCTION(expmap_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars px, pv, po, f_x, f_d, d_x, d_v, of_G, of_x, of_v, v_G, v_v, v_x;
    POINCARE_EXP(in[1], in[2], c);
    GK_SUM3(px, GK_AT(in[0]) * GK_AT(in[1]), pv, GK_AT(in[0]) * GK_AT(in[2]), po,
            GK_AT(in[0]) * (GK_AT(in[1]) - GK_OF(along) * GK_AT(in[2])));
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), z = rc * n[i] / a[i], T = __builtin_sqrt(TT[i]), kappa = rc * along[i] * n[i];
        double T1 = 2.0 / (1.0 + gk_exp(2.0 * z)), sech2 = T1 * (1.0 + T), o = c[i] * across[i];
        double advance = kappa < 0.0 ? (a[i] + o) / (1.0 - kappa) - T1 : T + kappa; /* T + kappa */
        d_x[i] = a[i] * TT[i] / Q[i];
        d_v[i] = tau[i] / Q[i];
        double pd = d_x[i] * px[i] + d_v[i] * pv[i], py = px[i] + pd;
        f_x[i] = -2.0 * c[i] / a[i] * (sech2 * pd + a[i] * TT[i] * py);
        f_d[i] = 2.0 * c[i] * Q[i] / (a[i] * a[i]) * (a[i] * py - pd);
        double reach = n[i] == 0.0 ? 0.0 : T * (a[i] / rc) * (n[i] / Q[i]); /* tau |v|^2/Q */
        double Gv = pv[i] + f_x[i] * xv[i] + f_d[i] * (d_x[i] * xv[i] + reach);
        double Go = po[i] + (f_x[i] + f_d[i] * d_x[i]) * across[i]; /* <G, x_perp> */
        double per = n[i] == 0.0 ? 0.0 : Gv / n[i];                 /* <G, v>/|v| */
        double flat = 2.0 * poincare_T(z).slope * (c[i] / (a[i] * a[i])) * Gv;
        v_G[i] = d_v[i];
        v_v[i] = (z < 0.03 ? flat : (sech2 - tau[i]) * (per / n[i])) / Q[i];
        of_G[i] = P[i] / Q[i];
        of_x[i] = 2.0 * c[i] * sech2 / (a[i] * Q[i]) * Gv;
        of_v[i] = -2.0 * d_v[i] / a[i] * (rc * advance * per + c[i] * Go);
        if (block->wanted & 1) {
            double Gx = f_x[i] * xx[i] + f_d[i] * (d_x[i] * xx[i] + d_v[i] * xv[i]); /* <G - g, x> */
            double across_v = z < 0.03 ? 2.0 * poincare_T(z).slope * z * z : sech2 - tau[i];
            double euler = P[i] / Q[i] * Gx + (of_x[i] * xx[i] + of_v[i] * xv[i]) +
                           (sech2 * (f_x[i] * xv[i] + f_d[i] * (d_x[i] * xv[i] + reach)) + across_v * pv[i]) / Q[i];
            double h = z * z, k = c[i] * xv[i], alpha = -pd / Q[i], eta = alpha + a[i] * py / Q[i];
            double of_tau = pv[i] / Q[i] + 2.0 * alpha * k / a[i], K = 2.0 * alpha * tau[i] / a[i];
            double hH = h * poincare_T(z).slope * (of_tau + 2.0 * h * tau[i] * eta) + TT[i] * eta;
            double A = py * TT[i] / Q[i] - 2.0 * alpha * k * tau[i] / (a[i] * a[i]) - 2.0 * hH / a[i];
            t[0][i] = z < 0.5 * a[i] ? K * xv[i] + hH / c[i] - A * xx[i] : euler / (2.0 * c[i]);
        }
        if (either) {
            double root = __builtin_sqrt(-c[i]) * n[i] / a[i], k = c[i] * xv[i];
            double y = (P[i] * px[i] + tau[i] * pv[i]) / Q[i], alpha = (px[i] - y) / Q[i];
            double of_tau = pv[i] / Q[i] + 2.0 * alpha * k / a[i], K = 2.0 * alpha * tau[i] / a[i];
            double H = tau[i] * (2.0 * alpha + a[i] * y / Q[i]) + 4.0 * gk_dsinc(2.0 * root) * of_tau;
            double A = y * TT[i] / Q[i] - 2.0 * alpha * k * tau[i] / (a[i] * a[i]) + 2.0 * root * (root * H) / a[i];
            double of_c = K * xv[i] + n[i] / a[i] * (n[i] / a[i] * H) - A * xx[i];
            int round = c[i] <= 0.0;
            f_x[i] = round ? 0.0 : f_x[i];
            f_d[i] = round ? 0.0 : f_d[i];
            d_x[i] = round ? 0.0 : d_x[i];
            d_v[i] = round ? 0.0 : d_v[i];
            of_G[i] = round ? P[i] / Q[i] : of_G[i];
            of_x[i] = round ? -2.0 * c[i] * A : of_x[i];
            of_v[i] = round ? c[i] * K : of_v[i];
            v_G[i] = round ? tau[i] / Q[i] : v_G[i];
            v_v[i] = round ? 2.0 * c[i] * (H / a[i] / a[i]) : v_v[i];
            v_x[i] = round ? c[i] * K : 0.0;
            t[0][i] = round ? of_c : t[0][i];
        }
    }
    GK_COMBINE(out[0], of_G[i] * (GK_AT(in[0]) + f_x[i] * GK_AT(in[1]) +
                                  f_d[i] * (d_x[i] * GK_AT(in[1]) + d_v[i] * GK_AT(in[2]))) +
                           of_x[i] * GK_AT(in[1]) + of_v[i] * GK_AT(in[2]));
    if (either)
        GK_COMBINE(out[1], v_G[i] * (GK_AT(in[0]) + f_x[i] * GK_AT(in[1]) +
                                     f_d[i] * (d_x[i] * GK_AT(in[1]) + d_v[i] * GK_AT(in[2]))) +
                               v_v[i] * GK_AT(in[2]) + v_x[i] * GK_AT(in[1]));
    else
        GK_COMBINE(out[1], v_G[i] * (GK_AT(in[0]) + f_x[i] * GK_AT(in[1]) +
                                     f_d[i] * (d_x[i] * GK_AT(in[1]) + d_v[i] * GK_AT(in[2]))) +
                               v_v[i] * GK_AT(in[2]));
}

/* x, y; t, c -> the point at time t of the geodesic from x (t = 0) to y (t = 1). On the hyperboloid it is
 * alpha X + beta Y with alpha = sinh((1-t) theta)/sinh(theta), beta = sinh(t theta)/sinh(theta),
 * theta = 2 asinh(sqrt E); in the ball, with u = alpha b and v = beta a,
 *   y_t = 2 (u x + v y)/(2 (u + v) + ab (1 - alpha - beta)),   1 - c|y_t|^2 = 2ab/(that denominator).
 * Beyond |t theta| = 300 the point cannot be told from the end of the ray; t is cut there so that nothing overflows.
 * For c <= 0 the same with sin and the angle theta = 2 atan2(sqrt(-s), sqrt(open)); sin(theta) is not taken from theta,
 * which may be near pi. */
#define POINCARE_GEODESIC_CORE(x, y, time, c)                                                                          \
    gk_scalars u, v, R, D, theta, there, sinc;                                                                         \
    POINCARE_PAIR(x, y, c);                                                                                            \
    POINCARE_OPENING(open, s2, +, x, y, c);                                                                            \
    GK_SCALARS {                                                                                                       \
        double ab = a[i] * b[i], th = poincare_arc(s2[i], ab), to = (time)[i] * th;                                    \
        to = to > 300.0 + th ? 300.0 + th : to;                                                                        \
        to = to < -300.0 ? -300.0 : to;                                                                                \
        double tt = th == 0.0 ? (time)[i] : to / th, sc = gk_sinhc(th);                                                \
        double beta = tt * gk_sinhc(to) / sc, alpha = (1.0 - tt) * gk_sinhc(th - to) / sc;                             \
        theta[i] = th;                                                                                                 \
        there[i] = tt;                                                                                                 \
        sinc[i] = sc;                                                                                                  \
        if (either) {                                                                                                  \
            double rise = __builtin_sqrt(-s2[i]), fall = __builtin_sqrt(open[i]), turn = 2.0 * gk_atan2(rise, fall);   \
            double at = (time)[i], ratio = turn < 1e-9 ? 1.0 : 2.0 * rise * fall / (ab * turn);                        \
            double to_y = at * gk_sinc(at * turn) / ratio, to_x = (1.0 - at) * gk_sinc((1.0 - at) * turn) / ratio;     \
            theta[i] = c[i] <= 0.0 ? turn : th;                                                                        \
            there[i] = c[i] <= 0.0 ? at : tt;                                                                          \
            sinc[i] = c[i] <= 0.0 ? ratio : sc;                                                                        \
            beta = c[i] <= 0.0 ? to_y : beta;                                                                          \
            alpha = c[i] <= 0.0 ? to_x : alpha;                                                                        \
        }                                                                                                              \
        u[i] = alpha * b[i];                                                                                           \
        v[i] = beta * a[i];                                                                                            \
        R[i] = 1.0 - alpha - beta;                                                                                     \
        D[i] = 2.0 * (u[i] + v[i]) + ab * R[i];                                                                        \
    }

CURVED_DIRECT_FUNCTION(geodesic, 2, -1) {
    const double *c = s[1];
    gk_scalars of_x, of_y;
    POINCARE_GEODESIC_CORE(in[0], in[1], s[0], c);
    if (either) gk_require(block, 1, open, &GK_ANTIPODE);
    GK_SCALARS {
        of_x[i] = 2.0 * u[i] / D[i];
        of_y[i] = 2.0 * v[i] / D[i];
        t[0][i] = either && c[i] <= 0.0 ? 1.0 : 2.0 * a[i] * b[i] / D[i];
        (void)theta[i], (void)there[i], (void)sinc[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_y[i] * GK_AT(in[1]));
}

/* The upstream gradient g at z, turned back to x: G = g + f x + phi (z - x) for z - x = k1 delta - k2 x, as in
 * poincare_expmap_vjp; bt = 1 - c|z|^2, q = sinh^2 of half the distance of x and z. And <G, m>, m = a delta - s x. */
typedef struct {
    double f, phi, along;
} poincare_turned;

GK_INLINE poincare_turned poincare_turn_back(double c, double a, double bt, double q, double k1, double k2, double s,
                                             double px, double pd, double xx, double xd, double dd) {
    double p = k1 * pd - k2 * px, pz = px + p;
    double f = -2.0 * c * (p / a + q * pz) / (1.0 + q), phi = 2.0 * c * (a * pz - p) / (a * bt * (1.0 + q));
    double Gx = px + f * xx + phi * (k1 * xd - k2 * xx), Gd = pd + f * xd + phi * (k1 * dd - k2 * xd);
    poincare_turned turned = {f, phi, a * Gd - s * Gx};
    return turned;
}

/* S(t) = sinh(t theta)/sinh(theta) = t sinhc(t theta)/sinhc(theta) is beta, and alpha is S(1 - t); since
 * d(theta^2)/dE = 4/sinhc(theta),
 *   dS/dE = 4t/sinhc(theta)^2 (t^2 sinhc'(t^2 theta^2) - sinhc(t theta)/sinhc(theta) sinhc'(theta^2)),
 * with sinhc' the derivative in the square. */
GK_INLINE double curved_dS(const int round, double t, double theta, double sc) {
    double to = t * theta;
    if (round) return 4.0 * t / (sc * sc) * (t * t * gk_dsinc(to) - gk_sinc(to) / sc * gk_dsinc(theta));
    return 4.0 * t / (sc * sc) * (t * t * gk_dsinhc(to * to) - gk_sinhc(to) / sc * gk_dsinhc(theta * theta));
}

/* g, x, y; t, c -> gx, gy; gt, gc. Moving x or y moves z = y_t by Jacobi fields that vanish at the other end: in the
 * direction of the geodesic by (1 - t) and t, across it by alpha and beta. With g turned back to x and to y,
 *   gx = bt/a (alpha G + (1 - t - alpha) <G,m>/|m|^2 m),  |m|^2 = |delta|^2 (s + ab),
 * likewise gy, and gt = bt/a <G, log_x y>, log_x y = F m/b. Here
 *   z - x = (2v delta - ab R x)/D,  z - y = -(2u delta + ab R y)/D,
 *   R = 2 sinh(t theta/2) sinh((1-t) theta/2)/cosh(theta/2).
 * The derivative in c is 2c gc = <gx,x> + <gy,y> - <g,z>, or, where that cancels, by the chain rule on u, v, R and E;
 * for c <= 0 all are by the chain rule. */
CURVED_FUNCTION(geodesic_vjp, 2, 1) {
    const double *c = s[1];
    gk_scalars px, py, pd, x_g, x_x, x_d, y_g, y_y, y_d;
    POINCARE_GEODESIC_CORE(in[1], in[2], s[0], c);
    GK_SUM3(px, GK_AT(in[0]) * GK_AT(in[1]), py, GK_AT(in[0]) * GK_AT(in[2]), pd,
            GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, th = theta[i], tt = there[i], w = s2[i] + ab;
        double sx = gk_sinh(0.5 * tt * th), sy = gk_sinh(0.5 * (1.0 - tt) * th), bt = 2.0 * ab / D[i];
        double alpha = u[i] / b[i], beta = v[i] / a[i], kx = 2.0 * v[i] / D[i], ky = 2.0 * u[i] / D[i];
        double k2 = bt * sx * sy / __builtin_sqrt(1.0 + E);
        double xd = 0.5 * ((a[i] - b[i]) / c[i] - dd[i]), yd = xd + dd[i];
        poincare_turned X = poincare_turn_back(c[i], a[i], bt, sx * sx, kx, k2, s2[i], px[i], pd[i], xx[i], xd, dd[i]);
        poincare_turned Y =
            poincare_turn_back(c[i], b[i], bt, sy * sy, ky, k2, s2[i], py[i], -pd[i], yy[i], -yd, dd[i]);
        double x_m = dd[i] == 0.0 ? 0.0 : (1.0 - tt - alpha) * (X.along / dd[i] / w);
        double y_m = dd[i] == 0.0 ? 0.0 : (tt - beta) * (Y.along / dd[i] / w);
        double to_x = bt / a[i], to_y = bt / b[i];
        x_g[i] = to_x * alpha;
        x_x[i] = to_x * (alpha * (X.f - X.phi * k2) - x_m * s2[i]);
        x_d[i] = to_x * (alpha * X.phi * kx + x_m * a[i]);
        y_g[i] = to_y * beta;
        y_y[i] = to_y * (beta * (Y.f - Y.phi * k2) - y_m * s2[i]);
        y_d[i] = to_y * (beta * Y.phi * ky + y_m * b[i]);
        t[0][i] = to_x * X.along * (poincare_F(E).value / b[i]);
        if (block->wanted & 2) {
            double p = 2.0 * (u[i] * px[i] + v[i] * py[i]) / D[i];
            double U = 2.0 * (px[i] - p) / D[i], V = 2.0 * (py[i] - p) / D[i], W = -p / D[i];
            double of_alpha = b[i] * U - ab * W, of_beta = a[i] * V - ab * W;
            double e = of_alpha * curved_dS(0, 1.0 - tt, th, sinc[i]) + of_beta * curved_dS(0, tt, th, sinc[i]);
            double A = beta * V + b[i] * R[i] * W - e * E / a[i], B = alpha * U + a[i] * R[i] * W - e * E / b[i];
            double euler = (x_g[i] * px[i] + x_x[i] * xx[i] + x_d[i] * xd) +
                           (y_g[i] * py[i] + y_y[i] * yy[i] - y_d[i] * yd) - p;
            double room = a[i] < b[i] ? a[i] : b[i];
            t[1][i] = E < room ? e / ab * dd[i] - A * xx[i] - B * yy[i] : euler / (2.0 * c[i]);
        }
        if (either) {
            double p = 2.0 * (u[i] * px[i] + v[i] * py[i]) / D[i];
            double U = 2.0 * (px[i] - p) / D[i], V = 2.0 * (py[i] - p) / D[i], W = -p / D[i];
            double of_alpha = b[i] * U - ab * W, of_beta = a[i] * V - ab * W;
            double e = of_alpha * curved_dS(1, 1.0 - tt, th, sinc[i]) + of_beta * curved_dS(1, tt, th, sinc[i]);
            double A = beta * V + b[i] * R[i] * W - e * E / a[i], B = alpha * U + a[i] * R[i] * W - e * E / b[i];
            double of_t = (of_beta * gk_cos(tt * th) - of_alpha * gk_cos((1.0 - tt) * th)) / sinc[i];
            int round = c[i] <= 0.0;
            x_g[i] = round ? ky : x_g[i];
            x_x[i] = round ? -2.0 * c[i] * A : x_x[i];
            x_d[i] = round ? -2.0 * c[i] * e / ab : x_d[i];
            y_g[i] = round ? kx : y_g[i];
            y_y[i] = round ? -2.0 * c[i] * B : y_y[i];
            y_d[i] = round ? -2.0 * c[i] * e / ab : y_d[i];
            t[0][i] = round ? of_t : t[0][i];
            t[1][i] = round ? e / ab * dd[i] - A * xx[i] - B * yy[i] : t[1][i];
        }
    }
    GK_COMBINE(out[0], x_g[i] * GK_AT(in[0]) + x_x[i] * GK_AT(in[1]) + x_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[1], y_g[i] * GK_AT(in[0]) + y_y[i] * GK_AT(in[2]) - y_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
}

/* x; margin, c -> x where |x| < (1 - margin)/sqrt(c), else x scaled to that length; with margin 0 the driver pulls what
 * lies outside to the last representable point. There is no outside for c <= 0. */
CURVED_DIRECT_FUNCTION(projx, 2, -1) {
    const double *margin = s[0], *c = s[1];
    gk_scalars n, k;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double length = curved_root(either, c[i]) * n[i], most = 1.0 - margin[i];
        k[i] = length > most && margin[i] > 0.0 ? most / length : 1.0;
        t[0][i] = 1.0 - length;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, x; margin, c -> gx; gmargin, gc: the identity inside; outside y = r x/|x|, r = (1 - margin)/sqrt(c) */
CURVED_FUNCTION(projx_vjp, 2, 1) {
    const double *margin = s[0], *c = s[1];
    gk_scalars n, p, k, of_x;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double length = curved_root(either, c[i]) * n[i], most = 1.0 - margin[i];
        int outside = margin[i] > 0.0 ? length > most : length >= 1.0;
        double scale = most / length;
        k[i] = outside ? scale : 1.0;
        of_x[i] = outside ? -scale * p[i] / n[i] / n[i] : 0.0;
        t[0][i] = outside ? -p[i] / length : 0.0;
        t[1][i] = outside ? -0.5 * scale * p[i] / c[i] : 0.0;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_x[i] * GK_AT(in[1]));
}

static const gk_row_kernel POINCARE_EXPMAP0 = {
    "expmap0", poincare_expmap0, 1, 1, 1, 0, 1, {"v"}, {"c"}, 6, 0.5, &GK_BALL, 1};
static const gk_row_kernel POINCARE_EXPMAP0_VJP = {
    "expmap0_vjp", poincare_expmap0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"c"}, 8, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP0 = {
    "logmap0", poincare_logmap0, 1, 1, 1, 0, 0, {"y"}, {"c"}, 6, 0.5, &GK_BALL, 1};
static const gk_row_kernel POINCARE_LOGMAP0_VJP = {
    "logmap0_vjp", poincare_logmap0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"c"}, 10, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_EXPMAP = {
    "expmap", poincare_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 12, 1.0, &GK_BALL, 1};
static const gk_row_kernel POINCARE_EXPMAP_VJP = {
    "expmap_vjp", poincare_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 16, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP = {
    "logmap", poincare_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 8, 0.9, &GK_BALL, 1};
static const gk_row_kernel POINCARE_LOGMAP_VJP = {
    "logmap_vjp", poincare_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 12, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_GEODESIC = {
    "geodesic", poincare_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 14, 0.9, &GK_BALL, 1};
static const gk_row_kernel POINCARE_GEODESIC_VJP = {
    "geodesic_vjp", poincare_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 40, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_PROJX = {
    "projx", poincare_projx, 1, 2, 1, 0, 1, {"x"}, {"eps", "c"}, 4, 0.4, &GK_BALL, 1};
static const gk_row_kernel POINCARE_PROJX_VJP = {
    "projx_vjp", poincare_projx_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"eps", "c"}, 4, 0.8, &GK_BALL};

#endif
