// Oracle: energies per term and forces of OpenMM 7.7's Reference platform for the same files and
// force fields, double precision, no cutoff, no constraints: the shared peptide fixtures, and the
// molecules of tests/forcefields/data/ffxml (references.json, made by make_references.py there).
// GBn2 energies are OpenMM's after its radius of carboxylate oxygens was corrected
// (gbn2_peptides.json there instead of the fixtures' values).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "engine/system/hydrogen_mass.h"
#include "forcefields/ffxml/create_system.h"
#include "forcefields/ffxml/force_field_xml.h"
#include "forcefields/ffxml/standard_bonds.h"
#include "io/formats/pdb.h"
#include "saltus_test_paths.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

// The same formulas in double precision: residuals were 4e-9 kJ/mol. Relative to energies above 100
// kJ/mol, which clashes in some molecules cause. Forces are rounded to 5 decimals in the fixtures.
constexpr double kEnergyTolerance = 1e-7;  // kJ/mol
constexpr double kForceTolerance = 1e-5;   // kJ/mol/nm
// Of float arithmetic at relaxed geometries; forces relative to the rms force.
constexpr double kSingleEnergyTolerance = 2e-3;  // kJ/mol
constexpr double kSingleForceTolerance = 1e-4;

/// Whether float arithmetic is compared, too. Clashes make energies of which a float has few
/// digits.
enum class InFloat { kNo, kYes };

struct Choice {
  std::vector<std::string> files;
  forcefields::SystemOptions options;
};

/// implicit/*.xml files are Python; Saltus has the model as an option instead.
Choice choice_of(const nlohmann::json& files) {
  const std::map<std::string, engine::GeneralizedBornModel> models = {
      {"implicit/obc1.xml", engine::GeneralizedBornModel::kObc1},
      {"implicit/obc2.xml", engine::GeneralizedBornModel::kObc2},
      {"implicit/gbn2.xml", engine::GeneralizedBornModel::kGbn2}};
  Choice choice;
  for (const std::string file : files) {
    const auto model = models.find(file);
    if (model == models.end()) {
      choice.files.push_back(file);
    } else {
      choice.options.molecule.implicit_solvent = model->second;
    }
  }
  return choice;
}

std::string term_of(const std::string& openmm_force) {
  const std::map<std::string, std::string> names = {
      {"HarmonicBondForce", "bonds"},        {"HarmonicAngleForce", "angles"},
      {"PeriodicTorsionForce", "torsions"},  {"NonbondedForce", "nonbonded"},
      {"CustomGBForce", "implicit_solvent"}, {"GBSAOBCForce", "implicit_solvent"}};
  return names.at(openmm_force);
}

class Comparison {
 public:
  explicit Comparison(const std::string& pdb_path) : pdb_(io::read_pdb(pdb_path)) {
    forcefields::StandardBonds::read({}).add_to(pdb_.topology, pdb_.positions.chain(0));
  }

  /// @param expected  "files", "terms" by OpenMM force, and perhaps "forces" and "cutoff_nm"
  void check(const nlohmann::json& expected, InFloat float_too) {
    Choice choice = choice_of(expected["files"]);
    if (expected.contains("cutoff_nm")) {
      choice.options.molecule.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
      choice.options.molecule.cutoff_nm = expected["cutoff_nm"];
    }
    const auto force_field = forcefields::ForceFieldXml::read(choice.files, {});
    const engine::System system =
        forcefields::create_system(pdb_.topology, force_field, choice.options);
    const engine::PlainEnergy plain(system, nullptr);
    const engine::NativeEnergy native(system, nullptr, engine::Precision::kDouble);
    for (const engine::DecomposableEnergy* energy :
         {static_cast<const engine::DecomposableEnergy*>(&plain),
          static_cast<const engine::DecomposableEnergy*>(&native)}) {
      check_terms(*energy, expected["terms"]);
      if (expected.contains("forces")) check_forces(*energy, expected["forces"]);
    }
    if (float_too == InFloat::kYes) check_single(system, native);
  }

  double worst_energy = 0.0, worst_force = 0.0;
  double worst_single_energy = 0.0, worst_single_force = 0.0;  // the latter over the rms force

 private:
  void check_terms(const engine::DecomposableEnergy& energy, const nlohmann::json& expected) {
    const auto terms = energy.terms(pdb_.positions.view());
    EXPECT_EQ(terms.size(), expected.size());
    for (const auto& [force, value] : expected.items()) {
      const std::string wanted = term_of(force);
      const auto term = std::find_if(terms.begin(), terms.end(),
                                     [&](const engine::EnergyTerm& t) { return t.name == wanted; });
      ASSERT_NE(term, terms.end()) << wanted;
      const double reference = value.get<double>();
      const double tolerance = kEnergyTolerance * std::max(1.0, std::abs(reference) / 100.0);
      EXPECT_NEAR(term->energy, reference, tolerance * tolerance_scale()) << wanted;
      worst_energy = std::max(worst_energy, std::abs(term->energy - reference));
    }
  }

  void check_forces(const engine::DecomposableEnergy& energy, const nlohmann::json& expected) {
    std::vector<double> total(1), forces(3 * pdb_.topology.n_atoms());
    energy.evaluate(pdb_.positions.view(), total, forces);
    for (std::size_t atom = 0; atom < pdb_.topology.n_atoms(); ++atom)
      for (std::size_t k = 0; k < 3; ++k) {
        const double residual = std::abs(forces[3 * atom + k] - expected[atom][k].get<double>());
        EXPECT_LE(residual, kForceTolerance * tolerance_scale())
            << pdb_.topology.describe_atom(atom) << ", component " << k;
        worst_force = std::max(worst_force, residual);
      }
  }

  /// Float arithmetic against double.
  void check_single(const engine::System& system, const engine::NativeEnergy& exact) {
    const std::size_t n = 3 * pdb_.topology.n_atoms();
    std::vector<double> energy(1), single_energy(1), forces(n), single_forces(n);
    exact.evaluate(pdb_.positions.view(), energy, forces);
    engine::NativeEnergy(system, nullptr, engine::Precision::kSingle)
        .evaluate(pdb_.positions.view(), single_energy, single_forces);
    double square = 0.0, largest = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      square += forces[i] * forces[i];
      largest = std::max(largest, std::abs(forces[i] - single_forces[i]));
    }
    const double relative = largest / std::sqrt(square / static_cast<double>(n));
    EXPECT_NEAR(single_energy[0], energy[0], kSingleEnergyTolerance * tolerance_scale());
    EXPECT_LE(relative, kSingleForceTolerance * tolerance_scale());
    worst_single_energy = std::max(worst_single_energy, std::abs(single_energy[0] - energy[0]));
    worst_single_force = std::max(worst_single_force, relative);
  }

  io::PdbStructure pdb_;
};

nlohmann::json read_json(const std::string& path) {
  std::ifstream stream(path);
  return nlohmann::json::parse(stream);
}

const std::string kDataFolder =
    std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/forcefields/data/ffxml/";

/// The reference of a fixture, or that with AMBER's radius of carboxylates where it is GBn2.
nlohmann::json with_ambers_radius(const std::string& molecule, const nlohmann::json& fixture) {
  if (fixture["files"].back() != "implicit/gbn2.xml") return fixture;
  return read_json(kDataFolder + "gbn2_peptides.json").at(molecule);
}

class PeptideFixtures : public testing::TestWithParam<std::string> {};

TEST_P(PeptideFixtures, EnergiesPerTermAndForcesAgreeWithOpenMM) {
  const std::string path = std::string(SALTUS_TEST_FIXTURE_DIR) + "/peptides/" + GetParam();
  if (!std::filesystem::exists(path + ".json"))
    GTEST_SKIP() << "fixture " << path << ".json is not there";
  Comparison comparison(path + ".pdb");
  const nlohmann::json reference = read_json(path + ".json");
  ASSERT_EQ(reference["force_fields"].size(), 6u);
  for (const auto& [name, expected] : reference["force_fields"].items()) {
    SCOPED_TRACE(name);
    comparison.check(with_ambers_radius(GetParam(), expected), InFloat::kYes);
  }
  std::printf(
      "largest residuals: %.1e kJ/mol, %.1e kJ/mol/nm; float: %.1e kJ/mol, %.1e of the rms force\n",
      comparison.worst_energy, comparison.worst_force, comparison.worst_single_energy,
      comparison.worst_single_force);
}

INSTANTIATE_TEST_SUITE_P(All, PeptideFixtures,
                         testing::Values("AA", "FDT", "GW", "HAG", "KC", "MVL", "PY", "QNS", "RE",
                                         "alanine_dipeptide"));

/// Protonation states, a disulfide bond, nucleic acids; each also with the atoms of every residue
/// shuffled, which moves some impropers in OpenMM as here.
class OwnMolecules : public testing::TestWithParam<std::string> {};

TEST_P(OwnMolecules, EnergiesPerTermAgreeWithOpenMM) {
  const nlohmann::json reference = read_json(kDataFolder + "references.json");
  Comparison comparison(kDataFolder + GetParam() + ".pdb");
  for (const auto& [name, expected] : reference.at(GetParam()).items()) {
    SCOPED_TRACE(name);
    comparison.check(expected, InFloat::kNo);
  }
  std::printf("largest residual: %.1e kJ/mol\n", comparison.worst_energy);
}

INSTANTIATE_TEST_SUITE_P(All, OwnMolecules,
                         testing::Values("histidines", "histidines_shuffled", "disulfide",
                                         "disulfide_shuffled", "protonated", "protonated_shuffled",
                                         "aromatic", "aromatic_shuffled", "dna", "dna_shuffled",
                                         "rna", "rna_shuffled"));

TEST(OwnMolecule, MassesAndConstraintsAgreeWithOpenMM) {
  const nlohmann::json expected = read_json(kDataFolder + "references.json").at("constrained");
  io::PdbStructure pdb = io::read_pdb(kDataFolder + "protonated.pdb");
  forcefields::StandardBonds::read({}).add_to(pdb.topology, pdb.positions.chain(0));
  Choice choice = choice_of(expected["files"]);
  choice.options.molecule.constraints = forcefields::BondConstraints::kHydrogenBonds;
  engine::System system = forcefields::create_system(
      pdb.topology, forcefields::ForceFieldXml::read(choice.files, {}), choice.options);
  system.masses = engine::repartitioned_masses(pdb.topology, system,
                                               expected["hydrogen_mass_dalton"].get<double>());

  constexpr double kRounding = 1e-12;
  ASSERT_EQ(system.masses.size(), expected["masses"].size());
  for (std::size_t n = 0; n < system.masses.size(); ++n)
    EXPECT_NEAR(system.masses[n], expected["masses"][n].get<double>(), kRounding) << "atom " << n;
  EXPECT_EQ(system.bonds.size(), expected["n_bonds"].get<std::size_t>());
  ASSERT_EQ(system.constraints.size(), expected["constraints"].size());
  std::vector<std::tuple<std::size_t, std::size_t, double>> constraints;
  for (const engine::Constraint& c : system.constraints)
    constraints.emplace_back(std::min(c.i, c.j), std::max(c.i, c.j), c.distance_nm);
  std::sort(constraints.begin(), constraints.end());
  for (std::size_t n = 0; n < constraints.size(); ++n) {
    const auto& [i, j, distance] = constraints[n];
    EXPECT_EQ(i, expected["constraints"][n][0].get<std::size_t>());
    EXPECT_EQ(j, expected["constraints"][n][1].get<std::size_t>());
    EXPECT_NEAR(distance, expected["constraints"][n][2].get<double>(), kRounding);
  }
}

}  // namespace
}  // namespace saltus::tests
