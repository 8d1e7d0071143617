/* Edges in any order to compressed rows: two counting sorts, by parent and then by child. Each keeps the order of what
 * is equal, so that the result is sorted by child and then by parent, and of equal edges the first one given comes
 * first.
 */
#ifndef GK_COMPRESS_H
#define GK_COMPRESS_H

#include <stdint.h>

#include "lines.h"

typedef struct {
    int64_t loops, repeated, conflicting, mutual;
} gk_left_out;

/* Turn the numbers of edges from each node, in place[1], place[2], ..., into where these edges begin. */
static inline void gk_accumulate(int64_t *place, int64_t nodes)
{
    for (int64_t u = 0; u < nodes; u++)
        place[u + 1] += place[u];
}

/* Sort by key, which is from->child or from->parent. `place` has nodes + 1 zeros. */
static inline void gk_sort(const gk_edges *from, const int32_t *key, gk_edges *to, int64_t *place, int64_t nodes)
{
    for (int64_t i = 0; i < from->count; i++)
        place[key[i] + 1]++;
    gk_accumulate(place, nodes);
    for (int64_t i = 0; i < from->count; i++) {
        int64_t k = place[key[i]]++;
        to->child[k] = from->child[i];
        to->parent[k] = from->parent[i];
        if (from->weight)
            to->weight[k] = from->weight[i];
    }
    to->count = from->count;
}

/* The place of v among the sorted parents of u, or where it would be. */
static inline int64_t gk_find(const int32_t *parent, int64_t low, int64_t high, int32_t v)
{
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (parent[middle] < v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Take self-loops and all but the first of equal edges out of sorted edges, and count. `first`, nodes + 1 zeros,
 * becomes where the edges of each node begin.
 */
static inline gk_left_out gk_compress(gk_edges *edges, int64_t *first, int64_t nodes)
{
    gk_left_out out = {0, 0, 0, 0};
    int64_t kept = 0;
    for (int64_t i = 0; i < edges->count; i++) {
        int32_t u = edges->child[i], v = edges->parent[i];
        if (u == v) {
            out.loops++;
        } else if (kept > 0 && edges->child[kept - 1] == u && edges->parent[kept - 1] == v) {
            out.repeated++;
            out.conflicting += edges->weight && edges->weight[kept - 1] != edges->weight[i];
        } else {
            edges->child[kept] = u;
            edges->parent[kept] = v;
            if (edges->weight)
                edges->weight[kept] = edges->weight[i];
            first[u + 1]++;
            kept++;
        }
    }
    edges->count = kept;
    gk_accumulate(first, nodes);
    for (int64_t i = 0; i < kept; i++) {
        int32_t u = edges->child[i], v = edges->parent[i];
        if (u < v) {
            int64_t k = gk_find(edges->parent, first[v], first[v + 1], u);
            out.mutual += k < first[v + 1] && edges->parent[k] == u;
        }
    }
    return out;
}

#endif
