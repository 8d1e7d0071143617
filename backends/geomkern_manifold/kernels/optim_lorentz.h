/* One step of Riemannian gradient descent and of Riemannian Adam in Lorentz's model of curvature -c, whose rows hold
 * the spatial coordinates; as in optim_poincare.h, with
 *   <u, v>_x = <u, v> - <x, u><x, v>/(1/c + |x|^2),
 * the Riemannian gradient of e = sign g + decay x being h = e + c<x, e>x, for which |h|_x^2 = |e|^2 + c<x, e>^2.
 *
 * With n = |w|_x and theta = sqrt(c) k n a step goes to
 *   y = exp_x(-k w) = cosh(theta) x - k sinhc(theta) w = x + ((cosh(theta) - 1) x - k sinhc(theta) w),
 * where w arrives as cosh(theta) w - c k n^2 sinhc(theta) x, and any other vector v as
 *   v - f (x + y),  f = c k sinhc(theta) <w, v>_x/(1 + cosh(theta)).
 * Where the two terms of |w|_x^2 cancel, far from the origin for a radial w, it is taken as the sum of
 * |w - <x, w>x/|x|^2|^2 and <x, w>^2/(|x|^2 (1 + c|x|^2)).
 */
#ifndef GK_OPTIM_LORENTZ_H
#define GK_OPTIM_LORENTZ_H

#include "domains.h"

/* nn = |w|_x^2, given ww, xw and xx. */
#define LORENTZ_SQUARE(nn, x, w, ww, xw, xx, c)                                                                        \
    do {                                                                                                               \
        const double enough = block->compensate ? 0.5 : 1e-7;                                                          \
        int cancels = 0;                                                                                               \
        GK_SCALARS (nn)[i] = (ww)[i] - (xw)[i] * ((xw)[i] / (1.0 / (c)[i] + (xx)[i]));                                 \
        for (long i = 0; i < block->lanes; i++) cancels |= !((nn)[i] >= enough * (ww)[i]);                             \
        if (!cancels) break;                                                                                           \
        gk_scalars along, across;                                                                                      \
        GK_SCALARS along[i] = (xx)[i] == 0.0 ? 0.0 : (xw)[i] / (xx)[i];                                                \
        GK_SUM(across, (GK_AT(w) - GK_OF(along) * GK_AT(x)) * (GK_AT(w) - GK_OF(along) * GK_AT(x)));                   \
        GK_SCALARS {                                                                                                   \
            double split = across[i] + along[i] * ((xw)[i] / (1.0 + (c)[i] * (xx)[i]));                                \
            (nn)[i] = (nn)[i] < enough * (ww)[i] ? split : (nn)[i];                                                    \
        }                                                                                                              \
    } while (0)

/* Whether row i takes so short a step that what is added to x may be computed from floats as floats. */
#define LORENTZ_NEAR (C[i] <= 1.03)

/* C = cosh(theta), S = k sinhc(theta) and rise = C - 1 = sinh^2/(C + 1) */
#define LORENTZ_STEP(C, S, k, nn, c)                                                                                   \
    gk_scalars C, S, rise;                                                                                             \
    GK_SCALARS {                                                                                                       \
        double theta = __builtin_sqrt((c)[i] * (nn)[i]) * (k)[i];                                                      \
        C[i] = gk_cosh(theta);                                                                                         \
        S[i] = (k)[i] * gk_sinhc(theta);                                                                               \
        rise[i] = (c)[i] * (nn)[i] * S[i] / (1.0 + C[i]) * S[i];                                                       \
    }

/* x, g; sign, decay, lr, c -> x, with w = h = sign g + w_x x */
GK_DIRECT_ROW_FUNCTION(lorentz_sgd_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *c = s[3];
    gk_scalars xx, xg, gg, nn, w_x, of_x, of_g;
    (void)t;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[1]), gg,
            GK_AT(in[1]) * GK_AT(in[1]));
    GK_SCALARS {
        double xe = sign[i] * xg[i] + decay[i] * xx[i];
        w_x[i] = decay[i] + c[i] * xe;
        nn[i] = sign[i] * sign[i] * gg[i] + decay[i] * (2.0 * sign[i] * xg[i] + decay[i] * xx[i]) + c[i] * xe * xe;
    }
    LORENTZ_STEP(C, S, lr, nn, c);
    GK_SCALARS {
        of_x[i] = rise[i] - S[i] * w_x[i];
        of_g[i] = S[i] * sign[i];
    }
    GK_WRITE(out[0], LORENTZ_NEAR, GK_AT(in[0]) + (GK_BY(of_x) * GK_AT(in[0]) - GK_BY(of_g) * GK_AT(in[1])));
}

/* The moved buffer b, in a sum. */
#define LORENTZ_BUFFER                                                                                                 \
    (GK_OF(keep) * GK_AT(in[1]) + GK_OF(b_g) * GK_AT(in[2]) + GK_OF(b_x) * GK_AT(in[0]))

/* x, b, g; sign, decay, lr, keep, share, ahead, c -> x, b: b <- keep b + share h, and w = b,
 * or Nesterov's h + ahead b */
GK_DIRECT_ROW_FUNCTION(lorentz_momentum_step) {
    const double *sign = s[0], *decay = s[1], *lr = s[2], *keep = s[3], *share = s[4], *ahead = s[5], *c = s[6];
    gk_vec *w = &block->spare;
    gk_scalars xx, xg, ww, xw, nn, h_x, w_b, w_g, w_x, of_b, of_g, of_x, of_w;
    int looks_ahead = 0;
    (void)t;
    for (long i = 0; i < block->rows; i++) looks_ahead |= ahead[i] != 0.0;
    GK_SUM2(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double more = ahead[i] == 0.0 ? share[i] : 1.0 + ahead[i] * share[i];
        h_x[i] = decay[i] + c[i] * (sign[i] * xg[i] + decay[i] * xx[i]);
        w_b[i] = ahead[i] == 0.0 ? keep[i] : ahead[i] * keep[i];
        w_g[i] = more * sign[i];
        w_x[i] = more * h_x[i];
    }
    GK_KEEP(*w, GK_BY(w_b) * GK_AT(in[1]) + GK_BY(w_g) * GK_AT(in[2]) + GK_BY(w_x) * GK_AT(in[0]));
    GK_SUM2(ww, GK_AT(*w) * GK_AT(*w), xw, GK_AT(in[0]) * GK_AT(*w));
    LORENTZ_SQUARE(nn, in[0], *w, ww, xw, xx, c);
    LORENTZ_STEP(C, S, lr, nn, c);
    if (!looks_ahead) {
        GK_SCALARS of_x[i] = -c[i] * nn[i] * S[i];
        GK_WRITE(out[1], LORENTZ_NEAR, GK_BY(C) * GK_AT(*w) + GK_BY(of_x) * GK_AT(in[0]));
    } else {
        gk_scalars xv, wv, b_g, b_x;
        GK_SCALARS {
            b_g[i] = share[i] * sign[i];
            b_x[i] = share[i] * h_x[i];
        }
        GK_SUM2(xv, GK_AT(in[0]) * LORENTZ_BUFFER, wv, GK_AT(*w) * LORENTZ_BUFFER);
        GK_SCALARS {
            double product = wv[i] - xw[i] * (xv[i] / (1.0 / c[i] + xx[i])), f = c[i] * S[i] * product / (1.0 + C[i]);
            int plain = ahead[i] == 0.0;
            of_b[i] = plain ? 0.0 : keep[i];
            of_g[i] = plain ? 0.0 : b_g[i];
            of_x[i] = plain ? -c[i] * nn[i] * S[i] : b_x[i] - f * (1.0 + C[i]);
            of_w[i] = plain ? C[i] : f * S[i];
        }
        GK_WRITE(out[1], LORENTZ_NEAR, (GK_BY(of_w) * GK_AT(*w) + GK_BY(of_x) * GK_AT(in[0])) +
                                           (GK_BY(of_b) * GK_AT(in[1]) + GK_BY(of_g) * GK_AT(in[2])));
    }
    GK_WRITE(out[0], LORENTZ_NEAR, GK_AT(in[0]) + (GK_BY(rise) * GK_AT(in[0]) - GK_BY(S) * GK_AT(*w)));
}

/* x, m, g; v, vmax, sign, decay, beta1, beta2, rate, root, eps, c -> x, m; v, vmax */
GK_DIRECT_ROW_FUNCTION(lorentz_adam_step) {
    const double *v = s[0], *vmax = s[1], *sign = s[2], *decay = s[3], *beta1 = s[4], *beta2 = s[5], *rate = s[6];
    const double *root = s[7], *eps = s[8], *c = s[9];
    const int amsgrad = block->wanted >> 1 & 1;
    gk_vec *m = &block->spare;
    gk_scalars xx, xg, gg, mm, xm, nn, k, of_g, of_x;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xg, GK_AT(in[0]) * GK_AT(in[2]), gg,
            GK_AT(in[2]) * GK_AT(in[2]));
    GK_SCALARS {
        double xe = sign[i] * xg[i] + decay[i] * xx[i];
        double ee = sign[i] * sign[i] * gg[i] + decay[i] * (2.0 * sign[i] * xg[i] + decay[i] * xx[i]);
        double square = beta2[i] * v[i] + (1.0 - beta2[i]) * (ee + c[i] * xe * xe);
        double largest = vmax[i] > square ? vmax[i] : square; /* a NaN in v stays there, and comes through */
        t[0][i] = square;
        t[1][i] = largest;
        k[i] = rate[i] / (__builtin_sqrt(amsgrad ? largest : square) / root[i] + eps[i]);
        of_g[i] = (1.0 - beta1[i]) * sign[i];
        of_x[i] = (1.0 - beta1[i]) * (decay[i] + c[i] * xe);
    }
    GK_KEEP(*m, GK_BY(beta1) * GK_AT(in[1]) + GK_BY(of_g) * GK_AT(in[2]) + GK_BY(of_x) * GK_AT(in[0]));
    GK_SUM2(mm, GK_AT(*m) * GK_AT(*m), xm, GK_AT(in[0]) * GK_AT(*m));
    LORENTZ_SQUARE(nn, in[0], *m, mm, xm, xx, c);
    LORENTZ_STEP(C, S, k, nn, c);
    GK_SCALARS of_x[i] = -c[i] * nn[i] * S[i];
    GK_WRITE(out[1], LORENTZ_NEAR, GK_BY(C) * GK_AT(*m) + GK_BY(of_x) * GK_AT(in[0]));
    GK_WRITE(out[0], LORENTZ_NEAR, GK_AT(in[0]) + (GK_BY(rise) * GK_AT(in[0]) - GK_BY(S) * GK_AT(*m)));
}

static const gk_row_kernel LORENTZ_SGD_STEP = {
    "sgd_step", lorentz_sgd_step, 2, 4, 1, 0, 1, {"x", "g"}, {"sign", "decay", "lr", "c"}, 12, 0.6,
    &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_MOMENTUM_STEP = {
    "sgd_step", lorentz_momentum_step, 3, 7, 2, 0, 1, {"x", "the momentum buffer", "g"},
    {"sign", "decay", "lr", "keep", "share", "ahead", "c"}, 14, 1.0, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_ADAM_STEP = {
    "adam_step", lorentz_adam_step, 3, 10, 2, 2, 1, {"x", "the mean of gradients", "g"},
    {"v", "vmax", "sign", "decay", "beta1", "beta2", "rate", "root", "eps", "c"}, 18, 1.0, &GK_HYPERBOLIC_CHART, 1};

#endif
