#include "tests/mlsamplers/leap_fixture.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {

namespace {

/// Width of the i-th fast coordinate.
double width_of(const engine::LeapWeights& w, std::size_t i) {
  const std::size_t n = w.fast.size();
  double sum = 0.0;
  for (std::size_t j = 0; j <= i; ++j)
    sum += w.fast_cholesky[i * n + j] * w.fast_cholesky[i * n + j];
  return std::sqrt(sum);
}

/// The network with an input that changes its output a little.
engine::MixtureNetworkWeights with_temperature(const engine::MixtureNetworkWeights& network) {
  engine::MixtureNetworkWeights result = network;
  result.sees_temperature = true;
  result.first.clear();
  const std::size_t n_inputs = network.n_inputs();
  for (std::size_t row = 0; row < network.n_hidden; ++row) {
    for (std::size_t i = 0; i < n_inputs; ++i)
      result.first.push_back(network.first[row * n_inputs + i]);
    result.first.push_back(0.3);
  }
  return result;
}

}  // namespace

const SeparableMolecule& molecule() {
  static const SeparableMolecule instance;
  return instance;
}

engine::Canonical leap_target() {
  return {molecule().energy(), engine::ReferenceMeasure::kCartesianUpToRigidMotion};
}

mlsamplers::ModelCard leap_card() {
  mlsamplers::ModelCard card;
  card.kind = mlsamplers::kLeapKind;
  mlsamplers::describe_molecule(molecule().topology(), card);
  card.temperature_K = SeparableMolecule::kTemperature_K;
  card.force_field = "separable";
  card.force_field_digest = mlsamplers::force_field_digest(molecule().system());
  card.created_by = "a test";
  return card;
}

mlsamplers::LeapTrainingOptions leap_options() {
  mlsamplers::LeapTrainingOptions options;
  options.seed = 5;
  options.lag_ps = 1.0;
  options.soft_threshold_rad = 0.35;
  options.n_components = 4;
  options.n_rotor_components = 2;
  options.n_hidden = 12;
  options.n_epochs = 12;
  options.learning_rate = 2e-2;
  options.batch_size = 256;
  return options;
}

const mlsamplers::TrainedLeap& trained_leap() {
  static const mlsamplers::TrainedLeap instance =
      mlsamplers::train_leap({molecule().topology(), molecule().system()},
                             molecule().pilot(8, 400, 1), leap_options(), leap_card(), {});
  return instance;
}

mlsamplers::LeapModel untrained_model() {
  mlsamplers::LeapTrainingOptions options = leap_options();
  options.n_epochs = 1;
  options.learning_rate = 1e-15;
  options.weight_decay = 0.0;
  return mlsamplers::train_leap({molecule().topology(), molecule().system()},
                                molecule().pilot(8, 100, 2), options, leap_card(), {})
      .model;
}

engine::LeapWeights misled_block() {
  const engine::LeapWeights whole = mlsamplers::weights_of(trained_leap().model);
  auto stream = test_stream(161);
  engine::LeapWeights w;
  w.z = whole.z;
  w.temperature_K = 250.0;
  w.min_temperature_K = 200.0;
  w.max_temperature_K = 400.0;
  w.sees_temperature = true;
  w.uniform_fraction = 0.2;
  w.soft = {whole.soft.at(0)};
  w.context = w.basis_torsions = whole.soft;
  w.rotors = whole.rotors;
  w.soft_networks = {random_network(2, 3, true, stream)};
  w.rotor_networks = {with_temperature(whole.rotor_networks.at(0))};
  const std::size_t n_basis = engine::leap_basis_size(2, 1);
  const std::vector<std::size_t> chosen = {1, 9, 13};
  w.fast_cholesky.assign(chosen.size() * chosen.size(), 0.0);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    w.fast.push_back(whole.fast.at(chosen[i]));
    const auto row = whole.fast_weights.begin() + static_cast<std::ptrdiff_t>(chosen[i] * n_basis);
    w.fast_weights.insert(w.fast_weights.end(), row, row + static_cast<std::ptrdiff_t>(n_basis));
    const double width = width_of(whole, chosen[i]);
    for (std::size_t k = 1; k < 4; ++k) w.fast_weights[i * n_basis + k] += 0.2 * width;
    const double scale = 0.75 * std::sqrt(w.temperature_K / SeparableMolecule::kTemperature_K);
    w.fast_cholesky[i * chosen.size() + i] = scale * width;
    if (i > 0) w.fast_cholesky[i * chosen.size() + i - 1] = 0.2 * width;
  }
  return w;
}

std::shared_ptr<const mlsamplers::LeapProposal> leap_of(const mlsamplers::LeapModel& model) {
  return std::make_shared<mlsamplers::LeapProposal>(mlsamplers::weights_of(model), nullptr);
}

DistributionCheck check_leap(const std::string& label,
                             std::shared_ptr<const engine::Proposal> proposal, std::uint64_t seed,
                             std::size_t n_chains, std::size_t n_applications) {
  constexpr std::size_t kBlock = 1000;  // chains at a time: what fits the cache
  const engine::Metropolis move(std::move(proposal));
  engine::ChainBatch all(n_chains, molecule().topology().n_atoms(),
                         {SeparableMolecule::kTemperature_K});
  for (std::size_t first = 0; first < n_chains; first += kBlock) {
    const std::uint64_t block_seed = test_seed(seed) + first;
    engine::ChainBatch chains = molecule().draw(kBlock, block_seed);
    apply_repeatedly(move, chains, leap_target(), n_applications, block_seed + 1);
    std::copy(chains.positions.values().begin(), chains.positions.values().end(),
              all.positions.chain(first).begin());
  }
  DistributionCheck worst = check_projections(molecule().projections(all));
  worst.label = label + ", " + worst.label;
  return worst;
}

std::vector<double> leap_density(const mlsamplers::LeapModel& model, const engine::ChainBatch& to,
                                 const engine::ChainBatch& from) {
  std::vector<double> result(to.n_chains());
  leap_of(model)->log_density(to.positions.view(), from.view(), result);
  return result;
}

}  // namespace saltus::tests
