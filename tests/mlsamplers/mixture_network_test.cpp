// Oracle: closed form, and the documented message. One of two files of these tests that see torch.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "engine/core/error.h"
#include "mlsamplers/leap/mixture_network_detail.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;

TEST(LeapNetworks, AreCounted) {
  LeapModel model = trained_leap().model;
  const std::string expected = "here: the model is damaged: the number of networks does not fit";
  model.networks = nullptr;
  EXPECT_EQ(message_of<engine::ModelError>([&] { model.validate("here"); }), expected);
  model.networks = std::make_shared<mlsamplers::LeapNetworks>(*trained_leap().model.networks);
  model.networks->rotors.clear();
  EXPECT_EQ(message_of<engine::ModelError>([&] { model.validate("here"); }), expected);
}

/// The temperature is the last input: its column of the first layer takes its place.
TEST(MixtureNetwork, SeesTheTemperature) {
  const mlsamplers::MixtureNetworkShape shape = {2, 3, 5, true};
  EXPECT_EQ(mlsamplers::MixtureNetworkImpl::n_inputs(shape), 13);
  const engine::MixtureNetworkWeights weights =
      mlsamplers::weights_of(mlsamplers::MixtureNetwork(shape, engine::StepKey{1, 2}));
  EXPECT_TRUE(weights.sees_temperature);
  ASSERT_EQ(weights.first.size(), 5u * 13u);
  EXPECT_EQ(mlsamplers::weights_of(mlsamplers::network_of(weights)).first, weights.first);

  // A constant temperature is an offset.
  engine::MixtureNetworkWeights blind = weights;
  blind.sees_temperature = false;
  blind.first.clear();
  for (std::size_t row = 0; row < 5; ++row) {
    for (std::size_t i = 0; i < 12; ++i) blind.first.push_back(weights.first[13 * row + i]);
    blind.first_bias[row] += 0.7 * weights.first[13 * row + 12];
  }
  const torch::Tensor angles = torch::tensor({0.3, -2.0, 1.0, 3.0}, torch::kFloat64).view({2, 2});
  const torch::Tensor temperature = torch::full({2, 1}, 0.7, torch::kFloat64);
  torch::NoGradGuard no_grad;
  const auto seen = mlsamplers::network_of(weights)->forward(angles, temperature);
  const auto same = mlsamplers::network_of(blind)->forward(angles);
  EXPECT_TRUE(torch::allclose(seen.means, same.means, 1e-12, 1e-12));
  EXPECT_TRUE(torch::allclose(seen.widths, same.widths, 1e-12, 1e-12));
  EXPECT_TRUE(torch::allclose(seen.log_weights, same.log_weights, 1e-12, 1e-12));
}

/// The periodic density of one angle integrates to 1: the trapezoidal rule is exact to rounding for
/// wrapped normals as narrow as the narrowest.
TEST(WrappedMixture, IntegratesToOne) {
  constexpr std::int64_t kGrid = 4096;
  const double pi = std::acos(-1.0);
  for (const double width : {mlsamplers::kMinWidth, 0.4, mlsamplers::kMaxWidth}) {
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

}  // namespace
}  // namespace saltus::tests
