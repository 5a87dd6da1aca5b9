#include "tests/mlsamplers/leap_fixture.h"

#include <algorithm>
#include <utility>

#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {

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
