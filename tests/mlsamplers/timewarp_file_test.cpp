// Oracle: equal bits after a round trip, and the documented message for each way in which a file
// can be wrong.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>

#include "engine/core/error.h"
#include "mlsamplers/leap/leap_model.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "tests/mlsamplers/model_edit.h"
#include "tests/mlsamplers/timewarp_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::TimewarpFrame;
using mlsamplers::TimewarpModel;

TimewarpModel handed_model() {
  TimewarpModel model = random_timewarp(handed_molecule(), TimewarpFrame::kRandom);
  model.curve = {{100, 2.5, 2.75}, {200, 1.5, 2.0}};
  return model;
}

TEST(TimewarpModelFile, RoundTripKeepsEveryBit) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  const TimewarpModel model = handed_model();
  mlsamplers::save_timewarp_model(model, path);
  const TimewarpModel back = mlsamplers::load_timewarp_model(path);
  EXPECT_EQ(mlsamplers::card_to_json(back.card), mlsamplers::card_to_json(model.card));
  EXPECT_EQ(back.frame, model.frame);
  EXPECT_EQ(back.elements, model.elements);
  EXPECT_EQ(back.axes, model.axes);
  ASSERT_EQ(back.centres.size(), 1u);
  EXPECT_EQ(back.centres[0].neighbours, model.centres[0].neighbours);
  ASSERT_EQ(back.curve.size(), 2u);
  EXPECT_EQ(back.curve[1].step, 200u);
  EXPECT_EQ(back.curve[1].held_out, 2.0);
  EXPECT_EQ(back.shape.n_parameters(), model.shape.n_parameters());

  engine::ChainBatch chains(5, 5, {WellPair::kTemperature_K});
  engine::RandomStream stream({1, 0}, engine::StreamName::kTest, 0);
  for (double& x : chains.positions.values()) x = 0.15 * stream.normal();
  const mlsamplers::TimewarpProposal before(model, nullptr), after(back, nullptr);
  const engine::ProposalBatch a = before.sample(chains.view(), {2, 0}),
                              b = after.sample(chains.view(), {2, 0});
  EXPECT_EQ(a.positions.values(), b.positions.values());
  EXPECT_EQ(a.log_forward, b.log_forward);
  EXPECT_EQ(a.log_reverse, b.log_reverse);

  const std::string first = content_of(path);
  mlsamplers::save_timewarp_model(back, path);
  EXPECT_TRUE(first == content_of(path));
}

/// What loading says of a file that was changed.
std::string refusal(const std::function<void(ModelEdit&)>& change) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  mlsamplers::save_timewarp_model(handed_model(), path);
  ModelEdit edit(path);
  change(edit);
  edit.write(path);
  const std::string message =
      message_of<engine::ModelError>([&] { mlsamplers::load_timewarp_model(path); });
  const std::string start = path + ": the model file is damaged: ";
  EXPECT_EQ(message.substr(0, start.size()), start);
  return message.size() > start.size() ? message.substr(start.size()) : "";
}

TEST(TimewarpModelFile, SaysWhatIsDamaged) {
  using Numbers = std::vector<std::int64_t>;
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.remove("axes"); }), "'axes' is missing");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.set("frame", "I64", {}, Numbers{4}); }),
            "'frame' is 4, at most 3 are possible");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.set("width", "I64", {}, Numbers{5000}); }),
            "'width' is 5000, at most 4096 are possible");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.set("couplings", "I64", {}, Numbers{3}); }),
            "timewarp: couplings must be even, since they move positions and auxiliaries in turn, "
            "got 3");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.set("axes", "I64", {3, 1}, Numbers{0, 1, 9});
            }),
            "'axes' names an atom that is not there");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.set("centres", "I64", {1, 4}, Numbers{0, 1, 2, 5});
            }),
            "'centres' names an atom that is not there");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.set("elements", "I64", {1, 1}, Numbers{6});
            }),
            "'elements' does not have one for each atom");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.set("displacement_scale_nm", "F64", {}, std::vector<double>{-1.0});
            }),
            "'displacement_scale_nm' is not positive");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.set("curve", "F64", {1, 2}, std::vector<double>{1.0, 2.0});
            }),
            "'curve' is not a table of three columns");
  EXPECT_EQ(refusal([](ModelEdit& edit) {
              edit.spoil<float>("flow.scale0.in.weight", 0, std::nanf(""));
            }),
            "'flow.scale0.in.weight' holds a value that is not finite");
  EXPECT_EQ(refusal([](ModelEdit& edit) { edit.fill("extra", "F64", {2}, 1.0); }),
            "it holds the tensor 'extra', which no such model has");
  const std::string large =
      refusal([](ModelEdit& edit) { edit.set("encoders", "I64", {}, Numbers{4000}); });
  EXPECT_EQ(large.substr(0, 19), "it is too small for");
}

TEST(TimewarpModelFile, IsNoLeap) {
  const TemporaryFolder folder;
  const std::string path = folder.file("model");
  mlsamplers::save_timewarp_model(handed_model(), path);
  EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::load_leap_model(path); }),
            path + ": a model of kind 'timewarp flow', expected 'internal-coordinate leap'");
}

TEST(TimewarpModel, NeedsAtoms) {
  EXPECT_EQ(message_of<engine::InputError>(
                [] { mlsamplers::timewarp_model_for({}, small_timewarp_shape(), {}); }),
            "timewarp: the molecule has no atoms");
}

}  // namespace
}  // namespace saltus::tests
