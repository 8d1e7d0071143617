/* Running a row kernel over arrays: broadcasting, loading and storing blocks, pulling points back inside. */
#ifndef GK_ROWS_DRIVER_H
#define GK_ROWS_DRIVER_H

#include "gk_rows.h"

/* One array operand, broadcast against the others: byte strides over the leading dimensions, zero where it repeats. A
 * vector operand's last axis is contiguous. */
typedef struct {
    char *data;
    int is_float, live;
    int even;          /* consecutive rows lie `step` bytes apart throughout */
    int summed;        /* an output of which only sums over GK_BLOCK rows are stored, as doubles that start at zero */
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
    const gk_domain *broken;
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

/* Rows into columns and back, by tiles of four by four. The last tile of a row that is no multiple of four overlaps the
 * one before it; rows that fill no tile go one number at a time. Points of the plane, which are many, go by pairs. */
#define GK_DEFINE_COLUMNS(NUMBER, FOUR, TRANSPOSE, LOAD, STORE)                                                        \
    GK_INLINE void LOAD(const char *data, const long *offsets, int contiguous, long rows, long d, NUMBER *to) {        \
        const long tiled = d < 4 ? 0 : rows & ~3L;                                                                     \
        for (long first = 0; first < d && tiled; first += 4) {                                                         \
            const long j = first + 4 <= d ? first : d - 4;                                                             \
            const char *from = data + j * (long)sizeof(NUMBER);                                                        \
            NUMBER *column = to + j * GK_BLOCK;                                                                        \
            for (long i = 0; i < tiled; i += 4) {                                                                      \
                FOUR a = *(const FOUR *)(from + offsets[i]), b = *(const FOUR *)(from + offsets[i + 1]);               \
                FOUR c = *(const FOUR *)(from + offsets[i + 2]), e = *(const FOUR *)(from + offsets[i + 3]);           \
                TRANSPOSE(a, b, c, e);                                                                                 \
                *(FOUR *)(column + i) = a;                                                                             \
                *(FOUR *)(column + GK_BLOCK + i) = b;                                                                  \
                *(FOUR *)(column + 2 * GK_BLOCK + i) = c;                                                              \
                *(FOUR *)(column + 3 * GK_BLOCK + i) = e;                                                              \
            }                                                                                                          \
        }                                                                                                              \
        const NUMBER *x = (const NUMBER *)(data + offsets[0]);                                                         \
        if (d == 2 && contiguous) {                                                                                    \
            GK_SIMD for (long i = 0; i < rows; i++) to[i] = x[2 * i], to[GK_BLOCK + i] = x[2 * i + 1];                 \
            return;                                                                                                    \
        }                                                                                                              \
        for (long i = tiled; i < rows; i++)                                                                            \
            for (long j = 0; j < d; j++) to[j * GK_BLOCK + i] = ((const NUMBER *)(data + offsets[i]))[j];              \
    }                                                                                                                  \
    GK_INLINE void STORE(const double *from, long rows, long d, char *data, long step) {                               \
        const long tiled = d < 4 ? 0 : rows & ~3L;                                                                     \
        for (long first = 0; first < d && tiled; first += 4) {                                                         \
            const long j = first + 4 <= d ? first : d - 4;                                                             \
            const double *column = from + j * GK_BLOCK;                                                                \
            char *to = data + j * (long)sizeof(NUMBER);                                                                \
            for (long i = 0; i < tiled; i += 4) {                                                                      \
                FOUR a = __builtin_convertvector(*(const gk_four *)(column + i), FOUR);                                \
                FOUR b = __builtin_convertvector(*(const gk_four *)(column + GK_BLOCK + i), FOUR);                     \
                FOUR c = __builtin_convertvector(*(const gk_four *)(column + 2 * GK_BLOCK + i), FOUR);                 \
                FOUR e = __builtin_convertvector(*(const gk_four *)(column + 3 * GK_BLOCK + i), FOUR);                 \
                TRANSPOSE(a, b, c, e);                                                                                 \
                *(FOUR *)(to + i * step) = a;                                                                          \
                *(FOUR *)(to + (i + 1) * step) = b;                                                                    \
                *(FOUR *)(to + (i + 2) * step) = c;                                                                    \
                *(FOUR *)(to + (i + 3) * step) = e;                                                                    \
            }                                                                                                          \
        }                                                                                                              \
        NUMBER *x = (NUMBER *)data;                                                                                    \
        if (d == 2 && step == 2 * (long)sizeof(NUMBER)) {                                                              \
            GK_SIMD for (long i = 0; i < rows; i++)                                                                    \
                x[2 * i] = (NUMBER)from[i], x[2 * i + 1] = (NUMBER)from[GK_BLOCK + i];                                 \
            return;                                                                                                    \
        }                                                                                                              \
        for (long i = tiled; i < rows; i++)                                                                            \
            for (long j = 0; j < d; j++) ((NUMBER *)(data + i * step))[j] = (NUMBER)from[j * GK_BLOCK + i];            \
    }
GK_DEFINE_COLUMNS(float, gk_four_floats, GK_TRANSPOSE_FLOATS, gk_load_floats, gk_store_floats)
GK_DEFINE_COLUMNS(double, gk_four, GK_TRANSPOSE_DOUBLES, gk_load_doubles, gk_store_doubles)

/* Ask for the rows of the next block, so that they arrive while this one is worked on. */
GK_INLINE void gk_prefetch_next(const gk_operand *operand, long first, long rows, long d) {
    if (!operand->even || operand->step == 0) return;
    const char *next = operand->data + (first + rows) * operand->step;
    const long bytes = rows * operand->step, line = operand->step < 64 ? 64 : operand->step;
    const long row = d * (operand->is_float ? 4 : 8);
    for (long at = 0; at < bytes; at += line)
        for (long within = 0; within < (line == 64 ? 1 : row); within += 64) __builtin_prefetch(next + at + within);
}

GK_CLONES static void gk_load_block(const gk_call *call, const gk_operand *operand, long first, long rows,
                                    double *scratch, gk_vec *vec) {
    long offsets[GK_BLOCK];
    gk_offsets(call, operand, first, rows, offsets);
    if (call->d <= GK_NARROW || !call->kernel->direct) gk_prefetch_next(operand, first, rows, call->d);
    if (call->d <= GK_NARROW) {
        const int contiguous = operand->even && operand->step == call->d * (operand->is_float ? 4 : 8);
        vec->col = scratch;
        if (rows < GK_BLOCK) memset(scratch, 0, sizeof(double) * (size_t)(call->d * GK_BLOCK));
        if (!operand->is_float) {
            gk_load_doubles(operand->data, offsets, contiguous, rows, call->d, scratch);
            return;
        }
        float columns[GK_NARROW * GK_BLOCK];
        gk_load_floats(operand->data, offsets, contiguous, rows, call->d, columns);
        GK_SIMD
        for (long k = 0; k < call->d * GK_BLOCK; k++) scratch[k] = columns[k];
        return;
    }
    for (long i = 0; i < rows; i++) {
        if (!operand->is_float) {
            vec->row[i] = (double *)(operand->data + offsets[i]);
            continue;
        }
        if (call->kernel->direct) {
            vec->single[i] = (float *)(operand->data + offsets[i]);
            continue;
        }
        if (i > 0 && offsets[i] == offsets[i - 1]) {
            vec->row[i] = vec->row[i - 1];
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
        if (operand->is_float)
            gk_store_floats(vec->col, rows, call->d, data, operand->step);
        else
            gk_store_doubles(vec->col, rows, call->d, data, operand->step);
        return;
    }
    if (!operand->is_float || call->kernel->direct) return; /* written in place */
    for (long i = 0; i < rows; i++) {
        float *GK_RESTRICT to = (float *)(data + i * operand->step);
        const double *GK_RESTRICT from = vec->row[i];
        GK_SIMD
        for (long j = 0; j < call->d; j++) to[j] = (float)from[j];
    }
}

/* Add the rows of a block to those of the blocks before it, in their order. */
GK_CLONES static void gk_sum_block(const gk_call *call, const gk_operand *operand, long first, long rows,
                                   const gk_vec *vec) {
    double *GK_RESTRICT to = (double *)operand->data + first / GK_BLOCK * call->d;
    if (call->d <= GK_NARROW) {
        for (long j = 0; j < call->d; j++)
            for (long i = 0; i < rows; i++) to[j] += vec->col[j * GK_BLOCK + i];
        return;
    }
    for (long i = 0; i < rows; i++) {
        const double *GK_RESTRICT from = vec->row[i];
        GK_SIMD
        for (long j = 0; j < call->d; j++) to[j] += from[j];
    }
}

static double gk_get(const char *row, int is_float, long j) {
    return is_float ? (double)((const float *)row)[j] : ((const double *)row)[j];
}

static void gk_run_block(const gk_call *call, long first, long rows, double *scratch, gk_status *status) {
    const gk_row_kernel *kernel = call->kernel;
    gk_block block; /* field by field: to clear its spare rows would take longer than some kernels */
    block.rows = rows, block.lanes = (rows + 7) & ~7L, block.d = call->d;
    block.compensate = 0, block.wanted = 0, block.bad_operand = -1, block.broken = NULL;
    gk_vec in[GK_MAX_VECTORS], out[GK_MAX_VECTORS];
    gk_scalars s[GK_MAX_SCALARS], t[GK_MAX_SCALARS + 1];

    const long room = call->d <= GK_NARROW ? call->d * GK_BLOCK : kernel->direct ? 0 : rows * call->d;
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
    for (int k = 0; k < kernel->n_scalars_out; k++) block.wanted |= (unsigned)call->scalars_out[k].live << k;
    for (int k = 0; k < kernel->n_vectors_out; k++, scratch += room) {
        const gk_operand *operand = &call->vectors_out[k];
        out[k].live = operand->live;
        out[k].col = scratch;
        if (call->d <= GK_NARROW) continue;
        const int in_place = operand->live && !operand->summed && (!operand->is_float || kernel->direct);
        for (long i = 0; i < rows; i++) {
            char *row = operand->data + (first + i) * operand->step;
            if (in_place && operand->is_float)
                out[k].single[i] = (float *)row;
            else
                out[k].row[i] = in_place ? (double *)row : scratch + i * call->d;
        }
    }
    if (kernel->direct) {
        block.spare.live = 1;
        block.spare.col = scratch;
        for (long i = 0; i < rows; i++) block.spare.row[i] = scratch + i * call->d;
    }

    kernel->function(&block, in, (const gk_scalars *)s, out, t);

    if (block.bad_operand >= 0 && (status->bad_operand < 0 || first + block.bad_row < status->bad_row)) {
        status->bad_operand = block.bad_operand;
        status->bad_row = first + block.bad_row;
        status->bad_value = block.bad_value;
        status->broken = block.broken ? block.broken : kernel->domain;
    }
    for (int k = 0; k < kernel->n_vectors_out; k++) {
        const gk_operand *operand = &call->vectors_out[k];
        if (!operand->live) continue;
        if (operand->summed) {
            gk_sum_block(call, operand, first, rows, &out[k]);
            continue;
        }
        gk_store_block(call, operand, first, rows, &out[k]);
        if (k >= kernel->points || kernel->domain->pull == NULL) continue;
        /* Only a point this close to the boundary can be put outside by rounding: the gap changes by d roundings. */
        const double *gap = t[kernel->n_scalars_out], *c = s[kernel->n_scalars - 1];
        double close = (double)(call->d + 8) * (operand->is_float ? 0x1p-23 : 0x1p-52);
        int pull = 0;
        for (long i = 0; i < rows; i++) pull |= !(gap[i] >= close);
        for (long i = 0; pull && i < rows; i++)
            if (!(gap[i] >= close))
                kernel->domain->pull(operand->data + (first + i) * operand->step, operand->is_float, call->d, c[i]);
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
GK_UNUSED static void gk_run_rows(const gk_call *call, long first, long last, gk_status *status) {
    const int direct = call->kernel->direct; /* needs room for the spare rows alone where they are wide */
    const int operands =
        direct && call->d > GK_NARROW ? 1 : call->kernel->n_vectors + call->kernel->n_vectors_out + direct;
    double stack[2 * GK_MAX_VECTORS * GK_BLOCK * GK_NARROW], *scratch = stack;
    const long fits = (direct ? 4 : 1) * GK_BLOCK * GK_NARROW; /* coordinates of one operand that share a cache */
    long rows = GK_BLOCK;
    if (call->d > GK_NARROW) {
        rows = fits / call->d;
        rows = rows < 1 ? 1 : rows > GK_BLOCK ? GK_BLOCK : rows;
        while (GK_BLOCK % rows) rows--; /* so that no block lies across two sums */
        if (rows * call->d * operands > 2 * GK_MAX_VECTORS * GK_BLOCK * GK_NARROW) {
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
