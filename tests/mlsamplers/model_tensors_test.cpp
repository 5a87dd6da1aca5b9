// Oracle: model files with one tensor missing, replaced or added, and the documented message for
// each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "mlsamplers/torsions/network_torsion_model.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/mlsamplers/model_edit.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using Edit = std::function<void(ModelEdit&)>;
using Whole = std::int64_t;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class LeapTensors : public ::testing::Test {
 protected:
  LeapTensors() : whole_(folder_.file("whole")), edited_(folder_.file("edited")) {
    mlsamplers::save_leap_model(trained_leap().model, whole_);
  }
  void edit(const Edit& change) const {
    ModelEdit model(whole_);
    change(model);
    model.write(edited_);
  }
  virtual void load() const { mlsamplers::load_leap_model(edited_); }
  std::string refusal(const Edit& change) const {
    edit(change);
    return message_of<engine::ModelError>([&] { load(); });
  }
  std::string without(const std::string& name) const {
    return refusal([&](ModelEdit& model) { model.remove(name); });
  }
  /// With one whole number.
  std::string with_size(const std::string& name, Whole value) const {
    return refusal([&](ModelEdit& model) { model.set<Whole>(name, "I64", {}, {value}); });
  }
  std::string with(const std::string& what) const { return edited_ + ": " + what; }
  std::string damaged(const std::string& what) const {
    return with("the model file is damaged: " + what);
  }

  TemporaryFolder folder_;
  std::string whole_, edited_;
};

TEST_F(LeapTensors, WritingAgainAloneDoesNoHarm) {
  edit([](ModelEdit&) {});
  const engine::ChainBatch to = molecule().draw(5, 1), from = molecule().draw(5, 2);
  EXPECT_EQ(leap_density(mlsamplers::load_leap_model(edited_), to, from),
            leap_density(trained_leap().model, to, from));
}

TEST_F(LeapTensors, RefusesADamagedCard) {
  EXPECT_THAT(
      refusal([](ModelEdit& model) { model.card().resize(40); }),
      ::testing::StartsWith(with("the model card is damaged: [json.exception.parse_error")));
}

TEST_F(LeapTensors, RefusesAnotherFormat) {
  EXPECT_EQ(refusal([](ModelEdit& model) {
              std::string& text = model.card();
              text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
            }),
            with("model format 2, this Saltus reads format 1; train the model again"));
}

TEST_F(LeapTensors, NamesWhatIsMissingOrTooMuch) {
  for (const char* name : {"z_matrix", "soft", "rotors", "fast", "fast_centres", "uniform_fraction",
                           "fast_weights", "fast_cholesky", "soft0.components", "soft1.hidden",
                           "soft0.first.weight", "rotor0.head.bias"})
    EXPECT_EQ(without(name), damaged("'" + std::string(name) + "' is missing"));
  EXPECT_EQ(refusal([](ModelEdit& model) { model.fill("code.pkl", "U8", {4}, '\x80'); }),
            damaged("it holds the tensor 'code.pkl', which no such model has"));
  EXPECT_EQ(with_size("soft2.hidden", 4),
            damaged("it holds the tensor 'soft2.hidden', which no such model has"));
}

TEST_F(LeapTensors, NamesWhatHasTheWrongTypeOrShape) {
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("z_matrix", "F32", {8, 5}, 0.0f);
            }),
            damaged("'z_matrix' is F32 [8, 5], expected I64 [any, 5]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill<Whole>("z_matrix", "I64", {8, 4}, 0);
            }),
            damaged("'z_matrix' is I64 [8, 4], expected I64 [any, 5]"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.fill<Whole>("rotors", "I64", {2}, 0); }),
            damaged("'rotors' is I64 [2], expected I64 [any, 2]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("fast_weights", "F32", {15, 69}, 0.0f);
            }),
            damaged("'fast_weights' is F32 [15, 69], expected F64"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("soft0.second.weight", "F32", {12, 12}, 0.0f);
            }),
            damaged("'soft0.second.weight' is F32 [12, 12], expected F64 [12, 12]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("soft1.first.weight", "F64", {12, 12}, 0.0);
            }),
            damaged("'soft1.first.weight' is F64 [12, 12], expected F64 [12, 18]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("soft0.first.bias", "F64", {1, 12}, 0.0);
            }),
            damaged("'soft0.first.bias' is F64 [1, 12], expected F64 [12]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill<Whole>("soft", "I64", {2, 1}, -1);
            }),
            damaged("'soft' has a negative index"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.spoil<Whole>("z_matrix", 4, 2); }),
            damaged("'z_matrix' has a flag that is neither 0 nor 1"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.spoil<Whole>("fast", 1, 2); }),
            damaged("'fast' has a flag that is neither 0 nor 1"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("fast_centres", "F64", {3, 1}, 0.0);
            }),
            damaged("lengths of 'fast' and 'fast_centres' differ"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.fill("uniform_fraction", "F64", {2}, 0.1); }),
            damaged("'uniform_fraction' is not one number"));
  // 2^32 + 3: threefold, were it cut to 32 bits.
  EXPECT_EQ(refusal([](ModelEdit& m) { m.spoil<Whole>("rotors", 1, (Whole{1} << 32) + 3); }),
            with("the model is damaged: a rotor is neither two- nor threefold"));
}

TEST_F(LeapTensors, RefusesImpossibleNetworks) {
  EXPECT_EQ(refusal([](ModelEdit& m) { m.fill<Whole>("soft0.components", "I64", {2}, 1); }),
            damaged("'soft0.components' is not one positive number"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.fill<Whole>("soft0.components", "I64", {0}, 1); }),
            damaged("'soft0.components' is not one positive number"));
  EXPECT_EQ(with_size("soft0.hidden", 0), damaged("'soft0.hidden' is not one positive number"));
  // Would need more memory than there is, were they allocated.
  EXPECT_EQ(with_size("rotor0.hidden", Whole{1} << 40),
            damaged("'rotor0.hidden' is 1099511627776, at most 65536 are possible"));
  EXPECT_EQ(with_size("soft1.components", Whole{1} << 62),
            damaged("'soft1.components' is 4611686018427387904, at most 65536 are possible"));
  EXPECT_EQ(with_size("rotor0.hidden", 65536),
            damaged("'rotor0.first.weight' is F64 [12, 12], expected F64 [65536, 12]"));
}

TEST_F(LeapTensors, RefusesWeightsThatAreNotFinite) {
  for (const double value : {kNan, kInfinity, -kInfinity})
    for (const char* name : {"soft0.first.weight", "soft1.head.bias", "rotor0.second.bias"})
      EXPECT_EQ(refusal([&](ModelEdit& m) { m.spoil(name, 3, value); }),
                damaged("'" + std::string(name) + "' holds a value that is not finite"));
}

/// The same for torsion networks.
class TorsionTensors : public LeapTensors {
 protected:
  TorsionTensors() { mlsamplers::save_torsion_network(trained_on_chains().network, whole_); }
  void load() const override { mlsamplers::load_torsion_network(edited_); }
};

TEST_F(TorsionTensors, RefusesMissingAndMisshapenTensors) {
  for (const char* name : {"elements", "shape.hidden", "net.mix.weight", "net.nothing"})
    EXPECT_EQ(without(name), damaged("'" + std::string(name) + "' is missing"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("net.mix.weight", "F32", {32, 31}, 0.0f);
            }),
            damaged("'net.mix.weight' is F32 [32, 31], expected F32 [32, 32]"));
  EXPECT_EQ(refusal([](ModelEdit& m) {
              m.fill("net.mix.weight", "F64", {32, 32}, 0.0);
            }),
            damaged("'net.mix.weight' is F64 [32, 32], expected F32 [32, 32]"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.fill("net.mix.extra", "F32", {32}, 0.0f); }),
            damaged("it holds the tensor 'net.mix.extra', which no such model has"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.spoil("net.second.bias", 5, NAN); }),
            damaged("'net.second.bias' holds a value that is not finite"));
  EXPECT_EQ(refusal([](ModelEdit& m) { m.spoil<Whole>("elements", 0, (Whole{1} << 32) + 6); }),
            damaged("'elements' holds 4294967302, which is not an atomic number"));
}

TEST_F(TorsionTensors, RefusesImpossibleSizes) {
  const std::string impossible = damaged("the network has an impossible size");
  EXPECT_EQ(with_size("shape.hidden", 0), damaged("'shape.hidden' is not one positive number"));
  EXPECT_EQ(with_size("shape.hidden", 33), impossible);
  EXPECT_EQ(with_size("shape.head", 256), impossible);
  EXPECT_EQ(with_size("shape.components", 1000000), impossible);
  EXPECT_EQ(with_size("shape.components", Whole{1} << 40),
            damaged("'shape.components' is 1099511627776, at most 1048576 are possible"));
  EXPECT_EQ(with_size("shape.layers", 5000), impossible);
  EXPECT_EQ(with_size("shape.layers", 9), damaged("'net.layer2_to_edges.weight' is missing"));
  EXPECT_EQ(with_size("shape.hidden", 1024),
            damaged("'net.layer0_to_edges.weight' is F32 [96, 32], expected F32 [3072, 1024]"));
}

/// Finite weights can give sums that are not; sampling from those would never end.
TEST_F(TorsionTensors, RefusesToDrawFromDensitiesThatAreNotFinite) {
  edit([](ModelEdit& m) {
    m.fill("net.second.weight", "F32", {32, 32}, 3e38f);
    m.fill("net.output.weight", "F32", {16, 32}, -3e38f);
  });
  const auto network = mlsamplers::load_torsion_network(edited_);
  const auto chain = draw_chain(4, true, 2, 5).samples;
  const auto model = network.model_for(chain.graph);
  EXPECT_EQ(message_of<engine::ModelError>([&] {
              mlsamplers::marginal_densities(*model, chain.graph.inversions.empty()
                                                         ? std::vector<int>{}
                                                         : std::vector<int>{1});
            }),
            "the torsion network gives densities that are not finite: its weights are too large; "
            "use another model, or train it again");
}

}  // namespace
}  // namespace saltus::tests
