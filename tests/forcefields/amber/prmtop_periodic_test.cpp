// Oracle: OpenMM 7.7's reader of the same files and its Reference platform
// (tests/forcefields/data/README.md).
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/boxes.h"

namespace saltus::tests {
namespace {

using engine::NonbondedMethod;
using engine::System;
using forcefields::PrmtopOptions;

// The references have twelve digits.
constexpr double kRelative = 1e-10;

PrmtopOptions periodic_options(NonbondedMethod method = NonbondedMethod::kPme) {
  PrmtopOptions options;
  options.molecule.nonbonded_method = method;
  options.molecule.cutoff_nm = 0.9;
  options.molecule.rigid_water = true;
  return options;
}

/// The system of both files of a name, in the box of the coordinates.
struct Pair {
  Pair(const std::string& name, const PrmtopOptions& options)
      : molecule(forcefields::read_prmtop(data_path(name + ".prmtop"), options)),
        coordinates(
            forcefields::read_inpcrd(data_path(name + ".inpcrd"), molecule.system.n_atoms())),
        reference(data_path(name + ".reference")) {
    box_of_prmtop = molecule.system.box;
    molecule.system.box = engine::Box::from_lengths_and_angles(coordinates.box_nm.value(),
                                                               coordinates.box_rad.value());
    molecule.system.validate(name);
  }
  forcefields::AmberMolecule molecule;
  forcefields::AmberCoordinates coordinates;
  ReferenceData reference;
  std::optional<engine::Box> box_of_prmtop;
};

void expect_numbers(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t n = 0; n < actual.size(); ++n)
    EXPECT_NEAR(actual[n], expected[n], kRelative * std::max(1.0, std::abs(expected[n]))) << n;
}

class PeriodicPrmtop : public testing::TestWithParam<const char*> {};

TEST_P(PeriodicPrmtop, HasTheBoxOfItsFiles) {
  const Pair pair(GetParam(), periodic_options());
  const auto vectors = pair.molecule.system.box->vectors();
  expect_numbers({vectors.begin(), vectors.end()}, pair.reference["box"]);
  EXPECT_EQ(pair.molecule.system.box->is_rectangular(),
            std::string(GetParam()).find("rectangular") != std::string::npos);
  const bool triclinic = std::string(GetParam()) == "tip4pew_triclinic";
  ASSERT_EQ(pair.box_of_prmtop.has_value(), !triclinic) << "one angle is not all of them";
  if (pair.box_of_prmtop) {
    EXPECT_EQ(*pair.box_of_prmtop, *pair.molecule.system.box);
  }
  EXPECT_EQ(pair.molecule.box->edges_nm, pair.coordinates.box_nm.value());
}

TEST_P(PeriodicPrmtop, HasItsWaterRigid) {
  const Pair pair(GetParam(), periodic_options());
  std::vector<double> constraints;
  for (const engine::Constraint& c : pair.molecule.system.constraints) {
    constraints.push_back(static_cast<double>(c.i));
    constraints.push_back(static_cast<double>(c.j));
    constraints.push_back(c.distance_nm);
  }
  expect_numbers(constraints, pair.reference["constraints"]);
  // Only bonds of extra points are left.
  EXPECT_EQ(pair.molecule.system.bonds.size(), pair.molecule.system.virtual_sites.size());
}

TEST_P(PeriodicPrmtop, HasSitesForExtraPoints) {
  const Pair pair(GetParam(), periodic_options());
  std::vector<double> numbers;
  for (const engine::VirtualSite& site : pair.molecule.system.virtual_sites) {
    numbers.push_back(static_cast<double>(site.site));
    for (const std::size_t parent : site.parents) numbers.push_back(static_cast<double>(parent));
    numbers.insert(numbers.end(), site.weights.begin(), site.weights.end());
    EXPECT_EQ(pair.molecule.system.masses[site.site], 0.0);
    EXPECT_EQ(pair.molecule.topology.atoms[site.site].atomic_number, 0);
  }
  const bool any = pair.reference.has("sites");
  expect_numbers(numbers, any ? pair.reference["sites"] : std::vector<double>());
  EXPECT_EQ(any, std::string(GetParam()).substr(0, 5) != "tip3p");
}

TEST_P(PeriodicPrmtop, HasTheExceptionsOfTheFile) {
  const Pair pair(GetParam(), periodic_options());
  std::vector<double> numbers;
  for (const auto& e : pair.molecule.system.nonbonded->exceptions)
    for (const double value :
         {static_cast<double>(e.i), static_cast<double>(e.j), e.charge_product, e.epsilon})
      numbers.push_back(value);
  expect_numbers(numbers, pair.reference["exceptions"]);
}

INSTANTIATE_TEST_SUITE_P(All, PeriodicPrmtop,
                         testing::Values("tip3p_rectangular", "tip3p_octahedron",
                                         "tip4pew_triclinic", "tip5p_rectangular"),
                         [](const auto& name) { return std::string(name.param); });

TEST(PeriodicPrmtopEnergy, IsOpenMMs) {
  for (const char* name : {"tip3p_rectangular", "tip5p_rectangular"})
    for (const char* kind : {"cutoff", "switched"}) {
      SCOPED_TRACE(std::string(name) + ", " + kind);
      PrmtopOptions options = periodic_options(NonbondedMethod::kCutoffPeriodic);
      if (std::string(kind) == "switched") options.molecule.switching_distance_nm = 0.8;
      const Pair pair(name, options);
      const System& system = pair.molecule.system;
      // Extra points have the seven decimals of the file here, and all of them in the reference.
      constexpr double kEnergyTolerance = 1e-6;  // relative
      const engine::PlainEnergy energy(system, nullptr);
      const auto x = in_box(system, pair.coordinates.positions_nm);
      std::vector<double> total(1), forces(3 * system.n_atoms());
      energy.evaluate(x.view(), total, forces);
      const double expected = pair.reference[std::string(kind) + ".total"][0];
      EXPECT_NEAR(total[0], expected, kEnergyTolerance * std::abs(expected));
      if (!system.virtual_sites.empty()) continue;
      const std::vector<double>& all = pair.reference[std::string(kind) + ".forces"];
      constexpr double kForceTolerance = 1e-6;  // kJ/mol/nm; forces reach 10^3
      for (std::size_t n = 0; n < forces.size(); ++n)
        EXPECT_NEAR(forces[n], all[n], kForceTolerance);
    }
}

TEST(PeriodicPrmtopOptions, AreThoseOfTheMolecule) {
  PrmtopOptions options = periodic_options(NonbondedMethod::kEwald);
  options.molecule.ewald.tolerance = 1e-5;
  options.molecule.switching_distance_nm = 0.7;
  const Pair pair("tip3p_rectangular", options);
  const engine::Nonbonded& nonbonded = *pair.molecule.system.nonbonded;
  EXPECT_EQ(nonbonded.method, NonbondedMethod::kEwald);
  EXPECT_EQ(nonbonded.cutoff_nm, 0.9);
  EXPECT_EQ(nonbonded.ewald.tolerance, 1e-5);
  EXPECT_EQ(nonbonded.switching_distance_nm, 0.7);
  EXPECT_TRUE(nonbonded.long_range_correction);
  options.molecule.long_range_correction = false;
  EXPECT_FALSE(Pair("tip3p_rectangular", options).molecule.system.nonbonded->long_range_correction);
}

TEST(PeriodicPrmtopOptions, LeaveTheBoxOutWithoutAPeriodicMethod) {
  const auto molecule = forcefields::read_prmtop(data_path("tip3p_rectangular.prmtop"), {});
  EXPECT_FALSE(molecule.system.box.has_value());
  EXPECT_TRUE(molecule.box.has_value());
  EXPECT_FALSE(molecule.system.nonbonded->long_range_correction);
}

TEST(PeriodicPrmtopOptions, HaveABoxThatComesFirst) {
  PrmtopOptions options = periodic_options();
  options.molecule.box = engine::Box({2.5, 2.6, 2.7});
  const auto molecule = forcefields::read_prmtop(data_path("tip3p_rectangular.prmtop"), options);
  EXPECT_EQ(molecule.system.box, options.molecule.box);
}

TEST(RigidWater, IsAChoice) {
  PrmtopOptions options;
  const std::string path = data_path("tip4pew_triclinic.prmtop");
  const auto flexible = forcefields::read_prmtop(path, options);
  EXPECT_EQ(flexible.system.constraints.size(), 0u);
  EXPECT_EQ(flexible.system.bonds.size(), 20u) << "four of each molecule";
  options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  const auto constrained = forcefields::read_prmtop(path, options);
  EXPECT_EQ(constrained.system.constraints.size(), 15u);
  EXPECT_EQ(constrained.system.bonds.size(), 5u);
}

TEST(RigidWater, DoesNotDependOnNames) {
  PrmtopOptions options;
  options.molecule.rigid_water = true;
  const std::string renamed =
      with_replaced(read_text(data_path("tip4pew_triclinic.prmtop")), "WAT WAT WAT", "WAT OPC H2O");
  const auto molecule =
      forcefields::read_prmtop(write_text(testing::TempDir(), "renamed.prmtop", renamed), options);
  EXPECT_EQ(molecule.system.constraints.size(), 15u);
}

TEST(RigidWater, HasAConstraintInsteadOfItsAngle) {
  // The first molecule's bond between its hydrogens becomes an angle of 104.52 degrees, as tleap
  // writes it with FlexibleWater.
  std::string text = read_text(data_path("tip3p_rectangular.prmtop"));
  text = with_replaced(text, "      17       4      15       0       0       0",
                       "      17       4      14       0       1       0");
  text = with_replaced(text, "       2       0       0       4       0\n",
                       "       2       1       0       4       0\n");
  text = with_replaced(text, "%FLAG ANGLE_FORCE_CONSTANT\n%FORMAT(5E16.8)\n\n",
                       "%FLAG ANGLE_FORCE_CONSTANT\n%FORMAT(5E16.8)\n  1.00000000E+02\n");
  text = with_replaced(text, "%FLAG ANGLE_EQUIL_VALUE\n%FORMAT(5E16.8)\n\n",
                       "%FLAG ANGLE_EQUIL_VALUE\n%FORMAT(5E16.8)\n  1.82421813E+00\n");
  text = with_replaced(text, "       6       1       3       6       2", "       6       1");
  text =
      with_replaced(text, "%FLAG ANGLES_INC_HYDROGEN\n%FORMAT(10I8)\n\n",
                    "%FLAG ANGLES_INC_HYDROGEN\n%FORMAT(10I8)\n       3       0       6       1\n");
  const std::string path = write_text(testing::TempDir(), "angle.prmtop", text);
  PrmtopOptions options;
  const auto flexible = forcefields::read_prmtop(path, options);
  ASSERT_EQ(flexible.system.angles.size(), 1u);
  options.molecule.rigid_water = true;
  const auto rigid = forcefields::read_prmtop(path, options);
  EXPECT_EQ(rigid.system.angles.size(), 0u);
  EXPECT_EQ(rigid.system.constraints.size(), 15u);
  const engine::Constraint& first = rigid.system.constraints.front();
  EXPECT_EQ(first.i, 1u);
  EXPECT_EQ(first.j, 2u);
  constexpr double kDigitsOfTheFile = 1e-9;  // nm
  EXPECT_NEAR(first.distance_nm, 0.151390065, kDigitsOfTheFile);
}

/// What read_prmtop says about the file of that name after a change, from the file's name on.
std::string message_about(const std::string& name, const std::string& from, const std::string& to,
                          const PrmtopOptions& options = periodic_options()) {
  const std::string path = write_text(testing::TempDir(), "bad.prmtop",
                                      with_replaced(read_text(data_path(name)), from, to));
  const std::string message =
      message_of<engine::InputError>([&] { forcefields::read_prmtop(path, options); });
  return message.substr(std::min(message.size(), message.find("bad.prmtop")));
}

TEST(PeriodicPrmtopErrors, Boxes) {
  const std::string kind = "       1       3       0\n";
  const std::string edges = "  9.00000000E+01  2.00000000E+01  2.15000000E+01";
  const std::string name = "tip3p_rectangular.prmtop";
  EXPECT_EQ(message_about(name, kind, "       4       3       0\n"),
            "bad.prmtop:9: section POINTERS, value 28: IFBOX is 4, expected 0 (no box), 1 "
            "(rectangular), 2 (truncated octahedron) or 3 (triclinic)");
  EXPECT_EQ(message_about(name, edges, "  9.00000000E+01  0.00000000E+00  2.15000000E+01"),
            "bad.prmtop:131: section BOX_DIMENSIONS: edge a of the periodic box is 0.000000 nm, "
            "expected a positive number");
  EXPECT_EQ(message_about(name, edges, "  9.00000000E+01  1.70000000E+01  2.15000000E+01"),
            "bad.prmtop: nonbonded: the cutoff, 0.900000 nm, is more than half the shortest width "
            "of the box, 1.700000 nm; set cutoff = \"0.85 nm\" or less, or take a larger box");
  const std::string negative = "  9.00000000E+01  2.00000000E+01 -2.15000000E+01";
  EXPECT_EQ(message_about(name, edges, negative),
            "bad.prmtop:133: section BOX_DIMENSIONS, value 3: is negative, expected the length of "
            "an edge");
  // Left to the coordinates, and refused without.
  const auto without = forcefields::read_prmtop(
      write_text(testing::TempDir(), "no_box.prmtop",
                 with_replaced(read_text(data_path(name)), kind, "       0       3       0\n")),
      periodic_options());
  EXPECT_FALSE(without.box.has_value());
  EXPECT_EQ(message_of<engine::InputError>([&] { without.system.validate("x"); }),
            "x: nonbonded: the method is periodic, but the system has no box");
}

TEST(PeriodicPrmtopErrors, ExtraPoints) {
  const std::string four = "tip4pew_triclinic.prmtop";
  EXPECT_EQ(message_about(four, "       3       4       0\n       5\n",
                          "       3       4       0\n       4\n"),
            "bad.prmtop:10: section POINTERS, value 31: NUMEXTRA is 4, but the file has 5 atoms "
            "without mass");
  // An amide in place of the oxygen.
  EXPECT_EQ(message_about(four, "%FORMAT(10I8)\n       8       1       1       0",
                          "%FORMAT(10I8)\n       7       1       1       0"),
            "bad.prmtop:29: section MASS, value 4: atom EPW of residue WAT 1 is an extra point, "
            "which is known in water only: a residue of one oxygen, two hydrogens bonded to it "
            "and one or two extra points");
  // The hydrogen is bonded to that of another molecule.
  const std::string bonds =
      "%FLAG BONDS_INC_HYDROGEN\n%FORMAT(10I8)\n       0       3       1"
      "       0       6       1       3       6       2";
  EXPECT_EQ(message_about(four, bonds,
                          "%FLAG BONDS_INC_HYDROGEN\n%FORMAT(10I8)\n       0       3       1"
                          "       0       6       1       3      18       2"),
            "bad.prmtop:29: section MASS, value 4: atom EPW of residue WAT 1 is an extra point, "
            "which is known in water only: a residue of one oxygen, two hydrogens bonded to it "
            "and one or two extra points");
  // The distance of the hydrogens is not given.
  EXPECT_EQ(message_about(four, bonds,
                          "%FLAG BONDS_INC_HYDROGEN\n%FORMAT(10I8)\n       0       3       1"
                          "       0       6       1       0       6       2"),
            "bad.prmtop:95: section BONDS_INC_HYDROGEN: the places of the extra points of residue "
            "WAT 1 follow from its bonds, expected those of the oxygen with both hydrogens and the "
            "extra points, and one between the hydrogens");
}

}  // namespace
}  // namespace saltus::tests
