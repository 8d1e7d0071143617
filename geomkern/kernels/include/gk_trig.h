/* Circular functions in double precision that a compiler can vectorise, under the rules of gk_math.h.
 *
 * Largest errors: gk_sin gk_cos 1 ulp or 2^-104 |x| for |x| < 2^26 (beyond, an ulp of x is added to the angle), gk_atan
 * gk_atan2 1.8, gk_sinc 2, gk_dsinc 5.
 */
#ifndef GK_TRIG_H
#define GK_TRIG_H

#include "gk_math.h"

#define GK_PI_2 0x1.921fb54442d18p+0
#define GK_PI_2_LO 0x1.1a62633145c07p-54

typedef struct {
    double sin, cos;
} gk_circular;

/* x = n pi/2 + r + rl with |r| <= pi/4. The first two pieces of pi/2 have 26 bits, so that their products with n are
 * exact. Beyond 2^50 a double has no digits of a turn left; the angle is cut there. Bits 0 and 1 of n say which of sin
 * r and cos r is which, and with what sign. */
GK_INLINE gk_circular gk_sincos(double x)
{
    double limited = gk_at_most(x, 0x1p50);
    limited = limited < -0x1p50 ? -0x1p50 : limited;
    double rounded = limited * 0x1.45f306dc9c883p-1 + GK_ROUND, n = rounded - GK_ROUND;
    double high = (limited - n * 0x1.921fb50000000p+0) - n * 0x1.110b460000000p-26, low = n * GK_PI_2_LO;
    double r = high - low, rl = ((high - r) - low) + (x - x), w = r * r, w2 = w * w, half = 0.5 * w, one = 1.0 - half;
    /* (sin r - r) / (r w) and (cos r - 1 + half) / w^2 to 2^-52 on w <= (pi/4)^2 */
    double odd = (-0x1.5555555555555p-3 + 0x1.1111111110bb1p-7 * w) +
                 w2 * ((-0x1.a01a019e8357dp-13 + 0x1.71de37961e4c6p-19 * w) +
                       w2 * (-0x1.ae600a926c89ap-26 + 0x1.5e0af186af739p-33 * w));
    double even = (0x1.5555555555555p-5 - 0x1.6c16c16c16966p-10 * w) +
                  w2 * ((0x1.a01a019f4e867p-16 - 0x1.27e4fa17a41b4p-22 * w) +
                        w2 * (0x1.1eeb68b109173p-29 - 0x1.907d7aebd5e3dp-37 * w));
    double sin_r = r + (odd * (w * r) + rl), cos_r = one + (((1.0 - one) - half) + (even * w2 - r * rl));
    double halved = 0.5 * n, odd_turns = halved - ((halved + GK_ROUND) - GK_ROUND);
    uint64_t turns = gk_bits(rounded);
    gk_circular y;
    y.sin = odd_turns == 0.0 ? sin_r : cos_r;
    y.cos = odd_turns == 0.0 ? cos_r : sin_r;
    y.sin = gk_from_bits(gk_bits(y.sin) ^ ((turns & 2) << 62));
    y.cos = gk_from_bits(gk_bits(y.cos) ^ (((turns + 1) & 2) << 62));
    return y;
}

GK_INLINE double gk_sin(double x)
{
    return x == 0.0 ? x : gk_sincos(x).sin;
}

GK_INLINE double gk_cos(double x)
{
    return gk_sincos(x).cos;
}

/* The angle in [0, pi/2] of the point (x, y), x and y not negative and not both zero. With t the smaller of y/x and x/y
 * it is atan t for t <= tan(pi/8), pi/4 + atan((t - 1)/(t + 1)) beyond; and pi/2 minus that where t is x/y. */
GK_INLINE double gk_atan2(double y, double x)
{
    double low = y < x ? y : x, high = y < x ? x : y, error;
    double steep = low > 0.41421356237309503 * high ? 1.0 : 0.0;
    double t = (steep == 0.0 ? low : low - high) / (steep == 0.0 ? high : high + low);
    double w = t * t, w2 = w * w, w4 = w2 * w2;
    /* (atan t - t) / (t w) to 2^-52 on w <= tan(pi/8)^2 */
    double lower = (-0x1.5555555555555p-2 + 0x1.9999999999349p-3 * w) +
                   w2 * (-0x1.2492492435f94p-3 + 0x1.c71c718525179p-4 * w);
    double middle = (-0x1.745d0b24c84b9p-4 + 0x1.3b1262ac559fcp-4 * w) +
                    w2 * (-0x1.10fa72be60a88p-4 + 0x1.dfe5f37f19c8bp-5 * w);
    double upper = (-0x1.a097da67e4438p-5 + 0x1.415dac51cd10bp-5 * w) + w2 * -0x1.3a254249c2220p-6;
    double tail = (t * w) * (lower + w4 * (middle + w4 * upper));
    double sign = y < x ? 1.0 : -1.0, quarters = y < x ? steep : 2.0 - steep;
    double sum = gk_fast_sum(quarters * (0.5 * GK_PI_2), sign * t, &error);
    return sum + (error + (sign * tail + quarters * (0.5 * GK_PI_2_LO)));
}

GK_INLINE double gk_atan(double x)
{
    return __builtin_copysign(gk_atan2(gk_abs(x), 1.0), x);
}

/* sin z / z for any z. */
GK_INLINE double gk_sinc(double z)
{
    double sin = gk_sincos(z).sin;
    return gk_abs(z) < 1e-9 ? 1.0 : sin / z;
}

/* (sin z / z - cos z) / (2 z^2): the derivative of sinh(sqrt q) / sqrt q at q = -z^2, as gk_dsinhc is for q > 0. */
GK_INLINE double gk_dsinc(double z)
{
    double q = z * z, q2 = q * q;
    gk_circular of = gk_sincos(z);
    double direct = (of.sin / z - of.cos) / (2.0 * q);
    /* to 2^-52 on q <= 4 */
    double lower = (0x1.5555555555555p-3 - 0x1.111111111110dp-6 * q) +
                   q2 * (0x1.381381381346ap-11 - 0x1.71de3a5546d2cp-17 * q);
    double upper = (0x1.0cfeb60379ea1p-23 - 0x1.08db448b67daep-30 * q) +
                   q2 * ((0x1.78ad7a45afba1p-38 - 0x1.94b63ec3144f1p-46 * q) + q2 * 0x1.45511c6f987ecp-54);
    double series = lower + (q2 * q2) * upper;
    return q < 4.0 ? series : direct;
}

#endif
