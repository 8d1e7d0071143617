/* One step of SGD and of Adam over a block of numbers, in one pass over the parameter, its gradient and the state.
 *
 * The file includes itself once for float and once for double. Every number is moved by itself, so a block gives the
 * same bits wherever it begins and whichever thread has it. The coefficients come ready from the caller, computed in
 * double: the loops hold no more than the arithmetic that differs from number to number. The choices between
 * coefficients cost nothing (they become selections, or leave the loop), and keep 0 * inf out of what is switched off.
 */
#ifndef GK_OPTIM_H
#define GK_OPTIM_H

#include <math.h>
#include <stddef.h>

#include "gk_simd.h"

typedef struct {
    double sign;  /* -1 to maximise */
    double decay; /* weight decay that is added to the gradient */
    double lr;
    double keep, share; /* momentum, and the share of the new gradient in the buffer */
    double ahead;       /* momentum again for Nesterov's look ahead, else 0 */
} gk_sgd_coefficients;

typedef struct {
    double sign;
    double decay;
    double shrink;       /* decoupled weight decay: what the parameter is multiplied by */
    double rate;         /* lr / (1 - beta1^t) */
    double root;         /* sqrt(1 - beta2^t) */
    double eps;
    double lerp;         /* 1 - beta1 */
    double beta2, share; /* share = 1 - beta2 */
} gk_adam_coefficients;

#define GK_REAL float
#define GK_TYPED(name) name##_f32
#define GK_SQRT sqrtf
#include "optim.h"
#undef GK_REAL
#undef GK_TYPED
#undef GK_SQRT

#define GK_REAL double
#define GK_TYPED(name) name##_f64
#define GK_SQRT sqrt
#include "optim.h"
#undef GK_REAL
#undef GK_TYPED
#undef GK_SQRT

#elif defined(GK_REAL)

/* g <- sign grad + decay p */
GK_INLINE GK_REAL GK_TYPED(gk_descent)(GK_REAL grad, GK_REAL p, GK_REAL sign, GK_REAL decay)
{
    return decay != 0 ? sign * grad + decay * p : sign * grad;
}

/* p <- p - lr g */
GK_CLONES static void GK_TYPED(gk_sgd)(GK_REAL *GK_RESTRICT p, const GK_REAL *GK_RESTRICT grad, ptrdiff_t n,
                                       const gk_sgd_coefficients *k)
{
    const GK_REAL sign = (GK_REAL)k->sign, decay = (GK_REAL)k->decay, lr = (GK_REAL)k->lr;
    GK_SIMD
    for (ptrdiff_t i = 0; i < n; i++)
        p[i] = p[i] - lr * GK_TYPED(gk_descent)(grad[i], p[i], sign, decay);
}

/* b <- keep b + share g,   p <- p - lr (g + ahead b  or  b) */
GK_CLONES static void GK_TYPED(gk_sgd_momentum)(GK_REAL *GK_RESTRICT p, const GK_REAL *GK_RESTRICT grad,
                                                GK_REAL *GK_RESTRICT buffer, ptrdiff_t n,
                                                const gk_sgd_coefficients *k)
{
    const GK_REAL sign = (GK_REAL)k->sign, decay = (GK_REAL)k->decay, lr = (GK_REAL)k->lr;
    const GK_REAL keep = (GK_REAL)k->keep, share = (GK_REAL)k->share, ahead = (GK_REAL)k->ahead;
    GK_SIMD
    for (ptrdiff_t i = 0; i < n; i++) {
        const GK_REAL g = GK_TYPED(gk_descent)(grad[i], p[i], sign, decay);
        const GK_REAL b = keep * buffer[i] + share * g;
        buffer[i] = b;
        p[i] = p[i] - lr * (ahead != 0 ? g + ahead * b : b);
    }
}

/* m <- m + (1 - beta1) (g - m),   v <- beta2 v + (1 - beta2) g^2,   vmax <- max(vmax, v) for AMSGrad,
 * p <- shrink p - rate m / (sqrt(v or vmax) / root + eps) */
GK_INLINE void GK_TYPED(gk_adam_loop)(GK_REAL *GK_RESTRICT p, const GK_REAL *GK_RESTRICT grad, GK_REAL *GK_RESTRICT m,
                                      GK_REAL *GK_RESTRICT v, GK_REAL *GK_RESTRICT vmax, const int amsgrad,
                                      ptrdiff_t n, const gk_adam_coefficients *k)
{
    const GK_REAL sign = (GK_REAL)k->sign, decay = (GK_REAL)k->decay, shrink = (GK_REAL)k->shrink;
    const GK_REAL rate = (GK_REAL)k->rate, root = (GK_REAL)k->root, eps = (GK_REAL)k->eps;
    const GK_REAL lerp = (GK_REAL)k->lerp, beta2 = (GK_REAL)k->beta2, share = (GK_REAL)k->share;
    GK_SIMD
    for (ptrdiff_t i = 0; i < n; i++) {
        const GK_REAL g = GK_TYPED(gk_descent)(grad[i], p[i], sign, decay);
        const GK_REAL mean = m[i] + lerp * (g - m[i]);
        GK_REAL square = beta2 * v[i] + share * g * g;
        m[i] = mean;
        v[i] = square;
        if (amsgrad) {
            square = vmax[i] > square ? vmax[i] : square; /* a NaN in v stays there, and comes through */
            vmax[i] = square;
        }
        p[i] = shrink * p[i] - rate * mean / (GK_SQRT(square) / root + eps);
    }
}

GK_CLONES static void GK_TYPED(gk_adam)(GK_REAL *GK_RESTRICT p, const GK_REAL *GK_RESTRICT grad,
                                        GK_REAL *GK_RESTRICT m, GK_REAL *GK_RESTRICT v, ptrdiff_t n,
                                        const gk_adam_coefficients *k)
{
    GK_TYPED(gk_adam_loop)(p, grad, m, v, NULL, 0, n, k);
}

GK_CLONES static void GK_TYPED(gk_adam_amsgrad)(GK_REAL *GK_RESTRICT p, const GK_REAL *GK_RESTRICT grad,
                                                GK_REAL *GK_RESTRICT m, GK_REAL *GK_RESTRICT v,
                                                GK_REAL *GK_RESTRICT vmax, ptrdiff_t n, const gk_adam_coefficients *k)
{
    GK_TYPED(gk_adam_loop)(p, grad, m, v, vmax, 1, n, k);
}

#endif
