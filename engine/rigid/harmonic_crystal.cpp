#include "engine/rigid/harmonic_crystal.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/core/text.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index index_of(std::size_t i) { return static_cast<Eigen::Index>(i); }

Eigen::Map<const RowMajor> square(const std::vector<double>& values, std::size_t n) {
  return {values.data(), index_of(n), index_of(n)};
}

/// Lowest and highest eigenvalue of the Hessian in lengths.
std::pair<double, double> extreme_eigenvalues(const HarmonicMinimum& minimum,
                                              const PoseCoordinates& coordinates) {
  const std::size_t n = coordinates.size() - 3;
  RowMajor hessian = square(minimum.hessian, n);
  for (std::size_t body = 0; body < minimum.sites.size(); ++body)
    for (std::size_t k = 0; k < coordinates.n_turns(body); ++k) {
      const Eigen::Index row = index_of(coordinates.first(body) + k);  // + 3 - 3
      hessian.row(row) /= PoseCoordinates::kTurn_nm;
      hessian.col(row) /= PoseCoordinates::kTurn_nm;
    }
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<RowMajor>(hessian, Eigen::EigenvaluesOnly).eigenvalues();
  return {values[0], values[values.size() - 1]};
}

void require_numbers(const HarmonicMinimum& minimum, const PoseCoordinates& coordinates) {
  const std::size_t n = coordinates.size() - 3;
  if (n == 0)
    throw InputError("harmonic crystal: a single atom has no coordinates relative to itself");
  if (minimum.hessian.size() != n * n)
    throw InputError("harmonic crystal: the Hessian has " + std::to_string(minimum.hessian.size()) +
                     " numbers, expected " + std::to_string(n) + " x " + std::to_string(n));
  if (!all_finite(minimum.hessian) || !std::isfinite(minimum.energy))
    throw InputError("harmonic crystal: energy or Hessian is not finite");
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (minimum.hessian[i * n + j] != minimum.hessian[j * n + i])
        throw InputError("harmonic crystal: the Hessian is not symmetric");
}

}  // namespace

HarmonicCrystal::HarmonicCrystal(std::shared_ptr<const RigidBodies> bodies, HarmonicMinimum minimum)
    : minimum_(std::move(minimum)), coordinates_(std::move(bodies), minimum_.sites, minimum_.box) {
  require_numbers(minimum_, coordinates_);
  const auto [lowest, highest] = extreme_eigenvalues(minimum_, coordinates_);
  // Rounding of what would be 0.
  constexpr double kFlat = 1e-9;
  if (!(lowest > kFlat * highest))
    throw InputError(
        "harmonic crystal: the structure is no minimum: the lowest eigenvalue of the Hessian is " +
        significant_text(lowest, 4) +
        " kJ/mol/nm^2, expected a positive one; minimise further, or from another structure such "
        "as one that was cooled slowly; bodies that turn freely, as a cluster in no box does, have "
        "no harmonic density");
  lowest_eigenvalue_ = lowest;
  normal_ = PrecisionNormal(minimum_.hessian, n_freedoms());
}

std::vector<double> HarmonicCrystal::full_hessian() const {
  const std::size_t n = n_freedoms(), full = n + 3;
  RowMajor result = RowMajor::Zero(index_of(full), index_of(full));
  result.bottomRightCorner(index_of(n), index_of(n)) = square(minimum_.hessian, n);
  for (std::size_t body = 1; body < minimum_.sites.size(); ++body)
    result.topRows<3>() -= result.middleRows<3>(index_of(coordinates_.first(body)));
  for (std::size_t body = 1; body < minimum_.sites.size(); ++body)
    result.leftCols<3>() -= result.middleCols<3>(index_of(coordinates_.first(body)));
  return {result.data(), result.data() + result.size()};
}

std::vector<double> HarmonicCrystal::sample(double beta, RandomStream& stream) const {
  std::vector<double> result(3, 0.0);
  const std::vector<double> y = normal_.sample(beta, stream);
  result.insert(result.end(), y.begin(), y.end());
  return result;
}

double HarmonicCrystal::log_density(Span<const double> coordinates, double beta) const {
  double result = normal_.log_density(coordinates.subspan(3, n_freedoms()), beta);
  if (!std::isfinite(result)) return result;
  for (std::size_t body = 0; body < minimum_.sites.size(); ++body)
    result -= coordinates_.log_area(body, coordinates);
  return result;
}

double HarmonicCrystal::log_integral(double beta) const {
  return -beta * minimum_.energy +
         0.5 * static_cast<double>(n_freedoms()) * std::log(kTwoPi / beta) - normal_.half_log_det();
}

void HarmonicCrystal::require_boxes(ConstCoordinates x, const std::string& who) const {
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const Box* const box = x.box(c);
    if (minimum_.box ? box != nullptr && *box == *minimum_.box : box == nullptr) continue;
    throw InputError(who + ": the box of chain " + std::to_string(c) +
                     " is not that of the harmonic crystal" +
                     (box != nullptr && minimum_.box
                          ? "; boxes must stay as they are: leave the pressure out, or make the "
                            "crystal in this box"
                          : ": one of them has none"));
  }
}

}  // namespace saltus::engine
