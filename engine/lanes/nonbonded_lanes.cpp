#include "engine/lanes/nonbonded_lanes.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/potential/long_range_correction.h"
#include "engine/potential/pair_list.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/nonbonded_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_NONBONDED_TABLES
#define SALTUS_ENGINE_LANES_NONBONDED_TABLES
namespace saltus::engine {
namespace {

/// Constants of energies and of forces over distance, for powers of s = 2/r:
/// E = (c12 s^6 - c6) s^6 + coulomb s, -dE/dr / r = ((c12_slope s^6 - c6_slope) s^6 + coulomb_slope
/// s) s^2. The factors of 2 are powers of 2 and change no digit.
template <class T>
struct PairConstants {
  PairConstants() = default;
  explicit PairConstants(const PairParameters& p)
      : c12(static_cast<T>(p.c12 / 4096.0)),
        c6(static_cast<T>(p.c6 / 64.0)),
        coulomb(static_cast<T>(p.coulomb / 2.0)),
        c12_slope(static_cast<T>(3.0 * p.c12 / 4096.0)),
        c6_slope(static_cast<T>(1.5 * p.c6 / 64.0)),
        coulomb_slope(static_cast<T>(0.125 * p.coulomb)) {}
  T c12, c6, coulomb, c12_slope, c6_slope, coulomb_slope;
};

/// Pairs two rows at a time: two atoms i and the partners j of both, then those of one only. An
/// atom j that has two partners is loaded and stored once for both.
template <class T>
struct PairRows {
  struct PartnerOfTwo {
    std::uint32_t j;
    PairConstants<T> first, second;
  };
  struct PartnerOfOne {
    std::uint32_t j;
    PairConstants<T> constants;
  };
  struct TwoRows {
    std::uint32_t i[2];
    std::uint32_t first_of_two, last_of_two;
    std::uint32_t first_of_one[2], last_of_one[2];
  };

  /// @param pairs  in the order of (i, j), i < j
  explicit PairRows(const std::vector<PairParameters>& pairs) {
    std::map<std::size_t, std::map<std::size_t, PairConstants<T>>> partners;
    for (const PairParameters& p : pairs) partners[p.i].emplace(p.j, PairConstants<T>(p));
    while (!partners.empty()) {
      auto first = std::move(*partners.begin());
      partners.erase(partners.begin());
      std::pair<std::size_t, std::map<std::size_t, PairConstants<T>>> second = {first.first, {}};
      if (!partners.empty()) {
        second = std::move(*partners.begin());
        partners.erase(partners.begin());
      }
      TwoRows rows;
      rows.i[0] = static_cast<std::uint32_t>(first.first);
      rows.i[1] = static_cast<std::uint32_t>(second.first);
      rows.first_of_two = static_cast<std::uint32_t>(of_two.size());
      for (auto in_first = first.second.begin(); in_first != first.second.end();) {
        const auto in_second = second.second.find(in_first->first);
        if (in_second == second.second.end()) {
          ++in_first;
          continue;
        }
        of_two.push_back(
            {static_cast<std::uint32_t>(in_first->first), in_first->second, in_second->second});
        second.second.erase(in_second);
        in_first = first.second.erase(in_first);
      }
      rows.last_of_two = static_cast<std::uint32_t>(of_two.size());
      const auto add_single = [&](std::size_t row, const auto& rest) {
        rows.first_of_one[row] = static_cast<std::uint32_t>(of_one.size());
        for (const auto& [j, constants] : rest)
          of_one.push_back({static_cast<std::uint32_t>(j), constants});
        rows.last_of_one[row] = static_cast<std::uint32_t>(of_one.size());
      };
      add_single(0, first.second);
      add_single(1, second.second);
      two_rows.push_back(rows);
    }
  }

  /// Partners of one of the two rows only.
  Span<const PartnerOfOne> partners_of_one(const TwoRows& rows, std::size_t row) const {
    return {of_one.data() + rows.first_of_one[row], rows.last_of_one[row] - rows.first_of_one[row]};
  }

  std::vector<TwoRows> two_rows;
  std::vector<PartnerOfTwo> of_two;
  std::vector<PartnerOfOne> of_one;
};

template <class T>
struct NonbondedTable {
  NonbondedTable(const Nonbonded& nonbonded, const PairList& pairs)
      : full(pairs.full), cut(pairs.cut), correction(nonbonded) {
    const ReactionField field(nonbonded);
    twice_k_rf = static_cast<T>(2.0 * field.k_rf);
    twice_c_rf = static_cast<T>(2.0 * field.c_rf);
    cutoff2 = static_cast<T>(nonbonded.cutoff_nm * nonbonded.cutoff_nm);
    periodic = nonbonded.method == NonbondedMethod::kCutoffPeriodic;
    switched = nonbonded.switching_distance_nm > 0.0;
    switch_start = static_cast<T>(nonbonded.switching_distance_nm);
    if (switched)
      inverse_switch_width =
          static_cast<T>(1.0 / (nonbonded.cutoff_nm - nonbonded.switching_distance_nm));
  }
  PairRows<T> full, cut;
  LongRangeCorrection correction;
  T twice_k_rf, twice_c_rf, cutoff2, switch_start, inverse_switch_width = T(0);
  bool periodic, switched;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// How the pairs of a row interact.
enum class PairKind { kFull, kCut, kSwitched };

/// What LaneView has, from one lane on.
template <class T>
struct Arrays {
  const T *x, *box;
  T* forces;
};

struct NonbondedKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const NonbondedTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    sum<kWithForces, PairKind::kFull, false>(d, table, table.full, view, lane);
    if (!table.cut.two_rows.empty()) {
      if (table.switched)
        sum_cut<kWithForces, PairKind::kSwitched>(d, table, view, lane);
      else
        sum_cut<kWithForces, PairKind::kCut>(d, table, view, lane);
    }
    if (!table.correction.is_zero())
      for (std::size_t l = lane; l < lane + hn::Lanes(d); ++l)
        view.energies[l] += table.correction.energy(view.volumes[l]);
  }

 private:
  template <bool kWithForces, PairKind kKind, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum_cut(D d, const NonbondedTable<T>& table, const LaneView<T>& view,
                                 std::size_t lane) {
    if (table.periodic)
      sum<kWithForces, kKind, true>(d, table, table.cut, view, lane);
    else
      sum<kWithForces, kKind, false>(d, table, table.cut, view, lane);
  }

  /// @param box  values of the box from this lane on
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V nearest_image(D d, V delta, const hn::TFromD<D>* box, std::size_t axis) {
    const V edge = hn::Load(d, box + axis * kLaneWidth);
    const V inverse = hn::Load(d, box + (3 + axis) * kLaneWidth);
    return hn::NegMulAdd(hn::Round(hn::Mul(delta, inverse)), edge, delta);
  }

  template <bool kWithForces, PairKind kKind, bool kPeriodic, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum(D d, const NonbondedTable<T>& table, const PairRows<T>& pairs,
                             const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    const T* x = view.x + lane;
    T* forces = view.forces + lane;
    const T* box = kPeriodic ? view.box + lane : nullptr;
    const Arrays<T> arrays = {x, box, forces};
    for (const auto& rows : pairs.two_rows) {
      const V zero = hn::Zero(d);
      V energy = zero;
      const Vector3<V> x_i[2] = {load_atom(d, x, rows.i[0]), load_atom(d, x, rows.i[1])};
      Vector3<V> on_0 = {zero, zero, zero}, on_1 = on_0;
      for (std::size_t n = rows.first_of_two; n < rows.last_of_two; ++n) {
        const auto& partner = pairs.of_two[n];
        const auto x_j = load_atom(d, x, partner.j);
        const auto delta_0 = separation<kPeriodic>(d, box, x_i[0] - x_j);
        const auto delta_1 = separation<kPeriodic>(d, box, x_i[1] - x_j);
        const V slope_0 = interact<kWithForces, kKind>(d, table, partner.first, delta_0, energy);
        const V slope_1 = interact<kWithForces, kKind>(d, table, partner.second, delta_1, energy);
        if constexpr (kWithForces) {
          on_0 = mul_add(slope_0, delta_0, on_0);
          on_1 = mul_add(slope_1, delta_1, on_1);
          const auto on_j = neg_mul_add(slope_0, delta_0, load_atom(d, forces, partner.j));
          store_atom(d, neg_mul_add(slope_1, delta_1, on_j), forces, partner.j);
        }
      }
      add_row<kWithForces, kKind, kPeriodic>(d, table, pairs.partners_of_one(rows, 0), arrays,
                                             {x_i[0], energy, on_0});
      add_row<kWithForces, kKind, kPeriodic>(d, table, pairs.partners_of_one(rows, 1), arrays,
                                             {x_i[1], energy, on_1});
      add_energy(d, energy, view.energies, lane);
      if constexpr (kWithForces) {
        add_to_atom(d, on_0, forces, rows.i[0]);
        add_to_atom(d, on_1, forces, rows.i[1]);
      }
    }
  }

  /// Atom i of a row: where it is, and what its pairs add to.
  template <class V>
  struct RowAtom {
    const Vector3<V>& x;
    V& energy;
    Vector3<V>& force;
  };

  /// All pairs of an atom with these partners.
  template <bool kWithForces, PairKind kKind, bool kPeriodic, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void add_row(D d, const NonbondedTable<T>& table,
                                 Span<const typename PairRows<T>::PartnerOfOne> partners,
                                 const Arrays<T>& arrays, const RowAtom<hn::Vec<D>>& i) {
    for (const auto& partner : partners) {
      const auto delta =
          separation<kPeriodic>(d, arrays.box, i.x - load_atom(d, arrays.x, partner.j));
      const auto slope = interact<kWithForces, kKind>(d, table, partner.constants, delta, i.energy);
      if constexpr (kWithForces) {
        i.force = mul_add(slope, delta, i.force);
        store_atom(d, neg_mul_add(slope, delta, load_atom(d, arrays.forces, partner.j)),
                   arrays.forces, partner.j);
      }
    }
  }

  template <bool kPeriodic, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE Vector3<V> separation(D d, const T* box, const Vector3<V>& delta) {
    if constexpr (kPeriodic)
      return {nearest_image(d, delta.x, box, 0), nearest_image(d, delta.y, box, 1),
              nearest_image(d, delta.z, box, 2)};
    else
      return delta;
  }

  /// Adds the energy of a pair; returns -dE/dr / r.
  template <bool kWithForces, PairKind kKind, class D, class T = hn::TFromD<D>,
            class V = hn::Vec<D>>
  static HWY_INLINE V interact(D d, const NonbondedTable<T>& table, const PairConstants<T>& pair,
                               const Vector3<V>& delta, V& energy) {
    const V r2 = dot(delta, delta), s = twice_rsqrt(d, r2);
    const V s2 = hn::Mul(s, s), s6 = hn::Mul(hn::Mul(s2, s2), s2);
    const V lennard_jones = hn::MulSub(hn::Set(d, pair.c12), s6, hn::Set(d, pair.c6));  // over s^6
    const V coulomb = hn::Set(d, pair.coulomb);
    V slope = hn::Zero(d);
    if constexpr (kWithForces) {
      const V by_r = hn::MulSub(hn::Set(d, pair.c12_slope), s6, hn::Set(d, pair.c6_slope));
      const V by_r_coulomb = hn::Mul(hn::Set(d, pair.coulomb_slope), s);
      if constexpr (kKind == PairKind::kSwitched)
        slope = hn::Mul(hn::Mul(by_r, s6), s2);
      else
        slope = hn::Mul(hn::MulAdd(by_r, s6, by_r_coulomb), s2);
    }
    if constexpr (kKind == PairKind::kFull) {
      energy = hn::MulAdd(lennard_jones, s6, hn::MulAdd(coulomb, s, energy));
    } else {
      V dispersive = hn::Mul(lennard_jones, s6);
      if constexpr (kKind == PairKind::kSwitched) {
        switch_off<kWithForces>(d, table, r2, s, dispersive, slope);
        if constexpr (kWithForces)
          slope = hn::MulAdd(hn::Mul(hn::Set(d, pair.coulomb_slope), s), s2, slope);
      }
      // The reaction field: coulomb is half of k_C q_i q_j here.
      const V field = hn::MulSub(hn::Set(d, table.twice_k_rf), r2, hn::Set(d, table.twice_c_rf));
      const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
      const V total = hn::MulAdd(coulomb, hn::Add(s, field), dispersive);
      energy = hn::Add(energy, hn::IfThenZeroElse(outside, total));
      if constexpr (kWithForces) {
        slope = hn::NegMulAdd(hn::Set(d, table.twice_k_rf), hn::Add(coulomb, coulomb), slope);
        slope = hn::IfThenZeroElse(outside, slope);
      }
    }
    return slope;
  }

  /// Multiplies Lennard-Jones by S = 1 - 10 t^3 + 15 t^4 - 6 t^5.
  template <bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE void switch_off(D d, const NonbondedTable<T>& table, V r2, V s, V& energy,
                                    V& slope) {
    const V width = hn::Set(d, table.inverse_switch_width);
    const V inverse_r = hn::Mul(constant(d, 0.5), s), r = hn::Mul(r2, inverse_r);
    const V t = hn::Max(hn::Mul(hn::Sub(r, hn::Set(d, table.switch_start)), width), hn::Zero(d));
    const V t2 = hn::Mul(t, t), rest = hn::Sub(constant(d, 1.0), t), rest2 = hn::Mul(rest, rest);
    // The same without loss of digits near the cutoff: (1 - t)^3 (1 + 3 t + 6 t^2).
    const V quadratic =
        hn::MulAdd(hn::MulAdd(constant(d, 6.0), t, constant(d, 3.0)), t, constant(d, 1.0));
    const V factor = hn::Mul(hn::Mul(rest2, rest), quadratic);
    if constexpr (kWithForces) {
      // dS/dt = -30 t^2 (1 - t)^2
      const V by_t = hn::Mul(hn::Mul(constant(d, 30.0), t2), rest2);
      slope = hn::MulAdd(slope, factor, hn::Mul(hn::Mul(energy, by_t), hn::Mul(width, inverse_r)));
    }
    energy = hn::Mul(energy, factor);
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(nonbonded, NonbondedKernel, NonbondedTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(nonbonded)

std::unique_ptr<const LaneTerm> make_nonbonded_lanes(const Nonbonded& nonbonded_terms) {
  const PairList pairs = make_pair_list(nonbonded_terms);
  return SALTUS_LANE_TERM(({"nonbonded"}), nonbonded, NonbondedTable, nonbonded_terms, pairs);
}

}  // namespace saltus::engine
#endif
