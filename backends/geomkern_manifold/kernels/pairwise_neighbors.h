/* The nearest points: the k least keys of each row, found without holding the rows. */
#ifndef GK_PAIRWISE_NEIGHBORS_H
#define GK_PAIRWISE_NEIGHBORS_H

#include <limits.h>

#include "pairwise.h"

/* One neighbour. Neighbours are in the order of their keys, and of their indices where keys are equal. */
typedef struct {
    double key;
    long index;
} gk_neighbor;

GK_INLINE int gk_farther(gk_neighbor a, gk_neighbor b) {
    return a.key > b.key || (a.key == b.key && a.index > b.index);
}

/* Let `placed` sink from the top of a heap of k neighbours, whose farthest is on top. */
GK_INLINE void gk_sink(gk_neighbor *heap, long k, gk_neighbor placed) {
    long at = 0;
    for (long child = 1; child < k; child = 2 * at + 1) {
        if (child + 1 < k && gk_farther(heap[child + 1], heap[child])) child++;
        if (!gk_farther(heap[child], placed)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = placed;
}

/* The k nearest points of the second set for the points of one block of the first, nearest first: distances, and
 * indices. With `others`, a point is not its own neighbour. scratch holds GK_TILE k neighbours. Keys that are NaN come
 * last, in the order of their indices. */
GK_CLONES static void pairwise_nearest(const gk_set *xs, long batch, long block, const gk_set *ys, long k, int others,
                                       char *distances, int64_t *indices, gk_neighbor *scratch) {
    const long first = block * GK_TILE, rows = xs->n - first < GK_TILE ? xs->n - first : GK_TILE;
    const gk_neighbor none = {GK_INF, LONG_MAX};
    double keys[4 * GK_TILE], worst[GK_TILE];
    for (long i = 0; i < GK_TILE * k; i++) scratch[i] = none;
    for (long i = 0; i < GK_TILE; i++) worst[i] = GK_INF;
    for (long other = 0; other < ys->blocks; other++) {
        const long second = other * GK_TILE, columns = ys->n - second < GK_TILE ? ys->n - second : GK_TILE;
        for (long i = 0; i < rows; i += 4) {
            pairwise_keys(xs, batch * xs->blocks + block, i, ys, batch * ys->blocks + other, keys);
            for (long r = i; r < i + 4 && r < rows; r++) {
                const double *row = keys + (r - i) * GK_TILE;
                int closer = 0;
                _Pragma("omp simd reduction(|:closer)")
                for (long l = 0; l < GK_TILE; l++) closer |= !(row[l] >= worst[r]);
                if (GK_LIKELY(!closer)) continue;
                gk_neighbor *heap = scratch + r * k;
                for (long l = 0; l < columns; l++) {
                    gk_neighbor found = {row[l] == row[l] ? row[l] : GK_INF, second + l};
                    if ((others && first + r == second + l) || !gk_farther(heap[0], found)) continue;
                    gk_sink(heap, k, found);
                }
                worst[r] = heap[0].key;
            }
        }
    }
    for (long r = 0; r < rows; r++) {
        gk_neighbor *heap = scratch + r * k;
        const long to = (batch * xs->n + first + r) * k;
        for (long left = k; left > 0; left--) { /* the farthest goes to the end, and the heap shrinks */
            const gk_neighbor farthest = heap[0];
            gk_sink(heap, left - 1, heap[left - 1]);
            heap[left - 1] = farthest;
        }
        for (long at = 0; at < k; at += GK_TILE) {
            const long some = k - at < GK_TILE ? k - at : GK_TILE;
            double near[GK_TILE] = {0};
            float near_floats[GK_TILE];
            for (long l = 0; l < some; l++) {
                near[l] = heap[at + l].key < GK_INF ? heap[at + l].key : GK_NAN;
                indices[to + at + l] = heap[at + l].index;
            }
            if (xs->is_float) {
                pairwise_distances_of_floats(near, xs->c, near_floats);
                memcpy(distances + (to + at) * (long)sizeof(float), near_floats, (size_t)some * sizeof(float));
            } else {
                pairwise_distances_of_doubles(near, xs->c);
                memcpy(distances + (to + at) * (long)sizeof(double), near, (size_t)some * sizeof(double));
            }
        }
    }
}

#endif
