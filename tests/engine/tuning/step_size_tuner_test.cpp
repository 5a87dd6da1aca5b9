// Oracle: a move whose acceptance is a known function of its step, so that the step is known in
// closed form; and the acceptance of a real move measured afterwards.
#include "engine/tuning/step_size_tuner.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Accepts with a given probability and moves nothing.
class ConstantAcceptance final : public Move {
 public:
  explicit ConstantAcceptance(double probability) : probability_(probability) {}
  std::string name() const override { return "constant"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&, const StepKey&) const override {
    MoveRecord record;
    record.name = name();
    record.log_ratios.assign(chains.n_chains(), std::log(probability_));
    record.outcomes.assign(chains.n_chains(),
                           probability_ > 0.0 ? Outcome::kRejected : Outcome::kInvalid);
    return {{record}};
  }

 private:
  double probability_;
};

struct Setting {
  std::shared_ptr<const HarmonicWell> well = std::make_shared<HarmonicWell>(5, 1000.0);
  Canonical target{well, ReferenceMeasure::kCartesian};
  std::vector<double> masses = std::vector<double>(5, 12.0);
  ChainBatch chains = draw_exact_chains(*well, 100, 300.0, masses, 1);

  template <class Acceptance>
  TunedMove tune(const Acceptance& acceptance, StepSizeTunerOptions options) {
    return tune_step_size(
        [&](double step) { return std::make_unique<ConstantAcceptance>(acceptance(step)); },
        options, chains, target, {1, 0});
  }
  template <class Acceptance>
  std::string failure(const Acceptance& acceptance, StepSizeTunerOptions options) {
    try {
      tune(acceptance, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing thrown";
  }
};

TEST(StepSizeTuner, FindsTheKnownStepFromFarAway) {
  // acceptance exp(-step / scale) = target at step = -scale log(target).
  Setting setting;
  for (double scale : {1e-3, 1.0, 1e3})
    for (double target : {0.3, 0.8}) {
      StepSizeTunerOptions options;
      options.initial_step = 1.0;
      options.target_acceptance = target;
      options.n_rounds = 100;
      const TunedMove tuned = setting.tune([=](double s) { return std::exp(-s / scale); }, options);
      EXPECT_NEAR(tuned.step / (-scale * std::log(target)), 1.0, 0.05)
          << "scale " << scale << ", target " << target;
      EXPECT_NEAR(tuned.acceptance, target, 0.05);
      ASSERT_TRUE(tuned.move);
    }
}

TEST(StepSizeTuner, TunesHybridMonteCarlo) {
  Setting setting;
  const auto factory = [&](double step) {
    HamiltonianOptions options;
    options.time_step_ps = step;
    options.n_steps = 1;  // longer trajectories in a harmonic well have resonances
    return std::make_unique<HamiltonianMonteCarlo>(options, MovingParticles{setting.masses, {}});
  };
  for (std::size_t n_chains : {1u, 100u})
    for (double initial : {1e-5, 0.01, 10.0}) {
      ChainBatch chains = draw_exact_chains(*setting.well, n_chains, 300.0, setting.masses, 4);
      StepSizeTunerOptions options;
      options.initial_step = initial;
      const TunedMove tuned =
          tune_step_size(factory, options, chains, setting.target, {test_seed(2), 0});
      // The frozen move on fresh exact chains: 100 chains in 50 steps.
      ChainBatch fresh = setting.chains;
      double accepted = 0.0;
      for (std::uint64_t step = 0; step < 50; ++step) {
        const auto info = tuned.move->apply(fresh, setting.target, {test_seed(3), step});
        for (Outcome outcome : info.records.at(0).outcomes)
          accepted += outcome == Outcome::kAccepted ? 1.0 : 0.0;
      }
      EXPECT_NEAR(accepted / 5000.0, options.target_acceptance, 0.1)
          << "from " << initial << " ps with " << n_chains << " chains";
    }
}

TEST(StepSizeTuner, IsReproducible) {
  Setting a, b;
  const auto acceptance = [](double s) { return std::exp(-s); };
  EXPECT_EQ(a.tune(acceptance, {}).step, b.tune(acceptance, {}).step);
}

TEST(StepSizeTuner, TakesTheLargestStepWhenEveryStepIsAccepted) {
  Setting setting;
  StepSizeTunerOptions options;
  options.initial_step = 0.5;
  options.max_step = 3.0;
  const TunedMove tuned = setting.tune([](double) { return 1.0; }, options);
  EXPECT_DOUBLE_EQ(tuned.step, 3.0);
  EXPECT_DOUBLE_EQ(tuned.acceptance, 1.0);
}

TEST(StepSizeTuner, SaysWhenThereIsNoStep) {
  Setting setting;
  StepSizeTunerOptions options;
  options.initial_step = 1.0;
  EXPECT_EQ(setting.failure([](double) { return 0.0; }, options),
            "step-size tuner: acceptance stays below the target for every step from 1 to "
            "9.53674e-07; check that energies and forces of the starting positions are reasonable");
  EXPECT_EQ(setting.failure([](double) { return 1.0; }, options),
            "step-size tuner: acceptance stays above the target for every step from 1 to "
            "1.04858e+06; set max_step or choose the step by hand");
}

TEST(StepSizeTuner, RefusesMovesThatDoNotAccept) {
  Setting setting;
  try {
    tune_step_size(
        [&](double step) {
          return std::make_unique<Langevin>(LangevinOptions{step, 1.0, 1},
                                            MovingParticles{setting.masses, {}});
        },
        {}, setting.chains, setting.target, {1, 0});
    FAIL() << "nothing thrown";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "step-size tuner: the move neither accepts nor rejects; nothing to tune");
  }
}

TEST(StepSizeTuner, RefusesBadOptionsByName) {
  Setting setting;
  const auto failure = [&](StepSizeTunerOptions options) {
    return setting.failure([](double s) { return std::exp(-s); }, options);
  };
  StepSizeTunerOptions options;
  options.initial_step = 0.0;
  EXPECT_EQ(failure(options),
            "step-size tuner: initial_step: expected a positive number, got 0.000000");
  options = {};
  options.target_acceptance = 1.0;
  EXPECT_EQ(failure(options),
            "step-size tuner: target_acceptance: expected a number in (0, 1), got 1.000000");
  options = {};
  options.n_rounds = 7;
  EXPECT_EQ(failure(options), "step-size tuner: n_rounds: expected at least 8, got 7");
  options = {};
  options.initial_step = 2.0;
  options.max_step = 1.0;
  EXPECT_EQ(failure(options),
            "step-size tuner: max_step: expected at least initial_step, got 1.000000");
}

}  // namespace
}  // namespace saltus::tests
