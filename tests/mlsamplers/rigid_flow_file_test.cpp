// Oracle: equal bits after a round trip, and the documented message for each refusal.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/mlsamplers/model_edit.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/rigid_dipoles.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::apply_flow;
using mlsamplers::FlowDirection;
using mlsamplers::PoseBatch;
using mlsamplers::poses_of;
using mlsamplers::RigidFlowModel;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

constexpr double kScale = 5.0;

PoseBatch base_poses(std::size_t n_chains, std::uint64_t seed) {
  return poses_of(*held().bodies(),
                  held().draw(n_chains, HeldBodies::kHot_K, test_seed(seed)).positions.view());
}

TEST(RigidFlowFile, RoundTripKeepsEveryBit) {
  const TemporaryFolder folder;
  RigidFlowModel model = held().random_flow(kScale);
  model.curve = {{0, 3.0, 3.0, 0.1}, {10, 2.0, 2.5, 0.2}};
  save_rigid_flow(model, folder.file("model"));
  const RigidFlowModel back = mlsamplers::load_rigid_flow(folder.file("model"));
  EXPECT_EQ(mlsamplers::card_to_json(back.card), mlsamplers::card_to_json(model.card));
  EXPECT_EQ(back.card.temperature_K, HeldBodies::kHot_K);
  EXPECT_EQ(back.ends.target_temperature_K, HeldBodies::kCold_K);
  ASSERT_EQ(back.curve.size(), 2u);
  EXPECT_EQ(back.curve[1].step, 10u);
  EXPECT_EQ(back.curve[1].held_out_samples, 0.2);
  const PoseBatch poses = base_poses(3, 14);
  const auto a = apply_flow(model, poses, FlowDirection::kToTarget),
             b = apply_flow(back, poses, FlowDirection::kToTarget);
  EXPECT_EQ(a.poses.positions, b.poses.positions);
  EXPECT_EQ(a.poses.orientations, b.poses.orientations);
  EXPECT_EQ(a.log_dets, b.log_dets);
}

TEST(RigidFlowFile, ConvexTermsAreInFilesOfFlowsThatHaveThem) {
  const TemporaryFolder folder;
  const RigidFlowModel model =
      held().random_flow(kScale, mlsamplers::OrientationMap::kConvexGradient);
  save_rigid_flow(model, folder.file("model"));
  const RigidFlowModel back = mlsamplers::load_rigid_flow(folder.file("model"));
  EXPECT_EQ(back.shape.orientation_map, mlsamplers::OrientationMap::kConvexGradient);
  EXPECT_EQ(back.shape.n_terms, model.shape.n_terms);
  const PoseBatch poses = base_poses(3, 18);
  const auto a = apply_flow(model, poses, FlowDirection::kToTarget),
             b = apply_flow(back, poses, FlowDirection::kToTarget);
  EXPECT_EQ(a.poses.orientations, b.poses.orientations);
  EXPECT_EQ(a.log_dets, b.log_dets);
  ModelEdit edit(folder.file("model"));
  edit.remove("convex_terms");
  edit.write(folder.file("model"));
  EXPECT_NE(message_of<ModelError>([&] {
              mlsamplers::load_rigid_flow(folder.file("model"));
            }).find("flow.orientations_0.out."),
            std::string::npos);
}

std::string refusal(const std::function<void(ModelEdit&)>& change) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  save_rigid_flow(held().flow(), path);
  ModelEdit edit(path);
  change(edit);
  edit.write(path);
  const std::string message = message_of<ModelError>([&] { mlsamplers::load_rigid_flow(path); });
  const std::string start = path + ": the model file is damaged: ";
  EXPECT_EQ(message.substr(0, start.size()), start);
  return message.size() > start.size() ? message.substr(start.size()) : "";
}

TEST(RigidFlowFile, SaysWhatIsDamaged) {
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.remove("sites"); }), "'sites' is missing");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.set("bodies", "I64", {}, Numbers{5}); }),
            "'sites' is not a position and a quaternion for each body");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.spoil<double>("sites", 4, 3.0); }),
            "'sites' has a quaternion that is not of length 1");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.spoil<double>("ends", 0, -1.0); }),
            "rigid-body flow: the temperature of the base must be positive, got -1.000000 K");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.fill("ends", "F64", {4, 1}, 1.0);
            }),
            "'ends' is not two temperatures and three edges");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.fill("curve", "F64", {1, 3}, 1.0);
            }),
            "'curve' is not a table of four columns");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.spoil<double>("flow.positions_0.width", 0, 0.0); }),
            "'flow.positions_0.width' holds a width that is not positive");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.spoil<double>("flow.positions_1.first.weight", 0, std::nan(""));
            }),
            "'flow.positions_1.first.weight' holds a value that is not finite");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.fill("extra", "F64", {2}, 1.0); }),
            "it holds the tensor 'extra', which no such model has");
  EXPECT_EQ(
      refusal([](ModelEdit& edit) { edit.set("hidden", "I64", {}, Numbers{4000}); }).substr(0, 19),
      "it is too small for");
}

std::shared_ptr<const RigidFlowModel> shared(RigidFlowModel model) {
  return std::make_shared<const RigidFlowModel>(std::move(model));
}

std::string map_refusal(const ChainBatch& chains, double to_K) {
  const mlsamplers::RigidFlowMap map({shared(held().flow())}, held().bodies());
  return message_of<InputError>(
      [&] { map.map(chains.view(), std::vector<double>(chains.n_chains(), to_K)); });
}

TEST(RigidFlowMap, RefusesWhatTheFlowIsNotFor) {
  ChainBatch chains = held().draw(1, HeldBodies::kHot_K, test_seed(15));
  EXPECT_EQ(map_refusal(chains, 220.0), "rigid-body flow: no flow leads from 300 K to 220 K");
  chains.positions.set_boxes({Box({1.9, 2.1, 2.5})});
  EXPECT_EQ(map_refusal(chains, HeldBodies::kCold_K),
            "rigid-body flow: made for a rectangular box of 1.900000 x 2.100000 x 2.400000 nm; "
            "that of chain 0 has edges of 1.900000, 2.100000 and 2.500000 nm");
  chains.positions.set_boxes({});
  EXPECT_EQ(map_refusal(chains, HeldBodies::kCold_K),
            "rigid-body flow: made for a box of 1.900000 x 2.100000 x 2.400000 nm; there is no "
            "box");
  EXPECT_EQ(message_of<InputError>([] { mlsamplers::RigidFlowMap({}, held().bodies()); }),
            "rigid-body flow: there is no flow");
  EXPECT_EQ(
      message_of<InputError>([] {
        mlsamplers::RigidFlowMap({shared(held().flow()), shared(held().flow())}, held().bodies());
      }),
      "rigid-body flow: two flows lead between 300 K and 200 K");
  const RigidDipoles others;
  EXPECT_EQ(message_of<InputError>(
                [&] { mlsamplers::RigidFlowMap({shared(held().flow())}, others.bodies()); }),
            "rigid-body flow: made for 3 bodies; the system has 4");
}

TEST(RigidFlowMap, RefusesBodiesThatDoNotTurnAboutThreeAxes) {
  const RigidDipoles dipoles;
  const ChainBatch base = dipoles.draw(10, test_seed(16));
  const auto model = mlsamplers::rigid_flow_for(poses_of(*dipoles.bodies(), base.positions.view()),
                                                {300.0, 200.0, {3.0, 3.0, 3.0}}, {}, {}, {1, 0});
  EXPECT_EQ(
      message_of<InputError>([&] { mlsamplers::RigidFlowMap({shared(model)}, dipoles.bodies()); }),
      "rigid-body flow: body 2 is a line, whose orientation is no point of S^3; only bodies "
      "that turn about three axes can be mapped");
}

TEST(RigidFlowMap, ChainsGoBothWaysInOneCall) {
  const mlsamplers::RigidFlowMap map({shared(held().random_flow(kScale))}, held().bodies());
  ChainBatch chains = held().draw(2, HeldBodies::kHot_K, test_seed(17));
  const std::vector<double> hot = {HeldBodies::kHot_K, HeldBodies::kHot_K},
                            cold = {HeldBodies::kCold_K, HeldBodies::kCold_K};
  const auto image = map.map(chains.view(), cold);
  // Chain 0 comes back while chain 1 goes.
  ChainBatch mixed = chains;
  mixed.positions.copy_chain(image.positions.view(), 0, 0);
  mixed.states[0].temperature_K = HeldBodies::kCold_K;
  const auto both = map.map(mixed.view(), std::vector<double>{hot[0], cold[1]});
  const std::size_t n = 3 * chains.n_atoms();
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NEAR(both.positions.chain(0)[i], chains.positions.chain(0)[i], 1e-11);
    EXPECT_NEAR(both.positions.chain(1)[i], image.positions.chain(1)[i], 1e-12);
  }
  EXPECT_NEAR(both.log_volumes[0], -image.log_volumes[0], 1e-9);
  EXPECT_EQ(both.positions.boxes(), chains.positions.boxes());
}

}  // namespace
}  // namespace saltus::tests
