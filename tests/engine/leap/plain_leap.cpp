#include "tests/engine/leap/plain_leap.h"

#include <cmath>

#include "engine/core/log_math.h"
#include "engine/core/units.h"

namespace saltus::tests {

using namespace engine;

namespace {

double silu(double v) { return v / (1.0 + std::exp(-v)); }

std::vector<double> layer(const std::vector<double>& matrix, const std::vector<double>& bias,
                          const std::vector<double>& in) {
  std::vector<double> out = bias;
  for (std::size_t row = 0; row < out.size(); ++row)
    for (std::size_t i = 0; i < in.size(); ++i) out[row] += matrix[row * in.size() + i] * in[i];
  return out;
}

/// @param temperature  T_ref / T - 1
double plain_mixture(const MixtureNetworkWeights& network, const std::vector<double>& angles,
                     double temperature, double angle) {
  std::vector<double> in;
  for (int k = 1; k <= 3; ++k) {
    for (const double a : angles) in.push_back(std::cos(k * a));
    for (const double a : angles) in.push_back(std::sin(k * a));
  }
  if (angles.empty()) in = {1.0};
  if (network.sees_temperature) in.push_back(temperature);
  std::vector<double> hidden = layer(network.first, network.first_bias, in);
  for (double& v : hidden) v = silu(v);
  hidden = layer(network.second, network.second_bias, hidden);
  for (double& v : hidden) v = silu(v);
  const std::vector<double> out = layer(network.head, network.head_bias, hidden);
  const std::size_t n = network.n_components;
  std::vector<double> exponents, weights;
  for (std::size_t k = 0; k < n; ++k) {
    const double mean = std::atan2(out[2 * n + k], out[n + k]);
    const double width = 0.03 + 1.52 / (1.0 + std::exp(-out[3 * n + k]));
    weights.push_back(out[k]);
    for (int turn = -8; turn <= 8; ++turn) {
      const double z = (angle - mean + kTwoPi * turn) / width;
      exponents.push_back(out[k] - 0.5 * z * z - std::log(width * std::sqrt(kTwoPi)));
    }
  }
  return log_sum_exp(exponents) - log_sum_exp(weights);
}

std::vector<double> plain_basis(const std::vector<double>& torsions,
                                const std::vector<double>& folded) {
  const auto wave = [](double angle, int i) {
    return i % 2 == 0 ? std::cos((i / 2 + 1) * angle) : std::sin((i / 2 + 1) * angle);
  };
  std::vector<double> basis = {1.0};
  for (const double s : torsions)
    for (int i = 0; i < 6; ++i) basis.push_back(wave(s, i));
  for (std::size_t n = 0; n + 1 < torsions.size(); ++n)
    for (int i = 0; i < 6; ++i)
      for (int j = 0; j < 6; ++j) basis.push_back(wave(torsions[n], i) * wave(torsions[n + 1], j));
  for (const double r : folded) {
    for (int i = 0; i < 4; ++i) basis.push_back(wave(r, i));
    if (torsions.size() > 4) continue;
    for (const double s : torsions)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 2; ++j) basis.push_back(wave(r, j) * wave(s, i));
  }
  return basis;
}

std::vector<double> values_of(const std::vector<double>& q,
                              const std::vector<std::size_t>& coordinates) {
  std::vector<double> values;
  for (const std::size_t i : coordinates) values.push_back(q[i]);
  return values;
}

std::vector<double> folded_of(const LeapWeights& w, const std::vector<double>& q) {
  std::vector<double> folded;
  for (const LeapRotor& rotor : w.rotors) folded.push_back(rotor.fold * q[rotor.coordinate]);
  return folded;
}

}  // namespace

std::vector<double> plain_internal(const LeapWeights& w, ConstCoordinates x) {
  std::vector<double> q(w.z.n_internal()), unused(1);
  cartesian_to_internal(w.z, x, q, unused);
  return q;
}

double plain_log_jacobian(const LeapWeights& w, ConstCoordinates x) {
  std::vector<double> unused(w.z.n_internal()), log_jac(1);
  cartesian_to_internal(w.z, x, unused, log_jac);
  return log_jac[0];
}

double plain_soft(const LeapWeights& w, const std::vector<double>& q,
                  const std::vector<double>& from, double temperature_K) {
  if (w.soft.empty()) return 0.0;
  std::vector<double> condition = values_of(from, w.context);
  double networks = 0.0;
  for (std::size_t i = 0; i < w.soft.size(); ++i) {
    const double angle = q[w.soft[i]];
    networks +=
        plain_mixture(w.soft_networks[i], condition, w.temperature_K / temperature_K - 1.0, angle);
    condition.push_back(angle);
  }
  const double anywhere = std::pow(kTwoPi, -static_cast<double>(w.soft.size()));
  return std::log((1.0 - w.uniform_fraction) * std::exp(networks) + w.uniform_fraction * anywhere);
}

double plain_rotors(const LeapWeights& w, const std::vector<double>& q, double temperature_K) {
  const std::vector<double> torsions = values_of(q, w.basis_torsions), folded = folded_of(w, q);
  double result = 0.0;
  for (std::size_t j = 0; j < folded.size(); ++j)
    result += plain_mixture(w.rotor_networks[j], torsions, w.temperature_K / temperature_K - 1.0,
                            folded[j]);
  return result;
}

std::vector<double> plain_whitened(const LeapWeights& w, const std::vector<double>& q,
                                   double temperature_K) {
  const std::vector<double> basis = plain_basis(values_of(q, w.basis_torsions), folded_of(w, q));
  const double scale = std::sqrt(temperature_K / w.temperature_K);
  const std::size_t n = w.fast.size();
  std::vector<double> z(n);
  for (std::size_t i = 0; i < n; ++i) {
    double value = q[w.fast[i].coordinate] - w.fast[i].centre;
    if (w.fast[i].is_torsion) value = wrap_angle(value);
    for (std::size_t k = 0; k < basis.size(); ++k)
      value -= w.fast_weights[i * basis.size() + k] * basis[k];
    for (std::size_t j = 0; j < i; ++j) value -= scale * w.fast_cholesky[i * n + j] * z[j];
    z[i] = value / (scale * w.fast_cholesky[i * n + i]);
  }
  return z;
}

double plain_fast(const LeapWeights& w, const std::vector<double>& z, double temperature_K) {
  const double scale = std::sqrt(temperature_K / w.temperature_K);
  const std::size_t n = z.size();
  double log_norm = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    log_norm -= std::log(scale * w.fast_cholesky[i * n + i] * std::sqrt(kTwoPi));
    squares += z[i] * z[i];
  }
  const double c = w.wide_scale, share = w.wide_fraction;
  if (share == 0.0) return log_norm - 0.5 * squares;
  const std::vector<double> parts = {
      std::log1p(-share) - 0.5 * squares,
      std::log(share) - static_cast<double>(n) * std::log(c) - 0.5 * squares / (c * c)};
  return log_norm + log_sum_exp(parts);
}

PlainShift::PlainShift(const LeapWeights& w, const StepKey& key, std::uint32_t chain) {
  RandomStream stream(key, StreamName::kProposal, chain);
  RandomStream component(key, StreamName::kProposalComponent, chain);
  const double choice = stream.uniform() * static_cast<double>(w.shift.widths.size());
  const double narrow = w.shift.widths[static_cast<std::size_t>(choice)] * stream.normal();
  const bool is_uniform = component.uniform() < w.uniform_fraction;
  const double anywhere = kTwoPi * component.uniform() - kPi;
  angle = is_uniform ? anywhere : narrow;
  for (const LeapRotor& rotor : w.rotors) {
    stream.uniform();
    rotor_normals.push_back(stream.normal());
    rotor_wells.push_back(
        static_cast<double>(stream.below(static_cast<std::uint64_t>(rotor.fold))));
  }
  const bool is_wide = w.wide_fraction > 0.0 && component.uniform() < w.wide_fraction;
  for (std::size_t i = 0; i < w.fast.size(); ++i)
    noise.push_back((is_wide ? w.wide_scale : 1.0) * stream.normal());
}

double plain_log_density(const LeapWeights& w, ConstCoordinates to, ConstCoordinates from,
                         double temperature_K) {
  const std::vector<double> q = plain_internal(w, to), old = plain_internal(w, from);
  return plain_soft(w, q, old, temperature_K) + plain_rotors(w, q, temperature_K) +
         plain_fast(w, plain_whitened(w, q, temperature_K), temperature_K) -
         plain_log_jacobian(w, to);
}

}  // namespace saltus::tests
