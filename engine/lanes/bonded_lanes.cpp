#include "engine/lanes/bonded_lanes.h"

#include <cstdint>

#include "engine/potential/torsion_series.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/bonded_lanes.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h comes first.
#include "engine/lanes/lane_geometry_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_BONDED_TABLES
#define SALTUS_ENGINE_LANES_BONDED_TABLES
namespace saltus::engine {
namespace {

template <class T>
struct BondTable {
  struct Entry {
    std::uint32_t i, j;
    T length, k;
  };
  explicit BondTable(const std::vector<HarmonicBond>& bonds) {
    for (const HarmonicBond& b : bonds)
      entries.push_back({static_cast<std::uint32_t>(b.i), static_cast<std::uint32_t>(b.j),
                         static_cast<T>(b.length_nm), static_cast<T>(b.k)});
  }
  std::vector<Entry> entries;
};

template <class T>
struct AngleTable {
  struct Entry {
    std::uint32_t i, j, k_atom;
    T angle, k;
  };
  explicit AngleTable(const std::vector<HarmonicAngle>& angles) {
    for (const HarmonicAngle& a : angles)
      entries.push_back({static_cast<std::uint32_t>(a.i), static_cast<std::uint32_t>(a.j),
                         static_cast<std::uint32_t>(a.k_atom), static_cast<T>(a.angle_rad),
                         static_cast<T>(a.k)});
  }
  std::vector<Entry> entries;
};

template <class T>
struct TorsionTable {
  struct Entry {
    std::uint32_t i, j, k, l, first, last;
  };
  struct Harmonic {
    T a, b;
  };
  explicit TorsionTable(const TorsionSeries& series) : constant(static_cast<T>(series.constant)) {
    for (const TorsionQuadruple& q : series.quadruples)
      entries.push_back({static_cast<std::uint32_t>(q.i), static_cast<std::uint32_t>(q.j),
                         static_cast<std::uint32_t>(q.k), static_cast<std::uint32_t>(q.l),
                         static_cast<std::uint32_t>(q.first), static_cast<std::uint32_t>(q.last)});
    for (const TorsionHarmonic& h : series.harmonics)
      harmonics.push_back({static_cast<T>(h.a), static_cast<T>(h.b)});
  }
  T constant;
  std::vector<Entry> entries;
  std::vector<Harmonic> harmonics;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

struct BondKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const BondTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    V energy = hn::Zero(d);
    const V half = constant(d, 0.5);
    for (const auto& bond : table.entries) {
      const auto delta = load_atom(d, view.x + lane, bond.i) - load_atom(d, view.x + lane, bond.j);
      const V r2 = dot(delta, delta), inverse_r = rsqrt(d, r2);
      const V stretch = hn::MulSub(r2, inverse_r, hn::Set(d, bond.length));
      const V pull = hn::Mul(hn::Set(d, bond.k), stretch);
      energy = hn::MulAdd(hn::Mul(half, pull), stretch, energy);
      if constexpr (kWithForces) {
        const auto f = scaled(hn::Mul(pull, inverse_r), delta);
        subtract_from_atom(d, f, view.forces + lane, bond.i);
        add_to_atom(d, f, view.forces + lane, bond.j);
      }
    }
    add_energy(d, energy, view.energies, lane);
  }
};

struct AngleKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const AngleTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    V energy = hn::Zero(d);
    const V half = constant(d, 0.5);
    for (const auto& angle : table.entries) {
      const auto vertex = load_atom(d, view.x + lane, angle.j);
      const auto a = load_atom(d, view.x + lane, angle.i) - vertex;
      const auto b = load_atom(d, view.x + lane, angle.k_atom) - vertex;
      const auto normal = cross(a, b);
      const V normal2 = dot(normal, normal);
      const auto on_a_line = hn::Eq(normal2, hn::Zero(d));
      const V inverse_sine = hn::IfThenZeroElse(on_a_line, rsqrt(d, normal2));
      V bend = hn::Sub(upper_angle(d, dot(a, b), hn::Mul(normal2, inverse_sine)),
                       hn::Set(d, angle.angle));
      if (HWY_UNLIKELY(!hn::AllFalse(d, on_a_line))) {
        const auto ends = a - b;
        bend = hn::IfThenElse(hn::Eq(dot(ends, ends), hn::Zero(d)), hn::NaN(d), bend);
      }
      const V torque = hn::Mul(hn::Set(d, angle.k), bend);
      energy = hn::MulAdd(hn::Mul(half, torque), bend, energy);
      if constexpr (kWithForces) {
        const V slope = hn::Mul(torque, inverse_sine);
        const auto on_i = scaled(hn::Mul(slope, reciprocal(d, dot(a, a))), cross(a, normal));
        const auto on_k = scaled(hn::Mul(slope, reciprocal(d, dot(b, b))), cross(normal, b));
        subtract_from_atom(d, on_i, view.forces + lane, angle.i);
        subtract_from_atom(d, on_k, view.forces + lane, angle.k_atom);
        add_to_atom(d, on_i + on_k, view.forces + lane, angle.j);
      }
    }
    add_energy(d, energy, view.energies, lane);
  }
};

struct TorsionKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const TorsionTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    using V = hn::Vec<D>;
    const V one = constant(d, 1.0), zero = hn::Zero(d);
    V energy = hn::Set(d, table.constant);
    for (const auto& q : table.entries) {
      const auto geometry =
          torsion_geometry(d, load_atom(d, view.x + lane, q.i), load_atom(d, view.x + lane, q.j),
                           load_atom(d, view.x + lane, q.k), load_atom(d, view.x + lane, q.l));
      // c + i s = exp(i n phi), raised by one factor exp(i phi) per harmonic.
      V c = geometry.cosine, s = geometry.sine, slope = zero, order = one;
      for (std::size_t n = q.first; n < q.last; ++n) {
        const V a = hn::Set(d, table.harmonics[n].a), b = hn::Set(d, table.harmonics[n].b);
        energy = hn::MulAdd(a, c, hn::MulAdd(b, s, energy));
        if constexpr (kWithForces) {
          slope = hn::MulAdd(order, hn::MulSub(b, c, hn::Mul(a, s)), slope);
          order = hn::Add(order, one);
        }
        const V next = hn::MulSub(c, geometry.cosine, hn::Mul(s, geometry.sine));
        s = hn::MulAdd(s, geometry.cosine, hn::Mul(c, geometry.sine));
        c = next;
      }
      energy = hn::Add(energy, geometry.penalty);
      if constexpr (kWithForces) {
        add_torsion_forces(d, geometry, slope, view.forces + lane, q.i, q.j, q.k, q.l);
      }
    }
    add_energy(d, energy, view.energies, lane);
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(bonds, BondKernel, BondTable)
SALTUS_LANE_FUNCTION(angles, AngleKernel, AngleTable)
SALTUS_LANE_FUNCTION(torsions, TorsionKernel, TorsionTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(bonds)
SALTUS_EXPORT_LANE_FUNCTION(angles)
SALTUS_EXPORT_LANE_FUNCTION(torsions)

std::unique_ptr<const LaneTerm> make_bond_lanes(const std::vector<HarmonicBond>& bonds) {
  return SALTUS_LANE_TERM(({"bonds"}), bonds, BondTable, bonds);
}

std::unique_ptr<const LaneTerm> make_angle_lanes(const std::vector<HarmonicAngle>& angles) {
  return SALTUS_LANE_TERM(({"angles"}), angles, AngleTable, angles);
}

std::unique_ptr<const LaneTerm> make_torsion_lanes(const std::vector<PeriodicTorsion>& torsions) {
  const TorsionSeries series = merge_torsions(torsions);
  return SALTUS_LANE_TERM(({"torsions"}), torsions, TorsionTable, series);
}

}  // namespace saltus::engine
#endif
