#include "engine/lanes/external_lanes.h"

#include <array>
#include <cmath>
#include <cstddef>

#include "engine/core/units.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/external_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_geometry_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_EXTERNAL_TABLES
#define SALTUS_ENGINE_LANES_EXTERNAL_TABLES
namespace saltus::engine {
namespace {

template <class T>
struct RestraintTable {
  struct Position {
    std::size_t atom;
    std::array<double, 3> reference;
    T k, flat_radius;
  };
  struct Torsion {
    std::size_t i, j, k_atom, l;
    T angle, k, flat_half_width;
  };
  RestraintTable(const std::vector<PositionRestraint>& position_restraints,
                 const std::vector<TorsionRestraint>& torsion_restraints) {
    for (const PositionRestraint& p : position_restraints)
      positions.push_back(
          {p.atom, p.position_nm, static_cast<T>(p.k), static_cast<T>(p.flat_radius_nm)});
    for (const TorsionRestraint& t : torsion_restraints)
      torsions.push_back({t.i, t.j, t.k_atom, t.l,
                          static_cast<T>(std::remainder(t.angle_rad, kTwoPi)), static_cast<T>(t.k),
                          static_cast<T>(t.flat_half_width_rad)});
  }
  std::vector<Position> positions;
  std::vector<Torsion> torsions;
};

template <class T>
struct FieldTable {
  explicit FieldTable(const UniformField& uniform) {
    double total = 0.0;
    for (double charge : uniform.charges) {
      charges.push_back(static_cast<T>(charge));
      total += charge;
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      field[axis] = static_cast<T>(uniform.field[axis]);
      on_all[axis] = total * uniform.field[axis];
    }
  }
  std::vector<T> charges;
  T field[3];
  double on_all[3];  // force on the whole molecule
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// origin[lane ..] - reference, subtracted in double: far from zero both may be large.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V offset_from(D d, const double* origin, double reference) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Sub(hn::Load(d, origin), hn::Set(d, reference));
  } else {
#if HWY_TARGET == HWY_SCALAR
    return hn::Set(d, static_cast<float>(*origin - reference));
#else
    const hn::Half<D> dh;
    const hn::Rebind<double, hn::Half<D>> dd;
    const auto shift = hn::Set(dd, reference);
    const auto lower = hn::DemoteTo(dh, hn::Sub(hn::Load(dd, origin), shift));
    const auto upper = hn::DemoteTo(dh, hn::Sub(hn::Load(dd, origin + hn::Lanes(dh)), shift));
    return hn::Combine(d, upper, lower);
#endif
  }
}

struct RestraintKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const RestraintTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    const auto energy = hn::Add(positions<kWithForces>(d, table, view, lane),
                                torsions<kWithForces>(d, table, view, lane));
    add_energy(d, hn::Mul(constant(d, 0.5), energy), view.energies, lane);
  }

 private:
  /// Twice the energy.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> positions(D d, const RestraintTable<T>& table,
                                         const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d), tiny = constant(d, sizeof(T) == 4 ? 1e-36 : 1e-290);
    const double* origin = view.origin + lane;
    V twice_energy = zero;
    for (const auto& p : table.positions) {
      const Vector3<V> offset = {offset_from(d, origin, p.reference[0]),
                                 offset_from(d, origin + kLaneWidth, p.reference[1]),
                                 offset_from(d, origin + 2 * kLaneWidth, p.reference[2])};
      const auto delta = load_atom(d, view.x + lane, p.atom) + offset;
      const V distance2 = dot(delta, delta);
      const V inverse = hn::IfThenZeroElse(hn::Le(distance2, tiny), rsqrt(d, distance2));
      V excess = hn::MulSub(distance2, inverse, hn::Set(d, p.flat_radius));
      excess = hn::IfThenZeroElse(hn::Le(excess, zero), excess);
      const V pull = hn::Mul(hn::Set(d, p.k), excess);
      twice_energy = hn::MulAdd(pull, excess, twice_energy);
      if constexpr (kWithForces)
        subtract_from_atom(d, scaled(hn::Mul(pull, inverse), delta), view.forces + lane, p.atom);
    }
    return twice_energy;
  }

  /// Twice the energy.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE hn::Vec<D> torsions(D d, const RestraintTable<T>& table,
                                        const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d), turn = constant(d, kTwoPi),
            inverse_turn = constant(d, 1.0 / kTwoPi);
    const T* x = view.x + lane;
    V twice_energy = zero;
    for (const auto& t : table.torsions) {
      const auto geometry = torsion_geometry(d, load_atom(d, x, t.i), load_atom(d, x, t.j),
                                             load_atom(d, x, t.k_atom), load_atom(d, x, t.l));
      V deviation = hn::Sub(torsion_angle(d, geometry), hn::Set(d, t.angle));
      deviation = hn::NegMulAdd(hn::Round(hn::Mul(deviation, inverse_turn)), turn, deviation);
      V excess = hn::Sub(hn::Abs(deviation), hn::Set(d, t.flat_half_width));
      excess = hn::IfThenZeroElse(hn::Le(excess, zero), excess);
      const V pull = hn::Mul(hn::Set(d, t.k), excess);
      twice_energy = hn::Add(hn::MulAdd(pull, excess, twice_energy), geometry.penalty);
      if constexpr (kWithForces)
        add_torsion_forces(d, geometry, hn::CopySign(pull, deviation), view.forces + lane,
                           {t.i, t.j, t.k_atom, t.l});
    }
    return twice_energy;
  }
};

struct FieldKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const FieldTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d);
    const Vector3<V> field = {hn::Set(d, table.field[0]), hn::Set(d, table.field[1]),
                              hn::Set(d, table.field[2])};
    Vector3<V> dipole = {zero, zero, zero};  // about the origin of the positions
    for (std::size_t atom = 0; atom < table.charges.size(); ++atom) {
      const V charge = hn::Set(d, table.charges[atom]);
      dipole = mul_add(charge, load_atom(d, view.x + lane, atom), dipole);
      if constexpr (kWithForces) add_to_atom(d, scaled(charge, field), view.forces + lane, atom);
    }
    add_energy(d, hn::Neg(dot(field, dipole)), view.energies, lane);
    // That origin may be far from zero.
    for (std::size_t l = lane; l < lane + hn::Lanes(d); ++l)
      for (std::size_t axis = 0; axis < 3; ++axis)
        view.energies[l] -= table.on_all[axis] * view.origin[axis * kLaneWidth + l];
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(restraints, RestraintKernel, RestraintTable)
SALTUS_LANE_FUNCTION(field, FieldKernel, FieldTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(restraints)
SALTUS_EXPORT_LANE_FUNCTION(field)

std::unique_ptr<const LaneTerm> make_restraint_lanes(
    const std::vector<PositionRestraint>& positions,
    const std::vector<TorsionRestraint>& torsions) {
  return SALTUS_LANE_TERM(({"restraints"}), restraints, RestraintTable, positions, torsions);
}

std::unique_ptr<const LaneTerm> make_field_lanes(const UniformField& uniform) {
  return SALTUS_LANE_TERM(({"field"}), field, FieldTable, uniform);
}

}  // namespace saltus::engine
#endif
