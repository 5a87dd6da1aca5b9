// Oracles: arithmetic by hand on small series and hand-made statistics.

#include "engine/run/run_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using ::testing::ElementsAre;
using tests::autoregressive_chains;
using tests::message_of;

ObservableSummary observable(const std::string& name, double effective_samples, double error,
                             double r_hat = 1.0) {
  ObservableSummary summary;
  summary.name = name;
  summary.statistics.effective_samples = effective_samples;
  summary.statistics.effective_samples_error = error;
  summary.r_hat = r_hat;
  return summary;
}

MoveStatisticsTable table_of(std::uint64_t proposed, std::uint64_t accepted,
                             std::uint64_t invalid) {
  MoveStatisticsTable table;
  MoveStatistics row;
  row.name = "leap";
  row.proposed = proposed;
  row.accepted = accepted;
  row.invalid = invalid;
  row.n_energy_evaluations = 2 * proposed;
  row.cpu_seconds = 4.0;
  row.longest_rejection_run = 7;
  row.largest_log_ratio = 1.5;
  table.rows().push_back(row);
  return table;
}

TEST(RunSummary, NamesWhatIsNotExact) {
  RunSummary summary;
  EXPECT_TRUE(summary.is_exact());
  EXPECT_EQ(summary.exactness(), "exact");
  summary.approximate_moves = {"langevin"};
  EXPECT_FALSE(summary.is_exact());
  EXPECT_EQ(summary.exactness(), "approximate: langevin is not exact");
  summary.approximate_moves = {"langevin", "other"};
  EXPECT_EQ(summary.exactness(), "approximate: langevin, other are not exact");
}

TEST(RunSummary, SaysThatExplorationHasNoEnsemble) {
  RunSummary summary;
  summary.n_chains = 10;
  summary.approximate_moves = {"biased_exploration"};
  compute_warnings(summary);
  ASSERT_FALSE(summary.warnings.empty());
  EXPECT_EQ(summary.warnings[0],
            "The sampled density is not exactly the target (approximate: biased_exploration is not "
            "exact); this run says which basins there are, not how populated they are: all "
            "averages are biased.");
}

TEST(RunSummary, TakesObservablesFromSeries) {
  RunSummary summary;
  const std::vector<double> values = {1.0, 2.0, 3.0, 4.0};
  compute_observable("energy", "kJ/mol", {values, 1, 4}, summary);
  ASSERT_EQ(summary.observables.size(), 1u);
  EXPECT_EQ(summary.observables[0].name, "energy");
  EXPECT_EQ(summary.observables[0].unit, "kJ/mol");
  EXPECT_NEAR(summary.observables[0].statistics.tau, 5.0 / 3.0, 1e-13);
  EXPECT_NEAR(summary.observables[0].r_hat, std::sqrt(4.5), 1e-13);
}

TEST(RunSummary, DividesMoveTotals) {
  RunSummary summary;
  summary.observables = {observable("fast", 100.0, 0.0), observable("slow", 20.0, 0.0)};
  compute_moves(table_of(8, 2, 1), summary);
  ASSERT_EQ(summary.moves.size(), 1u);
  const MoveSummary& move = summary.moves[0];
  EXPECT_EQ(move.acceptance, 0.25);
  EXPECT_EQ(move.invalid_fraction, 0.125);
  EXPECT_EQ(move.cpu_seconds_per_application, 0.5);
  EXPECT_EQ(move.energy_evaluations_per_application, 2.0);
  EXPECT_EQ(move.longest_rejection_run, 7u);
  EXPECT_EQ(move.largest_log_ratio, 1.5);
  // The only move answers for all effective samples of the slowest observable.
  EXPECT_EQ(move.effective_samples_per_cpu_second, 5.0);
}

TEST(RunSummary, LeavesOpenWhatCannotBeDivided) {
  RunSummary summary;
  summary.observables = {observable("slow", 20.0, 0.0)};
  MoveStatisticsTable table = table_of(0, 0, 0);
  table.rows().push_back(table.rows()[0]);
  compute_moves(table, summary);
  EXPECT_TRUE(std::isnan(summary.moves[0].acceptance));
  EXPECT_TRUE(std::isnan(summary.moves[0].cpu_seconds_per_application));
  EXPECT_TRUE(std::isnan(summary.moves[0].effective_samples_per_cpu_second));
}

TEST(RunSummary, ComparesSamplers) {
  RunSummary summary;
  summary.samplers = {
      compute_efficiency("leaps", {observable("phi", 100.0, 10.0), observable("psi", 50.0, 5.0)},
                         2.0, 1000),
      compute_efficiency("dynamics", {observable("phi", 40.0, 3.0)}, 8.0, 0)};
  const ObservableEfficiency& phi = summary.samplers[0].observables[0];
  EXPECT_EQ(phi.per_cpu_second, 50.0);
  EXPECT_EQ(phi.per_cpu_second_error, 5.0);
  EXPECT_EQ(phi.per_energy_evaluation, 0.1);
  EXPECT_EQ(phi.per_energy_evaluation_error, 0.01);
  compute_speed_ups(summary);
  // psi was not measured in the reference; evaluations were not counted there.
  ASSERT_EQ(summary.speed_ups.size(), 1u);
  EXPECT_EQ(summary.speed_ups[0].reference, "dynamics");
  EXPECT_EQ(summary.speed_ups[0].observable, "phi");
  EXPECT_NEAR(summary.speed_ups[0].per_cpu_second, 10.0, 1e-14);
  // Relative errors 10 % and 7.5 % add up in quadrature to 12.5 %.
  EXPECT_NEAR(summary.speed_ups[0].per_cpu_second_error, 1.25, 1e-14);
  EXPECT_TRUE(std::isnan(summary.speed_ups[0].per_energy_evaluation));
  EXPECT_TRUE(std::isnan(summary.speed_ups[0].per_energy_evaluation_error));
}

TEST(LadderSummary, SaysWhatWasCounted) {
  RunSummary summary;
  compute_ladder({}, 2.0, summary);
  EXPECT_FALSE(summary.ladder.has_value());
  RoundTrips trips(3, 0, std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5});
  compute_ladder(trips, 2.0, summary);
  ASSERT_TRUE(summary.ladder.has_value());
  EXPECT_EQ(summary.ladder->n_levels, 3u);
  EXPECT_EQ(summary.ladder->n_ladders, 2u);
  EXPECT_EQ(summary.ladder->per_cpu_second, 0.0);
  EXPECT_TRUE(std::isnan(summary.ladder->round_trip_steps));
  EXPECT_EQ(summary.ladder->text(),
            "no replica of 6 has made a round trip yet over 3 temperatures");
  trips.n_round_trips = 8;
  trips.n_steps = 100;
  compute_ladder(trips, 2.0, summary);
  EXPECT_EQ(summary.ladder->per_cpu_second, 4.0);
  EXPECT_EQ(summary.ladder->text(),
            "8 round trips of 6 replicas over 3 temperatures, 12.5 steps each, 4 per CPU second");
}

TEST(LadderSummary, HasNoRateWhenCostsAreThoseOfMore) {
  RunSummary summary;
  RoundTrips trips(3, 40, std::vector<std::uint32_t>{0, 1, 2});
  trips.n_round_trips = 2;
  trips.n_steps = 9;
  compute_ladder(trips, 2.0, summary);
  EXPECT_TRUE(std::isnan(summary.ladder->per_cpu_second));
  summary.ladder->look_period = 10;
  EXPECT_EQ(summary.ladder->text(),
            "2 round trips of 3 replicas over 3 temperatures, 4.5 steps each; counted from step 40 "
            "on; counted in frames, 10 steps apart, so that there may be more");
}

TEST(RunSummary, RefusesImpossibleCosts) {
  EXPECT_EQ(message_of<InputError>([] { compute_efficiency("leaps", {}, 0.0, 1); }),
            "efficiency of leaps with 0 CPU seconds: expected a positive number");
  const SamplerEfficiency unknown =
      compute_efficiency("leaps", {observable("phi", 100.0, 10.0)}, kUnknown, 10);
  EXPECT_TRUE(std::isnan(unknown.observables[0].per_cpu_second));
  EXPECT_EQ(unknown.observables[0].per_energy_evaluation, 10.0);
}

TEST(RunSummary, FindsTheSlowestObservable) {
  EXPECT_EQ(slowest_observable({observable("a", 9.0, 0.0), observable("b", 3.0, 0.0)}), 1u);
  EXPECT_EQ(slowest_observable({observable("a", 9.0, 0.0), observable("b", kUnknown, 0.0)}), 1u);
  EXPECT_EQ(slowest_observable({}), 0u);
}

TEST(RunSummary, HasNoWarningsWhenAllIsWell) {
  RunSummary summary;
  summary.n_chains = 64;
  const std::vector<double> values = autoregressive_chains(0.5, 64, 1000, 21);
  compute_observable("x", "", {values, 64, 1000}, summary);
  compute_moves(table_of(1000, 400, 3), summary);
  compute_warnings(summary);
  EXPECT_THAT(summary.warnings, ElementsAre());
}

TEST(RunSummary, WarnsInWordsOfEverythingDubious) {
  RunSummary summary;
  summary.n_chains = 10;
  summary.approximate_moves = {"langevin"};
  summary.observables = {observable("phi", 30.0, 1.0, 1.25), observable("psi", kUnknown, kUnknown)};
  MoveStatisticsTable table = table_of(100000, 500, 6000);
  table.rows()[0].longest_rejection_run = 50000;
  table.rows()[0].largest_log_ratio = 12.0;
  compute_moves(table, summary);
  compute_warnings(summary);
  EXPECT_THAT(
      summary.warnings,
      ElementsAre(
          "The sampled density is not exactly the target (approximate: langevin is not exact); the "
          "bias depends on the time step and is in no error shown.",
          "phi: split R-hat is 1.25, above 1.01: the chains do not agree yet, and every error "
          "shown "
          "may be too small; run longer.",
          "phi: only 30 effective samples, fewer than 400; run longer.",
          "phi: chains are shorter than 5 autocorrelation times, so they may still depend on their "
          "start.",
          "psi: never changed, so nothing is known about how fast it is sampled.",
          "leap: accepts only 0.5 % of its proposals.",
          "leap: 6 % of its proposals had zero or undefined density.",
          "leap: a chain was rejected 50000 times in a row, where independent rejections would "
          "give "
          "about 1.24e+03: this move rarely leaves some states.",
          "leap: largest log acceptance ratio is 12: the proposal has lighter tails than the "
          "target."));
}

// A flip to a state that is rare is nearly always refused, as it must be.
TEST(RunSummary, DoesNotBlameFlipsForThePopulationsOfStates) {
  for (const bool is_flip : {true, false}) {
    RunSummary summary;
    MoveStatisticsTable table = table_of(100000, 200, 0);
    table.rows()[0].name = is_flip ? "peptide_leap/peptide_bond_flip" : "peptide_leap/residue_1";
    table.rows()[0].longest_rejection_run = 50000;
    compute_moves(table, summary);
    compute_warnings(summary);
    EXPECT_EQ(summary.warnings.empty(), is_flip);
  }
}

/// Chains that agree, compared with a sampler of two observables and a third that never changed.
RunSummary compared(double phi_r_hat, double psi_r_hat, double own_r_hat = 1.0) {
  RunSummary summary;
  summary.n_chains = 10;
  summary.observables = {observable("phi", 900.0, 30.0, own_r_hat),
                         observable("psi", 900.0, 30.0, own_r_hat)};
  summary.samplers = {compute_efficiency("leaps", summary.observables, 1.0, 1),
                      compute_efficiency("dynamics",
                                         {observable("phi", 9.0, 1.0, phi_r_hat),
                                          observable("psi", 8.0, 1.0, psi_r_hat),
                                          observable("omega", kUnknown, kUnknown, kUnknown)},
                                         1.0, 1)};
  compute_speed_ups(summary);
  compute_warnings(summary);
  return summary;
}

TEST(ComparedSamplers, AreNoWarningsOfTheRun) {
  EXPECT_THAT(compared(1.12, 2.0).warnings, ElementsAre());
  // The same R-hat of the run itself is.
  EXPECT_EQ(compared(1.0, 1.0, 1.12).warnings.size(), 2u);
}

TEST(ComparedSamplers, SayWhatTheirOwnNumbersAre) {
  const RunSummary summary = compared(1.12, 1.005);
  const SamplerEfficiency& dynamics = summary.samplers[1];
  EXPECT_EQ(dynamics.caveat(),
            "its chains do not agree yet (split R-hat up to 1.12, phi): its effective samples are "
            "an upper bound, and the speed-up over it a lower bound");
  EXPECT_TRUE(dynamics.observables[0].is_upper_bound());
  EXPECT_FALSE(dynamics.observables[1].is_upper_bound());
  EXPECT_FALSE(dynamics.observables[2].is_upper_bound());
  ASSERT_EQ(summary.speed_ups.size(), 2u);
  EXPECT_TRUE(summary.speed_ups[0].is_lower_bound);
  EXPECT_FALSE(summary.speed_ups[1].is_lower_bound);
  EXPECT_EQ(compared(1.0, 1.01).samplers[1].caveat(), "");
  // The worst is named; one that is not known is no agreement.
  EXPECT_THAT(compared(1.12, 1.5).samplers[1].caveat(), ::testing::HasSubstr("up to 1.5, psi)"));
  EXPECT_THAT(compared(kUnknown, 1.2).samplers[1].caveat(),
              ::testing::HasSubstr("up to 1.2, psi)"));
  EXPECT_TRUE(compared(kUnknown, 1.0).samplers[1].observables[0].is_upper_bound());
}

TEST(ComparedSamplers, GiveNoBoundWhenTheRunHasOnlyOneItself) {
  const RunSummary summary = compared(1.12, 1.12, 1.12);
  EXPECT_FALSE(summary.speed_ups[0].is_lower_bound);
}

TEST(Weights, AreTakenWhenTheyDiffer) {
  RunSummary summary;
  const std::vector<double> equal(4, 2.5), unequal = {0.0, std::log(3.0)};
  compute_weights(equal, summary);
  EXPECT_FALSE(summary.is_weighted());
  EXPECT_EQ(summary.weighting(), "");
  EXPECT_TRUE(std::isnan(summary.kish_share()));
  compute_weights(unequal, summary);
  EXPECT_TRUE(summary.is_weighted());
  EXPECT_DOUBLE_EQ(summary.kish_effective_samples, 1.6);
  EXPECT_DOUBLE_EQ(summary.kish_share(), 0.8);
  EXPECT_EQ(summary.weighting(), "weighted: 2 values count as 1.6 equal ones (Kish)");
  compute_warnings(summary);
  EXPECT_TRUE(summary.warnings.empty());
}

TEST(RunSummary, AddsUpCostsThatAreKnown) {
  EXPECT_TRUE(std::isnan(total_cost({}).energy_evaluations));
  EXPECT_TRUE(std::isnan(total_cost({}).cpu_seconds));
  const TotalCost total = total_cost({{"pilot", 30, 1.5}, {"warm-up", 4, 0.25}});
  EXPECT_EQ(total.energy_evaluations, 34.0);
  EXPECT_EQ(total.cpu_seconds, 1.75);
}

TEST(Weights, OfFewValuesAreAWarning) {
  RunSummary summary;
  std::vector<double> log_weights(40, -1000.0);
  log_weights[7] = 0.0;
  compute_weights(log_weights, summary);
  compute_warnings(summary);
  EXPECT_THAT(summary.warnings,
              ElementsAre("Averages are weighted: 40 values count as 1.0 equal ones (Kish): few "
                          "values carry them, and errors may be too small; more chains, or "
                          "resampling them earlier, helps."));
}

TEST(Weights, ReachTheObservables) {
  RunSummary summary;
  const std::vector<double> values = {1.0, 2.0, 1.0, 2.0};
  const std::vector<double> log_weights = {0.0, std::log(3.0), 0.0, std::log(3.0)};
  compute_observable("x", "", {values, 1, 4, log_weights}, summary);
  EXPECT_DOUBLE_EQ(summary.observables[0].statistics.mean, 1.75);
}

}  // namespace
}  // namespace saltus::engine
