/* All pairs of two sets of points: keys, distances, and their gradients. Notation as in pairwise_points.h.
 *
 * A tile is GK_TILE points against GK_TILE points. Its *keys* are E, which grows with the distance and needs no
 * logarithm; beyond GK_FAR, near the end of the range of doubles, the key is GK_FAR u. A key depends on nothing but its
 * two points, and not on which of them comes first.
 */
#ifndef GK_PAIRWISE_H
#define GK_PAIRWISE_H

#include "pairwise_points.h"
#include "poincare_metric.h"

#define GK_FAR 0x1p1000
#define GK_MOST_KEY 0x1p950 /* of the fast form */
#define GK_MOST_BITS ((1023L + 950) << 52)
#define GK_LEAST_ARC_BITS ((127 - 100) << 23) /* 2^-100 and 2^60 as floats: the range of pairwise_arc_of_floats */
#define GK_MOST_ARC_BITS ((127 + 60) << 23)

/* Make the compiler take what is in memory for unknown. */
#define GK_IN_MEMORY(array) __asm__ volatile("" : : "r"(array) : "memory")

typedef double gk_eight __attribute__((vector_size(64), aligned(8), may_alias));
typedef float gk_eight_floats __attribute__((vector_size(32), aligned(4), may_alias));
typedef int64_t gk_eight_longs __attribute__((vector_size(64), aligned(8), may_alias));
typedef int32_t gk_sixteen_ints __attribute__((vector_size(64), aligned(4), may_alias));
typedef float gk_sixteen_floats __attribute__((vector_size(64), aligned(4), may_alias));

/* ------------------------------------------------------------------------------------------------------- keys --- */

/* x y + z with one rounding. GCC makes one instruction of it where there is one. */
GK_INLINE gk_sixteen_floats gk_fma_of_floats(gk_sixteen_floats x, gk_sixteen_floats y, gk_sixteen_floats z) {
#define F(l) __builtin_fmaf(x[l], y[l], z[l])
    return (gk_sixteen_floats){F(0), F(1), F(2),  F(3),  F(4),  F(5),  F(6),  F(7),
                               F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15)};
#undef F
}

/* |x - y|^2 for four points x and all y of a block, in two parts: the result, in doubles, and the rest, in floats.
 * Sixteen squares at a time are added in floats, the sums of sixteen in doubles: the error stays below 1e-6 for any d,
 * and is 1e-7 as a rule. */
GK_INLINE const double *pairwise_squares_of_floats(const float *x, const float *y, long d, double *s, float *rest) {
    static const double nothing[4 * GK_TILE] = {0};
    for (long first = 0; first < d || first == 0; first += 16) {
        const long last = first + 16 < d ? first + 16 : d;
        gk_sixteen_floats s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        if (first == 16) {
            GK_SIMD for (long l = 0; l < 4 * GK_TILE; l++) s[l] = rest[l];
        } else if (first > 16) {
            GK_SIMD for (long l = 0; l < 4 * GK_TILE; l++) s[l] += rest[l];
        }
#pragma GCC unroll 4
        for (long j = first; j < last; j++) {
            const gk_sixteen_floats column = *(const gk_sixteen_floats *)(y + j * GK_TILE);
            const float *row = x + j * GK_TILE;
            gk_sixteen_floats e0 = column - row[0], e1 = column - row[1], e2 = column - row[2], e3 = column - row[3];
            s0 = gk_fma_of_floats(e0, e0, s0), s1 = gk_fma_of_floats(e1, e1, s1);
            s2 = gk_fma_of_floats(e2, e2, s2), s3 = gk_fma_of_floats(e3, e3, s3);
        }
        *(gk_sixteen_floats *)rest = s0, *(gk_sixteen_floats *)(rest + GK_TILE) = s1;
        *(gk_sixteen_floats *)(rest + 2 * GK_TILE) = s2, *(gk_sixteen_floats *)(rest + 3 * GK_TILE) = s3;
        GK_IN_MEMORY(rest); /* or GCC spoils the multiply-adds by combining them with what follows */
    }
    return d > 16 ? s : nothing;
}

GK_INLINE void pairwise_squares_of_doubles(const double *x, const double *y, long d, double *s) {
    for (long half = 0; half < GK_TILE; half += 8) {
        gk_eight s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        for (long j = 0; j < d; j++) {
            const gk_eight column = *(const gk_eight *)(y + j * GK_TILE + half);
            const double *row = x + j * GK_TILE;
            gk_eight e0 = column - row[0], e1 = column - row[1], e2 = column - row[2], e3 = column - row[3];
            s0 += e0 * e0, s1 += e1 * e1, s2 += e2 * e2, s3 += e3 * e3;
        }
        *(gk_eight *)(s + half) = s0, *(gk_eight *)(s + GK_TILE + half) = s1;
        *(gk_eight *)(s + 2 * GK_TILE + half) = s2, *(gk_eight *)(s + 3 * GK_TILE + half) = s3;
    }
}

/* |direction - direction'|^2 of one x and all y of a block, from the difference in twofold precision. */
GK_INLINE void pairwise_chord(const double *x, const double *x_low, const double *y, const double *y_low, long d,
                              double *chord) {
    for (long half = 0; half < GK_TILE; half += 8) {
        gk_eight s = {0};
        for (long j = 0; j < d; j++) {
            const long at = j * GK_TILE;
            gk_eight e = (*(const gk_eight *)(y + at + half) - x[at]) +
                         (*(const gk_eight *)(y_low + at + half) - x_low[at]);
            s += e * e;
        }
        *(gk_eight *)(chord + half) = s;
    }
}

/* sinh((r' - r)/2) of one x and one y. */
GK_INLINE double pairwise_radial(const double *x, const double *y) {
    double step = (y[GK_Q * GK_TILE] - x[GK_Q * GK_TILE]) + (y[GK_Q_LOW * GK_TILE] - x[GK_Q_LOW * GK_TILE]);
    return 0.5 * (step * (y[GK_H * GK_TILE] + x[GK_H * GK_TILE])) *
           (y[GK_H_INVERSE * GK_TILE] * x[GK_H_INVERSE * GK_TILE]);
}

/* Keys of one x and all y of a block by the precise form. */
GK_INLINE void pairwise_precise(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y, double *keys) {
    const long d = xs->d, to_x = block_x * d * GK_TILE + i, to_y = block_y * d * GK_TILE;
    const double *x = xs->numbers + block_x * GK_N_NUMBERS * GK_TILE + i;
    const double *y = ys->numbers + block_y * GK_N_NUMBERS * GK_TILE;
    double chord[GK_TILE], radial[GK_TILE];
    int far = 0;
    pairwise_chord(xs->high + to_x, xs->low + to_x, ys->high + to_y, ys->low + to_y, d, chord);
    GK_SIMD
    for (long l = 0; l < GK_TILE; l++) {
        radial[l] = pairwise_radial(x, y + l);
        keys[l] = radial[l] * radial[l] +
                  (chord[l] == 0.0 ? 0.0 : 0.25 * (x[GK_SINH * GK_TILE] * y[GK_SINH * GK_TILE + l]) * chord[l]);
    }
    for (long l = 0; l < GK_TILE; l++) far |= !(keys[l] < GK_FAR);
    if (GK_LIKELY(!far)) return;
    for (long l = 0; l < GK_TILE; l++) {
        double across = 0.5 * (x[GK_ROOT_SINH * GK_TILE] * y[GK_ROOT_SINH * GK_TILE + l]) * __builtin_sqrt(chord[l]);
        double a = gk_abs(radial[l]) * 0x1p-600, b = across * 0x1p-600;
        double u = 2.0 * (gk_log(__builtin_sqrt(a * a + b * b)) + 601.0 * 0x1.62e42fefa39efp-1 /* ln 2 */);
        keys[l] = keys[l] < GK_FAR ? keys[l] : GK_FAR * u;
    }
}

/* Replace the keys that the fast form, whose |p - p'|^2 is s, may not give. */
GK_INLINE void pairwise_mend(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y, const double *s,
                             double *keys) {
    const double least = xs->numbers[(block_x * GK_N_NUMBERS + GK_LEAST) * GK_TILE + i];
    const double *y = ys->numbers + (block_y * GK_N_NUMBERS + GK_LEAST) * GK_TILE;
    const double most = xs->is_float ? GK_MOST_FLOAT : GK_MOST_DOUBLE;
    double precise[GK_TILE];
    int reject = 0;
    for (long l = 0; l < GK_TILE; l++) reject |= (s[l] < y[l] + least) | (s[l] > most) | (keys[l] > GK_MOST_KEY);
    if (!reject) return;
    pairwise_precise(xs, block_x, i, ys, block_y, precise);
    for (long l = 0; l < GK_TILE; l++)
        keys[l] = (s[l] < y[l] + least) | (s[l] > most) | (keys[l] > GK_MOST_KEY) ? precise[l] : keys[l];
}

/* Whether any sign bit is set. (GCC takes comparisons of vectors as wide as these apart, but not their differences, and
 * the bit patterns of numbers that are not negative are in the order of the numbers.) */
GK_INLINE int gk_any_sign(gk_eight_longs mask) {
    long any = 0;
    for (int l = 0; l < 8; l++) any |= mask[l];
    return any < 0;
}

/* The fast form for point x and eight points y of a block, whose numbers x and y point to; *reject has its sign bit set
 * where it must not be used. */
GK_INLINE gk_eight pairwise_fast(const double *x, const double *y, gk_eight square, gk_eight_longs *reject) {
    const gk_eight bound = *(const gk_eight *)(y + GK_LEAST * GK_TILE) + x[GK_LEAST * GK_TILE];
    const gk_eight key = square * (*(const gk_eight *)(y + GK_WEIGHT * GK_TILE) * x[GK_WEIGHT * GK_TILE]);
    *reject |= ((gk_eight_longs)square - (gk_eight_longs)bound) | (GK_MOST_BITS - (gk_eight_longs)key);
    return key;
}

/* Keys of four rows of a tile: keys[k * GK_TILE + l] for point i + k of x and l of y. */
GK_INLINE void pairwise_keys(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y, double *keys) {
    const long d = xs->d, to_x = block_x * d * GK_TILE + i, to_y = block_y * d * GK_TILE;
    const double *x = xs->numbers + block_x * GK_N_NUMBERS * GK_TILE + i;
    const double *y = ys->numbers + block_y * GK_N_NUMBERS * GK_TILE;
    double s[4 * GK_TILE];
    float rest[4 * GK_TILE];
    gk_eight_longs reject = {0};
    if (xs->is_float) {
        const double *sums =
            pairwise_squares_of_floats((const float *)xs->fast + to_x, (const float *)ys->fast + to_y, d, s, rest);
        GK_SIMD for (long l = 0; l < 4 * GK_TILE; l++) s[l] = sums[l] + rest[l];
    } else {
        pairwise_squares_of_doubles((const double *)xs->fast + to_x, (const double *)ys->fast + to_y, d, s);
    }
    for (int k = 0; k < 4; k++)
        for (int half = 0; half < GK_TILE; half += 8) {
            const long at = k * GK_TILE + half;
            *(gk_eight *)(keys + at) = pairwise_fast(x + k, y + half, *(const gk_eight *)(s + at), &reject);
        }
    if (GK_LIKELY(!gk_any_sign(reject))) return;
    for (int k = 0; k < 4; k++)
        pairwise_mend(xs, block_x, i + k, ys, block_y, s + k * GK_TILE, keys + k * GK_TILE);
}

/* -------------------------------------------------------------------------------------------------- distances --- */

/* poincare_arc(E, 1) in floats, to 2 ulp for 2^-100 < E < 2^60. */
GK_INLINE gk_sixteen_floats pairwise_arc_of_floats(gk_sixteen_floats E) {
    gk_sixteen_floats root = E * (1.0f + E);
    for (int l = 0; l < GK_TILE; l++) root[l] = __builtin_sqrtf(root[l]);
    gk_sixteen_floats rise = 2.0f * (E + root), p = 1.0f + rise;
    gk_sixteen_ints exponent = ((gk_sixteen_ints)p + 0x00400000) >> 23,
                    unit = exponent == 127; /* the nearest power of two */
    gk_sixteen_floats k = __builtin_convertvector(exponent - 127, gk_sixteen_floats);
    gk_sixteen_floats power = (gk_sixteen_floats)(exponent << 23), above = p - power;
    above = (gk_sixteen_floats)((unit & (gk_sixteen_ints)rise) | (~unit & (gk_sixteen_ints)above));
    gk_sixteen_floats t = above / (p + power), w = t * t;
    gk_sixteen_floats tail =
        t * w * ((0x1.555556p-1f + 0x1.99999ap-2f * w) + (w * w) * (0x1.24924ap-2f + 0x1.c71c72p-3f * w));
    gk_sixteen_floats high = k * 0x1.62ep-1f, sum = high + 2.0f * t, error = 2.0f * t - (sum - high);
    return sum + ((error + k * 0x1.0bfbe8p-15f) + tail);
}

/* u of a key. (The arc squares its operands, so that large ones are scaled.) */
GK_INLINE double pairwise_angle(double key) {
    double scale = key > 1.0 ? 0x1p-500 : 1.0, near = poincare_arc(key < GK_FAR ? scale * key : 0.0, scale);
    return key < GK_FAR ? near : key * (1.0 / GK_FAR);
}

/* Distances of four rows of a tile of floats, row k at out[k], where the fast form and pairwise_arc_of_floats serve all
 * pairs; returns 0 where they do not. */
GK_INLINE int pairwise_quick(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y,
                             float *const *out) {
    const long d = xs->d, to_x = block_x * d * GK_TILE + i, to_y = block_y * d * GK_TILE;
    const double *x = xs->numbers + block_x * GK_N_NUMBERS * GK_TILE + i;
    const double *y = ys->numbers + block_y * GK_N_NUMBERS * GK_TILE;
    const float inverse_root = (float)(1.0 / __builtin_sqrt(xs->c));
    double s[4 * GK_TILE];
    float rest[4 * GK_TILE];
    const double *sums =
        pairwise_squares_of_floats((const float *)xs->fast + to_x, (const float *)ys->fast + to_y, d, s, rest);
    gk_eight_longs reject = {0};
    gk_sixteen_ints odd = {0};
    for (int k = 0; k < 4; k++) {
        const float *more = rest + k * GK_TILE;
        gk_eight low, high;
        for (int l = 0; l < 8; l++) low[l] = more[l];
        for (int l = 0; l < 8; l++) high[l] = more[l + 8];
        low = pairwise_fast(x + k, y, low + *(const gk_eight *)(sums + k * GK_TILE), &reject);
        high = pairwise_fast(x + k, y + 8, high + *(const gk_eight *)(sums + k * GK_TILE + 8), &reject);
        gk_sixteen_floats E = __builtin_shufflevector(
            __builtin_convertvector(low, gk_eight_floats), __builtin_convertvector(high, gk_eight_floats), 0, 1, 2, 3,
            4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        odd |= ((gk_sixteen_ints)E - GK_LEAST_ARC_BITS) | (GK_MOST_ARC_BITS - (gk_sixteen_ints)E);
        *(gk_sixteen_floats *)out[k] = pairwise_arc_of_floats(E) * inverse_root;
    }
    return !gk_any_sign(reject | (gk_eight_longs)odd | (gk_eight_longs)odd << 32);
}

/* The distances of GK_TILE keys. */
GK_INLINE void pairwise_distances_of_floats(const double *keys, double c, float *out) {
    const double inverse_root = 1.0 / __builtin_sqrt(c);
    gk_sixteen_floats E;
    for (int l = 0; l < GK_TILE; l++) E[l] = (float)keys[l];
    *(gk_sixteen_floats *)out = pairwise_arc_of_floats(E) * (float)inverse_root;
    for (int l = 0; l < GK_TILE; l++)
        if (E[l] < 0x1p-100f || E[l] > 0x1p60f) out[l] = (float)(pairwise_angle(keys[l]) * inverse_root);
}

GK_INLINE void pairwise_distances_of_doubles(double *keys, double c) {
    const double root = __builtin_sqrt(c);
    GK_SIMD
    for (long l = 0; l < GK_TILE; l++) keys[l] = pairwise_angle(keys[l]) / root;
}

GK_INLINE void pairwise_rows_of_floats(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y,
                                       float *const *out) {
    if (GK_LIKELY(pairwise_quick(xs, block_x, i, ys, block_y, out))) return;
    double keys[4 * GK_TILE];
    pairwise_keys(xs, block_x, i, ys, block_y, keys);
    for (int k = 0; k < 4; k++) pairwise_distances_of_floats(keys + k * GK_TILE, xs->c, out[k]);
}

GK_INLINE void pairwise_rows_of_doubles(const gk_set *xs, long block_x, long i, const gk_set *ys, long block_y,
                                        double *const *out) {
    double keys[4 * GK_TILE];
    pairwise_keys(xs, block_x, i, ys, block_y, keys);
    for (int k = 0; k < 4; k++) {
        pairwise_distances_of_doubles(keys + k * GK_TILE, xs->c);
        memcpy(out[k], keys + k * GK_TILE, GK_TILE * sizeof(double));
    }
}

/* The distances of one tile, and of its mirror image where x and y are one set. `out` is the matrix of one batch. */
#define GK_DEFINE_TILE(NUMBER, TILE, ROWS)                                                                             \
    GK_CLONES static void TILE(const gk_set *xs, long batch, long block_x, const gk_set *ys, long block_y,             \
                               int mirrored, char *out) {                                                              \
        const long n = xs->n, m = ys->n, first = block_x * GK_TILE, second = block_y * GK_TILE;                        \
        const long rows = n - first < GK_TILE ? n - first : GK_TILE,                                                   \
                   columns = m - second < GK_TILE ? m - second : GK_TILE;                                              \
        NUMBER aside[4 * GK_TILE], *at[4], *matrix = (NUMBER *)out + batch * n * m;                                    \
        for (long i = 0; i < rows; i += 4) {                                                                           \
            const long some = rows - i < 4 ? rows - i : 4;                                                             \
            const int whole = some == 4 && columns == GK_TILE;                                                         \
            for (long k = 0; k < 4; k++)                                                                               \
                at[k] = whole ? matrix + (first + i + k) * m + second : aside + k * GK_TILE;                           \
            ROWS(xs, batch * xs->blocks + block_x, i, ys, batch * ys->blocks + block_y, at);                           \
            for (long k = 0; !whole && k < some; k++)                                                                  \
                memcpy(matrix + (first + i + k) * m + second, at[k], (size_t)columns * sizeof(NUMBER));                \
            for (long l = 0; mirrored && l < columns; l++)                                                             \
                for (long k = 0; k < some; k++) matrix[(second + l) * m + first + i + k] = at[k][l];                   \
        }                                                                                                              \
    }
GK_DEFINE_TILE(float, pairwise_tile_of_floats, pairwise_rows_of_floats)
GK_DEFINE_TILE(double, pairwise_tile_of_doubles, pairwise_rows_of_doubles)

GK_INLINE void pairwise_tile(const gk_set *xs, long batch, long block_x, const gk_set *ys, long block_y, int mirrored,
                             char *out) {
    (xs->is_float ? pairwise_tile_of_floats : pairwise_tile_of_doubles)(xs, batch, block_x, ys, block_y, mirrored, out);
}

#endif
