#include "mlsamplers/timewarp/timewarp_proposal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "mlsamplers/model/torch_threads.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"

namespace saltus::mlsamplers {

using engine::ChainView;
using engine::ConstCoordinates;
using engine::RandomStream;
using torch::Tensor;

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
/// Rows that are computed together: large enough for the cost of a tensor operation to vanish.
constexpr std::size_t kRowsPerBlock = 512;

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

/// Positions [B, N, 3] as a tensor, which is used before they go.
Tensor tensor_of(ConstCoordinates x) {
  return torch::from_blob(const_cast<double*>(x.data), {number(x.n_chains), number(x.n_atoms), 3},
                          torch::kFloat64);
}

/// A rotation of all rotations with equal weight, from a unit quaternion; [9], row by row.
std::array<double, 9> random_rotation(RandomStream& stream) {
  double q[4], norm = 0.0;
  for (double& value : q) {
    value = stream.normal();
    norm += value * value;
  }
  for (double& value : q) value /= std::sqrt(norm);
  const double w = q[0], x = q[1], y = q[2], z = q[3];
  return {1 - 2 * (y * y + z * z), 2 * (x * y - w * z),     2 * (x * z + w * y),
          2 * (x * y + w * z),     1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
          2 * (x * z - w * y),     2 * (y * z + w * x),     1 - 2 * (x * x + y * y)};
}

/// Random numbers of some rows.
struct Draws {
  Tensor fresh, positions, auxiliaries;  ///< [R, N, 3], standard normal
  Tensor rotations;                      ///< [R, 3, 3]
};

}  // namespace

struct TimewarpProposal::Parts {
  TimewarpModel model;
  std::shared_ptr<engine::ThreadPool> pool;
  mutable TimewarpFlow flow{nullptr};  ///< forward is not const in torch, but changes nothing
  Tensor elements;

  /// @param rotations  [B, 3, 3], of a frame that is no function of the state
  FramePoses poses(const Tensor& x, const Tensor& rotations) const {
    return model.frame == TimewarpFrame::kBody ? body_poses(x, model.axes)
                                               : centred_poses(x, rotations);
  }
  Tensor identities(std::int64_t n) const {
    return torch::eye(3, torch::kFloat64).unsqueeze(0).expand({n, 3, 3});
  }
  Draws draws(const engine::StepKey& key, std::uint32_t first, std::size_t n_rows) const;
  /// log q(to, auxiliaries | from), `from` having these poses, [B].
  Tensor log_density(const Tensor& to, const Tensor& auxiliaries, const Tensor& from,
                     const FramePoses& poses) const {
    const Tensor state = poses.into(from);
    return flow->log_density(flow->condition(state, elements), poses.into(to) - state, auxiliaries);
  }
  void require_fitting(const ChainView& current) const;
};

Draws TimewarpProposal::Parts::draws(const engine::StepKey& key, std::uint32_t first,
                                     std::size_t n_rows) const {
  const std::size_t n_numbers = 3 * model.elements.size();
  std::vector<double> normal(3 * n_rows * n_numbers), rotations(9 * n_rows);
  for (std::size_t row = 0; row < n_rows; ++row) {
    RandomStream stream(key, engine::StreamName::kProposal,
                        first + static_cast<std::uint32_t>(row));
    for (std::size_t part = 0; part < 3; ++part)
      for (std::size_t i = 0; i < n_numbers; ++i)
        normal[(part * n_rows + row) * n_numbers + i] = stream.normal();
    if (model.frame != TimewarpFrame::kRandom) continue;
    const std::array<double, 9> rotation = random_rotation(stream);
    std::copy(rotation.begin(), rotation.end(), &rotations[9 * row]);
  }
  const Tensor all = torch::tensor(normal, torch::kFloat64)
                         .view({3, number(n_rows), number(model.elements.size()), 3});
  Draws result{all[0], all[1], all[2], identities(number(n_rows))};
  if (model.frame == TimewarpFrame::kRandom)
    result.rotations = torch::tensor(rotations, torch::kFloat64).view({number(n_rows), 3, 3});
  return result;
}

void TimewarpProposal::Parts::require_fitting(const ChainView& current) const {
  if (current.positions.n_atoms != model.elements.size())
    throw engine::ModelError("timewarp: the model is for " + std::to_string(model.elements.size()) +
                             " atoms, the chains have " +
                             std::to_string(current.positions.n_atoms));
  for (std::size_t c = 0; c < current.positions.n_chains; ++c)
    if (std::abs(current.states[c].temperature_K - model.card.temperature_K) > 1e-6)
      throw engine::ModelError("timewarp: chain " + std::to_string(current.first_chain + c) +
                               " is at " + std::to_string(current.states[c].temperature_K) +
                               " K, the model is for " + std::to_string(model.card.temperature_K) +
                               " K");
}

/// Chains that are computed together.
struct TimewarpProposal::Block {
  const ChainView& current;
  std::size_t first, n_chains, n_tries;
  const engine::StepKey& key;
};

TimewarpProposal::TimewarpProposal(const TimewarpModel& model,
                                   std::shared_ptr<engine::ThreadPool> pool) {
  if (!model.network) throw engine::InternalError("a Timewarp proposal without a network");
  use_one_torch_thread();
  auto parts = std::make_unique<Parts>();
  parts->model = model;
  parts->pool = std::move(pool);
  parts->flow = exact_flow_of(model);
  parts->elements = element_indices(model.elements);
  parts->model.network = nullptr;  // only the copy in double is used
  parts_ = std::move(parts);
}

TimewarpProposal::~TimewarpProposal() = default;

engine::MoveRequirements TimewarpProposal::requirements() const {
  engine::MoveRequirements result = Proposal::requirements();
  result.one_temperature = true;
  return result;
}

engine::ProposalBatch TimewarpProposal::sample(const ChainView& current,
                                               const engine::StepKey& key) const {
  return sample_tries(current, 1, key);
}

engine::ProposalBatch TimewarpProposal::sample_tries(const ChainView& current, std::size_t n_tries,
                                                     const engine::StepKey& key) const {
  parts_->require_fitting(current);
  engine::ProposalBatch result(current.positions, n_tries);
  const std::size_t n = current.positions.n_chains;
  const std::size_t per_block =
      std::max<std::size_t>(1, kRowsPerBlock / std::max<std::size_t>(n_tries, 1));
  const std::size_t n_blocks = (n + per_block - 1) / per_block;
  const auto work = [&](std::size_t block) {
    const std::size_t first = block * per_block;
    draw({current, first, std::min(per_block, n - first), n_tries, key}, result);
  };
  if (parts_->pool) {
    parts_->pool->for_each_block(n_blocks, work);
  } else {
    for (std::size_t block = 0; block < n_blocks; ++block) work(block);
  }
  return result;
}

void TimewarpProposal::draw(const Block& block, engine::ProposalBatch& out) const {
  torch::NoGradGuard no_grad;
  use_one_torch_thread();
  const Parts& parts = *parts_;
  const std::size_t n_rows = block.n_chains * block.n_tries;
  const std::size_t first_row = block.first * block.n_tries;
  const auto first_stream =
      static_cast<std::uint32_t>(block.current.first_chain * block.n_tries + first_row);
  const Draws draws = parts.draws(block.key, first_stream, n_rows);
  const std::int64_t n_tries = number(block.n_tries);
  const Tensor states = tensor_of(block.current.positions.slice(block.first, block.n_chains));
  const Tensor x = states.repeat_interleave(n_tries, 0);

  // A frame that differs from try to try leaves nothing to share.
  const bool shared = parts.model.frame != TimewarpFrame::kRandom;
  const Tensor seen = shared ? states : x;
  const std::int64_t repeats = shared ? n_tries : 1;
  const FramePoses seen_poses =
      parts.poses(seen, shared ? parts.identities(number(block.n_chains)) : draws.rotations);
  const FlowCondition condition =
      parts.flow->condition(seen_poses.into(seen), parts.elements).repeated(repeats);
  const FramePoses poses = seen_poses.repeated(repeats);
  const FlowPoint drawn = parts.flow->sample(condition, draws.positions, draws.auxiliaries);
  const Tensor proposed = poses.out_of(poses.into(x) + drawn.positions).contiguous();

  // The way back: from where we went, to the state and the auxiliaries it had.
  const Tensor forward = (standard_normal_log_density(draws.fresh) + drawn.log_det).contiguous();
  const FramePoses there = parts.poses(proposed, draws.rotations);
  const Tensor reverse = (standard_normal_log_density(drawn.auxiliaries) +
                          parts.log_density(x, draws.fresh, proposed, there))
                             .contiguous();
  const double* values = proposed.data_ptr<double>();
  for (std::size_t i = 0; i < n_rows; ++i) {
    const std::size_t row = first_row + i;
    const auto to = out.positions.chain(row);
    const auto from = block.current.positions.chain(block.first + i / block.n_tries);
    const bool kept = same_handedness(
        parts.model.centres, from, engine::Span<const double>(values + i * to.size(), to.size()));
    std::copy(values + i * to.size(), values + (i + 1) * to.size(), to.begin());
    out.log_forward[row] = kept ? forward.data_ptr<double>()[i] : kMinusInfinity;
    out.log_reverse[row] = reverse.data_ptr<double>()[i];
  }
}

std::vector<double> TimewarpProposal::log_density(ConstCoordinates to,
                                                  engine::Span<const double> auxiliaries,
                                                  ConstCoordinates from) const {
  torch::NoGradGuard no_grad;
  use_one_torch_thread();
  const Tensor x = tensor_of(from);
  const Tensor v = tensor_of({auxiliaries.data(), to.n_chains, to.n_atoms});
  const Tensor result =
      parts_->log_density(tensor_of(to), v, x, parts_->poses(x, parts_->identities(x.size(0))))
          .contiguous();
  return {result.data_ptr<double>(), result.data_ptr<double>() + result.numel()};
}

}  // namespace saltus::mlsamplers
