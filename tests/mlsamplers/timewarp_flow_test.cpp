// Oracle: numerical Jacobians, closed forms, symmetry.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "engine/core/error.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"
#include "tests/mlsamplers/timewarp_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using mlsamplers::FlowCondition;
using mlsamplers::FlowPoint;
using mlsamplers::TimewarpFlow;
using mlsamplers::TimewarpFrame;
using mlsamplers::TimewarpModel;
using torch::Tensor;

Tensor normal(std::initializer_list<std::int64_t> sizes, std::uint64_t seed, double width = 1.0) {
  Tensor values = torch::empty(sizes, torch::kFloat64);
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 2);
  auto* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = width * stream.normal();
  return values;
}

/// Three atoms, two of them of one element.
class TimewarpFlowTest : public ::testing::Test {
 protected:
  TimewarpFlowTest() { mlsamplers::use_one_torch_thread(); }
  FlowCondition condition(const Tensor& x) { return flow_->condition(x, elements_); }

  torch::NoGradGuard no_grad_;
  TimewarpModel model_ = random_timewarp(row_of_atoms({6, 8, 6}), TimewarpFrame::kLaboratory);
  TimewarpFlow flow_ = mlsamplers::exact_flow_of(model_);
  Tensor elements_ = mlsamplers::element_indices(model_.elements);
};

TEST_F(TimewarpFlowTest, IsABijectionWithTheDeterminantItTells) {
  // Two atoms: twelve dimensions.
  const TimewarpModel model = random_timewarp(row_of_atoms({6, 8}), TimewarpFrame::kLaboratory);
  TimewarpFlow flow = mlsamplers::exact_flow_of(model);
  const FlowCondition state =
      flow->condition(normal({1, 2, 3}, 1, 0.15), mlsamplers::element_indices(model.elements));
  const auto through = [](const auto& map, const std::vector<double>& from, double* log_det) {
    const Tensor both = torch::tensor(from, torch::kFloat64).view({2, 1, 2, 3});
    const FlowPoint point = map(both[0], both[1]);
    *log_det = point.log_det.template item<double>();
    const Tensor to = torch::cat({point.positions, point.auxiliaries}, 1).contiguous();
    return std::vector<double>(to.data_ptr<double>(), to.data_ptr<double>() + to.numel());
  };
  const CoordinateMap to_latent = [&](const std::vector<double>& x, double* log_det) {
    return through([&](auto d, auto v) { return flow->to_latent(state, d, v); }, x, log_det);
  };
  const CoordinateMap to_data = [&](const std::vector<double>& z, double* log_det) {
    return through([&](auto p, auto v) { return flow->to_data(state, p, v); }, z, log_det);
  };
  std::vector<std::vector<double>> latents;
  for (std::uint64_t seed = 2; seed < 4; ++seed) {
    const Tensor z = normal({12}, seed);
    latents.emplace_back(z.data_ptr<double>(), z.data_ptr<double>() + 12);
  }
  BijectionInvariantOptions options;
  options.round_trip_tolerance = 1e-10;
  // Rectifiers have kinks, which short differences seldom meet.
  options.first_difference = 1e-4;
  options.log_det_tolerance = 1e-5;
  expect_bijection_invariants(to_data, to_latent, latents, options);
}

TEST_F(TimewarpFlowTest, TellsTheDensityOfItsDraws) {
  const FlowCondition state = condition(normal({6, 3, 3}, 1, 0.15));
  const FlowPoint drawn = flow_->sample(state, normal({6, 3, 3}, 2), normal({6, 3, 3}, 3));
  const Tensor again = flow_->log_density(state, drawn.positions, drawn.auxiliaries);
  EXPECT_LT((drawn.log_det - again).abs().max().item<double>(), 1e-10);
}

TEST_F(TimewarpFlowTest, HasNormalLatents) {
  const Tensor zero = torch::zeros({1, 3, 3}, torch::kFloat64);
  EXPECT_NEAR(flow_->base_log_density(zero, zero).item<double>(), -9.0 * std::log(2.0 * M_PI),
              1e-12);
}

TEST_F(TimewarpFlowTest, AttentionIsTheKernelOfTheState) {
  const Tensor x = normal({2, 3, 3}, 4, 0.15);
  const Tensor attention = condition(x).attention;
  ASSERT_EQ(attention.sizes(), (torch::IntArrayRef{2, 2, 3, 3}));
  for (std::int64_t state = 0; state < 2; ++state)
    for (std::int64_t head = 0; head < 2; ++head)
      for (std::int64_t i = 0; i < 3; ++i) {
        const double length = small_timewarp_shape().lengths_nm[static_cast<std::size_t>(head)];
        const auto kernel = [&](std::int64_t j) {
          const double r2 = (x[state][i] - x[state][j]).pow(2).sum().item<double>();
          return std::exp(-r2 / (length * length));
        };
        const double sum = kernel(0) + kernel(1) + kernel(2) + 1e-5;
        for (std::int64_t j = 0; j < 3; ++j)
          EXPECT_NEAR(attention[state][head][i][j].item<double>(), kernel(j) / sum, 1e-12);
      }
}

TEST_F(TimewarpFlowTest, SeesTheStateThroughItsConditionAlone) {
  // Draws, densities and both halves of the flow are functions of the condition, which is computed
  // before there is anything to draw: the same one again gives the same bits.
  const Tensor d = normal({1, 3, 3}, 5, 0.08), v = normal({1, 3, 3}, 6);
  const FlowCondition here = condition(normal({1, 3, 3}, 7, 0.15)),
                      there = condition(normal({1, 3, 3}, 8, 0.15));
  FlowCondition mixed = here;
  mixed.attention = there.attention;
  const auto value = [&](const FlowCondition& state) {
    return flow_->log_density(state, d, v).item<double>();
  };
  EXPECT_EQ(value(here), value(here));
  EXPECT_NE(value(here), value(mixed));  // other weights, same features
}

TEST_F(TimewarpFlowTest, EqualAtomsMayChangePlaces) {
  const Tensor x = normal({4, 3, 3}, 9, 0.15), d = normal({4, 3, 3}, 10, 0.08),
               v = normal({4, 3, 3}, 11);
  const auto density = [&](std::vector<std::int64_t> order) {
    const Tensor places = torch::tensor(order, torch::kInt64);
    return flow_->log_density(condition(x.index_select(1, places)), d.index_select(1, places),
                              v.index_select(1, places));
  };
  const Tensor as_is = density({0, 1, 2});
  EXPECT_LT((density({2, 1, 0}) - as_is).abs().max().item<double>(), 1e-10);
  EXPECT_GT((density({1, 0, 2}) - as_is).abs().min().item<double>(), 1e-6);  // C and O
}

TEST_F(TimewarpFlowTest, AuxiliariesAndPositionsDependOnEachOther) {
  const FlowCondition state = condition(normal({1, 3, 3}, 12, 0.15));
  const Tensor d = normal({1, 3, 3}, 13, 0.08), v = normal({1, 3, 3}, 14);
  const FlowPoint a = flow_->to_latent(state, d, v);
  EXPECT_FALSE(torch::allclose(flow_->to_latent(state, d, v + 0.5).positions, a.positions));
  EXPECT_FALSE(torch::allclose(flow_->to_latent(state, d + 0.05, v).auxiliaries, a.auxiliaries));
}

TEST(FramePoses, AreRotationsThatFollowTheState) {
  torch::NoGradGuard no_grad;
  for (const std::int64_t n_atoms : {1, 2, 3, 5}) {
    const Tensor x = normal({7, n_atoms, 3}, 15, 0.15);
    const std::size_t last = static_cast<std::size_t>(std::min<std::int64_t>(n_atoms, 3)) - 1;
    const mlsamplers::FramePoses poses =
        mlsamplers::body_poses(x, {0, std::min<std::size_t>(last, 1), n_atoms > 2 ? last : 0});
    const Tensor product = torch::matmul(poses.rotation, poses.rotation.transpose(1, 2));
    EXPECT_TRUE(torch::allclose(product, torch::eye(3, torch::kFloat64).expand({7, 3, 3})));
    EXPECT_TRUE(
        torch::allclose(torch::linalg_det(poses.rotation), torch::ones({7}, torch::kFloat64)));
    EXPECT_TRUE(torch::allclose(poses.out_of(poses.into(x)), x));
    EXPECT_TRUE(torch::allclose(poses.into(x).mean(1), torch::zeros({7, 3}, torch::kFloat64)));
  }
}

TEST(FramePoses, AreDefinedOnALine) {
  torch::NoGradGuard no_grad;
  const Tensor line =
      torch::tensor({0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2}, torch::kFloat64).view({1, 3, 3});
  const Tensor rotation = mlsamplers::body_poses(line, {1, 0, 2}).rotation;
  EXPECT_TRUE(rotation.isfinite().all().item<bool>());
  EXPECT_NEAR(torch::linalg_det(rotation).item<double>(), 1.0, 1e-12);
}

TEST(TimewarpShape, CountsItsParameters) {
  for (const std::size_t n_encoders : {1, 3}) {
    mlsamplers::TimewarpShape shape = small_timewarp_shape();
    shape.n_encoders = n_encoders;
    shape.n_element_kinds = 3;
    std::uint64_t sum = 0;
    for (const Tensor& parameter : TimewarpFlow(shape, 0.04)->parameters())
      sum += static_cast<std::uint64_t>(parameter.numel());
    EXPECT_EQ(sum, shape.n_parameters());
  }
  const std::uint64_t published = mlsamplers::published_timewarp_shape().n_parameters();
  EXPECT_NEAR(static_cast<double>(published), 106.3e6, 0.2e6);
}

TEST(TimewarpShape, SaysWhatIsOutOfRange) {
  mlsamplers::TimewarpShape shape;
  shape.n_couplings = 5;
  EXPECT_EQ(message_of<engine::InputError>([&] { shape.validate(); }),
            "timewarp: couplings must be even, since they move positions and auxiliaries in turn, "
            "got 5");
  shape = {};
  shape.width = 0;
  EXPECT_EQ(message_of<engine::InputError>([&] { shape.validate(); }),
            "timewarp: width must be from 1 to 4096, got 0");
  shape = {};
  shape.lengths_nm = {0.1, -0.2};
  EXPECT_EQ(message_of<engine::InputError>([&] { shape.validate(); }),
            "timewarp: lengths must be above 0 and at most 100 nm, got -0.200000");
}

}  // namespace
}  // namespace saltus::tests
