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
