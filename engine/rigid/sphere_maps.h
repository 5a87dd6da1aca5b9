#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "engine/rigid/quaternion.h"

namespace saltus::engine {

/// A vector of R^D; of length 1 a point of the sphere S^(D-1). Orientations are points of S^3 (w,
/// x, y, z), angles are points of S^1 (cos, sin).
template <std::size_t D>
using SphereVector = std::array<double, D>;

/// Where a map takes a point, and log |det| of its derivative there, from tangent space to tangent
/// space: a density with respect to the area of the sphere becomes rho(p) exp(-log_det).
template <std::size_t D>
struct SphereImage {
  SphereVector<D> point{};
  double log_det = 0.0;
};

/// q as a point of S^3, and back.
inline SphereVector<4> point_of(Quaternion q) { return {q.w, q.x, q.y, q.z}; }
inline Quaternion quaternion_at(const SphereVector<4>& p) { return {p[0], p[1], p[2], p[3]}; }

/// Invertible maps of S^(D-1) onto itself. All but Moebius' are even: f(-p) = -f(p), bit for bit,
/// as maps of rotations must be, since q and -q are one rotation. D is 2 or 4.
///
/// Moebius transformation with |w| < 1, which draws points away from w:
///   M_w(p) = (1 - |w|^2) / |p - w|^2 (p - w) - w,  inverse M_(-w),
///   log |det| = (D - 1) log[(1 - |w|^2) / |p - w|^2].
/// Not even. Source: Koehler, Invernizzi, de Haan, Noe, Rigid Body Flows, ICML (2023),
/// doi:10.48550/arXiv.2301.11355.
template <std::size_t D>
class MoebiusMap {
 public:
  /// @throws InputError  when |w| is not below 1
  explicit MoebiusMap(const SphereVector<D>& w);
  SphereImage<D> forward(const SphereVector<D>& p) const { return map(p, 1.0); }
  SphereImage<D> inverse(const SphereVector<D>& y) const { return map(y, -1.0); }

 private:
  SphereImage<D> map(const SphereVector<D>& p, double sign) const;

  SphereVector<D> w_;
};

/// The direction of M_w(p) + M_(-w)(p), even; it is that of a linear map, which is how it is
/// computed:
///   y = A p / |A p|,  A = (1 + s) I - 2 w w^T,  s = |w|^2,
///   log |det| = log[(1 - s) (1 + s)^(D-1)] - D log |A p|,
/// and the inverse is the direction of A^-1 y, (1 + s) A^-1 = I + 2 / (1 - s) w w^T. Contracts
/// along w. Two of them in a row are one linear map: nothing is gained without something between.
template <std::size_t D>
class SymmetrisedMoebiusMap {
 public:
  /// @throws InputError  when |w| is not below 1
  explicit SymmetrisedMoebiusMap(const SphereVector<D>& w);
  SphereImage<D> forward(const SphereVector<D>& p) const;
  SphereImage<D> inverse(const SphereVector<D>& y) const;

 private:
  SphereVector<D> w_;
  double square_;   ///< s
  double log_det_;  ///< of A
};

/// y = L p / |L p| with L lower triangular, its diagonal positive; its scale has no effect.
///   log |det| = log det L - D log |L p|,  inverse by forward substitution.
/// A uniform p becomes an angular central Gaussian (Tyler, Biometrika 74, 579 (1987),
/// doi:10.1093/biomet/74.3.579).
template <std::size_t D>
class LinearSphereMap {
 public:
  /// Row by row: L_00, L_10, L_11, L_20, ...
  using Rows = std::array<double, D*(D + 1) / 2>;
  /// @throws InputError  when a number is not finite or the diagonal is not positive
  explicit LinearSphereMap(const Rows& rows);
  SphereImage<D> forward(const SphereVector<D>& p) const;
  SphereImage<D> inverse(const SphereVector<D>& y) const;

 private:
  Rows rows_;
  double log_det_ = 0.0;  ///< of L
};

/// A term weight log(offset + cosh(centre . p)) of a convex function.
template <std::size_t D>
struct ConvexTerm {
  SphereVector<D> centre{};
  double weight = 1.0;  ///< >= 0
  double offset = 0.0;  ///< in [0, 2]
};

/// The direction of a gradient, y = g / |g|, of
///   phi(p) = stiffness |p|^2 / 2 + sum_k weight_k log(offset_k + cosh(centre_k . p)),
/// even and convex. With H the Hessian of phi:
///   log |det| = log |det((I - y y^T) H (I - p p^T) / |g| + y p^T)|.
/// The inverse has no closed form: Newton steps along the sphere, halved while the residual grows.
///
/// Convexity alone does not make such a map a bijection: the derivative is that of H times
/// p^T H^-1 g, which may be negative where one term is saturated and another is not. It is positive
/// everywhere when (r - 1)^3 < 8 r (r + 1), about r < 11.4, with
///   r = 1 + lambda / stiffness,
///   lambda the largest eigenvalue of sum_k weight_k centre_k centre_k^T / (1 + offset_k),
/// which is asked for. For: g = (H + E) p with E positive semidefinite for offsets up to 2, where
/// the gradient's terms bend down; E and H - stiffness are at most lambda; and p^T H^-1 E p >=
/// c e - d sqrt(lambda e), e = p^T E p, where c +- d are the bounds of the spectrum of H^-1, which
/// is least at -d^2 lambda / (4 c) > -1. A map without folds of a sphere onto itself that can be
/// deformed into the identity (stiffness to infinity) takes each value once.
template <std::size_t D>
class ConvexGradientMap {
 public:
  /// @throws InputError  when a number is out of range, or the terms are too strong for the
  ///                     stiffness
  ConvexGradientMap(std::vector<ConvexTerm<D>> terms, double stiffness);
  SphereImage<D> forward(const SphereVector<D>& p) const;
  /// Nothing when no p is found with |y(p) - y| <= kLargestResidual.
  std::optional<SphereImage<D>> inverse(const SphereVector<D>& y) const;

  /// Far below the noise of a Metropolis decision.
  static constexpr double kLargestResidual = 1e-9;

 private:
  std::vector<ConvexTerm<D>> terms_;
  double stiffness_;
};

/// q -> r q: turns every orientation by the rotation r, about axes of the laboratory. An isometry,
/// log |det| = 0.
class TurningMap {
 public:
  /// @param r  not 0; normalised here
  explicit TurningMap(Quaternion r) : r_(normalised(r)) {}
  SphereImage<4> forward(const SphereVector<4>& q) const {
    return {point_of(r_ * quaternion_at(q)), 0.0};
  }
  SphereImage<4> inverse(const SphereVector<4>& q) const {
    return {point_of(conjugate(r_) * quaternion_at(q)), 0.0};
  }

 private:
  Quaternion r_;
};

}  // namespace saltus::engine
