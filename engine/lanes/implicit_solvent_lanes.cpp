#include "engine/lanes/implicit_solvent_lanes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "engine/potential/gbn2_neck_tables.h"
#include "engine/potential/implicit_solvent_terms.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/implicit_solvent_lanes.cpp"
#include "hwy/foreach_target.h"
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

#ifndef SALTUS_ENGINE_LANES_SOLVENT_TABLES
#define SALTUS_ENGINE_LANES_SOLVENT_TABLES
namespace saltus::engine {
namespace {

template <class T>
struct SolventTable {
  struct Atom {
    T charge, rho, scaled_rho, inverse_rho, inverse_radius, alpha, beta, gamma, surface;
  };
  /// Neck corrections of a pair i < j: of i by j, and of j by i.
  struct Necks {
    T range2;  // squared distance beyond which there is none
    T distance_i, value_i, distance_j, value_j;
  };

  explicit SolventTable(const ImplicitSolvent& solvent)
      : has_cutoff(solvent.cutoff_nm > 0.0),
        has_neck(solvent.model == GeneralizedBornModel::kGbn2) {
    cutoff2 = static_cast<T>(solvent.cutoff_nm * solvent.cutoff_nm);
    inverse_cutoff = has_cutoff ? static_cast<T>(1.0 / solvent.cutoff_nm) : T(0);
    tau = static_cast<T>(solvent.coulomb_constant *
                         (1.0 / solvent.solute_dielectric - 1.0 / solvent.solvent_dielectric));
    for (const GeneralizedBornParticle& p : solvent.particles) {
      const double rho = p.radius_nm - solvent.offset_nm;
      atoms.push_back({static_cast<T>(p.charge), static_cast<T>(rho), static_cast<T>(p.scale * rho),
                       static_cast<T>(1.0 / rho), static_cast<T>(1.0 / p.radius_nm),
                       static_cast<T>(p.alpha), static_cast<T>(p.beta), static_cast<T>(p.gamma),
                       static_cast<T>(surface_factor(p, solvent.surface_energy))});
    }
    if (has_neck) tabulate_necks(solvent.particles);
  }

  void tabulate_necks(const std::vector<GeneralizedBornParticle>& particles) {
    std::map<std::pair<double, double>, NeckParameters> known;
    const auto find = [&](double radius_i, double radius_j) {
      const auto [entry, is_new] = known.try_emplace({radius_i, radius_j});
      if (is_new) entry->second = neck_parameters(radius_i, radius_j);
      return entry->second;
    };
    for (std::size_t i = 0; i < particles.size(); ++i)
      for (std::size_t j = i + 1; j < particles.size(); ++j) {
        const double a = particles[i].radius_nm, b = particles[j].radius_nm;
        const double range = a + b + kNeckRangeNm;
        const NeckParameters of_i = find(a, b), of_j = find(b, a);
        necks.push_back({static_cast<T>(range * range), static_cast<T>(of_i.distance_nm),
                         static_cast<T>(kNeckScale * of_i.value), static_cast<T>(of_j.distance_nm),
                         static_cast<T>(kNeckScale * of_j.value)});
      }
  }

  std::size_t n_atoms() const { return atoms.size(); }
  /// Four values of an atom, then four of a pair.
  std::size_t workspace_size() const { return 4 * n_atoms() + 2 * n_atoms() * (n_atoms() - 1); }

  std::vector<Atom> atoms;
  std::vector<Necks> necks;
  T cutoff2, inverse_cutoff, tau;
  bool has_cutoff, has_neck;
};

}  // namespace
}  // namespace saltus::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// Scratch of one vector of chains: of atoms and, row by row, of pairs i < j.
template <class T>
struct SolventScratch {
  SolventScratch(T* workspace, std::size_t n_atoms, std::size_t lane)
      : atoms(workspace + lane), pairs(atoms + 4 * n_atoms * kLaneWidth) {}
  T* integral(std::size_t i) const { return atoms + 4 * i * kLaneWidth; }
  T* born_radius(std::size_t i) const { return atoms + 4 * i * kLaneWidth; }  // takes its place
  T* inverse_born_radius(std::size_t i) const { return atoms + (4 * i + 1) * kLaneWidth; }
  T* radius_per_integral(std::size_t i) const { return atoms + (4 * i + 2) * kLaneWidth; }
  T* energy_per_radius(std::size_t i) const { return atoms + (4 * i + 3) * kLaneWidth; }
  T* r2(std::size_t pair) const { return pairs + 4 * pair * kLaneWidth; }
  T* energy_slope(std::size_t pair) const { return pairs + (4 * pair + 1) * kLaneWidth; }
  T* integral_slope_i(std::size_t pair) const { return pairs + (4 * pair + 2) * kLaneWidth; }
  T* integral_slope_j(std::size_t pair) const { return pairs + (4 * pair + 3) * kLaneWidth; }
  T* atoms;
  T* pairs;
};

/// What an atom adds to another's Born integral, and its derivative by r^2.
template <class V>
struct BornIntegralLanes {
  V value, slope;
};

template <class V>
struct DistanceLanes {
  V r, inverse_r, inverse_r2;
};

struct SolventKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const SolventTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    const SolventScratch<T> scratch(view.workspace, table.n_atoms(), lane);
    if (table.has_neck)
      integrals<kWithForces, true>(d, table, view, lane, scratch);
    else
      integrals<kWithForces, false>(d, table, view, lane, scratch);
    atoms<kWithForces>(d, table, view, lane, scratch);
    pairs<kWithForces>(d, table, view, lane, scratch);
    if constexpr (kWithForces) chain_rule(d, table, view, lane, scratch);
  }

 private:
  /// Descreening of an atom of radius rho by a sphere of radius s.
  template <bool kWithForces, bool kAddEngulfed, class D, class V = hn::Vec<D>>
  static HWY_INLINE BornIntegralLanes<V> descreening(D d, const DistanceLanes<V>& distance, V rho,
                                                     V inverse_rho, V s) {
    const V upper = hn::Add(distance.r, s), gap = hn::Sub(distance.r, s);
    const V lower = hn::Max(rho, hn::Abs(gap));
    const V inverse_product = reciprocal(d, hn::Mul(lower, upper));
    const V l = hn::Mul(upper, inverse_product), u = hn::Mul(lower, inverse_product);
    const V log_ratio = hn::Mul(constant(d, 0.25), log_positive(d, hn::Mul(upper, l)));
    const V difference = hn::Sub(l, u);
    const V squares = hn::Mul(constant(d, 0.125), hn::Mul(difference, hn::Add(l, u)));
    const V s2_per_r = hn::Mul(hn::Mul(s, s), distance.inverse_r);
    const V log_per_r = hn::Mul(log_ratio, distance.inverse_r);
    BornIntegralLanes<V> result;
    result.value = hn::NegMulAdd(hn::Sub(distance.r, s2_per_r), squares,
                                 hn::MulSub(constant(d, 0.5), difference, log_per_r));
    result.slope = hn::Zero(d);
    const V half_inverse_r = hn::Mul(constant(d, 0.5), distance.inverse_r);
    // The integral is stationary in both of its limits, so only the explicit r counts.
    if constexpr (kWithForces) {
      const V explicit_r = hn::MulAdd(s2_per_r, distance.inverse_r, constant(d, 1.0));
      result.slope = hn::Mul(
          half_inverse_r, hn::MulSub(log_per_r, distance.inverse_r, hn::Mul(explicit_r, squares)));
    }
    // Inside the sphere the lower limit moves with r; the engulfed part cancels just that.
    const auto engulfed = hn::Lt(rho, hn::Neg(gap));
    if (HWY_UNLIKELY(!hn::AllFalse(d, engulfed))) {
      if constexpr (kAddEngulfed)
        result.value =
            hn::IfThenElse(engulfed, hn::Add(result.value, hn::Sub(inverse_rho, l)), result.value);
      else if constexpr (kWithForces)
        result.slope = hn::IfThenElse(
            engulfed, hn::MulAdd(half_inverse_r, hn::Mul(l, l), result.slope), result.slope);
    }
    const auto apart = hn::Le(upper, rho);
    if (HWY_UNLIKELY(!hn::AllFalse(d, apart))) {
      result.value = hn::IfThenZeroElse(apart, result.value);
      result.slope = hn::IfThenZeroElse(apart, result.slope);
    }
    return result;
  }

  template <bool kWithForces, class D, class V = hn::Vec<D>, class T = hn::TFromD<D>>
  static HWY_INLINE void add_neck(D d, const DistanceLanes<V>& distance, hn::Mask<D> within, T at,
                                  T height, BornIntegralLanes<V>& sum) {
    const V delta = hn::Sub(distance.r, hn::Set(d, at)), delta2 = hn::Mul(delta, delta);
    const V quartic = hn::Mul(delta2, delta2);
    const V denominator = hn::MulAdd(constant(d, 0.3e6), hn::Mul(quartic, delta2),
                                     hn::MulAdd(constant(d, 100.0), delta2, constant(d, 1.0)));
    const V inverse = reciprocal(d, denominator);
    const V value = hn::Mul(hn::Set(d, height), inverse);
    sum.value = hn::Add(sum.value, hn::IfThenElseZero(within, value));
    if constexpr (kWithForces) {
      const V by_delta = hn::Mul(hn::MulAdd(constant(d, 0.9e6), quartic, constant(d, 100.0)),
                                 hn::Mul(delta, distance.inverse_r));
      sum.slope = hn::Sub(sum.slope,
                          hn::IfThenElseZero(within, hn::Mul(hn::Mul(value, inverse), by_delta)));
    }
  }

  /// Born integrals of all atoms; keeps r^2 and slopes of pairs.
  template <bool kWithForces, bool kNeck, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void integrals(D d, const SolventTable<T>& table, const LaneView<T>& view,
                                   std::size_t lane, const SolventScratch<T>& scratch) {
    using V = hn::Vec<D>;
    const std::size_t n = table.n_atoms();
    const T* x = view.x + lane;
    for (std::size_t i = 0; i < n; ++i) hn::Store(hn::Zero(d), d, scratch.integral(i));
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto x_i = load_atom(d, x, i);
      const auto& a = table.atoms[i];
      const V rho_i = hn::Set(d, a.rho), inverse_rho_i = hn::Set(d, a.inverse_rho);
      const V s_i = hn::Set(d, a.scaled_rho);
      V integral_i = hn::Load(d, scratch.integral(i));
      for (std::size_t j = i + 1; j < n; ++j, ++pair) {
        const auto& b = table.atoms[j];
        const auto delta = x_i - load_atom(d, x, j);
        const V r2 = dot(delta, delta);
        DistanceLanes<V> distance;
        distance.inverse_r = rsqrt(d, r2);
        distance.r = hn::Mul(r2, distance.inverse_r);
        distance.inverse_r2 = hn::Mul(distance.inverse_r, distance.inverse_r);
        auto of_i = descreening<kWithForces, !kNeck>(d, distance, rho_i, inverse_rho_i,
                                                     hn::Set(d, b.scaled_rho));
        auto of_j = descreening<kWithForces, !kNeck>(d, distance, hn::Set(d, b.rho),
                                                     hn::Set(d, b.inverse_rho), s_i);
        if constexpr (kNeck) {
          const auto& necks = table.necks[pair];
          const auto within = hn::Le(r2, hn::Set(d, necks.range2));
          add_neck<kWithForces>(d, distance, within, necks.distance_i, necks.value_i, of_i);
          add_neck<kWithForces>(d, distance, within, necks.distance_j, necks.value_j, of_j);
        }
        if (table.has_cutoff) {
          const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
          of_i.value = hn::IfThenZeroElse(outside, of_i.value);
          of_j.value = hn::IfThenZeroElse(outside, of_j.value);
          of_i.slope = hn::IfThenZeroElse(outside, of_i.slope);
          of_j.slope = hn::IfThenZeroElse(outside, of_j.slope);
        }
        integral_i = hn::Add(integral_i, of_i.value);
        T* integral_j = scratch.integral(j);
        hn::Store(hn::Add(hn::Load(d, integral_j), of_j.value), d, integral_j);
        hn::Store(r2, d, scratch.r2(pair));
        if constexpr (kWithForces) {
          hn::Store(of_i.slope, d, scratch.integral_slope_i(pair));
          hn::Store(of_j.slope, d, scratch.integral_slope_j(pair));
        }
      }
      hn::Store(integral_i, d, scratch.integral(i));
    }
  }

  /// Born radii, self energies and the surface term.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void atoms(D d, const SolventTable<T>& table, const LaneView<T>& view,
                               std::size_t lane, const SolventScratch<T>& scratch) {
    using V = hn::Vec<D>;
    V energy = hn::Zero(d);
    const V one = constant(d, 1.0), two = constant(d, 2.0), three = constant(d, 3.0);
    for (std::size_t i = 0; i < table.n_atoms(); ++i) {
      const auto& atom = table.atoms[i];
      const V rho = hn::Set(d, atom.rho), inverse_radius = hn::Set(d, atom.inverse_radius);
      const V alpha = hn::Set(d, atom.alpha), beta = hn::Set(d, atom.beta);
      const V gamma = hn::Set(d, atom.gamma);
      const V psi = hn::Mul(hn::Load(d, scratch.integral(i)), rho);
      const V argument = hn::Mul(psi, hn::NegMulAdd(psi, hn::NegMulAdd(psi, gamma, beta), alpha));
      const V tanh_value = hn::Tanh(d, argument);
      const V inverse = hn::NegMulAdd(tanh_value, inverse_radius, hn::Set(d, atom.inverse_rho));
      const V born_radius = reciprocal(d, inverse);
      hn::Store(born_radius, d, scratch.born_radius(i));
      hn::Store(inverse, d, scratch.inverse_born_radius(i));
      const V inverse2 = hn::Mul(inverse, inverse);
      const V self = hn::Mul(hn::Set(d, T(-0.5) * table.tau * atom.charge * atom.charge), inverse);
      const V surface =
          hn::Mul(hn::Set(d, atom.surface), hn::Mul(hn::Mul(inverse2, inverse2), inverse2));
      energy = hn::Add(energy, hn::Add(self, surface));
      if constexpr (kWithForces) {
        const V slope = hn::NegMulAdd(
            psi, hn::NegMulAdd(hn::Mul(three, psi), gamma, hn::Mul(two, beta)), alpha);
        const V by_tanh =
            hn::Mul(hn::Mul(born_radius, born_radius), hn::NegMulAdd(tanh_value, tanh_value, one));
        hn::Store(hn::Mul(hn::Mul(by_tanh, slope), hn::Mul(rho, inverse_radius)), d,
                  scratch.radius_per_integral(i));
        hn::Store(hn::Neg(hn::Mul(hn::MulAdd(constant(d, 6.0), surface, self), inverse)), d,
                  scratch.energy_per_radius(i));
      }
    }
    add_energy(d, energy, view.energies, lane);
  }

  /// Pair energies; keeps their derivatives by r^2 and adds those by Born radii.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void pairs(D d, const SolventTable<T>& table, const LaneView<T>& view,
                               std::size_t lane, const SolventScratch<T>& scratch) {
    using V = hn::Vec<D>;
    const std::size_t n = table.n_atoms();
    const V one = constant(d, 1.0), quarter = constant(d, 0.25), half = constant(d, 0.5);
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const V born_i = hn::Load(d, scratch.born_radius(i));
      const V inverse_i = hn::Mul(constant(d, -0.25), hn::Load(d, scratch.inverse_born_radius(i)));
      const V minus_tau_charge = hn::Set(d, -table.tau * table.atoms[i].charge);
      V energy = hn::Zero(d), by_radius_i = hn::Zero(d);
      for (std::size_t j = i + 1; j < n; ++j, ++pair) {
        const V r2 = hn::Load(d, scratch.r2(pair));
        const V born_j = hn::Load(d, scratch.born_radius(j));
        const V born_product = hn::Mul(born_i, born_j);
        const V exponent =
            hn::Mul(r2, hn::Mul(inverse_i, hn::Load(d, scratch.inverse_born_radius(j))));
        const V gaussian = exp_negative(d, exponent);
        const V inverse_f = rsqrt(d, hn::MulAdd(born_product, gaussian, r2));
        const V charges = hn::Mul(minus_tau_charge, hn::Set(d, table.atoms[j].charge));
        V scale = hn::Mul(charges, inverse_f);
        V term = scale;
        if (table.has_cutoff) {
          const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
          scale = hn::IfThenZeroElse(outside, scale);
          term = hn::IfThenZeroElse(
              outside, hn::NegMulAdd(charges, hn::Set(d, table.inverse_cutoff), scale));
        }
        energy = hn::Add(energy, term);
        if constexpr (kWithForces) {
          // Derivative by f^2.
          const V slope = hn::Neg(hn::Mul(hn::Mul(half, scale), hn::Mul(inverse_f, inverse_f)));
          hn::Store(hn::Mul(slope, hn::NegMulAdd(quarter, gaussian, one)), d,
                    scratch.energy_slope(pair));
          const V by_product = hn::Mul(hn::Mul(slope, gaussian), hn::Sub(one, exponent));
          by_radius_i = hn::MulAdd(by_product, born_j, by_radius_i);
          T* by_radius_j = scratch.energy_per_radius(j);
          hn::Store(hn::MulAdd(by_product, born_i, hn::Load(d, by_radius_j)), d, by_radius_j);
        }
      }
      add_energy(d, energy, view.energies, lane);
      if constexpr (kWithForces) {
        T* sum = scratch.energy_per_radius(i);
        hn::Store(hn::Add(hn::Load(d, sum), by_radius_i), d, sum);
      }
    }
  }

  /// E(r, B(I(r))) through distances and through all Born integrals at once.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void chain_rule(D d, const SolventTable<T>& table, const LaneView<T>& view,
                                    std::size_t lane, const SolventScratch<T>& scratch) {
    using V = hn::Vec<D>;
    const std::size_t n = table.n_atoms();
    const V minus_two = constant(d, -2.0);
    for (std::size_t i = 0; i < n; ++i) {
      // Now the derivative by the Born integral, with the factor of the force.
      T* by_radius = scratch.energy_per_radius(i);
      hn::Store(hn::Mul(minus_two, hn::Mul(hn::Load(d, by_radius),
                                           hn::Load(d, scratch.radius_per_integral(i)))),
                d, by_radius);
    }
    const T* x = view.x + lane;
    T* forces = view.forces + lane;
    std::size_t pair = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto x_i = load_atom(d, x, i);
      const V by_integral_i = hn::Load(d, scratch.energy_per_radius(i));
      Vector3<V> on_i = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      for (std::size_t j = i + 1; j < n; ++j, ++pair) {
        const V by_integral_j = hn::Load(d, scratch.energy_per_radius(j));
        V slope = hn::Mul(minus_two, hn::Load(d, scratch.energy_slope(pair)));
        slope = hn::MulAdd(by_integral_i, hn::Load(d, scratch.integral_slope_i(pair)), slope);
        slope = hn::MulAdd(by_integral_j, hn::Load(d, scratch.integral_slope_j(pair)), slope);
        const auto delta = x_i - load_atom(d, x, j);
        on_i = mul_add(slope, delta, on_i);
        store_atom(d, neg_mul_add(slope, delta, load_atom(d, forces, j)), forces, j);
      }
      add_to_atom(d, on_i, forces, i);
    }
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(implicit_solvent, SolventKernel, SolventTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(implicit_solvent)

std::unique_ptr<const LaneTerm> make_implicit_solvent_lanes(const ImplicitSolvent& solvent) {
  return SALTUS_LANE_TERM(({"implicit_solvent"}), implicit_solvent, SolventTable, solvent);
}

}  // namespace saltus::engine
#endif
