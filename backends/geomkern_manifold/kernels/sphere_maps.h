/* Exponential and logarithmic maps, geodesics and transport of the sphere, and the projection on it.
 * Notation as in sphere_metric.h. */
#ifndef GK_SPHERE_MAPS_H
#define GK_SPHERE_MAPS_H

#include "sphere_metric.h"

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
