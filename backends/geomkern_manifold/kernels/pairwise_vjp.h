/* Gradients of all distances between two sets of points. Notation as in pairwise_points.h.
 *
 * With the directions w, w' and D = du/dE = 1/sqrt(E(1 + E)), the precise form gives
 *   E_r  = dE/dr = sinh(r - r')/2 + cosh r sinh r' |w - w'|^2/4,
 *   du/dx = D (E_r dr/d|x| w + (sinh r/|x|) (sinh r'/2) ((w - w') - w |w - w'|^2/2)),
 * where the last bracket is -w' without its part along w. Nothing cancels: neighbours far out differ by w - w', which
 * is taken in twofold precision.
 *
 * The distance is u/sqrt(c), so c^(3/2) times its derivative in c is -u/2 + D (E_r c dr/dc + E_r' c dr'/dc), where
 * 2c dr/dc is sinh r, tanh r and sinh r cosh r in the three models. With S = sinh((r - r')/2) and
 * Z = sinh((r + r')/2) the derivative becomes (-u/2 + D E) + D X, where X is
 *   Poincaré: E (sinh^2(r/2) + sinh^2(r'/2)),    Lorentz: -S^2 Z^2 / (cosh r cosh r'),
 *   Klein: S^2 (S^2 (1 + 2 Z^2) + 2 Z^2) + sinh r sinh r' (sinh^2 r + sinh^2 r') |w - w'|^2/8.
 * Near points cancel in the bracket -asinh(sqrt E) + sqrt(E/(1 + E)), but not in what it equals,
 * E^(3/2) sqrt(1 + E) (2F' + F/(1 + E)) (see poincare_F).
 */
#ifndef GK_PAIRWISE_VJP_H
#define GK_PAIRWISE_VJP_H

#include "pairwise.h"

/* Gradients with respect to one block of y: gy and, for each y, its share of the gradient in c. The upstream gradient
 * of pair (i, j) of the batch lies at g[i * step_x + j * step_y], so that the roles of x and y can be exchanged.
 * scratch holds GK_TILE d numbers. */
GK_CLONES static void pairwise_block_vjp(const double *g, long step_x, long step_y, const gk_set *xs, const gk_set *ys,
                                         long batch, long block, double *gy, double *gc, double *scratch) {
    const long d = xs->d, first = block * GK_TILE, rows = ys->n - first < GK_TILE ? ys->n - first : GK_TILE;
    const long block_y = batch * ys->blocks + block;
    const int model = ys->model;
    const double *y = ys->numbers + block_y * GK_N_NUMBERS * GK_TILE, root_c = __builtin_sqrt(ys->c);
    const double *yh = ys->high + block_y * d * GK_TILE, *yl = ys->low + block_y * d * GK_TILE;
    double chord[GK_TILE], slope[GK_TILE], of_r[GK_TILE] = {0}, along[GK_TILE] = {0}, of_c[GK_TILE] = {0};
    memset(scratch, 0, sizeof(double) * (size_t)(d * GK_TILE));
    for (long i = 0; i < xs->n; i++) {
        const long block_x = batch * xs->blocks + i / GK_TILE, lane = i % GK_TILE;
        const double *x = xs->numbers + block_x * GK_N_NUMBERS * GK_TILE + lane;
        const double *xh = xs->high + block_x * d * GK_TILE + lane, *xl = xs->low + block_x * d * GK_TILE + lane;
        pairwise_chord(xh, xl, yh, yl, d, chord);
        for (long l = 0; l < GK_TILE; l++) slope[l] = l < rows ? g[i * step_x + (first + l) * step_y] : 0.0;
        GK_SIMD
        for (long l = 0; l < GK_TILE; l++) {
            const double sinh_x = x[GK_SINH * GK_TILE], sinh_y = y[GK_SINH * GK_TILE + l];
            const double rise_x = x[GK_RISE * GK_TILE], rise_y = y[GK_RISE * GK_TILE + l];
            double radial = pairwise_radial(x, y + l), quarter = 0.25 * chord[l];
            double across = quarter == 0.0 ? 0.0 : (sinh_x * sinh_y) * quarter;
            double E = radial * radial + across, re = __builtin_sqrt(E), r1 = __builtin_sqrt(1.0 + E);
            double step = radial * __builtin_sqrt(1.0 + radial * radial); /* sinh(r' - r)/2 */
            double E_y = step + (1.0 + 2.0 * rise_y) * sinh_x * quarter;
            double both = __builtin_sqrt(rise_x * (1.0 + rise_y)) + __builtin_sqrt(rise_y * (1.0 + rise_x));
            double S2 = radial * radial, Z2 = both * both;
            double X = model == GK_POINCARE  ? E * (rise_x + rise_y)
                       : model == GK_LORENTZ ? -S2 * Z2 / ((1.0 + 2.0 * rise_x) * (1.0 + 2.0 * rise_y))
                                             : S2 * (S2 * (1.0 + 2.0 * Z2) + 2.0 * Z2) +
                                                   0.5 * sinh_x * sinh_y *
                                                       (sinh_x * sinh_x + sinh_y * sinh_y) * quarter;
            double up = slope[l] / root_c, D = E == 0.0 ? 0.0 : up / (re * r1); /* the subgradient at x = y is 0 */
            poincare_ratio F = poincare_F(E);
            double near = re * r1 * E * (2.0 * F.slope + F.value / (1.0 + E));
            of_c[l] += up * near + D * X;
            of_r[l] += D * E_y;
            slope[l] = 0.5 * D * sinh_x;
            along[l] += slope[l] * (2.0 * quarter);
        }
        for (long j = 0; j < d; j++) {
            GK_SIMD
            for (long l = 0; l < GK_TILE; l++) {
                const long at = j * GK_TILE + l;
                scratch[at] += slope[l] * ((yh[at] - xh[j * GK_TILE]) + (yl[at] - xl[j * GK_TILE]));
            }
        }
    }
    for (long l = 0; l < rows; l++) {
        const double outward = y[GK_STRETCH * GK_TILE + l] * of_r[l], spread = y[GK_SPREAD * GK_TILE + l];
        gc[batch * ys->n + first + l] = of_c[l] / ys->c;
        for (long j = 0; j < d; j++) {
            const double direction = yh[j * GK_TILE + l];
            gy[(batch * ys->n + first + l) * d + j] =
                outward * direction + spread * (scratch[j * GK_TILE + l] - along[l] * direction);
        }
    }
}

#endif
