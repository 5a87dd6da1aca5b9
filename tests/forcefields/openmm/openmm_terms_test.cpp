// Oracle: for each kind of term that OpenMM evaluates as a force of its own or from an expression,
// Saltus' PlainEnergy, which shares nothing with it but the formulas; numerical derivatives.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/openmm/openmm_energy.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using engine::NonbondedMethod;
using engine::System;
using forcefields::OpenMMEnergy;

const forcefields::OpenMMPlatform kReference = {"Reference", 0};

System atoms_without_terms(std::size_t n_atoms) {
  System system;
  system.masses.assign(n_atoms, 12.0);
  return system;
}

/// The same terms in the same order, with the same energies, and the same forces.
void expect_agreement(const System& system, const std::vector<double>& positions) {
  const OpenMMEnergy openmm(system, kReference);
  const engine::PlainEnergy plain(system, nullptr);
  const std::size_t n_chains = positions.size() / (3 * system.n_atoms());
  const engine::CoordinateBatch batch = in_box(system, positions);
  const engine::ConstCoordinates x = batch.view();
  // Rounding: terms are sums of parts a thousand times larger at most; forces are below 10^5
  // kJ/mol/nm.
  const double energy_tolerance = 1e-9 * tolerance_scale();
  const double force_tolerance = 1e-6 * tolerance_scale();
  for (std::size_t chain = 0; chain < n_chains; ++chain) {
    const auto expected = plain.terms(x.slice(chain, 1));
    const auto terms = openmm.terms(x.slice(chain, 1));
    ASSERT_EQ(terms.size(), expected.size());
    for (std::size_t n = 0; n < terms.size(); ++n) {
      EXPECT_EQ(terms[n].name, expected[n].name);
      EXPECT_NEAR(terms[n].energy, expected[n].energy,
                  energy_tolerance * std::max(1.0, std::abs(expected[n].energy)))
          << expected[n].name << " of chain " << chain;
    }
  }
  std::vector<double> energies(n_chains), forces(x.size()), expected_forces(x.size());
  openmm.evaluate(x, energies, forces);
  plain.evaluate(x, energies, expected_forces);
  for (std::size_t n = 0; n < forces.size(); ++n)
    EXPECT_NEAR(forces[n], expected_forces[n], force_tolerance) << "component " << n;
}

/// `x` and copies of it around it.
std::vector<double> with_displaced_copies(const std::vector<double>& x, double displacement_nm,
                                          int n_copies) {
  std::vector<double> result = x;
  engine::RandomStream stream = test_stream(12);
  for (int copy = 0; copy < n_copies; ++copy)
    for (double value : x) result.push_back(value + displacement_nm * stream.normal());
  return result;
}

// --- Cutoffs and boxes -------------------------------------------------------------------------

constexpr std::array<double, 3> kBoxNm = {1.9, 2.1, 2.3};
constexpr std::size_t kGrid[3] = {3, 3, 4};

/// 36 charged atoms of three kinds on a lattice in the box; nearest ones 0.57 nm apart. Pair 0, 1
/// is excluded, 1, 2 replaced, and 0, 2, neighbours through the wall of the box only, replaced too.
System lattice_system() {
  System system = atoms_without_terms(kGrid[0] * kGrid[1] * kGrid[2]);
  system.box = engine::Box(kBoxNm);
  engine::Nonbonded nonbonded;
  for (std::size_t n = 0; n < system.n_atoms(); ++n) {
    const double kind = static_cast<double>(n % 3);
    nonbonded.particles.push_back({0.4 * kind - 0.4, 0.28 + 0.04 * kind, 0.3 + 0.2 * kind});
  }
  nonbonded.exceptions = {{0, 1, 0.0, 1.0, 0.0}, {1, 2, -0.1, 0.3, 0.6}, {0, 2, 0.3, 0.35, 0.2}};
  system.nonbonded = nonbonded;
  return system;
}

/// Lattice points, displaced; the lattice reaches out of the box on both sides, and some atoms are
/// one or two boxes away.
std::vector<double> lattice_positions() {
  engine::RandomStream stream = test_stream(13);
  std::vector<double> x;
  for (std::size_t n = 0; n < kGrid[0] * kGrid[1] * kGrid[2]; ++n) {
    const std::size_t place[3] = {n % kGrid[0], n / kGrid[0] % kGrid[1], n / kGrid[0] / kGrid[1]};
    const double images[3] = {n % 5 == 4 ? 1.0 : 0.0, n % 7 == 3 ? -2.0 : 0.0, 0.0};
    for (std::size_t k = 0; k < 3; ++k) {
      const double spacing = kBoxNm[k] / static_cast<double>(kGrid[k]);
      x.push_back(spacing * (static_cast<double>(place[k]) - 0.7) + images[k] * kBoxNm[k] +
                  0.12 * (stream.uniform() - 0.5));
    }
  }
  return x;
}

struct CutoffCase {
  std::string name;
  NonbondedMethod method;
  bool switching, long_range;
};

System cutoff_system(const CutoffCase& c) {
  System system = lattice_system();
  system.nonbonded->method = c.method;
  system.nonbonded->cutoff_nm = 0.9;
  system.nonbonded->reaction_field_dielectric = 20.0;
  if (c.switching) system.nonbonded->switching_distance_nm = 0.65;
  system.nonbonded->long_range_correction = c.long_range;
  if (c.method != NonbondedMethod::kCutoffPeriodic) system.box.reset();
  return system;
}

std::vector<CutoffCase> cutoff_cases() {
  return {{"plain", NonbondedMethod::kCutoffPeriodic, false, false},
          {"switched", NonbondedMethod::kCutoffPeriodic, true, false},
          {"corrected", NonbondedMethod::kCutoffPeriodic, false, true},
          {"switched_and_corrected", NonbondedMethod::kCutoffPeriodic, true, true},
          {"no_box", NonbondedMethod::kCutoffNonPeriodic, false, false},
          {"no_box_switched", NonbondedMethod::kCutoffNonPeriodic, true, false}};
}

class OpenMMCutoffs : public testing::TestWithParam<CutoffCase> {};

TEST_P(OpenMMCutoffs, AgreeWithPlainEnergy) {
  expect_agreement(cutoff_system(GetParam()), with_displaced_copies(lattice_positions(), 0.01, 2));
}

INSTANTIATE_TEST_SUITE_P(All, OpenMMCutoffs, testing::ValuesIn(cutoff_cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST(OpenMMCutoffs, EachSettingMatters) {
  const std::vector<double> x = lattice_positions();
  std::vector<double> energies;
  for (const CutoffCase& c : cutoff_cases()) {
    double energy = 0.0;
    OpenMMEnergy(cutoff_system(c), kReference)
        .evaluate(in_box(cutoff_system(c), x).view(), {&energy, 1}, {});
    for (double other : energies) EXPECT_GT(std::abs(energy - other), 1e-3) << c.name;
    energies.push_back(energy);
  }
}

TEST(OpenMMCutoffs, EachChainHasItsBox) {
  const System system = cutoff_system(cutoff_cases()[3]);
  engine::CoordinateBatch x =
      engine::CoordinateBatch::repeated(in_box(system, lattice_positions()).view(), 3);
  x.set_boxes(
      {engine::Box({1.9, 2.1, 2.3}), engine::Box({2.0, 2.1, 2.3}), engine::Box({1.9, 2.2, 2.6})});
  const OpenMMEnergy openmm(system, kReference);
  std::vector<double> expected(3), energies(3), back(3);
  engine::PlainEnergy(system, nullptr).evaluate(x.view(), expected, {});
  openmm.evaluate(x.view(), energies, {});
  openmm.evaluate(x.view(), back, {});
  EXPECT_EQ(back, energies);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(energies[c], expected[c],
                1e-9 * tolerance_scale() * std::max(1.0, std::abs(expected[c])));
  EXPECT_GT(std::abs(energies[1] - energies[0]), 1e-3);
}

TEST(OpenMMCutoffs, PositionsWithoutBoxesAreRefused) {
  const System system = cutoff_system(cutoff_cases()[0]);
  const std::vector<double> x = lattice_positions();
  double energy = 0.0;
  EXPECT_EQ(
      message_of<engine::InternalError>([&] {
        OpenMMEnergy(system, kReference).evaluate({x.data(), 1, x.size() / 3}, {&energy, 1}, {});
      }),
      "the energy function is periodic, but the positions come without their boxes");
}

TEST(OpenMMCutoffs, BoxThatIsTooSmallIsRefused) {
  System system = cutoff_system(cutoff_cases()[0]);
  system.box = engine::Box({1.7, 2.1, 2.3});
  EXPECT_EQ(
      message_of<engine::InputError>([&] { OpenMMEnergy(system, kReference); }),
      "system for OpenMM: nonbonded: the cutoff, 0.900000 nm, is more than half the shortest "
      "width of the box, 1.700000 nm; set cutoff = \"0.85 nm\" or less, or take a larger box");
}

// --- MMFF94 ------------------------------------------------------------------------------------

/// Eight atoms: a chain 0-1-2-3 with branches 4 (on 1), 5 (on 2), 6 and 7 (on 3).
const std::vector<double> kBranched = {0.00, 0.00,  0.00, 0.14,  0.02, 0.01,  0.20, 0.15,
                                       0.03, 0.34,  0.16, -0.01, 0.21, -0.09, 0.05, 0.13,
                                       0.24, -0.04, 0.40, 0.07,  0.06, 0.39,  0.26, -0.05};

System mmff_system() {
  System system = atoms_without_terms(8);
  engine::Mmff mmff;
  mmff.bonds = {{0, 1, 0.15, 250000.0},
                {1, 2, 0.14, 300000.0},
                {2, 3, 0.13, 400000.0},
                {1, 4, 0.11, 280000.0}};
  mmff.angles = {{0, 1, 2, 1.9, 500.0}, {1, 2, 3, 2.1, 450.0}, {2, 3, 6, 2.2, 300.0}};
  mmff.linear_angles = {{0, 1, 4, 80.0}, {6, 3, 7, 120.0}};
  mmff.stretch_bends = {{0, 1, 2, 0.15, 0.14, 1.9, 700.0, -300.0},
                        {1, 2, 3, 0.14, 0.13, 2.1, 200.0, 900.0}};
  mmff.out_of_planes = {{0, 1, 2, 4, 40.0},
                        {0, 1, 4, 2, 30.0},
                        {1, 2, 3, 5, 60.0},
                        {3, 2, 5, 1, 55.0},
                        {2, 3, 6, 7, 25.0}};
  mmff.pairs = {{0, 3, 0.3, 0.38, 0.05},  {0, 5, 0.2, 0.33, -0.08}, {4, 6, 0.1, 0.29, 0.0},
                {0, 6, 0.25, 0.36, 0.12}, {4, 7, 0.15, 0.31, 0.02}, {0, 7, 0.0, 0.31, -0.2}};
  system.mmff = mmff;
  return system;
}

TEST(OpenMMMmff, TermsAgreeWithPlainEnergy) {
  expect_agreement(mmff_system(), with_displaced_copies(kBranched, 0.02, 6));
}

TEST(OpenMMMmff, DielectricsAgreeWithPlainEnergy) {
  System system = mmff_system();
  system.mmff->dielectric = 3.5;
  expect_agreement(system, kBranched);
  system.mmff->distance_dependent_dielectric = true;
  expect_agreement(system, kBranched);
}

TEST(OpenMMMmff, StraightLinesAndFlatCentresAreNoSpecialPlaces) {
  System system = atoms_without_terms(4);
  system.mmff.emplace();
  system.mmff->linear_angles = {{0, 1, 2, 80.0}};
  expect_agreement(system, {0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.3, 0.0, 0.0, 0.1, 0.1, 0.1});
  system.mmff->linear_angles.clear();
  system.mmff->out_of_planes = {{0, 1, 2, 3, 80.0}};
  expect_agreement(system, {0.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.1, -0.1, 0.0, -0.1, 0.05, 0.0});
}

TEST(OpenMMMmff, WilsonAngleOfAKnownGeometry) {
  System system = atoms_without_terms(4);
  system.mmff.emplace();
  system.mmff->out_of_planes = {{0, 1, 2, 3, 80.0}};
  // Atom 3 stands 30 degrees above the plane z = 0 of the others.
  const std::vector<double> x = {0.1, 0.0, 0.0, 0.0,  0.0, 0.0,
                                 0.0, 0.1, 0.0, -0.3, 0.0, 0.3 * std::tan(engine::kPi / 6.0)};
  double energy = 0.0;
  OpenMMEnergy(system, kReference).evaluate({x.data(), 1, 4}, {&energy, 1}, {});
  EXPECT_NEAR(energy, 0.5 * 80.0 * std::pow(engine::kPi / 6.0, 2), 1e-12);
}

// --- Correction maps, restraints, field --------------------------------------------------------

engine::CorrectionMap random_map(std::size_t size, engine::RandomStream& stream) {
  engine::CorrectionMap map;
  map.size = size;
  for (std::size_t n = 0; n < size * size; ++n) map.energies.push_back(5.0 * stream.normal());
  return map;
}

System correction_map_system() {
  System system = atoms_without_terms(8);
  engine::RandomStream stream = test_stream(14);
  system.correction_maps = {random_map(8, stream), random_map(24, stream)};
  system.correction_torsions = {{1, {0, 1, 2, 3}, {1, 2, 3, 6}},
                                {0, {4, 1, 2, 5}, {5, 2, 3, 7}},
                                {0, {7, 3, 2, 1}, {3, 2, 1, 0}}};
  return system;
}

TEST(OpenMMCorrectionMaps, AgreeWithPlainEnergy) {
  expect_agreement(correction_map_system(), with_displaced_copies(kBranched, 0.03, 10));
}

System restrained_system() {
  System system = atoms_without_terms(8);
  const auto position = [](std::size_t atom) {
    return std::array<double, 3>{kBranched[3 * atom], kBranched[3 * atom + 1],
                                 kBranched[3 * atom + 2]};
  };
  // At the place itself, with and without a flat part; outside and inside the flat part.
  system.position_restraints = {{0, position(0), 5000.0, 0.0},
                                {1, position(1), 3000.0, 0.05},
                                {2, {0.0, 0.1, 0.0}, 4000.0, 0.1},
                                {3, {0.3, 0.1, 0.0}, 2000.0, 0.2},
                                {4, {0.0, 0.0, 0.0}, 1000.0, 0.0}};
  return system;
}

TEST(OpenMMRestraints, OfPositionsAgreeWithPlainEnergy) {
  expect_agreement(restrained_system(), with_displaced_copies(kBranched, 0.02, 3));
}

TEST(OpenMMRestraints, OfTorsionsAgreeWithPlainEnergy) {
  System system = atoms_without_terms(8);
  // All around the circle, so that some differences wrap and some are in the flat part.
  for (int n = -8; n <= 8; ++n) {
    system.torsion_restraints.push_back({0, 1, 2, 3, 0.9 * n, 40.0, 0.0});
    system.torsion_restraints.push_back({4, 1, 2, 5, 0.9 * n, 60.0, 0.8});
  }
  expect_agreement(system, with_displaced_copies(kBranched, 0.03, 3));
}

TEST(OpenMMField, AgreesWithPlainEnergy) {
  System system = atoms_without_terms(8);
  system.field =
      engine::UniformField{{30.0, -50.0, 96.48533}, {0.5, -0.25, 0.0, 1.0, -1.0, 0.3, -0.3, 0.125}};
  expect_agreement(system, with_displaced_copies(kBranched, 0.1, 2));
}

/// Everything of this file but the box.
System system_of_all_terms() {
  System system = mmff_system();
  const System maps = correction_map_system(), restraints = restrained_system();
  system.correction_maps = maps.correction_maps;
  system.correction_torsions = maps.correction_torsions;
  system.position_restraints = restraints.position_restraints;
  system.torsion_restraints = {{0, 1, 2, 3, 1.0, 40.0, 0.2}};
  system.field = engine::UniformField{{30.0, 0.0, 20.0}, std::vector<double>(8, 0.25)};
  return system;
}

TEST(OpenMMTerms, RestraintsOfBothKindsShareOneTerm) {
  const System system = system_of_all_terms();
  std::vector<std::string> names;
  for (const auto& term : OpenMMEnergy(system, kReference).terms({kBranched.data(), 1, 8}))
    names.push_back(term.name);
  EXPECT_EQ(names, (std::vector<std::string>{"mmff_bonds", "mmff_angles", "mmff_stretch_bends",
                                             "mmff_out_of_planes", "mmff_van_der_waals",
                                             "mmff_electrostatics", "correction_maps", "restraints",
                                             "field"}));
  expect_agreement(system, kBranched);
}

TEST(OpenMMTerms, KeepThePromisesOfAnEnergyFunction) {
  const std::vector<double> x = with_displaced_copies(kBranched, 0.005, 2);
  System system = system_of_all_terms();
  EnergyInvariantOptions options;
  options.translation = options.rotation = false;
  expect_energy_function_invariants(OpenMMEnergy(system, kReference), {x.data(), 3, 8}, options);
  // Without what holds on to places and directions, the rest does not care about either.
  system.position_restraints.clear();
  system.field.reset();
  expect_energy_function_invariants(OpenMMEnergy(system, kReference), {x.data(), 3, 8});
}

}  // namespace
}  // namespace saltus::tests
