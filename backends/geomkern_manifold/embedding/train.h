/* Stochastic gradient descent on the Poincaré ball for the softmax loss over one true edge and sampled false ones.
 *
 * One example is an edge (u, v) with the row x = point u, y_0 = point v and negatives y_1, ..., y_n that u is not
 * related to. With a = 1 - |x|^2, b = 1 - |y|^2, s = |x - y|^2, e = 2 s / (a b) and q = sqrt(e (e + 2)):
 *
 *     d(x, y)    = arcosh(1 + e)                       w = exp(-d) = 1 / (1 + e + q)      no transcendental is needed
 *     loss       = -log(w_0 / sum w)                   g_j = dloss/dd_j = [j = 0] - w_j / sum w
 *     dd/dx      = 4 / (a^2 b q) (s x + a (x - y))     dd/dy = 4 / (a b^2 q) (s y + b (y - x))
 *
 * The inverse metric is a^2 / 4 at x and b^2 / 4 at y, so the Riemannian gradients are
 *
 *     at x       sum_j g_j / (b_j q_j) (s_j x + a (x - y_j))
 *     at y_j     g_j / (a q_j) (s_j y_j + b_j (y_j - x))
 *
 * and the step is x <- x - step * gradient (the retraction of Nickel and Kiela, 2017), drawn back to the clip radius
 * when it leaves it. Where x = y the distance has no gradient and 0 stands for it.
 *
 * A row of the table holds the coordinates and then 1 - |x|^2, which is accumulated in double from the rounded
 * coordinates: near the boundary it is all that matters. The negatives are processed GK_LANES at a time; every sum has
 * one order, whatever the width of a vector, and so one result.
 */
#ifndef GK_TRAIN_H
#define GK_TRAIN_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gk_simd.h"

#define GK_LANES 16
#define GK_TRIES 32       /* draws for each negative wanted, before an example makes do with what it found */
#define GK_SCAN_ROW 64    /* rows of parents up to this length are scanned, longer ones searched by bisection */

typedef struct {
    float *rows;          /* nodes x stride */
    ptrdiff_t stride;
    int32_t dim, nodes, negatives;
    const int32_t *child, *parent;    /* the edges, sorted by child and then by parent */
    const int64_t *first;             /* the parents of u are parent[first[u]], ..., parent[first[u + 1] - 1] */
    int64_t edges;
    float step;           /* learning rate of this epoch */
    float room;           /* the least 1 - |x|^2 */
    uint64_t key;         /* of this epoch: everything random follows from it and the example's number */
} gk_trainer;

/* What training has done so far. The loss is kept as the product of exp(loss), mantissa * 2^exponent, so that an example
 * costs a multiplication and not a logarithm. */
typedef struct {
    double mantissa;
    int64_t exponent, negatives;
} gk_progress;

/* ---- random numbers: splitmix64 (Steele, Lea and Flood, 2014) as a function of a counter ---- */

GK_INLINE uint64_t gk_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#define GK_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* The place of example i in the epoch's order: a Feistel network on pairs (l, r) of [0, side)^2, side^2 >= edges, walked
 * until it lands among the edges. A permutation without an array, so an epoch can be entered anywhere. */
GK_INLINE int64_t gk_shuffled(int64_t i, int64_t edges, uint64_t key)
{
    const uint32_t side = (uint32_t)ceil(sqrt((double)edges));
    do {
        uint32_t l = (uint32_t)(i / side), r = (uint32_t)(i % side);
        for (int round = 0; round < 4; round++) {
            uint64_t h = gk_mix(key + (uint64_t)round * GK_GOLDEN + r);
            uint32_t f = l + (uint32_t)(((h >> 32) * side) >> 32);
            l = r;
            r = f >= side ? f - side : f;
        }
        i = (int64_t)l * side + r;
    } while (i >= edges);
    return i;
}

GK_INLINE int gk_contains(const int32_t *row, int64_t n, int32_t value)
{
    while (n > 1) {
        int64_t half = n / 2;
        row = row[half] <= value ? row + half : row;
        n -= half;
    }
    return n == 1 && *row == value;
}

/* Draws up to t->negatives nodes, uniformly and with replacement, that are neither u nor parents of u. */
GK_INLINE int32_t gk_draw(const gk_trainer *t, int32_t u, uint64_t key, int32_t *GK_RESTRICT found)
{
    const int32_t *row = t->parent + t->first[u];
    const int64_t related = t->first[u + 1] - t->first[u];
    const int64_t limit = (int64_t)t->negatives * GK_TRIES;
    int32_t n = 0;
    for (int64_t tries = 0; tries < limit && n < t->negatives; tries += GK_LANES) {
        int32_t node[GK_LANES], bad[GK_LANES];
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            uint64_t h = gk_mix(key + (uint64_t)(tries + j) * GK_GOLDEN);
            node[j] = (int32_t)(((h >> 32) * (uint64_t)t->nodes) >> 32);
            bad[j] = node[j] == u;
        }
        if (related <= GK_SCAN_ROW) {
            for (int64_t k = 0; k < related; k++) {
                GK_SIMD
                for (int j = 0; j < GK_LANES; j++) bad[j] |= node[j] == row[k];
            }
        } else {
            for (int j = 0; j < GK_LANES; j++) bad[j] |= gk_contains(row, related, node[j]);
        }
        for (int j = 0; j < GK_LANES; j++) {   /* found has GK_LANES places to spare */
            found[n] = node[j];
            n += !bad[j];
        }
    }
    return n < t->negatives ? n : t->negatives;
}

/* ---- sixteen rows to lanes and back ---- */

/* Moves between rows[lane][k] and lanes[k][lane] for GK_LANES rows of `width` floats, a power of two: a perfect shuffle
 * rotates the bits of the flat index by one, so log2(width) of them are the transposition. The result is in `a`. */
GK_INLINE void gk_to_lanes(float *GK_RESTRICT a, float *GK_RESTRICT b, int width)
{
    const int half = width * GK_LANES / 2;
    for (int bits = width; bits > 1; bits /= 4) {
        GK_SIMD
        for (int m = 0; m < half; m++) b[m] = a[2 * m], b[m + half] = a[2 * m + 1];
        if (bits == 2) { memcpy(a, b, 2 * half * sizeof(float)); break; }
        GK_SIMD
        for (int m = 0; m < half; m++) a[m] = b[2 * m], a[m + half] = b[2 * m + 1];
    }
}

GK_INLINE void gk_to_rows(float *GK_RESTRICT a, float *GK_RESTRICT b, int width)
{
    const int half = width * GK_LANES / 2;
    for (int bits = width; bits > 1; bits /= 4) {
        GK_SIMD
        for (int m = 0; m < half; m++) b[2 * m] = a[m], b[2 * m + 1] = a[m + half];
        if (bits == 2) { memcpy(a, b, 2 * half * sizeof(float)); break; }
        GK_SIMD
        for (int m = 0; m < half; m++) a[2 * m] = b[m], a[2 * m + 1] = b[m + half];
    }
}

/* ---- geometry ---- */

GK_INLINE float gk_tree_sum(const float *v)
{
    float a[GK_LANES / 2];
    GK_SIMD
    for (int j = 0; j < 8; j++) a[j] = v[j] + v[j + 8];
    GK_SIMD
    for (int j = 0; j < 4; j++) a[j] += a[j + 4];
    return (a[0] + a[2]) + (a[1] + a[3]);
}

/* Stores 1 - |x|^2 behind the coordinates, which lie `apart` floats from each other, after drawing the point back to the
 * clip radius if it lies beyond. */
GK_INLINE void gk_settle(float *x, ptrdiff_t apart, int32_t dim, float room)
{
    double left = 1.0;
    for (int32_t k = 0; k < dim; k++) left -= (double)x[k * apart] * x[k * apart];
    if (left < room) {
        const double scale = sqrt((1.0 - room) / (1.0 - left));
        left = 1.0;
        for (int32_t k = 0; k < dim; k++) {
            x[k * apart] = (float)(x[k * apart] * scale);
            left -= (double)x[k * apart] * x[k * apart];
        }
    }
    x[dim * apart] = (float)left;
}

/* The scratch of one thread: the examples' rows as lanes, and what each lane carries. */
typedef struct {
    float *tile;                   /* blocks x stride x lanes: the rows of v and of the negatives */
    float *spare;                  /* 16 x lanes, for transpositions */
    float *square, *pull, *mass;   /* blocks x lanes: s, 1 / q and w, then what the steps need of them */
    float *x, *moved;              /* stride: u before and after the step */
    int32_t *node;                 /* blocks x lanes: v and the negatives */
} gk_scratch;

static inline ptrdiff_t gk_blocks(const gk_trainer *t)
{
    return t->negatives / GK_LANES + 1;
}

static inline size_t gk_scratch_bytes(const gk_trainer *t)
{
    const size_t lanes = (size_t)gk_blocks(t) * GK_LANES;
    return (lanes * t->stride + 16 * GK_LANES + 3 * lanes + 2 * t->stride + lanes + 2 * GK_LANES) * sizeof(float) + 64;
}

static inline gk_scratch gk_lay_out(const gk_trainer *t, void *memory)
{
    const ptrdiff_t lanes = gk_blocks(t) * GK_LANES;
    gk_scratch w;
    w.tile = (float *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    w.spare = w.tile + lanes * t->stride;
    w.square = w.spare + 16 * GK_LANES;
    w.pull = w.square + lanes;
    w.mass = w.pull + lanes;
    w.node = (int32_t *)(w.mass + lanes);
    w.x = (float *)(w.node + lanes + GK_LANES);
    w.moved = w.x + t->stride;
    return w;
}

GK_INLINE void gk_count(gk_progress *p, double ratio, int32_t negatives)
{
    int exponent;
    p->mantissa = frexp(p->mantissa * ratio, &exponent);
    p->exponent += exponent;
    p->negatives += negatives;
}

/* Trains on the edge (u, node[0]) against node[1], ..., node[n]. */
GK_INLINE void gk_example(const gk_trainer *t, int32_t u, int32_t n, const gk_scratch *w, gk_progress *progress,
                           const int width)
{
    const ptrdiff_t stride = t->stride;
    const int32_t dim = t->dim, used = n + 1, blocks = (used + GK_LANES - 1) / GK_LANES;
    const float step = t->step, room = t->room;
    float *row = t->rows + u * stride;
    const float a = row[dim];
    float *x = w->x;
    for (int32_t k = 0; k < dim; k++) x[k] = row[k];

    /* Lanes beyond the last negative repeat the positive; their mass is 0. */
    for (int32_t j = used; j < blocks * GK_LANES; j++) w->node[j] = w->node[0];
    for (int32_t block = 0; block < blocks; block++) {
        for (int32_t panel = 0; panel < stride; panel += width) {
            float *rows = w->tile + ((ptrdiff_t)block * stride + panel) * GK_LANES;
            for (int j = 0; j < GK_LANES; j++)
                memcpy(rows + j * width, t->rows + w->node[block * GK_LANES + j] * stride + panel, width * sizeof(float));
            gk_to_lanes(rows, w->spare, width);
        }
    }

    for (int32_t block = 0; block < blocks; block++) {
        const float *tile = w->tile + (ptrdiff_t)block * stride * GK_LANES;
        float square[GK_LANES] = {0};
        for (int32_t k = 0; k < dim; k++) {
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const float d = tile[k * GK_LANES + j] - x[k];
                square[j] += d * d;
            }
        }
        const float *GK_RESTRICT left = tile + dim * GK_LANES;
        float *GK_RESTRICT pull = w->pull + block * GK_LANES, *GK_RESTRICT mass = w->mass + block * GK_LANES;
        float *GK_RESTRICT squares = w->square + block * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const float e = 2.0f * square[j] / (a * left[j]);
            const float q = sqrtf(e * (e + 2.0f));
            const float inverse = 1.0f / q;
            pull[j] = q > 0.0f ? inverse : 0.0f;
            mass[j] = 1.0f / (1.0f + e + q);
            squares[j] = square[j];
        }
    }
    for (int32_t j = used; j < blocks * GK_LANES; j++) w->mass[j] = 0.0f;
    const float first = w->mass[0];
    w->mass[0] = 0.0f;
    float total[GK_LANES] = {0};
    for (int32_t block = 0; block < blocks; block++) {
        const float *mass = w->mass + block * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) total[j] += mass[j];
    }
    const float others = gk_tree_sum(total), all = others + first;
    gk_count(progress, 1.0 + (double)others / first, n);

    /* pull <- g / q; the positive's g = 1 - w_0 / all is taken as others / all, which loses nothing when it is small. */
    const float share = 1.0f / all;
    w->mass[0] = -others;
    GK_SIMD
    for (int32_t j = 0; j < blocks * GK_LANES; j++) w->pull[j] *= -w->mass[j] * share;

    /* The step of x, from the untouched negatives. */
    float along[GK_LANES] = {0};
    for (int32_t block = 0; block < blocks; block++) {
        const float *pull = w->pull + block * GK_LANES;
        const float *left = w->tile + ((ptrdiff_t)block * stride + dim) * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const float c = pull[j] / left[j];
            w->mass[block * GK_LANES + j] = c;
            along[j] += c * w->square[block * GK_LANES + j];
        }
    }
    const float shrink = gk_tree_sum(along);
    for (int32_t k = 0; k < dim; k++) {
        float sum[GK_LANES] = {0};
        for (int32_t block = 0; block < blocks; block++) {
            const float *tile = w->tile + ((ptrdiff_t)block * stride + k) * GK_LANES;
            const float *c = w->mass + block * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) sum[j] += c[j] * (tile[j] - x[k]);
        }
        w->moved[k] = x[k] - step * (shrink * x[k] - a * gk_tree_sum(sum));
    }
    gk_settle(w->moved, 1, dim, room);
    memcpy(row, w->moved, (dim + 1) * sizeof(float));

    /* The steps of v and of the negatives. */
    const float reach = step / a;
    for (int32_t block = 0; block < blocks; block++) {
        float *tile = w->tile + (ptrdiff_t)block * stride * GK_LANES;
        const float *pull = w->pull + block * GK_LANES, *square = w->square + block * GK_LANES;
        float *left = tile + dim * GK_LANES;
        float keep[GK_LANES], move[GK_LANES];
        double rest[GK_LANES];
        int beyond = 0;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            keep[j] = reach * pull[j] * square[j];
            move[j] = reach * pull[j] * left[j];
            rest[j] = 1.0;
        }
        for (int32_t k = 0; k < dim; k++) {
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const float y = tile[k * GK_LANES + j];
                const float z = y - (keep[j] * y + move[j] * (y - x[k]));
                tile[k * GK_LANES + j] = z;
                rest[j] -= (double)z * z;
            }
        }
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            left[j] = (float)rest[j];
            beyond |= left[j] < room;
        }
        if (beyond) {
            for (int j = 0; j < GK_LANES; j++) gk_settle(tile + j, GK_LANES, dim, room);
        }
    }
    for (int32_t block = 0; block < blocks; block++) {
        const int lanes = used - block * GK_LANES < GK_LANES ? used - block * GK_LANES : GK_LANES;
        const int32_t *node = w->node + block * GK_LANES;
        for (int32_t panel = 0; panel < stride; panel += width) {
            float *rows = w->tile + ((ptrdiff_t)block * stride + panel) * GK_LANES;
            gk_to_rows(rows, w->spare, width);
            for (int j = 0; j < lanes; j++)
                memcpy(t->rows + node[j] * stride + panel, rows + j * width, width * sizeof(float));
        }
    }
}

/* The edge that example i of the epoch trains on, and the number of negatives drawn into `found`. */
GK_INLINE int32_t gk_negatives(const gk_trainer *t, int64_t i, int64_t *edge, int32_t *found)
{
    *edge = gk_shuffled(i, t->edges, t->key);
    return gk_draw(t, t->child[*edge], gk_mix(t->key ^ gk_mix((uint64_t)i)), found);
}

/* Trains on the examples [begin, end) of the epoch's order. */
GK_CLONES void gk_train(const gk_trainer *t, int64_t begin, int64_t end, void *scratch, gk_progress *progress)
{
    const gk_scratch w = gk_lay_out(t, scratch);
    gk_progress made = *progress;
    for (int64_t i = begin; i < end; i++) {
        int64_t edge;
        const int32_t n = gk_negatives(t, i, &edge, w.node + 1);
        if (n == 0) continue;   /* u is related to everything: nothing to learn from this edge */
        w.node[0] = t->parent[edge];
        if (t->stride == 4) gk_example(t, t->child[edge], n, &w, &made, 4);
        else if (t->stride == 8) gk_example(t, t->child[edge], n, &w, &made, 8);
        else gk_example(t, t->child[edge], n, &w, &made, 16);
    }
    *progress = made;
}

#endif
