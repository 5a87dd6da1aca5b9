// Oracle: exact free energies and exact draws of held bodies. The planted bug must fail the
// assertion that correct code passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/diagnostics/free_energy.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "mlsamplers/rigid/rigid_flow_trainer.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::apply_flow;
using mlsamplers::FlowDirection;
using mlsamplers::PoseBatch;
using mlsamplers::poses_of;
using mlsamplers::RigidFlowModel;

/// Of the divergence before, what is left after a short training.
constexpr double kLearnt = 0.35;
/// Weights that fit badly, by some nats.
constexpr double kMisfit = 1.5;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

PoseBatch base_poses(std::size_t n_chains, std::uint64_t seed) {
  return poses_of(*held().bodies(),
                  held().draw(n_chains, HeldBodies::kHot_K, test_seed(seed)).positions.view());
}

/// Of reduced free energies, of the target minus that of the base.
double exact_difference() {
  return HeldBodies::free_energy(HeldBodies::kCold_K) - HeldBodies::free_energy(HeldBodies::kHot_K);
}

/// Differences of free energies that a flow gives, in standard errors from the exact one.
void expect_free_energy(const RigidFlowModel& model, std::size_t n) {
  const ChainBatch hot = held().draw(n, HeldBodies::kHot_K, test_seed(6)),
                   cold = held().draw(n, HeldBodies::kCold_K, test_seed(7));
  const EnergyFunction& energy = *held().target().guide();
  const auto there = flow_work(model, *held().bodies(), energy, hot.positions.view(),
                               FlowDirection::kToTarget),
             back = flow_work(model, *held().bodies(), energy, cold.positions.view(),
                              FlowDirection::kToBase);
  const double exact = exact_difference();
  constexpr BootstrapOptions kDraws = {50, 1};
  // Six standard errors, which 50 draws give to 10 %: false alarms 1e-8.
  const auto ratio = acceptance_ratio_free_energy({there, 1}, {back, 1}, kDraws);
  EXPECT_NEAR(ratio.value, exact, tolerance_scale() * 6.0 * ratio.error);
  EXPECT_LT(ratio.error, 0.05) << "a volume that is wrong by a quarter must be seen";
}

TEST(RigidFlowTraining, GivesExactFreeEnergies) {
  expect_free_energy(held().flow(), 2000);
  expect_free_energy(held().random_flow(1.5), 2000);
  expect_free_energy(held().random_flow(1.5, mlsamplers::OrientationMap::kLinear,
                                        mlsamplers::FlowConditioner::kAttention),
                     4000);
}

mlsamplers::RigidFlowTrainingOptions short_training() {
  mlsamplers::RigidFlowTrainingOptions options;
  options.n_epochs = 3;
  options.steps_per_epoch = 100;
  options.first_rate = 5e-2;
  options.last_rate = 5e-3;
  options.seed = 5;
  return options;
}

TEST(RigidFlowTraining, LearnsFromForces) {
  RigidFlowModel model = held().random_flow(5.0);
  const ChainBatch training = held().draw(2000, HeldBodies::kHot_K, test_seed(8)),
                   held_out = held().draw(2000, HeldBodies::kHot_K, test_seed(9));
  std::vector<std::size_t> steps;
  train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                   {{training.positions.view(), held_out.positions.view()}, {}}, short_training(),
                   [&](const mlsamplers::RigidFlowScore& score) { steps.push_back(score.step); });
  EXPECT_EQ(steps, (std::vector<std::size_t>{0, 100, 200, 300}));
  const double exact = exact_difference();
  const double first = model.curve.front().held_out - exact;
  const double last = model.curve.back().held_out - exact;
  EXPECT_GT(first, 1.0);
  EXPECT_LT(last, kLearnt * first);
  // A divergence is not negative; what is held out has an error of about sqrt(2 last / 2000).
  EXPECT_GT(last, -6.0 * std::sqrt(2.0 * std::abs(last) / 2000.0));
  EXPECT_GT(model.curve.back().held_out_samples, model.curve.front().held_out_samples);
  expect_free_energy(model, 2000);
}

/// The mean work of fresh samples of the target, led to the base, plus the exact difference of
/// free energies: the divergence of the target's density from the mapped one, with its standard
/// error.
std::pair<double, double> divergence_of_target(const RigidFlowModel& model) {
  constexpr std::size_t kSamples = 4000;
  const ChainBatch fresh = held().draw(kSamples, HeldBodies::kCold_K, test_seed(20));
  std::vector<double> work = flow_work(model, *held().bodies(), *held().target().guide(),
                                       fresh.positions.view(), FlowDirection::kToBase);
  const double n = static_cast<double>(kSamples),
               mean = std::accumulate(work.begin(), work.end(), 0.0) / n;
  double squares = 0.0;
  for (const double w : work) squares += (w - mean) * (w - mean);
  return {mean + exact_difference(), std::sqrt(squares / n / n)};
}

/// Trains random weights by samples, half of them held out.
RigidFlowModel trained_by_samples(double energy_weight, double target_samples_K) {
  RigidFlowModel model = held().random_flow(kMisfit);
  const ChainBatch base = held().draw(2000, HeldBodies::kHot_K, test_seed(16)),
                   base_held_out = held().draw(2000, HeldBodies::kHot_K, test_seed(17)),
                   target = held().draw(2000, target_samples_K, test_seed(18)),
                   target_held_out = held().draw(2000, target_samples_K, test_seed(19));
  auto options = short_training();
  options.energy_weight = energy_weight;
  train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                   {{base.positions.view(), base_held_out.positions.view()},
                    {target.positions.view(), target_held_out.positions.view()}},
                   options, {});
  return model;
}

TEST(RigidFlowTraining, BySamplesOfTheTargetRaisesTheLikelihoodOfNewOnes) {
  const double before = divergence_of_target(held().random_flow(kMisfit)).first;
  const RigidFlowModel model = trained_by_samples(0.0, HeldBodies::kCold_K);
  const auto [after, error] = divergence_of_target(model);
  const double wrong = divergence_of_target(trained_by_samples(0.0, HeldBodies::kHot_K)).first;
  RecordProperty("before_after_wrong", std::to_string(before) + " " + std::to_string(after) + " " +
                                           std::to_string(wrong));
  EXPECT_LT(after, kLearnt * before);
  // A divergence is not negative: six standard errors, false alarms 1e-9.
  EXPECT_GT(after, -6.0 * error);
  // What is held out says the same, with an error of its own that is about as large.
  EXPECT_NEAR(model.curve.back().held_out + exact_difference(), after, 9.0 * error);
  expect_free_energy(model, 2000);
  // Samples of the wrong end, the planted bug: their likelihood rises, not that of the target. A
  // flow that fits them is off by the divergence of normal densities of 200 K from those of 300 K
  // in 18 coordinates, 9 (2/3 - 1 - log(2/3)) = 0.65 nats.
  constexpr double kOfWrongEnd = 0.5;
  EXPECT_LT(after, kOfWrongEnd);
  EXPECT_GT(wrong, kOfWrongEnd);
}

TEST(RigidFlowTraining, ByBothNeedsNoFreeEnergy) {
  const RigidFlowModel model = trained_by_samples(0.5, HeldBodies::kCold_K);
  // Half of two divergences.
  EXPECT_LT(model.curve.back().held_out, kLearnt * model.curve.front().held_out);
  const auto [target, error] = divergence_of_target(model);
  EXPECT_LT(target, kLearnt * divergence_of_target(held().random_flow(kMisfit)).first);
  EXPECT_GT(model.curve.back().held_out, -6.0 * error);
  EXPECT_GT(model.curve.back().held_out_samples, model.curve.front().held_out_samples);
}

TEST(RigidFlowTraining, StopsWhereHeldOutSamplesGainNothing) {
  // So few samples that they are learnt by heart.
  RigidFlowModel model = held().random_flow(1.0);
  const ChainBatch few = held().draw(16, HeldBodies::kCold_K, test_seed(21)),
                   held_out = held().draw(500, HeldBodies::kCold_K, test_seed(22));
  auto options = short_training();
  options.energy_weight = 0.0;
  options.batch_size = 16;
  options.n_epochs = 40;
  options.steps_per_epoch = 20;
  options.last_rate = options.first_rate;
  options.patience = 3;
  train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                   {{}, {few.positions.view(), held_out.positions.view()}}, options, {});
  const auto best =
      std::min_element(model.curve.begin(), model.curve.end(),
                       [](const auto& a, const auto& b) { return a.held_out < b.held_out; });
  EXPECT_EQ(model.curve.end() - best, 4) << "the best point and three after it";
  EXPECT_LT(model.curve.size(), 41u);
  EXPECT_LT(model.curve.back().training, best->training) << "training samples go on to gain";
  // The weights are those of the best point.
  const auto work = flow_work(model, *held().bodies(), *held().target().guide(),
                              held_out.positions.view(), FlowDirection::kToBase);
  EXPECT_NEAR(std::accumulate(work.begin(), work.end(), 0.0) / 500.0, best->held_out, 1e-9);
}

TEST(RigidFlowTraining, NeedsSamplesOfTheEndsItUses) {
  RigidFlowModel model = held().flow();
  const ChainBatch data = held().draw(40, HeldBodies::kHot_K, test_seed(23));
  const mlsamplers::RigidFlowSamples samples = {data.positions.view(), data.positions.view()};
  const auto message = [&](double energy_weight, const mlsamplers::RigidFlowData& given) {
    auto options = short_training();
    options.energy_weight = energy_weight;
    return message_of<InputError>([&] {
      train_rigid_flow(model, *held().bodies(), *held().target().guide(), given, options, {});
    });
  };
  const std::string needs = "training of a rigid-body flow: needs at least 32 samples of the ";
  EXPECT_EQ(message(0.0, {samples, {}}), needs + "target and one held out, got 0 and 0");
  EXPECT_EQ(message(0.5, {samples, {}}), needs + "target and one held out, got 0 and 0");
  EXPECT_EQ(message(0.5, {{}, samples}), needs + "base and one held out, got 0 and 0");
  EXPECT_EQ(message(1.5, {samples, samples}),
            "training of a rigid-body flow: the weight of the energy must be 0 to 1, got 1.5");
}

TEST(RigidFlowTraining, RepeatsItself) {
  const ChainBatch data = held().draw(100, HeldBodies::kHot_K, test_seed(10));
  auto options = short_training();
  options.n_epochs = 1;
  options.steps_per_epoch = 5;
  const auto trained = [&] {
    RigidFlowModel model = held().flow();
    train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                     {{data.positions.view(), data.positions.view()}, {}}, options, {});
    return apply_flow(model, base_poses(3, 11), FlowDirection::kToTarget).poses.positions;
  };
  EXPECT_EQ(trained(), trained());
}

TEST(RigidFlowTraining, DivergedIsAnErrorAndKeepsTheBestWeights) {
  RigidFlowModel model = held().flow();
  const PoseBatch poses = base_poses(3, 12);
  const auto before = apply_flow(model, poses, FlowDirection::kToTarget);
  const ChainBatch data = held().draw(100, HeldBodies::kHot_K, test_seed(13));
  auto options = short_training();
  options.first_rate = options.last_rate = 1e200;
  const std::string message = message_of<NumericalError>([&] {
    train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                     {{data.positions.view(), data.positions.view()}, {}}, options, {});
  });
  EXPECT_NE(message.find("is not finite; the weights of the best point so far are kept"),
            std::string::npos)
      << message;
  EXPECT_EQ(apply_flow(model, poses, FlowDirection::kToTarget).poses.positions,
            before.poses.positions);
}

TEST(RigidFlowTraining, RatesFallAsTheScheduleSays) {
  mlsamplers::RigidFlowTrainingOptions options;  // ten epochs of 1000 steps from 1e-3 to 1e-5
  EXPECT_NEAR(options.rate(0), 1e-3, 1e-12);
  const double ratio = std::pow(10.0, -0.2);
  EXPECT_NEAR(options.rate(1000), 1e-3 * ratio, 1e-12);
  EXPECT_NEAR(options.rate(500), 0.5e-3 * (1.0 + ratio), 1e-12);
  EXPECT_NEAR(options.rate(9999), 1e-5, 1e-8);
}

}  // namespace
}  // namespace saltus::tests
