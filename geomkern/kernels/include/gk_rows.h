/* Row kernels: operations on points that are rows of d coordinates.
 *
 * Every operation of a constant-curvature geometry has the same three phases: *sums* over the coordinates of each row
 * (squared norms, inner products), *scalars* computed from those sums, and *combinations* of the input rows with those
 * scalars as coefficients. A row kernel is one C function that does the three for a block of up to GK_BLOCK rows, in
 * double precision whatever the type of the arrays, and this header brings the rest: loading and storing blocks,
 * broadcasting, and the loops.
 *
 * A block lies in memory in one of two layouts, chosen by d alone so that results depend on nothing else:
 *   columns (d <= GK_NARROW): coordinate j of row i at col[j * GK_BLOCK + i]; loops run over rows;
 *   rows    (d >  GK_NARROW): coordinate j of row i at row[i][j]; loops run along the row, with eight accumulators.
 * A kernel is written once, with the macros GK_SUM, GK_SCALARS and GK_COMBINE, and compiled for both.
 */
#ifndef GK_ROWS_H
#define GK_ROWS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gk_math.h"
#include "gk_simd.h"

#define GK_BLOCK 32
#define GK_NARROW 16
#define GK_MAX_VECTORS 5  /* vector operands of one kernel, in and out counted apart */
#define GK_MAX_SCALARS 4
#define GK_MAX_DIMS 64    /* NumPy's own limit */

/* The rows of one vector operand in the current block; an output that nobody wants is not `live`. */
typedef struct {
    double *col;
    double *row[GK_BLOCK];
    int live;
} gk_vec;

typedef double gk_scalars[GK_BLOCK];

/* The current block. `rows` of its `lanes` hold data; the others hold zeros (lanes is a multiple of eight, so that
 * vector loops over them need no tail). A kernel reports the first point outside its manifold through gk_inside. */
typedef struct {
    long rows, lanes, d;
    int compensate;    /* the arrays hold doubles, whose squares are not exact */
    int bad_operand;   /* -1: none */
    long bad_row;
    double bad_value;
} gk_block;

typedef void (*gk_row_function)(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t);

/* What a kernel computes, as data. The first `points` vector outputs are points of the ball of curvature -c, where c is
 * the last scalar input; for them the kernel leaves 1 - c|y|^2 in t[n_scalars_out], and rows that rounding puts outside
 * are pulled back to the last representable point. */
typedef struct {
    const char *name;
    gk_row_function function;
    int n_vectors, n_scalars, n_vectors_out, n_scalars_out, points;
    const char *vectors[GK_MAX_VECTORS];
    const char *scalars[GK_MAX_SCALARS];
    double ns_per_row, ns_per_coordinate; /* serial cost, for the decision how many threads to wake */
} gk_row_kernel;

/* Define a kernel: its body is compiled for both layouts (`columns` is a constant inside it) and all instruction sets. */
#define GK_ROW_FUNCTION(NAME)                                                                                          \
    GK_INLINE void NAME##_body(const int columns, gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, \
                               gk_scalars *t);                                                                         \
    GK_CLONES static void NAME(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t) {   \
        if (block->d <= GK_NARROW)                                                                                     \
            NAME##_body(1, block, in, s, out, t);                                                                      \
        else                                                                                                           \
            NAME##_body(0, block, in, s, out, t);                                                                      \
    }                                                                                                                  \
    GK_INLINE void NAME##_body(const int columns, gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, \
                               gk_scalars *t)

/* Coordinate j of row i of operand v: to be used in the expressions given to the macros below. */
#define GK_AT(v) (columns ? (v).col[j * GK_BLOCK + i] : (v).row[i][j])

/* result[i] = sum over j of EXPR. Along a row, eight accumulators are combined in a fixed tree and the d mod 8 last
 * terms are added at the end: the order depends on d only. */
#define GK_SUM(result, EXPR)                                                                                           \
    do {                                                                                                               \
        if (columns) {                                                                                                 \
            for (long i = 0; i < GK_BLOCK; i++) (result)[i] = 0.0;                                                     \
            for (long j = 0; j < block->d; j++) {                                                                      \
                GK_SIMD                                                                                                \
                for (long i = 0; i < GK_BLOCK; i++) (result)[i] += (EXPR);                                             \
            }                                                                                                          \
        } else {                                                                                                       \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                double s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0, tail = 0;                       \
                long first = 0;                                                                                        \
                for (; first + 8 <= block->d; first += 8) {                                                            \
                    { const long j = first; s0 += (EXPR); }                                                            \
                    { const long j = first + 1; s1 += (EXPR); }                                                        \
                    { const long j = first + 2; s2 += (EXPR); }                                                        \
                    { const long j = first + 3; s3 += (EXPR); }                                                        \
                    { const long j = first + 4; s4 += (EXPR); }                                                        \
                    { const long j = first + 5; s5 += (EXPR); }                                                        \
                    { const long j = first + 6; s6 += (EXPR); }                                                        \
                    { const long j = first + 7; s7 += (EXPR); }                                                        \
                }                                                                                                      \
                for (long j = first; j < block->d; j++) tail += (EXPR);                                                \
                (result)[i] = (((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))) + tail;                              \
            }                                                                                                          \
            for (long i = block->rows; i < block->lanes; i++) (result)[i] = 0.0;                                       \
        }                                                                                                              \
    } while (0)

/* The scalar phase: a loop over the rows of the block. */
#define GK_SCALARS GK_SIMD for (long i = 0; i < block->lanes; i++)

/* destination row = EXPR, coordinate by coordinate. */
#define GK_COMBINE(destination, EXPR)                                                                                  \
    do {                                                                                                               \
        if (!(destination).live) break;                                                                                \
        if (columns) {                                                                                                 \
            for (long j = 0; j < block->d; j++) {                                                                      \
                GK_SIMD                                                                                                \
                for (long i = 0; i < GK_BLOCK; i++) (destination).col[j * GK_BLOCK + i] = (EXPR);                      \
            }                                                                                                          \
        } else {                                                                                                       \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                GK_SIMD                                                                                                \
                for (long j = 0; j < block->d; j++) (destination).row[i][j] = (EXPR);                                  \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* The smallest power of two that is not below x, for positive normal x. */
GK_INLINE double gk_power_of_two_above(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits = (bits + 0x000fffffffffffffULL) & 0x7ff0000000000000ULL;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What (v^2 + shift) - shift leaves of the exact square of v. */
GK_INLINE double gk_square_rest(double v, double shift) {
    double square = v * v;
    return (square - ((square + shift) - shift)) + __builtin_fma(v, v, -square);
}

/* The length of one row, without overflow or underflow on the way. */
GK_INLINE double gk_scaled_length(const double *x, long stride, long d) {
    double largest = 0.0, square = 0.0;
    for (long j = 0; j < d; j++) {
        double size = __builtin_fabs(x[j * stride]);
        if (!(size <= largest)) largest = size;
    }
    if (!(largest > 0.0 && largest <= 1.7976931348623157e308)) return largest;
    for (long j = 0; j < d; j++) square += (x[j * stride] / largest) * (x[j * stride] / largest);
    return largest * __builtin_sqrt(square);
}

/* Note the first row for which `inside` (such as 1 - c|x|^2) is not positive; NaN passes. */
GK_INLINE void gk_inside(gk_block *block, int operand, const gk_scalars inside) {
    int bad = 0;
    for (long i = 0; i < block->lanes; i++) bad |= inside[i] <= 0.0;
    if (GK_LIKELY(!bad)) return;
    for (long i = 0; i < block->rows; i++)
        if (inside[i] <= 0.0 && (block->bad_operand < 0 || i < block->bad_row)) {
            block->bad_operand = operand;
            block->bad_row = i;
            block->bad_value = inside[i];
        }
}

/* gap = 1 - c|x|^2 and square = |x|^2 of each row, to a few ulp at any distance from the boundary.
 *
 * Where the plain form cancels (gap below one half) the sum of squares is taken again in two parts. With s = 3/2 * 2^e,
 * 2^e >= 1/c, the rounding (p + s) - s leaves a multiple of 2^(e-52); such multiples, whose sum stays below 2^(e+1),
 * add up without any error, whatever their order. What was rounded away, and the rounding error of the square itself
 * (by fused multiply-add), goes into a second sum that is 2^52 times smaller. Then c * high is split in two likewise and
 * 1 - c * high is exact near 1. Coordinates that were float32 need none of this: their squares are exact in double. */
#define GK_GAP(gap, square, c, v)                                                                                      \
    do {                                                                                                               \
        GK_SUM(square, GK_AT(v) * GK_AT(v));                                                                           \
        int near_boundary = 0;                                                                                         \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            (gap)[i] = 1.0 - (c)[i] * (square)[i];                                                                     \
            near_boundary |= (gap)[i] < 0.5;                                                                           \
        }                                                                                                              \
        if (near_boundary && block->compensate) {                                                                      \
            double shift[GK_BLOCK], high[GK_BLOCK], low[GK_BLOCK];                                                     \
            for (long i = 0; i < GK_BLOCK; i++) shift[i] = 1.5 * gk_power_of_two_above(1.0 / (c)[i]);                  \
            GK_SUM(high, (GK_AT(v) * GK_AT(v) + shift[i]) - shift[i]);                                                 \
            GK_SUM(low, gk_square_rest(GK_AT(v), shift[i]));                                                           \
            GK_SCALARS {                                                                                               \
                double product = (c)[i] * high[i];                                                                     \
                double rest = __builtin_fma((c)[i], high[i], -product) + (c)[i] * low[i];                              \
                (gap)[i] = (gap)[i] < 0.5 ? (1.0 - product) - rest : (gap)[i];                                         \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* length = |v| of each row. Squares that overflow or lose digits to underflow are taken again on a scaled row. */
#define GK_LENGTH(length, v)                                                                                           \
    do {                                                                                                               \
        GK_SUM(length, GK_AT(v) * GK_AT(v));                                                                           \
        int extreme = 0;                                                                                               \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            extreme |= !((length)[i] > 1e-280 && (length)[i] < 1e300);                                                 \
            (length)[i] = __builtin_sqrt((length)[i]);                                                                 \
        }                                                                                                              \
        if (extreme && block->compensate) {                                                                            \
            for (long i = 0; i < block->rows; i++)                                                                     \
                if (!((length)[i] > 1e-140 && (length)[i] < 1e150))                                                    \
                    (length)[i] = columns ? gk_scaled_length((v).col + i, GK_BLOCK, block->d)                          \
                                          : gk_scaled_length((v).row[i], 1, block->d);                                 \
        }                                                                                                              \
    } while (0)

#endif
