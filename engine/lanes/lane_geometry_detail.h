// Geometry that several terms share; see lane_math_detail.h on the toggled guard.
#if defined(SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#undef SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#endif

#include <array>

#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// Two vectors lie on a line when the square of the sine between them is at most this: then their
/// cross product has no digit left. (Fused operations rarely leave an exact 0.)
template <class T>
constexpr double on_line_sine2() {
  return sizeof(T) == 4 ? 1e-13 : 1e-30;
}

/// cos and sin of the torsion i-j-k-l (IUPAC sign) and what its forces need. On a line: phi = 0 and
/// no force. `penalty` is 0, NaN where bonded neighbours coincide or numbers overflow.
template <class V>
struct TorsionGeometry {
  V cosine, sine, penalty;
  Vector3<V> a, b;         // normals of the planes i-j-k and j-k-l
  V g_per_a2, g_per_b2;    // |g| / |a|^2 and |g| / |b|^2, g = x_j - x_k; 0 on a line
  V fg_per_g2, hg_per_g2;  // f.g / g^2 and h.g / g^2, f = x_i - x_j, h = x_l - x_k
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE TorsionGeometry<V> torsion_geometry(D d, const Vector3<V>& x_i, const Vector3<V>& x_j,
                                               const Vector3<V>& x_k, const Vector3<V>& x_l) {
  const auto f = x_i - x_j, g = x_j - x_k, h = x_l - x_k;
  TorsionGeometry<V> t;
  t.a = cross(f, g);
  t.b = cross(h, g);
  const V a2 = dot(t.a, t.a), b2 = dot(t.b, t.b), g2 = dot(g, g);
  const V f2 = dot(f, f), h2 = dot(h, h);
  const V tiny = hn::Mul(constant(d, on_line_sine2<hn::TFromD<D>>()), g2);
  const auto on_a_line = hn::Or(hn::Le(a2, hn::Mul(tiny, f2)), hn::Le(b2, hn::Mul(tiny, h2)));
  const V inverse = hn::IfThenZeroElse(on_a_line, rsqrt(d, hn::Mul(a2, b2)));
  const V inverse_g = rsqrt(d, g2), g_length = hn::Mul(g2, inverse_g);
  t.cosine = hn::Mul(dot(t.a, t.b), inverse);
  t.sine = hn::Mul(hn::Neg(hn::Mul(g_length, dot(f, t.b))), inverse);
  t.penalty = hn::Zero(d);
  if (HWY_UNLIKELY(!hn::AllFalse(d, on_a_line))) {
    const V zero = hn::Zero(d);
    t.cosine = hn::IfThenElse(on_a_line, constant(d, 1.0), t.cosine);
    t.sine = hn::IfThenZeroElse(on_a_line, t.sine);
    const auto coincide = hn::Or(hn::Eq(g2, zero), hn::Or(hn::Eq(f2, zero), hn::Eq(h2, zero)));
    // Where numbers overflowed, infinity seems to be at most infinity.
    const V overflow = hn::Mul(zero, hn::Add(hn::Add(a2, b2), hn::Add(g2, hn::Add(f2, h2))));
    t.penalty = hn::IfThenElseZero(on_a_line, hn::IfThenElse(coincide, hn::NaN(d), overflow));
  }
  const V inverse2 = hn::Mul(inverse, inverse), inverse_g2 = hn::Mul(inverse_g, inverse_g);
  t.g_per_a2 = hn::Mul(g_length, hn::Mul(b2, inverse2));
  t.g_per_b2 = hn::Mul(g_length, hn::Mul(a2, inverse2));
  t.fg_per_g2 = hn::Mul(dot(f, g), inverse_g2);
  t.hg_per_g2 = hn::Mul(dot(h, g), inverse_g2);
  return t;
}

/// phi in [-pi, pi].
template <class D, class V = hn::Vec<D>>
HWY_INLINE V torsion_angle(D d, const TorsionGeometry<V>& t) {
  return hn::CopySign(upper_angle(d, t.cosine, hn::Abs(t.sine)), t.sine);
}

/// Adds the forces on the four atoms for slope = dE/dphi.
/// Source: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void add_torsion_forces(D d, const TorsionGeometry<V>& t, V slope, hn::TFromD<D>* forces,
                                   const std::array<std::size_t, 4>& atoms) {
  const auto on_i = scaled(hn::Mul(slope, t.g_per_a2), t.a);
  const auto minus_l = scaled(hn::Mul(slope, t.g_per_b2), t.b);
  const auto shift = neg_mul_add(t.hg_per_g2, minus_l, scaled(t.fg_per_g2, on_i));
  add_to_atom(d, on_i, forces, atoms[0]);
  subtract_from_atom(d, on_i + shift, forces, atoms[1]);
  add_to_atom(d, shift + minus_l, forces, atoms[2]);
  subtract_from_atom(d, minus_l, forces, atoms[3]);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
