// Oracle: what the program should say, written out by hand; the files it writes, read back; counts
// by hand from volume, density and salt.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "io/formats/pdb.h"
#include "saltus_test_paths.h"
#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr int kUsage = 64, kInput = 65, kNumerical = 70, kFile = 74;
constexpr const char* kFf14SB = "amber14/protein.ff14SB.xml";

class Solvate : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/chignolin.pdb", "chignolin.pdb");
  }
};

TEST_F(Solvate, SaysWhatItDid) {
  const ProgramEnd end = good({"solvate", "chignolin.pdb", "-o", "solvated.pdb"});
  EXPECT_THAT(
      end.out,
      MatchesRegex(
          "chignolin.pdb, 138 atoms\n"
          "box        cube, edges 4.0103 4.0103 4.0103 nm, angles 90.00 90.00 90.00 degrees, "
          "64.50 nm\\^3\n"
          "water      [0-9]+ molecules, tip3p\n"
          "ions       7 Na\\+, 5 Cl-\n"
          "charge     -2 before, 0 after\n"
          "density    0\\.9[0-9]+ g/cm\\^3\n"
          "structure  solvated.pdb, [0-9]+ atoms\n"
          "\n"
          "in a deck:\n"
          "  \\[system\\]\n"
          "  coordinates = \"solvated.pdb\"\n"
          "  force_field = \\[\"amber14/protein.ff14SB.xml\", \"amber14/tip3p.xml\"\\]\n"
          "  nonbonded = \"pme\"\n"
          "  cutoff = \"0.9 nm\"\n"));
  EXPECT_EQ(end.err, "");
}

TEST_F(Solvate, TellsMachinesWhatIsInTheFile) {
  for (const char* shape : {"cube", "dodecahedron", "octahedron"}) {
    const json told = json::parse(good({"solvate", "chignolin.pdb", "--shape", shape, "-o", "x.pdb",
                                        "--salt", "0.3", "--overwrite", "--json"})
                                      .out);
    const io::PdbStructure pdb = io::read_pdb(file("x.pdb"));
    EXPECT_EQ(told.at("n_atoms"), pdb.topology.n_atoms());
    EXPECT_EQ(told.at("n_solute_atoms"), 138);
    EXPECT_EQ(told.at("box").at("shape"), shape);
    ASSERT_TRUE(pdb.box);
    constexpr double kEdgeRounding = 0.5e-4 + 1e-12;  // three decimals of an angstrom
    for (std::size_t n = 0; n < 3; ++n)
      EXPECT_NEAR(pdb.box->edges_nm[n], told.at("box").at("edges_nm")[n], kEdgeRounding);
    std::size_t n_waters = 0, n_sodium = 0, n_chloride = 0;
    for (const engine::Residue& residue : pdb.topology.residues) {
      n_waters += residue.name == "HOH" ? 1 : 0;
      n_sodium += residue.name == "NA" ? 1 : 0;
      n_chloride += residue.name == "CL" ? 1 : 0;
    }
    EXPECT_EQ(told.at("water").at("n_molecules"), n_waters);
    EXPECT_EQ(told.at("ions")[0].at("count"), n_sodium);
    EXPECT_EQ(told.at("ions")[1].at("count"), n_chloride);
    EXPECT_EQ(n_sodium, n_chloride + 2);
    EXPECT_EQ(static_cast<long>(n_chloride),
              std::lround(0.3 / 55.4 * static_cast<double>(n_waters + 2 * n_chloride)));
    EXPECT_NEAR(told.at("charge_before_e"), -2.0, 1e-6);
    EXPECT_NEAR(told.at("charge_after_e"), 0.0, 1e-6);
    // Water has 33.1 molecules in a nm^3; chignolin takes the place of some 95.
    const double volume = told.at("box").at("volume_nm3");
    EXPECT_NEAR(static_cast<double>(n_waters + n_sodium + n_chloride), 33.15 * volume - 95.0, 30.0);
    EXPECT_GT(told.at("density_g_cm3"), 0.93);
    EXPECT_LT(told.at("density_g_cm3"), 1.05);
  }
}

TEST_F(Solvate, MakesWaterAlone) {
  const ProgramEnd end = good({"solvate", "--waters", "216"});
  EXPECT_THAT(end.out,
              HasSubstr("box        cube, edges 1.8679 1.8679 1.8679 nm, angles 90.00 90.00 90.00 "
                        "degrees, 6.52 nm^3\nwater      216 molecules, tip3p\nions       none\n"
                        "charge     0 before, 0 after\ndensity    0.991 g/cm^3\n"
                        "structure  water.pdb, 648 atoms\n"));
  EXPECT_THAT(end.out, HasSubstr("  force_field = [\"amber14/tip3p.xml\"]\n"));
  EXPECT_THAT(
      read("water.pdb"),
      testing::StartsWith("CRYST1   18.679   18.679   18.679  90.00  90.00  90.00 P 1           1\n"
                          "HETATM    1  O   HOH A   1    "));
  const json box = json::parse(
      good({"solvate", "--box", "2", "2.5", "3", "-o", "box.pdb", "--water", "spce", "--json"})
          .out);
  EXPECT_EQ(box.at("water").at("n_molecules"), 497);  // 15 nm^3 of 33.148
  EXPECT_EQ(box.at("force_field"), json({"amber14/spce.xml"}));
  EXPECT_EQ(io::read_pdb(file("box.pdb")).topology.n_atoms(), 1491u);
}

TEST_F(Solvate, IsAFunctionOfTheSeed) {
  const auto made = [&](const std::string& name, const std::string& seed) {
    good({"solvate", "ala.pdb", "-o", name, "--seed", seed});
    return read(name);
  };
  const std::string one = made("a.pdb", "1");
  EXPECT_EQ(made("b.pdb", "1"), one);
  EXPECT_NE(made("c.pdb", "2"), one);
}

TEST_F(Solvate, WritesWhatEnergyReads) {
  // The exact energy is a matter of other tests; here every residue has its template.
  good({"solvate", "ala.pdb", "-o", "x.pdb", "--padding", "0.8", "--salt", "0.5"});
  const json energy =
      json::parse(good({"energy", "x.pdb", "--force-field", kFf14SB, "--force-field",
                        "amber14/tip3p.xml", "--ignore-box", "--backend", "openmm", "--json"})
                      .out);
  EXPECT_EQ(energy.at("n_atoms"), io::read_pdb(file("x.pdb")).topology.n_atoms());
}

TEST_F(Solvate, ReplacesNothingUnasked) {
  write("x.pdb", "mine\n");
  expect_error({"solvate", "ala.pdb", "-o", "x.pdb"}, kFile,
               "'x.pdb' exists: use --overwrite to replace it, or another name with -o");
  EXPECT_EQ(read("x.pdb"), "mine\n");
  expect_error({"solvate", "ala.pdb", "-o", "ala.pdb", "--overwrite"}, kFile,
               "cannot write 'ala.pdb': it is the input 'ala.pdb'; choose another name");
  good({"solvate", "ala.pdb", "-o", "x.pdb", "--overwrite"});
  EXPECT_THAT(read("x.pdb"), testing::StartsWith("CRYST1"));
}

TEST_F(Solvate, RefusesOptionsThatMeanNothing) {
  expect_error({"solvate"}, kUsage,
               "saltus solvate: FILE is missing, or --box or --waters for water alone; see 'saltus "
               "solvate --help'");
  expect_error({"solvate", "ala.pdb", "--padding", "-1"}, kUsage,
               "saltus solvate: --padding: expected a number from 0 to 100, got '-1'");
  expect_error({"solvate", "ala.pdb", "--padding", "nan"}, kUsage,
               "saltus solvate: --padding: expected a number from 0 to 100, got 'nan'");
  expect_error({"solvate", "ala.pdb", "--salt", "inf"}, kUsage,
               "saltus solvate: --salt: expected a number from 0 to 20, got 'inf'");
  expect_error({"solvate", "ala.pdb", "--salt", "1e300"}, kUsage,
               "saltus solvate: --salt: expected a number from 0 to 20, got '1e+300'");
  expect_error({"solvate", "--box", "3", "3", "0"}, kUsage,
               "saltus solvate: --box: expected three positive lengths in nm, got '0'");
  expect_error({"solvate", "--box", "3", "3"}, kUsage,
               "saltus solvate: the required argument for option '--box' is missing; see 'saltus "
               "solvate --help'");
  expect_error({"solvate", "ala.pdb", "--box", "3", "3", "3", "--padding", "1"}, kUsage,
               "saltus solvate: --box, --waters and --padding exclude each other: each of them "
               "says how large the box is");
  expect_error({"solvate", "--box", "3", "3", "3", "--shape", "cube"}, kUsage,
               "saltus solvate: --box and --shape exclude each other: three edges make a "
               "rectangular box");
  expect_error({"solvate", "ala.pdb", "--shape", "ball"}, kUsage,
               "saltus solvate: --shape: expected cube, dodecahedron or octahedron, got 'ball'");
  expect_error({"solvate", "ala.pdb", "--water", "tip5p"}, kUsage,
               "saltus solvate: --water: expected tip3p or tip4pew or spce, got 'tip5p'");
  expect_error({"solvate", "ala.pdb", "--positive", "Mg2+"}, kUsage,
               "saltus solvate: --positive: expected Li+ or Na+ or K+ or Rb+ or Cs+, got 'Mg2+'");
  expect_error({"solvate", "ala.pdb", "--negative", "Na+"}, kUsage,
               "saltus solvate: --negative: expected F- or Cl- or Br- or I-, got 'Na+'");
  expect_error({"solvate", "ala.pdb", "--waters", "100"}, kUsage,
               "saltus solvate: --waters goes without FILE; beside a molecule there is as much "
               "water as has room");
  expect_error({"solvate", "--waters", "100", "--salt", "1"}, kUsage,
               "saltus solvate: --waters and --salt exclude each other: ions take the places of "
               "molecules of water");
  expect_error({"solvate", "--waters", "-5"}, kUsage,
               "saltus solvate: --waters: expected a whole number from 1, got '-5'");
  expect_error({"solvate", "ala.pdb", "--seed", "-5"}, kUsage,
               "saltus solvate: --seed: expected a whole number from 0, got '-5'");
  write("ala.sdf", "x\n\n\n  0  0  0  0  0  0            999 V2000\nM  END\n");
  expect_error({"solvate", "ala.sdf"}, kUsage,
               "saltus solvate: 'ala.sdf' is an SD or mol file, expected a .pdb file with all "
               "hydrogens");
}

TEST_F(Solvate, RefusesBoxesThatDoNotFit) {
  expect_error(
      {"solvate", "--waters", "10"}, kInput,
      "the box is 0.6707 nm wide, expected at least 1 nm; a cutoff needs twice its length");
  expect_error({"solvate", "chignolin.pdb", "--box", "1.9", "2", "2"}, kInput,
               "the solute is too close to its own image in the box: atom HA3 of residue GLY 1 of "
               "chain A and an image of atom HG22 of residue THR 8 of chain A are 0.276 nm apart; "
               "take a larger box");
  expect_error({"solvate", "chignolin.pdb", "--box", "1", "3", "3"}, kInput,
               "the solute is 1.129 nm long along x, the box only 1 nm; take a larger box");
  expect_error({"solvate", "--box", "900", "900", "900"}, kInput,
               "a box of 7.29e+08 nm^3 holds some 7.25e+10 atoms of water, a PDB file at most "
               "1048575; take a smaller box");
  expect_error({"solvate", "--box", "3", "3", "3", "--salt", "40"}, kUsage,
               "saltus solvate: --salt: expected a number from 0 to 20, got '40'");
  // Too small a box is said, too, when it can be made.
  EXPECT_EQ(good({"solvate", "ala.pdb", "--padding", "0.3"}).err,
            "note: the box is narrow: its cutoff is at most 0.67 nm, shorter than force fields are "
            "made for; a larger box has more water\n");
}

TEST_F(Solvate, RefusesMoleculesThatTheForceFieldDoesNotKnow) {
  std::string text = read("ala.pdb");
  const std::size_t line = text.find("HETATM") == std::string::npos ? text.find("ATOM") : 0;
  text.erase(line, text.find('\n', line) + 1 - line);
  write("broken.pdb", text);
  const ProgramEnd broken = saltus({"solvate", "broken.pdb"});
  EXPECT_EQ(broken.exit_code, kInput);
  EXPECT_THAT(broken.err, HasSubstr("residue ACE 1"));
  EXPECT_FALSE(std::filesystem::exists(file("broken_solvated.pdb")));

  expect_error({"solvate", "nothing.pdb"}, kFile, "there is no file 'nothing.pdb'");
  const ProgramEnd missing = saltus({"solvate", "ala.pdb", "--force-field", "nothing.xml"});
  EXPECT_EQ(missing.exit_code, kFile);
  EXPECT_THAT(missing.err, HasSubstr("force-field file 'nothing.xml' not found; searched:"));
  const ProgramEnd no_ions =
      saltus({"solvate", "--box", "3", "3", "3", "--salt", "0.1", "--force-field", "tip3p.xml"});
  EXPECT_EQ(no_ions.exit_code, kInput);
  EXPECT_THAT(no_ions.err,
              HasSubstr("water and ions cannot be described: no template of tip3p.xml matches "
                        "residue NA 1 of chain A"));
  EXPECT_THAT(
      no_ions.err,
      HasSubstr("; --force-field takes the files of the water, too, of the model that --water "
                "names, and then none is added"));
}

TEST_F(Solvate, PutsTogetherWhatABoxHasCut) {
  // Along x every atom is inside of the box; it begins in the middle of the molecule.
  std::istringstream lines(read("ala.pdb"));
  std::string cut = "CRYST1   20.000   20.000   20.000  90.00  90.00  90.00 P 1           1\n",
              line;
  while (std::getline(lines, line)) {
    if (line.rfind("ATOM", 0) == 0 || line.rfind("HETATM", 0) == 0) {
      std::array<char, 9> x{};
      const double place = std::stod(line.substr(30, 8));
      std::snprintf(x.data(), x.size(), "%8.3f", place < 0.0 ? place + 20.0 : place);
      line.replace(30, 8, x.data());
    }
    cut += line + "\n";
  }
  write("cut.pdb", cut);
  const ProgramEnd whole = good({"solvate", "ala.pdb", "-o", "a.pdb"});
  const ProgramEnd end = good({"solvate", "cut.pdb", "-o", "b.pdb"});
  EXPECT_THAT(end.err, HasSubstr("cut.pdb: 1 molecule was put together across the periodic box"));
  // The same box, but for the last digit of the coordinates.
  const auto box = [](const ProgramEnd& said) {
    return said.out.substr(said.out.find("edges"), std::string("edges 2.831").size());
  };
  EXPECT_EQ(box(end), box(whole));
  // And in vacuum.
  EXPECT_THAT(
      good({"energy", "cut.pdb", "--force-field", "amber14/protein.ff14SB.xml", "--ignore-box"})
          .err,
      HasSubstr("cut.pdb: 1 molecule was put together across the periodic box"));
}

TEST_F(Solvate, RefusesAtomsOnTopOfEachOther) {
  std::string text = read("ala.pdb");
  const std::size_t first = text.find(" C   ACE") - 12, second = text.find(" O   ACE") - 12;
  text.replace(second + 30, 24, text.substr(first + 30, 24));
  write("same.pdb", text);
  expect_error({"solvate", "same.pdb"}, kNumerical,
               "same.pdb: atom C of residue ACE 1 of chain A and atom O of residue ACE 1 of chain "
               "A lie on top of each other; correct the coordinates");
}

TEST_F(Solvate, DoesNotPutWaterIntoWater) {
  good({"solvate", "ala.pdb", "-o", "wet.pdb"});
  const ProgramEnd again = saltus({"solvate", "wet.pdb"});
  EXPECT_EQ(again.exit_code, kInput);
  EXPECT_THAT(again.err,
              MatchesRegex("error: wet.pdb: holds [0-9]+ molecules of water, it is in water "
                           "already; take the water out of the file to put it into another box\n"));
  // Of whatever model.
  good({"solvate", "--waters", "216", "--water", "tip4pew", "-o", "four.pdb"});
  expect_error({"solvate", "four.pdb"}, kInput,
               "four.pdb: holds 216 molecules of water, it is in water already; take the water out "
               "of the file to put it into another box");
  // A few molecules, as crystals have, stay.
  std::string text = read("ala.pdb");
  text.erase(text.find("END"));
  text +=
      "HETATM   23  O   HOH B   1      12.000   0.000   0.000  1.00  0.00           O\n"
      "HETATM   24  H1  HOH B   1      12.957   0.000   0.000  1.00  0.00           H\n"
      "HETATM   25  H2  HOH B   1      11.760   0.927   0.000  1.00  0.00           H\nEND\n";
  write("crystal.pdb", text);
  EXPECT_EQ(
      good({"solvate", "crystal.pdb"}).err,
      "note: crystal.pdb: holds 1 molecule of water, which stays in its place and counts as a "
      "part of the molecule, not as water of the box\n");
}

}  // namespace
}  // namespace saltus::tests
