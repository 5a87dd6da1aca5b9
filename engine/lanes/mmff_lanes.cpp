#include "engine/lanes/mmff_lanes.h"

#include "engine/lanes/mmff_tables_detail.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/mmff_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_geometry_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

struct MmffBondKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const MmffBondTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    const V one = constant(d, 1.0), two = constant(d, 2.0), one_and_half = constant(d, 1.5);
    const V c3 = constant(d, kMmffBondCubicPerNm), c4 = constant(d, kMmffBondQuarticPerNm2);
    V twice_energy = hn::Zero(d);
    for (const auto& bond : table.entries) {
      const auto delta = load_atom(d, view.x + lane, bond.i) - load_atom(d, view.x + lane, bond.j);
      const V r2 = dot(delta, delta), inverse_r = rsqrt(d, r2);
      const V stretch = hn::MulSub(r2, inverse_r, hn::Set(d, bond.length));
      const V pull = hn::Mul(hn::Set(d, bond.k), stretch);
      const V cubic = hn::Mul(c3, stretch), quartic = hn::Mul(hn::Mul(c4, stretch), stretch);
      twice_energy =
          hn::MulAdd(hn::Mul(pull, stretch), hn::Add(hn::Add(cubic, quartic), one), twice_energy);
      if constexpr (kWithForces) {
        const V rise = hn::MulAdd(two, quartic, hn::MulAdd(one_and_half, cubic, one));
        const auto f = scaled(hn::Mul(hn::Mul(pull, rise), inverse_r), delta);
        subtract_from_atom(d, f, view.forces + lane, bond.i);
        add_to_atom(d, f, view.forces + lane, bond.j);
      }
    }
    add_energy(d, hn::Mul(constant(d, 0.5), twice_energy), view.energies, lane);
  }
};

struct MmffBendKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const MmffBendTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    Sums<hn::Vec<D>> sums = {hn::Zero(d), hn::Zero(d)};
    bends<kWithForces, true, true>(d, table.both, view, lane, sums);
    bends<kWithForces, true, false>(d, table.angles, view, lane, sums);
    bends<kWithForces, false, true>(d, table.stretch_bends, view, lane, sums);
    linear_angles<kWithForces>(d, table.linear, view, lane, sums);
    double* energies = view.energies;
    if (table.has_angles) {
      add_energy(d, hn::Mul(constant(d, 0.5), sums.twice_bending), energies, lane);
      energies += kLaneWidth;
    }
    if (table.has_stretch_bends) add_energy(d, sums.coupling, energies, lane);
  }

 private:
  template <class V>
  struct Sums {
    V twice_bending, coupling;
  };

  template <bool kWithForces, bool kAngle, bool kStretchBend, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void bends(D d, const std::vector<MmffBend<T>>& list, const LaneView<T>& view,
                               std::size_t lane, Sums<hn::Vec<D>>& sums) {
    using V = hn::Vec<D>;
    const V tiny = constant(d, on_line_sine2<T>());
    for (const auto& term : list) {
      const auto vertex = load_atom(d, view.x + lane, term.j);
      const auto a = load_atom(d, view.x + lane, term.i) - vertex;
      const auto b = load_atom(d, view.x + lane, term.k_atom) - vertex;
      const auto normal = cross(a, b);
      const V normal2 = dot(normal, normal), ab = dot(a, b);
      const V a2 = dot(a, a), b2 = dot(b, b);
      const V inverse_a = rsqrt(d, a2), inverse_b = rsqrt(d, b2);
      const auto on_line = hn::Le(normal2, hn::Mul(tiny, hn::Mul(a2, b2)));
      const V inverse_sine = hn::IfThenZeroElse(on_line, rsqrt(d, normal2));
      V bend = hn::Sub(upper_angle(d, ab, hn::Mul(normal2, inverse_sine)), hn::Set(d, term.angle));
      if (HWY_UNLIKELY(!hn::AllFalse(d, on_line))) {
        const auto ends = a - b;
        const V zero = hn::Zero(d);
        // Where numbers overflowed, infinity seems to be at most infinity.
        const auto no_angle =
            hn::Or(hn::Eq(dot(ends, ends), zero), hn::IsNaN(hn::Mul(zero, hn::Mul(a2, b2))));
        bend = hn::IfThenElse(hn::And(on_line, no_angle), hn::NaN(d), bend);
      }
      // Gradient by theta, and by |a| and |b|.
      V by_angle = hn::Zero(d), by_a = by_angle, by_b = by_angle;
      if constexpr (kAngle) {
        const V torque = hn::Mul(hn::Set(d, term.k), bend), energy = hn::Mul(torque, bend);
        const V cubic = hn::Mul(constant(d, kMmffAngleCubicPerRad), bend);
        sums.twice_bending = hn::Add(sums.twice_bending, hn::MulAdd(energy, cubic, energy));
        by_angle = hn::MulAdd(hn::Mul(constant(d, 1.5), cubic), torque, torque);
      }
      if constexpr (kStretchBend) {
        const V k_a = hn::Set(d, term.k_ij), k_b = hn::Set(d, term.k_kj);
        const V stretch_a = hn::MulSub(a2, inverse_a, hn::Set(d, term.length_ij));
        const V stretch_b = hn::MulSub(b2, inverse_b, hn::Set(d, term.length_kj));
        const V stretch = hn::MulAdd(k_a, stretch_a, hn::Mul(k_b, stretch_b));
        sums.coupling = hn::MulAdd(stretch, bend, sums.coupling);
        by_angle = hn::Add(by_angle, stretch);
        by_a = hn::Mul(k_a, bend);
        by_b = hn::Mul(k_b, bend);
      }
      if constexpr (kWithForces) {
        // dtheta/da = (a (a.b) / |a|^2 - b) / |a x b|, and the same for b.
        const V g = hn::Mul(by_angle, inverse_sine), g_ab = hn::Mul(g, ab);
        const V along_a = hn::Mul(hn::MulAdd(g_ab, inverse_a, by_a), inverse_a);
        const V along_b = hn::Mul(hn::MulAdd(g_ab, inverse_b, by_b), inverse_b);
        const auto on_i = neg_mul_add(g, b, scaled(along_a, a));
        const auto on_k = neg_mul_add(g, a, scaled(along_b, b));
        subtract_from_atom(d, on_i, view.forces + lane, term.i);
        subtract_from_atom(d, on_k, view.forces + lane, term.k_atom);
        add_to_atom(d, on_i + on_k, view.forces + lane, term.j);
      }
    }
  }

  template <bool kWithForces, class D, class List, class T = hn::TFromD<D>>
  static HWY_INLINE void linear_angles(D d, const List& list, const LaneView<T>& view,
                                       std::size_t lane, Sums<hn::Vec<D>>& sums) {
    using V = hn::Vec<D>;
    for (const auto& term : list) {
      const auto vertex = load_atom(d, view.x + lane, term.j);
      const auto a = load_atom(d, view.x + lane, term.i) - vertex;
      const auto b = load_atom(d, view.x + lane, term.k_atom) - vertex;
      const V inverse_a = rsqrt(d, dot(a, a)), inverse_b = rsqrt(d, dot(b, b));
      const auto a_unit = scaled(inverse_a, a), b_unit = scaled(inverse_b, b);
      // 1 + cos theta of two unit vectors without cancellation near pi.
      const auto sum = a_unit + b_unit;
      const V k = hn::Set(d, term.k);
      sums.twice_bending = hn::MulAdd(k, dot(sum, sum), sums.twice_bending);
      if constexpr (kWithForces) {
        const V cosine = dot(a_unit, b_unit);
        const auto on_i = scaled(hn::Mul(k, inverse_a), neg_mul_add(cosine, a_unit, b_unit));
        const auto on_k = scaled(hn::Mul(k, inverse_b), neg_mul_add(cosine, b_unit, a_unit));
        subtract_from_atom(d, on_i, view.forces + lane, term.i);
        subtract_from_atom(d, on_k, view.forces + lane, term.k_atom);
        add_to_atom(d, on_i + on_k, view.forces + lane, term.j);
      }
    }
  }
};

/// Bonds A, B, C from the centre, p = (B x C).A the same for all three terms, and for that of bond
/// v and the normal n of the others sin chi = p / (|n| |v|).
struct MmffOutOfPlaneKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const MmffCentreTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    V twice_energy = hn::Zero(d);
    for (const auto& term : table.entries) {
      const auto centre = load_atom(d, view.x + lane, term.centre);
      const auto a = load_atom(d, view.x + lane, term.atoms[0]) - centre;
      const auto b = load_atom(d, view.x + lane, term.atoms[1]) - centre;
      const auto c = load_atom(d, view.x + lane, term.atoms[2]) - centre;
      const auto over_a = cross(b, c), over_b = cross(c, a), over_c = cross(a, b);
      const V a2 = dot(a, a), b2 = dot(b, b), c2 = dot(c, c), p = dot(over_a, a);
      const auto of_a =
          wilson(d, Sides<V>{over_a, a, hn::Mul(b2, c2)}, p, hn::Set(d, term.k[0]), twice_energy);
      const auto of_b =
          wilson(d, Sides<V>{over_b, b, hn::Mul(c2, a2)}, p, hn::Set(d, term.k[1]), twice_energy);
      const auto of_c =
          wilson(d, Sides<V>{over_c, c, hn::Mul(a2, b2)}, p, hn::Set(d, term.k[2]), twice_energy);
      if constexpr (kWithForces) {
        const V by_p = hn::Add(hn::Add(of_a.by_p, of_b.by_p), of_c.by_p);
        const V q_ab = hn::Mul(of_c.q, dot(a, b)), q_bc = hn::Mul(of_a.q, dot(b, c));
        const V q_ca = hn::Mul(of_b.q, dot(c, a));
        const V along_a = hn::MulAdd(of_c.q, b2, hn::MulAdd(of_b.q, c2, of_a.along));
        const V along_b = hn::MulAdd(of_a.q, c2, hn::MulAdd(of_c.q, a2, of_b.along));
        const V along_c = hn::MulAdd(of_b.q, a2, hn::MulAdd(of_a.q, b2, of_c.along));
        const auto on_a =
            mul_add(q_ab, b, mul_add(q_ca, c, neg_mul_add(along_a, a, scaled(by_p, over_a))));
        const auto on_b =
            mul_add(q_ab, a, mul_add(q_bc, c, neg_mul_add(along_b, b, scaled(by_p, over_b))));
        const auto on_c =
            mul_add(q_ca, a, mul_add(q_bc, b, neg_mul_add(along_c, c, scaled(by_p, over_c))));
        subtract_from_atom(d, on_a, view.forces + lane, term.atoms[0]);
        subtract_from_atom(d, on_b, view.forces + lane, term.atoms[1]);
        subtract_from_atom(d, on_c, view.forces + lane, term.atoms[2]);
        add_to_atom(d, on_a + on_b + on_c, view.forces + lane, term.centre);
      }
    }
    add_energy(d, hn::Mul(constant(d, 0.5), twice_energy), view.energies, lane);
  }

 private:
  template <class V>
  struct Sides {
    Vector3<V> normal, v;
    V span2;  // |.|^2 of the two bonds in the plane, multiplied
  };
  /// Derivatives of the energy of one Wilson angle: by p, q = -2 dE/d|n|^2, along = -2 dE/d|v|^2.
  template <class V>
  struct Wilson {
    V by_p, q, along;
  };

  /// Adds twice the energy of the bond v and the plane whose normal is given.
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE Wilson<V> wilson(D d, const Sides<V>& sides, V p, V k, V& twice_energy) {
    const V zero = hn::Zero(d), tiny = constant(d, on_line_sine2<hn::TFromD<D>>());
    const V v2 = dot(sides.v, sides.v), normal2 = dot(sides.normal, sides.normal);
    const auto no_plane = hn::Le(normal2, hn::Mul(tiny, sides.span2));
    const V inverse = hn::IfThenZeroElse(no_plane, rsqrt(d, hn::Mul(normal2, v2)));
    const V inverse2 = hn::Mul(inverse, inverse), sine = hn::Mul(p, inverse);
    const auto sideways = cross(sides.normal, sides.v);
    const V cosine2 = hn::Mul(dot(sideways, sideways), inverse2);
    // At pi/2 the direction of the force is undefined: none.
    const V inverse_cosine = hn::IfThenZeroElse(hn::Le(cosine2, tiny), rsqrt(d, cosine2));
    V chi = upper_angle(d, hn::Mul(cosine2, inverse_cosine), hn::Abs(sine));  // its size
    if (HWY_UNLIKELY(!hn::AllFalse(d, no_plane))) {
      // Where numbers overflowed, infinity seems to be at most infinity.
      const V flat =
          hn::IfThenElse(hn::Eq(v2, zero), hn::NaN(d), hn::Mul(zero, hn::Add(sides.span2, v2)));
      chi = hn::IfThenElse(no_plane, flat, chi);
    }
    const V pull = hn::Mul(k, chi);
    twice_energy = hn::MulAdd(pull, chi, twice_energy);
    const V by_sine = hn::Mul(k, hn::CopySign(hn::Mul(chi, inverse_cosine), sine));
    const V loss = hn::Mul(hn::Mul(by_sine, sine), inverse2);
    return {hn::Mul(by_sine, inverse), hn::Mul(loss, v2), hn::Mul(loss, normal2)};
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(mmff_bonds, MmffBondKernel, MmffBondTable)
SALTUS_LANE_FUNCTION(mmff_bends, MmffBendKernel, MmffBendTable)
SALTUS_LANE_FUNCTION(mmff_out_of_planes, MmffOutOfPlaneKernel, MmffCentreTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(mmff_bonds)
SALTUS_EXPORT_LANE_FUNCTION(mmff_bends)
SALTUS_EXPORT_LANE_FUNCTION(mmff_out_of_planes)

std::unique_ptr<const LaneTerm> make_mmff_bond_lanes(const std::vector<MmffBond>& bonds) {
  return SALTUS_LANE_TERM(({"mmff_bonds"}), mmff_bonds, MmffBondTable, bonds);
}

std::unique_ptr<const LaneTerm> make_mmff_bend_lanes(const Mmff& mmff) {
  const MmffBends bends(mmff);
  std::vector<std::string> names;
  if (bends.has_angles) names.emplace_back("mmff_angles");
  if (bends.has_stretch_bends) names.emplace_back("mmff_stretch_bends");
  return SALTUS_LANE_TERM((names), mmff_bends, MmffBendTable, bends, mmff.linear_angles);
}

std::unique_ptr<const LaneTerm> make_mmff_out_of_plane_lanes(
    const std::vector<MmffOutOfPlane>& out_of_planes) {
  const std::vector<MmffCentre> centres = mmff_centres(out_of_planes);
  return SALTUS_LANE_TERM(({"mmff_out_of_planes"}), mmff_out_of_planes, MmffCentreTable, centres);
}

}  // namespace saltus::engine
#endif
