// Oracle: exact draws of a molecule with independent internal coordinates, each with its exact
// distribution; starts in the answer. Each planted bug must fail the assertion that correct code
// passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mlsamplers/training/leap_refiner.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/mlsamplers/leap_fixture.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;

constexpr std::size_t kChains = 50000, kApplications = 16;
/// A bug's own equilibrium is reached sooner and lies further away.
constexpr std::size_t kBugChains = 20000, kBugApplications = 8;
/// Nineteen projections share alpha.
constexpr double kRequiredPower = 0.024, kBugRequiredPower = 0.038;

DistributionCheck check_correct(const std::string& label, const LeapModel& model,
                                std::uint64_t seed) {
  return check_leap(label, leap_of(model), seed, kChains, kApplications);
}

DistributionCheck check_bug(const std::string& label,
                            std::shared_ptr<const engine::Proposal> proposal) {
  return check_leap(label, std::move(proposal), 70000000, kBugChains, kBugApplications);
}

TEST(LeapExactness, TrainedModelIsExact) {
  expect_passed(check_correct("trained leap", trained_leap().model, 10000000), kRequiredPower);
}

/// Depends on the current state and on itself in ways that the molecule knows nothing of.
LeapModel misled_model() {
  LeapModel model = untrained_model();
  mlsamplers::FastRegression& fast = model.fast;
  for (std::size_t i = 0; i < fast.n_fast; ++i) {
    const double width = fast.cholesky[i * fast.n_fast + i];
    for (std::size_t k = 1; k < 4; ++k) fast.weights[i * fast.n_basis + k] += 0.2 * width;
    if (i > 0) fast.cholesky[i * fast.n_fast + i - 1] += 0.2 * width;
  }
  return model;
}

TEST(LeapExactness, UntrainedAndMisledModelIsExact) {
  expect_passed(check_correct("untrained leap", misled_model(), 20000000), kRequiredPower);
}

TEST(LeapExactness, LanesAreExact) {
  expect_passed(
      check_leap("misled leap in lanes", mlsamplers::sampling_leap(misled_model(), nullptr),
                 40000000, kChains, kApplications),
      kRequiredPower);
}

TEST(LeapExactness, RefinedModelIsExactAndScoresBetter) {
  // So few frames that the regression of 15 coordinates on 69 functions is poor.
  const mlsamplers::PilotTrajectory pilot = molecule().pilot(4, 40, 3);
  const mlsamplers::LeapTrainingOptions options = leap_options();
  mlsamplers::TrainedLeap leap = mlsamplers::train_leap(
      {molecule().topology(), molecule().system()}, pilot, options, leap_card(), {});
  const LeapModel before = leap.model;
  const mlsamplers::LeapRefinementReport report =
      mlsamplers::refine_leap(leap.model, pilot, leap_target(), {options, {2, 64, 600}}, nullptr);
  EXPECT_GT(report.acceptance, 0.1);
  EXPECT_LE(report.acceptance, 1.0);
  EXPECT_GE(report.n_rounds_kept, 1u);
  EXPECT_GT(report.fast_held_out, leap.report.fast_held_out);

  // On draws that neither has seen.
  const engine::ChainBatch from = molecule().draw(2000, 4), to = molecule().draw(2000, 5);
  const auto mean = [&](const LeapModel& model) {
    double sum = 0.0;
    for (double value : leap_density(model, to, from)) sum += value;
    return sum / static_cast<double>(to.n_chains());
  };
  EXPECT_GT(mean(leap.model), mean(before));
  expect_passed(check_correct("refined leap", leap.model, 30000000), kRequiredPower);
}

/// Draws from one leap and tells the densities of another, or leaves out the Jacobian.
class MisreportingLeap final : public engine::Proposal {
 public:
  MisreportingLeap(const LeapModel& drawn, const LeapModel& told, bool with_jacobian)
      : drawn_(leap_of(drawn)), told_(leap_of(told)), with_jacobian_(with_jacobian) {}
  std::string name() const override { return "misreporting_leap"; }
  engine::ReferenceMeasure measure() const override { return drawn_->measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = drawn_->sample(current, key);
    const engine::ConstCoordinates to = batch.positions.view();
    told_->log_density(to, current, batch.log_forward);
    told_->log_density(current.positions, {to, current.states, 0}, batch.log_reverse);
    if (with_jacobian_) return batch;
    add_log_jacobian(to, batch.log_forward);
    add_log_jacobian(current.positions, batch.log_reverse);
    return batch;
  }

 private:
  static void add_log_jacobian(engine::ConstCoordinates x, std::vector<double>& log_density) {
    std::vector<double> q(x.n_chains * molecule().z_matrix().n_internal()), log_jac(x.n_chains);
    engine::cartesian_to_internal(molecule().z_matrix(), x, q, log_jac);
    for (std::size_t c = 0; c < x.n_chains; ++c) log_density[c] += log_jac[c];
  }

  std::shared_ptr<const mlsamplers::LeapProposal> drawn_, told_;
  bool with_jacobian_;
};

TEST(LeapExactness, UnbrokenCopyIsExact) {
  const LeapModel& model = trained_leap().model;
  expect_passed(check_bug("unbroken copy", std::make_shared<MisreportingLeap>(model, model, true)),
                kBugRequiredPower);
}

TEST(LeapExactness, MissingJacobianIsCaught) {
  const LeapModel& model = trained_leap().model;
  expect_caught(check_bug("no Jacobian", std::make_shared<MisreportingLeap>(model, model, false)));
}

TEST(LeapExactness, DroppedRatioIsCaught) {
  expect_caught(
      check_bug("ratio dropped", std::make_shared<MisreportingProposal>(
                                     leap_of(trained_leap().model), DensityBug::kRatioDropped)));
}

TEST(LeapExactness, WrongSignIsCaught) {
  expect_caught(
      check_bug("wrong sign", std::make_shared<MisreportingProposal>(leap_of(trained_leap().model),
                                                                     DensityBug::kWrongSign)));
}

TEST(LeapExactness, MissingUniformPartIsCaught) {
  LeapModel drawn = trained_leap().model, told = drawn;
  drawn.uniform_fraction = 0.3;
  told.uniform_fraction = 1e-12;
  expect_caught(
      check_bug("no uniform part", std::make_shared<MisreportingLeap>(drawn, told, true)));
}

TEST(LeapExactness, UnfoldedRotorIsCaught) {
  LeapModel told = trained_leap().model;
  ASSERT_EQ(told.split.rotors.size(), 1u);
  told.split.rotors[0].fold = 2;
  expect_caught(check_bug("unfolded rotor",
                          std::make_shared<MisreportingLeap>(trained_leap().model, told, true)));
}

TEST(LeapExactness, NarrowerNoiseThanToldIsCaught) {
  LeapModel told = trained_leap().model;
  for (double& value : told.fast.cholesky) value *= 1.05;
  expect_caught(check_bug("noise 5 % narrower than told",
                          std::make_shared<MisreportingLeap>(trained_leap().model, told, true)));
}

}  // namespace
}  // namespace saltus::tests
