#include "engine/potential/analytic.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/units.h"

namespace saltus::engine {

namespace {

constexpr double kMaxTemperature_K = 1000.0;
/// Energy at which a density at the highest temperature has fallen to e^-36 < 1e-15, kJ/mol.
constexpr double kNegligibleEnergy = 36.0 * kGasConstant * kMaxTemperature_K;

void require_positive(const std::string& what, double value) {
  if (!(value > 0.0) || !std::isfinite(value))
    throw InputError(what + ": expected a positive number, got " + std::to_string(value));
}

}  // namespace

TabulatedDensity::TabulatedDensity(double lower, double upper,
                                   const std::vector<double>& reduced_energy) {
  if (!std::isfinite(lower) || !std::isfinite(upper) || !(lower < upper))
    throw InputError("tabulated density: expected finite ends in ascending order, got " +
                     std::to_string(lower) + " and " + std::to_string(upper));
  const std::size_t n = reduced_energy.size();
  if (n < 2) throw InputError("tabulated density: expected at least 2 grid points");
  for (double u : reduced_energy)
    if (std::isnan(u) || u == -INFINITY)
      throw InputError("tabulated density: an energy is NaN or minus infinity");
  const double lowest = *std::min_element(reduced_energy.begin(), reduced_energy.end());
  if (!std::isfinite(lowest))
    throw InputError("tabulated density: the energy is infinite everywhere");

  const double width = (upper - lower) / static_cast<double>(n - 1);
  for (std::size_t i = 0; i < n; ++i) {
    grid_.push_back(lower + width * static_cast<double>(i));
    density_.push_back(std::exp(lowest - reduced_energy[i]));
  }
  grid_.back() = upper;

  // Trapezoids are exact for a density that is linear between grid points.
  cumulative_.assign(n, 0.0);
  for (std::size_t i = 1; i < n; ++i)
    cumulative_[i] = cumulative_[i - 1] + 0.5 * width * (density_[i - 1] + density_[i]);
  const double total = cumulative_.back();
  for (std::size_t i = 0; i < n; ++i) {
    density_[i] /= total;
    cumulative_[i] /= total;
  }
}

double TabulatedDensity::cumulative(double x) const {
  if (x <= grid_.front()) return 0.0;
  if (x >= grid_.back()) return 1.0;
  const auto right = std::upper_bound(grid_.begin(), grid_.end(), x);
  const std::size_t i = static_cast<std::size_t>(right - grid_.begin()) - 1;
  const double t = x - grid_[i];
  const double slope = (density_[i + 1] - density_[i]) / (grid_[i + 1] - grid_[i]);
  return cumulative_[i] + t * (density_[i] + 0.5 * slope * t);
}

double TabulatedDensity::quantile(double probability) const {
  if (!(probability > 0.0 && probability < 1.0))
    throw InputError("quantile: expected a probability in (0, 1), got " +
                     std::to_string(probability));
  const auto above = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, probability);
  const std::size_t i = static_cast<std::size_t>(above - cumulative_.begin()) - 1;
  // Solve cumulative_i + t (d + slope t / 2) = p for t in the form that does not cancel.
  const double width = grid_[i + 1] - grid_[i];
  const double slope = (density_[i + 1] - density_[i]) / width;
  const double missing = probability - cumulative_[i];
  const double root = std::sqrt(std::max(0.0, density_[i] * density_[i] + 2.0 * slope * missing));
  const double denominator = density_[i] + root;
  const double t = denominator > 0.0 ? 2.0 * missing / denominator : 0.0;
  return grid_[i] + std::min(t, width);
}

double TabulatedDensity::mean_of(const std::vector<double>& values) const {
  if (values.size() != grid_.size())
    throw InputError("tabulated density: " + std::to_string(values.size()) +
                     " values given for a grid of " + std::to_string(grid_.size()));
  double sum = 0.0;
  for (std::size_t i = 1; i < grid_.size(); ++i)
    sum += 0.5 * (grid_[i] - grid_[i - 1]) *
           (density_[i] * values[i] + density_[i - 1] * values[i - 1]);
  return sum;
}

SeparablePotential::SeparablePotential(std::size_t n_atoms) : n_atoms_(n_atoms) {
  if (n_atoms == 0) throw InputError("analytic potential: expected at least one atom");
}

void SeparablePotential::evaluate(ConstCoordinates x, Span<double> energies,
                                  Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  for (std::size_t chain = 0; chain < x.n_chains; ++chain) {
    double sum = 0.0;
    for (double coordinate : x.chain(chain)) sum += value(coordinate);
    energies[chain] = sum;
  }
  if (forces.empty()) return;
  for (std::size_t i = 0; i < x.size(); ++i) forces[i] = force(x.data[i]);
}

TabulatedDensity SeparablePotential::density(double temperature_K) const {
  if (!(temperature_K > 0.0 && temperature_K <= kMaxTemperature_K))
    throw InputError(
        "density of an analytic potential: expected a temperature in (0, 1000] K, got " +
        std::to_string(temperature_K));
  constexpr std::size_t kGridPoints = 20001;
  const double beta = 1.0 / (kGasConstant * temperature_K);
  const double end = range();
  std::vector<double> reduced_energy(kGridPoints);
  for (std::size_t i = 0; i < kGridPoints; ++i)
    reduced_energy[i] =
        beta * value(end * (2.0 * static_cast<double>(i) / (kGridPoints - 1.0) - 1.0));
  return TabulatedDensity(-end, end, reduced_energy);
}

HarmonicWell::HarmonicWell(std::size_t n_atoms, double k) : SeparablePotential(n_atoms), k_(k) {
  require_positive("harmonic well: force constant", k);
}

double HarmonicWell::range() const { return std::sqrt(2.0 * kNegligibleEnergy / k_); }

DoubleWell::DoubleWell(std::size_t n_atoms, double barrier, double half_distance_nm, double tilt)
    : SeparablePotential(n_atoms), barrier_(barrier), a_(half_distance_nm), tilt_(tilt) {
  require_positive("double well: barrier", barrier);
  require_positive("double well: half distance", half_distance_nm);
  if (!std::isfinite(tilt)) throw InputError("double well: the tilt is not a finite number");
}

double DoubleWell::value(double x) const {
  const double s = x / a_;
  const double height = s * s - 1.0;
  return barrier_ * height * height + tilt_ * s;
}

double DoubleWell::force(double x) const {
  const double s = x / a_;
  return -(4.0 * barrier_ * s * (s * s - 1.0) + tilt_) / a_;
}

double DoubleWell::range() const {
  // The lowest energy is at most that at the wells, so this overestimates the range, safely.
  const double low = std::min(value(a_), value(-a_));
  double end = 1.5 * a_;
  while (std::min(value(end), value(-end)) - low < kNegligibleEnergy) end *= 1.1;
  return end;
}

}  // namespace saltus::engine
