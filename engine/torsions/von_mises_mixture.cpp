#include "engine/torsions/von_mises_mixture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

/// Up to here the power series, beyond the expansion in 1 / kappa.
constexpr double kSeriesLimit = 9.0;

/// I0(kappa) - 1 = sum_{j >= 1} (kappa^2 / 4)^j / (j!)^2, for kappa <= kSeriesLimit: all terms are
/// positive and the first one left out is below 1e-17 of the sum.
double bessel_i0_minus_one(double kappa) {
  constexpr int kTerms = 26;
  const double y = 0.25 * kappa * kappa;
  double nested = 1.0;
  for (int j = kTerms; j >= 2; --j) nested = 1.0 + y * nested / (j * j);
  return y * nested;
}

/// sqrt(kappa) exp(-kappa) I0(kappa) for kappa >= kSeriesLimit. Chebyshev coefficients in
/// 2 (kSeriesLimit / kappa) - 1, interpolated at 80 nodes in 60 digits; the first one left out is
/// below 1e-18.
double bessel_i0_tail(double kappa) {
  constexpr std::array<double, 22> kCoefficients = {
      0.40185749311841431422,     0.0029662428974560552718,   0.00005282155778377108337,
      1.8936351214277818204e-6,   1.1108819445021809216e-7,   9.9361602440689632384e-9,
      1.2832373792180359643e-9,   2.0460366457583476964e-10,  2.8152423803042239367e-11,
      -6.312155247717990042e-13,  -2.3983928738970105848e-12, -8.9364445226981689696e-13,
      -1.0646196287265391553e-13, 5.0930598668172729979e-14,  2.5806919566087296668e-14,
      1.312942794091097455e-15,   -2.6197970981496503311e-15, -7.0082824384748868825e-16,
      1.9776121515207122115e-16,  1.2165571753482123114e-16,  -1.0282237082481278661e-17,
      -1.8028674941270241298e-17};
  const double s = 2.0 * (kSeriesLimit / kappa) - 1.0;
  double next = 0.0, after_next = 0.0;
  for (std::size_t j = kCoefficients.size() - 1; j >= 1; --j) {
    const double value = 2.0 * s * next - after_next + kCoefficients[j];
    after_next = next;
    next = value;
  }
  return s * next - after_next + kCoefficients[0];
}

/// exp(-kappa) I0(kappa).
double bessel_i0_scaled(double kappa) {
  return kappa <= kSeriesLimit ? std::exp(-kappa) * (1.0 + bessel_i0_minus_one(kappa))
                               : bessel_i0_tail(kappa) / std::sqrt(kappa);
}

double total_weight(const VonMisesMixture& mixture) {
  if (mixture.means.size() != mixture.weights.size() ||
      mixture.concentrations.size() != mixture.weights.size())
    throw InternalError("von Mises mixture: weights, means and concentrations differ in number");
  double total = 0.0;
  for (double weight : mixture.weights) total += weight;
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

std::size_t sample_component(const VonMisesMixture& mixture, RandomStream& random) {
  double left = total_weight(mixture) * random.uniform();
  std::size_t last = 0;
  for (std::size_t k = 0; k < mixture.weights.size(); ++k) {
    if (!(mixture.weights[k] > 0.0)) continue;
    last = k;
    if (left < mixture.weights[k]) break;
    left -= mixture.weights[k];
  }
  return last;
}

}  // namespace

double log_bessel_i0_scaled(double kappa) {
  return kappa <= kSeriesLimit ? std::log1p(bessel_i0_minus_one(kappa)) - kappa
                               : std::log(bessel_i0_tail(kappa)) - 0.5 * std::log(kappa);
}

double VonMisesMixture::log_density(double tau) const {
  if (uniform == 1.0) return -std::log(kTwoPi);
  const double share = (1.0 - uniform) / total_weight(*this), angle = fold * tau;
  const double density = uniform / kTwoPi + share * component_density(*this, angle);
  constexpr double kUnderflow = 1e-280;
  if (!(density < kUnderflow)) return std::log(density);
  return log_add_exp(std::log(uniform / kTwoPi),
                     std::log(share) + log_component_density(*this, angle));
}

double VonMisesMixture::sample(RandomStream& random) const {
  if (random.uniform() < uniform) return wrap_angle(kTwoPi * random.uniform());
  const std::size_t k = sample_component(*this, random);
  const double folded = means[k] + sample_von_mises(concentrations[k], random);
  const double turn = static_cast<double>(random.below(static_cast<std::uint64_t>(fold)));
  return wrap_angle((folded + kTwoPi * turn) / fold);
}

VonMisesMixture VonMisesMixture::flattened(double power) const {
  VonMisesMixture flat = *this;
  const double largest = weights.empty() ? 1.0 : *std::max_element(weights.begin(), weights.end());
  for (double& weight : flat.weights) weight = std::pow(weight / largest, power);
  const double total = total_weight(flat);
  for (double& weight : flat.weights) weight /= total;
  for (double& kappa : flat.concentrations) kappa *= power;
  return flat;
}

}  // namespace saltus::engine
