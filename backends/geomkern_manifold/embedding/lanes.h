/* Sixteen rows side by side: the arithmetic of one row, written for all of them at once. */
#ifndef GK_LANES_H
#define GK_LANES_H

#include <stdint.h>
#include <string.h>

#include "gk_simd.h"

#define GK_LANES 16

/* A perfect shuffle of `size` floats, which rotates the bits of their positions by one, and its inverse. */
GK_INLINE void gk_deal(const float *GK_RESTRICT from, float *GK_RESTRICT to, int size)
{
    const int half = size / 2;
    GK_SIMD
    for (int m = 0; m < half; m++) {
        to[m] = from[2 * m];
        to[m + half] = from[2 * m + 1];
    }
}

GK_INLINE void gk_riffle(const float *GK_RESTRICT from, float *GK_RESTRICT to, int size)
{
    const int half = size / 2;
    GK_SIMD
    for (int m = 0; m < half; m++) {
        to[2 * m] = from[m];
        to[2 * m + 1] = from[m + half];
    }
}

/* Where the rows of a tile lie before gk_to_lanes and after gk_to_rows: the shuffles go to and fro between the tile and
 * the spare array, and their number is odd when rows have 8 floats. */
GK_INLINE float *gk_landing(float *tile, float *spare, int width)
{
    return width == 8 ? spare : tile;
}

/* Turns rows[lane][k] into tile[k][lane], for rows of `width` floats: 4, 8 or 16. */
GK_INLINE void gk_to_lanes(float *tile, float *spare, int width)
{
    const int size = width * GK_LANES;
    if (width == 8) gk_deal(spare, tile, size);
    for (int passes = 0; passes < (width == 16 ? 2 : 1); passes++) {
        gk_deal(tile, spare, size);
        gk_deal(spare, tile, size);
    }
}

/* Turns tile[k][lane] into rows[lane][k]. */
GK_INLINE void gk_to_rows(float *tile, float *spare, int width)
{
    const int size = width * GK_LANES;
    for (int passes = 0; passes < (width == 16 ? 2 : 1); passes++) {
        gk_riffle(tile, spare, size);
        gk_riffle(spare, tile, size);
    }
    if (width == 8) gk_riffle(tile, spare, size);
}

/* The sum over the lanes, always in the same order. */
GK_INLINE float gk_lane_sum(const float *v)
{
    float a[8];
    GK_SIMD
    for (int j = 0; j < 8; j++) a[j] = v[j] + v[j + 8];
    GK_SIMD
    for (int j = 0; j < 4; j++) a[j] += a[j + 4];
    return (a[0] + a[2]) + (a[1] + a[3]);
}

#endif
