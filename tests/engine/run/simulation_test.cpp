// Oracle: a log of everything a run does, an uninterrupted run, and exact messages.
#include "engine/run/simulation.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/moves/hamiltonian.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Leaves positions alone; in one step changes a carried energy.
class EnergySpoiler final : public Move {
 public:
  EnergySpoiler(std::uint64_t step, std::size_t chain, double change)
      : step_(step), chain_(chain), change_(change) {}
  std::string name() const override { return "spoiler"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&,
                       const StepKey& key) const override {
    if (key.step == step_) chains.energies[chain_] += change_;
    return {};
  }

 private:
  std::uint64_t step_;
  std::size_t chain_;
  double change_;
};

class Logger final : public Reporter {
 public:
  explicit Logger(std::uint64_t period) : period_(period) {}
  Trigger trigger() const override { return {period_}; }
  void on_step(std::uint64_t step, const ChainBatch&, const TransitionInfo&) override {
    log += std::to_string(step) + " ";
  }
  void on_end(std::uint64_t step, const ChainBatch&) override {
    log += "end " + std::to_string(step);
  }
  std::string log;

 private:
  std::uint64_t period_;
};

struct Setting {
  std::shared_ptr<const HarmonicWell> well = std::make_shared<HarmonicWell>(1, 800.0);
  std::shared_ptr<const TargetDensity> target =
      std::make_shared<Canonical>(well, ReferenceMeasure::kCartesian);

  /// Two chains at energies of 4 kJ/mol.
  ChainBatch chains() const {
    ChainBatch result(2, 1, {300.0});
    result.positions.chain(0)[0] = 0.1;
    result.positions.chain(1)[2] = -0.1;
    target->refresh(result);
    return result;
  }
  std::shared_ptr<const Move> hmc() const {
    return std::make_shared<HamiltonianMonteCarlo>(HamiltonianOptions{0.02, 5, 0.2, 0.0},
                                                   MovingParticles{{12.0}, {}});
  }
};

SimulationOptions steps(std::uint64_t n_steps, std::uint64_t first_step = 0) {
  SimulationOptions options;
  options.seed = 11;
  options.n_steps = n_steps;
  options.first_step = first_step;
  return options;
}

TEST(Simulation, TellsReportersWhenTheirTriggerFires) {
  const Setting s;
  const auto every_third = std::make_shared<Logger>(3), never = std::make_shared<Logger>(0);
  Simulation simulation(s.hmc(), *s.target, steps(10));
  simulation.add_reporter(every_third);
  simulation.add_reporter(never);
  ChainBatch chains = s.chains();
  EXPECT_EQ(simulation.run(chains, nullptr), RunEnd::kFinished);
  EXPECT_EQ(every_third->log, "3 6 9 end 10");
  EXPECT_EQ(never->log, "end 10");
  ASSERT_EQ(simulation.statistics().rows().size(), 1u);
  EXPECT_EQ(simulation.statistics().rows()[0].proposed, 20u);
}

TEST(Simulation, HasItsChainsInspectedWithTheirEnergiesAndInTheEnd) {
  const Setting s;
  SimulationOptions options = steps(12);
  options.energy_check_period = 5;
  std::string log;
  options.inspect = [&](std::uint64_t step, const ChainBatch&) {
    log += std::to_string(step) + " ";
  };
  ChainBatch chains = s.chains();
  Simulation(s.hmc(), *s.target, options).run(chains, nullptr);
  EXPECT_EQ(log, "5 10 12 ");
  log.clear();
  Simulation(s.hmc(), *s.target, options).run(chains, [] { return true; });
  EXPECT_EQ(log, "");
}

/// Cannot continue.
class Failure final : public Move {
 public:
  std::string name() const override { return "failure"; }
  TransitionInfo apply(ChainBatch&, const TargetDensity&, const StepKey&) const override {
    throw NumericalError("no longer finite");
  }
};

TEST(Simulation, AsksTheInspectorWhyAMoveFailed) {
  const Setting s;
  SimulationOptions options = steps(3);
  const auto message = [&] {
    ChainBatch chains = s.chains();
    try {
      Simulation(std::make_shared<Failure>(), *s.target, options).run(chains, nullptr);
    } catch (const NumericalError& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  EXPECT_EQ(message(), "no longer finite");
  options.inspect = [](std::uint64_t step, const ChainBatch&) {
    throw NumericalError("step " + std::to_string(step) + ": two atoms coincide");
  };
  EXPECT_EQ(message(), "step 0: two atoms coincide");
}

TEST(Simulation, StopsBetweenStepsWhenInterrupted) {
  const Setting s;
  const auto logger = std::make_shared<Logger>(1);
  Simulation simulation(s.hmc(), *s.target, steps(1000));
  simulation.add_reporter(logger);
  ChainBatch chains = s.chains();
  int asked = 0;
  EXPECT_EQ(simulation.run(chains, [&asked] { return ++asked == 4; }), RunEnd::kInterrupted);
  EXPECT_EQ(logger->log, "1 2 3 end 3");
}

TEST(Simulation, RestartEqualsTheUninterruptedRun) {
  const Setting s;
  ChainBatch whole = s.chains(), parts = s.chains();
  Simulation(s.hmc(), *s.target, steps(20)).run(whole, nullptr);
  Simulation(s.hmc(), *s.target, steps(7)).run(parts, nullptr);
  Simulation(s.hmc(), *s.target, steps(20, 7)).run(parts, nullptr);
  EXPECT_EQ(whole.positions.values(), parts.positions.values());
  EXPECT_EQ(whole.velocities.values(), parts.velocities.values());
  EXPECT_EQ(whole.energies, parts.energies);
}

std::string drift_message(const EnergySpoiler& spoiler, std::uint64_t period) {
  const Setting s;
  SimulationOptions options = steps(20);
  options.energy_check_period = period;
  Simulation simulation(std::make_shared<EnergySpoiler>(spoiler), *s.target, options);
  ChainBatch chains = s.chains();
  try {
    simulation.run(chains, nullptr);
  } catch (const NumericalError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(Simulation, NamesStepAndChainOfADriftedEnergy) {
  EXPECT_EQ(drift_message(EnergySpoiler(7, 1, 0.5), 5),
            "step 10, chain 1: the chain carries the energy 4.5 kJ/mol, but its positions have 4 "
            "kJ/mol; a move changed one without the other");
}

TEST(Simulation, SeesNonFiniteEnergies) {
  EXPECT_EQ(drift_message(EnergySpoiler(0, 0, INFINITY), 1),
            "step 1, chain 0: the chain carries the energy inf kJ/mol, but its positions have 4 "
            "kJ/mol; a move changed one without the other");
  EXPECT_NE(drift_message(EnergySpoiler(0, 0, std::nan("")), 1), "nothing thrown");
}

TEST(Simulation, ToleratesRoundingAndCanBeToldNotToLook) {
  EXPECT_EQ(drift_message(EnergySpoiler(3, 0, 3e-6), 1), "nothing thrown");  // 4 kJ/mol * 1e-6
  EXPECT_NE(drift_message(EnergySpoiler(3, 0, 5e-6), 1), "nothing thrown");
  EXPECT_EQ(drift_message(EnergySpoiler(3, 0, 100.0), 0), "nothing thrown");
}

TEST(TargetDensity, RefreshNamesTheChainThatIsNotFinite) {
  const Setting s;
  ChainBatch chains = s.chains();
  chains.positions.chain(1)[0] = 1e200;
  try {
    s.target->refresh(chains);
    FAIL() << "nothing thrown";
  } catch (const NumericalError& error) {
    EXPECT_STREQ(
        error.what(),
        "the energy of chain 1 is not finite: atoms may lie on top of each other; minimise "
        "the start or use other coordinates");
  }
}

TEST(TargetDensity, LogDensityIsMinusBetaU) {
  const Setting s;
  EXPECT_DOUBLE_EQ(s.target->log_density(kGasConstant * 300.0, {}, {300.0}), -1.0);
  EXPECT_EQ(s.target->log_density(INFINITY, {}, {300.0}), -INFINITY);
}

TEST(Trigger, FiresEveryPeriodAndNeverForZero) {
  EXPECT_TRUE(Trigger{5}.fires(0));
  EXPECT_TRUE(Trigger{5}.fires(10));
  EXPECT_FALSE(Trigger{5}.fires(11));
  EXPECT_FALSE(Trigger{0}.fires(0));
}

}  // namespace
}  // namespace saltus::tests
