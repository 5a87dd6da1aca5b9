// Oracle: cyclohexane, whose two chairs are mirror images of each other.
#include "engine/rings/find_ring_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "engine/core/thread_pool.h"
#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/rings/ring_flip.h"
#include "tests/support/cyclohexane.h"

namespace saltus::tests {
namespace {

using namespace engine;
using testing::ElementsAre;

constexpr std::size_t kAtoms = Cyclohexane::kAtoms;

RingSearch search_of(const Cyclohexane& molecule, const RingSearchOptions& options = {}) {
  return find_ring_states(
      {molecule.graph(), molecule.target(), moving_particles(molecule.system()), {}},
      Cyclohexane::start(), options);
}

/// Numbers of the two chairs among the states, or of nothing.
std::vector<std::size_t> chairs_of(const RingStates& states) {
  std::vector<std::size_t> chairs;
  for (std::size_t s = 0; s < states.size(); ++s) {
    const auto& torsions = states[s].torsions;
    if (std::all_of(torsions.begin(), torsions.end(), [](double angle) {
          return std::abs(std::abs(angle) - 55.0 * kRadianPerDegree) < 8.0 * kRadianPerDegree;
        }))
      chairs.push_back(s);
  }
  return chairs;
}

TEST(FindRingStates, FindsTheOtherChairFromOne) {
  const RingSearch search = search_of(Cyclohexane());
  EXPECT_TRUE(search.without_moves.empty());
  ASSERT_EQ(search.systems.size(), 1u);
  const RingStates& states = *search.systems[0];
  EXPECT_THAT(chairs_of(states), ElementsAre(0, 1));
  for (std::size_t t = 0; t < 6; ++t)
    EXPECT_NEAR(states[0].torsions[t], -states[1].torsions[t], 0.01);
  // Mirror images have one population; the guess is by some hundred correlated frames.
  EXPECT_NEAR(states[0].log_weight, states[1].log_weight, 1.5);
  for (std::size_t s = 2; s < states.size(); ++s)
    EXPECT_LT(states[s].log_weight, states[0].log_weight - 2.0);
  const CoordinateBatch start = Cyclohexane::start();
  const auto x = start.view().chain(0);
  const std::size_t nearest = states.nearest(x);
  ASSERT_LT(nearest, 2u);
  EXPECT_GT(quartet_angle(x, states.system().torsions[0]) * states[nearest].torsions[0], 0.0);
}

TEST(FindRingStates, MakesFlipsThatAreOftenAccepted) {
  const Cyclohexane molecule;
  const RingSearch search = search_of(molecule);
  constexpr std::size_t kChains = 64, kSteps = 40;
  ChainBatch chains(kChains, kAtoms, {300.0});
  for (std::size_t c = 0; c < kChains; ++c)
    chains.positions.copy_chain(Cyclohexane::start().view(), 0, c);
  molecule.target().refresh(chains);
  HamiltonianOptions options;
  options.time_step_ps = 0.0015;
  const HamiltonianMonteCarlo hmc(options, moving_particles(molecule.system()));
  const Metropolis flips(std::make_shared<RingFlip>(search.systems));
  std::size_t n_accepted = 0, n_first = 0;
  const std::size_t chair = search.systems[0]->nearest(chains.positions.view().chain(0));
  for (std::uint64_t step = 0; step < kSteps; ++step) {
    hmc.apply(chains, molecule.target(), StepKey{1, step}.child(0));
    const auto records = flips.apply(chains, molecule.target(), StepKey{1, step}.child(1)).records;
    if (step < kSteps / 4) continue;
    const auto& outcomes = records.at(0).outcomes;
    n_accepted +=
        static_cast<std::size_t>(std::count(outcomes.begin(), outcomes.end(), Outcome::kAccepted));
    for (std::size_t c = 0; c < kChains; ++c)
      n_first += search.systems[0]->nearest(chains.positions.view().chain(c)) == chair ? 1 : 0;
  }
  constexpr double kTried = 64.0 * 30.0;
  EXPECT_GT(static_cast<double>(n_accepted), 0.1 * kTried);
  // Both chairs, however all chains began in one.
  EXPECT_NEAR(static_cast<double>(n_first) / kTried, 0.5, 0.15);
}

TEST(FindRingStates, DependsOnTheSeedAlone) {
  const RingSearch one = search_of(Cyclohexane());
  const RingSearch two = search_of(Cyclohexane(std::make_shared<ThreadPool>(2)));
  ASSERT_EQ(one.systems.size(), two.systems.size());
  ASSERT_EQ(one.systems[0]->size(), two.systems[0]->size());
  for (std::size_t s = 0; s < one.systems[0]->size(); ++s) {
    EXPECT_EQ((*one.systems[0])[s].mean, (*two.systems[0])[s].mean);
    EXPECT_EQ((*one.systems[0])[s].covariance, (*two.systems[0])[s].covariance);
  }
}

TEST(FindRingStates, TakesOnlyWhatIsAccepted) {
  const Cyclohexane molecule;
  const auto accepts = [](Span<const double> x) { return quartet_angle(x, {0, 1, 2, 3}) < 0.0; };
  const RingSearch search = find_ring_states(
      {molecule.graph(), molecule.target(), moving_particles(molecule.system()), accepts},
      Cyclohexane::start(), {});
  for (const auto& states : search.systems) EXPECT_LE(chairs_of(*states).size(), 1u);
}

TEST(FindRingStates, SaysWhatItLeavesOut) {
  RingSearchOptions options;
  options.max_coordinates = 47;
  RingSearch search = search_of(Cyclohexane(), options);
  EXPECT_TRUE(search.systems.empty());
  EXPECT_THAT(search.without_moves,
              ElementsAre("ring of atom 1 (6 atoms): too large for ring moves"));
  options = {};
  options.deadline = std::chrono::steady_clock::now();
  search = search_of(Cyclohexane(), options);
  EXPECT_TRUE(search.systems.empty());
  EXPECT_THAT(search.without_moves,
              ElementsAre("ring of atom 1 (6 atoms): no time to look for its shapes"));
}

TEST(AlignHydrogens, GivesThemTheirPlacesInTheFirstChain) {
  const auto first = Cyclohexane::start();
  CoordinateBatch x = CoordinateBatch::repeated(first.view(), 2);
  const auto changed = x.chain(1);
  for (const std::size_t h : {std::size_t{8}, std::size_t{12}})
    std::swap_ranges(changed.begin() + static_cast<std::ptrdiff_t>(3 * h),
                     changed.begin() + static_cast<std::ptrdiff_t>(3 * h + 3),
                     changed.begin() + static_cast<std::ptrdiff_t>(3 * h + 3));
  ASSERT_NE(x.values(), CoordinateBatch::repeated(first.view(), 2).values());
  align_hydrogens(*Cyclohexane().graph(), x);
  EXPECT_EQ(x.values(), CoordinateBatch::repeated(first.view(), 2).values());
}

TEST(AlignHydrogens, LeavesOtherSubstituentsWhereTheyAre) {
  TorsionGraph graph = *Cyclohexane().graph();
  graph.atoms[8].atomic_number = 17;
  CoordinateBatch x = CoordinateBatch::repeated(Cyclohexane::start().view(), 2);
  const auto changed = x.chain(1);
  std::swap_ranges(changed.begin() + 24, changed.begin() + 27, changed.begin() + 27);
  const std::vector<double> before = x.values();
  align_hydrogens(graph, x);
  EXPECT_EQ(x.values(), before);
}

}  // namespace
}  // namespace saltus::tests
