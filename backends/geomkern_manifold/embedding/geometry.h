/* Distances and steps in the ball, the Lorentz model and flat space: what one example needs of them. Included once for
 * each GK_REAL, with GK_OF(name) for the names of its functions.
 *
 * With D = x - y, all three gradients of d(x, y) have the same form, a multiple of the point itself and one of D. With
 * e = cosh d - 1 and q = sinh d = sqrt(e (e + 2)) the Riemannian gradients are
 *
 *     ball        at x: (a / q) (e x / 2 + D / b)     at y: (b / q) (e y / 2 - D / a)     e = 2 |D|^2 / (a b)
 *     Lorentz     at x: (e x + D) / q                 at y: (e y - D) / q                 in the spatial coordinates
 *     Euclidean   at x: D / d                         at y: -D / d
 *
 * where a = 1 - |x|^2 and b = 1 - |y|^2: the inverse metric is a^2 / 4 in the ball, and in the Lorentz model the
 * gradient is (cosh d x - y) / sinh d (Nickel and Kiela, 2017 and 2018). Behind the coordinates of a row lies one
 * number for each factor that is curved, made in double from the rounded coordinates: a in the ball, where near the
 * boundary it is all that matters, and the time coordinate sqrt(1 + |x|^2) in the Lorentz model.
 *
 * In the Lorentz model 2 e = |D|^2 - (x_0 - y_0)^2, which cancels far from the origin. With M = x + y, T = x_0 + y_0
 * and D split into D' along M and D'' across it, x_0 - y_0 = D . M / T and |M|^2 = T^2 - 4 - 2 e, so that
 *
 *     e = (|D''|^2 T^2 + 4 |D'|^2) / (2 (T^2 - |D'|^2))        without a difference of large numbers.
 *
 * A point of the ball or of flat space moves along the straight line of its chart, which is a retraction; one of the
 * Lorentz model by the exponential, cosh(l) x - sinh(l) g / |g| with l the length of the step, GK_FARTHEST at most: its
 * cosh is still a float. What lands beyond the radius of the ball that `room` leaves is drawn back to it, and likewise
 * in the Lorentz model.
 */

/* e, sinh d -> 1 / q and e^d - 1 of one block; in flat space 0, 1 / d and d. */
GK_INLINE void GK_OF(gk_measure)(int32_t kind, int32_t dim, const GK_REAL *GK_RESTRICT tile,
                                 const GK_REAL *GK_RESTRICT b, const GK_REAL *GK_RESTRICT x, GK_REAL a,
                                 GK_REAL *GK_RESTRICT gap, GK_REAL *GK_RESTRICT pull, GK_REAL *GK_RESTRICT value)
{
    if (kind == GK_LORENTZ) {
        double along[GK_LANES] = {0}, square[GK_LANES] = {0}, across[GK_LANES] = {0}, share[GK_LANES];
        for (int32_t k = 0; k < dim; k++) {
            const GK_REAL *y = tile + (ptrdiff_t)k * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const double m = (double)x[k] + y[j], d = (double)x[k] - y[j];
                along[j] += d * m;
                square[j] += m * m;
            }
        }
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const double part = along[j] / square[j];
            share[j] = square[j] > 0.0 ? part : 0.0;
        }
        for (int32_t k = 0; k < dim; k++) {
            const GK_REAL *y = tile + (ptrdiff_t)k * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const double d = ((double)x[k] - y[j]) - share[j] * ((double)x[k] + y[j]);
                across[j] += d * d;
            }
        }
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const double t = (double)a + b[j], t2 = t * t, d2 = along[j] * share[j];
            const double e = (across[j] * t2 + 4.0 * d2) / (2.0 * (t2 - d2)), q = __builtin_sqrt(e * (e + 2.0));
            const double inverse = 1.0 / q;
            gap[j] = (GK_REAL)e;
            pull[j] = (GK_REAL)(q > 0.0 ? inverse : 0.0);
            value[j] = (GK_REAL)(e + q);
        }
        return;
    }
    GK_REAL square[GK_LANES] = {0};
    for (int32_t k = 0; k < dim; k++) {
        const GK_REAL *y = tile + (ptrdiff_t)k * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const GK_REAL d = y[j] - x[k];
            square[j] += d * d;
        }
    }
    if (kind == GK_BALL) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const GK_REAL e = 2 * square[j] / (a * b[j]), q = GK_OF(gk_root)(e * (e + 2)), inverse = 1 / q;
            gap[j] = e;
            pull[j] = q > 0 ? inverse : 0;
            value[j] = e + q;
        }
    } else {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const GK_REAL d = GK_OF(gk_root)(square[j]), inverse = 1 / d;
            gap[j] = 0;
            pull[j] = d > 0 ? inverse : 0;
            value[j] = d;
        }
    }
}

/* Draws a point back to where it may be, and stores the number behind it. */
GK_INLINE void GK_OF(gk_settle)(const gk_factor *f, double room, GK_REAL *row)
{
    if (f->kind == GK_EUCLIDEAN) return;
    GK_REAL *x = row + f->start;
    const double most = f->kind == GK_BALL ? 1.0 - room : gk_lorentz_limit(room);
    double square = 0.0;
    for (int32_t k = 0; k < f->dim; k++) square += (double)x[k] * x[k];
    if (square > most) {
        const GK_REAL scale = (GK_REAL)__builtin_sqrt(most / square);
        square = 0.0;
        for (int32_t k = 0; k < f->dim; k++) {
            x[k] *= scale;
            square += (double)x[k] * x[k];
        }
    }
    row[f->extra] = (GK_REAL)(f->kind == GK_BALL ? 1.0 - square : __builtin_sqrt(1.0 + square));
}

/* The same for a block of points y. */
GK_INLINE void GK_OF(gk_settle_block)(const gk_factor *f, double room, GK_REAL *GK_RESTRICT tile,
                                      GK_REAL *GK_RESTRICT b, double *GK_RESTRICT square)
{
    const double most = f->kind == GK_BALL ? 1.0 - room : gk_lorentz_limit(room);
    int beyond = 0;
    for (int j = 0; j < GK_LANES; j++) beyond |= square[j] > most;
    if (beyond) {
        GK_REAL scale[GK_LANES];
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const double back = __builtin_sqrt(most / square[j]);
            scale[j] = square[j] > most ? (GK_REAL)back : 1;
            square[j] = 0.0;
        }
        for (int32_t k = 0; k < f->dim; k++) {
            GK_REAL *y = tile + (ptrdiff_t)k * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) {
                const GK_REAL z = y[j] * scale[j];
                y[j] = z;
                square[j] += (double)z * z;
            }
        }
    }
    if (f->kind == GK_BALL) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) b[j] = (GK_REAL)(1.0 - square[j]);
    } else {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) b[j] = (GK_REAL)__builtin_sqrt(1.0 + square[j]);
    }
}

/* The step of u in one factor: `pull` holds g / q, and `outward` what pushes x along itself besides. */
GK_INLINE void GK_OF(gk_move_child)(const gk_factor *f, double room, const GK_REAL *tile, ptrdiff_t stride,
                                    int32_t blocks, const GK_REAL *row, GK_REAL *moved, const GK_REAL *gap,
                                    const GK_REAL *pull, GK_REAL *cross, GK_REAL outward, GK_REAL step)
{
    const int32_t lanes = blocks * GK_LANES;
    const GK_REAL *x = row + f->start;
    GK_REAL along[GK_LANES] = {0};
    for (int32_t at = 0; at < lanes; at += GK_LANES) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) along[j] += pull[at + j] * gap[at + j];
    }
    for (int32_t block = 0; block < blocks; block++) {
        const GK_REAL *GK_RESTRICT b = tile + (block * stride + f->extra) * GK_LANES;
        const GK_REAL *GK_RESTRICT p = pull + (ptrdiff_t)block * GK_LANES;
        GK_REAL *GK_RESTRICT c = cross + (ptrdiff_t)block * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) c[j] = f->kind == GK_BALL ? p[j] / b[j] : p[j];
    }
    const GK_REAL half = f->kind == GK_BALL ? (GK_REAL)0.5 : 1, scale = f->kind == GK_BALL ? row[f->extra] : 1;
    const GK_REAL inward = half * GK_OF(gk_lane_sum)(along) * scale + outward;
    GK_REAL *g = moved + f->start;
    double square = 0.0, time = 0.0;
    for (int32_t k = 0; k < f->dim; k++) {
        GK_REAL across[GK_LANES] = {0};
        for (int32_t block = 0; block < blocks; block++) {
            const GK_REAL *y = tile + (block * stride + f->start + k) * GK_LANES;
            const GK_REAL *c = cross + (ptrdiff_t)block * GK_LANES;
            GK_SIMD
            for (int j = 0; j < GK_LANES; j++) across[j] += c[j] * (x[k] - y[j]);
        }
        g[k] = inward * x[k] + scale * GK_OF(gk_lane_sum)(across);
        square += (double)g[k] * g[k];
        time += (double)g[k] * x[k];
    }
    if (f->kind == GK_LORENTZ) {
        time /= row[f->extra];
        const double rest = square - time * time, wanted = (double)step * __builtin_sqrt(rest > 0.0 ? rest : 0.0);
        const double length = gk_least(wanted, GK_FARTHEST), kept = wanted > length ? length / wanted : 1.0;
        const GK_REAL less = (GK_REAL)(gk_cosh(length) - 1.0), reach = (GK_REAL)(step * kept * gk_sinhc(length));
        for (int32_t k = 0; k < f->dim; k++) g[k] = x[k] - (reach * g[k] - less * x[k]);
    } else {
        for (int32_t k = 0; k < f->dim; k++) g[k] = x[k] - step * g[k];
    }
    GK_OF(gk_settle)(f, room, moved);
}

/* The steps of one block of points y in one factor; `outward` is NULL where nothing pushes them along themselves. */
GK_INLINE void GK_OF(gk_move_block)(const gk_factor *f, double room, GK_REAL *GK_RESTRICT tile, const GK_REAL *row,
                                    const GK_REAL *GK_RESTRICT gap, const GK_REAL *GK_RESTRICT pull,
                                    const GK_REAL *GK_RESTRICT outward, GK_REAL step)
{
    const GK_REAL *GK_RESTRICT x = row + f->start;
    GK_REAL *GK_RESTRICT b = tile + (ptrdiff_t)f->extra * GK_LANES;
    GK_REAL own[GK_LANES], across[GK_LANES];
    double square[GK_LANES] = {0};
    if (f->kind == GK_BALL) {
        const GK_REAL half = (GK_REAL)0.5 * step, reach = step / row[f->extra];
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const GK_REAL scaled = pull[j] * b[j];
            own[j] = half * scaled * gap[j];
            across[j] = reach * scaled;
        }
    } else if (f->kind == GK_LORENTZ) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const double e = gap[j], wanted = gk_abs((double)step * pull[j] * __builtin_sqrt(e * (e + 2.0)));
            const double length = gk_least(wanted, GK_FARTHEST), part = length / wanted;
            const double half = gk_sinh(0.5 * length), kept = wanted > length ? part : 1.0;
            across[j] = (GK_REAL)(step * kept * pull[j] * gk_sinhc(length));
            own[j] = across[j] * gap[j] - (GK_REAL)(2.0 * half * half);
        }
    } else {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            own[j] = 0;
            across[j] = step * pull[j];
        }
    }
    if (outward) {
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) own[j] += step * outward[j];
    }
    GK_REAL *points = tile + (ptrdiff_t)f->start * GK_LANES;
    for (int32_t k = 0; k < f->dim; k++) {
        GK_REAL *y = points + (ptrdiff_t)k * GK_LANES;
        GK_SIMD
        for (int j = 0; j < GK_LANES; j++) {
            const GK_REAL z = y[j] - (own[j] * y[j] + across[j] * (y[j] - x[k]));
            y[j] = z;
            square[j] += (double)z * z;
        }
    }
    if (f->kind != GK_EUCLIDEAN) GK_OF(gk_settle_block)(f, room, points, b, square);
}

/* The distance of a point of the ball from the origin: cosh r - 1 = 2 |x|^2 / (1 - |x|^2). */
GK_INLINE double GK_OF(gk_height)(GK_REAL a)
{
    const double e = 2.0 * (1.0 - (double)a) / (double)a;
    return gk_log1p(e + __builtin_sqrt(e * (e + 2.0)));
}

/* `up` along the outward unit vector at a point x of the ball, a x / (2 |x|), as a multiple of x. */
GK_INLINE GK_REAL GK_OF(gk_radial)(GK_REAL a, GK_REAL up)
{
    return a < 1 ? up * a / (2 * GK_OF(gk_root)(1 - a)) : 0;
}
