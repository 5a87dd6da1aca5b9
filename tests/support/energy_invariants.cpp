#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"

namespace saltus::tests {

namespace {

using engine::ConstCoordinates;
using engine::CoordinateBatch;
using engine::EnergyFunction;
using engine::Span;

/// One configuration and what the energy function says about it.
struct Point {
  std::vector<double> x, forces;
  std::vector<engine::Box> boxes;  ///< one or none
  double energy = 0.0;

  /// Other positions in the same box.
  ConstCoordinates at(const std::vector<double>& other) const {
    return {other.data(), 1, other.size() / 3, boxes};
  }
};

/// Energy of other positions in the box of a point.
double energy_of(const EnergyFunction& energy, const Point& point, const std::vector<double>& x) {
  double value = 0.0;
  energy.evaluate(point.at(x), {&value, 1}, {});
  return value;
}

/// @param x  [1, N, 3]
Point evaluate_alone(const EnergyFunction& energy, ConstCoordinates x) {
  Point point{{x.data, x.data + x.size()},
              std::vector<double>(x.size()),
              {x.boxes.begin(), x.boxes.end()},
              0.0};
  energy.evaluate(point.at(point.x), {&point.energy, 1}, point.forces);
  return point;
}

void expect_same_energy(double expected, double actual, double tolerance, const char* what) {
  const double allowed = tolerance_scale() * tolerance * std::max(1.0, std::abs(expected));
  EXPECT_NEAR(expected, actual, allowed) << what;
}

double largest_component(const std::vector<double>& forces) {
  double largest = 1.0;
  for (double f : forces) largest = std::max(largest, std::abs(f));
  return largest;
}

void expect_forces_are_gradient(const EnergyFunction& energy, const Point& point,
                                const EnergyInvariantOptions& options) {
  const double allowed =
      tolerance_scale() * options.force_tolerance * largest_component(point.forces);
  for (std::size_t i = 0; i < point.x.size(); ++i) {
    std::vector<double> moved = point.x;
    const auto along = [&](double value) {
      moved[i] = value;
      return energy_of(energy, point, moved);
    };
    const Derivative slope = ridders_derivative(along, point.x[i], options.first_difference_nm);
    EXPECT_NEAR(-slope.value, point.forces[i], allowed)
        << "force on component " << i % 3 << " of atom " << i / 3 << " against Ridders' derivative"
        << " (own error " << slope.error << ")";
  }
}

void expect_rigid_motion_invariance(const EnergyFunction& energy, const Point& point,
                                    const EnergyInvariantOptions& options, std::uint32_t index) {
  auto stream = test_stream(17, index);
  const std::vector<double> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  const auto compare = [&](const std::vector<double>& rotation, const std::vector<double>& shift,
                           const char* what) {
    std::vector<double> moved = point.x, expected_forces = point.forces;
    move_rigidly(moved, rotation, shift);
    move_rigidly(expected_forces, rotation, {0.0, 0.0, 0.0});
    const Point other = evaluate_alone(energy, point.at(moved));
    expect_same_energy(point.energy, other.energy, options.motion_tolerance, what);
    const double allowed =
        tolerance_scale() * options.motion_tolerance * largest_component(point.forces);
    for (std::size_t i = 0; i < moved.size(); ++i)
      EXPECT_NEAR(expected_forces[i], other.forces[i], allowed)
          << what << ", force component " << i;
  };
  if (options.translation)
    compare(identity, {stream.normal(), stream.normal(), stream.normal()}, "translated");
  if (options.rotation) compare(random_rotation(stream), {0.0, 0.0, 0.0}, "rotated");
}

void expect_permutation_invariance(const EnergyFunction& energy, const Point& point,
                                   const EnergyInvariantOptions& options) {
  for (const auto& [a, b] : options.equal_atoms) {
    std::vector<double> swapped = point.x;
    for (std::size_t d = 0; d < 3; ++d) std::swap(swapped[3 * a + d], swapped[3 * b + d]);
    expect_same_energy(point.energy, energy_of(energy, point, swapped), options.energy_tolerance,
                       "equal atoms exchanged");
  }
}

/// Atom pairs on the same spot, and all atoms on one spot: +inf or finite, never NaN.
void expect_no_nan_at_clashes(const EnergyFunction& energy, const Point& point) {
  const std::size_t n_atoms = energy.n_atoms();
  for (std::size_t a = 0; a < n_atoms; ++a) {
    std::vector<double> clash = point.x;
    const std::size_t b = (a + 1) % n_atoms;
    for (std::size_t d = 0; d < 3; ++d) clash[3 * b + d] = clash[3 * a + d];
    EXPECT_FALSE(std::isnan(energy_of(energy, point, clash)))
        << "atoms " << a << " and " << b << " clash";
  }
  EXPECT_FALSE(std::isnan(energy_of(energy, point, std::vector<double>(3 * n_atoms, 0.1))))
      << "all atoms on one spot";
}

void expect_wrong_sizes_throw(const EnergyFunction& energy, const Point& point) {
  std::vector<double> e(1), e2(2), short_forces(point.x.size() - 1);
  const ConstCoordinates x = point.at(point.x);
  const std::vector<double> more(point.x.size() + 3, 0.0);
  EXPECT_THROW(energy.evaluate(x, e2, {}), engine::InternalError) << "too many energies";
  EXPECT_THROW(energy.evaluate(x, {}, {}), engine::InternalError) << "no energies";
  EXPECT_THROW(energy.evaluate(x, e, short_forces), engine::InternalError) << "too few forces";
  EXPECT_THROW(energy.evaluate(point.at(more), e, {}), engine::InternalError) << "too many atoms";
  if (!energy.box_needs().needed) return;
  EXPECT_THROW(energy.evaluate({point.x.data(), 1, energy.n_atoms()}, e, {}), engine::InternalError)
      << "positions without their box";
}

}  // namespace

void expect_energy_function_invariants(const EnergyFunction& energy, ConstCoordinates points,
                                       const EnergyInvariantOptions& options) {
  ASSERT_GT(points.n_chains, 0u);
  ASSERT_EQ(points.n_atoms, energy.n_atoms());
  EXPECT_GE(energy.limits().preferred_batch, 1u);
  EXPECT_GE(energy.limits().max_batch, energy.limits().preferred_batch);

  // The whole batch, with and without forces, against one by one.
  std::vector<double> energies(points.n_chains), with_forces(points.n_chains),
      forces(points.size());
  energy.evaluate(points, energies, {});
  energy.evaluate(points, with_forces, forces);
  for (std::size_t c = 0; c < points.n_chains; ++c) {
    SCOPED_TRACE("configuration " + std::to_string(c));
    const Point point = evaluate_alone(energy, points.slice(c, 1));
    ASSERT_TRUE(std::isfinite(point.energy)) << "not a sane configuration";
    expect_same_energy(point.energy, energies[c], options.energy_tolerance, "batch, energies only");
    expect_same_energy(point.energy, with_forces[c], options.energy_tolerance,
                       "batch, with forces");
    const double allowed =
        tolerance_scale() * options.energy_tolerance * largest_component(point.forces);
    for (std::size_t i = 0; i < point.forces.size(); ++i)
      EXPECT_NEAR(point.forces[i], forces[c * points.stride() + i], allowed)
          << "batch, force component " << i;

    expect_forces_are_gradient(energy, point, options);
    expect_rigid_motion_invariance(energy, point, options, static_cast<std::uint32_t>(c));
    expect_permutation_invariance(energy, point, options);
  }
  const Point first = evaluate_alone(energy, points.slice(0, 1));
  if (options.clashes && energy.n_atoms() > 1) expect_no_nan_at_clashes(energy, first);
  expect_wrong_sizes_throw(energy, first);
}

}  // namespace saltus::tests
