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
#ifndef GK_SPHERE_H
#define GK_SPHERE_H

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

/* x, v; c -> cos(theta) x + S v, theta = sqrt(c)|v| */
GK_ROW_FUNCTION(sphere_expmap) {
    const double *c = s[0];
    gk_scalars n, of_x, of_v;
    SPHERE_CHECK(0, in[0], c);
    GK_LENGTH(n, in[1]);
    GK_SCALARS {
        double angle = __builtin_sqrt(c[i]) * n[i];
        of_x[i] = gk_cos(angle);
        of_v[i] = gk_sinc(angle);
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* g, x, v; c -> gx, gv; gc. H = dL/d(theta^2) = -S p_x/2 - gk_dsinc p_v */
GK_ROW_FUNCTION(sphere_expmap_vjp) {
    const double *c = s[0];
    gk_scalars n, px, pv, of_gx, of_gv, of_v;
    GK_LENGTH(n, in[2]);
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), pv, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double angle = __builtin_sqrt(c[i]) * n[i], H = -0.5 * gk_sinc(angle) * px[i] - gk_dsinc(angle) * pv[i];
        of_gx[i] = gk_cos(angle);
        of_gv[i] = gk_sinc(angle);
        of_v[i] = 2.0 * c[i] * H;
        t[0][i] = n[i] * (n[i] * H);
    }
    GK_COMBINE(out[0], of_gx[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], of_gv[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[2]));
}

/* v; c -> the same from the origin */
GK_ROW_FUNCTION(sphere_expmap0) {
    const double *c = s[0];
    gk_scalars n, k;
    SPHERE_FIRSTS(first, in[0]);
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]);
        k[i] = gk_sinc(rc * n[i]);
        first[i] = gk_cos(rc * n[i]) / rc + k[i] * first[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
    for (long i = 0; i < block->rows; i++) SPHERE_FIRST(out[0]) = first[i];
}

/* g, v; c -> gv; gc */
GK_ROW_FUNCTION(sphere_expmap0_vjp) {
    const double *c = s[0];
    gk_scalars n, p, k, of_v;
    SPHERE_FIRSTS(first, in[0]);
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), angle = rc * n[i], g1 = first[i] / rc;
        double H = -0.5 * gk_sinc(angle) * g1 - gk_dsinc(angle) * p[i];
        k[i] = gk_sinc(angle);
        of_v[i] = 2.0 * c[i] * H;
        t[0][i] = n[i] * (n[i] * H) - 0.5 * gk_cos(angle) * g1 / c[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* x, y; c -> m/S, m = delta - c<x, delta> x */
GK_ROW_FUNCTION(sphere_logmap) {
    const double *c = s[0];
    gk_scalars xd, of_d, of_x;
    SPHERE_CHECKED_SUMS(in[0], in[1], c);
    SPHERE_ANGLE;
    gk_require(block, 1, ss, &GK_ANTIPODE);
    GK_SUM(xd, GK_AT(in[0]) * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_SCALARS {
        of_d[i] = 1.0 / S[i];
        of_x[i] = c[i] * xd[i] / S[i];
    }
    GK_COMBINE(out[0], of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) - of_x[i] * GK_AT(in[0]));
}

/* g, x, y; c -> gx, gy; gc, with E = <g, m> d(1/S)/dcos(theta) 4/n2^2 and d(1/S)/dcos(theta) = -2 gk_dsinc/S^3 */
GK_ROW_FUNCTION(sphere_logmap_vjp) {
    const double *c = s[0];
    gk_scalars xd, px, pd, of_g, of_x, E;
    SPHERE_SUMS(in[1], in[2]);
    SPHERE_ANGLE;
    GK_SUM3(xd, GK_AT(in[1]) * (GK_AT(in[2]) - GK_AT(in[1])), px, GK_AT(in[0]) * GK_AT(in[1]), pd,
            GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS {
        double n2 = dd[i] + ss[i], pm = pd[i] - c[i] * xd[i] * px[i];
        E[i] = -8.0 * pm * gk_dsinc(theta[i]) / (S[i] * S[i] * S[i] * n2 * n2);
        of_g[i] = c[i] * xd[i] / S[i];
        of_x[i] = c[i] * px[i] / S[i];
        S[i] = 1.0 / S[i];
        t[0][i] = -S[i] * xd[i] * px[i];
    }
    GK_COMBINE(out[0], of_x[i] * (GK_AT(in[1]) + GK_AT(in[1]) - GK_AT(in[2])) - (S[i] + of_g[i]) * GK_AT(in[0]) +
                           E[i] * (dd[i] * (GK_AT(in[2]) + GK_AT(in[1])) + ss[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_COMBINE(out[1], S[i] * GK_AT(in[0]) - of_x[i] * GK_AT(in[1]) +
                           E[i] * (dd[i] * (GK_AT(in[2]) + GK_AT(in[1])) - ss[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
}

/* y; c -> theta/(sqrt(c) r) (0, y_2, ..., y_d), r the length of these coordinates */
GK_INLINE double sphere_ratio(double rest, double first) {
    double r = __builtin_sqrt(rest), ratio = sphere_angle(r, first) / r;
    return rest < 1e-300 ? 1.0 / first : ratio;
}

GK_ROW_FUNCTION(sphere_logmap0) {
    const double *c = s[0];
    gk_scalars rest, k, apart;
    SPHERE_CHECK(0, in[0], c);
    SPHERE_FIRSTS(first, in[0]);
    sphere_others(columns, block, &in[0], &in[0], rest);
    GK_SCALARS {
        apart[i] = rest[i] == 0.0 && first[i] < 0.0 ? 0.0 : 1.0;
        k[i] = sphere_ratio(rest[i], first[i]) / __builtin_sqrt(c[i]);
    }
    gk_require(block, 0, apart, &GK_ANTIPODE);
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
    for (long i = 0; i < block->rows; i++) SPHERE_FIRST(out[0]) = 0.0 * k[i];
}

/* g, y; c -> gy; gc. With the factor k: dk/dy_1 = -1/(sqrt(c) n2), dk/dr = (y_1/n2 - theta/r)/(sqrt(c) r). */
GK_ROW_FUNCTION(sphere_logmap0_vjp) {
    const double *c = s[0];
    gk_scalars rest, p, k, of_y;
    SPHERE_FIRSTS(first, in[1]);
    sphere_others(columns, block, &in[1], &in[1], rest);
    sphere_others(columns, block, &in[0], &in[1], p);
    GK_SCALARS {
        double y1 = first[i], n2 = rest[i] + y1 * y1, r = __builtin_sqrt(rest[i]), rc = __builtin_sqrt(c[i]);
        double ratio = sphere_ratio(rest[i], y1), slope = p[i] / r * (y1 / n2 - ratio) / (rc * r);
        k[i] = ratio / rc;
        of_y[i] = rest[i] < 1e-300 ? 0.0 : slope;
        first[i] = -p[i] / (rc * n2);
        t[0][i] = -0.5 * p[i] * k[i] / c[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_y[i] * GK_AT(in[1]));
    for (long i = 0; out[0].live && i < block->rows; i++) SPHERE_FIRST(out[0]) = first[i];
}

/* x, y; t, c -> alpha x + beta y, alpha = sin((1 - t) theta)/sin(theta),
 * beta = sin(t theta)/sin(theta) (Shoemake 1985) */
GK_ROW_FUNCTION(sphere_geodesic) {
    const double *time = s[0], *c = s[1];
    gk_scalars alpha, beta;
    SPHERE_CHECKED_SUMS(in[0], in[1], c);
    SPHERE_ANGLE;
    gk_require(block, 1, ss, &GK_ANTIPODE);
    GK_SCALARS {
        alpha[i] = (1.0 - time[i]) * gk_sinc((1.0 - time[i]) * theta[i]) / S[i];
        beta[i] = time[i] * gk_sinc(time[i] * theta[i]) / S[i];
    }
    GK_COMBINE(out[0], alpha[i] * GK_AT(in[0]) + beta[i] * GK_AT(in[1]));
}

/* t sinc(t theta)/S by theta^2 */
GK_INLINE double sphere_dsin(double t, double theta, double S) {
    return t * (gk_sinc(t * theta) * gk_dsinc(theta) / S - t * t * gk_dsinc(t * theta)) / S;
}

/* g, x, y; t, c -> gx, gy; gt, gc, with E = dL/dcos(theta) 4/n2^2 and dtheta^2/dcos(theta) = -2/S */
GK_ROW_FUNCTION(sphere_geodesic_vjp) {
    const double *time = s[0];
    gk_scalars px, py, alpha, beta, E;
    SPHERE_SUMS(in[1], in[2]);
    SPHERE_ANGLE;
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), py, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double n2 = dd[i] + ss[i], to = time[i], from = 1.0 - to;
        alpha[i] = from * gk_sinc(from * theta[i]) / S[i];
        beta[i] = to * gk_sinc(to * theta[i]) / S[i];
        E[i] = -8.0 / (S[i] * n2 * n2) *
               (px[i] * sphere_dsin(from, theta[i], S[i]) + py[i] * sphere_dsin(to, theta[i], S[i]));
        t[0][i] = (py[i] * gk_cos(to * theta[i]) - px[i] * gk_cos(from * theta[i])) / S[i];
        t[1][i] = 0.0;
    }
    GK_COMBINE(out[0], alpha[i] * GK_AT(in[0]) + E[i] * (dd[i] * (GK_AT(in[2]) + GK_AT(in[1])) +
                                                         ss[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_COMBINE(out[1], beta[i] * GK_AT(in[0]) + E[i] * (dd[i] * (GK_AT(in[2]) + GK_AT(in[1])) -
                                                        ss[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
}

/* x, y, v; c -> v - 2<y, v>/ss sigma, for v orthogonal to x */
GK_ROW_FUNCTION(sphere_transp) {
    const double *c = s[0];
    gk_scalars yv;
    SPHERE_CHECKED_SUMS(in[0], in[1], c);
    GK_SUM(yv, GK_AT(in[1]) * GK_AT(in[2]));
    gk_require(block, 1, ss, &GK_ANTIPODE);
    GK_SCALARS yv[i] = 2.0 * yv[i] / ss[i];
    GK_COMBINE(out[0], GK_AT(in[2]) - yv[i] * (GK_AT(in[1]) + GK_AT(in[0])));
}

/* g, x, y, v; c -> gx, gy, gv; gc, with G = 2<g, sigma>/ss and Y = 2<y, v>/ss */
GK_ROW_FUNCTION(sphere_transp_vjp) {
    gk_scalars ss, Y, G, sigma;
    GK_SUM3(ss, (GK_AT(in[2]) + GK_AT(in[1])) * (GK_AT(in[2]) + GK_AT(in[1])), Y, GK_AT(in[2]) * GK_AT(in[3]), G,
            GK_AT(in[0]) * (GK_AT(in[2]) + GK_AT(in[1])));
    GK_SCALARS {
        Y[i] = 2.0 * Y[i] / ss[i];
        G[i] = 2.0 * G[i] / ss[i];
        sigma[i] = Y[i] * G[i];
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], sigma[i] * (GK_AT(in[2]) + GK_AT(in[1])) - Y[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], sigma[i] * (GK_AT(in[2]) + GK_AT(in[1])) - Y[i] * GK_AT(in[0]) - G[i] * GK_AT(in[3]));
    GK_COMBINE(out[2], GK_AT(in[0]) - G[i] * GK_AT(in[2]));
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

/* x; c -> x/(sqrt(c)|x|) */
GK_ROW_FUNCTION(sphere_projx) {
    const double *c = s[0];
    gk_scalars n, k;
    GK_LENGTH(n, in[0]);
    gk_require(block, 0, n, &GK_NO_DIRECTION);
    GK_SCALARS k[i] = 1.0 / __builtin_sqrt(c[i]);
    GK_COMBINE(out[0], k[i] * (GK_AT(in[0]) / n[i]));
}

/* g, x; c -> gx; gc */
GK_ROW_FUNCTION(sphere_projx_vjp) {
    const double *c = s[0];
    gk_scalars n, p, k;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * (GK_AT(in[1]) / GK_OF(n)));
    GK_SCALARS {
        k[i] = 1.0 / (__builtin_sqrt(c[i]) * n[i]);
        t[0][i] = -0.5 * p[i] / (c[i] * __builtin_sqrt(c[i]));
    }
    GK_COMBINE(out[0], k[i] * (GK_AT(in[0]) - p[i] * (GK_AT(in[1]) / n[i])));
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
static const gk_row_kernel SPHERE_EXPMAP = {
    "expmap", sphere_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 12, 0.9, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_EXPMAP_VJP = {
    "expmap_vjp", sphere_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 16, 1.6, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_EXPMAP0 = {
    "expmap0", sphere_expmap0, 1, 1, 1, 0, 1, {"v"}, {"c"}, 12, 0.6, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_EXPMAP0_VJP = {
    "expmap0_vjp", sphere_expmap0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"c"}, 16, 0.9, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_LOGMAP = {
    "logmap", sphere_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 12, 1.2, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_LOGMAP_VJP = {
    "logmap_vjp", sphere_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 18, 2.0, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_LOGMAP0 = {
    "logmap0", sphere_logmap0, 1, 1, 1, 0, 0, {"y"}, {"c"}, 12, 0.8, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_LOGMAP0_VJP = {
    "logmap0_vjp", sphere_logmap0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"c"}, 16, 1.2, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_GEODESIC = {
    "geodesic", sphere_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 20, 1.2, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_GEODESIC_VJP = {
    "geodesic_vjp", sphere_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 40, 2.0, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_TRANSP = {
    "transp", sphere_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 4, 1.3, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_TRANSP_VJP = {
    "transp_vjp", sphere_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 4, 2.4, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_PROJX = {
    "projx", sphere_projx, 1, 1, 1, 0, 1, {"x"}, {"c"}, 4, 0.6, &GK_SPHERE_SURFACE};
static const gk_row_kernel SPHERE_PROJX_VJP = {
    "projx_vjp", sphere_projx_vjp, 2, 1, 1, 1, 0, {"g", "x"}, {"c"}, 4, 0.9, &GK_SPHERE_SURFACE};

#endif
