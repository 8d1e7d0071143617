/* Elementary functions in double precision that a compiler can vectorise.
 *
 * Every function is GK_INLINE, free of branches and of calls, and made of additions, multiplications, divisions, square
 * roots, selects and bit patterns only, each of which IEEE 754 fixes to the last bit. Inside a GK_SIMD loop of a
 * GK_CLONES function they fill vectors of any width, and an element's result has the same bits on every instruction
 * set, at every position and under every number of threads; of a NaN only that it is one. SSE2 is the common
 * denominator: no comparison, conversion or arithmetic shift of 64-bit integers.
 *
 * Largest errors, over the whole range with subnormals: gk_exp gk_log gk_log1p gk_sinh gk_cosh gk_tanh gk_atanh 1 ulp,
 * gk_expm1 gk_asinh 1.2, gk_sinhc 2, gk_dsinhc 5. Zeros keep their sign, infinities give limits, NaN stays NaN, and
 * what lies outside a domain is NaN.
 *
 * How: a result is a sum hi + lo in which hi is exact or has an exactly known error and |lo| is small against hi, so
 * that the last addition makes nearly the whole rounding error. The polynomials interpolate at Chebyshev nodes, which
 * is within a factor of two of the best relative error.
 */
#ifndef GK_MATH_H
#define GK_MATH_H

#include <stdint.h>
#include <string.h>

#include "gk_simd.h"

#define GK_INF __builtin_inf()
#define GK_NAN __builtin_nan("")

#define GK_LOG2E 0x1.71547652b82fep+0
#define GK_LN2_HI 0x1.62e42fefa3800p-1 /* ln 2 to 42 bits: exact when multiplied by an integer below 2^11 */
#define GK_LN2_LO 0x1.ef35793c76730p-45
#define GK_ROUND 0x1.8p52 /* x + GK_ROUND holds the integer nearest to x in its low bits */

/* ---------------------------------------------------------------------------------------------- bits and pairs --- */

GK_INLINE uint64_t gk_bits(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

GK_INLINE double gk_from_bits(uint64_t u)
{
    double x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* The leading 26 bits of x, so that the product of two such numbers is exact. */
GK_INLINE double gk_head(double x)
{
    return gk_from_bits(gk_bits(x) & 0xfffffffff8000000u);
}

GK_INLINE double gk_abs(double x)
{
    return __builtin_fabs(x);
}

/* min(x, limit) that lets NaN through. */
GK_INLINE double gk_at_most(double x, double limit)
{
    return x > limit ? limit : x;
}

/* a + b = the returned sum + *error exactly, where |a| >= |b| or a = 0 (Dekker, 1971). */
GK_INLINE double gk_fast_sum(double a, double b, double *error)
{
    double sum = a + b;
    *error = b - (sum - a);
    return sum;
}

/* The same for a and b in any order (Knuth). */
GK_INLINE double gk_sum(double a, double b, double *error)
{
    double sum = a + b, b_seen = sum - a;
    *error = (a - (sum - b_seen)) + (b - b_seen);
    return sum;
}

/* (n + nl) / (d + dl) = the returned quotient + *low to about 75 bits. The quotient has 26 bits only, which makes its
 * products with the two halves of d, hence the remainder, exact; nl and dl are below an ulp of n and d. */
GK_INLINE double gk_quotient(double n, double nl, double d, double dl, double *low)
{
    double inverse = 1.0 / d, quotient = gk_head(n * inverse);
    double d_head = gk_head(d), d_tail = d - d_head;
    *low = ((n - quotient * d_head) - quotient * d_tail + (nl - quotient * dl)) * inverse;
    return quotient;
}

/* -------------------------------------------------------------------------------------------- the exponential --- */

/* x = n ln 2 + r + rl with an integer n and |r| <= 0.3466, and the pieces of e^x = 2^n e^r:
 * power = 2^(n - shift), inverse = 2^(-n - GK_HEADROOM), half = r^2/2, even = cosh r - 1 - half, odd = sinh r - r + rl.
 * With the shift GK_HEADROOM a function may come near the end of the exponent range, and a little beyond it on the way:
 * it computes its result times GK_DOWN, and multiplies by GK_UP last. Arguments so small that this would underflow are
 * their own result. */
typedef struct {
    double power, inverse, r, half, even, odd;
} gk_expo;

#define GK_HEADROOM 64.0
#define GK_DOWN 0x1p-64
#define GK_UP 0x1p64
#define GK_TINY 0x1p-54
#define GK_HUGE 740.0 /* even (sinh x) / x^2 is infinite here, and 2^(n - shift) is not */

GK_INLINE gk_expo gk_expo_of(double x, double shift)
{
    gk_expo e;
    double rounded = x * GK_LOG2E + GK_ROUND, n = rounded - GK_ROUND;
    double high = x - n * GK_LN2_HI, low = n * GK_LN2_LO;
    e.r = high - low;
    uint64_t power = (gk_bits(rounded - shift) + 1023) << 52;
    e.power = gk_from_bits(power);
    e.inverse = gk_from_bits(((uint64_t)2046 << 52) - power) * (GK_DOWN * GK_DOWN);
    double w = e.r * e.r, w2 = w * w;
    /* (cosh r - 1) / w to 2^-61 and (sinh r - r) / (r w) to 2^-53 on w <= 0.3466^2 */
    double even = (0x1.5555555555557p-5 + 0x1.6c16c16c15a69p-10 * w) +
                  w2 * ((0x1.a01a01a9e935ep-16 + 0x1.27e4d41a5ca90p-22 * w) + 0x1.1f7f25b04b0d4p-29 * w2);
    double odd = (0x1.5555555555556p-3 + 0x1.11111111109b4p-7 * w) +
                 w2 * ((0x1.a01a01a7c3d59p-13 + 0x1.71de0daf7a6ccp-19 * w) + 0x1.af38a71a18cb9p-26 * w2);
    e.half = 0.5 * w;
    e.even = even * w2;
    e.odd = odd * (w * e.r) + ((high - e.r) - low);
    return e;
}

GK_INLINE double gk_exp(double x)
{
    double limited = gk_at_most(x, GK_HUGE), error;
    limited = limited < -760.0 ? -760.0 : limited;
    gk_expo e = gk_expo_of(limited, x < -600.0 ? -2.0 * GK_HEADROOM : GK_HEADROOM);
    double high = gk_fast_sum(1.0, e.r, &error);
    return (high + (error + (e.half + (e.even + e.odd)))) * e.power * (x < -600.0 ? GK_DOWN * GK_DOWN : GK_UP);
}

/* (e^x - 1) one = (2^n - 1) one + 2^n r one + 2^n (half + even + odd) one, where one = 2^-shift. The first sum is
 * exact, but for n > 53, where the 1 hardly counts. */
GK_INLINE double gk_expm1_pair(gk_expo e, double one, double *low)
{
    double error1, error2, high = gk_fast_sum(-one, e.power, &error1);
    high = gk_fast_sum(high, e.power * e.r, &error2);
    *low = (error1 + error2) + e.power * (e.half + (e.even + e.odd));
    return high;
}

GK_INLINE double gk_expm1(double x)
{
    double limited = gk_at_most(x, GK_HUGE), low;
    limited = limited < -60.0 ? -60.0 : limited;
    double high = gk_expm1_pair(gk_expo_of(limited, GK_HEADROOM), GK_DOWN, &low);
    return gk_abs(x) < GK_TINY ? x : (high + low) * GK_UP;
}

/* ---------------------------------------------------------------------------------------- hyperbolic functions --- */

/* e^x + s e^-x = (2^n + s 2^-n)(1 + half + even) + (2^n - s 2^-n)(r + odd), shifted like e, for x >= 0 and s = 1 or -1,
 * with signed_inverse = s e.inverse. There is no cancellation at n = 0, where one of the brackets is exactly 0. */
GK_INLINE double gk_expo_sum(gk_expo e, double signed_inverse)
{
    double error0, error1, error2;
    double high = gk_fast_sum(e.power, signed_inverse, &error0);
    double even = high * (e.half + e.even), odd = (e.power - signed_inverse) * e.odd;
    high = gk_fast_sum(high, e.power * e.r, &error1);
    high = gk_fast_sum(high, -signed_inverse * e.r, &error2);
    return high + (((error0 + error1) + error2) + (even + odd));
}

GK_INLINE double gk_sinh(double x)
{
    double a = gk_abs(x);
    gk_expo e = gk_expo_of(gk_at_most(a, GK_HUGE), GK_HEADROOM);
    return a < GK_TINY ? x : __builtin_copysign(gk_expo_sum(e, -e.inverse) * (0.5 * GK_UP), x);
}

GK_INLINE double gk_cosh(double x)
{
    gk_expo e = gk_expo_of(gk_at_most(gk_abs(x), GK_HUGE), GK_HEADROOM);
    return gk_expo_sum(e, e.inverse) * (0.5 * GK_UP);
}

/* tanh|x| = -m / (2 + m) with m = expm1(-2|x|), both as pairs. */
GK_INLINE double gk_tanh(double x)
{
    double low, dl, ql;
    double high = gk_expm1_pair(gk_expo_of(-2.0 * gk_at_most(gk_abs(x), 22.0), 0.0), 1.0, &low);
    high = gk_fast_sum(high, low, &low);
    double d = gk_fast_sum(2.0, high, &dl);
    double q = gk_quotient(-high, -low, d, dl + low, &ql);
    return __builtin_copysign(q + ql, x);
}

/* ------------------------------------------------------------------------------------------------ the logarithm --- */

/* (atanh s - s) / s^3 as a function of w = s^2, to 2^-54 on w <= 0.0402. */
GK_INLINE double gk_atanh_tail(double w)
{
    double w2 = w * w;
    double lower = (0x1.5555555555555p-2 + 0x1.9999999999f4ap-3 * w) +
                   w2 * (0x1.24924923d8d53p-3 + 0x1.c71c72e6a0bf3p-4 * w);
    double upper = (0x1.745caa083f891p-4 + 0x1.3b2a29705fb2cp-4 * w) +
                   w2 * (0x1.0e857c4765545p-4 + 0x1.16d0d0a09926bp-4 * w);
    return lower + (w2 * w2) * upper;
}

/* u = 2^k (1 + f) for a positive normal u, with 1 + f in [sqrt(1/2), sqrt(2)). */
typedef struct {
    double k, f, inverse_power; /* inverse_power = 2^-k */
} gk_binade;

GK_INLINE gk_binade gk_binade_of(double u)
{
    const uint64_t sqrt_half = 0x3fe6a09e667f3bcdu;
    gk_binade b;
    uint64_t from_sqrt_half = gk_bits(u) - sqrt_half + ((uint64_t)1023 << 52), biased = from_sqrt_half >> 52;
    b.k = gk_from_bits(biased | 0x4330000000000000u) - (0x1p52 + 1023.0);
    b.f = gk_from_bits((from_sqrt_half & 0x000fffffffffffffu) + sqrt_half) - 1.0;
    b.inverse_power = 0.5 * gk_from_bits((2047 - biased) << 52);
    return b;
}

/* k ln 2 + log(1 + f + fl), where fl is below an ulp of 1 + f. With s = f / (2 + f),
 * log(1 + f) = 2 atanh s = 2s + 2 s^3 tail(s^2), and 2s = f - s f with the exact f; 1 / (1 + f) = 1 - 2s + 2s^2 to one
 * part in a hundred, which is enough for fl. */
GK_INLINE double gk_log_sum(double k, double f, double fl)
{
    double s = f / (2.0 + f), w = s * s, error;
    double high = gk_fast_sum(k * GK_LN2_HI, f, &error);
    double low = (error + (k * GK_LN2_LO + fl * (1.0 - 2.0 * s * (1.0 - s)))) - s * f;
    return high + (low + (2.0 * s * w) * gk_atanh_tail(w));
}

GK_INLINE double gk_log(double x)
{
    double subnormal = x < 0x1p-1022 ? 54.0 : 0.0, scale = x < 0x1p-1022 ? 0x1p54 : 1.0;
    gk_binade b = gk_binade_of(x * scale);
    double y = gk_log_sum(b.k - subnormal, b.f, 0.0);
    y = x < GK_INF ? y : x;
    y = x == 0.0 ? -GK_INF : y;
    return x < 0.0 ? GK_NAN : y;
}

/* log(1 + v + vl) + extra_k ln 2 for 1 + v > 0 and |vl| below an ulp of v. Where 1 + v is near 1 the argument itself is
 * f, to its last bit; elsewhere f is the rounded 1 + v and fl what the rounding lost. */
GK_INLINE double gk_log1p_sum(double v, double vl, double extra_k)
{
    double error, u = gk_sum(1.0, v, &error);
    gk_binade b = gk_binade_of(u);
    double f = b.k == 0.0 ? v : b.f, fl = b.k == 0.0 ? vl : (error + vl) * b.inverse_power;
    return gk_log_sum(b.k + extra_k, f, fl);
}

GK_INLINE double gk_log1p(double x)
{
    double y = gk_log1p_sum(x, 0.0, 0.0);
    y = x < GK_INF ? y : x;
    y = x == -1.0 ? -GK_INF : y;
    y = x < -1.0 ? GK_NAN : y;
    return __builtin_copysign(y, x);
}

/* ------------------------------------------------------------------------------- inverse hyperbolic functions ---- */

/* asinh a for a >= 0, given a^2 and root = sqrt(1 + a^2): log1p(a + a^2 / (1 + root)), and log a + ln 2 where a^2
 * dwarfs 1 and may have overflown. */
GK_INLINE double gk_asinh_of(double a, double square, double root)
{
    double vl, v = gk_fast_sum(a, square / (1.0 + root), &vl);
    double y = gk_log1p_sum(a > 0x1p64 ? a : v, a > 0x1p64 ? 0.0 : vl, a > 0x1p64 ? 1.0 : 0.0);
    return a < GK_INF ? y : a;
}

GK_INLINE double gk_asinh(double x)
{
    double a = gk_abs(x), square = a * a;
    return __builtin_copysign(gk_asinh_of(a, square, __builtin_sqrt(1.0 + square)), x);
}

/* For a = |x| write p = 1 + a, d = 1 - a and let 2^k be the power of two nearest to p / d. Then
 * atanh a = k ln 2 / 2 + atanh s with s = (p - 2^k d) / (p + 2^k d), |s| <= 0.2. The numerator is exact (p and 2^k d
 * are within a factor of two), and s = a where k = 0. The difference of the bit patterns of p and d is their log2 ratio
 * well enough to find k. */
GK_INLINE double gk_atanh(double x)
{
    double a = gk_abs(x), pl, dl, el, tl, error;
    double p = gk_fast_sum(1.0, a, &pl), d = gk_fast_sum(1.0, -a, &dl);
    uint64_t biased = (gk_bits(p) - gk_bits(d) + ((uint64_t)2047 << 51)) >> 52;
    double k = gk_from_bits(biased | 0x4330000000000000u) - (0x1p52 + 1023.0);
    double power = gk_from_bits(biased << 52);
    d *= power;
    dl *= power;
    double e = gk_sum(p, d, &el);
    double t = gk_quotient(p - d, pl - dl, e, el + (pl + dl), &tl);
    double s = k == 0.0 ? a : t, sl = k == 0.0 ? 0.0 : tl;
    double rounded = s + sl, w = rounded * rounded;
    double high = gk_fast_sum(k * (0.5 * GK_LN2_HI), s, &error);
    double y = high + ((error + (sl + k * (0.5 * GK_LN2_LO))) + (rounded * w) * gk_atanh_tail(w));
    y = a < 1.0 ? y : GK_NAN;
    return __builtin_copysign(a == 1.0 ? GK_INF : y, x);
}

/* --------------------------------------------------------------------------------------------- a smooth ratio --- */

/* sinh z / z overflows later than sinh z, which the headroom provides for. */
GK_INLINE double gk_sinhc(double z)
{
    double a = gk_at_most(gk_abs(z), GK_HUGE);
    gk_expo e = gk_expo_of(a, GK_HEADROOM);
    return a < GK_TINY ? 1.0 : gk_expo_sum(e, -e.inverse) / a * (0.5 * GK_UP);
}

/* (z cosh z - sinh z) / (2 z^3) as a function of q = z^2, to 2^-53 on q <= 4. */
GK_INLINE double gk_dsinhc_series(double q)
{
    double q2 = q * q;
    double lower = (0x1.5555555555555p-3 + 0x1.111111111110cp-6 * q) +
                   q2 * (0x1.3813813813c0bp-11 + 0x1.71de3a5543c49p-17 * q);
    double upper = (0x1.0cfeb61ca49e1p-23 + 0x1.08db44363fe79p-30 * q) +
                   q2 * (0x1.78b154edb840dp-38 + 0x1.94aec9458b32cp-46 * q);
    return lower + (q2 * q2) * (upper + (q2 * q2) * 0x1.65d3ba08016acp-54);
}

/* With z = sqrt q, d/dq (sinh z / z) = (cosh z - sinh z / z) / (2 q); a series up to q = 4, where the difference loses
 * two bits. The exponential magnifies what the square root rounds away, so zl = (q - z^2) / (2 z) is taken into
 * account: cosh(r + zl) = cosh r + zl sinh r, sinh(r + zl) = sinh r + zl cosh r. */
GK_INLINE double gk_dsinhc(double q)
{
    double limited = gk_at_most(q, GK_HUGE * GK_HUGE), z = __builtin_sqrt(limited), inverse_cube = 1.0 / (z * limited);
    double head = gk_head(z), tail = z - head;
    double zl = (((limited - head * head) - 2.0 * head * tail) - tail * tail) * (0.5 * limited * inverse_cube);
    gk_expo e = gk_expo_of(z, GK_HEADROOM);
    double cosh_r = 1.0 + (e.half + e.even);
    e.even += zl * (e.r + e.odd);
    e.odd += zl * cosh_r;
    double direct = (z * gk_expo_sum(e, e.inverse) - gk_expo_sum(e, -e.inverse)) * inverse_cube * (0.25 * GK_UP);
    return z < 2.0 ? gk_dsinhc_series(q) : direct;
}

#endif
