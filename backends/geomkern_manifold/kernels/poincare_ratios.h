/* Ratios that are smooth where lengths vanish, and how one body of code serves two models.
 *
 * The kernels of the Poincaré ball are formulas in c and in squares. They hold for c < 0 as well, where the space is
 * the sphere of curvature k = -c in stereographic projection, and for c = 0, where it is flat (Bachmann, Bécigneul and
 * Ganea 2020; Skopek, Ganea and Bécigneul 2020); only roots of c, and functions of sqrt(c) times a length, become
 * circular ones. So each body has a constant `either`: 0 for the model "poincare", with c > 0, and 1 for
 * "stereographic", whose last operand is k, where a row takes the one or the other by the sign of its c. The ball's
 * formulas give NaN or nonsense on a row with c <= 0, which is then not taken.
 */
#ifndef GK_POINCARE_RATIOS_H
#define GK_POINCARE_RATIOS_H

#include "gk_rows.h"
#include "gk_trig.h"

/* -k, and 0 for curvatures that are negative but so small that nothing can tell them from 0: roots of c must not lose
 * digits. */
GK_INLINE double curved_c(double k) { return k < 0.0 && k > -1e-100 ? 0.0 : -k; }

/* sqrt(c), and 0 for c <= 0. */
GK_INLINE double curved_root(const int either, double c) { return __builtin_sqrt(either && c <= 0.0 ? 0.0 : c); }

/* Define the kernel NAME of both models; its last scalar, of SCALARS, is c or k, whose gradient is scalar output OF_C
 * (-1: none). */
#define CURVED_FUNCTION(NAME, SCALARS, OF_C) CURVED_FUNCTION_AS(GK_ROW_FUNCTION, NAME, SCALARS, OF_C)
#define CURVED_DIRECT_FUNCTION(NAME, SCALARS, OF_C) CURVED_FUNCTION_AS(GK_DIRECT_ROW_FUNCTION, NAME, SCALARS, OF_C)
#define CURVED_FUNCTION_AS(KIND, NAME, SCALARS, OF_C)                                                                  \
    GK_INLINE void curved_##NAME(const int either, const int columns, const int gk_floats, gk_block *block,            \
                                 const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t);                   \
    KIND(poincare_##NAME) { curved_##NAME(0, columns, gk_floats, block, in, s, out, t); }                              \
    KIND(stereographic_##NAME) {                                                                                       \
        gk_scalars with_c[SCALARS];                                                                                    \
        memcpy(with_c, s, sizeof with_c);                                                                              \
        for (long i = 0; i < GK_BLOCK; i++) with_c[(SCALARS)-1][i] = curved_c(s[(SCALARS)-1][i]);                      \
        curved_##NAME(1, columns, gk_floats, block, in, (const gk_scalars *)with_c, out, t);                           \
        if ((OF_C) >= 0)                                                                                               \
            for (long i = 0; i < block->lanes; i++) t[(OF_C) < 0 ? 0 : (OF_C)][i] = -t[(OF_C) < 0 ? 0 : (OF_C)][i];    \
    }                                                                                                                  \
    GK_INLINE void curved_##NAME(const int either, const int columns, const int gk_floats, gk_block *block,            \
                                 const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t)

/* 2 asinh(sqrt(s/w)) for s >= 0, w > 0, as log(p/w) with p = w + 2 (s + sqrt(s (s + w))): one square root and one
 * division in all. With 2^k the power of two nearest to p/w, log(p/w) = k ln 2 + 2 atanh(t),
 * t = (p - 2^k w)/(p + 2^k w), |t| <= 0.2; for k = 0 the numerator is 2 (s + sqrt(s (s + w))) itself. The difference of
 * the bit patterns of p and w is their log2 ratio well enough to find k. */
GK_INLINE double poincare_arc(double s, double w) {
    double rise = 2.0 * (s + __builtin_sqrt(s * (s + w))), p = w + rise;
    uint64_t biased = (gk_bits(p) - gk_bits(w) + ((uint64_t)2047 << 51)) >> 52;
    double k = gk_from_bits(biased | 0x4330000000000000u) - (0x1p52 + 1023.0), scaled = gk_from_bits(biased << 52) * w;
    double t = (k == 0.0 ? rise : p - scaled) / (p + scaled), tt = t * t, error;
    double high = gk_fast_sum(k * GK_LN2_HI, 2.0 * t, &error);
    double arc = high + ((error + k * GK_LN2_LO) + (2.0 * t * tt) * gk_atanh_tail(tt));
    return s <= 1.7976931348623157e308 ? arc : s;
}

/* A ratio that is smooth at 0, and its derivative. */
typedef struct {
    double value, slope;
} poincare_ratio;

/* F(E) = asinh(sqrt E)/sqrt(E(1 + E)). Since (F^2 E(1 + E))' = F, F' = (1 - (1 + 2E) F)/(2E(1 + E)), which cancels for
 * small E; there the series of F, whose coefficients are (-1)^n (2n)!!/(2n + 1)!!, gives both. */
GK_INLINE poincare_ratio poincare_F(double E) {
    double product = E * (1.0 + E), F = 0.5 * poincare_arc(E, 1.0) / __builtin_sqrt(product);
    double slope = (1.0 - (1.0 + 2.0 * E) * F) / (2.0 * product);
    double series = -2.0 / 3 + E * (16.0 / 15 + E * (-48.0 / 35 + E * (512.0 / 315 + E * (-1280.0 / 693 +
                    E * (2048.0 / 1001 + E * (-14336.0 / 6435 + E * (262144.0 / 109395)))))));
    poincare_ratio ratio = {E < 1e-300 ? 1.0 : F, E < 0.01 ? series : slope};
    return ratio;
}

/* Z(u) = artanh(sqrt u)/sqrt(u) at u = c|x|^2, from a = 1 - u: artanh(sqrt u) = asinh(sqrt(u/a)). Its derivative
 * (1/a - Z)/(2u) cancels for small u, where the series 1/3 + 2u/5 + 3u^2/7 + ... is used. */
GK_INLINE poincare_ratio poincare_Z(double u, double a) {
    double Z = 0.5 * poincare_arc(u, a) / __builtin_sqrt(u), slope = (1.0 / a - Z) / (2.0 * u);
    double series = 1.0 / 3 + u * (2.0 / 5 + u * (3.0 / 7 + u * (4.0 / 9 + u * (5.0 / 11 + u * (6.0 / 13)))));
    poincare_ratio ratio = {u < 1e-300 ? 1.0 : Z, u < 1e-3 ? series : slope};
    return ratio;
}

/* tanh(z)/z for z >= 0, and its derivative in z^2, (sech^2 z - tanh(z)/z)/(2z^2); by its series for small z. */
GK_INLINE poincare_ratio poincare_T(double z) {
    double tanh = gk_tanh(z), T = tanh / z, q = z * z, slope = ((1.0 - tanh) * (1.0 + tanh) - T) / (2.0 * q);
    double series = -1.0 / 3 + q * (4.0 / 15 + q * (-17.0 / 105 + q * (248.0 / 2835 + q * (-1382.0 / 31185 +
                    q * (43688.0 / 2027025)))));
    poincare_ratio ratio = {z < 1e-150 ? 1.0 : T, q < 1e-3 ? series : slope};
    return ratio;
}

/* The distance 2/sqrt(c) asinh(sqrt(c dd/ab)) of two points, dd = |y - x|^2, open = ab + c dd. For c < 0 it is the
 * angle 2 atan2(sqrt(k dd), sqrt(open)) over sqrt(k). */
GK_INLINE double curved_length(const int either, double dd, double ab, double open, double c) {
    double ball = poincare_arc(c * dd, ab) / __builtin_sqrt(c);
    if (!either) return ball;
    double rise = __builtin_sqrt(-c * dd), flat = 2.0 * __builtin_sqrt(dd / open);
    double angle = 2.0 * gk_atan2(rise, __builtin_sqrt(open)) / __builtin_sqrt(-c);
    double round = rise < 1e-9 * __builtin_sqrt(open) ? flat : angle;
    return c > 0.0 ? ball : round;
}

/* The same ratios for arguments of either sign, which they are analytic in; the series serve both. F for E in [-1, 0)
 * is atan2(sqrt(-E), sqrt N)/sqrt(-E N), N = 1 + E. */
GK_INLINE poincare_ratio curved_F(const int either, double E, double N) {
    poincare_ratio ratio = poincare_F(E);
    if (!either) return ratio;
    double F = gk_atan2(__builtin_sqrt(-E), __builtin_sqrt(N)) / __builtin_sqrt(-E * N);
    ratio.value = E < -1e-300 ? F : ratio.value;
    ratio.slope = E < -0.01 ? (1.0 - (1.0 + 2.0 * E) * F) / (2.0 * E * N) : ratio.slope;
    return ratio;
}

/* Z for u < 0 is atan(sqrt(-u))/sqrt(-u). */
GK_INLINE poincare_ratio curved_Z(const int either, double u, double a) {
    poincare_ratio ratio = poincare_Z(u, a);
    if (!either) return ratio;
    double root = __builtin_sqrt(-u), Z = gk_atan2(root, 1.0) / root;
    ratio.value = u < -1e-300 ? Z : ratio.value;
    ratio.slope = u < -1e-3 ? (1.0 / a - Z) / (2.0 * u) : ratio.slope;
    return ratio;
}

/* T for z^2 < 0 is tan(z)/z of z = sqrt(-z^2), and its derivative (T - 1/cos^2 z)/(2z^2). */
GK_INLINE poincare_ratio curved_T(const int either, double z, double c) {
    poincare_ratio ratio = poincare_T(z);
    if (!either || c > 0.0) return ratio;
    gk_circular of = gk_sincos(z);
    double q = z * z, T = of.sin / (of.cos * z);
    double series = -1.0 / 3 - q * (4.0 / 15 + q * (17.0 / 105 + q * (248.0 / 2835 + q * (1382.0 / 31185 +
                    q * (43688.0 / 2027025)))));
    ratio.value = z < 1e-150 ? 1.0 : T;
    ratio.slope = q < 1e-3 ? series : (T - 1.0 / (of.cos * of.cos)) / (2.0 * q);
    return ratio;
}

/* cosh(x) for c > 0, cos(x) else. */
GK_INLINE double curved_cosh(const int either, double x, double c) {
    return either && c <= 0.0 ? gk_cos(x) : gk_cosh(x);
}

#endif
