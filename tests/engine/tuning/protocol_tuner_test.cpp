// Oracle: averages and choices computed by hand from given works; moves whose works are given, so
// that the choice is known.
#include "engine/tuning/protocol_tuner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/potential/analytic.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

using namespace engine;
using testing::HasSubstr;

constexpr double kNever = -std::numeric_limits<double>::infinity();
/// Of sums of a few numbers near 1.
constexpr double kRounding = 1e-14;

/// What a single drive of each was worth, for choices.
ProtocolTrials trials(const std::string& protocol, double gain, double error, double evaluations) {
  ProtocolTrials result;
  result.protocol = protocol;
  result.n_drives = 40;
  result.evaluations = evaluations;
  result.work = {40, 16.0, 39.0 * 81.0};
  result.acceptance = result.gain = gain;
  result.acceptance_error = result.gain_error = error;
  return result;
}

TEST(AverageDrives, IsThatByHand) {
  const std::vector<TrialDrive> drives = {
      {std::log(0.5), true}, {3.0, true}, {std::log(0.25), false}, {kNever, true}};
  const ProtocolTrials found = average_drives("x", drives, 11.0);
  EXPECT_EQ(found.n_drives, 4U);
  EXPECT_EQ(found.evaluations, 11.0);
  // Acceptances 0.5, 1, 0.25, 0; the third does not count. The last has no finite work.
  EXPECT_NEAR(found.acceptance, 0.4375, kRounding);
  EXPECT_NEAR(found.acceptance_error,
              std::sqrt((0.25 * 0.25 / 16 + 0.5625 * 0.5625 + 0.1875 * 0.1875 + 0.4375 * 0.4375) /
                        3.0 / 4.0),
              kRounding);
  EXPECT_NEAR(found.gain, 0.375, kRounding);
  EXPECT_NEAR(found.gain_per_evaluation(), 0.375 / 11.0, kRounding);
  EXPECT_EQ(found.work.count, 3U);
  EXPECT_NEAR(found.work.mean, (std::log(2.0) - 3.0 + std::log(4.0)) / 3.0, kRounding);
}

TEST(AverageDrives, RefusesTooFew) {
  const std::vector<TrialDrive> drives = {{0.0, true}, {0.0, true}};
  EXPECT_EQ(message_of<InputError>(
                [&] { average_drives("x", Span<const TrialDrive>(drives.data(), 1), 1.0); }),
            "trials of a protocol: expected at least two drives, got 1");
  EXPECT_EQ(message_of<InputError>([&] { average_drives("x", drives, 0.0); }),
            "trials of a protocol: a drive must evaluate energies");
}

TEST(ProtocolChoice, IsTheGreatestGainPerEvaluation) {
  // 0.5 / 1000, 0.2 / 100, 0.9 / 2000.
  const auto a = trials("a", 0.5, 0.05, 1000.0), b = trials("b", 0.2, 0.05, 100.0),
             c = trials("c", 0.9, 0.05, 2000.0);
  EXPECT_EQ(best_protocol({a, b, c}), 1U);
  EXPECT_EQ(best_protocol({c, a}), 1U);
  EXPECT_EQ(best_protocol({b, b}), 0U) << "of equal ones the first";
  EXPECT_EQ(message_of<InputError>([] { best_protocol({}); }),
            "choice of a protocol: there is none to choose from");
}

TEST(ProtocolChoice, WarnsWhereNothingIsGained) {
  ProtocolChoice choice;
  choice.move = "driven_torsion";
  choice.at_once = trials("at once", 0.001, 0.001, 2.0);
  // 0.2 - 2 * 0.05 = 0.1 in 100 energies, against 0.001 in 2.
  choice.tried = {trials("100 steps", 0.2, 0.05, 100.0)};
  EXPECT_TRUE(choice.gains());
  EXPECT_EQ(choice.warning(), "");
  EXPECT_EQ(choice.sentence(),
            "driven_torsion: 100 steps chosen of 1 protocols, 40 trials each: work 16 kT, standard "
            "deviation 9; acceptance 0.2 +- 0.05, with a change that counts 0.2 +- 0.05, that is "
            "one in 500 energy evaluations");
  EXPECT_THAT(choice.table(), testing::SizeIs(4));
  // Two standard errors less than what it is: not told from none.
  choice.tried = {trials("100 steps", 0.1, 0.05, 100.0)};
  EXPECT_FALSE(choice.gains());
  EXPECT_THAT(choice.warning(),
              HasSubstr("driven_torsion: no protocol tried gains anything that 40 trials can tell. "
                        "The best, 100 steps: work 16 kT, standard deviation 9; acceptance 0.1"));
  // The move at once does better.
  choice.tried = {trials("1000 steps", 0.2, 0.0, 1000.0)};
  EXPECT_FALSE(choice.gains());
  EXPECT_THAT(choice.warning(), HasSubstr("leave it out, or try longer protocols"));
  // Of drives that never happen the error may be 0.
  choice.at_once = trials("at once", 1e-170, 0.0, 2.0);
  choice.tried = {trials("1000 steps", 1e-8, 1e-8, 1000.0)};
  EXPECT_THAT(choice.warning(), HasSubstr("leave it out, or try longer protocols"));
  choice.at_once = trials("at once", 0.1, 0.01, 2.0);
  EXPECT_THAT(choice.warning(), HasSubstr("the change costs less at once: make it so"));
  choice.tried = {trials("100 steps", 0.0, 0.0, 1000.0)};
  EXPECT_THAT(choice.warning(), HasSubstr("one in more than a billion energy evaluations"));
}

/// Has given works and costs, and puts the chains where nothing else would.
class GivenWork final : public Move {
 public:
  GivenWork(std::vector<double> log_ratios, std::size_t cost)
      : log_ratios_(std::move(log_ratios)), cost_(cost) {}
  std::string name() const override { return "given"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&,
                       const StepKey& key) const override {
    for (double& x : chains.positions.values()) x = 1e6;
    MoveRecord record;
    record.name = name();
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      // The same drive has the same number whatever the move is.
      const double noise =
          0.1 * RandomStream(key, StreamName::kProposal, chains.number_of(c)).normal();
      record.log_ratios.push_back(log_ratios_[c % log_ratios_.size()] + noise);
      record.outcomes.push_back(Outcome::kRejected);
    }
    record.n_energy_evaluations = cost_ * chains.n_chains();
    return {{record}};
  }

 private:
  std::vector<double> log_ratios_;
  std::size_t cost_;
};

/// Shifts all chains, as dynamics would between trials.
class Shift final : public Move {
 public:
  std::string name() const override { return "shift"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity&, const StepKey&) const override {
    for (double& x : chains.positions.values()) x += 1.0;
    return {};
  }
};

struct Setting {
  std::shared_ptr<const HarmonicWell> well = std::make_shared<HarmonicWell>(2, 1000.0);
  Canonical target{well, ReferenceMeasure::kCartesian};
  ChainBatch chains = draw_exact_chains(*well, 4, 300.0, {12.0, 12.0}, 1);

  static ProtocolTask task() {
    ProtocolTask result;
    result.move = "given";
    result.at_once = {"at once", std::make_shared<GivenWork>(std::vector<double>{-50.0}, 1)};
    result.candidates = {{"short", std::make_shared<GivenWork>(std::vector<double>{-8.0}, 10)},
                         {"middle", std::make_shared<GivenWork>(std::vector<double>{-2.0}, 100)},
                         {"long", std::make_shared<GivenWork>(std::vector<double>{-1.0}, 1000)}};
    result.between = std::make_shared<Shift>();
    result.n_drives = 10;
    return result;
  }
};

TEST(ProtocolTuner, ChoosesTheKnownBestAndRestoresTheChains) {
  Setting setting;
  const std::vector<double> before = setting.chains.positions.values();
  const ProtocolChoice choice =
      choose_protocol(Setting::task(), setting.chains, setting.target, {1, 0});
  // exp(-8) / 10, exp(-2) / 100, exp(-1) / 1000: each by a factor of 4 at least.
  EXPECT_EQ(choice.best().protocol, "middle");
  EXPECT_TRUE(choice.gains());
  ASSERT_EQ(choice.tried.size(), 3U);
  EXPECT_EQ(choice.tried[1].n_drives, 12U) << "three rounds of four chains";
  EXPECT_EQ(choice.tried[1].evaluations, 100.0);
  // Works of the same drives differ by what was given.
  EXPECT_NEAR(choice.tried[0].work.mean - choice.tried[1].work.mean, 6.0, 1e-9);
  for (std::size_t i = 0; i < before.size(); ++i)
    EXPECT_EQ(setting.chains.positions.values()[i], before[i] + 1.0 + 1.0 + 1.0)
        << "moved by what is between, not by trials";
}

TEST(ProtocolTuner, IsAFunctionOfTheKey) {
  Setting a, b;
  const ProtocolChoice one = choose_protocol(Setting::task(), a.chains, a.target, {1, 0}),
                       same = choose_protocol(Setting::task(), b.chains, b.target, {1, 0}),
                       other = choose_protocol(Setting::task(), b.chains, b.target, {2, 0});
  EXPECT_EQ(one.best().work.mean, same.best().work.mean);
  EXPECT_NE(one.best().work.mean, other.best().work.mean);
}

TEST(ProtocolTuner, LeavesOutChangesThatDoNotCount) {
  Setting setting;
  ProtocolTask task = Setting::task();
  task.candidates[1].counts = [](const ChainBatch& chains, const StepKey&) {
    return std::vector<bool>(chains.n_chains(), false);
  };
  const ProtocolChoice choice = choose_protocol(task, setting.chains, setting.target, {1, 0});
  EXPECT_EQ(choice.tried[1].gain, 0.0);
  EXPECT_GT(choice.tried[1].acceptance, 0.1);
  EXPECT_EQ(choice.best().protocol, "long");
}

TEST(ProtocolTuner, RefusesWhatCannotBeChosenFrom) {
  Setting setting;
  const auto failure = [&](const ProtocolTask& task) {
    return message_of<InputError>([&] {
      choose_protocol(task, setting.chains, setting.target, {1, 0});
    });
  };
  ProtocolTask task = Setting::task();
  task.candidates.clear();
  EXPECT_EQ(failure(task), "choice of a protocol: given has none to choose from");
  task = Setting::task();
  task.n_drives = 1;
  EXPECT_EQ(failure(task), "choice of a protocol: expected at least two trials, got 1");
  task = Setting::task();
  task.candidates[0].move = std::make_shared<Shift>();
  EXPECT_EQ(failure(task), "choice of a protocol: the move shift neither accepts nor rejects");
}

}  // namespace
}  // namespace saltus::tests
