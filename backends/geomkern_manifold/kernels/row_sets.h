/* Sets of points, the rows of one (n, d) array, over which a kernel sums: how their blocks are loaded and added up.
 *
 * A set is worked through in blocks, by the macros of gk_rows.h; GK_GATHER adds the rows of a block to one vector. The
 * order of the additions depends on n and d only.
 */
#ifndef GK_ROW_SETS_H
#define GK_ROW_SETS_H

#include "gk_rows_driver.h"

/* Coordinate j of a vector v that all rows share, beside GK_AT and GK_OF. */
#define GK_ALONG(v) (columns ? (gk_lane)((gk_lane){0} + (v)[j]) : (gk_lane) * (const gk_lane *)&(v)[j])

/* sum[j] += the sum over the rows i of EXPR, which must be 0 in the lanes without data. */
#define GK_GATHER(sum, EXPR)                                                                                           \
    do {                                                                                                               \
        if (columns) {                                                                                                 \
            typedef gk_four gk_lane;                                                                                   \
            typedef gk_four gk_scalar_lane GK_UNUSED;                                                                  \
            for (long j = 0; j < block->d; j++) {                                                                      \
                gk_four gk_a_ = {0}, gk_b_ = {0};                                                                      \
                for (long k = 0; k < GK_BLOCK; k += 8) {                                                               \
                    { const long i = k; gk_a_ += (EXPR); }                                                             \
                    { const long i = k + 4; gk_b_ += (EXPR); }                                                         \
                }                                                                                                      \
                gk_a_ += gk_b_;                                                                                        \
                (sum)[j] += (gk_a_[0] + gk_a_[2]) + (gk_a_[1] + gk_a_[3]);                                             \
            }                                                                                                          \
        } else {                                                                                                       \
            typedef double gk_lane;                                                                                    \
            typedef double gk_scalar_lane GK_UNUSED;                                                                   \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                GK_SIMD                                                                                                \
                for (long j = 0; j < block->d; j++) (sum)[j] += (EXPR);                                                \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

/* The sum of one number of each row. */
GK_INLINE double gk_total(const gk_block *block, const gk_scalars value) {
    double sum[4] = {0};
    for (long i = 0; i < block->rows; i++) sum[i & 3] += value[i];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

typedef struct {
    const char *data; /* contiguous rows */
    int is_float;
    long n, d;
    const double *weights;
} gk_set;

/* What the driver asks a kernel about when it loads or stores a block. */
static const gk_row_kernel GK_SET_KERNEL = {.name = "set"};

/* How many rows make a block, and how many doubles its scratch has. */
static inline long gk_set_rows(long d) {
    const long fits = GK_BLOCK * GK_NARROW / d;
    return d <= GK_NARROW ? GK_BLOCK : fits < 1 ? 1 : fits > GK_BLOCK ? GK_BLOCK : fits;
}
static inline long gk_set_room(long d) { return d <= GK_NARROW ? GK_BLOCK * d : gk_set_rows(d) * d; }

/* Lay out and load the block of rows that starts at `first`; lanes without data are 0 and have the weight 0. */
GK_INLINE gk_block gk_load_set(const gk_set *set, long first, double *scratch, gk_vec *x, gk_scalars weights) {
    const long most = gk_set_rows(set->d), rows = set->n - first < most ? set->n - first : most;
    gk_block block = {
        .rows = rows, .lanes = (rows + 7) & ~7L, .d = set->d, .compensate = !set->is_float, .bad_operand = -1};
    gk_call call;
    gk_operand operand;
    call.kernel = &GK_SET_KERNEL, call.d = set->d, call.ndim = 0;
    operand.data = (char *)set->data, operand.is_float = set->is_float, operand.even = 1;
    operand.step = set->d * (set->is_float ? 4 : 8);
    gk_load_block(&call, &operand, first, rows, scratch, x);
    for (long i = 0; i < GK_BLOCK; i++) weights[i] = i < rows ? set->weights[first + i] : 0.0;
    for (long j = 0; j < set->d && set->d <= GK_NARROW; j++)
        for (long i = rows; i < GK_BLOCK; i++) x->col[j * GK_BLOCK + i] = 0.0;
    return block;
}

/* Lay out the block of an output that starts at row `first`, and store it. */
GK_INLINE void gk_open_rows(const gk_block *block, char *data, int is_float, long first, double *scratch, gk_vec *out) {
    out->col = scratch, out->live = data != NULL;
    for (long i = 0; i < block->rows && block->d > GK_NARROW; i++)
        out->row[i] = is_float ? scratch + i * block->d : (double *)data + (first + i) * block->d;
}
GK_INLINE void gk_store_rows(const gk_block *block, char *data, int is_float, long first, const gk_vec *out) {
    gk_call call;
    gk_operand operand;
    call.kernel = &GK_SET_KERNEL, call.d = block->d;
    operand.data = data, operand.is_float = is_float, operand.step = block->d * (is_float ? 4 : 8);
    if (out->live) gk_store_block(&call, &operand, first, block->rows, out);
}

#endif
