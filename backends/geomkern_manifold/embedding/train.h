/* Stochastic gradient descent on edges and sampled negatives, in the ball, the Lorentz model, flat space and products.
 *
 * geometry.h has the distances and steps, losses.h the losses, sample.h what an example trains on, and example.h puts
 * them together for tables of floats and of doubles. The points y of an example are worked on GK_LANES at a time, and
 * every sum has one order whatever the width of a vector, and so one result. The rows of the next example are asked
 * for while one is worked on: a table of tens of thousands of rows does not fit into the cache next to the processor.
 */
#ifndef GK_TRAIN_H
#define GK_TRAIN_H

#include <string.h>

#include "gk_simd.h"
#include "losses.h"
#include "sample.h"

#define GK_LANES 16
#define GK_FARTHEST 50.0
#define GK_REACH 0.5    /* how far one pair, of a loss whose slope has no bound, may move a point */

enum { GK_BALL, GK_LORENTZ, GK_EUCLIDEAN };

/* Coordinates `start` to `start + dim` of a row, and the number behind them all that belongs to them. */
typedef struct {
    int32_t kind, dim, start, extra;
} gk_factor;

typedef struct {
    gk_graph graph;
    gk_loss loss;
    void *rows;               /* nodes x stride floats or doubles */
    ptrdiff_t stride;         /* 4, 8 or a multiple of 16 */
    int32_t is_double, negatives, factors;
    const gk_factor *factor;
    const float *weight;      /* of each edge, or NULL */
    const double *rate;       /* the learning rate of each epoch from the first that is trained on */
    double room;              /* the least 1 - |x|^2 in the ball */
    uint64_t seed;            /* everything random follows from it and the example's number */
} gk_trainer;

/* What training has done in an epoch. */
typedef struct {
    double loss;
    int64_t negatives;
} gk_progress;

/* The nodes of one example: v and the negatives found for it, with room for more draws. */
typedef struct {
    int32_t *node;
    int64_t edge;
    int32_t child, used, blocks;
} gk_batch;

GK_INLINE double gk_least(double x, double y)
{
    return x < y ? x : y;
}

GK_INLINE double gk_within(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* The greatest |x|^2 in the Lorentz model: at the radius of the ball that leaves `room` the time is 2 / room - 1. */
GK_INLINE double gk_lorentz_limit(double room)
{
    return (2.0 / room - 2.0) * (2.0 / room);
}

GK_INLINE size_t gk_lanes_for(const gk_trainer *t)
{
    return ((size_t)t->negatives / GK_LANES + 1) * GK_LANES;
}

GK_INLINE void *gk_take(char **at, size_t bytes)
{
    void *taken = *at;
    *at += (bytes + 63) & ~(size_t)63;
    return taken;
}

#define GK_REAL float
#define GK_OF(name) name##_single
#include "example.h"
#undef GK_OF
#undef GK_REAL

#define GK_REAL double
#define GK_OF(name) name##_double
#include "example.h"
#undef GK_OF
#undef GK_REAL

GK_INLINE void gk_lay_out_batches(const gk_trainer *t, char **at, gk_batch *batch)
{
    const size_t bytes = (gk_lanes_for(t) + GK_DRAWS) * sizeof(int32_t);
    for (int i = 0; i < 2; i++) batch[i].node = gk_take(at, bytes);
}

/* The scratch memory that one thread needs. */
GK_UNUSED static size_t gk_scratch_bytes(const gk_trainer *t)
{
    gk_scratch_single single;
    gk_scratch_double twice;
    gk_batch batch[2];
    char *at = NULL;
    gk_lay_out_batches(t, &at, batch);
    return (size_t)at + 64 + (t->is_double ? gk_lay_out_double(t, NULL, &twice) : gk_lay_out_single(t, NULL, &single));
}

/* What is read of a random edge comes from memory, one thing after the other: the edge, where the parents of its child
 * begin, the rows of the table. Each is asked for while an earlier example is worked on, so that none is waited for. */
#define GK_AHEAD 4

GK_INLINE void gk_choose(const gk_trainer *t, int64_t i, int64_t end, uint64_t key, int64_t *edge)
{
    if (i >= end) return;
    const int64_t e = edge[i % GK_AHEAD] = gk_shuffled(i, t->graph.edges, key);
    __builtin_prefetch(t->graph.child + e);
    __builtin_prefetch(t->graph.parent + e);
}

GK_INLINE void gk_approach(const gk_trainer *t, int64_t i, int64_t end, const int64_t *edge)
{
    if (i < end) __builtin_prefetch(t->graph.first + t->graph.child[edge[i % GK_AHEAD]]);
}

/* Draws the negatives of example i and asks for its rows. */
GK_INLINE void gk_prepare(const gk_trainer *t, int64_t i, int64_t end, uint64_t key, const int64_t *edge,
                          gk_batch *batch)
{
    if (i >= end) return;
    batch->edge = edge[i % GK_AHEAD];
    batch->child = t->graph.child[batch->edge];
    batch->node[0] = t->graph.parent[batch->edge];
    batch->used = 1 + gk_draw(&t->graph, batch->child, t->negatives, gk_key_of(key, i), batch->node + 1);
    batch->blocks = (batch->used + GK_LANES - 1) / GK_LANES;
    const size_t row = (size_t)t->stride * (t->is_double ? sizeof(double) : sizeof(float));
    const char *table = t->rows;
    for (size_t at = 0; at < row; at += 64) {
        __builtin_prefetch(table + batch->child * row + at, 0);
        for (int32_t j = 0; j < batch->used; j++) __builtin_prefetch(table + batch->node[j] * row + at, 0);
    }
}

/* Trains on the examples [begin, end), counted from the beginning of training, and adds what it did to one record for
 * each epoch that these belong to. `first` is the epoch of t->rate[0]. */
GK_CLONES void gk_train(const gk_trainer *t, int64_t first, int64_t begin, int64_t end, char *scratch,
                        gk_progress *progress)
{
    const int64_t edges = t->graph.edges;
    gk_scratch_single single = {0};
    gk_scratch_double twice = {0};
    gk_batch batch[2];
    int64_t edge[GK_AHEAD];
    char *at = (char *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    gk_lay_out_batches(t, &at, batch);
    if (t->is_double) gk_lay_out_double(t, at, &twice);
    else gk_lay_out_single(t, at, &single);
    for (int64_t epoch = begin / edges; epoch * edges < end; epoch++, progress++) {
        const uint64_t key = gk_mix(t->seed + (uint64_t)epoch * GK_GOLDEN);
        const double rate = t->rate[epoch - first];
        const int64_t from = epoch * edges < begin ? begin - epoch * edges : 0;
        const int64_t to = end - epoch * edges < edges ? end - epoch * edges : edges;
        for (int64_t i = from; i < from + GK_AHEAD - 1; i++) gk_choose(t, i, to, key, edge);
        gk_prepare(t, from, to, key, edge, batch + from % 2);
        for (int64_t i = from; i < to; i++) {
            const gk_batch *now = batch + i % 2;
            gk_choose(t, i + 3, to, key, edge);
            gk_approach(t, i + 2, to, edge);
            gk_prepare(t, i + 1, to, key, edge, batch + (i + 1) % 2);
            /* Where u has an edge to everything there is nothing to learn from the softmax. */
            if (now->used == 1 && t->loss.kind == GK_SOFTMAX) continue;
            const double weight = t->weight ? t->weight[now->edge] : 1.0;
            progress->loss += t->is_double ? gk_example_double(t, now, &twice, weight, rate)
                                           : gk_example_single(t, now, &single, weight, rate);
            progress->negatives += now->used - 1;
        }
    }
}

/* Draws every point of the table back to where it may be, and stores the numbers behind it. */
GK_UNUSED static void gk_settle_table(const gk_trainer *t, int64_t nodes)
{
    for (int64_t i = 0; i < nodes; i++) {
        for (const gk_factor *f = t->factor; f < t->factor + t->factors; f++) {
            if (t->is_double) gk_settle_double(f, t->room, (double *)t->rows + i * t->stride);
            else gk_settle_single(f, t->room, (float *)t->rows + i * t->stride);
        }
    }
}

#endif
