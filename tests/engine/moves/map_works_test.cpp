// Oracle: the map x' = sqrt(T' / T) x of harmonic oscillators, whose work is the exact difference
// of free energies, -3 N / 2 log(T' / T), at every configuration; and formulas by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/temperature_images.h"
#include "engine/potential/decorators.h"
#include "tests/support/exact_start.h"
#include "tests/support/scaling_map.h"

namespace saltus::tests {
namespace {

constexpr std::size_t kAtoms = 2, kLevels = 3, kLadders = 2;
const std::vector<double> kLadder_K = {300.0, 400.0, 650.0};

struct Wells {
  std::shared_ptr<engine::EvaluationCount> count = std::make_shared<engine::EvaluationCount>(0);
  engine::HarmonicWell well{kAtoms, 500.0};
  engine::Canonical target{std::make_shared<engine::CountingEnergy>(
                               std::make_shared<engine::HarmonicWell>(kAtoms, 500.0), count),
                           engine::ReferenceMeasure::kCartesian};

  engine::ChainBatch chains() const {
    engine::ChainBatch result =
        draw_exact_chains(well, kLadders * kLevels, kLadder_K[0], {12.0, 12.0}, 5);
    for (std::size_t c = 0; c < result.n_chains(); ++c)
      result.states[c].temperature_K = kLadder_K[c % kLevels];
    return result;
  }
};

TEST(MapWorks, OfTheExactMapAreFreeEnergies) {
  const Wells wells;
  const engine::ChainBatch chains = wells.chains();
  const auto works = engine::map_works(chains, kLevels, ScalingMap(1.0), wells.target);
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const std::size_t level = c % kLevels;
    const auto exact = [&](std::size_t to) {
      return -1.5 * kAtoms * std::log(kLadder_K[to] / kLadder_K[level]);
    };
    // Rounding of energies of some kT.
    EXPECT_NEAR(works.to_next[c], level + 1 < kLevels ? exact(level + 1) : 0.0, 1e-12);
    EXPECT_NEAR(works.to_previous[c], level > 0 ? exact(level - 1) : 0.0, 1e-12);
  }
}

TEST(MapWorks, OfNoMapAreDifferencesOfPotentials) {
  const Wells wells;
  const engine::ChainBatch chains = wells.chains();
  const auto works = engine::map_works(chains, kLevels, ScalingMap(0.0), wells.target);
  const double step = chains.states[1].beta() - chains.states[0].beta();
  EXPECT_NEAR(works.to_next[0], step * chains.energies[0], 1e-12);
  EXPECT_NEAR(works.to_previous[1], -step * chains.energies[1], 1e-12);
}

TEST(MapWorks, AreWhatExchangesAreDecidedBy) {
  const Wells wells;
  engine::ChainBatch chains = wells.chains();
  const auto map = std::make_shared<ScalingMap>(0.4);
  const auto works = engine::map_works(chains, kLevels, *map, wells.target);
  const auto info = engine::ReplicaExchange(kLevels, map).apply(chains, wells.target, {3, 0});
  for (const std::size_t low : {std::size_t{0}, kLevels})
    EXPECT_NEAR(info.records[0].log_ratios[low], -works.to_next[low] - works.to_previous[low + 1],
                1e-12);
}

TEST(MapWorks, AreInfiniteWithoutAnImage) {
  const Wells wells;
  engine::ChainBatch chains = wells.chains();
  const double limit = 0.0;
  chains.positions.chain(0)[0] = -0.01;
  chains.positions.chain(1)[0] = 0.01;
  wells.target.refresh(chains);
  const auto works = engine::map_works(chains, kLevels, ScalingMap(1.0, limit), wells.target);
  EXPECT_TRUE(std::isfinite(works.to_next[0]));
  EXPECT_EQ(works.to_next[1], std::numeric_limits<double>::infinity());
  EXPECT_EQ(works.to_previous[1], std::numeric_limits<double>::infinity());
  EXPECT_EQ(works.to_previous[0], 0.0);
}

TEST(MapWorks, CostTwoEvaluationsAPair) {
  const Wells wells;
  const engine::ChainBatch chains = wells.chains();
  const auto before = wells.count->load();
  engine::map_works(chains, kLevels, ScalingMap(1.0), wells.target);
  EXPECT_EQ(wells.count->load() - before, 2 * (kLevels - 1) * kLadders);
}

TEST(MapWorks, RefuseWhatDoesNotFit) {
  const Wells wells;
  const engine::ChainBatch chains = wells.chains();
  EXPECT_THROW(engine::map_works(chains, 4, ScalingMap(1.0), wells.target), engine::InputError);
  EXPECT_THROW(
      engine::map_works(chains, kLevels,
                        ScalingMap(1.0, 0.0, engine::ReferenceMeasure::kTorsionsAtFixedBonds),
                        wells.target),
      engine::InputError);
}

}  // namespace
}  // namespace saltus::tests
