/* The sphere of radius 1/sqrt(c) in R^d. Points are vectors with c|x|^2 = 1, tangent vectors are orthogonal to them;
 * the origin is (1/sqrt(c), 0, ..., 0).
 *
 * With delta = y - x and sigma = x + y, dd and ss their squares and n2 = dd + ss, the angle between two points is
 * theta = 2 atan2(|delta|, |sigma|), which loses nothing for near points nor for antipodal ones, and
 * sin(theta) = 2|delta||sigma|/n2. All formulas are functions of ambient vectors,
 * and their gradients ambient gradients:
 *   dcos(theta) = 4 (dd <sigma, dx + dy> - ss <delta, dy - dx>)/n2^2.
 * S is sin(theta)/theta and gk_dsinc minus its derivative in theta^2; p_x stands for <g, x>.
 */
#ifndef GK_SPHERE_METRIC_H
#define GK_SPHERE_METRIC_H

#include "euclidean.h"
#include "gk_trig.h"

/* Rounding, and a few steps without projection, leave a point this close to the sphere. */
#define SPHERE_NOTE(operand, square, c)                                                                                \
    do {                                                                                                               \
        gk_scalars off;                                                                                                \
        GK_SCALARS off[i] = gk_abs((c)[i] * (square) - 1.0);                                                           \
        GK_SCALARS off[i] = off[i] > 1e-4 ? -off[i] : 1.0;                                                             \
        gk_inside(block, operand, off);                                                                                \
    } while (0)

#define SPHERE_CHECK(operand, x, c)                                                                                    \
    do {                                                                                                               \
        gk_scalars square;                                                                                             \
        GK_SUM(square, GK_AT(x) * GK_AT(x));                                                                           \
        SPHERE_NOTE(operand, square[i], c);                                                                            \
    } while (0)

/* Both points in one pass, with |y|^2 = n2/2 - |x|^2. */
#define SPHERE_CHECKED_SUMS(x, y, c)                                                                                   \
    gk_scalars xx, dd, ss;                                                                                             \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), dd, (GK_AT(y) - GK_AT(x)) * (GK_AT(y) - GK_AT(x)), ss,                            \
            (GK_AT(y) + GK_AT(x)) * (GK_AT(y) + GK_AT(x)));                                                            \
    SPHERE_NOTE(0, xx[i], c);                                                                                          \
    SPHERE_NOTE(1, 0.5 * (dd[i] + ss[i]) - xx[i], c)

#define SPHERE_SUMS(x, y)                                                                                              \
    gk_scalars dd, ss;                                                                                                 \
    GK_SUM2(dd, (GK_AT(y) - GK_AT(x)) * (GK_AT(y) - GK_AT(x)), ss, (GK_AT(y) + GK_AT(x)) * (GK_AT(y) + GK_AT(x)))

#define SPHERE_ANGLE                                                                                                   \
    gk_scalars theta, S;                                                                                               \
    GK_SCALARS {                                                                                                       \
        double p = __builtin_sqrt(dd[i]), q = __builtin_sqrt(ss[i]);                                                   \
        theta[i] = 2.0 * gk_atan2(p, q);                                                                               \
        S[i] = theta[i] < 1e-9 ? 1.0 : 2.0 * p * q / ((dd[i] + ss[i]) * theta[i]);                                     \
    }                                                                                                                  \
    (void)S

/* The first coordinate of each row: the place in row i, and all of them. */
#define SPHERE_FIRST(v) (*(columns ? &(v).col[i] : &(v).row[i][0]))
#define SPHERE_FIRSTS(first, v)                                                                                        \
    gk_scalars first;                                                                                                  \
    for (long i = 0; i < block->lanes; i++) first[i] = i < block->rows ? SPHERE_FIRST(v) : 1.0

/* The inner product of the other coordinates. */
GK_INLINE void sphere_others(const int columns, const gk_block *block, const gk_vec *u, const gk_vec *v, double *sum) {
    for (long i = 0; i < block->lanes; i++) sum[i] = 0.0;
    if (columns)
        for (long j = 1; j < block->d; j++) {
            GK_SIMD
            for (long i = 0; i < GK_BLOCK; i++) sum[i] += u->col[j * GK_BLOCK + i] * v->col[j * GK_BLOCK + i];
        }
    else
        for (long i = 0; i < block->rows; i++)
            for (long j = 1; j < block->d; j++) sum[i] += u->row[i][j] * v->row[i][j];
}

/* The angle of (first, others) from the first axis, where `others` is the length of the other coordinates. */
GK_INLINE double sphere_angle(double others, double first) {
    double sharp = gk_atan2(others, gk_abs(first));
    return first < 0.0 ? 2.0 * GK_PI_2 - sharp : sharp;
}

/* x, y; c -> theta/sqrt(c) */
GK_ROW_FUNCTION(sphere_dist) {
    const double *c = s[0];
    SPHERE_CHECKED_SUMS(in[0], in[1], c);
    SPHERE_ANGLE;
    GK_SCALARS t[0][i] = theta[i] / __builtin_sqrt(c[i]);
}

/* x, y; g, c -> gx, gy; gc: dtheta = 2 (|sigma| d|delta| - |delta| d|sigma|)/n2, with subgradient 0 where delta or
 * sigma vanishes */
GK_ROW_FUNCTION(sphere_dist_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_d, of_s;
    SPHERE_SUMS(in[0], in[1]);
    SPHERE_ANGLE;
    GK_SCALARS {
        double slope = 2.0 * g[i] / (__builtin_sqrt(c[i]) * (dd[i] + ss[i]));
        double p = __builtin_sqrt(dd[i]), q = __builtin_sqrt(ss[i]);
        of_d[i] = p == 0.0 ? 0.0 : slope * (q / p);
        of_s[i] = q == 0.0 ? 0.0 : -slope * (p / q);
        t[0][i] = -0.5 * g[i] * theta[i] / (c[i] * __builtin_sqrt(c[i]));
    }
    GK_COMBINE(out[0], of_s[i] * (GK_AT(in[1]) + GK_AT(in[0])) - of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_COMBINE(out[1], of_s[i] * (GK_AT(in[1]) + GK_AT(in[0])) + of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])));
}

/* x; c -> the distance from the origin */
GK_ROW_FUNCTION(sphere_dist0) {
    const double *c = s[0];
    gk_scalars rest;
    SPHERE_CHECK(0, in[0], c);
    SPHERE_FIRSTS(first, in[0]);
    sphere_others(columns, block, &in[0], &in[0], rest);
    GK_SCALARS t[0][i] = sphere_angle(__builtin_sqrt(rest[i]), first[i]) / __builtin_sqrt(c[i]);
}

/* x; g, c -> gx; gc: the angle's gradient is (-r, x_1 x_j/r)/(x_1^2 + r^2), r the length of the others */
GK_ROW_FUNCTION(sphere_dist0_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars rest, k;
    SPHERE_FIRSTS(first, in[0]);
    sphere_others(columns, block, &in[0], &in[0], rest);
    GK_SCALARS {
        double x1 = first[i], r = __builtin_sqrt(rest[i]), slope = g[i] / __builtin_sqrt(c[i]);
        k[i] = r == 0.0 ? 0.0 : slope * x1 / ((x1 * x1 + rest[i]) * r);
        first[i] = -slope * r / (x1 * x1 + rest[i]);
        t[0][i] = -0.5 * slope * sphere_angle(r, x1) / c[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
    for (long i = 0; out[0].live && i < block->rows; i++) SPHERE_FIRST(out[0]) = first[i];
}

/* x, u, v; c -> <u, v>; and the length of u. x counts only if it is NaN. */
GK_ROW_FUNCTION(sphere_inner) {
    const double *c = s[0];
    gk_scalars nothing;
    SPHERE_CHECK(0, in[0], c);
    GK_SUM2(t[0], GK_AT(in[1]) * GK_AT(in[2]), nothing, 0.0 * GK_AT(in[0]));
    GK_SCALARS t[0][i] += nothing[i];
}

GK_ROW_FUNCTION(sphere_norm) {
    const double *c = s[0];
    gk_scalars n, nothing;
    SPHERE_CHECK(0, in[0], c);
    GK_LENGTH(n, in[1]);
    GK_SUM(nothing, 0.0 * GK_AT(in[0]));
    GK_SCALARS t[0][i] = n[i] + nothing[i];
}

/* x, u; c -> u - c<x, u> x, the part of u tangent at x */
GK_ROW_FUNCTION(sphere_egrad2rgrad) {
    const double *c = s[0];
    gk_scalars xu;
    SPHERE_CHECK(0, in[0], c);
    GK_SUM(xu, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS xu[i] *= c[i];
    GK_COMBINE(out[0], GK_AT(in[1]) - xu[i] * GK_AT(in[0]));
}

/* g, x, u; c -> gx, gu; gc */
GK_ROW_FUNCTION(sphere_egrad2rgrad_vjp) {
    const double *c = s[0];
    gk_scalars xu, xg;
    GK_SUM2(xu, GK_AT(in[1]) * GK_AT(in[2]), xg, GK_AT(in[1]) * GK_AT(in[0]));
    GK_SCALARS {
        t[0][i] = -xu[i] * xg[i];
        xu[i] *= c[i];
        xg[i] *= c[i];
    }
    GK_COMBINE(out[0], -xu[i] * GK_AT(in[0]) - xg[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], GK_AT(in[0]) - xg[i] * GK_AT(in[1]));
}

static const gk_row_kernel SPHERE_DIST = {
    "dist", sphere_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 10, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_DIST_VJP = {
    "dist_vjp", sphere_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 12, 1.2, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_DIST0 = {
    "dist0", sphere_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 10, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_DIST0_VJP = {
    "dist0_vjp", sphere_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_INNER = {
    "inner", sphere_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 2, 1.0, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_NORM = {
    "norm", sphere_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 2, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_INNER_VJP = {
    "inner_vjp", euclidean_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 2, 1.2, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_NORM_VJP = {
    "norm_vjp", euclidean_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 4, 1.0, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_EGRAD2RGRAD = {
    "egrad2rgrad", sphere_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 4, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", sphere_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 4, 1.2, &GK_SPHERE_SURFACE};

#endif
