#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/lanes/mmff_lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/mmff_pair_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_MMFF_PAIR_TABLES
#define SALTUS_ENGINE_LANES_MMFF_PAIR_TABLES
namespace saltus::engine {
namespace {

template <class T>
struct MmffPairTable {
  struct Row {
    std::uint32_t i, first, last;
  };
  struct Partner {
    std::uint32_t j;
    T inverse_r_min;
    T depth;     // 2 1.07^7 epsilon
    T strength;  // of Coulomb: times (r + buffer)^-1 or ^-2
  };
  /// All partners of an atom, row by row.
  struct Rows {
    void add(std::uint32_t i, const Partner& partner) {
      const auto next = static_cast<std::uint32_t>(partners.size());
      if (rows.empty() || rows.back().i != i) rows.push_back({i, next, next});
      partners.push_back(partner);
      rows.back().last = next + 1;
    }
    std::vector<Row> rows;
    std::vector<Partner> partners;
  };

  explicit MmffPairTable(const Mmff& mmff)
      : distance_dependent(mmff.distance_dependent_dielectric) {
    const double factor = kMmffCoulombConstant / mmff.dielectric *
                          (distance_dependent ? kMmffDielectricLengthNm : 1.0);
    std::vector<MmffPair> pairs = mmff.pairs;
    for (MmffPair& pair : pairs)
      if (pair.i > pair.j) std::swap(pair.i, pair.j);
    std::sort(pairs.begin(), pairs.end(), [](const MmffPair& one, const MmffPair& other) {
      return std::tie(one.i, one.j) < std::tie(other.i, other.j);
    });
    for (const MmffPair& pair : pairs) {
      const bool has_core = pair.epsilon != 0.0;
      (pair.charge_product != 0.0 ? charged : neutral)
          .add(static_cast<std::uint32_t>(pair.i),
               {static_cast<std::uint32_t>(pair.j),
                static_cast<T>(has_core ? 1.0 / pair.r_min_nm : 0.0),
                static_cast<T>(2.0 * std::pow(1.07, 7) * pair.epsilon),
                static_cast<T>(factor * pair.charge_product)});
    }
  }
  Rows charged, neutral;
  bool distance_dependent;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Coulomb interaction of a list of pairs.
enum class Electrostatics { kNone, kConstantDielectric, kDistanceDielectric };

struct MmffPairKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const MmffPairTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    sum<kWithForces, Electrostatics::kNone>(d, table.neutral, view, lane);
    if (table.distance_dependent)
      sum<kWithForces, Electrostatics::kDistanceDielectric>(d, table.charged, view, lane);
    else
      sum<kWithForces, Electrostatics::kConstantDielectric>(d, table.charged, view, lane);
  }

 private:
  template <bool kWithForces, Electrostatics kKind, class D, class List, class T = hn::TFromD<D>>
  static HWY_INLINE void sum(D d, const List& pairs, const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    constexpr bool kCharged = kKind != Electrostatics::kNone;
    const T* x = view.x + lane;
    const V tiny = constant(d, sizeof(T) == 4 ? 1e-30 : 1e-280);
    const V seven = constant(d, 7.0), half_of_112 = constant(d, 0.56), one = constant(d, 1.0);
    for (const auto& row : pairs.rows) {
      const auto x_i = load_atom(d, x, row.i);
      V van_der_waals = hn::Zero(d), electrostatic = van_der_waals;
      Vector3<V> on_i = {van_der_waals, van_der_waals, van_der_waals};
      for (std::size_t n = row.first; n < row.last; ++n) {
        const auto& partner = pairs.partners[n];
        const auto delta = x_i - load_atom(d, x, partner.j);
        // Finite, with no force, where the atoms coincide; what is NaN stays NaN.
        V r2 = dot(delta, delta);
        r2 = hn::IfThenElse(hn::Lt(r2, tiny), tiny, r2);
        const V inverse_r = rsqrt(d, r2), r = hn::Mul(r2, inverse_r);
        const V inverse_r_min = hn::Set(d, partner.inverse_r_min);
        const V rho = hn::Mul(r, inverse_r_min), rho2 = hn::Mul(rho, rho);
        const V rho6 = hn::Mul(hn::Mul(rho2, rho2), rho2);
        const V near_buffer = hn::Add(rho, constant(d, 0.07));
        const V far_buffer = hn::MulAdd(rho6, rho, constant(d, 0.12));
        // One division for two or three of them.
        const V buffers = hn::Mul(near_buffer, far_buffer);
        V inverse = hn::Zero(d), inverse_coulomb = inverse;
        if constexpr (kCharged) {
          const V coulomb_buffer = hn::Add(r, constant(d, kMmffCoulombBufferNm));
          const V all = reciprocal(d, hn::Mul(buffers, coulomb_buffer));
          inverse = hn::Mul(all, coulomb_buffer);
          inverse_coulomb = hn::Mul(all, buffers);
        } else {
          inverse = reciprocal(d, buffers);
        }
        const V near = hn::Mul(inverse, far_buffer), far = hn::Mul(inverse, near_buffer);
        const V near2 = hn::Mul(near, near), near6 = hn::Mul(hn::Mul(near2, near2), near2);
        const V depth = hn::Mul(hn::Mul(hn::Set(d, partner.depth), near), near6);
        const V shape = hn::MulSub(half_of_112, far, one);
        van_der_waals = hn::MulAdd(depth, shape, van_der_waals);
        V coulomb = hn::Mul(hn::Set(d, partner.strength), inverse_coulomb);
        if constexpr (kKind == Electrostatics::kDistanceDielectric)
          coulomb = hn::Mul(coulomb, inverse_coulomb);
        if constexpr (kCharged) electrostatic = hn::Add(electrostatic, coulomb);
        if constexpr (kWithForces) {
          // -dE/dr
          const V steepness =
              hn::MulAdd(shape, near, hn::Mul(hn::Mul(half_of_112, rho6), hn::Mul(far, far)));
          V slope = hn::Mul(hn::Mul(seven, depth), hn::Mul(inverse_r_min, steepness));
          if constexpr (kKind == Electrostatics::kDistanceDielectric)
            coulomb = hn::Add(coulomb, coulomb);
          if constexpr (kCharged) slope = hn::MulAdd(coulomb, inverse_coulomb, slope);
          slope = hn::Mul(slope, inverse_r);
          on_i = mul_add(slope, delta, on_i);
          T* f = view.forces + lane;
          store_atom(d, neg_mul_add(slope, delta, load_atom(d, f, partner.j)), f, partner.j);
        }
      }
      add_energy(d, van_der_waals, view.energies, lane);
      if constexpr (kCharged) add_energy(d, electrostatic, view.energies + kLaneWidth, lane);
      if constexpr (kWithForces) add_to_atom(d, on_i, view.forces + lane, row.i);
    }
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(mmff_pairs, MmffPairKernel, MmffPairTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(mmff_pairs)

std::unique_ptr<const LaneTerm> make_mmff_pair_lanes(const Mmff& mmff) {
  return SALTUS_LANE_TERM(({"mmff_van_der_waals", "mmff_electrostatics"}), mmff_pairs,
                          MmffPairTable, mmff);
}

}  // namespace saltus::engine
#endif
