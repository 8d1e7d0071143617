/* What follows the matrix product of a linear layer in Lorentz's model of curvature -c, points by spatial coordinates.
 *
 * log0(x) = L x with L = arsinh(sqrt(c)|x|)/(sqrt(c)|x|), so that as in layers_linear.h W log0(x) = L (W x).
 */
#ifndef GK_LAYERS_LORENTZ_H
#define GK_LAYERS_LORENTZ_H

#include "domains.h"

/* arsinh(sqrt q)/sqrt q, and its derivative (1/sqrt(1 + q) - value)/(2q), by the series for small q. */
typedef struct {
    double value, slope;
} lorentz_log0;

GK_INLINE lorentz_log0 lorentz_log0_of(double q) {
    double root = __builtin_sqrt(q), L = gk_asinh(root) / root, slope = (1.0 / __builtin_sqrt(1.0 + q) - L) / (2.0 * q);
    double series = -1.0 / 6 + q * (3.0 / 20 + q * (-15.0 / 112 + q * (35.0 / 288 + q * (-315.0 / 2816 +
                    q * (693.0 / 6656)))));
    lorentz_log0 ratio = {q < 1e-300 ? 1.0 : L, q < 1e-3 ? series : slope};
    return ratio;
}

/* x; c -> L */
GK_ROW_FUNCTION(lorentz_log0_factor) {
    const double *c = s[0];
    gk_scalars xx;
    GK_SUM(xx, GK_AT(in[0]) * GK_AT(in[0]));
    GK_SCALARS t[0][i] = lorentz_log0_of(c[i] * xx[i]).value;
}

/* x; g, c -> gx; gc */
GK_ROW_FUNCTION(lorentz_log0_factor_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars xx, k;
    GK_SUM(xx, GK_AT(in[0]) * GK_AT(in[0]));
    GK_SCALARS {
        double U = g[i] * lorentz_log0_of(c[i] * xx[i]).slope;
        k[i] = 2.0 * c[i] * U;
        t[0][i] = U * xx[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* h, b; t, c -> the point b carried along by the boost that takes the origin to exp0(t h) = u = k h, k = t S(zeta^2)
 * with S(z^2) = sinh(z)/z and zeta = sqrt(c)|t h|:
 *   y = b + phi u,   phi = sqrt(1 + c|b|^2) + c<u, b>/(1 + cosh zeta). */
#define LORENTZ_BIASED(h, bias, scale, c)                                                                              \
    gk_scalars hh, bb, hb, k, zz, ch, beta, phi;                                                                       \
    GK_SUM3(hh, GK_AT(h) * GK_AT(h), bb, GK_AT(bias) * GK_AT(bias), hb, GK_AT(h) * GK_AT(bias));                       \
    GK_SCALARS {                                                                                                       \
        zz[i] = (c)[i] * (scale)[i] * (scale)[i] * hh[i];                                                              \
        double zeta = __builtin_sqrt(zz[i]);                                                                           \
        k[i] = (scale)[i] * gk_sinhc(zeta);                                                                            \
        ch[i] = gk_cosh(zeta);                                                                                         \
        beta[i] = __builtin_sqrt(1.0 + (c)[i] * bb[i]);                                                                \
        phi[i] = beta[i] + (c)[i] * k[i] * hb[i] / (1.0 + ch[i]);                                                      \
    }

GK_ROW_FUNCTION(lorentz_mobius_bias) {
    const double *scale = s[0], *c = s[1];
    LORENTZ_BIASED(in[0], in[1], scale, c);
    GK_COMBINE(out[0], phi[i] * k[i] * GK_AT(in[0]) + GK_AT(in[1]));
}

/* g, h, b; t, c -> gh, gb; gt, gc, with p = <g, u>: gu = phi g + p c/(1 + ch) (b - c<u, b>/((1 + ch) ch) u),
 * gb = g + p c (b/beta + u/(1 + ch)), then dk = ch dt + t S' d(zeta^2) along h with P = <gu, h>. */
GK_ROW_FUNCTION(lorentz_mobius_bias_vjp) {
    const double *scale = s[0], *c = s[1];
    gk_scalars gh, of_g, h_h, b_h, h_b, b_b;
    LORENTZ_BIASED(in[1], in[2], scale, c);
    GK_SUM(gh, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double p = k[i] * gh[i], ub = k[i] * hb[i], uu = k[i] * k[i] * hh[i], above = 1.0 / (1.0 + ch[i]);
        double of_b = p * c[i] * above, of_u = -of_b * c[i] * ub * above / ch[i];
        double P = phi[i] * gh[i] + of_b * hb[i] + of_u * k[i] * hh[i], K = P * scale[i] * gk_dsinhc(zz[i]);
        of_g[i] = phi[i] * k[i];
        b_h[i] = of_b * k[i];
        h_h[i] = of_u * k[i] * k[i] + 2.0 * c[i] * scale[i] * scale[i] * K;
        h_b[i] = p * c[i] * above * k[i];
        b_b[i] = p * c[i] / beta[i];
        t[0][i] = P * ch[i];
        t[1][i] = p * (0.5 * bb[i] / beta[i] + above * ub * (1.0 - 0.5 * c[i] * uu * above / ch[i])) +
                  K * scale[i] * scale[i] * hh[i];
    }
    GK_COMBINE(out[0], of_g[i] * GK_AT(in[0]) + h_h[i] * GK_AT(in[1]) + b_h[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], GK_AT(in[0]) + h_b[i] * GK_AT(in[1]) + b_b[i] * GK_AT(in[2]));
}

/* h, b; t, c -> exp0(v) = S(c|v|^2) v, v = t h + b */
#define LORENTZ_TANGENT(h, b, scale) (GK_OF(scale) * GK_AT(h) + GK_AT(b))

GK_ROW_FUNCTION(lorentz_tangent_bias) {
    const double *scale = s[0], *c = s[1];
    gk_scalars vv, k;
    GK_SUM(vv, LORENTZ_TANGENT(in[0], in[1], scale) * LORENTZ_TANGENT(in[0], in[1], scale));
    GK_SCALARS k[i] = gk_sinhc(__builtin_sqrt(c[i] * vv[i]));
    GK_COMBINE(out[0], k[i] * (scale[i] * GK_AT(in[0]) + GK_AT(in[1])));
}

/* g, h, b; t, c -> gh, gb; gt, gc, by gv = S g + 2c S' <g, v> v */
GK_ROW_FUNCTION(lorentz_tangent_bias_vjp) {
    const double *scale = s[0], *c = s[1];
    gk_scalars vv, gv, gh, hv, S, of_v;
    GK_SUM2(vv, LORENTZ_TANGENT(in[1], in[2], scale) * LORENTZ_TANGENT(in[1], in[2], scale), gv,
            LORENTZ_TANGENT(in[1], in[2], scale) * GK_AT(in[0]));
    GK_SUM2(gh, GK_AT(in[0]) * GK_AT(in[1]), hv, LORENTZ_TANGENT(in[1], in[2], scale) * GK_AT(in[1]));
    GK_SCALARS {
        double square = c[i] * vv[i], M = gv[i] * gk_dsinhc(square);
        S[i] = gk_sinhc(__builtin_sqrt(square));
        of_v[i] = 2.0 * c[i] * M;
        t[0][i] = S[i] * gh[i] + of_v[i] * hv[i];
        t[1][i] = M * vv[i];
    }
    GK_COMBINE(out[0], scale[i] * (S[i] * GK_AT(in[0]) + of_v[i] * (scale[i] * GK_AT(in[1]) + GK_AT(in[2]))));
    GK_COMBINE(out[1], S[i] * GK_AT(in[0]) + of_v[i] * (scale[i] * GK_AT(in[1]) + GK_AT(in[2])));
}

static const gk_row_kernel LORENTZ_LOG0_FACTOR = {
    "log0_factor", lorentz_log0_factor, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_LOG0_FACTOR_VJP = {
    "log0_factor_vjp", lorentz_log0_factor_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_MOBIUS_BIAS = {
    "mobius_bias", lorentz_mobius_bias, 2, 2, 1, 0, 0, {"h", "b"}, {"t", "c"}, 12, 0.7, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_MOBIUS_BIAS_VJP = {
    "mobius_bias_vjp", lorentz_mobius_bias_vjp, 3, 2, 2, 2, 0, {"g", "h", "b"}, {"t", "c"}, 16, 1.6,
    &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_TANGENT_BIAS = {
    "tangent_bias", lorentz_tangent_bias, 2, 2, 1, 0, 0, {"h", "b"}, {"t", "c"}, 10, 0.7, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_TANGENT_BIAS_VJP = {
    "tangent_bias_vjp", lorentz_tangent_bias_vjp, 3, 2, 2, 2, 0, {"g", "h", "b"}, {"t", "c"}, 10, 1.6,
    &GK_HYPERBOLIC_CHART};

#endif
