// Oracle: vector springs between atoms, whose Hessian in poses is known where they are at rest; the
// formula of the density written out; importance sampling from uniform orientations for its
// integral, within five standard errors (false alarms 6e-7), which the same density without its
// area or its determinant misses by more than twenty; exact messages.
#include "engine/rigid/harmonic_crystal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/numerics.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

const double kBeta = ThermodynamicState{RigidDipoles::kTemperature_K}.beta();

/// U = sum k/2 |x_a - x_b - rest|^2, of atom b or, where it is a, of a place in the laboratory.
class VectorSprings final : public EnergyFunction {
 public:
  struct Spring {
    std::size_t a, b;
    double k;
    Vec3 rest;
  };

  VectorSprings(std::size_t n_atoms, std::vector<Spring> springs)
      : n_atoms_(n_atoms), springs_(std::move(springs)) {}
  const std::vector<Spring>& springs() const { return springs_; }
  std::size_t n_atoms() const override { return n_atoms_; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    std::fill(forces.begin(), forces.end(), 0.0);
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      energies[c] = 0.0;
      for (const Spring& s : springs_) {
        const double* const at = x.chain(c).data();
        const Vec3 other = s.a == s.b ? Vec3{} : load_atom(at, s.b);
        const Vec3 d = load_atom(at, s.a) - other - s.rest;
        energies[c] += 0.5 * s.k * dot(d, d);
        if (forces.empty()) continue;
        add_to_atom(forces.data() + c * x.stride(), s.a, -s.k * d);
        if (s.a != s.b) add_to_atom(forces.data() + c * x.stride(), s.b, s.k * d);
      }
    }
  }

 private:
  std::size_t n_atoms_;
  std::vector<Spring> springs_;
};

/// Every atom of RigidDipoles to the laboratory and to an atom of another body.
VectorSprings springs_at_rest(const RigidDipoles& dipoles) {
  const std::size_t n = dipoles.bodies()->n_atoms();
  const double* const x = dipoles.positions().data();
  std::vector<VectorSprings::Spring> springs;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t j = (i + 4) % n;
    const auto size = static_cast<double>(i);
    springs.push_back({i, i, 300.0 + 20.0 * size, load_atom(x, i)});
    springs.push_back({i, j, 500.0 - 30.0 * size, load_atom(x, i) - load_atom(x, j)});
  }
  return {n, springs};
}

/// d x / d c [3 n_atoms, n coordinates] where all coordinates are 0: shifts, and 2 R (e_k x b).
std::vector<double> slopes_of_atoms(const PoseCoordinates& chart) {
  const RigidBodies& bodies = *chart.bodies();
  const std::size_t n = chart.size();
  std::vector<double> result(3 * bodies.n_atoms() * n);
  for (std::size_t body = 0; body < bodies.size(); ++body)
    for (std::size_t k = 0; k < chart.count(body); ++k) {
      const std::size_t axis = k < 3 ? k : k - chart.count(body) + 3;
      const Vec3 unit = {axis == 0 ? 1.0 : 0.0, axis == 1 ? 1.0 : 0.0, axis == 2 ? 1.0 : 0.0};
      const auto& places = bodies.shape(body).places;
      for (std::size_t i = 0; i < places.size(); ++i) {
        const Vec3 slope =
            k < 3 ? unit : 2.0 * rotate(chart.sites()[body].orientation, cross(unit, places[i]));
        const std::size_t row = 3 * bodies.atoms(body)[i];
        result[row * n + chart.first(body) + k] = slope.x;
        result[(row + 1) * n + chart.first(body) + k] = slope.y;
        result[(row + 2) * n + chart.first(body) + k] = slope.z;
      }
    }
  return result;
}

/// [n, n] of all coordinates of the springs at rest.
std::vector<double> known_hessian(const VectorSprings& energy, const PoseCoordinates& chart) {
  const std::vector<double> slopes = slopes_of_atoms(chart);
  const std::size_t n = chart.size();
  std::vector<double> result(n * n);
  for (const auto& spring : energy.springs())
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::vector<double> row(n);
      for (std::size_t i = 0; i < n; ++i)
        row[i] = slopes[(3 * spring.a + axis) * n + i] -
                 (spring.a == spring.b ? 0.0 : slopes[(3 * spring.b + axis) * n + i]);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) result[i * n + j] += spring.k * row[i] * row[j];
    }
  return result;
}

/// Bodies of RigidDipoles, all but body 0 pushed and all turned by a few degrees.
std::vector<double> disturbed(const RigidDipoles& dipoles) {
  const RigidBodies& bodies = *dipoles.bodies();
  CoordinateBatch x(1, bodies.n_atoms());
  RandomStream stream = test_stream(90);
  for (std::size_t body = 0; body < bodies.size(); ++body) {
    RigidPose pose = bodies.pose(body, {dipoles.positions().data(), 1, bodies.n_atoms()}, 0);
    const auto vector = [&stream](double width) {
      const double a = stream.normal(), b = stream.normal(), c = stream.normal();
      return Vec3{width * a, width * b, width * c};
    };
    if (body > 0) pose.position = pose.position + vector(0.02);
    pose.orientation = from_rotation_vector(vector(0.1)) * pose.orientation;
    bodies.place(body, pose, x.chain(0));
  }
  return x.values();
}

TEST(HarmonicMinimum, IsWhereSpringsAreAtRestWithTheirHessian) {
  const RigidDipoles dipoles;
  const VectorSprings energy = springs_at_rest(dipoles);
  HarmonicMinimumOptions options;
  options.gradient_tolerance = 1e-4;
  const HarmonicMinimum found =
      find_harmonic_minimum(dipoles.bodies(), energy, disturbed(dipoles), {}, options);
  EXPECT_NEAR(found.energy, 0.0, 1e-9);
  EXPECT_LE(found.rms_gradient, 2e-6);
  const PoseCoordinates chart(dipoles.bodies(), found.sites, {});
  const std::vector<double> off =
      chart.of(dipoles.bodies()->poses({dipoles.positions().data(), 1, energy.n_atoms()}, 0), 0);
  // Forces of 1e-6 kJ/mol/nm by the softest spring, and the rounding of the structure.
  for (const double value : off) EXPECT_NEAR(value, 0.0, tolerance_scale() * 1e-7);

  const std::vector<double> known = known_hessian(energy, chart);
  const double largest = *std::max_element(known.begin(), known.end());
  const std::size_t n = chart.size() - 3;
  // h^2 by the square of the arms, which are 0.1 nm.
  const double allowed = tolerance_scale() * 1e-6 * largest;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      EXPECT_NEAR(found.hessian[i * n + j], known[(i + 3) * (n + 3) + j + 3], allowed) << i << j;
}

TEST(HarmonicMinimum, FullHessianKnowsThatShiftsChangeNothing) {
  // Without the springs to the laboratory. Vectors of rest keep the whole from turning.
  const RigidDipoles dipoles;
  const VectorSprings tied = springs_at_rest(dipoles);
  std::vector<VectorSprings::Spring> inner;
  for (const auto& spring : tied.springs())
    if (spring.a != spring.b) inner.push_back(spring);
  const VectorSprings energy(dipoles.bodies()->n_atoms(), inner);
  const HarmonicCrystal crystal(
      dipoles.bodies(), find_harmonic_minimum(dipoles.bodies(), energy, dipoles.positions(), {}));
  const std::vector<double> full = crystal.full_hessian();
  const std::vector<double> known = known_hessian(energy, crystal.coordinates());
  ASSERT_EQ(full.size(), known.size());
  const double largest = *std::max_element(known.begin(), known.end());
  for (std::size_t i = 0; i < full.size(); ++i)
    EXPECT_NEAR(full[i], known[i], tolerance_scale() * 1e-5 * largest) << i;
}

TEST(HarmonicMinimum, RefusesWhatDoesNotConverge) {
  const RigidDipoles dipoles;
  HarmonicMinimumOptions options;
  options.n_steps = 1;
  const std::string message = message_of<NumericalError>([&] {
    find_harmonic_minimum(dipoles.bodies(), springs_at_rest(dipoles), disturbed(dipoles), {},
                          options);
  });
  EXPECT_EQ(message.rfind("harmonic minimum: minimisation ended at ", 0), 0u) << message;
}

/// The molecule and the line of RigidDipoles: 3 + 5 coordinates.
class TwoBodies : public testing::Test {
 protected:
  TwoBodies() {
    System system;
    std::vector<double> positions;
    add_rigid_molecule(system, positions, {16.0, 2.0, 3.0},
                       {{0.0, 0.0, 0.0}, {0.1, 0.01, 0.0}, {-0.03, 0.09, 0.02}});
    add_rigid_molecule(system, positions, {14.0, 5.0}, {{0.0, 0.4, 0.0}, {0.04, 0.5, 0.02}});
    bodies_ = std::make_shared<const RigidBodies>(system, positions, nullptr);
    minimum_.sites = bodies_->poses({positions.data(), 1, system.n_atoms()}, 0);
    minimum_.energy = -12.5;
    minimum_.hessian = coupled_matrix({3.0, 4.0, 3.5, 40.0, 45.0, 50.0, 4.0, 3.0}, kCoupling);
  }
  HarmonicCrystal crystal() const { return {bodies_, minimum_}; }
  /// y^T H y
  double square_of(const std::vector<double>& c) const {
    double result = 0.0;
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t j = 0; j < 8; ++j)
        result += c[3 + i] * minimum_.hessian[8 * i + j] * c[3 + j];
    return result;
  }

  static constexpr double kCoupling = 0.3;
  std::shared_ptr<const RigidBodies> bodies_;
  HarmonicMinimum minimum_;
};

TEST_F(TwoBodies, DensityIsTheFormulaAndItsIntegralIsOne) {
  const HarmonicCrystal harmonic = crystal();
  constexpr std::size_t kDraws = 400000;
  constexpr double kWidth_nm = 0.08;
  RandomStream stream = test_stream(91);
  // Whole measures of orientations counted once: half of S^3 and a quarter of all directions.
  const double log_uniform = -std::log(kPi * kPi) - std::log(kPi);
  struct Sum {
    double first = 0.0, second = 0.0;
    void add(double value) { first += value, second += value * value; }
    double mean() const { return first / kDraws; }
    double error() const { return std::sqrt((second / kDraws - mean() * mean()) / kDraws); }
  };
  Sum right, without_area, without_determinant;
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    std::vector<RigidPose> poses = minimum_.sites;
    double log_g = log_uniform;
    for (RigidPose& pose : poses) pose.orientation = uniform_orientation(stream);
    for (double* value : {&poses[1].position.x, &poses[1].position.y, &poses[1].position.z}) {
      const double z = stream.normal();
      *value += kWidth_nm * z;
      log_g -= 0.5 * z * z + std::log(kWidth_nm * std::sqrt(kTwoPi));
    }
    const std::vector<double> c = harmonic.coordinates().of(poses, 0);
    const double log_q = harmonic.log_density(c, kBeta);
    const double log_area = -2.0 * std::log((1.0 + c[3] * c[3] + c[4] * c[4] + c[5] * c[5]) *
                                            (1.0 + c[9] * c[9] + c[10] * c[10]));
    const double expected =
        -kBeta * (minimum_.energy + 0.5 * square_of(c)) - log_area - harmonic.log_integral(kBeta);
    if (draw < 1000) {
      EXPECT_NEAR(log_q, expected, tolerance_scale() * 1e-11 * (1.0 + std::abs(expected)));
    }
    right.add(std::exp(log_q - log_g));
    without_area.add(std::exp(log_q + log_area - log_g));
    without_determinant.add(
        std::exp(log_q - 0.5 * log_abs_determinant(minimum_.hessian, 8) - log_g));
  }
  EXPECT_LT(right.error(), 0.02);
  EXPECT_NEAR(right.mean(), 1.0, tolerance_scale() * 5.0 * right.error());
  EXPECT_GT(std::abs(without_area.mean() - 1.0), 20.0 * without_area.error());
  EXPECT_GT(std::abs(without_determinant.mean() - 1.0), 20.0 * without_determinant.error());
}

TEST_F(TwoBodies, DrawsAreNormal) {
  // B^T y sqrt(beta) are independent standard normals; so are sums of two by the root of 2.
  const HarmonicCrystal harmonic = crystal();
  constexpr std::size_t kDraws = 40000;
  RandomStream stream = test_stream(92);
  std::vector<Projection> projections(15, {"whitened", {}, standard_normal_cdf});
  const std::vector<double> diagonal = {3.0, 4.0, 3.5, 40.0, 45.0, 50.0, 4.0, 3.0};
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    const std::vector<double> c = harmonic.sample(kBeta, stream);
    ASSERT_EQ(c.size(), 11u);
    EXPECT_EQ(c[0] + c[1] + c[2], 0.0);
    std::vector<double> z(8);
    for (std::size_t j = 0; j < 8; ++j)
      for (std::size_t i = j; i < 8; ++i) {
        const double factor = i == j                ? diagonal[i]
                              : j < 3 || j + 1 == i ? kCoupling * diagonal[i]
                                                    : 0.0;
        z[j] += std::sqrt(kBeta) * factor * c[3 + i];
      }
    for (std::size_t j = 0; j < 8; ++j) projections[j].values.push_back(z[j]);
    for (std::size_t j = 0; j < 7; ++j)
      projections[8 + j].values.push_back((z[j] + z[j + 1]) / std::sqrt(2.0));
  }
  expect_projections(projections, 0.03);
}

TEST_F(TwoBodies, HalfATurnAwayTheDensityVanishes) {
  std::vector<RigidPose> poses = minimum_.sites;
  poses[0].orientation = poses[0].orientation * Quaternion{0.0, 0.6, 0.0, 0.8};
  const HarmonicCrystal harmonic = crystal();
  std::vector<double> c = harmonic.coordinates().of(poses, 0);
  c[3] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(harmonic.log_density(c, kBeta), -std::numeric_limits<double>::infinity());
}

TEST_F(TwoBodies, RefusesWhatIsNoMinimum) {
  // A turn of body 0 that costs -9 kJ/mol, or 225 by an arm of 0.2 nm.
  std::fill(minimum_.hessian.begin(), minimum_.hessian.end(), 0.0);
  for (std::size_t i = 0; i < 8; ++i) minimum_.hessian[9 * i] = 50.0;
  minimum_.hessian[0] = -9.0;
  EXPECT_EQ(
      message_of<InputError>([&] { crystal(); }),
      "harmonic crystal: the structure is no minimum: the lowest eigenvalue of the Hessian is -225 "
      "kJ/mol/nm^2, expected a positive one; minimise further, or from another structure such as "
      "one that was cooled slowly; bodies that turn freely, as a cluster in no box does, have no "
      "harmonic density");
  minimum_.hessian[0] = 0.0;
  EXPECT_NE(message_of<InputError>([&] { crystal(); }).find("no minimum"), std::string::npos);
  minimum_.hessian[0] = 9.0;
  EXPECT_NEAR(crystal().lowest_eigenvalue(), 50.0, 1e-9);
}

TEST_F(TwoBodies, RefusesNumbersThatDoNotFit) {
  const HarmonicMinimum good = minimum_;
  minimum_.hessian.pop_back();
  EXPECT_EQ(message_of<InputError>([&] { crystal(); }),
            "harmonic crystal: the Hessian has 63 numbers, expected 8 x 8");
  minimum_ = good;
  minimum_.hessian[3] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message_of<InputError>([&] { crystal(); }),
            "harmonic crystal: energy or Hessian is not finite");
  minimum_ = good;
  minimum_.hessian[3] += 1.0;
  EXPECT_EQ(message_of<InputError>([&] { crystal(); }),
            "harmonic crystal: the Hessian is not symmetric");
}

}  // namespace
}  // namespace saltus::tests
