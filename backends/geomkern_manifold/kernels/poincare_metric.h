/* Distances, norms and metric factors of the Poincaré ball of curvature -c.
 *
 * Throughout: a = 1 - c|x|^2 and b = 1 - c|y|^2 (compensated), delta = y - x, s = c|delta|^2, E = s/(ab). Then
 *   cosh(sqrt(c) d) = 1 + 2E,   d = 2/sqrt(c) asinh(sqrt(E)),
 * which loses nothing for near points nor near the boundary (Nickel and Kiela 2017 give the arcosh form).
 * In the backward kernels X stands for dL/dX, and p_x for <g, x>.
 */
#ifndef GK_POINCARE_METRIC_H
#define GK_POINCARE_METRIC_H

#include "domains.h"

/* The terms of x, y that every two-point kernel starts from. */
#define POINCARE_PAIR(x, y, c)                                                                                         \
    gk_scalars a, b, xx, yy, dd, s2;                                                                                   \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), yy, GK_AT(y) * GK_AT(y), dd,                                                      \
            (GK_AT(y) - GK_AT(x)) * (GK_AT(y) - GK_AT(x)));                                                            \
    GK_GAP_OF(a, xx, c, x);                                                                                            \
    GK_GAP_OF(b, yy, c, y);                                                                                            \
    GK_SCALARS s2[i] = (c)[i] * dd[i];                                                                                 \
    gk_inside(block, 0, a);                                                                                            \
    gk_inside(block, 1, b)

/* 2 asinh(sqrt(s/w)) for s >= 0, w > 0, as log(p/w) with p = w + 2 (s + sqrt(s (s + w))): one square root and one
 * division in all. With 2^k the power of two nearest to p/w, log(p/w) = k ln 2 + 2 atanh(t), t = (p - 2^k w)/(p + 2^k w),
 * |t| <= 0.2; for k = 0 the numerator is 2 (s + sqrt(s (s + w))) itself. The difference of the bit patterns of p and w
 * is their log2 ratio well enough to find k. */
GK_INLINE double poincare_arc(double s, double w) {
    double rise = 2.0 * (s + __builtin_sqrt(s * (s + w))), p = w + rise;
    uint64_t biased = (gk_bits(p) - gk_bits(w) + ((uint64_t)2047 << 51)) >> 52;
    double k = gk_from_bits(biased | 0x4330000000000000u) - (0x1p52 + 1023.0), scaled = gk_from_bits(biased << 52) * w;
    double t = (k == 0.0 ? rise : p - scaled) / (p + scaled), tt = t * t, error;
    double high = gk_fast_sum(k * GK_LN2_HI, 2.0 * t, &error);
    double arc = high + ((error + k * GK_LN2_LO) + (2.0 * t * tt) * gk_atanh_tail(tt));
    return s <= 1.7976931348623157e308 ? arc : s;
}

/* A ratio that is smooth at 0, and its derivative. */
typedef struct {
    double value, slope;
} poincare_ratio;

/* F(E) = asinh(sqrt E)/sqrt(E(1 + E)). Since (F^2 E(1 + E))' = F, F' = (1 - (1 + 2E) F)/(2E(1 + E)), which cancels for
 * small E; there the series of F, whose coefficients are (-1)^n (2n)!!/(2n + 1)!!, gives both. */
GK_INLINE poincare_ratio poincare_F(double E) {
    double product = E * (1.0 + E), F = 0.5 * poincare_arc(E, 1.0) / __builtin_sqrt(product);
    double slope = (1.0 - (1.0 + 2.0 * E) * F) / (2.0 * product);
    double series = -2.0 / 3 + E * (16.0 / 15 + E * (-48.0 / 35 + E * (512.0 / 315 + E * (-1280.0 / 693 +
                    E * (2048.0 / 1001 + E * (-14336.0 / 6435 + E * (262144.0 / 109395)))))));
    poincare_ratio ratio = {E < 1e-300 ? 1.0 : F, E < 0.01 ? series : slope};
    return ratio;
}

/* Z(u) = artanh(sqrt u)/sqrt(u) at u = c|x|^2, from a = 1 - u: artanh(sqrt u) = asinh(sqrt(u/a)). Its derivative
 * (1/a - Z)/(2u) cancels for small u, where the series 1/3 + 2u/5 + 3u^2/7 + ... is used. */
GK_INLINE poincare_ratio poincare_Z(double u, double a) {
    double Z = 0.5 * poincare_arc(u, a) / __builtin_sqrt(u), slope = (1.0 / a - Z) / (2.0 * u);
    double series = 1.0 / 3 + u * (2.0 / 5 + u * (3.0 / 7 + u * (4.0 / 9 + u * (5.0 / 11 + u * (6.0 / 13)))));
    poincare_ratio ratio = {u < 1e-300 ? 1.0 : Z, u < 1e-3 ? series : slope};
    return ratio;
}

/* tanh(z)/z for z >= 0, and its derivative in z^2, (sech^2 z - tanh(z)/z)/(2z^2); by its series for small z. */
GK_INLINE poincare_ratio poincare_T(double z) {
    double tanh = gk_tanh(z), T = tanh / z, q = z * z, slope = ((1.0 - tanh) * (1.0 + tanh) - T) / (2.0 * q);
    double series = -1.0 / 3 + q * (4.0 / 15 + q * (-17.0 / 105 + q * (248.0 / 2835 + q * (-1382.0 / 31185 +
                    q * (43688.0 / 2027025)))));
    poincare_ratio ratio = {z < 1e-150 ? 1.0 : T, q < 1e-3 ? series : slope};
    return ratio;
}

/* x, y; c -> d */
GK_ROW_FUNCTION(poincare_dist) {
    const double *c = s[0];
    POINCARE_PAIR(in[0], in[1], c);
    GK_SCALARS t[0][i] = poincare_arc(s2[i], a[i] * b[i]) / __builtin_sqrt(c[i]);
}

/* x, y; g, c -> gx, gy; gc
 * dd/dE = 1/(sqrt(c) sqrt(E(1 + E))); dE/dx = 2c/(a^2 b) (s x - a delta), and with delta -> -delta for y.
 * dd/dc = -d/(2c) + dd/dE E (1/c + |x|^2/a + |y|^2/b); the first two terms cancel for small E, and are together
 * E^(3/2) sqrt(1 + E) (2F' + F/(1 + E)) / c^(3/2). */
GK_ROW_FUNCTION(poincare_dist_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars along, of_x, of_y;
    POINCARE_PAIR(in[0], in[1], c);
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, root = __builtin_sqrt(E * (1.0 + E)), rc = __builtin_sqrt(c[i]);
        double slope = 2.0 * rc * g[i] / (ab * root);
        slope = E == 0.0 ? 0.0 : slope; /* the subgradient at x = y */
        along[i] = slope;
        of_x[i] = slope * (s2[i] / a[i]);
        of_y[i] = slope * (s2[i] / b[i]);
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) - along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_COMBINE(out[1], of_y[i] * GK_AT(in[1]) + along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    if (!(block->wanted & 1)) return;
    GK_SCALARS {
        double E = s2[i] / (a[i] * b[i]), rc = __builtin_sqrt(c[i]), re = __builtin_sqrt(E), r1 = __builtin_sqrt(1.0 + E);
        poincare_ratio F = poincare_F(E);
        double near = r1 * E * (2.0 * F.slope + F.value / (1.0 + E)) / (c[i] * rc);
        t[0][i] = g[i] * re * (near + (xx[i] / a[i] + yy[i] / b[i]) / (rc * r1));
    }
}

/* x; c -> d(0, x) = 2/sqrt(c) artanh(sqrt(c)|x|), by asinh as above with b = 1 */
GK_ROW_FUNCTION(poincare_dist0) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = poincare_arc(c[i] * xx[i], a[i]) / __builtin_sqrt(c[i]);
}

/* x; g, c -> gx; gc: d = 2|x|Z, dd/dx = 2x/(a|x|), dd/dc = 2|x|^3 Z' */
GK_ROW_FUNCTION(poincare_dist0_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    GK_SCALARS {
        double n = __builtin_sqrt(xx[i]), slope = 2.0 * g[i] / (a[i] * n);
        k[i] = n == 0.0 ? 0.0 : slope; /* the subgradient at 0 */
        t[0][i] = 2.0 * g[i] * n * xx[i] * poincare_Z(c[i] * xx[i], a[i]).slope;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* x; c -> lambda = 2/a */
GK_ROW_FUNCTION(poincare_lambda_x) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = 2.0 / a[i];
}

/* x; g, c -> gx; gc: dlambda/da = -2/a^2, da/dx = -2c x, da/dc = -|x|^2 */
GK_ROW_FUNCTION(poincare_lambda_x_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    GK_SCALARS {
        double A = -2.0 * g[i] / (a[i] * a[i]);
        k[i] = -2.0 * c[i] * A;
        t[0][i] = -A * xx[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* x, u, v; c -> lambda^2 <u, v> */
GK_ROW_FUNCTION(poincare_inner) {
    const double *c = s[0];
    gk_scalars a, xx, uv;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    GK_SCALARS t[0][i] = 4.0 * uv[i] / (a[i] * a[i]);
}

/* x, u, v; g, c -> gx, gu, gv; gc */
GK_ROW_FUNCTION(poincare_inner_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, uv, k, of_x;
    GK_GAP(a, xx, c, in[0]);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    GK_SCALARS {
        double A = -8.0 * g[i] * uv[i] / (a[i] * a[i] * a[i]);
        k[i] = 4.0 * g[i] / (a[i] * a[i]);
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = -A * xx[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], k[i] * GK_AT(in[2]));
    GK_COMBINE(out[2], k[i] * GK_AT(in[1]));
}

/* x, u; c -> lambda |u| */
GK_ROW_FUNCTION(poincare_norm) {
    const double *c = s[0];
    gk_scalars a, xx, n;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_LENGTH(n, in[1]);
    GK_SCALARS t[0][i] = 2.0 * n[i] / a[i];
}

/* x, u; g, c -> gx, gu; gc, with subgradient 0 at u = 0 */
GK_ROW_FUNCTION(poincare_norm_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, n, k, of_x;
    GK_GAP(a, xx, c, in[0]);
    GK_LENGTH(n, in[1]);
    GK_SCALARS {
        double A = -2.0 * g[i] * n[i] / (a[i] * a[i]);
        k[i] = 2.0 * g[i] / a[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = -A * xx[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], k[i] * (GK_AT(in[1]) / n[i]));
}

/* x, u; c -> the Riemannian gradient u/lambda^2 = (a/2)^2 u of the Euclidean gradient u */
GK_ROW_FUNCTION(poincare_egrad2rgrad) {
    const double *c = s[0];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS k[i] = 0.25 * a[i] * a[i];
    GK_COMBINE(out[0], k[i] * GK_AT(in[1]));
}

/* g, x, u; c -> gx, gu; gc */
GK_ROW_FUNCTION(poincare_egrad2rgrad_vjp) {
    const double *c = s[0];
    gk_scalars a, xx, k, gu, of_x;
    GK_GAP(a, xx, c, in[1]);
    GK_SUM(gu, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double A = 0.5 * a[i] * gu[i];
        k[i] = 0.25 * a[i] * a[i];
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = -A * xx[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[1]));
    GK_COMBINE(out[1], k[i] * GK_AT(in[0]));
}

static const gk_row_kernel POINCARE_DIST = {
    "dist", poincare_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 8, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_DIST_VJP = {
    "dist_vjp", poincare_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 20, 1.2, &GK_BALL};
static const gk_row_kernel POINCARE_DIST0 = {
    "dist0", poincare_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_BALL};
static const gk_row_kernel POINCARE_DIST0_VJP = {
    "dist0_vjp", poincare_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_LAMBDA_X = {
    "lambda_x", poincare_lambda_x, 1, 1, 0, 1, 0, {"x"}, {"c"}, 4, 0.3, &GK_BALL};
static const gk_row_kernel POINCARE_LAMBDA_X_VJP = {
    "lambda_x_vjp", poincare_lambda_x_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 4, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_INNER = {
    "inner", poincare_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 4, 0.8, &GK_BALL};
static const gk_row_kernel POINCARE_INNER_VJP = {
    "inner_vjp", poincare_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 4, 1.6, &GK_BALL};
static const gk_row_kernel POINCARE_NORM = {
    "norm", poincare_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 4, 0.5, &GK_BALL};
static const gk_row_kernel POINCARE_NORM_VJP = {
    "norm_vjp", poincare_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 4, 1.0, &GK_BALL};
static const gk_row_kernel POINCARE_EGRAD2RGRAD = {
    "egrad2rgrad", poincare_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 4, 0.8, &GK_BALL};
static const gk_row_kernel POINCARE_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", poincare_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 4, 1.2, &GK_BALL};

#endif
