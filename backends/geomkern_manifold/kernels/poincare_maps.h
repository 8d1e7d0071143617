/* Exponential and logarithmic maps, geodesics and projection of the Poincaré ball of curvature -c.
 * Notation as in poincare_metric.h. */
#ifndef GK_POINCARE_MAPS_H
#define GK_POINCARE_MAPS_H

#include "poincare_metric.h"

/* v; c -> y = T(z) v, T(z) = tanh(z)/z, z = sqrt(c)|v| (v is a tangent vector at 0, whose Riemannian norm is 2|v|) */
GK_ROW_FUNCTION(poincare_expmap0) {
    const double *c = s[0];
    gk_scalars n, k;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double z = __builtin_sqrt(c[i]) * n[i], tanh = gk_tanh(z), T = tanh / z;
        k[i] = z < 1e-150 ? 1.0 : T;
        t[0][i] = (1.0 - tanh) * (1.0 + tanh);
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, v; c -> gv; gc, T' the derivative of T in the square */
GK_ROW_FUNCTION(poincare_expmap0_vjp) {
    const double *c = s[0];
    gk_scalars n, p, k, of_v;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        poincare_ratio T = poincare_T(__builtin_sqrt(c[i]) * n[i]);
        double M = p[i] * T.slope;
        k[i] = T.value;
        of_v[i] = 2.0 * c[i] * M;
        t[0][i] = M * n[i] * n[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* y; c -> v = Z y, Z = artanh(sqrt(c)|y|)/(sqrt(c)|y|) */
GK_ROW_FUNCTION(poincare_logmap0) {
    const double *c = s[0];
    gk_scalars a, yy, k;
    GK_GAP(a, yy, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS k[i] = poincare_Z(c[i] * yy[i], a[i]).value;
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, y; c -> gy; gc */
GK_ROW_FUNCTION(poincare_logmap0_vjp) {
    const double *c = s[0];
    gk_scalars a, yy, p, k, of_y;
    GK_GAP(a, yy, c, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        poincare_ratio Z = poincare_Z(c[i] * yy[i], a[i]);
        double U = p[i] * Z.slope;
        k[i] = Z.value;
        of_y[i] = 2.0 * c[i] * U;
        t[0][i] = U * yy[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_y[i] * GK_AT(in[1]));
}

/* x, y; c -> log_x y. With w = (-x) (+) y = (a delta - s x)/(s + ab) and artanh(sqrt(c)|w|) = asinh(sqrt E) the usual
 * (2/(sqrt(c) lambda_x)) artanh(sqrt(c)|w|) w/|w| becomes F(E)/b m, m = a delta - s x. */
GK_ROW_FUNCTION(poincare_logmap) {
    const double *c = s[0];
    gk_scalars of_d, of_x;
    POINCARE_PAIR(in[0], in[1], c);
    GK_SCALARS {
        double f = poincare_F(s2[i] / (a[i] * b[i])).value / b[i];
        of_d[i] = f * a[i];
        of_x[i] = f * s2[i];
    }
    GK_COMBINE(out[0], of_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) - of_x[i] * GK_AT(in[0]));
}

/* g, x, y; c -> gx, gy; gc, with p = <g, m> = a p_d - s p_x */
GK_ROW_FUNCTION(poincare_logmap_vjp) {
    const double *c = s[0];
    gk_scalars pd, px, of_d, of_x, x_x, y_y, d_d;
    POINCARE_PAIR(in[1], in[2], c);
    GK_SUM2(pd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])), px, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, p = a[i] * pd[i] - s2[i] * px[i];
        poincare_ratio F = poincare_F(E);
        double f = F.value / b[i], e = F.slope * p / b[i];
        double A = f * pd[i] - e * E / a[i], B = -(e * E + f * p) / b[i], S = e / ab - f * px[i];
        of_d[i] = f * a[i];
        of_x[i] = f * s2[i];
        x_x[i] = -2.0 * c[i] * A;
        y_y[i] = -2.0 * c[i] * B;
        d_d[i] = 2.0 * c[i] * S;
        t[0][i] = S * dd[i] - A * xx[i] - B * yy[i];
    }
    GK_COMBINE(out[0], x_x[i] * GK_AT(in[1]) - (of_x[i] + of_d[i]) * GK_AT(in[0]) -
                           d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[1], y_y[i] * GK_AT(in[2]) + of_d[i] * GK_AT(in[0]) + d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
}

/* x, v; c -> y = exp_x v = x (+) w with w = (tau/a) v, T = tanh(sqrt(c)|v|/a), tau = T a/(sqrt(c)|v|):
 *   y = (P x + tau v)/Q,  P = 1 + T^2 + 2 kappa T,  Q = P - a T^2,  kappa = sqrt(c)<x, v>/|v|.
 * Towards the origin from near the boundary (kappa -> -1, T -> 1) P and Q cancel. With omega = 1 + kappa, where
 * (1 + kappa)(1 - kappa) = a + o for o = c|x - <x,v>v/|v|^2|^2, they are sums of positive terms:
 *   P = (1 - T)^2 + 2 T omega,  Q = (1 - T)^2 + T (2 o + a (2 (1 - T) + T omega))/(1 - kappa),  1 - T = 2/(1 + e^2z). */
#define POINCARE_EXP(x, v, c)                                                                                          \
    gk_scalars a, xx, n, xv, across, along, P, Q, tau, TT;                                                             \
    GK_GAP(a, xx, c, x);                                                                                               \
    GK_LENGTH(n, v);                                                                                                   \
    GK_SUM(xv, GK_AT(x) * GK_AT(v));                                                                                   \
    GK_SCALARS along[i] = n[i] == 0.0 ? 0.0 : xv[i] / n[i] / n[i];                                                     \
    GK_SUM(across, (GK_AT(x) - GK_OF(along) * GK_AT(v)) * (GK_AT(x) - GK_OF(along) * GK_AT(v)));                               \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt(c[i]), z = rc * n[i] / a[i], T = gk_tanh(z), T1 = 2.0 / (1.0 + gk_exp(2.0 * z));    \
        double kappa = rc * along[i] * n[i], o = c[i] * across[i];                                                     \
        double omega = kappa < 0.0 ? (a[i] + o) / (1.0 - kappa) : 1.0 + kappa;                                         \
        double p = T1 * T1 + 2.0 * T * omega;                                                                          \
        double q = T1 * T1 + T * (2.0 * o + a[i] * (2.0 * T1 + T * omega)) / (1.0 - kappa);                            \
        P[i] = p;                                                                                                      \
        Q[i] = kappa < 0.0 ? q : p - a[i] * T * T;                                                                     \
        double steepness = T * (a[i] / (rc * n[i]));                                                                   \
        tau[i] = z < 1e-150 ? 1.0 : steepness;                                                                         \
        TT[i] = T * T;                                                                                                 \
    }

GK_ROW_FUNCTION(poincare_expmap) {
    const double *c = s[0];
    gk_scalars of_x, of_v;
    POINCARE_EXP(in[0], in[1], c);
    gk_inside(block, 0, a);
    GK_SCALARS {
        of_x[i] = P[i] / Q[i];
        of_v[i] = tau[i] / Q[i];
        t[0][i] = a[i] * (1.0 - TT[i]) / Q[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[1]));
}

/* g, x, v; c -> gx, gv; gc. In terms of a, k = c<x,v>, m = c|v|^2 and h = m/a^2 (so T^2 = h tau^2, tau = tanhc(sqrt h)):
 *   P = 1 + h tau^2 + 2k tau/a,  Q = 1 + 2k tau/a + (1 - a) h tau^2,
 * alpha = (p_x - p_y)/Q multiplies 2 d(k tau/a), eta = alpha + a p_y/Q multiplies d(h tau^2), p_v/Q multiplies d tau. */
GK_ROW_FUNCTION(poincare_expmap_vjp) {
    const double *c = s[0];
    gk_scalars px, pv, of_gx, of_gv, x_x, k_c, v_v;
    POINCARE_EXP(in[1], in[2], c);
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), pv, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double root = __builtin_sqrt(c[i]) * n[i] / a[i], h = root * root, k = c[i] * xv[i];
        double py = (P[i] * px[i] + tau[i] * pv[i]) / Q[i];
        double alpha = (px[i] - py) / Q[i], eta = alpha + a[i] * py / Q[i];
        double of_tau = pv[i] / Q[i] + 2.0 * alpha * k / a[i];
        /* h T'(h) = (sech^2 - tau)/2 and h tau = tanh sqrt(h), which stay finite where h overflows */
        double series = h * (-1.0 / 3 + h * (4.0 / 15 + h * (-17.0 / 105 + h * (248.0 / 2835))));
        double h_slope = h < 1e-3 ? series : 0.5 * ((1.0 - TT[i]) - tau[i]);
        double hH = h_slope * (of_tau + 2.0 * root * __builtin_sqrt(TT[i]) * eta) + TT[i] * eta;
        double K = 2.0 * alpha * tau[i] / a[i];
        double A = py * TT[i] / Q[i] - 2.0 * alpha * k * tau[i] / (a[i] * a[i]) - 2.0 * hH / a[i];
        double M = n[i] == 0.0 ? 0.0 : hH / n[i] / n[i]; /* c dL/dm */
        of_gx[i] = P[i] / Q[i];
        of_gv[i] = tau[i] / Q[i];
        x_x[i] = -2.0 * c[i] * A;
        k_c[i] = c[i] * K;
        v_v[i] = 2.0 * M;
        t[0][i] = K * xv[i] + hH / c[i] - A * xx[i];
    }
    GK_COMBINE(out[0], of_gx[i] * GK_AT(in[0]) + k_c[i] * GK_AT(in[2]) + x_x[i] * GK_AT(in[1]));
    GK_COMBINE(out[1], of_gv[i] * GK_AT(in[0]) + k_c[i] * GK_AT(in[1]) + v_v[i] * GK_AT(in[2]));
}

/* x, y; t, c -> the point at time t of the geodesic from x (t = 0) to y (t = 1). On the hyperboloid it is
 * alpha X + beta Y with alpha = sinh((1-t) theta)/sinh(theta), beta = sinh(t theta)/sinh(theta), theta = 2 asinh(sqrt E);
 * in the ball, with u = alpha b and v = beta a,
 *   y_t = 2 (u x + v y)/(2 (u + v) + ab (1 - alpha - beta)),   1 - c|y_t|^2 = 2ab/(that denominator).
 * Beyond |t theta| = 300 the point cannot be told from the end of the ray; t is cut there so that nothing overflows. */
#define POINCARE_GEODESIC_CORE(x, y, time, c)                                                                               \
    gk_scalars u, v, R, D;                                                                                             \
    gk_scalars theta, there;                                                                                           \
    POINCARE_PAIR(x, y, c);                                                                                            \
    GK_SCALARS {                                                                                                       \
        double ab = a[i] * b[i], th = poincare_arc(s2[i], ab), to = (time)[i] * th;                 \
        to = to > 300.0 + th ? 300.0 + th : to;                                                                        \
        to = to < -300.0 ? -300.0 : to;                                                                                \
        double tt = th == 0.0 ? (time)[i] : to / th, sc = gk_sinhc(th);                                                \
        double beta = tt * gk_sinhc(to) / sc, alpha = (1.0 - tt) * gk_sinhc(th - to) / sc;                             \
        theta[i] = th;                                                                                                 \
        there[i] = tt;                                                                                                 \
        u[i] = alpha * b[i];                                                                                           \
        v[i] = beta * a[i];                                                                                            \
        R[i] = 1.0 - alpha - beta;                                                                                     \
        D[i] = 2.0 * (u[i] + v[i]) + ab * R[i];                                                                        \
    }

GK_ROW_FUNCTION(poincare_geodesic) {
    const double *c = s[1];
    gk_scalars of_x, of_y;
    POINCARE_GEODESIC_CORE(in[0], in[1], s[0], c);
    GK_SCALARS {
        of_x[i] = 2.0 * u[i] / D[i];
        of_y[i] = 2.0 * v[i] / D[i];
        t[0][i] = 2.0 * a[i] * b[i] / D[i];
        (void)theta[i], (void)there[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + of_y[i] * GK_AT(in[1]));
}

/* g, x, y; t, c -> gx, gy; gt, gc. S(t) = sinh(t theta)/sinh(theta) = t sinhc(t theta)/sinhc(theta) is beta, and alpha
 * is S(1 - t); dS/dt = cosh(t theta)/sinhc(theta), and since d(theta^2)/dE = 4/sinhc(theta),
 *   dS/dE = 4t/sinhc(theta)^2 (t^2 sinhc'(t^2 theta^2) - sinhc(t theta)/sinhc(theta) sinhc'(theta^2)),
 * with sinhc' the derivative in the square. */
GK_INLINE double poincare_dS(double t, double theta) {
    double sc = gk_sinhc(theta), to = t * theta;
    return 4.0 * t / (sc * sc) * (t * t * gk_dsinhc(to * to) - gk_sinhc(to) / sc * gk_dsinhc(theta * theta));
}

GK_ROW_FUNCTION(poincare_geodesic_vjp) {
    const double *c = s[1];
    gk_scalars px, py, of_x, of_y, x_x, y_y, d_d;
    POINCARE_GEODESIC_CORE(in[1], in[2], s[0], c);
    GK_SUM2(px, GK_AT(in[0]) * GK_AT(in[1]), py, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double ab = a[i] * b[i], E = s2[i] / ab, th = theta[i], tt = there[i], sc = gk_sinhc(th);
        double p = 2.0 * (u[i] * px[i] + v[i] * py[i]) / D[i];
        double U = 2.0 * (px[i] - p) / D[i], V = 2.0 * (py[i] - p) / D[i], W = -p / D[i];
        double alpha = b[i] * U - ab * W, beta = a[i] * V - ab * W;
        double e = alpha * poincare_dS(1.0 - tt, th) + beta * poincare_dS(tt, th);
        double A = v[i] / a[i] * V + b[i] * R[i] * W - e * E / a[i];
        double B = u[i] / b[i] * U + a[i] * R[i] * W - e * E / b[i];
        double S = e / ab;
        of_x[i] = 2.0 * u[i] / D[i];
        of_y[i] = 2.0 * v[i] / D[i];
        x_x[i] = -2.0 * c[i] * A;
        y_y[i] = -2.0 * c[i] * B;
        d_d[i] = 2.0 * c[i] * S;
        t[0][i] = (beta * gk_cosh(tt * th) - alpha * gk_cosh((1.0 - tt) * th)) / sc;
        t[1][i] = S * dd[i] - A * xx[i] - B * yy[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[0]) + x_x[i] * GK_AT(in[1]) - d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[1], of_y[i] * GK_AT(in[0]) + y_y[i] * GK_AT(in[2]) + d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
}

/* x; margin, c -> x where |x| < (1 - margin)/sqrt(c), else x scaled to that length; with margin 0 the driver pulls what
 * lies outside to the last representable point. */
GK_ROW_FUNCTION(poincare_projx) {
    const double *margin = s[0], *c = s[1];
    gk_scalars n, k;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double length = __builtin_sqrt(c[i]) * n[i], most = 1.0 - margin[i];
        k[i] = length > most && margin[i] > 0.0 ? most / length : 1.0;
        t[0][i] = 1.0 - length;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, x; margin, c -> gx; gmargin, gc: the identity inside; outside y = r x/|x|, r = (1 - margin)/sqrt(c) */
GK_ROW_FUNCTION(poincare_projx_vjp) {
    const double *margin = s[0], *c = s[1];
    gk_scalars n, p, k, of_x;
    GK_LENGTH(n, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double length = __builtin_sqrt(c[i]) * n[i], most = 1.0 - margin[i];
        int outside = margin[i] > 0.0 ? length > most : length >= 1.0;
        double scale = most / length;
        k[i] = outside ? scale : 1.0;
        of_x[i] = outside ? -scale * p[i] / n[i] / n[i] : 0.0;
        t[0][i] = outside ? -p[i] / length : 0.0;
        t[1][i] = outside ? -0.5 * scale * p[i] / c[i] : 0.0;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_x[i] * GK_AT(in[1]));
}

static const gk_row_kernel POINCARE_EXPMAP0 = {
    "expmap0", poincare_expmap0, 1, 1, 1, 0, 1, {"v"}, {"c"}, 6, 0.5, &GK_BALL};
static const gk_row_kernel POINCARE_EXPMAP0_VJP = {
    "expmap0_vjp", poincare_expmap0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"c"}, 8, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP0 = {
    "logmap0", poincare_logmap0, 1, 1, 1, 0, 0, {"y"}, {"c"}, 6, 0.5, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP0_VJP = {
    "logmap0_vjp", poincare_logmap0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"c"}, 10, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_EXPMAP = {
    "expmap", poincare_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 12, 1.0, &GK_BALL};
static const gk_row_kernel POINCARE_EXPMAP_VJP = {
    "expmap_vjp", poincare_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 16, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP = {
    "logmap", poincare_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 8, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_LOGMAP_VJP = {
    "logmap_vjp", poincare_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 12, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_GEODESIC = {
    "geodesic", poincare_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 14, 0.9, &GK_BALL};
static const gk_row_kernel POINCARE_GEODESIC_VJP = {
    "geodesic_vjp", poincare_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 24, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_PROJX = {
    "projx", poincare_projx, 1, 2, 1, 0, 1, {"x"}, {"eps", "c"}, 4, 0.4, &GK_BALL};
static const gk_row_kernel POINCARE_PROJX_VJP = {
    "projx_vjp", poincare_projx_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"eps", "c"}, 4, 0.8, &GK_BALL};

#endif
