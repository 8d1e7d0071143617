/* The losses of one example, as functions of distances: entry 0 is the edge's, the others are those of its negatives.
 *
 * Each returns the loss and leaves its derivative by every distance in `slope`.
 *
 *     softmax   -log(e^{-d_0} / sum_j e^{-d_j})                                      Nickel and Kiela, 2017
 *     link      -log p(d_0) - sum_{j > 0} log(1 - p(d_j)),
 *               p(d) = 1 / (e^{(d - radius) / temperature} + 1)                     Krioukov et al., 2010
 *     stress    (d_0 - length)^2 + mean_{j > 0} max(0, margin - d_j)^2               Kruskal, 1964, on the edges known
 *     cones     max(0, E_0) + sum_{j > 0} max(0, margin - E_j)                       Ganea, Bécigneul and Hofmann, 2018
 *
 * The cone of an apex at distance r from the origin has the half-angle psi(r) = asin(2 K / sinh r), which is
 * asin(K (1 - |y|^2) / |y|) in the ball; nearer to the origin than where this is a right angle, it is one. E = Xi - psi
 * with Xi, the angle at the apex between the ray from the origin and the geodesic to the member. In the triangle of the
 * origin (0), the apex (at r) and the member (at m, and d from the apex)
 *
 *     cos Xi = (cosh m - cosh r cosh d) / (sinh r sinh d),
 *     tan^2(Xi / 2) = (1 - cos Xi) / (1 + cos Xi) = (cosh(r + d) - cosh m) / (cosh m - cosh(r - d))
 *                   = sinh((r + d + m) / 2) sinh((r + d - m) / 2) / (sinh((m + r - d) / 2) sinh((m - r + d) / 2)),
 *
 * where every factor is positive, and Xi follows from the last line without cancellation. With n and o for numerator
 * and denominator of it, sin Xi = 2 sqrt(n o) / (sinh r sinh d), and the derivatives of cos Xi by m, r and d are
 *
 *     sinh m / (sinh r sinh d),
 *     (cosh d - cosh r cosh m) / (sinh^2 r sinh d),
 *     (cosh r - cosh m cosh d) / (sinh r sinh^2 d).
 *
 * Where the three points lie on one line Xi has no derivative, and 0 stands for it. A negative inside the cone is
 * pushed out: its E is not cut off at 0, as that of Ganea et al. is.
 */
#ifndef GK_LOSSES_H
#define GK_LOSSES_H

#include "gk_math.h"
#include "gk_trig.h"

enum { GK_SOFTMAX, GK_LINK, GK_STRESS, GK_CONES };

#define GK_APERTURE 0.1    /* K, of Ganea et al. */
#define GK_ALIGNED 1e-5    /* sin Xi below which three points are on one line */

typedef struct {
    int32_t kind;
    double margin, radius, temperature;
} gk_loss;

GK_INLINE double gk_softmax(const double *GK_RESTRICT distance, double *GK_RESTRICT slope, int32_t used)
{
    double least = distance[0], others = 0.0;
    for (int32_t j = 1; j < used; j++) least = distance[j] < least ? distance[j] : least;
    GK_SIMD
    for (int32_t j = 0; j < used; j++) slope[j] = gk_exp(least - distance[j]);
    for (int32_t j = 1; j < used; j++) others += slope[j];
    const double first = slope[0], total = first + others;
    for (int32_t j = 1; j < used; j++) slope[j] /= -total;
    slope[0] = others / total;
    return gk_log1p(others / first);
}

GK_INLINE double gk_link(const gk_loss *l, const double *GK_RESTRICT distance, double *GK_RESTRICT slope,
                         double *GK_RESTRICT term, int32_t used)
{
    GK_SIMD
    for (int32_t j = 0; j < used; j++) {
        const double sign = j ? -1.0 : 1.0, z = sign * (distance[j] - l->radius) / l->temperature;
        const double shrunk = gk_exp(-gk_abs(z)), likely = 1.0 / (1.0 + shrunk);
        slope[j] = sign * (z > 0.0 ? likely : shrunk * likely) / l->temperature;
        term[j] = (z > 0.0 ? z : 0.0) + gk_log1p(shrunk);    /* log(1 + e^z) */
    }
    double loss = 0.0;
    for (int32_t j = 0; j < used; j++) loss += term[j];
    return loss;
}

GK_INLINE double gk_stress(const gk_loss *l, double length, const double *GK_RESTRICT distance,
                           double *GK_RESTRICT slope, int32_t used)
{
    const double beyond = distance[0] - length, each = used > 1 ? 1.0 / (used - 1) : 0.0;
    double loss = 0.0;
    slope[0] = 2.0 * beyond;
    for (int32_t j = 1; j < used; j++) {
        const double within = l->margin - distance[j] > 0.0 ? l->margin - distance[j] : 0.0;
        slope[j] = -2.0 * each * within;
        loss += within * within;
    }
    return beyond * beyond + each * loss;
}

/* `height` holds the distances of the apexes from the origin and `up` takes the derivatives by them; `member` is m, and
 * `up_member` the derivative by it. By distances alone these grow without bounds where the gradients do not, whose
 * lengths follow from the angles of the triangle: a pair with one beyond `limit` is scaled down to it. */
GK_INLINE double gk_cones(const gk_loss *l, double member, const double *GK_RESTRICT height,
                          const double *GK_RESTRICT distance, double *GK_RESTRICT slope, double *GK_RESTRICT up,
                          double *up_member, double limit, int32_t used)
{
    const double cosh_m = gk_cosh(member), sinh_m = gk_sinh(member);
    double loss = 0.0, sum = 0.0;
    for (int32_t j = 0; j < used; j++) {
        const double r = height[j], d = distance[j];
        const double sinh_r = gk_sinh(r), cosh_r = gk_cosh(r), sinh_d = gk_sinh(d), cosh_d = gk_cosh(d);
        const double n = gk_sinh(0.5 * (r + d + member)) * gk_sinh(0.5 * (r + d - member));
        const double o = gk_sinh(0.5 * (member + r - d)) * gk_sinh(0.5 * (member - r + d));
        const double scale = sinh_r * sinh_d, root = n > 0.0 && o > 0.0 ? __builtin_sqrt(n * o) : 0.0;
        const double angle = 2.0 * gk_atan2(__builtin_sqrt(n > 0.0 ? n : 0.0), __builtin_sqrt(o > 0.0 ? o : 0.0));
        const double width = 2.0 * GK_APERTURE, narrow = __builtin_sqrt((sinh_r - width) * (sinh_r + width));
        const double half = sinh_r > width ? gk_atan2(width, narrow) : GK_PI_2;
        const double energy = angle - half, lacking = l->margin - energy;
        const double push = j == 0 ? (energy > 0.0 ? 1.0 : 0.0) : (lacking > 0.0 ? -1.0 : 0.0);
        const double sine = 2.0 * root / scale, turn = scale > 0.0 && sine > GK_ALIGNED ? -push / (sine * scale) : 0.0;
        const double by_d = turn == 0.0 ? 0.0 : turn * (cosh_r - cosh_m * cosh_d) / sinh_d;
        const double by_angle = turn == 0.0 ? 0.0 : turn * (cosh_d - cosh_r * cosh_m) / sinh_r, by_m = turn * sinh_m;
        const double by_r = by_angle + (sinh_r > width ? push * width * cosh_r / (sinh_r * narrow) : 0.0);
        const double at_apex = turn == 0.0 ? 0.0 : (cosh_m - cosh_r * cosh_d) / scale;
        const double at_member = turn == 0.0 ? 0.0 : (cosh_d * cosh_m - cosh_r) / (sinh_d * sinh_m);
        const double apex = by_d * by_d + by_r * by_r - 2.0 * by_d * by_r * at_apex;
        const double other = by_d * by_d + by_m * by_m + 2.0 * by_d * by_m * at_member;
        const double longest = __builtin_sqrt(apex > other ? apex : other);
        const double kept = longest > limit ? limit / longest : 1.0;
        slope[j] = kept * by_d;
        up[j] = kept * by_r;
        sum += kept * by_m;
        loss += push == 0.0 ? 0.0 : j == 0 ? energy : lacking;
    }
    *up_member = sum;
    return loss;
}

#endif
