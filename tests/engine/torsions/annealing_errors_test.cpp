// Oracle: messages of options and sizes that cannot work.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/lanes/native_energy.h"
#include "engine/torsions/annealing.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using engine::InputError;

struct Setting {
  ChainMolecule molecule;
  std::shared_ptr<const engine::EnergyFunction> energy =
      std::make_shared<engine::NativeEnergy>(molecule.system(), nullptr);
  std::shared_ptr<const engine::TorsionGraph> graph =
      std::make_shared<engine::TorsionGraph>(make_torsion_graph(molecule.topology()));
  engine::CoordinateBatch draws(std::size_t n) const {
    return molecule.draw(n, 300.0, test_seed(80)).positions;
  }
  engine::AnnealingTask task() const {
    return {energy, engine::moving_particles(molecule.system()), graph,
            std::make_shared<engine::UniformTorsionModel>(2)};
  }
  std::string anneal(const engine::AnnealingOptions& options) const {
    return message_of<InputError>([&] {
      engine::anneal(task(), draws(1), options, {test_seed(81), 0});
    });
  }
  std::string reference(std::size_t n_torsions, std::size_t n_references, std::size_t n_samples,
                        const engine::TorsionReferenceDensityOptions& options = {}) const {
    return message_of<InputError>([&] {
      engine::TorsionReferenceDensity(graph,
                                      std::make_shared<engine::UniformTorsionModel>(n_torsions),
                                      draws(n_references), draws(n_samples), options);
    });
  }
};

TEST(AnnealingErrors, OptionsOutOfRange) {
  const Setting setting;
  engine::AnnealingOptions o;
  o.n_particles = 30;
  EXPECT_EQ(setting.anneal(o),
            "annealing: the number of particles (30) must be a multiple of that of islands (20), "
            "with at least two in each");
  o = {};
  o.n_islands = 1;
  EXPECT_EQ(setting.anneal(o), "annealing: at least 2 islands are needed for errors");
  o = {};
  o.step_efficiency = 1.0;
  EXPECT_EQ(setting.anneal(o), "annealing: step_efficiency must be in (0, 1)");
  o = {};
  o.schedule = {0.5, 0.4, 1.0};
  EXPECT_EQ(setting.anneal(o), "annealing: the schedule must ascend from above 0 to 1");
  o.schedule = {0.5};
  EXPECT_EQ(setting.anneal(o), "annealing: the schedule must end at 1");
  o = {};
  o.temperature_K = 0.0;
  EXPECT_EQ(setting.anneal(o), "annealing: the temperature must be positive and finite");
}

TEST(AnnealingErrors, PilotThatCannotReachTheTarget) {
  const Setting setting;
  engine::AnnealingOptions o;
  o.max_steps = 1;
  o.step_efficiency = 0.999;
  const std::string message = message_of<engine::NumericalError>([&] {
    engine::anneal(setting.task(), setting.draws(1), o, {test_seed(82), 0});
  });
  EXPECT_EQ(message.rfind("annealing: 1 steps lead only to lambda = 0.", 0), 0u) << message;
}

TEST(TorsionReferenceDensityErrors, SizesAndSamples) {
  const Setting setting;
  EXPECT_EQ(setting.reference(3, 1, 10),
            "torsion reference density: the model is for 3 torsions, the molecule has 2");
  EXPECT_EQ(setting.reference(2, 0, 10),
            "torsion reference density: expected at least one reference geometry");
  EXPECT_EQ(setting.reference(2, 3, 10),
            "torsion reference density: 10 samples for 3 references; expected the same number for "
            "each, at "
            "least 2");
  engine::TorsionReferenceDensityOptions o;
  o.uniform = 0.0;
  EXPECT_EQ(setting.reference(2, 1, 10, o), "torsion reference density: uniform must be in (0, 1]");
  o = {};
  o.inflation = 0.9;
  EXPECT_EQ(setting.reference(2, 1, 10, o),
            "torsion reference density: inflation must be at least 1 and finite");
  o = {};
  o.shrinkage = 0.0;  // three samples cannot tell seven coordinates apart
  EXPECT_EQ(setting.reference(2, 1, 3, o),
            "torsion reference density: the covariance of the samples is not positive definite; "
            "more samples "
            "or a larger shrinkage are needed");
}

}  // namespace
}  // namespace saltus::tests
