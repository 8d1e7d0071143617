/* How geomkern's C code is compiled for several instruction sets at once.
 *
 * A *block function* works on a few dozen rows and carries GK_CLONES: the compiler makes one copy for each level of
 * x86-64 and the dynamic linker takes the best that the processor has. Whatever it calls must be GK_INLINE, so that it
 * is compiled anew inside each copy. The copies give the same bits: the build forbids fused multiply-adds that the
 * source does not ask for, and no sum's order depends on the width of a vector.
 */
#ifndef GK_SIMD_H
#define GK_SIMD_H

#if defined(__GNUC__)
#define GK_INLINE static inline __attribute__((always_inline, unused))
#define GK_RESTRICT __restrict__
#define GK_LIKELY(x) __builtin_expect(!!(x), 1)
#else
#define GK_INLINE static inline
#define GK_RESTRICT __restrict
#define GK_LIKELY(x) (x)
#endif

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 && defined(__x86_64__) && defined(__linux__)
#define GK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#define GK_HAS_CLONES 1
#else
#define GK_CLONES
#define GK_HAS_CLONES 0
#endif

/* A loop over independent rows or coordinates. */
#define GK_SIMD _Pragma("omp simd")

#endif
