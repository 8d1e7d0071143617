/* Distances, norms and metric factors of the Poincaré ball of curvature -c, and of its kin for c <= 0
 * (poincare_ratios.h).
 *
 * Throughout: a = 1 - c|x|^2 and b = 1 - c|y|^2 (compensated), delta = y - x, s = c|delta|^2, E = s/(ab). Then
 *   cosh(sqrt(c) d) = 1 + 2E,   d = 2/sqrt(c) asinh(sqrt(E)),
 * which loses nothing for near points nor near the boundary (Nickel and Kiela 2017 give the arcosh form).
 * In the backward kernels X stands for dL/dX, and p_x for <g, x>.
 */
#ifndef GK_POINCARE_METRIC_H
#define GK_POINCARE_METRIC_H

#include "domains.h"
#include "poincare_ratios.h"

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

/* open = s + ab = ab (1 + E) of the pair (MINUS x, y), where s belongs to. For c < 0 it is ab cos^2 of half the angle
 * between the points, which vanishes at the antipode -x/(k|x|^2) of x, k = -c, and then it cancels. As a sum of squares
 * it is |x + k|x|^2 y|^2/|x|^2, or the same with x and y exchanged; taken with the longer of the two in the place of x,
 * the square root of its share in ab has an error of a rounding of 1. */
#define POINCARE_OPENING(open, s, MINUS, x, y, c)                                                                      \
    gk_scalars open;                                                                                                   \
    do {                                                                                                               \
        int far = 0;                                                                                                   \
        GK_SCALARS open[i] = (s)[i] + a[i] * b[i];                                                                     \
        for (long i = 0; either && i < block->lanes; i++) far |= 2.0 * open[i] < a[i] * b[i];                          \
        if (either && far) {                                                                                           \
            gk_scalars of_x, of_y, sum;                                                                                \
            GK_SIMD                                                                                                    \
            for (long i = 0; i < GK_BLOCK; i++) {                                                                      \
                of_x[i] = MINUS(xx[i] < yy[i] ? -(c)[i] * yy[i] : 1.0);                                                \
                of_y[i] = xx[i] < yy[i] ? 1.0 : -(c)[i] * xx[i];                                                       \
            }                                                                                                          \
            GK_SUM(sum, (GK_OF(of_x) * GK_AT(x) + GK_OF(of_y) * GK_AT(y)) *                                            \
                            (GK_OF(of_x) * GK_AT(x) + GK_OF(of_y) * GK_AT(y)));                                        \
            GK_SCALARS open[i] = 2.0 * open[i] < a[i] * b[i] ? sum[i] / (xx[i] < yy[i] ? yy[i] : xx[i]) : open[i];     \
        }                                                                                                              \
    } while (0)

/* x, y; c -> d */
CURVED_DIRECT_FUNCTION(dist, 1, -1) {
    const double *c = s[0];
    POINCARE_PAIR(in[0], in[1], c);
    POINCARE_OPENING(open, s2, +, in[0], in[1], c);
    GK_SCALARS t[0][i] = curved_length(either, dd[i], a[i] * b[i], open[i], c[i]);
}

/* x, y; g, c -> gx, gy; gc
 * dd/dE = 1/(sqrt(c) sqrt(E(1 + E))); dE/dx = 2c/(a^2 b) (s x - a delta), and with delta -> -delta for y.
 * dd/dc = -d/(2c) + dd/dE E (1/c + |x|^2/a + |y|^2/b); the first two terms cancel for small E, and are together
 * E^(3/2) sqrt(1 + E) (2F' + F/(1 + E)) / c^(3/2). Without a root of c, for either sign, with q = sqrt(dd/open):
 * dd/dx = 2/sqrt(dd open) (...), dd/dc = q (dd/(ab) (2 (1 + E) F' + F) + |x|^2/a + |y|^2/b). */
CURVED_FUNCTION(dist_vjp, 2, 0) {
    const double *g = s[0], *c = s[1];
    gk_scalars along, of_x, of_y;
    POINCARE_PAIR(in[0], in[1], c);
    POINCARE_OPENING(open, s2, +, in[0], in[1], c);
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, root = __builtin_sqrt(E * (1.0 + E)), rc = __builtin_sqrt(c[i]);
        double slope = 2.0 * rc * g[i] / (ab * root);
        slope = E == 0.0 ? 0.0 : slope; /* the subgradient at x = y */
        if (either) {
            double round = 2.0 * g[i] / (__builtin_sqrt(dd[i]) * __builtin_sqrt(open[i]));
            round = dd[i] == 0.0 || open[i] == 0.0 ? 0.0 : round; /* and at the antipode */
            slope = c[i] <= 0.0 ? round : slope;
        }
        along[i] = slope;
        of_x[i] = slope * (s2[i] / a[i]);
        of_y[i] = slope * (s2[i] / b[i]);
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) - along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_COMBINE(out[1], of_y[i] * GK_AT(in[1]) + along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    if (!(block->wanted & 1)) return;
    GK_SCALARS {
        double E = s2[i] / (a[i] * b[i]), rc = __builtin_sqrt(c[i]), re = __builtin_sqrt(E),
               r1 = __builtin_sqrt(1.0 + E);
        poincare_ratio F = curved_F(either, E, open[i] / (a[i] * b[i]));
        double near = r1 * E * (2.0 * F.slope + F.value / (1.0 + E)) / (c[i] * rc);
        t[0][i] = g[i] * re * (near + (xx[i] / a[i] + yy[i] / b[i]) / (rc * r1));
        if (either) {
            double ab = a[i] * b[i], q = __builtin_sqrt(dd[i] / open[i]);
            double flat = dd[i] / ab * (2.0 * open[i] / ab * F.slope + F.value);
            double round = open[i] == 0.0 ? 0.0 : g[i] * q * (flat + xx[i] / a[i] + yy[i] / b[i]);
            t[0][i] = c[i] <= 0.0 ? round : t[0][i];
        }
    }
}

/* x; c -> d(0, x) = 2/sqrt(c) artanh(sqrt(c)|x|), by asinh as above with b = 1 */
CURVED_DIRECT_FUNCTION(dist0, 1, -1) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = curved_length(either, xx[i], a[i], 1.0, c[i]);
}

/* x; g, c -> gx; gc: d = 2|x|Z, dd/dx = 2x/(a|x|), dd/dc = 2|x|^3 Z' */
CURVED_FUNCTION(dist0_vjp, 2, 0) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    GK_SCALARS {
        double n = __builtin_sqrt(xx[i]), slope = 2.0 * g[i] / (a[i] * n);
        k[i] = n == 0.0 ? 0.0 : slope; /* the subgradient at 0 */
        t[0][i] = 2.0 * g[i] * n * xx[i] * curved_Z(either, c[i] * xx[i], a[i]).slope;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* x; c -> lambda = 2/a */
CURVED_DIRECT_FUNCTION(lambda_x, 1, -1) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = 2.0 / a[i];
}

/* x; g, c -> gx; gc: dlambda/da = -2/a^2, da/dx = -2c x, da/dc = -|x|^2 */
CURVED_FUNCTION(lambda_x_vjp, 2, 0) {
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
CURVED_DIRECT_FUNCTION(inner, 1, -1) {
    const double *c = s[0];
    gk_scalars a, xx, uv;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    GK_SCALARS t[0][i] = 4.0 * uv[i] / (a[i] * a[i]);
}

/* x, u, v; g, c -> gx, gu, gv; gc */
CURVED_FUNCTION(inner_vjp, 2, 0) {
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
CURVED_DIRECT_FUNCTION(norm, 1, -1) {
    const double *c = s[0];
    gk_scalars a, xx, n;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_LENGTH(n, in[1]);
    GK_SCALARS t[0][i] = 2.0 * n[i] / a[i];
}

/* x, u; g, c -> gx, gu; gc, with subgradient 0 at u = 0 */
CURVED_FUNCTION(norm_vjp, 2, 0) {
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
CURVED_DIRECT_FUNCTION(egrad2rgrad, 1, -1) {
    const double *c = s[0];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS k[i] = 0.25 * a[i] * a[i];
    GK_COMBINE(out[0], k[i] * GK_AT(in[1]));
}

/* g, x, u; c -> gx, gu; gc */
CURVED_FUNCTION(egrad2rgrad_vjp, 1, 0) {
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
    "dist", poincare_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 8, 0.6, &GK_BALL, 1};
static const gk_row_kernel POINCARE_DIST_VJP = {
    "dist_vjp", poincare_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 20, 1.2, &GK_BALL};
static const gk_row_kernel POINCARE_DIST0 = {
    "dist0", poincare_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_BALL, 1};
static const gk_row_kernel POINCARE_DIST0_VJP = {
    "dist0_vjp", poincare_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_LAMBDA_X = {
    "lambda_x", poincare_lambda_x, 1, 1, 0, 1, 0, {"x"}, {"c"}, 4, 0.3, &GK_BALL, 1};
static const gk_row_kernel POINCARE_LAMBDA_X_VJP = {
    "lambda_x_vjp", poincare_lambda_x_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 4, 0.6, &GK_BALL};
static const gk_row_kernel POINCARE_INNER = {
    "inner", poincare_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 4, 0.8, &GK_BALL, 1};
static const gk_row_kernel POINCARE_INNER_VJP = {
    "inner_vjp", poincare_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 4, 1.6, &GK_BALL};
static const gk_row_kernel POINCARE_NORM = {
    "norm", poincare_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 4, 0.5, &GK_BALL, 1};
static const gk_row_kernel POINCARE_NORM_VJP = {
    "norm_vjp", poincare_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 4, 1.0, &GK_BALL};
static const gk_row_kernel POINCARE_EGRAD2RGRAD = {
    "egrad2rgrad", poincare_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 4, 0.8, &GK_BALL, 1};
static const gk_row_kernel POINCARE_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", poincare_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 4, 1.2, &GK_BALL};

#endif
