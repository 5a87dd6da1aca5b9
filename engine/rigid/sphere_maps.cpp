#include "engine/rigid/sphere_maps.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

template <std::size_t D>
double dot(const SphereVector<D>& a, const SphereVector<D>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < D; ++i) sum += a[i] * b[i];
  return sum;
}

/// The direction of v = A p, p a point of the sphere, with log |det| of p -> v / |v|.
template <std::size_t D>
SphereImage<D> direction_of(SphereVector<D> v, double log_det_of_a) {
  const double length = std::sqrt(dot(v, v));
  for (double& component : v) component /= length;
  return {v, log_det_of_a - static_cast<double>(D) * std::log(length)};
}

/// a p + b w
template <std::size_t D>
SphereVector<D> combination(double a, const SphereVector<D>& p, double b,
                            const SphereVector<D>& w) {
  SphereVector<D> sum;
  for (std::size_t i = 0; i < D; ++i) sum[i] = a * p[i] + b * w[i];
  return sum;
}

template <std::size_t D>
const SphereVector<D>& inside_the_sphere(const SphereVector<D>& w, const char* map) {
  const double square = dot(w, w);
  if (!(square < 1.0))
    throw InputError(std::string(map) + ": |w| is " + std::to_string(std::sqrt(square)) +
                     ", expected less than 1");
  return w;
}

}  // namespace

template <std::size_t D>
MoebiusMap<D>::MoebiusMap(const SphereVector<D>& w) : w_(inside_the_sphere(w, "Moebius map")) {}

template <std::size_t D>
SphereImage<D> MoebiusMap<D>::map(const SphereVector<D>& p, double sign) const {
  const SphereVector<D> difference = combination(1.0, p, -sign, w_);
  const double ratio = (1.0 - dot(w_, w_)) / dot(difference, difference);
  // Of length 1 but for rounding.
  const SphereVector<D> point = combination(ratio, difference, -sign, w_);
  return {direction_of(point, 0.0).point, static_cast<double>(D - 1) * std::log(ratio)};
}

template <std::size_t D>
SymmetrisedMoebiusMap<D>::SymmetrisedMoebiusMap(const SphereVector<D>& w)
    : w_(inside_the_sphere(w, "symmetrised Moebius map")),
      square_(dot(w, w)),
      log_det_(std::log1p(-square_) + static_cast<double>(D - 1) * std::log1p(square_)) {}

template <std::size_t D>
SphereImage<D> SymmetrisedMoebiusMap<D>::forward(const SphereVector<D>& p) const {
  return direction_of(combination(1.0 + square_, p, -2.0 * dot(w_, p), w_), log_det_);
}

template <std::size_t D>
SphereImage<D> SymmetrisedMoebiusMap<D>::inverse(const SphereVector<D>& y) const {
  const double scale = 1.0 / (1.0 + square_);
  return direction_of(combination(scale, y, scale * 2.0 / (1.0 - square_) * dot(w_, y), w_),
                      -log_det_);
}

template <std::size_t D>
LinearSphereMap<D>::LinearSphereMap(const Rows& rows) : rows_(rows) {
  for (std::size_t i = 0, at = 0; i < D; ++i)
    for (std::size_t j = 0; j <= i; ++j, ++at) {
      const bool diagonal = i == j;
      if (!std::isfinite(rows[at]) || (diagonal && !(rows[at] > 0.0)))
        throw InputError("linear sphere map: element " + std::to_string(i) + ", " +
                         std::to_string(j) + " is " + std::to_string(rows[at]) + ", expected a " +
                         (diagonal ? "positive" : "finite") + " number");
      if (diagonal) log_det_ += std::log(rows[at]);
    }
}

template <std::size_t D>
SphereImage<D> LinearSphereMap<D>::forward(const SphereVector<D>& p) const {
  SphereVector<D> v{};
  for (std::size_t i = 0, at = 0; i < D; ++i)
    for (std::size_t j = 0; j <= i; ++j, ++at) v[i] += rows_[at] * p[j];
  return direction_of(v, log_det_);
}

template <std::size_t D>
SphereImage<D> LinearSphereMap<D>::inverse(const SphereVector<D>& y) const {
  SphereVector<D> v{};
  for (std::size_t i = 0, at = 0; i < D; ++i) {
    double rest = y[i];
    for (std::size_t j = 0; j < i; ++j, ++at) rest -= rows_[at] * v[j];
    v[i] = rest / rows_[at++];
  }
  return direction_of(v, -log_det_);
}

namespace {

template <std::size_t D>
using Vector = Eigen::Matrix<double, static_cast<int>(D), 1>;
template <std::size_t D>
using Matrix = Eigen::Matrix<double, static_cast<int>(D), static_cast<int>(D)>;

template <std::size_t D>
Vector<D> eigen_of(const SphereVector<D>& p) {
  return Eigen::Map<const Vector<D>>(p.data());
}

template <std::size_t D>
SphereVector<D> point_of(const Vector<D>& p) {
  SphereVector<D> result;
  Eigen::Map<Vector<D>>(result.data()) = p;
  return result;
}

/// The image y of a point and the derivative of the map there, from the tangent space at p to that
/// at y, made invertible by taking p to y.
template <std::size_t D>
struct GradientAt {
  Vector<D> image;
  Matrix<D> derivative;
};

template <std::size_t D>
GradientAt<D> gradient_at(const std::vector<ConvexTerm<D>>& terms, double stiffness,
                          const Vector<D>& p) {
  Vector<D> gradient = stiffness * p;
  Matrix<D> hessian = stiffness * Matrix<D>::Identity();
  for (const ConvexTerm<D>& term : terms) {
    const Vector<D> centre = eigen_of(term.centre);
    const double z = centre.dot(p);
    // sinh z / (b + cosh z) and (1 + b cosh z) / (b + cosh z)^2 in e = exp(-|z|), which does not
    // overflow; functions of |z|, so that p and -p give the same bits.
    const double b = term.offset, e = std::exp(-std::abs(z)), whole = 1.0 + e * (2.0 * b + e);
    const double slope = std::copysign((1.0 - e * e) / whole, z);
    const double curvature = 2.0 * e * (2.0 * e + b * (1.0 + e * e)) / (whole * whole);
    gradient += term.weight * slope * centre;
    hessian += term.weight * curvature * centre * centre.transpose();
  }
  const double length = gradient.norm();
  const Vector<D> y = gradient / length;
  const Matrix<D> one = Matrix<D>::Identity();
  return {y, (one - y * y.transpose()) * hessian * (one - p * p.transpose()) / length +
                 y * p.transpose()};
}

template <std::size_t D>
double log_det_of(const Matrix<D>& derivative) {
  return std::log(std::abs(derivative.determinant()));
}

}  // namespace

template <std::size_t D>
ConvexGradientMap<D>::ConvexGradientMap(std::vector<ConvexTerm<D>> terms, double stiffness)
    : terms_(std::move(terms)), stiffness_(stiffness) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("convex gradient map: " + what);
  };
  require(stiffness > 0.0 && std::isfinite(stiffness), "the stiffness must be positive and finite");
  Matrix<D> strongest = Matrix<D>::Zero();
  for (std::size_t k = 0; k < terms_.size(); ++k) {
    const ConvexTerm<D>& term = terms_[k];
    const std::string of = " of term " + std::to_string(k);
    require(term.weight >= 0.0 && std::isfinite(term.weight),
            "the weight" + of + " must be finite and not negative");
    require(term.offset >= 0.0 && term.offset <= 2.0,
            "the offset" + of + " must be between 0 and 2");
    const Vector<D> centre = eigen_of(term.centre);
    require(centre.allFinite(), "the centre" + of + " must be finite");
    strongest += term.weight / (1.0 + term.offset) * centre * centre.transpose();
  }
  const double r =
      1.0 +
      Eigen::SelfAdjointEigenSolver<Matrix<D>>(strongest).eigenvalues().maxCoeff() / stiffness;
  require((r - 1.0) * (r - 1.0) * (r - 1.0) < 8.0 * r * (r + 1.0),
          "the terms are " + std::to_string(r - 1.0) +
              " times as strong as the stiffness, which may fold the sphere; expected at most 10");
}

template <std::size_t D>
SphereImage<D> ConvexGradientMap<D>::forward(const SphereVector<D>& p) const {
  const GradientAt<D> at = gradient_at<D>(terms_, stiffness_, eigen_of(p));
  return {point_of<D>(at.image), log_det_of<D>(at.derivative)};
}

template <std::size_t D>
std::optional<SphereImage<D>> ConvexGradientMap<D>::inverse(const SphereVector<D>& y) const {
  // Ten steps are usual; a step that must be halved more often is within rounding of the best.
  constexpr int kMaxSteps = 100, kMaxHalvings = 40;
  const Vector<D> wanted = eigen_of(y);
  Vector<D> p = wanted;
  GradientAt<D> at = gradient_at<D>(terms_, stiffness_, p);
  double residual = (wanted - at.image).norm();
  for (int step = 0; step < kMaxSteps && residual > 0.0; ++step) {
    const Vector<D> missing = wanted - at.image;
    const Vector<D> along =
        at.derivative.partialPivLu().solve(missing - at.image * at.image.dot(missing));
    bool better = false;
    double factor = 1.0;
    for (int halving = 0; halving < kMaxHalvings && !better; ++halving, factor *= 0.5) {
      const Vector<D> next = (p + factor * along).normalized();
      const GradientAt<D> there = gradient_at<D>(terms_, stiffness_, next);
      const double distance = (wanted - there.image).norm();
      better = distance < residual;
      if (!better) continue;
      p = next;
      at = there;
      residual = distance;
    }
    if (!better) break;
  }
  if (!(residual <= kLargestResidual)) return std::nullopt;
  return SphereImage<D>{point_of<D>(p), -log_det_of<D>(at.derivative)};
}

template class MoebiusMap<2>;
template class MoebiusMap<4>;
template class SymmetrisedMoebiusMap<2>;
template class SymmetrisedMoebiusMap<4>;
template class LinearSphereMap<2>;
template class LinearSphereMap<4>;
template class ConvexGradientMap<2>;
template class ConvexGradientMap<4>;

}  // namespace saltus::engine
