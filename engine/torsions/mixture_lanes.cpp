#include "engine/torsions/mixture_lanes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/torsions/bessel_detail.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/torsions/mixture_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/internal_lanes_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

/// exp(-kappa) I0(kappa) for kappa in [0, kBesselSeriesLimit].
HWY_INLINE LeapVector bessel_series(LeapDoubles d, LeapVector kappa) {
  const LeapVector y = hn::Mul(constant(d, 0.25), hn::Mul(kappa, kappa));
  const LeapVector one = constant(d, 1.0);
  LeapVector nested = one;
  for (std::size_t j = kBesselTerms; j >= 1; --j)
    nested = hn::MulAdd(hn::Mul(y, hn::Set(d, kInverseSquares[j])), nested, one);
  return hn::Mul(hn::Exp(d, hn::Neg(kappa)), nested);
}

/// The same for kappa >= kBesselSeriesLimit (Clenshaw's sum).
HWY_INLINE LeapVector bessel_tail(LeapDoubles d, LeapVector kappa) {
  const LeapVector twice_s =
      hn::Sub(hn::Div(constant(d, 4.0 * kBesselSeriesLimit), kappa), constant(d, 2.0));
  LeapVector next = hn::Zero(d), after_next = hn::Zero(d);
  for (std::size_t j = kBesselTail.size() - 1; j >= 1; --j) {
    const LeapVector value =
        hn::MulAdd(twice_s, next, hn::Sub(hn::Set(d, kBesselTail[j]), after_next));
    after_next = next;
    next = value;
  }
  const LeapVector s = hn::Mul(constant(d, 0.5), twice_s);
  const LeapVector sum = hn::MulAdd(s, next, hn::Sub(hn::Set(d, kBesselTail[0]), after_next));
  return hn::Div(sum, hn::Sqrt(kappa));
}

/// 1 / (2 pi exp(-kappa) I0(kappa)); NaN where kappa is no concentration.
HWY_INLINE LeapVector normalisation(LeapDoubles d, LeapVector kappa) {
  const LeapVector limit = constant(d, kBesselSeriesLimit);
  const auto small = hn::Le(kappa, limit), large = hn::Gt(kappa, limit);
  LeapVector value = constant(d, 1.0);
  if (!hn::AllFalse(d, small)) value = bessel_series(d, hn::Min(kappa, limit));
  if (!hn::AllFalse(d, large))
    value = hn::IfThenElse(large, bessel_tail(d, hn::Max(kappa, limit)), value);
  const auto valid = hn::And(hn::Ge(kappa, hn::Zero(d)),
                             hn::Le(kappa, constant(d, std::numeric_limits<double>::max())));
  const LeapVector inverse = hn::Div(constant(d, 1.0 / kTwoPi), value);
  return hn::IfThenElse(valid, inverse, hn::NaN(d));
}

/// Row k of a list, from a vector's first lane on.
HWY_INLINE double* row_at(AlignedVector<double>& rows, std::size_t k, std::size_t lane) {
  return rows.data() + k * kLaneWidth + lane;
}
HWY_INLINE const double* row_at(const AlignedVector<double>& rows, std::size_t k,
                                std::size_t lane) {
  return rows.data() + k * kLaneWidth + lane;
}

/// w -> (w / largest w)^power, kappa -> power kappa where power < 1.
HWY_INLINE void flatten(LeapDoubles d, LeapVector power, std::size_t lane, MixtureBlock& m) {
  const LeapVector one = constant(d, 1.0), zero = hn::Zero(d);
  const auto hot = hn::Lt(power, one);
  if (hn::AllFalse(d, hot)) return;
  LeapVector largest = zero;
  for (std::size_t k = 0; k < m.n_components; ++k)
    largest = hn::Max(largest, hn::Load(d, row_at(m.weights, k, lane)));
  for (std::size_t k = 0; k < m.n_components; ++k) {
    double* at = row_at(m.weights, k, lane);
    const LeapVector weight = hn::Load(d, at);
    const auto positive = hn::Gt(weight, zero);
    const LeapVector relative = hn::IfThenElse(positive, hn::Div(weight, largest), one);
    const LeapVector flat = hn::Exp(d, hn::Mul(power, hn::Log(d, relative)));
    // What is not positive stays as it is: 0, or no weight.
    hn::Store(hn::IfThenElse(hn::And(hot, positive), flat, weight), d, at);
    double* kappa_at = row_at(m.concentrations, k, lane);
    const LeapVector kappa = hn::Load(d, kappa_at);
    hn::Store(hn::IfThenElse(hot, hn::Mul(power, kappa), kappa), d, kappa_at);
  }
}

HWY_INLINE void mix_uniform(LeapDoubles d, double share, double* uniform) {
  const LeapVector own = hn::Load(d, uniform), one = constant(d, 1.0);
  const LeapVector mixed = hn::MulAdd(hn::Set(d, 1.0 - share), own, hn::Set(d, share));
  hn::Store(hn::IfThenElse(hn::Eq(own, one), one, mixed), d, uniform);
}

HWY_INLINE void make_scales(LeapDoubles d, std::size_t lane, MixtureBlock& m) {
  const LeapVector one = constant(d, 1.0), uniform = hn::Load(d, m.uniform.data() + lane);
  LeapVector total = hn::Zero(d);
  for (std::size_t k = 0; k < m.n_components; ++k)
    total = hn::Add(total, hn::Load(d, row_at(m.weights, k, lane)));
  const LeapVector share = hn::Div(hn::Sub(one, uniform), total);
  LeapVector kappa = hn::Load(d, m.concentrations.data() + lane);
  LeapVector factor = normalisation(d, kappa);
  for (std::size_t k = 0; k < m.n_components; ++k) {
    const LeapVector next = hn::Load(d, row_at(m.concentrations, k, lane));
    // Kernel estimates share one width.
    if (!hn::AllTrue(d, hn::Eq(next, kappa))) {
      kappa = next;
      factor = normalisation(d, kappa);
    }
    const LeapVector weight = hn::Load(d, row_at(m.weights, k, lane));
    // A mean that is no number would vanish in the exponential.
    const LeapVector mean = hn::Load(d, row_at(m.means, k, lane));
    const auto finite = hn::Le(hn::Abs(mean), constant(d, std::numeric_limits<double>::max()));
    const LeapVector scale = hn::Mul(hn::Mul(share, weight), factor);
    hn::Store(hn::IfThenElse(finite, scale, hn::NaN(d)), d, row_at(m.scales, k, lane));
  }
}

}  // namespace

void prepare_vectors(const double* power, double share, std::size_t n_lanes, MixtureBlock& m) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    flatten(d, hn::Load(d, power + lane), lane, m);
    mix_uniform(d, share, m.uniform.data() + lane);
    make_scales(d, lane, m);
  }
}

/// log q; NaN where the density is none, or underflows.
void log_density_vectors(const MixtureBlock& m, std::size_t n_lanes, const double* tau,
                         double* logs) {
  constexpr double kUnderflow = 1e-280;
  const LeapDoubles d;
  const LeapVector half = constant(d, 0.5), minus_two = constant(d, -2.0);
  const LeapVector one = constant(d, 1.0), everywhere = constant(d, 1.0 / kTwoPi);
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    const LeapVector angle = hn::Mul(hn::Load(d, m.fold.data() + lane), hn::Load(d, tau + lane));
    const LeapVector uniform = hn::Load(d, m.uniform.data() + lane);
    LeapVector density = hn::Mul(uniform, everywhere);
    for (std::size_t k = 0; k < m.n_components; ++k) {
      // kappa (cos(a) - 1) = -2 kappa sin^2(a / 2), without the loss of digits at narrow peaks.
      const LeapVector delta = hn::Sub(angle, hn::Load(d, row_at(m.means, k, lane)));
      const LeapVector sine = hn::Sin(d, hn::Mul(half, delta));
      const LeapVector kappa = hn::Load(d, row_at(m.concentrations, k, lane));
      const LeapVector exponent = hn::Mul(hn::Mul(minus_two, kappa), hn::Mul(sine, sine));
      density = hn::MulAdd(hn::Load(d, row_at(m.scales, k, lane)), hn::Exp(d, exponent), density);
    }
    density = hn::IfThenElse(hn::Eq(uniform, one), everywhere, density);
    const auto normal = hn::Ge(density, constant(d, kUnderflow));
    const LeapVector log = hn::Log(d, hn::IfThenElse(normal, density, one));
    hn::Store(hn::IfThenElse(normal, log, hn::NaN(d)), d, logs + lane);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(prepare_vectors);
HWY_EXPORT(log_density_vectors);

namespace {

VonMisesMixture copy_of(const MixtureView& view) {
  VonMisesMixture mixture;
  mixture.fold = view.fold;
  mixture.uniform = view.uniform;
  for (std::size_t k = 0; k < view.n_components; ++k) {
    mixture.weights.push_back(view.weight(k));
    mixture.means.push_back(view.mean(k));
    mixture.concentrations.push_back(view.concentration(k));
  }
  return mixture;
}

}  // namespace

void MixtureBlock::resize(std::size_t n) {
  n_components = std::max<std::size_t>(1, n);
  fold.resize(kLaneWidth);
  uniform.resize(kLaneWidth);
  for (AlignedVector<double>* rows : {&weights, &means, &concentrations, &scales})
    rows->resize(n_components * kLaneWidth);
}

void MixtureBlock::set(const std::array<VonMisesMixture, kLaneWidth>& mixtures) {
  std::size_t n = 0;
  for (const VonMisesMixture& mixture : mixtures) n = std::max(n, mixture.weights.size());
  resize(n);
  for (AlignedVector<double>* rows : {&weights, &means, &concentrations})
    std::fill(rows->begin(), rows->end(), 0.0);
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane) {
    const MixtureView mixture = mixtures[lane].view();
    fold[lane] = mixture.fold;
    uniform[lane] = mixture.uniform;
    for (std::size_t k = 0; k < mixture.n_components; ++k) {
      weights[k * kLaneWidth + lane] = mixture.weight(k);
      means[k * kLaneWidth + lane] = mixture.mean(k);
      concentrations[k * kLaneWidth + lane] = mixture.concentration(k);
    }
  }
}

MixtureView MixtureBlock::view(std::size_t lane) const {
  return {static_cast<int>(fold[lane]),
          uniform[lane],
          n_components,
          kLaneWidth,
          weights.data() + lane,
          means.data() + lane,
          concentrations.data() + lane};
}

void prepare_mixtures(const double* power, double share, std::size_t n_lanes,
                      MixtureBlock& mixtures) {
  HWY_DYNAMIC_DISPATCH(prepare_vectors)(power, share, n_lanes, mixtures);
}

void mixture_log_densities(const MixtureBlock& mixtures, std::size_t n_lanes, const double* tau,
                           double* out) {
  HWY_DYNAMIC_DISPATCH(log_density_vectors)(mixtures, n_lanes, tau, out);
  // Where it underflows, or is none, a lane goes the slow way.
  for (std::size_t lane = 0; lane < n_lanes; ++lane)
    if (std::isnan(out[lane])) out[lane] = copy_of(mixtures.view(lane)).log_density(tau[lane]);
}

}  // namespace saltus::engine
#endif
