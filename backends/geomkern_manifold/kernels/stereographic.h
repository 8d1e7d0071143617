/* The kernels of the stereographic model of curvature k, of either sign or zero: those of the Poincaré ball with
 * c = -k, by poincare_ratios.h. */
#ifndef GK_STEREOGRAPHIC_H
#define GK_STEREOGRAPHIC_H

#include "poincare_gyro.h"
#include "poincare_maps.h"

static const gk_row_kernel STEREOGRAPHIC_DIST = {
    "dist", stereographic_dist, 2, 1, 0, 1, 0, {"x", "y"}, {"k"}, 12, 0.6, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_DIST_VJP = {
    "dist_vjp", stereographic_dist_vjp, 2, 2, 2, 1, 0, {"x", "y"}, {"g", "k"}, 30, 1.2, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_DIST0 = {
    "dist0", stereographic_dist0, 1, 1, 0, 1, 0, {"x"}, {"k"}, 9, 0.3, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_DIST0_VJP = {
    "dist0_vjp", stereographic_dist0_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "k"}, 18, 0.6, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_LAMBDA_X = {
    "lambda_x", stereographic_lambda_x, 1, 1, 0, 1, 0, {"x"}, {"k"}, 6, 0.3, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_LAMBDA_X_VJP = {
    "lambda_x_vjp", stereographic_lambda_x_vjp, 1, 2, 1, 1, 0, {"x"}, {"g", "k"}, 6, 0.6, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_INNER = {
    "inner", stereographic_inner, 3, 1, 0, 1, 0, {"x", "u", "v"}, {"k"}, 6, 0.8, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_INNER_VJP = {
    "inner_vjp", stereographic_inner_vjp, 3, 2, 3, 1, 0, {"x", "u", "v"}, {"g", "k"}, 6, 1.6, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_NORM = {
    "norm", stereographic_norm, 2, 1, 0, 1, 0, {"x", "u"}, {"k"}, 6, 0.5, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_NORM_VJP = {
    "norm_vjp", stereographic_norm_vjp, 2, 2, 2, 1, 0, {"x", "u"}, {"g", "k"}, 6, 1, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_EGRAD2RGRAD = {
    "egrad2rgrad", stereographic_egrad2rgrad, 2, 1, 1, 0, 0, {"x", "u"}, {"k"}, 6, 0.8, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_EGRAD2RGRAD_VJP = {
    "egrad2rgrad_vjp", stereographic_egrad2rgrad_vjp, 3, 1, 2, 1, 0, {"g", "x", "u"}, {"k"}, 6, 1.2, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_MOBIUS_ADD = {
    "mobius_add", stereographic_mobius_add, 2, 1, 1, 0, 1, {"x", "y"}, {"k"}, 9, 0.9, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_MOBIUS_ADD_VJP = {
    "mobius_add_vjp", stereographic_mobius_add_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"k"}, 15, 1.8, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_SCALAR_MUL = {
    "mobius_scalar_mul", stereographic_scalar_mul, 1, 2, 1, 0, 1, {"x"}, {"r", "k"}, 18, 0.5, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_SCALAR_MUL_VJP = {
    "mobius_scalar_mul_vjp", stereographic_scalar_mul_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"r", "k"}, 30, 1,
    &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_GYRATION = {
    "gyration", stereographic_gyration, 3, 1, 1, 0, 0, {"u", "v", "w"}, {"k"}, 9, 1.3, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_GYRATION_VJP = {
    "gyration_vjp", stereographic_gyration_vjp, 4, 1, 3, 1, 0, {"g", "u", "v", "w"}, {"k"}, 15, 2.6, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_TRANSP = {
    "transp", stereographic_transp, 3, 1, 1, 0, 0, {"x", "y", "v"}, {"k"}, 9, 1.3, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_TRANSP_VJP = {
    "transp_vjp", stereographic_transp_vjp, 4, 1, 3, 1, 0, {"g", "x", "y", "v"}, {"k"}, 15, 2.6, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_EXPMAP0 = {
    "expmap0", stereographic_expmap0, 1, 1, 1, 0, 1, {"v"}, {"k"}, 9, 0.5, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_EXPMAP0_VJP = {
    "expmap0_vjp", stereographic_expmap0_vjp, 2, 1, 1, 1, 0, {"g", "v"}, {"k"}, 12, 0.9, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_LOGMAP0 = {
    "logmap0", stereographic_logmap0, 1, 1, 1, 0, 0, {"y"}, {"k"}, 9, 0.5, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_LOGMAP0_VJP = {
    "logmap0_vjp", stereographic_logmap0_vjp, 2, 1, 1, 1, 0, {"g", "y"}, {"k"}, 15, 0.9, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_EXPMAP = {
    "expmap", stereographic_expmap, 2, 1, 1, 0, 1, {"x", "v"}, {"k"}, 18, 1, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_EXPMAP_VJP = {
    "expmap_vjp", stereographic_expmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "v"}, {"k"}, 24, 1.8, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_LOGMAP = {
    "logmap", stereographic_logmap, 2, 1, 1, 0, 0, {"x", "y"}, {"k"}, 12, 0.9, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_LOGMAP_VJP = {
    "logmap_vjp", stereographic_logmap_vjp, 3, 1, 2, 1, 0, {"g", "x", "y"}, {"k"}, 18, 1.8, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_GEODESIC = {
    "geodesic", stereographic_geodesic, 2, 2, 1, 0, 1, {"x", "y"}, {"t", "k"}, 21, 0.9, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_GEODESIC_VJP = {
    "geodesic_vjp", stereographic_geodesic_vjp, 3, 2, 2, 2, 0, {"g", "x", "y"}, {"t", "k"}, 60, 1.8, &GK_STEREOGRAPHIC};
static const gk_row_kernel STEREOGRAPHIC_PROJX = {
    "projx", stereographic_projx, 1, 2, 1, 0, 1, {"x"}, {"eps", "k"}, 6, 0.4, &GK_STEREOGRAPHIC, 1};
static const gk_row_kernel STEREOGRAPHIC_PROJX_VJP = {
    "projx_vjp", stereographic_projx_vjp, 2, 2, 1, 2, 0, {"g", "x"}, {"eps", "k"}, 6, 0.8, &GK_STEREOGRAPHIC};

#endif
