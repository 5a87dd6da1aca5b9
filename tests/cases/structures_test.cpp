// Oracle: OpenMM 7.7's Reference platform on the same structures (-83.140 kJ/mol for the alanine
// peptide, -28.665 for the ring, bonds added by hand there, -15972.369 for the water box without
// cutoff, and what ForceField.createSystem makes of it with Ewald sums and reaction field), and
// what the program should say about structures, written out by hand.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cases/cases.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr int kInput = 65;
constexpr double kAlanine = -83.14025160432601, kRing = -28.66512721430979;  // kJ/mol
constexpr double kEnergyBar = 1e-6;
constexpr double kDroplet = -15972.36925028359, kDropletBar = 1e-4;
// Nine digits after the point are written in; sums of 1,582 atoms differ by their order.
constexpr double kBoxBar = 1e-6;

class Structures : public CasesTest {
 protected:
  /// Total energy by the native backend; standard error goes to `notes_`.
  double energy(const std::string& deck, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"energy", deck, "--backend", "native", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramEnd end = good(arguments);
    notes_ = end.err;
    if (end.exit_code != 0) return 0.0;
    return json::parse(end.out).at("backends").at("native").at("total_kJ_mol").get<double>();
  }
  /// Energy of the alanine peptide's file after a change, written as "x.pdb".
  double energy_of(const std::string& pdb) {
    write_peptide(pdb);
    return energy("x.toml");
  }
  void write_peptide(const std::string& pdb) {
    write("x.pdb", pdb);
    write("x.toml", kDeck);
  }
  /// Both commands that read a structure without running it say this.
  void expect_refusal(const std::string& message, const std::string& deck = "x.toml") const {
    expect_error({"energy", deck}, kInput, message);
    expect_error({"check", deck}, kInput, message);
  }
  std::string peptide() {
    if (!std::filesystem::exists(file("15_altlocs"))) copy_case("15_altlocs");
    return read("15_altlocs/A_only.pdb");
  }

  static constexpr const char* kDeck =
      "schema = 1\n[system]\ncoordinates = \"x.pdb\"\n"
      "force_field = [\"amber14/protein.ff14SB.xml\"]\n"
      "[ensemble]\ntemperature = \"300 K\"\n[[move]]\nkind = \"hmc\"\n"
      "[output]\ndirectory = \"out\"\n";
  std::string notes_;
};

// Boxes.

const std::string kBoxUnsaid =
    ", but nothing says whether it is to be used; set nonbonded = \"pme\" in [system] to simulate "
    "the periodic box (or \"ewald\", \"cutoff_periodic\"), or nonbonded = \"no_cutoff\" (or "
    "\"cutoff\") to have its contents in vacuum or implicit solvent (saltus energy without a deck: "
    "--ignore-box), or remove the box from the file";

TEST_F(Structures, ABoxIsRefusedUnlessTheDeckSaysHowPairsInteract) {
  copy_case("box");
  const std::string deck = "box/deck.toml";
  const std::string box =
      "box/solvated_alanine_dipeptide.pdb:2: the CRYST1 record gives a periodic box of 2.575 x "
      "2.575 x 2.575 nm";
  expect_refusal(box + kBoxUnsaid, deck);
  expect_error({"run", deck}, kInput, box + kBoxUnsaid);
  EXPECT_NEAR(energy(deck, {"--set", "system.nonbonded=no_cutoff"}), kDroplet, kDropletBar);
  const std::vector<std::string> without_deck = {
      "energy",        "box/solvated_alanine_dipeptide.pdb",
      "--force-field", "amber14-all.xml",
      "--force-field", "amber14/tip3p.xml"};
  expect_error(without_deck, kInput, box + kBoxUnsaid);
  std::vector<std::string> accepted = without_deck;
  accepted.push_back("--ignore-box");
  EXPECT_THAT(good(accepted).err, testing::HasSubstr("it is not used: nonbonded"));
  EXPECT_EQ(notes_, "note: " + box +
                        "; it is not used: nonbonded = \"no_cutoff\" is without one; the atoms are "
                        "in vacuum or implicit solvent\n");
  const ProgramEnd refused = saltus({"check", deck, "--set", "system.nonbonded=ljpme"});
  EXPECT_EQ(refused.exit_code, kInput);
  EXPECT_THAT(refused.err, HasSubstr("system.nonbonded: \"ljpme\" is not available"));
}

TEST_F(Structures, ABoxIsUsedWhenTheDeckSaysSo) {
  copy_case("box");
  struct Row {
    std::vector<std::string> settings;
    double energy;
  };
  const std::vector<Row> rows = {
      {{"system.nonbonded=pme"}, 2451.599733987},
      {{"system.nonbonded=pme", "system.constraints=h_bonds"}, 2451.564172349},
      {{"system.nonbonded=pme", "system.cutoff='0.8 nm'", "system.ewald_tolerance=1e-6"},
       2450.623873262},
      {{"system.nonbonded=cutoff_periodic", "system.constraints=h_bonds"}, 2670.855320572}};
  for (const Row& row : rows) {
    std::vector<std::string> arguments = {"energy", "box/deck.toml", "--backend", "openmm",
                                          "--json"};
    for (const std::string& setting : row.settings) {
      arguments.push_back("--set");
      arguments.push_back(setting);
    }
    const json result = json::parse(good(arguments).out);
    EXPECT_NEAR(result.at("backends").at("openmm").at("total_kJ_mol").get<double>(), row.energy,
                kBoxBar)
        << row.settings.front();
  }
}

TEST_F(Structures, PlaceholdersOfABoxAreNoted) {
  for (const char* edges : {"    1.000    1.000    1.000", "    0.000    0.000    0.000",
                            "    5.000    5.000    5.000"}) {
    const std::string record = std::string("CRYST1") + edges + "  90.00  90.00  90.00 P 1\n";
    EXPECT_NEAR(energy_of(record + peptide()), kAlanine, kEnergyBar);
    EXPECT_THAT(notes_, HasSubstr("too small for the atoms; it is taken for a placeholder"));
  }
  write_peptide("CRYST1   10.000   10.000   10.000  90.00  90.00  90.00 P 1\n" + peptide());
  expect_refusal("x.pdb:1: the CRYST1 record gives a periodic box of 1.000 x 1.000 x 1.000 nm" +
                 kBoxUnsaid);
}

TEST_F(Structures, BoxesOfAmberFilesAreNotDropped) {
  const std::string prmtop = read_text(data_path("alanine_dipeptide.prmtop"));
  const std::string inpcrd = read_text(data_path("alanine_dipeptide.inpcrd"));
  const std::string box =
      "  30.0000000  30.0000000  30.0000000  90.0000000  90.0000000  90.0000000\n";
  write("x.toml",
        with_replaced(with_replaced(kDeck, "x.pdb", "x.inpcrd"),
                      "force_field = [\"amber14/protein.ff14SB.xml\"]", "topology = \"x.prmtop\""));
  write("x.prmtop", prmtop);
  write("x.inpcrd", inpcrd);
  const double expected = energy("x.toml");
  EXPECT_EQ(notes_, "");
  write("x.inpcrd", inpcrd + box);
  expect_refusal("x.inpcrd: its last line gives a periodic box of 3.000 x 3.000 x 3.000 nm" +
                 kBoxUnsaid);
  EXPECT_EQ(energy("x.toml", {"--set", "system.nonbonded=no_cutoff"}), expected);
  EXPECT_THAT(notes_, HasSubstr("x.inpcrd: its last line gives a periodic box"));
  write("x.inpcrd", inpcrd + with_replaced(box, "30.0000000  30.0000000  30",
                                           " 0.0000000   "
                                           "0.0000000   0"));
  EXPECT_EQ(energy("x.toml"), expected);
  EXPECT_THAT(notes_, HasSubstr("placeholder"));

  const std::string row =
      "       0       0       0       0       0       0       0       0      10";
  write("x.prmtop", with_replaced(prmtop, row,
                                  "       0       0       0       0       0       0       0       "
                                  "1      10") +
                        "%FLAG BOX_DIMENSIONS\n%FORMAT(5E16.8)\n  9.00000000E+01  2.50000000E+01  "
                        "2.50000000E+01  2.50000000E+01\n");
  write("x.inpcrd", inpcrd);
  expect_refusal(
      "x.prmtop: IFBOX with BOX_DIMENSIONS gives a periodic box of 2.500 x 2.500 x "
      "2.500 nm" +
      kBoxUnsaid);
  EXPECT_EQ(energy("x.toml", {"--set", "system.nonbonded=no_cutoff"}), expected);
}

TEST_F(Structures, PositionsOfAnotherOrderAreNotTaken) {
  ProgramTest::SetUp();  // alanine dipeptide
  copy_in(force_field_data("alanine_dipeptide.prmtop"), "x.prmtop");
  const std::string deck = with_replaced(kDeck, "force_field = [\"amber14/protein.ff14SB.xml\"]",
                                         "topology = \"x.prmtop\"");
  write("x.toml", deck);
  const std::string good_pdb = read("ala.pdb");
  write("x.pdb", good_pdb);
  EXPECT_NE(energy("x.toml"), 0.0);
  // The second and the third line change places.
  const std::size_t first = good_pdb.find("ATOM      1"), second = good_pdb.find("ATOM      2"),
                    third = good_pdb.find("ATOM      3");
  write("x.pdb", good_pdb.substr(0, first) + good_pdb.substr(second, third - second) +
                     good_pdb.substr(first, second - first) + good_pdb.substr(third));
  expect_refusal(
      "x.pdb: atom 1 is atom CH3 of residue ACE 1 of chain A, in x.prmtop it is atom H1 of "
      "residue ACE 1; the two files must have the same atoms in the same order");
}

TEST_F(Structures, VelocitiesOfAmberFilesAreNoted) {
  copy_in(force_field_data("alanine_dipeptide.prmtop"), "x.prmtop");
  const std::string inpcrd = read_text(data_path("alanine_dipeptide.inpcrd"));
  const std::size_t numbers = inpcrd.find('\n', inpcrd.find('\n') + 1) + 1;
  write("x.inpcrd", inpcrd + inpcrd.substr(numbers));
  write("x.toml",
        with_replaced(with_replaced(kDeck, "x.pdb", "x.inpcrd"),
                      "force_field = [\"amber14/protein.ff14SB.xml\"]", "topology = \"x.prmtop\""));
  energy("x.toml");
  EXPECT_EQ(notes_,
            "note: x.inpcrd: its velocities are not used; chains start with velocities drawn at "
            "their temperature\n");
}

TEST_F(Structures, BoxesBesideASystemXmlAreNoted) {
  copy_in(force_field_data("alanine_dipeptide.xml"), "x.xml");
  const std::string xml = read("x.xml");
  ProgramTest::SetUp();  // alanine dipeptide
  write("x.pdb", "CRYST1   30.000   30.000   30.000  90.00  90.00  90.00 P 1\n" + read("ala.pdb"));
  write("x.toml", with_replaced(kDeck, "force_field = [\"amber14/protein.ff14SB.xml\"]",
                                "system_xml = \"x.xml\""));
  const double expected = energy("x.toml");
  EXPECT_THAT(notes_, HasSubstr("note: x.pdb:1: the CRYST1 record gives a periodic box of 3.000 x "
                                "3.000 x 3.000 nm; it is not used: x.xml is a system without "
                                "one\n"));
  write("x.xml", with_replaced(xml, "<A x=\"2\"", "<A x=\"3\""));
  EXPECT_EQ(energy("x.toml"), expected);
  EXPECT_THAT(notes_, HasSubstr("x.xml:3: the periodic box (3 x 2 x 2 nm) is not used, as no force "
                                "of this System is periodic\n"));
}

// Alternate locations.

TEST_F(Structures, OneAlternateLocationIsTakenOfEachResidue) {
  copy_case("15_altlocs");
  for (const char* name : {"A_only", "uneven", "subset", "microheterogeneity"})
    EXPECT_NEAR(energy(std::string("15_altlocs/") + name + ".toml"), kAlanine, kEnergyBar) << name;
  EXPECT_EQ(notes_,
            "note: 15_altlocs/microheterogeneity.pdb: of alternate locations one for each "
            "residue is used, the most occupied: A of ALA 2 of chain A\n");
}

TEST_F(Structures, TheMoreOccupiedLocationIsTakenWhereverItStands) {
  copy_case("15_altlocs");
  // B becomes the place of A and the other way round; B is the more occupied one.
  std::string swapped = read("15_altlocs/subset.pdb");
  for (std::size_t n = 0; (n = swapped.find("ALA A   2", n)) != std::string::npos; ++n) {
    char& letter = swapped[n - 1];
    if (letter == ' ') continue;
    const bool is_a = letter == 'A';
    letter = is_a ? 'B' : 'A';
    swapped.replace(swapped.find(" 0.50", n), 5, is_a ? " 0.60" : " 0.40");
  }
  EXPECT_NEAR(energy_of(swapped), kAlanine, kEnergyBar);
  EXPECT_THAT(notes_, HasSubstr("B of ALA 2 of chain A"));
  // Serine instead, when that is the more occupied residue.
  std::string serine = read("15_altlocs/microheterogeneity.pdb");
  for (const char* change : {"0.60", "0.40"}) {
    std::string to = std::string(change) == "0.60" ? "0.3x" : "0.70";
    for (std::size_t n = 0; (n = serine.find(change, n)) != std::string::npos;)
      serine.replace(n, 4, to);
  }
  for (std::size_t n = 0; (n = serine.find("0.3x", n)) != std::string::npos;)
    serine.replace(n, 4, "0.30");
  write_peptide(serine);
  // Its hydroxyl hydrogen is not in the file.
  expect_refusal(
      "system.force_field: no template of amber14/protein.ff14SB.xml matches residue SER 2 of "
      "chain A (x.pdb:17): the closest "
      "template is SER: missing 1 H (HG); add the missing hydrogens to the file first");
}

// Deuterium.

TEST_F(Structures, DeuteriumAndTritiumAreHydrogen) {
  copy_case("22_deuterium");
  EXPECT_NEAR(energy("22_deuterium/D.toml"), kAlanine, kEnergyBar);
  EXPECT_EQ(notes_, "");
  EXPECT_NEAR(energy("22_deuterium/H_D_exchange.toml"), kAlanine, kEnergyBar);
  EXPECT_THAT(notes_, HasSubstr("B of ALA 2 of chain A"));
  // Other names of deuterium, by element and by name alone.
  std::string all = peptide();
  for (const char* name : {" H1 ", " H2 ", " H3 ", " HA ", " HB1", " HB2", " HB3"})
    for (std::size_t n = 0; (n = all.find(name, n)) != std::string::npos;) {
      all[n + 1] = 'D';
      all[all.find('\n', n) - 1] = 'D';
    }
  EXPECT_NEAR(energy_of(all), kAlanine, kEnergyBar);
  std::string bare;
  for (std::size_t start = 0, end = 0; (end = all.find('\n', start)) != std::string::npos;
       start = end + 1)
    bare += all.substr(start, std::min<std::size_t>(end - start, 66)) + "\n";
  EXPECT_NEAR(energy_of(bare), kAlanine, kEnergyBar);
  std::string tritium = peptide();
  tritium[tritium.find('\n', tritium.find(" HA ")) - 1] = 'T';
  EXPECT_NEAR(energy_of(tritium), kAlanine, kEnergyBar);
}

TEST_F(Structures, HeavyWaterIsWater) {
  copy_case("box");
  const std::string text = read("box/solvated_alanine_dipeptide.pdb");
  const std::size_t water = text.find("HETATM   24");
  std::string light = text.substr(water, text.find("HETATM   30") - water), heavy = light;
  for (std::size_t n = 0; (n = heavy.find("HOH", n)) != std::string::npos;)
    heavy.replace(n, 3, "DOD");
  for (const char* name : {" H1 ", " H2 "})
    for (std::size_t n = 0; (n = heavy.find(name, n)) != std::string::npos;) {
      heavy[n + 1] = 'D';
      heavy[n + 65] = 'D';
    }
  const std::string deck = with_replaced(kDeck, "amber14/protein.ff14SB.xml", "amber14/tip3p.xml");
  write("x.toml", deck);
  write("x.pdb", light);
  const double expected = energy("x.toml");
  EXPECT_NE(expected, 0.0);
  write("x.pdb", heavy);
  EXPECT_EQ(energy("x.toml"), expected);
}

// Links.

TEST_F(Structures, ARingIsClosedByLinkOrConect) {
  copy_case("20_cyclic_peptide");
  EXPECT_NEAR(energy("20_cyclic_peptide/conect.toml"), kRing, kEnergyBar);
  EXPECT_NEAR(energy("20_cyclic_peptide/link.toml"), kRing, kEnergyBar);
  expect_refusal(
      "system.force_field: no template of amber14/protein.ff14SB.xml matches residue GLY 1 of "
      "chain A (20_cyclic_peptide/open_file.pdb:1): it has the "
      "atoms of GLY (6 bonds inside, to other residues from N, C), but 6 bonds inside, to other "
      "residues from C; is an end of the chain not capped, or a TER record missing or misplaced?; "
      "atom N of residue GLY 1 of chain A and atom C of residue GLY 5 of chain A are 0.134 nm "
      "apart and not bonded: if they should be (a ring, a link), a CONECT or LINK record says so",
      "20_cyclic_peptide/open_file.toml");
}

TEST_F(Structures, WrongRecordsAreNamed) {
  copy_case("20_cyclic_peptide");
  const std::string open = read("20_cyclic_peptide/open_file.pdb");
  const auto expect = [&](const std::string& record, const std::string& message) {
    write_peptide(with_replaced(open, "END\n", "CONECT    1   34\n" + record));
    expect_refusal("x.pdb:38: the " + message);
  };
  expect("CONECT    1   99\n", "CONECT record names atom 99, which the file does not have");
  expect("CONECT    3    3\n", "CONECT record bonds atom 3 to itself");
  expect("CONECT   10   31\n",
         "CONECT record bonds atom CA of residue GLY 2 of chain A and atom CA of residue GLY 5 of "
         "chain A, which are 0.497 nm apart, expected at most 0.228 nm; is the record wrong, or "
         "are the coordinates?");
  expect("LINK         CA  GLY A   2                 CA  GLY A   5     1555   1555  1.53\n",
         "LINK record bonds atom CA of residue GLY 2 of chain A and atom CA of residue GLY 5 of "
         "chain A, which are 0.497 nm apart, expected at most 0.228 nm; is the record wrong, or "
         "are the coordinates?");
  expect("CONECT    4    5\n",
         "CONECT record bonds atom HA2 of residue GLY 1 of chain A and atom HA3 of residue GLY 1 "
         "of chain A, which gives atom HA2 of residue GLY 1 of chain A 2 bonds; H has at most 1: "
         "is the record wrong?");
}

// The residue to blame.

TEST_F(Structures, DAminoAcidsAreNamedWhereTheyHaveNoTemplate) {
  copy_case("21_d_amino_acid");
  EXPECT_NEAR(energy("21_d_amino_acid/L.toml"), kAlanine, kEnergyBar);
  EXPECT_NEAR(energy("21_d_amino_acid/D_named_ALA.toml"), kAlanine, kEnergyBar);
  expect_refusal(
      "system.force_field: no template of amber14/protein.ff14SB.xml matches residue DAL 2 of "
      "chain A (21_d_amino_acid/D_named_DAL.pdb:7): it has no "
      "bonds: only standard residues get them by name, others need CONECT records; its atoms are "
      "called like those of ALA: if it is that residue, or its mirror image, give it that name",
      "21_d_amino_acid/D_named_DAL.toml");
}

TEST_F(Structures, NeighboursAreNotBlamed) {
  const auto without = [&](const std::string& start) {
    std::string text = peptide();
    const std::size_t line = text.find(start);
    return text.erase(line, text.find('\n', line) + 1 - line);
  };
  const std::string ours =
      "system.force_field: no template of amber14/protein.ff14SB.xml matches residue ";
  // ACE 1 lacks its bond to the missing N.
  write_peptide(without("ATOM      7"));
  expect_refusal(ours + "ALA 2 of chain A (x.pdb:7): the closest template is ALA: missing 1 N (N)");
  write_peptide(without("ATOM     17"));
  expect_refusal(ours + "NME 3 of chain A (x.pdb:17): the closest template is NME: missing 1 N");
  // An atom too many.
  write_peptide(with_replaced(
      peptide(), "TER\n",
      "ATOM     23  HX  NME A   3       4.597   0.330   6.328  1.00  0.00           H\nTER\n"
      "CONECT   19   23\n"));
  EXPECT_THAT(saltus({"energy", "x.toml"}).err, HasSubstr("residue NME 3 of chain A"));
}

TEST_F(Structures, ResiduesAreComparedWithTheTemplateOfTheirAtoms) {
  const std::string ours =
      "system.force_field: no template of amber14/protein.ff14SB.xml matches residue ";
  // Without CB alanine has as many atoms of each element as glycine at the start of a chain.
  std::string text = peptide();
  const std::size_t line = text.find("ATOM     13  CB  ALA");
  ASSERT_NE(line, std::string::npos);
  write_peptide(std::string(text).erase(line, text.find('\n', line) + 1 - line));
  expect_refusal(ours +
                 "ALA 2 of chain A (x.pdb:7): the closest template is ALA: missing 1 C (CB)");
  // A name that no force field has.
  write_peptide(with_replaced(text, " HB1 ALA", " HFX ALA"));
  expect_refusal(ours +
                 "ALA 2 of chain A (x.pdb:7): the closest template is ALA: no bond leads to HFX, "
                 "names that it does not have; missing are HB1; give the atoms these names, or "
                 "CONECT records");
  // A metal.
  write_peptide(with_replaced(
      text, "TER\n",
      "TER\nHETATM   23 ZN    ZN A 100      20.000  20.000  20.000  1.00  0.00          ZN\n"));
  expect_refusal(ours + "ZN 100 of chain A (x.pdb:24): the force field has nothing like it");
}

TEST_F(Structures, MayHaveEveryLineEnd) {
  const std::string text = peptide();
  for (const char* end : {"\r\n", "\r"}) {
    std::string other = text;
    for (std::size_t n = 0; (n = other.find('\n', n)) != std::string::npos;
         n += std::string(end).size())
      other.replace(n, 1, end);
    EXPECT_NEAR(energy_of(other), kAlanine, kEnergyBar);
  }
}

// Coordinates.

TEST_F(Structures, CoordinatesThatAreNoPlacesAreNamed) {
  const std::string text = peptide();
  for (const char* x : {"1.0e+300", "   1e300", "  -1e+30", "1.00e+09"}) {
    write_peptide(with_replaced(text, "   3.841", x));
    expect_refusal(std::string("x.pdb:9: the coordinate x in columns 31-38 is '") +
                   (x + std::string(x).find_first_not_of(' ')) +
                   "' angstrom, which is not a valid coordinate; expected -999.999 to 9999.999, as "
                   "the columns hold");
  }
  write_peptide(with_replaced(text, "   3.841", "     nan"));
  expect_refusal("x.pdb:9: x in columns 31-38 is 'nan', expected a finite number");
  write_peptide(with_replaced(text, "   3.841  -2.504   1.763  1.00  0.00           C\n",
                              "   3.841  -2.504\n"));
  expect_refusal(
      "x.pdb:9: the ATOM record ends at column 46, before its coordinates do (column 54)");
  copy_in(force_field_data("alanine_dipeptide.prmtop"), "x.prmtop");
  const std::string inpcrd = read_text(data_path("alanine_dipeptide.inpcrd"));
  const std::size_t first = inpcrd.find('\n', inpcrd.find('\n') + 1) + 1;
  write("x.inpcrd", std::string(inpcrd).replace(first + 12, 12, " 1.00000e+30"));
  write("x.toml",
        with_replaced(with_replaced(kDeck, "x.pdb", "x.inpcrd"),
                      "force_field = [\"amber14/protein.ff14SB.xml\"]", "topology = \"x.prmtop\""));
  expect_refusal(
      "x.inpcrd:3: columns 13 to 24: the coordinate \"1.00000e+30\" angstrom is not a valid "
      "coordinate; expected -999.9999999 to 9999.9999999, as the columns hold");
}

TEST_F(Structures, DeuteriumOfMoleculeFilesIsHydrogen) {
  const std::string water =
      "water\n     x              3D\n\n  3  2  0  0  0  0            999 V2000\n"
      "    0.0000    0.0000    0.0000 O   0  0\n"
      "    0.9572    0.0000    0.0000 H   0  0\n"
      "   -0.2400    0.9266    0.0000 H   0  0\n"
      "  1  2  1  0\n  1  3  1  0\nM  END\n$$$$\n";
  write("x.sdf", water);
  const double expected = energy("x.sdf", {"--force-field", "mmff94"});
  EXPECT_NE(expected, 0.0);
  write("x.sdf", with_replaced(
                     with_replaced(water, "0.0000 H   0  0\n   -0.24", "0.0000 D   0  0\n   -0.24"),
                     "M  END", "M  ISO  1   3   3\nM  END"));
  EXPECT_EQ(energy("x.sdf", {"--force-field", "mmff94"}), expected);
}

}  // namespace
}  // namespace saltus::tests
