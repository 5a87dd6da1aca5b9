// Oracle: energies per term and forces by OpenMM 7.7's own prmtop reader and Reference platform
// (tests/forcefields/data/README.md); closed forms for what options change.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using engine::GeneralizedBornModel;
using forcefields::AmberMolecule;
using forcefields::PrmtopOptions;

// The references have ten digits; energies reach 10^3 kJ/mol, forces 10^4 kJ/mol/nm.
constexpr double kEnergyTolerance = 1e-6;  // kJ/mol
constexpr double kForceTolerance = 1e-5;   // kJ/mol/nm

struct Case {
  std::string molecule, model;
  bool cutoff = false;
};

PrmtopOptions options_of(const Case& c) {
  PrmtopOptions options;
  if (c.model == "obc1") options.molecule.implicit_solvent = GeneralizedBornModel::kObc1;
  if (c.model == "obc2") options.molecule.implicit_solvent = GeneralizedBornModel::kObc2;
  if (c.model == "gbn2") options.molecule.implicit_solvent = GeneralizedBornModel::kGbn2;
  if (c.cutoff) {
    options.molecule.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
    options.molecule.cutoff_nm = 0.6;
  }
  return options;
}

/// The reference's name for a term of EnergyTerm.
std::string force_name(const std::string& term, const std::string& model) {
  if (term == "bonds") return "HarmonicBondForce";
  if (term == "angles") return "HarmonicAngleForce";
  if (term == "torsions") return "PeriodicTorsionForce";
  if (term == "nonbonded") return "NonbondedForce";
  return model == "obc2" ? "GBSAOBCForce" : "CustomGBForce";
}

class PrmtopEnergy : public testing::TestWithParam<Case> {};

TEST_P(PrmtopEnergy, EachTermAndAllForcesAreOpenMMs) {
  const Case& c = GetParam();
  const AmberMolecule molecule =
      forcefields::read_prmtop(data_path(c.molecule + ".prmtop"), options_of(c));
  const std::size_t n_atoms = molecule.system.n_atoms();
  const auto x = forcefields::read_inpcrd(data_path(c.molecule + ".inpcrd"), n_atoms).positions_nm;
  const ReferenceData reference(data_path(c.molecule + ".reference"));
  const std::string key = c.model + (c.cutoff ? ".cutoff." : ".");
  const engine::PlainEnergy energy(molecule.system, nullptr);

  const auto terms = energy.terms({x.data(), 1, n_atoms});
  EXPECT_EQ(terms.size(), c.model == "vacuum" ? 4u : 5u);
  for (const engine::EnergyTerm& term : terms)
    EXPECT_NEAR(term.energy, reference[key + force_name(term.name, c.model)][0], kEnergyTolerance)
        << term.name;

  std::vector<double> total(1), forces(x.size());
  energy.evaluate({x.data(), 1, n_atoms}, total, forces);
  EXPECT_NEAR(total[0], reference[key + "total"][0], kEnergyTolerance);
  const std::vector<double>& expected = reference[key + "forces"];
  ASSERT_EQ(expected.size(), forces.size());
  for (std::size_t n = 0; n < forces.size(); ++n)
    EXPECT_NEAR(forces[n], expected[n], kForceTolerance) << "component " << n;
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const char* molecule : {"alanine_dipeptide", "MVL", "RE"})
    for (const char* model : {"vacuum", "obc1", "obc2", "gbn2"})
      for (bool cutoff : {false, true}) cases.push_back({molecule, model, cutoff});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, PrmtopEnergy, testing::ValuesIn(all_cases()), [](const auto& tested) {
  return tested.param.molecule + "_" + tested.param.model + (tested.param.cutoff ? "_cutoff" : "");
});

TEST(Prmtop, GivesNamesElementsResiduesAndBonds) {
  const AmberMolecule molecule =
      forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), {});
  const engine::Topology& topology = molecule.topology;
  ASSERT_EQ(topology.n_atoms(), 22u);
  EXPECT_EQ(topology.describe_atom(8), "atom CA of residue ALA 2");
  EXPECT_EQ(topology.atoms[6].atomic_number, 7);
  ASSERT_EQ(topology.residues.size(), 3u);
  EXPECT_EQ(topology.residues[2].name, "NME");
  EXPECT_EQ(topology.bonds.size(), 21u);
  EXPECT_EQ(topology.neighbours()[8], (std::vector<std::size_t>{6, 9, 10, 14}));
  EXPECT_NEAR(molecule.system.masses[6], 14.00672, 1e-9);
  EXPECT_TRUE(molecule.notes.empty());
}

TEST(Prmtop, ConstrainsBondsToHydrogenAndDropsTheirHarmonicTerm) {
  PrmtopOptions options;
  options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  const AmberMolecule molecule =
      forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), options);
  EXPECT_EQ(molecule.system.constraints.size(), 12u);
  EXPECT_EQ(molecule.system.bonds.size(), 9u);
  EXPECT_EQ(molecule.topology.bonds.size(), 21u);
  EXPECT_EQ(molecule.system.constraints[0].i, 1u);
  EXPECT_EQ(molecule.system.constraints[0].j, 0u);
  EXPECT_NEAR(molecule.system.constraints[0].distance_nm, 0.109, 1e-12);
}

TEST(Prmtop, ElementsComeFromMassesWhereTheFileHasNone) {
  std::string text = read_text(data_path("alanine_dipeptide.prmtop"));
  const std::size_t first = text.find("%FLAG ATOMIC_NUMBER");
  text.erase(first, text.find("%FLAG MASS") - first);
  const std::string path = write_text(testing::TempDir(), "no_elements.prmtop", text);
  const AmberMolecule with = forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), {});
  const AmberMolecule without = forcefields::read_prmtop(path, {});
  for (std::size_t atom = 0; atom < with.topology.n_atoms(); ++atom)
    EXPECT_EQ(without.topology.atoms[atom].atomic_number, with.topology.atoms[atom].atomic_number);
}

TEST(Prmtop, ScalesOf14PairsDefaultToThoseOfOldFiles) {
  // The file has 1.2 and 2.0 throughout, which is what its sections default to when missing.
  std::string text = read_text(data_path("alanine_dipeptide.prmtop"));
  const std::size_t first = text.find("%FLAG SCEE_SCALE_FACTOR");
  text.erase(first, text.find("%FLAG SOLTY") - first);
  const std::string path = write_text(testing::TempDir(), "no_scales.prmtop", text);
  const auto with = forcefields::read_prmtop(data_path("alanine_dipeptide.prmtop"), {});
  const auto without = forcefields::read_prmtop(path, {});
  const auto &expected = with.system.nonbonded->exceptions,
             &exceptions = without.system.nonbonded->exceptions;
  ASSERT_EQ(exceptions.size(), expected.size());
  std::size_t scaled = 0;
  for (std::size_t n = 0; n < expected.size(); ++n) {
    EXPECT_DOUBLE_EQ(exceptions[n].charge_product, expected[n].charge_product);
    EXPECT_DOUBLE_EQ(exceptions[n].epsilon, expected[n].epsilon);
    scaled += exceptions[n].charge_product != 0.0 ? 1 : 0;
  }
  EXPECT_EQ(scaled, 41u);
}

TEST(Prmtop, TakesWindowsLineEnds) {
  std::string text = read_text(data_path("alanine_dipeptide.prmtop")), windows;
  for (char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string path = write_text(testing::TempDir(), "windows.prmtop", windows);
  EXPECT_EQ(forcefields::read_prmtop(path, {}).topology.atoms[21].name, "H3");
}

}  // namespace
}  // namespace saltus::tests
