#include "engine/lanes/nonbonded_lanes.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/lanes/ewald_lanes.h"
#include "engine/lanes/pair_rows_detail.h"
#include "engine/potential/long_range_correction.h"
#include "engine/potential/pair_list.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/nonbonded_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/lane_screening_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_NONBONDED_TABLES
#define SALTUS_ENGINE_LANES_NONBONDED_TABLES
namespace saltus::engine {
namespace {

/// Pairs within the cutoff by what they have. With an Ewald sum, whose Coulomb part costs most of a
/// pair, those that have no charges or no core are apart.
struct CutPairs {
  CutPairs(const std::vector<PairParameters>& pairs, bool ewald) {
    for (const PairParameters& p : pairs) {
      const bool no_core = p.c6 == 0.0, no_charges = p.coulomb == 0.0;
      (ewald && no_core ? coulomb : ewald && no_charges ? lennard_jones : both).push_back(p);
    }
  }
  std::vector<PairParameters> both, lennard_jones, coulomb;
};

/// @param alpha  of an Ewald sum, 1/nm
template <class T>
struct NonbondedTable {
  NonbondedTable(const Nonbonded& nonbonded, const std::vector<PairParameters>& full_pairs,
                 const CutPairs& cut_pairs, double alpha)
      : full(full_pairs),
        both(cut_pairs.both),
        lennard_jones(cut_pairs.lennard_jones),
        coulomb(cut_pairs.coulomb),
        correction(nonbonded) {
    const ReactionField field(nonbonded);
    twice_k_rf = static_cast<T>(2.0 * field.k_rf);
    twice_c_rf = static_cast<T>(2.0 * field.c_rf);
    half_alpha = static_cast<T>(0.5 * alpha);
    cloud = static_cast<T>(alpha / std::sqrt(kPi));
    cutoff2 = static_cast<T>(nonbonded.cutoff_nm * nonbonded.cutoff_nm);
    periodic = is_periodic(nonbonded.method);
    ewald = is_ewald(nonbonded.method);
    switched = nonbonded.switching_distance_nm > 0.0;
    switch_start = static_cast<T>(nonbonded.switching_distance_nm);
    if (switched)
      inverse_switch_width =
          static_cast<T>(1.0 / (nonbonded.cutoff_nm - nonbonded.switching_distance_nm));
  }
  PairRows<T> full, both, lennard_jones, coulomb;
  LongRangeCorrection correction;
  T twice_k_rf, twice_c_rf, half_alpha, cloud, cutoff2, switch_start, inverse_switch_width = T(0);
  bool periodic, ewald, switched;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Parts of an interaction, and how they end.
enum class Core { kNone, kFull, kCut, kSwitched };
enum class Coulomb { kNone, kFull, kReactionField, kEwald };

/// Moves a distance vector to its nearest image: less whole vectors c, then b, then a. With a
/// rectangular box, products with 0 are subtracted, which leaves the bits alone.
template <class V>
struct NearestImage {
  /// @param box  values of the box from this lane on
  template <class D>
  HWY_INLINE NearestImage(D d, const hn::TFromD<D>* box)
      : edges(load3(d, box)),
        inverse(load3(d, box + 3 * kLaneWidth)),
        bx(hn::Load(d, box + 6 * kLaneWidth)),
        cx(hn::Load(d, box + 7 * kLaneWidth)),
        cy(hn::Load(d, box + 8 * kLaneWidth)) {}
  HWY_INLINE Vector3<V> operator()(const Vector3<V>& delta) const {
    const V n_c = hn::Round(hn::Mul(delta.z, inverse.z));
    V x = hn::NegMulAdd(n_c, cx, delta.x), y = hn::NegMulAdd(n_c, cy, delta.y);
    const V n_b = hn::Round(hn::Mul(y, inverse.y));
    x = hn::NegMulAdd(n_b, bx, x);
    return {hn::NegMulAdd(hn::Round(hn::Mul(x, inverse.x)), edges.x, x),
            hn::NegMulAdd(n_b, edges.y, y), hn::NegMulAdd(n_c, edges.z, delta.z)};
  }

 private:
  Vector3<V> edges, inverse;
  V bx, cx, cy;
};

struct WholeSpace {
  template <class D>
  HWY_INLINE WholeSpace(D, const hn::TFromD<D>*) {}
  template <class V>
  HWY_INLINE const Vector3<V>& operator()(const Vector3<V>& delta) const {
    return delta;
  }
};

/// How the pairs of a row interact.
template <Core kItsCore, Coulomb kItsCoulomb, bool kIsPeriodic>
struct Kind {
  static constexpr Core kCore = kItsCore;
  static constexpr Coulomb kCoulomb = kItsCoulomb;
  static constexpr bool kPeriodic = kIsPeriodic;
  template <class V>
  using Image = std::conditional_t<kPeriodic, NearestImage<V>, WholeSpace>;
};

struct NonbondedKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const NonbondedTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    sum<Kind<Core::kFull, Coulomb::kFull, false>, kWithForces>(d, table, table.full, view, lane);
    if (table.switched)
      sum_cut<Core::kSwitched, kWithForces>(d, table, view, lane);
    else
      sum_cut<Core::kCut, kWithForces>(d, table, view, lane);
    if (!table.correction.is_zero())
      for (std::size_t l = lane; l < lane + hn::Lanes(d); ++l)
        view.energies[l] += table.correction.energy(view.volumes[l]);
  }

 private:
  template <Core kCore, bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum_cut(D d, const NonbondedTable<T>& table, const LaneView<T>& view,
                                 std::size_t lane) {
    using Field = Kind<kCore, Coulomb::kReactionField, false>;
    using PeriodicField = Kind<kCore, Coulomb::kReactionField, true>;
    if (table.ewald) {
      sum<Kind<kCore, Coulomb::kEwald, true>, kWithForces>(d, table, table.both, view, lane);
      sum<Kind<kCore, Coulomb::kNone, true>, kWithForces>(d, table, table.lennard_jones, view,
                                                          lane);
      sum<Kind<Core::kNone, Coulomb::kEwald, true>, kWithForces>(d, table, table.coulomb, view,
                                                                 lane);
    } else if (table.periodic) {
      sum<PeriodicField, kWithForces>(d, table, table.both, view, lane);
    } else {
      sum<Field, kWithForces>(d, table, table.both, view, lane);
    }
  }

  template <class Kind, bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum(D d, const NonbondedTable<T>& table, const PairRows<T>& pairs,
                             const LaneView<T>& view, std::size_t lane) {
    using V = hn::Vec<D>;
    const T* x = view.x + lane;
    T* forces = view.forces + lane;
    const Arrays<T> arrays = {x, forces};
    const typename Kind::template Image<V> image(d, view.box + (Kind::kPeriodic ? lane : 0));
    for (const auto& rows : pairs.two_rows) {
      const V zero = hn::Zero(d);
      V energy = zero;
      const Vector3<V> x_i[2] = {load_atom(d, x, rows.i[0]), load_atom(d, x, rows.i[1])};
      Vector3<V> on_0 = {zero, zero, zero}, on_1 = on_0;
      for (std::size_t n = rows.first_of_two; n < rows.last_of_two; ++n) {
        const auto& partner = pairs.of_two[n];
        const auto x_j = load_atom(d, x, partner.j);
        const Vector3<V> delta_0 = image(x_i[0] - x_j);
        const Vector3<V> delta_1 = image(x_i[1] - x_j);
        const V slope_0 = interact<Kind, kWithForces>(d, table, partner.first, delta_0, energy);
        const V slope_1 = interact<Kind, kWithForces>(d, table, partner.second, delta_1, energy);
        if constexpr (kWithForces) {
          on_0 = mul_add(slope_0, delta_0, on_0);
          on_1 = mul_add(slope_1, delta_1, on_1);
          const auto on_j = neg_mul_add(slope_0, delta_0, load_atom(d, forces, partner.j));
          store_atom(d, neg_mul_add(slope_1, delta_1, on_j), forces, partner.j);
        }
      }
      add_row<Kind, kWithForces>(d, table, pairs.partners_of_one(rows, 0), arrays,
                                 {image, x_i[0], energy, on_0});
      add_row<Kind, kWithForces>(d, table, pairs.partners_of_one(rows, 1), arrays,
                                 {image, x_i[1], energy, on_1});
      add_energy(d, energy, view.energies, lane);
      if constexpr (kWithForces) {
        add_to_atom(d, on_0, forces, rows.i[0]);
        add_to_atom(d, on_1, forces, rows.i[1]);
      }
    }
  }

  /// Atom i of a row: where it is, and what its pairs add to.
  template <class V, class Image>
  struct RowAtom {
    const Image& image;
    const Vector3<V>& x;
    V& energy;
    Vector3<V>& force;
  };

  /// What LaneView has, from one lane on.
  template <class T>
  struct Arrays {
    const T* x;
    T* forces;
  };

  /// All pairs of an atom with these partners.
  template <class Kind, bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE void add_row(D d, const NonbondedTable<T>& table,
                                 Span<const typename PairRows<T>::PartnerOfOne> partners,
                                 const Arrays<T>& arrays,
                                 const RowAtom<V, typename Kind::template Image<V>>& i) {
    for (const auto& partner : partners) {
      const Vector3<V> delta = i.image(i.x - load_atom(d, arrays.x, partner.j));
      const V slope = interact<Kind, kWithForces>(d, table, partner.constants, delta, i.energy);
      if constexpr (kWithForces) {
        i.force = mul_add(slope, delta, i.force);
        store_atom(d, neg_mul_add(slope, delta, load_atom(d, arrays.forces, partner.j)),
                   arrays.forces, partner.j);
      }
    }
  }

  /// Adds the energy of a pair; returns -dE/dr / r.
  template <class Kind, bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE V interact(D d, const NonbondedTable<T>& table, const PairConstants<T>& pair,
                               const Vector3<V>& delta, V& energy) {
    const V r2 = dot(delta, delta);
    const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
    // Screened pairs are costly, and chains of one state mostly have the same ones outside.
    if constexpr (Kind::kCoulomb == Coulomb::kEwald)
      if (hn::AllTrue(d, outside)) return hn::Zero(d);
    const V s = twice_rsqrt(d, r2), s2 = hn::Mul(s, s);
    V slope = hn::Zero(d), core = slope;
    if constexpr (Kind::kCore != Core::kNone) {
      const V s6 = hn::Mul(hn::Mul(s2, s2), s2);
      const V by_s6 = hn::MulSub(hn::Set(d, pair.c12), s6, hn::Set(d, pair.c6));
      V slope_by_s6 = slope;
      if constexpr (kWithForces)
        slope_by_s6 = hn::MulSub(hn::Set(d, pair.c12_slope), s6, hn::Set(d, pair.c6_slope));
      if constexpr (Kind::kCore == Core::kFull) {
        const V by_s = hn::Mul(hn::Set(d, pair.coulomb_slope), s);
        if constexpr (kWithForces) slope = hn::Mul(hn::MulAdd(slope_by_s6, s6, by_s), s2);
        energy = hn::MulAdd(by_s6, s6, hn::MulAdd(hn::Set(d, pair.coulomb), s, energy));
        return slope;
      }
      core = hn::Mul(by_s6, s6);
      if constexpr (kWithForces) slope = hn::Mul(hn::Mul(slope_by_s6, s6), s2);
      if constexpr (Kind::kCore == Core::kSwitched)
        switch_off<kWithForces>(d, table, r2, s, core, slope);
    }
    if constexpr (Kind::kCoulomb != Coulomb::kNone) {
      const V coulomb = hn::Set(d, pair.coulomb);
      const Shape<V> shape = coulomb_shape<Kind>(d, table, r2, s);
      core = hn::MulAdd(coulomb, shape.energy, core);
      slope = hn::MulAdd(coulomb, shape.slope, slope);
    }
    energy = hn::Add(energy, hn::IfThenZeroElse(outside, core));
    return hn::IfThenZeroElse(outside, slope);
  }

  /// Energy and -dE/dr / r of half of k_C q_i q_j = 1, which PairConstants::coulomb is.
  template <class V>
  struct Shape {
    V energy, slope;
  };

  template <class Kind, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE Shape<V> coulomb_shape(D d, const NonbondedTable<T>& table, V r2, V s) {
    const V s2 = hn::Mul(s, s), quarter = hn::Mul(constant(d, 0.25), s);
    if constexpr (Kind::kCoulomb == Coulomb::kEwald) {
      const auto screened = screening(d, hn::Mul(hn::Mul(hn::Set(d, table.half_alpha), s), r2));
      const V cloud = hn::Mul(hn::Set(d, table.cloud), screened.gaussian);
      return {hn::Mul(s, screened.complement),
              hn::Mul(s2, hn::MulAdd(quarter, screened.complement, cloud))};
    } else {
      const V k = hn::Set(d, table.twice_k_rf);
      const V field = hn::MulSub(k, r2, hn::Set(d, table.twice_c_rf));
      return {hn::Add(s, field), hn::MulSub(quarter, s2, hn::Add(k, k))};
    }
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

namespace {

/// Two terms that add to the same energies.
class SumOfTerms final : public LaneTerm {
 public:
  SumOfTerms(std::unique_ptr<const LaneTerm> first, std::unique_ptr<const LaneTerm> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  std::vector<std::string> names() const override { return first_->names(); }
  std::size_t workspace_size() const override {
    return std::max(first_->workspace_size(), second_->workspace_size());
  }
  void evaluate(const LaneView<float>& view) const override {
    first_->evaluate(view);
    second_->evaluate(view);
  }
  void evaluate(const LaneView<double>& view) const override {
    first_->evaluate(view);
    second_->evaluate(view);
  }

 private:
  std::unique_ptr<const LaneTerm> first_, second_;
};

}  // namespace

std::unique_ptr<const LaneTerm> make_nonbonded_lanes(const Nonbonded& nonbonded_terms,
                                                     const std::optional<Box>& box) {
  const PairList pairs = make_pair_list(nonbonded_terms);
  const bool ewald = is_ewald(nonbonded_terms.method);
  if (ewald && !box) throw InternalError("an Ewald sum needs the box of its system");
  std::optional<EwaldSplit> split;
  if (ewald) split.emplace(nonbonded_terms, *box);
  const double alpha = ewald ? split->alpha() : 0.0;
  const CutPairs cut_pairs(pairs.cut, ewald);
  std::unique_ptr<const LaneTerm> direct = SALTUS_LANE_TERM(
      ({"nonbonded"}), nonbonded, NonbondedTable, nonbonded_terms, pairs.full, cut_pairs, alpha);
  if (!ewald) return direct;
  return std::make_unique<SumOfTerms>(
      std::move(direct), make_ewald_wave_lanes(nonbonded_terms, *split, pairs.in_waves));
}

}  // namespace saltus::engine
#endif
