/* Sixteen rows side by side: the arithmetic of one row, written for all of them at once. Included once for each
 * GK_REAL, with GK_OF(name) for the names of its functions. */

/* A perfect shuffle of `size` numbers, which rotates the bits of their positions by one, and its inverse. */
GK_INLINE void GK_OF(gk_deal)(const GK_REAL *GK_RESTRICT from, GK_REAL *GK_RESTRICT to, int size)
{
    const int half = size / 2;
    GK_SIMD
    for (int m = 0; m < half; m++) {
        to[m] = from[2 * m];
        to[m + half] = from[2 * m + 1];
    }
}

GK_INLINE void GK_OF(gk_riffle)(const GK_REAL *GK_RESTRICT from, GK_REAL *GK_RESTRICT to, int size)
{
    const int half = size / 2;
    GK_SIMD
    for (int m = 0; m < half; m++) {
        to[2 * m] = from[m];
        to[2 * m + 1] = from[m + half];
    }
}

/* Where the rows of a tile lie before gk_to_lanes and after gk_to_rows: the shuffles go to and fro between the tile and
 * the spare array, and their number is odd when rows have 8 numbers. */
GK_INLINE GK_REAL *GK_OF(gk_landing)(GK_REAL *tile, GK_REAL *spare, int width)
{
    return width == 8 ? spare : tile;
}

/* Turns rows[lane][k] into tile[k][lane], for rows of `width` numbers: 4, 8 or 16. */
GK_INLINE void GK_OF(gk_to_lanes)(GK_REAL *tile, GK_REAL *spare, int width)
{
    const int size = width * GK_LANES;
    if (width == 8) GK_OF(gk_deal)(spare, tile, size);
    for (int passes = 0; passes < (width == 16 ? 2 : 1); passes++) {
        GK_OF(gk_deal)(tile, spare, size);
        GK_OF(gk_deal)(spare, tile, size);
    }
}

/* Turns tile[k][lane] into rows[lane][k]. */
GK_INLINE void GK_OF(gk_to_rows)(GK_REAL *tile, GK_REAL *spare, int width)
{
    const int size = width * GK_LANES;
    for (int passes = 0; passes < (width == 16 ? 2 : 1); passes++) {
        GK_OF(gk_riffle)(tile, spare, size);
        GK_OF(gk_riffle)(spare, tile, size);
    }
    if (width == 8) GK_OF(gk_riffle)(tile, spare, size);
}

/* The sum over the lanes, always in the same order. */
GK_INLINE GK_REAL GK_OF(gk_lane_sum)(const GK_REAL *v)
{
    GK_REAL a[8];
    GK_SIMD
    for (int j = 0; j < 8; j++) a[j] = v[j] + v[j + 8];
    GK_SIMD
    for (int j = 0; j < 4; j++) a[j] += a[j + 4];
    return (a[0] + a[2]) + (a[1] + a[3]);
}
