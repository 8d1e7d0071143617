/* The Fréchet mean of weighted points, by Newton's method, in the chart around a point near it.
 *
 * Points come as tangent vectors v at the base, in coordinates that are orthonormal up to `scale`: theta = scale |v| is
 * the distance in units of the radius of curvature. The sign of c says which geometry: 1 hyperbolic, 0 flat, -1
 * spherical. The chart is the ball around the base, y = tanh(theta/2) v/|v|, b = 1 - c|y|^2 = sech^2(theta/2) (tan and
 * sec for c = -1), in which the mean m lies near 0, so that nothing cancels however far away the points are.
 *
 * With a = 1 - c|m|^2, delta = y - m, s = c|delta|^2, E = s/(ab), r = a delta - s m,
 * and F(E) = asinh(sqrt E)/sqrt(E(1 + E)),
 *   log_m(y) = F/b r in the chart, 2/a times that in an orthonormal frame at m; there f = sum w theta^2/2 has
 *   the gradient -G = -(2/a) sum w F/b r and the Hessian H = sum w (kappa I + (1 - kappa) u u^T),
 *   u = r/|r|, |r|^2 = (ab)^2 E(1 + E)/c, kappa = theta coth(theta) = (1 + 2E) F (Pennec 2006).
 * Since F' = (1 - kappa)/(2E(1 + E)), (1 - kappa) u u^T = 2c F'/(ab)^2 r r^T: H v costs one pass over the rows, and
 * conjugate gradients solve H q = G without a matrix. Where a Newton step would not descend, one of length
 * G/sum w max(kappa, 1), which bounds the Hessian from above, is taken instead.
 */
#ifndef GK_KARCHER_H
#define GK_KARCHER_H

#include "poincare_metric.h"
#include "row_sets.h"

typedef struct {
    gk_set points;      /* tangent vectors at the base */
    double scale, c;    /* c is 1, 0 or -1 */
    double *columns;    /* the vectors again, block by block, if they are narrow */
    double *f, *b;      /* the chart: y = f v, and b, of each row */
    double *s, *rho;    /* s and 2 c w F'/(ab)^2 of each row, at m */
    double *m, *G, *q, *residual, *direction, *image, *before;
    double a, value, hessian, steep, weight; /* f, sum w kappa, sum w max(kappa, 1), sum w */
} karcher_job;

/* F and its derivative where E < 0, which is minus the square of sin(theta/2). */
static poincare_ratio karcher_F_sphere(double E) {
    const double sine = __builtin_sqrt(-E), product = E * (1.0 + E);
    poincare_ratio ratio = poincare_F(E > -0.01 ? E : 0.0); /* whose series for the slope holds on either side of 0 */
    ratio.value = E > -1e-300 ? 1.0 : __builtin_asin(sine > 1.0 ? 1.0 : sine) / __builtin_sqrt(-product);
    if (E <= -0.01) ratio.slope = (1.0 - (1.0 + 2.0 * E) * ratio.value) / (2.0 * product);
    return ratio;
}

/* The block of vectors that starts at row `first`. */
GK_INLINE gk_block karcher_block(const karcher_job *job, long first, gk_vec *v) {
    const long d = job->points.d, most = gk_set_rows(d);
    const long rows = job->points.n - first < most ? job->points.n - first : most;
    gk_block block = {.rows = rows, .lanes = (rows + 7) & ~7L, .d = d, .bad_operand = -1};
    v->col = job->columns + first * d;
    for (long i = 0; i < rows && d > GK_NARROW; i++) v->row[i] = (double *)job->points.data + (first + i) * d;
    return block;
}

/* f and b of a block. */
GK_INLINE void karcher_enter(const int columns, karcher_job *job, long first) {
    gk_vec v;
    gk_scalars weights, square;
    gk_block loaded = gk_load_set(&job->points, first, job->columns + first * job->points.d, &v, weights);
    gk_block *block = &loaded;
    double *f = job->f + first, *b = job->b + first;
    GK_SUM(square, GK_AT(v) * GK_AT(v));
    for (long i = block->lanes; i < GK_BLOCK; i++) square[i] = 0.0;
    if (job->c > 0.0) {
        GK_SIMD
        for (long i = 0; i < GK_BLOCK; i++) {
            double theta = job->scale * __builtin_sqrt(square[i]), e = gk_exp(-theta), T = gk_tanh(0.5 * theta);
            f[i] = theta < 1e-150 ? 0.5 * job->scale : T / theta * job->scale;
            b[i] = 4.0 * e / ((1.0 + e) * (1.0 + e));
        }
    } else {
        for (long i = 0; i < GK_BLOCK; i++) {
            double theta = job->scale * __builtin_sqrt(square[i]);
            double T = job->c < 0.0 ? __builtin_tan(0.5 * theta) : 0.5 * theta;
            f[i] = theta < 1e-150 ? 0.5 * job->scale : T / theta * job->scale;
            b[i] = 1.0 - job->c * T * T;
        }
    }
    job->weight += gk_total(block, weights);
}

/* The block's share in f, G (without its factor), and H, at m; along m comes the part of G that is a multiple of m. */
GK_INLINE void karcher_slopes(const int columns, karcher_job *job, long first, double *along) {
    gk_vec v;
    gk_scalars dd, of_d, of_m, kappas, value, steep;
    const double *m = job->m, *w = job->points.weights + first, c = job->c, a = job->a;
    double *s = job->s + first, *rho = job->rho + first;
    gk_block laid = karcher_block(job, first, &v), *block = &laid;
    const double *f = job->f + first, *b = job->b + first;
    GK_SUM(dd, (GK_OF(f) * GK_AT(v) - GK_ALONG(m)) * (GK_OF(f) * GK_AT(v) - GK_ALONG(m)));
    for (long i = block->rows; i < GK_BLOCK; i++) dd[i] = of_d[i] = 0.0;
#define KARCHER_ROW(RATIO)                                                                                             \
        double ab = a * b[i], E = c * dd[i] / ab, kappa;                                                               \
        poincare_ratio F = RATIO(E);                                                                                   \
        kappa = (1.0 + 2.0 * E) * F.value;                                                                             \
        s[i] = c * dd[i];                                                                                              \
        rho[i] = 2.0 * c * w[i] * F.slope / (ab * ab);                                                                 \
        of_d[i] = w[i] * F.value / b[i];                                                                               \
        of_m[i] = of_d[i] * s[i];                                                                                      \
        kappas[i] = w[i] * kappa;                                                                                      \
        steep[i] = w[i] * (kappa > 1.0 ? kappa : 1.0);                                                                 \
        value[i] = 2.0 * w[i] * (dd[i] / ab) * (1.0 + E) * F.value * F.value
    if (c >= 0.0) {
        GK_SIMD
        for (long i = 0; i < block->rows; i++) { KARCHER_ROW(poincare_F); }
    } else {
        for (long i = 0; i < block->rows; i++) { KARCHER_ROW(karcher_F_sphere); }
    }
#undef KARCHER_ROW
    GK_GATHER(job->G, GK_OF(of_d) * (GK_OF(f) * GK_AT(v) - GK_ALONG(m)));
    *along += gk_total(block, of_m);
    job->value += gk_total(block, value);
    job->hessian += gk_total(block, kappas);
    job->steep += gk_total(block, steep);
}

/* The block's share in sum rho <r, u> r; r = a y - (a + s) m, of which the multiple of m goes to `along`. */
GK_INLINE void karcher_product(const int columns, karcher_job *job, long first, const double *u, double mu, double *to,
                               double *along) {
    gk_vec v;
    gk_scalars vu, of_v, of_m;
    const double *f = job->f + first, *s = job->s + first, *rho = job->rho + first, a = job->a;
    gk_block laid = karcher_block(job, first, &v), *block = &laid;
    GK_SUM(vu, GK_AT(v) * GK_ALONG(u));
    for (long i = block->rows; i < GK_BLOCK; i++) of_v[i] = 0.0;
    GK_SIMD
    for (long i = 0; i < block->rows; i++) {
        double part = rho[i] * (a * f[i] * vu[i] - (a + s[i]) * mu);
        of_v[i] = a * f[i] * part;
        of_m[i] = (a + s[i]) * part;
    }
    GK_GATHER(to, GK_OF(of_v) * GK_AT(v));
    *along += gk_total(block, of_m);
}

GK_CLONES static void karcher_enter_block(karcher_job *job, long first) {
    job->points.d <= GK_NARROW ? karcher_enter(1, job, first) : karcher_enter(0, job, first);
}
GK_CLONES static void karcher_slopes_block(karcher_job *job, long first, double *along) {
    job->points.d <= GK_NARROW ? karcher_slopes(1, job, first, along) : karcher_slopes(0, job, first, along);
}
GK_CLONES static void karcher_product_block(karcher_job *job, long first, const double *u, double mu, double *to,
                                            double *along) {
    job->points.d <= GK_NARROW ? karcher_product(1, job, first, u, mu, to, along)
                               : karcher_product(0, job, first, u, mu, to, along);
}

static double karcher_dot(const double *u, const double *v, long d) {
    double sum[4] = {0};
    for (long j = 0; j < d; j++) sum[j & 3] += u[j] * v[j];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* f, G and what H is made of, at m. */
static void karcher_look(karcher_job *job) {
    const long d = job->points.d, step = gk_set_rows(d);
    double along = 0.0;
    job->a = 1.0 - job->c * karcher_dot(job->m, job->m, d);
    job->value = job->hessian = job->steep = 0.0;
    memset(job->G, 0, sizeof(double) * (size_t)d);
    for (long at = 0; at < job->points.n; at += step) karcher_slopes_block(job, at, &along);
    for (long j = 0; j < d; j++) job->G[j] = 2.0 * job->G[j] - 2.0 / job->a * along * job->m[j];
}

static void karcher_apply(karcher_job *job, const double *u, double *to) {
    const long d = job->points.d, step = gk_set_rows(d);
    const double mu = karcher_dot(job->m, u, d);
    double along = 0.0;
    memset(to, 0, sizeof(double) * (size_t)d);
    for (long at = 0; at < job->points.n; at += step) karcher_product_block(job, at, u, mu, to, &along);
    for (long j = 0; j < d; j++) to[j] += job->hessian * u[j] - along * job->m[j];
}

/* Solve H q = g by conjugate gradients, to a residual of `least` |g|, or until rounding stops it. On the sphere H need
 * not be positive: a direction of negative curvature ends it too. */
static void karcher_solve(karcher_job *job, const double *g, double least) {
    const long d = job->points.d;
    double *q = job->q, *r = job->residual, *p = job->direction, *Hp = job->image;
    double rr = karcher_dot(g, g, d), enough = least * least * rr;
    memset(q, 0, sizeof(double) * (size_t)d);
    memcpy(r, g, sizeof(double) * (size_t)d);
    memcpy(p, g, sizeof(double) * (size_t)d);
    for (long k = 0; k < 2 * d + 20 && rr > enough; k++) {
        karcher_apply(job, p, Hp);
        const double curvature = karcher_dot(p, Hp, d), step = rr / curvature, old = rr;
        if (!(curvature > 0.0)) break;
        for (long j = 0; j < d; j++) q[j] += step * p[j], r[j] -= step * Hp[j];
        rr = karcher_dot(r, r, d);
        for (long j = 0; j < d; j++) p[j] = r[j] + rr / old * p[j];
    }
}

/* m = exp at `before` of the vector q of an orthonormal frame: before (+) tanh(|q|/2) q/|q|. */
static void karcher_move(karcher_job *job) {
    const long d = job->points.d;
    const double c = job->c, *x = job->before, *q = job->q, size = __builtin_sqrt(karcher_dot(q, q, d));
    const double T = c > 0.0 ? gk_tanh(0.5 * size) : c < 0.0 ? __builtin_tan(0.5 * size) : 0.5 * size;
    const double by = size > 0.0 ? T / size : 0.0, xq = by * karcher_dot(x, q, d), xx = karcher_dot(x, x, d);
    const double below = 1.0 + 2.0 * c * xq + xx * T * T * c * c, of_x = 1.0 + 2.0 * c * xq + c * T * T;
    for (long j = 0; j < d; j++) job->m[j] = (of_x * x[j] + (1.0 - c * xx) * by * q[j]) / below;
}

/* Newton's method from m = 0, in at most `most` steps. Returns what the mean is missed by, in units of the points'
 * typical distance from it. */
static double karcher_newton(karcher_job *job, double tolerance, long most) {
    const long d = job->points.d;
    const size_t bytes = sizeof(double) * (size_t)d;
    memset(job->m, 0, bytes);
    karcher_look(job);
    for (long k = 0;; k++) {
        const double unit = __builtin_sqrt(job->value / job->weight);
        const double miss = __builtin_sqrt(karcher_dot(job->G, job->G, d)) / job->weight;
        if (!(miss > tolerance * unit) || k == most) return miss > 0.0 ? miss / unit : miss;
        /* After a step of length L that left `part` of the gradient, an error of order L (L + part) remains. */
        const double value = job->value, steep = job->steep, part = miss < 0.1 ? miss : 0.1;
        karcher_solve(job, job->G, part);
        memcpy(job->before, job->m, bytes);
        karcher_move(job);
        const double length = __builtin_sqrt(karcher_dot(job->q, job->q, d)), left = length * (length + part);
        if (left <= 0.01 * tolerance * unit) return left / unit;
        memcpy(job->q, job->G, bytes);
        karcher_look(job);
        for (double shorter = 1.0; !(job->value <= value * (1.0 + 1e-13)) && shorter > 1e-9; shorter *= 0.25) {
            for (long j = 0; j < d; j++) job->q[j] *= shorter == 1.0 ? 1.0 / steep : 0.25;
            karcher_move(job);
            karcher_look(job);
        }
    }
}

/* Sets [first, last) of a batch: to each either its mean, as a tangent vector at the base (g NULL), or H^-1 g at the
 * base, where g and the result are vectors of the frame that v is written in, of whatever scale. */
typedef struct {
    long n, d;
    const double *v, *weights, *scales, *g;
    long weights_step;
    double c, tolerance;
    long most;
    double *out, *residuals;
} karcher_call;

static int karcher_run(const karcher_call *call, long first, long last) {
    const long n = call->n, d = call->d, rows = n + GK_BLOCK, held = d <= GK_NARROW ? rows * d : 0;
    double *memory = malloc(sizeof(double) * (size_t)(held + 4 * rows + 7 * d));
    if (memory == NULL) return 0;
    karcher_job job = {.c = call->c, .columns = memory, .f = memory + held, .b = memory + held + rows};
    job.s = job.b + rows, job.rho = job.s + rows, job.m = job.rho + rows, job.G = job.m + d, job.q = job.G + d;
    job.residual = job.q + d, job.direction = job.residual + d, job.image = job.direction + d,
    job.before = job.image + d;
    job.points.n = n, job.points.d = d, job.points.is_float = 0;
    for (long k = first; k < last; k++) {
        job.points.data = (const char *)(call->v + k * n * d);
        job.points.weights = call->weights + k * call->weights_step;
        job.scale = call->scales[k];
        job.weight = 0.0;
        for (long at = 0; at < n; at += gk_set_rows(d)) karcher_enter_block(&job, at);
        double *out = call->out + k * d;
        if (call->g) {
            memset(job.m, 0, sizeof(double) * (size_t)d);
            karcher_look(&job);
            karcher_solve(&job, call->g + k * d, 1e-15);
            memcpy(out, job.q, sizeof(double) * (size_t)d);
            continue;
        }
        call->residuals[k] = karcher_newton(&job, call->tolerance, call->most);
        const double square = karcher_dot(job.m, job.m, d), radius = __builtin_sqrt(square);
        const double half = job.c > 0.0   ? gk_atanh(radius)
                            : job.c < 0.0 ? __builtin_atan(radius)
                                          : radius;
        for (long j = 0; j < d; j++) out[j] = radius > 0.0 ? 2.0 * half / radius / job.scale * job.m[j] : 0.0;
    }
    free(memory);
    return 1;
}

#endif
