/* One step of Riemannian gradient descent and of Riemannian Adam in the Poincaré ball of curvature -c: from the
 * Euclidean gradient to the moved point and the transported moment.
 *
 * With e = sign g + decay x, what is to be descended, the Riemannian gradient is h = (a/2)^2 e, a = 1 - c|x|^2, and
 * |h|_x^2 = (4/a^2)(a/2)^4|e|^2 = (a/2)^2 |e|^2.
 *
 * A step goes to y = exp_x(-k w) for a tangent vector w and a number k >= 0. With n = |w|, T = tanh(sqrt(c) k n/a) and
 * kappa = -sqrt(c)<x, w>/n, the cosine of the directions of x and of the step times sqrt(c)|x|, as in POINCARE_EXP
 *   y = (P x - tau w)/Q = x + (a T^2 x - tau w)/Q,
 *   tau = T a/(sqrt(c) n),  P = 1 + T^2 + 2 kappa T,  Q = P - a T^2,
 *   1 - c|y|^2 = a (1 - T^2)/Q,
 * which rounding changes by some units of P/Q; the driver gets the gap relative to that.
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

/* The terms of a step along w, given nn = |w|^2, which becomes |w|, and xw = <x, w>. The rows of w lie in `w`, or are
 * made there by FILL where they are needed. */
#define POINCARE_STEP(k, a, x, w, nn, xw, c, FILL)                                                                     \
    gk_scalars T, P, Q, tau, shrink; /* shrink = 1 - T^2 */                                                            \
    {                                                                                                                  \
        const double enough = block->compensate ? 0.5 : 1e-7;                                                          \
        gk_scalars kappa, rest;                                                                                        \
        int extreme = 0, cancels = 0;                                                                                  \
        for (long i = 0; i < block->lanes; i++) extreme |= !((nn)[i] > 1e-280 && (nn)[i] < 1e300);                     \
        if (extreme && block->compensate) FILL;                                                                        \
        GK_ROOT_OF(nn, GK_AT(w));                                                                                      \
        GK_SCALARS {                                                                                                   \
            double rc = __builtin_sqrt((c)[i]), n = (nn)[i], z = rc * (k)[i] * n / (a)[i];                             \
            double rise = gk_expm1(gk_at_most(2.0 * z, 700.0)), part = 1.0 / (rise + 2.0), tanh = rise * part;         \
            double turn = -rc * (xw)[i] / n, reach = tanh / z * (k)[i];                                                \
            kappa[i] = n == 0.0 ? 0.0 : turn;                                                                          \
            T[i] = tanh;                                                                                               \
            rest[i] = 2.0 * part; /* 1 - T */                                                                          \
            tau[i] = z < 1e-150 ? (k)[i] : reach;                                                                      \
            shrink[i] = rest[i] * (2.0 - rest[i]);                                                                     \
            P[i] = rest[i] * rest[i] + 2.0 * tanh * (1.0 + kappa[i]);                                                  \
            Q[i] = P[i] - (a)[i] * tanh * tanh;                                                                        \
        }                                                                                                              \
        for (long i = 0; i < block->lanes; i++) cancels |= !(Q[i] >= enough);                                          \
        if (cancels) {                                                                                                 \
            gk_scalars along, across;                                                                                  \
            FILL;                                                                                                      \
            GK_SCALARS along[i] = (nn)[i] == 0.0 ? 0.0 : (xw)[i] / (nn)[i] / (nn)[i];                                  \
            GK_SUM(across, (GK_AT(x) - GK_OF(along) * GK_AT(w)) * (GK_AT(x) - GK_OF(along) * GK_AT(w)));               \
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

/* Whether row i takes so short a step that nothing cancels in it (Q >= 1/2): from floats, what is added to x may then
 * be computed as floats. */
#define POINCARE_NEAR (T[i] <= 0.25)

/* The factors of w and x in what w arrives as, of row i. */
#define POINCARE_CARRY(of_w, of_x, nn)                                                                                 \
    do {                                                                                                               \
        double square_ = shrink[i] / (Q[i] * Q[i]);                                                                    \
        of_w = square_ * (shrink[i] + a[i] * T[i] * T[i]);                                                             \
        of_x = -square_ * T[i] * (P[i] + shrink[i]) * __builtin_sqrt(c[i]) * (nn);                                     \
    } while (0)

/* x; c: whether all points lie inside, which is asked before a step writes over them. */
GK_DIRECT_ROW_FUNCTION(poincare_inside) {
    (void)out, (void)t;
    gk_scalars a, xx;
    GK_SUM(xx, GK_AT(in[0]) * GK_AT(in[0]));
    GK_GAP_OF(a, xx, s[0], in[0]);
    gk_inside(block, 0, a);
}

/* x, g; sign, decay, lr, c -> x, with w = h = w_g g + w_x x */
GK_DIRECT_ROW_FUNCTION(poincare_sgd_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *c = s[3];
    gk_vec *w = &block->spare;
    gk_scalars a, xx, xg, gg, ww, xw, w_g, w_x;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[1]), gg,
            GK_AT(in[1]) * GK_AT(in[1]));
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i], wg = r * sign[i], wx = r * decay[i];
        w_g[i] = wg;
        w_x[i] = wx;
        ww[i] = wg * wg * gg[i] + wx * (2.0 * wg * xg[i] + wx * xx[i]);
        xw[i] = wg * xg[i] + wx * xx[i];
    }
    POINCARE_STEP(lr, a, in[0], *w, ww, xw, c, GK_KEEP(*w, GK_BY(w_g) * GK_AT(in[1]) + GK_BY(w_x) * GK_AT(in[0])));
    GK_SCALARS {
        t[0][i] = a[i] * shrink[i] / P[i];
        w_x[i] = (a[i] * T[i] * T[i] - tau[i] * w_x[i]) / Q[i];
        w_g[i] = tau[i] / Q[i] * w_g[i];
    }
    GK_WRITE(out[0], POINCARE_NEAR, GK_AT(in[0]) + (GK_BY(w_x) * GK_AT(in[0]) - GK_BY(w_g) * GK_AT(in[1])));
}

/* The moved buffer b, in a sum. */
#define POINCARE_BUFFER                                                                                                \
    (GK_OF(keep) * GK_AT(in[1]) + GK_OF(b_g) * GK_AT(in[2]) + GK_OF(b_x) * GK_AT(in[0]))

/* x, b, g; sign, decay, lr, keep, share, ahead, c -> x, b: b <- keep b + share h, and w = b,
 * or Nesterov's h + ahead b */
GK_DIRECT_ROW_FUNCTION(poincare_momentum_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *keep = s[3], *share = s[4], *ahead = s[5], *c = s[6];
    gk_vec *w = &block->spare;
    gk_scalars a, xx, ww, xw, xv, wv, b_g, b_x, w_b, w_g, w_x, of_b, of_g, of_x, of_w;
    int looks_ahead = 0;
    for (long i = 0; i < block->rows; i++) looks_ahead |= ahead[i] != 0.0;
    GK_SUM(xx, GK_AT(in[0]) * GK_AT(in[0]));
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i], more = ahead[i] == 0.0 ? share[i] : 1.0 + ahead[i] * share[i];
        b_g[i] = share[i] * r * sign[i];
        b_x[i] = share[i] * r * decay[i];
        w_b[i] = ahead[i] == 0.0 ? keep[i] : ahead[i] * keep[i];
        w_g[i] = more * r * sign[i];
        w_x[i] = more * r * decay[i];
    }
    GK_KEEP(*w, GK_BY(w_b) * GK_AT(in[1]) + GK_BY(w_g) * GK_AT(in[2]) + GK_BY(w_x) * GK_AT(in[0]));
    GK_SUM2(ww, GK_AT(*w) * GK_AT(*w), xw, GK_AT(in[0]) * GK_AT(*w));
    POINCARE_STEP(lr, a, in[0], *w, ww, xw, c, (void)0);
    GK_SCALARS t[0][i] = a[i] * shrink[i] / P[i];
    if (!looks_ahead) {
        GK_SCALARS POINCARE_CARRY(of_w[i], of_x[i], ww[i]);
        GK_WRITE(out[1], POINCARE_NEAR, GK_BY(of_w) * GK_AT(*w) + GK_BY(of_x) * GK_AT(in[0]));
    } else {
        GK_SUM2(xv, GK_AT(in[0]) * POINCARE_BUFFER, wv, GK_AT(*w) * POINCARE_BUFFER);
        GK_SCALARS {
            double scale = shrink[i] / Q[i], gamma = -2.0 * c[i] * tau[i] * wv[i] / (a[i] * a[i]), TT = T[i] * T[i];
            double of_v = ahead[i] == 0.0 ? 0.0 : scale;
            POINCARE_CARRY(of_w[i], of_x[i], ww[i]);
            of_w[i] = ahead[i] == 0.0 ? of_w[i]
                                      : scale * tau[i] / Q[i] * (2.0 * c[i] * xv[i] / a[i] + gamma * c[i] * xx[i]);
            of_x[i] = ahead[i] == 0.0
                          ? of_x[i]
                          : of_v * b_x[i] + scale / Q[i] * (gamma * a[i] * (P[i] - TT) - 2.0 * c[i] * TT * xv[i]);
            of_b[i] = of_v * keep[i];
            of_g[i] = of_v * b_g[i];
        }
        GK_WRITE(out[1], POINCARE_NEAR, (GK_BY(of_w) * GK_AT(*w) + GK_BY(of_x) * GK_AT(in[0])) +
                                            (GK_BY(of_b) * GK_AT(in[1]) + GK_BY(of_g) * GK_AT(in[2])));
    }
    GK_SCALARS {
        of_x[i] = a[i] * T[i] * T[i] / Q[i];
        of_w[i] = tau[i] / Q[i];
    }
    GK_WRITE(out[0], POINCARE_NEAR, GK_AT(in[0]) + (GK_BY(of_x) * GK_AT(in[0]) - GK_BY(of_w) * GK_AT(*w)));
}

/* x, m, g; v, vmax, sign, decay, beta1, beta2, rate, root, eps, c -> x, m; v, vmax:
 *   m <- beta1 m + (1 - beta1) h,  v <- beta2 v + (1 - beta2)|h|_x^2,  vmax <- max(vmax, v) where it is wanted,
 *   w = m,  k = rate/(sqrt(v or vmax)/root + eps) */
GK_DIRECT_ROW_FUNCTION(poincare_adam_step) {
    const double *v = s[0], *vmax = s[1], *sign = s[2], *decay = s[3], *beta1 = s[4], *beta2 = s[5], *rate = s[6];
    const double *root = s[7], *eps = s[8], *c = s[9];
    const int amsgrad = block->wanted >> 1 & 1;
    gk_vec *m = &block->spare;
    gk_scalars a, xx, xg, gg, mm, xm, k, of_g, of_x, of_m;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[2]), gg,
            GK_AT(in[2]) * GK_AT(in[2]));
    GK_GAP_OF(a, xx, c, in[0]);
    GK_SCALARS {
        double r = 0.25 * a[i] * a[i];
        double ee = sign[i] * sign[i] * gg[i] + decay[i] * (2.0 * sign[i] * xg[i] + decay[i] * xx[i]);
        double square = beta2[i] * v[i] + (1.0 - beta2[i]) * r * ee;
        double largest = vmax[i] > square ? vmax[i] : square; /* a NaN in v stays there, and comes through */
        t[0][i] = square;
        t[1][i] = largest;
        k[i] = rate[i] / (__builtin_sqrt(amsgrad ? largest : square) / root[i] + eps[i]);
        of_g[i] = (1.0 - beta1[i]) * r * sign[i];
        of_x[i] = (1.0 - beta1[i]) * r * decay[i];
    }
    GK_KEEP(*m, GK_BY(beta1) * GK_AT(in[1]) + GK_BY(of_g) * GK_AT(in[2]) + GK_BY(of_x) * GK_AT(in[0]));
    GK_SUM2(mm, GK_AT(*m) * GK_AT(*m), xm, GK_AT(in[0]) * GK_AT(*m));
    POINCARE_STEP(k, a, in[0], *m, mm, xm, c, (void)0);
    GK_SCALARS {
        t[2][i] = a[i] * shrink[i] / P[i];
        POINCARE_CARRY(of_m[i], of_x[i], mm[i]);
    }
    GK_WRITE(out[1], POINCARE_NEAR, GK_BY(of_m) * GK_AT(*m) + GK_BY(of_x) * GK_AT(in[0]));
    GK_SCALARS {
        of_x[i] = a[i] * T[i] * T[i] / Q[i];
        of_m[i] = tau[i] / Q[i];
    }
    GK_WRITE(out[0], POINCARE_NEAR, GK_AT(in[0]) + (GK_BY(of_x) * GK_AT(in[0]) - GK_BY(of_m) * GK_AT(*m)));
}

static const gk_row_kernel POINCARE_INSIDE = {
    "step", poincare_inside, 1, 1, 0, 0, 0, {"x"}, {"c"}, 2, 0.3, &GK_BALL, 1};
static const gk_row_kernel POINCARE_SGD_STEP = {
    "sgd_step", poincare_sgd_step, 2, 4, 1, 0, 1, {"x", "g"}, {"sign", "decay", "lr", "c"}, 12, 0.8, &GK_BALL, 1};
static const gk_row_kernel POINCARE_MOMENTUM_STEP = {
    "sgd_step", poincare_momentum_step, 3, 7, 2, 0, 1, {"x", "the momentum buffer", "g"},
    {"sign", "decay", "lr", "keep", "share", "ahead", "c"}, 14, 1.2, &GK_BALL, 1};
static const gk_row_kernel POINCARE_ADAM_STEP = {
    "adam_step", poincare_adam_step, 3, 10, 2, 2, 1, {"x", "the mean of gradients", "g"},
    {"v", "vmax", "sign", "decay", "beta1", "beta2", "rate", "root", "eps", "c"}, 18, 1.2, &GK_BALL, 1};

#endif
