// Oracle: OpenMM 7.7's Reference platform, run from Python on the same files: the peptides of the
// fixtures (GBn2 with AMBER's radius of carboxylates, see data/ffxml), AMBER files and numbers of
// tests/forcefields/data, and numbers written out here.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include "tests/e2e/program.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using nlohmann::json;

// What the program promises against OpenMM. Both compute in double precision from the same
// parameters; residuals are below 1e-8 of the energies but for rounding in prmtop files.
constexpr double kEnergyBar = 1e-4;  // kJ/mol
constexpr double kForceBar = 1e-3;   // kJ/mol/nm

/// Our name of what an OpenMM force computes.
std::string term_of(const std::string& force) {
  if (force == "HarmonicBondForce") return "bonds";
  if (force == "HarmonicAngleForce") return "angles";
  if (force == "PeriodicTorsionForce") return "torsions";
  if (force == "NonbondedForce") return "nonbonded";
  if (force == "CustomGBForce" || force == "GBSAOBCForce") return "implicit_solvent";
  return "unknown " + force;
}

struct Reference {
  std::map<std::string, double> terms;  ///< by our names, kJ/mol
  double total = 0.0;
  std::vector<double> forces;  ///< [N, 3], kJ/mol/nm
};

void expect_reference(const json& backend, const Reference& reference) {
  EXPECT_EQ(backend.size(), 3u);
  EXPECT_NEAR(backend.at("total_kJ_mol").get<double>(), reference.total, kEnergyBar);
  std::map<std::string, double> terms = backend.at("terms_kJ_mol");
  EXPECT_EQ(terms.size(), reference.terms.size());
  for (const auto& [name, energy] : reference.terms) EXPECT_NEAR(terms[name], energy, kEnergyBar);
  const std::vector<std::vector<double>> forces = backend.at("forces_kJ_mol_nm");
  ASSERT_EQ(3 * forces.size(), reference.forces.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < reference.forces.size(); ++i) {
    ASSERT_EQ(forces[i / 3].size(), 3u);
    largest = std::max(largest, std::abs(forces[i / 3][i % 3] - reference.forces[i]));
  }
  EXPECT_LE(largest, kForceBar);
}

class Energies : public ProgramTest {
 protected:
  json energies(const DeckText& deck) const {
    write_deck(deck);
    return json::parse(good({"energy", "deck.toml", "--json"}).out);
  }
  void expect_both_backends(const DeckText& deck, const Reference& reference) const {
    const json answer = energies(deck);
    EXPECT_EQ(answer.size(), 2u);
    EXPECT_EQ(answer.at("n_atoms").get<std::size_t>(), reference.forces.size() / 3);
    EXPECT_EQ(answer.at("backends").size(), 2u);
    for (const char* backend : {"native", "openmm"}) {
      SCOPED_TRACE(backend);
      expect_reference(answer.at("backends").at(backend), reference);
    }
  }
};

class PeptideEnergies : public Energies, public testing::WithParamInterface<const char*> {};

Reference reference_of(const json& force_field) {
  Reference reference;
  for (const auto& [force, energy] : force_field.at("terms").items())
    reference.terms[term_of(force)] = energy;
  reference.total = force_field.at("total");
  for (const std::vector<double> force : force_field.at("forces"))
    reference.forces.insert(reference.forces.end(), force.begin(), force.end());
  return reference;
}

/// "implicit/obc2.xml" of OpenMM is the key implicit_solvent = "obc2" here.
std::string energy_source(const std::vector<std::string>& files) {
  const std::filesystem::path last = files.back();
  if (last.parent_path() != "implicit") return "force_field = " + json(files).dump();
  return "force_field = [\"" + files.front() + "\"]\nimplicit_solvent = \"" + last.stem().string() +
         "\"";
}

TEST_P(PeptideEnergies, AreThoseOfOpenMM) {
  const std::string name = GetParam();
  if (!std::filesystem::exists(peptide_fixture(name + ".json")))
    GTEST_SKIP() << "no " << peptide_fixture(name + ".json");
  copy_in(peptide_fixture(name + ".pdb"), "peptide.pdb");
  const json fixture = json::parse(read_text(peptide_fixture(name + ".json")));
  const json gbn2 = json::parse(read_text(force_field_data("ffxml/gbn2_peptides.json"))).at(name);
  ASSERT_EQ(fixture.at("force_fields").size(), 6u);
  for (const auto& [label, fixture_values] : fixture.at("force_fields").items()) {
    SCOPED_TRACE(label);
    const json& force_field = label == "ff14SB GBn2" ? gbn2 : fixture_values;
    DeckText deck;
    deck.coordinates = "peptide.pdb";
    deck.energy_source = energy_source(force_field.at("files"));
    expect_both_backends(deck, reference_of(force_field));
  }
}

INSTANTIATE_TEST_SUITE_P(All, PeptideEnergies,
                         testing::Values("AA", "FDT", "GW", "HAG", "KC", "MVL", "PY", "QNS", "RE",
                                         "alanine_dipeptide"),
                         [](const auto& test) { return std::string(test.param); });

struct AmberCase {
  const char *key, *settings;
};

class AmberEnergies : public Energies, public testing::WithParamInterface<AmberCase> {};

TEST_P(AmberEnergies, AreThoseOfOpenMM) {
  copy_in(force_field_data("RE.prmtop"), "re.prmtop");
  copy_in(force_field_data("RE.inpcrd"), "re.inpcrd");
  const ReferenceData data(force_field_data("RE.reference"));
  const std::string key = std::string(GetParam().key) + ".";
  Reference reference;
  for (const char* force : {"HarmonicBondForce", "HarmonicAngleForce", "PeriodicTorsionForce",
                            "NonbondedForce", "CustomGBForce", "GBSAOBCForce"})
    if (data.has(key + force)) reference.terms[term_of(force)] = data[key + force].at(0);
  reference.total = data[key + "total"].at(0);
  reference.forces = data[key + "forces"];
  DeckText deck;
  deck.coordinates = "re.inpcrd";
  deck.energy_source = std::string("topology = \"re.prmtop\"\n") + GetParam().settings;
  expect_both_backends(deck, reference);
}

INSTANTIATE_TEST_SUITE_P(
    All, AmberEnergies,
    testing::Values(AmberCase{"vacuum", ""}, AmberCase{"obc1", "implicit_solvent = \"obc1\""},
                    AmberCase{"obc2", "implicit_solvent = \"obc2\""},
                    AmberCase{"gbn2", "implicit_solvent = \"gbn2\""},
                    AmberCase{"gbn2.cutoff",
                              "implicit_solvent = \"gbn2\"\nnonbonded = \"cutoff\"\n"
                              "cutoff = \"6 angstrom\""}),
    [](const auto& test) {
      std::string name = test.param.key;
      std::replace(name.begin(), name.end(), '.', '_');
      return name;
    });

TEST_F(Energies, OfASystemXmlAreThoseOfOpenMM) {
  if (!std::filesystem::exists(peptide_fixture("RE.pdb")))
    GTEST_SKIP() << "no " << peptide_fixture("RE.pdb");
  copy_in(peptide_fixture("RE.pdb"), "re.pdb");
  copy_in(force_field_data("RE_cutoff.xml"), "re.xml");
  DeckText deck;
  deck.coordinates = "re.pdb";
  deck.energy_source = "system_xml = \"re.xml\"";
  const json answer = energies(deck);
  // OpenMM 7.7, Reference platform: XmlSerializer.deserialize of the file at the PDB's positions.
  const std::map<std::string, double> expected = {{"bonds", 68.69475513932987},
                                                  {"angles", 124.92026929176963},
                                                  {"torsions", 84.24416986365493},
                                                  {"nonbonded", -1075.9174973886109},
                                                  {"implicit_solvent", -1274.7937231366823}};
  const std::map<std::size_t, std::vector<double>> forces = {
      {0, {15.72960027988115, -381.578374861343, 1103.214221258142}},
      {10, {896.5035429243145, -291.4938649014981, -615.275695552313}},
      {41, {-1051.5213451156715, 750.6934851970324, -55.813643122656025}}};
  for (const char* name : {"native", "openmm"}) {
    SCOPED_TRACE(name);
    const json& backend = answer.at("backends").at(name);
    EXPECT_NEAR(backend.at("total_kJ_mol").get<double>(), -2072.8520262305387, kEnergyBar);
    ASSERT_EQ(backend.at("terms_kJ_mol").size(), expected.size());
    for (const auto& [term, energy] : expected)
      EXPECT_NEAR(backend.at("terms_kJ_mol").at(term).get<double>(), energy, kEnergyBar) << term;
    for (const auto& [atom, force] : forces)
      for (std::size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(backend.at("forces_kJ_mol_nm").at(atom).at(k).get<double>(), force[k],
                    kForceBar);
  }
}

TEST_F(Energies, AreOfTheBackendAskedFor) {
  write_deck({});
  const json answer =
      json::parse(good({"energy", "deck.toml", "--json", "--backend", "native"}).out);
  ASSERT_EQ(answer.at("backends").size(), 1u);
  EXPECT_EQ(answer.at("backends").begin().key(), "native");
}

TEST_F(Energies, AreShownAsATableThatAddsUp) {
  write_deck({});
  const json answer = energies({});
  std::istringstream table(good({"energy", "deck.toml", "--forces"}).out);
  std::string line;
  std::getline(table, line);
  EXPECT_EQ(line, "kJ/mol                           native             openmm     difference");
  double sum = 0.0, total = 0.0;
  for (const char* name :
       {"bonds", "angles", "torsions", "nonbonded", "implicit_solvent", "total"}) {
    std::string word;
    double native = 0.0, openmm = 0.0, difference = 0.0;
    std::getline(table, line);
    std::istringstream(line) >> word >> native >> openmm >> difference;
    EXPECT_EQ(word, name);
    EXPECT_NEAR(native, openmm, kEnergyBar);
    EXPECT_NEAR(difference, 0.0, kEnergyBar);
    (name == std::string("total") ? total : sum) += native;
  }
  // Six digits after the point are shown.
  EXPECT_NEAR(sum, total, 5e-6);
  EXPECT_NEAR(total, answer.at("backends").at("native").at("total_kJ_mol").get<double>(), 1e-6);
  const std::string rest(std::istreambuf_iterator<char>(table), {});
  EXPECT_THAT(rest, testing::HasSubstr("kJ/mol/nm on atom C of residue ACE 1 of chain A\n"));
  EXPECT_THAT(rest, testing::HasSubstr("\nforces (native), kJ/mol/nm\n     1 HH31 "));
  EXPECT_THAT(rest, testing::HasSubstr("\nforces (openmm), kJ/mol/nm\n     1 HH31 "));
}

}  // namespace
}  // namespace saltus::tests
