// Oracle: exact draws of two atoms in double wells; starts in the answer. Each planted bug must
// fail the assertion that correct code passes. One assertion raises a false alarm in one of 1e7
// cases (kAlpha), and with 72 000 draws a gap of 0.018 is missed once in a thousand times (kBeta).
// A plain simulation of the same widths gave gaps of 0.004 (correct), 0.033 (no determinant) and
// 0.063 (old condition).
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "engine/moves/metropolis.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "tests/mlsamplers/timewarp_fixture.h"

namespace saltus::tests {
namespace {

using mlsamplers::FlowCondition;
using mlsamplers::FlowPoint;
using mlsamplers::TimewarpFlow;
using mlsamplers::TimewarpFrame;
using mlsamplers::TimewarpModel;
using torch::Tensor;

/// Low wells, so that a chain's relative position changes its sides within the test.
WellPair low_wells() { return WellPair(2.0, 1.0); }

Tensor normal(std::initializer_list<std::int64_t> sizes, std::uint64_t seed) {
  Tensor values = torch::empty(sizes, torch::kFloat64);
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 2);
  auto* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = stream.normal();
  return values;
}

/// Makes the first coupling's scale a known function of the state: with p the centred position of
/// an atom in 0.1 nm,
///   u_k = silu(3 p_k) + silu(-3 p_k) - 1.35,   S_k = u_k / sqrt(1 + |u|^2),   k = x, y, z,
/// up to the smooth bound. Where both atoms are in the same well of an axis (p = 0) they are
/// proposed wider by a factor of e than where they are in opposite ones (p = 1 and -1): log |det|
/// of the way there and of the way back differ by 2 when an axis changes. Even in p, because with
/// an odd S one atom would gain what the other one loses.
void set_strong_scale(torch::nn::Module& flow) {
  constexpr float kSteepness = 3.0F, kMiddle = 1.35F, kConstant = 1.0F, kStrength = 0.5F;
  constexpr std::int64_t kElementWidth = 4;
  torch::NoGradGuard no_grad;
  auto parameters = flow.named_parameters();
  const auto cleared = [&](const std::string& name) {
    Tensor& values = parameters["scale0." + name];
    return values.zero_();
  };
  const Tensor in_hidden = cleared("in_hidden.weight"), in = cleared("in.weight"),
               in_bias = cleared("in.bias"), out_hidden = cleared("out_hidden.weight"),
               out = cleared("out.weight");
  // The encoder normalises features and adds nothing.
  for (const char* name : {"in_hidden.bias", "encoder0.mix.weight", "encoder0.second.weight",
                           "encoder0.second.bias", "out_hidden.bias", "out.bias"})
    cleared(name);
  for (std::int64_t k = 0; k < 3; ++k) {
    for (const std::int64_t sign : {0, 1}) {
      const float factor = sign == 0 ? 1.0F : -1.0F;
      const std::int64_t unit = 2 * k + sign;
      in_hidden[unit][kElementWidth + k] = factor * kSteepness;
      in[unit][2 * k] = factor;
      in[unit][2 * k + 1] = factor;
      in_bias[unit] = -factor * kMiddle;
      // silu(w) - silu(-w) = w.
      out_hidden[unit][2 * k] = factor;
      out[k][unit] = factor * kStrength;
    }
  }
  // Features of mean 0, so that normalising divides by their length.
  in_bias[6] = kConstant;
  in_bias[7] = -kConstant;
}

/// A flow whose widths depend on the state by factors of three, everything else mild.
TimewarpModel strong_model(TimewarpFrame frame) {
  TimewarpModel model = random_timewarp(low_wells().topology(), frame);
  mlsamplers::randomise(model, {12, 0}, 0.1);
  model.displacement_scale_nm = 0.05;
  TimewarpFlow flow = mlsamplers::copy_of_flow(model);
  set_strong_scale(*flow);
  model.network = std::make_shared<mlsamplers::TimewarpNetwork>(mlsamplers::TimewarpNetwork{flow});
  return model;
}

enum class FlowBug {
  kNone,
  kNoReverseAuxiliaries,  ///< the way back does not pay for drawing v'
  kNoDeterminant,         ///< log |det| of the flow is left out, both ways
  kOldCondition,          ///< the way back is told with the condition of the state leapt from
};

/// A Timewarp proposal in axes of the laboratory, written apart from the production one.
class BreakableTimewarp final : public engine::Proposal {
 public:
  BreakableTimewarp(const TimewarpModel& model, FlowBug bug)
      : flow_(mlsamplers::exact_flow_of(model)),
        elements_(mlsamplers::element_indices(model.elements)),
        bug_(bug) {}
  std::string name() const override { return "breakable_timewarp"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    torch::NoGradGuard no_grad;
    const auto n = static_cast<std::int64_t>(current.positions.n_chains),
               n_atoms = static_cast<std::int64_t>(current.positions.n_atoms);
    const Tensor x = torch::from_blob(const_cast<double*>(current.positions.data), {n, n_atoms, 3},
                                      torch::kFloat64);
    const Tensor numbers = normal({3, n, n_atoms, 3}, key.seed * 1000 + key.step);
    const FlowCondition here = condition(x);
    const FlowPoint drawn = flow_->sample(here, numbers[0], numbers[1]);
    const Tensor to = (x + drawn.positions).contiguous();
    const Tensor fresh = numbers[2];
    const Tensor forward = density(here, drawn.positions, drawn.auxiliaries) +
                           mlsamplers::standard_normal_log_density(fresh);
    const FlowCondition there = bug_ == FlowBug::kOldCondition ? here : condition(to);
    Tensor reverse = density(there, -drawn.positions, fresh);
    if (bug_ != FlowBug::kNoReverseAuxiliaries)
      reverse = reverse + mlsamplers::standard_normal_log_density(drawn.auxiliaries);
    engine::ProposalBatch batch(current.positions);
    std::copy(to.data_ptr<double>(), to.data_ptr<double>() + to.numel(),
              batch.positions.values().begin());
    std::copy(forward.data_ptr<double>(), forward.data_ptr<double>() + n,
              batch.log_forward.begin());
    std::copy(reverse.data_ptr<double>(), reverse.data_ptr<double>() + n,
              batch.log_reverse.begin());
    return batch;
  }

 private:
  FlowCondition condition(const Tensor& x) const {
    return flow_->condition(x - x.mean(1, true), elements_);
  }
  Tensor density(const FlowCondition& from, const Tensor& displacements, const Tensor& v) const {
    const FlowPoint latent = flow_->to_latent(from, displacements, v);
    const Tensor base = flow_->base_log_density(latent.positions, latent.auxiliaries);
    return (bug_ == FlowBug::kNoDeterminant ? base : base + latent.log_det).contiguous();
  }

  mutable TimewarpFlow flow_;
  Tensor elements_;
  FlowBug bug_;
};

DistributionCheck check(FlowBug bug, std::uint64_t seed,
                        std::size_t n_applications = WellPair::kApplications) {
  mlsamplers::use_one_torch_thread();
  const WellPair wells;
  const TimewarpModel model = random_timewarp(wells.topology(), TimewarpFrame::kLaboratory);
  return wells.check("breakable timewarp",
                     engine::Metropolis(std::make_shared<BreakableTimewarp>(model, bug)), seed,
                     n_applications);
}

TEST(TimewarpBugs, UnbrokenCopyIsExact) {
  expect_passed(check(FlowBug::kNone, 300), WellPair::kRequiredPower);
}

TEST(TimewarpBugs, MissingReverseAuxiliariesAreCaught) {
  expect_caught(check(FlowBug::kNoReverseAuxiliaries, 400, 2 * WellPair::kApplications));
}

/// Errors of the determinant and of the condition move the target only where both differ between
/// the way there and the way back.
DistributionCheck check_strong(FlowBug bug, std::uint64_t seed) {
  mlsamplers::use_one_torch_thread();
  const TimewarpModel model = strong_model(TimewarpFrame::kLaboratory);
  return low_wells().check("strongly conditioned timewarp",
                           engine::Metropolis(std::make_shared<BreakableTimewarp>(model, bug)),
                           seed, 2 * WellPair::kApplications);
}

TEST(TimewarpBugs, DeterminantsOfTheStrongFlowDiffer) {
  mlsamplers::use_one_torch_thread();
  torch::NoGradGuard no_grad;
  const TimewarpModel model = strong_model(TimewarpFrame::kLaboratory);
  TimewarpFlow flow = mlsamplers::exact_flow_of(model);
  const Tensor elements = mlsamplers::element_indices(model.elements);
  // All axes in the same well, and all in opposite ones.
  const Tensor same = torch::zeros({1, 2, 3}, torch::kFloat64);
  const Tensor apart = torch::cat(
      {torch::full({1, 1, 3}, 0.1, torch::kFloat64), torch::full({1, 1, 3}, -0.1, torch::kFloat64)},
      1);
  const auto log_det = [&](const Tensor& state) {
    return flow->to_latent(flow->condition(state, elements), torch::zeros_like(state), same)
        .log_det.item<double>();
  };
  EXPECT_GT(log_det(apart) - log_det(same), 4.0);
}

TEST(TimewarpBugs, UnbrokenStrongFlowIsExact) {
  expect_passed(check_strong(FlowBug::kNone, 500), WellPair::kRequiredPower);
}

TEST(TimewarpBugs, StrongFlowsAreExactInEveryFrame) {
  std::uint64_t seed = 600;
  for (const TimewarpFrame frame :
       {TimewarpFrame::kBody, TimewarpFrame::kRandom, TimewarpFrame::kLaboratory}) {
    const engine::Metropolis move(
        std::make_shared<mlsamplers::TimewarpProposal>(strong_model(frame), nullptr));
    expect_passed(low_wells().check("strongly conditioned timewarp", move, seed++),
                  WellPair::kRequiredPower);
  }
}

TEST(TimewarpBugs, MissingDeterminantIsCaught) {
  expect_caught(check_strong(FlowBug::kNoDeterminant, 700));
}

TEST(TimewarpBugs, ConditionOfTheOldStateIsCaught) {
  expect_caught(check_strong(FlowBug::kOldCondition, 800));
}

}  // namespace
}  // namespace saltus::tests
