/* Exponential and logarithmic maps, geodesics and transport in the polar chart. Notation as in polar_metric.h.
 *
 * All is plane trigonometry: in the plane of u^ and n^ vectors have a radial and a normal part, n^_y = -sin(theta) u^ +
 * cos(theta) n^ is normal at y, and coordinates across the radius are S times shorter than lengths. What is orthogonal
 * to the plane only scales. The backward kernels use Jacobi fields: a gradient g at the far end is carried back along
 * the geodesic with its tangent (parts g_T along, g_N across), and the parts across grow with sinh and cosh of the
 * length. The Christoffel symbols of the chart are, for coordinate vectors dx and v in lengths,
 * with e = (S cosh(R) - 1)/R,
 *   Gamma(dx, v) = (-e <v_t, dx_t>, S' (v_t dx_r + v_r dx_t)).
 * Scaling x, y, v by sqrt(c) turns curvature -1 into -c: dL/dc follows from the other gradients by Euler's identity.
 */
#ifndef GK_POLAR_MAPS_H
#define GK_POLAR_MAPS_H

#include "polar_metric.h"
#include "sinh_ratios.h"

/* e = (S cosh(R) - 1)/R = R (S^2 - 2 cosh(R) dS/d(R^2)); the latter where the former cancels */
GK_INLINE double polar_bend(double R) {
    double limited = gk_at_most(R, POLAR_FARTHEST), S = gk_sinhc(limited), C = gk_cosh(limited);
    return limited < 1.0 ? limited * (S * S - 2.0 * C * gk_dsinhc(limited * limited)) : (S * C - 1.0) / limited;
}

/* The turn from the radial direction, over S, of which v has the parts (radial, rest): tangent, length and its triangle
 * at x with the sides r1, towards the origin, and |v|; T_p and T_n are then the direction of y seen from the origin. */
#define POLAR_EXP_TRIANGLE(x, v, c)                                                                                    \
    double rc = __builtin_sqrt((c)[i]), R1 = rc * x##_length[i], S1 = polar_S(R1);                                     \
    double radial = rc * v##_radial[i], across = rc * (S1 * v##_rest[i]), L = polar_hypot(gk_abs(radial), across);     \
    double tr = L == 0.0 ? 0.0 : radial / L, tn = L == 0.0 ? 1.0 : across / L;                                         \
    polar_triangle t3 = polar_triangle_of(R1, L, L - R1, -tr, tn);                                                     \
    double cosine = -t3.T_p, sine = t3.T_n, unit = POLAR_UNIT(x), normal = POLAR_NORMAL(v)

/* x, v; c -> y */
GK_ROW_FUNCTION(polar_expmap) {
    const double *c = s[0];
    const gk_vec x = in[0], v = in[1];
    gk_scalars of_x, of_v;
    POLAR_POINT(x);
    POLAR_VECTOR(x, v);
    GK_SCALARS {
        POLAR_EXP_TRIANGLE(x, v, c);
        of_x[i] = t3.D / rc * cosine * unit;
        of_v[i] = t3.D / rc * sine * normal;
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(x) + of_v[i] * POLAR_REST_ROW(x, v));
}

/* A vector g: its radial part g_radial, its part g_n along n^, which is what is left of `other`,
 * and what is left of it. */
#define POLAR_PARTS(x, other, g)                                                                                       \
    gk_scalars g##_n;                                                                                                  \
    POLAR_VECTOR(x, g);                                                                                                \
    GK_SUM(g##_n, POLAR_REST_SUM(x, g) * POLAR_REST_SUM(x, other));                                                    \
    GK_SCALARS g##_n[i] *= POLAR_NORMAL(other)

/* g, x, v; c -> gx, gv; gc */
GK_ROW_FUNCTION(polar_expmap_vjp) {
    const double *c = s[0];
    const gk_vec g = in[0], x = in[1], v = in[2];
    gk_scalars x_g, x_u, x_n, v_g, v_u, v_n;
    POLAR_POINT(x);
    POLAR_VECTOR(x, v);
    POLAR_PARTS(x, v, g);
    GK_SCALARS {
        POLAR_EXP_TRIANGLE(x, v, c);
        double S2 = polar_S(t3.D), slope = polar_S_slope(R1), bend = polar_bend(R1), SL = gk_sinhc(L), CL = gk_cosh(L);
        double gr = cosine * g_radial[i] + sine * g_n[i], gn = (cosine * g_n[i] - sine * g_radial[i]) / S2,
               vn = rc * v_rest[i];
        double gT = gr * t3.U_q + gn * t3.U_n, gN = gn * t3.U_q - gr * t3.U_n;
        double Vr = gT * tr - SL * gN * tn, Vn = gT * tn + SL * gN * tr;
        double Xr = gT * tr - CL * gN * tn + Vn * slope * vn;
        double Xn = S1 * (gT * tn + CL * gN * tr) - Vr * vn * bend + Vn * radial * slope;
        v_g[i] = SL * (S1 / S2);
        x_g[i] = (CL * S1 + SL * radial * slope) / S2;
        v_u[i] = Vr * unit;
        v_n[i] = (S1 * Vn - v_g[i] * g_n[i]) * normal;
        x_u[i] = Xr * unit;
        x_n[i] = (Xn - x_g[i] * g_n[i]) * normal;
        t[0][i] = 0.5 * (Xr * R1 + Vr * radial + S1 * Vn * vn - gr * t3.D) / (c[i] * rc);
    }
    GK_COMBINE(out[0], x_g[i] * POLAR_REST_ROW(x, g) + x_u[i] * GK_AT(x) + x_n[i] * POLAR_REST_ROW(x, v));
    GK_COMBINE(out[1], v_g[i] * POLAR_REST_ROW(x, g) + v_u[i] * GK_AT(x) + v_n[i] * POLAR_REST_ROW(x, v));
}

/* x, y; c -> log_x y = d (T_p u^ + T_n/S n^) */
GK_ROW_FUNCTION(polar_logmap) {
    const double *c = s[0];
    const gk_vec x = in[0], y = in[1];
    gk_scalars of_x, of_y;
    POLAR_PAIR(x, y, c);
    GK_SCALARS {
        POLAR_TRIANGLE(x, y, c);
        of_x[i] = t3.D / rc * t3.T_p * POLAR_UNIT(x);
        of_y[i] = t3.D / rc * (t3.T_n / polar_S(rc * r1)) * POLAR_NORMAL(y);
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(x) + of_y[i] * POLAR_REST_ROW(x, y));
}

/* g, x, y; c -> gx, gy; gc */
GK_ROW_FUNCTION(polar_logmap_vjp) {
    const double *c = s[0];
    const gk_vec g = in[0], x = in[1], y = in[2];
    gk_scalars x_g, x_u, x_n, y_g, y_u, y_n;
    POLAR_PAIR(x, y, c);
    POLAR_PARTS(x, y, g);
    GK_SCALARS {
        POLAR_TRIANGLE(x, y, c);
        double R1 = rc * r1, S1 = polar_S(R1), S2 = polar_S(rc * r2), slope = polar_S_slope(R1), bend = polar_bend(R1);
        double unit = POLAR_UNIT(x), normal = POLAR_NORMAL(y), D = t3.D, inverse = 1.0 / gk_sinhc(D);
        double tanh = gk_tanh(D), coth = D == 0.0 ? 1.0 : D / tanh, vr = D * t3.T_p, vn = D * t3.T_n / S1,
               gn = g_n[i] / S1;
        double gT = g_radial[i] * t3.T_p + gn * t3.T_n, gN = gn * t3.T_p - g_radial[i] * t3.T_n;
        double Yr = gT * t3.U_q - inverse * gN * t3.U_n, Yn = S2 * (gT * t3.U_n + inverse * gN * t3.U_q);
        double Xr = coth * gN * t3.T_n - gT * t3.T_p - gn * slope * vn;
        double Xn = g_radial[i] * vn * bend - S1 * (gT * t3.T_n + coth * gN * t3.T_p) - gn * vr * slope;
        x_g[i] = -coth - vr * slope / S1;
        y_g[i] = S2 / S1 * inverse;
        x_u[i] = Xr * unit;
        x_n[i] = (Xn - x_g[i] * g_n[i]) * normal;
        y_u[i] = (cosine * Yr - sine * Yn) * unit;
        y_n[i] = (sine * Yr + cosine * Yn - y_g[i] * g_n[i]) * normal;
        t[0][i] = 0.5 * (Xr * R1 + Yr * rc * r2 - g_radial[i] * vr - g_n[i] * vn) / (c[i] * rc);
    }
    GK_COMBINE(out[0], x_g[i] * POLAR_REST_ROW(x, g) + x_u[i] * GK_AT(x) + x_n[i] * POLAR_REST_ROW(x, y));
    GK_COMBINE(out[1], y_g[i] * POLAR_REST_ROW(x, g) + y_u[i] * GK_AT(x) + y_n[i] * POLAR_REST_ROW(x, y));
}

/* x, y; t, c -> z at time t. On the hyperboloid it is alpha X + beta Y: its space, of the length sinh(rho), is
 * alpha sinh(R1) u^ + beta sinh(R2) w^ with w^ = cos(theta) u^ + sin(theta) n^. The factors are taken out of the range
 * of the exponential by e^E; (zu, zn) are the parts of z's direction. */
#define POLAR_GEODESIC_CORE(x, y, time, c)                                                                             \
    POLAR_TRIANGLE(x, y, c);                                                                                           \
    double R1 = rc * r1, R2 = rc * r2, D = t3.D, late = (time)[i], early = 1.0 - late;                                 \
    double e1 = (gk_abs(early) - 1.0) * D + R1, e2 = (gk_abs(late) - 1.0) * D + R2, E = e1 > e2 ? e1 : e2;             \
    double share1 = D == 0.0 ? early                                                                                   \
                             : __builtin_copysign(gk_expm1(-2.0 * gk_abs(early) * D) / gk_expm1(-2.0 * D), early);     \
    double share2 = D == 0.0 ? late                                                                                    \
                             : __builtin_copysign(gk_expm1(-2.0 * gk_abs(late) * D) / gk_expm1(-2.0 * D), late);       \
    E = E > 0.0 ? E : 0.0;                                                                                             \
    double a1 = -0.5 * share1 * gk_exp((D == 0.0 ? R1 : e1) - E) * gk_expm1(-2.0 * R1);                                \
    double a2 = -0.5 * share2 * gk_exp((D == 0.0 ? R2 : e2) - E) * gk_expm1(-2.0 * R2);                                \
    double zu = a1 + a2 * cosine, zn = a2 * sine, size = polar_hypot(gk_abs(zu), gk_abs(zn)),                          \
           one = size == 0.0 ? 1.0 : size;                                                                             \
    double rho = E > 300.0 ? E + gk_log(2.0 * one) : gk_asinh(gk_exp(gk_at_most(E, 300.0)) * size)

GK_ROW_FUNCTION(polar_geodesic) {
    const double *c = s[1];
    const gk_vec x = in[0], y = in[1];
    gk_scalars of_x, of_y;
    POLAR_PAIR(x, y, c);
    GK_SCALARS {
        POLAR_GEODESIC_CORE(x, y, s[0], c);
        of_x[i] = rho / rc * (zu / one) * POLAR_UNIT(x);
        of_y[i] = rho / rc * (zn / one) * POLAR_NORMAL(y);
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(x) + of_y[i] * POLAR_REST_ROW(x, y));
}

/* g, x, y; t, c -> gx, gy; gt, gc. The tangent at z has the normal part
 * sinh(R1) sinh(R2) sin(theta)/(sinh(D) sinh(rho)) and the radial part
 * (cosh(R2) cosh(tD) - cosh(R1) cosh((1 - t)D))/(sinh(D) sinh(rho)), the derivative of cosh(rho). For near points that
 * is (sinh(B/2) sinh((R2 - R1)/2)/sinh(D/2) cosh(tD) + cosh(R1) sinh((t - 1/2) D))/(cosh(D/2) sinh(rho)). The
 * exponentials of each term are taken together. */
GK_ROW_FUNCTION(polar_geodesic_vjp) {
    const double *c = s[1];
    const gk_vec g = in[0], x = in[1], y = in[2];
    gk_scalars x_g, x_u, x_n, y_g, y_u, y_n;
    POLAR_PAIR(x, y, c);
    POLAR_PARTS(x, y, g);
    GK_SCALARS {
        POLAR_GEODESIC_CORE(x, y, s[0], c);
        double S1 = polar_S(R1), S2 = polar_S(R2), Sz = polar_S(rho), unit = POLAR_UNIT(x), normal = POLAR_NORMAL(y);
        double alpha = sinh_share(early, D), beta = sinh_share(late, D), middle = late - 0.5, far = R1 > R2 ? R1 : R2;
        double less_rho = -gk_expm1(-2.0 * rho), e_D = gk_exp(-D), less_D = -gk_expm1(-D), e_1 = gk_exp(-2.0 * R1);
        double e_late = 1.0 + gk_exp(-2.0 * gk_abs(late) * D), e_early = 1.0 + gk_exp(-2.0 * gk_abs(early) * D);
        double climb =
            gk_exp(far + (gk_abs(late) - 1.0) * D - rho) * gk_expm1(-t3.A) * gk_expm1(-t3.B) * e_late / less_D;
        double drift =
            gk_exp(R1 + (gk_abs(middle) - 0.5) * D - rho) * (1.0 + e_1) * -gk_expm1(-2.0 * gk_abs(middle) * D);
        double near_pair = ((difference < 0.0 ? -climb : climb) + (middle < 0.0 ? -drift : drift)) / (1.0 + e_D);
        double far_pair =
            (gk_exp(e2 - rho) * (1.0 + gk_exp(-2.0 * R2)) * e_late - gk_exp(e1 - rho) * (1.0 + e_1) * e_early) /
            (less_D * (1.0 + e_D));
        double radial = (D < 1.0 ? near_pair : far_pair) / less_rho;
        double across = t3.lever_p * R1 * 2.0 * gk_exp(-rho) / less_rho;
        int still = D == 0.0 || rho == 0.0;
        radial = still ? t3.T_p : radial;
        across = still ? t3.T_n : across;
        double cz = rho == 0.0 ? 1.0 : zu / one, sz = rho == 0.0 ? 0.0 : zn / one;
        double gr = cz * g_radial[i] + sz * g_n[i], gn = (cz * g_n[i] - sz * g_radial[i]) / Sz;
        double gT = gr * radial + gn * across, gN = gn * radial - gr * across;
        double Xr = early * gT * t3.T_p - alpha * gN * t3.T_n, Xn = S1 * (early * gT * t3.T_n + alpha * gN * t3.T_p);
        double Yr = late * gT * t3.U_q - beta * gN * t3.U_n, Yn = S2 * (late * gT * t3.U_n + beta * gN * t3.U_q);
        x_g[i] = alpha * (S1 / Sz);
        y_g[i] = beta * (S2 / Sz);
        x_u[i] = Xr * unit;
        x_n[i] = (Xn - x_g[i] * g_n[i]) * normal;
        y_u[i] = (cosine * Yr - sine * Yn) * unit;
        y_n[i] = (sine * Yr + cosine * Yn - y_g[i] * g_n[i]) * normal;
        t[0][i] = gT * D / rc;
        t[1][i] = 0.5 * (Xr * R1 + Yr * R2 - gr * rho) / (c[i] * rc);
    }
    GK_COMBINE(out[0], x_g[i] * POLAR_REST_ROW(x, g) + x_u[i] * GK_AT(x) + x_n[i] * POLAR_REST_ROW(x, y));
    GK_COMBINE(out[1], y_g[i] * POLAR_REST_ROW(x, g) + y_u[i] * GK_AT(x) + y_n[i] * POLAR_REST_ROW(x, y));
}

/* x, y, v; c -> v turned in the plane by the angle omega from the tangent T at x to the tangent U at y */
#define POLAR_TRANSP_CORE(x, y, v, c)                                                                                  \
    POLAR_TRIANGLE(x, y, c);                                                                                           \
    double R1 = rc * r1, R2 = rc * r2, S1 = polar_S(R1), S2 = polar_S(R2), unit = POLAR_UNIT(x),                       \
           normal = POLAR_NORMAL(y);                                                                                   \
    double co = t3.T_p * t3.U_q + t3.T_n * t3.U_n, si = t3.T_p * t3.U_n - t3.T_n * t3.U_q, vr = v##_radial[i],         \
           vn = S1 * v##_n[i];                                                                                         \
    double wr = co * vr - si * vn, wn = si * vr + co * vn

GK_ROW_FUNCTION(polar_transp) {
    const double *c = s[0];
    const gk_vec x = in[0], y = in[1], v = in[2];
    gk_scalars of_x, of_y, of_v;
    POLAR_PAIR(x, y, c);
    POLAR_PARTS(x, y, v);
    GK_SCALARS {
        POLAR_TRANSP_CORE(x, y, v, c);
        of_v[i] = S1 / S2;
        of_x[i] = (cosine * wr - sine * (wn / S2)) * unit;
        of_y[i] = (sine * wr + cosine * (wn / S2) - of_v[i] * v_n[i]) * normal;
    }
    GK_COMBINE(out[0], of_v[i] * POLAR_REST_ROW(x, v) + of_x[i] * GK_AT(x) + of_y[i] * POLAR_REST_ROW(x, y));
}

/* g, x, y, v; c -> gx, gy, gv; gc. Moving the ends sideways by j turns v by the area swept,
 * tanh(D/2) (v_T j - <j, v> T); Gamma turns it at x, and the result at y. */
GK_ROW_FUNCTION(polar_transp_vjp) {
    const double *c = s[0];
    const gk_vec g = in[0], x = in[1], y = in[2], v = in[3];
    gk_scalars gv, x_g, x_v, x_u, x_n, y_g, y_v, y_u, y_n, v_g, of_u, of_n;
    POLAR_PAIR(x, y, c);
    POLAR_PARTS(x, y, g);
    POLAR_PARTS(x, y, v);
    GK_SUM(gv, POLAR_REST_SUM(x, g) * POLAR_REST_SUM(x, v));
    GK_SCALARS {
        POLAR_TRANSP_CORE(x, y, v, c);
        double slope1 = polar_S_slope(R1), slope2 = polar_S_slope(R2), bend1 = polar_bend(R1), bend2 = polar_bend(R2);
        double gr = cosine * g_radial[i] + sine * g_n[i], gn = (cosine * g_n[i] - sine * g_radial[i]) / S2;
        double hr = co * gr + si * gn, hn = co * gn - si * gr; /* g at x */
        double rest = (gv[i] - g_n[i] * v_n[i]) / S2; /* orthogonal to the plane */
        double area = -gk_tanh(0.5 * t3.D), hT = hr * t3.T_p + hn * t3.T_n, hN = hn * t3.T_p - hr * t3.T_n;
        double vT = vr * t3.T_p + vn * t3.T_n, vN = vn * t3.T_p - vr * t3.T_n, jN = area * (hT * vN - vT * hN);
        double Xr = slope1 * (hn * v_n[i] + rest) - jN * t3.T_n;
        double Xn = slope1 * vr * hn - bend1 * hr * v_n[i] + S1 * jN * t3.T_p;
        double Yr = -slope2 * (gn * wn / S2 + rest * (S1 / S2)) - jN * t3.U_n;
        double Yn = bend2 * gr * (wn / S2) - slope2 * wr * gn + S2 * jN * t3.U_q;
        x_g[i] = (slope1 * vr - area * S1 * vT) / S2;
        x_v[i] = area * S1 * S1 * hT - bend1 * hr;
        y_g[i] = -slope2 * wr / S2 - area * vT;
        y_v[i] = S1 * (area * S2 * hT + bend2 * gr / S2);
        v_g[i] = S1 / S2;
        x_u[i] = rc * Xr * unit;
        x_n[i] = rc * (Xn - x_g[i] * g_n[i] - x_v[i] * v_n[i]) * normal;
        y_u[i] = rc * (cosine * Yr - sine * Yn) * unit;
        y_n[i] = rc * (sine * Yr + cosine * Yn - y_g[i] * g_n[i] - y_v[i] * v_n[i]) * normal;
        of_u[i] = hr * unit;
        of_n[i] = (S1 * hn - v_g[i] * g_n[i]) * normal;
        x_g[i] *= rc, x_v[i] *= rc, y_g[i] *= rc, y_v[i] *= rc;
        t[0][i] = 0.5 * (Xr * R1 + Yr * R2) / c[i];
    }
    GK_COMBINE(out[0],
               x_g[i] * POLAR_REST_ROW(x, g) + x_v[i] * POLAR_REST_ROW(x, v) + x_u[i] * GK_AT(x) +
                   x_n[i] * POLAR_REST_ROW(x, y));
    GK_COMBINE(out[1],
               y_g[i] * POLAR_REST_ROW(x, g) + y_v[i] * POLAR_REST_ROW(x, v) + y_u[i] * GK_AT(x) +
                   y_n[i] * POLAR_REST_ROW(x, y));
    GK_COMBINE(out[2], v_g[i] * POLAR_REST_ROW(x, g) + of_u[i] * GK_AT(x) + of_n[i] * POLAR_REST_ROW(x, y));
}

static const gk_row_kernel POLAR_EXPMAP = {
    "expmap", polar_expmap, 2, 1, 1, 0, 0, {"x", "v"}, {"c"}, 70, 1.8, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_EXPMAP_VJP = {
    "expmap_vjp", polar_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 110, 3.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_LOGMAP = {
    "logmap", polar_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 70, 2.2, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_LOGMAP_VJP = {
    "logmap_vjp", polar_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 110, 3.2, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_GEODESIC = {
    "geodesic", polar_geodesic, 2, 2, 1, 0, 0, {"x", "y"}, {"t", "c"}, 100, 2.2, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_GEODESIC_VJP = {
    "geodesic_vjp", polar_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 170, 3.2, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_TRANSP = {
    "transp", polar_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 70, 2.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_TRANSP_VJP = {
    "transp_vjp", polar_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 120, 4.2, &GK_HYPERBOLIC_CHART};

#endif
