// Oracle: as for the exact moves. Langevin dynamics is not exact: at a large time step the
// assertion must fail, and at a small one stay within a stated bound.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/ensemble/canonical.h"
#include "engine/moves/composites.h"
#include "engine/moves/langevin.h"
#include "tests/exactness/wells.h"

namespace saltus::tests {
namespace {

std::shared_ptr<const engine::Langevin> langevin(double time_step_ps, std::size_t n_steps) {
  engine::LangevinOptions options;
  options.time_step_ps = time_step_ps;
  options.friction_per_ps = 5.0;
  options.n_steps = n_steps;
  return std::make_shared<engine::Langevin>(options, engine::MovingParticles{{Wells::kMass}, {}});
}

/// u = k a^2 (sqrt(1 + (x/a)^2) - 1): anharmonic, yet no stiffer than k anywhere, so that a large
/// time step gives a wrong density instead of an explosion.
class SoftWell final : public engine::SeparablePotential {
 public:
  SoftWell() : SeparablePotential(1) {}
  double value(double x) const override {
    return kForce * kWidth_nm * kWidth_nm * (std::hypot(1.0, x / kWidth_nm) - 1.0);
  }
  double force(double x) const override { return -kForce * x / std::hypot(1.0, x / kWidth_nm); }
  double range() const override { return kWidth_nm + 300.0 / (kForce * kWidth_nm); }

 private:
  static constexpr double kForce = 4800.0, kWidth_nm = 0.02;  // 20 rad/ps with 12 dalton
};

/// The longest time step of a stable splitting is 2 / omega = 0.1 ps.
DistributionCheck check_soft_well(double time_step_ps, std::size_t n_steps) {
  const auto well = std::make_shared<SoftWell>();
  const std::vector<double> masses = {Wells::kMass};
  const engine::Canonical target(well, engine::ReferenceMeasure::kCartesian);
  engine::ChainBatch chains =
      draw_exact_chains(*well, Wells::kChains, Wells::kTemperature_K, masses, test_seed(20));
  apply_repeatedly(*langevin(time_step_ps, n_steps), chains, target, Wells::kApplications,
                   test_seed(23));
  const auto density = well->density(Wells::kTemperature_K);
  return check_distribution("Langevin positions", pooled_coordinates(chains),
                            [&](double x) { return density.cumulative(x); });
}

TEST(LangevinBias, LargeTimeStepIsCaught) { expect_caught(check_soft_well(0.09, 5)); }

TEST(LangevinBias, SmallTimeStepIsWithinTheBound) {
  expect_passed(check_soft_well(0.01, 10), Wells::kRequiredPower);
}

TEST(LangevinBias, HarmonicPositionsAreExactAtAnyStableStep) {
  // The splitting's known property (Zhang et al. 2019): harmonic positions have no bias at all.
  const engine::HarmonicWell well(1, 4800.0);
  const std::vector<double> masses = {Wells::kMass};
  const engine::Canonical target(std::make_shared<engine::HarmonicWell>(well),
                                 engine::ReferenceMeasure::kCartesian);
  engine::ChainBatch chains =
      draw_exact_chains(well, Wells::kChains, Wells::kTemperature_K, masses, test_seed(21));
  // Omega dt = 1, far beyond common use.
  apply_repeatedly(*langevin(0.05, 100), chains, target, 1, test_seed(22));
  const auto density = well.density(Wells::kTemperature_K);
  expect_distribution(
      "harmonic Langevin positions", pooled_coordinates(chains),
      [&](double x) { return density.cumulative(x); }, Wells::kRequiredPower);
}

TEST(LangevinBias, IsDeclaredAlsoThroughComposites) {
  const auto move = langevin(0.001, 1);
  EXPECT_EQ(move->invariance(), engine::Invariance::kApproximate);
  EXPECT_EQ(engine::Sequence({{move, 1}}).invariance(), engine::Invariance::kApproximate);
  EXPECT_EQ(engine::RandomMixture({{move, 1.0}}).invariance(), engine::Invariance::kApproximate);
}

}  // namespace
}  // namespace saltus::tests
