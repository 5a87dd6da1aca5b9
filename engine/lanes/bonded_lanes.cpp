#include "engine/lanes/bonded_lanes.h"

#include "engine/lanes/bonded_tables_detail.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/bonded_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_geometry_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Scratch of one vector of chains: for each vector B between atoms its direction u = B/|B|, 1/|B|,
/// the slope dE/d|B| of bonds, and the slope dE/du of angles and torsions.
template <class T>
struct VectorScratch {
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE Vector3<V> direction(D d, std::size_t n) const {
    return load3(d, at(n));
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V inverse_length(D d, std::size_t n) const {
    return hn::Load(d, at(n) + 3 * kLaneWidth);
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V stretch_slope(D d, std::size_t n) const {
    return hn::Load(d, at(n) + 4 * kLaneWidth);
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE Vector3<V> slope(D d, std::size_t n) const {
    return load3(d, at(n) + 5 * kLaneWidth);
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE void set(D d, std::size_t n, const Vector3<V>& u, V inverse_r, V by_length) const {
    const V zero = hn::Zero(d);
    store3(d, u, at(n));
    hn::Store(inverse_r, d, at(n) + 3 * kLaneWidth);
    hn::Store(by_length, d, at(n) + 4 * kLaneWidth);
    store3(d, {zero, zero, zero}, at(n) + 5 * kLaneWidth);
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE void set_slope(D d, std::size_t n, const Vector3<V>& v) const {
    store3(d, v, at(n) + 5 * kLaneWidth);
  }
  HWY_INLINE T* at(std::size_t n) const {
    return memory + n * BondedTable<T>::kValuesPerVector * kLaneWidth;
  }
  T* memory;
};

struct BondedKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const BondedTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    const VectorScratch<T> scratch{view.workspace + lane};
    double* energies = view.energies;
    const auto in_bonds = vectors_and_bonds<kWithForces>(d, table, view.x + lane, scratch);
    if (table.n_bonds > 0) {
      add_energy(d, in_bonds, energies, lane);
      energies += kLaneWidth;
    }
    if (!table.angles.empty()) {
      add_energy(d, angles<kWithForces>(d, table, scratch), energies, lane);
      energies += kLaneWidth;
    }
    if (table.has_torsions) add_energy(d, torsions<kWithForces>(d, table, scratch), energies, lane);
    if constexpr (kWithForces) add_forces(d, table, scratch, view.forces + lane);
  }

 private:
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> vectors_and_bonds(D d, const BondedTable<T>& table, const T* x,
                                                 const VectorScratch<T>& scratch) {
    using V = hn::Vec<D>;
    V twice_energy = hn::Zero(d);
    for (std::size_t n = 0; n < table.vectors.size(); ++n) {
      const auto& entry = table.vectors[n];
      const auto delta = load_atom(d, x, entry.i) - load_atom(d, x, entry.j);
      const V r2 = dot(delta, delta), inverse_r = rsqrt(d, r2);
      V by_length = hn::Zero(d);
      if (n < table.n_bonds) {
        const V stretch = hn::MulSub(r2, inverse_r, hn::Set(d, entry.length));
        by_length = hn::Mul(hn::Set(d, entry.k), stretch);
        twice_energy = hn::MulAdd(by_length, stretch, twice_energy);
      }
      scratch.set(d, n, scaled(inverse_r, delta), inverse_r, by_length);
    }
    return hn::Mul(constant(d, 0.5), twice_energy);
  }

  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> angles(D d, const BondedTable<T>& table,
                                      const VectorScratch<T>& scratch) {
    using V = hn::Vec<D>;
    const V one = constant(d, 1.0);
    V twice_energy = hn::Zero(d);
    for (const auto& angle : table.angles) {
      const auto a = scratch.direction(d, angle.a), b = scratch.direction(d, angle.b);
      const V sign = hn::Set(d, angle.sign), cosine = hn::Mul(sign, dot(a, b));
      V inverse_sine = rsqrt(d, hn::NegMulAdd(cosine, cosine, one));
      V theta = arc_cosine(d, cosine);
      // Towards a line the cosine loses the angle; the cross product does not.
      const auto near_line = hn::Gt(hn::Abs(cosine), constant(d, kArcCosineRange));
      if (HWY_UNLIKELY(!hn::AllFalse(d, near_line))) {
        const auto mended = mended_near_line(
            d, scaled(sign, a), b,
            hn::Sub(scratch.inverse_length(d, angle.a), scratch.inverse_length(d, angle.b)),
            cosine);
        theta = hn::IfThenElse(near_line, mended.theta, theta);
        inverse_sine = hn::IfThenElse(near_line, mended.inverse_sine, inverse_sine);
      }
      const V bend = hn::Sub(theta, hn::Set(d, angle.angle));
      const V torque = hn::Mul(hn::Set(d, angle.k), bend);
      twice_energy = hn::MulAdd(torque, bend, twice_energy);
      if constexpr (kWithForces) {
        // dE/d(a.b)
        const V slope = hn::Neg(hn::Mul(hn::Mul(torque, sign), inverse_sine));
        scratch.set_slope(d, angle.a, mul_add(slope, b, scratch.slope(d, angle.a)));
        scratch.set_slope(d, angle.b, mul_add(slope, a, scratch.slope(d, angle.b)));
      }
    }
    return hn::Mul(constant(d, 0.5), twice_energy);
  }

  template <class V>
  struct NearLine {
    V theta, inverse_sine;
  };

  /// Angle and 1/sin by the cross product; no direction of force on the line itself, NaN where the
  /// two outer atoms coincide.
  template <class D, class V = hn::Vec<D>>
  static HWY_NOINLINE NearLine<V> mended_near_line(D d, Vector3<V> a, Vector3<V> b,
                                                   V length_difference, V cosine) {
    const auto normal = cross(a, b), difference = a - b;
    const V normal2 = dot(normal, normal), zero = hn::Zero(d);
    const auto on_line = hn::Le(normal2, constant(d, on_line_sine2<hn::TFromD<D>>()));
    const V inverse = hn::IfThenZeroElse(on_line, rsqrt(d, normal2));
    const auto coincide =
        hn::And(hn::Eq(dot(difference, difference), zero), hn::Eq(length_difference, zero));
    const V theta = upper_angle(d, cosine, hn::Mul(normal2, inverse));
    return {hn::IfThenElse(coincide, hn::NaN(d), theta), inverse};
  }

  /// What all torsions on vectors f, g, h have in common.
  template <class V>
  struct TorsionFrame {
    Vector3<V> f, g, h, a, b;  // a = f x g, b = h x g
    V a2, b2;
    V inverse, cosine;  // 1 / (|a| |b|) and s_f s_h cos phi; on a line 0, phi = 0
    V penalty;          // 0; NaN where bonded neighbours coincide
  };

  template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE TorsionFrame<V> torsion_frame(
      D d, const typename BondedTable<T>::TorsionVectors& vectors, const VectorScratch<T>& scratch,
      T cosine_sign) {
    const V tiny = constant(d, on_line_sine2<T>());
    TorsionFrame<V> t;
    t.f = scratch.direction(d, vectors.f);
    t.g = scratch.direction(d, vectors.g);
    t.h = scratch.direction(d, vectors.h);
    t.a = cross(t.f, t.g);
    t.b = cross(t.h, t.g);
    t.a2 = dot(t.a, t.a);
    t.b2 = dot(t.b, t.b);
    const V product = hn::Mul(t.a2, t.b2);
    t.inverse = rsqrt(d, product);
    t.cosine = hn::Mul(dot(t.a, t.b), t.inverse);
    t.penalty = hn::Zero(d);
    const auto on_line = hn::Le(hn::Min(t.a2, t.b2), tiny);
    if (HWY_UNLIKELY(!hn::AllFalse(d, on_line))) {
      const V lengths = hn::Add(
          hn::Add(scratch.inverse_length(d, vectors.f), scratch.inverse_length(d, vectors.g)),
          scratch.inverse_length(d, vectors.h));
      t.penalty = hn::IfThenElseZero(on_line, hn::Mul(hn::Zero(d), lengths));
      t.inverse = hn::IfThenZeroElse(on_line, t.inverse);
      t.cosine = hn::IfThenElse(on_line, hn::Set(d, cosine_sign), t.cosine);
    }
    return t;
  }

  /// Adds the slopes for scale = dE/dphi / (|a|^2 |b|^2).
  /// Source: Blondel, Karplus, J. Comput. Chem. 17, 1132 (1996).
  template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE void add_torsion_slopes(D d, const TorsionFrame<V>& t, V scale,
                                            const typename BondedTable<T>::TorsionVectors& vectors,
                                            const VectorScratch<T>& scratch) {
    const V by_f = hn::Mul(scale, t.b2), by_h = hn::Mul(scale, t.a2);
    const V f_along_g = hn::Mul(dot(t.f, t.g), by_f), h_along_g = hn::Mul(dot(t.h, t.g), by_h);
    scratch.set_slope(d, vectors.f, neg_mul_add(by_f, t.a, scratch.slope(d, vectors.f)));
    scratch.set_slope(d, vectors.h, mul_add(by_h, t.b, scratch.slope(d, vectors.h)));
    scratch.set_slope(
        d, vectors.g,
        neg_mul_add(h_along_g, t.b, mul_add(f_along_g, t.a, scratch.slope(d, vectors.g))));
  }

  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> torsions(D d, const BondedTable<T>& table,
                                        const VectorScratch<T>& scratch) {
    hn::Vec<D> energy = hn::Set(d, table.torsion_constant);
    energy = even_torsions<kWithForces, 3>(d, table.cubic_torsions, scratch, energy);
    energy = even_torsions<kWithForces, 6>(d, table.sextic_torsions, scratch, energy);
    return any_torsions<kWithForces>(d, table, scratch, energy);
  }

  template <bool kWithForces, int kDegree, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE V even_torsions(
      D d, const std::vector<typename BondedTable<T>::template EvenTorsion<kDegree>>& torsions,
      const VectorScratch<T>& scratch, V energy) {
    for (const auto& torsion : torsions) {
      const auto t = torsion_frame<D, T>(d, torsion.vectors, scratch, torsion.cosine_sign);
      V sum = hn::Set(d, torsion.coefficient[kDegree - 1]);
      for (int k = kDegree - 2; k >= 0; --k)
        sum = hn::MulAdd(sum, t.cosine, hn::Set(d, torsion.coefficient[k]));
      energy = hn::Add(hn::MulAdd(sum, t.cosine, energy), t.penalty);
      if constexpr (kWithForces) {
        V slope = hn::Set(d, torsion.slope[kDegree - 1]);
        for (int k = kDegree - 2; k >= 0; --k)
          slope = hn::MulAdd(slope, t.cosine, hn::Set(d, torsion.slope[k]));
        // dE/dphi = -sin(phi) dE/dcos(phi), sin(phi) = -(f.b) / (|a| |b|).
        const V inverse3 = hn::Mul(hn::Mul(t.inverse, t.inverse), t.inverse);
        const V scale = hn::Mul(hn::Mul(dot(t.f, t.b), inverse3), slope);
        add_torsion_slopes<D, T>(d, t, scale, torsion.vectors, scratch);
      }
    }
    return energy;
  }

  template <bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE V any_torsions(D d, const BondedTable<T>& table,
                                   const VectorScratch<T>& scratch, V energy) {
    const V one = constant(d, 1.0);
    for (const auto& torsion : table.torsions) {
      const auto t = torsion_frame<D, T>(d, torsion.vectors, scratch, torsion.cosine_sign);
      const V cosine = hn::Mul(t.cosine, hn::Set(d, torsion.cosine_sign));
      const V sine = hn::Mul(hn::Mul(dot(t.f, t.b), hn::Set(d, -torsion.sine_sign)), t.inverse);
      energy = hn::Add(energy, t.penalty);
      // c + i s = exp(i n phi), raised by one factor exp(i phi) per harmonic.
      V c = cosine, s = sine, slope = hn::Zero(d), order = one;
      for (std::size_t n = torsion.first; n < torsion.last; ++n) {
        const V a = hn::Set(d, table.harmonics[n].a), b = hn::Set(d, table.harmonics[n].b);
        energy = hn::MulAdd(a, c, hn::MulAdd(b, s, energy));
        if constexpr (kWithForces) {
          slope = hn::MulAdd(order, hn::MulSub(b, c, hn::Mul(a, s)), slope);
          order = hn::Add(order, one);
        }
        const V next = hn::MulSub(c, cosine, hn::Mul(s, sine));
        s = hn::MulAdd(s, cosine, hn::Mul(c, sine));
        c = next;
      }
      if constexpr (kWithForces) {
        const V scale =
            hn::Mul(hn::Mul(slope, hn::Set(d, torsion.g_sign)), hn::Mul(t.inverse, t.inverse));
        add_torsion_slopes<D, T>(d, t, scale, torsion.vectors, scratch);
      }
    }
    return energy;
  }

  /// dE/dB = (dE/du - u (u . dE/du)) / |B| + u dE/d|B|.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void add_forces(D d, const BondedTable<T>& table,
                                    const VectorScratch<T>& scratch, T* forces) {
    using V = hn::Vec<D>;
    for (std::size_t n = 0; n < table.vectors.size(); ++n) {
      const auto u = scratch.direction(d, n), slope = scratch.slope(d, n);
      const V inverse_r = scratch.inverse_length(d, n);
      const V along = hn::NegMulAdd(dot(u, slope), inverse_r, scratch.stretch_slope(d, n));
      const auto by_vector = mul_add(inverse_r, slope, scaled(along, u));
      subtract_from_atom(d, by_vector, forces, table.vectors[n].i);
      add_to_atom(d, by_vector, forces, table.vectors[n].j);
    }
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(bonded, BondedKernel, BondedTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(bonded)

std::unique_ptr<const LaneTerm> make_bonded_lanes(const System& system) {
  std::vector<std::string> names;
  if (!system.bonds.empty()) names.emplace_back("bonds");
  if (!system.angles.empty()) names.emplace_back("angles");
  if (!system.torsions.empty()) names.emplace_back("torsions");
  return SALTUS_LANE_TERM((names), bonded, BondedTable, system);
}

}  // namespace saltus::engine
#endif
