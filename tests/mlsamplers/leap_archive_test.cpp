// Oracle: archives with one entry missing or replaced, written by LibTorch itself, and the
// documented message for each. The only file of these tests that sees torch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <limits>
#include <sstream>

#include "engine/core/error.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "mlsamplers/model/sealed_file.h"
#include "mlsamplers/torsions/torsion_network.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/mlsamplers/torsion_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;
using Edit = std::function<c10::IValue(const c10::IValue&)>;

void seal(torch::serialize::OutputArchive& archive, const std::string& path) {
  std::ostringstream content;
  archive.save_to(content);
  mlsamplers::write_sealed(path, content.str());
}

/// Copies an archive, leaving out or replacing one entry; an edit that returns None leaves it out.
void rewrite(const std::string& from, const std::string& to, const std::string& name,
             const Edit& edit) {
  torch::serialize::InputArchive in;
  const std::string content = mlsamplers::read_sealed(from);
  in.load_from(content.data(), content.size());
  torch::serialize::OutputArchive out;
  for (const std::string& key : in.keys()) {
    c10::IValue value;
    in.read(key, value);
    if (key == name) value = edit(value);
    if (value.isTensor())
      out.write(key, value.toTensor());
    else if (!value.isNone())
      out.write(key, value);
  }
  seal(out, to);
}

class LeapArchive : public ::testing::Test {
 protected:
  LeapArchive() : whole_(folder_.file("whole.pt")), edited_(folder_.file("edited.pt")) {
    mlsamplers::save_leap_model(trained_leap().model, whole_);
  }
  std::string refusal(const std::string& name, const Edit& edit) {
    rewrite(whole_, edited_, name, edit);
    return message_of<engine::ModelError>([&] { mlsamplers::load_leap_model(edited_); });
  }
  std::string refusal(const std::string& name, const torch::Tensor& value) {
    return refusal(name, [&](const c10::IValue&) { return c10::IValue(value); });
  }
  std::string with(const std::string& what) const { return edited_ + ": " + what; }
  std::string damaged(const std::string& what) const {
    return with("the model file is damaged: " + what);
  }

  TemporaryFolder folder_;
  std::string whole_, edited_;
};

const auto kLeaveOut = [](const c10::IValue&) { return c10::IValue(); };

TEST_F(LeapArchive, RewritingAloneDoesNoHarm) {
  rewrite(whole_, edited_, "card", [](const c10::IValue& value) { return value; });
  const engine::ChainBatch to = molecule().draw(5, 1), from = molecule().draw(5, 2);
  EXPECT_EQ(leap_density(mlsamplers::load_leap_model(edited_), to, from),
            leap_density(trained_leap().model, to, from));
}

TEST_F(LeapArchive, RefusesForeignArchives) {
  torch::serialize::OutputArchive archive;
  archive.write("weight", torch::zeros({2, 2}));
  seal(archive, edited_);
  const std::string expected = with("this file holds no model card; it was not written by Saltus");
  EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::load_leap_model(edited_); }),
            expected);
  EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::read_model_card(edited_); }),
            expected);
  EXPECT_EQ(refusal("card", [](const c10::IValue&) { return c10::IValue(7); }), expected);
  EXPECT_EQ(refusal("card", torch::zeros({1})), expected);
}

TEST_F(LeapArchive, RefusesWhatTorchCannotRead) {
  const std::string expected = damaged("its tensors cannot be read");
  for (const char* content : {"", "no archive"}) {
    mlsamplers::write_sealed(edited_, content);
    EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::load_leap_model(edited_); }),
              expected);
    EXPECT_EQ(message_of<engine::ModelError>([&] { mlsamplers::read_model_card(edited_); }),
              expected);
  }
}

TEST_F(LeapArchive, RefusesADamagedCard) {
  const auto cut = [](const c10::IValue& card) {
    return c10::IValue(card.toStringRef().substr(0, 40));
  };
  EXPECT_THAT(
      refusal("card", cut),
      ::testing::StartsWith(with("the model card is damaged: [json.exception.parse_error")));
}

TEST_F(LeapArchive, RefusesAnotherFormat) {
  const auto newer = [](const c10::IValue& card) {
    std::string text = card.toStringRef();
    text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
    return c10::IValue(text);
  };
  EXPECT_EQ(refusal("card", newer),
            with("model format 2, this Saltus reads format 1; train the model again"));
}

TEST_F(LeapArchive, NamesWhatIsMissing) {
  for (const char* name :
       {"z_matrix", "soft", "rotors", "fast", "fast_centres", "uniform_fraction", "fast_weights",
        "fast_cholesky", "soft0.components", "soft1.hidden", "rotor0.head.bias"})
    EXPECT_EQ(refusal(name, kLeaveOut), damaged("'" + std::string(name) + "' is missing"));
  EXPECT_EQ(refusal("soft", [](const c10::IValue&) { return c10::IValue("text"); }),
            damaged("'soft' is missing"));
}

TEST_F(LeapArchive, NamesWhatHasTheWrongTypeOrShape) {
  const auto wrong = [this](const char* name) {
    return damaged("'" + std::string(name) + "' has the wrong type or shape");
  };
  EXPECT_EQ(refusal("z_matrix", torch::zeros({8, 5})), wrong("z_matrix"));
  EXPECT_EQ(refusal("z_matrix", torch::zeros({8, 4}, torch::kInt64)), wrong("z_matrix"));
  EXPECT_EQ(refusal("rotors", torch::zeros({2}, torch::kInt64)), wrong("rotors"));
  EXPECT_EQ(refusal("fast_weights", torch::zeros({15, 69})), wrong("fast_weights"));
  EXPECT_EQ(refusal("soft0.second.weight", torch::zeros({12, 12})), wrong("soft0.second.weight"));
  EXPECT_EQ(refusal("soft", torch::full({2, 1}, -1, torch::kInt64)),
            damaged("'soft' has a negative index"));
  EXPECT_EQ(refusal("fast_centres", torch::zeros({3, 1}, torch::kFloat64)),
            damaged("lengths of 'fast' and 'fast_centres' differ"));
}

TEST_F(LeapArchive, RefusesImpossibleNetworks) {
  const auto size = [](std::int64_t value) { return torch::tensor(value); };
  EXPECT_EQ(refusal("soft0.components", torch::ones({2}, torch::kInt64)),
            damaged("'soft0.components' is not one positive number"));
  EXPECT_EQ(refusal("soft0.components", torch::zeros({0}, torch::kInt64)),
            damaged("'soft0.components' is not one positive number"));
  EXPECT_EQ(refusal("soft0.hidden", size(0)), damaged("'soft0.hidden' is not one positive number"));
  EXPECT_EQ(refusal("soft0.components", size(5)),
            damaged("network 'soft0' has an impossible size"));
  // Would need more memory than there is, were it allocated.
  EXPECT_EQ(refusal("rotor0.hidden", size(std::int64_t{1} << 40)),
            damaged("'rotor0.head.weight' has the wrong type or shape"));
  EXPECT_EQ(refusal("soft1.components", size(std::int64_t{1} << 62)),
            damaged("network 'soft1' has an impossible size"));
}

TEST_F(LeapArchive, RefusesWeightsThatAreNotFiniteOrFit) {
  const auto spoilt = [](double value) {
    return [value](const c10::IValue& weight) {
      torch::Tensor tensor = weight.toTensor().clone();
      tensor.view(-1)[3] = value;
      return c10::IValue(tensor);
    };
  };
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    for (const char* name : {"soft0.first.weight", "soft1.head.bias", "rotor0.second.bias"})
      EXPECT_EQ(refusal(name, spoilt(value)),
                damaged("'" + std::string(name) + "' has the wrong shape or is not finite"));
  EXPECT_EQ(refusal("soft1.first.weight", torch::zeros({12, 12}, torch::kFloat64)),
            damaged("'soft1.first.weight' has the wrong shape or is not finite"));
}

TEST_F(LeapArchive, CountsNetworks) {
  LeapModel model = trained_leap().model;
  const std::string expected = "here: the model is damaged: the number of networks does not fit";
  model.networks = nullptr;
  EXPECT_EQ(message_of<engine::ModelError>([&] { model.validate("here"); }), expected);
  model.networks = std::make_shared<mlsamplers::LeapNetworks>(*trained_leap().model.networks);
  model.networks->rotors.clear();
  EXPECT_EQ(message_of<engine::ModelError>([&] { model.validate("here"); }), expected);
}

/// The periodic density of one angle integrates to 1: the trapezoidal rule is exact to rounding for
/// wrapped normals as narrow as the narrowest.
TEST(WrappedMixture, IntegratesToOne) {
  constexpr std::int64_t kGrid = 4096;
  const double pi = std::acos(-1.0);
  for (const double width : {mlsamplers::kSmallestWidth, 0.4, mlsamplers::kLargestWidth}) {
    const auto one = [](std::vector<double> values) {
      return torch::tensor(values, torch::kFloat64).unsqueeze(0).expand({kGrid, 2});
    };
    const mlsamplers::WrappedMixture mixture = {one({std::log(0.3), std::log(0.7)}),
                                                one({3.1, -1.0}), one({width, 0.7 * width + 0.02})};
    // On another branch than (-pi, pi], which must not matter.
    const torch::Tensor angles =
        torch::arange(kGrid, torch::kFloat64) * (2.0 * pi / kGrid) + 4.0 * pi;
    const double integral =
        mixture.log_density(angles).exp().sum().item<double>() * (2.0 * pi / kGrid);
    EXPECT_NEAR(integral, 1.0, 1e-12) << "width " << width;
  }
}

/// The same for torsion networks.
class TorsionArchive : public LeapArchive {
 protected:
  TorsionArchive() { mlsamplers::save_torsion_network(trained_on_chains().network, whole_); }
  std::string refusal(const std::string& name, const Edit& edit) {
    rewrite(whole_, edited_, name, edit);
    return message_of<engine::ModelError>([&] { mlsamplers::load_torsion_network(edited_); });
  }
  std::string refusal(const std::string& name, const torch::Tensor& value) {
    return refusal(name, [&](const c10::IValue&) { return c10::IValue(value); });
  }
};

TEST_F(TorsionArchive, RefusesMissingAndMisshapenEntries) {
  for (const char* name : {"elements", "shape.hidden", "net.mix.weight", "net.nothing"})
    EXPECT_EQ(refusal(name, kLeaveOut), damaged("'" + std::string(name) + "' is missing"));
  EXPECT_EQ(refusal("net.mix.weight", torch::zeros({32, 31})),
            damaged("'net.mix.weight' has the wrong shape or is not finite"));
  EXPECT_EQ(refusal("net.mix.weight", torch::zeros({32, 32}, torch::kFloat64)),
            damaged("'net.mix.weight' has the wrong type or shape"));
  EXPECT_EQ(refusal("net.mix.bias", torch::full({32}, NAN)),
            damaged("'net.mix.bias' has the wrong shape or is not finite"));
}

TEST_F(TorsionArchive, RefusesImpossibleSizes) {
  const auto number = [](std::int64_t value) { return torch::tensor(value); };
  const std::string impossible = damaged("the network has an impossible size");
  EXPECT_EQ(refusal("shape.hidden", number(0)),
            damaged("'shape.hidden' is not one positive number"));
  EXPECT_EQ(refusal("shape.hidden", number(33)), impossible);
  EXPECT_EQ(refusal("shape.head", number(256)), impossible);
  EXPECT_EQ(refusal("shape.components", number(1000000)), impossible);
  EXPECT_EQ(refusal("shape.layers", number(5000)), impossible);
  EXPECT_EQ(refusal("shape.layers", number(9)), damaged("'net.layer8_bond_out.weight' is missing"));
  EXPECT_EQ(refusal("shape.hidden", number(1024)),
            damaged("'net.layer1_bond_out.weight' has the wrong type or shape"));
}

}  // namespace
}  // namespace saltus::tests
