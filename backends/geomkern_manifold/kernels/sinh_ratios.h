/* Ratios of hyperbolic sines that several models need. */
#ifndef GK_SINH_RATIOS_H
#define GK_SINH_RATIOS_H

#include "gk_math.h"

/* sinh(t r)/sinh(r) without overflow on the way */
GK_INLINE double sinh_share(double t, double r) {
    double size = gk_abs(t), ratio = gk_expm1(-2.0 * size * r) / gk_expm1(-2.0 * r);
    return r == 0.0 ? t : __builtin_copysign(gk_exp((size - 1.0) * r) * ratio, t);
}

#endif
