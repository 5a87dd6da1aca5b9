// Oracle: what molecules hold, looked up in their files by hand, the reader of decks, and messages
// written out by hand.
#include "tools/saltus/run/usual_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "io/files/durable_file.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/decks/move_kind.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/peptide_leap.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using engine::FileError;
using engine::InputError;
using engine::UsageError;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using tests::message_of;

const std::string kMolecules = SALTUS_TEST_SOURCE_DIR "/data/molecules/";
const std::string kAmberFiles = SALTUS_TEST_SOURCE_DIR "/tests/forcefields/data/";

std::vector<std::string> kinds(const RunDeck& deck) {
  std::vector<std::string> names;
  for (const MoveDeck& move : deck.moves) names.emplace_back(move.kind->name);
  return names;
}

class UsualDecks : public testing::Test {
 protected:
  /// A deck that is made in the folder.
  CommentedDeck made(const std::string& molecule, const std::vector<std::string>& overrides = {}) {
    return written_usual_deck(usual_deck(molecule, overrides), folder_ / "x.toml", overrides);
  }
  std::string copy(const std::string& from, const std::string& name) const {
    fs::copy_file(from, folder_ / name);
    return folder_.file(name);
  }

  tests::TemporaryFolder folder_;
};

TEST_F(UsualDecks, OfPeptidesHaveAmberInImplicitSolvent) {
  const UsualDeck usual = usual_deck(kMolecules + "alanine_dipeptide.pdb", {});
  EXPECT_EQ(usual.name, "alanine_dipeptide");
  EXPECT_EQ(usual.molecule, "ACE-ALA-NME, 22 atoms");
  EXPECT_EQ(usual.n_atoms, 22u);
  const CommentedDeck file = written_usual_deck(usual, folder_ / "x.toml", {});
  const RunDeck& deck = file.loaded.deck;
  EXPECT_THAT(deck.system.force_field, ElementsAre("amber14/protein.ff14SB.xml"));
  EXPECT_EQ(deck.system.options.implicit_solvent, engine::GeneralizedBornModel::kObc2);
  EXPECT_EQ(deck.system.hydrogen_mass_dalton, 3.0);
  EXPECT_EQ(deck.system.options.constraints, forcefields::BondConstraints::kNone);
  EXPECT_THAT(deck.temperatures_K, ElementsAre(300.0));
  EXPECT_EQ(deck.chains.count, 32u);
  EXPECT_GT(deck.warm_up.steps, 0u);
  EXPECT_TRUE(deck.warm_up.tune);
  EXPECT_THAT(kinds(deck), ElementsAre("peptide_leap", "hmc", "torsion_walk"));
  EXPECT_TRUE(deck.observables.backbone_torsions);
  EXPECT_EQ(deck.output.directory, "runs/alanine_dipeptide");
  EXPECT_EQ(find_torsions(deck.observables, load_molecule(deck.system, {}).topology).size(), 2u);
  EXPECT_THAT(file.text, HasSubstr("# Every phi and psi, 2 here; "));
  // As a file of its own it is the same deck.
  folder_.write("x.toml", file.text);
  EXPECT_EQ(load_run_deck(folder_ / "x.toml", {}).resolved_toml, file.loaded.resolved_toml);
}

/// Two alanine dipeptides, 0.8 nm apart, as chains A and B of one file.
std::string two_dipeptides() {
  std::ifstream file(kMolecules + "alanine_dipeptide.pdb");
  std::string chains[2];
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, 4, "ATOM") != 0 && line.compare(0, 6, "HETATM") != 0) continue;
    chains[0] += line + "\n";
    const std::string x = engine::fixed_text(std::stod(line.substr(30, 8)) + 8.0, 3);
    line[21] = 'B';
    chains[1] += line.replace(30, 8, std::string(8 - x.size(), ' ') + x) + "\n";
  }
  return chains[0] + "TER\n" + chains[1] + "TER\nEND\n";
}

TEST_F(UsualDecks, OfSeveralPeptidesLeapInAll) {
  folder_.write("two.pdb", two_dipeptides());
  const RunDeck deck = made(folder_.file("two.pdb")).loaded.deck;
  EXPECT_THAT(kinds(deck), ElementsAre("peptide_leap", "hmc", "torsion_walk"));
  const Molecule molecule = load_molecule(deck.system, {});
  EXPECT_EQ(peptide_note(molecule), "the peptide model serves 2 peptides, residues 1-3, 4-6");
  const auto leap = make_peptide_leap(kShippedPeptideModel, molecule, {300.0}, {}, nullptr);
  EXPECT_TRUE(leap->requirements().free_molecule);
  EXPECT_NE(make_peptide_map(kShippedPeptideModel, molecule, {300.0, 350.0}, nullptr), nullptr);
  EXPECT_EQ(peptide_note(load_molecule(made(kMolecules + "chignolin.pdb").loaded.deck.system, {})),
            "");
}

TEST_F(UsualDecks, ExplainEveryChoice) {
  const CommentedDeck deck = made(kMolecules + "chignolin.pdb");
  for (const DeckChoice& choice : deck.choices) EXPECT_NE(choice.why, "") << choice.key;
  EXPECT_THAT(deck.text, HasSubstr("\n# Water as a continuum: "));
  EXPECT_THAT(deck.text, HasSubstr("Others: \"obc1\", \"gbn2\", \"none\" (vacuum).\n"
                                   "implicit_solvent = \"obc2\"\n"));
}

TEST_F(UsualDecks, OfSdFilesHaveMmffAndTorsionMoves) {
  const CommentedDeck file = made(kMolecules + "atenolol.sdf");
  const RunDeck& deck = file.loaded.deck;
  ASSERT_TRUE(deck.system.mmff.has_value());
  EXPECT_EQ(deck.system.mmff->variant, forcefields::MmffVariant::kMmff94);
  EXPECT_EQ(deck.system.mmff->dielectric, 1.0);
  EXPECT_THAT(kinds(deck),
              ElementsAre("hmc", "torsion_reset", "nitrogen_inversion", "torsion_walk"));
  EXPECT_THAT(file.text, HasSubstr("densities = \"default\"\n"));
  EXPECT_FALSE(deck.observables.backbone_torsions);
  // C2-N1, N1-C4, C4-C5, C5-O1, C5-C6, C6-O2, O2-C7, C10-C11, C11-C12: neither methyl groups nor
  // the amino group.
  const auto torsions = find_torsions(deck.observables, load_molecule(deck.system, {}).topology);
  EXPECT_EQ(torsions.size(), 9u);
  EXPECT_THAT(file.text, HasSubstr("\n[observables.torsions]\n# Bonds that can be turned, "));
}

TEST_F(UsualDecks, OfMoleculesWithoutTorsionsHaveHybridMonteCarloOnly) {
  const std::string methane =
      "methane\n     by hand        3D\n\n"
      "  5  4  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.0000 C   0  0\n    0.6290    0.6290    0.6290 H   0  0\n"
      "   -0.6290   -0.6290    0.6290 H   0  0\n   -0.6290    0.6290   -0.6290 H   0  0\n"
      "    0.6290   -0.6290   -0.6290 H   0  0\n"
      "  1  2  1  0\n  1  3  1  0\n  1  4  1  0\n  1  5  1  0\nM  END\n";
  const RunDeck deck = made(folder_.write("methane.mol", methane)).loaded.deck;
  EXPECT_THAT(kinds(deck), ElementsAre("hmc"));
  EXPECT_TRUE(deck.observables.torsions.empty());
  // 16.04 - 4 x 3 dalton are left to carbon.
  EXPECT_EQ(deck.system.hydrogen_mass_dalton, 3.0);
}

TEST_F(UsualDecks, OfAmberFilesTakeBothFromEither) {
  const std::string topology = copy(kAmberFiles + "RE.prmtop", "re.prmtop");
  EXPECT_EQ(message_of<InputError>([&] { made(topology); }),
            topology + ": has no coordinates; expected 're.inpcrd' or 're.rst7' beside it");
  const std::string coordinates = copy(kAmberFiles + "RE.inpcrd", "re.inpcrd");
  const CommentedDeck deck = made(topology);
  EXPECT_EQ(deck.loaded.resolved_toml, made(coordinates).loaded.resolved_toml);
  EXPECT_THAT(deck.text, HasSubstr("coordinates = \"re.inpcrd\"\n"));
  EXPECT_THAT(deck.text, HasSubstr("topology = \"re.prmtop\"\n"));
  EXPECT_THAT(kinds(deck.loaded.deck), ElementsAre("hmc", "torsion_walk"));
  EXPECT_TRUE(deck.loaded.deck.observables.backbone_torsions);
  fs::remove(topology);
  EXPECT_EQ(message_of<InputError>([&] { made(coordinates); }),
            coordinates + ": has no topology; expected 're.prmtop' or 're.parm7' beside it");
}

TEST_F(UsualDecks, FollowWhatIsSetAboutTheSystem) {
  const std::string molecule = kMolecules + "alanine_dipeptide.pdb";
  const CommentedDeck fixed = made(molecule, {"system.constraints=h_bonds", "run.steps=7"});
  // Torsion moves cannot keep bonds at fixed lengths.
  EXPECT_THAT(kinds(fixed.loaded.deck), ElementsAre("hmc"));
  EXPECT_EQ(fixed.loaded.deck.run.steps, 7u);
  const CommentedDeck other =
      made(molecule, {"system.force_field=[\"amber99sbildn.xml\", \"amber99_obc.xml\"]",
                      "system.implicit_solvent=none"});
  EXPECT_THAT(other.text, HasSubstr("# Set by --set.\n# Others: [\"amber99sbildn.xml\"]"));
  EXPECT_EQ(load_molecule(other.loaded.deck.system, {}).force_field,
            "amber99sbildn.xml + amber99_obc.xml");
}

TEST_F(UsualDecks, OfRunsAreForTheFolderOfTheRun) {
  const std::string molecule = copy(kMolecules + "alanine_dipeptide.pdb", "ala.pdb");
  const std::vector<std::string> overrides = {"output.directory=" + folder_.file("a/b")};
  const CommentedDeck deck = usual_deck_of_run(usual_deck(molecule, overrides), overrides);
  EXPECT_THAT(deck.text, HasSubstr("coordinates = \"../../ala.pdb\"\n"));
  EXPECT_EQ(deck.loaded.deck.system.coordinates, molecule);
}

TEST_F(UsualDecks, SayWhatMattersMost) {
  const CommentedDeck deck = made(kMolecules + "alanine_dipeptide.pdb", {"run.steps=7"});
  EXPECT_THAT(main_choices(deck.loaded),
              ElementsAre("system.force_field = [\"amber14/protein.ff14SB.xml\"]",
                          "system.implicit_solvent = \"obc2\"", "ensemble.temperature = \"300 K\"",
                          "chains.count = 32", "run.steps = 7",
                          "moves: peptide_leap x 4, hmc, torsion_walk x 2"));
}

TEST_F(UsualDecks, AreMadeOfMoleculesOnly) {
  const std::string other = folder_.write("x.xyz", "1\nmethane\nC 0.0 0.0 0.0\n");
  EXPECT_EQ(message_of<UsageError>([&] { usual_deck(other, {}); }),
            "'" + other +
                "' is an XYZ file, expected a .pdb, .sdf or .mol file by its name, or AMBER's "
                ".prmtop with .inpcrd or .rst7 beside it");
  EXPECT_EQ(message_of<FileError>([] { usual_deck("nowhere.pdb", {}); }),
            "there is no file 'nowhere.pdb'");
  for (const char* file :
       {"a.pdb", "A.PDB", "a.ent", "a.SDF", "a.sdf", "a.sdf.gz", "a.mol", "a.prmtop", "a.rst7"})
    EXPECT_TRUE(has_usual_deck(file)) << file;
  for (const char* file : {"a.toml", "a.smi", "a.pdb.txt", "a", ""})
    EXPECT_FALSE(has_usual_deck(file)) << file;
}

TEST_F(UsualDecks, RefuseResiduesThatTheForceFieldDoesNotKnow) {
  const std::string text =
      "ATOM      1  C1  LIG A   7       0.000   0.000   0.000  1.00  0.00           C\nEND\n";
  const std::string file = folder_.write("ligand.pdb", text);
  EXPECT_EQ(
      message_of<InputError>([&] { made(file); }),
      "no template of amber14/protein.ff14SB.xml matches residue LIG 7 of chain A (" + file +
          ":1): the "
          "closest template is NME: missing 4 H and 1 N; residues that are no amino acids need "
          "other files (--set system.force_field=...), or the molecule as an .sdf file for "
          "MMFF94");
}

TEST_F(UsualDecks, SayWhatToDoAboutEachKindOfResidue) {
  const std::string peptide = io::read_whole_file(kMolecules + "alanine_dipeptide.pdb", "peptide");
  const auto message = [&](const std::string& text) {
    const std::string file = folder_.write("x.pdb", text);
    return message_of<InputError>([&] { made(file); });
  };
  const std::string box =
      "; water and ions need a periodic box that they fill ('saltus solvate' makes one around a "
      "molecule); or take them out of the file, for implicit solvent";
  const std::string start = peptide.substr(0, peptide.find("END"));
  EXPECT_THAT(
      message(start + "HETATM   90 NA    NA B   9      25.000  20.000  20.000  1.00  0.00          "
                      "NA\n"),
      AllOf(HasSubstr("residue NA 9 of chain B"), EndsWith(box)));
  const std::string oxygen =
      "HETATM   90  O   HOH B   9      20.000  20.000  20.000  1.00  0.00           O\n";
  EXPECT_THAT(message(start + oxygen), AllOf(HasSubstr("residue HOH 9 of chain B"), EndsWith(box)));
  EXPECT_THAT(
      message(start + oxygen +
              "HETATM   91  H1  HOH B   9      20.957  20.000  20.000  1.00  0.00           H\n"
              "HETATM   92  H2  HOH B   9      19.760  20.927  20.000  1.00  0.00           H\n"),
      AllOf(HasSubstr("residue HOH 9 of chain B"), EndsWith(box)));
  // Another force field would not help.
  const std::size_t hydrogen = start.find("ATOM     12");
  std::string without = start;
  without.erase(hydrogen, start.find('\n', hydrogen) + 1 - hydrogen);
  EXPECT_THAT(message(without), EndsWith("; add the missing hydrogens to the file first"));
  std::string modified = start;
  for (std::size_t at = 0; (at = modified.find("ALA", at)) != std::string::npos;)
    modified.replace(at, 3, "MOD");
  EXPECT_THAT(message(modified), EndsWith("or the molecule as an .sdf file for MMFF94"));
}

TEST_F(UsualDecks, OfAMoleculeInWaterUseItsBox) {
  const RunDeck deck = made(kMolecules + "solvated_alanine_dipeptide.pdb").loaded.deck;
  EXPECT_THAT(deck.system.force_field,
              ElementsAre("amber14/protein.ff14SB.xml", "amber14/tip3p.xml"));
  EXPECT_EQ(deck.system.options.nonbonded_method, engine::NonbondedMethod::kPme);
  EXPECT_EQ(deck.system.options.constraints, forcefields::BondConstraints::kHydrogenBonds);
  EXPECT_TRUE(deck.system.options.rigid_water);
  EXPECT_EQ(deck.system.options.implicit_solvent, std::nullopt);
  ASSERT_TRUE(deck.pressure_bar.has_value());
  EXPECT_NEAR(*deck.pressure_bar, 1.0, 1e-12);
  EXPECT_THAT(kinds(deck), ElementsAre("openmm_langevin", "volume"));
}

TEST_F(UsualDecks, RefuseExplicitWater) {
  const std::string water =
      "two waters\n     by hand        3D\n\n"
      "  6  4  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.0000 O   0  0\n    0.0000    0.9600    0.0000 H   0  0\n"
      "    0.9300   -0.2400    0.0000 H   0  0\n    5.0000    0.0000    0.0000 O   0  0\n"
      "    5.0000    0.9600    0.0000 H   0  0\n    5.9300   -0.2400    0.0000 H   0  0\n"
      "  1  2  1  0\n  1  3  1  0\n  4  5  1  0\n  4  6  1  0\nM  END\n";
  const std::string file = folder_.write("two.sdf", water);
  EXPECT_EQ(message_of<InputError>([&] { made(file); }),
            file +
                ": holds 2 water molecules, but no periodic box that they fill (CRYST1); 'saltus "
                "solvate' makes one around a molecule, or take the water out of the file");
}

}  // namespace
}  // namespace saltus::tools
