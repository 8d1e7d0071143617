/* Conversions between the models of hyperbolic space that are images of one another along the rays from the origin:
 * Poincaré's and Klein's balls, Lorentz's spatial coordinates, and the polar chart.
 *
 * At distance r from the origin, with rho = sqrt(c) r, a point has sqrt(c)|x| = tanh(rho/2) in Poincaré's ball,
 * tanh(rho) in Klein's, sinh(rho) in Lorentz's model and rho in the polar chart. So every conversion is y = K(q) x with
 * q = c|x|^2, and its derivative, a symmetric matrix J, multiplies what is orthogonal to x by K and what is parallel by
 * R = K + 2qK':
 *   J v = K v + 2cK'<x, v> x.
 * Near the boundary R and K differ by orders of magnitude, and the two terms cancel. So v is split: with along =
 * <x, v>/|x|^2 rounded, a fused multiply-add makes the only rounding error of v - along x that is not parallel to x an
 * ulp of itself; the rest is found by a second inner product and put back where it belongs.
 * Primes are derivatives in q; in the backward kernels a product of two names such as hx is their inner product.
 */
#ifndef GK_CONVERSIONS_RADIAL_H
#define GK_CONVERSIONS_RADIAL_H

#include "poincare_metric.h"

/* K, K', K'', R of one row, and the room 1 - c|y|^2 that is left at y if that lies in a ball. */
typedef struct {
    double value, slope, curve, radial, room;
} radial_term;

typedef struct {
    gk_scalars value, slope, curve, radial, room;
} radial_terms;

/* Fill in the terms of all rows, up to the derivative `order`, from z = sqrt(c)|x| and gap = 1 - z^2. */
typedef void (*radial_ratio)(int order, long lanes, const gk_scalars z, const gk_scalars gap, radial_terms *terms);

#define RADIAL_RATIO(NAME)                                                                                             \
    GK_INLINE radial_term NAME##_of(double z, double gap);                                                             \
    GK_CLONES static void NAME(int order, long lanes, const gk_scalars z, const gk_scalars gap, radial_terms *terms) { \
        if (order == 0) {                                                                                              \
            GK_SIMD for (long i = 0; i < lanes; i++) {                                                                 \
                radial_term term = NAME##_of(z[i], gap[i]);                                                            \
                terms->value[i] = term.value, terms->room[i] = term.room;                                              \
            }                                                                                                          \
        } else if (order == 1) {                                                                                       \
            GK_SIMD for (long i = 0; i < lanes; i++) {                                                                 \
                radial_term term = NAME##_of(z[i], gap[i]);                                                            \
                terms->value[i] = term.value, terms->slope[i] = term.slope, terms->radial[i] = term.radial;            \
            }                                                                                                          \
        } else {                                                                                                       \
            GK_SIMD for (long i = 0; i < lanes; i++) {                                                                 \
                radial_term term = NAME##_of(z[i], gap[i]);                                                            \
                terms->value[i] = term.value, terms->slope[i] = term.slope, terms->radial[i] = term.radial;            \
                terms->curve[i] = term.curve;                                                                          \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    GK_INLINE radial_term NAME##_of(double z, double gap)

/* cosh(rho) = sqrt(1 + z^2) for z = sinh(rho), which may be huge. */
GK_INLINE double radial_cosh(double z) { return z > 1e150 ? z : __builtin_sqrt(1.0 + z * z); }

/* sech(z)^2, where 1 - tanh(z)^2 would cancel */
GK_INLINE double radial_sech2(double z) {
    double e = gk_exp(-2.0 * z), sum = 1.0 + e;
    return 4.0 * e / (sum * sum);
}

/* ---- between the balls and Lorentz's model ---- */

RADIAL_RATIO(radial_poincare_to_lorentz) {
    (void)z;
    double e = 1.0 / gap;
    return (radial_term){2.0 * e, 2.0 * e * e, 4.0 * e * e * e, 2.0 * (2.0 - gap) * e * e, 1.0};
}

RADIAL_RATIO(radial_lorentz_to_poincare) {
    (void)gap;
    double w = radial_cosh(z), e = 1.0 / (1.0 + w), f = 1.0 / w;
    return (radial_term){e, -0.5 * e * e * f, 0.25 * (f + 3.0) * f * f * (e * e * e), e * f, 2.0 * e};
}

RADIAL_RATIO(radial_poincare_to_klein) {
    (void)z;
    double e = 1.0 / (2.0 - gap);
    return (radial_term){2.0 * e, -2.0 * e * e, 4.0 * e * e * e, 2.0 * gap * e * e, gap * e * (gap * e)};
}

RADIAL_RATIO(radial_klein_to_poincare) {
    (void)z;
    double w = __builtin_sqrt(gap), e = 1.0 / (1.0 + w), f = 1.0 / w;
    return (radial_term){e, 0.5 * e * e * f, 0.25 * (f + 3.0) * f * f * (e * e * e), e * f, 2.0 * w * e};
}

RADIAL_RATIO(radial_lorentz_to_klein) {
    (void)gap;
    double e = 1.0 / radial_cosh(z), cube = e * e * e;
    return (radial_term){e, -0.5 * cube, 0.75 * cube * e * e, cube, e * e};
}

RADIAL_RATIO(radial_klein_to_lorentz) {
    (void)z;
    double e = 1.0 / __builtin_sqrt(gap), cube = e * e * e;
    return (radial_term){e, 0.5 * cube, 0.75 * cube * e * e, cube, 1.0};
}

/* ---- from and to the polar chart ---- */

/* S(q) = sinh(z)/z, for which 4qS'' + 6S' = S */
RADIAL_RATIO(radial_polar_to_lorentz) {
    (void)gap;
    double q = z * z, S = gk_sinhc(z), slope = gk_dsinhc(q);
    double series = 1.0 / 60 + q * (1.0 / 840 + q * (1.0 / 30240 + q * (1.0 / 1995840 + q * (1.0 / 207567360 +
                    q * (1.0 / 31135104000.0 + q * (1.0 / 6351561216000.0))))));
    return (radial_term){S, slope, q < 1.0 ? series : (S - 6.0 * slope) / (4.0 * q), gk_cosh(z), 1.0};
}

/* asinh(z)/z = W F(q) with W = sqrt(1 + q); R = 1/W, and 2qK'' = R' - 3K' or the series where that cancels */
RADIAL_RATIO(radial_lorentz_to_polar) {
    (void)gap;
    double w = radial_cosh(z), q = z * z, f = 1.0 / w;
    poincare_ratio F = poincare_F(q);
    double arc = gk_asinh(z) / z, slope = 0.5 * F.value * f + w * F.slope, far = 0.5 * (f - arc) / z / z;
    slope = z > 1e8 ? far : slope;
    double curve = (-0.5 * f * f * f - 3.0 * slope) / z / (2.0 * z);
    double series = 3.0 / 20 + q * (-15.0 / 56 + q * (35.0 / 96 + q * (-315.0 / 704 + q * (3465.0 / 6656 +
                    q * (-3003.0 / 5120 + q * (45045.0 / 69632 + q * (-109395.0 / 155648)))))));
    return (radial_term){z < 1e-150 ? 1.0 : arc, slope, q < 0.02 ? series : curve, f, 1.0};
}

/* T(p) = tanh(z)/z with p = z^2: T + 2pT' = sech(z)^2, and 2pT'' = -T sech(z)^2 - 3T' or its series. Klein's ratio. */
RADIAL_RATIO(radial_polar_to_klein) {
    (void)gap;
    double p = z * z, room = radial_sech2(z);
    poincare_ratio T = poincare_T(z);
    double series = 4.0 / 15 + p * (-34.0 / 105 + p * (248.0 / 945 + p * (-27640.0 / 155925 +
                    p * (30 * 21844.0 / 6081075 + p * (-42 * 929569.0 / 638512875)))));
    double curve = p < 0.01 ? series : (-T.value * room - 3.0 * T.slope) / (2.0 * p);
    return (radial_term){T.value, T.slope, curve, room, room};
}

/* T(q/4)/2 */
RADIAL_RATIO(radial_polar_to_poincare) {
    radial_term T = radial_polar_to_klein_of(0.5 * z, gap);
    return (radial_term){0.5 * T.value, 0.125 * T.slope, 0.03125 * T.curve, 0.5 * T.radial, T.room};
}

/* Z(q) = artanh(z)/z: Z + 2qZ' = 1/gap, and 2qZ'' = 1/gap^2 - 3Z' or its series */
RADIAL_RATIO(radial_klein_to_polar) {
    double q = z * z, e = 1.0 / gap;
    poincare_ratio Z = poincare_Z(q, gap);
    double series = 2.0 / 5 + q * (6.0 / 7 + q * (12.0 / 9 + q * (20.0 / 11 + q * (30.0 / 13 + q * (42.0 / 15 +
                    q * (56.0 / 17 + q * (72.0 / 19 + q * (90.0 / 21 + q * (110.0 / 23)))))))));
    double curve = q < 0.05 ? series : (e * e - 3.0 * Z.slope) / (2.0 * q);
    return (radial_term){Z.value, Z.slope, curve, e, 1.0};
}

RADIAL_RATIO(radial_poincare_to_polar) {
    radial_term Z = radial_klein_to_polar_of(z, gap);
    return (radial_term){2.0 * Z.value, 2.0 * Z.slope, 2.0 * Z.curve, 2.0 * Z.radial, 1.0};
}

/* ---- the kernels (direct or not), given a ratio and whether the points come from a ball ---- */

#define RADIAL_FUNCTION(NAME, DIRECT)                                                                                  \
    GK_INLINE void NAME##_body(const int columns, const int gk_floats, gk_block *block, const gk_vec *in,              \
                               const gk_scalars *s, gk_vec *out, gk_scalars *t, radial_ratio ratio, int ball);         \
    GK_CLONES static void NAME(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t,     \
                               radial_ratio ratio, int ball) {                                                         \
        if (block->d <= GK_NARROW)                                                                                     \
            NAME##_body(1, 0, block, in, s, out, t, ratio, ball);                                                      \
        else if (!(DIRECT) || block->compensate)                                                                       \
            NAME##_body(0, 0, block, in, s, out, t, ratio, ball);                                                      \
        else                                                                                                           \
            NAME##_body(0, 1, block, in, s, out, t, ratio, ball);                                                      \
    }                                                                                                                  \
    GK_INLINE void NAME##_body(const int columns, const int gk_floats, gk_block *block, const gk_vec *in,              \
                               const gk_scalars *s, gk_vec *out, gk_scalars *t, radial_ratio ratio, int ball)

/* n = |x| and the terms of its row. */
#define RADIAL_START(order, operand, x, c)                                                                             \
    gk_scalars n, z, gap;                                                                                              \
    radial_terms K;                                                                                                    \
    if (ball) {                                                                                                        \
        GK_GAP(gap, n, c, x);                                                                                          \
        gk_inside(block, operand, gap);                                                                                \
        GK_SCALARS n[i] = __builtin_sqrt(n[i]);                                                                        \
    } else {                                                                                                           \
        GK_LENGTH(n, x);                                                                                               \
        GK_SCALARS gap[i] = 1.0;                                                                                       \
    }                                                                                                                  \
    GK_SCALARS z[i] = __builtin_sqrt((c)[i]) * n[i];                                                                   \
    ratio(order, block->lanes, z, gap, &K)

/* destination = J v, given xv = <x, v>. */
#define RADIAL_DERIVATIVE(destination, x, v, xv)                                                                       \
    do {                                                                                                               \
        gk_scalars along, rest, of_x;                                                                                  \
        GK_SCALARS along[i] = n[i] == 0.0 ? 0.0 : (xv)[i] / n[i] / n[i];                                               \
        GK_SUM(rest, GK_AT(x) * GK_FMA(GK_AT(x), (gk_lane){0} - GK_OF(along), GK_AT(v)));                              \
        GK_SCALARS {                                                                                                   \
            rest[i] = n[i] == 0.0 ? 0.0 : rest[i] / n[i] / n[i];                                                       \
            of_x[i] = K.radial[i] * (along[i] + rest[i]);                                                              \
        }                                                                                                              \
        GK_COMBINE(destination, K.value[i] * (__builtin_fma(-along[i], GK_AT(x), GK_AT(v)) - rest[i] * GK_AT(x)) +     \
                                    of_x[i] * GK_AT(x));                                                               \
    } while (0)

/* x; c -> y = K x */
RADIAL_FUNCTION(radial_points, 1) {
    const double *c = s[0];
    RADIAL_START(0, 0, in[0], c);
    GK_COMBINE(out[0], K.value[i] * GK_AT(in[0]));
    GK_SCALARS t[0][i] = K.room[i];
}

/* g, x; c -> gx = J g; gc = K'|x|^2 gx, where qK' = (R - K)/2 cannot overflow */
RADIAL_FUNCTION(radial_points_vjp, 0) {
    const double *c = s[0];
    gk_scalars gx;
    RADIAL_START(1, 1, in[1], c);
    GK_SUM(gx, GK_AT(in[0]) * GK_AT(in[1]));
    RADIAL_DERIVATIVE(out[0], in[1], in[0], gx);
    GK_SCALARS {
        double q_slope = z[i] < 1.0 ? z[i] * z[i] * K.slope[i] : 0.5 * (K.radial[i] - K.value[i]);
        t[0][i] = q_slope * gx[i] / c[i];
    }
}

/* x, v; c -> J v */
RADIAL_FUNCTION(radial_tangents, 1) {
    const double *c = s[0];
    gk_scalars xv;
    (void)t;
    RADIAL_START(1, 0, in[0], c);
    GK_SUM(xv, GK_AT(in[0]) * GK_AT(in[1]));
    RADIAL_DERIVATIVE(out[0], in[0], in[1], xv);
}

/* h, x, v; c -> gx, gv; gc of <h, J v> = K hv + 2cK' hx xv: gv = J h, and
 * gx = 2cK'(hv x + hx v + xv h) + 4c^2 K'' hx xv x,  gc = K'|x|^2 hv + 2 (K' + qK'') hx xv. */
RADIAL_FUNCTION(radial_tangents_vjp, 0) {
    const double *c = s[0];
    gk_scalars hx, xv, hv, of_x, of_v, of_h;
    RADIAL_START(2, 1, in[1], c);
    GK_SUM3(hx, GK_AT(in[0]) * GK_AT(in[1]), xv, GK_AT(in[1]) * GK_AT(in[2]), hv, GK_AT(in[0]) * GK_AT(in[2]));
    GK_SCALARS {
        double twice = 2.0 * c[i] * K.slope[i], q = z[i] * z[i], both = hx[i] * xv[i];
        of_x[i] = twice * hv[i] + 4.0 * c[i] * c[i] * K.curve[i] * both;
        of_v[i] = twice * hx[i];
        of_h[i] = twice * xv[i];
        t[0][i] = q * K.slope[i] * hv[i] / c[i] + 2.0 * (K.slope[i] + q * K.curve[i]) * both;
    }
    GK_COMBINE(out[0], of_x[i] * GK_AT(in[1]) + of_v[i] * GK_AT(in[2]) + of_h[i] * GK_AT(in[0]));
    RADIAL_DERIVATIVE(out[1], in[1], in[0], hx);
}

/* The four kernels of one conversion. */
#define RADIAL_KERNEL(NAME, CORE, RATIO, BALL)                                                                         \
    static void NAME(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t) {             \
        CORE(block, in, s, out, t, RATIO, BALL);                                                                       \
    }
#define RADIAL_CONVERSION(NAME, BALL)                                                                                  \
    RADIAL_KERNEL(NAME, radial_points, radial_##NAME, BALL)                                                            \
    RADIAL_KERNEL(NAME##_vjp, radial_points_vjp, radial_##NAME, BALL)                                                  \
    RADIAL_KERNEL(NAME##_tangent, radial_tangents, radial_##NAME, BALL)                                                \
    RADIAL_KERNEL(NAME##_tangent_vjp, radial_tangents_vjp, radial_##NAME, BALL)

RADIAL_CONVERSION(poincare_to_lorentz, 1)
RADIAL_CONVERSION(lorentz_to_poincare, 0)
RADIAL_CONVERSION(poincare_to_klein, 1)
RADIAL_CONVERSION(klein_to_poincare, 1)
RADIAL_CONVERSION(lorentz_to_klein, 0)
RADIAL_CONVERSION(klein_to_lorentz, 1)
RADIAL_CONVERSION(poincare_to_polar, 1)
RADIAL_CONVERSION(polar_to_poincare, 0)
RADIAL_CONVERSION(lorentz_to_polar, 0)
RADIAL_CONVERSION(polar_to_lorentz, 0)
RADIAL_CONVERSION(klein_to_polar, 1)
RADIAL_CONVERSION(polar_to_klein, 0)

#endif
