/* Exponential and logarithmic maps, geodesics, transport and Einstein addition of Klein's ball of curvature -c, whose
 * geodesics are straight. Notation as in klein_metric.h. */
#ifndef GK_KLEIN_MAPS_H
#define GK_KLEIN_MAPS_H

#include "klein_metric.h"

/* The geodesic from x with the velocity v reaches x + mu v. On the hyperboloid it is cosh(r) X + sinh(r)/r V, with
 *   K = k/a, k = c<x,v>,  r = sqrt(m/a + K^2), m = c|v|^2   (r is sqrt(c) times the length of v),
 * and dividing its space by its time gives 1/mu = K + r coth(r) = (r + K) + psi(r), psi = 2r/(e^2r - 1). Towards the
 * origin from near the boundary r + K cancels; it is m/(a (r - K)). In terms of n = sqrt(c)|v| and
 * e = sqrt(c)<x,v>/|v|, which cannot overflow: r = n f/a with f = sqrt(a + e^2), K = n e/a. */
typedef struct {
    double mu, r, K, onward, f; /* onward = r + K */
} klein_step;

GK_INLINE klein_step klein_step_of(double a, double n, double e) {
    double f = __builtin_sqrt(a + e * e), r = n / a * f, psi = 2.0 * r / gk_expm1(2.0 * r);
    double onward = e < 0.0 ? n / (f - e) : n / a * (f + e);
    psi = r == 0.0 ? 1.0 : r > 1e300 ? 0.0 : psi;
    klein_step step = {1.0 / (onward + psi), r, n / a * e, onward, f};
    return step;
}

/* The derivatives of 1/mu in k, m and a. With Theta = (r coth r)'/r and psi' = r Theta - 1 they are
 *   K^ = ((r + K) + psi' K)/(ra),  M^ = Theta/(2a),  A^ = -((r + K)^2 + psi' (r^2 + K^2))/(2ra),
 * the last one for small r as -(K + Theta (r^2 + K^2)/2)/a. */
typedef struct {
    double of_k, of_m, of_a;
} klein_step_slopes;

GK_INLINE klein_step_slopes klein_slopes(klein_step step, double a, double e) {
    double r = step.r, q = r * r, E = gk_expm1(2.0 * r), f = step.f;
    double series = 2.0 / 3 + q * (-4.0 / 45 + q * (4.0 / 315 + q * (-8.0 / 4725 + q * (4.0 / 18711 +
                    q * (-16584.0 / 638512875 + q * (56.0 / 18243225 + q * (-57872.0 / 162820783125)))))));
    double psi_slope = 2.0 / E * (1.0 - 2.0 * r - 2.0 * r / E), of_r = (1.0 + psi_slope) / r;
    int small = r < 0.2;
    psi_slope = small ? r * series - 1.0 : r > 350.0 ? 0.0 : psi_slope;
    of_r = small ? series : r > 350.0 ? 1.0 / r : of_r;
    double share = e < 0.0 ? a / ((f - e) * f) : (f + e) / f, K = step.K; /* (r + K)/r */
    double near = -(K + 0.5 * of_r * (q + K * K)) / a;
    double far = -0.5 * (step.onward * share + psi_slope * (r + K * (e / f))) / a;
    klein_step_slopes slopes = {(share + psi_slope * (e / f)) / a, 0.5 * of_r / a, small ? near : far};
    return slopes;
}

#define KLEIN_EXP(x, v, c)                                                                                             \
    gk_scalars a, xx, n, xv, e;                                                                                        \
    GK_GAP(a, xx, c, x);                                                                                               \
    GK_LENGTH(n, v);                                                                                                   \
    KLEIN_DOT_OF(xv, a, xx, n, x, v);                                                                                  \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt((c)[i]);                                                                            \
        e[i] = n[i] == 0.0 ? 0.0 : rc * (xv[i] / n[i]);                                                                \
        n[i] *= rc;                                                                                                    \
    }

/* x, v; c -> y = x + mu v, with 1 - c|y|^2 = a (mu r/sinh r)^2 */
GK_DIRECT_ROW_FUNCTION(klein_expmap) {
    const double *c = s[0];
    gk_scalars mu;
    KLEIN_EXP(in[0], in[1], c);
    gk_inside(block, 0, a);
    GK_SCALARS {
        klein_step step = klein_step_of(a[i], n[i], e[i]);
        double shrink = step.mu / gk_sinhc(step.r);
        mu[i] = step.mu;
        t[0][i] = a[i] * shrink * shrink;
    }
    GK_COMBINE(out[0], GK_AT(in[0]) + mu[i] * GK_AT(in[1]));
}

/* g, x, v; c -> gx, gv; gc: dL = <g, dx> + mu <g, dv> - mu^2 <g, v> (K^ dk + M^ dm + A^ da) */
GK_ROW_FUNCTION(klein_expmap_vjp) {
    const double *c = s[0];
    gk_scalars p, mu, k_c, v_v, x_x;
    KLEIN_EXP(in[1], in[2], c);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        klein_step step = klein_step_of(a[i], n[i], e[i]);
        klein_step_slopes slopes = klein_slopes(step, a[i], e[i]);
        double of_inverse = -p[i] * step.mu; /* times mu */
        mu[i] = step.mu;
        k_c[i] = c[i] * (of_inverse * slopes.of_k * step.mu);
        v_v[i] = 2.0 * c[i] * (of_inverse * slopes.of_m * step.mu);
        x_x[i] = -2.0 * c[i] * (of_inverse * step.mu * slopes.of_a);
        double reach = step.mu * n[i];
        t[0][i] = of_inverse * (slopes.of_k * (reach * e[i]) + slopes.of_m * n[i] * reach) / c[i] +
                  0.5 * x_x[i] * xx[i] / c[i];
    }
    GK_COMBINE(out[0], GK_AT(in[0]) + k_c[i] * GK_AT(in[2]) + x_x[i] * GK_AT(in[1]));
    GK_COMBINE(out[1], mu[i] * GK_AT(in[0]) + k_c[i] * GK_AT(in[1]) + v_v[i] * GK_AT(in[2]));
}

/* x, y; c -> log_x y = f delta, f = sqrt(a/b) A(H): along the chord, and as long as d */
GK_DIRECT_ROW_FUNCTION(klein_logmap) {
    const double *c = s[0];
    gk_scalars f;
    KLEIN_PAIR(in[0], in[1], c);
    GK_SCALARS f[i] = __builtin_sqrt(a[i] / b[i]) * klein_A(q[i] / (a[i] * b[i])).value;
    GK_COMBINE(out[0], f[i] * (GK_AT(in[1]) - GK_AT(in[0])));
}

/* f and the derivatives of log f in a, b, s and X; with h = A'/(A ab) that in b is -(1/2 + h q)/b, and since
 * A' ~ -A/(2H) for large H, -1/(2b A sqrt(1 + H)). Then also c dlog f/dc, for u = c|x|^2 and w = c|y|^2: the terms
 * -u/(2a) and w/(2b) are together (2X + s)/(2ab), which does not cancel for near points. */
typedef struct {
    double f, of_a, of_b, of_s, of_X, of_c;
} klein_speed;

GK_INLINE klein_speed klein_speed_of(double a, double b, double q, double X, double s, double u, double w) {
    double ab = a * b, H = q / ab;
    poincare_ratio A = klein_A(H);
    double h = A.slope / (A.value * ab), of_a = (0.5 - h * X * X) / a;
    double of_b = -0.5 / (b * A.value * __builtin_sqrt(1.0 + H));
    double near = (X + 0.5 * s) / ab + h * (X * X * (u / a) + q * (w / b)), far = -(of_a * u) - of_b * w;
    klein_speed speed = {__builtin_sqrt(a / b) * A.value, of_a, of_b, h * a, 2.0 * h * X,
                         h * (a * s + 2.0 * X * X) + (H < 1.0 ? near : far)};
    return speed;
}

/* g, x, y; c -> gx, gy; gc */
GK_ROW_FUNCTION(klein_logmap_vjp) {
    const double *c = s[0];
    gk_scalars p, f, d_d, d_x, x_x, y_y;
    KLEIN_PAIR(in[1], in[2], c);
    GK_SUM(p, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS {
        klein_speed speed = klein_speed_of(a[i], b[i], q[i], X[i], s2[i], c[i] * xx[i], c[i] * yy[i]);
        double e = p[i] * speed.f, A = e * speed.of_a, B = e * speed.of_b, S = e * speed.of_s, Xbar = e * speed.of_X;
        f[i] = speed.f;
        d_d[i] = 2.0 * c[i] * S;
        d_x[i] = c[i] * Xbar;
        x_x[i] = -2.0 * c[i] * A;
        y_y[i] = -2.0 * c[i] * B;
        t[0][i] = e * speed.of_c / c[i];
    }
    GK_COMBINE(out[0], (d_x[i] - d_d[i]) * (GK_AT(in[2]) - GK_AT(in[1])) - f[i] * GK_AT(in[0]) +
                           (x_x[i] - d_x[i]) * GK_AT(in[1]));
    GK_COMBINE(out[1], f[i] * GK_AT(in[0]) + d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])) + d_x[i] * GK_AT(in[1]) +
                           y_y[i] * GK_AT(in[2]));
}

/* x, y; t, c -> the point at time t of the geodesic: from the nearer end, which is x for t <= 1/2, a step lambda delta
 * with lambda = t f, that is x + kappa delta, kappa = mu lambda. From y the roles change: delta -> -delta, t -> 1 - t,
 * X -> -Y. */
#define KLEIN_GEODESIC_STEP(time, c)                                                                                   \
    int other = (time)[i] > 0.5;                                                                                       \
    double at = other ? 1.0 - (time)[i] : (time)[i], near = other ? b[i] : a[i], far = other ? a[i] : b[i];            \
    double near_X = other ? -(X[i] + s2[i]) : X[i], size = __builtin_sqrt(s2[i]);                                      \
    double near_square = (c)[i] * (other ? yy[i] : xx[i]), far_square = (c)[i] * (other ? xx[i] : yy[i]);              \
    klein_speed speed = klein_speed_of(near, far, q[i], near_X, s2[i], near_square, far_square);                       \
    double lambda = at * speed.f, way = lambda < 0.0 ? -1.0 : 1.0, e = size == 0.0 ? 0.0 : way * (near_X / size);      \
    klein_step step = klein_step_of(near, way * lambda * size, e)

GK_DIRECT_ROW_FUNCTION(klein_geodesic) {
    const double *c = s[1];
    gk_scalars from_y, kappa;
    KLEIN_PAIR(in[0], in[1], c);
    GK_SCALARS {
        KLEIN_GEODESIC_STEP(s[0], c);
        double shrink = step.mu / gk_sinhc(step.r);
        from_y[i] = other ? 1.0 : 0.0;
        kappa[i] = (other ? -step.mu : step.mu) * lambda;
        t[0][i] = near * shrink * shrink;
    }
    GK_COMBINE(out[0], (from_y[i] != 0.0 ? GK_AT(in[1]) : GK_AT(in[0])) + kappa[i] * (GK_AT(in[1]) - GK_AT(in[0])));
}

/* g, x, y; t, c -> gx, gy; gt, gc. Since 1/mu - K - (r coth r)' r = (r/sinh r)^2,
 *   dkappa/(kappa mu) = -(K^ lambda dX + M^ lambda^2 ds + A^ da) + (r/sinh r)^2 (dt/t + dlog f),
 * with X = c<near end, way to the far end>, a the gap of the near end. */
GK_ROW_FUNCTION(klein_geodesic_vjp) {
    const double *c = s[1];
    gk_scalars pd, gx_g, gx_d, gx_x, gx_y, gy_g, gy_d, gy_x, gy_y;
    KLEIN_PAIR(in[1], in[2], c);
    GK_SUM(pd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_SCALARS {
        KLEIN_GEODESIC_STEP(s[0], c);
        klein_step_slopes slopes = klein_slopes(step, near, e);
        double side = other ? -1.0 : 1.0, kappa = step.mu * lambda, S = gk_sinhc(step.r), shrink = 1.0 / (S * S);
        double w = side * pd[i] * kappa * step.mu, of_log = w * shrink;
        double A = of_log * speed.of_a - w * slopes.of_a, B = of_log * speed.of_b;
        double Sbar = of_log * speed.of_s - w * slopes.of_m * lambda * lambda;
        double Xbar = of_log * speed.of_X - w * slopes.of_k * lambda;
        double d = 2.0 * c[i] * Sbar, n_x = c[i] * Xbar, n_n = -2.0 * c[i] * A, f_f = -2.0 * c[i] * B;
        gx_g[i] = other ? kappa : 1.0 - kappa;
        gy_g[i] = other ? 1.0 - kappa : kappa;
        gx_d[i] = other ? -d : n_x - d;
        gy_d[i] = other ? d - n_x : d;
        gx_x[i] = other ? f_f : n_n - n_x;
        gy_y[i] = other ? n_n - n_x : f_f;
        gx_y[i] = other ? n_x : 0.0;
        gy_x[i] = other ? 0.0 : n_x;
        t[0][i] = pd[i] * step.mu * step.mu * speed.f * shrink;
        t[1][i] = (of_log * speed.of_c - w * (slopes.of_k * lambda * near_X + slopes.of_m * lambda * lambda * s2[i] -
                                              slopes.of_a * near_square)) / c[i];
    }
    GK_COMBINE(out[0], gx_g[i] * GK_AT(in[0]) + gx_d[i] * (GK_AT(in[2]) - GK_AT(in[1])) + gx_x[i] * GK_AT(in[1]) +
                           gx_y[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], gy_g[i] * GK_AT(in[0]) + gy_d[i] * (GK_AT(in[2]) - GK_AT(in[1])) + gy_x[i] * GK_AT(in[1]) +
                           gy_y[i] * GK_AT(in[2]));
}

/* x, y, v; c -> the parallel transport rho (v - zeta delta) of v from x to y, where
 *   rho = sqrt(b/a),  zeta = c N/M,  N = (1 + rho)<x,v> + <delta,v>,  M = sqrt(ab) + a - X.
 * On the hyperboloid V = (0, v)/sqrt(a) + kappa X, kappa = c<x,v>/a, is transported to V + eta (X + Y) with
 * eta = c<Y,V>/(1 - c<X,Y>) = (c<delta,v> + kappa X)/M, and the rest is its pull back at y: zeta = kappa + eta. */
#define KLEIN_TRANSP(x, y, v, c)                                                                                       \
    gk_scalars n, xv, dv, rho, M, zeta;                                                                                \
    KLEIN_PAIR(x, y, c);                                                                                               \
    GK_LENGTH(n, v);                                                                                                   \
    GK_SUM(dv, (GK_AT(y) - GK_AT(x)) * GK_AT(v));                                                                      \
    KLEIN_DOT_OF(xv, a, xx, n, x, v);                                                                                  \
    GK_SCALARS {                                                                                                       \
        rho[i] = __builtin_sqrt(b[i] / a[i]);                                                                          \
        M[i] = __builtin_sqrt(a[i] * b[i]) + (a[i] - X[i]);                                                            \
        zeta[i] = (c)[i] * ((1.0 + rho[i]) * xv[i] + dv[i]) / M[i];                                                    \
    }

GK_DIRECT_ROW_FUNCTION(klein_transp) {
    const double *c = s[0];
    KLEIN_TRANSP(in[0], in[1], in[2], c);
    GK_COMBINE(out[0], rho[i] * (GK_AT(in[2]) - zeta[i] * (GK_AT(in[1]) - GK_AT(in[0]))));
}

/* g, x, y, v; c -> gx, gy, gv; gc, by drho = rho/2 (db/b - da/a) and dM = db/(2 rho) + (1 + rho/2) da - dX */
GK_ROW_FUNCTION(klein_transp_vjp) {
    const double *c = s[0];
    gk_scalars gd, gv, d_g, d_v, d_x, v_x, x_x, y_y;
    KLEIN_TRANSP(in[1], in[2], in[3], c);
    GK_SUM2(gd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])), gv, GK_AT(in[0]) * GK_AT(in[3]));
    GK_SCALARS {
        double Z = -rho[i] * gd[i], N = Z * c[i] / M[i], Mbar = -Z * zeta[i] / M[i];
        double R = rho[i] * (gv[i] - zeta[i] * gd[i] + N * xv[i]);
        double A = -0.5 * R / a[i] + Mbar * (1.0 + 0.5 * rho[i]), B = 0.5 * R / b[i] + 0.5 * Mbar / rho[i];
        d_g[i] = -rho[i] * zeta[i];
        d_v[i] = N;
        v_x[i] = (1.0 + rho[i]) * N;
        d_x[i] = -c[i] * Mbar;
        x_x[i] = -2.0 * c[i] * A;
        y_y[i] = -2.0 * c[i] * B;
        /* -A xx - B yy, where R (xx/a - yy/b) = -R (a - b)/(abc) and a - b = 2X + s, whichever cancels less */
        double drop = s2[i] > a[i] ? 0.5 * (a[i] - b[i]) : X[i] + 0.5 * s2[i];
        t[0][i] = (Z * zeta[i] - Mbar * X[i] - R * drop / (a[i] * b[i])) / c[i] -
                  Mbar * ((1.0 + 0.5 * rho[i]) * xx[i] + 0.5 * yy[i] / rho[i]);
    }
    GK_COMBINE(out[0], (v_x[i] - d_v[i]) * GK_AT(in[3]) - d_g[i] * GK_AT(in[0]) +
                           d_x[i] * (GK_AT(in[2]) - GK_AT(in[1])) + (x_x[i] - d_x[i]) * GK_AT(in[1]));
    GK_COMBINE(out[1], d_g[i] * GK_AT(in[0]) + d_v[i] * GK_AT(in[3]) + d_x[i] * GK_AT(in[1]) + y_y[i] * GK_AT(in[2]));
    GK_COMBINE(out[2], rho[i] * GK_AT(in[0]) + v_x[i] * GK_AT(in[1]) + d_v[i] * (GK_AT(in[2]) - GK_AT(in[1])));
}

/* u, v; c -> y = u (+) v = (u + v/gamma + c gamma/(1 + gamma) <u,v> u)/(1 + c<u,v>), gamma = 1/sqrt(a) (Ungar 2008).
 * With w = u + v, U = c<u,w> and h = sqrt(a) this is (h w + U/(1 + h) u)/D, D = a + U; 1 - c|y|^2 = ab/D^2. */
#define KLEIN_SUM(u, v, c)                                                                                             \
    gk_scalars a, b, uu, vv, ww, uw, h, D;                                                                             \
    GK_SUM3(uu, GK_AT(u) * GK_AT(u), vv, GK_AT(v) * GK_AT(v), ww,                                                      \
            (GK_AT(u) + GK_AT(v)) * (GK_AT(u) + GK_AT(v)));                                                            \
    GK_SUM(uw, GK_AT(u) * (GK_AT(u) + GK_AT(v)));                                                                      \
    GK_GAP_OF(a, uu, c, u);                                                                                            \
    GK_GAP_OF(b, vv, c, v);                                                                                            \
    KLEIN_DOT(uw, a, __builtin_sqrt(uu[i] * ww[i]), u, GK_AT(u) + GK_AT(v), KLEIN_LOST(GK_AT(u), GK_AT(v)));           \
    GK_SCALARS {                                                                                                       \
        h[i] = __builtin_sqrt(a[i]);                                                                                   \
        D[i] = a[i] + (c)[i] * uw[i];                                                                                  \
    }                                                                                                                  \
    gk_inside(block, 0, a);                                                                                            \
    gk_inside(block, 1, b)

GK_DIRECT_ROW_FUNCTION(klein_mobius_add) {
    const double *c = s[0];
    gk_scalars of_w, of_u;
    KLEIN_SUM(in[0], in[1], c);
    GK_SCALARS {
        of_w[i] = h[i] / D[i];
        of_u[i] = c[i] * uw[i] / ((1.0 + h[i]) * D[i]);
        t[0][i] = a[i] / D[i] * (b[i] / D[i]);
    }
    GK_COMBINE(out[0], of_w[i] * (GK_AT(in[0]) + GK_AT(in[1])) + of_u[i] * GK_AT(in[0]));
}

/* g, u, v; c -> gu, gv; gc. p_y drops out of dL/dU = (p_u/(1 + h) - p_y)/D and dL/da, whose terms would cancel near the
 * boundary, where y is near u. */
GK_ROW_FUNCTION(klein_mobius_add_vjp) {
    const double *c = s[0];
    gk_scalars pu, pv, of_g, g_of_u, u_w, u_u;
    KLEIN_SUM(in[1], in[2], c);
    GK_SUM2(pu, GK_AT(in[0]) * GK_AT(in[1]), pv, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double H = 1.0 + h[i], U = c[i] * uw[i], pw = pu[i] + pv[i];
        double Ubar = h[i] * (pu[i] * h[i] / H - pw) / (D[i] * D[i]);
        double A =
            (0.5 * pw * (U - a[i]) - 0.5 * pu[i] * U * (D[i] + 2.0 * (h[i] + a[i])) / (H * H)) / (h[i] * D[i] * D[i]);
        of_g[i] = h[i] / D[i];
        g_of_u[i] = U / (H * D[i]);
        u_w[i] = c[i] * Ubar;
        u_u[i] = -2.0 * c[i] * A;
        t[0][i] = Ubar * uw[i] - A * uu[i];
    }
    GK_COMBINE(out[0], (of_g[i] + g_of_u[i]) * GK_AT(in[0]) + u_w[i] * (GK_AT(in[1]) + GK_AT(in[2])) +
                           (u_w[i] + u_u[i]) * GK_AT(in[1]));
    GK_COMBINE(out[1], of_g[i] * GK_AT(in[0]) + u_w[i] * GK_AT(in[1]));
}

static const gk_row_kernel KLEIN_EXPMAP = {
    "expmap", klein_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"c"}, 14, 0.9, &GK_BALL, 1};
static const gk_row_kernel KLEIN_EXPMAP_VJP = {
    "expmap_vjp", klein_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 18, 1.6, &GK_BALL};
static const gk_row_kernel KLEIN_LOGMAP = {
    "logmap", klein_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"c"}, 14, 1.0, &GK_BALL, 1};
static const gk_row_kernel KLEIN_LOGMAP_VJP = {
    "logmap_vjp", klein_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 16, 1.8, &GK_BALL};
static const gk_row_kernel KLEIN_GEODESIC = {
    "geodesic", klein_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "c"}, 24, 1.0, &GK_BALL, 1};
static const gk_row_kernel KLEIN_GEODESIC_VJP = {
    "geodesic_vjp", klein_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "c"}, 36, 2.0, &GK_BALL};
static const gk_row_kernel KLEIN_TRANSP = {
    "transp", klein_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 10, 1.4, &GK_BALL, 1};
static const gk_row_kernel KLEIN_TRANSP_VJP = {
    "transp_vjp", klein_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 14, 2.6, &GK_BALL};
static const gk_row_kernel KLEIN_MOBIUS_ADD = {
    "mobius_add", klein_mobius_add, 2, 1, 1, 0, 1, {"x", "y"}, {"c"}, 10, 1.0, &GK_BALL, 1};
static const gk_row_kernel KLEIN_MOBIUS_ADD_VJP = {
    "mobius_add_vjp", klein_mobius_add_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 14, 1.9, &GK_BALL};

#endif
