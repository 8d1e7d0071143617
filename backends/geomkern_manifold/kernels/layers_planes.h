/* Layers by signed distances from hyperplanes of the Poincaré ball of curvature -c (Ganea, Bécigneul and Hofmann 2018;
 * Shimizu, Mukuta and Harada 2021).
 *
 * A totally geodesic hyperplane through the ball is given by a vector m and a number s, and the point x lies at the signed
 * distance arsinh(q)/sqrt(c) from it, where
 *   q = sqrt(c) lambda_x <x, m> - (lambda_x - 1) s,   lambda_x = 2/(1 - c|x|^2).
 * All <x, m> are one matrix product; the kernels take its rows h, and for each plane a gain (m is so many times the vector
 * in the product), the shift s and the reach f, by which the distance is multiplied:
 *   q_j = sqrt(c) lambda gain_j h_j - (lambda - 1) shift_j,   v_j = reach_j arsinh(q_j)/sqrt(c).
 */
#ifndef GK_LAYERS_PLANES_H
#define GK_LAYERS_PLANES_H

#include "domains.h"

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
 * sinh overflows at 710. Rows with a z beyond PLANES_FAR are divided by e^m, m = max |z| - PLANES_FAR, in which
 * sinh(z) e^-m is sinh(|z| - m) to within e^(-2 PLANES_FAR) of the largest; with E = e^-m then
 *   y = w'/(E + sqrt(E^2 + c|w'|^2)). */
#define PLANES_FAR 300.0

GK_INLINE double planes_nearer(double z, double by) {
    double size = gk_abs(z) - by;
    return __builtin_copysign(size < 0.0 ? 0.0 : size, z);
}

/* nearer = m of each row, and E, from the square sum zz of its z. */
#define PLANES_NEARER(nearer, E, zz, Z)                                                                                \
    do {                                                                                                               \
        int far = 0;                                                                                                   \
        GK_SCALARS (nearer)[i] = 0.0, (E)[i] = 1.0;                                                                    \
        for (long i = 0; i < block->lanes; i++) far |= (zz)[i] > PLANES_FAR * PLANES_FAR;                              \
        if (!far) break;                                                                                               \
        for (long i = 0; i < block->rows; i++) {                                                                       \
            typedef double gk_lane;                                                                                    \
            double most = PLANES_FAR;                                                                                  \
            for (long j = 0; j < block->d; j++) most = gk_abs(Z) > most ? gk_abs(Z) : most;                            \
            (nearer)[i] = most - PLANES_FAR;                                                                           \
            (E)[i] = gk_exp(-(nearer)[i]);                                                                             \
        }                                                                                                              \
    } while (0)

/* h, gain, shift, reach; lam, c -> y */
GK_ROW_FUNCTION(poincare_fc) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc, zz, ww, k, nearer, E;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    GK_COMBINE(out[0], GK_AT(in[3]) * gk_asinh(PLANES_Q(in[0], in[1], in[2], lam, rc)));
    GK_SUM(zz, GK_AT(out[0]) * GK_AT(out[0]));
    PLANES_NEARER(nearer, E, zz, GK_AT(out[0]));
    GK_COMBINE(out[0], gk_sinh(planes_nearer(GK_AT(out[0]), nearer[i])));
    GK_SUM(ww, GK_AT(out[0]) * GK_AT(out[0]));
    GK_SCALARS {
        double D = E[i] + __builtin_sqrt(E[i] * E[i] + ww[i]);
        k[i] = 1.0 / (D * rc[i]);
        t[0][i] = 2.0 * E[i] / D;
    }
    GK_COMBINE(out[0], k[i] * GK_AT(out[0]));
}

/* g, h, gain, shift, reach; lam, c -> gh, ggain, gshift, greach; glam, gc. In terms of W = sqrt(c) w = sinh z (both times
 * E), rho = sqrt(E^2 + |W|^2) and p = <g, W>, y = W/(sqrt(c)(E + rho)), and
 *   dL/dz = (g - p W/(rho (E + rho))) cosh(z)/(sqrt(c)(E + rho)),   Q = dL/dq = f dL/dz/sqrt(1 + q^2);
 * dL/dc is that through q less <g, y>/(2c). The outputs hold arsinh(q), W and the other two on the way. */
GK_ROW_FUNCTION(poincare_fc_vjp) {
    const double *lam = s[0], *c = s[1];
    gk_scalars rc, zz, ww, p, k, of_w, nearer, E, of_rc, of_lam;
    GK_SCALARS rc[i] = __builtin_sqrt(c[i]);
    GK_FILL(out[3], gk_asinh(PLANES_Q(in[1], in[2], in[3], lam, rc)));
    GK_SUM(zz, GK_AT(in[4]) * GK_AT(out[3]) * (GK_AT(in[4]) * GK_AT(out[3])));
    PLANES_NEARER(nearer, E, zz, GK_AT(in[4]) * GK_AT(out[3]));
    GK_FILL(out[2], gk_sinh(planes_nearer(GK_AT(in[4]) * GK_AT(out[3]), nearer[i])));
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
