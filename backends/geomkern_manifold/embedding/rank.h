/* The ranks of given nodes (the targets) by their distance from a node (the child), exactly, without a sort.
 *
 * Nodes are compared by a key in double precision that grows with the distance from the child. A space is a product of
 * factors, each with some of the coordinates and with one weight g for each node. With s = |x - y|^2 in a factor,
 *
 *     one factor    key = s g_y                  ball: g = 1 / (1 - |y|^2), which leaves out what depends on x alone;
 *                                                flat: g = 1
 *     several       key = sum of r t             curved: t = asinh(sqrt(s g_x g_y))^2, r = (2 scale)^2 / c;
 *                                                flat: t = s, r = scale^2
 *
 * The thresholds of a child are the keys of its targets, in order. All that is wanted is how many nodes have a key
 * below each; the child itself, whose key is 0, is always one of them.
 *
 * The nodes lie in groups of GK_GROUP, the coordinates of a group side by side. Of one factor there is a copy in floats
 * beside it, which settles nearly everything: a group in which no node can be as near as the farthest target needs no
 * keys. With coordinates scaled so that the largest norm X is at most 1, and their rounding, the floats have the
 * distance sqrt(s) with an absolute error of 2^-23 X and a relative one of (dim + 4) 2^-25, and
 *
 *     s g_y <= t   <=>   sqrt(s) <= sqrt(t / g_min) sqrt(g_min / g_y) = reach limit_y
 *
 * so that a node for which the float s > (reach limit_y + slack)^2 is farther. The bounds are rounded up, and a
 * comparison that fails because of an overflow or a NaN means that the keys decide. The filter therefore changes the
 * time and never the result, which is made of counts that are the same on every instruction set and in every order.
 */
#ifndef GK_RANK_H
#define GK_RANK_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gk_math.h"
#include "gk_simd.h"

#define GK_GROUP 32
#define GK_BLOCK 64             /* children worked on together: a multiple of 4 */
#define GK_FEW 64               /* the most thresholds that are gone through one by one */
#define GK_PANEL 16             /* groups that stay in the cache while all children of a block pass over them */

typedef double gk_eight __attribute__((vector_size(64), aligned(8), may_alias));
typedef float gk_sixteen __attribute__((vector_size(64), aligned(4), may_alias));

typedef struct {
    const double *keyed;       /* groups x (dim + factors) x GK_GROUP: coordinates, then weights */
    const float *rough;        /* groups x (dim + 1) x GK_GROUP: coordinates, then limits; NULL: there is no filter */
    int64_t groups;
    int32_t dim, factors;
    const int32_t *width;      /* factors: how many coordinates each has */
    const int32_t *curved;
    const double *ruler;
    double to_rough, to_reach; /* factors for coordinates and for the root of a key, the latter with the margin */
    float slack;
} gk_space;

typedef struct {
    const int32_t *child;
    const int64_t *first, *first_left_out; /* of each child: where its targets and the nodes left out begin */
    const int32_t *target, *left_out;
    int32_t *nearer;           /* of each target: how many nodes are as near, itself included, but not those left out */
    int32_t *found;            /* how many of these are targets */
    double *precision;         /* of each child: the mean of found / nearer */
} gk_ranking;

typedef struct {
    double key;
    int64_t place;
} gk_threshold;

typedef struct {
    double *x;                 /* GK_BLOCK x (dim + factors) */
    double *gathered;          /* (dim + factors) x GK_GROUP */
    double *keys;              /* GK_PANEL x GK_GROUP */
    double *threshold;         /* of all children of the block, one child's after the other's, each in order */
    int64_t *count, *left_out; /* for each threshold */
    gk_threshold *sorted;
    float *rough;              /* GK_BLOCK / 4 x dim x 4 */
    float reach[GK_BLOCK];
} gk_scratch;

static inline size_t gk_scratch_bytes(const gk_space *space, int64_t targets)
{
    const size_t row = (size_t)space->dim + space->factors;
    return ((GK_BLOCK + GK_GROUP) * row + GK_PANEL * GK_GROUP + 5 * (size_t)targets + 8) * sizeof(double)
        + GK_BLOCK * (size_t)space->dim * sizeof(float);
}

static inline gk_scratch gk_lay_out(const gk_space *space, int64_t targets, void *memory)
{
    const size_t row = (size_t)space->dim + space->factors;
    gk_scratch w;
    w.gathered = (double *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    w.keys = w.gathered + GK_GROUP * row;
    w.x = w.keys + GK_PANEL * GK_GROUP;
    w.threshold = w.x + GK_BLOCK * row;
    w.count = (int64_t *)(w.threshold + targets);
    w.left_out = w.count + targets;
    w.sorted = (gk_threshold *)(w.left_out + targets);
    w.rough = (float *)(w.sorted + targets);
    return w;
}

/* ------------------------------------------------------------------------------------------------------- keys --- */

/* |x - y|^2 over some coordinates, for all y of a group. The coordinates are added in order, whatever the vectors. */
GK_INLINE void gk_squares(const double *x, const double *tile, int32_t dim, double *s)
{
    gk_eight s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (int32_t k = 0; k < dim; k++, tile += GK_GROUP) {
        const gk_eight e0 = *(const gk_eight *)tile - x[k], e1 = *(const gk_eight *)(tile + 8) - x[k];
        const gk_eight e2 = *(const gk_eight *)(tile + 16) - x[k], e3 = *(const gk_eight *)(tile + 24) - x[k];
        s0 += e0 * e0, s1 += e1 * e1, s2 += e2 * e2, s3 += e3 * e3;
    }
    *(gk_eight *)s = s0, *(gk_eight *)(s + 8) = s1, *(gk_eight *)(s + 16) = s2, *(gk_eight *)(s + 24) = s3;
}

GK_INLINE void gk_keys(const gk_space *space, const double *x, const double *tile, double *GK_RESTRICT keys)
{
    const double *weight = tile + (ptrdiff_t)space->dim * GK_GROUP, *own = x + space->dim;
    if (space->factors == 1) {
        gk_squares(x, tile, space->dim, keys);
        GK_SIMD
        for (int l = 0; l < GK_GROUP; l++) keys[l] *= weight[l];
        return;
    }
    double s[GK_GROUP];
    for (int l = 0; l < GK_GROUP; l++) keys[l] = 0.0;
    for (int32_t f = 0; f < space->factors; f++, weight += GK_GROUP) {
        const double ruler = space->ruler[f], g = own[f];
        gk_squares(x, tile, space->width[f], s);
        if (space->curved[f]) {
            GK_SIMD
            for (int l = 0; l < GK_GROUP; l++) {
                const double arc = gk_asinh(__builtin_sqrt(s[l] * g * weight[l]));
                keys[l] += ruler * (arc * arc);
            }
        } else {
            GK_SIMD
            for (int l = 0; l < GK_GROUP; l++) keys[l] += ruler * s[l];
        }
        x += space->width[f], tile += (ptrdiff_t)space->width[f] * GK_GROUP;
    }
}

GK_INLINE const double *gk_place(const gk_space *space, int64_t node)
{
    return space->keyed + node / GK_GROUP * (space->dim + space->factors) * GK_GROUP + node % GK_GROUP;
}

/* The keys of up to GK_GROUP nodes that lie anywhere. */
GK_INLINE void gk_keys_of(const gk_space *space, const double *x, const int32_t *node, int64_t nodes, double *gathered,
                          double *keys)
{
    for (int64_t l = 0; l < GK_GROUP; l++) {
        const double *y = gk_place(space, node[l < nodes ? l : 0]);
        for (ptrdiff_t k = 0; k < space->dim + space->factors; k++) gathered[k * GK_GROUP + l] = y[k * GK_GROUP];
    }
    gk_keys(space, x, gathered, keys);
}

/* ------------------------------------------------------------------------------------------------- thresholds --- */

static int gk_compare(const void *a, const void *b)
{
    const gk_threshold *p = (const gk_threshold *)a, *q = (const gk_threshold *)b;
    return (p->key > q->key) - (p->key < q->key);
}

/* The first threshold that is not below the key. */
GK_INLINE int64_t gk_bisect(const double *threshold, int64_t n, double key)
{
    int64_t low = 0;
    while (n > 0) {
        const int64_t half = n / 2;
        const int below = threshold[low + half] < key;
        low = below ? low + half + 1 : low;
        n = below ? n - half - 1 : half;
    }
    return low;
}

/* How many keys of some groups are not beyond t. The quarters are counted side by side: one sum would wait for
 * itself. */
GK_INLINE int64_t gk_count_near(const double *keys, int64_t n_keys, double t)
{
    const int64_t n = n_keys / 4;
    int64_t n0 = 0, n1 = 0, n2 = 0, n3 = 0;
    _Pragma("omp simd reduction(+:n0, n1, n2, n3)")
    for (int64_t l = 0; l < n; l++) {
        n0 += keys[l] <= t;
        n1 += keys[l + n] <= t;
        n2 += keys[l + 2 * n] <= t;
        n3 += keys[l + 3 * n] <= t;
    }
    return n0 + n1 + n2 + n3;
}

/* Counts the keys of some groups: of a few thresholds, how many keys are not beyond each, from the farthest on until
 * there are none; of many, how many keys each is the first for. */
GK_INLINE void gk_count(const double *keys, int64_t n_keys, const double *threshold, int64_t n, int64_t *count)
{
    if (n <= GK_FEW) {
        for (int64_t j = n - 1; j >= 0; j--) {
            const int64_t nearer = gk_count_near(keys, n_keys, threshold[j]);
            if (nearer == 0) break;
            count[j] += nearer;
        }
    } else {
        const double t = threshold[n - 1];
        for (int64_t l = 0; l < n_keys; l++)
            if (keys[l] <= t) count[gk_bisect(threshold, n, keys[l])]++;
    }
}

/* ----------------------------------------------------------------------------------------------------- filter --- */

/* Which of four children, one to a bit, may have a node of the group as near as their farthest target. */
GK_INLINE int gk_near(const float *x, const float *tile, int32_t dim, const float *reach, float slack)
{
    int near[16] = {0}, any = 0;
    for (int half = 0; half < GK_GROUP; half += 16) {
        const float *limit = tile + (ptrdiff_t)dim * GK_GROUP + half;
        gk_sixteen s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (int32_t k = 0; k < dim; k++) {
            const gk_sixteen y = *(const gk_sixteen *)(tile + (ptrdiff_t)k * GK_GROUP + half);
            const gk_sixteen e0 = y - x[4 * k], e1 = y - x[4 * k + 1], e2 = y - x[4 * k + 2], e3 = y - x[4 * k + 3];
            s0 += e0 * e0, s1 += e1 * e1, s2 += e2 * e2, s3 += e3 * e3;
        }
        GK_SIMD
        for (int l = 0; l < 16; l++) {
            const float bound0 = limit[l] * reach[0] + slack, bound1 = limit[l] * reach[1] + slack;
            const float bound2 = limit[l] * reach[2] + slack, bound3 = limit[l] * reach[3] + slack;
            near[l] |= (s0[l] > bound0 * bound0 ? 0 : 1) | (s1[l] > bound1 * bound1 ? 0 : 2)
                | (s2[l] > bound2 * bound2 ? 0 : 4) | (s3[l] > bound3 * bound3 ? 0 : 8);
        }
    }
    _Pragma("omp simd reduction(|:any)")
    for (int l = 0; l < 16; l++) any |= near[l];
    return any;
}

/* ------------------------------------------------------------------------------------------------------ ranks --- */

/* Lays out the coordinates and the thresholds of child number i of a block. */
GK_INLINE void gk_prepare(const gk_space *space, const gk_ranking *r, int64_t begin, int64_t i, gk_scratch *w)
{
    const int32_t row = space->dim + space->factors;
    const int64_t first = r->first[begin + i], targets = r->first[begin + i + 1] - first;
    const int64_t at = first - r->first[begin];
    const double *place = gk_place(space, r->child[begin + i]);
    double *x = w->x + i * row, *keys = w->keys;
    for (int32_t k = 0; k < row; k++) x[k] = place[(ptrdiff_t)k * GK_GROUP];
    for (int64_t done = 0; done < targets; done += GK_GROUP) {
        const int64_t some = targets - done < GK_GROUP ? targets - done : GK_GROUP;
        gk_keys_of(space, x, r->target + first + done, some, w->gathered, keys);
        for (int64_t l = 0; l < some; l++)
            w->sorted[at + done + l] = (gk_threshold){keys[l], first + done + l};
    }
    qsort(w->sorted + at, (size_t)targets, sizeof(gk_threshold), gk_compare);
    for (int64_t j = at; j < at + targets; j++) {
        w->threshold[j] = w->sorted[j].key;
        w->count[j] = w->left_out[j] = 0;
    }
    const int64_t last = r->first_left_out[begin + i + 1];
    for (int64_t done = r->first_left_out[begin + i]; done < last; done += GK_GROUP) {
        const int64_t some = last - done < GK_GROUP ? last - done : GK_GROUP;
        gk_keys_of(space, x, r->left_out + done, some, w->gathered, keys);
        for (int64_t l = 0; l < some; l++)
            if (keys[l] <= w->threshold[at + targets - 1])
                w->left_out[at + gk_bisect(w->threshold + at, targets, keys[l])]++;
    }
    if (space->rough == NULL) return;
    for (int32_t k = 0; k < space->dim; k++)
        w->rough[(i / 4 * space->dim + k) * 4 + i % 4] = (float)(x[k] * space->to_rough);
    w->reach[i] = (float)(sqrt(w->threshold[at + targets - 1]) * space->to_reach);
}

/* Passes the groups of a panel by four children, or the `some` of them that there are. */
GK_INLINE void gk_pass(const gk_space *space, const gk_ranking *r, int64_t begin, int64_t i, int some, int64_t from,
                       int64_t to, gk_scratch *w)
{
    const int32_t row = space->dim + space->factors;
    const ptrdiff_t keyed = (ptrdiff_t)row * GK_GROUP, rough = (ptrdiff_t)(space->dim + 1) * GK_GROUP;
    unsigned char near[GK_PANEL];
    int any = 0;
    for (int64_t group = from; group < to; group++) {
        near[group - from] = space->rough == NULL ? 15 : gk_near(
            w->rough + i * space->dim, space->rough + group * rough, space->dim, w->reach + i, space->slack);
        any |= near[group - from];
    }
    for (int m = 0; m < some; m++) {
        const int64_t first = r->first[begin + i + m], at = first - r->first[begin];
        int64_t keys = 0;
        if (!(any >> m & 1)) continue;
        for (int64_t group = from; group < to; group++) {
            if (!(near[group - from] >> m & 1)) continue;
            gk_keys(space, w->x + (i + m) * row, space->keyed + group * keyed, w->keys + keys);
            keys += GK_GROUP;
        }
        gk_count(w->keys, keys, w->threshold + at, r->first[begin + i + m + 1] - first, w->count + at);
    }
}

/* From the counts of a child to the results. */
GK_INLINE void gk_conclude(const gk_ranking *r, int64_t begin, int64_t i, const gk_scratch *w)
{
    const int64_t at = r->first[begin + i] - r->first[begin], targets = r->first[begin + i + 1] - r->first[begin + i];
    const double *threshold = w->threshold + at;
    int64_t counted = 0, left_out = 0, found = 0;
    double precision = 0.0;
    for (int64_t j = 0; j < targets; j++) {
        counted = targets <= GK_FEW ? w->count[at + j] : counted + w->count[at + j];
        left_out += w->left_out[at + j];
        while (found < targets && threshold[found] <= threshold[j]) found++;
        const int64_t nearer = counted - left_out - 1, place = w->sorted[at + j].place;
        r->nearer[place] = (int32_t)nearer;
        r->found[place] = (int32_t)found;
        precision += (double)found / (double)nearer;
    }
    r->precision[begin + i] = precision / (double)targets;
}

/* Ranks the targets of the children [begin, end), GK_BLOCK at most. Each child has a target, and nobody is among its
 * own targets or among those left out for it, nor is anything both. */
GK_CLONES void gk_rank(const gk_space *space, const gk_ranking *r, int64_t begin, int64_t end, void *scratch)
{
    gk_scratch w = gk_lay_out(space, r->first[end] - r->first[begin], scratch);
    for (int64_t i = 0; i < GK_BLOCK; i++) w.reach[i] = 0.0f;
    memset(w.rough, 0, GK_BLOCK * (size_t)space->dim * sizeof(float));
    for (int64_t i = 0; i < end - begin; i++) gk_prepare(space, r, begin, i, &w);
    for (int64_t from = 0; from < space->groups; from += GK_PANEL) {
        const int64_t to = from + GK_PANEL < space->groups ? from + GK_PANEL : space->groups;
        for (int64_t i = 0; i < end - begin; i += 4)
            gk_pass(space, r, begin, i, end - begin - i < 4 ? (int)(end - begin - i) : 4, from, to, &w);
    }
    for (int64_t i = 0; i < end - begin; i++) gk_conclude(r, begin, i, &w);
}

#endif
