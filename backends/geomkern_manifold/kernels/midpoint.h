/* The Einstein midpoint of sets of points: the weighted sum of the points of the hyperboloid, scaled back onto it
 * (Ungar 2008; Law et al. 2019). Curvature -c.
 *
 * In units of the radius of curvature a point of the hyperboloid is (t, sqrt(c) z), t^2 - c|z|^2 = 1, and in each chart
 * z = alpha x:
 *   ball     alpha = 2/a, t = 2/a - 1, x = z/(1 + t), a = 1 - c|x|^2 (for c < 0 this is stereographic projection)
 *   Lorentz  alpha = 1, t = sqrt(1 + c|x|^2)
 *   Klein    alpha = t = 1/sqrt(a), x = z/t
 * With S = sum w z, Q = sum w t and N = Q^2 - c|S|^2 the midpoint is (Q, sqrt(c) S)/sqrt N. N cancels where the points
 * lie far from the origin; with the unit vector u along S it is
 *   N = (Q + sqrt(c)|S|) sum w l,  l = t - sqrt(c)<z, u> = (1 + c|z - <z,u>u|^2)/(t + sqrt(c)<z, u>),
 * whose terms are positive, and of which none cancels (where <z, u> < 0 the first form does not).
 */
#ifndef GK_MIDPOINT_H
#define GK_MIDPOINT_H

#include "domains.h"
#include "row_sets.h"

enum { MIDPOINT_BALL, MIDPOINT_LORENTZ, MIDPOINT_KLEIN };

/* A set, and what is known of its midpoint. `bad_row` is the first point outside the chart, or -1. */
typedef struct {
    int chart;
    gk_set points;
    double c;
    double *scratch, *sum, *at, *low, *along, *upstream; /* d numbers each, but for the first: two blocks */
    double times, root, gap, mm;                         /* Q, sqrt N, 1 - c|m|^2 in the ball, |m|^2 */
    long bad_row;
    double bad_value;
} midpoint_job;

/* alpha, t, |x|^2 and, in a ball, a of the rows of the block. */
#define MIDPOINT_LIFT(x)                                                                                               \
    gk_scalars c, gap, square, alpha, t;                                                                               \
    for (long i = 0; i < GK_BLOCK; i++) c[i] = job->c;                                                                 \
    GK_SUM(square, GK_AT(x) * GK_AT(x));                                                                               \
    if (chart != MIDPOINT_LORENTZ) {                                                                                   \
        GK_GAP_OF(gap, square, c, x);                                                                                  \
        gk_inside(block, 0, gap);                                                                                      \
    }                                                                                                                  \
    GK_SCALARS {                                                                                                       \
        double by = chart == MIDPOINT_BALL ? 2.0 / gap[i] : 1.0 / __builtin_sqrt(gap[i]);                              \
        alpha[i] = chart == MIDPOINT_LORENTZ ? 1.0 : by;                                                               \
        t[i] = chart == MIDPOINT_LORENTZ ? __builtin_sqrt(1.0 + c[i] * square[i])                                      \
               : chart == MIDPOINT_BALL  ? by - 1.0                                                                    \
                                         : by;                                                                         \
    }                                                                                                                  \
    for (long i = block->lanes; i < GK_BLOCK; i++) alpha[i] = t[i] = 1.0;                                              \
    (void)alpha

/* Add the block to S and Q. */
GK_INLINE void midpoint_add(const int chart, const int columns, midpoint_job *job, long first) {
    gk_vec x;
    gk_scalars weights, of_x, of_t;
    gk_block loaded = gk_load_set(&job->points, first, job->scratch, &x, weights), *block = &loaded;
    MIDPOINT_LIFT(x);
    for (long i = 0; i < GK_BLOCK; i++) of_x[i] = weights[i] * alpha[i], of_t[i] = weights[i] * t[i];
    GK_GATHER(job->sum, GK_OF(of_x) * GK_AT(x));
    job->times += gk_total(block, of_t);
    if (block->bad_operand >= 0 && job->bad_row < 0)
        job->bad_row = first + block->bad_row, job->bad_value = block->bad_value;
}

/* The share of the block in sum w l. What is left across u may be far shorter than x: it is rounded once. */
#define MIDPOINT_ACROSS(v, along, u) GK_FMA((gk_lane){0} - GK_OF(along), GK_ALONG(u), v)
GK_INLINE double midpoint_light(const int chart, const int columns, midpoint_job *job, long first) {
    gk_vec x;
    gk_scalars weights, along, across, light;
    gk_block loaded = gk_load_set(&job->points, first, job->scratch, &x, weights), *block = &loaded;
    MIDPOINT_LIFT(x);
    GK_SUM(along, GK_AT(x) * GK_ALONG(job->along));
    GK_SUM(across, MIDPOINT_ACROSS(GK_AT(x), along, job->along) * MIDPOINT_ACROSS(GK_AT(x), along, job->along));
    GK_SCALARS {
        double z = __builtin_sqrt(c[i]) * alpha[i] * along[i], off = c[i] * alpha[i] * alpha[i] * across[i];
        light[i] = weights[i] * (z > 0.0 ? (1.0 + off) / (t[i] + z) : t[i] - z);
    }
    return gk_total(block, light);
}

/* Where the gradient of the midpoint m goes, for the upstream gradient g. In the ball, with delta = x - m,
 * s = c|delta|^2, a = 1 - c|m|^2, b = 1 - c|x|^2: the midpoint is where the sum of w psi, psi = (a delta - s m)/b, the
 * direction of log_m(x) times sinh, vanishes, and there its derivative in m is -sqrt(N) times the identity. So with
 * y = g/sqrt N
 *   L_x = w/b (a y - 2c<m,y> delta + 2c<psi,y> x),   L_w = <psi, y>,
 *   L_c = sum w/b (|x|^2 <psi,y> - |m|^2 <delta,y> - |delta|^2 <m,y>).
 * In Klein's chart m = sum w t x/Q, and with q = <g, delta>
 *   L_x = w t/Q (g + c t^2 q x),   L_w = t q/Q,   L_c = sum w t^3 |x|^2 q/(2Q).
 * In Lorentz's, with tau the t of m,
 *   L_x = w/sqrt(N) (g + c<g,m> (m - tau/t x)),   L_w = <psi, g>/sqrt N,   psi = x - (t tau - c<x, m>) m.
 * Split along m, x = xi m + x', these are m - tau/t x = kappa m - tau/t x' and psi = x' - t tau kappa m, where
 *   kappa = 1 - xi tau/t = ((1 - xi)(1 + xi) + c|x'|^2)/(t (t + xi tau)), 1 - xi = -<delta, m>/|m|^2, if xi > 0.
 * L_c there takes sum w |x|^2/t and sum w/t.
 *
 * Far from the origin the rounding of m is not small beside delta. What it took, m_low, is the sum of w psi at the
 * rounded m over sqrt N (Q in Klein's chart, psi = t delta), and delta is taken from both parts. */
typedef struct {
    char *of_x;
    double *of_w;
    double of_c, flat, my; /* in Lorentz's chart of_c collects sum w/t, and flat sum w|x|^2/t; my = <m, y> */
} midpoint_gradients;

#define MIDPOINT_DELTA(x) ((GK_AT(x) - GK_ALONG(m)) - GK_ALONG(low))

/* delta, or in Lorentz's chart x - xi m, whose part along m, rest times m, is a rounding; there xi, part = xi - 1 and
 * kappa too. */
#define MIDPOINT_ASIDE(x)                                                                                              \
    (chart == MIDPOINT_LORENTZ                                                                                         \
         ? (gk_lane)MIDPOINT_ACROSS(MIDPOINT_ACROSS(GK_AT(x) - GK_ALONG(m), xi, low), part, m)                         \
         : (gk_lane)MIDPOINT_DELTA(x))
#define MIDPOINT_SPLIT(x)                                                                                              \
    gk_scalars part, xi, rest, aside, kappa;                                                                           \
    for (long i = 0; i < GK_BLOCK; i++) part[i] = xi[i] = rest[i] = kappa[i] = 0.0;                                    \
    if (chart == MIDPOINT_LORENTZ) {                                                                                   \
        GK_SUM(part, MIDPOINT_DELTA(x) * GK_ALONG(m));                                                                 \
        GK_SCALARS {                                                                                                   \
            part[i] = job->mm > 0.0 ? part[i] / job->mm : 0.0;                                                         \
            xi[i] = 1.0 + part[i];                                                                                     \
        }                                                                                                              \
    }                                                                                                                  \
    GK_SUM(aside, MIDPOINT_ASIDE(x) * MIDPOINT_ASIDE(x));                                                              \
    if (chart == MIDPOINT_LORENTZ) {                                                                                   \
        GK_SUM(rest, MIDPOINT_ASIDE(x) * GK_ALONG(m));                                                                 \
        GK_SCALARS {                                                                                                   \
            rest[i] = job->mm > 0.0 ? rest[i] / job->mm : 0.0;                                                         \
            double onward = part[i] + rest[i], across = aside[i] - rest[i] * rest[i] * job->mm;                        \
            double near = (c[i] * across - onward * (2.0 + onward)) / (t[i] * (t[i] + (1.0 + onward) * tau));          \
            kappa[i] = xi[i] > 0.0 ? near : 1.0 - xi[i] * tau / t[i];                                                  \
        }                                                                                                              \
    }

/* Add the block to the sum of w psi at m, whose 1 - c|m|^2 is `gap_at`. */
GK_INLINE void midpoint_refine(const int chart, const int columns, midpoint_job *job, long first, double gap_at,
                               double *to) {
    gk_vec x;
    gk_scalars weights, of_d, of_m;
    const double *m = job->at, *low = job->low, tau = job->times / job->root;
    gk_block loaded = gk_load_set(&job->points, first, job->scratch, &x, weights), *block = &loaded;
    MIDPOINT_LIFT(x);
    MIDPOINT_SPLIT(x);
    for (long i = block->lanes; i < GK_BLOCK; i++) of_d[i] = of_m[i] = 0.0;
    GK_SCALARS {
        double k = chart == MIDPOINT_BALL ? weights[i] / gap[i] : weights[i];
        of_d[i] = chart == MIDPOINT_BALL ? k * gap_at : chart == MIDPOINT_KLEIN ? k * t[i] : k;
        of_m[i] = chart == MIDPOINT_BALL ? -k * c[i] * aside[i]
                  : chart == MIDPOINT_KLEIN ? 0.0
                                            : -k * (t[i] * tau * kappa[i] + rest[i]);
    }
    GK_GATHER(to, GK_OF(of_d) * MIDPOINT_ASIDE(x) + GK_OF(of_m) * GK_ALONG(m));
}

GK_INLINE void midpoint_back(const int chart, const int columns, midpoint_job *job, long first,
                             midpoint_gradients *to) {
    gk_vec x, out;
    gk_scalars weights, dy, k_y, k_d, k_x, k_m, share, of_c;
    const double *m = job->at, *low = job->low, *y = job->upstream, my = to->my, tau = job->times / job->root;
    gk_block loaded = gk_load_set(&job->points, first, job->scratch, &x, weights), *block = &loaded;
    gk_open_rows(block, to->of_x, job->points.is_float, first, job->scratch + gk_set_room(block->d), &out);
    MIDPOINT_LIFT(x);
    MIDPOINT_SPLIT(x);
    GK_SUM(dy, GK_ALONG(y) * MIDPOINT_ASIDE(x));
    for (long i = block->lanes; i < GK_BLOCK; i++) k_y[i] = k_d[i] = k_x[i] = k_m[i] = 0.0;
    GK_SCALARS {
        if (chart == MIDPOINT_BALL) {
            double b = gap[i], psi = (job->gap * dy[i] - c[i] * aside[i] * my) / b, k = weights[i] / b;
            k_y[i] = k * job->gap;
            k_d[i] = -2.0 * c[i] * k * my;
            k_x[i] = 2.0 * c[i] * k * psi;
            k_m[i] = 0.0;
            share[i] = psi;
            of_c[i] = k * (square[i] * psi - job->mm * dy[i] - aside[i] * my);
        } else if (chart == MIDPOINT_KLEIN) {
            double k = weights[i] * t[i], steep = t[i] * t[i] * dy[i];
            k_y[i] = k;
            k_d[i] = k_m[i] = 0.0;
            k_x[i] = k * c[i] * steep;
            share[i] = t[i] * dy[i];
            of_c[i] = 0.5 * k * square[i] * steep;
        } else {
            double k = weights[i] * c[i] * my;
            k_y[i] = weights[i];
            k_d[i] = -k * tau / t[i];
            k_x[i] = 0.0;
            k_m[i] = k * kappa[i] - k_d[i] * rest[i];
            share[i] = dy[i] - my * (t[i] * tau * kappa[i] + rest[i]);
            of_c[i] = weights[i] / t[i];
        }
    }
    to->of_c += gk_total(block, of_c);
    if (to->of_w)
        for (long i = 0; i < block->rows; i++) to->of_w[first + i] = share[i];
    GK_SCALARS share[i] = weights[i] * square[i] / t[i];
    to->flat += gk_total(block, share);
    {
        typedef double gk_scalar_lane;
        GK_COMBINE(out, k_y[i] * y[j] + k_d[i] * MIDPOINT_ASIDE(x) + k_x[i] * GK_AT(x) + k_m[i] * m[j]);
    }
    gk_store_rows(block, to->of_x, job->points.is_float, first, &out);
}

/* A phase on one block, compiled for each chart and layout. */
#define MIDPOINT_EACH(BODY, columns, ...)                                                                              \
    (job->chart == MIDPOINT_BALL      ? BODY(MIDPOINT_BALL, columns, job, __VA_ARGS__)                                 \
     : job->chart == MIDPOINT_LORENTZ ? BODY(MIDPOINT_LORENTZ, columns, job, __VA_ARGS__)                              \
                                      : BODY(MIDPOINT_KLEIN, columns, job, __VA_ARGS__))
#define MIDPOINT_PHASE(BODY, ...)                                                                                      \
    (job->points.d <= GK_NARROW ? MIDPOINT_EACH(BODY, 1, __VA_ARGS__) : MIDPOINT_EACH(BODY, 0, __VA_ARGS__))

GK_CLONES static void midpoint_add_block(midpoint_job *job, long first) { MIDPOINT_PHASE(midpoint_add, first); }
GK_CLONES static double midpoint_light_block(midpoint_job *job, long first) {
    return MIDPOINT_PHASE(midpoint_light, first);
}
GK_CLONES static void midpoint_refine_block(midpoint_job *job, long first, double gap_at, double *to) {
    MIDPOINT_PHASE(midpoint_refine, first, gap_at, to);
}
GK_CLONES static void midpoint_back_block(midpoint_job *job, long first, midpoint_gradients *to) {
    MIDPOINT_PHASE(midpoint_back, first, to);
}

/* The midpoint, in job->at. */
static void midpoint_find(midpoint_job *job) {
    const long d = job->points.d, step = gk_set_rows(d);
    const double root_c = __builtin_sqrt(job->c);
    memset(job->sum, 0, sizeof(double) * (size_t)d);
    job->times = 0.0, job->bad_row = -1;
    for (long at = 0; at < job->points.n; at += step) midpoint_add_block(job, at);
    double largest = 0.0;
    for (long j = 0; j < d; j++)
        largest = __builtin_fabs(job->sum[j]) <= largest ? largest : __builtin_fabs(job->sum[j]);
    const double size = largest > 0.0 ? gk_stored_norm((const char *)job->sum, 0, d) : largest,
                 square = job->times * job->times;
    double N = square - job->c * size * size;
    if (job->c > 0.0 && N < 0.5 * square && job->chart != MIDPOINT_KLEIN) {
        double light = 0.0;
        for (long j = 0; j < d; j++) job->along[j] = job->sum[j] / size;
        for (long at = 0; at < job->points.n; at += step) light += midpoint_light_block(job, at);
        N = (job->times + root_c * size) * light;
    }
    job->root = __builtin_sqrt(N);
    job->gap = 2.0 * job->root / (job->times + job->root);
    const double below = job->chart == MIDPOINT_BALL      ? job->times + job->root
                         : job->chart == MIDPOINT_LORENTZ ? job->root
                                                          : job->times;
    job->mm = 0.0;
    for (long j = 0; j < d; j++) {
        job->at[j] = job->sum[j] / below;
        job->mm += job->at[j] * job->at[j];
    }
}

/* Gradients, given that of the midpoint in job->upstream. */
static void midpoint_find_back(midpoint_job *job, midpoint_gradients *to) {
    const long d = job->points.d, step = gk_set_rows(d);
    midpoint_find(job);
    const double below = job->chart == MIDPOINT_KLEIN ? job->times : job->root;
    to->of_c = to->flat = to->my = 0.0;
    memset(job->low, 0, sizeof(double) * (size_t)d);
    if (!(job->times <= 2.0 * job->root)) {
        const double gap_at = job->chart == MIDPOINT_BALL ? gk_stored_gap((const char *)job->at, 0, d, job->c) : 1.0;
        memset(job->sum, 0, sizeof(double) * (size_t)d);
        for (long at = 0; at < job->points.n; at += step) midpoint_refine_block(job, at, gap_at, job->sum);
        for (long j = 0; j < d; j++) job->low[j] = job->sum[j] / below;
    }
    for (long j = 0; j < d; j++) {
        job->upstream[j] /= below;
        to->my += job->at[j] * job->upstream[j];
    }
    for (long at = 0; at < job->points.n; at += step) midpoint_back_block(job, at, to);
    if (job->chart == MIDPOINT_LORENTZ) {
        /* d/dc log sqrt(N) = (Q sum w|x|^2/t - |S|^2)/(2N) = (N - Q sum w/t)/(2cN), one near the origin and one far */
        double N = job->root * job->root, SS = job->mm * N, near = job->times * to->flat - SS;
        double far = (N - job->times * to->of_c) / job->c;
        to->of_c = -to->my * (job->c * SS < 0.5 * N ? near : far) / (2.0 * job->root);
    }
}

/* Sets [first, last) of a batch. Steps are numbers of elements from one set to the next. */
typedef struct {
    int chart, is_float;
    long n, d;
    const char *x;
    const long *which; /* the set of x that each set of the batch is, or NULL */
    const double *weights, *c;
    long weights_step, c_step;
    char *out;                  /* the midpoints, or NULL */
    const double *g;            /* the upstream gradients, if any, and where gradients go, where they are wanted */
    char *of_x;
    double *of_w, *of_c;
} midpoint_call;

typedef struct {
    long set, row; /* of the first point outside, or -1 */
    double value;
    int no_memory;
} midpoint_status;

static void midpoint_run(const midpoint_call *call, long first, long last, midpoint_status *status) {
    const long d = call->d, room = gk_set_room(d), number = call->is_float ? 4 : 8;
    double *scratch = malloc(sizeof(double) * (size_t)(2 * room + 5 * d));
    status->set = -1, status->no_memory = scratch == NULL;
    if (scratch == NULL) return;
    midpoint_job job = {.chart = call->chart, .scratch = scratch, .sum = scratch + 2 * room};
    job.points.n = call->n, job.points.d = d, job.points.is_float = call->is_float;
    job.at = job.sum + d, job.low = job.at + d, job.along = job.low + d, job.upstream = job.along + d;
    for (long k = first; k < last; k++) {
        job.points.data = call->x + (call->which ? call->which[k] : k) * call->n * d * number;
        job.points.weights = call->weights + k * call->weights_step;
        job.c = call->c[k * call->c_step];
        if (call->g) {
            midpoint_gradients to = {.of_x = call->of_x ? call->of_x + k * call->n * d * number : NULL,
                                     .of_w = call->of_w ? call->of_w + k * call->n : NULL};
            memcpy(job.upstream, call->g + k * d, sizeof(double) * (size_t)d);
            midpoint_find_back(&job, &to);
            if (call->of_c) call->of_c[k] = to.of_c;
            continue;
        }
        midpoint_find(&job);
        if (job.bad_row >= 0 && status->set < 0)
            status->set = k, status->row = job.bad_row, status->value = job.bad_value;
        char *out = call->out + k * d * number;
        for (long j = 0; j < d; j++)
            if (call->is_float)
                ((float *)out)[j] = (float)job.at[j];
            else
                ((double *)out)[j] = job.at[j];
        if (job.chart != MIDPOINT_LORENTZ && job.c > 0.0) gk_pull_inside_ball(out, call->is_float, d, job.c);
    }
    free(scratch);
}

#endif
