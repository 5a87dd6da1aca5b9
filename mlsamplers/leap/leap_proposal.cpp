#include "mlsamplers/leap/leap_proposal.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/leap/leap_tensors_detail.h"

namespace saltus::mlsamplers {

using engine::ChainView;
using engine::ConstCoordinates;
using engine::LeapWeights;
using engine::ProposalBatch;
using engine::RandomStream;
using engine::Span;
using engine::StreamName;

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

/// One wrapped-normal draw of each row.
void draw(const WrappedMixture& mixture, std::vector<RandomStream>& streams,
          std::vector<double>& angles) {
  const torch::Tensor log_weights = mixture.log_weights.contiguous(),
                      means = mixture.means.contiguous(), widths = mixture.widths.contiguous();
  const std::int64_t n_components = log_weights.size(1);
  for (std::size_t c = 0; c < streams.size(); ++c) {
    const std::int64_t start = static_cast<std::int64_t>(c) * n_components;
    double left = streams[c].uniform();
    std::int64_t k = 0;
    for (; k + 1 < n_components; ++k) {
      left -= std::exp(log_weights.data_ptr<double>()[start + k]);
      if (left < 0.0) break;
    }
    angles[c] = engine::wrap_angle(means.data_ptr<double>()[start + k] +
                                   widths.data_ptr<double>()[start + k] * streams[c].normal());
  }
}

std::vector<RandomStream> streams_of(const ChainView& view, const engine::StepKey& key,
                                     StreamName name) {
  std::vector<RandomStream> streams;
  for (std::size_t c = 0; c < view.positions.n_chains; ++c)
    streams.emplace_back(key, name, view.first_chain + static_cast<std::uint32_t>(c));
  return streams;
}

std::vector<double> to_vector(const torch::Tensor& values) {
  const torch::Tensor dense = values.contiguous();
  return {dense.data_ptr<double>(), dense.data_ptr<double>() + dense.numel()};
}

/// One draw of each chain, part by part; each returns its log-density, [B].
class Draw {
 public:
  Draw(const LeapTensors& tensors, const ChainView& current, const engine::StepKey& key)
      : tensors_(tensors),
        from_(tensors.measure(current.positions)),
        to_(tensors.begin_as(from_)),
        streams_(streams_of(current, key, StreamName::kProposal)),
        component_(streams_of(current, key, StreamName::kProposalComponent)) {}

  InternalBatch& from() { return from_; }
  InternalBatch& to() { return to_; }

  /// One after another; a few chains draw all of theirs uniformly instead.
  torch::Tensor soft(const TemperatureTensors& t) {
    const std::size_t n_soft = tensors_.weights().soft.size();
    std::vector<bool> is_uniform;
    for (RandomStream& stream : component_)
      is_uniform.push_back(stream.uniform() < tensors_.weights().uniform_fraction);
    std::vector<double> drawn(to_.n);
    torch::Tensor sum = zeros(to_.n);
    for (std::size_t i = 0; i < n_soft; ++i) {
      const WrappedMixture mixture = tensors_.soft_mixture(i, to_, from_, t);
      draw(mixture, streams_, drawn);
      for (std::size_t c = 0; c < to_.n; ++c) {
        const double anywhere = engine::kTwoPi * component_[c].uniform() - engine::kPi;
        to_.soft[c * n_soft + i] = is_uniform[c] ? anywhere : drawn[c];
      }
      sum = sum + tensors_.soft(i, mixture, to_);
    }
    tensors_.take_soft(to_);
    return tensors_.with_uniform(sum);
  }

  /// A folded angle, then one of the equal wells.
  torch::Tensor rotors(const TemperatureTensors& t) {
    const std::vector<Rotor>& rotors = tensors_.weights().rotors;
    std::vector<double> drawn(to_.n);
    torch::Tensor sum = zeros(to_.n);
    for (std::size_t j = 0; j < rotors.size(); ++j) {
      const int fold = rotors[j].fold;
      const WrappedMixture mixture = tensors_.rotor_mixture(j, to_, t);
      draw(mixture, streams_, drawn);
      for (std::size_t c = 0; c < to_.n; ++c) {
        const auto well = static_cast<double>(streams_[c].below(static_cast<std::uint64_t>(fold)));
        to_.rotors[c * rotors.size() + j] =
            engine::wrap_angle((drawn[c] + engine::kTwoPi * well) / fold);
      }
      sum = sum + tensors_.rotor(j, mixture, to_);
    }
    tensors_.evaluate_basis(to_);
    return sum;
  }

  /// Regression mean plus correlated noise, of which `carry` says how much is the old one.
  /// @param old_z  of the state leapt from
  torch::Tensor fast(const torch::Tensor& old_z, double carry, const TemperatureTensors& t) {
    const LeapWeights& weights = tensors_.weights();
    std::vector<double> noise;
    for (std::size_t c = 0; c < to_.n; ++c) {
      const bool is_wide =
          weights.wide_fraction > 0.0 && component_[c].uniform() < weights.wide_fraction;
      for (std::size_t i = 0; i < weights.fast.size(); ++i)
        noise.push_back((is_wide ? weights.wide_scale : 1.0) * streams_[c].normal());
    }
    torch::Tensor z = as_tensor(noise, to_.n, weights.fast.size());
    if (carry > 0.0) z = carry * old_z + std::sqrt(1.0 - carry * carry) * z;
    const torch::Tensor mean = tensors_.fast_mean(to_);
    to_.fast = to_vector(mean + tensors_.coloured(z, t));
    inside_ = tensors_.take_rest(to_);
    return tensors_.fast(tensors_.whitened(to_, mean, t), t);
  }

  /// Whether all torsions are in their charts.
  bool is_inside(std::size_t chain) const { return inside_[chain] != 0; }

 private:
  const LeapTensors& tensors_;
  InternalBatch from_, to_;
  std::vector<RandomStream> streams_, component_;
  std::vector<char> inside_;
};

/// Positions of a draw, and both densities with their Jacobians.
ProposalBatch placed(const LeapTensors& tensors, const ChainView& current, Draw& drawn,
                     const torch::Tensor& log_forward, const torch::Tensor& log_reverse) {
  const std::vector<double> forward = to_vector(log_forward), reverse = to_vector(log_reverse);
  InternalBatch &from = drawn.from(), &to = drawn.to();
  const engine::ZMatrix& z = tensors.weights().z;
  ProposalBatch result(current.positions);
  for_each_chain(tensors.pool(), to.n, [&](std::size_t c) {
    engine::internal_to_cartesian(z, to.row(to.q, c), result.positions.chain(c),
                                  Span<double>(to.log_jac).subspan(c, 1));
    engine::move_to_frame_of(z, current.positions.slice(c, 1), result.positions.chain(c));
    const bool valid = drawn.is_inside(c) && std::isfinite(to.log_jac[c]);
    result.log_forward[c] = valid ? forward[c] - to.log_jac[c] : kMinusInfinity;
    result.log_reverse[c] =
        std::isfinite(from.log_jac[c]) ? reverse[c] - from.log_jac[c] : kMinusInfinity;
  });
  return result;
}

ProposalBatch sample_leap(const LeapTensors& tensors, double carry, const ChainView& current,
                          const engine::StepKey& key, const std::string& name) {
  torch::NoGradGuard no_grad;
  const TemperatureTensors t = tensors.temperatures(current, name);
  Draw drawn(tensors, current, key);
  InternalBatch &from = drawn.from(), &to = drawn.to();
  const torch::Tensor old_z = tensors.whitened(from, tensors.fast_mean(from), t);
  torch::Tensor forward = drawn.soft(t);
  forward = forward + drawn.rotors(t);
  forward = forward + drawn.fast(old_z, carry, t);
  const torch::Tensor reverse =
      tensors.soft(from, to, t) + tensors.rotors(from, t) + tensors.fast(old_z, t);
  return placed(tensors, current, drawn, forward, reverse);
}

double checked_carry(const LeapWeights& weights, double carry) {
  engine::require_carry(weights, carry);
  return carry;
}

}  // namespace

LeapProposal::LeapProposal(const LeapWeights& weights, std::shared_ptr<engine::ThreadPool> pool)
    : tensors_(std::make_shared<const LeapTensors>(weights, std::move(pool))) {}

engine::MoveRequirements LeapProposal::requirements() const {
  return tensors_->with_requirements(Proposal::requirements());
}

ProposalBatch LeapProposal::sample(const ChainView& current, const engine::StepKey& key) const {
  return sample_leap(*tensors_, 0.0, current, key, name());
}

void LeapProposal::log_density(ConstCoordinates to, const ChainView& from,
                               Span<double> log_density) const {
  torch::NoGradGuard no_grad;
  const TemperatureTensors t = tensors_->temperatures(from, name());
  InternalBatch a = tensors_->measure(to), b = tensors_->measure(from.positions);
  const torch::Tensor z = tensors_->whitened(a, tensors_->fast_mean(a), t);
  const std::vector<double> total =
      to_vector(tensors_->soft(a, b, t) + tensors_->rotors(a, t) + tensors_->fast(z, t));
  for (std::size_t c = 0; c < total.size(); ++c) {
    const bool possible = std::isfinite(a.log_jac[c]) && tensors_->same_kept(a, b, c);
    log_density[c] = possible ? total[c] - a.log_jac[c] : kMinusInfinity;
  }
}

CarriedLeapProposal::CarriedLeapProposal(const LeapWeights& weights, double carry,
                                         std::shared_ptr<engine::ThreadPool> pool)
    : carry_(checked_carry(weights, carry)),
      tensors_(std::make_shared<const LeapTensors>(weights, std::move(pool))) {}

engine::MoveRequirements CarriedLeapProposal::requirements() const {
  return tensors_->with_requirements(Proposal::requirements());
}

ProposalBatch CarriedLeapProposal::sample(const ChainView& current,
                                          const engine::StepKey& key) const {
  return sample_leap(*tensors_, carry_, current, key, name());
}

std::shared_ptr<const engine::TractableProposal> sampling_leap(
    const LeapModel& model, std::shared_ptr<engine::ThreadPool> pool) {
  return std::make_shared<const engine::LaneLeap>(weights_of(model), std::move(pool));
}

}  // namespace saltus::mlsamplers
