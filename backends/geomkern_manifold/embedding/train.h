/* Stochastic gradient descent on the Poincaré ball for the softmax loss over one edge and sampled negatives.
 *
 * One example is an edge (u, v) with the row x = point u, y_0 = point v and negatives y_1, ..., y_n that u has no edge
 * to. With a = 1 - |x|^2, b = 1 - |y|^2, s = |x - y|^2, e = 2 s / (a b) and q = sqrt(e (e + 2)):
 *
 *     d(x, y) = arcosh(1 + e)                           w = exp(-d) = 1 / (1 + e + q)     no transcendental is needed
 *     loss    = -log(w_0 / sum w)                       g_j = dloss/dd_j = [j = 0] - w_j / sum w
 *     dd/dx   = 4 / (a^2 b q) (s x + a (x - y))         dd/dy = 4 / (a b^2 q) (s y + b (y - x))
 *
 * The inverse metric is a^2 / 4 at x and b^2 / 4 at y, so the Riemannian gradients are
 *
 *     at x      sum_j g_j / (b_j q_j) (s_j x + a (x - y_j))
 *     at y_j    g_j / (a q_j) (s_j y_j + b_j (y_j - x))
 *
 * and every point steps by -step * gradient (the retraction of Nickel and Kiela, 2017), all from where they were; one
 * that lands beyond the clip radius is drawn back to it. Where x = y the distance has no gradient and 0 stands for it.
 *
 * A row of the table holds the coordinates and then 1 - |x|^2, which is accumulated in double from the rounded
 * coordinates: near the boundary it is all that matters. The points y are worked on GK_LANES at a time, and every sum
 * has one order whatever the width of a vector, and so one result.
 */
#ifndef GK_TRAIN_H
#define GK_TRAIN_H

#include <math.h>

#include "gk_simd.h"
#include "lanes.h"
#include "sample.h"

typedef struct {
    gk_graph graph;
    float *rows;          /* nodes x stride */
    ptrdiff_t stride;     /* 4, 8 or a multiple of 16 */
    int32_t dim, negatives;
    float lr, slow_lr;    /* the learning rates after the burn-in and in it */
    int64_t burn_in;      /* epochs */
    float room;           /* the least 1 - |x|^2 */
    uint64_t seed;        /* everything random follows from it and the example's number */
} gk_trainer;

/* What training has done in an epoch. The loss is kept as exp(loss) = mantissa * 2^exponent, so that an example costs a
 * multiplication and not a logarithm. */
typedef struct {
    double mantissa;
    int64_t exponent, negatives;
} gk_progress;

/* The scratch of one thread. A block is GK_LANES points y; unused lanes of the last one repeat v and have no weight. */
typedef struct {
    float *tile;                      /* blocks x stride x lanes: the points y */
    float *spare;                     /* 16 x lanes */
    float *square, *pull, *weight;    /* blocks x lanes: s; 1 / q, then g / q; w, then g / (b q) */
    float *x, *moved;                 /* stride: the point u before and after its step */
    int32_t *node;                    /* v, the negatives, and room for more draws */
    int32_t used;                     /* lanes in use: v and the negatives found */
    int32_t blocks;
} gk_scratch;

static inline size_t gk_lanes_for(const gk_trainer *t)
{
    return ((size_t)t->negatives / GK_LANES + 1) * GK_LANES;
}

static inline size_t gk_scratch_bytes(const gk_trainer *t)
{
    const size_t lanes = gk_lanes_for(t);
    return (lanes * (t->stride + 4) + 16 * GK_LANES + 2 * t->stride + GK_LANES + GK_DRAWS) * sizeof(float);
}

static inline gk_scratch gk_lay_out(const gk_trainer *t, void *memory)
{
    const size_t lanes = gk_lanes_for(t);
    gk_scratch w;
    w.tile = (float *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    w.spare = w.tile + lanes * t->stride;
    w.square = w.spare + 16 * GK_LANES;
    w.pull = w.square + lanes;
    w.weight = w.pull + lanes;
    w.x = w.weight + lanes;
    w.moved = w.x + t->stride;
    w.node = (int32_t *)(w.moved + t->stride);
    w.used = w.blocks = 0;
    return w;
}

/* Stores 1 - |x|^2 behind the coordinates, after drawing the point back to the clip radius if it lies beyond. */
GK_INLINE void gk_settle(float *x, int32_t dim, float room)
{
    double rest = 1.0;
    for (int32_t k = 0; k < dim; k++) rest -= (double)x[k] * x[k];
    if (rest < room) {
        const float scale = (float)sqrt((1.0 - room) / (1.0 - rest));
        rest = 1.0;
        for (int32_t k = 0; k < dim; k++) {
            x[k] *= scale;
            rest -= (double)x[k] * x[k];
        }
    }
    x[dim] = (float)rest;
}

GK_INLINE void gk_fetch(const gk_trainer *t, const gk_scratch *w, const int width)
{
    for (int32_t j = w->used; j < w->blocks * GK_LANES; j++) w->node[j] = w->node[0];
    for (int32_t block = 0; block < w->blocks; block++) {
        const int32_t *node = w->node + block * GK_LANES;
        for (ptrdiff_t panel = 0; panel < t->stride; panel += width) {
            float *tile = w->tile + (block * t->stride + panel) * GK_LANES;
            float *rows = gk_landing(tile, w->spare, width);
            for (int j = 0; j < GK_LANES; j++)
                memcpy(rows + j * width, t->rows + node[j] * t->stride + panel, width * sizeof(float));
            gk_to_lanes(tile, w->spare, width);
        }
    }
}

GK_INLINE void gk_store(const gk_trainer *t, const gk_scratch *w, const int width)
{
    for (int32_t block = 0; block < w->blocks; block++) {
        const int32_t *node = w->node + block * GK_LANES;
        const int32_t left = w->used - block * GK_LANES, lanes = left < GK_LANES ? left : GK_LANES;
        for (ptrdiff_t panel = 0; panel < t->stride; panel += width) {
            float *tile = w->tile + (block * t->stride + panel) * GK_LANES;
            const float *rows = gk_landing(tile, w->spare, width);
            gk_to_rows(tile, w->spare, width);
            for (int32_t j = 0; j < lanes; j++)
                memcpy(t->rows + node[j] * t->stride + panel, rows + j * width, width * sizeof(float));
        }
    }
}

/* s, 1 / q and w of one block. */
GK_INLINE void gk_distances(const float *GK_RESTRICT tile, const float *GK_RESTRICT x, int32_t dim,
                            float *GK_RESTRICT square, float *GK_RESTRICT pull, float *GK_RESTRICT weight)
{
    const float *b = tile + dim * GK_LANES;
    const float a = x[dim];
    float s[GK_LANES] = {0};
    for (int32_t k = 0; k < dim; k++) {
        const float *y = tile + (ptrdiff_t)k * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const float d = y[j] - x[k];
            s[j] += d * d;
        }
    }
    GK_SIMD
    for (int j = 0; j < GK_LANES; j++) {
        const float e = 2.0f * s[j] / (a * b[j]);
        const float q = sqrtf(e * (e + 2.0f));
        const float inverse = 1.0f / q;
        square[j] = s[j];
        pull[j] = q > 0.0f ? inverse : 0.0f;
        weight[j] = 1.0f / (1.0f + e + q);
    }
}

/* Turns 1 / q into g / q, for all blocks, and counts the loss. */
GK_INLINE void gk_softmax(const gk_scratch *w, gk_progress *progress)
{
    float *GK_RESTRICT weight = w->weight, *GK_RESTRICT pull = w->pull;
    const int32_t lanes = w->blocks * GK_LANES;
    const float first = weight[0];
    float total[GK_LANES] = {0};
    weight[0] = 0.0f;
    for (int32_t j = w->used; j < lanes; j++) weight[j] = 0.0f;
    for (const float *v = weight; v < weight + lanes; v += GK_LANES) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) total[j] += v[j];
    }
    const float others = gk_lane_sum(total), share = -1.0f / (first + others);
    weight[0] = -others;    /* 1 - w_0 / sum w, without the difference */
    GK_SIMD
    for (int32_t j = 0; j < lanes; j++) pull[j] *= weight[j] * share;

    int exponent;
    progress->mantissa = frexp(progress->mantissa * (1.0 + (double)others / first), &exponent);
    progress->exponent += exponent;
    progress->negatives += w->used - 1;
}

/* The step of u, from the points y before theirs. */
GK_INLINE void gk_move_child(const gk_trainer *t, const gk_scratch *w, float step)
{
    const int32_t dim = t->dim;
    const float *x = w->x, *pull = w->pull, *square = w->square;
    float *c = w->weight;
    float along[GK_LANES] = {0};
    for (int32_t block = 0; block < w->blocks; block++) {
        const float *GK_RESTRICT b = w->tile + (block * t->stride + dim) * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            c[j] = pull[j] / b[j];
            along[j] += c[j] * square[j];
        }
        pull += GK_LANES, square += GK_LANES, c += GK_LANES;
    }
    const float inward = gk_lane_sum(along);
    for (int32_t k = 0; k < dim; k++) {
        float across[GK_LANES] = {0};
        for (int32_t block = 0; block < w->blocks; block++) {
            const float *y = w->tile + (block * t->stride + k) * GK_LANES, *c = w->weight + (ptrdiff_t)block * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) across[j] += c[j] * (x[k] - y[j]);
        }
        w->moved[k] = x[k] - step * (inward * x[k] + x[dim] * gk_lane_sum(across));
    }
    gk_settle(w->moved, dim, t->room);
}

/* The steps of one block of points y. */
GK_INLINE void gk_move_block(float *GK_RESTRICT tile, const float *GK_RESTRICT x, int32_t dim, float step, float room,
                             const float *GK_RESTRICT square, const float *GK_RESTRICT pull)
{
    float *b = tile + dim * GK_LANES;
    const float reach = step / x[dim];
    float inward[GK_LANES], across[GK_LANES], scale[GK_LANES];
    double rest[GK_LANES];
    int beyond = 0;
    GK_SIMD
    for (int j = 0; j < GK_LANES; j++) {
        inward[j] = reach * pull[j] * square[j];
        across[j] = reach * pull[j] * b[j];
        rest[j] = 1.0;
    }
    for (int32_t k = 0; k < dim; k++) {
        float *y = tile + (ptrdiff_t)k * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const float z = y[j] - (inward[j] * y[j] + across[j] * (y[j] - x[k]));
            y[j] = z;
            rest[j] -= (double)z * z;
        }
    }
    for (int j = 0; j < GK_LANES; j++) beyond |= rest[j] < room;
    if (beyond) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const double back = sqrt((1.0 - room) / (1.0 - rest[j]));
            scale[j] = rest[j] < room ? (float)back : 1.0f;
            rest[j] = 1.0;
        }
        for (int32_t k = 0; k < dim; k++) {
            float *y = tile + (ptrdiff_t)k * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const float z = y[j] * scale[j];
                y[j] = z;
                rest[j] -= (double)z * z;
            }
        }
    }
    GK_SIMD
    for (int j = 0; j < GK_LANES; j++) b[j] = (float)rest[j];
}

/* Trains on the edge from u to node[0] against the negatives after it. `width` is a constant wherever this is inlined. */
GK_INLINE void gk_example(const gk_trainer *t, int32_t u, const gk_scratch *w, float step, gk_progress *progress,
                          const int width)
{
    const size_t row = (t->dim + 1) * sizeof(float);
    const ptrdiff_t size = t->stride * GK_LANES;
    memcpy(w->x, t->rows + u * t->stride, row);
    gk_fetch(t, w, width);
    for (int32_t i = 0, at = 0; i < w->blocks; i++, at += GK_LANES)
        gk_distances(w->tile + i * size, w->x, t->dim, w->square + at, w->pull + at, w->weight + at);
    gk_softmax(w, progress);
    gk_move_child(t, w, step);
    for (int32_t i = 0, at = 0; i < w->blocks; i++, at += GK_LANES)
        gk_move_block(w->tile + i * size, w->x, t->dim, step, t->room, w->square + at, w->pull + at);
    memcpy(t->rows + u * t->stride, w->moved, row);
    gk_store(t, w, width);
}

/* Trains on the examples [begin, end), counted from the beginning of training, and adds what it did to one record for
 * each epoch that these belong to. */
GK_CLONES void gk_train(const gk_trainer *t, int64_t begin, int64_t end, void *scratch, gk_progress *progress)
{
    const int64_t edges = t->graph.edges;
    gk_scratch w = gk_lay_out(t, scratch);
    for (int64_t epoch = begin / edges; epoch * edges < end; epoch++, progress++) {
        const uint64_t key = gk_mix(t->seed + (uint64_t)epoch * GK_GOLDEN);
        const float step = epoch < t->burn_in ? t->slow_lr : t->lr;
        const int64_t from = epoch * edges < begin ? begin - epoch * edges : 0;
        const int64_t to = end - epoch * edges < edges ? end - epoch * edges : edges;
        for (int64_t i = from; i < to; i++) {
            int64_t edge;
            w.used = 1 + gk_sample(&t->graph, i, t->negatives, key, &edge, w.node + 1);
            if (w.used == 1) continue;    /* u has an edge to everything: there is nothing to learn from this one */
            w.node[0] = t->graph.parent[edge];
            w.blocks = (w.used + GK_LANES - 1) / GK_LANES;
            const int32_t u = t->graph.child[edge];
            if (t->stride == 4) gk_example(t, u, &w, step, progress, 4);
            else if (t->stride == 8) gk_example(t, u, &w, step, progress, 8);
            else gk_example(t, u, &w, step, progress, 16);
        }
    }
}

#endif
