#include "engine/lanes/ewald_lanes.h"

#include <algorithm>
#include <array>

#include "engine/core/units.h"
#include "engine/lanes/ewald_tables_detail.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/lanes/ewald_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/lanes/ewald_phases_detail.h"
#include "engine/lanes/lane_math_detail.h"
#include "engine/lanes/lane_screening_detail.h"
#include "engine/lanes/tabulated_lane_term_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

struct EwaldWaveKernel {
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void run(D d, const WaveTable<T>& table, const LaneView<T>& view,
                             std::size_t lane) {
    give_back<kWithForces>(d, table, view, lane);
    sum_waves<kWithForces>(d, table, view, lane);
  }

 private:
  /// Subtracts k_C q_i q_j erf(alpha r) / r of exceptions.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void give_back(D d, const WaveTable<T>& table, const LaneView<T>& view,
                                   std::size_t lane) {
    using V = hn::Vec<D>;
    const V alpha = hn::Set(d, table.alpha), alpha2 = hn::Mul(alpha, alpha);
    for (const auto& pair : table.pairs) {
      const auto delta = load_atom(d, view.x + lane, pair.i) - load_atom(d, view.x + lane, pair.j);
      const V factor = hn::Mul(hn::Set(d, pair.coulomb), alpha);
      const Inside<V> inside = inside_cloud(d, hn::Mul(alpha2, dot(delta, delta)));
      add_energy(d, hn::Neg(hn::Mul(factor, inside.value)), view.energies, lane);
      if constexpr (kWithForces) {
        const auto f = scaled(hn::Mul(hn::Mul(factor, alpha2), inside.slope), delta);
        subtract_from_atom(d, f, view.forces + lane, pair.i);
        add_to_atom(d, f, view.forces + lane, pair.j);
      }
    }
  }

  template <class V>
  struct Inside {
    V value, slope;
  };

  /// erf(u) / u and -d/du (erf(u) / u) / u; below u = 0.5, where large numbers cancel, as series.
  template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE Inside<V> inside_cloud(D d, V u2) {
    const V one = constant(d, 1.0), scale = constant(d, 1.12837916709551257390);  // 2 / sqrt(pi)
    const V inverse = rsqrt(d, u2);
    const auto screened = screening(d, hn::Mul(u2, inverse));
    const V value = hn::Mul(hn::Sub(one, screened.complement), inverse);
    const V slope =
        hn::Mul(hn::NegMulAdd(scale, screened.gaussian, value), hn::Mul(inverse, inverse));
    const auto small = hn::Lt(u2, constant(d, 0.25));
    if (hn::AllFalse(d, small)) return {value, slope};
    // sum_n (-u^2)^n / (n! (2 n + 1)); what is left out is 1e-17 of it, in float 3e-8.
    constexpr int kTerms = sizeof(T) == 8 ? 12 : 6;
    V power = one, series = one, slope_series = hn::Zero(d);
    for (int n = 1; n < kTerms; ++n) {
      const double odd = 2.0 * n + 1.0;
      slope_series = hn::MulAdd(constant(d, 2.0 / odd), power, slope_series);
      power = hn::Mul(hn::Mul(constant(d, -1.0 / n), u2), power);
      series = hn::MulAdd(constant(d, 1.0 / odd), power, series);
    }
    return {hn::IfThenElse(small, hn::Mul(scale, series), value),
            hn::IfThenElse(small, hn::Mul(scale, slope_series), slope)};
  }

  /// The sum over waves and the self energy.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void sum_waves(D d, const WaveTable<T>& table, const LaneView<T>& view,
                                   std::size_t lane) {
    if (table.charges.empty()) return;
    const std::size_t lanes = hn::Lanes(d);
    const Phases<T> phases(view.workspace, table.charges.size(), lanes);
    start(d, table, view, lane, phases);
    const auto metric = metric_of(d, view.box + lane);
    const std::array<long, 3> largest =
        largest_indices(table.split, view.box + lane, std::min(lanes, view.n_lanes - lane));
    alignas(64) double sums[kLaneWidth] = {};
    constexpr long kPanel = kWavePanel;
    for (long first = 0; first <= largest[2]; first += kPanel) {
      Row row = {0, 0, first, std::min(kPanel, largest[2] - first + 1)};
      fill_panel(d, row, phases);
      for (; row.n_a <= largest[0]; ++row.n_a) {
        next_power_along_a(d, table, row, phases);
        for (row.n_b = 0; row.n_b <= largest[1]; ++row.n_b) {
          next_power_along_b(d, row, phases);
          ActiveWaves<T> waves;
          choose_waves(d, table, row, metric, waves);
          if (waves.n > 0) add_row<kWithForces>(d, row, phases, waves, sums);
        }
      }
    }
    for (std::size_t l = 0; l < lanes; ++l)
      view.energies[lane + l] += table.split.self_energy() +
                                 kCoulombConstant / (kTwoPi * view.volumes[lane + l]) * sums[l];
    if constexpr (kWithForces) add_forces(d, table, view, lane, phases);
  }

  /// Phase factors of all charges; gradients of 0.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void start(D d, const WaveTable<T>& table, const LaneView<T>& view,
                               std::size_t lane, const Phases<T>& phases) {
    using V = hn::Vec<D>;
    const T* box = view.box + lane;
    const Vector3<V> inverse = load3(d, box + 3 * kLaneWidth),
                     tilt = load3(d, box + 6 * kLaneWidth);
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      const auto x = load_atom(d, view.x + lane, table.charges[n].atom);
      const V s_c = hn::Mul(x.z, inverse.z);
      const V s_b = hn::Mul(hn::NegMulAdd(s_c, tilt.z, x.y), inverse.y);
      const V s_a = hn::Mul(hn::NegMulAdd(s_c, tilt.y, hn::NegMulAdd(s_b, tilt.x, x.x)), inverse.x);
      store_complex(d, phase_factor(d, s_a), phases.step[0], n);
      store_complex(d, phase_factor(d, s_b), phases.step[1], n);
      const Complex<V> along_c = phase_factor(d, s_c);
      store_complex(d, along_c, phases.step[2], n);
      store_complex(d, Complex<V>{constant(d, 1.0), hn::Zero(d)}, phases.power[2], n);
      for (std::size_t axis = 0; axis < 3; ++axis)
        hn::Store(hn::Zero(d), d, phases.gradients + (3 * n + axis) * hn::Lanes(d));
    }
  }

  /// exp(2 pi i s)
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE Complex<V> phase_factor(D d, V s) {
    const V angle = hn::Mul(constant(d, kTwoPi), hn::Sub(s, hn::Round(s)));
    return {hn::Cos(d, angle), hn::Sin(d, angle)};
  }

  template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE Metric<V> metric_of(D d, const T* box) {
    // Box::reciprocal_vectors
    const Vector3<V> inverse = load3(d, box + 3 * kLaneWidth),
                     tilt = load3(d, box + 6 * kLaneWidth);
    const V a_y = hn::Neg(hn::Mul(hn::Mul(tilt.x, inverse.x), inverse.y));
    const V a_z = hn::Neg(hn::Mul(hn::MulAdd(a_y, tilt.z, hn::Mul(tilt.y, inverse.x)), inverse.z));
    const V b_z = hn::Neg(hn::Mul(hn::Mul(tilt.z, inverse.y), inverse.z));
    const Vector3<V> a = {inverse.x, a_y, a_z};
    const V ab = hn::MulAdd(a.y, inverse.y, hn::Mul(a.z, b_z));
    return {dot(a, a),
            hn::MulAdd(inverse.y, inverse.y, hn::Mul(b_z, b_z)),
            hn::Mul(inverse.z, inverse.z),
            hn::Add(ab, ab),
            hn::Mul(hn::Add(a.z, a.z), inverse.z),
            hn::Mul(hn::Add(b_z, b_z), inverse.z)};
  }

  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void fill_panel(D d, const Row& row, const Phases<T>& phases) {
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      auto power = load_complex(d, phases.power[2], n);
      const auto step = load_complex(d, phases.step[2], n);
      for (std::size_t place = 0; place < static_cast<std::size_t>(row.n); ++place) {
        store_complex(d, power, phases.panel, place * phases.n_charges + n);
        power = product(power, step);
      }
      store_complex(d, power, phases.power[2], n);
    }
  }

  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void next_power_along_a(D d, const WaveTable<T>& table, const Row& row,
                                            const Phases<T>& phases) {
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      Complex<hn::Vec<D>> power = {hn::Set(d, table.charges[n].value), hn::Zero(d)};
      if (row.n_a > 0)
        power = product(load_complex(d, phases.power[0], n), load_complex(d, phases.step[0], n));
      store_complex(d, power, phases.power[0], n);
    }
  }

  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void next_power_along_b(D d, const Row& row, const Phases<T>& phases) {
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      Complex<hn::Vec<D>> power = {constant(d, 1.0), hn::Zero(d)};
      if (row.n_b > 0)
        power = product(load_complex(d, phases.power[1], n), load_complex(d, phases.step[1], n));
      store_complex(d, power, phases.power[1], n);
    }
  }

  /// exp(-pi^2 m^2 / alpha^2) / m^2 of the waves of a row, 0 where a lane leaves one out.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void choose_waves(D d, const WaveTable<T>& table, const Row& row,
                                      const Metric<hn::Vec<D>>& metric, ActiveWaves<T>& waves) {
    using V = hn::Vec<D>;
    const double a = static_cast<double>(row.n_a), b = static_cast<double>(row.n_b);
    const V longest2 = hn::Set(d, table.longest2);
    for (long place = 0; place < row.n; ++place) {
      const long n_c = row.first + place;
      const double c = static_cast<double>(n_c);
      // Each of the four stands for itself and the opposite wave; a number of 0 has no sign.
      double weight = 2.0;
      for (long number : {row.n_a, row.n_b, n_c})
        if (number == 0) weight *= 0.5;
      if (row.n_a == 0 && row.n_b == 0 && n_c == 0) continue;
      const V squares = hn::MulAdd(
          constant(d, a * a), metric.aa,
          hn::MulAdd(constant(d, b * b), metric.bb, hn::Mul(constant(d, c * c), metric.cc)));
      const V ab = hn::Mul(constant(d, a * b), metric.ab);
      const V ac = hn::Mul(constant(d, a * c), metric.ac);
      const V bc = hn::Mul(constant(d, b * c), metric.bc);
      const Signs<V> m2 = with_signs(Signs<V>{squares, ab, ac, bc});
      const V shortest = hn::Min(hn::Min(m2.pp, m2.pm), hn::Min(m2.mp, m2.mm));
      if (hn::AllTrue(d, hn::Gt(shortest, longest2))) continue;
      T* factors = waves.values + waves.n * 8 * hn::Lanes(d);
      hn::Store(wave_factor(d, table, weight, m2.pp), d, factors);
      hn::Store(wave_factor(d, table, weight, m2.pm), d, factors + hn::Lanes(d));
      hn::Store(wave_factor(d, table, weight, m2.mp), d, factors + 2 * hn::Lanes(d));
      hn::Store(wave_factor(d, table, weight, m2.mm), d, factors + 3 * hn::Lanes(d));
      waves.place[waves.n++] = static_cast<std::size_t>(place);
    }
  }

  template <class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE V wave_factor(D d, const WaveTable<T>& table, double weight, V m2) {
    const V damping = exp_negative(d, hn::Neg(hn::Mul(hn::Set(d, table.falloff), m2)));
    const V factor = hn::Mul(hn::Mul(constant(d, weight), damping), reciprocal(d, m2));
    return hn::IfThenZeroElse(hn::Gt(m2, hn::Set(d, table.longest2)), factor);
  }

  /// Energies of a row, and gradients.
  template <bool kWithForces, class D, class T = hn::TFromD<D>>
  static HWY_INLINE void add_row(D d, const Row& row, const Phases<T>& phases,
                                 ActiveWaves<T>& waves, double* sums) {
    using V = hn::Vec<D>;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      const Complex<V> a = load_complex(d, phases.power[0], n);
      const Complex<V> b = load_complex(d, phases.power[1], n);
      T* p = phases.products + 4 * n * lanes;
      hn::Store(hn::Mul(a.re, b.re), d, p);
      hn::Store(hn::Mul(a.re, b.im), d, p + lanes);
      hn::Store(hn::Mul(a.im, b.re), d, p + 2 * lanes);
      hn::Store(hn::Mul(a.im, b.im), d, p + 3 * lanes);
    }
    V energy = hn::Zero(d);
    for (std::size_t wave = 0; wave < waves.n; ++wave)
      energy = hn::Add(energy, add_waves<kWithForces>(d, phases, wave, waves));
    add_energy(d, energy, sums, 0);
    if constexpr (kWithForces) add_gradients(d, row, phases, waves);
  }

  /// The sums over charges of products of real and imaginary parts along a, b and c, from which the
  /// structure factors of four waves follow; their energy. Leaves its derivatives by the sums.
  template <bool kWithForces, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
  static HWY_INLINE V add_waves(D d, const Phases<T>& phases, std::size_t wave,
                                ActiveWaves<T>& waves) {
    const std::size_t lanes = hn::Lanes(d);
    const V zero = hn::Zero(d);
    // rrr is the sum of real a, real b, real c.
    V rrr = zero, rri = zero, rir = zero, rii = zero, irr = zero, iri = zero, iir = zero,
      iii = zero;
    const T* p = phases.products;
    const T* c = phases.panel + waves.place[wave] * 2 * phases.n_charges * lanes;
    for (std::size_t n = 0; n < phases.n_charges; ++n, p += 4 * lanes, c += 2 * lanes) {
      const V re = hn::Load(d, c), im = hn::Load(d, c + lanes);
      const V rr = hn::Load(d, p), ri = hn::Load(d, p + lanes);
      const V ir = hn::Load(d, p + 2 * lanes), ii = hn::Load(d, p + 3 * lanes);
      rrr = hn::MulAdd(rr, re, rrr);
      rri = hn::MulAdd(rr, im, rri);
      rir = hn::MulAdd(ri, re, rir);
      rii = hn::MulAdd(ri, im, rii);
      irr = hn::MulAdd(ir, re, irr);
      iri = hn::MulAdd(ir, im, iri);
      iir = hn::MulAdd(ii, re, iir);
      iii = hn::MulAdd(ii, im, iii);
    }
    T* values = waves.values + wave * 8 * lanes;
    const Signs<V> f = {hn::Load(d, values), hn::Load(d, values + lanes),
                        hn::Load(d, values + 2 * lanes), hn::Load(d, values + 3 * lanes)};
    // With signs s of b and t of c: re = rrr - s iir - t iri - s t rii,
    // im = irr + s rir + t rri - s t iii.
    const Signs<V> re = with_signs(Signs<V>{rrr, hn::Neg(iir), hn::Neg(iri), hn::Neg(rii)});
    const Signs<V> im = with_signs(Signs<V>{irr, rir, rri, hn::Neg(iii)});
    const Signs<V> by_re = {hn::Mul(f.pp, re.pp), hn::Mul(f.pm, re.pm), hn::Mul(f.mp, re.mp),
                            hn::Mul(f.mm, re.mm)};
    const Signs<V> by_im = {hn::Mul(f.pp, im.pp), hn::Mul(f.pm, im.pm), hn::Mul(f.mp, im.mp),
                            hn::Mul(f.mm, im.mm)};
    if constexpr (kWithForces) {
      // Half of them; the sums over signs are their own transpose.
      const Signs<V> g = with_signs(by_re), h = with_signs(by_im);
      const V derivatives[8] = {g.pp, h.mp,          h.pm,          hn::Neg(g.mm),
                                h.pp, hn::Neg(g.mp), hn::Neg(g.pm), hn::Neg(h.mm)};
      for (std::size_t n = 0; n < 8; ++n) hn::Store(derivatives[n], d, values + n * lanes);
    }
    const V of_re = hn::MulAdd(
        by_re.pp, re.pp,
        hn::MulAdd(by_re.pm, re.pm, hn::MulAdd(by_re.mp, re.mp, hn::Mul(by_re.mm, re.mm))));
    return hn::MulAdd(by_im.pp, im.pp,
                      hn::MulAdd(by_im.pm, im.pm,
                                 hn::MulAdd(by_im.mp, im.mp, hn::MulAdd(by_im.mm, im.mm, of_re))));
  }

  /// What a row adds to the gradient of each charge by its coordinates along a, b and c.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void add_gradients(D d, const Row& row, const Phases<T>& phases,
                                       const ActiveWaves<T>& waves) {
    using V = hn::Vec<D>;
    const std::size_t lanes = hn::Lanes(d);
    const V n_a = constant(d, static_cast<double>(row.n_a));
    const V n_b = constant(d, static_cast<double>(row.n_b)), zero = hn::Zero(d);
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      // Derivatives of the energy by the four products of this charge, and n_c times those by its
      // phase along c.
      V rr = zero, ri = zero, ir = zero, ii = zero;
      V rr_c = zero, ri_c = zero, ir_c = zero, ii_c = zero;
      for (std::size_t wave = 0; wave < waves.n; ++wave) {
        const std::size_t place = waves.place[wave];
        const auto c = load_complex(d, phases.panel, place * phases.n_charges + n);
        const V n_c = constant(d, static_cast<double>(row.first + static_cast<long>(place)));
        const V re_c = hn::Mul(n_c, c.re), im_c = hn::Mul(n_c, c.im);
        const T* g = waves.values + wave * 8 * lanes;
        const V rrr = hn::Load(d, g), rri = hn::Load(d, g + lanes);
        rr = hn::MulAdd(c.re, rrr, hn::MulAdd(c.im, rri, rr));
        rr_c = hn::NegMulAdd(im_c, rrr, hn::MulAdd(re_c, rri, rr_c));
        const V rir = hn::Load(d, g + 2 * lanes), rii = hn::Load(d, g + 3 * lanes);
        ri = hn::MulAdd(c.re, rir, hn::MulAdd(c.im, rii, ri));
        ri_c = hn::NegMulAdd(im_c, rir, hn::MulAdd(re_c, rii, ri_c));
        const V irr = hn::Load(d, g + 4 * lanes), iri = hn::Load(d, g + 5 * lanes);
        ir = hn::MulAdd(c.re, irr, hn::MulAdd(c.im, iri, ir));
        ir_c = hn::NegMulAdd(im_c, irr, hn::MulAdd(re_c, iri, ir_c));
        const V iir = hn::Load(d, g + 6 * lanes), iii = hn::Load(d, g + 7 * lanes);
        ii = hn::MulAdd(c.re, iir, hn::MulAdd(c.im, iii, ii));
        ii_c = hn::NegMulAdd(im_c, iir, hn::MulAdd(re_c, iii, ii_c));
      }
      const T* p = phases.products + 4 * n * lanes;
      const V p_rr = hn::Load(d, p), p_ri = hn::Load(d, p + lanes);
      const V p_ir = hn::Load(d, p + 2 * lanes), p_ii = hn::Load(d, p + 3 * lanes);
      T* gradient = phases.gradients + 3 * n * lanes;
      const V along_a =
          hn::NegMulAdd(p_ir, rr, hn::NegMulAdd(p_ii, ri, hn::MulAdd(p_rr, ir, hn::Mul(p_ri, ii))));
      const V along_b =
          hn::NegMulAdd(p_ri, rr, hn::MulAdd(p_rr, ri, hn::NegMulAdd(p_ii, ir, hn::Mul(p_ir, ii))));
      const V along_c = hn::MulAdd(
          p_rr, rr_c, hn::MulAdd(p_ri, ri_c, hn::MulAdd(p_ir, ir_c, hn::Mul(p_ii, ii_c))));
      hn::Store(hn::MulAdd(n_a, along_a, hn::Load(d, gradient)), d, gradient);
      hn::Store(hn::MulAdd(n_b, along_b, hn::Load(d, gradient + lanes)), d, gradient + lanes);
      hn::Store(hn::Add(along_c, hn::Load(d, gradient + 2 * lanes)), d, gradient + 2 * lanes);
    }
  }

  /// Forces from the gradients by coordinates along a, b and c.
  template <class D, class T = hn::TFromD<D>>
  static HWY_INLINE void add_forces(D d, const WaveTable<T>& table, const LaneView<T>& view,
                                    std::size_t lane, const Phases<T>& phases) {
    using V = hn::Vec<D>;
    const std::size_t lanes = hn::Lanes(d);
    const T* box = view.box + lane;
    const Vector3<V> inverse = load3(d, box + 3 * kLaneWidth),
                     tilt = load3(d, box + 6 * kLaneWidth);
    // The energy has the factor k_C / (2 pi V), the phases 2 pi; the gradients are halves.
    const V factor = hn::Mul(hn::Mul(constant(d, -2.0 * kCoulombConstant), inverse.x),
                             hn::Mul(inverse.y, inverse.z));
    for (std::size_t n = 0; n < phases.n_charges; ++n) {
      const T* gradient = phases.gradients + 3 * n * lanes;
      const V a = hn::Mul(factor, hn::Load(d, gradient));
      const V b = hn::Mul(factor, hn::Load(d, gradient + lanes));
      const V c = hn::Mul(factor, hn::Load(d, gradient + 2 * lanes));
      const V x = hn::Mul(a, inverse.x);
      const V y = hn::Mul(hn::NegMulAdd(tilt.x, x, b), inverse.y);
      const V z = hn::Mul(hn::NegMulAdd(tilt.y, x, hn::NegMulAdd(tilt.z, y, c)), inverse.z);
      add_to_atom(d, Vector3<V>{x, y, z}, view.forces + lane, table.charges[n].atom);
    }
  }
};

}  // namespace

SALTUS_LANE_FUNCTION(ewald_waves, EwaldWaveKernel, WaveTable)

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

SALTUS_EXPORT_LANE_FUNCTION(ewald_waves)

std::unique_ptr<const LaneTerm> make_ewald_wave_lanes(const Nonbonded& nonbonded,
                                                      const EwaldSplit& split,
                                                      const std::vector<PairParameters>& in_waves) {
  return SALTUS_LANE_TERM(({"nonbonded"}), ewald_waves, WaveTable, nonbonded, split, in_waves);
}

}  // namespace saltus::engine
#endif
