/* Exponential and logarithmic maps, geodesics and parallel transport of Lorentz's model of curvature -c.
 * Notation as in lorentz_metric.h; G = y' + kappa x = y - (y0/x0) x. In the backward kernels p_x stands for <g, x>. */
#ifndef GK_LORENTZ_MAPS_H
#define GK_LORENTZ_MAPS_H

#include "lorentz_metric.h"

/* v; c -> S v, S = sinh(z)/z, z = sqrt(c)|v| */
GK_DIRECT_ROW_FUNCTION(lorentz_expmap0) {
    const double *c = s[0];
    gk_scalars n, m;
    GK_LENGTH(n, in[0]);
    GK_SCALARS m[i] = gk_sinhc(__builtin_sqrt(c[i]) * n[i]);
    GK_COMBINE(out[0], m[i] * GK_AT(in[0]));
}

/* g, v; c -> gv; gc, S' the derivative of S in the square of z */
GK_ROW_FUNCTION(lorentz_expmap0_vjp) {
    const double *c = s[0];
    gk_scalars vv, p, m, of_v;
    GK_SUM2(vv, GK_AT(in[1]) * GK_AT(in[1]), p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double q = c[i] * vv[i], M = p[i] * gk_dsinhc(q);
        m[i] = gk_sinhc(__builtin_sqrt(q));
        of_v[i] = 2.0 * c[i] * M;
        t[0][i] = M * vv[i];
    }
    GK_COMBINE(out[0], m[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* y; c -> I y, I = asinh(z)/z, z = sqrt(c)|y| */
GK_DIRECT_ROW_FUNCTION(lorentz_logmap0) {
    const double *c = s[0];
    gk_scalars n, m;
    GK_LENGTH(n, in[0]);
    GK_SCALARS m[i] = lorentz_I(__builtin_sqrt(c[i]) * n[i]).value;
    GK_COMBINE(out[0], m[i] * GK_AT(in[0]));
}

/* g, y; c -> gy; gc */
GK_ROW_FUNCTION(lorentz_logmap0_vjp) {
    const double *c = s[0];
    gk_scalars n, p, m, of_y;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        lorentz_ratio I = lorentz_I(__builtin_sqrt(c[i]) * n[i]);
        m[i] = I.value;
        t[0][i] = I.slope * p[i] / c[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
        of_y[i] = 2.0 * I.slope * (p[i] / n[i]);
    }
    GK_COMBINE(out[0], m[i] * GK_AT(in[0]) + of_y[i] * (GK_AT(in[1]) / n[i]));
}

/* The coefficient K of x in cosh(theta) x + S v = K x + S v', S = sinh(theta)/theta, for a tangent vector v = v' + m x
 * with theta^2 = c|v'|^2 + m^2 c|x|^2/(1 + c|x|^2). Towards the origin, m < 0, cosh(theta) + S m cancels, but is
 *   exp(-theta) + S (theta + m),   theta + m = (c|v'|^2 - m^2/(1 + c|x|^2))/(theta - m). */
GK_INLINE double lorentz_closing(double theta, double m, double caa, double shrunk) {
    return (caa - m * m * shrunk) / (theta - m);
}

GK_INLINE double lorentz_reach(double theta, double S, double m, double caa, double shrunk) {
    double cosh = gk_cosh(theta), away = cosh + S * m;
    double back = 1.0 / (cosh + theta * S) + S * lorentz_closing(theta, m, caa, shrunk);
    return m < 0.0 ? back : away;
}

/* x, v; c -> cosh(theta) x + S v, theta = sqrt(c) |v|_x */
GK_DIRECT_ROW_FUNCTION(lorentz_expmap) {
    const double *c = s[0];
    gk_scalars of_x, of_v;
    LORENTZ_VECTOR(in[0], in[1], c);
    GK_SCALARS {
        double theta = __builtin_sqrt(c[i] * nn[i]), whole = m[i] + rest[i];
        of_v[i] = gk_sinhc(theta);
        of_x[i] = lorentz_reach(theta, of_v[i], whole, c[i] * a[i], shrunk[i]) - of_v[i] * rest[i];
    }
    GK_COMBINE(out[0], of_v[i] * LORENTZ_ASIDE(in[0], m, in[1]) + of_x[i] * GK_AT(in[0]));
}

/* g, x, v; c -> gx, gv; gc. In terms of q = theta^2, d(cosh theta)/dq = S/2, dS/dq = S', and with L = v - (v0/x0) x,
 *   dq = 2c <L, dv> - 2c (v0/x0) <L, dx> + |L|^2 dc,   M = S p_x/2 + S' p_v = S' <g, v'> + (S/2 + m S') p_x
 * multiplies dq. Towards the origin S/2 + m S' cancels;
 * it is (S (theta + m - m/theta) + m exp(-theta)/theta)/(2 theta). */
GK_ROW_FUNCTION(lorentz_expmap_vjp) {
    const double *c = s[0];
    gk_scalars px, pw, of_gx, of_gv, of_x, of_v;
    LORENTZ_VECTOR(in[1], in[2], c);
    LORENTZ_LOWER(along, m, rest, xx, c);
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), pw, GK_AT(in[0]) * LORENTZ_ASIDE_SUM(in[1], m, in[2]));
    GK_SCALARS {
        double q = c[i] * nn[i], theta = __builtin_sqrt(q), S = gk_sinhc(theta), slope = gk_dsinhc(q),
               cosh = gk_cosh(theta);
        double whole = m[i] + rest[i], part = whole * shrunk[i], away = 0.5 * S + whole * slope;
        double back = lorentz_closing(theta, whole, c[i] * a[i], shrunk[i]) - whole / theta;
        back = 0.5 * (S * back + whole / (theta * (cosh + theta * S))) / theta;
        double M = slope * (pw[i] - rest[i] * px[i]) + ((whole < 0.0) & (theta > 1.0) ? back : away) * px[i];
        of_gx[i] = cosh;
        of_gv[i] = S;
        of_v[i] = 2.0 * c[i] * M;
        of_x[i] = -of_v[i] * (xv[i] / (1.0 / c[i] + xx[i]));
        t[0][i] = M * (a[i] + part * part * xx[i]);
    }
    GK_COMBINE(out[0], of_gx[i] * GK_AT(in[0]) +
                           of_x[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
    GK_COMBINE(out[1], of_gv[i] * GK_AT(in[0]) +
                           of_v[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
}

/* x, y; c -> theta/sinh(theta) (y - cosh(theta) x) = F(h) (y' + c x0^2 kappa x), since m - cosh(theta) =
 * m (1 + c|x|^2) - c x0 y0 = c x0^2 kappa. */
#define LORENTZ_LOG(c) (x0[i] * ((c)[i] * x0[i] * kappa[i]))

GK_DIRECT_ROW_FUNCTION(lorentz_logmap) {
    const double *c = s[0];
    gk_scalars F, of_x;
    LORENTZ_PAIR(in[0], in[1], c);
    LORENTZ_SLOPE(c);
    GK_SCALARS {
        F[i] = lorentz_F(h[i]);
        of_x[i] = F[i] * (LORENTZ_LOG(c) - rest[i]);
    }
    GK_COMBINE(out[0], F[i] * LORENTZ_ASIDE(in[0], m, in[1]) + of_x[i] * GK_AT(in[0]));
}

/* g, x, y; c -> gx, gy; gc. With the result F l, l = y - C x, C = 1 + 2h, the factor of dh is B = F' <g, l> - 2F p_x:
 *   gx = -F C g - c/2 B G,   gy = F g + c/2 (x0/y0) B G,   gc = B x0/(4 y0) |G|^2. */
GK_ROW_FUNCTION(lorentz_logmap_vjp) {
    const double *c = s[0];
    gk_scalars px, pw, F, of_gx, of_x, of_y, along;
    LORENTZ_PAIR(in[1], in[2], c);
    LORENTZ_SLOPE(c);
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), pw, GK_AT(in[0]) * LORENTZ_ASIDE_SUM(in[1], m, in[2]));
    GK_SCALARS {
        F[i] = lorentz_F(h[i]);
        double more = 1.0 + h[i], p = pw[i] / more + (LORENTZ_LOG(c) - rest[i]) / more * px[i];
        double B = lorentz_F_slope(h[i], F[i]) * p - 2.0 * F[i] * px[i];
        of_gx[i] = -F[i] * (1.0 + 2.0 * h[i]);
        of_x[i] = -0.5 * c[i] * B;
        of_y[i] = -of_x[i] * (x0[i] / y0[i]);
        along[i] = kappa[i] - rest[i];
        t[0][i] = 0.25 * B * (x0[i] / y0[i]) * (a[i] + kappa[i] * xx[i] * kappa[i]);
    }
    GK_COMBINE(out[0], of_gx[i] * GK_AT(in[0]) +
                           of_x[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
    GK_COMBINE(out[1], F[i] * GK_AT(in[0]) +
                           of_y[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
}

/* x, y; t, c -> alpha x + beta y with alpha = sinh((1 - t) theta)/sinh(theta), beta = sinh(t theta)/sinh(theta): no
 * coefficient is negative for t in [0, 1]. Beyond, where one is, it is the exponential of t log_x y. */
#define LORENTZ_ENDS(t, theta)                                                                                         \
    double sc = gk_sinhc(theta), beta = (t) * (gk_sinhc((t) * (theta)) / sc);                                          \
    double alpha = (1.0 - (t)) * (gk_sinhc((1.0 - (t)) * (theta)) / sc)

GK_DIRECT_ROW_FUNCTION(lorentz_geodesic) {
    const double *c = s[1];
    gk_scalars of_x, of_y;
    LORENTZ_PAIR(in[0], in[1], c);
    LORENTZ_SLOPE(c);
    GK_SCALARS {
        double time = s[0][i], theta = 2.0 * gk_asinh(__builtin_sqrt(h[i])), reach = gk_abs(time) * theta;
        LORENTZ_ENDS(time, theta);
        double tF = time * lorentz_F(h[i]), S = gk_sinhc(reach);
        double K = lorentz_reach(reach, S, tF * LORENTZ_LOG(c), c[i] * tF * tF * a[i], flat[i] * ix[i] * ix[i]);
        int between = (time >= 0.0) & (time <= 1.0);
        of_y[i] = beta;
        of_x[i] = between ? alpha : K - beta * rest[i];
        m[i] = between ? 0.0 : m[i];
    }
    GK_COMBINE(out[0], of_y[i] * LORENTZ_ASIDE(in[0], m, in[1]) + of_x[i] * GK_AT(in[0]));
}

/* g, x, y; t, c -> gx, gy; gt, gc. S(t) = sinh(t theta)/sinh(theta) = t sinhc(t theta)/sinhc(theta) is beta, and alpha
 * is S(1 - t). Since d(theta^2)/dh = 4/sinhc(theta),
 *   dS/dh = 4t/sinhc(theta)^2 (t^2 sinhc'(t^2 theta^2) - sinhc(t theta)/sinhc(theta) sinhc'(theta^2)),
 * with sinhc' the derivative in the square. In t the derivative is F cosh(t theta) <g, l> + theta sinh(t theta) p_x, l
 * as above; it cancels where theta is large, and there (cosh(t theta) p_y - cosh((1 - t) theta) p_x)/sinhc(theta) does
 * not. */
GK_INLINE double lorentz_dS(double t, double theta) {
    double sc = gk_sinhc(theta), to = t * theta;
    return 4.0 * t / sc * (t * t * (gk_dsinhc(to * to) / sc) - gk_sinhc(to) / sc * (gk_dsinhc(theta * theta) / sc));
}

GK_ROW_FUNCTION(lorentz_geodesic_vjp) {
    const double *c = s[1];
    gk_scalars px, py, pw, of_gx, of_gy, of_x, of_y, along;
    LORENTZ_PAIR(in[1], in[2], c);
    LORENTZ_SLOPE(c);
    GK_SUM3(px, GK_AT(in[0]) * GK_AT(in[1]), py, GK_AT(in[0]) * GK_AT(in[2]), pw,
            GK_AT(in[0]) * LORENTZ_ASIDE_SUM(in[1], m, in[2]));
    GK_SCALARS {
        double time = s[0][i], theta = 2.0 * gk_asinh(__builtin_sqrt(h[i])), to = time * theta;
        LORENTZ_ENDS(time, theta);
        double B = lorentz_dS(1.0 - time, theta) * px[i] + lorentz_dS(time, theta) * py[i];
        double p = pw[i] + (LORENTZ_LOG(c) - rest[i]) * px[i], cosh = gk_cosh(to);
        double near = lorentz_F(h[i]) * cosh * p + theta * gk_sinh(to) * px[i];
        double far = cosh / sc * py[i] - gk_cosh(theta - to) / sc * px[i];
        of_gx[i] = alpha;
        of_gy[i] = beta;
        of_x[i] = -0.5 * c[i] * B;
        of_y[i] = -of_x[i] * (x0[i] / y0[i]);
        along[i] = kappa[i] - rest[i];
        t[0][i] = theta < 1.0 ? near : far;
        t[1][i] = 0.25 * B * (x0[i] / y0[i]) * (a[i] + kappa[i] * xx[i] * kappa[i]);
    }
    GK_COMBINE(out[0], of_gx[i] * GK_AT(in[0]) +
                           of_x[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
    GK_COMBINE(out[1], of_gy[i] * GK_AT(in[0]) +
                           of_y[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
}

/* x, y, v; c -> v + f (x + y), f = c <Y, V>_L/(1 + C), C = 1 + 2h, <Y, V>_L = <y, v> - y0 v0 = <G, v>. With
 * v = v' + m_v x and pi = <y', v'> that is v' + f y' + K x;
 * K = m_v + f (1 + m) is gathered without the cancellation of the two:
 *   <G, v> = pi + kappa m_v |x|^2,   K = (m_v (1 + y0/x0 + c|x|^2 m kappa) + (1 + m) c pi)/(1 + C). */
#define LORENTZ_TRANSPORT(x, y, v, c)                                                                                  \
    gk_scalars vv, xv, pi, f, K;                                                                                       \
    LORENTZ_PAIR(x, y, c);                                                                                             \
    LORENTZ_SLOPE(c);                                                                                                  \
    GK_SUM2(vv, GK_AT(v) * GK_AT(v), xv, GK_AT(x) * GK_AT(v));                                                         \
    LORENTZ_TANGENT(mv, restv, av, x, v, xx, vv, xv, c);                                                               \
    GK_SUM(pi, LORENTZ_ASIDE_SUM(x, m, y) * LORENTZ_ASIDE_SUM(x, mv, v));                                              \
    GK_SCALARS {                                                                                                       \
        double whole = m[i] + rest[i], of_v = mv[i] + restv[i], share = (c)[i] / (2.0 * (1.0 + h[i]));                 \
        double turn = (1.0 + y0[i] / x0[i] + (c)[i] * xx[i] * kappa[i] * whole) / (2.0 * (1.0 + h[i]));                \
        pi[i] -= rest[i] * xx[i] * restv[i];                                                                           \
        f[i] = share * (pi[i] + kappa[i] * xx[i] * of_v);                                                              \
        K[i] = of_v * turn + (1.0 + whole) * (share * pi[i]);                                                          \
        (void)av[i];                                                                                                   \
    }

GK_DIRECT_ROW_FUNCTION(lorentz_transp) {
    const double *c = s[0];
    LORENTZ_TRANSPORT(in[0], in[1], in[2], c);
    GK_SCALARS K[i] -= restv[i] + f[i] * rest[i];
    GK_COMBINE(out[0], LORENTZ_ASIDE(in[0], mv, in[2]) + f[i] * LORENTZ_ASIDE(in[0], m, in[1]) + K[i] * GK_AT(in[0]));
}

/* g, x, y, v; c -> gx, gy, gv; gc. With e = <g, x + y>/(1 + C) and L = v - (v0/x0) x, v lowered at x,
 *   gv = g + c e G,   gx = f g + c e (f G - (y0/x0) L),   gy = f g + c e M,
 *   gc = e (<G, v> + v0/(2c y0) (1 - (y0/x0)^2) - f x0/(2 y0) |G|^2),
 * where M = v - (v0/y0) y - f (x0/y0) G is the transported vector, lowered at y. By x0 y0 - <x, y> = C/c and
 * |y'|^2 + kappa^2 |x|^2 (1 + c|x|^2) = (C^2 - 1)/c, that is M = v' + M_y y' + M_x x without cancellation:
 *   M_y = -(m_v (1 + m) |x|^2/x0 + c x0 pi)/(y0 (1 + C)),
 *   M_x = m_v (1 + c |y'|^2/(1 + C))/(c x0 y0) - c (x0/y0) kappa pi/(1 + C). */
GK_ROW_FUNCTION(lorentz_transp_vjp) {
    const double *c = s[0];
    gk_scalars ps, ce, below, along, of_y, of_x;
    LORENTZ_TRANSPORT(in[1], in[2], in[3], c);
    LORENTZ_LOWER(lower, mv, restv, xx, c);
    GK_SUM(ps, GK_AT(in[0]) * (GK_AT(in[1]) + GK_AT(in[2])));
    GK_SCALARS {
        double C1 = 2.0 * (1.0 + h[i]), e = ps[i] / C1, v0 = xv[i] / x0[i], ratio = y0[i] / x0[i];
        double whole = m[i] + rest[i], of_v = mv[i] + restv[i], square = a[i] + kappa[i] * xx[i] * kappa[i];
        ce[i] = c[i] * e;
        below[i] = -ce[i] * ratio;
        along[i] = kappa[i] - rest[i];
        of_y[i] = -(of_v * (1.0 + whole) * (xx[i] / x0[i]) + c[i] * x0[i] * pi[i]) / (y0[i] * C1);
        of_x[i] = of_v * (1.0 + c[i] * a[i] / C1) / (c[i] * x0[i] * y0[i]) - c[i] * pi[i] / C1 * (kappa[i] / ratio);
        of_x[i] -= restv[i] + of_y[i] * rest[i];
        t[0][i] = e * (f[i] * C1 / c[i] + v0 / (2.0 * c[i] * y0[i]) * ((1.0 - ratio) * (1.0 + ratio)) -
                       0.5 * f[i] * square / ratio);
        (void)K[i];
    }
    GK_COMBINE(out[0], f[i] * GK_AT(in[0]) +
                           ce[i] * f[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])) +
                           below[i] * (LORENTZ_ASIDE(in[1], mv, in[3]) + lower[i] * GK_AT(in[1])));
    GK_COMBINE(out[1], f[i] * GK_AT(in[0]) +
                           ce[i] * (LORENTZ_ASIDE(in[1], mv, in[3]) + of_y[i] * LORENTZ_ASIDE(in[1], m, in[2]) +
                                    of_x[i] * GK_AT(in[1])));
    GK_COMBINE(out[2], GK_AT(in[0]) + ce[i] * (LORENTZ_ASIDE(in[1], m, in[2]) + along[i] * GK_AT(in[1])));
}

static const gk_row_kernel LORENTZ_EXPMAP0 = {
    "expmap0", lorentz_expmap0, 1, 1, 1, 0, 0, {"v"}, {"c"}, 6, 0.5, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_EXPMAP0_VJP = {
    "expmap0_vjp", lorentz_expmap0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"c"}, 10, 0.9, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_LOGMAP0 = {
    "logmap0", lorentz_logmap0, 1, 1, 1, 0, 0, {"y"}, {"c"}, 6, 0.5, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_LOGMAP0_VJP = {
    "logmap0_vjp", lorentz_logmap0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"c"}, 10, 0.9, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_EXPMAP = {
    "expmap", lorentz_expmap, 2, 1, 1, 0, 0, {"x", "v"}, {"c"}, 14, 1.1, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_EXPMAP_VJP = {
    "expmap_vjp", lorentz_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 18, 2.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_LOGMAP = {
    "logmap", lorentz_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 12, 1.3, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_LOGMAP_VJP = {
    "logmap_vjp", lorentz_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 16, 2.2, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_GEODESIC = {
    "geodesic", lorentz_geodesic, 2, 2, 1, 0, 0, {"x", "y"}, {"t", "c"}, 30, 1.3, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_GEODESIC_VJP = {
    "geodesic_vjp", lorentz_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 50, 2.3, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_TRANSP = {
    "transp", lorentz_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 12, 2.0, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_TRANSP_VJP = {
    "transp_vjp", lorentz_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 16, 3.2, &GK_HYPERBOLIC_CHART};

#endif
