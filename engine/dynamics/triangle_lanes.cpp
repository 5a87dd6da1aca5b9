#include "engine/dynamics/triangle_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/dynamics/triangle_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/dynamics/shift_lanes_detail.h"
#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using Doubles = hn::CappedTag<double, kLaneWidth>;
using Double = hn::Vec<Doubles>;
using Which = hn::Mask<Doubles>;
using Triangle = ConstraintTable::Triangle;
using Vector = Vector3<Double>;

/// Places the triangles where the constraints' forces take them: their heights above the plane of
/// the reference stay, which tells how the plane tilts (phi, psi), and so does the sum of
/// m_i r_i x x_i, r at the reference, which tells how they turn in it (theta). Letters as in the
/// paper: 0 the reference, 1 before, 2 tilted, 3 after; b is left and c right.
struct TrianglePlacement : PositionCorrection {
  HWY_INLINE void correct(Doubles d, const Triangle& t, std::size_t lane, Which& failed) const {
    const double *to_x = x + lane, *to_r = reference + lane;
    const Vector a = load_atom(d, to_x, t.apex);
    const Vector ab = load_atom(d, to_x, t.left) - a, ac = load_atom(d, to_x, t.right) - a;
    const Which broken = hn::AndNot(
        failed,
        hn::Or(is_off(d, ab, t.leg), hn::Or(is_off(d, ac, t.leg), is_off(d, ab - ac, t.base))));
    if (hn::AllFalse(d, broken)) return;

    const Vector apex0 = load_atom(d, to_r, t.apex);
    const Vector b0 = load_atom(d, to_r, t.left) - apex0, c0 = load_atom(d, to_r, t.right) - apex0;
    const Vector center = scaled(hn::Set(d, t.side_share), ab + ac);  // from the apex
    const Vector b1 = ab - center, c1 = ac - center;
    const Vector ez = unit(d, cross(b0, c0)), ex = unit(d, cross(ez, center));
    const Vector ey = cross(ez, ex);
    const Double xb0 = dot(ex, b0), yb0 = dot(ey, b0), xc0 = dot(ex, c0), yc0 = dot(ey, c0);
    const Double xb1 = dot(ex, b1), yb1 = dot(ey, b1), zb1 = dot(ez, b1);
    const Double xc1 = dot(ex, c1), yc1 = dot(ey, c1), zc1 = dot(ez, c1);
    const Double za1 = hn::Neg(dot(ez, center));

    const Double one = hn::Set(d, 1.0), half_base = hn::Set(d, 0.5 * t.base);
    const Double sin_phi = hn::Mul(za1, hn::Set(d, 1.0 / t.above));
    const Double cos2_phi = hn::NegMulAdd(sin_phi, sin_phi, one), cos_phi = hn::Sqrt(cos2_phi);
    const Double sin_psi =
        hn::Mul(hn::Mul(hn::Sub(zb1, zc1), hn::Set(d, 1.0 / t.base)), reciprocal(d, cos_phi));
    const Double cos2_psi = hn::NegMulAdd(sin_psi, sin_psi, one);
    const Double ya2 = hn::Mul(hn::Set(d, t.above), cos_phi);
    const Double xb2 = hn::Neg(hn::Mul(half_base, hn::Sqrt(cos2_psi)));
    const Double middle = hn::Mul(hn::Set(d, t.below), cos_phi);
    const Double slant = hn::Mul(half_base, hn::Mul(sin_psi, sin_phi));
    const Double yb2 = hn::Neg(hn::Add(middle, slant)), yc2 = hn::Sub(slant, middle);

    // alpha sin(theta) + beta cos(theta) = gamma
    const Double alpha =
        hn::MulAdd(xb2, hn::Sub(xb0, xc0), hn::MulAdd(yb0, yb2, hn::Mul(yc0, yc2)));
    const Double beta = hn::MulAdd(xb2, hn::Sub(yc0, yb0), hn::MulAdd(xb0, yb2, hn::Mul(xc0, yc2)));
    const Double gamma =
        hn::Add(hn::MulSub(xb0, yb1, hn::Mul(xb1, yb0)), hn::MulSub(xc0, yc1, hn::Mul(xc1, yc0)));
    const Double square = hn::MulAdd(alpha, alpha, hn::Mul(beta, beta));
    const Double rest2 = hn::NegMulAdd(gamma, gamma, square), rest = hn::Sqrt(rest2);
    const Double scale = reciprocal(d, square);
    const Double sine = hn::Mul(scale, hn::MulSub(alpha, gamma, hn::Mul(beta, rest)));
    const Double cosine = hn::Mul(scale, hn::MulAdd(beta, gamma, hn::Mul(alpha, rest)));

    const auto from_center = [&](Double x2, Double y2, Double z) {
      const Double x3 = hn::MulSub(x2, cosine, hn::Mul(y2, sine));
      const Double y3 = hn::MulAdd(x2, sine, hn::Mul(y2, cosine));
      return mul_add(x3, ex, mul_add(y3, ey, scaled(z, ez)));
    };
    const Vector a3 = from_center(hn::Zero(d), ya2, za1), b3 = from_center(xb2, yb2, zb1),
                 c3 = from_center(hn::Neg(xb2), yc2, zc1);
    // False for NaN, too.
    const auto is_positive = [d](Double value) { return hn::Gt(value, hn::Zero(d)); };
    const Which solved =
        hn::And(hn::And(is_positive(cos2_phi), is_positive(cos2_psi)),
                hn::And(hn::And(is_positive(rest2), is_positive(dot(b3 - c3, b0 - c0))),
                        hn::And(is_positive(dot(b3 - a3, b0)), is_positive(dot(c3 - a3, c0)))));
    failed = hn::Or(failed, hn::AndNot(solved, broken));
    const Which moved = hn::And(solved, broken);
    shift(d, moved, center + a3, t.apex, lane);
    shift(d, moved, b3 - b1, t.left, lane);
    shift(d, moved, c3 - c1, t.right, lane);
  }

 private:
  HWY_INLINE static Which is_off(Doubles d, const Vector& s, double length) {
    const Double excess = hn::Sub(dot(s, s), hn::Set(d, length * length));
    return hn::Gt(hn::Abs(excess), hn::Set(d, 2.0 * kConstraintTolerance * length * length));
  }
  HWY_INLINE static Vector unit(Doubles d, const Vector& v) {
    return scaled(rsqrt(d, dot(v, v)), v);
  }
  HWY_INLINE void shift(Doubles d, Which which, const Vector& by, std::size_t atom,
                        std::size_t lane) const {
    shift_atom(d, which, hn::Set(d, 1.0), by, x + lane, atom);
    if (v != nullptr) shift_atom(d, which, hn::Set(d, inverse_dt), by, v + lane, atom);
  }
};

/// Takes from velocities what changes lengths: impulses g_k along the sides r_k with
/// J M^-1 J^T g = J v, by Cramer's rule. Sides: 0 from left to apex, 1 from right to apex, 2 from
/// right to left.
struct TriangleProjection {
  const double* x;
  double* v;

  HWY_INLINE void correct(Doubles d, const Triangle& t, std::size_t lane, Which& failed) const {
    const Vector a = load_atom(d, x + lane, t.apex), b = load_atom(d, x + lane, t.left),
                 c = load_atom(d, x + lane, t.right);
    const Vector r0 = a - b, r1 = a - c, r2 = b - c;
    const Vector va = load_atom(d, v + lane, t.apex), vb = load_atom(d, v + lane, t.left),
                 vc = load_atom(d, v + lane, t.right);
    const Double s0 = dot(r0, va - vb), s1 = dot(r1, va - vc), s2 = dot(r2, vb - vc);
    const Double of_leg = hn::Set(d, kConstraintVelocityTolerance * t.leg);
    const Double of_base = hn::Set(d, kConstraintVelocityTolerance * t.base);
    const Which broken = hn::AndNot(
        failed, hn::Or(hn::Gt(hn::Abs(s0), of_leg),
                       hn::Or(hn::Gt(hn::Abs(s1), of_leg), hn::Gt(hn::Abs(s2), of_base))));
    if (hn::AllFalse(d, broken)) return;

    const Double wa = hn::Set(d, t.w_apex), ws = hn::Set(d, t.w_side);
    const Double of_legs = hn::Add(wa, ws), of_sides = hn::Add(ws, ws);
    const Double m00 = hn::Mul(of_legs, dot(r0, r0)), m11 = hn::Mul(of_legs, dot(r1, r1)),
                 m22 = hn::Mul(of_sides, dot(r2, r2));
    const Double m01 = hn::Mul(wa, dot(r0, r1)), m02 = hn::Neg(hn::Mul(ws, dot(r0, r2))),
                 m12 = hn::Mul(ws, dot(r1, r2));
    const Double k00 = hn::MulSub(m11, m22, hn::Mul(m12, m12)),
                 k01 = hn::MulSub(m02, m12, hn::Mul(m01, m22)),
                 k02 = hn::MulSub(m01, m12, hn::Mul(m02, m11));
    const Double k11 = hn::MulSub(m00, m22, hn::Mul(m02, m02)),
                 k12 = hn::MulSub(m01, m02, hn::Mul(m00, m12)),
                 k22 = hn::MulSub(m00, m11, hn::Mul(m01, m01));
    const Double det = hn::MulAdd(m00, k00, hn::MulAdd(m01, k01, hn::Mul(m02, k02)));
    const Double scale = reciprocal(d, det);
    const auto impulse = [&](Double k0, Double k1, Double k2) {
      return hn::Mul(scale, hn::MulAdd(k0, s0, hn::MulAdd(k1, s1, hn::Mul(k2, s2))));
    };
    const Double g0 = impulse(k00, k01, k02), g1 = impulse(k01, k11, k12),
                 g2 = impulse(k02, k12, k22);
    const Which solved = hn::Gt(det, hn::Zero(d));
    failed = hn::Or(failed, hn::AndNot(solved, broken));
    const Which moved = hn::And(solved, broken);
    const Vector of_0 = scaled(g0, r0), of_1 = scaled(g1, r1), of_2 = scaled(g2, r2);
    shift_atom(d, moved, hn::Neg(wa), of_0 + of_1, v + lane, t.apex);
    shift_atom(d, moved, ws, of_0 - of_2, v + lane, t.left);
    shift_atom(d, moved, ws, of_1 + of_2, v + lane, t.right);
  }
};

template <class Solve>
HWY_INLINE void solve_all(Span<const Triangle> triangles, const Solve& solve, std::size_t n_lanes,
                          double* failed_lanes) {
  const Doubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    Which failed = hn::Gt(hn::Load(d, failed_lanes + lane), hn::Zero(d));
    for (const Triangle& triangle : triangles) solve.correct(d, triangle, lane, failed);
    hn::Store(hn::IfThenElseZero(failed, hn::Set(d, 1.0)), d, failed_lanes + lane);
  }
}

void place_all(Span<const Triangle> triangles, const PositionCorrection& positions,
               std::size_t n_lanes, double* failed) {
  solve_all(triangles, TrianglePlacement{positions}, n_lanes, failed);
}

void project_all(Span<const Triangle> triangles, const double* x, std::size_t n_lanes, double* v,
                 double* failed) {
  solve_all(triangles, TriangleProjection{x, v}, n_lanes, failed);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(place_all);
HWY_EXPORT(project_all);

void place_triangles(Span<const ConstraintTable::Triangle> triangles,
                     const PositionCorrection& positions, std::size_t n_lanes, double* failed) {
  HWY_DYNAMIC_DISPATCH(place_all)(triangles, positions, n_lanes, failed);
}

void project_triangles(Span<const ConstraintTable::Triangle> triangles, const double* x,
                       std::size_t n_lanes, double* v, double* failed) {
  HWY_DYNAMIC_DISPATCH(project_all)(triangles, x, n_lanes, v, failed);
}

}  // namespace saltus::engine
#endif
