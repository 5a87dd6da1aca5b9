#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/units.h"
#include "engine/leap/lane_leap.h"
#include "mlsamplers/leap/leap_tensors_detail.h"

namespace saltus::mlsamplers {

using engine::ConstCoordinates;
using engine::LeapWeights;
using engine::Span;

namespace {

constexpr std::size_t kChainsPerBlock = 32;
constexpr double kTemperatureTolerance_K = 1e-6, kKeptTolerance = 1e-6;

std::int64_t index(std::size_t i) { return static_cast<std::int64_t>(i); }

/// A copy.
torch::Tensor matrix(const std::vector<double>& values, std::size_t rows, std::size_t columns) {
  return torch::from_blob(const_cast<double*>(values.data()), {index(rows), index(columns)},
                          torch::kFloat64)
      .clone();
}

/// By forward substitution: one matrix product per batch instead of a triangular solve.
std::vector<double> inverse_of_lower(const std::vector<double>& l, std::size_t n) {
  std::vector<double> inverse(n * n, 0.0);
  for (std::size_t column = 0; column < n; ++column)
    for (std::size_t row = column; row < n; ++row) {
      double sum = row == column ? 1.0 : 0.0;
      for (std::size_t k = column; k < row; ++k) sum -= l[row * n + k] * inverse[k * n + column];
      inverse[row * n + column] = sum / l[row * n + row];
    }
  return inverse;
}

std::vector<int> folds_of(const LeapWeights& weights) {
  std::vector<int> folds;
  for (const Rotor& rotor : weights.rotors) folds.push_back(rotor.fold);
  return folds;
}

}  // namespace

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

torch::Tensor as_tensor(std::vector<double>& values, std::size_t rows, std::size_t columns) {
  return torch::from_blob(values.data(), {index(rows), index(columns)}, torch::kFloat64);
}

LeapTensors::LeapTensors(const LeapWeights& weights, std::shared_ptr<engine::ThreadPool> pool)
    : weights_(weights),
      pool_(std::move(pool)),
      basis_(weights.basis_torsions.size(), folds_of(weights)) {
  use_one_torch_thread();
  weights_.validate("learned_leap");
  engine::require_density(weights_);
  if (weights_.n_other_atoms > 0)
    throw engine::InputError(
        "learned_leap: the weights are for some of the chains' atoms; only engine::LaneLeap and "
        "engine::CarriedLeap leave others where they are");
  for (const std::size_t coordinate : weights_.soft) split_.soft.push_back({coordinate});
  split_.rotors = weights_.rotors;
  split_.fast = weights_.fast;
  std::vector<bool> is_kept(weights_.z.n_internal(), true);
  for (const SoftTorsion& torsion : split_.soft) is_kept[torsion.coordinate] = false;
  for (const Rotor& rotor : split_.rotors) is_kept[rotor.coordinate] = false;
  for (const FastCoordinate& fast : split_.fast) is_kept[fast.coordinate] = false;
  for (std::size_t i = 0; i < is_kept.size(); ++i)
    if (is_kept[i]) kept_.push_back(i);

  for (const auto& network : weights_.soft_networks) networks_.soft.push_back(network_of(network));
  for (const auto& network : weights_.rotor_networks)
    networks_.rotors.push_back(network_of(network));
  const std::size_t n = weights_.fast.size();
  fast_weights_ = matrix(weights_.fast_weights, n, basis_.size());
  cholesky_ = matrix(weights_.fast_cholesky, n, n);
  inverse_cholesky_ = matrix(inverse_of_lower(weights_.fast_cholesky, n), n, n);
  for (std::size_t i = 0; i < n; ++i)
    log_det_cholesky_ += std::log(weights_.fast_cholesky[i * n + i]);
}

engine::MoveRequirements LeapTensors::with_requirements(engine::MoveRequirements usual) const {
  usual.free_molecule = true;
  usual.one_temperature = weights_.min_temperature_K == weights_.max_temperature_K;
  return usual;
}

TemperatureTensors LeapTensors::temperatures(const engine::ChainView& chains,
                                             const std::string& who) const {
  const double low = weights_.min_temperature_K, high = weights_.max_temperature_K;
  std::vector<double> input, scale, log_scale;
  for (std::size_t c = 0; c < chains.states.size(); ++c) {
    const double t = chains.states[c].temperature_K;
    if (t < low - kTemperatureTolerance_K || t > high + kTemperatureTolerance_K)
      throw engine::ModelError(who + ": chain " + std::to_string(chains.first_chain + c) +
                               " is at " + std::to_string(t) + " K, the model is for " +
                               std::to_string(low) +
                               (high > low ? " to " + std::to_string(high) : "") + " K");
    const double ratio = std::clamp(t, low, high) / weights_.temperature_K;
    input.push_back(1.0 / ratio - 1.0);
    scale.push_back(std::sqrt(ratio));
    log_scale.push_back(0.5 * static_cast<double>(weights_.fast.size()) * std::log(ratio));
  }
  const std::size_t n = input.size();
  return {as_tensor(input, n, 1).clone(), as_tensor(scale, n, 1).clone(),
          as_tensor(log_scale, n, 1).clone().squeeze(1)};
}

void LeapTensors::pick(const std::vector<std::size_t>& coordinates, InternalBatch& batch,
                       std::vector<double>& values) const {
  values.resize(batch.n * coordinates.size());
  const std::size_t stride = weights_.z.n_internal();
  for (std::size_t c = 0; c < batch.n; ++c)
    for (std::size_t i = 0; i < coordinates.size(); ++i)
      values[c * coordinates.size() + i] = batch.q[c * stride + coordinates[i]];
}

InternalBatch LeapTensors::measure(ConstCoordinates x) const {
  InternalBatch batch;
  batch.n = x.n_chains;
  batch.q.resize(batch.n * weights_.z.n_internal());
  batch.log_jac.resize(batch.n);
  batch.soft.resize(batch.n * weights_.soft.size());
  batch.rotors.resize(batch.n * weights_.rotors.size());
  batch.fast.resize(batch.n * weights_.fast.size());
  for_each_chain(pool(), batch.n, [&](std::size_t c) {
    engine::cartesian_to_internal(weights_.z, x.slice(c, 1), batch.row(batch.q, c),
                                  Span<double>(batch.log_jac).subspan(c, 1));
    split_.read(batch.row(batch.q, c), batch.row(batch.soft, c), batch.row(batch.rotors, c),
                batch.row(batch.fast, c));
  });
  pick(weights_.context, batch, batch.context);
  pick(weights_.basis_torsions, batch, batch.basis_torsions);
  evaluate_basis(batch);
  return batch;
}

InternalBatch LeapTensors::begin_as(const InternalBatch& from) const {
  InternalBatch to = from;
  // Nothing that is drawn may be read before.
  for (std::vector<double>* values :
       {&to.context, &to.basis_torsions, &to.soft, &to.rotors, &to.fast, &to.basis, &to.log_jac})
    std::fill(values->begin(), values->end(), std::nan(""));
  return to;
}

void LeapTensors::take_soft(InternalBatch& batch) const {
  const std::size_t n_soft = weights_.soft.size(), stride = weights_.z.n_internal();
  for (std::size_t c = 0; c < batch.n; ++c)
    for (std::size_t i = 0; i < n_soft; ++i)
      batch.q[c * stride + weights_.soft[i]] = batch.soft[c * n_soft + i];
  pick(weights_.basis_torsions, batch, batch.basis_torsions);
}

void LeapTensors::evaluate_basis(InternalBatch& batch) const {
  batch.basis.resize(batch.n * basis_.size());
  for_each_chain(pool(), batch.n, [&](std::size_t c) {
    basis_.evaluate(batch.row(batch.basis_torsions, c), batch.row(batch.rotors, c),
                    batch.row(batch.basis, c));
  });
}

std::vector<char> LeapTensors::take_rest(InternalBatch& batch) const {
  std::vector<char> inside(batch.n);
  for_each_chain(pool(), batch.n, [&](std::size_t c) {
    inside[c] = split_.write(batch.row(batch.soft, c), batch.row(batch.rotors, c),
                             batch.row(batch.fast, c), batch.row(batch.q, c))
                    ? 1
                    : 0;
  });
  pick(weights_.context, batch, batch.context);
  return inside;
}

torch::Tensor LeapTensors::soft(InternalBatch& to, InternalBatch& from,
                                const TemperatureTensors& t) const {
  torch::Tensor sum = zeros(to.n);
  for (std::size_t i = 0; i < weights_.soft.size(); ++i)
    sum = sum + soft(i, soft_mixture(i, to, from, t), to);
  return with_uniform(sum);
}

WrappedMixture LeapTensors::soft_mixture(std::size_t i, InternalBatch& to, InternalBatch& from,
                                         const TemperatureTensors& t) const {
  const torch::Tensor context = as_tensor(from.context, from.n, weights_.context.size());
  const torch::Tensor chosen = as_tensor(to.soft, to.n, weights_.soft.size()).slice(1, 0, index(i));
  MixtureNetwork network = networks_.soft[i];
  return network->forward(torch::cat({context, chosen}, 1), t.input);
}

torch::Tensor LeapTensors::soft(std::size_t i, const WrappedMixture& mixture,
                                InternalBatch& to) const {
  return mixture.log_density(as_tensor(to.soft, to.n, weights_.soft.size()).select(1, index(i)));
}

torch::Tensor LeapTensors::with_uniform(const torch::Tensor& networks) const {
  const std::size_t n_soft = weights_.soft.size();
  if (n_soft == 0) return networks;
  const double log_uniform =
      std::log(weights_.uniform_fraction) - static_cast<double>(n_soft) * std::log(engine::kTwoPi);
  return torch::logaddexp(networks + std::log1p(-weights_.uniform_fraction),
                          torch::full_like(networks, log_uniform));
}

torch::Tensor LeapTensors::rotors(InternalBatch& batch, const TemperatureTensors& t) const {
  torch::Tensor sum = zeros(batch.n);
  for (std::size_t j = 0; j < weights_.rotors.size(); ++j)
    sum = sum + rotor(j, rotor_mixture(j, batch, t), batch);
  return sum;
}

WrappedMixture LeapTensors::rotor_mixture(std::size_t j, InternalBatch& batch,
                                          const TemperatureTensors& t) const {
  MixtureNetwork network = networks_.rotors[j];
  return network->forward(as_tensor(batch.basis_torsions, batch.n, weights_.basis_torsions.size()),
                          t.input);
}

torch::Tensor LeapTensors::rotor(std::size_t j, const WrappedMixture& mixture,
                                 InternalBatch& batch) const {
  const torch::Tensor angles =
      as_tensor(batch.rotors, batch.n, weights_.rotors.size()).select(1, index(j));
  return mixture.log_density(static_cast<double>(weights_.rotors[j].fold) * angles);
}

torch::Tensor LeapTensors::fast_mean(InternalBatch& batch) const {
  return torch::mm(as_tensor(batch.basis, batch.n, basis_.size()), fast_weights_.t());
}

torch::Tensor LeapTensors::whitened(InternalBatch& batch, const torch::Tensor& mean,
                                    const TemperatureTensors& t) const {
  return torch::mm(as_tensor(batch.fast, batch.n, weights_.fast.size()) - mean,
                   inverse_cholesky_.t()) /
         t.scale;
}

torch::Tensor LeapTensors::coloured(const torch::Tensor& z, const TemperatureTensors& t) const {
  return torch::mm(z, cholesky_.t()) * t.scale;
}

torch::Tensor LeapTensors::fast(const torch::Tensor& z, const TemperatureTensors& t) const {
  const auto n_fast = static_cast<double>(weights_.fast.size());
  const torch::Tensor squares = (z * z).sum(1);
  torch::Tensor log_kernel = -0.5 * squares;
  if (weights_.wide_fraction > 0.0) {
    const double scale = weights_.wide_scale;
    log_kernel =
        torch::logaddexp(log_kernel + std::log1p(-weights_.wide_fraction),
                         -0.5 / (scale * scale) * squares +
                             (std::log(weights_.wide_fraction) - n_fast * std::log(scale)));
  }
  return log_kernel - log_det_cholesky_ - 0.5 * n_fast * std::log(engine::kTwoPi) - t.log_scale;
}

bool LeapTensors::same_kept(InternalBatch& a, InternalBatch& b, std::size_t chain) const {
  const std::size_t first_torsion = 2 * weights_.z.n_atoms() - 3;
  const auto p = a.row(a.q, chain), q = b.row(b.q, chain);
  return std::all_of(kept_.begin(), kept_.end(), [&](std::size_t i) {
    const double change = i < first_torsion ? p[i] - q[i] : engine::wrap_angle(p[i] - q[i]);
    return std::abs(change) <= kKeptTolerance;
  });
}

}  // namespace saltus::mlsamplers
