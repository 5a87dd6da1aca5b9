// Oracle: Saltus' own PlainEnergy, an implementation that shares nothing with OpenMM but the
// formulas; closed forms for two atoms; the mathematics of an energy function.
#include "forcefields/openmm/openmm_energy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/environment.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;
using engine::System;
using forcefields::OpenMMEnergy;
using forcefields::OpenMMPlatform;

const OpenMMPlatform kReference = {"Reference", 0};

struct Molecule {
  System system;
  std::vector<double> positions;  ///< [B, N, 3]
  engine::ConstCoordinates view() const {
    return {positions.data(), positions.size() / (3 * system.n_atoms()), system.n_atoms()};
  }
};

/// A molecule of the data folder at its configuration and two more around it.
Molecule molecule(const std::string& name, const forcefields::PrmtopOptions& options) {
  constexpr double kDisplacementNm = 0.003;
  Molecule result;
  result.system = forcefields::read_prmtop(data_path(name + ".prmtop"), options).system;
  const auto x =
      forcefields::read_inpcrd(data_path(name + ".inpcrd"), result.system.n_atoms()).positions_nm;
  result.positions = x;
  engine::RandomStream stream = test_stream(11);
  for (int copy = 0; copy < 2; ++copy)
    for (double value : x) result.positions.push_back(value + kDisplacementNm * stream.normal());
  return result;
}

forcefields::PrmtopOptions options_for(const std::string& model, bool cutoff) {
  forcefields::PrmtopOptions options;
  if (model == "obc1") options.molecule.implicit_solvent = GeneralizedBornModel::kObc1;
  if (model == "obc2") options.molecule.implicit_solvent = GeneralizedBornModel::kObc2;
  if (model == "gbn2") options.molecule.implicit_solvent = GeneralizedBornModel::kGbn2;
  if (cutoff) options.molecule.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
  options.molecule.cutoff_nm = 0.7;
  return options;
}

struct Case {
  std::string molecule, model;
  bool cutoff = false;
};

class OpenMMAgainstNative : public testing::TestWithParam<Case> {};

TEST_P(OpenMMAgainstNative, TermsEnergiesAndForces) {
  const Case& c = GetParam();
  const Molecule m = molecule(c.molecule, options_for(c.model, c.cutoff));
  const OpenMMEnergy openmm(m.system, kReference);
  const engine::PlainEnergy native(m.system, nullptr);
  // Rounding: the parts of an energy are below 10^4 kJ/mol, of a force below 10^5 kJ/mol/nm. The
  // Coulomb constants differ by 3e-12, for the engine's has 12 digits.
  const double energy_tolerance = 1e-8 * tolerance_scale();
  const double force_tolerance = 1e-6 * tolerance_scale();

  for (std::size_t chain = 0; chain < m.view().n_chains; ++chain) {
    const auto expected = native.terms(m.view().slice(chain, 1));
    const auto terms = openmm.terms(m.view().slice(chain, 1));
    ASSERT_EQ(terms.size(), expected.size());
    for (std::size_t n = 0; n < terms.size(); ++n) {
      EXPECT_EQ(terms[n].name, expected[n].name);
      EXPECT_NEAR(terms[n].energy, expected[n].energy, energy_tolerance) << terms[n].name;
    }
  }
  std::vector<double> energies(3), expected_energies(3);
  std::vector<double> forces(m.positions.size()), expected_forces(m.positions.size());
  openmm.evaluate(m.view(), energies, forces);
  native.evaluate(m.view(), expected_energies, expected_forces);
  for (std::size_t chain = 0; chain < 3; ++chain)
    EXPECT_NEAR(energies[chain], expected_energies[chain], energy_tolerance);
  for (std::size_t n = 0; n < forces.size(); ++n)
    EXPECT_NEAR(forces[n], expected_forces[n], force_tolerance) << "component " << n;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const char* name : {"alanine_dipeptide", "MVL", "RE"})
    for (const char* model : {"vacuum", "obc1", "obc2", "gbn2"})
      for (bool cutoff : {false, true}) cases.push_back({name, model, cutoff});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, OpenMMAgainstNative, testing::ValuesIn(all_cases()),
                         [](const auto& tested) {
                           return tested.param.molecule + "_" + tested.param.model +
                                  (tested.param.cutoff ? "_cutoff" : "");
                         });

TEST(OpenMMEnergy, KeepsThePromisesOfAnEnergyFunction) {
  const Molecule m = molecule("alanine_dipeptide", options_for("obc2", false));
  expect_energy_function_invariants(OpenMMEnergy(m.system, kReference), m.view());
}

TEST(OpenMMEnergy, CpuPlatformAgreesToSinglePrecision) {
  const Molecule m = molecule("RE", options_for("obc2", false));
  std::vector<double> energies(3), expected(3);
  OpenMMEnergy(m.system, kReference).evaluate(m.view(), expected, {});
  OpenMMEnergy(m.system, {"CPU", 1}).evaluate(m.view(), energies, {});
  for (std::size_t chain = 0; chain < 3; ++chain) {
    // Parts of about 10^3 kJ/mol, 24 bits each.
    EXPECT_NEAR(energies[chain], expected[chain], 0.02);
    EXPECT_NE(energies[chain], expected[chain]) << "single precision was expected";
  }
}

TEST(OpenMMEnergy, CoulombConstantOfTheImplicitSolventIsTheSystems) {
  Molecule m = molecule("RE", options_for("obc2", false));
  m.system.implicit_solvent->surface_energy = 0.0;
  const double before =
      OpenMMEnergy(m.system, kReference).terms(m.view().slice(0, 1)).back().energy;
  m.system.implicit_solvent->coulomb_constant *= 1.25;
  const double after = OpenMMEnergy(m.system, kReference).terms(m.view().slice(0, 1)).back().energy;
  EXPECT_NEAR(after, 1.25 * before, 1e-9 * std::abs(before));
}

TEST(OpenMMEnergy, NativeAndCustomForceOfOneModelAgree) {
  const Molecule m = molecule("MVL", options_for("obc2", true));
  System custom = m.system;
  // Too little to matter, enough to be none of the constants that GBSAOBCForce has built in.
  for (auto& p : custom.implicit_solvent->particles) p.gamma *= 1.0 + 1e-14;
  std::vector<double> energies(3), expected(3);
  OpenMMEnergy(m.system, kReference).evaluate(m.view(), expected, {});
  OpenMMEnergy(custom, kReference).evaluate(m.view(), energies, {});
  for (std::size_t chain = 0; chain < 3; ++chain)
    EXPECT_NEAR(energies[chain], expected[chain], 1e-8);
}

/// Two atoms without bonds.
System two_atoms(double charge_0, double charge_1, double epsilon) {
  System system;
  system.masses = {12.0, 12.0};
  system.nonbonded.emplace();
  system.nonbonded->particles = {{charge_0, 0.3, epsilon}, {charge_1, 0.3, epsilon}};
  return system;
}

std::vector<double> at_distance(double r) { return {0.0, 0.0, 0.0, 0.0, 0.0, r}; }

double energy_of(const System& system, const std::vector<double>& x) {
  double energy = 0.0;
  OpenMMEnergy(system, kReference).evaluate({x.data(), 1, system.n_atoms()}, {&energy, 1}, {});
  return energy;
}

TEST(OpenMMEnergy, UnitsAreTheEngines) {
  System bond;
  bond.masses = {1.0, 1.0};
  bond.bonds = {{0, 1, 0.10, 200000.0}};
  EXPECT_NEAR(energy_of(bond, at_distance(0.11)), 10.0, 1e-9);
  // Lennard-Jones is -epsilon at 2^(1/6) sigma.
  EXPECT_NEAR(energy_of(two_atoms(0.0, 0.0, 0.7), at_distance(0.3 * std::pow(2.0, 1.0 / 6.0))),
              -0.7, 1e-12);
  EXPECT_NEAR(energy_of(two_atoms(0.5, -1.0, 0.0), at_distance(0.4)),
              -0.5 * engine::kCoulombConstant / 0.4, 1e-9);
}

TEST(OpenMMEnergy, ReactionField) {
  System system = two_atoms(1.0, 1.0, 0.0);
  system.nonbonded->method = engine::NonbondedMethod::kCutoffNonPeriodic;
  system.nonbonded->cutoff_nm = 0.8;
  system.nonbonded->reaction_field_dielectric = 4.0;
  const double k_rf = 3.0 / 9.0 / std::pow(0.8, 3), c_rf = 12.0 / 9.0 / 0.8;
  EXPECT_NEAR(energy_of(system, at_distance(0.5)),
              engine::kCoulombConstant * (1.0 / 0.5 + k_rf * 0.25 - c_rf), 1e-9);
  EXPECT_EQ(energy_of(system, at_distance(0.81)), 0.0);
}

TEST(OpenMMEnergy, TermsThatTheSystemLacksAreLeftOut) {
  const auto x = at_distance(0.4);
  const auto terms = OpenMMEnergy(two_atoms(1.0, 1.0, 0.1), kReference).terms({x.data(), 1, 2});
  ASSERT_EQ(terms.size(), 1u);
  EXPECT_EQ(terms[0].name, "nonbonded");
}

TEST(OpenMMEnergy, CoincidingAtomsHaveInfiniteEnergyWhateverTheirCharges) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(energy_of(two_atoms(1.0, -1.0, 0.0), at_distance(0.0)), infinity);  // -inf in OpenMM
  EXPECT_EQ(energy_of(two_atoms(1.0, 1.0, 0.5), at_distance(0.0)), infinity);
}

TEST(OpenMMEnergy, PositionsThatAreNotFinite) {
  std::vector<double> x = at_distance(std::nan("")), forces(6, 0.0);
  double energy = 0.0;
  OpenMMEnergy(two_atoms(1.0, 1.0, 0.5), kReference)
      .evaluate({x.data(), 1, 2}, {&energy, 1}, forces);
  EXPECT_EQ(energy, std::numeric_limits<double>::infinity());
  for (double force : forces) EXPECT_TRUE(std::isnan(force));
}

TEST(OpenMMEnergy, MayBeCalledFromSeveralThreads) {
  const Molecule m = molecule("alanine_dipeptide", options_for("vacuum", false));
  const OpenMMEnergy energy(m.system, kReference);
  std::vector<double> expected(3);
  energy.evaluate(m.view(), expected, {});
  const auto evaluate_often = [&](std::size_t chain, bool* all_equal) {
    for (int n = 0; n < 200; ++n) {
      double value = 0.0;
      energy.evaluate(m.view().slice(chain, 1), {&value, 1}, {});
      *all_equal = *all_equal && value == expected[chain];
    }
  };
  bool first = true, second = true;
  std::thread other(evaluate_often, 0, &first);
  evaluate_often(1, &second);
  other.join();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

std::string message_for(const System& system, const OpenMMPlatform& platform) {
  return message_of<engine::InputError>([&] { OpenMMEnergy(system, platform); });
}

TEST(OpenMMEnergyErrors, UnknownPlatformListsThoseThatAre) {
  std::string names;
  for (const std::string& name : forcefields::openmm_platforms())
    names += (names.empty() ? "" : ", ") + name;
  ASSERT_NE(names.find("Reference, CPU"), std::string::npos);
  EXPECT_EQ(message_for(two_atoms(0.0, 0.0, 0.0), {"reference", 0}),
            "OpenMM has no platform \"reference\", expected one of: " + names);
}

TEST(OpenMMEnergyErrors, Threads) {
  EXPECT_EQ(message_for(two_atoms(0.0, 0.0, 0.0), {"Reference", 2}),
            "OpenMM platform Reference takes no number of threads; only CPU does. Leave it at 0");
  EXPECT_EQ(message_for(two_atoms(0.0, 0.0, 0.0), {"CPU", -1}),
            "OpenMM platform CPU: -1 threads, expected 1 or more, or 0 for OpenMM's own choice");
}

TEST(OpenMMEnergyErrors, SystemsThatAreNone) {
  System system = two_atoms(0.0, 0.0, 0.0);
  system.bonds = {{0, 2, 0.1, 1.0}};
  EXPECT_EQ(message_for(system, kReference),
            "system for OpenMM: bond 0: atom index 2 out of range, the system has 2 atoms");
  system = two_atoms(0.0, 0.0, 0.0);
  system.masses[1] = 0.0;
  system.constraints = {{0, 1, 0.1}};
  EXPECT_EQ(message_for(system, kReference),
            "OpenMM platform Reference: OpenMM says: A constraint cannot involve a massless "
            "particle");
}

}  // namespace
}  // namespace saltus::tests
