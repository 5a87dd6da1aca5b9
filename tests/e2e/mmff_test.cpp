// Oracle: RDKit 2022.09, run from Python on data/molecules/atenolol.sdf (MMFFGetMoleculeProperties,
// MMFFGetMoleculeForceField, one term at a time), and messages written out by hand.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;

constexpr int kUsage = 64, kInput = 65;
// The file's coordinates are exact decimals; what is left is rounding.
constexpr double kEnergyBar = 1e-7;  // kJ/mol

class MmffProgram : public ProgramTest {
 protected:
  void SetUp() override {
    copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/atenolol.sdf", "atenolol.sdf");
    deck_.coordinates = "atenolol.sdf";
    deck_.energy_source = "force_field = \"mmff94\"";
  }
  void expect_refusal(const std::string& message) const {
    write_deck(deck_);
    expect_error({"energy", "deck.toml"}, kInput, message);
    expect_error({"run", "deck.toml"}, kInput, message);
  }
  void expect_terms(const json& answer, double out_of_planes, double torsions, double total) const {
    const std::map<std::string, double> expected = {{"mmff_bonds", 13.358857338256797},
                                                    {"mmff_angles", 44.26108771190235},
                                                    {"mmff_stretch_bends", 0.885914920420865},
                                                    {"mmff_out_of_planes", out_of_planes},
                                                    {"torsions", torsions},
                                                    {"mmff_van_der_waals", 134.99631828701325},
                                                    {"mmff_electrostatics", 21.58624690437611}};
    EXPECT_EQ(answer.at("n_atoms"), 41);
    for (const char* name : {"native", "openmm"}) {
      SCOPED_TRACE(name);
      const json& backend = answer.at("backends").at(name);
      EXPECT_NEAR(backend.at("total_kJ_mol").get<double>(), total, kEnergyBar);
      const std::map<std::string, double> terms = backend.at("terms_kJ_mol");
      ASSERT_EQ(terms.size(), expected.size());
      for (const auto& [term, energy] : expected)
        EXPECT_NEAR(terms.at(term), energy, kEnergyBar) << term;
    }
  }

  DeckText deck_;
};

TEST_F(MmffProgram, HasTheEnergiesOfRdkit) {
  const auto energies = [&](const char* force_field) {
    return json::parse(
        good({"energy", "atenolol.sdf", "--force-field", force_field, "--json"}).out);
  };
  expect_terms(energies("mmff94"), -3.4782839029801442, -24.265499327298482, 187.3446419316909);
  expect_terms(energies("mmff94s"), 3.334567892293426, -23.260737306100822, 195.16225574816207);
}

TEST_F(MmffProgram, TakesADielectricFromADeck) {
  deck_.energy_source =
      "force_field = [\"mmff94s\"]\ndielectric = 4\ndistance_dependent_dielectric = true";
  write_deck(deck_);
  const json answer = json::parse(good({"energy", "deck.toml", "--json"}).out);
  for (const char* name : {"native", "openmm"})
    EXPECT_NEAR(answer.at("backends").at(name).at("total_kJ_mol").get<double>(), 172.40056571756762,
                kEnergyBar)
        << name;
}

TEST_F(MmffProgram, RunsDecks) {
  deck_.energy = "threads = 1\ncross_check = true";
  deck_.more = "[observables.torsions]\naryl = [\"1:C6\", \"1:C7\", \"1:O2\", \"1:C8\"]";
  write_deck(deck_);
  const ProgramEnd end = good({"run", "deck.toml"});
  EXPECT_THAT(end.err + end.out, testing::HasSubstr("atenolol, 41 atoms; MMFF94\n"));
  EXPECT_THAT(end.err + end.out, testing::HasSubstr("native and OpenMM energies agree\n"));
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_THAT(summary.dump(), testing::HasSubstr("\"cos aryl\""));
}

TEST_F(MmffProgram, SaysWhichMoleculeItTakes) {
  write("two.sdf", read("atenolol.sdf") + read("atenolol.sdf"));
  deck_.coordinates = "two.sdf";
  write_deck(deck_);
  const ProgramEnd end = good({"energy", "deck.toml"});
  EXPECT_EQ(end.err, "note: two.sdf: holds several molecules; the first one is used\n");
}

TEST_F(MmffProgram, RefusesOptionsThatDoNotFit) {
  expect_error({"energy", "atenolol.sdf"}, kUsage,
               "saltus energy: 'atenolol.sdf' needs --force-field mmff94 or mmff94s");
  expect_error({"energy", "atenolol.sdf", "--force-field", "mmff95"}, kUsage,
               "saltus energy: 'atenolol.sdf' needs --force-field mmff94 or mmff94s");
  expect_error({"energy", "atenolol.sdf", "--force-field", "mmff94", "--set", "seed=3"}, kUsage,
               "saltus energy: --set goes with a deck, not with 'atenolol.sdf'");
  write_deck(deck_);
  expect_error({"energy", "deck.toml", "--force-field", "mmff94"}, kUsage,
               "saltus energy: --force-field goes with a .pdb, .sdf or .mol file; a deck has "
               "system.force_field");
}

TEST_F(MmffProgram, RefusesMoleculesItCannotType) {
  const std::string head = "a salt\n     by hand        3D\n\n";
  write("atenolol.sdf", head +
                            "  2  1  0  0  0  0  0  0  0  0999 V2000\n"
                            "    0.0000    0.0000    0.0000 Hg  0  0\n"
                            "    0.0000    0.0000    2.4000 Cl  0  0\n"
                            "  1  2  1  0\nM  CHG  1   1   1\nM  END\n");
  expect_refusal(
      "atenolol.sdf:1: molecule 1: MMFF94 has no atom type for atom 1 (Hg); use another force "
      "field, or leave out the salt or metal");
  write("atenolol.sdf", head +
                            "  1  0  0  0  0  0  0  0  0  0999 V2000\n"
                            "    0.0000    0.0000    0.0000 C   0  0\nM  END\n");
  expect_refusal(
      "atenolol.sdf:1: molecule 1: MMFF94 needs every hydrogen as an atom, but some are missing at "
      "atom 1 (C); add them to the file first");
}

TEST_F(MmffProgram, RefusesDrawings) {
  write("atenolol.sdf",
        "water\n     by hand        2D\n\n"
        "  3  2  0  0  0  0  0  0  0  0999 V2000\n"
        "    0.0000    0.0000    0.0000 O   0  0\n    0.0000    0.9600    0.0000 H   0  0\n"
        "    0.9300   -0.2400    0.0000 H   0  0\n  1  2  1  0\n  1  3  1  0\nM  END\n");
  expect_refusal(
      "atenolol.sdf:1: molecule 1: it has only 2D coordinates (all z are 0, and \"3D\" is not "
      "in columns 21-22 of the second line); a three-dimensional structure is needed");
}

TEST_F(MmffProgram, RefusesFilesThatAreBroken) {
  write("atenolol.sdf", "HEADER    A PDB FILE\n");
  expect_refusal(
      "atenolol.sdf:1: molecule 1 is not mol data: it ends here, expected a counts line as the "
      "fourth line of the record");
}

}  // namespace
}  // namespace saltus::tests
