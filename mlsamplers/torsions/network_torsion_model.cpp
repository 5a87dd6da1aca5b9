#include "mlsamplers/torsions/network_torsion_model.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/lanes/instruction_set.h"
#include "engine/torsions/torsion_head_lanes.h"

namespace saltus::mlsamplers {

namespace {

/// out += in W for W [n_in, n_out], by blocks that the compiler keeps in registers.
void add_product(const float* in, std::size_t n_in, const float* weights, std::size_t n_out,
                 float* out) {
  for (std::size_t block = 0; block < n_out; block += kHeadBlock) {
    float sum[kHeadBlock];
    for (std::size_t j = 0; j < kHeadBlock; ++j) sum[j] = out[block + j];
    for (std::size_t i = 0; i < n_in; ++i) {
      const float* row = weights + i * n_out + block;
      const float x = in[i];
      for (std::size_t j = 0; j < kHeadBlock; ++j) sum[j] += x * row[j];
    }
    for (std::size_t j = 0; j < kHeadBlock; ++j) out[block + j] = sum[j];
  }
}

void rectify(float* values, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) values[i] = values[i] > 0.0f ? values[i] : 0.0f;
}

void require_finite(bool finite) {
  if (!finite)
    throw engine::ModelError(
        "the torsion network gives densities that are not finite: its weights are too large; use "
        "another model, or train it again");
}

/// Outputs are, K of each: logarithms of weights, x and y of means, logistic concentrations.
void read_mixture(const float* outputs, std::size_t n, engine::VonMisesMixture& out) {
  static const double log_min = std::log(kMinConcentration);
  static const double log_range = std::log(kMaxConcentration) - log_min;
  out.uniform = kUniformShare;
  out.weights.resize(n);
  out.means.resize(n);
  out.concentrations.resize(n);
  // Weights that are finite each can still give sums that are not; no angle can be drawn then.
  require_finite(engine::all_finite(engine::Span<const float>(outputs, 4 * n)));
  const double largest = *std::max_element(outputs, outputs + n);
  double total = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    out.weights[k] = std::exp(outputs[k] - largest);
    total += out.weights[k];
    const double x = outputs[n + k], y = outputs[2 * n + k];
    out.means[k] = std::atan2(y, x);
    const double logistic = 1.0 / (1.0 + std::exp(-static_cast<double>(outputs[3 * n + k])));
    out.concentrations[k] = std::exp(log_min + log_range * logistic);
  }
  for (double& weight : out.weights) weight /= total;
}

void require(bool ok) {
  if (!ok) throw engine::InternalError("torsion network: sizes do not fit each other");
}

}  // namespace

std::array<float, 2 * kTorsionHarmonics> torsion_harmonics(double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  const double c2 = c * c - s * s, s2 = 2.0 * s * c;
  const double c3 = c2 * c - s2 * s, s3 = s2 * c + c2 * s;
  return {static_cast<float>(c),  static_cast<float>(s),  static_cast<float>(c2),
          static_cast<float>(s2), static_cast<float>(c3), static_cast<float>(s3)};
}

NetworkTorsionModel::NetworkTorsionModel(const engine::TorsionGraph& graph, ReadoutRows layout,
                                         TorsionEmbeddings rows,
                                         std::shared_ptr<const TorsionHead> head)
    : n_inversions_(graph.inversions.size()),
      layout_(std::move(layout)),
      rows_(std::move(rows)),
      head_(std::move(head)) {
  for (const engine::TorsionBond& torsion : graph.torsions) {
    folds_.push_back(torsion.fold);
    symmetries_.push_back(torsion.symmetry);
    neighbours_.push_back(torsion.neighbours);
  }
  const std::size_t width = head_->width;
  require(width > 0 && width % kHeadBlock == 0 && width <= kMaxHeadWidth);
  require(head_->n_components > 0 && head_->n_outputs() <= kMaxHeadWidth);
  require(head_->harmonics.size() == 2 * kTorsionHarmonics * width &&
          head_->mix.size() == width * width && head_->second.size() == width * width &&
          head_->second_bias.size() == width &&
          head_->output.size() == width * head_->n_outputs() &&
          head_->output_bias.size() == head_->n_outputs());
  require(layout_.bases_of.size() == folds_.size() && layout_.pairs_of.size() == folds_.size() &&
          rows_.bases.size() == layout_.bases.size() * width &&
          rows_.pairs.size() == layout_.pairs.size() * width);
  engine::choose_instruction_set();
}

const float* NetworkTorsionModel::base_row(std::size_t torsion,
                                           engine::Span<const int> signs) const {
  return &rows_.bases[layout_.bases_of[torsion].row(signs) * head_->width];
}

const float* NetworkTorsionModel::pair_row(std::size_t torsion, std::size_t i,
                                           engine::Span<const int> signs) const {
  return &rows_.pairs[layout_.pairs_of[torsion][i].row(signs) * head_->width];
}

void NetworkTorsionModel::add_message(const float* pair, double angle, Hidden& sum) const {
  const std::size_t width = head_->width;
  const auto harmonics = torsion_harmonics(angle);
  Hidden message;
  std::copy(pair, pair + width, message.begin());
  add_product(harmonics.data(), harmonics.size(), head_->harmonics.data(), width, message.data());
  for (std::size_t i = 0; i < width; ++i) sum[i] += message[i] > 0.0f ? message[i] : 0.0f;
}

void NetworkTorsionModel::density(std::size_t torsion, const engine::TorsionContext& context,
                                  engine::VonMisesMixture& out) const {
  require(context.torsions.size() == folds_.size() && context.known.size() == folds_.size() &&
          context.inversions.size() == n_inversions_);
  const TorsionHead& head = *head_;
  const std::size_t width = head.width;
  Hidden sum{}, hidden, second, outputs;
  const std::vector<std::size_t>& neighbours = neighbours_.at(torsion);
  for (std::size_t i = 0; i < neighbours.size(); ++i) {
    const std::size_t c = neighbours[i];
    if (context.known[c] == 0) continue;
    add_message(pair_row(torsion, i, context.inversions), symmetries_[c] * context.torsions[c],
                sum);
  }
  const float* base = base_row(torsion, context.inversions);
  std::copy(base, base + width, hidden.begin());
  add_product(sum.data(), width, head.mix.data(), width, hidden.data());
  rectify(hidden.data(), width);
  std::copy(head.second_bias.begin(), head.second_bias.end(), second.begin());
  add_product(hidden.data(), width, head.second.data(), width, second.data());
  rectify(second.data(), width);
  std::copy(head.output_bias.begin(), head.output_bias.end(), outputs.begin());
  add_product(second.data(), width, head.output.data(), head.n_outputs(), outputs.data());
  out.fold = folds_[torsion];
  read_mixture(outputs.data(), head.n_components, out);
}

void NetworkTorsionModel::block_density(const engine::TorsionBlockContext& context,
                                        engine::MixtureBlock& out) const {
  constexpr std::size_t kLanes = engine::kLaneWidth;
  require(context.torsions.size() == folds_.size() * kLanes &&
          context.known.size() == folds_.size() * kLanes &&
          context.inversions.size() == n_inversions_ * kLanes);
  engine::TorsionHeadBlock block;
  block.n_lanes = context.n_lanes;
  std::vector<int> signs(n_inversions_);
  for (std::size_t lane = 0; lane < context.n_lanes; ++lane) {
    const std::size_t torsion = context.asked[lane];
    if (torsion == engine::kNowhere) continue;
    for (std::size_t i = 0; i < signs.size(); ++i) signs[i] = context.inversions[i * kLanes + lane];
    block.bases[lane] = base_row(torsion, signs);
    const std::vector<std::size_t>& neighbours = neighbours_.at(torsion);
    std::size_t n_known = 0;
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
      const std::size_t c = neighbours[i], at = c * kLanes + lane;
      if (context.known[at] == 0) continue;
      if (n_known == block.messages.size()) block.messages.emplace_back();
      engine::TorsionHeadBlock::Message& message = block.messages[n_known++];
      message.rows[lane] = pair_row(torsion, i, signs);
      message.angles[lane] = symmetries_[c] * context.torsions[at];
    }
  }
  require_finite(engine::evaluate_torsion_head(*head_, block, out));
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool asked = lane < context.n_lanes && context.asked[lane] != engine::kNowhere;
    out.fold[lane] = asked ? folds_[context.asked[lane]] : 1;
    out.uniform[lane] = kUniformShare;
  }
}

std::vector<engine::VonMisesMixture> marginal_densities(const engine::TorsionModel& model,
                                                        engine::Span<const int> inversions) {
  const std::size_t n = model.n_torsions();
  const std::vector<double> torsions(n, 0.0);
  const std::vector<std::uint8_t> known(n, 0);
  std::vector<engine::VonMisesMixture> mixtures(n);
  for (std::size_t i = 0; i < n; ++i) model.density(i, {torsions, known, inversions}, mixtures[i]);
  return mixtures;
}

}  // namespace saltus::mlsamplers
