/* The row kernels and the pairwise blocks behind plain functions, to be compiled once for each instruction set. */
#include "gk_rows_driver.h"
#include "conversions.h"
#include "half_space_maps.h"
#include "klein_maps.h"
#include "layers_linear.h"
#include "layers_lorentz.h"
#include "layers_planes.h"
#include "lorentz_maps.h"
#include "lorentz_metric.h"
#include "optim_lorentz.h"
#include "optim_poincare.h"
#include "pairwise.h"
#include "pairwise_neighbors.h"
#include "pairwise_vjp.h"
#include "planes.h"
#include "poincare_gyro.h"
#include "poincare_maps.h"
#include "sphere_maps.h"
#include "stereographic.h"
#include "polar_maps.h"

static const gk_row_kernel *const kernels[] = {ROW_KERNELS};

const gk_row_kernel *kernel(int k) {
    const int named = (int)(sizeof kernels / sizeof *kernels);
    if (k < named) return kernels[k];
    return k - named < GK_CONVERSIONS * GK_CONVERSION_KERNELS ? &CONVERSIONS[0][0] + (k - named) : NULL;
}

static gk_operand operand(void *data, int is_float, long step) {
    gk_operand described = {.data = data, .is_float = is_float, .live = 1, .even = 1, .step = step};
    described.strides[0] = step;
    return described;
}

/* Vectors are n rows of d floats or doubles; scalars are n doubles.
 * Returns whether the kernel found all points inside. */
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

/* Distances of n from m points, the gradients in the second set and in c for the upstream gradient g, and the three
 * nearest. */
int pairwise(int model, long n, long m, long d, int is_float, void *x, void *y, double c, double *g, void *out,
             double *gy, double *gc, void *near, int64_t *indices) {
    gk_set sets[2];
    long outside = -1;
    double *scratch = malloc(sizeof(double) * (size_t)(GK_TILE * d));
    for (int k = 0; k < 2; k++) {
        const long blocks = ((k ? m : n) + GK_TILE - 1) / GK_TILE, room = blocks * d * GK_TILE;
        sets[k] = (gk_set){.data = k ? y : x, .is_float = is_float, .model = model, .batches = 1, .n = k ? m : n,
                           .d = d, .blocks = blocks, .c = c};
        sets[k].fast = malloc(sizeof(double) * (size_t)room);
        sets[k].high = malloc(sizeof(double) * (size_t)room);
        sets[k].low = malloc(sizeof(double) * (size_t)room);
        sets[k].numbers = malloc(sizeof(double) * (size_t)(blocks * GK_N_NUMBERS * GK_TILE));
        for (long block = 0; block < blocks; block++) gk_set_prepare(&sets[k], block, scratch, &outside);
    }
    gk_neighbor heaps[3 * GK_TILE];
    for (long i = 0; i < sets[0].blocks; i++) {
        for (long j = 0; j < sets[1].blocks; j++) pairwise_tile(&sets[0], 0, i, &sets[1], j, 0, out);
        pairwise_nearest(&sets[0], 0, i, &sets[1], 3, 0, near, indices, heaps);
    }
    for (long j = 0; j < sets[1].blocks; j++)
        pairwise_block_vjp(g, m, 1, &sets[0], &sets[1], 0, j, gy, gc, scratch);
    for (int k = 0; k < 2; k++) free(sets[k].fast), free(sets[k].high), free(sets[k].low), free(sets[k].numbers);
    free(scratch);
    return outside < 0;
}
