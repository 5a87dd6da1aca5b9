#include "engine/torsions/torsion_head_lanes.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/torsions/torsion_head_lanes.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h comes first.
#include "engine/leap/leap_network_detail.h"

HWY_BEFORE_NAMESPACE();
namespace saltus::engine {
namespace HWY_NAMESPACE {
namespace {

using HeadFloats = hn::CappedTag<float, kLaneWidth>;
using HeadVector = hn::Vec<HeadFloats>;

/// Outputs that are summed side by side.
constexpr std::size_t kSums = 8;
static_assert(kHeadBlock % kSums == 0, "widths are multiples of kSums");

/// sum + w x, rounded after each operation: a fused one would differ between instruction sets.
HWY_INLINE HeadVector add_term(HeadFloats d, HeadVector sum, float weight, HeadVector x) {
  return hn::Add(sum, hn::Mul(x, hn::Set(d, weight)));
}

/// Eight rows of out += in W for the chains of a vector.
/// @param in       [n_in][lane]
/// @param weights  [n_in][n_out], from the first of the eight columns on
HWY_INLINE void eight_rows(std::size_t n_in, std::size_t n_out, const float* in,
                           const float* weights, float* out) {
  const HeadFloats d;
  HeadVector s0 = hn::Load(d, out), s1 = hn::Load(d, out + kLaneWidth);
  HeadVector s2 = hn::Load(d, out + 2 * kLaneWidth), s3 = hn::Load(d, out + 3 * kLaneWidth);
  HeadVector s4 = hn::Load(d, out + 4 * kLaneWidth), s5 = hn::Load(d, out + 5 * kLaneWidth);
  HeadVector s6 = hn::Load(d, out + 6 * kLaneWidth), s7 = hn::Load(d, out + 7 * kLaneWidth);
  for (std::size_t i = 0; i < n_in; ++i, in += kLaneWidth, weights += n_out) {
    const HeadVector x = hn::Load(d, in);
    s0 = add_term(d, s0, weights[0], x);
    s1 = add_term(d, s1, weights[1], x);
    s2 = add_term(d, s2, weights[2], x);
    s3 = add_term(d, s3, weights[3], x);
    s4 = add_term(d, s4, weights[4], x);
    s5 = add_term(d, s5, weights[5], x);
    s6 = add_term(d, s6, weights[6], x);
    s7 = add_term(d, s7, weights[7], x);
  }
  hn::Store(s0, d, out);
  hn::Store(s1, d, out + kLaneWidth);
  hn::Store(s2, d, out + 2 * kLaneWidth);
  hn::Store(s3, d, out + 3 * kLaneWidth);
  hn::Store(s4, d, out + 4 * kLaneWidth);
  hn::Store(s5, d, out + 5 * kLaneWidth);
  hn::Store(s6, d, out + 6 * kLaneWidth);
  hn::Store(s7, d, out + 7 * kLaneWidth);
}

}  // namespace

/// out += in W for rows of lanes and W [n_in, n_out].
void add_product_vectors(Span<const float> weights, std::size_t n_out, std::size_t n_lanes,
                         const float* in, float* out) {
  const HeadFloats d;
  const std::size_t n_in = weights.size() / n_out;
  for (std::size_t row = 0; row < n_out; row += kSums)
    for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
      eight_rows(n_in, n_out, in + lane, weights.data() + row, out + row * kLaneWidth + lane);
}

/// sum += max(0, value) where `there` is 1, not where it is 0; rows [n][lane].
void add_message_vectors(std::size_t n, std::size_t n_lanes, const float* there,
                         const float* values, float* sum) {
  const HeadFloats d;
  const HeadVector zero = hn::Zero(d);
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    const auto is_there = hn::Gt(hn::Load(d, there + lane), zero);
    for (std::size_t i = 0; i < n; ++i) {
      const HeadVector value = hn::Load(d, values + i * kLaneWidth + lane);
      const auto counts = hn::And(is_there, hn::Gt(value, zero));
      float* at = sum + i * kLaneWidth + lane;
      hn::Store(hn::Add(hn::Load(d, at), hn::IfThenElseZero(counts, value)), d, at);
    }
  }
}

void harmonic_vectors(std::size_t n_lanes, const double* angles, double* rows) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d))
    store_harmonics(d, hn::Load(d, angles + lane), kTorsionHarmonics, rows + lane);
}

/// From outputs in the block's lists (logarithms of weights, x and y of means in `means` and
/// `scales`, logistic concentrations) to the numbers of mixtures.
void finish_head_vectors(double log_min, double log_range, std::size_t n_lanes, MixtureBlock& m) {
  const LeapDoubles d;
  for (std::size_t lane = 0; lane < n_lanes; lane += hn::Lanes(d)) {
    LeapVector largest = hn::Load(d, m.weights.data() + lane), total = hn::Zero(d);
    for (std::size_t k = 1; k < m.n_components; ++k)
      largest = hn::Max(largest, hn::Load(d, m.weights.data() + k * kLaneWidth + lane));
    for (std::size_t k = 0; k < m.n_components; ++k) {
      const std::size_t at = k * kLaneWidth + lane;
      const LeapVector weight = hn::Exp(d, hn::Sub(hn::Load(d, m.weights.data() + at), largest));
      total = hn::Add(total, weight);
      hn::Store(weight, d, m.weights.data() + at);
      const LeapVector x = hn::Load(d, m.means.data() + at);
      hn::Store(angle_of(d, x, hn::Load(d, m.scales.data() + at)), d, m.means.data() + at);
      const LeapVector share = logistic(d, hn::Load(d, m.concentrations.data() + at));
      const LeapVector log_kappa = hn::MulAdd(hn::Set(d, log_range), share, hn::Set(d, log_min));
      hn::Store(hn::Exp(d, log_kappa), d, m.concentrations.data() + at);
    }
    for (std::size_t k = 0; k < m.n_components; ++k) {
      double* weight = m.weights.data() + k * kLaneWidth + lane;
      hn::Store(hn::Div(hn::Load(d, weight), total), d, weight);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace saltus::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace saltus::engine {

HWY_EXPORT(add_product_vectors);
HWY_EXPORT(add_message_vectors);
HWY_EXPORT(harmonic_vectors);
HWY_EXPORT(finish_head_vectors);

namespace {

/// Rows of lanes of a layer.
struct HeadRows {
  alignas(64) std::array<float, kMaxHeadWidth * kLaneWidth> values;
  float* data() { return values.data(); }
  const float* data() const { return values.data(); }
};

/// A row of each lane, zeros where there is none.
void load_rows(const std::array<const float*, kLaneWidth>& rows, std::size_t width, HeadRows& out) {
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane)
    for (std::size_t i = 0; i < width; ++i)
      out.values[i * kLaneWidth + lane] = rows[lane] == nullptr ? 0.0f : rows[lane][i];
}

/// The same numbers in all lanes.
void load_bias(const std::vector<float>& bias, HeadRows& out) {
  for (std::size_t i = 0; i < bias.size(); ++i)
    std::fill_n(out.data() + i * kLaneWidth, kLaneWidth, bias[i]);
}

void rectify(std::size_t width, HeadRows& rows) {
  for (std::size_t i = 0; i < width * kLaneWidth; ++i)
    rows.values[i] = rows.values[i] > 0.0f ? rows.values[i] : 0.0f;
}

void add_message(const TorsionHead& head, const TorsionHeadBlock::Message& message,
                 std::size_t n_lanes, HeadRows& sum) {
  alignas(64) double harmonics[2 * kTorsionHarmonics * kLaneWidth] = {};
  alignas(64) float rounded[2 * kTorsionHarmonics * kLaneWidth], there[kLaneWidth];
  HWY_DYNAMIC_DISPATCH(harmonic_vectors)(n_lanes, message.angles.data(), harmonics);
  for (std::size_t i = 0; i < 2 * kTorsionHarmonics * kLaneWidth; ++i)
    rounded[i] = static_cast<float>(harmonics[i]);
  for (std::size_t lane = 0; lane < kLaneWidth; ++lane)
    there[lane] = message.rows[lane] == nullptr ? 0.0f : 1.0f;
  HeadRows values;
  load_rows(message.rows, head.width, values);
  HWY_DYNAMIC_DISPATCH(add_product_vectors)
  (head.harmonics, head.width, n_lanes, rounded, values.data());
  HWY_DYNAMIC_DISPATCH(add_message_vectors)
  (head.width, n_lanes, there, values.data(), sum.data());
}

/// Outputs [n_outputs] of the head.
void run_layers(const TorsionHead& head, const TorsionHeadBlock& block, HeadRows& outputs) {
  const std::size_t width = head.width, n_lanes = block.n_lanes;
  HeadRows sum, hidden, second;
  std::fill_n(sum.data(), width * kLaneWidth, 0.0f);
  for (const TorsionHeadBlock::Message& message : block.messages)
    add_message(head, message, n_lanes, sum);
  load_rows(block.bases, width, hidden);
  HWY_DYNAMIC_DISPATCH(add_product_vectors)
  (head.mix, width, n_lanes, sum.data(), hidden.data());
  rectify(width, hidden);
  load_bias(head.second_bias, second);
  HWY_DYNAMIC_DISPATCH(add_product_vectors)
  (head.second, width, n_lanes, hidden.data(), second.data());
  rectify(width, second);
  load_bias(head.output_bias, outputs);
  HWY_DYNAMIC_DISPATCH(add_product_vectors)
  (head.output, head.n_outputs(), n_lanes, second.data(), outputs.data());
}

bool all_asked_finite(const TorsionHeadBlock& block, const HeadRows& outputs, std::size_t n) {
  for (std::size_t lane = 0; lane < block.n_lanes; ++lane)
    for (std::size_t i = 0; block.bases[lane] != nullptr && i < n; ++i)
      if (!std::isfinite(outputs.values[i * kLaneWidth + lane])) return false;
  return true;
}

}  // namespace

bool evaluate_torsion_head(const TorsionHead& head, const TorsionHeadBlock& block,
                           MixtureBlock& out) {
  HeadRows outputs;
  run_layers(head, block, outputs);
  const std::size_t n = head.n_components, size = n * kLaneWidth;
  if (!all_asked_finite(block, outputs, 4 * n)) return false;
  out.resize(n);
  const float* next = outputs.data();
  for (AlignedVector<double>* rows : {&out.weights, &out.means, &out.scales, &out.concentrations}) {
    std::copy(next, next + size, rows->begin());
    next += size;
  }
  static const double log_min = std::log(kMinConcentration);
  static const double log_range = std::log(kMaxConcentration) - log_min;
  HWY_DYNAMIC_DISPATCH(finish_head_vectors)(log_min, log_range, block.n_lanes, out);
  return true;
}

}  // namespace saltus::engine
#endif
