/* Flat space: the vocabulary of the curved models, for products of manifolds. The last scalar, which holds the others'
 * curvature, does nothing and has the gradient 0.
 * An operand that a result does not depend on counts only if it is NaN. */
#ifndef GK_EUCLIDEAN_H
#define GK_EUCLIDEAN_H

#include "domains.h"

/* x, y; c -> |y - x|, and |x|; with subgradients 0 at 0 */
GK_ROW_FUNCTION(euclidean_dist) {
    gk_scalars dd;
    (void)s;
    GK_SUM(dd, (GK_AT(in[1]) - GK_AT(in[0])) * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_SCALARS t[0][i] = __builtin_sqrt(dd[i]);
}

GK_ROW_FUNCTION(euclidean_dist_vjp) {
    const double *g = s[0];
    gk_scalars slope;
    GK_SUM(slope, (GK_AT(in[1]) - GK_AT(in[0])) * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_SCALARS {
        slope[i] = slope[i] == 0.0 ? 0.0 : g[i] / __builtin_sqrt(slope[i]);
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], slope[i] * (GK_AT(in[0]) - GK_AT(in[1])));
    GK_COMBINE(out[1], slope[i] * (GK_AT(in[1]) - GK_AT(in[0])));
}

GK_ROW_FUNCTION(euclidean_dist0) {
    (void)s;
    GK_LENGTH(t[0], in[0]);
}

GK_ROW_FUNCTION(euclidean_dist0_vjp) {
    const double *g = s[0];
    gk_scalars n;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], g[i] * (GK_AT(in[0]) / n[i]));
}

/* x, u, v; c -> <u, v> */
GK_ROW_FUNCTION(euclidean_inner) {
    gk_scalars nothing;
    (void)s;
    GK_SUM2(t[0], GK_AT(in[1]) * GK_AT(in[2]), nothing, 0.0 * GK_AT(in[0]));
    GK_SCALARS t[0][i] += nothing[i];
}

GK_ROW_FUNCTION(euclidean_inner_vjp) {
    const double *g = s[0];
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], 0.0 * GK_AT(in[0]));
    GK_COMBINE(out[1], g[i] * GK_AT(in[2]));
    GK_COMBINE(out[2], g[i] * GK_AT(in[1]));
}

/* x, u; c -> |u| */
GK_ROW_FUNCTION(euclidean_norm) {
    gk_scalars nothing;
    (void)s;
    GK_LENGTH(t[0], in[1]);
    GK_SUM(nothing, 0.0 * GK_AT(in[0]));
    GK_SCALARS t[0][i] += nothing[i];
}

GK_ROW_FUNCTION(euclidean_norm_vjp) {
    const double *g = s[0];
    gk_scalars n;
    GK_LENGTH(n, in[1]);
    GK_SCALARS {
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], 0.0 * GK_AT(in[0]));
    GK_COMBINE(out[1], g[i] * (GK_AT(in[1]) / n[i]));
}

/* x, u; c -> u */
GK_ROW_FUNCTION(euclidean_egrad2rgrad) {
    (void)s, (void)t;
    GK_COMBINE(out[0], GK_AT(in[1]) + 0.0 * GK_AT(in[0]));
}

GK_ROW_FUNCTION(euclidean_egrad2rgrad_vjp) {
    (void)s;
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], 0.0 * GK_AT(in[0]));
    GK_COMBINE(out[1], GK_AT(in[0]));
}

/* x, u; c -> x + u */
GK_ROW_FUNCTION(euclidean_expmap) {
    (void)s, (void)t;
    GK_COMBINE(out[0], GK_AT(in[0]) + GK_AT(in[1]));
}

GK_ROW_FUNCTION(euclidean_expmap_vjp) {
    (void)s;
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], GK_AT(in[0]));
    GK_COMBINE(out[1], GK_AT(in[0]));
}

/* x, y; c -> y - x */
GK_ROW_FUNCTION(euclidean_logmap) {
    (void)s, (void)t;
    GK_COMBINE(out[0], GK_AT(in[1]) - GK_AT(in[0]));
}

GK_ROW_FUNCTION(euclidean_logmap_vjp) {
    (void)s;
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], -GK_AT(in[0]));
    GK_COMBINE(out[1], GK_AT(in[0]));
}

/* v; c -> v, both maps at the origin */
GK_ROW_FUNCTION(euclidean_map0) {
    (void)s, (void)t;
    GK_COMBINE(out[0], GK_AT(in[0]));
}

GK_ROW_FUNCTION(euclidean_map0_vjp) {
    (void)s;
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], GK_AT(in[0]));
}

/* x, y; t, c -> (1 - t) x + t y */
GK_ROW_FUNCTION(euclidean_geodesic) {
    const double *time = s[0];
    (void)t;
    GK_COMBINE(out[0], (1.0 - time[i]) * GK_AT(in[0]) + time[i] * GK_AT(in[1]));
}

GK_ROW_FUNCTION(euclidean_geodesic_vjp) {
    const double *time = s[0];
    GK_SUM(t[0], GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS t[1][i] = 0.0;
    GK_COMBINE(out[0], (1.0 - time[i]) * GK_AT(in[0]));
    GK_COMBINE(out[1], time[i] * GK_AT(in[0]));
}

/* x, y, v; c -> v */
GK_ROW_FUNCTION(euclidean_transp) {
    (void)s, (void)t;
    GK_COMBINE(out[0], GK_AT(in[2]) + 0.0 * (GK_AT(in[0]) + GK_AT(in[1])));
}

GK_ROW_FUNCTION(euclidean_transp_vjp) {
    (void)s;
    GK_SCALARS t[0][i] = 0.0;
    GK_COMBINE(out[0], 0.0 * GK_AT(in[0]));
    GK_COMBINE(out[1], 0.0 * GK_AT(in[1]));
    GK_COMBINE(out[2], GK_AT(in[0]));
}

static const gk_row_kernel EUCLIDEAN_DIST = {
    "dist", euclidean_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_DIST_VJP = {
    "dist_vjp", euclidean_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 2, 1, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_DIST0 = {
    "dist0", euclidean_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 2, 0.4, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_DIST0_VJP = {
    "dist0_vjp", euclidean_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_INNER = {
    "inner", euclidean_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 2, 0.9, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_INNER_VJP = {
    "inner_vjp", euclidean_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 2, 1.2, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_NORM = {
    "norm", euclidean_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 2, 0.7, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_NORM_VJP = {
    "norm_vjp", euclidean_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 2, 1, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EGRAD2RGRAD = {
    "egrad2rgrad", euclidean_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", euclidean_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 2, 0.8, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EXPMAP = {
    "expmap", euclidean_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EXPMAP_VJP = {
    "expmap_vjp", euclidean_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 2, 0.8, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_LOGMAP = {
    "logmap", euclidean_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_LOGMAP_VJP = {
    "logmap_vjp", euclidean_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 2, 0.8, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EXPMAP0 = {
    "expmap0", euclidean_map0, 1, 1, 1, 0, 1, {"v"}, {"c"}, 2, 0.4, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_EXPMAP0_VJP = {
    "expmap0_vjp", euclidean_map0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"c"}, 2, 0.5, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_LOGMAP0 = {
    "logmap0", euclidean_map0, 1, 1, 1, 0, 0, {"y"}, {"c"}, 2, 0.4, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_LOGMAP0_VJP = {
    "logmap0_vjp", euclidean_map0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"c"}, 2, 0.5, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_GEODESIC = {
    "geodesic", euclidean_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 2, 0.6, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_GEODESIC_VJP = {
    "geodesic_vjp", euclidean_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 2, 1, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_TRANSP = {
    "transp", euclidean_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 2, 0.8, &GK_FLAT};
static const gk_row_kernel EUCLIDEAN_TRANSP_VJP = {
    "transp_vjp", euclidean_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 2, 1, &GK_FLAT};

#endif
