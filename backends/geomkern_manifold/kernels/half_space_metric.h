/* Distances, norms and metric factors of the half-space of curvature -c, with the metric |dx|^2/(c h^2).
 *
 * The last coordinate of a point x is its height h, that of y is k; a prime drops the last coordinate, n is its index,
 * e_n its axis. delta = y - x, N = |delta|, z = N/(2 sqrt(hk)). Then
 *   sqrt(c) d = r = 2 asinh(z),   M^2 = N^2 + 4hk = |y - (x', -h)|^2.
 * Only the metric knows c: geodesics, the maps and the transport do not. All is invariant under x -> sx, and heights
 * and coordinates of any size are welcome: nothing is squared that could overflow.
 */
#ifndef GK_HALF_SPACE_METRIC_H
#define GK_HALF_SPACE_METRIC_H

#include "domains.h"

#define HALF_SPACE_LAST (block->d - 1)

/* Do something with the first d - 1 coordinates only. */
#define HALF_SPACE_FLAT(STATEMENT)                                                                                     \
    do {                                                                                                               \
        gk_block part = *block;                                                                                        \
        part.d--;                                                                                                      \
        gk_block *const whole = block;                                                                                 \
        block = &part;                                                                                                 \
        STATEMENT;                                                                                                     \
        block = whole;                                                                                                 \
    } while (0)

#define HALF_SPACE_PAIR(x, y)                                                                                          \
    gk_scalars h, k, N, z, r, M;                                                                                       \
    GK_TAKE(h, x, HALF_SPACE_LAST);                                                                                    \
    GK_TAKE(k, y, HALF_SPACE_LAST);                                                                                    \
    GK_LENGTH_OF(N, GK_AT(y) - GK_AT(x));                                                                              \
    GK_SCALARS {                                                                                                       \
        double middle = __builtin_sqrt(h[i]) * __builtin_sqrt(k[i]);                                                   \
        z[i] = N[i] / (2.0 * middle);                                                                                  \
        r[i] = 2.0 * gk_asinh(z[i]);                                                                                   \
        M[i] = z[i] > 1.0 ? N[i] * __builtin_sqrt(1.0 + 1.0 / z[i] / z[i])                                             \
                          : 2.0 * middle * __builtin_sqrt(1.0 + z[i] * z[i]);                                          \
    }                                                                                                                  \
    for (long i = 0; i < block->rows; i++) /* where z has overflown: asinh(z) is the logarithm of 2z */                \
        if (z[i] > 1e150) r[i] = 2.0 * gk_log(N[i]) - (gk_log(h[i]) + gk_log(k[i]));                                   \
    gk_inside(block, 0, h);                                                                                            \
    gk_inside(block, 1, k)

/* x, y; c -> d */
GK_DIRECT_ROW_FUNCTION(half_space_dist) {
    const double *c = s[0];
    HALF_SPACE_PAIR(in[0], in[1]);
    GK_SCALARS {
        t[0][i] = r[i] / __builtin_sqrt(c[i]);
        (void)M[i];
    }
}

/* x, y; g, c -> gx, gy; gc: minus the unit tangents towards the other end, lowered:
 * sqrt(c) dd/dx = -(2h/M delta/N + N/M e_n)/h, sqrt(c) dd/dy = (2k/M delta/N - N/M e_n)/k. */
GK_ROW_FUNCTION(half_space_dist_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars along, x_last, y_last;
    HALF_SPACE_PAIR(in[0], in[1]);
    GK_SCALARS {
        double slope = g[i] / __builtin_sqrt(c[i]), rise = slope * (N[i] / M[i]);
        along[i] = 2.0 * slope / M[i];
        t[0][i] = -0.5 * slope * r[i] / c[i];
        N[i] = N[i] == 0.0 ? 1.0 : N[i]; /* the subgradient at x = y */
        double climb = (k[i] - h[i]) / N[i] * along[i];
        x_last[i] = -climb - rise / h[i];
        y_last[i] = climb - rise / k[i];
    }
    GK_COMBINE(out[0], -along[i] * ((GK_AT(in[1]) - GK_AT(in[0])) / N[i]));
    GK_COMBINE(out[1], along[i] * ((GK_AT(in[1]) - GK_AT(in[0])) / N[i]));
    GK_PUT(out[0], HALF_SPACE_LAST, x_last[i]);
    GK_PUT(out[1], HALF_SPACE_LAST, y_last[i]);
}

/* x; c -> 1/(sqrt(c) h) */
GK_DIRECT_ROW_FUNCTION(half_space_lambda_x) {
    const double *c = s[0];
    gk_scalars h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    gk_inside(block, 0, h);
    GK_SCALARS t[0][i] = 1.0 / (__builtin_sqrt(c[i]) * h[i]);
}

/* x; g, c -> gx; gc */
GK_ROW_FUNCTION(half_space_lambda_x_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars h, of_h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_SCALARS {
        double term = g[i] / (__builtin_sqrt(c[i]) * h[i]);
        of_h[i] = -term / h[i];
        t[0][i] = -0.5 * term / c[i];
    }
    GK_COMBINE(out[0], 0.0);
    GK_PUT(out[0], HALF_SPACE_LAST, of_h[i]);
}

/* x, u, v; c -> <u, v>/(c h^2) */
GK_DIRECT_ROW_FUNCTION(half_space_inner) {
    const double *c = s[0];
    gk_scalars h, uv;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    gk_inside(block, 0, h);
    GK_SCALARS t[0][i] = uv[i] / h[i] / h[i] / c[i];
}

/* x, u, v; g, c -> gx, gu, gv; gc */
GK_ROW_FUNCTION(half_space_inner_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars h, uv, scale, of_h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    GK_SCALARS {
        double term = g[i] * uv[i] / h[i] / h[i] / c[i];
        scale[i] = g[i] / h[i] / h[i] / c[i];
        of_h[i] = -2.0 * term / h[i];
        t[0][i] = -term / c[i];
    }
    GK_COMBINE(out[0], 0.0);
    GK_PUT(out[0], HALF_SPACE_LAST, of_h[i]);
    GK_COMBINE(out[1], scale[i] * GK_AT(in[2]));
    GK_COMBINE(out[2], scale[i] * GK_AT(in[1]));
}

/* x, u; c -> |u|/(sqrt(c) h) */
GK_DIRECT_ROW_FUNCTION(half_space_norm) {
    const double *c = s[0];
    gk_scalars h, n;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_LENGTH(n, in[1]);
    gk_inside(block, 0, h);
    GK_SCALARS t[0][i] = n[i] / (__builtin_sqrt(c[i]) * h[i]);
}

/* x, u; g, c -> gx, gu; gc, with subgradient 0 at u = 0 */
GK_ROW_FUNCTION(half_space_norm_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars h, n, scale, of_h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_LENGTH(n, in[1]);
    GK_SCALARS {
        scale[i] = g[i] / (__builtin_sqrt(c[i]) * h[i]);
        of_h[i] = -scale[i] * (n[i] / h[i]);
        t[0][i] = -0.5 * scale[i] * n[i] / c[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
    }
    GK_COMBINE(out[0], 0.0);
    GK_PUT(out[0], HALF_SPACE_LAST, of_h[i]);
    GK_COMBINE(out[1], scale[i] * (GK_AT(in[1]) / n[i]));
}

/* x, u; c -> c h^2 u */
GK_DIRECT_ROW_FUNCTION(half_space_egrad2rgrad) {
    const double *c = s[0];
    gk_scalars h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    gk_inside(block, 0, h);
    GK_COMBINE(out[0], c[i] * h[i] * (h[i] * GK_AT(in[1])));
}

/* g, x, u; c -> gx, gu; gc */
GK_ROW_FUNCTION(half_space_egrad2rgrad_vjp) {
    const double *c = s[0];
    gk_scalars h, gu, of_h;
    GK_TAKE(h, in[1], HALF_SPACE_LAST);
    GK_SUM(gu, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        of_h[i] = 2.0 * c[i] * h[i] * gu[i];
        t[0][i] = h[i] * (h[i] * gu[i]);
    }
    GK_COMBINE(out[0], 0.0);
    GK_PUT(out[0], HALF_SPACE_LAST, of_h[i]);
    GK_COMBINE(out[1], c[i] * h[i] * (h[i] * GK_AT(in[0])));
}

/* x; floor, c -> x, its height at least `floor`; with the floor 0 the driver lifts what lies outside to the smallest
 * normal number. */
GK_DIRECT_ROW_FUNCTION(half_space_projx) {
    const double *floor = s[0];
    gk_scalars h;
    GK_TAKE(h, in[0], HALF_SPACE_LAST);
    GK_SCALARS {
        h[i] = h[i] < floor[i] ? floor[i] : h[i];
        t[0][i] = h[i] <= 0.0 ? 0.0 : 1.0;
    }
    GK_COMBINE(out[0], GK_AT(in[0]));
    GK_PUT(out[0], HALF_SPACE_LAST, h[i]);
}

/* g, x; floor, c -> gx; gfloor, gc */
GK_ROW_FUNCTION(half_space_projx_vjp) {
    const double *floor = s[0];
    gk_scalars h, g;
    GK_TAKE(h, in[1], HALF_SPACE_LAST);
    GK_TAKE(g, in[0], HALF_SPACE_LAST);
    GK_SCALARS {
        int raised = floor[i] > 0.0 ? h[i] < floor[i] : h[i] <= 0.0;
        t[0][i] = raised ? g[i] : 0.0;
        t[1][i] = 0.0;
        g[i] = raised ? 0.0 : g[i];
    }
    GK_COMBINE(out[0], GK_AT(in[0]));
    GK_PUT(out[0], HALF_SPACE_LAST, g[i]);
}

static const gk_row_kernel HALF_SPACE_DIST = {
    "dist", half_space_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 10, 0.5, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_DIST_VJP = {
    "dist_vjp", half_space_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 16, 1.0, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_LAMBDA_X = {
    "lambda_x", half_space_lambda_x, 1, 1, 0, 1, 0, {"x"}, {"c"}, 2, 0.2, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_LAMBDA_X_VJP = {
    "lambda_x_vjp", half_space_lambda_x_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 3, 0.4, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_INNER = {
    "inner", half_space_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 3, 0.7, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_INNER_VJP = {
    "inner_vjp", half_space_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 4, 1.4, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_NORM = {
    "norm", half_space_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 3, 0.4, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_NORM_VJP = {
    "norm_vjp", half_space_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 4, 0.9, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_EGRAD2RGRAD = {
    "egrad2rgrad", half_space_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 3, 0.7, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", half_space_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 4, 1.2, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_PROJX = {
    "projx", half_space_projx, 1, 2, 1, 0, 1, {"x"}, {"eps", "c"}, 3, 0.4, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_PROJX_VJP = {
    "projx_vjp", half_space_projx_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"eps", "c"}, 3, 0.7, &GK_HALF_SPACE};

#endif
