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
#define GK_MAX_SCALARS 10
#define GK_MAX_DIMS 64    /* NumPy's own limit */

/* The rows of one vector operand in the current block; an output that nobody wants is not `live`. */
typedef struct {
    double *col;
    union {
        double *row[GK_BLOCK];
        float *single[GK_BLOCK]; /* the rows of a direct kernel, where they are wide and hold floats */
    };
    int live;
} gk_vec;

typedef double gk_scalars[GK_BLOCK];

typedef struct gk_domain gk_domain;

/* The current block. `rows` of its `lanes` hold data; the others hold zeros (lanes is a multiple of eight, so that
 * vector loops over them need no tail). A kernel reports the first point outside its manifold through gk_inside. */
typedef struct {
    long rows, lanes, d;
    int compensate;    /* the arrays hold doubles, whose squares are not exact */
    unsigned wanted;   /* bit k: somebody wants scalar output k, which a kernel may leave out otherwise */
    int bad_operand;   /* -1: none */
    long bad_row;
    double bad_value;
    const gk_domain *broken; /* what the bad row breaks, if not the kernel's domain */
    gk_vec spare;      /* rows for a direct kernel's own use */
} gk_block;

typedef void (*gk_row_function)(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, gk_scalars *t);

/* Where the points of a kernel lie. A point for which gk_inside was given a number that is not positive is an error:
 * "<operand> <outside>: <quantity> is <offset + sign * number>, but must be <bound>". The last scalar of every kernel
 * is the curvature's parameter; unless any sign will do it must be positive, and `other_sign` ends the sentence that
 * says so. `pull`, if there is one, moves a stored row that rounding has put outside to the last representable
 * point. */
struct gk_domain {
    const char *outside, *quantity, *bound;
    double offset, sign;
    int any_sign;
    const char *other_sign;
    void (*pull)(char *row, int is_float, long d, double curvature);
};

/* What a kernel computes, as data. The first `points` vector outputs are points of the domain; where it pulls, the
 * kernel leaves a number like gk_inside's in t[n_scalars_out] for each row, which is relative to 1. */
typedef struct {
    const char *name;
    gk_row_function function;
    int n_vectors, n_scalars, n_vectors_out, n_scalars_out, points;
    const char *vectors[GK_MAX_VECTORS];
    const char *scalars[GK_MAX_SCALARS];
    double ns_per_row, ns_per_coordinate; /* serial cost, for the decision how many threads to wake */
    const gk_domain *domain;
    int direct; /* a GK_DIRECT_ROW_FUNCTION */
} gk_row_kernel;

/* Define a kernel: its body is compiled for both layouts (`columns` is a constant inside it) and all instruction
 * sets. */
#define GK_ROW_FUNCTION(NAME)                                                                                          \
    GK_INLINE void NAME##_body(const int columns, gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, \
                               gk_scalars *t);                                                                         \
    GK_CLONES GK_UNUSED static void NAME(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out,          \
                                         gk_scalars *t) {                                                              \
        if (block->d <= GK_NARROW)                                                                                     \
            NAME##_body(1, block, in, s, out, t);                                                                      \
        else                                                                                                           \
            NAME##_body(0, block, in, s, out, t);                                                                      \
    }                                                                                                                  \
    GK_INLINE void NAME##_body(const int columns, gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out, \
                               gk_scalars *t)

/* Define a direct kernel, which takes wide rows where they lie, whatever their type, instead of copies in doubles. All
 * its vector outputs are wanted. It may keep rows of its own in block->spare, in the type of the arrays, by GK_KEEP,
 * and its results may lie over its operands: a kernel that is called so reads an operand for the last time in the
 * GK_COMBINE or GK_WRITE that covers it. */
#define GK_DIRECT_ROW_FUNCTION(NAME)                                                                                   \
    GK_INLINE void NAME##_body(const int columns, const int gk_floats, gk_block *block, const gk_vec *in,              \
                               const gk_scalars *s, gk_vec *out, gk_scalars *t);                                       \
    GK_UNUSED GK_CLONES static void NAME(gk_block *block, const gk_vec *in, const gk_scalars *s, gk_vec *out,          \
                                         gk_scalars *t) {                                                              \
        if (block->d <= GK_NARROW)                                                                                     \
            NAME##_body(1, 0, block, in, s, out, t);                                                                   \
        else if (block->compensate)                                                                                    \
            NAME##_body(0, 0, block, in, s, out, t);                                                                   \
        else                                                                                                           \
            NAME##_body(0, 1, block, in, s, out, t);                                                                   \
    }                                                                                                                  \
    GK_INLINE void NAME##_body(const int columns, const int gk_floats, gk_block *block, const gk_vec *in,              \
                               const gk_scalars *s, gk_vec *out, gk_scalars *t)

/* Whether wide rows hold floats: not those of a plain kernel, which were converted; a direct one hides this. */
enum { gk_floats = 0 };

GK_INLINE double gk_double_of(const float *x) { return *x; }
GK_INLINE float gk_float_of(const float *x) { return *x; }
GK_INLINE gk_four gk_four_of(const float *x) { return (gk_four){x[0], x[1], x[2], x[3]}; }

/* Coordinate j of row i of operand v, and number i of a scalar, for the expressions given to the macros below. In a row
 * sum they stand for four neighbours at once: `gk_lane` is then a vector of four doubles. */
#define GK_AT(v)                                                                                                       \
    (gk_floats ? _Generic((gk_lane *)0, double *: gk_double_of, float *: gk_float_of, default: gk_four_of)             \
                     (&(v).single[i][j])                                                                               \
               : *(const gk_lane *)(columns ? &(v).col[j * GK_BLOCK + i] : &(v).row[i][j]))
#define GK_OF(s) (*(const gk_scalar_lane *)&(s)[i])

#define GK_SPREAD(s) ((gk_lane){0} + GK_OF(s)) /* a scalar in every lane */

/* Row sums: a[i] = sum over j of A, and likewise b, e; one pass over the operands serves up to three. In columns, eight
 * rows are summed at a time, coordinate after coordinate. Along a row, eight accumulators are combined in a fixed tree
 * and the d mod 8 last terms are added at the end. Either way the order of the additions depends on d only. */
#define GK_SUM3(a, A, b, B, e, E)                                                                                      \
    do {                                                                                                               \
        gk_scalars gk_spare_b_, gk_spare_e_;                                                                           \
        (void)gk_spare_b_, (void)gk_spare_e_;                                                                          \
        if (columns) {                                                                                                 \
            typedef gk_four gk_lane;                                                                                   \
            typedef gk_four gk_scalar_lane GK_UNUSED;                                                                  \
            for (long k = 0; k < GK_BLOCK; k += 8) {                                                                   \
                gk_four a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0}, e0 = {0}, e1 = {0};                                    \
                for (long j = 0; j < block->d; j++) {                                                                  \
                    { const long i = k; a0 += (A); b0 += (B); e0 += (E); }                                             \
                    { const long i = k + 4; a1 += (A); b1 += (B); e1 += (E); }                                         \
                }                                                                                                      \
                *(gk_four *)&(a)[k] = a0, *(gk_four *)&(a)[k + 4] = a1;                                                \
                *(gk_four *)&(b)[k] = b0, *(gk_four *)&(b)[k + 4] = b1;                                                \
                *(gk_four *)&(e)[k] = e0, *(gk_four *)&(e)[k + 4] = e1;                                                \
            }                                                                                                          \
        } else {                                                                                                       \
            typedef double gk_scalar_lane GK_UNUSED;                                                                   \
            const long whole = block->d & ~7L;                                                                         \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                gk_four a0 = {0}, a1 = {0}, b0 = {0}, b1 = {0}, e0 = {0}, e1 = {0};                                    \
                double at = 0.0, bt = 0.0, et = 0.0;                                                                   \
                for (long k = 0; k < whole; k += 8) {                                                                  \
                    typedef gk_four gk_lane;                                                                           \
                    { const long j = k; a0 += (A); b0 += (B); e0 += (E); }                                             \
                    { const long j = k + 4; a1 += (A); b1 += (B); e1 += (E); }                                         \
                }                                                                                                      \
                for (long j = whole; j < block->d; j++) {                                                              \
                    typedef double gk_lane;                                                                            \
                    at += (A), bt += (B), et += (E);                                                                   \
                }                                                                                                      \
                a0 += a1, b0 += b1, e0 += e1;                                                                          \
                (a)[i] = ((a0[0] + a0[2]) + (a0[1] + a0[3])) + at;                                                     \
                (b)[i] = ((b0[0] + b0[2]) + (b0[1] + b0[3])) + bt;                                                     \
                (e)[i] = ((e0[0] + e0[2]) + (e0[1] + e0[3])) + et;                                                     \
            }                                                                                                          \
            for (long i = block->rows; i < block->lanes; i++) (a)[i] = (b)[i] = (e)[i] = 0.0;                          \
        }                                                                                                              \
    } while (0)
#define GK_SUM2(a, A, b, B) GK_SUM3(a, A, b, B, gk_spare_e_, 0.0)
#define GK_SUM(a, A) GK_SUM3(a, A, gk_spare_b_, 0.0, gk_spare_e_, 0.0)

/* The scalar phase: a loop over the rows of the block. */
#define GK_SCALARS GK_SIMD for (long i = 0; i < block->lanes; i++)

/* destination row = EXPR, coordinate by coordinate. */
#define GK_COMBINE(destination, EXPR)                                                                                  \
    do {                                                                                                               \
        if (!(destination).live) break;                                                                                \
        GK_FILL(destination, EXPR);                                                                                    \
    } while (0)

/* The same whether or not the output is wanted: it has room for what the kernel needs on the way. */
#define GK_FILL(destination, EXPR)                                                                                     \
    do {                                                                                                               \
        typedef double gk_lane;                                                                                        \
        if (columns) {                                                                                                 \
            for (long j = 0; j < block->d; j++) {                                                                      \
                GK_SIMD                                                                                                \
                for (long i = 0; i < GK_BLOCK; i++) (destination).col[j * GK_BLOCK + i] = (EXPR);                      \
            }                                                                                                          \
        } else if (gk_floats) {                                                                                        \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                GK_SIMD                                                                                                \
                for (long j = 0; j < block->d; j++) (destination).single[i][j] = (float)(EXPR);                        \
            }                                                                                                          \
        } else {                                                                                                       \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                GK_SIMD                                                                                                \
                for (long j = 0; j < block->d; j++) (destination).row[i][j] = (EXPR);                                  \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* The same in a direct kernel for a result that, for rows where NEAR is true, is computed from floats as floats; and
 * for rows of the kernel's own, which always are. GK_BY(s) is a scalar as a factor in EXPR. */
#define GK_BY(s) ((gk_lane)(s)[i])
#define GK_WRITE(destination, NEAR, EXPR)                                                                              \
    do {                                                                                                               \
        if (!gk_floats) {                                                                                              \
            GK_FILL(destination, EXPR);                                                                                \
            break;                                                                                                     \
        }                                                                                                              \
        for (long i = 0; i < block->rows; i++) {                                                                       \
            if (GK_LIKELY(NEAR)) {                                                                                     \
                typedef float gk_lane;                                                                                 \
                GK_SIMD                                                                                                \
                for (long j = 0; j < block->d; j++) (destination).single[i][j] = (EXPR);                               \
            } else {                                                                                                   \
                typedef double gk_lane;                                                                                \
                for (long j = 0; j < block->d; j++) (destination).single[i][j] = (float)(EXPR);                        \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)
#define GK_KEEP(spare, EXPR) GK_WRITE(spare, 1, EXPR)

/* The power of two that is at least 1/c and less than twice that. */
GK_INLINE double gk_square_bound(double c) { return gk_from_bits((2046 - (gk_bits(c) >> 52)) << 52); }

/* The fused multiply-add of one lane or of four. */
GK_INLINE gk_four gk_fma_of_four(gk_four x, gk_four y, gk_four z) {
    return (gk_four){__builtin_fma(x[0], y[0], z[0]), __builtin_fma(x[1], y[1], z[1]), __builtin_fma(x[2], y[2], z[2]),
                     __builtin_fma(x[3], y[3], z[3])};
}
#define GK_FMA(x, y, z) _Generic((x), double: __builtin_fma, default: gk_fma_of_four)(x, y, z)

/* Note the first row for which `inside` (such as 1 - c|x|^2) is not positive; NaN passes. The error speaks of `domain`,
 * or of the kernel's own if that is NULL. */
GK_INLINE void gk_require(gk_block *block, int operand, const gk_scalars inside, const gk_domain *domain) {
    int bad = 0;
    for (long i = 0; i < block->lanes; i++) bad |= inside[i] <= 0.0;
    if (GK_LIKELY(!bad)) return;
    for (long i = 0; i < block->rows; i++)
        if (inside[i] <= 0.0 && (block->bad_operand < 0 || i < block->bad_row)) {
            block->bad_operand = operand;
            block->bad_row = i;
            block->bad_value = inside[i];
            block->broken = domain;
        }
}

GK_INLINE void gk_inside(gk_block *block, int operand, const gk_scalars inside) {
    gk_require(block, operand, inside, NULL);
}

/* gap = 1 - c|x|^2 and square = |x|^2 of each row, to a few ulp at any distance from the boundary.
 *
 * Where the plain form cancels (gap below one half) the sum of squares is taken again in two parts. Let R^2 be a power
 * of two that is at least 1/c. Adding and subtracting shift = 3/2 R^2 rounds a square to a multiple of R^2 2^-52; such
 * multiples, whose sum stays below 2R^2, add up without any error, in whatever order. What was rounded away, and the
 * rounding error of the square itself (by fused multiply-add), goes into a second sum that is 2^52 times smaller. Then
 * c * high is split in two likewise, and 1 - c * high is exact near 1. Coordinates that were float32 need none of this:
 * their squares are exact in double. */
#define GK_GAP(gap, square, c, v)                                                                                      \
    do {                                                                                                               \
        GK_SUM(square, GK_AT(v) * GK_AT(v));                                                                           \
        GK_GAP_OF(gap, square, c, v);                                                                                  \
    } while (0)

/* The gap, given the square. */
#define GK_GAP_OF(gap, square, c, v)                                                                                   \
    do {                                                                                                               \
        int near_boundary = 0;                                                                                         \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            (gap)[i] = 1.0 - (c)[i] * (square)[i];                                                                     \
            near_boundary |= (gap)[i] < 0.5;                                                                           \
        }                                                                                                              \
        if (near_boundary && block->compensate) {                                                                      \
            gk_scalars shift, high, low;                                                                               \
            GK_SIMD                                                                                                    \
            for (long i = 0; i < GK_BLOCK; i++) shift[i] = 1.5 * gk_square_bound((c)[i]);                              \
            GK_SUM2(high, (GK_AT(v) * GK_AT(v) + GK_OF(shift)) - GK_OF(shift), low,                                    \
                    (GK_AT(v) * GK_AT(v) - ((GK_AT(v) * GK_AT(v) + GK_OF(shift)) - GK_OF(shift))) +                    \
                        GK_FMA(GK_AT(v), GK_AT(v), -(GK_AT(v) * GK_AT(v))));                                           \
            GK_SCALARS {                                                                                               \
                double product = (c)[i] * high[i];                                                                     \
                double rest = __builtin_fma((c)[i], high[i], -product) + (c)[i] * low[i];                              \
                (gap)[i] = (gap)[i] < 0.5 ? (1.0 - product) - rest : (gap)[i];                                         \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* length = |v| of each row, or of the row whose coordinates are A. Squares that overflow or lose digits to underflow
 * are taken again on a scaled row. */
#define GK_LENGTH(length, v) GK_LENGTH_OF(length, GK_AT(v))
#define GK_LENGTH_OF(length, A)                                                                                        \
    do {                                                                                                               \
        GK_SUM(length, (A) * (A));                                                                                     \
        GK_ROOT_OF(length, A);                                                                                         \
    } while (0)

/* The length, given the square in its place. */
#define GK_ROOT_OF(length, A)                                                                                          \
    do {                                                                                                               \
        int extreme = 0;                                                                                               \
        for (long i = 0; i < block->lanes; i++) {                                                                      \
            extreme |= !((length)[i] > 1e-280 && (length)[i] < 1e300);                                                 \
            (length)[i] = __builtin_sqrt((length)[i]);                                                                 \
        }                                                                                                              \
        if (extreme && block->compensate) {                                                                            \
            typedef double gk_lane GK_UNUSED, gk_scalar_lane GK_UNUSED;                                                \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                if ((length)[i] > 1e-140 && (length)[i] < 1e150) continue;                                             \
                double largest = 0.0, square = 0.0;                                                                    \
                for (long j = 0; j < block->d; j++)                                                                    \
                    largest = __builtin_fabs(A) <= largest ? largest : __builtin_fabs(A);                              \
                (length)[i] = largest;                                                                                 \
                if (!(largest > 0.0 && largest <= 1.7976931348623157e308)) continue;                                   \
                for (long j = 0; j < block->d; j++) square += ((A) / largest) * ((A) / largest);                       \
                (length)[i] = largest * __builtin_sqrt(square);                                                        \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* number = coordinate `place` of each row, and the other way round. */
#define GK_TAKE(number, v, place)                                                                                      \
    do {                                                                                                               \
        typedef double gk_lane;                                                                                        \
        const long j = (place);                                                                                        \
        for (long i = 0; i < block->lanes; i++) (number)[i] = columns || i < block->rows ? GK_AT(v) : 0.0;             \
    } while (0)
#define GK_PUT(v, place, EXPR)                                                                                         \
    do {                                                                                                               \
        if (!(v).live) break;                                                                                          \
        const long j = (place);                                                                                        \
        for (long i = 0; i < block->rows; i++)                                                                         \
            if (gk_floats)                                                                                             \
                (v).single[i][j] = (float)(EXPR);                                                                      \
            else                                                                                                       \
                *(columns ? &(v).col[j * GK_BLOCK + i] : &(v).row[i][j]) = (EXPR);                                     \
    } while (0)

#endif
