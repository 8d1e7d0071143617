/* Where the points of a model lie, what is said of a point outside, and how rounding is kept from putting one there. */
#ifndef GK_DOMAINS_H
#define GK_DOMAINS_H

#include "gk_rows.h"

#define GK_OTHER_SIGN "; Stereographic(k) has curvatures of either sign"

static inline double gk_stored(const char *row, int is_float, long j) {
    return is_float ? (double)((const float *)row)[j] : ((const double *)row)[j];
}

/* 1 - c|x|^2 of one stored row, as in GK_GAP. */
static double gk_stored_gap(const char *row, int is_float, long d, double c) {
    double shift = 1.5 * gk_square_bound(c), high = 0.0, low = 0.0;
    for (long j = 0; j < d; j++) {
        double v = gk_stored(row, is_float, j), square = v * v, rounded = (square + shift) - shift;
        high += rounded;
        low += (square - rounded) + __builtin_fma(v, v, -square);
    }
    double product = c * high;
    return (1.0 - product) - (__builtin_fma(c, high, -product) + c * low);
}

/* The length of a stored row, without overflow on the way. */
static double gk_stored_norm(const char *row, int is_float, long d) {
    double largest = 0.0, square = 0.0;
    for (long j = 0; j < d; j++) {
        double size = __builtin_fabs(gk_stored(row, is_float, j));
        if (!(size <= largest)) largest = size;
    }
    for (long j = 0; j < d; j++) {
        double v = gk_stored(row, is_float, j) / largest;
        square += v * v;
    }
    return largest * __builtin_sqrt(square);
}

/* Scale a row that lies outside the ball to the last representable points inside it: to length (1 - k eps)/sqrt(c) with
 * the smallest whole k that rounding lets through. Rows with NaN or infinity have no length and stay as they are. */
static void gk_pull_inside_ball(char *row, int is_float, long d, double c) {
    const double eps = is_float ? 0x1p-24 : 0x1p-53;
    for (int k = 1; !(gk_stored_gap(row, is_float, d, c) > 0.0); k++) {
        double norm = gk_stored_norm(row, is_float, d);
        if (!(norm <= 1.7976931348623157e308)) return;
        double scale = (1.0 - k * eps) / (norm * __builtin_sqrt(c));
        for (long j = 0; j < d; j++) {
            double v = gk_stored(row, is_float, j) * scale;
            if (is_float)
                ((float *)row)[j] = (float)v;
            else
                ((double *)row)[j] = v;
        }
    }
}

/* The ball c|x|^2 < 1: Poincaré's and Klein's models. */
static const gk_domain GK_BALL GK_UNUSED = {
    "lies outside the ball", "c|%s|^2", "less than 1 (projx pulls points inside)", 1.0, -1.0, 0, GK_OTHER_SIGN,
    gk_pull_inside_ball};

/* Keep a row of the half-space within the range of its type: the height at least the smallest normal number, and no
 * coordinate beyond the largest. NaN stays. */
static void gk_pull_inside_half_space(char *row, int is_float, long d, double c) {
    const double least = is_float ? 0x1p-126 : 0x1p-1022;
    const double most = is_float ? 3.4028234663852886e38 : 1.7976931348623157e308;
    (void)c;
    for (long j = 0; j < d; j++) {
        double v = gk_stored(row, is_float, j);
        v = v > most ? most : v < -most ? -most : v;
        v = j == d - 1 && v < least ? least : v;
        if (is_float)
            ((float *)row)[j] = (float)v;
        else
            ((double *)row)[j] = v;
    }
}

/* The half-space of vectors whose last coordinate, the height, is positive. */
static const gk_domain GK_HALF_SPACE GK_UNUSED = {
    "lies outside the half-space", "the last coordinate of %s", "positive (projx pulls points inside)", 0.0, 1.0, 0,
    GK_OTHER_SIGN, gk_pull_inside_half_space};

/* All of R^d, with a curvature -c: Lorentz's model by its spatial coordinates, the polar chart. */
static const gk_domain GK_HYPERBOLIC_CHART GK_UNUSED = {"", "", "", 0.0, 0.0, 0, GK_OTHER_SIGN, NULL};

/* What lies opposite: open is ab cos^2 of half the angle. */
static const gk_domain GK_ANTIPODE GK_UNUSED = {
    "is antipodal, and no single geodesic leads there", "cos^2 of half the angle to %s", "positive", 0.0, 1.0, 1, "",
    NULL};
static const gk_domain GK_INFINITE GK_UNUSED = {
    "is antipodal to the negative of the other point, and their sum has no coordinates",
    "cos^2 of half the angle to %s", "positive", 0.0, 1.0, 1, "", NULL};

static void gk_pull_inside_stereographic(char *row, int is_float, long d, double k) {
    if (k < 0.0) gk_pull_inside_ball(row, is_float, d, -k);
}

/* The ball -k|x|^2 < 1 for k < 0, all of R^d else. */
static const gk_domain GK_STEREOGRAPHIC GK_UNUSED = {
    "lies outside the ball", "-k|%s|^2", "less than 1 (projx pulls points inside)", 1.0, -1.0, 1, "",
    gk_pull_inside_stereographic};

/* The sphere c|x|^2 = 1, to within rounding, and what has no nearest point there. */
static const gk_domain GK_SPHERE_SURFACE GK_UNUSED = {
    "lies off the sphere", "|c|%s|^2 - 1|", "at most 1e-4 (projx takes points to the sphere)", 0.0, -1.0, 0,
    GK_OTHER_SIGN, NULL};
static const gk_domain GK_NO_DIRECTION GK_UNUSED = {"has no direction", "|%s|", "positive", 0.0, 1.0, 1, "", NULL};

/* All of R^d, flat: a curvature is there to be of one shape with the other models, and does nothing. */
static const gk_domain GK_FLAT GK_UNUSED = {"", "", "", 0.0, 0.0, 1, "", NULL};

#endif
