#include "mlsamplers/leap/leap_proposal.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/leap/mixture_network_detail.h"

namespace saltus::mlsamplers {

using engine::ChainView;
using engine::ConstCoordinates;
using engine::RandomStream;
using engine::Span;
using engine::StreamName;

namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
constexpr std::size_t kChainsPerBlock = 32;

torch::Tensor as_tensor(std::vector<double>& values, std::size_t rows, std::size_t columns) {
  return torch::from_blob(values.data(),
                          {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
                          torch::kFloat64);
}

/// Internal coordinates of a batch, split in groups.
struct InternalBatch {
  InternalBatch(std::size_t n_chains, const LeapModel& model, std::size_t n_basis)
      : n(n_chains),
        q(n_chains * model.z.n_internal()),
        log_jac(n_chains),
        soft(n_chains * model.split.soft.size()),
        rotors(n_chains * model.split.rotors.size()),
        fast(n_chains * model.split.fast.size()),
        basis(n_chains * n_basis) {}

  template <class T>
  Span<double> row(T& values, std::size_t c) {
    const std::size_t width = values.size() / n;
    return Span<double>(values).subspan(c * width, width);
  }

  std::size_t n;
  std::vector<double> q, log_jac, soft, rotors, fast, basis;
};

void for_each_chain(engine::ThreadPool* pool, std::size_t n,
                    const std::function<void(std::size_t)>& work) {
  const auto block = [&](std::size_t b) {
    const std::size_t last = std::min(n, (b + 1) * kChainsPerBlock);
    for (std::size_t c = b * kChainsPerBlock; c < last; ++c) work(c);
  };
  const std::size_t n_blocks = (n + kChainsPerBlock - 1) / kChainsPerBlock;
  if (pool != nullptr) {
    pool->for_each_block(n_blocks, block);
  } else {
    for (std::size_t b = 0; b < n_blocks; ++b) block(b);
  }
}

/// The conditional densities of a model, evaluated on whole batches.
class Densities {
 public:
  Densities(const LeapModel& model, const FourierBasis& basis,
            const std::vector<double>& inverse_cholesky, double log_det, engine::ThreadPool* pool)
      : model_(model),
        basis_(basis),
        inverse_cholesky_(inverse_cholesky),
        log_det_(log_det),
        pool_(pool) {}

  InternalBatch measure(ConstCoordinates x) const {
    InternalBatch batch(x.n_chains, model_, basis_.size());
    for_each_chain(pool_, x.n_chains, [&](std::size_t c) {
      engine::cartesian_to_internal(model_.z, x.slice(c, 1), batch.row(batch.q, c),
                                    Span<double>(batch.log_jac).subspan(c, 1));
      model_.split.read(batch.row(batch.q, c), batch.row(batch.soft, c), batch.row(batch.rotors, c),
                        batch.row(batch.fast, c));
      basis_.evaluate(batch.row(batch.soft, c), batch.row(batch.rotors, c),
                      batch.row(batch.basis, c));
    });
    return batch;
  }

  /// log p_s(to | from), [B].
  torch::Tensor soft(InternalBatch& to, InternalBatch& from) const {
    torch::Tensor sum = zeros(to.n);
    for (std::size_t i = 0; i < model_.split.soft.size(); ++i)
      sum = sum + soft(i, network_soft(i, to, from), to);
    return with_uniform(sum);
  }

  /// Log density of the i-th soft torsion under its mixture.
  torch::Tensor soft(std::size_t i, const WrappedMixture& mixture, InternalBatch& to) const {
    return mixture.log_density(
        as_tensor(to.soft, to.n, model_.split.soft.size()).select(1, index(i)));
  }

  /// log((1-e) exp(networks) + e (2 pi)^-D); 0 when there is no soft torsion.
  torch::Tensor with_uniform(const torch::Tensor& networks) const {
    const std::size_t n_soft = model_.split.soft.size();
    if (n_soft == 0) return networks;
    const double log_uniform =
        std::log(model_.uniform_fraction) - static_cast<double>(n_soft) * std::log(engine::kTwoPi);
    return torch::logaddexp(networks + std::log1p(-model_.uniform_fraction),
                            torch::full_like(networks, log_uniform));
  }

  static torch::Tensor zeros(std::size_t n) { return torch::zeros(index(n), torch::kFloat64); }

  WrappedMixture network_soft(std::size_t i, InternalBatch& to, InternalBatch& from) const {
    const std::size_t n_soft = model_.split.soft.size();
    const torch::Tensor current = as_tensor(from.soft, from.n, n_soft);
    const torch::Tensor chosen = as_tensor(to.soft, to.n, n_soft).slice(1, 0, index(i));
    return model_.networks->soft[i]->forward(torch::cat({current, chosen}, 1));
  }

  WrappedMixture network_rotor(std::size_t j, InternalBatch& batch) const {
    return model_.networks->rotors[j]->forward(
        as_tensor(batch.soft, batch.n, model_.split.soft.size()));
  }

  torch::Tensor rotor(std::size_t j, const WrappedMixture& mixture, InternalBatch& batch) const {
    const torch::Tensor angles =
        as_tensor(batch.rotors, batch.n, model_.split.rotors.size()).select(1, index(j));
    return mixture.log_density(static_cast<double>(model_.split.rotors[j].fold) * angles);
  }

  torch::Tensor rotors(InternalBatch& batch) const {
    torch::Tensor sum = zeros(batch.n);
    for (std::size_t j = 0; j < model_.split.rotors.size(); ++j)
      sum = sum + rotor(j, network_rotor(j, batch), batch);
    return sum;
  }

  /// W b, [B, F].
  torch::Tensor fast_mean(InternalBatch& batch) const {
    const auto n_fast = index(model_.fast.n_fast), n_basis = index(model_.fast.n_basis);
    const torch::Tensor weights = torch::from_blob(const_cast<double*>(model_.fast.weights.data()),
                                                   {n_fast, n_basis}, torch::kFloat64);
    return torch::mm(as_tensor(batch.basis, batch.n, basis_.size()), weights.t());
  }

  torch::Tensor fast(InternalBatch& batch, const torch::Tensor& mean) const {
    const auto n_fast = index(model_.fast.n_fast);
    const torch::Tensor inverse = torch::from_blob(const_cast<double*>(inverse_cholesky_.data()),
                                                   {n_fast, n_fast}, torch::kFloat64);
    const torch::Tensor z =
        torch::mm(as_tensor(batch.fast, batch.n, model_.fast.n_fast) - mean, inverse.t());
    return -0.5 * (z * z).sum(1) - log_det_ -
           0.5 * static_cast<double>(n_fast) * std::log(engine::kTwoPi);
  }

  static std::int64_t index(std::size_t i) { return static_cast<std::int64_t>(i); }

 private:
  const LeapModel& model_;
  const FourierBasis& basis_;
  const std::vector<double>& inverse_cholesky_;
  double log_det_;
  engine::ThreadPool* pool_;
};

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

}  // namespace

LeapProposal::LeapProposal(std::shared_ptr<const LeapModel> model,
                           std::shared_ptr<engine::ThreadPool> pool)
    : model_(std::move(model)), pool_(std::move(pool)), basis_(0, {}) {
  use_one_torch_thread();
  std::vector<int> folds;
  for (const Rotor& rotor : model_->split.rotors) folds.push_back(rotor.fold);
  basis_ = FourierBasis(model_->split.soft.size(), folds);

  // L^-1 by forward substitution: one matrix product per batch instead of a triangular solve.
  const std::size_t n = model_->fast.n_fast;
  const std::vector<double>& l = model_->fast.cholesky;
  inverse_cholesky_.assign(n * n, 0.0);
  for (std::size_t column = 0; column < n; ++column) {
    for (std::size_t row = column; row < n; ++row) {
      double sum = row == column ? 1.0 : 0.0;
      for (std::size_t k = column; k < row; ++k)
        sum -= l[row * n + k] * inverse_cholesky_[k * n + column];
      inverse_cholesky_[row * n + column] = sum / l[row * n + row];
    }
    log_det_cholesky_ += std::log(l[column * n + column]);
  }
}

engine::MoveRequirements LeapProposal::requirements() const {
  engine::MoveRequirements result = Proposal::requirements();
  result.free_molecule = true;
  result.one_temperature = true;
  return result;
}

engine::ProposalBatch LeapProposal::sample(const ChainView& current,
                                           const engine::StepKey& key) const {
  torch::NoGradGuard no_grad;
  const std::size_t n = current.positions.n_chains;
  const std::size_t n_soft = model_->split.soft.size(), n_rotors = model_->split.rotors.size(),
                    n_fast = model_->split.fast.size();
  for (std::size_t c = 0; c < n; ++c)
    if (std::abs(current.states[c].temperature_K - model_->card.temperature_K) > 1e-6)
      throw engine::ModelError("learned_leap: chain " + std::to_string(current.first_chain + c) +
                               " is at " + std::to_string(current.states[c].temperature_K) +
                               " K, the model is for " +
                               std::to_string(model_->card.temperature_K) + " K");
  const Densities densities(*model_, basis_, inverse_cholesky_, log_det_cholesky_, pool_.get());
  InternalBatch from = densities.measure(current.positions);
  InternalBatch to(n, *model_, basis_.size());
  std::vector<RandomStream> streams = streams_of(current, key, StreamName::kProposal);
  std::vector<double> drawn(n);

  // Soft torsions one after another; a few chains draw all of theirs uniformly instead.
  std::vector<RandomStream> component = streams_of(current, key, StreamName::kProposalComponent);
  std::vector<bool> uniform(n);
  for (std::size_t c = 0; c < n; ++c)
    uniform[c] = component[c].uniform() < model_->uniform_fraction;
  torch::Tensor log_soft = Densities::zeros(n);
  for (std::size_t i = 0; i < n_soft; ++i) {
    const WrappedMixture mixture = densities.network_soft(i, to, from);
    draw(mixture, streams, drawn);
    for (std::size_t c = 0; c < n; ++c)
      to.soft[c * n_soft + i] =
          uniform[c] ? engine::kTwoPi * component[c].uniform() - engine::kPi : drawn[c];
    log_soft = log_soft + densities.soft(i, mixture, to);
  }

  // Rotors: a folded angle, then one of the equal wells.
  torch::Tensor log_rotors = Densities::zeros(n);
  for (std::size_t j = 0; j < n_rotors; ++j) {
    const int fold = model_->split.rotors[j].fold;
    const WrappedMixture mixture = densities.network_rotor(j, to);
    draw(mixture, streams, drawn);
    for (std::size_t c = 0; c < n; ++c) {
      const auto well = static_cast<double>(streams[c].below(static_cast<std::uint64_t>(fold)));
      to.rotors[c * n_rotors + j] = engine::wrap_angle((drawn[c] + engine::kTwoPi * well) / fold);
    }
    log_rotors = log_rotors + densities.rotor(j, mixture, to);
  }

  // Fast coordinates: regression mean plus correlated noise.
  std::vector<double> noise(n * n_fast);
  for_each_chain(pool_.get(), n, [&](std::size_t c) {
    basis_.evaluate(to.row(to.soft, c), to.row(to.rotors, c), to.row(to.basis, c));
    for (std::size_t i = 0; i < n_fast; ++i) noise[c * n_fast + i] = streams[c].normal();
  });
  const torch::Tensor mean = densities.fast_mean(to);
  const torch::Tensor lower =
      torch::from_blob(const_cast<double*>(model_->fast.cholesky.data()),
                       {Densities::index(n_fast), Densities::index(n_fast)}, torch::kFloat64);
  to.fast = to_vector(mean + torch::mm(as_tensor(noise, n, n_fast), lower.t()));

  // Both densities, then positions.
  const std::vector<double> forward =
      to_vector(densities.with_uniform(log_soft) + log_rotors + densities.fast(to, mean));
  const std::vector<double> reverse = to_vector(densities.soft(from, to) + densities.rotors(from) +
                                                densities.fast(from, densities.fast_mean(from)));
  engine::ProposalBatch result(current.positions);
  for_each_chain(pool_.get(), n, [&](std::size_t c) {
    const bool inside = model_->split.write(to.row(to.soft, c), to.row(to.rotors, c),
                                            to.row(to.fast, c), to.row(to.q, c));
    engine::internal_to_cartesian(model_->z, to.row(to.q, c), result.positions.chain(c),
                                  Span<double>(to.log_jac).subspan(c, 1));
    engine::move_to_frame_of(model_->z, current.positions.slice(c, 1), result.positions.chain(c));
    const bool valid = inside && std::isfinite(to.log_jac[c]);
    result.log_forward[c] = valid ? forward[c] - to.log_jac[c] : kMinusInfinity;
    result.log_reverse[c] =
        std::isfinite(from.log_jac[c]) ? reverse[c] - from.log_jac[c] : kMinusInfinity;
  });
  return result;
}

void LeapProposal::log_density(ConstCoordinates to, const ChainView& from,
                               Span<double> log_density) const {
  torch::NoGradGuard no_grad;
  const Densities densities(*model_, basis_, inverse_cholesky_, log_det_cholesky_, pool_.get());
  InternalBatch a = densities.measure(to), b = densities.measure(from.positions);
  const std::vector<double> total = to_vector(densities.soft(a, b) + densities.rotors(a) +
                                              densities.fast(a, densities.fast_mean(a)));
  for (std::size_t c = 0; c < total.size(); ++c)
    log_density[c] = std::isfinite(a.log_jac[c]) ? total[c] - a.log_jac[c] : kMinusInfinity;
}

std::shared_ptr<const engine::TractableProposal> sampling_leap(
    const LeapModel& model, std::shared_ptr<engine::ThreadPool> pool) {
  return std::make_shared<const engine::LaneLeap>(weights_of(model), std::move(pool));
}

}  // namespace saltus::mlsamplers
