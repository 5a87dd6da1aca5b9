#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/rigid/sphere_maps.h"

namespace saltus::mlsamplers {

/// Numbers that conditioners say of each term of a convex function.
inline constexpr std::int64_t kConvexTermNumbers = 6;
/// Factor of what is said of convex terms, whose natural size is 1 rather than that of turns.
inline constexpr double kTermScale = 10.0;
/// Of sum_k w_k |c_k|^2 / (1 + b_k); see ConvexGradientMap.
inline constexpr double kStrongest = 10.0;
/// Of |c_k|, so that the gap between two minima is at least a tenth of a radian wide.
inline constexpr double kLongestCentre = 16.0;
/// |c_k| before anything is learned: terms bend on the scale of half a turn. Together they then
/// have this part of kStrongest.
inline constexpr double kFirstCentre = 3.0, kFirstPart = 0.05;

/// Directions of centres before anything is learned: those of the 24 vertices of the 24-cell, one
/// of each opposite pair; [K, 4].
inline torch::Tensor first_directions(std::int64_t n_terms) {
  std::vector<double> v;
  for (int axis = 0; axis < 4; ++axis)
    for (int k = 0; k < 4; ++k) v.push_back(k == axis ? 1.0 : 0.0);
  for (int signs = 0; signs < 8; ++signs)
    for (int k = 0; k < 4; ++k) v.push_back(signs >> k & 1 ? -0.5 : 0.5);
  return torch::tensor(v, torch::kFloat64).view({-1, 4}).slice(0, 0, n_terms);
}

/// The terms of a convex function for each body; its stiffness is 1.
struct ConvexTerms {
  torch::Tensor centres;           ///< [B, M, K, 4]
  torch::Tensor weights, offsets;  ///< [B, M, K]

  /// @param said  [B, M, 6 K]: four numbers of its centre, its offset and its weight, for each term
  explicit ConvexTerms(const torch::Tensor& said) {
    const std::int64_t n_terms = said.size(-1) / kConvexTermNumbers;
    const torch::Tensor raw =
        kTermScale * said.reshape({said.size(0), said.size(1), n_terms, kConvexTermNumbers});
    const torch::Tensor v = kFirstCentre * first_directions(n_terms) + raw.slice(-1, 0, 4);
    // The square root has no derivative at 0.
    centres = v / (1.0 + (v.square().sum(-1, true) + 1e-12).sqrt() / kLongestCentre);
    offsets = 2.0 * torch::sigmoid(raw.select(-1, 4));
    // One more part, which no term gets, keeps the others below the whole.
    const double rest = std::log(static_cast<double>(n_terms) * (1.0 - kFirstPart) / kFirstPart);
    const torch::Tensor parts =
        torch::softmax(
            torch::cat(
                {raw.select(-1, 5), torch::full_like(raw.select(-1, 5).slice(-1, 0, 1), rest)}, -1),
            -1)
            .slice(-1, 0, n_terms);
    weights = kStrongest * parts * (1.0 + offsets) / (1.0 + centres.square().sum(-1));
  }
};

/// Where the gradient leads.
struct Climbed {
  torch::Tensor direction;   ///< [B, M, 4]
  torch::Tensor derivative;  ///< [B, M, 4, 4], of tangents, and p to the direction
  torch::Tensor log_det() const { return std::get<1>(torch::slogdet(derivative)); }
};

/// The direction of the gradient; formulas of engine::ConvexGradientMap.
/// @param p  [B, M, 4]
inline Climbed climb(const torch::Tensor& p, const ConvexTerms& terms) {
  const torch::Tensor z = (terms.centres * p.unsqueeze(-2)).sum(-1), b = terms.offsets;
  const torch::Tensor e = torch::exp(-z.abs()), whole = 1.0 + e * (2.0 * b + e);
  const torch::Tensor slope = torch::sign(z) * (1.0 - e * e) / whole;
  const torch::Tensor curvature = 2.0 * e * (2.0 * e + b * (1.0 + e * e)) / (whole * whole);
  const torch::Tensor g = p + ((terms.weights * slope).unsqueeze(-1) * terms.centres).sum(-2);
  const torch::Tensor one = torch::eye(4, torch::kFloat64);
  const torch::Tensor hessian =
      one + torch::matmul(terms.centres.transpose(-1, -2),
                          (terms.weights * curvature).unsqueeze(-1) * terms.centres);
  const torch::Tensor length = g.norm(2, -1, true), y = g / length;
  const auto outer = [](const torch::Tensor& u, const torch::Tensor& v) {
    return u.unsqueeze(-1) * v.unsqueeze(-2);
  };
  const torch::Tensor derivative =
      torch::matmul(torch::matmul(one - outer(y, y), hessian), one - outer(p, p)) /
          length.unsqueeze(-1) +
      outer(y, p);
  return {y, derivative};
}

/// Where a direction comes from and log |det| of the way back, [B, M]. Where gradients are wanted,
/// they are those of the solution p(y, terms) of y(p, terms) = y: a Newton step from where p is
/// leaves p as it is and has the derivatives dp = J^-1 (dy - dy(p, terms)), J the derivative.
inline std::pair<torch::Tensor, torch::Tensor> climb_back(const torch::Tensor& image,
                                                          const ConvexTerms& terms) {
  const std::int64_t n_terms = terms.weights.size(-1);
  torch::Tensor points = image.detach().contiguous().clone(),
                log_dets = torch::zeros(image.sizes().slice(0, 2), torch::kFloat64);
  const torch::Tensor centres = terms.centres.detach().contiguous(),
                      weights = terms.weights.detach().contiguous(),
                      offsets = terms.offsets.detach().contiguous();
  std::vector<engine::ConvexTerm<4>> own(static_cast<std::size_t>(n_terms));
  for (std::int64_t row = 0; row < log_dets.numel(); ++row) {
    for (std::int64_t k = 0; k < n_terms; ++k) {
      const std::int64_t at = row * n_terms + k;
      engine::ConvexTerm<4>& term = own[static_cast<std::size_t>(k)];
      std::copy_n(centres.data_ptr<double>() + 4 * at, 4, term.centre.begin());
      term.weight = weights.data_ptr<double>()[at];
      term.offset = offsets.data_ptr<double>()[at];
    }
    double* point = points.data_ptr<double>() + 4 * row;
    const auto found =
        engine::ConvexGradientMap<4>(own, 1.0).inverse({point[0], point[1], point[2], point[3]});
    // What has no inverse stays where it is, and is refused.
    if (found) std::copy(found->point.begin(), found->point.end(), point);
    log_dets.data_ptr<double>()[row] =
        found ? found->log_det : -std::numeric_limits<double>::infinity();
  }
  if (!torch::GradMode::is_enabled()) return {points, log_dets};
  const Climbed there = climb(points, terms);
  const torch::Tensor step = torch::matmul(torch::inverse(there.derivative.detach()),
                                           (image - there.direction).unsqueeze(-1));
  const torch::Tensor solved = points + step.squeeze(-1);
  // What has no inverse keeps log |det| = -inf.
  return {solved,
          torch::where(torch::isfinite(log_dets), -climb(solved, terms).log_det(), log_dets)};
}

}  // namespace saltus::mlsamplers
