#include "tests/bench/leap_measurements.h"

#include <utility>

#include "engine/lanes/native_energy.h"
#include "engine/leap/lane_leap.h"
#include "engine/torsions/torsion_reset.h"
#include "forcefields/chem/torsion_graph_of.h"
#include "mlsamplers/leap/leap_weights_file.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "saltus_test_paths.h"

namespace saltus::tests {

namespace {

/// Chains at the bench's configurations, and a proposal for them.
class Draws {
 public:
  Draws(const BenchSystem& bench, std::shared_ptr<const engine::Proposal> proposal,
        double temperature_K)
      : proposal_(std::move(proposal)),
        chains_(kLeapChains, bench.system.n_atoms(), {temperature_K}) {
    chains_.positions = repeated(bench.configurations, kLeapChains);
  }
  void draw() {
    ++key_.step;
    proposal_->sample(chains_.view(), key_);
  }

 private:
  std::shared_ptr<const engine::Proposal> proposal_;
  engine::ChainBatch chains_;
  engine::StepKey key_;
};

/// Energies of the same chains, as a Metropolis decision needs them.
class Energies {
 public:
  explicit Energies(const BenchSystem& bench)
      : energy_(bench.system, nullptr, engine::Precision::kDouble),
        x_(repeated(bench.configurations, kLeapChains)),
        energies_(kLeapChains) {}
  void evaluate() { energy_.evaluate(x_.view(), energies_, {}); }

 private:
  engine::NativeEnergy energy_;
  engine::CoordinateBatch x_;
  std::vector<double> energies_;
};

std::string model_path(const std::string& file) {
  return std::string(SALTUS_TEST_SOURCE_DIR) + "/data/models/" + file;
}

Measurement draws_of(const char* name, std::shared_ptr<const BenchSystem> bench,
                     std::shared_ptr<const engine::Proposal> proposal, double temperature_K) {
  const auto make = [bench, proposal, temperature_K]() -> std::function<void()> {
    const auto draws = std::make_shared<Draws>(*bench, proposal, temperature_K);
    return [draws] { draws->draw(); };
  };
  return {name, make, static_cast<double>(kLeapChains)};
}

Measurement energies_of(const char* name, std::shared_ptr<const BenchSystem> bench) {
  const auto make = [bench]() -> std::function<void()> {
    const auto energies = std::make_shared<Energies>(*bench);
    return [energies] { energies->evaluate(); };
  };
  return {name, make, static_cast<double>(kLeapChains)};
}

}  // namespace

std::vector<Measurement> leap_measurements(std::shared_ptr<const BenchSystem> bench) {
  const engine::LeapWeights weights =
      mlsamplers::load_leap_weights(model_path("alanine_dipeptide_310K.leap.safetensors")).weights;
  const auto leap = std::make_shared<engine::LaneLeap>(weights, nullptr);
  return {draws_of(kLeapName, bench, leap, weights.temperature_K),
          energies_of(kLeapEnergyName, bench)};
}

std::vector<Measurement> torsion_reset_measurements(std::shared_ptr<const BenchSystem> bench) {
  const auto graph =
      std::make_shared<const engine::TorsionGraph>(forcefields::torsion_graph_of(*bench->chem));
  const mlsamplers::TorsionNetwork network =
      mlsamplers::load_torsion_network(model_path("torsion_mixtures.safetensors"));
  engine::TorsionResetOptions options;
  options.model_temperature_K = network.card().temperature_K;
  const auto reset =
      std::make_shared<engine::TorsionReset>(graph, network.model_for(*graph), options);
  return {draws_of(kTorsionResetName, bench, reset, options.model_temperature_K),
          energies_of(kTorsionResetEnergyName, bench)};
}

}  // namespace saltus::tests
