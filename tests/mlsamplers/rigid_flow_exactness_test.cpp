// Oracle: exact draws of held bodies at two temperatures; starts in the answer at both. Each
// planted bug must fail the assertion that correct code passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/moves/replica_exchange.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kLadders = 30000, kBlock = 1000;
/// An exchange leads back to where it came from: a second one would undo what the first one did
/// wrong.
constexpr std::size_t kApplications = 1;
/// 30 projections share alpha, and each has one draw per ladder.
constexpr double kRequiredPower = 0.035;
/// Weights with which a third of exchanges is accepted, and volumes differ by as much as energies.
constexpr double kMisfit = 1.0;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

enum class MapBug {
  kNone,
  kNoVolume,   ///< the determinant of the way to the cold is left out
  kNoInverse,  ///< cold configurations go the way of hot ones
};

/// A flow that fits badly, with a knob.
class BreakableFlowMap final : public TemperatureMap {
 public:
  explicit BreakableFlowMap(MapBug bug)
      : map_({std::make_shared<const mlsamplers::RigidFlowModel>(held().random_flow(kMisfit))},
             held().bodies()),
        bug_(bug) {}
  std::string name() const override { return "breakable_flow_map"; }
  ReferenceMeasure measure() const override { return map_.measure(); }
  MappedConfigurations map(const ChainView& from,
                           Span<const double> temperatures_K) const override {
    std::vector<ThermodynamicState> states(from.states.begin(), from.states.end());
    std::vector<double> to_K(temperatures_K.begin(), temperatures_K.end());
    if (bug_ == MapBug::kNoInverse)
      for (std::size_t c = 0; c < states.size(); ++c)
        if (states[c].temperature_K < to_K[c]) std::swap(states[c].temperature_K, to_K[c]);
    MappedConfigurations result = map_.map({from.positions, states, from.first_chain}, to_K);
    for (std::size_t c = 0; c < to_K.size(); ++c) {
      if (bug_ == MapBug::kNoVolume && to_K[c] < from.states[c].temperature_K)
        result.log_volumes[c] = 0.0;
    }
    return result;
  }

 private:
  mlsamplers::RigidFlowMap map_;
  MapBug bug_;
};

struct ExchangeCheck {
  DistributionCheck worst;
  double acceptance = 0.0;
};

ChainBatch level_of(const ChainBatch& chains, std::size_t level) {
  ChainBatch result(chains.n_chains() / 2, chains.n_atoms(), chains.states[level]);
  for (std::size_t i = 0; i < result.n_chains(); ++i)
    std::copy_n(chains.positions.chain(2 * i + level).begin(), 3 * chains.n_atoms(),
                result.positions.chain(i).begin());
  return result;
}

ExchangeCheck check_exchange(const std::shared_ptr<const TemperatureMap>& map, std::uint64_t seed,
                             std::size_t n_ladders = kLadders) {
  const ReplicaExchange move(2, map);
  ChainBatch all(2 * n_ladders, held().bodies()->n_atoms(), {HeldBodies::kCold_K});
  double accepted = 0.0, tried = 0.0;
  for (std::size_t first = 0; first < n_ladders; first += kBlock) {
    const std::uint64_t block_seed = test_seed(seed) + first;
    const ChainBatch cold = held().draw(kBlock, HeldBodies::kCold_K, block_seed),
                     hot = held().draw(kBlock, HeldBodies::kHot_K, block_seed + 1);
    ChainBatch chains(2 * kBlock, all.n_atoms(), {HeldBodies::kCold_K});
    chains.positions = CoordinateBatch::like(cold.positions.view(), 2 * kBlock);
    for (std::size_t i = 0; i < kBlock; ++i) {
      chains.copy_configuration(cold, i, 2 * i);
      chains.copy_configuration(hot, i, 2 * i + 1);
      chains.states[2 * i + 1].temperature_K = HeldBodies::kHot_K;
    }
    for (std::uint64_t step = 0; step < kApplications; ++step) {
      // A pair exchanges in even steps.
      const auto info = move.apply(chains, held().target(), {block_seed + 2, 2 * step});
      for (const Outcome outcome : info.records.at(0).outcomes) {
        tried += outcome != Outcome::kNotApplied ? 1.0 : 0.0;
        accepted += outcome == Outcome::kAccepted ? 1.0 : 0.0;
      }
    }
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      std::copy_n(chains.positions.chain(c).begin(), 3 * all.n_atoms(),
                  all.positions.chain(2 * first + c).begin());
  }
  std::vector<Projection> projections = held().projections(level_of(all, 0), HeldBodies::kCold_K);
  for (Projection& projection : held().projections(level_of(all, 1), HeldBodies::kHot_K)) {
    projection.label = "hot " + projection.label;
    projections.push_back(std::move(projection));
  }
  return {check_projections(std::move(projections)), accepted / tried};
}

TEST(RigidFlowExactness, StartIsTheAnswer) {
  expect_projections(held().projections(held().draw(kLadders, HeldBodies::kHot_K, test_seed(30)),
                                        HeldBodies::kHot_K),
                     kRequiredPower);
}

TEST(RigidFlowExactness, ExchangeIsExactAtBothTemperatures) {
  const auto map = std::make_shared<mlsamplers::RigidFlowMap>(
      std::vector<std::shared_ptr<const mlsamplers::RigidFlowModel>>{
          std::make_shared<const mlsamplers::RigidFlowModel>(held().random_flow(kMisfit))},
      held().bodies());
  const ExchangeCheck check = check_exchange(map, 31000000);
  expect_passed(check.worst, kRequiredPower);
  EXPECT_GT(check.acceptance, 0.1);
  EXPECT_LT(check.acceptance, 0.9) << "the rule must matter";
}

TEST(RigidFlowExactness, TheHarmonicMapIsAcceptedMoreOftenThanNoMap) {
  const auto map = std::make_shared<mlsamplers::RigidFlowMap>(
      std::vector<std::shared_ptr<const mlsamplers::RigidFlowModel>>{
          std::make_shared<const mlsamplers::RigidFlowModel>(held().flow())},
      held().bodies());
  EXPECT_GT(check_exchange(map, 32000000, kBlock).acceptance,
            1.5 * check_exchange(nullptr, 32000000, kBlock).acceptance);
}

TEST(RigidFlowExactness, PlantedBugsAreCaught) {
  expect_passed(check_exchange(std::make_shared<BreakableFlowMap>(MapBug::kNone), 33000000).worst,
                kRequiredPower);
  for (const MapBug bug : {MapBug::kNoVolume, MapBug::kNoInverse}) {
    SCOPED_TRACE(static_cast<int>(bug));
    expect_caught(check_exchange(std::make_shared<BreakableFlowMap>(bug), 33000000).worst);
  }
}

}  // namespace
}  // namespace saltus::tests
