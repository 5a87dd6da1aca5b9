// Oracle: exact draws of a flexible solute alone and with solvent in a periodic box; the Context
// starts in the answer, moves, and is compared with further exact draws. Planted bugs: leaps
// without the Jacobian of internal coordinates, and leaps and driven torsions that do not see
// through the box.
#include <OpenMM.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/environment.h"
#include "tests/support/statistics.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/openmm_plugin/small_solution.h"
#include "tools/openmm_plugin/saltus_integrator.h"

namespace saltus::tests {
namespace {

using openmm_plugin::SaltusIntegrator;

constexpr std::size_t kStarts = 12000, kSolvent = 3;
/// Up to six projections share alpha with the reference.
constexpr double kRequiredPower = 0.06;
constexpr int kSteps = 6;
/// A fifth of the period of a bond: the Metropolis rule matters.
constexpr double kTimeStep_ps = 0.02;

class OpenMMPluginSolution : public testing::Test {
 protected:
  using AddMoves = std::function<void(SaltusIntegrator&)>;

  OpenMMPluginSolution() { SmallSolution::write_leap(model_); }

  void add_all(SaltusIntegrator& integrator) const {
    integrator.addHamiltonianMonteCarlo(5);
    integrator.addLeap(model_, 1.0, {0, 1, 2, 3});
    integrator.addTorsionWalk(1.5, 1.0, {0, 1, 2, 3});
    add_driven(integrator);
  }
  void add_leap(SaltusIntegrator& integrator) const {
    integrator.addLeap(model_, 1.0, {0, 1, 2, 3});
  }
  /// With a spring that is soft enough for the time step.
  static void add_driven(SaltusIntegrator& integrator) {
    integrator.addDrivenTorsions({0, 1, 2, 3}, "uniform", 8, kTimeStep_ps, 100.0);
  }

  DistributionCheck check(const std::string& label, std::size_t n_solvent, const AddMoves& add,
                          SolutionBug bug = SolutionBug::kNone) {
    const SmallSolution solution(n_solvent);
    SaltusIntegrator integrator(SmallSolution::kTemperature_K, kTimeStep_ps);
    solution.describe(integrator);
    add(integrator);
    const OpenMM::System system = solution.system(bug);
    OpenMM::Context context(system, integrator, OpenMM::Platform::getPlatformByName("Reference"));
    engine::RandomStream stream = test_stream(61);
    std::vector<std::vector<OpenMM::Vec3>> ends;
    for (std::size_t start = 0; start < kStarts; ++start) {
      context.setPositions(solution.draw(stream));
      context.setVelocities(std::vector<OpenMM::Vec3>(SmallSolution::kSolute + n_solvent));
      integrator.step(kSteps);
      ends.push_back(context.getState(OpenMM::State::Positions).getPositions());
    }
    for (int i = 0; i < integrator.getNumStatistics(); ++i) {
      // What is hardly ever accepted, or always, would prove nothing.
      EXPECT_GT(integrator.getStatistics(i).acceptance(), 0.15) << integrator.getStatistics(i).name;
      EXPECT_LT(integrator.getStatistics(i).acceptance(), 0.95) << integrator.getStatistics(i).name;
    }
    return solution.check(label, ends);
  }

  const TemporaryFolder folder_;
  const std::string model_ = folder_.file("row.safetensors");
};

TEST_F(OpenMMPluginSolution, AllMovesTogetherAreExactInAField) {
  expect_passed(check("in a field", 0, [this](SaltusIntegrator& i) { add_all(i); }),
                kRequiredPower);
}

TEST_F(OpenMMPluginSolution, AllMovesTogetherAreExactInAPeriodicBox) {
  expect_passed(check("in a box", kSolvent, [this](SaltusIntegrator& i) { add_all(i); }),
                kRequiredPower);
}

TEST_F(OpenMMPluginSolution, LeapsOfASoluteAloneAreExactInAPeriodicBox) {
  expect_passed(check("leaps in a box", kSolvent, [this](SaltusIntegrator& i) { add_leap(i); }),
                kRequiredPower);
}

TEST_F(OpenMMPluginSolution, DrivenTorsionsAloneAreExactInAPeriodicBox) {
  expect_passed(check("driven in a box", kSolvent, add_driven), kRequiredPower);
}

TEST_F(OpenMMPluginSolution, DrivenTorsionsThatDoNotSeeThroughTheBoxAreCaught) {
  expect_caught(check("driven without the box", kSolvent, add_driven, SolutionBug::kNoBox));
}

TEST_F(OpenMMPluginSolution, LeapsWithoutTheJacobianAreCaught) {
  expect_caught(check(
      "leaps without a Jacobian", kSolvent, [this](SaltusIntegrator& i) { add_leap(i); },
      SolutionBug::kNoJacobian));
}

TEST_F(OpenMMPluginSolution, LeapsThatDoNotSeeThroughTheBoxAreCaught) {
  expect_caught(check(
      "leaps without the box", kSolvent, [this](SaltusIntegrator& i) { add_leap(i); },
      SolutionBug::kNoBox));
}

}  // namespace
}  // namespace saltus::tests
