// Oracle: sentences written out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/saltus/run/report.h"

namespace saltus::tools {
namespace {

engine::ObservableSummary observable(const std::string& name, double r_hat, double samples) {
  engine::ObservableSummary result;
  result.name = name;
  result.r_hat = r_hat;
  result.statistics.effective_samples = samples;
  return result;
}

TEST(Agreement, NamesTheWorstObservables) {
  engine::RunSummary summary;
  EXPECT_EQ(agreement(summary), "");
  summary.observables = {observable("cos psi_2", 1.0041, 2000.0), observable("energy", 1.0, 900.0)};
  EXPECT_EQ(agreement(summary),
            "chains agree: split R-hat at most 1.004 (cos psi_2), at least 900 effective samples "
            "(energy)");
}

TEST(Verdicts, TellRoundTripsAndWhatComparedSamplersAreWorth) {
  engine::RunSummary summary;
  EXPECT_TRUE(verdicts(summary).empty());
  summary.observables = {observable("energy", 1.0, 900.0)};
  std::vector<engine::ObservableSummary> theirs = {observable("energy", 1.12, 30.0)};
  summary.samplers = {engine::compute_efficiency("this run", summary.observables, 2.0, 1),
                      engine::compute_efficiency("dynamics", summary.observables, 2.0, 1),
                      engine::compute_efficiency("the pilot", theirs, 2.0, 1)};
  engine::LadderSummary ladder;
  ladder.n_levels = 4;
  ladder.n_ladders = 3;
  summary.ladder = ladder;
  EXPECT_THAT(
      verdicts(summary),
      testing::ElementsAre(
          agreement(summary),
          "replica exchange: no replica of 12 has made a round trip yet over 4 temperatures",
          "compared with the pilot: its chains do not agree yet (split R-hat up to 1.12, energy): "
          "its effective samples are an upper bound, and the speed-up over it a lower bound"));
}

TEST(Agreement, SaysHowValuesAreWeighted) {
  engine::RunSummary summary;
  summary.observables = {observable("energy", 1.0, 900.0)};
  summary.n_weighted_values = 4000;
  summary.kish_effective_samples = 1234.6;
  EXPECT_EQ(agreement(summary),
            "chains agree: split R-hat at most 1.000 (energy), at least 900 effective samples "
            "(energy); weighted: 4000 values count as 1235 equal ones (Kish)");
}

TEST(Agreement, NeedsBothNumbers) {
  const std::string wanted =
      "; 1.01 and 400 are wanted, and a larger run.steps with --resume goes on";
  engine::RunSummary summary;
  summary.observables = {observable("energy", 1.02, 900.0)};
  EXPECT_EQ(agreement(summary),
            "chains do not agree yet: split R-hat at most 1.020 (energy), at least 900 effective "
            "samples (energy)" +
                wanted);
  summary.observables = {observable("energy", 1.0, 399.0)};
  EXPECT_EQ(agreement(summary),
            "chains do not agree yet: split R-hat at most 1.000 (energy), at least 399 effective "
            "samples (energy)" +
                wanted);
}

TEST(Agreement, IsMissingWhereNothingMoves) {
  engine::RunSummary summary;
  summary.observables = {observable("energy", 1.0, 900.0),
                         observable("cos phi_2", engine::kUnknown, engine::kUnknown)};
  EXPECT_EQ(agreement(summary), "chains do not agree yet: cos phi_2 has never changed");
}

}  // namespace
}  // namespace saltus::tools
