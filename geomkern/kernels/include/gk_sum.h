/* Sums that accumulate in double, in an order that depends on the length alone.
 *
 * A row is added up in GK_SUM_LANES interleaved partial sums, which a fixed tree joins after every GK_SUM_CHUNK
 * elements; columns are added up row by row, and joined after every GK_SUM_CHUNK rows. With chunks the rounding error
 * grows with n / GK_SUM_CHUNK + GK_SUM_CHUNK rather than with n, which is what float64 input needs.
 */
#ifndef GK_SUM_H
#define GK_SUM_H

#include <stddef.h>
#include "gk_simd.h"

#define GK_SUM_LANES 16
#define GK_SUM_CHUNK 4096
#define GK_SUM_COLUMNS 64

#define GK_DEFINE_SUM(T, NAME)                                                                                  \
    /* The sum of n adjacent elements. */                                                                       \
    GK_CLONES static double gk_sum_row_##NAME(const T *x, ptrdiff_t n) {                                        \
        double total = 0.0;                                                                                     \
        for (ptrdiff_t start = 0; start < n; start += GK_SUM_CHUNK) {                                           \
            const ptrdiff_t end = n - start < GK_SUM_CHUNK ? n : start + GK_SUM_CHUNK;                          \
            double lane[GK_SUM_LANES] = {0.0};                                                                  \
            ptrdiff_t i = start;                                                                                \
            for (; i + GK_SUM_LANES <= end; i += GK_SUM_LANES) {                                                \
                GK_SIMD                                                                                         \
                for (int j = 0; j < GK_SUM_LANES; j++) lane[j] += (double)x[i + j];                             \
            }                                                                                                   \
            for (int j = 0; i < end; i++, j++) lane[j] += (double)x[i];                                         \
            for (int width = GK_SUM_LANES / 2; width; width /= 2)                                               \
                for (int j = 0; j < width; j++) lane[j] += lane[j + width];                                     \
            total += lane[0];                                                                                   \
        }                                                                                                       \
        return total;                                                                                           \
    }                                                                                                           \
    /* The sums of up to GK_SUM_COLUMNS adjacent columns of n rows that are `stride` elements apart. */         \
    GK_CLONES static void gk_sum_columns_##NAME(const T *x, ptrdiff_t n, ptrdiff_t stride, int columns, T *out) { \
        double total[GK_SUM_COLUMNS] = {0.0};                                                                   \
        for (ptrdiff_t start = 0; start < n; start += GK_SUM_CHUNK) {                                           \
            const ptrdiff_t end = n - start < GK_SUM_CHUNK ? n : start + GK_SUM_CHUNK;                          \
            double part[GK_SUM_COLUMNS] = {0.0};                                                                \
            for (ptrdiff_t i = start; i < end; i++) {                                                           \
                GK_SIMD                                                                                         \
                for (int j = 0; j < columns; j++) part[j] += (double)x[i * stride + j];                         \
            }                                                                                                   \
            for (int j = 0; j < columns; j++) total[j] += part[j];                                              \
        }                                                                                                       \
        for (int j = 0; j < columns; j++) out[j] = (T)total[j];                                                 \
    }

GK_DEFINE_SUM(float, f)
GK_DEFINE_SUM(double, d)

#endif
