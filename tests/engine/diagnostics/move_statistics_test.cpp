// Oracle: hand-made outcomes with counts by hand.

#include "engine/run/move_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;

constexpr Outcome kNot = Outcome::kNotApplied;
constexpr Outcome kRej = Outcome::kRejected;
constexpr Outcome kAcc = Outcome::kAccepted;
constexpr Outcome kInv = Outcome::kInvalid;

TransitionInfo info(const std::string& name, std::vector<Outcome> outcomes,
                    std::vector<double> log_ratios = {}) {
  return {{{name, std::move(outcomes), std::move(log_ratios), 3, 0.5, {}}}};
}

TEST(MoveStatisticsTable, CountsOutcomes) {
  MoveStatisticsTable table;
  table.add(info("leap", {kAcc, kRej, kInv, kNot}));
  table.add(info("leap", {kAcc, kAcc, kInv, kRej}));
  ASSERT_EQ(table.rows().size(), 1u);
  const MoveStatistics& row = table.rows()[0];
  EXPECT_EQ(row.name, "leap");
  EXPECT_EQ(row.proposed, 7u);
  EXPECT_EQ(row.accepted, 3u);
  EXPECT_EQ(row.invalid, 2u);
  EXPECT_EQ(row.n_energy_evaluations, 6u);
  EXPECT_DOUBLE_EQ(row.cpu_seconds, 1.0);
  EXPECT_DOUBLE_EQ(row.acceptance(), 3.0 / 7.0);
}

TEST(MoveStatisticsTable, FollowsRejectionRunsAcrossCalls) {
  MoveStatisticsTable table;
  table.add(info("leap", {kRej, kAcc}));
  table.add(info("leap", {kInv, kRej}));
  table.add(info("leap", {kNot, kRej}));  // chain 0 was not asked: its run continues
  table.add(info("leap", {kRej, kAcc}));
  EXPECT_EQ(table.rows()[0].longest_rejection_run, 3u);
  EXPECT_EQ(table.rows()[0].current_rejection_run, (std::vector<std::uint64_t>{3, 0}));
  table.add(info("leap", {kAcc, kRej}));
  EXPECT_EQ(table.rows()[0].longest_rejection_run, 3u);
  EXPECT_EQ(table.rows()[0].current_rejection_run, (std::vector<std::uint64_t>{0, 1}));
}

TEST(MoveStatisticsTable, KeepsMovesApartInOrderOfAppearance) {
  MoveStatisticsTable table;
  TransitionInfo both = info("walk", {kAcc});
  both.records.push_back(info("leap", {kRej}).records[0]);
  both.records.push_back(info("walk", {kRej}).records[0]);
  table.add(both);
  table.add(info("leap", {kAcc}));
  ASSERT_EQ(table.rows().size(), 2u);
  EXPECT_EQ(table.rows()[0].name, "walk");
  EXPECT_EQ(table.rows()[0].proposed, 2u);
  EXPECT_EQ(table.rows()[0].longest_rejection_run, 1u);
  EXPECT_EQ(table.rows()[1].name, "leap");
  EXPECT_EQ(table.rows()[1].accepted, 1u);
}

TEST(MoveStatisticsTable, KeepsKindsOfProposalsApart) {
  MoveStatisticsTable table;
  TransitionInfo both = info("leap", {kAcc, kRej});
  both.records[0].kind = "phi";
  table.add(both);
  both.records[0].kind = "psi";
  table.add(both);
  table.add(both);
  ASSERT_EQ(table.rows().size(), 2u);
  EXPECT_EQ(table.rows()[0].name, "leap/phi");
  EXPECT_EQ(table.rows()[0].proposed, 2u);
  EXPECT_EQ(table.rows()[1].name, "leap/psi");
  EXPECT_EQ(table.rows()[1].proposed, 4u);
}

TEST(MoveStatisticsTable, TakesTheLargestRatioThatIsANumber) {
  MoveStatisticsTable table;
  table.add(info("leap", {kRej, kAcc}, {std::nan(""), -2.0}));
  EXPECT_EQ(table.rows()[0].largest_log_ratio, 0.0);
  table.add(info("leap", {kAcc, kRej}, {4.5, std::nan("")}));
  table.add(info("leap", {kAcc, kRej}, {1.5, std::nan("")}));
  EXPECT_EQ(table.rows()[0].largest_log_ratio, 4.5);
}

TEST(MoveStatisticsTable, HasMeanAndDeviationOfFiniteWork) {
  MoveStatisticsTable table;
  const double infinite = -std::numeric_limits<double>::infinity();
  table.add(info("leap", {kRej, kRej}, {std::nan(""), infinite}));
  EXPECT_EQ(table.rows()[0].work.count, 0u);
  EXPECT_TRUE(std::isnan(table.rows()[0].work.standard_deviation()));
  table.add(info("leap", {kAcc, kRej}, {-1.0, infinite}));
  table.add(info("leap", {kAcc, kRej}, {-2.0, -6.0}));
  EXPECT_EQ(table.rows()[0].work.count, 3u);
  EXPECT_DOUBLE_EQ(table.rows()[0].work.mean, 3.0);
  EXPECT_DOUBLE_EQ(table.rows()[0].work.standard_deviation(), std::sqrt(7.0));
}

TEST(MoveStatisticsTable, GoesOnFromRestoredRows) {
  MoveStatisticsTable whole, restored;
  whole.add(info("leap", {kRej, kAcc}));
  restored.rows() = whole.rows();
  whole.add(info("leap", {kRej, kRej}));
  restored.add(info("leap", {kRej, kRej}));
  EXPECT_EQ(restored.rows()[0].longest_rejection_run, 2u);
  EXPECT_EQ(restored.rows()[0].current_rejection_run, whole.rows()[0].current_rejection_run);
}

TEST(MoveStatisticsTable, AcceptanceOfNothingIsZero) {
  MoveStatisticsTable table;
  table.add(info("leap", {kNot, kNot}));
  EXPECT_EQ(table.rows()[0].acceptance(), 0.0);
}

TEST(MoveStatisticsTable, RefusesAChangedNumberOfChains) {
  MoveStatisticsTable table;
  table.add(info("leap", {kAcc, kAcc}));
  EXPECT_EQ(message_of<InternalError>([&] { table.add(info("leap", {kAcc})); }),
            "move leap reported 1 chains, before it were 2");
}

}  // namespace
}  // namespace saltus::engine
