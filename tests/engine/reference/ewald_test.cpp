// Oracle: Madelung's constant of rock salt; OpenMM's Reference platform (independent
// implementation, double precision) for a box of 20 charged atoms; Ridders' derivative for the
// forces; sums that must not depend on how they are split or how the lattice is described.
#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/potential/ewald_split.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/box_of_atoms.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr auto kEwald = NonbondedMethod::kEwald;
constexpr auto kPme = NonbondedMethod::kPme;

double energy_of(const System& system, const std::vector<double>& x) {
  double energy = 0.0;
  PlainEnergy(system, nullptr).evaluate(in_box(system, x).view(), {&energy, 1}, {});
  return energy;
}

/// Rock salt, n^3 cubes of 8 ions, nearest neighbours 0.3 nm apart.
struct RockSalt {
  static constexpr double kDistance = 0.3;
  System system;
  std::vector<double> x;

  RockSalt(std::size_t n, NonbondedMethod method) {
    const double edge = 2.0 * kDistance * static_cast<double>(n);
    system.box = Box({edge, edge, edge});
    Nonbonded& nonbonded = system.nonbonded.emplace();
    nonbonded.method = method;
    nonbonded.cutoff_nm = 0.49 * edge;
    nonbonded.ewald.tolerance = 1e-11;
    for (std::size_t i = 0; i < 2 * n; ++i)
      for (std::size_t j = 0; j < 2 * n; ++j)
        for (std::size_t k = 0; k < 2 * n; ++k) {
          system.masses.push_back(23.0);
          nonbonded.particles.push_back({(i + j + k) % 2 == 0 ? 1.0 : -1.0, 0.3, 0.0});
          for (std::size_t place : {i, j, k}) x.push_back(kDistance * static_cast<double>(place));
        }
  }
};

TEST(EwaldSum, OfRockSaltIsMadelungsConstant) {
  constexpr double kMadelung = 1.747564594633;
  for (NonbondedMethod method : {kEwald, kPme})
    for (std::size_t n : {1, 2}) {
      const RockSalt salt(n, method);
      const double n_pairs = 4.0 * std::pow(static_cast<double>(n), 3);
      const double expected = -kMadelung * kCoulombConstant / RockSalt::kDistance * n_pairs;
      // The tolerance of the sum, in which like errors of all ions add up.
      EXPECT_NEAR(energy_of(salt.system, salt.x), expected,
                  tolerance_scale() * 1e-9 * std::abs(expected))
          << n;
    }
}

struct Reference {
  const char* name;
  NonbondedMethod method;
  bool tilted;
  double negative_charge, tolerance;
  bool switched_tail;
  double energy;                 // kJ/mol
  std::array<double, 3> force7;  // on atom 7, kJ/mol/nm
  double error;                  // relative
};

/// All that the digits below allow: OpenMM's Ewald method takes the same waves.
constexpr double kSameSum = 1e-9;
/// OpenMM's grid at a tolerance of 1e-8.
constexpr double kGridError = 1e-6;

// Python module of OpenMM 7.7, Reference platform: a NonbondedForce with the particles and
// exceptions of box_of_atoms and setEwaldErrorTolerance. The box with a net charge shows that
// OpenMM adds no background.
const Reference kReferences[] = {
    {"ewald",
     kEwald,
     false,
     -0.3,
     1e-4,
     false,
     -382.607535196,
     {-20.81197482, -69.55756147, 3.149333333},
     kSameSum},
    {"ewald_switched_tail",
     kEwald,
     false,
     -0.3,
     1e-4,
     true,
     -388.221457367,
     {-18.30617105, -71.84229916, 3.990306902},
     kSameSum},
    {"ewald_charged",
     kEwald,
     false,
     -0.25,
     1e-6,
     false,
     -329.436962725,
     {-15.90027426, -51.50279691, 10.75727907},
     kSameSum},
    {"pme",
     kPme,
     false,
     -0.3,
     1e-8,
     false,
     -382.793739672,
     {-20.80166191, -69.51964254, 3.146443654},
     kGridError},
    {"pme_triclinic",
     kPme,
     true,
     -0.3,
     1e-8,
     false,
     -367.048959924,
     {-76.79716378, -47.13212431, -6.089767738},
     kGridError},
};

class EwaldSumInABox : public testing::TestWithParam<Reference> {
 protected:
  System system() const {
    System system = box_of_atoms(GetParam().tilted ? tilted_box() : Box(kBoxEdges));
    Nonbonded& nonbonded = *system.nonbonded;
    for (NonbondedParticle& particle : nonbonded.particles)
      if (particle.charge < 0.0) particle.charge = GetParam().negative_charge;
    nonbonded.method = GetParam().method;
    nonbonded.ewald.tolerance = GetParam().tolerance;
    nonbonded.switching_distance_nm = GetParam().switched_tail ? 0.42 : 0.0;
    nonbonded.long_range_correction = GetParam().switched_tail;
    return system;
  }
};

TEST_P(EwaldSumInABox, EqualsOpenMM) {
  const std::vector<double> x = positions_in(*system().box);
  double energy = 0.0;
  std::vector<double> forces(x.size());
  PlainEnergy(system(), nullptr).evaluate(in_box(system(), x).view(), {&energy, 1}, forces);
  const double error = tolerance_scale() * GetParam().error;
  EXPECT_NEAR(energy, GetParam().energy, error * std::abs(GetParam().energy));
  for (std::size_t d = 0; d < 3; ++d)
    EXPECT_NEAR(forces[21 + d], GetParam().force7[d], 100.0 * error);
}

TEST_P(EwaldSumInABox, KeepsThePromisesOfItsInterface) {
  const std::vector<double> x = positions_in(*system().box);
  EnergyInvariantOptions options;
  options.rotation = false;  // a box has directions
  options.force_tolerance = 1e-8;
  expect_energy_function_invariants(PlainEnergy(system(), nullptr), in_box(system(), x).view(),
                                    options);
}

INSTANTIATE_TEST_SUITE_P(Box, EwaldSumInABox, testing::ValuesIn(kReferences),
                         [](const auto& instance) { return std::string(instance.param.name); });

/// Without exceptions, which take positions as they are.
System ions(const Box& box, double tolerance) {
  System system = box_of_atoms(box);
  system.nonbonded->exceptions.clear();
  system.nonbonded->method = kPme;
  system.nonbonded->ewald.tolerance = tolerance;
  return system;
}

TEST(EwaldSum, DoesNotDependOnItsSplit) {
  for (const Box& box : {Box(kBoxEdges), tilted_box()}) {
    const std::vector<double> x = positions_in(box);
    const double fine = energy_of(ions(box, 1e-11), x);
    double coarser = 0.0;
    for (double tolerance : {1e-9, 1e-7, 1e-5}) {
      const double error = std::abs(energy_of(ions(box, tolerance), x) - fine);
      EXPECT_LT(error, tolerance_scale() * tolerance * std::abs(fine)) << tolerance;
      EXPECT_GT(error, coarser) << "alpha has no effect";
      coarser = error;
    }
  }
}

TEST(EwaldSum, KnowsNoPlaceAndNoImage) {
  for (const Box& box : {Box(kBoxEdges), tilted_box()}) {
    const System system = ions(box, 1e-6);
    const std::vector<double> x = positions_in(box);
    std::vector<double> moved = x;
    auto stream = test_stream(3);
    const double shift[3] = {0.31, -0.77, 5.13};
    for (std::size_t i = 0; i < x.size(); i += 3) {
      const double a = std::round(2.0 * stream.normal()), b = std::round(2.0 * stream.normal());
      const double c = std::round(2.0 * stream.normal());
      moved[i] += shift[0] + a * box.ax + b * box.bx + c * box.cx;
      moved[i + 1] += shift[1] + b * box.by + c * box.cy;
      moved[i + 2] += shift[2] + c * box.cz;
    }
    const double expected = energy_of(system, x);
    EXPECT_NEAR(energy_of(system, moved), expected, tolerance_scale() * 1e-11 * std::abs(expected));
  }
}

/// Two cells of the lattice of a box, the second a vector of it away.
std::vector<double> twice(const std::vector<double>& x, const Vec3& by) {
  std::vector<double> both = x;
  for (std::size_t i = 0; i < x.size(); i += 3)
    both.insert(both.end(), {x[i] + by.x, x[i + 1] + by.y, x[i + 2] + by.z});
  return both;
}

System doubled(System system, const Box& box) {
  const std::size_t n_atoms = system.n_atoms();
  system.box = box;
  system.masses.resize(2 * n_atoms, 40.0);
  std::vector<NonbondedParticle>& particles = system.nonbonded->particles;
  for (std::size_t n = 0; n < n_atoms; ++n) particles.push_back(particles[n]);
  return system;
}

/// Cutoffs and Ewald sums.
void expect_twice_the_energy(const Box& cell, const Box& large, const Vec3& by) {
  System one = ions(cell, 1e-11);
  one.nonbonded->switching_distance_nm = 0.4;
  const std::vector<double> x = positions_in(cell), both = twice(x, by);
  for (NonbondedMethod method : {kPme, NonbondedMethod::kCutoffPeriodic}) {
    one.nonbonded->method = method;
    const double expected = 2.0 * energy_of(one, x);
    EXPECT_NEAR(energy_of(doubled(one, large), both), expected,
                tolerance_scale() * 1e-9 * std::abs(expected));
  }
}

TEST(EwaldSum, OfTwoCellsIsTwiceThatOfOne) {
  const Box cell = tilted_box();
  // 2 c less b, as twice cx and cy are too long.
  Box large = cell;
  large.cx = 2.0 * cell.cx - cell.bx + cell.ax;
  large.cy = 2.0 * cell.cy - cell.by;
  large.cz = 2.0 * cell.cz;
  ASSERT_EQ(large.problem(), "");
  expect_twice_the_energy(cell, large, {cell.cx, cell.cy, cell.cz});
}

TEST(EwaldSum, OfATriclinicLatticeIsThatOfARectangularCell) {
  // Planes of rhombi: b = (ax / 2, by, 0), so that 2 b - a is at a right angle to a.
  Box cell({1.3, 1.25, 1.4}), large({1.3, 2.5, 1.4});
  cell.bx = 0.5 * cell.ax;
  expect_twice_the_energy(cell, large, {cell.bx, cell.by, 0.0});
}

TEST(EwaldSplit, TakesTheWavesOfOpenMM) {
  // Its rule for 0.898 nm, 0.778 nm and 0.734 nm, cutoff 0.367 nm, by hand: with a tolerance of
  // 1e-4 alpha is 7.957 / nm; the estimates for 9 and 11, 9 and 11, 7 and 9 along the three edges
  // lie on both sides of it.
  const Box box({0.89846, 0.77808, 0.73358});
  Nonbonded nonbonded;
  nonbonded.method = kEwald;
  nonbonded.cutoff_nm = 0.36678;
  nonbonded.ewald.tolerance = 1e-4;
  const EwaldSplit split(nonbonded, box);
  EXPECT_NEAR(split.alpha(), 7.956876236, 1e-9);
  const double edges[] = {box.ax, box.by, box.cz};
  const std::array<long, 3> largest = split.largest_indices(box);
  for (std::size_t d = 0; d < 3; ++d) {
    const auto estimate = [&](long n) {
      const double width = split.alpha() * edges[d], ratio = kPi * static_cast<double>(n) / width;
      return 0.05 * std::sqrt(width) * static_cast<double>(n) * std::exp(-ratio * ratio);
    };
    EXPECT_EQ(largest[d] % 2, 0);
    EXPECT_LE(estimate(largest[d] + 1), 1e-4);
    EXPECT_GT(estimate(largest[d] - 1), 1e-4) << "more than needed";
  }
  EXPECT_EQ(split.largest_indices(Box({3.0, 3.0, 3.0})), largest) << "they stay when boxes change";
}

TEST(EwaldSplit, FollowsTheBoxWithoutAGrid) {
  Nonbonded nonbonded;
  nonbonded.method = kPme;
  nonbonded.cutoff_nm = 0.5;
  nonbonded.ewald.tolerance = 1e-5;
  const EwaldSplit split(nonbonded, Box({1.0, 1.0, 1.0}));
  const std::array<long, 3> once = split.largest_indices(Box({1.0, 1.0, 1.0}));
  EXPECT_NEAR(static_cast<double>(split.largest_indices(Box({3.0, 1.0, 1.0}))[0]),
              3.0 * static_cast<double>(once[0]), 3.0);
  const double longest = split.longest_wave_vector();
  EXPECT_NEAR(std::exp(-std::pow(kPi * longest / split.alpha(), 2)), 0.01 * 2e-5, 1e-12);
}

TEST(EwaldSplit, RefusesSumsThatDoNotEnd) {
  Nonbonded nonbonded;
  nonbonded.cutoff_nm = 0.9;
  nonbonded.ewald.tolerance = 5e-4;
  for (const NonbondedMethod method : {kPme, kEwald}) {
    nonbonded.method = method;
    const auto error = [&](double edge) {
      return message_of<InputError>([&] { EwaldSplit(nonbonded, Box({edge, 3.0, edge})); });
    };
    // A large box, one with a decimal point too few, and what an int does not count.
    EXPECT_NO_THROW(EwaldSplit(nonbonded, Box({30.0, 3.0, 30.0})));
    EXPECT_THAT(error(3e4),
                testing::HasSubstr("Ewald sum: a box of 3e+04 x 3 x 3e+04 nm with a tolerance "
                                   "of 5e-04 needs "));
    EXPECT_THAT(error(1e30), testing::HasSubstr(" waves, expected at most 1e+07"));
  }
}

TEST(EwaldSum, IsThatOfTheBoxOfEachChain) {
  // Chains in three boxes, each against a system whose own box it is.
  const Box boxes[] = {Box(kBoxEdges), tilted_box(), Box({1.6, 1.4, 1.9})};
  const std::vector<double> x = positions_in(boxes[0]);
  const System system = ions(boxes[0], 1e-5);
  CoordinateBatch batch = CoordinateBatch::repeated(in_box(system, x).view(), 3);
  batch.set_boxes({boxes[0], boxes[1], boxes[2]});
  std::vector<double> energies(3);
  PlainEnergy(system, nullptr).evaluate(batch.view(), energies, {});
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(energies[c], energy_of(ions(boxes[c], 1e-5), x));
}

}  // namespace

}  // namespace saltus::tests
