#include "engine/lanes/nonbonded_lanes.h"

#include <cstdint>
#include <vector>

#include "engine/potential/nonbonded_terms.h"
#include "engine/potential/pair_list.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/nonbonded_lanes.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_NONBONDED_TABLES
#define SALTUS_ENGINE_LANES_NONBONDED_TABLES
namespace saltus::engine {
namespace {

/// Pairs row by row: all partners j > i of an atom i.
template <class T>
struct PairRows {
  struct Row {
    std::uint32_t i, first, last;
  };
  struct Partner {
    std::uint32_t j;
    T c12, c6, coulomb;
  };
  explicit PairRows(const std::vector<PairParameters>& pairs) {
    for (const PairParameters& p : pairs) {
      const auto i = static_cast<std::uint32_t>(p.i);
      const auto next = static_cast<std::uint32_t>(partners.size());
      if (rows.empty() || rows.back().i != i) rows.push_back({i, next, next});
      partners.push_back({static_cast<std::uint32_t>(p.j), static_cast<T>(p.c12),
                          static_cast<T>(p.c6), static_cast<T>(p.coulomb)});
      rows.back().last = next + 1;
    }
  }
  std::vector<Row> rows;
  std::vector<Partner> partners;
};

template <class T>
struct NonbondedTable {
  NonbondedTable(const Nonbonded& nonbonded, const PairList& pairs,
                 const std::optional<std::array<double, 3>>& box, double constant_energy)
      : full(pairs.full), cut(pairs.cut), constant(constant_energy) {
    const ReactionField field(nonbonded);
    k_rf = static_cast<T>(field.k_rf);
    c_rf = static_cast<T>(field.c_rf);
    cutoff2 = static_cast<T>(nonbonded.cutoff_nm * nonbonded.cutoff_nm);
    periodic = nonbonded.method == NonbondedMethod::kCutoffPeriodic;
    switched = nonbonded.switching_distance_nm > 0.0;
    switch_start = static_cast<T>(nonbonded.switching_distance_nm);
    if (switched)
      inverse_switch_width =
          static_cast<T>(1.0 / (nonbonded.cutoff_nm - nonbonded.switching_distance_nm));
    if (periodic)
      for (std::size_t axis = 0; axis < 3; ++axis) {
        edge[axis] = static_cast<T>((*box)[axis]);
        inverse_edge[axis] = static_cast<T>(1.0 / (*box)[axis]);
      }
  }
  PairRows<T> full, cut;
  double constant;  // the long-range correction
  T k_rf, c_rf, cutoff2, switch_start, inverse_switch_width = T(0);
  T edge[3] = {}, inverse_edge[3] = {};
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

struct NonbondedKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const NonbondedTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    sum<kWithForces, PairKind::kFull, false>(d, table, table.full, view, lane);
    if (!table.cut.rows.empty()) {
      if (table.switched)
        sum_cut<kWithForces, PairKind::kSwitched>(d, table, view, lane);
      else
        sum_cut<kWithForces, PairKind::kCut>(d, table, view, lane);
    }
    if (table.constant != 0.0)
      for (std::size_t l = 0; l < hn::Lanes(d); ++l) view.energies[lane + l] += table.constant;
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

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V nearest_image(D d, V delta, hn::TFromD<D> edge, hn::TFromD<D> inverse) {
    return hn::NegMulAdd(hn::Round(hn::Mul(delta, hn::Set(d, inverse))), hn::Set(d, edge), delta);
  }

  template <bool kWithForces, PairKind kKind, bool kPeriodic, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum(D d, const NonbondedTable<T>& table, const PairRows<T>& pairs,
                             const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    const T* x = view.x + lane;
    const V six = constant(d, 6.0), twelve = constant(d, 12.0);
    for (const auto& row : pairs.rows) {
      const auto x_i = load_atom(d, x, row.i);
      V energy = hn::Zero(d);
      Vector3<V> on_i = {energy, energy, energy};
      for (std::size_t n = row.first; n < row.last; ++n) {
        const auto& partner = pairs.partners[n];
        auto delta = x_i - load_atom(d, x, partner.j);
        if constexpr (kPeriodic) {
          delta.x = nearest_image(d, delta.x, table.edge[0], table.inverse_edge[0]);
          delta.y = nearest_image(d, delta.y, table.edge[1], table.inverse_edge[1]);
          delta.z = nearest_image(d, delta.z, table.edge[2], table.inverse_edge[2]);
        }
        const V r2 = dot(delta, delta), inverse_r = rsqrt(d, r2);
        const V inverse_r2 = hn::Mul(inverse_r, inverse_r);
        const V inverse_r6 = hn::Mul(hn::Mul(inverse_r2, inverse_r2), inverse_r2);
        const V coulomb_constant = hn::Set(d, partner.coulomb);
        const V attraction = hn::Mul(hn::Set(d, partner.c6), inverse_r6);
        const V repulsion = hn::Mul(hn::Set(d, partner.c12), hn::Mul(inverse_r6, inverse_r6));
        const V coulomb = hn::Mul(coulomb_constant, inverse_r);
        V lennard_jones = hn::Sub(repulsion, attraction);
        V slope = hn::Zero(d);  // -dE/dr / r
        if constexpr (kWithForces)
          slope = hn::Mul(hn::MulSub(twelve, repulsion, hn::Mul(six, attraction)), inverse_r2);
        if constexpr (kKind == PairKind::kSwitched)
          switch_off<kWithForces>(d, table, r2, inverse_r, lennard_jones, slope);
        V total = hn::Add(lennard_jones, coulomb);
        if constexpr (kWithForces) slope = hn::MulAdd(coulomb, inverse_r2, slope);
        if constexpr (kKind != PairKind::kFull) {
          const V k_rf = hn::Set(d, table.k_rf);
          total = hn::MulAdd(coulomb_constant, hn::MulSub(k_rf, r2, hn::Set(d, table.c_rf)), total);
          const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
          total = hn::IfThenZeroElse(outside, total);
          if constexpr (kWithForces) {
            slope = hn::NegMulAdd(hn::Add(k_rf, k_rf), coulomb_constant, slope);
            slope = hn::IfThenZeroElse(outside, slope);
          }
        }
        energy = hn::Add(energy, total);
        if constexpr (kWithForces) {
          on_i = mul_add(slope, delta, on_i);
          T* f = view.forces + lane;
          store_atom(d, neg_mul_add(slope, delta, load_atom(d, f, partner.j)), f, partner.j);
        }
      }
      add_energy(d, energy, view.energies, lane);
      if constexpr (kWithForces) add_to_atom(d, on_i, view.forces + lane, row.i);
    }
  }

  /// Multiplies Lennard-Jones by S = 1 - 10 t^3 + 15 t^4 - 6 t^5.
  template <bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE void switch_off(D d, const NonbondedTable<T>& table, V r2, V inverse_r,
                                    V& energy, V& slope) {
    const V width = hn::Set(d, table.inverse_switch_width);
    const V r = hn::Mul(r2, inverse_r);
    const V t = hn::Max(hn::Mul(hn::Sub(r, hn::Set(d, table.switch_start)), width), hn::Zero(d));
    const V t2 = hn::Mul(t, t);
    const V cubic =
        hn::MulAdd(hn::NegMulAdd(constant(d, 6.0), t, constant(d, 15.0)), t, constant(d, -10.0));
    const V factor = hn::MulAdd(cubic, hn::Mul(t2, t), constant(d, 1.0));
    if constexpr (kWithForces) {
      // dS/dt = -30 t^2 (1 - t)^2
      const V rest = hn::Sub(constant(d, 1.0), t);
      const V by_t = hn::Mul(hn::Mul(constant(d, 30.0), t2), hn::Mul(rest, rest));
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

std::unique_ptr<const LaneTerm> make_nonbonded_lanes(
    const Nonbonded& nonbonded_terms, const std::optional<std::array<double, 3>>& box_nm) {
  const PairList pairs = make_pair_list(nonbonded_terms);
  return SALTUS_LANE_TERM(({"nonbonded"}), nonbonded, NonbondedTable, nonbonded_terms, pairs,
                          box_nm, 0.0);
}

}  // namespace saltus::engine
#endif
