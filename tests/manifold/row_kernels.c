/* The row kernels and the pairwise blocks behind plain functions, to be compiled once for each instruction set. */
#include "gk_rows_driver.h"
#include "optim_lorentz.h"
#include "optim_poincare.h"
#include "pairwise.h"
#include "poincare_gyro.h"
#include "poincare_maps.h"

static const gk_row_kernel *const kernels[] = {ROW_KERNELS};

const gk_row_kernel *kernel(int k) {
    return k < (int)(sizeof kernels / sizeof *kernels) ? kernels[k] : NULL;
}

static gk_operand operand(void *data, int is_float, long step) {
    gk_operand described = {.data = data, .is_float = is_float, .live = 1, .even = 1, .step = step};
    described.strides[0] = step;
    return described;
}

/* Vectors are n rows of d floats or doubles; scalars are n doubles. Returns whether the kernel found all points inside. */
int run(const gk_row_kernel *kernel, long n, long d, int is_float, void **vectors, void **scalars, void **vectors_out,
        void **scalars_out) {
    const long row = d * (is_float ? (long)sizeof(float) : (long)sizeof(double));
    gk_call call = {.kernel = kernel, .n = n, .d = d, .ndim = 1, .shape = {n}};
    gk_status status = {.bad_operand = -1};
    for (int k = 0; k < kernel->n_vectors; k++) call.vectors[k] = operand(vectors[k], is_float, row);
    for (int k = 0; k < kernel->n_scalars; k++) call.scalars[k] = operand(scalars[k], 0, sizeof(double));
    for (int k = 0; k < kernel->n_vectors_out; k++) call.vectors_out[k] = operand(vectors_out[k], is_float, row);
    for (int k = 0; k < kernel->n_scalars_out; k++) call.scalars_out[k] = operand(scalars_out[k], 0, sizeof(double));
    gk_run_rows(&call, 0, n, &status);
    return status.bad_operand < 0 && !status.no_memory;
}

/* Distances of n from m points, and the gradients in the second set and in c for the upstream gradient g. */
int pairwise(long n, long m, long d, int is_float, void *x, void *y, double *x_gap, double *y_gap, double c, double *g,
             void *out, double *gy, double *gc) {
    const gk_points xs = {x, is_float, n, x_gap}, ys = {y, is_float, m, y_gap};
    double *scratch = malloc(sizeof(double) * (size_t)((2 * GK_BLOCK + 1) * d));
    if (scratch == NULL) return 0;
    for (long first = 0; first < m; first += GK_BLOCK) {
        pairwise_block(&xs, &ys, first, d, c, out, scratch);
        pairwise_block_vjp(g, m, 1, &xs, &ys, first, d, c, gy, gc, scratch);
    }
    free(scratch);
    return 1;
}
