// Oracles: sequences of exchanges counted by hand; replicas that move at every step; the random
// walk of a ladder of equal temperatures; the rate of round trips of a ladder whose levels are
// drawn afresh before every exchange (Syed et al., J. R. Stat. Soc. B 84, 321 (2022),
// doi:10.1111/rssb.12464, theorem 1); an uninterrupted run. Labels that are wrong are caught.
#include "engine/run/round_trips.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/replica_exchange.h"
#include "engine/potential/analytic.h"
#include "engine/run/simulation.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using namespace engine;
using Labels = std::vector<std::uint32_t>;

const Canonical& target() {
  static const Canonical well(std::make_shared<HarmonicWell>(1, 800.0),
                              ReferenceMeasure::kCartesian);
  return well;
}

TEST(RoundTrips, AreCountedFromTheLowestLevelToTheHighestAndBack) {
  RoundTrips trips(3, 0, Labels{0, 1, 2});
  EXPECT_TRUE(std::isnan(trips.mean_steps()));
  trips.add(1, Labels{1, 0, 2});
  trips.add(2, Labels{1, 2, 0});  // replica 0 is at the top
  trips.add(3, Labels{1, 0, 2});
  EXPECT_EQ(trips.n_round_trips, 0u);
  trips.add(4, Labels{0, 1, 2});  // and back, 4 steps after its beginning
  EXPECT_EQ(trips.n_round_trips, 1u);
  EXPECT_EQ(trips.n_steps, 4u);
  trips.add(5, Labels{0, 2, 1});
  trips.add(6, Labels{0, 1, 2});
  trips.add(7, Labels{1, 0, 2});  // replica 1, which was at the bottom first in step 1
  EXPECT_EQ(trips.n_round_trips, 2u);
  EXPECT_EQ(trips.n_steps, 4u + 6u);
  EXPECT_EQ(trips.mean_steps(), 5.0);
  trips.add(8, Labels{1, 2, 0});
  // Replica 2 began at the top: from there to the bottom is no round trip.
  trips.add(9, Labels{2, 1, 0});
  EXPECT_EQ(trips.n_round_trips, 2u);
  trips.add(10, Labels{0, 1, 2});
  EXPECT_EQ(trips.n_round_trips, 3u);
  EXPECT_EQ(trips.n_steps, 4u + 6u + 6u);
}

TEST(RoundTrips, CountAStepOnce) {
  RoundTrips trips(2, 0, Labels{0, 1});
  for (int again = 0; again < 3; ++again) trips.add(1, Labels{1, 0});
  for (int again = 0; again < 3; ++again) trips.add(2, Labels{0, 1});
  EXPECT_EQ(trips.n_round_trips, 1u);
  EXPECT_EQ(trips.n_steps, 2u);
}

TEST(RoundTrips, AreThoseOfAllLadders) {
  RoundTrips trips(2, 5, Labels{0, 1, 2, 3});
  trips.add(6, Labels{1, 0, 3, 2});
  trips.add(7, Labels{0, 1, 3, 2});
  trips.add(8, Labels{0, 1, 2, 3});
  EXPECT_EQ(trips.first_step, 5u);
  EXPECT_EQ(trips.n_round_trips, 2u);
  EXPECT_EQ(trips.n_steps, 2u + 3u);
}

TEST(RoundTrips, OfNoLadderAreNotCounted) {
  RoundTrips none;
  none.add(1, Labels{0, 0, 7});
  EXPECT_EQ(none.n_round_trips, 0u);
}

TEST(RoundTrips, RefuseWhatCannotBe) {
  EXPECT_EQ(message_of<InternalError>([] {
              RoundTrips(3, 0, Labels{0, 1, 2, 3});
            }),
            "round trips: 4 chains are no ladders of 3");
  EXPECT_EQ(message_of<InternalError>([] {
              RoundTrips(1, 0, Labels{0, 1});
            }),
            "round trips: 2 chains are no ladders of 1");
  RoundTrips trips(2, 0, Labels{0, 1});
  EXPECT_EQ(message_of<InternalError>([&] {
              trips.add(1, Labels{0, 1, 2, 3});
            }),
            "round trips: 4 chains, there were 2");
  const std::string where = ", which is at another place, too, or is none of this run";
  EXPECT_EQ(message_of<InternalError>([&] {
              trips.add(1, Labels{1, 1});
            }),
            "round trips: chain 1 holds replica 1" + where);
  EXPECT_EQ(message_of<InternalError>([&] {
              trips.add(1, Labels{5, 1});
            }),
            "round trips: chain 0 holds replica 5" + where);
}

/// What is done with the labels after an exchange: nothing, or what an error would do.
enum class LabelBug { kNone, kStayBehind, kGoThoughRejected };

void plant(LabelBug bug, const Labels& before, const TransitionInfo& info, ChainBatch& chains) {
  if (bug == LabelBug::kNone) return;
  chains.replicas = before;
  if (bug == LabelBug::kStayBehind) return;
  const std::vector<Outcome>& outcomes = info.records.at(0).outcomes;
  for (std::size_t c = 0; c < outcomes.size(); ++c)
    if (outcomes[c] != Outcome::kNotApplied) std::swap(chains.replicas[c], chains.replicas[c + 1]);
}

/// Every exchange between equal temperatures is accepted, so that replicas go up and down without
/// a rest: 2 K steps a round trip over K levels, two of them waiting at the ends. In 2 K m steps
/// the replica that begins at the bottom makes m trips, the first of 2 K - 1 steps, others m - 1.
RoundTrips at_equal_temperatures(LabelBug bug) {
  constexpr std::size_t kLevels = 5, kLadders = 3, kTimes = 7;
  ChainBatch chains(kLevels * kLadders, 1, {300.0});
  const ReplicaExchange exchange(kLevels);
  RoundTrips trips(kLevels, 0, chains.replicas);
  for (std::uint64_t step = 0; step < 2 * kLevels * kTimes; ++step) {
    const Labels before = chains.replicas;
    const TransitionInfo info = exchange.apply(chains, target(), {test_seed(70), step});
    plant(bug, before, info, chains);
    trips.add(step + 1, chains.replicas);
  }
  return trips;
}

TEST(RoundTrips, OfReplicasThatAlwaysMoveTakeTwiceTheLevels) {
  const RoundTrips trips = at_equal_temperatures(LabelBug::kNone);
  EXPECT_EQ(trips.n_round_trips, 3u * (5u * 6u + 1u));
  EXPECT_EQ(trips.n_steps, 3u * (31u * 10u - 1u));
}

TEST(RoundTrips, LabelsThatStayBehindAreCaught) {
  EXPECT_EQ(at_equal_temperatures(LabelBug::kStayBehind).n_round_trips, 0u);
}

/// Numbers of several ladders: what was expected, and how far their mean is from it.
struct RateCheck {
  double expected = 0.0, mean = 0.0, error = 0.0;

  double deviation() const { return std::abs(mean - expected); }
  /// Five standard errors from the spread of the ladders, and 1 % for rates that are estimates.
  bool passed() const { return deviation() < 5.0 * error + 0.01 * expected; }
};

RateCheck compare(const std::vector<double>& values, double expected) {
  const auto n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (double value : values) sum += value;
  for (double value : values) squares += (value - sum / n) * (value - sum / n);
  return {expected, sum / n, std::sqrt(squares / (n * (n - 1.0)))};
}

/// Equal temperatures, and whether even or odd pairs exchange is drawn: each replica walks at
/// random over N + 1 levels, reflected at the ends, where it waits every other time. Up takes
/// sum_{i<N} 2 (i + 1) = N (N + 1) steps on average, down as many: of N + 1 replicas one in
/// 2 N steps.
TEST(RoundTrips, OfRandomWalksComeAtTheirRate) {
  constexpr std::size_t kLevels = 4, kLadders = 24, kSteps = 6000, kBefore = 500;
  const ReplicaExchange exchange(kLevels);
  std::vector<double> rates;
  for (std::uint32_t ladder = 0; ladder < kLadders; ++ladder) {
    ChainBatch chains(kLevels, 1, {300.0});
    RoundTrips trips(kLevels, 0, chains.replicas);
    RandomStream parity({test_seed(71), 0}, StreamName::kTest, ladder);
    std::uint64_t before = 0;
    for (std::uint64_t step = 1; step <= kSteps; ++step) {
      exchange.apply(chains, target(), {1, parity.uniform() < 0.5 ? 0U : 1U});
      trips.add(step, chains.replicas);
      if (step == kBefore) before = trips.n_round_trips;
    }
    rates.push_back(static_cast<double>(trips.n_round_trips - before) / (kSteps - kBefore));
  }
  const RateCheck check = compare(rates, 1.0 / (2.0 * (kLevels - 1)));
  EXPECT_TRUE(check.passed()) << check.mean << " +- " << check.error << " for " << check.expected;
  EXPECT_LT(check.error, 0.02 * check.expected);
}

/// Energies of each level are drawn anew before every exchange (8 harmonic degrees of freedom), so
/// that a pair is rejected with the same probability r every time, whatever happened before. With
/// even and odd pairs in turn a ladder then makes 1 / (2 + 2 sum r / (1 - r)) trips a step; before
/// the first 300 steps are over, replicas are where they began.
RateCheck at_independent_levels(LabelBug bug) {
  const std::vector<double> temperatures_K = {300.0, 400.0, 530.0, 700.0};
  constexpr std::size_t kLadders = 64, kSteps = 1800, kBefore = 300, kDegrees = 8;
  const std::size_t n_levels = temperatures_K.size();
  ChainBatch chains(kLadders * n_levels, 1, {});
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    chains.states[c].temperature_K = temperatures_K[c % n_levels];
  const Labels first = [&] {
    Labels labels;
    for (std::size_t level = 0; level < n_levels; ++level)
      labels.push_back(static_cast<std::uint32_t>(level));
    return labels;
  }();
  std::vector<RoundTrips> trips(kLadders, RoundTrips(n_levels, 0, first));
  std::vector<double> tried(n_levels - 1, 0.0), rejected(n_levels - 1, 0.0), counts(kLadders, 0.0);
  const ReplicaExchange exchange(n_levels);
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      RandomStream stream({test_seed(72), step}, StreamName::kTest, static_cast<std::uint32_t>(c));
      double squares = 0.0;
      for (std::size_t d = 0; d < kDegrees; ++d) squares += std::pow(stream.normal(), 2);
      chains.energies[c] = 0.5 * squares * kGasConstant * chains.states[c].temperature_K;
    }
    const Labels before = chains.replicas;
    const TransitionInfo info = exchange.apply(chains, target(), {test_seed(73), step});
    const std::vector<Outcome>& outcomes = info.records.at(0).outcomes;
    for (std::size_t c = 0; c < outcomes.size(); ++c) {
      if (outcomes[c] == Outcome::kNotApplied) continue;
      tried[c % n_levels] += 1.0;
      if (outcomes[c] == Outcome::kRejected) rejected[c % n_levels] += 1.0;
    }
    plant(bug, before, info, chains);
    for (std::size_t ladder = 0; ladder < kLadders; ++ladder) {
      Labels labels = first;
      for (std::size_t level = 0; level < n_levels; ++level)
        labels[level] = chains.replicas[ladder * n_levels + level] -
                        static_cast<std::uint32_t>(ladder * n_levels);
      trips[ladder].add(step + 1, labels);
      if (step + 1 == kBefore) counts[ladder] = -static_cast<double>(trips[ladder].n_round_trips);
    }
  }
  double sum = 0.0;
  for (std::size_t pair = 0; pair + 1 < n_levels; ++pair) {
    const double r = rejected[pair] / tried[pair];
    sum += r / (1.0 - r);
  }
  for (std::size_t ladder = 0; ladder < kLadders; ++ladder)
    counts[ladder] += static_cast<double>(trips[ladder].n_round_trips);
  return compare(counts, (kSteps - kBefore) / (2.0 + 2.0 * sum));
}

TEST(RoundTrips, OfIndependentLevelsComeAtTheirRate) {
  const RateCheck check = at_independent_levels(LabelBug::kNone);
  EXPECT_TRUE(check.passed()) << check.mean << " +- " << check.error << " for " << check.expected;
  EXPECT_LT(check.error, 0.02 * check.expected);
}

TEST(RoundTrips, LabelsThatMoveWithoutTheirConfigurationsAreCaught) {
  EXPECT_FALSE(at_independent_levels(LabelBug::kGoThoughRejected).passed());
  EXPECT_FALSE(at_independent_levels(LabelBug::kStayBehind).passed());
}

TEST(RoundTrips, OfAResumedRunAreThoseOfAWholeOne) {
  constexpr std::size_t kLevels = 3;
  const auto advance = [&](std::uint64_t first, std::uint64_t last, ChainBatch& chains,
                           RoundTrips& trips) {
    SimulationOptions options;
    options.seed = test_seed(74);
    options.first_step = first;
    options.n_steps = last;
    options.energy_check_period = 0;
    Simulation simulation(std::make_shared<ReplicaExchange>(kLevels), target(), options);
    simulation.add_reporter(std::make_shared<RoundTripReporter>(trips));
    simulation.run(chains, {});
  };
  ChainBatch start(2 * kLevels, 1, {});
  for (std::size_t c = 0; c < start.n_chains(); ++c) {
    start.states[c].temperature_K = 300.0 + 40.0 * static_cast<double>(c % kLevels);
    start.energies[c] = 3.0 * static_cast<double>((5 * c) % 7);
  }
  ChainBatch whole = start, parts = start;
  RoundTrips expected(kLevels, 0, start.replicas), trips = expected;
  advance(0, 400, whole, expected);
  std::uint64_t done = 0;
  for (const std::uint64_t until : {1, 38, 39, 200, 400}) {
    // A resumed run looks at its start again.
    trips.add(done, parts.replicas);
    advance(done, until, parts, trips);
    done = until;
  }
  EXPECT_GT(expected.n_round_trips, 10u);
  EXPECT_EQ(trips.n_round_trips, expected.n_round_trips);
  EXPECT_EQ(trips.n_steps, expected.n_steps);
  EXPECT_EQ(trips.phases, expected.phases);
  EXPECT_EQ(trips.begun, expected.begun);
  EXPECT_EQ(parts.replicas, whole.replicas);
}

}  // namespace
}  // namespace saltus::tests
