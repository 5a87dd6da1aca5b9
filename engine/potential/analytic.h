#pragma once

#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/potential/energy_function.h"

namespace saltus::engine {

/// A one-dimensional density exp(-beta u(x)), tabulated so that it can be drawn from and its
/// distribution function evaluated; the oracle of the exactness tests. The density is linear
/// between grid points; `cumulative` and `quantile` are exact and inverse to each other for that
/// density.
class TabulatedDensity {
 public:
  /// @param lower, upper    ends of the support; mass outside must be negligible
  /// @param reduced_energy  [G >= 2], beta u at G equidistant points from lower to upper,
  ///                        dimensionless, any common offset; +inf where the density vanishes
  /// @throws InputError     when the ends are not finite and ascending, or there are fewer than two
  ///                        points, or a value is NaN or -inf, or all are +inf
  TabulatedDensity(double lower, double upper, const std::vector<double>& reduced_energy);

  /// Probability of values <= x: 0 below the support, 1 above.
  double cumulative(double x) const;
  /// @throws InputError  unless 0 < probability < 1
  double quantile(double probability) const;
  /// Expectation of a function given on the same grid.
  /// @throws InputError  when there is not one value for each grid point
  double mean_of(const std::vector<double>& values) const;
  const std::vector<double>& grid() const { return grid_; }

 private:
  std::vector<double> grid_, density_, cumulative_;
};

/// Test potentials: each is a sum of the same one-dimensional potential over all 3N coordinates,
/// so every coordinate is an independent draw from a known density.
class SeparablePotential : public EnergyFunction {
 public:
  std::size_t n_atoms() const final { return n_atoms_; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const final;

  /// u(x), kJ/mol, and -du/dx, kJ/mol/nm, of one coordinate.
  virtual double value(double x) const = 0;
  virtual double force(double x) const = 0;
  /// Distance from the origin, nm, beyond which the density at any temperature up to 1000 K is
  /// below 1e-15 of its largest value.
  virtual double range() const = 0;

  /// Density of each coordinate, per nm.
  /// @throws InputError  unless 0 < temperature_K <= 1000
  TabulatedDensity density(double temperature_K) const;

 protected:
  /// @throws InputError  when there is no atom
  explicit SeparablePotential(std::size_t n_atoms);

 private:
  std::size_t n_atoms_;
};

/// u = k/2 x^2.
class HarmonicWell final : public SeparablePotential {
 public:
  /// @param k  kJ/mol/nm^2
  /// @throws InputError  when k is not positive
  HarmonicWell(std::size_t n_atoms, double k);
  double value(double x) const override { return 0.5 * k_ * x * x; }
  double force(double x) const override { return -k_ * x; }
  double range() const override;

 private:
  double k_;
};

/// u = barrier ((x/a)^2 - 1)^2 + tilt x/a: two wells near +-a of different depth.
class DoubleWell final : public SeparablePotential {
 public:
  /// @param barrier  kJ/mol
  /// @param tilt     kJ/mol, either sign
  /// @throws InputError  when barrier or distance is not positive, or the tilt not finite
  DoubleWell(std::size_t n_atoms, double barrier, double half_distance_nm, double tilt);
  double value(double x) const override;
  double force(double x) const override;
  double range() const override;

 private:
  double barrier_, a_, tilt_;
};

}  // namespace saltus::engine
