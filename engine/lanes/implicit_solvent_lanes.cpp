#include "engine/lanes/implicit_solvent_lanes.h"
#include "engine/lanes/implicit_solvent_tables_detail.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/implicit_solvent_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/lane_pairs_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

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
  // Each gives its place to the next.
  T* inverse_r(std::size_t pair) const { return energy_slope(pair); }
  T* gaussian(std::size_t pair) const { return energy_slope(pair); }
  T* energy_slope(std::size_t pair) const { return pairs + (4 * pair + 1) * kLaneWidth; }
  T* integral_slope_i(std::size_t pair) const { return pairs + (4 * pair + 2) * kLaneWidth; }
  T* integral_slope_j(std::size_t pair) const { return pairs + (4 * pair + 3) * kLaneWidth; }
  T* atoms;
  T* pairs;
};

/// What an atom adds to another's Born integral, and the derivative by r^2.
template <class V>
struct BornIntegral {
  V value, slope;
};

/// What each atom of a pair adds to the other's Born integral, and the derivatives by r^2.
template <class V>
struct BornIntegrals {
  Two<V> value, slope = {};
};

template <class V>
struct DistanceLanes {
  V r, inverse_r;
};

struct SolventKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const SolventTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    if (table.has_cutoff)
      run_cut<kWithForces, true>(d, table, view, lane);
    else
      run_cut<kWithForces, false>(d, table, view, lane);
  }

 private:
  template <bool kWithForces, bool kCut, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run_cut(D d, const SolventTable<T>& table, const LaneView<T>& view,
                                 std::size_t lane) {
    const SolventScratch<T> scratch(view.workspace, table.n_atoms(), lane);
    if (table.has_neck)
      integrals<kWithForces, kCut, true>(d, table, view, lane, scratch);
    else
      integrals<kWithForces, kCut, false>(d, table, view, lane, scratch);
    atoms<kWithForces>(d, table, view, lane, scratch);
    pairs<kWithForces, kCut>(d, table, view, lane, scratch);
    if constexpr (kWithForces) chain_rule(d, table, view, lane, scratch);
  }

  /// Largest |U - L| / (U + L) for which the float polynomial below holds.
  static constexpr double kArcTanhRange = 0.65;

  /// artanh(w) for |w| <= kArcTanhRange, relative error 1e-7, by a minimax fit; or half the
  /// logarithm of upper / lower.
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE Two<V> arc_tanh(D d, Two<V> w, Two<V> upper, Two<V> lower) {
    if constexpr (sizeof(hn::TFromD<D>) == 8) {
      const Two<V> ratio = mul(upper, reciprocal(d, lower)), half = both(constant(d, 0.5));
      return mul(half, {log_positive(d, ratio.a), log_positive(d, ratio.b)});
    } else {
      const Two<V> z = mul(w, w);
      Two<V> p = mul_add(both(constant(d, 0.357235384)), z, both(constant(d, -0.1193136673)));
      p = mul_add(p, z, both(constant(d, 0.178964538)));
      p = mul_add(p, z, both(constant(d, 0.1323384978)));
      p = mul_add(p, z, both(constant(d, 0.2007308131)));
      p = mul_add(p, z, both(constant(d, 0.3333166659)));
      return mul_add(mul(w, z), p, w);
    }
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE hn::Mask<D> is_wide(D d, V w) {
    return hn::Gt(hn::Mul(w, w), constant(d, kArcTanhRange * kArcTanhRange));
  }

  /// Descreening of both atoms of a pair, each by the other's scaled sphere, times
  /// kBornIntegralScale = 8: with L = max(rho, |r - s|), U = r + s, S = U + L, D = U - L and q = 1
  /// / (L U),
  ///   I = D q / 2 - (r - s^2 / r) D S q^2 / 8 - artanh(D / S) / (2 r).
  template <bool kWithForces, bool kAddEngulfed, class D, class V = hn::Vec<D>>
  static HWY_INLINE BornIntegrals<V> descreening(D d, const DistanceLanes<V>& distance, Two<V> rho,
                                                 Two<V> s, Two<V> s2) {
    const Two<V> r = both(distance.r), inverse_r = both(distance.inverse_r);
    const Two<V> upper = add(r, s), gap = sub(r, s), lower = max(rho, abs(gap));
    const Two<V> sum = add(upper, lower), difference = sub(upper, lower);
    const Two<V> product = mul(lower, upper);
    // One division for 1 / (L U) and 1 / S.
    const Two<V> inverse = reciprocal(d, mul(product, sum));
    const Two<V> q = mul(inverse, sum), w = mul(difference, mul(inverse, product));
    Two<V> arc = arc_tanh(d, w, upper, lower);
    // w is negative inside an atom, which is corrected below, and for spheres of negative radius.
    const auto wide = hn::Or(is_wide(d, w.a), is_wide(d, w.b));
    if (sizeof(hn::TFromD<D>) == 4 && HWY_UNLIKELY(!hn::AllFalse(d, wide))) {
      arc.a = exact_arc_tanh(d, w.a, upper.a, lower.a, arc.a);
      arc.b = exact_arc_tanh(d, w.b, upper.b, lower.b, arc.b);
    }
    const Two<V> linear = mul(difference, q), squares = mul(linear, mul(sum, q));
    const Two<V> s2_per_r = mul(s2, inverse_r), arc_per_r = mul(arc, inverse_r);
    const Two<V> four = both(constant(d, 4.0));
    BornIntegrals<V> result;
    result.value = neg_mul_add(sub(r, s2_per_r), squares, mul(four, sub(linear, arc_per_r)));
    // The integral is stationary in both of its limits, so only the explicit r counts.
    if constexpr (kWithForces) {
      const Two<V> explicit_r = mul_add(s2_per_r, inverse_r, both(constant(d, 1.0)));
      result.slope = mul(both(hn::Mul(constant(d, 0.5), distance.inverse_r)),
                         mul_sub(arc_per_r, mul(four, inverse_r), mul(explicit_r, squares)));
    }
    // gap + rho < 0: the atom lies inside the sphere. upper <= rho: the sphere inside the atom.
    const Two<V> outside = add(gap, rho), beyond = sub(upper, rho);
    const V least = hn::Min(hn::Min(outside.a, outside.b), hn::Min(beyond.a, beyond.b));
    if (HWY_UNLIKELY(!hn::AllFalse(d, hn::Le(least, hn::Zero(d))))) {
      const auto of_a = mended_inside<kWithForces, kAddEngulfed>(d, distance, rho.a, s.a,
                                                                 {result.value.a, result.slope.a});
      const auto of_b = mended_inside<kWithForces, kAddEngulfed>(d, distance, rho.b, s.b,
                                                                 {result.value.b, result.slope.b});
      result = {{of_a.value, of_b.value}, {of_a.slope, of_b.slope}};
    }
    return result;
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_NOINLINE V exact_arc_tanh(D d, V w, V upper, V lower, V otherwise) {
    const V half_log =
        hn::Mul(constant(d, 0.5), log_positive(d, hn::Mul(upper, reciprocal(d, lower))));
    return hn::IfThenElse(is_wide(d, w), half_log, otherwise);
  }

  /// An atom inside the sphere: there the lower limit moves with r, and the engulfed part, where a
  /// model has it, cancels just that. A sphere inside the atom takes nothing away.
  template <bool kWithForces, bool kAddEngulfed, class D, class V = hn::Vec<D>>
  static HWY_NOINLINE BornIntegral<V> mended_inside(D d, DistanceLanes<V> distance, V rho, V s,
                                                    BornIntegral<V> of) {
    const V upper = hn::Add(distance.r, s), gap = hn::Sub(distance.r, s);
    const auto engulfed = hn::Lt(gap, hn::Neg(rho)), apart = hn::Le(upper, rho);
    const V scale = constant(d, kBornIntegralScale), l = reciprocal(d, hn::Max(rho, hn::Abs(gap)));
    if constexpr (kAddEngulfed) {
      const V part = hn::Mul(scale, hn::Sub(reciprocal(d, rho), l));
      of.value = hn::IfThenElse(engulfed, hn::Add(of.value, part), of.value);
    } else if constexpr (kWithForces) {
      const V part = hn::Mul(hn::Mul(constant(d, 0.5 * kBornIntegralScale), distance.inverse_r),
                             hn::Mul(l, l));
      of.slope = hn::IfThenElse(engulfed, hn::Add(of.slope, part), of.slope);
    }
    of.value = hn::IfThenZeroElse(apart, of.value);
    of.slope = hn::IfThenZeroElse(apart, of.slope);
    return of;
  }

  template <bool kWithForces, class D, class V = hn::Vec<D>, class T = hn::TFromD<D>>
  static HWY_INLINE void add_necks(D d, const DistanceLanes<V>& distance, V r2,
                                   const typename SolventTable<T>::Necks& necks,
                                   BornIntegrals<V>& sum) {
    const auto within = hn::Le(r2, hn::Set(d, necks.range2));
    const Two<V> at = {hn::Set(d, necks.distance_i), hn::Set(d, necks.distance_j)};
    const Two<V> height = {hn::Set(d, necks.value_i), hn::Set(d, necks.value_j)};
    const Two<V> delta = sub(both(distance.r), at), delta2 = mul(delta, delta);
    const Two<V> quartic = mul(delta2, delta2);
    const Two<V> inverse =
        reciprocal(d, mul_add(both(constant(d, 0.3e6)), mul(quartic, delta2),
                              mul_add(both(constant(d, 100.0)), delta2, both(constant(d, 1.0)))));
    const Two<V> value = mul(height, inverse);
    sum.value =
        add(sum.value, {hn::IfThenElseZero(within, value.a), hn::IfThenElseZero(within, value.b)});
    if constexpr (kWithForces) {
      const Two<V> by_delta =
          mul(mul_add(both(constant(d, 0.9e6)), quartic, both(constant(d, 100.0))),
              mul(delta, both(distance.inverse_r)));
      const Two<V> slope = mul(mul(value, inverse), by_delta);
      sum.slope = sub(sum.slope,
                      {hn::IfThenElseZero(within, slope.a), hn::IfThenElseZero(within, slope.b)});
    }
  }

  /// Born integrals of all atoms; keeps r^2 and slopes of pairs.
  template <bool kWithForces, bool kCut, bool kNeck, class D, class T = hn::TFromD<D>>
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
      const V rho_i = hn::Set(d, a.rho), s_i = hn::Set(d, a.scaled_rho);
      const V s2_i = hn::Set(d, a.scaled_rho2);
      V integral_i = hn::Load(d, scratch.integral(i));
      // Distances first: two short chains of operations overlap better than a long one.
      for (std::size_t j = i + 1, of_row = pair; j < n; ++j, ++of_row) {
        const auto delta = x_i - load_atom(d, x, j);
        const V r2 = dot(delta, delta);
        hn::Store(r2, d, scratch.r2(of_row));
        hn::Store(rsqrt(d, r2), d, scratch.inverse_r(of_row));
      }
      for (std::size_t j = i + 1; j < n; ++j, ++pair) {
        const auto& b = table.atoms[j];
        const V r2 = hn::Load(d, scratch.r2(pair));
        DistanceLanes<V> distance;
        distance.inverse_r = hn::Load(d, scratch.inverse_r(pair));
        distance.r = hn::Mul(r2, distance.inverse_r);
        // The first of the two is the integral of i, descreened by j.
        auto of = descreening<kWithForces, !kNeck>(d, distance, {rho_i, hn::Set(d, b.rho)},
                                                   {hn::Set(d, b.scaled_rho), s_i},
                                                   {hn::Set(d, b.scaled_rho2), s2_i});
        if constexpr (kNeck) add_necks<kWithForces>(d, distance, r2, table.necks[pair], of);
        if constexpr (kCut) {
          const auto outside = hn::Gt(r2, hn::Set(d, table.cutoff2));
          of.value = {hn::IfThenZeroElse(outside, of.value.a),
                      hn::IfThenZeroElse(outside, of.value.b)};
          of.slope = {hn::IfThenZeroElse(outside, of.slope.a),
                      hn::IfThenZeroElse(outside, of.slope.b)};
        }
        integral_i = hn::Add(integral_i, of.value.a);
        T* integral_j = scratch.integral(j);
        hn::Store(hn::Add(hn::Load(d, integral_j), of.value.b), d, integral_j);
        if constexpr (kWithForces) {
          hn::Store(of.slope.a, d, scratch.integral_slope_i(pair));
          hn::Store(of.slope.b, d, scratch.integral_slope_j(pair));
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
    const V unscale = constant(d, 1.0 / kBornIntegralScale);
    for (std::size_t i = 0; i < table.n_atoms(); ++i) {
      const auto& atom = table.atoms[i];
      const V rho = hn::Set(d, atom.rho), inverse_radius = hn::Set(d, atom.inverse_radius);
      const V alpha = hn::Set(d, atom.alpha), beta = hn::Set(d, atom.beta);
      const V gamma = hn::Set(d, atom.gamma);
      const V psi = hn::Mul(hn::Load(d, scratch.integral(i)), hn::Mul(rho, unscale));
      const V argument = hn::Mul(psi, hn::NegMulAdd(psi, hn::NegMulAdd(psi, gamma, beta), alpha));
      const V tanh_value = hyperbolic_tangent(d, argument);
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
  template <bool kWithForces, bool kCut, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void pairs(D d, const SolventTable<T>& table, const LaneView<T>& view,
                               std::size_t lane, const SolventScratch<T>& scratch) {
    using V = hn::Vec<D>;
    const std::size_t n = table.n_atoms();
    const V one = constant(d, 1.0), quarter = constant(d, 0.25), half = constant(d, 0.5);
    // Backwards: what the pass before kept last is still in the nearest cache.
    for (std::size_t i = n; i-- > 0;) {
      std::size_t pair = i * (2 * n - i - 1) / 2;  // of i and i + 1
      const V born_i = hn::Load(d, scratch.born_radius(i));
      const V inverse_i = hn::Mul(constant(d, -0.25), hn::Load(d, scratch.inverse_born_radius(i)));
      const V minus_tau_charge = hn::Set(d, -table.tau * table.atoms[i].charge);
      V energy = hn::Zero(d), by_radius_i = hn::Zero(d);
      for (std::size_t j = i + 1, of_row = pair; j < n; ++j, ++of_row) {
        const V by_radii = hn::Mul(inverse_i, hn::Load(d, scratch.inverse_born_radius(j)));
        const V exponent = hn::Mul(hn::Load(d, scratch.r2(of_row)), by_radii);
        hn::Store(exp_negative(d, exponent), d, scratch.gaussian(of_row));
      }
      for (std::size_t j = i + 1; j < n; ++j, ++pair) {
        const V r2 = hn::Load(d, scratch.r2(pair));
        const V born_j = hn::Load(d, scratch.born_radius(j));
        const V born_product = hn::Mul(born_i, born_j);
        const V gaussian = hn::Load(d, scratch.gaussian(pair));
        const V inverse_f = rsqrt(d, hn::MulAdd(born_product, gaussian, r2));
        const V charges = hn::Mul(minus_tau_charge, hn::Set(d, table.atoms[j].charge));
        V scale = hn::Mul(charges, inverse_f);
        V term = scale;
        if constexpr (kCut) {
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
          const V by_radii = hn::Mul(inverse_i, hn::Load(d, scratch.inverse_born_radius(j)));
          const V by_product = hn::Mul(hn::Mul(slope, gaussian), hn::NegMulAdd(r2, by_radii, one));
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
    const V minus_two = constant(d, -2.0), unscaled = constant(d, -2.0 / kBornIntegralScale);
    for (std::size_t i = 0; i < n; ++i) {
      // Now the derivative by the Born integral, with the factor of the force.
      T* by_radius = scratch.energy_per_radius(i);
      hn::Store(hn::Mul(unscaled, hn::Mul(hn::Load(d, by_radius),
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
