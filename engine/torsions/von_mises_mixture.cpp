#include "engine/torsions/von_mises_mixture.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/torsions/bessel_detail.h"

namespace saltus::engine {

namespace {

/// I0(kappa) - 1 for kappa <= kBesselSeriesLimit.
double bessel_i0_minus_one(double kappa) {
  const double y = 0.25 * kappa * kappa;
  double nested = 1.0;
  for (int j = kBesselTerms; j >= 2; --j) nested = 1.0 + y * nested / (j * j);
  return y * nested;
}

/// sqrt(kappa) exp(-kappa) I0(kappa) for kappa >= kBesselSeriesLimit.
double bessel_i0_tail(double kappa) {
  const double s = 2.0 * (kBesselSeriesLimit / kappa) - 1.0;
  double next = 0.0, after_next = 0.0;
  for (std::size_t j = kBesselTail.size() - 1; j >= 1; --j) {
    const double value = 2.0 * s * next - after_next + kBesselTail[j];
    after_next = next;
    next = value;
  }
  return s * next - after_next + kBesselTail[0];
}

/// exp(-kappa) I0(kappa).
double bessel_i0_scaled(double kappa) {
  return kappa <= kBesselSeriesLimit ? std::exp(-kappa) * (1.0 + bessel_i0_minus_one(kappa))
                                     : bessel_i0_tail(kappa) / std::sqrt(kappa);
}

double total_weight(const MixtureView& mixture) {
  double total = 0.0;
  for (std::size_t k = 0; k < mixture.n_components; ++k) total += mixture.weight(k);
  return total;
}

/// kappa (cos(angle) - 1), without the loss of digits at narrow peaks.
double exponent(double kappa, double angle) {
  const double sine = std::sin(0.5 * angle);
  return -2.0 * kappa * sine * sine;
}

/// sum_k w_k exp(kappa_k (cos(angle - mu_k) - 1)) / (2 pi exp(-kappa_k) I0(kappa_k)).
double component_density(const VonMisesMixture& mixture, double angle) {
  double sum = 0.0, kappa = -1.0, normalisation = 1.0;
  for (std::size_t k = 0; k < mixture.weights.size(); ++k) {
    // Kernel estimates share one width.
    if (mixture.concentrations[k] != kappa) {
      kappa = mixture.concentrations[k];
      normalisation = 1.0 / (kTwoPi * bessel_i0_scaled(kappa));
    }
    sum += mixture.weights[k] * normalisation * std::exp(exponent(kappa, angle - mixture.means[k]));
  }
  return sum;
}

/// The same where it underflows.
double log_component_density(const VonMisesMixture& mixture, double angle) {
  double sum = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < mixture.weights.size(); ++k) {
    const double kappa = mixture.concentrations[k];
    sum =
        log_add_exp(sum, std::log(mixture.weights[k]) + exponent(kappa, angle - mixture.means[k]) -
                             log_bessel_i0_scaled(kappa));
  }
  return sum - std::log(kTwoPi);
}

/// A von Mises angle around 0 by rejection from a wrapped Cauchy distribution, in a form that
/// neither divides by kappa nor subtracts nearly equal numbers: exact for kappa = 0 as well.
double sample_von_mises(double kappa, RandomStream& random) {
  const double root = std::sqrt(1.0 + 4.0 * kappa * kappa), tau = 1.0 + root;
  const double shrink = std::sqrt(tau) / (std::sqrt(tau) + std::sqrt(2.0));
  // rho = (tau - sqrt(2 tau)) / (2 kappa) and r = (1 + rho^2) / (2 rho) of the paper, s = 1 / r.
  const double rho = shrink * 2.0 * kappa / tau;
  const double s = 2.0 * rho / (1.0 + rho * rho);
  const double kappa_r = 0.25 * tau / shrink * (1.0 + rho * rho);
  const double ratio = (1.0 - rho) / (1.0 + rho);
  const double one_minus_s2 = std::pow((1.0 - rho) * (1.0 + rho) / (1.0 + rho * rho), 2);
  for (;;) {
    const double theta = kTwoPi * random.uniform() - kPi;
    // c = kappa (r - cos(angle)) of the paper.
    const double c = kappa_r * one_minus_s2 / (1.0 + s * std::cos(theta));
    if (std::log(c / random.uniform()) + 1.0 - c >= 0.0)
      return 2.0 * std::atan(ratio * std::tan(0.5 * theta));
  }
}

std::size_t sample_component(const MixtureView& mixture, RandomStream& random) {
  double left = total_weight(mixture) * random.uniform();
  std::size_t last = 0;
  for (std::size_t k = 0; k < mixture.n_components; ++k) {
    const double weight = mixture.weight(k);
    if (!(weight > 0.0)) continue;
    last = k;
    if (left < weight) break;
    left -= weight;
  }
  return last;
}

}  // namespace

double log_bessel_i0_scaled(double kappa) {
  return kappa <= kBesselSeriesLimit ? std::log1p(bessel_i0_minus_one(kappa)) - kappa
                                     : std::log(bessel_i0_tail(kappa)) - 0.5 * std::log(kappa);
}

double VonMisesMixture::log_density(double tau) const {
  if (uniform == 1.0) return -std::log(kTwoPi);
  const double share = (1.0 - uniform) / total_weight(view()), angle = fold * tau;
  const double density = uniform / kTwoPi + share * component_density(*this, angle);
  constexpr double kUnderflow = 1e-280;
  if (!(density < kUnderflow)) return std::log(density);
  return log_add_exp(std::log(uniform / kTwoPi),
                     std::log(share) + log_component_density(*this, angle));
}

MixtureView VonMisesMixture::view() const {
  if (means.size() != weights.size() || concentrations.size() != weights.size())
    throw InternalError("von Mises mixture: weights, means and concentrations differ in number");
  return {fold, uniform, weights.size(), 1, weights.data(), means.data(), concentrations.data()};
}

double VonMisesMixture::sample(RandomStream& random) const { return view().sample(random); }

double MixtureView::sample(RandomStream& random) const {
  if (random.uniform() < uniform) return wrap_angle(kTwoPi * random.uniform());
  const std::size_t k = sample_component(*this, random);
  const double folded = mean(k) + sample_von_mises(concentration(k), random);
  const double turn = static_cast<double>(random.below(static_cast<std::uint64_t>(fold)));
  return wrap_angle((folded + kTwoPi * turn) / fold);
}

VonMisesMixture VonMisesMixture::flattened(double power) const {
  VonMisesMixture flat = *this;
  const double largest = weights.empty() ? 1.0 : *std::max_element(weights.begin(), weights.end());
  for (double& weight : flat.weights) weight = std::pow(weight / largest, power);
  const double total = total_weight(flat.view());
  for (double& weight : flat.weights) weight /= total;
  for (double& kappa : flat.concentrations) kappa *= power;
  return flat;
}

}  // namespace saltus::engine
