/* Running a row kernel over arrays: broadcasting, loading and storing blocks, pulling points back into the ball. */
#ifndef GK_ROWS_DRIVER_H
#define GK_ROWS_DRIVER_H

#include "gk_rows.h"

/* One array operand, broadcast against the others: byte strides over the leading dimensions, zero where it repeats. A
 * vector operand's last axis is contiguous. */
typedef struct {
    char *data;
    int is_float, live;
    int even;          /* consecutive rows lie `step` bytes apart throughout */
    long step;
    long strides[GK_MAX_DIMS];
} gk_operand;

typedef struct {
    const gk_row_kernel *kernel;
    long n, d;
    int ndim;
    long shape[GK_MAX_DIMS];
    gk_operand vectors[GK_MAX_VECTORS], scalars[GK_MAX_SCALARS];
    gk_operand vectors_out[GK_MAX_VECTORS], scalars_out[GK_MAX_SCALARS];
} gk_call;

typedef struct {
    int bad_operand;
    long bad_row;
    double bad_value;
    int no_memory;
} gk_status;

/* Byte offsets of `count` rows of an operand from row `first` on. */
GK_INLINE void gk_offsets(const gk_call *call, const gk_operand *operand, long first, long count, long *offsets) {
    if (operand->even) {
        for (long i = 0; i < count; i++) offsets[i] = (first + i) * operand->step;
        return;
    }
    long index[GK_MAX_DIMS], rest = first, offset = 0;
    for (int k = call->ndim - 1; k >= 0; k--) {
        index[k] = rest % call->shape[k];
        rest /= call->shape[k];
        offset += index[k] * operand->strides[k];
    }
    for (long i = 0; i < count; i++) {
        offsets[i] = offset;
        for (int k = call->ndim - 1; k >= 0; k--) {
            offset += operand->strides[k];
            if (++index[k] < call->shape[k]) break;
            offset -= index[k] * operand->strides[k];
            index[k] = 0;
        }
    }
}

GK_INLINE void gk_load_columns(const char *data, const long *offsets, int is_float, long rows, long d, double *to) {
    if (rows < GK_BLOCK) memset(to, 0, sizeof(double) * (size_t)(d * GK_BLOCK));
    for (long i = 0; i < rows; i++) {
        const float *f = (const float *)(data + offsets[i]);
        const double *g = (const double *)(data + offsets[i]);
        if (is_float)
            for (long j = 0; j < d; j++) to[j * GK_BLOCK + i] = f[j];
        else
            for (long j = 0; j < d; j++) to[j * GK_BLOCK + i] = g[j];
    }
}

GK_INLINE void gk_store_columns(const double *from, long rows, long d, int is_float, char *data, long step) {
    for (long i = 0; i < rows; i++) {
        float *f = (float *)(data + i * step);
        double *g = (double *)(data + i * step);
        if (is_float)
            for (long j = 0; j < d; j++) f[j] = (float)from[j * GK_BLOCK + i];
        else
            for (long j = 0; j < d; j++) g[j] = from[j * GK_BLOCK + i];
    }
}

GK_CLONES static void gk_load_block(const gk_call *call, const gk_operand *operand, long first, long rows,
                                    double *scratch, gk_vec *vec) {
    long offsets[GK_BLOCK];
    gk_offsets(call, operand, first, rows, offsets);
    if (call->d <= GK_NARROW) {
        vec->col = scratch;
        gk_load_columns(operand->data, offsets, operand->is_float, rows, call->d, scratch);
        return;
    }
    for (long i = 0; i < rows; i++) {
        if (!operand->is_float) {
            vec->row[i] = (double *)(operand->data + offsets[i]);
            continue;
        }
        const float *GK_RESTRICT from = (const float *)(operand->data + offsets[i]);
        double *GK_RESTRICT to = vec->row[i] = scratch + i * call->d;
        GK_SIMD
        for (long j = 0; j < call->d; j++) to[j] = from[j];
    }
}

GK_CLONES static void gk_store_block(const gk_call *call, const gk_operand *operand, long first, long rows,
                                     const gk_vec *vec) {
    char *data = operand->data + first * operand->step;
    if (call->d <= GK_NARROW) {
        gk_store_columns(vec->col, rows, call->d, operand->is_float, data, operand->step);
        return;
    }
    if (!operand->is_float) return; /* written in place */
    for (long i = 0; i < rows; i++) {
        float *GK_RESTRICT to = (float *)(data + i * operand->step);
        const double *GK_RESTRICT from = vec->row[i];
        GK_SIMD
        for (long j = 0; j < call->d; j++) to[j] = (float)from[j];
    }
}

static double gk_get(const char *row, int is_float, long j) {
    return is_float ? (double)((const float *)row)[j] : ((const double *)row)[j];
}

/* 1 - c|x|^2 of one stored row. */
static double gk_stored_gap(const char *row, int is_float, long d, double c) {
    double shift = 1.5 * gk_power_of_two_above(1.0 / c), high = 0.0, low = 0.0;
    for (long j = 0; j < d; j++) {
        double v = gk_get(row, is_float, j);
        high += (v * v + shift) - shift;
        low += gk_square_rest(v, shift);
    }
    double product = c * high;
    return (1.0 - product) - (__builtin_fma(c, high, -product) + c * low);
}

/* The length of a stored row, without overflow on the way. */
static double gk_stored_norm(const char *row, int is_float, long d) {
    double largest = 0.0, square = 0.0;
    for (long j = 0; j < d; j++) {
        double size = __builtin_fabs(gk_get(row, is_float, j));
        if (!(size <= largest)) largest = size;
    }
    for (long j = 0; j < d; j++) {
        double v = gk_get(row, is_float, j) / largest;
        square += v * v;
    }
    return largest * __builtin_sqrt(square);
}

/* Scale a row that lies outside the ball to the last representable points inside it: to length (1 - k eps)/sqrt(c) with
 * the smallest whole k that rounding lets through. Rows with NaN or infinity have no length and stay as they are. */
static void gk_pull_inside(char *row, int is_float, long d, double c) {
    const double eps = is_float ? 0x1p-24 : 0x1p-53;
    for (int k = 1; !(gk_stored_gap(row, is_float, d, c) > 0.0); k++) {
        double norm = gk_stored_norm(row, is_float, d);
        if (!(norm <= 1.7976931348623157e308)) return;
        double scale = (1.0 - k * eps) / (norm * __builtin_sqrt(c));
        for (long j = 0; j < d; j++) {
            double v = gk_get(row, is_float, j) * scale;
            if (is_float)
                ((float *)row)[j] = (float)v;
            else
                ((double *)row)[j] = v;
        }
    }
}

static void gk_run_block(const gk_call *call, long first, long rows, double *scratch, gk_status *status) {
    const gk_row_kernel *kernel = call->kernel;
    const long room = call->d <= GK_NARROW ? call->d * GK_BLOCK : rows * call->d;
    gk_block block = {.rows = rows, .lanes = (rows + 7) & ~7L, .d = call->d, .bad_operand = -1};
    gk_vec in[GK_MAX_VECTORS], out[GK_MAX_VECTORS];
    gk_scalars s[GK_MAX_SCALARS], t[GK_MAX_SCALARS + 1];

    for (int k = 0; k < kernel->n_vectors; k++, scratch += room) {
        gk_load_block(call, &call->vectors[k], first, rows, scratch, &in[k]);
        block.compensate |= !call->vectors[k].is_float;
    }
    for (int k = 0; k < kernel->n_scalars; k++) {
        const gk_operand *operand = &call->scalars[k];
        if (operand->even && operand->step == 0) {
            double value = gk_get(operand->data, operand->is_float, 0);
            for (long i = 0; i < GK_BLOCK; i++) s[k][i] = value;
        } else {
            long offsets[GK_BLOCK];
            gk_offsets(call, operand, first, rows, offsets);
            for (long i = 0; i < rows; i++) s[k][i] = gk_get(operand->data + offsets[i], operand->is_float, 0);
            for (long i = rows; i < GK_BLOCK; i++) s[k][i] = 1.0;
        }
    }
    for (int k = 0; k < kernel->n_vectors_out; k++, scratch += room) {
        const gk_operand *operand = &call->vectors_out[k];
        out[k].live = operand->live;
        out[k].col = scratch;
        if (!operand->live || call->d <= GK_NARROW) continue;
        for (long i = 0; i < rows; i++)
            out[k].row[i] = operand->is_float ? scratch + i * call->d
                                              : (double *)(operand->data + (first + i) * operand->step);
    }

    kernel->function(&block, in, (const gk_scalars *)s, out, t);

    if (block.bad_operand >= 0 && (status->bad_operand < 0 || first + block.bad_row < status->bad_row)) {
        status->bad_operand = block.bad_operand;
        status->bad_row = first + block.bad_row;
        status->bad_value = block.bad_value;
    }
    for (int k = 0; k < kernel->n_vectors_out; k++) {
        const gk_operand *operand = &call->vectors_out[k];
        if (!operand->live) continue;
        gk_store_block(call, operand, first, rows, &out[k]);
        if (k >= kernel->points) continue;
        /* Only a point this close to the boundary can be put outside by rounding: the gap changes by d roundings. */
        const double *gap = t[kernel->n_scalars_out], *c = s[kernel->n_scalars - 1];
        double close = (double)(call->d + 8) * (operand->is_float ? 0x1p-23 : 0x1p-52);
        for (long i = 0; i < rows; i++)
            if (!(gap[i] >= close)) gk_pull_inside(operand->data + (first + i) * operand->step, operand->is_float, call->d, c[i]);
    }
    for (int k = 0; k < kernel->n_scalars_out; k++) {
        const gk_operand *operand = &call->scalars_out[k];
        if (!operand->live) continue;
        char *data = operand->data + first * operand->step;
        for (long i = 0; i < rows; i++)
            if (operand->is_float)
                ((float *)data)[i] = (float)t[k][i];
            else
                ((double *)data)[i] = t[k][i];
    }
}

/* Rows [first, last) of a call. */
static void gk_run_rows(const gk_call *call, long first, long last, gk_status *status) {
    const int operands = call->kernel->n_vectors + call->kernel->n_vectors_out;
    double stack[2 * GK_MAX_VECTORS * GK_BLOCK * GK_NARROW], *scratch = stack;
    const long fits = GK_BLOCK * GK_NARROW; /* coordinates of one operand that fit on the stack */
    long rows = GK_BLOCK;
    if (call->d > GK_NARROW) {
        rows = 2 * fits / call->d;
        rows = rows < 1 ? 1 : rows > GK_BLOCK ? GK_BLOCK : rows;
        if (rows * call->d * operands > 2 * GK_MAX_VECTORS * fits) {
            scratch = malloc(sizeof(double) * (size_t)(rows * call->d * operands));
            if (scratch == NULL) {
                status->no_memory = 1;
                return;
            }
        }
    }
    for (long at = first; at < last; at += rows)
        gk_run_block(call, at, last - at < rows ? last - at : rows, scratch, status);
    if (scratch != stack) free(scratch);
}

#endif
