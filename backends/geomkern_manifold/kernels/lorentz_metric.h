/* Distances, norms and inner products of Lorentz's model of curvature -c, by spatial coordinates.
 *
 * The point x of R^d stands for X = (x0, x) on the hyperboloid <X, X>_L = |x|^2 - x0^2 = -1/c, with the time
 * x0 = sqrt(1/c + |x|^2); the tangent vector v for V = (<x, v>/x0, v). All that cancels at a large radius is taken
 * apart by splitting a second vector along the first,
 *   v = v' + (m + rest) x,   <v', x> = 0,   a = |v'|^2,
 * where m is a number in double precision and v' + rest x = v - m x is computed by fused multiply-add: it is a vector
 * of rounding errors only where v is parallel to x, to the last bit.
 */
#ifndef GK_LORENTZ_METRIC_H
#define GK_LORENTZ_METRIC_H

#include "domains.h"

/* Below this square a point is the origin as far as splitting goes: m may be 0. */
#define LORENTZ_ORIGIN 1e-280

/* v - m x, in a sum and in a combination. */
#define LORENTZ_ASIDE_SUM(x, m, v) GK_FMA(GK_AT(x), (gk_lane){0} - GK_OF(m), GK_AT(v))
#define LORENTZ_ASIDE(x, m, v) __builtin_fma(-(m)[i], GK_AT(x), GK_AT(v))

/* Split v along x, given the sums xx = |x|^2, vv = |v|^2 and xv = <x, v>. Where v' is most of v, a = |v|^2 - m <x, v>
 * and rest = 0 will do, and elsewhere where NEEDED is false. Coordinates that were float32 leave more room. */
#define LORENTZ_SPLIT(m, rest, a, x, v, xx, vv, xv, NEEDED)                                                            \
    gk_scalars m, rest, a;                                                                                             \
    do {                                                                                                               \
        const double share = block->compensate ? 0.25 : 1e-7;                                                          \
        int parallel = 0;                                                                                              \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            double ratio = (xv)[i] / (xx)[i];                                                                          \
            (m)[i] = (xx)[i] > LORENTZ_ORIGIN ? ratio : 0.0;                                                           \
            (rest)[i] = 0.0;                                                                                           \
            (a)[i] = (vv)[i] - (m)[i] * (xv)[i];                                                                       \
            parallel |= ((a)[i] < share * (vv)[i]) & (NEEDED);                                                         \
        }                                                                                                              \
        if (!parallel) break;                                                                                          \
        gk_scalars ww, xw;                                                                                             \
        GK_SUM2(ww, LORENTZ_ASIDE_SUM(x, m, v) * LORENTZ_ASIDE_SUM(x, m, v), xw,                                       \
                LORENTZ_ASIDE_SUM(x, m, v) * GK_AT(x));                                                                \
        GK_SCALARS {                                                                                                   \
            int taken = ((a)[i] < share * (vv)[i]) & (NEEDED);                                                         \
            double r = (m)[i] == 0.0 ? 0.0 : xw[i] / (xx)[i], left = ww[i] - r * xw[i];                                \
            left = left < 0.0 ? 0.0 : left;                                                                            \
            (rest)[i] = taken ? r : 0.0;                                                                               \
            (a)[i] = taken ? left : (a)[i];                                                                            \
        }                                                                                                              \
    } while (0)

/* Split a tangent vector v at x. Near the origin the metric is nearly Euclidean and the plain form will do. */
#define LORENTZ_TANGENT(m, rest, a, x, v, xx, vv, xv, c)                                                               \
    LORENTZ_SPLIT(m, rest, a, x, v, xx, vv, xv, (c)[i] * (xx)[i] > 4.0)

/* dd = |delta|^2 and xd = <x, delta> of delta = y - x; where the points are far apart, from the sums that are there. */
#define LORENTZ_DELTA(x, y)                                                                                            \
    do {                                                                                                               \
        const double share = block->compensate ? 0.25 : 1e-7;                                                          \
        int near = 0;                                                                                                  \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            dd[i] = (xx[i] - xy[i]) + (yy[i] - xy[i]);                                                                 \
            xd[i] = xy[i] - xx[i];                                                                                     \
            near |= dd[i] < share * (xx[i] + yy[i]);                                                                   \
        }                                                                                                              \
        if (!near) break;                                                                                              \
        gk_scalars near_dd, near_xd;                                                                                   \
        GK_SUM2(near_dd, (GK_AT(y) - GK_AT(x)) * (GK_AT(y) - GK_AT(x)), near_xd, GK_AT(x) * (GK_AT(y) - GK_AT(x)));    \
        GK_SCALARS {                                                                                                   \
            int taken = dd[i] < share * (xx[i] + yy[i]);                                                               \
            dd[i] = taken ? near_dd[i] : dd[i];                                                                        \
            xd[i] = taken ? near_xd[i] : xd[i];                                                                        \
        }                                                                                                              \
    } while (0)

/* h = sinh^2(sqrt(c) d/2) = (c (x0 y0 - <x, y>) - 1)/2, as a sum of positive terms. With y split along x, a = |y'|^2,
 *   (x0 y0)^2 - (<x, y> + 1/c)^2 = |x|^2 a + |delta|^2/c,   so   h = (c |x|^2 a + |delta|^2)/(2 (x0 y0 + <x, y> + 1/c))
 * where <x, y> > 0; elsewhere x0 y0 - 1/c is rationalised:
 *   h = ((|x|^2 + |y|^2 + c |x|^2 |y|^2)/(x0 y0 + 1/c) - c <x, y>)/2. */
#define LORENTZ_PAIR(x, y, c)                                                                                          \
    gk_scalars xx, yy, xy, dd, xd, x0, y0, flat, ix, h;                                                                \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), yy, GK_AT(y) * GK_AT(y), xy, GK_AT(x) * GK_AT(y));                                \
    LORENTZ_DELTA(x, y);                                                                                               \
    LORENTZ_SPLIT(m, rest, a, x, y, xx, yy, xy, xy[i] > 0.0);                                                          \
    GK_SCALARS {                                                                                                       \
        double towards = xy[i] > 0.0 ? xy[i] : 0.0, aside = xy[i] > 0.0 ? a[i] : yy[i];                                \
        double apart = xy[i] > 0.0 ? dd[i] : xx[i] + yy[i];                                                            \
        flat[i] = 1.0 / (c)[i];                                                                                        \
        x0[i] = __builtin_sqrt(flat[i] + xx[i]);                                                                       \
        y0[i] = __builtin_sqrt(flat[i] + yy[i]);                                                                       \
        ix[i] = 1.0 / x0[i];                                                                                           \
        double below = 1.0 / (y0[i] + (towards + flat[i]) * ix[i]);                                                    \
        h[i] = 0.5 * ((c)[i] * (xx[i] * ix[i] * (aside * below) - (xy[i] - towards)) + apart * ix[i] * below);         \
        (void)rest[i], (void)xd[i];                                                                                    \
    }

/* The vector y' + kappa x = y - (y0/x0) x, along which all first derivatives of h lie:
 *   dh/dx = -c/2 (y' + kappa x),   dh/dy = c/2 (x0/y0)(y' + kappa x),   dh/dc = x0/(4 y0) |y' + kappa x|^2.
 * With m = <x, y>/|x|^2 exactly,
 *   kappa = m - y0/x0 = ((m - 1)(m + 1)/c - a)/(x0 (m x0 + y0)),   m - 1 = <x, delta>/|x|^2,
 * where m > 0. What out[.] adds to y - m x is (kappa - rest) x. */
#define LORENTZ_SLOPE(c)                                                                                               \
    gk_scalars kappa;                                                                                                  \
    GK_SCALARS {                                                                                                       \
        double whole = m[i] + rest[i], below = ix[i] / (whole * x0[i] + y0[i]);                                        \
        double outer = xd[i] / xx[i] * flat[i] * ((whole + 1.0) * below), inner = a[i] * below;                        \
        kappa[i] = m[i] > 0.0 ? outer - inner : whole - y0[i] * ix[i];                                                 \
    }

/* F(h) = theta/sinh(theta), theta = 2 asinh(sqrt h). */
GK_INLINE double lorentz_F(double h) {
    double F = gk_asinh(__builtin_sqrt(h)) / (__builtin_sqrt(h) * __builtin_sqrt(1.0 + h));
    return h < 1e-300 ? 1.0 : F;
}

/* (1 + h) F'. Since (F^2 h (1 + h))' = F, F' = (1 - (1 + 2h) F)/(2h (1 + h)), which cancels for small h; there the
 * series of F, whose coefficients are (-1)^n (2n)!!/(2n + 1)!!, is used. */
GK_INLINE double lorentz_F_slope(double h, double F) {
    double series = -2.0 / 3 + h * (16.0 / 15 + h * (-48.0 / 35 + h * (512.0 / 315 + h * (-1280.0 / 693 +
                    h * (2048.0 / 1001 + h * (-14336.0 / 6435 + h * (262144.0 / 109395)))))));
    double direct = (1.0 - (1.0 + 2.0 * h) * F) / (2.0 * h);
    return h < 0.01 ? (1.0 + h) * series : direct;
}

/* I(q) = asinh(z)/z for q = z^2, and q I' = (1/sqrt(1 + q) - I)/2, by its series for small q. */
typedef struct {
    double value, slope;
} lorentz_ratio;

GK_INLINE lorentz_ratio lorentz_I(double z) {
    double q = z * z, I = z < 1e-150 ? 1.0 : gk_asinh(z) / z;
    double series = q * (-1.0 / 6 + q * (3.0 / 20 + q * (-15.0 / 112 + q * (35.0 / 288 + q * (-315.0 / 2816 +
                    q * (693.0 / 6656 + q * (-1001.0 / 10240 + q * (6435.0 / 69632))))))));
    lorentz_ratio ratio = {I, q < 0.01 ? series : 0.5 * (1.0 / __builtin_sqrt(1.0 + q) - I)};
    return ratio;
}

/* x; c -> x0, the time of the point (its cosh, scaled) */
GK_DIRECT_ROW_FUNCTION(lorentz_time) {
    const double *c = s[0];
    gk_scalars n;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double r = 1.0 / __builtin_sqrt(c[i]), root = __builtin_sqrt(r * r + n[i] * n[i]);
        t[0][i] = n[i] < 1e150 ? root : n[i];
    }
}

/* x; g, c -> gx; gc: dx0/dx = x/x0, dx0/dc = -1/(2 c^2 x0) */
GK_ROW_FUNCTION(lorentz_time_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars xx, m;
    GK_SUM(xx, GK_AT(in[0]) * GK_AT(in[0]));
    GK_SCALARS {
        m[i] = g[i] / __builtin_sqrt(1.0 / c[i] + xx[i]);
        t[0][i] = -0.5 * m[i] / (c[i] * c[i]);
    }
    GK_COMBINE(out[0], m[i] * GK_AT(in[0]));
}

/* x, y; c -> d = 2/sqrt(c) asinh(sqrt h) */
GK_DIRECT_ROW_FUNCTION(lorentz_dist) {
    const double *c = s[0];
    LORENTZ_PAIR(in[0], in[1], c);
    GK_SCALARS t[0][i] = 2.0 * gk_asinh(__builtin_sqrt(h[i])) / __builtin_sqrt(c[i]);
}

/* x, y; g, c -> gx, gy; gc
 * dd/dh = 1/(sqrt(c) sqrt(h (1 + h))), and dh/dc = h/c - (y0 - x0)^2/(4c x0 y0); with z = asinh(sqrt h),
 *   dd/dc = (tanh z - z - (y0 - x0)^2/(4 x0 y0 sqrt(h (1 + h))))/c^(3/2),
 *   y0 - x0 = (2 <x, delta> + |delta|^2)/(x0 + y0),
 * no term of which is positive; for small z, tanh z - z = h tanh z (2 (1 + h) F' + F). */
GK_ROW_FUNCTION(lorentz_dist_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_x, of_y, along;
    LORENTZ_PAIR(in[0], in[1], c);
    LORENTZ_SLOPE(c);
    GK_SCALARS {
        double slope = 0.5 * __builtin_sqrt(c[i]) * g[i] / (__builtin_sqrt(h[i]) * __builtin_sqrt(1.0 + h[i]));
        of_x[i] = h[i] == 0.0 ? 0.0 : -slope; /* the subgradient at x = y */
        of_y[i] = of_x[i] * -(x0[i] / y0[i]);
        along[i] = kappa[i] - rest[i];
    }
    GK_COMBINE(out[0], of_x[i] * (LORENTZ_ASIDE(in[0], m, in[1]) + along[i] * GK_AT(in[0])));
    GK_COMBINE(out[1], of_y[i] * (LORENTZ_ASIDE(in[0], m, in[1]) + along[i] * GK_AT(in[0])));
    if (!(block->wanted & 1)) return;
    GK_SCALARS {
        double root = __builtin_sqrt(h[i]), more = __builtin_sqrt(1.0 + h[i]), tanh = root / more, F = lorentz_F(h[i]);
        double near = h[i] * tanh * (2.0 * lorentz_F_slope(h[i], F) + F), far = tanh - F * root * more;
        double step = (2.0 * xd[i] + dd[i]) / (x0[i] + y0[i]),
               times = step / x0[i] * (step / y0[i]) / (4.0 * root * more);
        times = h[i] == 0.0 ? 0.0 : times;
        t[0][i] = g[i] * ((h[i] < 1.0 ? near : far) - times) / (c[i] * __builtin_sqrt(c[i]));
    }
}

/* x; c -> d(0, x) = |x| I(c|x|^2) = asinh(sqrt(c)|x|)/sqrt(c) */
GK_DIRECT_ROW_FUNCTION(lorentz_dist0) {
    const double *c = s[0];
    gk_scalars n;
    GK_LENGTH(n, in[0]);
    GK_SCALARS t[0][i] = gk_asinh(__builtin_sqrt(c[i]) * n[i]) / __builtin_sqrt(c[i]);
}

/* x; g, c -> gx; gc: dd/dx = x/(|x| sqrt(1 + c|x|^2)), dd/dc = |x| (q I')/c */
GK_ROW_FUNCTION(lorentz_dist0_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars n, m;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        double z = __builtin_sqrt(c[i]) * n[i], slope = g[i] / __builtin_sqrt(1.0 + z * z);
        m[i] = slope;
        t[0][i] = g[i] * n[i] * lorentz_I(z).slope / c[i];
        n[i] = n[i] == 0.0 ? 1.0 : n[i]; /* the subgradient 0 at 0 */
    }
    GK_COMBINE(out[0], m[i] * (GK_AT(in[0]) / n[i]));
}

/* x, u, v; c -> <u, v> - u0 v0 = <u', v'> + m_u m_v |x|^2/(1 + c|x|^2) */
GK_DIRECT_ROW_FUNCTION(lorentz_inner) {
    const double *c = s[0];
    const double limit = block->compensate ? 4.0 : 1e6;
    gk_scalars xx, xu, xv, uv;
    int far = 0;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), xu, GK_AT(in[0]) * GK_AT(in[1]), xv, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SUM(uv, GK_AT(in[1]) * GK_AT(in[2]));
    for (long i = 0; i < block->lanes; i++) {
        double x00 = 1.0 / c[i] + xx[i];
        t[0][i] = uv[i] - xu[i] * (xv[i] / x00);
        far |= c[i] * xx[i] > limit;
    }
    if (!far) return;
    gk_scalars mu, mv, wu, wv, ww;
    GK_SCALARS {
        mu[i] = xu[i] / xx[i];
        mv[i] = xv[i] / xx[i];
    }
    GK_SUM3(wu, LORENTZ_ASIDE_SUM(in[0], mu, in[1]) * GK_AT(in[0]),
            wv, LORENTZ_ASIDE_SUM(in[0], mv, in[2]) * GK_AT(in[0]),
            ww, LORENTZ_ASIDE_SUM(in[0], mu, in[1]) * LORENTZ_ASIDE_SUM(in[0], mv, in[2]));
    GK_SCALARS {
        double ru = wu[i] / xx[i], rv = wv[i] / xx[i], scale = xx[i] / (1.0 + c[i] * xx[i]);
        double split = (ww[i] - ru * wv[i]) + (mu[i] + ru) * scale * (mv[i] + rv);
        t[0][i] = c[i] * xx[i] > limit ? split : t[0][i];
    }
}

/* The vector with which the metric at x pairs, v - (v0/x0) x = v' + (m + rest)/(c x0^2) x; what is added to v - m x. */
#define LORENTZ_LOWER(along, m, rest, xx, c)                                                                           \
    gk_scalars along;                                                                                                  \
    GK_SCALARS(along)[i] = ((m)[i] + (rest)[i]) / (1.0 + (c)[i] * (xx)[i]) - (rest)[i]

/* x, u, v; g, c -> gx, gu, gv; gc: <u, v> - <x, u><x, v>/x0^2 has the derivatives V' in u, U' in v and
 * -(u0/x0) V' - (v0/x0) U' in x, where U' and V' are u and v lowered, and -u0 v0/(c x0)^2 in c. */
GK_ROW_FUNCTION(lorentz_inner_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars xx, uu, vv, xu, xv, of_u, of_v;
    GK_SUM3(xx, GK_AT(in[0]) * GK_AT(in[0]), uu, GK_AT(in[1]) * GK_AT(in[1]), vv, GK_AT(in[2]) * GK_AT(in[2]));
    GK_SUM2(xu, GK_AT(in[0]) * GK_AT(in[1]), xv, GK_AT(in[0]) * GK_AT(in[2]));
    LORENTZ_TANGENT(mu, ru, au, in[0], in[1], xx, uu, xu, c);
    LORENTZ_TANGENT(mv, rv, av, in[0], in[2], xx, vv, xv, c);
    LORENTZ_LOWER(lu, mu, ru, xx, c);
    LORENTZ_LOWER(lv, mv, rv, xx, c);
    GK_SCALARS {
        double x00 = 1.0 / c[i] + xx[i];
        of_u[i] = -g[i] * (xu[i] / x00);
        of_v[i] = -g[i] * (xv[i] / x00);
        t[0][i] = -g[i] * (xu[i] / x00) * (xv[i] / x00) / (c[i] * c[i]);
        (void)au[i], (void)av[i];
    }
    GK_COMBINE(out[0], of_u[i] * (LORENTZ_ASIDE(in[0], mv, in[2]) + lv[i] * GK_AT(in[0])) +
                           of_v[i] * (LORENTZ_ASIDE(in[0], mu, in[1]) + lu[i] * GK_AT(in[0])));
    GK_COMBINE(out[1], g[i] * (LORENTZ_ASIDE(in[0], mv, in[2]) + lv[i] * GK_AT(in[0])));
    GK_COMBINE(out[2], g[i] * (LORENTZ_ASIDE(in[0], mu, in[1]) + lu[i] * GK_AT(in[0])));
}

/* Split the tangent vector v at x and take its squared norm nn = |v|^2 - v0^2 = a + m^2 |x|^2/(1 + c|x|^2). */
#define LORENTZ_VECTOR(x, v, c)                                                                                        \
    gk_scalars xx, vv, xv, nn, shrunk;                                                                                 \
    GK_SUM3(xx, GK_AT(x) * GK_AT(x), vv, GK_AT(v) * GK_AT(v), xv, GK_AT(x) * GK_AT(v));                                \
    LORENTZ_TANGENT(m, rest, a, x, v, xx, vv, xv, c);                                                                  \
    GK_SCALARS {                                                                                                       \
        shrunk[i] = 1.0 / (1.0 + (c)[i] * xx[i]);                                                                      \
        nn[i] = a[i] + m[i] * xv[i] * shrunk[i];                                                                       \
        (void)rest[i];                                                                                                 \
    }

/* x, u; c -> sqrt(|u|^2 - u0^2) */
GK_DIRECT_ROW_FUNCTION(lorentz_norm) {
    const double *c = s[0];
    LORENTZ_VECTOR(in[0], in[1], c);
    GK_SCALARS t[0][i] = __builtin_sqrt(nn[i]);
}

/* x, u; g, c -> gx, gu; gc: half the derivatives of inner at u = v, over the norm, with subgradient 0 at u = 0 */
GK_ROW_FUNCTION(lorentz_norm_vjp) {
    const double *g = s[0], *c = s[1];
    gk_scalars of_x, of_u;
    LORENTZ_VECTOR(in[0], in[1], c);
    LORENTZ_LOWER(along, m, rest, xx, c);
    GK_SCALARS {
        double n = __builtin_sqrt(nn[i]), ratio = xv[i] / (1.0 / c[i] + xx[i]), slope = g[i] / n;
        of_u[i] = nn[i] == 0.0 ? 0.0 : slope;
        of_x[i] = -of_u[i] * ratio;
        t[0][i] = of_x[i] * ratio / (2.0 * c[i] * c[i]);
    }
    GK_COMBINE(out[0], of_x[i] * (LORENTZ_ASIDE(in[0], m, in[1]) + along[i] * GK_AT(in[0])));
    GK_COMBINE(out[1], of_u[i] * (LORENTZ_ASIDE(in[0], m, in[1]) + along[i] * GK_AT(in[0])));
}

/* x, u; c -> u + c <x, u> x: the metric is I - x x^T/x0^2, and its inverse I + c x x^T */
GK_DIRECT_ROW_FUNCTION(lorentz_egrad2rgrad) {
    const double *c = s[0];
    gk_scalars xu;
    GK_SUM(xu, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS xu[i] *= c[i];
    GK_COMBINE(out[0], GK_AT(in[1]) + xu[i] * GK_AT(in[0]));
}

/* g, x, u; c -> gx, gu; gc */
GK_ROW_FUNCTION(lorentz_egrad2rgrad_vjp) {
    const double *c = s[0];
    gk_scalars xu, gx;
    GK_SUM2(xu, GK_AT(in[1]) * GK_AT(in[2]), gx, GK_AT(in[0]) * GK_AT(in[1]));
    GK_SCALARS {
        t[0][i] = xu[i] * gx[i];
        xu[i] *= c[i];
        gx[i] *= c[i];
    }
    GK_COMBINE(out[0], xu[i] * GK_AT(in[0]) + gx[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], GK_AT(in[0]) + gx[i] * GK_AT(in[1]));
}

static const gk_row_kernel LORENTZ_TIME = {
    "time", lorentz_time, 1, 1, 0, 1, 0, {"x"}, {"c"}, 4, 0.3, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_TIME_VJP = {
    "time_vjp", lorentz_time_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 4, 0.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_DIST = {
    "dist", lorentz_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 12, 1.0, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_DIST_VJP = {
    "dist_vjp", lorentz_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 25, 1.8, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_DIST0 = {
    "dist0", lorentz_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 6, 0.3, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_DIST0_VJP = {
    "dist0_vjp", lorentz_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 12, 0.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_INNER = {
    "inner", lorentz_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 4, 1.0, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_INNER_VJP = {
    "inner_vjp", lorentz_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 8, 2.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_NORM = {
    "norm", lorentz_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 6, 0.8, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_NORM_VJP = {
    "norm_vjp", lorentz_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 8, 1.4, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel LORENTZ_EGRAD2RGRAD = {
    "egrad2rgrad", lorentz_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 3, 0.8, &GK_HYPERBOLIC_CHART, 1};
static const gk_row_kernel LORENTZ_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", lorentz_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 3, 1.3, &GK_HYPERBOLIC_CHART};

#endif
