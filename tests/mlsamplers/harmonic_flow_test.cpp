// Oracle: the harmonic map in closed form at its fixed point; the untrained flow about the same
// sites; equal bits after a round trip.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "mlsamplers/rigid/harmonic_flow.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "mlsamplers/rigid/rigid_flow_trainer.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::apply_flow;
using mlsamplers::FlowDirection;
using mlsamplers::harmonic_flow;
using mlsamplers::poses_of;
using mlsamplers::RigidFlowModel;

/// Rounding of a few operations with coordinates of a nanometre.
constexpr double kRounding = 1e-12;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

RigidFlowModel flow() {
  return harmonic_flow(*held().bodies(), held().rest().view(), HeldBodies::kHot_K,
                       HeldBodies::kCold_K);
}

TEST(HarmonicFlow, LeavesTheStructureWhereItIs) {
  const auto poses = poses_of(*held().bodies(), held().rest().view());
  const auto image = apply_flow(flow(), poses, FlowDirection::kToTarget);
  for (std::size_t i = 0; i < poses.positions.size(); ++i)
    EXPECT_NEAR(image.poses.positions[i], poses.positions[i], kRounding);
  for (std::size_t i = 0; i < poses.orientations.size(); ++i)
    EXPECT_NEAR(image.poses.orientations[i], poses.orientations[i], kRounding);
  // Three turns of each of three bodies and three displacements of two of them shrink by sqrt(T' /
  // T).
  EXPECT_NEAR(image.log_dets[0], 15.0 * 0.5 * std::log(HeldBodies::kCold_K / HeldBodies::kHot_K),
              kRounding);
}

TEST(HarmonicFlow, IsTheUntrainedFlowAboutTheStructure) {
  RigidFlowModel untrained = held().flow();
  untrained.sites = flow().sites;
  const auto poses = poses_of(*held().bodies(),
                              held().draw(20, HeldBodies::kHot_K, test_seed(70)).positions.view());
  for (const FlowDirection direction : {FlowDirection::kToTarget, FlowDirection::kToBase}) {
    const auto a = apply_flow(flow(), poses, direction),
               b = apply_flow(untrained, poses, direction);
    for (std::size_t i = 0; i < a.poses.positions.size(); ++i)
      EXPECT_NEAR(a.poses.positions[i], b.poses.positions[i], kRounding);
    for (std::size_t i = 0; i < a.poses.orientations.size(); ++i)
      EXPECT_NEAR(a.poses.orientations[i], b.poses.orientations[i], kRounding);
    for (std::size_t c = 0; c < a.log_dets.size(); ++c)
      EXPECT_NEAR(a.log_dets[c], b.log_dets[c], kRounding);
  }
}

TEST(HarmonicFlow, OneForEachPairOfALadder) {
  const std::vector<double> ladder = {HeldBodies::kCold_K, 240.0, HeldBodies::kHot_K};
  const auto flows = mlsamplers::harmonic_flows(*held().bodies(), held().rest().view(), ladder);
  ASSERT_EQ(flows.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(flows[i]->ends.base_temperature_K, ladder[i + 1]);
    EXPECT_EQ(flows[i]->ends.target_temperature_K, ladder[i]);
    EXPECT_EQ(flows[i]->ends.edges_nm[2], HeldBodies::kEdges_nm[2]);
    EXPECT_EQ(flows[i]->shape.n_parameters(), 0u);
  }
  const mlsamplers::RigidFlowMap map(flows, held().bodies());
  const ChainBatch chains = held().draw(1, 240.0, test_seed(71));
  for (const double to_K : {HeldBodies::kCold_K, HeldBodies::kHot_K})
    EXPECT_TRUE(std::isfinite(map.map(chains.view(), std::vector<double>{to_K}).log_volumes[0]));
}

TEST(HarmonicFlow, RoundTripOfItsFileKeepsEveryBit) {
  const TemporaryFolder folder;
  save_rigid_flow(flow(), folder.file("model"));
  const RigidFlowModel back = mlsamplers::load_rigid_flow(folder.file("model"));
  EXPECT_EQ(back.shape.n_couplings, 0u);
  const auto poses = poses_of(*held().bodies(),
                              held().draw(3, HeldBodies::kHot_K, test_seed(72)).positions.view());
  const auto a = apply_flow(flow(), poses, FlowDirection::kToTarget),
             b = apply_flow(back, poses, FlowDirection::kToTarget);
  EXPECT_EQ(a.poses.positions, b.poses.positions);
  EXPECT_EQ(a.poses.orientations, b.poses.orientations);
  EXPECT_EQ(a.log_dets, b.log_dets);
}

TEST(HarmonicFlow, SaysWhatItDoesNotTake) {
  const auto refusal = [](const CoordinateBatch& x, double hot_K) {
    return message_of<InputError>(
        [&] { harmonic_flow(*held().bodies(), x.view(), hot_K, HeldBodies::kCold_K); });
  };
  CoordinateBatch x = held().rest();
  EXPECT_EQ(refusal(CoordinateBatch::repeated(x.view(), 2), HeldBodies::kHot_K),
            "harmonic flow: sites are taken from one structure, got 2");
  EXPECT_EQ(refusal(x, -1.0),
            "rigid-body flow: the temperature of the base must be positive, got -1.000000 K");
  x.set_boxes({});
  EXPECT_EQ(refusal(x, HeldBodies::kHot_K), "harmonic flow: the structure has no box");
  const std::vector<double> one = {HeldBodies::kHot_K};
  EXPECT_EQ(message_of<InputError>(
                [&] { mlsamplers::harmonic_flows(*held().bodies(), held().rest().view(), one); }),
            "harmonic flow: leads between two temperatures, there are fewer");
  RigidFlowModel model = flow();
  const ChainBatch data = held().draw(2, HeldBodies::kHot_K, test_seed(73));
  EXPECT_EQ(message_of<InputError>([&] {
              train_rigid_flow(model, *held().bodies(), *held().target().guide(),
                               {{data.positions.view(), data.positions.view()}, {}}, {}, {});
            }),
            "training of a rigid-body flow: it has no couplings, nothing to train");
}

}  // namespace
}  // namespace saltus::tests
