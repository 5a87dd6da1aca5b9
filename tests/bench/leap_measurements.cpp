#include "tests/bench/leap_measurements.h"

#include <utility>

#include "engine/lanes/native_energy.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/leap/leap_weights_file.h"
#include "saltus_test_paths.h"

namespace saltus::tests {

namespace {

/// Chains at the bench's configurations, and a leap of them.
class Leaps {
 public:
  Leaps(const BenchSystem& bench, const engine::LeapWeights& weights)
      : leap_(weights, nullptr),
        chains_(kLeapChains, bench.system.n_atoms(), {weights.temperature_K}) {
    chains_.positions = repeated(bench.configurations, kLeapChains);
  }
  void draw() {
    ++key_.step;
    leap_.sample(chains_.view(), key_);
  }

 private:
  engine::LaneLeap leap_;
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

}  // namespace

std::vector<Measurement> leap_measurements(std::shared_ptr<const BenchSystem> bench) {
  const engine::LeapWeights weights =
      mlsamplers::load_leap_weights(SALTUS_TEST_SOURCE_DIR
                                    "/data/models/alanine_dipeptide_310K.leap.safetensors")
          .weights;
  const auto leap = [bench, weights]() -> std::function<void()> {
    const auto leaps = std::make_shared<Leaps>(*bench, weights);
    return [leaps] { leaps->draw(); };
  };
  const auto energy = [bench]() -> std::function<void()> {
    const auto energies = std::make_shared<Energies>(*bench);
    return [energies] { energies->evaluate(); };
  };
  const auto n_chains = static_cast<double>(kLeapChains);
  return {{kLeapName, leap, n_chains}, {kLeapEnergyName, energy, n_chains}};
}

}  // namespace saltus::tests
