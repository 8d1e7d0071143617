/* Elementary functions in single precision, for layers whose float32 matrix product has already rounded what they take.
 *
 * Made like those of gk_math.h, with half the steps in vectors of twice as many lanes. Largest errors over the whole
 * range: gk_asinh_single 4 ulp, gk_sinh_single 4 ulp (|x| <= 88). Zeros keep their sign, and NaN stays NaN.
 */
#ifndef GK_MATH_SINGLE_H
#define GK_MATH_SINGLE_H

#include "gk_math.h"

GK_INLINE uint32_t gk_single_bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

GK_INLINE float gk_single_from_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* Below one half by a polynomial in a^2; from there on log(a + sqrt(1 + a^2)), whose argument 2^k (1 + f) with 1 + f in
 * [sqrt(1/2), sqrt(2)) needs no care, and log 2a where a^2 would overflow. */
GK_INLINE float gk_asinh_single(float x)
{
    float a = __builtin_fabsf(x), u = a * a;
    float low = a + a * u * (-0x1.555552p-3f + u * (0x1.332ed2p-4f + u * (-0x1.6c98ecp-5f + u * (0x1.d79732p-6f +
                u * -0x1.d434b2p-7f))));
    float argument = a > 0x1p60f ? a : a + __builtin_sqrtf(1.0f + u);
    uint32_t from_sqrt_half = gk_single_bits(argument) - 0x3f3504f3u;
    float k = (float)(int32_t)(from_sqrt_half >> 23) + (a > 0x1p60f ? 1.0f : 0.0f);
    float f = gk_single_from_bits((from_sqrt_half & 0x007fffffu) + 0x3f3504f3u) - 1.0f, f2 = f * f, f4 = f2 * f2;
    float tail = ((0x1.555554p-2f + -0x1.0000cep-2f * f) + f2 * (0x1.999f14p-3f + -0x1.54d03ep-3f * f)) +
                 f4 * ((0x1.231ce6p-3f + -0x1.0a33eap-3f * f) + f2 * (0x1.02814ep-3f + -0x1.43b246p-4f * f));
    float high = k * 0x1.62e400p-1f + (f - (0.5f * f2 - f * f2 * tail - k * 0x1.7f7d1cp-20f));
    float y = a < 0.5f ? low : high;
    y = a < (float)GK_INF ? y : a;
    return __builtin_copysignf(y, x);
}

/* With x = n ln 2 + r, sinh x = (2^n - 2^-n)/2 cosh r + (2^n + 2^-n)/2 sinh r;
 * at n = 0 the first factor is exactly 0. */
GK_INLINE float gk_sinh_single(float x)
{
    float a = __builtin_fabsf(x), rounded = a * 0x1.715476p+0f + 0x1.8p23f, n = rounded - 0x1.8p23f;
    float r = (a - n * 0x1.62e400p-1f) - n * 0x1.7f7d1cp-20f, w = r * r;
    uint32_t power = (gk_single_bits(rounded) + 126u) << 23;
    float up = gk_single_from_bits(power), down = gk_single_from_bits((252u << 23) - power);
    float even = 1.0f + w * (0.5f + w * (0x1.55553cp-5f + w * 0x1.6ce0eap-10f));
    float odd = r + r * w * (0x1.555556p-3f + w * (0x1.1110e0p-7f + w * 0x1.a12790p-13f));
    return __builtin_copysignf((up - down) * even + (up + down) * odd, x);
}

#endif
