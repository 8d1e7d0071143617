/* Layers by signed distances from hyperplanes of the Poincaré ball of curvature -c (Ganea, Bécigneul and Hofmann 2018;
 * Shimizu, Mukuta and Harada 2021).
 *
 * A totally geodesic hyperplane through the ball is given by a vector m and a number s, and the point x lies at the
 * signed distance arsinh(q)/sqrt(c) from it, where
 *   q = sqrt(c) lambda_x <x, m> - (lambda_x - 1) s,   lambda_x = 2/(1 - c|x|^2).
 * All <x, m> are one matrix product; the kernels take its rows h, and for each plane a gain (m is so many times the
 * vector in the product), the shift s and the reach f, by which the distance is multiplied:
 *   q_j = sqrt(c) lambda gain_j h_j - (lambda - 1) shift_j,   v_j = reach_j arsinh(q_j)/sqrt(c).
 */
#ifndef GK_LAYERS_PLANES_H
#define GK_LAYERS_PLANES_H

#include "domains.h"
#include "gk_math_single.h"

#define PLANES_Q(h, gain, shift, lam, rc)                                                                              \
    ((rc)[i] * (lam)[i] * GK_AT(gain) * GK_AT(h) - ((lam)[i] - 1.0) * GK_AT(shift))

/* h, gain, shift, reach; lam, c -> v */
GK_ROW_FUNCTION(poincare_planes) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    GK_COMBINE(out[0], GK_AT(in[3]) / rc[i] * gk_asinh(PLANES_Q(in[0], in[1], in[2], lam, rc)));
}

/* g, h, gain, shift, reach; lam, c -> gh, ggain, gshift, greach; glam, gc, by Q = dL/dq = g f/(sqrt(c) sqrt(1 + q^2)).
 * The outputs hold Q and arsinh(q) on the way. */
GK_ROW_FUNCTION(poincare_planes_vjp) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc, of_lam, of_rc, gv;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    GK_FILL(out[3], GK_AT(in[0]) / rc[i] * gk_asinh(PLANES_Q(in[1], in[2], in[3], lam, rc)));
    GK_FILL(out[2], GK_AT(in[0]) * GK_AT(in[4]) / rc[i] /
                        __builtin_sqrt(1.0 + PLANES_Q(in[1], in[2], in[3], lam, rc) *
                                                 PLANES_Q(in[1], in[2], in[3], lam, rc)));
    GK_SUM3(of_rc, GK_AT(out[2]) * GK_AT(in[2]) * GK_AT(in[1]), of_lam, GK_AT(out[2]) * GK_AT(in[3]), gv,
            GK_AT(out[3]) * GK_AT(in[4]));
    GK_SCALARS {
        t[0][i] = rc[i] * of_rc[i] - of_lam[i];
        t[1][i] = 0.5 * (lam[i] * of_rc[i] / rc[i] - gv[i] / c[i]);
    }
    GK_COMBINE(out[0], GK_AT(out[2]) * rc[i] * lam[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], GK_AT(out[2]) * rc[i] * lam[i] * GK_AT(in[1]));
    GK_COMBINE(out[2], -(lam[i] - 1.0) * GK_AT(out[2]));
}

/* The fully connected layer of HNN++: with z_j = sqrt(c) v_j the result is
 *   y = w/(1 + sqrt(1 + c|w|^2)),   w_j = sinh(z_j)/sqrt(c),   1 - c|y|^2 = 2/(1 + sqrt(1 + c|w|^2)).
 * Where a z exceeds `far`, beyond which sinh may overflow, the row is divided by e^m, m = max |z| - far, in which
 * sinh(z) e^-m is sinh(|z| - m) to within e^(-2 far) of the largest; with E = e^-m then
 *   y = w'/(E + sqrt(E^2 + c|w'|^2)). */
#define PLANES_FAR 300.0
#define PLANES_FAR_SINGLE 80.0

/* m of each row, and E. */
#define PLANES_NEARER(nearer, E, Z, far)                                                                               \
    do {                                                                                                               \
        typedef double gk_lane;                                                                                        \
        if (columns) {                                                                                                 \
            GK_SCALARS (nearer)[i] = (far);                                                                            \
            for (long j = 0; j < block->d; j++)                                                                        \
                GK_SCALARS (nearer)[i] = gk_abs(Z) > (nearer)[i] ? gk_abs(Z) : (nearer)[i];                            \
        } else {                                                                                                       \
            for (long i = 0; i < block->rows; i++) {                                                                   \
                double most = (far);                                                                                   \
                _Pragma("omp simd reduction(max : most)")                                                              \
                for (long j = 0; j < block->d; j++) most = gk_abs(Z) > most ? gk_abs(Z) : most;                        \
                (nearer)[i] = most;                                                                                    \
            }                                                                                                          \
        }                                                                                                              \
        GK_SCALARS (nearer)[i] -= (far), (E)[i] = gk_exp(-(nearer)[i]);                                                \
    } while (0)

#define PLANES_NEAR(Z) __builtin_copysign(gk_abs(Z) < nearer[i] ? 0.0 : gk_abs(Z) - nearer[i], Z)

/* h, gain, shift, reach; lam, c -> y. The product h of float32 arrays has rounded away what the functions of single
 * precision do not have. */
GK_ROW_FUNCTION(poincare_fc) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc, ww, k, nearer, E;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    if (columns || block->compensate) {
        GK_COMBINE(out[0], GK_AT(in[3]) * gk_asinh(PLANES_Q(in[0], in[1], in[2], lam, rc)));
        PLANES_NEARER(nearer, E, GK_AT(out[0]), PLANES_FAR);
        GK_COMBINE(out[0], gk_sinh(PLANES_NEAR(GK_AT(out[0]))));
    } else {
        GK_COMBINE(out[0], (float)GK_AT(in[3]) * gk_asinh_single((float)PLANES_Q(in[0], in[1], in[2], lam, rc)));
        PLANES_NEARER(nearer, E, GK_AT(out[0]), PLANES_FAR_SINGLE);
        GK_COMBINE(out[0], gk_sinh_single((float)PLANES_NEAR(GK_AT(out[0]))));
    }
    GK_SUM(ww, GK_AT(out[0]) * GK_AT(out[0]));
    GK_SCALARS {
        double D = E[i] + __builtin_sqrt(E[i] * E[i] + ww[i]);
        k[i] = 1.0 / (D * rc[i]);
        t[0][i] = 2.0 * E[i] / D;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(out[0]));
}

/* g, h, gain, shift, reach; lam, c -> gh, ggain, gshift, greach; glam, gc. In terms of W = sqrt(c) w = sinh z
 * (both times E), rho = sqrt(E^2 + |W|^2) and p = <g, W>, y = W/(sqrt(c)(E + rho)), and
 *   dL/dz = (g - p W/(rho (E + rho))) cosh(z)/(sqrt(c)(E + rho)),   Q = dL/dq = f dL/dz/sqrt(1 + q^2);
 * dL/dc is that through q less <g, y>/(2c). The outputs hold arsinh(q), W and the other two on the way. */
GK_ROW_FUNCTION(poincare_fc_vjp) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc, ww, p, k, of_w, nearer, E, of_rc, of_lam;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    GK_FILL(out[3], gk_asinh(PLANES_Q(in[1], in[2], in[3], lam, rc)));
    PLANES_NEARER(nearer, E, GK_AT(in[4]) * GK_AT(out[3]), PLANES_FAR);
    GK_FILL(out[2], gk_sinh(PLANES_NEAR(GK_AT(in[4]) * GK_AT(out[3]))));
    GK_SUM2(ww, GK_AT(out[2]) * GK_AT(out[2]), p, GK_AT(in[0]) * GK_AT(out[2]));
    GK_SCALARS {
        double rho = __builtin_sqrt(E[i] * E[i] + ww[i]), D = E[i] + rho;
        k[i] = 1.0 / (rc[i] * D);
        of_w[i] = p[i] / (rho * D);
        p[i] *= k[i];
    }
    GK_FILL(out[2], (GK_AT(in[0]) - of_w[i] * GK_AT(out[2])) * k[i] *
                        __builtin_sqrt(E[i] * E[i] + GK_AT(out[2]) * GK_AT(out[2])));
    GK_COMBINE(out[3], GK_AT(out[2]) * GK_AT(out[3]));
    GK_FILL(out[2], GK_AT(out[2]) * GK_AT(in[4]) /
                        __builtin_sqrt(1.0 + PLANES_Q(in[1], in[2], in[3], lam, rc) *
                                                 PLANES_Q(in[1], in[2], in[3], lam, rc)));
    GK_SUM2(of_rc, GK_AT(out[2]) * GK_AT(in[2]) * GK_AT(in[1]), of_lam, GK_AT(out[2]) * GK_AT(in[3]));
    GK_SCALARS {
        t[0][i] = rc[i] * of_rc[i] - of_lam[i];
        t[1][i] = 0.5 * (lam[i] * of_rc[i] / rc[i] - p[i] / c[i]);
    }
    GK_COMBINE(out[0], GK_AT(out[2]) * rc[i] * lam[i] * GK_AT(in[2]));
    GK_COMBINE(out[1], GK_AT(out[2]) * rc[i] * lam[i] * GK_AT(in[1]));
    GK_COMBINE(out[2], -(lam[i] - 1.0) * GK_AT(out[2]));
}

#define PLANES_OPERANDS {"h", "gain", "shift", "reach"}, {"lam", "c"}
#define PLANES_OPERANDS_VJP {"g", "h", "gain", "shift", "reach"}, {"lam", "c"}

static const gk_row_kernel POINCARE_PLANES = {
    "planes", poincare_planes, 4, 2, 1, 0, 0, PLANES_OPERANDS, 4, 2.0, &GK_BALL};
static const gk_row_kernel POINCARE_PLANES_VJP = {
    "planes_vjp", poincare_planes_vjp, 5, 2, 4, 2, 0, PLANES_OPERANDS_VJP, 4, 4.0, &GK_BALL};
static const gk_row_kernel POINCARE_FC = {
    "fc", poincare_fc, 4, 2, 1, 0, 1, PLANES_OPERANDS, 8, 4.0, &GK_BALL};
static const gk_row_kernel POINCARE_FC_VJP = {
    "fc_vjp", poincare_fc_vjp, 5, 2, 4, 2, 0, PLANES_OPERANDS_VJP, 8, 7.0, &GK_BALL};

#endif
