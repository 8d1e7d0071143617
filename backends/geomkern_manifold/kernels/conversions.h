/* The conversions between models as a table: points, tangent vectors, and the backward kernels of both. */
#ifndef GK_CONVERSIONS_H
#define GK_CONVERSIONS_H

#include "conversions_cayley.h"
#include "conversions_radial.h"

enum { GK_CONVERSIONS = 16, GK_CONVERSION_KERNELS = 4 };

/* POINTS is 1 where the result lies in a ball and may have to be pulled inside. */
#define GK_CONVERSION(NAME, POINTS, DOMAIN, NS)                                                                        \
    {                                                                                                                  \
        {#NAME, NAME, 1, 1, 1, 0, POINTS, {"x"}, {"c"}, NS, 0.4, &DOMAIN, 1},                                          \
        {#NAME "_vjp", NAME##_vjp, 2, 1, 1, 1, 0, {"g", "x"}, {"c"}, 2 * NS, 1.2, &DOMAIN},                            \
        {#NAME "_tangent", NAME##_tangent, 2, 1, 1, 0, 0, {"x", "v"}, {"c"}, 2 * NS, 1.2, &DOMAIN, 1},                 \
        {#NAME "_tangent_vjp", NAME##_tangent_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"c"}, 3 * NS, 2.4, &DOMAIN},       \
    }

static const gk_row_kernel CONVERSIONS[GK_CONVERSIONS][GK_CONVERSION_KERNELS] = {
    GK_CONVERSION(poincare_to_lorentz, 0, GK_BALL, 4),
    GK_CONVERSION(lorentz_to_poincare, 1, GK_BALL, 4),
    GK_CONVERSION(poincare_to_klein, 1, GK_BALL, 4),
    GK_CONVERSION(klein_to_poincare, 1, GK_BALL, 4),
    GK_CONVERSION(lorentz_to_klein, 1, GK_BALL, 4),
    GK_CONVERSION(klein_to_lorentz, 0, GK_BALL, 4),
    GK_CONVERSION(poincare_to_polar, 0, GK_BALL, 8),
    GK_CONVERSION(polar_to_poincare, 1, GK_BALL, 8),
    GK_CONVERSION(lorentz_to_polar, 0, GK_HYPERBOLIC_CHART, 8),
    GK_CONVERSION(polar_to_lorentz, 0, GK_HYPERBOLIC_CHART, 8),
    GK_CONVERSION(klein_to_polar, 0, GK_BALL, 8),
    GK_CONVERSION(polar_to_klein, 1, GK_BALL, 8),
    GK_CONVERSION(poincare_to_half_space, 0, GK_BALL, 5),
    GK_CONVERSION(half_space_to_poincare, 1, GK_HALF_SPACE_TO_BALL, 5),
    GK_CONVERSION(lorentz_to_half_space, 0, GK_HYPERBOLIC_CHART, 5),
    GK_CONVERSION(half_space_to_lorentz, 0, GK_HALF_SPACE_TO_CHART, 5),
};

#endif
