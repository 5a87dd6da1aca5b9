// Oracle: the deck that init writes, run by itself, beside the run of the bare molecule; messages
// written out by hand.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kUsage = 64, kInput = 65, kFile = 74;

class UsualDeck : public ProgramTest {
 protected:
  /// A run of a file that takes a second.
  static std::vector<std::string> short_run(const std::string& file, const std::string& directory) {
    return {"run",   file,
            "--set", "output.directory=" + directory,
            "--set", "run.steps=16",
            "--set", "run.frame_period=2",
            "--set", "warm_up.steps=4",
            "--set", "chains.count=4",
            "--set", "energy.threads=1"};
  }
};

TEST_F(UsualDeck, OfInitRunsUnchangedAndIsThatOfTheBareMolecule) {
  EXPECT_EQ(
      good({"init", "ala.pdb"}).out,
      "ACE-ALA-NME, 22 atoms\n"
      "  system.force_field = [\"amber14/protein.ff14SB.xml\"]\n"
      "  system.implicit_solvent = \"obc2\"\n  ensemble.temperature = \"300 K\"\n"
      "  chains.count = 32\n  run.steps = 4000\n  moves: peptide_leap x 4, hmc, torsion_walk x 2\n"
      "deck: ala.toml\n");
  EXPECT_EQ(good({"check", "ala.toml"}).out, "ala.toml: the deck is fine\n");
  good(short_run("ala.toml", "deck"));
  const ProgramEnd end = good(short_run("ala.pdb", "bare"));
  EXPECT_THAT(end.err, HasSubstr("the usual deck for ala.pdb, which 'saltus init' explains:\n"
                                 "  system.force_field = [\"amber14/protein.ff14SB.xml\"]\n"));
  EXPECT_THAT(end.err, HasSubstr("\nchains do not agree yet: "));
  expect_same_frames(file("bare/trajectory.h5"), file("deck/trajectory.h5"));

  // The deck in the run's folder is the one that was run.
  EXPECT_THAT(read("bare/deck.toml"), HasSubstr("coordinates = \"../ala.pdb\"\n"));
  good({"run", "bare/deck.toml", "--resume", "--set", "run.steps=20"});
  EXPECT_EQ(json::parse(read("bare/summary.json")).at("n_steps"), 20);
  expect_error(short_run("ala.pdb", "bare"), kFile,
               "'bare/trajectory.h5' exists: use --resume to continue that run, --overwrite to "
               "start again, or another output.directory");
}

TEST_F(UsualDeck, OfADrugTurnsItsBondsAndCountsEveryMove) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/atenolol.sdf", "atenolol.sdf");
  good(short_run("atenolol.sdf", "out"));
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), true);
  std::vector<std::string> moves;
  for (const json& move : summary.at("moves")) {
    moves.push_back(move.at("name"));
    EXPECT_DOUBLE_EQ(move.at("acceptance").get<double>(),
                     move.at("accepted").get<double>() / move.at("proposed").get<double>());
  }
  EXPECT_THAT(moves, ElementsAre("hmc", "torsion_reset", "nitrogen_inversion", "torsion_walk"));
}

TEST_F(UsualDeck, IsToldToMachines) {
  const json told =
      json::parse(good({"init", "ala.pdb", "--json", "-o", "x.toml", "--set", "run.steps=7"}).out);
  EXPECT_EQ(told.at("deck"), "x.toml");
  EXPECT_EQ(told.at("molecule"), "ACE-ALA-NME, 22 atoms");
  EXPECT_EQ(told.at("n_atoms"), 22);
  std::map<std::string, json> choices;
  for (const json& choice : told.at("choices")) choices[choice.at("key")] = choice;
  EXPECT_EQ(choices.at("run.steps").at("value"), "7");
  EXPECT_EQ(choices.at("run.steps").at("set"), true);
  EXPECT_EQ(choices.at("ensemble.temperature").at("value"), "\"300 K\"");
  EXPECT_EQ(choices.at("ensemble.temperature").at("set"), false);
  EXPECT_THAT(read("x.toml"), HasSubstr("\nsteps = 7\n"));
}

TEST_F(UsualDeck, ReplacesNothingUnasked) {
  write("ala.toml", "# mine\n");
  expect_error({"init", "ala.pdb"}, kFile,
               "'ala.toml' exists: use --overwrite to replace it, or another name with -o");
  EXPECT_EQ(read("ala.toml"), "# mine\n");
  good({"init", "ala.pdb", "--overwrite"});
  EXPECT_THAT(read("ala.toml"), testing::StartsWith("# Deck for ala.pdb (ACE-ALA-NME, 22 atoms)"));
  write("out/deck.toml", "# mine\n");
  expect_error(short_run("ala.pdb", "out"), kFile,
               "'out/deck.toml' exists and is another deck: run that one ('saltus run "
               "out/deck.toml'), or use --overwrite to replace it, or another output.directory");
  EXPECT_EQ(read("out/deck.toml"), "# mine\n");
}

TEST_F(UsualDeck, CanBeOfASequence) {
  EXPECT_EQ(good({"init", "--sequence", "AC"}).out,
            "2 residues, 24 atoms, extended and not minimised\nstructure: AC.pdb\n");
  EXPECT_THAT(good({"init", "AC.pdb"}).out, HasSubstr("deck: AC.toml"));
  expect_error({"init", "--sequence", "AC"}, kFile,
               "'AC.pdb' exists: use --overwrite to replace it, or another name with -o");
  expect_error({"init", "ala.pdb", "--sequence", "AC"}, kUsage,
               "saltus init: --sequence goes without FILE, --set and --json");
  expect_error({"init", "--sequence", "ALA-CYX-GLY"}, kInput,
               "residue 2, CYX: an extended chain cannot close a disulfide bridge; write CYS, or "
               "take a structure that has the bridge");
}

TEST_F(UsualDeck, OfLongerPeptidesIsALadder) {
  good({"init", "--sequence", "AGDK"});
  const std::string init = good({"init", "AGDK.pdb"}).out;
  EXPECT_THAT(init, HasSubstr("\n  ensemble.temperatures = [\"300 K\", \"378 K\", \"476 K\", "
                              "\"600 K\"]\n  chains.count = 16\n"));
  EXPECT_THAT(init, HasSubstr("peptide_leap x 4, hmc, torsion_walk x 2, replica_exchange\n"));
  good(short_run("AGDK.pdb", "out"));
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("temperatures_K"), json({300.0, 378.0, 476.0, 600.0}));
  EXPECT_EQ(summary.at("is_exact"), true);

  // One temperature that is asked for is the only one.
  auto at_one = short_run("AGDK.pdb", "one");
  at_one.insert(at_one.end(), {"--set", "ensemble.temperature=350 K"});
  good(at_one);
  EXPECT_EQ(json::parse(read("one/summary.json")).at("temperatures_K"), json({350.0}));
}

TEST_F(UsualDeck, IsNotMadeOfAnything) {
  const auto refuse = [&](const std::string& name, const std::string& is) {
    expect_error({"init", name}, kUsage,
                 "'" + name + "'" + is +
                     "expected a .pdb, .sdf or .mol file by its name, or AMBER's .prmtop with "
                     ".inpcrd or .rst7 beside it");
    expect_error({"solvate", name}, kUsage,
                 "saltus solvate: '" + name + "'" + is + "expected a .pdb file with all hydrogens");
  };
  write("deck.toml", "schema = 1\n");
  refuse("deck.toml", ": ");
  write("t.h5", "\x89HDF\r\n\x1A\n");
  refuse("t.h5", " is an HDF5 file, ");
  write("list.smi", "CCO ethanol\n");
  refuse("list.smi", " is a list (by its name, .smi), ");
  write("empty", "");
  refuse("empty", " is empty, ");
  write("x.gro", "title\n    1\n    1ALA      N    1   0.100   0.200   0.300\n 1.0 1.0 1.0\n");
  refuse("x.gro", " is a GRO file, ");
  std::filesystem::create_directory(file("folder.pdb"));
  for (const char* command : {"init", "run", "solvate"}) {
    expect_error({command, "folder.pdb"}, kFile, "'folder.pdb' is a folder, expected a file");
    expect_error({command, "/dev/null.pdb"}, kFile, "there is no file '/dev/null.pdb'");
  }
  for (const char* command : {"init", "solvate"})
    expect_error({command, "/dev/null"}, kFile, "/dev/null: is a device, expected a regular file");
  for (const char* command : {"init", "run"})
    expect_error({command, "nowhere.pdb"}, kFile, "there is no file 'nowhere.pdb'");
  write("ligand.pdb",
        "ATOM      1  C1  LIG A   7       0.000   0.000   0.000  1.00  0.00           C\nEND\n");
  expect_error(
      {"run", "ligand.pdb"}, kInput,
      "no template of amber14/protein.ff14SB.xml matches residue LIG 7 of chain A (ligand.pdb:1): "
      "the "
      "closest template is NME: missing 4 H and 1 N; residues that are no amino acids need "
      "other files (--set system.force_field=...), or the molecule as an .sdf file for "
      "MMFF94");
}

}  // namespace
}  // namespace saltus::tests
