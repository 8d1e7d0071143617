/* Sets of points, made ready for the comparison of all pairs; the same for every model of hyperbolic space.
 *
 * A point of the model with curvature -c lies at the distance r/sqrt(c) from the origin, in the direction of a unit
 * vector. With y = sqrt(c)|x|,
 *   Poincaré: tanh(r/2) = y,    Lorentz (spatial coordinates): sinh r = y,    Klein: tanh r = y,
 * and the distance u/sqrt(c) of two points follows from either of
 *   E = sinh^2(u/2) = |p - p'|^2 / ((1 - |p|^2)(1 - |p'|^2)),  p = tanh(r/2) times the direction,            (fast)
 *   E = sinh^2((r - r')/2) + sinh r sinh r' |direction - direction'|^2 / 4.                                  (precise)
 * Both are sums of squares. In the first the coordinates of the ball are given or have been rounded; if they have been,
 * only pairs whose difference is not small beside them may use it. The second takes radii and directions in twofold
 * precision (high + low), and so resolves neighbours wherever the given coordinates do.
 *
 * q = e^(r/2) - 1 stands for the radius: it keeps its digits at the origin and far away, and
 *   sinh((r - r')/2) = (q - q')(2 + q + q') / (2 (1 + q)(1 + q')).
 */
#ifndef GK_PAIRWISE_POINTS_H
#define GK_PAIRWISE_POINTS_H

#include "gk_math.h"

#define GK_TILE 16 /* points of one block, one in each lane */

/* Sums of squares within these limits have neither underflown nor overflown. */
#define GK_LEAST_FLOAT 0x1p-90
#define GK_MOST_FLOAT 0x1p90
#define GK_LEAST_DOUBLE 0x1p-900
#define GK_MOST_DOUBLE 0x1p900

enum { GK_POINCARE, GK_LORENTZ, GK_KLEIN };

/* The numbers that belong to one point, each in GK_TILE lanes of a block. */
enum {
    GK_LEAST,    /* |p - p'|^2 must not be below the sum of these for the fast form */
    GK_WEIGHT,   /* 1/(1 - |p|^2) */
    GK_Q,        /* q, high and low */
    GK_Q_LOW,
    GK_H,        /* 1 + q = e^(r/2) */
    GK_H_INVERSE,
    GK_SINH,     /* sinh r */
    GK_ROOT_SINH,
    GK_RISE,     /* sinh^2(r/2) */
    GK_STRETCH,  /* dr/d|x| */
    GK_SPREAD,   /* sinh r / |x| */
    GK_N_NUMBERS
};

/* `batches` sets of n points in `blocks` blocks each. In block b, coordinate j of point l lies at (b d + j) GK_TILE + l
 * of fast (floats or doubles), high and low; number k at (b GK_N_NUMBERS + k) GK_TILE + l of numbers. */
typedef struct {
    const char *data;
    int is_float, model;
    long batches, n, d, blocks;
    double c;
    char *fast;
    double *high, *low, *numbers;
} gk_set;

/* high + low with |low| below an ulp of high. */
typedef struct {
    double high, low;
} gk_pair;

GK_INLINE gk_pair gk_pair_of(double high, double low) {
    gk_pair pair;
    pair.high = gk_fast_sum(high, low, &pair.low);
    return pair;
}

GK_INLINE gk_pair gk_pair_sum(gk_pair x, gk_pair y) {
    double error, high = gk_sum(x.high, y.high, &error);
    return gk_pair_of(high, error + (x.low + y.low));
}

GK_INLINE gk_pair gk_pair_product(gk_pair x, gk_pair y) {
    double high = x.high * y.high;
    return gk_pair_of(high, __builtin_fma(x.high, y.high, -high) + (x.high * y.low + x.low * y.high));
}

GK_INLINE gk_pair gk_pair_quotient(gk_pair x, gk_pair y) {
    double high = x.high / y.high;
    return gk_pair_of(high, (__builtin_fma(-high, y.high, x.high) + (x.low - high * y.low)) / y.high);
}

GK_INLINE gk_pair gk_pair_root(gk_pair x) {
    double high = __builtin_sqrt(x.high), low = (__builtin_fma(-high, high, x.high) + x.low) / (2.0 * high);
    return gk_pair_of(high, high == 0.0 ? 0.0 : low);
}

GK_INLINE gk_pair gk_pair_scaled(gk_pair x, double power) {
    gk_pair pair = {x.high * power, x.low * power};
    return pair;
}

static const gk_pair GK_ONE = {1.0, 0.0};

/* Coordinates of one block in lanes, as doubles; lanes beyond the last point repeat it. */
GK_INLINE void gk_set_load(const gk_set *set, long block, double *columns) {
    const long batch = block / set->blocks, first = block % set->blocks * GK_TILE, d = set->d;
    for (long l = 0; l < GK_TILE; l++) {
        const long row = (batch * set->n + (first + l < set->n ? first + l : set->n - 1)) * d;
        if (set->is_float)
            for (long j = 0; j < d; j++) columns[j * GK_TILE + l] = ((const float *)set->data)[row + j];
        else
            for (long j = 0; j < d; j++) columns[j * GK_TILE + l] = ((const double *)set->data)[row + j];
    }
}

/* The radius of a point from y^2 = c|x|^2 and y: q, and 1 - y^2 where that has to be positive. */
GK_INLINE gk_pair gk_radius(int model, gk_pair square, gk_pair y, double *inside) {
    const int lorentz = model == GK_LORENTZ, far = lorentz && y.high > 0x1p400;
    gk_pair under = gk_pair_sum(GK_ONE, lorentz ? square : gk_pair_scaled(square, -1.0)), root = gk_pair_root(under);
    /* e^r - 1, or q itself in the Poincaré ball, where y is tanh(r/2) */
    gk_pair rise = gk_pair_sum(y, gk_pair_quotient(square, gk_pair_sum(GK_ONE, root)));
    rise = far ? gk_pair_scaled(y, 2.0) : lorentz ? rise : gk_pair_quotient(rise, root);
    *inside = lorentz ? 1.0 : under.high;
    if (model == GK_POINCARE) return rise;
    return gk_pair_quotient(rise, gk_pair_sum(GK_ONE, gk_pair_root(gk_pair_sum(GK_ONE, rise))));
}

/* Everything of a block. If one of its points lies outside the ball, *outside is the first, and 1 - y^2 is returned. */
GK_CLONES static double gk_set_prepare(const gk_set *set, long block, double *columns, long *outside) {
    const long d = set->d, model = set->model;
    double *numbers = set->numbers + block * GK_N_NUMBERS * GK_TILE, gap_outside = 1.0;
    double *high = set->high + block * d * GK_TILE, *low = set->low + block * d * GK_TILE;
    double scale[GK_TILE], sum[GK_TILE] = {0}, rest[GK_TILE] = {0}, fast[GK_TILE], gap[GK_TILE];
    double length[GK_TILE], length_low[GK_TILE];
    const gk_pair c = {set->c, 0.0}, root_c = gk_pair_root(c);
    gk_set_load(set, block, columns);

    /* Rows are scaled by a power of two, so that their squares neither overflow nor underflow. */
    GK_SIMD
    for (long l = 0; l < GK_TILE; l++) scale[l] = 0.0;
    for (long j = 0; j < d; j++) {
        GK_SIMD
        for (long l = 0; l < GK_TILE; l++) {
            double size = gk_abs(columns[j * GK_TILE + l]);
            scale[l] = size > scale[l] ? size : scale[l];
        }
    }
    for (long l = 0; l < GK_TILE; l++) {
        double size = scale[l] > 0x1p-1000 ? scale[l] : 0x1p-1000;
        size = size < 0x1p1020 ? size : 0x1p1020;
        scale[l] = gk_from_bits((uint64_t)2046 * ((uint64_t)1 << 52) - (gk_bits(size) & 0x7ff0000000000000u));
    }
    for (long j = 0; j < d; j++) {
        GK_SIMD
        for (long l = 0; l < GK_TILE; l++) {
            double x = columns[j * GK_TILE + l] * scale[l], square = x * x, error;
            sum[l] = gk_sum(sum[l], square, &error);
            rest[l] += error + __builtin_fma(x, x, -square);
        }
    }
    for (long l = 0; l < GK_TILE; l++) {
        const double back = 1.0 / scale[l];
        gk_pair size = gk_pair_root(gk_pair_of(sum[l], rest[l]));
        gk_pair y = gk_pair_scaled(gk_pair_product(root_c, size), back), square = gk_pair_product(y, y);
        if (model != GK_LORENTZ)
            square = gk_pair_scaled(gk_pair_product(c, gk_pair_of(sum[l], rest[l])), back * back);
        gk_pair q = gk_radius((int)model, square, y, &gap[l]);
        double h = 1.0 + q.high, half = 0.5 * q.high * (2.0 + q.high) / h, rise = half * half;
        double cosh_half = __builtin_sqrt(1.0 + rise), sinh = 2.0 * half * cosh_half, cosh = 1.0 + 2.0 * rise;
        double tanh_half = half / cosh_half, weight = 1.0 + rise, norm = size.high * back;
        tanh_half = half > 0x1p500 ? 1.0 : tanh_half;
        double stretch = model == GK_POINCARE ? 2.0 * weight : model == GK_LORENTZ ? 1.0 / cosh : cosh * cosh;
        length[l] = size.high, length_low[l] = size.low;
        fast[l] = model == GK_POINCARE ? 0.0 : tanh_half;
        numbers[GK_LEAST * GK_TILE + l] = 0.0625 * fast[l] * fast[l] +
                                          (set->is_float ? GK_LEAST_FLOAT : GK_LEAST_DOUBLE);
        numbers[GK_WEIGHT * GK_TILE + l] = model == GK_POINCARE ? root_c.high / gap[l] : weight;
        numbers[GK_Q * GK_TILE + l] = q.high;
        numbers[GK_Q_LOW * GK_TILE + l] = q.low;
        numbers[GK_H * GK_TILE + l] = h;
        numbers[GK_H_INVERSE * GK_TILE + l] = 1.0 / h;
        numbers[GK_SINH * GK_TILE + l] = sinh;
        numbers[GK_ROOT_SINH * GK_TILE + l] = __builtin_sqrt(2.0 * half) * __builtin_sqrt(cosh_half);
        numbers[GK_RISE * GK_TILE + l] = rise;
        numbers[GK_STRETCH * GK_TILE + l] = root_c.high * stretch;
        numbers[GK_SPREAD * GK_TILE + l] = norm == 0.0 ? root_c.high * stretch : sinh / norm;
        if (gap[l] <= 0.0 && *outside < 0) gap_outside = gap[l], *outside = block % set->blocks * GK_TILE + l;
    }
    for (long j = 0; j < d; j++) {
        /* The direction of the origin, which has none, may be any: it counts times sinh r = 0,
         * and gradients are right. */
        const double instead = j == 0 ? 1.0 : 0.0;
        GK_SIMD
        for (long l = 0; l < GK_TILE; l++) {
            double x = columns[j * GK_TILE + l] * scale[l], inverse = 1.0 / length[l], quotient = x * inverse, error;
            double left = (__builtin_fma(-quotient, length[l], x) - quotient * length_low[l]) * inverse;
            double direction = gk_fast_sum(quotient, left, &error);
            high[j * GK_TILE + l] = length[l] == 0.0 ? instead : direction;
            low[j * GK_TILE + l] = length[l] == 0.0 ? 0.0 : error;
        }
        for (long l = 0; l < GK_TILE; l++) {
            const long at = (block * d + j) * GK_TILE + l;
            double p = model == GK_POINCARE ? columns[j * GK_TILE + l] : fast[l] * high[j * GK_TILE + l];
            if (set->is_float)
                ((float *)set->fast)[at] = (float)p;
            else
                ((double *)set->fast)[at] = p;
        }
    }
    return gap_outside;
}

#endif
