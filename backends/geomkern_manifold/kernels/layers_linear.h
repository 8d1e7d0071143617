/* What follows the matrix product of a linear layer, on the Poincaré ball of curvature -c.
 *
 * log0(x) = Z x is a number for each row times the row, so that W log0(x) = Z (W x): the product is taken of the points
 * themselves, and one pass over its rows h = W x does the rest. Notation as in poincare_metric.h and poincare_gyro.h.
 */
#ifndef GK_LAYERS_LINEAR_H
#define GK_LAYERS_LINEAR_H

#include "poincare_gyro.h"

/* x; c -> Z = artanh(sqrt(c)|x|)/(sqrt(c)|x|) */
GK_ROW_FUNCTION(poincare_log0_factor) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = poincare_Z(c[i] * xx[i], a[i]).value;
}

/* x; g, c -> gx; gc, Z' the derivative in c|x|^2 */
GK_ROW_FUNCTION(poincare_log0_factor_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    GK_SCALARS {
        double U = g[i] * poincare_Z(c[i] * xx[i], a[i]).slope;
        k[i] = 2.0 * c[i] * U;
        t[0][i] = U * xx[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* h, b; t, c -> exp0(t h) (+) b. With zeta = sqrt(c)|t h| the first term is u = kappa h, kappa = t T(zeta), and
 * a = 1 - c|u|^2 = 1/cosh^2 zeta; then as in poincare_mobius_add, w = u + b. */
#define POINCARE_BIASED(h, bias, scale, c)                                                                             \
    gk_scalars n, kappa, a, b, bb, ww;                                                                                 \
    GK_LENGTH(n, h);                                                                                                   \
    GK_GAP(b, bb, c, bias);                                                                                            \
    GK_SCALARS {                                                                                                       \
        double zeta = __builtin_sqrt((c)[i]) * gk_abs((scale)[i]) * n[i], ch = gk_cosh(zeta);                          \
        kappa[i] = (scale)[i] * poincare_T(zeta).value;                                                                \
        a[i] = 1.0 / ch / ch;                                                                                          \
    }                                                                                                                  \
    GK_SUM(ww, (GK_OF(kappa) * GK_AT(h) + GK_AT(bias)) * (GK_OF(kappa) * GK_AT(h) + GK_AT(bias)))

GK_ROW_FUNCTION(poincare_mobius_bias) {
    const double *scale = s[0], *c = s[1];
    gk_scalars of_h, of_b;
    POINCARE_BIASED(in[0], in[1], scale, c);
    gk_inside(block, 1, b);
    GK_SCALARS {
        double s2 = c[i] * ww[i], ab = a[i] * b[i], D = s2 + ab;
        of_h[i] = (a[i] + s2) / D * kappa[i];
        of_b[i] = a[i] / D;
        t[0][i] = ab / D;
    }
    GK_COMBINE(out[0], of_h[i] * GK_AT(in[0]) + of_b[i] * GK_AT(in[1]));
}

/* g, h, b; t, c -> gh, gb; gt, gc: poincare_mobius_add_vjp at u = kappa h, then dkappa = sech^2 dt + t T' d(zeta^2)
 * along h. With gu = G g + W (u + b) + U u the latter takes P = <gu, h>. */
GK_ROW_FUNCTION(poincare_mobius_bias_vjp) {
    const double *scale = s[0], *c = s[1];
    gk_scalars gh, gb, hb, g_g, h_h, b_h, g_b, h_b, b_b;
    POINCARE_BIASED(in[1], in[2], scale, c);
    GK_SUM3(gh, GK_AT(in[0]) * GK_AT(in[1]), gb, GK_AT(in[0]) * GK_AT(in[2]), hb, GK_AT(in[1]) * GK_AT(in[2]));
    GK_SCALARS {
        double s2 = c[i] * ww[i], D = s2 + a[i] * b[i], hh = n[i] * n[i], pu = kappa[i] * gh[i];
        double q = (gb[i] + c[i] * bb[i] * pu) / (D * D), py = (a[i] * (pu + gb[i]) + s2 * pu) / D;
        double A = s2 * q, S = -a[i] * q, B = -a[i] * py / D;
        double G = (a[i] + s2) / D, W = 2.0 * c[i] * S, U = -2.0 * c[i] * A;
        double zz = c[i] * scale[i] * scale[i], slope = poincare_T(__builtin_sqrt(zz) * n[i]).slope;
        double P = G * gh[i] + W * hb[i] + (W + U) * kappa[i] * hh, K = P * scale[i] * slope;
        g_g[i] = G * kappa[i];
        h_h[i] = (W + U) * kappa[i] * kappa[i] + 2.0 * zz * K;
        b_h[i] = W * kappa[i];
        g_b[i] = a[i] / D;
        h_b[i] = W * kappa[i];
        b_b[i] = W - 2.0 * c[i] * B;
        t[0][i] = P * a[i];
        t[1][i] = S * ww[i] - A * kappa[i] * kappa[i] * hh - B * bb[i] + K * scale[i] * scale[i] * hh;
    }
    GK_COMBINE(out[0], g_g[i] * GK_AT(in[0]) + h_h[i] * GK_AT(in[1]) + b_h[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], g_b[i] * GK_AT(in[0]) + h_b[i] * GK_AT(in[1]) + b_b[i] * GK_AT(in[2]));
}

/* h, b; t, c -> exp0(v), v = t h + b */
#define BIASED_TANGENT(h, b, scale) (GK_OF(scale) * GK_AT(h) + GK_AT(b))

GK_ROW_FUNCTION(poincare_tangent_bias) {
    const double *scale = s[0], *c = s[1];
    gk_scalars vv, k;
    GK_SUM(vv, BIASED_TANGENT(in[0], in[1], scale) * BIASED_TANGENT(in[0], in[1], scale));
    GK_SCALARS {
        double zeta = __builtin_sqrt(c[i] * vv[i]), ch = gk_cosh(zeta);
        k[i] = poincare_T(zeta).value;
        t[0][i] = 1.0 / ch / ch;
    }
    GK_COMBINE(out[0], k[i] * (scale[i] * GK_AT(in[0]) + GK_AT(in[1])));
}

/* g, h, b; t, c -> gh, gb; gt, gc, by gv = T g + 2c T' <g, v> v */
GK_ROW_FUNCTION(poincare_tangent_bias_vjp) {
    const double *scale = s[0], *c = s[1];
    gk_scalars vv, gv, gh, hv, T, of_v;
    GK_SUM2(vv, BIASED_TANGENT(in[1], in[2], scale) * BIASED_TANGENT(in[1], in[2], scale), gv,
            BIASED_TANGENT(in[1], in[2], scale) * GK_AT(in[0]));
    GK_SUM2(gh, GK_AT(in[0]) * GK_AT(in[1]), hv, BIASED_TANGENT(in[1], in[2], scale) * GK_AT(in[1]));
    GK_SCALARS {
        poincare_ratio ratio = poincare_T(__builtin_sqrt(c[i] * vv[i]));
        double M = gv[i] * ratio.slope;
        T[i] = ratio.value;
        of_v[i] = 2.0 * c[i] * M;
        t[0][i] = T[i] * gh[i] + of_v[i] * hv[i];
        t[1][i] = M * vv[i];
    }
    GK_COMBINE(out[0], scale[i] * (T[i] * GK_AT(in[0]) + of_v[i] * (scale[i] * GK_AT(in[1]) + GK_AT(in[2]))));
    GK_COMBINE(out[1], T[i] * GK_AT(in[0]) + of_v[i] * (scale[i] * GK_AT(in[1]) + GK_AT(in[2])));
}

static const gk_row_kernel POINCARE_LOG0_FACTOR = {
    "log0_factor", poincare_log0_factor, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_BALL};
static const gk_row_kernel POINCARE_LOG0_FACTOR_VJP = {
    "log0_factor_vjp", poincare_log0_factor_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_MOBIUS_BIAS = {
    "mobius_bias", poincare_mobius_bias, 2, 2, 1, 0, 1, {"h", "b"}, {"t", "c"}, 12, 1.0, &GK_BALL};
static const gk_row_kernel POINCARE_MOBIUS_BIAS_VJP = {
    "mobius_bias_vjp", poincare_mobius_bias_vjp, 3, 2, 2, 2, 0, {"g", "h", "b"}, {"t", "c"}, 16, 2.0, &GK_BALL};
static const gk_row_kernel POINCARE_TANGENT_BIAS = {
    "tangent_bias", poincare_tangent_bias, 2, 2, 1, 0, 1, {"h", "b"}, {"t", "c"}, 10, 0.7, &GK_BALL};
static const gk_row_kernel POINCARE_TANGENT_BIAS_VJP = {
    "tangent_bias_vjp", poincare_tangent_bias_vjp, 3, 2, 2, 2, 0, {"g", "h", "b"}, {"t", "c"}, 10, 1.6, &GK_BALL};

#endif
