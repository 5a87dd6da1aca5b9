// Oracle: sentences written out by hand.
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
