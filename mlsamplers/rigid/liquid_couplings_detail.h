#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace saltus::mlsamplers {

/// Products of the components of a quaternion.
inline constexpr std::int64_t kOrientationFeatures = 10;
/// Factor of all that conditioners say, so that steps of Adam, which change every weight by about
/// the learning rate, change positions by little however many features there are.
inline constexpr double kOutputScale = 0.02;

inline constexpr std::int64_t kHarmonics = 3, kPairFeatures = 6 * kHarmonics;
/// Of the square of wave vectors: 16 of them.
inline constexpr int kLongestWave = 4;
inline constexpr std::int64_t kWaves = 16;
/// Of the norm of the Hessian: no map of positions is steeper than 1.8 or its inverse than 5.
inline constexpr double kLargestStrain = 0.8;
/// Factor of coefficients of pairs, of which many add up.
inline constexpr double kPairScale = 10.0 * kOutputScale;
/// Of angles, largest that counts as an inverse; far below what Metropolis' rule can tell.
inline constexpr double kInverseResidual = 1e-9;
/// Where Newton's method stops.
inline constexpr double kInverseConverged = 1e-14;
/// Fixed-point steps, each of which takes kLargestStrain off the error at least, and steps of
/// Newton's method after them.
inline constexpr int kFixedPointSteps = 10, kNewtonSteps = 12;
/// Of squares under roots, which have no derivative at 0.
inline constexpr double kTinySquare = 1e-12;

/// One of each opposite pair, [K, 3].
inline torch::Tensor wave_vectors() {
  std::vector<double> n;
  for (int x = -2; x <= 2; ++x)
    for (int y = -2; y <= 2; ++y)
      for (int z = -2; z <= 2; ++z) {
        const bool first = x > 0 || (x == 0 && (y > 0 || (y == 0 && z > 0)));
        if (first && x * x + y * y + z * z <= kLongestWave)
          for (const int component : {x, y, z}) n.push_back(component);
      }
  return torch::tensor(n, torch::kFloat64).view({kWaves, 3});
}

inline torch::Tensor differences(const torch::Tensor& angles) {
  return angles.unsqueeze(2) - angles.unsqueeze(1);
}

/// 1 where i = j, [M, M, 1].
inline torch::Tensor same_body(std::int64_t n_bodies) {
  return torch::eye(n_bodies, torch::TensorOptions(torch::kBool)).unsqueeze(-1);
}

/// Gradient [B, M, 3] of Psi and 1 + Hessian [B, 3 M, 3 M].
struct PairSlope {
  torch::Tensor gradient, derivative;

  PairSlope(const torch::Tensor& angles, const torch::Tensor& even, const torch::Tensor& odd) {
    const std::int64_t n_chains = angles.size(0), n_bodies = angles.size(1);
    const torch::Tensor n = wave_vectors();
    const torch::Tensor phases = torch::matmul(differences(angles), n.t());  // [B, M, M, K]
    const torch::Tensor c = phases.cos(), s = phases.sin();
    gradient = torch::matmul((odd * c - even * s).sum(2), n);
    const torch::Tensor outer = (n.unsqueeze(2) * n.unsqueeze(1)).flatten(1);  // [K, 9]
    const torch::Tensor blocks =
        torch::matmul(even * c + odd * s, outer).view({n_chains, n_bodies, n_bodies, 3, 3});
    const torch::Tensor hessian =
        blocks - torch::diag_embed(blocks.sum(2).permute({0, 2, 3, 1})).permute({0, 3, 4, 1, 2});
    derivative = torch::eye(3 * n_bodies, torch::kFloat64) +
                 hessian.permute({0, 1, 3, 2, 4}).reshape({n_chains, 3 * n_bodies, 3 * n_bodies});
  }

  torch::Tensor log_det() const { return std::get<1>(torch::slogdet(derivative)); }
  /// The step of angles that changes their image by so much.
  torch::Tensor step(const torch::Tensor& change) const {
    return torch::matmul(torch::inverse(derivative.detach()), change.flatten(1).unsqueeze(-1))
        .view(change.sizes());
  }
};

/// Angles and log |det| of where positions are led.
struct DisplacedAngles {
  torch::Tensor angles;   ///< [B, M, 3]
  torch::Tensor log_det;  ///< [B]; -inf: there is no inverse
};

/// Displaces all bodies at once along the gradient of a potential of pairs, given orientations:
///   t_i -> t_i + dPsi/dt_i,
///   Psi = sum_{i<j} sum_k A_ijk cos(n_k . (t_i - t_j)) + B_ijk sin(n_k . (t_i - t_j)),
/// t the angles 2 pi p / edge and n_k the vectors of small integers up to |n|^2 = kLongestWave, one
/// of each opposite pair. A_ij = A_ji and B_ij = -B_ji come from the orientations of both bodies by
/// the same network for all of them. So the map commutes with permutations of bodies and with
/// shifts of all, and keeps the mean of t. Coefficients are scaled such that
///   2 max_i sum_jk sqrt(A_ijk^2 + B_ijk^2) |n_k|^2 < kLargestStrain < 1,
/// which bounds the norm of the Hessian of Psi: 1 + Hessian is positive definite, there is one
/// inverse, and log |det| = log det(1 + Hessian), which is computed as a whole. The inverse is
/// found by Newton's method and counts where it ends within kInverseResidual.
class PairDisplacementImpl : public torch::nn::Module {
 public:
  explicit PairDisplacementImpl(std::int64_t hidden);
  /// @param angles    [B, M, 3]
  /// @param products  [B, M, 10], q_a q_b of each body
  DisplacedAngles forward(const torch::Tensor& angles, const torch::Tensor& products);
  DisplacedAngles inverse(const torch::Tensor& image, const torch::Tensor& products);

 private:
  struct Coefficients {
    torch::Tensor even, odd;  ///< A and B, [B, M, M, K]
  };
  Coefficients coefficients(const torch::Tensor& products);

  torch::nn::Linear first_{nullptr}, second_{nullptr}, even_{nullptr}, odd_{nullptr};
};
TORCH_MODULE(PairDisplacement);

/// What orientations are turned by, from positions: each body attends to all others by their
/// periodic differences. With f_ij the cosines and sines of 1 to kHarmonics times t_i - t_j,
///   e_ij = silu(W_1 f_ij + b_1),  a_i = sum_j softmax_j(W_l e_ij) (W_v e_ij + b_v), by channel,
///   out_i = s (V silu(W_2 a_i + b_2) + b_3),
/// s a small constant. It commutes with permutations of bodies, and shifts of all change nothing.
class PairAttentionImpl : public torch::nn::Module {
 public:
  PairAttentionImpl(std::int64_t hidden, std::int64_t n_out);
  /// @param angles  [B, M, 3], at least two bodies; the result is [B, M, n_out]
  torch::Tensor forward(const torch::Tensor& angles);

 private:
  torch::nn::Linear first_{nullptr}, logits_{nullptr}, values_{nullptr}, second_{nullptr},
      out_{nullptr};
};
TORCH_MODULE(PairAttention);

inline PairDisplacementImpl::PairDisplacementImpl(std::int64_t hidden) {
  using torch::nn::Linear;
  first_ = register_module("first", Linear(kOrientationFeatures, hidden));
  second_ = register_module("second", Linear(hidden, 2 * hidden));
  even_ = register_module("even_out", Linear(hidden, kWaves));
  odd_ = register_module("odd_out", Linear(torch::nn::LinearOptions(hidden, kWaves).bias(false)));
  to(torch::kFloat64);
}

inline PairDisplacementImpl::Coefficients PairDisplacementImpl::coefficients(
    const torch::Tensor& products) {
  const auto both = torch::silu(second_(torch::silu(first_(products)))).chunk(2, -1);
  const torch::Tensor u = both[0], v = both[1];
  const torch::Tensor others =
      kPairScale * torch::logical_not(same_body(products.size(1))).to(torch::kFloat64);
  const torch::Tensor pairs = torch::silu(u.unsqueeze(2) + u.unsqueeze(1));
  const torch::Tensor raw_even = others * even_(pairs);
  const torch::Tensor raw_odd = others * odd_((1.0 + pairs) * (v.unsqueeze(2) - v.unsqueeze(1)));
  const torch::Tensor squares = wave_vectors().square().sum(-1);
  const torch::Tensor sizes = (raw_even.square() + raw_odd.square() + kTinySquare).sqrt();
  const torch::Tensor bound = 2.0 * (sizes * squares).sum({2, 3}).amax(1);
  const torch::Tensor scale = (1.0 / (1.0 + bound / kLargestStrain)).view({-1, 1, 1, 1});
  return {scale * raw_even, scale * raw_odd};
}

inline DisplacedAngles PairDisplacementImpl::forward(const torch::Tensor& angles,
                                                     const torch::Tensor& products) {
  const auto [even, odd] = coefficients(products);
  const PairSlope slope(angles, even, odd);
  return {angles + slope.gradient, slope.log_det()};
}

inline DisplacedAngles PairDisplacementImpl::inverse(const torch::Tensor& image,
                                                     const torch::Tensor& products) {
  const auto [even, odd] = coefficients(products);
  torch::Tensor solved, misses;
  {
    torch::NoGradGuard no_grad;
    solved = image.detach().clone();
    for (int step = 0; step < kFixedPointSteps; ++step)
      solved = image - PairSlope(solved, even, odd).gradient;
    for (int step = 0; step < kNewtonSteps; ++step) {
      const PairSlope slope(solved, even, odd);
      const torch::Tensor change = image - solved - slope.gradient;
      misses = change.abs().amax({1, 2});
      if (misses.max().item<double>() < kInverseConverged) break;
      solved = solved + slope.step(change);
    }
  }
  // One more step, with the derivatives of the solution with respect to image and coefficients.
  const PairSlope slope(solved, even, odd);
  const torch::Tensor angles = solved + slope.step(image - solved - slope.gradient);
  const torch::Tensor log_det = -PairSlope(angles, even, odd).log_det();
  return {angles,
          torch::where(misses < kInverseResidual, log_det,
                       torch::full_like(log_det, -std::numeric_limits<double>::infinity()))};
}

inline PairAttentionImpl::PairAttentionImpl(std::int64_t hidden, std::int64_t n_out) {
  using torch::nn::Linear;
  first_ = register_module("first", Linear(kPairFeatures, hidden));
  logits_ = register_module("logits", Linear(hidden, hidden));
  values_ = register_module("values", Linear(hidden, hidden));
  second_ = register_module("second", Linear(hidden, hidden));
  out_ = register_module("out", Linear(hidden, n_out));
  to(torch::kFloat64);
}

inline torch::Tensor PairAttentionImpl::forward(const torch::Tensor& angles) {
  const torch::Tensor t = differences(angles);
  std::vector<torch::Tensor> features;
  for (std::int64_t n = 1; n <= kHarmonics; ++n) {
    const auto multiple = static_cast<double>(n);
    features.push_back((multiple * t).cos());
    features.push_back((multiple * t).sin());
  }
  const torch::Tensor pairs = torch::silu(first_(torch::cat(features, -1)));
  const torch::Tensor logits = logits_(pairs).masked_fill(same_body(angles.size(1)),
                                                          -std::numeric_limits<double>::infinity());
  const torch::Tensor attended = (torch::softmax(logits, 2) * values_(pairs)).sum(2);
  return kOutputScale * out_(torch::silu(second_(attended)));
}

/// Parameters of both for one coupling. @param n_out  of the attention
inline std::uint64_t liquid_coupling_parameters(std::uint64_t hidden, std::uint64_t n_out) {
  const auto linear = [](std::uint64_t n_in, std::uint64_t n) { return n_in * n + n; };
  const std::uint64_t displacement = linear(kOrientationFeatures, hidden) +
                                     linear(hidden, 2 * hidden) + linear(hidden, kWaves) +
                                     hidden * kWaves;
  const std::uint64_t attention =
      linear(kPairFeatures, hidden) + 3 * linear(hidden, hidden) + linear(hidden, n_out);
  return displacement + attention;
}

}  // namespace saltus::mlsamplers
