// Oracle: OpenMM's Reference platform (independent implementation, double precision) for a box of
// 20 charged atoms; closed forms for two atoms and for the tail of one kind of atom; Ridders'
// derivative for the forces.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/potential/long_range_correction.h"
#include "engine/reference/nonbonded_terms.h"
#include "engine/reference/plain_energy.h"
#include "tests/engine/reference/box_of_atoms.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {

namespace {

using namespace engine;

struct Reference {
  const char* name;
  NonbondedMethod method;
  bool tilted;
  double switching_distance_nm;
  bool long_range_correction;
  double energy;                 // kJ/mol
  std::array<double, 3> force7;  // on atom 7, kJ/mol/nm
};

// Python module of OpenMM 7.7, Reference platform: a NonbondedForce with the particles and
// exceptions of box_of_atoms, default reaction field, setUseDispersionCorrection and
// setSwitchingDistance; energies and forces written with 10 digits.
constexpr auto kPeriodic = NonbondedMethod::kCutoffPeriodic;
constexpr auto kOpen = NonbondedMethod::kCutoffNonPeriodic;
const Reference kReferences[] = {
    {"periodic",
     kPeriodic,
     false,
     0.0,
     false,
     -95.48695275,
     {-18.11049463, -97.16826678, 16.73496175}},
    {"switched",
     kPeriodic,
     false,
     0.42,
     false,
     -91.44564878,
     {-15.60469085, -99.45300447, 17.57593532}},
    {"tail", kPeriodic, false, 0.0, true, -101.3819559, {-18.11049463, -97.16826678, 16.73496175}},
    {"switched_tail",
     kPeriodic,
     false,
     0.42,
     true,
     -101.1008749,
     {-15.60469085, -99.45300447, 17.57593532}},
    {"triclinic",
     kPeriodic,
     true,
     0.0,
     false,
     -79.9097158788,
     {-53.38061738, -61.69531629, 7.569307508}},
    {"triclinic_switched_tail",
     kPeriodic,
     true,
     0.42,
     true,
     -83.8012311318,
     {-52.75950997, -62.98410962, 6.179070959}},
    {"open", kOpen, false, 0.42, false, -34.2788968, {-58.1161006, -4.644013853, -0.759032728}},
};

class PeriodicNonbonded : public testing::TestWithParam<Reference> {
 protected:
  System system() const {
    System system = box_of_atoms(GetParam().tilted ? tilted_box() : Box(kBoxEdges));
    system.nonbonded->method = GetParam().method;
    system.nonbonded->switching_distance_nm = GetParam().switching_distance_nm;
    system.nonbonded->long_range_correction = GetParam().long_range_correction;
    return system;
  }
};

void expect_ten_digits(double actual, double expected) {
  EXPECT_NEAR(actual, expected, tolerance_scale() * 1e-9 * std::max(1.0, std::abs(expected)));
}

TEST_P(PeriodicNonbonded, EqualsOpenMM) {
  const std::vector<double> x = positions_in(*system().box);
  double energy = 0.0;
  std::vector<double> forces(x.size());
  PlainEnergy(system(), nullptr).evaluate(in_box(system(), x).view(), {&energy, 1}, forces);
  expect_ten_digits(energy, GetParam().energy);
  for (std::size_t d = 0; d < 3; ++d) expect_ten_digits(forces[21 + d], GetParam().force7[d]);
}

TEST_P(PeriodicNonbonded, KeepsThePromisesOfItsInterface) {
  const std::vector<double> x = positions_in(*system().box);
  EnergyInvariantOptions options;
  options.rotation = GetParam().method == kOpen;  // a box has directions
  options.force_tolerance = 1e-8;
  expect_energy_function_invariants(PlainEnergy(system(), nullptr), in_box(system(), x).view(),
                                    options);
}

INSTANTIATE_TEST_SUITE_P(Box, PeriodicNonbonded, testing::ValuesIn(kReferences),
                         [](const auto& instance) { return std::string(instance.param.name); });

double energy_of(const System& system, const std::vector<double>& x) {
  double energy = 0.0;
  PlainEnergy(system, nullptr).evaluate(in_box(system, x).view(), {&energy, 1}, {});
  return energy;
}

TEST(Periodicity, WholeBoxesDoNotMatter) {
  System system = box_of_atoms(Box(kBoxEdges));
  system.nonbonded->exceptions.clear();  // they take positions as they are
  system.nonbonded->switching_distance_nm = 0.42;
  const std::vector<double> x = positions_in(*system.box);
  std::vector<double> moved = x;
  auto stream = test_stream(3);
  for (std::size_t i = 0; i < x.size(); ++i)
    moved[i] += kBoxEdges[i % 3] * std::round(2.0 * stream.normal());
  const double expected = energy_of(system, x);
  EXPECT_NEAR(energy_of(system, moved), expected, tolerance_scale() * 1e-11 * std::abs(expected));
}

/// Two neutral atoms, sigma 0.3 nm, epsilon 0.6 kJ/mol, cutoff 0.9 nm, in a box of 2 nm.
System pair_in_a_box(double switching_distance) {
  System system;
  system.masses.assign(2, 40.0);
  system.box = Box({2.0, 2.0, 2.0});
  Nonbonded& nonbonded = system.nonbonded.emplace();
  nonbonded.particles.assign(2, {0.0, 0.3, 0.6});
  nonbonded.method = kPeriodic;
  nonbonded.cutoff_nm = 0.9;
  nonbonded.switching_distance_nm = switching_distance;
  return system;
}

double lennard_jones(double r) {
  return 4.0 * 0.6 * (std::pow(0.3 / r, 12) - std::pow(0.3 / r, 6));
}

TEST(Periodicity, PairSeesItsNearestImage) {
  const System system = pair_in_a_box(0.0);
  for (double r : {0.3, 0.5, 0.89})
    EXPECT_NEAR(energy_of(system, {0.1, 0.0, 0.0, 0.1 - r + 2.0, 0.0, 0.0}), lennard_jones(r),
                tolerance_scale() * 1e-13);
  EXPECT_EQ(energy_of(system, {0.1, 0.0, 0.0, 1.05, 0.0, 0.0}), 0.0) << "beyond the cutoff";
}

TEST(Switching, TakesLennardJonesToZeroSmoothly) {
  const System system = pair_in_a_box(0.6);
  const auto at = [&](double r) { return energy_of(system, {0.0, 0.0, 0.0, 0.0, r, 0.0}); };
  for (double r : {0.3, 0.6, 0.65, 0.75, 0.88}) {
    const double t = r > 0.6 ? (r - 0.6) / 0.3 : 0.0;
    const double s = 1.0 - 10.0 * t * t * t + 15.0 * std::pow(t, 4) - 6.0 * std::pow(t, 5);
    EXPECT_NEAR(at(r), s * lennard_jones(r), tolerance_scale() * 1e-14) << r;
  }
  // S = 10 (1 - t)^3 near the end: 1e-4 nm before it 4e-10.
  EXPECT_NEAR(at(0.9 - 1e-4), lennard_jones(0.9) * 10.0 * std::pow(1e-4 / 0.3, 3),
              tolerance_scale() * 1e-14);
  EXPECT_EQ(at(0.9 + 1e-9), 0.0);
}

TEST(LongRangeCorrection, IsTheTailOfOneKindOfAtom) {
  Nonbonded nonbonded = *pair_in_a_box(0.0).nonbonded;
  EXPECT_EQ(LongRangeCorrection(nonbonded).energy(8.0), 0.0) << "not asked for";
  nonbonded.long_range_correction = true;
  const double tail =
      std::pow(0.3, 12) / (9.0 * std::pow(0.9, 9)) - std::pow(0.3, 6) / (3.0 * std::pow(0.9, 3));
  const double expected = 8.0 * kPi * 4.0 / (2.0 * 2.5 * 3.0) * 0.6 * tail;
  EXPECT_NEAR(LongRangeCorrection(nonbonded).energy(2.0 * 2.5 * 3.0), expected,
              tolerance_scale() * 1e-13 * std::abs(expected));
}

TEST(LongRangeCorrection, GrowsByWhatSwitchingTakesAway) {
  // The same integral by Simpson's rule with many points.
  Nonbonded nonbonded = *pair_in_a_box(0.0).nonbonded;
  nonbonded.long_range_correction = true;
  const double volume = 8.0;
  const double without = LongRangeCorrection(nonbonded).energy(volume);
  for (double start : {0.2, 0.6, 0.88, 0.9 - 1e-6}) {
    nonbonded.switching_distance_nm = start;
    constexpr int kIntervals = 20000;
    double integral = 0.0;
    for (int n = 0; n <= kIntervals; ++n) {
      const double t = static_cast<double>(n) / kIntervals, r = start + t * (0.9 - start);
      const double off = t * t * t * (10.0 - 15.0 * t + 6.0 * t * t);
      const double weight = n == 0 || n == kIntervals ? 1.0 : (n % 2 == 1 ? 4.0 : 2.0);
      integral += weight * off * lennard_jones(r) * r * r;
    }
    integral *= (0.9 - start) / kIntervals / 3.0;
    const double expected = 2.0 * kPi * 4.0 / 8.0 * integral;
    EXPECT_NEAR(LongRangeCorrection(nonbonded).energy(volume) - without, expected,
                tolerance_scale() * 1e-11 * std::max(1.0, std::abs(expected)))
        << start;
  }
}

TEST(LongRangeCorrection, RefusesToBeInfinite) {
  System system = pair_in_a_box(1e-60);
  system.nonbonded->long_range_correction = true;
  EXPECT_EQ(message_of<InputError>([&] { PlainEnergy(system, nullptr); }),
            "nonbonded: the long-range correction is not finite; expected a larger switching "
            "distance or smaller Lennard-Jones parameters");
}

TEST(Periodicity, NeedsABox) {
  const System system = box_of_atoms(Box(kBoxEdges));
  const std::vector<double> x = positions_in(*system.box);
  const auto term = make_nonbonded_term(*system.nonbonded, system.box);
  EXPECT_EQ(message_of<InternalError>([&] {
              term->evaluate({x.data(), 1, kBoxAtoms}, {}, {});
            }),
            "a periodic nonbonded term needs the box of the positions");
}

TEST(Periodicity, IsThatOfTheBoxOfEachChain) {
  // The same pair in three boxes: its image is 0.4, 0.5 and 0.6 nm away.
  const System system = pair_in_a_box(0.0);
  const std::vector<double> one = {0.0, 0.0, 0.0, 1.6, 0.0, 0.0};
  CoordinateBatch x = CoordinateBatch::repeated(in_box(system, one).view(), 3);
  x.set_boxes({Box({2.0, 2.0, 2.0}), Box({2.1, 2.0, 2.0}), Box({2.2, 3.0, 2.0})});
  std::vector<double> energies(3);
  PlainEnergy(system, nullptr).evaluate(x.view(), energies, {});
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(energies[c], lennard_jones(0.4 + 0.1 * static_cast<double>(c)),
                tolerance_scale() * 1e-12);
}

TEST(LongRangeCorrection, IsThatOfTheBoxOfEachChain) {
  System system = pair_in_a_box(0.0);
  system.nonbonded->long_range_correction = true;
  CoordinateBatch x = CoordinateBatch::repeated(
      in_box(system, std::vector<double>{0.0, 0.0, 0.0, 0.0, 0.0, 0.95}).view(), 2);
  x.set_boxes({Box({2.0, 2.0, 2.0}), Box({2.0, 3.0, 4.0})});
  const double at_1_nm3 = LongRangeCorrection(*system.nonbonded).energy(1.0);
  std::vector<double> energies(2);
  PlainEnergy(system, nullptr).evaluate(x.view(), energies, {});
  EXPECT_NEAR(energies[0], at_1_nm3 / 8.0, tolerance_scale() * 1e-13);
  EXPECT_NEAR(energies[1], at_1_nm3 / 24.0, tolerance_scale() * 1e-13);
}

}  // namespace

}  // namespace saltus::tests
