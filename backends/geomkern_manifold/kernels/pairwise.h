/* All distances between two sets of points of the Poincaré ball, and their gradients. Notation as in poincare_metric.h.
 *
 * The points y are taken GK_BLOCK at a time, in columns; each x is then compared with the whole block. Differences are
 * taken coordinate by coordinate (|x|^2 - 2<x,y> + |y|^2 would lose near pairs), always in double.
 */
#ifndef GK_PAIRWISE_H
#define GK_PAIRWISE_H

#include "poincare_metric.h"

/* One set of n points: contiguous rows of d floats or doubles, and 1 - c|.|^2 of each. */
typedef struct {
    const char *data;
    int is_float;
    long n;
    const double *gap;
} gk_points;

GK_INLINE void pairwise_columns(const gk_points *y, long first, long rows, long d, double *columns, double *b) {
    const long size = y->is_float ? 4 : 8;
    for (long i = 0; i < GK_BLOCK; i++) b[i] = i < rows ? y->gap[first + i] : 1.0;
    for (long i = 0; i < GK_BLOCK; i++) {
        const char *row = y->data + (first + (i < rows ? i : 0)) * d * size;
        for (long j = 0; j < d; j++)
            columns[j * GK_BLOCK + i] = y->is_float ? (double)((const float *)row)[j] : ((const double *)row)[j];
    }
}

/* s = |x - y|^2 for every y of the block. */
GK_INLINE void pairwise_squares(const double *x, const double *columns, long d, double *s) {
    for (long k = 0; k < GK_BLOCK; k += 16) {
        gk_four s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (long j = 0; j < d; j++) {
            const double *column = columns + j * GK_BLOCK + k;
            gk_four e0 = *(const gk_four *)column - x[j], e1 = *(const gk_four *)(column + 4) - x[j];
            gk_four e2 = *(const gk_four *)(column + 8) - x[j], e3 = *(const gk_four *)(column + 12) - x[j];
            s0 += e0 * e0, s1 += e1 * e1, s2 += e2 * e2, s3 += e3 * e3;
        }
        *(gk_four *)(s + k) = s0, *(gk_four *)(s + k + 4) = s1;
        *(gk_four *)(s + k + 8) = s2, *(gk_four *)(s + k + 12) = s3;
    }
}

GK_INLINE void pairwise_row(const gk_points *x, long i, long d, double *row) {
    for (long j = 0; j < d; j++)
        row[j] = x->is_float ? (double)((const float *)x->data)[i * d + j] : ((const double *)x->data)[i * d + j];
}

/* Distances of every x from the block of y that starts at `first`; scratch holds (GK_BLOCK + 1) d numbers. */
GK_CLONES static void pairwise_block(const gk_points *x, const gk_points *y, long first, long d, double c, char *out,
                                     double *scratch) {
    const long rows = y->n - first < GK_BLOCK ? y->n - first : GK_BLOCK;
    double *row = scratch + GK_BLOCK * d, s[GK_BLOCK], b[GK_BLOCK], root = __builtin_sqrt(c);
    pairwise_columns(y, first, rows, d, scratch, b);
    for (long i = 0; i < x->n; i++) {
        const double a = x->gap[i];
        pairwise_row(x, i, d, row);
        pairwise_squares(row, scratch, d, s);
        GK_SIMD
        for (long l = 0; l < GK_BLOCK; l++) s[l] = poincare_arc(c * s[l], a * b[l]) / root;
        if (x->is_float)
            for (long l = 0; l < rows; l++) ((float *)out)[i * y->n + first + l] = (float)s[l];
        else
            for (long l = 0; l < rows; l++) ((double *)out)[i * y->n + first + l] = s[l];
    }
}

/* Gradients with respect to the block of y: gy and, for each y, its share of the gradient in c. The upstream gradient of
 * pair (i, j) lies at g[i * step_x + j * step_y], so that the roles of x and y can be exchanged. */
GK_CLONES static void pairwise_block_vjp(const double *g, long step_x, long step_y, const gk_points *x,
                                         const gk_points *y, long first, long d, double c, double *gy, double *gc,
                                         double *scratch) {
    const long rows = y->n - first < GK_BLOCK ? y->n - first : GK_BLOCK;
    double *row = scratch + GK_BLOCK * d, *sum = row + d;
    double s[GK_BLOCK], b[GK_BLOCK], slope[GK_BLOCK], yy[GK_BLOCK], of_y[GK_BLOCK] = {0}, of_c[GK_BLOCK] = {0};
    const double root_c = __builtin_sqrt(c);
    pairwise_columns(y, first, rows, d, scratch, b);
    memset(sum, 0, sizeof(double) * (size_t)(d * GK_BLOCK));
    for (long l = 0; l < GK_BLOCK; l++) yy[l] = (1.0 - b[l]) / c;
    for (long i = 0; i < x->n; i++) {
        const double a = x->gap[i], xx = (1.0 - a) / c;
        pairwise_row(x, i, d, row);
        pairwise_squares(row, scratch, d, s);
        for (long l = 0; l < GK_BLOCK; l++) slope[l] = l < rows ? g[i * step_x + (first + l) * step_y] : 0.0;
        GK_SIMD
        for (long l = 0; l < GK_BLOCK; l++) {
            double ab = a * b[l], s2 = c * s[l], E = s2 / ab, upstream = slope[l];
            double re = __builtin_sqrt(E), r1 = __builtin_sqrt(1.0 + E), along = 2.0 * root_c * upstream / (ab * re * r1);
            poincare_ratio F = poincare_F(E);
            double near = r1 * E * (2.0 * F.slope + F.value / (1.0 + E)) / (c * root_c);
            slope[l] = E == 0.0 ? 0.0 : along;
            of_y[l] += slope[l] * (s2 / b[l]);
            of_c[l] += upstream * re * (near + (xx / a + yy[l] / b[l]) / (root_c * r1));
        }
        for (long j = 0; j < d; j++) {
            GK_SIMD
            for (long l = 0; l < GK_BLOCK; l++) sum[j * GK_BLOCK + l] += slope[l] * (scratch[j * GK_BLOCK + l] - row[j]);
        }
    }
    for (long l = 0; l < rows; l++) {
        gc[first + l] = of_c[l];
        for (long j = 0; j < d; j++)
            gy[(first + l) * d + j] = sum[j * GK_BLOCK + l] + of_y[l] * scratch[j * GK_BLOCK + l];
    }
}

#endif
