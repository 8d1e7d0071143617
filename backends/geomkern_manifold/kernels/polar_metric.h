/* Distances, norms and metric factors of the polar chart of hyperbolic space of curvature -c: a point is the distance
 * vector from the origin that leads to it, so that |x| is its distance and x/|x| its direction.
 *
 * Radii are r1 = |x|, r2 = |y|, in units of the radius of curvature R = sqrt(c) r; theta is the angle between x and y.
 * With S = sinh(R)/R a tangent vector u of the radial part u_r and the tangential part u_t has the length
 * sqrt(u_r^2 + S^2 |u_t|^2). In the plane of x and y, u^ = x/|x| is the radial unit vector, n^ the one orthogonal to it
 * on the side of y. A zero vector has no direction; its row u^ is zero, and the angle counts as a right one, which
 * makes n^ the direction of the other point: all that follows holds then.
 */
#ifndef GK_POLAR_METRIC_H
#define GK_POLAR_METRIC_H

#include "domains.h"

#define POLAR_FARTHEST 700.0 /* the factor S is cut here, before it overflows */

GK_INLINE double polar_S(double R) { return gk_sinhc(gk_at_most(R, POLAR_FARTHEST)); }
/* S' */
GK_INLINE double polar_S_slope(double R) {
    double limited = gk_at_most(R, POLAR_FARTHEST);
    return 2.0 * limited * gk_dsinhc(limited * limited);
}

/* The power of two that brings a length between 1 and 2. */
GK_INLINE double polar_scale(double length) {
    return length == 0.0 ? 1.0 : gk_from_bits(((uint64_t)2046 << 52) - (gk_bits(length) & 0x7ff0000000000000u));
}

/* The part of v that is orthogonal to x: v - along x - again x, each product and difference rounded once. The second
 * step takes away what rounding has left of the direction of x in the first,
 * so that tiny angles have all their digits. */
#define POLAR_REST(x, x_scale, v, v_scale, along, again)                                                               \
    GK_FMA(GK_AT(x) * (x_scale), -(again), GK_FMA(GK_AT(x) * (x_scale), -(along), GK_AT(v) * (v_scale)))
#define POLAR_REST_SUM(x, v)                                                                                           \
    POLAR_REST(x, GK_SPREAD(x##_scale), v, GK_SPREAD(v##_scale), GK_SPREAD(v##_along), GK_SPREAD(v##_again))
#define POLAR_REST_ROW(x, v) POLAR_REST(x, x##_scale[i], v, v##_scale[i], v##_along[i], v##_again[i])

/* The length of x, its scale and the square of the scaled row. */
#define POLAR_POINT(x)                                                                                                 \
    gk_scalars x##_length, x##_scale, x##_square;                                                                      \
    GK_LENGTH(x##_length, x);                                                                                          \
    GK_SCALARS x##_scale[i] = polar_scale(x##_length[i]);                                                              \
    GK_SUM(x##_square, (GK_AT(x) * GK_OF(x##_scale)) * (GK_AT(x) * GK_OF(x##_scale)))

/* v along x: factors of the scaled x, the radial part v_radial (of the scaled v) and the length v_rest of what is left,
 * which, like the row itself, is zero where it is nothing but rounding: two directions in doubles differ by more than
 * 2^-98 or not at all. */
#define POLAR_SPLIT(x, v)                                                                                              \
    gk_scalars v##_along, v##_again, v##_radial, v##_rest;                                                             \
    GK_SUM(v##_along, (GK_AT(x) * GK_OF(x##_scale)) * (GK_AT(v) * GK_OF(v##_scale)));                                  \
    GK_SCALARS {                                                                                                       \
        v##_along[i] = x##_square[i] == 0.0 ? 0.0 : v##_along[i] / x##_square[i];                                      \
        v##_again[i] = 0.0;                                                                                            \
    }                                                                                                                  \
    GK_SUM(v##_rest, (GK_AT(x) * GK_OF(x##_scale)) * POLAR_REST_SUM(x, v));                                            \
    GK_SCALARS {                                                                                                       \
        v##_again[i] = x##_square[i] == 0.0 ? 0.0 : v##_rest[i] / x##_square[i];                                       \
        v##_radial[i] = (v##_along[i] + v##_again[i]) * __builtin_sqrt(x##_square[i]);                                 \
    }                                                                                                                  \
    GK_LENGTH_OF(v##_rest, POLAR_REST_SUM(x, v));                                                                      \
    GK_SCALARS {                                                                                                       \
        int nothing = v##_rest[i] < 0x1p-98 * gk_abs(v##_radial[i]);                                                   \
        v##_rest[i] = nothing ? 0.0 : v##_rest[i];                                                                     \
        v##_scale[i] = nothing ? 0.0 : v##_scale[i];                                                                   \
        v##_along[i] = nothing ? 0.0 : v##_along[i];                                                                   \
        v##_again[i] = nothing ? 0.0 : v##_again[i];                                                                   \
    }

/* The factors that make the unit vectors u^ and n^ of the scaled x and of what is left of v. */
#define POLAR_UNIT(x) (x##_square[i] == 0.0 ? 0.0 : x##_scale[i] / __builtin_sqrt(x##_square[i]))
#define POLAR_NORMAL(v) (v##_rest[i] == 0.0 ? 0.0 : 1.0 / v##_rest[i])

/* A triangle with the sides p and q from one corner and an angle phi between them. With A = |q - p|, B = p + q the
 * third side D has sinh^2(D/2) = sinh^2(A/2) cos^2(phi/2) + sinh^2(B/2) sin^2(phi/2). Written with m = min(p, q) as
 *   sinh(D/2) = e^(A/2) hyp,  cosh(D/2) = e^(A/2) W,  hyp = |(P, Q)|,  P = (1 - e^-A)/2 cos(phi/2),
 *   Q = e^m (1 - e^-B)/2 sin(phi/2),  W = sqrt(hyp^2 + e^-A),
 * nothing overflows if m is cut at 300, where Q, unless it is zero, dwarfs P: all but D then depends on ratios to e^m.
 * At the end of p the unit tangent towards the end of q has the part T_p = -dD/dp along p and
 * T_n = sinh(q) sin(phi)/sinh(D) across; at the end of q the tangent that arrives has U_q = dD/dq and
 * U_n = sinh(p) sin(phi)/sinh(D); and lever = sinh(p) T_n/p,
 * so that dD = -T_p dp - lever p dphi for a turn dphi of p towards q (Clairaut). */
typedef struct {
    double D, T_p, T_n, U_q, U_n, lever_p, lever_q, by_A, by_B; /* U_q = sign(q - p) by_A + by_B */
    double A, B;
} polar_triangle;

GK_INLINE double polar_hypot(double a, double b) {
    double large = a > b ? a : b, small = a > b ? b : a, ratio = large == 0.0 ? 0.0 : small / large;
    return large * __builtin_sqrt(1.0 + ratio * ratio);
}

/* The triangle from p, q, the difference q - p, and cos(phi), sin(phi). */
GK_INLINE polar_triangle polar_triangle_of(double p, double q, double difference, double cosine, double sine) {
    polar_triangle t;
    double wide = __builtin_sqrt(0.5 * (1.0 + gk_abs(cosine))), narrow = 0.5 * sine / wide;
    double half_cos = cosine < 0.0 ? narrow : wide, half_sin = cosine < 0.0 ? wide : narrow;
    double A = gk_abs(difference), B = p + q, m = p < q ? p : q, cut = gk_at_most(m, 300.0), G = gk_exp(cut);
    double less_A = -gk_expm1(-A), less_B = -gk_expm1(-B), less_p = -gk_expm1(-2.0 * p), less_q = -gk_expm1(-2.0 * q);
    double e_A = gk_exp(-A), beyond = m > 300.0 ? gk_exp(300.0 - m) : 1.0;
    double P = 0.5 * less_A * half_cos, Q = 0.5 * less_B * (G * half_sin), hyp = polar_hypot(P, Q);
    double W = __builtin_sqrt(hyp * hyp + e_A), one = hyp == 0.0 ? 1.0 : hyp, G_hyp = G / one;
    int far = A > 40.0 || hyp > 1e8;
    double grown = gk_exp(0.5 * gk_at_most(A, 40.0)) * hyp;
    double logarithm = A + 2.0 * gk_log(2.0 * one) + (half_sin > 0.0 ? 2.0 * (m - cut) : 0.0);
    t.D = far ? logarithm : 2.0 * gk_asinh(grown);
    t.by_A = P / one * half_cos * (2.0 - less_A) / (2.0 * W);
    t.by_B = Q / one * (G * half_sin) * (2.0 - less_B) / (2.0 * W);
    double along = difference < 0.0 ? -t.by_A : t.by_A, across = sine * G_hyp / (4.0 * W);
    t.T_p = hyp == 0.0 ? 1.0 : along - t.by_B;
    t.U_q = hyp == 0.0 ? 1.0 : along + t.by_B;
    t.T_n = less_q * across * (difference < 0.0 ? e_A : 1.0) * beyond;
    t.U_n = less_p * across * (difference > 0.0 ? e_A : 1.0) * beyond;
    double per_p = p == 0.0 ? 2.0 : less_p / p, per_q = q == 0.0 ? 2.0 : less_q / q, lever = 0.5 * across * G;
    t.lever_p = hyp == 0.0 ? 0.0 : lever * per_p * less_q;
    t.lever_q = hyp == 0.0 ? 0.0 : lever * per_q * less_p;
    t.A = A, t.B = B;
    return t;
}

/* The triangle of the origin, x and y, with r2 - r1 = <y - x, y + x>/(r1 + r2) where they are close. */
#define POLAR_PAIR(x, y, c)                                                                                            \
    gk_scalars gap;                                                                                                    \
    POLAR_POINT(x);                                                                                                    \
    POLAR_POINT(y);                                                                                                    \
    POLAR_SPLIT(x, y);                                                                                                 \
    GK_SUM(gap, ((GK_AT(y) - GK_AT(x)) * GK_OF(x##_scale)) * ((GK_AT(y) + GK_AT(x)) * GK_OF(x##_scale)))
#define POLAR_TRIANGLE(x, y, c)                                                                                        \
    double rc = __builtin_sqrt((c)[i]), r1 = x##_length[i], r2 = y##_length[i];                                        \
    double close = gap[i] / x##_scale[i] / ((r1 + r2) * x##_scale[i]);                                                 \
    double difference = r2 > 0.5 * r1 && r2 < 2.0 * r1 ? close : r2 - r1, along = y##_radial[i], aside = y##_rest[i],  \
           norm = __builtin_sqrt(along * along + aside * aside);                                                       \
    double cosine = norm == 0.0 ? 0.0 : along / norm, sine = norm == 0.0 ? 1.0 : aside / norm;                         \
    polar_triangle t3 = polar_triangle_of(rc * r1, rc * r2, rc * difference, cosine, sine)

/* x, y; c -> d */
GK_ROW_FUNCTION(polar_dist) {
    const double *c = s[0];
    const gk_vec x = in[0], y = in[1];
    POLAR_PAIR(x, y, c);
    GK_SCALARS {
        POLAR_TRIANGLE(x, y, c);
        t[0][i] = t3.D / rc;
    }
}

/* z sinh(z) as a function of eta = sinh^2(z/2), less its linear part 4 eta: its series */
GK_INLINE double polar_excess(double z) {
    double root = gk_sinh(0.5 * z), eta = root * root;
    double series = 1.0 / 3 + eta * (-2.0 / 15 + eta * (8.0 / 105 + eta * (-16.0 / 315 + eta * (128.0 / 3465 +
                    eta * (-256.0 / 9009 + eta * (1024.0 / 45045))))));
    return 4.0 * eta * eta * series;
}

/* x, y; g, c -> gx, gy; gc. dd/dx = -T_p u^ - lever n^, dd/dy likewise with its own unit vectors. Since d is
 * F(sqrt(c) x, sqrt(c) y)/sqrt(c), 2c^(3/2) dd/dc = (B sinh(B) sin^2(theta/2) + A sinh(A) cos^2(theta/2))/sinh(D) - D.
 * For small triangles the two nearly cancel: their linear parts in sinh^2 do so exactly. */
GK_ROW_FUNCTION(polar_dist_vjp) {
    const double *g = s[0], *c = s[1];
    const gk_vec x = in[0], y = in[1];
    gk_scalars x_u, x_n, y_u, y_n;
    POLAR_PAIR(x, y, c);
    GK_SCALARS {
        POLAR_TRIANGLE(x, y, c);
        double unit = POLAR_UNIT(x), normal = POLAR_NORMAL(y), subgradient = t3.D == 0.0 ? 0.0 : g[i];
        x_u[i] = -subgradient * t3.T_p * unit;
        x_n[i] = -subgradient * t3.lever_p * normal;
        y_u[i] = subgradient * (t3.U_q * cosine - t3.lever_q * sine) * unit;
        y_n[i] = subgradient * (t3.U_q * sine + t3.lever_q * cosine) * normal;
        double wide = 0.5 * (1.0 + gk_abs(cosine)), narrow = 0.25 * sine * sine / wide;
        double large = cosine < 0.0 ? narrow : wide, rest = cosine < 0.0 ? wide : narrow;
        double bend = (rest * polar_excess(t3.B) + large * polar_excess(t3.A) - polar_excess(t3.D)) / gk_sinh(t3.D);
        double slope = t3.B < 0.2 ? bend : t3.B * t3.by_B + t3.A * t3.by_A - t3.D;
        t[0][i] = t3.D == 0.0 ? 0.0 : 0.5 * g[i] * slope / (c[i] * rc);
    }
    GK_COMBINE(out[0], x_u[i] * GK_AT(x) + x_n[i] * POLAR_REST_ROW(x, y));
    GK_COMBINE(out[1], y_u[i] * GK_AT(x) + y_n[i] * POLAR_REST_ROW(x, y));
}

/* x; c -> |x| */
GK_ROW_FUNCTION(polar_dist0) {
    gk_scalars n;
    GK_LENGTH(n, in[0]);
    GK_SCALARS t[0][i] = n[i];
}

/* x; g, c -> gx; gc, with the subgradient 0 at 0 */
GK_ROW_FUNCTION(polar_dist0_vjp) {
    const double *g = s[0];
    gk_scalars n;
    GK_LENGTH(n, in[0]);
    GK_SCALARS {
        n[i] = n[i] == 0.0 ? 1.0 : n[i];
        t[0][i] = 0.0;
    }
    GK_COMBINE(out[0], g[i] * (GK_AT(in[0]) / n[i]));
}

/* The metric and its inverse are forms u_r v_r + k <u_t, v_t> with k = S^2 and k = 1/S^2. */
typedef struct {
    double k, slope, turn; /* dk/dR, and (1 - k)/R */
} polar_form;

GK_INLINE polar_form polar_form_of(double R, int inverse) {
    double limited = gk_at_most(R, POLAR_FARTHEST), S = gk_sinhc(limited), half = gk_sinhc(0.5 * limited);
    double d = gk_dsinhc(limited * limited), S_slope = 2.0 * limited * d;
    /* (S - 1)/R, S = cosh(R) - 2R^2 dS/d(R^2) */
    double rise = limited < 1.0 ? limited * (0.5 * half * half - 2.0 * d) : (S - 1.0) / limited;
    polar_form metric = {S * S, 2.0 * S * S_slope, -rise * (S + 1.0)};
    polar_form cometric = {1.0 / S / S, -2.0 * (S_slope / S) / S / S, rise * (S + 1.0) / S / S};
    return inverse ? cometric : metric;
}

#define POLAR_VECTOR(x, v)                                                                                             \
    gk_scalars v##_scale;                                                                                              \
    GK_SCALARS v##_scale[i] = 1.0;                                                                                     \
    POLAR_SPLIT(x, v)
#define POLAR_FORM(x, u, v)                                                                                            \
    gk_scalars tangential;                                                                                             \
    POLAR_POINT(x);                                                                                                    \
    POLAR_VECTOR(x, u);                                                                                                \
    POLAR_VECTOR(x, v);                                                                                                \
    GK_SUM(tangential, POLAR_REST_SUM(x, u) * POLAR_REST_SUM(x, v))

/* The gradients of a form: gu = v_r u^ + k v_t, likewise gv, and
 * gx = dk/dx <u_t, v_t> + (1 - k)/r (v_r u_t + u_r v_t). */
#define POLAR_FORM_VJP(x, u, v, upstream, inverse, of_c)                                                               \
    gk_scalars to_u, to_v, of_rest, u_u, v_u, x_x;                                                                     \
    GK_SCALARS {                                                                                                       \
        double rc = __builtin_sqrt(c[i]), R = rc * x##_length[i], unit = POLAR_UNIT(x);                                \
        polar_form form = polar_form_of(R, inverse);                                                                   \
        to_v[i] = (upstream) * rc * form.turn * u##_radial[i];                                                         \
        to_u[i] = (upstream) * rc * form.turn * v##_radial[i];                                                         \
        x_x[i] = (upstream) * rc * form.slope * tangential[i] * unit;                                                  \
        of_rest[i] = (upstream) * form.k;                                                                              \
        u_u[i] = (upstream) * v##_radial[i] * unit;                                                                    \
        v_u[i] = (upstream) * u##_radial[i] * unit;                                                                    \
        of_c[i] = 0.5 * (upstream) * form.slope * R * tangential[i] / c[i];                                            \
    }

/* x, u, v; c -> u_r v_r + S^2 <u_t, v_t> */
GK_ROW_FUNCTION(polar_inner) {
    const double *c = s[0];
    const gk_vec x = in[0], u = in[1], v = in[2];
    POLAR_FORM(x, u, v);
    GK_SCALARS {
        double S = polar_S(__builtin_sqrt(c[i]) * x_length[i]);
        t[0][i] = u_radial[i] * v_radial[i] + S * (S * tangential[i]);
    }
}

/* x, u, v; g, c -> gx, gu, gv; gc */
GK_ROW_FUNCTION(polar_inner_vjp) {
    const double *g = s[0], *c = s[1];
    const gk_vec x = in[0], u = in[1], v = in[2];
    POLAR_FORM(x, u, v);
    POLAR_FORM_VJP(x, u, v, g[i], 0, t[0]);
    GK_COMBINE(out[0], to_u[i] * POLAR_REST_ROW(x, u) + to_v[i] * POLAR_REST_ROW(x, v) + x_x[i] * GK_AT(x));
    GK_COMBINE(out[1], u_u[i] * GK_AT(x) + of_rest[i] * POLAR_REST_ROW(x, v));
    GK_COMBINE(out[2], v_u[i] * GK_AT(x) + of_rest[i] * POLAR_REST_ROW(x, u));
}

/* x, u; c -> sqrt(u_r^2 + S^2 |u_t|^2) */
GK_ROW_FUNCTION(polar_norm) {
    const double *c = s[0];
    const gk_vec x = in[0], u = in[1];
    POLAR_POINT(x);
    POLAR_VECTOR(x, u);
    GK_SCALARS {
        double S = polar_S(__builtin_sqrt(c[i]) * x_length[i]);
        t[0][i] = polar_hypot(gk_abs(u_radial[i]), S * u_rest[i]);
    }
}

/* x, u; g, c -> gx, gu; gc: half the gradients of the square over the norm, with subgradient 0 at u = 0 */
GK_ROW_FUNCTION(polar_norm_vjp) {
    const double *g = s[0], *c = s[1];
    const gk_vec x = in[0], u = in[1];
    gk_scalars x_x, u_x, u_t, x_t;
    POLAR_POINT(x);
    POLAR_VECTOR(x, u);
    GK_SCALARS {
        double rc = __builtin_sqrt(c[i]), R = rc * x_length[i], S = polar_S(R), unit = POLAR_UNIT(x);
        double norm = polar_hypot(gk_abs(u_radial[i]), S * u_rest[i]), one = norm == 0.0 ? 1.0 : norm;
        polar_form form = polar_form_of(R, 0);
        double share = g[i] * (u_rest[i] / one) * u_rest[i];
        x_x[i] = 0.5 * rc * form.slope * share * unit;
        x_t[i] = rc * form.turn * g[i] * (u_radial[i] / one);
        u_x[i] = g[i] * (u_radial[i] / one) * unit;
        u_t[i] = g[i] * (form.k / one);
        t[0][i] = 0.25 * form.slope * R * share / c[i];
    }
    GK_COMBINE(out[0], x_x[i] * GK_AT(x) + x_t[i] * POLAR_REST_ROW(x, u));
    GK_COMBINE(out[1], u_x[i] * GK_AT(x) + u_t[i] * POLAR_REST_ROW(x, u));
}

/* x, u; c -> u_r u^ + u_t/S^2 */
GK_ROW_FUNCTION(polar_egrad2rgrad) {
    const double *c = s[0];
    const gk_vec x = in[0], u = in[1];
    gk_scalars of_x, of_u;
    POLAR_POINT(x);
    POLAR_VECTOR(x, u);
    GK_SCALARS {
        double S = polar_S(__builtin_sqrt(c[i]) * x_length[i]);
        of_x[i] = u_radial[i] * POLAR_UNIT(x);
        of_u[i] = 1.0 / S / S;
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(x) + of_u[i] * POLAR_REST_ROW(x, u));
}

/* g, x, u; c -> gx, gu; gc: the inverse metric applied to g and u */
GK_ROW_FUNCTION(polar_egrad2rgrad_vjp) {
    const double *c = s[0];
    const gk_vec v = in[0], x = in[1], u = in[2];
    POLAR_FORM(x, u, v);
    POLAR_FORM_VJP(x, u, v, 1.0, 1, t[0]);
    GK_COMBINE(out[0], to_u[i] * POLAR_REST_ROW(x, u) + to_v[i] * POLAR_REST_ROW(x, v) + x_x[i] * GK_AT(x));
    GK_COMBINE(out[1], u_u[i] * GK_AT(x) + of_rest[i] * POLAR_REST_ROW(x, v));
    (void)v_u;
}

static const gk_row_kernel POLAR_DIST = {
    "dist", polar_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"c"}, 60, 1.8, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_DIST_VJP = {
    "dist_vjp", polar_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "c"}, 80, 2.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_DIST0 = {
    "dist0", polar_dist0, 1, 1, 0, 1, 0, {"x"}, {"c"}, 3, 0.3, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_DIST0_VJP = {
    "dist0_vjp", polar_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "c"}, 3, 0.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_INNER = {
    "inner", polar_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"c"}, 12, 2.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_INNER_VJP = {
    "inner_vjp", polar_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "c"}, 30, 4.0, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_NORM = {
    "norm", polar_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"c"}, 12, 1.6, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_NORM_VJP = {
    "norm_vjp", polar_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "c"}, 30, 2.4, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_EGRAD2RGRAD = {
    "egrad2rgrad", polar_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"c"}, 12, 1.8, &GK_HYPERBOLIC_CHART};
static const gk_row_kernel POLAR_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", polar_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"c"}, 30, 3.2, &GK_HYPERBOLIC_CHART};

#endif
