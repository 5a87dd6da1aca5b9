#include "tests/engine/leap/leap_example.h"

#include "engine/core/units.h"
#include "tests/engine/system/molecules.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

/// Of ethanol's internal coordinates.
constexpr std::size_t kBonds = 8, kFirstTorsion = 15;

double usual_value(std::size_t coordinate) {
  return coordinate < kBonds ? 0.12 : coordinate < kFirstTorsion ? 1.9 : 0.0;
}

std::vector<double> random_values(std::size_t n, double width, engine::RandomStream& stream) {
  std::vector<double> values(n);
  for (double& value : values) value = width * stream.normal();
  return values;
}

/// Networks, regression and covariance of the coordinates that the weights name already.
void fill_at_random(engine::LeapWeights& w, engine::RandomStream& stream) {
  for (std::size_t i = 0; i < w.soft.size(); ++i)
    w.soft_networks.push_back(random_network(w.context.size() + i, 3, w.sees_temperature, stream));
  for (std::size_t j = 0; j < w.rotors.size(); ++j)
    w.rotor_networks.push_back(
        random_network(w.basis_torsions.size(), 2, w.sees_temperature, stream));
  const std::size_t n_fast = w.fast.size();
  const std::size_t n_basis = engine::leap_basis_size(w.basis_torsions.size(), w.rotors.size());
  w.fast_weights = random_values(n_fast * n_basis, 5e-4, stream);
  w.fast_cholesky.assign(n_fast * n_fast, 0.0);
  for (std::size_t i = 0; i < n_fast; ++i) {
    w.fast_weights[i * n_basis] = usual_value(w.fast[i].coordinate);
    const double width = w.fast[i].coordinate < kBonds ? 0.004 : 0.04;
    for (std::size_t j = 0; j < i; ++j)
      w.fast_cholesky[i * n_fast + j] = 0.2 * width * stream.normal();
    w.fast_cholesky[i * n_fast + i] = width;
  }
}

}  // namespace

engine::MixtureNetworkWeights random_network(std::size_t n_angles, std::size_t n_components,
                                             bool sees_temperature, engine::RandomStream& stream) {
  engine::MixtureNetworkWeights result;
  result.sees_temperature = sees_temperature;
  result.n_angles = n_angles;
  result.n_components = n_components;
  result.n_hidden = 7;  // no multiple of a tile
  const std::size_t n = result.n_hidden;
  result.first = random_values(n * result.n_inputs(), 0.7, stream);
  result.first_bias = random_values(n, 0.7, stream);
  result.second = random_values(n * n, 0.7, stream);
  result.second_bias = random_values(n, 0.7, stream);
  result.head = random_values(4 * n_components * n, 0.7, stream);
  result.head_bias = random_values(4 * n_components, 1.0, stream);
  return result;
}

engine::LeapWeights leap_example(LeapExampleSize size) {
  auto stream = test_stream(501);
  engine::LeapWeights w;
  w.z = engine::build_z_matrix(ethanol());
  w.temperature_K = kLeapExampleTemperature_K;
  w.uniform_fraction = 0.2;
  std::size_t next = kFirstTorsion;
  for (std::size_t i = 0; i < size.n_soft; ++i) w.soft.push_back(next++);
  w.see_whole_molecule();
  for (std::size_t j = 0; j < size.n_rotors; ++j) w.rotors.push_back({next++, j % 2 == 0 ? 3 : 2});
  for (std::size_t i = 0; i < kFirstTorsion; ++i) w.fast.push_back({i, false, 0.0});
  for (; next < w.z.n_internal(); ++next) w.fast.push_back({next, true, 2.0 * stream.normal()});
  fill_at_random(w, stream);
  return w;
}

engine::LeapWeights block_example(const BlockExampleOptions& options) {
  auto stream = test_stream(502);
  engine::LeapWeights w;
  w.z = engine::build_z_matrix(ethanol());
  w.temperature_K = kLeapExampleTemperature_K;
  w.min_temperature_K = 280.0;
  w.max_temperature_K = 600.0;
  w.sees_temperature = options.sees_temperature;
  w.uniform_fraction = 0.2;
  w.wide_fraction = options.wide_fraction;
  w.soft = {16, 18};
  w.context = {15, 16, 20, 17};
  w.basis_torsions = {18, 15};
  if (options.has_rotor) w.rotors = {{17, 3}};
  if (options.has_fast)
    w.fast = {{1, false, 0.0}, {20, true, 2.0}, {9, false, 0.0}, {12, false, 0.0}};
  fill_at_random(w, stream);
  return w;
}

engine::LeapWeights with_shift(engine::LeapWeights weights, const std::vector<double>& direction) {
  weights.shift.direction = direction;
  weights.context.clear();
  weights.soft_networks.clear();
  return weights;
}

engine::ChainBatch leap_example_chains(const engine::LeapWeights& w, std::size_t n_chains,
                                       std::uint64_t seed) {
  auto stream = test_stream(seed);
  engine::ChainBatch chains(n_chains, w.z.n_atoms(), {kLeapExampleTemperature_K});
  const std::size_t n_basis = engine::leap_basis_size(w.basis_torsions.size(), w.rotors.size());
  std::vector<double> q(w.z.n_internal()), log_jac(1);
  for (std::size_t c = 0; c < n_chains; ++c) {
    for (double& value : q) value = engine::kTwoPi * stream.uniform() - engine::kPi;
    for (std::size_t i = 0; i < kFirstTorsion; ++i) q[i] = usual_value(i);
    for (std::size_t i = 0; i < w.fast.size(); ++i) {
      const double width = w.fast_cholesky[i * w.fast.size() + i];
      q[w.fast[i].coordinate] =
          w.fast_weights[i * n_basis] + w.fast[i].centre + width * stream.normal();
    }
    engine::internal_to_cartesian(w.z, q, chains.positions.chain(c), log_jac);
  }
  return chains;
}

}  // namespace saltus::tests
