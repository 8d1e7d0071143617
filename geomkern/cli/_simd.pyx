"""Which copy of the cloned kernels the dynamic linker took."""

cdef extern from *:
    """
    #include "gk_simd.h"
    #if GK_HAS_CLONES
    /* The question that the clones' own resolvers ask. */
    static int gk_simd_level(void)
    {
        __builtin_cpu_init();
        return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 1;
    }
    #else
    static int gk_simd_level(void) { return 0; }
    #endif
    """
    int gk_simd_level()


def simd_level():
    """Return 4, 3 or 1 for x86-64-v4, x86-64-v3 or the baseline; 0 where there is one copy only."""
    return gk_simd_level()
