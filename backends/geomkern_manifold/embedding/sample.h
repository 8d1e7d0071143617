/* What an epoch visits and which nodes it draws, as functions of a key and a counter: an epoch can be entered anywhere,
 * by any thread, and nothing has to be stored.
 */
#ifndef GK_SAMPLE_H
#define GK_SAMPLE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "gk_simd.h"

#define GK_DRAWS 16       /* draws made at a time */
#define GK_TRIES 32       /* draws for each negative wanted, before an example makes do with what it found */
#define GK_SCAN_ROW 64    /* rows of parents up to this length are scanned, longer ones searched by bisection */
#define GK_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* A graph as edges sorted by child and then by parent. */
typedef struct {
    const int32_t *child, *parent;    /* the two ends of every edge */
    const int64_t *first;             /* the parents of u are parent[first[u]], ..., parent[first[u + 1] - 1] */
    const uint32_t *keep;             /* the alias table that negatives are drawn from; NULL for all nodes alike */
    const int32_t *alias;
    int64_t edges;
    int32_t nodes;
} gk_graph;

/* The finaliser of splitmix64 (Steele, Lea and Flood, 2014). */
GK_INLINE uint64_t gk_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number below `bound`, at most 2^32, from the upper half of a hash. */
GK_INLINE uint32_t gk_below(uint64_t hash, uint32_t bound)
{
    return (uint32_t)(((hash >> 32) * bound) >> 32);
}

/* The edge that comes at place i of the epoch: a Feistel network on pairs (l, r) of [0, side)^2, side^2 >= edges,
 * walked until it lands among the edges. */
GK_INLINE int64_t gk_shuffled(int64_t i, int64_t edges, uint64_t key)
{
    const uint32_t side = (uint32_t)ceil(sqrt((double)edges));
    do {
        uint32_t l = (uint32_t)(i / side), r = (uint32_t)(i % side);
        for (int round = 0; round < 4; round++) {
            const uint32_t f = l + gk_below(gk_mix(key + (uint64_t)round * GK_GOLDEN + r), side);
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
        const int64_t half = n / 2;
        row = row[half] <= value ? row + half : row;
        n -= half;
    }
    return n == 1 && *row == value;
}

/* Draws up to `wanted` nodes, with replacement, that are neither u nor its parents: uniformly, or by the alias method
 * (Walker, 1977), in which place i stands for node i with probability keep[i] / 2^32 and else for alias[i]. Returns how
 * many it found; `found` has room for GK_DRAWS more than wanted. */
GK_INLINE int32_t gk_draw(const gk_graph *g, int32_t u, int32_t wanted, uint64_t key, int32_t *GK_RESTRICT found)
{
    const int32_t *row = g->parent + g->first[u];
    const int64_t related = g->first[u + 1] - g->first[u], limit = (int64_t)wanted * GK_TRIES;
    int32_t n = 0;
    for (int64_t tries = 0; tries < limit && n < wanted; tries += GK_DRAWS) {
        int32_t node[GK_DRAWS], bad[GK_DRAWS];
        uint64_t hash[GK_DRAWS];
        GK_SIMD
        for (int j = 0; j < GK_DRAWS; j++) {
            hash[j] = gk_mix(key + (uint64_t)(tries + j) * GK_GOLDEN);
            node[j] = (int32_t)gk_below(hash[j], (uint32_t)g->nodes);
        }
        if (g->keep) {
            for (int j = 0; j < GK_DRAWS; j++)
                node[j] = (uint32_t)hash[j] < g->keep[node[j]] ? node[j] : g->alias[node[j]];
        }
        GK_SIMD
        for (int j = 0; j < GK_DRAWS; j++) bad[j] = node[j] == u;
        if (related <= GK_SCAN_ROW) {
            for (int64_t k = 0; k < related; k++) {
                GK_SIMD
                for (int j = 0; j < GK_DRAWS; j++) bad[j] |= node[j] == row[k];
            }
        } else {
            for (int j = 0; j < GK_DRAWS; j++) bad[j] |= gk_contains(row, related, node[j]);
        }
        for (int j = 0; j < GK_DRAWS; j++) {
            found[n] = node[j];
            n += !bad[j];
        }
    }
    return n < wanted ? n : wanted;
}

/* What the draws of example i of the epoch follow from. */
GK_INLINE uint64_t gk_key_of(uint64_t key, int64_t i)
{
    return gk_mix(key ^ gk_mix((uint64_t)i));
}

#endif
