// Oracle: exact draws and the exact distribution function of a double well; starts in the answer.
// Each planted bug must fail the assertion that the correct move passes.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/exactness/wells.h"

namespace saltus::tests {
namespace {

using engine::MalaProposal;
using engine::Metropolis;

constexpr double kWidth_nm = 0.6 * Wells::kHalfDistance_nm;

std::shared_ptr<const engine::Proposal> gaussian(DensityBug bug = DensityBug::kNone) {
  return std::make_shared<StateDependentGaussian>(kWidth_nm, Wells::kHalfDistance_nm, bug);
}

TEST(MetropolisExactness, StateDependentGaussianIsExact) {
  expect_passed(Wells().check("state-dependent Gaussian", Metropolis(gaussian()), 1),
                Wells::kRequiredPower);
}

TEST(MetropolisExactness, IsReversible) {
  const Wells wells;
  engine::ChainBatch chains = wells.start(2);
  const std::vector<double> before = pooled_coordinates(chains);
  apply_repeatedly(Metropolis(gaussian()), chains, wells.target, Wells::kApplications,
                   test_seed(3));
  // Thresholds on both sides of the barrier make the flow between the wells visible.
  expect_passed(check_reversibility("state-dependent Gaussian", before, pooled_coordinates(chains),
                                    -Wells::kHalfDistance_nm, 0.5 * Wells::kHalfDistance_nm),
                2.0 * Wells::kRequiredPower);
}

class PlantedDensityBug : public ::testing::TestWithParam<DensityBug> {};

TEST_P(PlantedDensityBug, IsCaught) {
  expect_caught(Wells().check("planted density bug", Metropolis(gaussian(GetParam())), 1));
}
INSTANTIATE_TEST_SUITE_P(Bugs, PlantedDensityBug,
                         ::testing::Values(DensityBug::kRatioDropped, DensityBug::kWrongSign,
                                           DensityBug::kNoLogSigma));

TEST(MetropolisExactness, BreakableCopyIsExactWhenUnbroken) {
  expect_passed(Wells().check("own rule", BreakableMetropolis(gaussian(), AcceptBug::kNone), 1),
                Wells::kRequiredPower);
}

TEST(MetropolisExactness, StoringRejectedProposalsIsCaught) {
  expect_caught(Wells().check("stores 2 % of rejected",
                              BreakableMetropolis(gaussian(), AcceptBug::kStoresRejected), 1));
}

TEST(MetropolisExactness, SharedRandomStreamIsCaught) {
  expect_caught(
      Wells().check("shared stream", BreakableMetropolis(gaussian(), AcceptBug::kSharedStream), 1));
}

TEST(MetropolisExactness, WrongTemperatureIsCaught) {
  const Wells wells;
  engine::ChainBatch chains = wells.start(1);
  for (auto& state : chains.states) state.temperature_K /= 1.05;
  apply_repeatedly(Metropolis(gaussian()), chains, wells.target, Wells::kManyApplications,
                   test_seed(4));
  for (auto& state : chains.states) state.temperature_K = Wells::kTemperature_K;
  expect_caught(wells.check_positions("inverse temperature 5 % off", chains));
}

std::shared_ptr<const engine::Proposal> mala(const Wells& wells) {
  // Long enough for the drift to matter: about a third of the well's width.
  const double step_nm = 0.5 * Wells::kHalfDistance_nm * std::sqrt(Wells::kMass);
  return std::make_shared<MalaProposal>(wells.energy, engine::MalaOptions{step_nm}, wells.masses);
}

TEST(MetropolisExactness, MalaIsExact) {
  const Wells wells;
  expect_passed(wells.check("MALA", Metropolis(mala(wells)), 5), Wells::kRequiredPower);
}

class PlantedMalaBug : public ::testing::TestWithParam<DensityBug> {};

TEST_P(PlantedMalaBug, IsCaught) {
  const Wells wells;
  const Metropolis move(std::make_shared<MisreportingProposal>(mala(wells), GetParam()));
  expect_caught(wells.check("MALA misreported", move, 5));
}
INSTANTIATE_TEST_SUITE_P(Bugs, PlantedMalaBug,
                         ::testing::Values(DensityBug::kRatioDropped, DensityBug::kWrongSign));

}  // namespace
}  // namespace saltus::tests
