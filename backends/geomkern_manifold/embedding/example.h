/* One example: an edge (u, v) with u at x, v at y_0 and negatives at y_1, ..., y_n. Distances, the loss, and the steps
 * of all these points, each from where they all were. Included once for each GK_REAL, with GK_OF(name) for names. */

#include "lanes.h"

GK_INLINE GK_REAL GK_OF(gk_root)(GK_REAL x)
{
    return sizeof(GK_REAL) == sizeof(float) ? (GK_REAL)__builtin_sqrtf((float)x) : (GK_REAL)__builtin_sqrt((double)x);
}

#include "geometry.h"

/* The scratch of one thread. A block is GK_LANES points y; unused lanes of the last one repeat v and have no weight. */
typedef struct {
    GK_REAL *tile;                  /* blocks x stride x lanes: the points y */
    GK_REAL *spare;                 /* 16 x lanes */
    GK_REAL *gap, *pull, *value;    /* factors x lanes: as gk_measure leaves them; then pull takes g / q */
    GK_REAL *cross, *outward;       /* lanes */
    GK_REAL *x, *moved;             /* stride: the point u before and after its step */
    double *part;                   /* factors x lanes: the distance in each factor */
    double *distance, *slope;       /* lanes */
    double *height, *up;            /* lanes */
} GK_OF(gk_scratch);

/* Lays the scratch out from `memory` on, or from nowhere to learn how much of it there has to be. */
GK_INLINE size_t GK_OF(gk_lay_out)(const gk_trainer *t, char *memory, GK_OF(gk_scratch) *w)
{
    const size_t lanes = gk_lanes_for(t), all = lanes * t->factors;
    char *at = memory;
    w->tile = gk_take(&at, lanes * t->stride * sizeof(GK_REAL));
    w->spare = gk_take(&at, 16 * GK_LANES * sizeof(GK_REAL));
    w->gap = gk_take(&at, all * sizeof(GK_REAL));
    w->pull = gk_take(&at, all * sizeof(GK_REAL));
    w->value = gk_take(&at, all * sizeof(GK_REAL));
    w->cross = gk_take(&at, lanes * sizeof(GK_REAL));
    w->outward = gk_take(&at, lanes * sizeof(GK_REAL));
    w->x = gk_take(&at, t->stride * sizeof(GK_REAL));
    w->moved = gk_take(&at, t->stride * sizeof(GK_REAL));
    w->part = gk_take(&at, all * sizeof(double));
    w->distance = gk_take(&at, lanes * sizeof(double));
    w->slope = gk_take(&at, lanes * sizeof(double));
    w->height = gk_take(&at, lanes * sizeof(double));
    w->up = gk_take(&at, lanes * sizeof(double));
    return (size_t)(at - memory);
}

GK_INLINE void GK_OF(gk_fetch_rows)(const gk_trainer *t, const gk_batch *batch, const GK_OF(gk_scratch) *w,
                                    const int width)
{
    const GK_REAL *table = t->rows;
    for (int32_t j = batch->used; j < batch->blocks * GK_LANES; j++) batch->node[j] = batch->node[0];
    for (int32_t block = 0; block < batch->blocks; block++) {
        const int32_t *node = batch->node + block * GK_LANES;
        for (ptrdiff_t panel = 0; panel < t->stride; panel += width) {
            GK_REAL *tile = w->tile + (block * t->stride + panel) * GK_LANES;
            GK_REAL *rows = GK_OF(gk_landing)(tile, w->spare, width);
            for (int j = 0; j < GK_LANES; j++)
                memcpy(rows + j * width, table + node[j] * t->stride + panel, width * sizeof(GK_REAL));
            GK_OF(gk_to_lanes)(tile, w->spare, width);
        }
    }
}

GK_INLINE void GK_OF(gk_store_rows)(const gk_trainer *t, const gk_batch *batch, const GK_OF(gk_scratch) *w,
                                    const int width)
{
    GK_REAL *table = t->rows;
    for (int32_t block = 0; block < batch->blocks; block++) {
        const int32_t *node = batch->node + block * GK_LANES;
        const int32_t left = batch->used - block * GK_LANES, lanes = left < GK_LANES ? left : GK_LANES;
        for (ptrdiff_t panel = 0; panel < t->stride; panel += width) {
            GK_REAL *tile = w->tile + (block * t->stride + panel) * GK_LANES;
            const GK_REAL *rows = GK_OF(gk_landing)(tile, w->spare, width);
            GK_OF(gk_to_rows)(tile, w->spare, width);
            for (int32_t j = 0; j < lanes; j++)
                memcpy(table + node[j] * t->stride + panel, rows + j * width, width * sizeof(GK_REAL));
        }
    }
}

/* The width of a panel is a constant wherever its rows are moved. */
GK_INLINE void GK_OF(gk_fetch)(const gk_trainer *t, const gk_batch *batch, const GK_OF(gk_scratch) *w)
{
    if (t->stride == 4) GK_OF(gk_fetch_rows)(t, batch, w, 4);
    else if (t->stride == 8) GK_OF(gk_fetch_rows)(t, batch, w, 8);
    else GK_OF(gk_fetch_rows)(t, batch, w, 16);
}

GK_INLINE void GK_OF(gk_store)(const gk_trainer *t, const gk_batch *batch, const GK_OF(gk_scratch) *w)
{
    if (t->stride == 4) GK_OF(gk_store_rows)(t, batch, w, 4);
    else if (t->stride == 8) GK_OF(gk_store_rows)(t, batch, w, 8);
    else GK_OF(gk_store_rows)(t, batch, w, 16);
}

/* The softmax loss in one curved factor, where e^{-d} = 1 / (1 + (e + q)) costs no transcendental: turns 1 / q into
 * g / q and returns the loss. */
GK_INLINE double GK_OF(gk_weigh)(const GK_OF(gk_scratch) *w, int32_t used, int32_t blocks)
{
    GK_REAL *GK_RESTRICT weight = w->value, *GK_RESTRICT pull = w->pull;
    const int32_t lanes = blocks * GK_LANES;
    GK_REAL total[GK_LANES] = {0};
    GK_SIMD
    for (int32_t j = 0; j < lanes; j++) weight[j] = 1 / (1 + weight[j]);
    const GK_REAL first = weight[0];
    weight[0] = 0;
    for (int32_t j = used; j < lanes; j++) weight[j] = 0;
    for (const GK_REAL *v = weight; v < weight + lanes; v += GK_LANES) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) total[j] += v[j];
    }
    const GK_REAL others = GK_OF(gk_lane_sum)(total), share = -1 / (first + others);
    weight[0] = -others;    /* 1 - w_0 / sum w, without the difference */
    GK_SIMD
    for (int32_t j = 0; j < lanes; j++) pull[j] *= weight[j] * share;
    return gk_log1p((double)others / (double)first);
}

/* Any loss of the distances, in any product: turns 1 / q into g / q in every factor, and returns the loss. A product
 * has d^2 = sum d_f^2, and so dd / dd_f = d_f / d. No slope moves a point by more than GK_REACH. */
GK_INLINE double GK_OF(gk_judge)(const gk_trainer *t, const GK_OF(gk_scratch) *w, int32_t used, int32_t blocks,
                                 double weight, double step, GK_REAL *up_child)
{
    const int32_t lanes = blocks * GK_LANES, all = (int32_t)gk_lanes_for(t);
    const double limit = GK_REACH / step, times = t->loss.kind == GK_STRESS ? 1.0 : weight;
    double *GK_RESTRICT distance = w->distance, *GK_RESTRICT slope = w->slope, loss;
    for (int32_t j = 0; j < lanes; j++) distance[j] = 0.0;
    for (int32_t i = 0; i < t->factors; i++) {
        const GK_REAL *value = w->value + (ptrdiff_t)i * all;
        double *GK_RESTRICT part = w->part + (ptrdiff_t)i * all;
        const int curved = t->factor[i].kind != GK_EUCLIDEAN;
        GK_SIMD
        for (int32_t j = 0; j < lanes; j++) {
            const double v = value[j], d = gk_log1p(v);
            part[j] = curved ? d : v;
            distance[j] += part[j] * part[j];
        }
    }
    GK_SIMD
    for (int32_t j = 0; j < lanes; j++) distance[j] = __builtin_sqrt(distance[j]);
    switch (t->loss.kind) {
    case GK_LINK: loss = gk_link(&t->loss, distance, slope, w->height, used); break;
    case GK_STRESS: loss = gk_stress(&t->loss, weight, distance, slope, used); break;
    case GK_CONES: {
        const gk_factor *f = t->factor;
        double up_member, member = GK_OF(gk_height)(w->x[f->extra]);
        for (int32_t j = 0; j < used; j++) {
            const ptrdiff_t block = j / GK_LANES * t->stride + f->extra;
            w->height[j] = GK_OF(gk_height)(w->tile[block * GK_LANES + j % GK_LANES]);
        }
        loss = gk_cones(&t->loss, member, w->height, distance, slope, w->up, &up_member, limit / weight, used);
        for (int32_t j = 0; j < lanes; j++) w->outward[j] = (GK_REAL)(j < used ? weight * w->up[j] : 0.0);
        *up_child = (GK_REAL)(weight * up_member);
        break;
    }
    default: loss = gk_softmax(distance, slope, used);
    }
    for (int32_t j = 0; j < lanes; j++) {
        const double g = times * slope[j];
        slope[j] = j >= used ? 0.0 : t->loss.kind == GK_CONES ? g : gk_within(g, limit);
    }
    for (int32_t i = 0; i < t->factors; i++) {
        GK_REAL *GK_RESTRICT pull = w->pull + (ptrdiff_t)i * all;
        const double *GK_RESTRICT part = w->part + (ptrdiff_t)i * all;
        for (int32_t j = 0; j < lanes; j++) {
            const double share = distance[j] > 0.0 ? part[j] / distance[j] : 0.0;
            pull[j] *= (GK_REAL)(slope[j] * (t->factors == 1 ? 1.0 : share));
        }
    }
    return times * loss;
}

/* Trains on one example and returns its loss. */
GK_INLINE double GK_OF(gk_example)(const gk_trainer *t, const gk_batch *batch, const GK_OF(gk_scratch) *w,
                                   double weight, double rate)
{
    GK_REAL *row = (GK_REAL *)t->rows + batch->child * t->stride;
    const ptrdiff_t size = t->stride * GK_LANES, all = (ptrdiff_t)gk_lanes_for(t);
    const int cones = t->loss.kind == GK_CONES;
    const int quick = t->loss.kind == GK_SOFTMAX && t->factors == 1 && t->factor->kind != GK_EUCLIDEAN;
    const GK_REAL step = (GK_REAL)(quick && weight != 1.0 ? gk_least(rate * weight, GK_REACH) : rate);
    GK_REAL up_child = 0;
    double loss;
    memcpy(w->x, row, t->stride * sizeof(GK_REAL));
    memcpy(w->moved, w->x, t->stride * sizeof(GK_REAL));
    GK_OF(gk_fetch)(t, batch, w);
    for (int32_t i = 0; i < t->factors; i++) {
        const gk_factor *f = t->factor + i;
        for (int32_t block = 0; block < batch->blocks; block++) {
            const GK_REAL *tile = w->tile + block * size;
            const ptrdiff_t at = i * all + block * GK_LANES;
            GK_OF(gk_measure)(f->kind, f->dim, tile + f->start * GK_LANES, tile + f->extra * GK_LANES, w->x + f->start,
                              w->x[f->extra], w->gap + at, w->pull + at, w->value + at);
        }
    }
    if (quick) loss = weight * GK_OF(gk_weigh)(w, batch->used, batch->blocks);
    else loss = GK_OF(gk_judge)(t, w, batch->used, batch->blocks, weight, rate, &up_child);
    for (int32_t i = 0; i < t->factors; i++) {
        const gk_factor *f = t->factor + i;
        const GK_REAL outward = cones ? GK_OF(gk_radial)(w->x[f->extra], up_child) : 0;
        GK_OF(gk_move_child)(f, t->room, w->tile, t->stride, batch->blocks, w->x, w->moved, w->gap + i * all,
                             w->pull + i * all, w->cross, outward, step);
        for (int32_t block = 0; block < batch->blocks; block++) {
            GK_REAL *tile = w->tile + block * size, *push = cones ? w->outward + block * GK_LANES : NULL;
            const ptrdiff_t at = i * all + block * GK_LANES;
            for (int j = 0; cones && j < GK_LANES; j++)
                push[j] = GK_OF(gk_radial)(tile[f->extra * GK_LANES + j], push[j]);
            GK_OF(gk_move_block)(f, t->room, tile, w->x, w->gap + at, w->pull + at, push, step);
        }
    }
    memcpy(row, w->moved, t->stride * sizeof(GK_REAL));
    GK_OF(gk_store)(t, batch, w);
    return loss;
}
