// Geometry that several terms share; see lane_math_detail.h on the toggled guard.
#if defined(SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#undef SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#else
#define SALTUS_ENGINE_LANES_LANE_GEOMETRY_DETAIL_H
#endif

#include "engine/lanes/lane_math_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {

/// cos and sin of the torsion i-j-k-l (IUPAC sign) and what its forces need. On a line: phi = 0 and
/// no force. `penalty` is 0, NaN where bonded neighbours coincide.
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
  // Below this |a|^2 |b|^2 has lost its digits.
  const V tiny = constant(d, sizeof(hn::TFromD<D>) == 4 ? 1e-36 : 1e-290);
  const auto f = x_i - x_j, g = x_j - x_k, h = x_l - x_k;
  TorsionGeometry<V> t;
  t.a = cross(f, g);
  t.b = cross(h, g);
  const V a2 = dot(t.a, t.a), b2 = dot(t.b, t.b), g2 = dot(g, g);
  const V product = hn::Mul(a2, b2);
  const auto on_a_line = hn::Le(product, tiny);
  const V inverse = hn::IfThenZeroElse(on_a_line, rsqrt(d, product));
  const V inverse_g = rsqrt(d, g2), g_length = hn::Mul(g2, inverse_g);
  t.cosine = hn::Mul(dot(t.a, t.b), inverse);
  t.sine = hn::Mul(hn::Neg(hn::Mul(g_length, dot(f, t.b))), inverse);
  t.penalty = hn::Zero(d);
  if (HWY_UNLIKELY(!hn::AllFalse(d, on_a_line))) {
    const V zero = hn::Zero(d);
    t.cosine = hn::IfThenElse(on_a_line, constant(d, 1.0), t.cosine);
    t.sine = hn::IfThenZeroElse(on_a_line, t.sine);
    const auto coincide =
        hn::Or(hn::Eq(g2, zero), hn::Or(hn::Eq(dot(f, f), zero), hn::Eq(dot(h, h), zero)));
    t.penalty = hn::IfThenElseZero(coincide, hn::NaN(d));
  }
  const V inverse2 = hn::Mul(inverse, inverse), inverse_g2 = hn::Mul(inverse_g, inverse_g);
  t.g_per_a2 = hn::Mul(g_length, hn::Mul(b2, inverse2));
  t.g_per_b2 = hn::Mul(g_length, hn::Mul(a2, inverse2));
  t.fg_per_g2 = hn::Mul(dot(f, g), inverse_g2);
  t.hg_per_g2 = hn::Mul(dot(h, g), inverse_g2);
  return t;
}

/// Adds the forces on the four atoms for slope = dE/dphi.
/// Source: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void add_torsion_forces(D d, const TorsionGeometry<V>& t, V slope, hn::TFromD<D>* forces,
                                   std::size_t i, std::size_t j, std::size_t k, std::size_t l) {
  const auto on_i = scaled(hn::Mul(slope, t.g_per_a2), t.a);
  const auto minus_l = scaled(hn::Mul(slope, t.g_per_b2), t.b);
  const auto shift = neg_mul_add(t.hg_per_g2, minus_l, scaled(t.fg_per_g2, on_i));
  add_to_atom(d, on_i, forces, i);
  subtract_from_atom(d, on_i + shift, forces, j);
  add_to_atom(d, shift + minus_l, forces, k);
  subtract_from_atom(d, minus_l, forces, l);
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#endif
