/* Conversions between the half-space and Poincaré's ball (the Cayley map) or Lorentz's model.
 *
 * A point of the half-space is (s, y), y > 0. In units b = sqrt(c) x of the ball, with ' dropping the last coordinate,
 *   s = 2b'/D,  y = (1 - |b|^2)/D,        D = |b'|^2 + (1 - b_d)^2,
 *   b' = 2s/E,  b_d = (|x|^2 - 1)/E,      E = |s|^2 + (1 + y)^2.
 * Both are F after or before the inversion at an ideal point, where F changes the sign of the last coordinate: with m
 * from that point to x (m = (b', b_d - 1), D = |m|^2; or m = (s, -1 - y), E = |m|^2) the derivatives are
 *   2/D F (1 - 2 mm^T/D)   and   2/E (1 - 2 mm^T/E) F.
 * On the hyperboloid, with W = sqrt(1 + c|z|^2), sqrt(c) z' = s/y, sqrt(c) z_d = (|x|^2 - 1)/(2y) and
 * 1/y = V = W - sqrt(c) z_d.
 * 1 - b_d and V cancel towards the ideal point; then 1 - b_d = (1 - |b|^2 + |b'|^2)/(1 + b_d) and
 * V = (1 + c|z'|^2)/(W + sqrt(c) z_d).
 * In the comments F v is written v~; a name such as sv is the inner product over all coordinates but the last.
 */
#ifndef GK_CONVERSIONS_CAYLEY_H
#define GK_CONVERSIONS_CAYLEY_H

#include "domains.h"

/* Points come from the half-space; what they become lies in the ball or in a chart of all R^d. */
#define GK_CONVERSION_OUTSIDE                                                                                          \
    "lies outside the half-space", "the last coordinate of %s", "positive", 0.0, 1.0, 0, GK_OTHER_SIGN

static const gk_domain GK_HALF_SPACE_TO_BALL GK_UNUSED = {GK_CONVERSION_OUTSIDE, gk_pull_inside_ball};
static const gk_domain GK_HALF_SPACE_TO_CHART GK_UNUSED = {GK_CONVERSION_OUTSIDE, NULL};

/* The last coordinate of every row. */
#define CAYLEY_LAST(last, v)                                                                                           \
    gk_scalars last;                                                                                                   \
    GK_TAKE(last, v, block->d - 1);                                                                                    \
    for (long i = block->rows; i < block->lanes; i++) last[i] = 1.0

/* Sums over all coordinates but the last, and combinations that treat that one apart. */
#define CAYLEY_SUM3(...)                                                                                               \
    do {                                                                                                               \
        gk_block shorter = *block;                                                                                     \
        shorter.d--;                                                                                                   \
        {                                                                                                              \
            const gk_block *block = &shorter;                                                                          \
            GK_SUM3(__VA_ARGS__);                                                                                      \
        }                                                                                                              \
    } while (0)
#define CAYLEY_SUM2(a, A, b, B) CAYLEY_SUM3(a, A, b, B, gk_spare_e_, 0.0)
#define CAYLEY_SUM(a, A) CAYLEY_SUM3(a, A, gk_spare_b_, 0.0, gk_spare_e_, 0.0)
#define CAYLEY_COMBINE(destination, OTHERS, LAST)                                                                      \
    do {                                                                                                               \
        GK_COMBINE(destination, OTHERS);                                                                               \
        GK_PUT(destination, block->d - 1, LAST);                                                                       \
    } while (0)

/* ---- from the ball ---- */

/* xx over b', the distance e = 1 - b_d, D, and k = 2 sqrt(c)/D */
#define CAYLEY_FROM_BALL(operand, x, c)                                                                                \
    gk_scalars a, xx, rc, e, D, k;                                                                                     \
    GK_GAP(a, xx, c, x);                                                                                               \
    gk_inside(block, operand, a);                                                                                      \
    CAYLEY_SUM(xx, GK_AT(x) * GK_AT(x));                                                                               \
    CAYLEY_LAST(xd, x);                                                                                                \
    GK_SCALARS {                                                                                                       \
        rc[i] = __builtin_sqrt((c)[i]);                                                                                \
        double b = rc[i] * xd[i], aside = (c)[i] * xx[i];                                                              \
        e[i] = b > 0.0 ? (a[i] + aside) / (1.0 + b) : 1.0 - b;                                                         \
        D[i] = aside + e[i] * e[i];                                                                                    \
        k[i] = 2.0 * rc[i] / D[i];                                                                                     \
    }

/* x; c -> (s, y) */
GK_DIRECT_ROW_FUNCTION(poincare_to_half_space) {
    const double *c = s[0];
    gk_scalars y;
    (void)t;
    CAYLEY_FROM_BALL(0, in[0], c);
    GK_SCALARS y[i] = a[i] / D[i];
    CAYLEY_COMBINE(out[0], k[i] * GK_AT(in[0]), y[i]);
}

/* g, x; c -> gx = k (g~ - 2<m, g~>/D m); gc = <gx, x>/(2c), for the result depends on b only */
GK_ROW_FUNCTION(poincare_to_half_space_vjp) {
    const double *c = s[0];
    gk_scalars gx, of_x, last;
    CAYLEY_FROM_BALL(1, in[1], c);
    CAYLEY_SUM(gx, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(gd, in[0]);
    GK_SCALARS {
        double share = 2.0 * (rc[i] * gx[i] + e[i] * gd[i]) / D[i];
        of_x[i] = share * rc[i];
        last[i] = k[i] * (share * e[i] - gd[i]);
        t[0][i] = 0.5 * (k[i] * (gx[i] - of_x[i] * xx[i]) + last[i] * xd[i]) / c[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[0]) - of_x[i] * GK_AT(in[1])), last[i]);
}

/* x, v; c -> k F(v - 2<m, v>/D m) */
GK_DIRECT_ROW_FUNCTION(poincare_to_half_space_tangent) {
    const double *c = s[0];
    gk_scalars xv, of_x, last;
    (void)t;
    CAYLEY_FROM_BALL(0, in[0], c);
    CAYLEY_SUM(xv, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(vd, in[1]);
    GK_SCALARS {
        double share = 2.0 * (rc[i] * xv[i] - e[i] * vd[i]) / D[i];
        of_x[i] = share * rc[i];
        last[i] = -k[i] * (vd[i] + share * e[i]);
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[1]) - of_x[i] * GK_AT(in[0])), last[i]);
}

/* h, x, v; c -> gx, gv; gc of phi = 2 sqrt(c) (gamma/D - 2 alpha beta/D^2), alpha = <m, v>, beta = <m, h~> and
 * gamma = <h~, v>:
 * gx = sqrt(c) dphi/dm = 4c/D^2 ((4 alpha beta/D - gamma) m - beta v - alpha h~), gc = (phi + <gx, x>)/(2c). */
GK_ROW_FUNCTION(poincare_to_half_space_tangent_vjp) {
    const double *c = s[0];
    gk_scalars hx, xv, hv, of_x, of_v, of_h, last_x, to_x, last_v;
    CAYLEY_FROM_BALL(1, in[1], c);
    CAYLEY_SUM3(hx, GK_AT(in[0]) * GK_AT(in[1]), xv, GK_AT(in[1]) * GK_AT(in[2]), hv, GK_AT(in[0]) * GK_AT(in[2]));
    CAYLEY_LAST(hd, in[0]);
    CAYLEY_LAST(vd, in[2]);
    GK_SCALARS {
        double alpha = rc[i] * xv[i] - e[i] * vd[i], beta = rc[i] * hx[i] + e[i] * hd[i], gamma = hv[i] - hd[i] * vd[i];
        double share = 2.0 * beta / D[i], scale = k[i] * k[i], of_m = 4.0 * alpha * beta / D[i] - gamma;
        of_x[i] = scale * of_m * rc[i];
        of_v[i] = -scale * beta;
        of_h[i] = -scale * alpha;
        last_x[i] = -scale * of_m * e[i] + of_v[i] * vd[i] - of_h[i] * hd[i];
        to_x[i] = share * rc[i];
        last_v[i] = k[i] * (share * e[i] - hd[i]);
        t[0][i] = 0.5 * (k[i] * (gamma - share * alpha) + of_x[i] * xx[i] + of_v[i] * xv[i] + of_h[i] * hx[i] +
                         last_x[i] * xd[i]) / c[i];
    }
    CAYLEY_COMBINE(out[0], of_x[i] * GK_AT(in[1]) + of_v[i] * GK_AT(in[2]) + of_h[i] * GK_AT(in[0]), last_x[i]);
    CAYLEY_COMBINE(out[1], k[i] * (GK_AT(in[0]) - to_x[i] * GK_AT(in[1])), last_v[i]);
}

/* ---- to the ball ---- */

/* up = 1 + y, E, k = 2/(sqrt(c) E), and b_d, which far from 0 is 1 - 2(1 + y)/E */
#define CAYLEY_TO_BALL(operand, x, c)                                                                                  \
    gk_scalars one, gap, ss, up, E, k, bd;                                                                             \
    GK_SCALARS one[i] = 1.0;                                                                                           \
    for (long i = block->lanes; i < GK_BLOCK; i++) one[i] = 1.0;                                                       \
    GK_GAP(gap, ss, one, x);                                                                                           \
    CAYLEY_LAST(y, x);                                                                                                 \
    gk_inside(block, operand, y);                                                                                      \
    GK_SCALARS bd[i] = ss[i];                                                                                          \
    CAYLEY_SUM(ss, GK_AT(x) * GK_AT(x));                                                                               \
    GK_SCALARS {                                                                                                       \
        up[i] = 1.0 + y[i];                                                                                            \
        E[i] = ss[i] + up[i] * up[i];                                                                                  \
        k[i] = 2.0 / (E[i] * __builtin_sqrt((c)[i]));                                                                  \
        bd[i] = bd[i] > 2.0 ? 1.0 - 2.0 * up[i] / E[i] : -gap[i] / E[i];                                               \
    }

/* (s, y); c -> x = b/sqrt(c); 1 - |b|^2 = 4y/E */
GK_DIRECT_ROW_FUNCTION(half_space_to_poincare) {
    const double *c = s[0];
    CAYLEY_TO_BALL(0, in[0], c);
    GK_SCALARS {
        bd[i] /= __builtin_sqrt(c[i]);
        t[0][i] = 4.0 * y[i] / E[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * GK_AT(in[0]), bd[i]);
}

/* g, x; c -> gx = k F(g - 2<m, g>/E m); gc = -<g, result>/(2c) */
GK_ROW_FUNCTION(half_space_to_poincare_vjp) {
    const double *c = s[0];
    gk_scalars gs, of_s, last;
    CAYLEY_TO_BALL(1, in[1], c);
    CAYLEY_SUM(gs, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(gd, in[0]);
    GK_SCALARS {
        of_s[i] = 2.0 * (gs[i] - up[i] * gd[i]) / E[i];
        last[i] = -k[i] * (gd[i] + of_s[i] * up[i]);
        t[0][i] = -0.5 * (k[i] * gs[i] + gd[i] * bd[i] / __builtin_sqrt(c[i])) / c[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[0]) - of_s[i] * GK_AT(in[1])), last[i]);
}

/* x, v; c -> k (v~ - 2<m, v~>/E m) */
GK_DIRECT_ROW_FUNCTION(half_space_to_poincare_tangent) {
    const double *c = s[0];
    gk_scalars sv, of_s, last;
    (void)t;
    CAYLEY_TO_BALL(0, in[0], c);
    CAYLEY_SUM(sv, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(vd, in[1]);
    GK_SCALARS {
        of_s[i] = 2.0 * (sv[i] + up[i] * vd[i]) / E[i];
        last[i] = k[i] * (of_s[i] * up[i] - vd[i]);
        (void)bd[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[1]) - of_s[i] * GK_AT(in[0])), last[i]);
}

/* h, x, v; c -> gx, gv; gc of phi = 2/sqrt(c) (gamma/E - 2 alpha beta/E^2), alpha = <m, v~>, beta = <m, h> and
 * gamma = <h, v~>:
 * gx = F dphi/dm with dphi/dm as in the ball, gv as the point's, gc = -phi/(2c). */
GK_ROW_FUNCTION(half_space_to_poincare_tangent_vjp) {
    const double *c = s[0];
    gk_scalars hs, sv, hv, of_s, of_v, of_h, last_x, to_s, last_v;
    CAYLEY_TO_BALL(1, in[1], c);
    CAYLEY_SUM3(hs, GK_AT(in[0]) * GK_AT(in[1]), sv, GK_AT(in[1]) * GK_AT(in[2]), hv, GK_AT(in[0]) * GK_AT(in[2]));
    CAYLEY_LAST(hd, in[0]);
    CAYLEY_LAST(vd, in[2]);
    GK_SCALARS {
        double alpha = sv[i] + up[i] * vd[i], beta = hs[i] - up[i] * hd[i], gamma = hv[i] - hd[i] * vd[i];
        double scale = 2.0 * k[i] / E[i], of_m = 4.0 * alpha * beta / E[i] - gamma;
        of_s[i] = scale * of_m;
        of_v[i] = -scale * beta;
        of_h[i] = -scale * alpha;
        last_x[i] = scale * (of_m * up[i] - beta * vd[i] + alpha * hd[i]);
        to_s[i] = 2.0 * beta / E[i];
        last_v[i] = -k[i] * (hd[i] + to_s[i] * up[i]);
        t[0][i] = -0.5 * k[i] * (gamma - to_s[i] * alpha) / c[i];
        (void)bd[i];
    }
    CAYLEY_COMBINE(out[0], of_s[i] * GK_AT(in[1]) + of_v[i] * GK_AT(in[2]) + of_h[i] * GK_AT(in[0]), last_x[i]);
    CAYLEY_COMBINE(out[1], k[i] * (GK_AT(in[0]) - to_s[i] * GK_AT(in[1])), last_v[i]);
}

/* ---- from Lorentz's model ---- */

/* zz over z', W, y = 1/V and k = sqrt(c) y */
#define CAYLEY_FROM_LORENTZ(z, c)                                                                                      \
    gk_scalars zz, rc, W, y, k;                                                                                        \
    CAYLEY_SUM(zz, GK_AT(z) * GK_AT(z));                                                                               \
    CAYLEY_LAST(zd, z);                                                                                                \
    GK_SCALARS {                                                                                                       \
        rc[i] = __builtin_sqrt((c)[i]);                                                                                \
        double aside = (c)[i] * zz[i], up = rc[i] * zd[i];                                                             \
        W[i] = __builtin_sqrt(1.0 + aside + up * up);                                                                  \
        y[i] = up > 0.0 ? (W[i] + up) / (1.0 + aside) : 1.0 / (W[i] - up);                                             \
        k[i] = rc[i] * y[i];                                                                                           \
    }

/* z; c -> (sqrt(c) y z', y) */
GK_DIRECT_ROW_FUNCTION(lorentz_to_half_space) {
    const double *c = s[0];
    (void)t;
    CAYLEY_FROM_LORENTZ(in[0], c);
    CAYLEY_COMBINE(out[0], k[i] * GK_AT(in[0]), y[i]);
}

/* g, z; c -> gz; gc. The derivative is dy = y rho, ds = sqrt(c) y v' + rho s with rho = sqrt(c)(v_d - <s, v'>)/W. So
 * with G = <g', s> + y g_d it is gz' = k g' - sqrt(c) G/W s, gz_d = sqrt(c) G/W; gc = <gz, z>/(2c). */
GK_ROW_FUNCTION(lorentz_to_half_space_vjp) {
    const double *c = s[0];
    gk_scalars gz, last;
    CAYLEY_FROM_LORENTZ(in[1], c);
    CAYLEY_SUM(gz, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(gd, in[0]);
    GK_SCALARS {
        last[i] = rc[i] * (k[i] * gz[i] + y[i] * gd[i]) / W[i];
        t[0][i] = 0.5 * (k[i] * (gz[i] - last[i] * zz[i]) + last[i] * zd[i]) / c[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[0]) - last[i] * GK_AT(in[1])), last[i]);
}

/* z, v; c. The part alpha z of v goes to alpha/W (y s, y (y - W)), smaller by W than the two terms above, so it is
 * split off as in conversions_radial.h. */
GK_DIRECT_ROW_FUNCTION(lorentz_to_half_space_tangent) {
    const double *c = s[0];
    gk_scalars along, rest, zv, of_z, last;
    (void)t;
    CAYLEY_FROM_LORENTZ(in[0], c);
    GK_SUM(along, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(vd, in[1]);
    GK_SCALARS along[i] = zz[i] + zd[i] * zd[i] == 0.0 ? 0.0 : along[i] / (zz[i] + zd[i] * zd[i]);
    GK_SUM(rest, GK_AT(in[0]) * GK_FMA(GK_AT(in[0]), (gk_lane){0} - GK_OF(along), GK_AT(in[1])));
    GK_SCALARS rest[i] = zz[i] + zd[i] * zd[i] == 0.0 ? 0.0 : rest[i] / (zz[i] + zd[i] * zd[i]);
    CAYLEY_SUM(zv, GK_AT(in[0]) * (GK_FMA(GK_AT(in[0]), (gk_lane){0} - GK_OF(along), GK_AT(in[1])) -
                                   GK_OF(rest) * GK_AT(in[0])));
    GK_SCALARS {
        double across = __builtin_fma(-along[i], zd[i], vd[i]) - rest[i] * zd[i], alpha = along[i] + rest[i];
        double rho = rc[i] * (across - k[i] * zv[i]) / W[i];
        double aside = c[i] * zz[i], up = rc[i] * zd[i]; /* y - W, from the two forms of y */
        double rise = up > 0.0 ? (up - W[i] * aside) / (1.0 + aside) : (W[i] * up - aside - up * up) * y[i];
        of_z[i] = rho + alpha * y[i] / W[i];
        last[i] = y[i] * (rho + alpha * rise / W[i]);
    }
    CAYLEY_COMBINE(out[0], k[i] * (__builtin_fma(-along[i], GK_AT(in[0]), GK_AT(in[1])) - rest[i] * GK_AT(in[0]) +
                                   of_z[i] * GK_AT(in[0])), last[i]);
}

/* h, z, v; c -> gz, gv; gc of phi = k hv + rho B, B = <h', s> + y h_d. With phi_y = sqrt(c) hv + rho h_d,
 * phi_s = rho h' - sqrt(c) B/W v' and phi_W = -rho B/W the point's derivative takes (phi_s, phi_y) to gz, and phi_W
 * adds phi_W c z/W; gc = (phi + <gz, z>)/(2c). */
GK_ROW_FUNCTION(lorentz_to_half_space_tangent_vjp) {
    const double *c = s[0];
    gk_scalars hz, zv, hv, of_h, of_v, of_z, last_z, last_v;
    CAYLEY_FROM_LORENTZ(in[1], c);
    CAYLEY_SUM3(hz, GK_AT(in[0]) * GK_AT(in[1]), zv, GK_AT(in[1]) * GK_AT(in[2]), hv, GK_AT(in[0]) * GK_AT(in[2]));
    CAYLEY_LAST(hd, in[0]);
    CAYLEY_LAST(vd, in[2]);
    GK_SCALARS {
        double rho = rc[i] * (vd[i] - k[i] * zv[i]) / W[i], B = k[i] * hz[i] + y[i] * hd[i];
        double to_v = rc[i] * B / W[i], of_W = -rho * B * c[i] / (W[i] * W[i]);
        double G = k[i] * (rho * hz[i] - to_v * zv[i]) + y[i] * (rc[i] * hv[i] + rho * hd[i]);
        double end = rc[i] * G / W[i];
        of_h[i] = k[i] * rho;
        of_v[i] = -k[i] * to_v;
        of_z[i] = of_W - k[i] * end;
        last_z[i] = end + of_W * zd[i];
        last_v[i] = to_v;
        t[0][i] = 0.5 * (k[i] * hv[i] + rho * B + of_h[i] * hz[i] + of_v[i] * zv[i] + of_z[i] * zz[i] +
                         last_z[i] * zd[i]) / c[i];
    }
    CAYLEY_COMBINE(out[0], of_h[i] * GK_AT(in[0]) + of_v[i] * GK_AT(in[2]) + of_z[i] * GK_AT(in[1]), last_z[i]);
    CAYLEY_COMBINE(out[1], k[i] * (GK_AT(in[0]) - last_v[i] * GK_AT(in[1])), last_v[i]);
}

/* ---- to Lorentz's model ---- */

/* gap = 1 - |x|^2, k = 1/(sqrt(c) y) and half = (1 - |s|^2 + y^2)/(2y),
 * the derivative of (|x|^2 - 1)/2 - y(...) in y */
#define CAYLEY_TO_LORENTZ(operand, x, c)                                                                               \
    gk_scalars one, gap, ss, k, half;                                                                                  \
    GK_SCALARS one[i] = 1.0;                                                                                           \
    for (long i = block->lanes; i < GK_BLOCK; i++) one[i] = 1.0;                                                       \
    GK_GAP(gap, ss, one, x);                                                                                           \
    CAYLEY_LAST(y, x);                                                                                                 \
    gk_inside(block, operand, y);                                                                                      \
    GK_SCALARS {                                                                                                       \
        k[i] = 1.0 / (__builtin_sqrt((c)[i]) * y[i]);                                                                  \
        half[i] = 0.5 * gap[i] / y[i] + y[i];                                                                          \
    }

/* (s, y); c -> z = k (s, -gap/2) */
GK_DIRECT_ROW_FUNCTION(half_space_to_lorentz) {
    const double *c = s[0];
    (void)t;
    CAYLEY_TO_LORENTZ(0, in[0], c);
    GK_SCALARS half[i] = -0.5 * k[i] * gap[i];
    CAYLEY_COMBINE(out[0], k[i] * GK_AT(in[0]), half[i]);
}

/* g, x; c -> gx; gc. The derivative is dz' = k (ds - s dy/y), dz_d = k (<s, ds> + half dy); gc = -<g, z>/(2c). */
GK_ROW_FUNCTION(half_space_to_lorentz_vjp) {
    const double *c = s[0];
    gk_scalars gs, last;
    CAYLEY_TO_LORENTZ(1, in[1], c);
    CAYLEY_SUM(gs, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(gd, in[0]);
    GK_SCALARS {
        last[i] = k[i] * (gd[i] * half[i] - gs[i] / y[i]);
        t[0][i] = -0.5 * k[i] * (gs[i] - 0.5 * gd[i] * gap[i]) / c[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[0]) + gd[i] * GK_AT(in[1])), last[i]);
}

/* x, v; c */
GK_DIRECT_ROW_FUNCTION(half_space_to_lorentz_tangent) {
    const double *c = s[0];
    gk_scalars sv, rho, last;
    (void)t;
    CAYLEY_TO_LORENTZ(0, in[0], c);
    CAYLEY_SUM(sv, GK_AT(in[0]) * GK_AT(in[1]));
    CAYLEY_LAST(vd, in[1]);
    GK_SCALARS {
        rho[i] = vd[i] / y[i];
        last[i] = k[i] * (sv[i] + vd[i] * half[i]);
    }
    CAYLEY_COMBINE(out[0], k[i] * (GK_AT(in[1]) - rho[i] * GK_AT(in[0])), last[i]);
}

/* h, x, v; c -> gx, gv; gc of phi = k (hv - rho hs + h_d (sv + v_d half)), rho = v_d/y; y times the derivative of k
 * half is k (y - 2 half) */
GK_ROW_FUNCTION(half_space_to_lorentz_tangent_vjp) {
    const double *c = s[0];
    gk_scalars hs, sv, hv, rho, of_s, last_x, last_v;
    CAYLEY_TO_LORENTZ(1, in[1], c);
    CAYLEY_SUM3(hs, GK_AT(in[0]) * GK_AT(in[1]), sv, GK_AT(in[1]) * GK_AT(in[2]), hv, GK_AT(in[0]) * GK_AT(in[2]));
    CAYLEY_LAST(hd, in[0]);
    CAYLEY_LAST(vd, in[2]);
    GK_SCALARS {
        rho[i] = vd[i] / y[i];
        of_s[i] = hd[i] * rho[i];
        double bend = hv[i] - 2.0 * rho[i] * hs[i] + hd[i] * sv[i];
        last_x[i] = k[i] * (hd[i] * rho[i] * (y[i] - 2.0 * half[i]) - bend / y[i]);
        last_v[i] = k[i] * (hd[i] * half[i] - hs[i] / y[i]);
        t[0][i] = -0.5 * k[i] * (hv[i] - rho[i] * hs[i] + hd[i] * (sv[i] + vd[i] * half[i])) / c[i];
    }
    CAYLEY_COMBINE(out[0], k[i] * (hd[i] * GK_AT(in[2]) - rho[i] * GK_AT(in[0]) - of_s[i] * GK_AT(in[1])), last_x[i]);
    CAYLEY_COMBINE(out[1], k[i] * (GK_AT(in[0]) + hd[i] * GK_AT(in[1])), last_v[i]);
}

#endif
