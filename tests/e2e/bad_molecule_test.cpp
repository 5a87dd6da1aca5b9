// Oracle: exit codes of sysexits.h and what the program should say about structures and force
// fields, written out by hand.
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

constexpr int kInput = 65, kNumbers = 70, kFile = 74;

class BadMolecules : public ProgramTest {
 protected:
  /// Both commands that read a molecule say the same.
  void expect_refusal(int exit_code, const std::string& message) const {
    write_deck(deck_);
    expect_error({"energy", "deck.toml"}, exit_code, message);
    expect_error({"run", "deck.toml"}, exit_code, message);
  }
  /// What stops a run before its first step, the check of its deck finds.
  void expect_no_run(int exit_code, const std::string& message) const {
    write_deck(deck_);
    expect_error({"check", "deck.toml"}, exit_code, message);
    EXPECT_FALSE(std::filesystem::exists(file("out")));
    expect_error({"run", "deck.toml"}, exit_code, message);
    std::filesystem::remove_all(file("out"));
  }
  void amber_files() {
    copy_in(force_field_data("RE.prmtop"), "re.prmtop");
    copy_in(force_field_data("RE.inpcrd"), "re.inpcrd");
    deck_.coordinates = "re.inpcrd";
    deck_.energy_source = "topology = \"re.prmtop\"";
  }

  DeckText deck_;
};

TEST_F(BadMolecules, ThatAreNotThere) {
  deck_.coordinates = "nowhere.pdb";
  expect_refusal(kInput,
                 "deck.toml:5:15: system.coordinates: no file \"nowhere.pdb\"; paths count from "
                 "the folder of the deck that holds them\n1 error in deck.toml");
}

TEST_F(BadMolecules, OfAFormatNobodyReads) {
  write("ala.xyz", "22\n");
  deck_.coordinates = "ala.xyz";
  expect_refusal(
      kInput,
      "deck.toml:5:15: system.coordinates: expected a .pdb, .sdf, .mol, .inpcrd or .rst7 "
      "file, got \"ala.xyz\"\n1 error in deck.toml");
}

TEST_F(BadMolecules, WithoutHydrogens) {
  write("ala.pdb", std::regex_replace(read("ala.pdb"), std::regex("ATOM[^\n]* H\n"), ""));
  expect_refusal(
      kInput,
      "system.force_field: no template of amber99sbildn.xml + amber99_obc.xml matches "
      "residue ACE 1 of "
      "chain A (ala.pdb:2): the closest template is ACE: missing 3 H (HH31, HH32, HH33); add the "
      "missing hydrogens to the file first");
}

TEST_F(BadMolecules, WithResiduesNobodyKnows) {
  write("ala.pdb", std::regex_replace(read("ala.pdb"), std::regex("ACE A"), "XYZ A"));
  expect_refusal(
      kInput,
      "system.force_field: no template of amber99sbildn.xml + amber99_obc.xml matches "
      "residue XYZ 1 of "
      "chain A (ala.pdb:2): it has no bonds: only standard residues get them by name, others need "
      "CONECT records");
}

TEST_F(BadMolecules, WithNumbersThatAreNone) {
  write("ala.pdb", with_replaced(read("ala.pdb"), "-1.777", "-1.x77"));
  expect_refusal(kInput, "ala.pdb:3: x in columns 31-38 is '-1.x77', expected a finite number");
}

TEST_F(BadMolecules, WithoutAtoms) {
  write("ala.pdb", "");
  expect_refusal(kInput, "ala.pdb: no ATOM or HETATM record, expected a PDB file");
}

TEST_F(BadMolecules, WithAtomsOnTopOfEachOther) {
  // HH32 of ACE moves to where CH3 is.
  write("ala.pdb",
        with_replaced(read("ala.pdb"), "-1.778  -0.085   3.320", "-1.777   0.942   2.957"));
  deck_.chains = "count = 4\nstart = \"input\"";
  write_deck(deck_);
  const std::string message =
      "ala.pdb: atom CH3 of residue ACE 1 of chain A and atom HH32 of residue ACE 1 of chain A lie "
      "on top of each other; correct the coordinates";
  expect_error({"run", "deck.toml"}, kNumbers, message);
  std::filesystem::remove_all(file("out"));
  deck_.chains = "count = 4\nstart = \"minimised\"";
  expect_no_run(kNumbers, message);
}

TEST_F(BadMolecules, WithForceFieldsThatAreNotInstalled) {
  deck_.energy_source = "force_field = [\"amber99sbildm.xml\"]";
  write_deck(deck_);
  const ProgramEnd end = saltus({"energy", "deck.toml"});
  EXPECT_EQ(end.exit_code, kFile);
  EXPECT_THAT(end.err, testing::StartsWith("error: force-field file 'amber99sbildm.xml' not found; "
                                           "searched:\n  .\n"));
  EXPECT_THAT(end.err, testing::EndsWith("\nnearest names: amber99sbildn.xml, amber99sb.xml, "
                                         "amber99sbnmr.xml\nadd a folder with "
                                         "SALTUS_FORCE_FIELD_PATH\n"));
}

TEST_F(BadMolecules, WithForceFieldsThatAreBroken) {
  write("broken.xml", "<ForceField><AtomTypes>\n");
  deck_.energy_source = "force_field = [\"broken.xml\"]";
  expect_refusal(kInput, file("broken.xml") + ":1:24: not XML: Start-end tags mismatch");
}

TEST_F(BadMolecules, WithForceFieldsThatLackResidues) {
  deck_.energy_source = "force_field = [\"amber99_obc.xml\"]";
  expect_refusal(kInput,
                 "system.force_field: no template of amber99_obc.xml matches residue ACE 1 of "
                 "chain A (ala.pdb:2): the force field "
                 "has no templates");
}

TEST_F(BadMolecules, NameThePlaceInTheDeck) {
  const auto refusal_of = [&](const DeckText& deck) {
    write_deck(deck);
    const ProgramEnd check = saltus({"check", "deck.toml"}), run = saltus({"run", "deck.toml"});
    EXPECT_EQ(check.exit_code, kInput);
    EXPECT_EQ(run.exit_code, kInput);
    EXPECT_THAT(run.err, testing::EndsWith(check.err));
    return check.err;
  };
  DeckText deck;
  deck.energy_source = "force_field = [\"amber99_obc.xml\"]";
  EXPECT_THAT(refusal_of(deck), testing::StartsWith("error: deck.toml:6:15: system.force_field: "
                                                    "no template of amber99_obc.xml"));
  EXPECT_THAT(saltus({"energy", "deck.toml"}).err,
              testing::HasSubstr("error: deck.toml:6:15: system.force_field: no template"));
  deck = {};
  deck.energy_source += "\nhydrogen_mass = \"9 amu\"";
  EXPECT_THAT(refusal_of(deck),
              testing::StartsWith("error: deck.toml:7:17: system.hydrogen_mass: at 9"));
  deck = {};
  deck.energy_source = "force_field = [\"amber99sbildn.xml\"]\nnonbonded = \"pme\"";
  EXPECT_THAT(refusal_of(deck),
              testing::StartsWith("error: deck.toml:7:13: system.nonbonded: ala.pdb: no file gives "
                                  "a periodic box, but nonbonded = \"pme\" needs"));
}

TEST_F(BadMolecules, WithSystemsOfOtherMolecules) {
  copy_in(force_field_data("RE_cutoff.xml"), "re.xml");
  deck_.energy_source = "system_xml = \"re.xml\"";
  expect_refusal(kInput,
                 "ala.pdb: holds 22 atoms, but re.xml describes 42; the two files must belong "
                 "to the same molecule");
}

TEST_F(BadMolecules, WithTopologiesThatAreCutShort) {
  amber_files();
  const std::string prmtop = read("re.prmtop");
  write("re.prmtop", prmtop.substr(0, prmtop.find("%FLAG BONDS_INC_HYDROGEN")));
  expect_refusal(kInput, "re.prmtop: section BONDS_INC_HYDROGEN is missing");
}

TEST_F(BadMolecules, WithCoordinatesOfOtherTopologies) {
  amber_files();
  copy_in(force_field_data("MVL.inpcrd"), "re.inpcrd");
  expect_refusal(kInput, "re.inpcrd:2: 55 atoms, but the topology has 42");
}

TEST_F(BadMolecules, WithAmberCoordinatesAlone) {
  copy_in(force_field_data("RE.inpcrd"), "re.inpcrd");
  deck_.coordinates = "re.inpcrd";
  expect_refusal(kInput,
                 "deck.toml:5:15: system.coordinates: AMBER coordinates need topology, the .prmtop "
                 "file with the atoms' names\n1 error in deck.toml");
}

TEST_F(BadMolecules, WithConstraintsThatMovesCannotKeep) {
  const std::string message =
      "system.constraints: the move mala cannot keep bonds at fixed lengths; openmm_langevin, "
      "langevin, hmc, ghmc and driven_torsion "
      "can. Leave the move out, or leave constraints at \"none\" or write the System XML without "
      "them (a larger hydrogen_mass allows long time steps too)";
  deck_.moves = "[[move]]\nkind = \"mala\"";
  deck_.energy_source += "\nconstraints = \"h_bonds\"";
  expect_no_run(kInput, message);
  copy_in(force_field_data("alanine_dipeptide.xml"), "ala.xml");
  deck_.energy_source = "system_xml = \"ala.xml\"";
  expect_no_run(kInput, message);
}

TEST_F(BadMolecules, WithAPressureAndNoBox) {
  deck_.moves = "[[move]]\nkind = \"hmc\"\n[[move]]\nkind = \"volume\"";
  deck_.ensemble += "\npressure = \"1 bar\"";
  expect_no_run(
      kInput,
      "ensemble.pressure: it acts on a periodic box, but the atoms of this system have no "
      "images; leave the pressure out, or use a system with a periodic nonbonded method");
}

TEST_F(BadMolecules, WithHydrogensThatAreTooHeavy) {
  const std::string too_heavy = "\nhydrogen_mass = \"9 amu\"";
  deck_.energy_source += too_heavy;
  expect_no_run(
      kInput,
      "system.hydrogen_mass: at 9.000000 amu, no mass is left for atom CH3 of residue ACE 1 of "
      "chain A");
  deck_ = {};
  amber_files();
  deck_.energy_source += too_heavy;
  expect_no_run(
      kInput, "system.hydrogen_mass: at 9.000000 amu, no mass is left for atom N of residue ARG 1");
  copy_in(force_field_data("alanine_dipeptide.xml"), "ala.xml");
  deck_ = {};
  deck_.energy_source = "system_xml = \"ala.xml\"" + too_heavy;
  write_deck(deck_);
  expect_error(
      {"energy", "deck.toml"}, kInput,
      "system.hydrogen_mass: at 9.000000 amu, no mass is left for atom CH3 of residue ACE 1 of "
      "chain A");
}

TEST_F(BadMolecules, WithoutTheAtomsOfATorsion) {
  deck_.more = "[observables.torsions]\nchi = [\"2:N\", \"2:CA\", \"2:CB\", \"2:CG\"]";
  expect_no_run(kInput,
                "observables.torsions.chi: '2:CG' matches no atom; that residue has N H CA HA CB "
                "HB1 HB2 HB3 C "
                "O");
  deck_.more = "[observables.torsions]\nchi = [\"7:N\", \"2:CA\", \"2:CB\", \"2:C\"]";
  expect_no_run(kInput, "observables.torsions.chi: '7:N' matches no residue of the molecule");
}

TEST_F(BadMolecules, ForPlatformsOpenMMDoesNotHave) {
  deck_.energy = "backend = \"openmm\"\nplatform = \"Abacus\"";
  write_deck(deck_);
  for (const char* command : {"check", "run"}) {
    const ProgramEnd end = saltus({command, "deck.toml"});
    EXPECT_EQ(end.exit_code, kInput) << command;
    EXPECT_THAT(end.err, testing::HasSubstr("error: OpenMM has no platform \"Abacus\", expected "
                                            "one of: Reference"))
        << command;
  }
}

TEST_F(BadMolecules, ThatModelsAreNotFor) {
  deck_.moves = "[[move]]\nkind = \"peptide_leap\"\nmodel = \"default\"";
  expect_no_run(kInput,
                "default: the model is for protein.ff14SB.xml, OBC2; this molecule has other radii "
                "of the implicit solvent in residue 1, ACE: use that force field, or a model "
                "trained with this one");
  const std::string model =
      std::string(SALTUS_TEST_SOURCE_DIR) + "/data/models/alanine_dipeptide_310K.leap.safetensors";
  deck_.moves = "[[move]]\nkind = \"learned_leap\"";
  deck_.more = "[leap]\nmodel = \"" + model + "\"";
  deck_.ensemble = "temperature = \"300 K\"";
  expect_no_run(kInput, model +
                            ": this model cannot be used here: it was trained at 310 K, this run "
                            "is at 300 K. Train a model for this deck (saltus train), or use the "
                            "deck it was trained with.");
}

}  // namespace
}  // namespace saltus::tests
