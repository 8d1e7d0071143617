/* Distances, norms and metric factors of Klein's ball of curvature -c.
 *
 * Throughout: a = 1 - c|x|^2 and b = 1 - c|y|^2 (compensated), delta = y - x, s = c|delta|^2, X = c<x,delta>,
 * Y = c<y,delta> = X + s. From cosh(sqrt(c) d) = (1 - c<x,y>)/sqrt(ab) and 1 - c<x,y> = a - X follows
 *   H = sinh^2(sqrt(c) d) = q/(ab),   q = a s + X^2 = b s + Y^2,
 * a sum of squares, which loses nothing for near points nor near the boundary, if X does not.
 * In the backward kernels X stands for dL/dX where a name is taken (Abar = dL/da ...), and p_x for <g, x>.
 */
#ifndef GK_KLEIN_METRIC_H
#define GK_KLEIN_METRIC_H

#include "poincare_metric.h"

/* What rounding p + q loses (Knuth). */
#define KLEIN_LOST(p, q)                                                                                               \
    (((p) - (((p) + (q)) - (((p) + (q)) - (p)))) + ((q) - (((p) + (q)) - (p))))

/* dot = <x, u + low>, given <x, u>, a bound on |x||u| and low, what rounding u lost. Lengths along x are 1/sqrt(a)
 * times longer than across, and so would be the error of <x, u>. Near the boundary it is therefore taken again in two
 * parts, as GK_GAP does: terms rounded to multiples of 2^-52 times a power of two above the bound, whose sum is exact,
 * and what the rounding leaves. */
#define KLEIN_DOT(dot, a, bound, x, U, LOW)                                                                            \
    do {                                                                                                               \
        int near_boundary = 0;                                                                                         \
        for (long i = 0; i < block->lanes; i++) near_boundary |= (a)[i] < 0.5;                                         \
        if (near_boundary && block->compensate) {                                                                      \
            gk_scalars shift = {0}, high, low;                                                                         \
            GK_SCALARS shift[i] = 1.5 * gk_from_bits(((gk_bits(bound) >> 52) + 1) << 52);                              \
            GK_SUM2(high, (GK_AT(x) * (U) + GK_OF(shift)) - GK_OF(shift), low,                                         \
                    ((GK_AT(x) * (U) - ((GK_AT(x) * (U) + GK_OF(shift)) - GK_OF(shift))) +                             \
                     GK_FMA(GK_AT(x), (U), -(GK_AT(x) * (U)))) + GK_AT(x) * (LOW));                                    \
            GK_SCALARS dot[i] = (a)[i] < 0.5 && (bound) < 1e280 ? high[i] + low[i] : dot[i];                           \
        }                                                                                                              \
    } while (0)

/* <x, u> for a row u that is stored. */
#define KLEIN_DOT_OF(dot, a, xx, n, x, u)                                                                              \
    GK_SUM(dot, GK_AT(x) * GK_AT(u));                                                                                  \
    KLEIN_DOT(dot, a, __builtin_sqrt(xx[i]) * n[i], x, GK_AT(u), 0.0)

#define KLEIN_PAIR(x, y, c)                                                                                            \
    gk_scalars a, b, xx, yy, dd, xd, s2, X, q GK_UNUSED;                                                               \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), yy, GK_AT(y) * GK_AT(y), dd,                                                      \
            (GK_AT(y) - GK_AT(x)) * (GK_AT(y) - GK_AT(x)));                                                            \
    GK_SUM(xd, GK_AT(x) * (GK_AT(y) - GK_AT(x)));                                                                      \
    GK_GAP_OF(a, xx, c, x);                                                                                            \
    GK_GAP_OF(b, yy, c, y);                                                                                            \
    KLEIN_DOT(xd, a, __builtin_sqrt(xx[i] * dd[i]), x, GK_AT(y) - GK_AT(x), KLEIN_LOST(GK_AT(y), -GK_AT(x)));          \
    GK_SCALARS {                                                                                                       \
        s2[i] = (c)[i] * dd[i];                                                                                        \
        X[i] = (c)[i] * xd[i];                                                                                         \
        q[i] = a[i] * s2[i] + X[i] * X[i];                                                                             \
    }                                                                                                                  \
    gk_inside(block, 0, a);                                                                                            \
    gk_inside(block, 1, b)

/* A(H) = asinh(sqrt H)/sqrt H and its derivative (1/sqrt(1 + H) - A)/(2H); by its series where that cancels. */
GK_INLINE poincare_ratio klein_A(double H) {
    double root = __builtin_sqrt(H), A = gk_asinh(root) / root;
    double slope = (1.0 / __builtin_sqrt(1.0 + H) - A) / (2.0 * H);
    double series = -1.0 / 6 + H * (3.0 / 20 + H * (-15.0 / 112 + H * (35.0 / 288 + H * (-315.0 / 2816 +
                    H * (693.0 / 6656 + H * (-1001.0 / 10240 + H * (6435.0 / 69632)))))));
    poincare_ratio ratio = {H < 1e-300 ? 1.0 : A, H < 0.01 ? series : slope};
    return ratio;
}

/* x, y; c -> d */
GK_DIRECT_ROW_FUNCTION(klein_dist) {
    const double *c = s[0];
    KLEIN_PAIR(in[0], in[1], c);
    GK_SCALARS t[0][i] = gk_asinh(__builtin_sqrt(q[i] / (a[i] * b[i]))) / __builtin_sqrt(c[i]);
}

/* x, y; g, c -> gx, gy; gc
 * dd/dx = -sqrt(c/q) (delta + X/a x), dd/dy = sqrt(c/q) (delta + Y/b y). Since d = F(sqrt(c) x, sqrt(c) y)/sqrt(c),
 * 2c dd/dc = <x, dd/dx> + <y, dd/dy> - d, and with Y/b - X/a = (q + XY)/(ab) this is, times sqrt(c),
 *   sqrt(H) (1/sqrt(ab) - 1) + XY/(ab sqrt(q)) + (sqrt(H) - asinh sqrt(H)),
 * for near points a sum without cancellation; for far ones with XY < 0 the first form is. */
GK_ROW_FUNCTION(klein_dist_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars along, of_x, of_y;
    KLEIN_PAIR(in[0], in[1], c);
    GK_SCALARS {
        double slope = g[i] * __builtin_sqrt(c[i] / q[i]);
        slope = q[i] == 0.0 ? 0.0 : slope; /* the subgradient at x = y */
        along[i] = slope;
        of_x[i] = slope * (X[i] / a[i]);
        of_y[i] = slope * ((X[i] + s2[i]) / b[i]);
    }
    GK_COMBINE(out[0], -of_x[i] * GK_AT(in[0]) - along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    GK_COMBINE(out[1], of_y[i] * GK_AT(in[1]) + along[i] * (GK_AT(in[1]) - GK_AT(in[0])));
    if (!(block->wanted & 1)) return;
    GK_SCALARS {
        double ab = a[i] * b[i], rab = __builtin_sqrt(ab), H = q[i] / ab, rH = __builtin_sqrt(H);
        double below = c[i] * xx[i] + c[i] * yy[i] * a[i]; /* 1 - ab */
        double series = 1.0 / 6 + H * (-3.0 / 40 + H * (5.0 / 112 + H * (-35.0 / 1152 + H * (63.0 / 2816 +
                        H * (-231.0 / 13312 + H * (143.0 / 10240 + H * (-6435.0 / 557056)))))));
        double bend = H < 0.01 ? rH * H * series : rH - gk_asinh(rH);
        double Y = X[i] + s2[i], rq = __builtin_sqrt(q[i]), turn = X[i] * (Y / (ab * rq));
        double near = rH * below / (rab * (1.0 + rab)) + (q[i] == 0.0 ? 0.0 : turn) + bend;
        double far = (Y / b[i] - X[i] / a[i]) / rq - gk_asinh(rH);
        double slope = X[i] < 0.0 && Y > 0.0 && H > 0.1 ? far : near;
        t[0][i] = 0.5 * g[i] * slope / (c[i] * __builtin_sqrt(c[i]));
    }
}

/* x; c -> d(0, x) = artanh(sqrt(c)|x|)/sqrt(c), half that of Poincaré's ball */
GK_DIRECT_ROW_FUNCTION(klein_dist0) {
    const double *c = s[0];
    gk_scalars a, xx;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_SCALARS t[0][i] = 0.5 * poincare_arc(c[i] * xx[i], a[i]) / __builtin_sqrt(c[i]);
}

/* x; g, c -> gx; gc */
GK_ROW_FUNCTION(klein_dist0_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, k;
    GK_GAP(a, xx, c, in[0]);
    GK_SCALARS {
        double n = __builtin_sqrt(xx[i]), slope = g[i] / (a[i] * n);
        k[i] = n == 0.0 ? 0.0 : slope; /* the subgradient at 0 */
        t[0][i] = g[i] * n * xx[i] * poincare_Z(c[i] * xx[i], a[i]).slope;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(in[0]));
}

/* x, u, v; c -> <u, v>/a + c <x, u><x, v>/a^2 */
GK_DIRECT_ROW_FUNCTION(klein_inner) {
    const double *c = s[0];
    gk_scalars a, xx, uv, m, n, xu, xv;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_LENGTH(m, in[1]);
    GK_LENGTH(n, in[2]);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    KLEIN_DOT_OF(xu, a, xx, m, in[0], in[1]);
    KLEIN_DOT_OF(xv, a, xx, n, in[0], in[2]);
    GK_SCALARS t[0][i] = (uv[i] + c[i] * xu[i] * xv[i] / a[i]) / a[i];
}

/* x, u, v; g, c -> gx, gu, gv; gc */
GK_ROW_FUNCTION(klein_inner_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, uv, m, n, xu, xv, k, u_x, v_x, of_x;
    GK_GAP(a, xx, c, in[0]);
    GK_LENGTH(m, in[1]);
    GK_LENGTH(n, in[2]);
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    KLEIN_DOT_OF(xu, a, xx, m, in[0], in[1]);
    KLEIN_DOT_OF(xv, a, xx, n, in[0], in[2]);
    GK_SCALARS {
        double cross = xu[i] * xv[i] / a[i], A = -g[i] * (uv[i] + 2.0 * c[i] * cross) / (a[i] * a[i]);
        k[i] = g[i] / a[i];
        u_x[i] = k[i] * c[i] * xu[i] / a[i];
        v_x[i] = k[i] * c[i] * xv[i] / a[i];
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = k[i] * cross - A * xx[i];
    }
    GK_COMBINE(out[0], v_x[i] * GK_AT(in[1]) + u_x[i] * GK_AT(in[2]) + of_x[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], k[i] * GK_AT(in[2]) + v_x[i] * GK_AT(in[0]));
    GK_COMBINE(out[2], k[i] * GK_AT(in[1]) + u_x[i] * GK_AT(in[0]));
}

/* x, u; c -> |u|/a f, f = sqrt(a + e^2) with e = sqrt(c) <x, u>/|u| */
GK_DIRECT_ROW_FUNCTION(klein_norm) {
    const double *c = s[0];
    gk_scalars a, xx, n, xu;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_LENGTH(n, in[1]);
    KLEIN_DOT_OF(xu, a, xx, n, in[0], in[1]);
    GK_SCALARS {
        double along = n[i] == 0.0 ? 0.0 : xu[i] / n[i];
        t[0][i] = n[i] * __builtin_sqrt(a[i] + c[i] * along * along) / a[i];
    }
}

/* x, u; g, c -> gx, gu; gc, with subgradient 0 at u = 0 */
GK_ROW_FUNCTION(klein_norm_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars a, xx, n, xu, k, x_u, of_u, of_x;
    GK_GAP(a, xx, c, in[0]);
    GK_LENGTH(n, in[1]);
    KLEIN_DOT_OF(xu, a, xx, n, in[0], in[1]);
    GK_SCALARS {
        double along = n[i] == 0.0 ? 0.0 : xu[i] / n[i], square = along * along;
        double slope = g[i] / (a[i] * __builtin_sqrt(a[i] + c[i] * square));
        double A = -slope * n[i] * (0.5 + c[i] * square / a[i]);
        k[i] = slope * a[i];
        x_u[i] = slope * c[i] * along;
        of_u[i] = n[i] == 0.0 ? 0.0 : x_u[i];
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = 0.5 * slope * square * n[i] - A * xx[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
    }
    GK_COMBINE(out[0], x_u[i] * GK_AT(in[1]) + of_x[i] * GK_AT(in[0]));
    GK_COMBINE(out[1], k[i] * (GK_AT(in[1]) / n[i]) + of_u[i] * GK_AT(in[0]));
}

/* x, u; c -> a (u - c <x, u> x), by the inverse of the metric */
GK_DIRECT_ROW_FUNCTION(klein_egrad2rgrad) {
    const double *c = s[0];
    gk_scalars a, xx, n, xu, of_x;
    GK_GAP(a, xx, c, in[0]);
    gk_inside(block, 0, a);
    GK_LENGTH(n, in[1]);
    KLEIN_DOT_OF(xu, a, xx, n, in[0], in[1]);
    GK_SCALARS of_x[i] = c[i] * xu[i];
    GK_COMBINE(out[0], a[i] * (GK_AT(in[1]) - of_x[i] * GK_AT(in[0])));
}

/* g, x, u; c -> gx, gu; gc */
GK_ROW_FUNCTION(klein_egrad2rgrad_vjp) {
    const double *c = s[0];
    gk_scalars a, xx, m, n, gu, xg, xu, g_x, u_x, of_x;
    GK_GAP(a, xx, c, in[1]);
    GK_LENGTH(m, in[0]);
    GK_LENGTH(n, in[2]);
    GK_SUM(gu, GK_AT(in[0]) * GK_AT(in[2]));
    KLEIN_DOT_OF(xg, a, xx, m, in[1], in[0]);
    KLEIN_DOT_OF(xu, a, xx, n, in[1], in[2]);
    GK_SCALARS {
        double A = gu[i] - c[i] * xu[i] * xg[i];
        g_x[i] = c[i] * xg[i];
        u_x[i] = c[i] * xu[i];
        of_x[i] = -2.0 * c[i] * A;
        t[0][i] = -a[i] * xu[i] * xg[i] - A * xx[i];
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[1]) - a[i] * (g_x[i] * GK_AT(in[2]) + u_x[i] * GK_AT(in[0])));
    GK_COMBINE(out[1], a[i] * (GK_AT(in[0]) - g_x[i] * GK_AT(in[1])));
}

static const gk_row_kernel KLEIN_DIST = {
    "dist", klein_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 12, 0.9, &GK_BALL, 1};
static const gk_row_kernel KLEIN_DIST_VJP = {
    "dist_vjp", klein_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 24, 1.5, &GK_BALL};
static const gk_row_kernel KLEIN_DIST0 = {
    "dist0", klein_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_BALL, 1};
static const gk_row_kernel KLEIN_DIST0_VJP = {
    "dist0_vjp", klein_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_BALL};
static const gk_row_kernel KLEIN_INNER = {
    "inner", klein_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 8, 1.2, &GK_BALL, 1};
static const gk_row_kernel KLEIN_INNER_VJP = {
    "inner_vjp", klein_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 10, 2.2, &GK_BALL};
static const gk_row_kernel KLEIN_NORM = {
    "norm", klein_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 6, 0.7, &GK_BALL, 1};
static const gk_row_kernel KLEIN_NORM_VJP = {
    "norm_vjp", klein_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 8, 1.3, &GK_BALL};
static const gk_row_kernel KLEIN_EGRAD2RGRAD = {
    "egrad2rgrad", klein_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 6, 1.0, &GK_BALL, 1};
static const gk_row_kernel KLEIN_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", klein_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 8, 1.8, &GK_BALL};

#endif
