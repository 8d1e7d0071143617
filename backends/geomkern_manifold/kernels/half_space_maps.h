/* Exponential and logarithmic maps, geodesics and transport of the half-space: the same for every c. Notation as in
 * half_space_metric.h.
 *
 * The unit tangent at x towards y is T_x = 2h/M delta/N + N/M e_n in units of h, the one that arrives at y is
 * T_y = 2k/M delta/N - N/M e_n in units of k. Parallel transport from x to y is P = (k/h) H J, where J changes the sign
 * of the last coordinate and H reflects along m = y - (x', -h) = delta + 2h e_n, |m| = M: a rotation by the angle that
 * the geodesic, a half-circle, turns. The backward kernels use Jacobi fields: along a geodesic of length r what is
 * parallel to it moves along, and what is orthogonal grows by cosh and sinh. With g_T = <g, T>, S = sinh(r)/r:
 *   dexp_x(v)[dv] = P (dv_parallel + S dv_orthogonal),
 * and every covector g at y comes back to x as P^T g = (k/h) J H g.
 */
#ifndef GK_HALF_SPACE_MAPS_H
#define GK_HALF_SPACE_MAPS_H

#include "half_space_metric.h"
#include "sinh_ratios.h"

/* sqrt(c) times the longest step; the numbers reach no farther from a middling height */
#define HALF_SPACE_LONGEST 700.0

/* Whether the height and the reach of a point are far from the ends of both types, so that it needs no pulling. */
GK_INLINE double half_space_ease(double height) { return height > 1e-37 && height < 1e37 ? 1.0 : 0.0; }

/* 1/D = height at distance tau, seen from height 1, of the ray whose unit tangent has the flat length `flat` and the
 * last coordinate `up`: D = cosh(tau) - up sinh(tau) = e^-tau + (1 - up) sinh(tau), where 1 - up cancels upwards. */
GK_INLINE double half_space_fall(double tau, double flat, double up) {
    double down = up > 0.0 ? flat * (flat / (1.0 + up)) : 1.0 - up;
    return gk_exp(-tau) + down * gk_sinh(tau);
}

/* x, v; D, q with exp_x v = (x' + q v', h/D), q = S/D; flat = |v'|, n = |v| and up, the last coordinate of v */
#define HALF_SPACE_EXP(x, v)                                                                                           \
    gk_scalars h, up, flat, n, S, D, q;                                                                                \
    GK_TAKE(h, x, HALF_SPACE_LAST);                                                                                    \
    GK_TAKE(up, v, HALF_SPACE_LAST);                                                                                   \
    HALF_SPACE_FLAT(GK_LENGTH(flat, v));                                                                               \
    gk_inside(block, 0, h);                                                                                            \
    GK_SCALARS {                                                                                                       \
        double size = gk_abs(up[i]), large = flat[i] > size ? flat[i] : size, small = flat[i] > size ? size : flat[i]; \
        double ratio = large == 0.0 ? 0.0 : small / large;                                                             \
        n[i] = large * __builtin_sqrt(1.0 + ratio * ratio);                                                            \
        double length = n[i] / h[i], tau = gk_at_most(length, HALF_SPACE_LONGEST), one = n[i] == 0.0 ? 1.0 : n[i];     \
        D[i] = half_space_fall(tau, flat[i] / one, up[i] / one);                                                       \
        S[i] = length == 0.0 ? 1.0 : gk_sinh(tau) / length;                                                            \
        q[i] = gk_at_most(S[i] / D[i], 1e300); /* straight up it meets no flat part */                                 \
    }

GK_DIRECT_ROW_FUNCTION(half_space_expmap) {
    gk_scalars height;
    HALF_SPACE_EXP(in[0], in[1]);
    GK_SCALARS {
        height[i] = h[i] / D[i];
        t[0][i] = half_space_ease(height[i]) * half_space_ease(1.0 + q[i] * flat[i]);
    }
    GK_COMBINE(out[0], GK_AT(in[0]) + q[i] * GK_AT(in[1]));
    GK_PUT(out[0], HALF_SPACE_LAST, height[i]);
}

/* g, x, v; c -> gx, gv; gc. Shifts of x shift y, and scaling x and v scales y: gx' = g' and
 * h gx_n = <g, y' - x'> + k g_n - <gv, v>. */
GK_ROW_FUNCTION(half_space_expmap_vjp) {
    gk_scalars p, gn, of_g, of_v, x_last, v_last;
    HALF_SPACE_EXP(in[1], in[2]);
    GK_TAKE(gn, in[0], HALF_SPACE_LAST);
    HALF_SPACE_FLAT(GK_SUM(p, GK_AT(in[0]) * GK_AT(in[2])));
    GK_SCALARS {
        double k = h[i] / D[i], both = h[i] + k, way = q[i] / both, slant = way * flat[i];
        double turn = 2.0 * (way * p[i] + gn[i]) / (1.0 + slant * slant); /* (h + k) times the factor of m in H g */
        double last = (turn - gn[i]) / D[i], unit = n[i] == 0.0 ? 1.0 : n[i];
        double beside = (p[i] - turn * (slant * flat[i])) / unit / D[i], climb = up[i] / unit;
        double level = n[i] == 0.0 ? 1.0 : flat[i] / unit; /* any direction does at v = 0 */
        double along = beside + last * climb; /* <P^T g, v>/|v| */
        double stretch = (1.0 - S[i]) * along / unit;
        of_g[i] = q[i];
        of_v[i] = stretch - q[i] * turn * way;
        v_last[i] = along * climb + S[i] * (last * level * level - beside * climb);
        x_last[i] = (q[i] * p[i] - along * n[i]) / h[i] + gn[i] / D[i];
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], GK_AT(in[0]));
    GK_PUT(out[0], HALF_SPACE_LAST, x_last[i]);
    GK_COMBINE(out[1], of_g[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[2]));
    GK_PUT(out[1], HALF_SPACE_LAST, v_last[i]);
}

/* x, y; c -> log_x y = h r T_x */
GK_DIRECT_ROW_FUNCTION(half_space_logmap) {
    gk_scalars of_d, last;
    HALF_SPACE_PAIR(in[0], in[1]);
    GK_SCALARS {
        double pace = N[i] == 0.0 ? 1.0 / __builtin_sqrt(h[i]) / __builtin_sqrt(k[i]) : r[i] / N[i]; /* r/N */
        of_d[i] = h[i] * (2.0 * (h[i] / M[i])) * pace;
        last[i] = of_d[i] * (k[i] - h[i]) + h[i] * (r[i] * (N[i] / M[i]));
        (void)z[i];
    }
    GK_COMBINE(out[0], of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_PUT(out[0], HALF_SPACE_LAST, last[i]);
}

/* g, x, y; c -> gx, gy; gc. With C = r coth(r) and the Christoffel symbols of the metric,
 *   gx = (r T_n - C) g + ((C - 1) g_T - r g_n) T + r g_T e_n,   gy = (h/k) (1/S H J g + (1 - 1/S) g_T T_y). */
GK_ROW_FUNCTION(half_space_logmap_vjp) {
    gk_scalars gd, gn, x_g, x_d, x_last, y_g, y_d, y_last;
    HALF_SPACE_PAIR(in[1], in[2]);
    GK_TAKE(gn, in[0], HALF_SPACE_LAST);
    GK_SUM(gd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS {
        double rise = N[i] / M[i], unit = N[i] == 0.0 ? 1.0 : N[i], climb = k[i] - h[i], zz = z[i] * z[i];
        double way = N[i] == 0.0 ? 0.0 : 2.0 * (h[i] / M[i]) / unit, arrive = way * (k[i] / h[i]); /* of delta in T */
        double root = __builtin_sqrt(1.0 + zz), sinh = 2.0 * z[i] * root; /* sinh r, and cosh r = 1 + 2z^2 */
        double C = z[i] == 0.0 ? 1.0 : z[i] > 1e8 ? r[i] : r[i] * ((1.0 + 2.0 * zz) / sinh);
        double inverse = z[i] == 0.0 ? 1.0 : z[i] > 1e150 ? 0.0 : r[i] / sinh; /* 1/S */
        double T = way * climb + rise, gT = way * gd[i] + rise * gn[i], of_T = (C - 1.0) * gT - r[i] * gn[i];
        double turn = 2.0 * (gd[i] / M[i] - 2.0 * (k[i] / M[i]) * gn[i]) / M[i], ratio = h[i] / k[i];
        double rest = (1.0 - inverse) * gT;
        x_g[i] = r[i] * T - C;
        x_d[i] = of_T * way;
        x_last[i] = x_g[i] * gn[i] + of_T * T + r[i] * gT;
        y_g[i] = ratio * inverse;
        y_d[i] = ratio * (rest * arrive - inverse * turn);
        y_last[i] = ratio * (rest * (arrive * climb - rise) - inverse * (gn[i] + turn * (h[i] + k[i])));
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], x_g[i] * GK_AT(in[0]) + x_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_PUT(out[0], HALF_SPACE_LAST, x_last[i]);
    GK_COMBINE(out[1], y_g[i] * GK_AT(in[0]) + y_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_PUT(out[1], HALF_SPACE_LAST, y_last[i]);
}

/* x, y; t -> the point at time t, (x' + kappa delta', l). On the hyperboloid it is alpha X + beta Y with
 * alpha = sinh((1 - t) r)/sinh(r), beta = sinh(t r)/sinh(r), and 1/h is linear there, and x'/h: for 0 <= t <= 1
 *   l = hk/w, kappa = beta h/w, w = alpha k + beta h.
 * Outside that cancels, and the point is on the ray that leaves at the nearer end: see half_space_fall.
 * kappa_y = kappa - 1 is found on its own. */
#define HALF_SPACE_GEODESIC_CORE(x, y, time)                                                                           \
    gk_scalars flat, alpha, beta, l, kappa, kappa_y;                                                                   \
    HALF_SPACE_PAIR(x, y);                                                                                             \
    HALF_SPACE_FLAT(GK_LENGTH_OF(flat, GK_AT(y) - GK_AT(x)));                                                          \
    GK_SCALARS {                                                                                                       \
        double at = (time)[i], unit = N[i] == 0.0 ? 1.0 : N[i];                                                        \
        alpha[i] = sinh_share(1.0 - at, r[i]);                                                                         \
        beta[i] = sinh_share(at, r[i]);                                                                                \
        double from_x = alpha[i] * k[i], from_y = beta[i] * h[i], w = from_x + from_y;                                 \
        double foot = at > 1.0 ? k[i] : h[i], away = at > 1.0 ? at - 1.0 : -at;                                        \
        double tau = gk_at_most(away * r[i], HALF_SPACE_LONGEST), way = 2.0 * (foot / M[i]) / unit;                    \
        double climb = at > 1.0 ? k[i] - h[i] : h[i] - k[i];                                                           \
        double fall = half_space_fall(tau, way * flat[i], N[i] == 0.0 ? 0.0 : way * climb - N[i] / M[i]);              \
        double beyond = foot * way * gk_sinh(tau) / fall;                                                              \
        int inside = away <= 0.0;                                                                                      \
        l[i] = inside ? h[i] * (k[i] / w) : foot / fall;                                                               \
        kappa[i] = inside ? from_y / w : at > 1.0 ? 1.0 + beyond : -beyond;                                            \
        kappa_y[i] = inside ? -from_x / w : at > 1.0 ? beyond : -beyond - 1.0;                                         \
    }

GK_DIRECT_ROW_FUNCTION(half_space_geodesic) {
    const double *time = s[0];
    HALF_SPACE_GEODESIC_CORE(in[0], in[1], time);
    GK_SCALARS {
        t[0][i] = half_space_ease(l[i]) * half_space_ease(1.0 + gk_abs(kappa[i]) * flat[i]);
        kappa[i] = time[i] > 0.5 ? kappa_y[i] : kappa[i];
        (void)z[i];
    }
    GK_COMBINE(out[0], (time[i] > 0.5 ? GK_AT(in[1]) : GK_AT(in[0])) + kappa[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_PUT(out[0], HALF_SPACE_LAST, l[i]);
}

/* g, x, y; t, c -> gx, gy; gt, gc. With T at the point and P to it from x, from y,
 *   gx = P_x^T ((1 - t) g_parallel + alpha g_orthogonal),  gy = P_y^T (t g_parallel + beta g_orthogonal),
 *   gt = l r g_T. */
GK_ROW_FUNCTION(half_space_geodesic_vjp) {
    const double *time = s[0];
    gk_scalars p, gn, x_g, x_d, x_last, y_g, y_d, y_last;
    HALF_SPACE_GEODESIC_CORE(in[1], in[2], time);
    GK_TAKE(gn, in[0], HALF_SPACE_LAST);
    HALF_SPACE_FLAT(GK_SUM(p, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_SCALARS {
        double unit = N[i] == 0.0 ? 1.0 : N[i], rise = N[i] / M[i], climb = k[i] - h[i];
        double way = N[i] == 0.0 ? 0.0 : 2.0 * (h[i] / M[i]) / unit, arrive = way * (k[i] / h[i]);
        double up_x = way * climb + rise, up_y = arrive * climb - rise;
        double both_x = h[i] + l[i], both_y = k[i] + l[i], to_x = kappa[i] / both_x, to_y = kappa_y[i] / both_y;
        double slant_x = to_x * flat[i], slant_y = to_y * flat[i];
        double turn_x = 2.0 * (to_x * p[i] + gn[i]) / (1.0 + slant_x * slant_x);
        double turn_y = 2.0 * (to_y * p[i] + gn[i]) / (1.0 + slant_y * slant_y);
        double turn_T = 2.0 * (slant_x * way * flat[i] - up_x) / (1.0 + slant_x * slant_x);
        double gT = (way - turn_T * to_x) * p[i] - (up_x + turn_T) * gn[i];
        double rest_x = ((1.0 - time[i]) - alpha[i]) * gT, rest_y = (time[i] - beta[i]) * gT;
        double ratio_x = l[i] / h[i], ratio_y = l[i] / k[i];
        x_g[i] = ratio_x * alpha[i];
        x_d[i] = ratio_x * (rest_x * way - alpha[i] * turn_x * to_x);
        x_last[i] = ratio_x * (rest_x * up_x + alpha[i] * (turn_x - gn[i]));
        y_g[i] = ratio_y * beta[i];
        y_d[i] = ratio_y * (rest_y * arrive - beta[i] * turn_y * to_y);
        y_last[i] = ratio_y * (rest_y * up_y + beta[i] * (turn_y - gn[i]));
        t[0][i] = l[i] * r[i] * gT;
        t[1][i] = 0.0;
        (void)z[i];
    }
    GK_COMBINE(out[0], x_g[i] * GK_AT(in[0]) + x_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_PUT(out[0], HALF_SPACE_LAST, x_last[i]);
    GK_COMBINE(out[1], y_g[i] * GK_AT(in[0]) + y_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_PUT(out[1], HALF_SPACE_LAST, y_last[i]);
}

/* x, y, v; c -> P v = (k/h) (J v - w m), w = 2 <J v, m>/M^2 */
GK_DIRECT_ROW_FUNCTION(half_space_transp) {
    gk_scalars vd, vn, ratio, w, last;
    HALF_SPACE_PAIR(in[0], in[1]);
    GK_TAKE(vn, in[2], HALF_SPACE_LAST);
    GK_SUM(vd, GK_AT(in[2]) * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_SCALARS {
        ratio[i] = k[i] / h[i];
        w[i] = 2.0 * (vd[i] / M[i] - 2.0 * (k[i] / M[i]) * vn[i]) / M[i];
        last[i] = -ratio[i] * (vn[i] + w[i] * (h[i] + k[i]));
        (void)z[i], (void)r[i];
    }
    GK_COMBINE(out[0], ratio[i] * (GK_AT(in[2]) - w[i] * (GK_AT(in[1]) - GK_AT(in[0]))));
    GK_PUT(out[0], HALF_SPACE_LAST, last[i]);
}

/* g, x, y, v; c -> gx, gy, gv; gc. With u = 2 <g, m>/M^2 the derivative in m is -(k/h) (u J v + w g - uw m), and P v is
 * proportional to k/h. */
GK_ROW_FUNCTION(half_space_transp_vjp) {
    gk_scalars gd, vd, gv, gn, vn, ratio, u, w, uw, x_last, y_last, v_last;
    HALF_SPACE_PAIR(in[1], in[2]);
    GK_TAKE(gn, in[0], HALF_SPACE_LAST);
    GK_TAKE(vn, in[3], HALF_SPACE_LAST);
    GK_SUM3(gd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])), vd, GK_AT(in[3]) * (GK_AT(in[2]) - GK_AT(in[1])), gv,
            GK_AT(in[0]) * GK_AT(in[3]));
    GK_SCALARS {
        double both = h[i] + k[i], gm = gd[i] + 2.0 * h[i] * gn[i];
        ratio[i] = k[i] / h[i];
        u[i] = 2.0 * (gd[i] / M[i] + 2.0 * (h[i] / M[i]) * gn[i]) / M[i];
        w[i] = 2.0 * (vd[i] / M[i] - 2.0 * (k[i] / M[i]) * vn[i]) / M[i];
        uw[i] = u[i] * w[i];
        double last = -ratio[i] * (w[i] * gn[i] - u[i] * vn[i] - uw[i] * both);
        double scale = (gv[i] - 2.0 * gn[i] * vn[i] - w[i] * gm) / h[i];
        x_last[i] = last - scale * ratio[i];
        y_last[i] = last + scale;
        v_last[i] = -ratio[i] * (gn[i] - u[i] * both);
        t[0][i] = 0.0;
        (void)z[i], (void)r[i];
    }
    GK_COMBINE(out[0], ratio[i] * (u[i] * GK_AT(in[3]) + w[i] * GK_AT(in[0]) - uw[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_PUT(out[0], HALF_SPACE_LAST, x_last[i]);
    GK_COMBINE(out[1], -ratio[i] * (u[i] * GK_AT(in[3]) + w[i] * GK_AT(in[0]) - uw[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_PUT(out[1], HALF_SPACE_LAST, y_last[i]);
    GK_COMBINE(out[2], ratio[i] * (GK_AT(in[0]) - u[i] * (GK_AT(in[2]) - GK_AT(in[1]))));
    GK_PUT(out[2], HALF_SPACE_LAST, v_last[i]);
}

static const gk_row_kernel HALF_SPACE_EXPMAP = {
    "expmap", half_space_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 14, 0.7, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_EXPMAP_VJP = {
    "expmap_vjp", half_space_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 18, 1.2, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_LOGMAP = {
    "logmap", half_space_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 12, 0.8, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_LOGMAP_VJP = {
    "logmap_vjp", half_space_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 18, 1.5, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_GEODESIC = {
    "geodesic", half_space_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 40, 1.0, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_GEODESIC_VJP = {
    "geodesic_vjp", half_space_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 50, 1.8, &GK_HALF_SPACE};
static const gk_row_kernel HALF_SPACE_TRANSP = {
    "transp", half_space_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 10, 1.1, &GK_HALF_SPACE, 1};
static const gk_row_kernel HALF_SPACE_TRANSP_VJP = {
    "transp_vjp", half_space_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 14, 2.0, &GK_HALF_SPACE};

#endif
