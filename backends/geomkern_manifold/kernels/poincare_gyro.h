/* Gyrovector operations of the Poincaré ball of curvature -c (Ungar 2008; Ganea, Becigneul and Hofmann 2018).
 * Notation as in poincare_metric.h. */
#ifndef GK_POINCARE_GYRO_H
#define GK_POINCARE_GYRO_H

#include "poincare_metric.h"

/* u, v; c -> y = u (+) v = ((1 + 2c<u,v> + c|v|^2) u + (1 - c|u|^2) v) / (1 + 2c<u,v> + c^2|u|^2|v|^2).
 * With w = u + v, s = c|w|^2, a = 1 - c|u|^2, b = 1 - c|v|^2 the factor of u is a + s, the denominator is D = s + ab,
 * and y = (a w + s u)/D: sums of terms that do not cancel. 1 - c|y|^2 = ab/D. */
#define POINCARE_SUM(u, v, c)                                                                                          \
    gk_scalars a, b, xx, yy, ww, s2;                                                                                   \
    GK_SUM3(xx, GK_AT(u) * GK_AT(u), yy, GK_AT(v) * GK_AT(v), ww,                                                      \
            (GK_AT(u) + GK_AT(v)) * (GK_AT(u) + GK_AT(v)));                                                            \
    GK_GAP_OF(a, xx, c, u);                                                                                            \
    GK_GAP_OF(b, yy, c, v);                                                                                            \
    gk_inside(block, 0, a);                                                                                            \
    gk_inside(block, 1, b);                                                                                            \
    GK_SCALARS s2[i] = (c)[i] * ww[i];                                                                                 \
    POINCARE_OPENING(D, s2, -, u, v, c)

CURVED_DIRECT_FUNCTION(mobius_add, 1, -1) {
    const double *c = s[0];
    gk_scalars of_w, of_u;
    POINCARE_SUM(in[0], in[1], c);
    if (either) gk_require(block, 1, D, &GK_INFINITE);
    GK_SCALARS {
        of_w[i] = a[i] / D[i];
        of_u[i] = s2[i] / D[i];
        t[0][i] = a[i] * b[i] / D[i];
    }
    GK_COMBINE(out[0], of_w[i] * (GK_AT(in[0]) + GK_AT(in[1])) + of_u[i] * GK_AT(in[0]));
}

/* g, u, v; c -> gu, gv; gc
 * dL = (p_w da + a <g,dw> + p_u ds + s <g,du>)/D - p_y dD/D with dD = ds + a db + b da and p_y = (a p_w + s p_u)/D.
 * With q = p_w - b p_u this gives A = s q/D^2, S = -a q/D^2, B = -a p_y/D. */
CURVED_FUNCTION(mobius_add_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars pu, pw, of_g, of_w, of_u, of_v, g_of_u;
    POINCARE_SUM(in[1], in[2], c);
    GK_SUM2(pu, GK_AT(in[0]) * GK_AT(in[1]), pw, GK_AT(in[0]) * (GK_AT(in[1]) + GK_AT(in[2])));
    GK_SCALARS {
        double q = (pw[i] - b[i] * pu[i]) / (D[i] * D[i]), py = (a[i] * pw[i] + s2[i] * pu[i]) / D[i];
        double A = s2[i] * q, S = -a[i] * q, B = -a[i] * py / D[i];
        of_g[i] = a[i] / D[i];
        g_of_u[i] = s2[i] / D[i];
        of_w[i] = 2.0 * c[i] * S;
        of_u[i] = -2.0 * c[i] * A;
        of_v[i] = -2.0 * c[i] * B;
        t[0][i] = S * ww[i] - A * xx[i] - B * yy[i];
    }
    GK_COMBINE(out[0], (of_g[i] + g_of_u[i]) * GK_AT(in[0]) + of_w[i] * (GK_AT(in[1]) + GK_AT(in[2])) +
                           of_u[i] * GK_AT(in[1]));
    GK_COMBINE(out[1], of_g[i] * GK_AT(in[0]) + of_w[i] * (GK_AT(in[1]) + GK_AT(in[2])) + of_v[i] * GK_AT(in[2]));
}

/* x; r, c -> y = k x, k = tanh(r zeta)/nu with nu = sqrt(c)|x|, zeta = artanh(nu) = nu Z: k = r Z T(r zeta),
 * T(z) = tanh(z)/z */
CURVED_FUNCTION(scalar_mul, 2, -1) {
    const double *r = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS {
        double u = c[i] * xx[i], Z = curved_Z(either, u, a[i]).value;
        double reach = gk_abs(r[i]) * Z * __builtin_sqrt(gk_abs(u));
        double T = curved_T(either, reach, c[i]).value, tanh = reach * T;
        k[i] = r[i] * Z * T;
        t[0][i] = either && c[i] <= 0.0 ? 1.0 : (1.0 - tanh) * (1.0 + tanh);
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* g, x; r, c -> gx; gr, gc
 * With u = nu^2: dk/dr = Z sech^2(r zeta), and dk/du = (r sech^2/a - k)/(2u), which cancels for small u; there
 * dk/du = r (Z' T + Z T' r^2 (Z^2 + 2u Z Z')) with T' the derivative in the square. */
CURVED_FUNCTION(scalar_mul_vjp, 2, 1) {
    const double *r = s[0], *c = s[1];
    gk_scalars a, xx, p, k, of_x;
    GK_GAP(a, xx, c, in[1]);
    GK_SUM(p, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        double u = c[i] * xx[i], r2 = r[i] * r[i];
        poincare_ratio Z = curved_Z(either, u, a[i]);
        double reach = gk_abs(r[i]) * Z.value * __builtin_sqrt(gk_abs(u));
        double ch = curved_cosh(either, reach, c[i]), sech2 = 1.0 / (ch * ch);
        poincare_ratio T = curved_T(either, reach, c[i]);
        double small = r[i] * (Z.slope * T.value + Z.value * T.slope * r2 * Z.value * (Z.value + 2.0 * u * Z.slope));
        double large = (r[i] * sech2 / a[i] - r[i] * Z.value * T.value) / (2.0 * u);
        double K = p[i] * ((either ? gk_abs(u) : u) < 0.1 ? small : large);
        k[i] = r[i] * Z.value * T.value;
        of_x[i] = 2.0 * c[i] * K;
        t[0][i] = p[i] * Z.value * sech2;
        t[1][i] = K * xx[i];
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]) + of_x[i] * GK_AT(in[1]));
}

/* Gyration and transport share their core: the rotation gyr[y, -x], which is the transport from x to y but for the
 * factor b/a of the lengths. It is the product of two reflections, in the direction m = a delta - s x in which y lies
 * from x and in delta = y - x: the inversion that exchanges x and y has its centre on the line through them, and turns
 * the geodesic between them round. With h = c<delta, v>, k = c<x, v>, D = s + ab and |m|^2 = |delta|^2 D this comes to
 *   W = v + f_x x + f_d delta,  f_x = 2 (ah - sk)/D,  f_d = -2 ((1 - a) h + (b + s) k)/D,
 * in which no term is larger than v, however near the boundary x and y are. For c <= 0 the two terms grow like 1/D
 * towards the antipode; there W = v - (2k/a) delta + gamma (x - (1 - a) y), gamma = f_x/a,
 * grows like its square root only. */
#define POINCARE_GYRATION_CORE(y, x_sign, x, v, c)                                                                     \
    gk_scalars a, b, xx, yy, dd, s2, xv, dv, f_x, f_d;                                                                 \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), yy, GK_AT(y) * GK_AT(y), dd,                                                      \
            (GK_AT(y) - x_sign GK_AT(x)) * (GK_AT(y) - x_sign GK_AT(x)));                                              \
    GK_SUM2(xv, x_sign GK_AT(x) * GK_AT(v), dv, (GK_AT(y) - x_sign GK_AT(x)) * GK_AT(v));                              \
    GK_GAP_OF(a, xx, c, x);                                                                                            \
    GK_GAP_OF(b, yy, c, y);                                                                                            \
    GK_SCALARS s2[i] = c[i] * dd[i];                                                                                   \
    POINCARE_OPENING(D, s2, x_sign, x, y, c);                                                                          \
    GK_SCALARS {                                                                                                       \
        double k = c[i] * xv[i], h = c[i] * dv[i];                                                                     \
        f_x[i] = 2.0 * (a[i] * h - s2[i] * k) / D[i];                                                                  \
        f_d[i] = -2.0 * (c[i] * xx[i] * h + (b[i] + s2[i]) * k) / D[i];                                                \
    }

/* Exchange the core's factors for those of c <= 0, on the rows that have it. */
#define CURVED_TURN                                                                                                    \
    gk_scalars gamma;                                                                                                  \
    GK_SCALARS {                                                                                                       \
        gamma[i] = c[i] <= 0.0 ? f_x[i] / a[i] : 0.0;                                                                  \
        f_x[i] = c[i] <= 0.0 ? 0.0 : f_x[i];                                                                           \
        f_d[i] = c[i] <= 0.0 ? -2.0 * c[i] * xv[i] / a[i] : f_d[i];                                                    \
    }

/* u, v, w; c -> gyr[u, v]w: the core with y = u and x = -v */
CURVED_FUNCTION(gyration, 1, -1) {
    const double *c = s[0];
    POINCARE_GYRATION_CORE(in[0], -, in[1], in[2], c);
    gk_inside(block, 0, b);
    gk_inside(block, 1, a);
    if (either) gk_require(block, 1, D, &GK_INFINITE);
    if (either) {
        CURVED_TURN;
        GK_COMBINE(out[0], GK_AT(in[2]) - f_x[i] * GK_AT(in[1]) + f_d[i] * (GK_AT(in[0]) + GK_AT(in[1])) -
                               gamma[i] * (GK_AT(in[1]) + c[i] * xx[i] * GK_AT(in[0])));
    } else {
        GK_COMBINE(out[0], GK_AT(in[2]) - f_x[i] * GK_AT(in[1]) + f_d[i] * (GK_AT(in[0]) + GK_AT(in[1])));
    }
}

/* x, y, v; c -> the parallel transport of v from x to y */
CURVED_DIRECT_FUNCTION(transp, 1, -1) {
    const double *c = s[0];
    POINCARE_GYRATION_CORE(in[1], +, in[0], in[2], c);
    gk_inside(block, 0, a);
    gk_inside(block, 1, b);
    if (either) gk_require(block, 1, D, &GK_ANTIPODE);
    if (either) {
        CURVED_TURN;
        GK_COMBINE(out[0], b[i] / a[i] *
                               (GK_AT(in[2]) + f_x[i] * GK_AT(in[0]) + f_d[i] * (GK_AT(in[1]) - GK_AT(in[0])) +
                                gamma[i] * (GK_AT(in[0]) - c[i] * xx[i] * GK_AT(in[1]))));
    } else {
        GK_COMBINE(out[0], b[i] / a[i] *
                               (GK_AT(in[2]) + f_x[i] * GK_AT(in[0]) + f_d[i] * (GK_AT(in[1]) - GK_AT(in[0]))));
    }
}

/* The backward pass of the core, for an upstream gradient g of W: the factors of the rows
 *   gv = g + h_d delta + k_x x,  gdelta = f_d g + h_d v + d_d delta,  gy = y_y y + gdelta,
 *   gx = f_x g + k_x v + x_x x - gdelta.
 * P = <g, delta> and X = <g, x> are dL/df_d and dL/df_x. */
#define POINCARE_GYRATION_CORE_VJP(g_delta, g_x, extra_a, extra_b)                                                     \
    gk_scalars h_d, k_x, d_d, y_y, x_x, gc;                                                                            \
    GK_SCALARS {                                                                                                       \
        double k = c[i] * xv[i], h = c[i] * dv[i], w = D[i];                                                           \
        double P = (g_delta)[i], X = (g_x)[i], N = (f_x[i] * X + f_d[i] * P) / w;                                      \
        double H = 2.0 * (a[i] * X - c[i] * xx[i] * P) / w, K = -2.0 * (s2[i] * X + (b[i] + s2[i]) * P) / w;           \
        double A = 2.0 * h * (X + P) / w - N * b[i] + (extra_a), B = -2.0 * k * P / w - N * a[i] + (extra_b);          \
        double S = -2.0 * k * (X + P) / w - N;                                                                         \
        h_d[i] = c[i] * H;                                                                                             \
        k_x[i] = c[i] * K;                                                                                             \
        d_d[i] = 2.0 * c[i] * S;                                                                                       \
        y_y[i] = -2.0 * c[i] * B;                                                                                      \
        x_x[i] = -2.0 * c[i] * A;                                                                                      \
        gc[i] = H * dv[i] + K * xv[i] + S * dd[i] - A * xx[i] - B * yy[i];                                             \
    }

/* g, u, v, w; c -> gu, gv, gw; gc */
CURVED_FUNCTION(gyration_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars gd, gx;
    POINCARE_GYRATION_CORE(in[1], -, in[2], in[3], c);
    GK_SUM2(gd, GK_AT(in[0]) * (GK_AT(in[1]) + GK_AT(in[2])), gx, -GK_AT(in[0]) * GK_AT(in[2]));
    POINCARE_GYRATION_CORE_VJP(gd, gx, 0.0, 0.0);
    GK_COMBINE(out[0], f_d[i] * GK_AT(in[0]) + y_y[i] * GK_AT(in[1]) + h_d[i] * GK_AT(in[3]) +
                           d_d[i] * (GK_AT(in[1]) + GK_AT(in[2])));
    GK_COMBINE(out[1], (f_d[i] - f_x[i]) * GK_AT(in[0]) + (h_d[i] - k_x[i]) * GK_AT(in[3]) + x_x[i] * GK_AT(in[2]) +
                           d_d[i] * (GK_AT(in[1]) + GK_AT(in[2])));
    GK_COMBINE(out[2], GK_AT(in[0]) + h_d[i] * (GK_AT(in[1]) + GK_AT(in[2])) - k_x[i] * GK_AT(in[2]));
    GK_SCALARS t[0][i] = gc[i];
}

/* g, x, y, v; c -> gx, gy, gv; gc: the core's with upstream r g, r = b/a, and dL/dr = <g, W> */
CURVED_FUNCTION(transp_vjp, 1, 0) {
    const double *c = s[0];
    gk_scalars gd, gx, gv, r;
    POINCARE_GYRATION_CORE(in[2], +, in[1], in[3], c);
    GK_SUM3(gd, GK_AT(in[0]) * (GK_AT(in[2]) - GK_AT(in[1])), gx, GK_AT(in[0]) * GK_AT(in[1]), gv,
            GK_AT(in[0]) * GK_AT(in[3]));
    GK_SCALARS {
        r[i] = b[i] / a[i];
        gv[i] = (gv[i] + f_x[i] * gx[i] + f_d[i] * gd[i]) / a[i];
        gd[i] *= r[i];
        gx[i] *= r[i];
    }
    POINCARE_GYRATION_CORE_VJP(gd, gx, -gv[i] * r[i], gv[i]);
    GK_COMBINE(out[0], (f_x[i] - f_d[i]) * r[i] * GK_AT(in[0]) + (k_x[i] - h_d[i]) * GK_AT(in[3]) +
                           x_x[i] * GK_AT(in[1]) - d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[1], f_d[i] * r[i] * GK_AT(in[0]) + y_y[i] * GK_AT(in[2]) + h_d[i] * GK_AT(in[3]) +
                           d_d[i] * (GK_AT(in[2]) - GK_AT(in[1])));
    GK_COMBINE(out[2], r[i] * GK_AT(in[0]) + h_d[i] * (GK_AT(in[2]) - GK_AT(in[1])) + k_x[i] * GK_AT(in[1]));
    GK_SCALARS t[0][i] = gc[i];
}

static const gk_row_kernel POINCARE_MOBIUS_ADD = {
    "mobius_add", poincare_mobius_add, 2, 1, 1, 0, 1, {"x", "y"}, {"c"}, 6, 0.9, &GK_BALL, 1};
static const gk_row_kernel POINCARE_MOBIUS_ADD_VJP = {
    "mobius_add_vjp", poincare_mobius_add_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"c"}, 10, 1.8, &GK_BALL};
static const gk_row_kernel POINCARE_SCALAR_MUL = {
    "mobius_scalar_mul", poincare_scalar_mul, 1, 2, 1, 0, 1, {"x"}, {"r", "c"}, 12, 0.5, &GK_BALL};
static const gk_row_kernel POINCARE_SCALAR_MUL_VJP = {
    "mobius_scalar_mul_vjp", poincare_scalar_mul_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"r", "c"}, 20, 1.0, &GK_BALL};
static const gk_row_kernel POINCARE_GYRATION = {
    "gyration", poincare_gyration, 3, 1, 1, 0, 0, {"u", "v", "w"}, {"c"}, 6, 1.3, &GK_BALL};
static const gk_row_kernel POINCARE_GYRATION_VJP = {
    "gyration_vjp", poincare_gyration_vjp, 4, 1, 3, 1, 0, {"g", "u", "v", "w"}, {"c"}, 10, 2.6, &GK_BALL};
static const gk_row_kernel POINCARE_TRANSP = {
    "transp", poincare_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"c"}, 6, 1.3, &GK_BALL, 1};
static const gk_row_kernel POINCARE_TRANSP_VJP = {
    "transp_vjp", poincare_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"c"}, 10, 2.6, &GK_BALL};

#endif
