/* How geomkern's C code is compiled for several instruction sets at once.
 *
 * A *block function* works on a few dozen rows and carries GK_CLONES: the compiler makes one copy for each level of
 * x86-64 and the dynamic linker takes the best that the processor has. Whatever it calls must be GK_INLINE, so that it
 * is compiled anew inside each copy. The copies give the same bits: the build forbids fused multiply-adds that the
 * source does not ask for, and no sum's order depends on the width of a vector.
 */
#ifndef GK_SIMD_H
#define GK_SIMD_H

#if !defined(__GNUC__)
#error "geomkern's C code needs GCC or Clang"
#endif

#define GK_INLINE static inline __attribute__((always_inline, unused))
#define GK_RESTRICT __restrict__
#define GK_UNUSED __attribute__((unused))
#define GK_LIKELY(x) __builtin_expect(!!(x), 1)

/* A build may bring a GK_CLONES of its own, such as one level's target attribute, to compare the levels. */
#if defined(GK_CLONES)
#define GK_HAS_CLONES 0
#elif !defined(__clang__) && __GNUC__ >= 12 && defined(__x86_64__) && defined(__linux__)
#define GK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#define GK_HAS_CLONES 1
#else
#define GK_CLONES
#define GK_HAS_CLONES 0
#endif

/* A loop over independent rows or coordinates. */
#define GK_SIMD _Pragma("omp simd")

/* Four doubles that the compiler keeps in as many registers as the instruction set needs. */
typedef double gk_four __attribute__((vector_size(32), aligned(8), may_alias));

typedef float gk_four_floats __attribute__((vector_size(16), aligned(4), may_alias));

/* Transpose a four by four tile held in a, b, c, d: by the shuffles that work within the halves of a register, which
 * for doubles interleave even and odd places, and for floats the lower and upper two. */
#define GK_TRANSPOSE_DOUBLES(a, b, c, d)                                                                               \
    do {                                                                                                               \
        gk_four ab_even = __builtin_shufflevector(a, b, 0, 4, 2, 6),                                                   \
                ab_odd = __builtin_shufflevector(a, b, 1, 5, 3, 7);                                                    \
        gk_four cd_even = __builtin_shufflevector(c, d, 0, 4, 2, 6),                                                   \
                cd_odd = __builtin_shufflevector(c, d, 1, 5, 3, 7);                                                    \
        a = __builtin_shufflevector(ab_even, cd_even, 0, 1, 4, 5);                                                     \
        b = __builtin_shufflevector(ab_odd, cd_odd, 0, 1, 4, 5);                                                       \
        c = __builtin_shufflevector(ab_even, cd_even, 2, 3, 6, 7);                                                     \
        d = __builtin_shufflevector(ab_odd, cd_odd, 2, 3, 6, 7);                                                       \
    } while (0)
#define GK_TRANSPOSE_FLOATS(a, b, c, d)                                                                                \
    do {                                                                                                               \
        gk_four_floats ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);                                             \
        gk_four_floats ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);                                            \
        gk_four_floats cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);                                             \
        gk_four_floats cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);                                            \
        a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);                                                       \
        b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);                                                       \
        c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);                                                     \
        d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);                                                     \
    } while (0)

#endif
