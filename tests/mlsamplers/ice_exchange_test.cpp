// Oracle: log-ratios of exchanges of ice without molecules that turned over; a map that does not
// know that hydrogens are equal, whose ladder is stuck.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "engine/dynamics/integrator.h"
#include "engine/moves/decision.h"
#include "engine/moves/replica_exchange.h"
#include "mlsamplers/rigid/harmonic_flow.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "tests/support/environment.h"
#include "tests/support/ice_xi.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kCold_K = 100.0, kWarm_K = 150.0;
constexpr std::size_t kLadders = 64;

class IceExchange : public testing::Test {
 protected:
  void SetUp() override {
    ice_ = ice_xi_crystal();
    if (!ice_) GTEST_SKIP() << "fixture " << ice_xi_path(kIceXiFrame) << " is not there";
  }

  ChainBatch ladders() const {
    const ChainBatch cold = ice_->equilibrated(kLadders, kCold_K, test_seed(120)),
                     warm = ice_->equilibrated(kLadders, kWarm_K, test_seed(130));
    ChainBatch chains(2 * kLadders, cold.n_atoms(), {kCold_K});
    chains.positions = CoordinateBatch::like(cold.positions.view(), 2 * kLadders);
    for (std::size_t i = 0; i < kLadders; ++i) {
      chains.copy_configuration(cold, i, 2 * i);
      chains.copy_configuration(warm, i, 2 * i + 1);
      chains.states[2 * i + 1].temperature_K = kWarm_K;
    }
    return chains;
  }

  /// All molecules of every warm chain and half of those of every fourth cold one turned over.
  ChainBatch with_turned_over(const ChainBatch& chains) const {
    ChainBatch result = chains;
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      for (std::size_t body = 0; body < ice_->bodies->size(); ++body) {
        if (c % 2 == 0 && (c % 8 != 0 || body % 2 == 0)) continue;
        RigidPose pose = ice_->bodies->pose(body, chains.positions.view(), c);
        pose.orientation = pose.orientation * ice_->bodies->images(body).at(1);
        ice_->bodies->place(body, pose, result.positions.chain(c));
      }
    ice_->target->refresh(result);
    return result;
  }

  /// The harmonic map about the minimum, for given bodies of this system.
  ReplicaExchange exchange(const std::shared_ptr<const RigidBodies>& bodies) const {
    CoordinateBatch minimum(1, ice_->system.n_atoms());
    minimum.set_boxes({*ice_->system.box});
    const auto& sites = ice_->crystal->minimum().sites;
    for (std::size_t body = 0; body < sites.size(); ++body)
      ice_->bodies->place(body, sites[body], minimum.chain(0));
    const std::vector<double> ladder = {kCold_K, kWarm_K};
    return ReplicaExchange(
        2, std::make_shared<mlsamplers::RigidFlowMap>(
               mlsamplers::harmonic_flows(*bodies, minimum.view(), ladder), bodies));
  }

  std::optional<IceXiCrystal> ice_;
};

std::vector<double> log_ratios(const ReplicaExchange& move, ChainBatch& chains,
                               const TargetDensity& target) {
  const auto record = move.apply(chains, target, {121, 2}).records.at(0);
  std::vector<double> result;
  for (std::size_t low = 0; low < chains.n_chains(); low += 2)
    result.push_back(record.log_ratios[low]);
  return result;
}

double mean_acceptance(const std::vector<double>& ratios) {
  double sum = 0.0;
  for (const double log_ratio : ratios) sum += acceptance_probability(log_ratio);
  return sum / static_cast<double>(ratios.size());
}

TEST_F(IceExchange, MoleculesThatTurnedOverChangeNoRatio) {
  ChainBatch now = ladders(), turned = with_turned_over(now);
  draw_velocities(turned, moving_particles(ice_->system), {122, 0});
  const ReplicaExchange knowing = exchange(ice_->bodies);
  const std::vector<double> expected = log_ratios(knowing, now, *ice_->target);
  const std::vector<double> ratios = log_ratios(knowing, turned, *ice_->target);
  // Energies of equal configurations, of a thousand kT, agree to 1e-10.
  for (std::size_t i = 0; i < kLadders; ++i) EXPECT_NEAR(ratios[i], expected[i], 1e-5);
  EXPECT_GT(mean_acceptance(ratios), 0.3);
  RecordProperty("acceptance", std::to_string(mean_acceptance(ratios)));

  // What was turned over stays so, and velocities stay on the constraints.
  CoordinateBatch projected = turned.velocities;
  Integrator("test", moving_particles(ice_->system))
      .project_velocities(turned.positions, projected);
  for (std::size_t i = 0; i < projected.values().size(); ++i)
    ASSERT_NEAR(projected.values()[i], turned.velocities.values()[i], 1e-7);
}

TEST_F(IceExchange, IsStuckWhenHydrogensAreToldApart) {
  const ChainBatch start = ladders();
  ChainBatch turned = with_turned_over(start);
  System marked = ice_->system;
  for (std::size_t atom = 1; atom < marked.n_atoms(); atom += 4)
    marked.nonbonded->particles[atom].charge += 1e-13;
  const auto x = start.positions.chain(0);
  const auto blind =
      std::make_shared<const RigidBodies>(marked, std::vector<double>(x.begin(), x.end()), nullptr);
  ASSERT_EQ(blind->images(0).size(), 1u);
  const double accepted = mean_acceptance(log_ratios(exchange(blind), turned, *ice_->target));
  RecordProperty("acceptance", std::to_string(accepted));
  // 0.73 where hydrogens are equal.
  EXPECT_LT(accepted, 0.3);
}

}  // namespace
}  // namespace saltus::tests
