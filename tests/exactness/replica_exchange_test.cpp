// Oracle: exact draws of a double well at each temperature; starts in the answer. Planted bugs show
// the production move distorted energies, which equals an error in its rule.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/units.h"
#include "engine/moves/composites.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/replica_exchange.h"
#include "tests/exactness/planted_bugs.h"
#include "tests/exactness/wells.h"

namespace saltus::tests {
namespace {

const std::vector<double> kLadder_K = {300.0, 400.0, 530.0, 700.0};
constexpr std::size_t kLadders = 66667;
/// Positions and velocities of up to four temperatures share alpha.
constexpr double kRequiredPower = 0.012;

/// Chain = ladder * size + level, each level drawn exactly at its temperature.
engine::ChainBatch draw_ladders(const Wells& wells, const std::vector<double>& temperatures,
                                std::uint64_t seed) {
  const std::size_t size = temperatures.size();
  engine::ChainBatch chains(kLadders * size, 1, {});
  for (std::size_t level = 0; level < size; ++level) {
    const engine::ChainBatch drawn = draw_exact_chains(*wells.energy, kLadders, temperatures[level],
                                                       wells.masses, test_seed(seed + level));
    for (std::size_t ladder = 0; ladder < kLadders; ++ladder) {
      const std::size_t c = ladder * size + level;
      chains.states[c] = drawn.states[ladder];
      chains.energies[c] = drawn.energies[ladder];
      for (std::size_t d = 0; d < 3; ++d) {
        chains.positions.chain(c)[d] = drawn.positions.chain(ladder)[d];
        chains.velocities.chain(c)[d] = drawn.velocities.chain(ladder)[d];
      }
    }
  }
  return chains;
}

/// Positions and velocities of each level against its own temperature.
DistributionCheck check_levels(const Wells& wells, const std::vector<double>& temperatures,
                               const engine::ChainBatch& chains) {
  std::vector<Projection> projections;
  const std::vector<double> velocities = reduced_velocities(chains, wells.masses);
  for (std::size_t level = 0; level < temperatures.size(); ++level) {
    const auto density = wells.energy->density(temperatures[level]);
    Projection projection{"level " + std::to_string(level), {}, [density](double x) {
                            return density.cumulative(x);
                          }};
    for (std::size_t c = level; c < chains.n_chains(); c += temperatures.size())
      for (double x : chains.positions.chain(c)) projection.values.push_back(x);
    projections.push_back(std::move(projection));
    projections.push_back(
        {"velocities of level " + std::to_string(level), {}, standard_normal_cdf});
    for (std::size_t i = 0; i < velocities.size(); ++i)
      if (i / 3 % temperatures.size() == level) projections.back().values.push_back(velocities[i]);
  }
  return check_projections(std::move(projections));
}

TEST(ReplicaExchangeExactness, IsExactAtEveryTemperature) {
  const Wells wells;
  engine::ChainBatch chains = draw_ladders(wells, kLadder_K, 40);
  apply_repeatedly(engine::ReplicaExchange(kLadder_K.size()), chains, wells.target, 16,
                   test_seed(50));
  expect_passed(check_levels(wells, kLadder_K, chains), kRequiredPower);
}

TEST(ReplicaExchangeExactness, IsExactTogetherWithLocalMoves) {
  const Wells wells;
  const std::vector<double> pair = {300.0, 450.0};
  engine::ChainBatch chains = draw_ladders(wells, pair, 60);
  const auto local = std::make_shared<engine::Metropolis>(
      std::make_shared<StateDependentGaussian>(0.06, Wells::kHalfDistance_nm));
  const auto exchange = std::make_shared<engine::ReplicaExchange>(2);
  apply_repeatedly(engine::Sequence({{local, 2}, {exchange, 1}}), chains, wells.target, 16,
                   test_seed(51));
  expect_passed(check_levels(wells, pair, chains), kRequiredPower);
}

/// Runs two temperatures with the energies shown to the move changed; nothing evaluates them again.
template <class Distortion>
DistributionCheck check_distorted(const Distortion& distorted) {
  const Wells wells;
  const std::vector<double> pair = {300.0, 450.0};
  engine::ChainBatch chains = draw_ladders(wells, pair, 60);
  for (double& energy : chains.energies) energy = distorted(energy);
  // One pair swaps in even steps only; nine swaps, an odd number, so that swapping always shows.
  apply_repeatedly(engine::ReplicaExchange(2), chains, wells.target, 18, test_seed(52));
  return check_levels(wells, pair, chains);
}

TEST(ReplicaExchangeExactness, UndistortedEnergiesPass) {
  expect_passed(check_distorted([](double e) { return e; }), kRequiredPower);
}

TEST(ReplicaExchangeExactness, WrongSignIsCaught) {
  expect_caught(check_distorted([](double e) { return -e; }));
}

TEST(ReplicaExchangeExactness, MissingBetaDifferenceIsCaught) {
  const double difference =
      engine::ThermodynamicState{300.0}.beta() - engine::ThermodynamicState{450.0}.beta();
  expect_caught(check_distorted([difference](double e) { return e / difference; }));
}

TEST(ReplicaExchangeExactness, IgnoredEnergiesAreCaught) {
  expect_caught(check_distorted([](double) { return 0.0; }));
}

TEST(ReplicaExchangeExactness, UnscaledVelocitiesAreCaught) {
  const Wells wells;
  const std::vector<double> pair = {300.0, 450.0};
  engine::ChainBatch chains = draw_ladders(wells, pair, 60);
  // After one step a chain's accepted partner has scaled its velocities; undo that.
  const auto info = engine::ReplicaExchange(2).apply(chains, wells.target, {test_seed(53), 0});
  const double scale = std::sqrt(pair[1] / pair[0]);
  for (std::size_t c = 0; c < chains.n_chains(); c += 2) {
    if (info.records.at(0).outcomes[c] != engine::Outcome::kAccepted) continue;
    for (double& v : chains.velocities.chain(c)) v *= scale;
    for (double& v : chains.velocities.chain(c + 1)) v /= scale;
  }
  expect_caught(check_levels(wells, pair, chains));
}

}  // namespace
}  // namespace saltus::tests
