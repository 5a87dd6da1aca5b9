// Oracle: hand-written PDB lines whose content is known, and write-then-read identity.

#include "io/formats/pdb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::FileError;
using engine::InputError;

// Water; the second line without columns beyond the coordinates.
const std::string kO =
    "HETATM    1  O   HOH A   1       1.000   2.000   3.000  1.00  0.00           O\n";
const std::string kH1 = "HETATM    2  H1  HOH A   1       1.957   2.000   3.000\n";
const std::string kH2 =
    "HETATM    3  H2  HOH A   1       0.760   2.927   3.000  1.00  0.00           H\n";
const std::string kWater = kO + kH1 + kH2;

class Pdb : public testing::Test {
 protected:
  io::PdbStructure read(const std::string& text) {
    return io::read_pdb(folder_.write("x.pdb", text));
  }
  /// Error message without the folder's name.
  std::string error(const std::string& text) {
    const std::string path = folder_.write("x.pdb", text);
    std::string message = message_of<InputError>([&] { io::read_pdb(path); });
    if (message.rfind(path, 0) == 0) message.replace(0, path.size(), "x.pdb");
    return message;
  }
  TemporaryFolder folder_;
};

TEST_F(Pdb, ReadsNamesElementsAndPositions) {
  const io::PdbStructure pdb = read("REMARK anything\n" + kWater + "END\n");
  ASSERT_EQ(pdb.topology.n_atoms(), 3u);
  EXPECT_EQ(pdb.topology.atoms[1].name, "H1");
  EXPECT_EQ(pdb.topology.atoms[1].atomic_number, 1);
  EXPECT_EQ(pdb.topology.atoms[0].atomic_number, 8);
  ASSERT_EQ(pdb.topology.residues.size(), 1u);
  EXPECT_EQ(pdb.topology.describe_residue(0), "residue HOH 1 of chain A");
  EXPECT_EQ(pdb.positions.n_chains(), 1u);
  EXPECT_DOUBLE_EQ(pdb.positions.chain(0)[3], 0.1957);
  EXPECT_DOUBLE_EQ(pdb.positions.chain(0)[8], 0.3);
  EXPECT_TRUE(pdb.topology.bonds.empty());
}

TEST_F(Pdb, ReadsWindowsLineEnds) {
  std::string text = kWater;
  for (std::size_t n = text.find('\n'); n != std::string::npos; n = text.find('\n', n + 2))
    text.insert(n, "\r");
  EXPECT_EQ(read(text).topology.n_atoms(), 3u);
}

TEST_F(Pdb, ReadsTextWithAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF" + kWater).topology.n_atoms(), 3u);
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string(kWater)) utf16 += {c, '\0'};
  EXPECT_EQ(read(utf16).topology.n_atoms(), 3u);
  utf16.pop_back();  // half a character
  EXPECT_THROW(read(utf16), engine::InputError);
}

TEST_F(Pdb, NamesTheFormatOfMmcifFiles) {
  const std::string message = tests::message_of<engine::InputError>([&] {
    read("data_1ABC\nloop_\n_atom_site.group_PDB\nATOM   1    N N   . ALA A 1 1 ? 1.0 2.0 3.0\n");
  });
  EXPECT_THAT(message, testing::HasSubstr(":1: the file is mmCIF, expected the older PDB format"));
}

TEST_F(Pdb, ConnectRecordsBecomeBondsOnce) {
  const io::PdbStructure pdb = read(kWater +
                                    "CONECT    1    2    3\n"
                                    "CONECT    2    1\n"
                                    "CONECT    1    2    2\n");
  ASSERT_EQ(pdb.topology.bonds.size(), 2u);
  EXPECT_EQ(pdb.topology.bonds[0].second, 1u);
  EXPECT_EQ(pdb.topology.bonds[1].second, 2u);
}

TEST_F(Pdb, KeepsTheAlternateLocationOfHighestOccupancyOfAResidue) {
  const io::PdbStructure pdb = read(
      "ATOM      1  CA AALA A   1       1.000   0.000   0.000  0.30  0.00           C\n"
      "ATOM      2  CA BALA A   1       2.000   0.000   0.000  0.70  0.00           C\n"
      "ATOM      3  CB AALA A   1       3.000   0.000   0.000  0.50  0.00           C\n"
      "ATOM      4  CB BALA A   1       4.000   0.000   0.000  0.50  0.00           C\n"
      "CONECT    1    3\n"
      "CONECT    2    4\n");
  ASSERT_EQ(pdb.topology.n_atoms(), 2u);
  EXPECT_DOUBLE_EQ(pdb.positions.chain(0)[0], 0.2);
  // B has 0.60 on average, A 0.40: also where the two are equal, B is taken.
  EXPECT_DOUBLE_EQ(pdb.positions.chain(0)[3], 0.4);
  ASSERT_EQ(pdb.topology.bonds.size(), 1u);
}

TEST_F(Pdb, TerSeparatesChainsOfOneIdentifier) {
  std::string second = kWater;
  for (std::size_t n = second.find("A   1"); n != std::string::npos; n = second.find("A   1"))
    second.replace(n, 5, "A   2");
  const io::PdbStructure pdb = read(kWater + "TER\n" + second);
  ASSERT_EQ(pdb.topology.residues.size(), 2u);
  EXPECT_EQ(pdb.topology.residues[0].chain_index, 0u);
  EXPECT_EQ(pdb.topology.residues[1].chain_index, 1u);
}

TEST_F(Pdb, ReadsModels) {
  std::string moved = kWater;
  moved.replace(moved.find("1.000"), 5, "9.000");
  const io::PdbStructure pdb =
      read("MODEL        1\n" + kWater + "ENDMDL\nMODEL        2\n" + moved + "ENDMDL\nEND\n");
  ASSERT_EQ(pdb.positions.n_chains(), 2u);
  EXPECT_DOUBLE_EQ(pdb.positions.chain(0)[0], 0.1);
  EXPECT_DOUBLE_EQ(pdb.positions.chain(1)[0], 0.9);
}

TEST_F(Pdb, TakesElementsFromNamesWhenTheColumnsAreBlank) {
  const io::PdbStructure pdb = read(
      "ATOM      1 1HH3 ACE     1       0.000   0.000   0.000\n"
      "ATOM      2  CA  ACE     1       0.000   0.000   1.000\n"
      "ATOM      3 CL1  ACE     1       0.000   0.000   2.000\n"
      "HETATM    4 CA   CA      2       0.000   0.000   3.000\n"
      "HETATM    5 NA   NA      3       0.000   0.000   4.000\n");
  std::vector<int> elements;
  for (const engine::Atom& atom : pdb.topology.atoms) elements.push_back(atom.atomic_number);
  EXPECT_EQ(elements, (std::vector<int>{1, 6, 17, 20, 11}));
}

TEST_F(Pdb, WrittenFilesReadBackTheSame) {
  io::PdbStructure pdb = read(kWater + "CONECT    1    2    3\n");
  engine::CoordinateBatch two(2, 3);
  for (std::size_t n = 0; n < two.values().size(); ++n)
    two.values()[n] = pdb.positions.values()[n % 9] - 0.0123 * static_cast<double>(n);
  io::write_pdb(folder_.file("y.pdb"), pdb.topology, two.view());
  const io::PdbStructure again = io::read_pdb(folder_.file("y.pdb"));
  ASSERT_EQ(again.positions.n_chains(), 2u);
  constexpr double kRounding = 0.5e-4 + 1e-12;  // three decimals of an angstrom
  for (std::size_t n = 0; n < two.values().size(); ++n)
    EXPECT_NEAR(again.positions.values()[n], two.values()[n], kRounding);
  ASSERT_EQ(again.topology.n_atoms(), 3u);
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(again.topology.describe_atom(n), pdb.topology.describe_atom(n));
    EXPECT_EQ(again.topology.atoms[n].atomic_number, pdb.topology.atoms[n].atomic_number);
  }
  EXPECT_EQ(again.topology.neighbours(), pdb.topology.neighbours());
}

TEST_F(Pdb, RefusesWhatIsNoPdb) {
  EXPECT_EQ(message_of<FileError>([] { io::read_pdb("/no/such.pdb"); }),
            "/no/such.pdb: cannot be opened for reading: No such file or directory");
  EXPECT_EQ(error("hello\n"), "x.pdb: no ATOM or HETATM record, expected a PDB file");
  EXPECT_EQ(error(""), "x.pdb: no ATOM or HETATM record, expected a PDB file");
}

TEST_F(Pdb, RefusesMalformedCoordinates) {
  EXPECT_EQ(error(kO + "HETATM    2  H1  HOH A   1       1.957   2.x00   3.000\n"),
            "x.pdb:2: y in columns 39-46 is '2.x00', expected a finite number");
  EXPECT_EQ(error(kO + "HETATM    2  H1  HOH A   1       1.957   2.000     nan\n"),
            "x.pdb:2: z in columns 47-54 is 'nan', expected a finite number");
  EXPECT_EQ(error(kO + "HETATM    2  H1  HOH A   1               2.000   3.000\n"),
            "x.pdb:2: x in columns 31-38 is '', expected a finite number");
  EXPECT_EQ(error(kO + "HETATM    2  H1  HOH A   1       1.957   2.000   3.00\n"),
            "x.pdb:2: the HETATM record ends at column 53, before its coordinates do (column 54)");
  EXPECT_EQ(
      error(kO + "HETATM\t2\tH1\tHOH\tA\t1\t1.957\t2.000\t3.000\t1.00\t0.00\tH and more text\n"),
      "x.pdb:2: the HETATM record contains a tab, expected fixed columns");
}

TEST_F(Pdb, RefusesOtherMalformedFields) {
  EXPECT_EQ(error("HETATM    2  H1  HOH A  1x       1.957   2.000   3.000\n"),
            "x.pdb:1: the residue number in columns 23-26 is '1x', expected an integer");
  EXPECT_EQ(error("HETATM    2      HOH A   1       1.957   2.000   3.000\n"),
            "x.pdb:1: the atom name in columns 13-16 is missing");
  EXPECT_EQ(error("HETATM    2  H1      A   1       1.957   2.000   3.000\n"),
            "x.pdb:1: the residue name in columns 18-20 is missing");
  EXPECT_EQ(error("HETATM    2  H1  HOH A   1       1.957   2.000   3.000  much\n"),
            "x.pdb:1: the occupancy in columns 55-60 is 'much', expected a finite number");
  EXPECT_EQ(error("ATOM10000002  H1 HOH A   1       1.957   2.000   3.000\n"),
            "x.pdb:1: the record name in columns 1-6 is 'ATOM10', expected ATOM or HETATM");
  EXPECT_EQ(error("HETATM    2  QQ  HOH A   1       1.957   2.000   3.000\n"),
            "x.pdb:1: the element of atom QQ does not follow from its name; write it in columns "
            "77-78");
  EXPECT_EQ(
      error("HETATM    2  QQ  HOH A   1       1.957   2.000   3.000  1.00  0.00          Xx\n"),
      "x.pdb:1: the element of atom QQ, 'Xx' in columns 77-78, is unknown");
}

TEST_F(Pdb, RefusesModelsOfDifferentAtoms) {
  EXPECT_EQ(error("MODEL        1\n" + kWater + "ENDMDL\nMODEL        2\n" + kO + "ENDMDL\n"),
            "x.pdb:7: model 2 has 1 atoms, model 1 has 3");
  EXPECT_EQ(error("MODEL        1\n" + kWater + "ENDMDL\nMODEL        2\n" + kO + kH2 + kH1),
            "x.pdb:8: atom 2 of model 2 is H2 of HOH 1, in model 1 it is H1 of HOH 1");
}

TEST_F(Pdb, RefusesConnectionsThatMakeNoSense) {
  EXPECT_EQ(error(kWater + "CONECT    1    9\n"),
            "x.pdb:4: the CONECT record names atom 9, which the file does not have");
  EXPECT_EQ(error(kWater + "CONECT    1    1\n"),
            "x.pdb:4: the CONECT record bonds atom 1 to itself");
  EXPECT_EQ(error(kWater + "CONECT    1\n"),
            "x.pdb:4: the CONECT record names fewer than two atoms");
  EXPECT_EQ(error(kO + kO + kH2 + "CONECT    3    1\n"),
            "x.pdb:4: the CONECT record names atom 1, but more than one atom has this serial "
            "number");
}

TEST_F(Pdb, RefusesAResidueOfTwoNamesWithoutLetters) {
  EXPECT_EQ(
      error("ATOM      1  N   ALA A   1       1.000   0.000   0.000  1.00  0.00           N\n"
            "ATOM      2  CA BSER A   1       2.000   0.000   0.000  0.70  0.00           C\n"),
      "x.pdb:2: residue 1 is both ALA and SER, which its alternate locations do not tell apart; "
      "expected a letter in column 17 for each atom of either");
}

TEST_F(Pdb, NamesCoordinatesThatAreNoPlaces) {
  const std::string start = kO + "HETATM    2  H1  HOH A   1    ";
  for (const char* x : {"1.0e+300", "   -1e30", "     1e9", "10000000"})
    EXPECT_EQ(
        error(start + x + "   2.000   3.000\n"),
        std::string("x.pdb:2: the coordinate x in columns 31-38 is '") +
            (x + std::string(x).find_first_not_of(' ')) +
            "' angstrom, which is not a valid coordinate; expected -999.999 to 9999.999, as the "
            "columns hold");
  EXPECT_EQ(error(start + "   1.957   2.000-1.0e+30\n"),
            "x.pdb:2: the coordinate z in columns 47-54 is '-1.0e+30' angstrom, which is not a "
            "valid coordinate; expected -999.999 to 9999.999, as the columns hold");
  // A number of nine characters shifts what follows.
  EXPECT_EQ(error(start + "12345.678   2.000   3.000\n"),
            "x.pdb:2: y in columns 39-46 is '8   2.00', expected a finite number; a number before "
            "it may be too wide for its columns");
  EXPECT_EQ(
      read(kO + "HETATM    2  H1  HOH A   1    9999.999-999.999   3.000\n").positions.chain(0)[3],
      999.9999);
}

TEST_F(Pdb, ReadsResidueNumbersOfFiveDigits) {
  const io::PdbStructure pdb = read(
      "HETATM    1  O   HOH A10000      1.000   2.000   3.000\n"
      "HETATM    2  O   HOH A10001      1.957   2.000   3.000\n"
      "HETATM    3  O   HOH A1000A      1.957   2.000   3.000\n");
  ASSERT_EQ(pdb.topology.residues.size(), 3u);
  EXPECT_EQ(pdb.topology.residues[1].number, 10001);
  EXPECT_EQ(pdb.topology.residues[1].insertion_code, "");
  EXPECT_EQ(pdb.topology.residues[2].number, 1000);
  EXPECT_EQ(pdb.topology.residues[2].insertion_code, "A");
  EXPECT_EQ(error("HETATM    1  O   HOH A 1001      1.000   2.000   3.000\n"),
            "x.pdb:1: the insertion code in column 27 is '1', expected a letter or a blank; the "
            "fields before it may be shifted");
}

TEST_F(Pdb, ReadsTheUnitCell) {
  const io::PdbStructure pdb =
      read("CRYST1   25.750   30.000   40.000  90.00  60.00  90.00 P 1           1\n" + kWater);
  ASSERT_TRUE(pdb.box.has_value());
  EXPECT_DOUBLE_EQ(pdb.box->edges_nm[0], 2.575);
  EXPECT_DOUBLE_EQ(pdb.box->angles_rad[1], 1.0471975511965976);
  EXPECT_EQ(pdb.box->line, 1u);
  EXPECT_FALSE(read(kWater).box.has_value());
  EXPECT_EQ(error("CRYST1   25.750   30.000\n" + kWater),
            "x.pdb:1: the CRYST1 record ends at column 24, before its edges and angles do (column "
            "54)");
  EXPECT_EQ(error("CRYST1   25.750  -30.000   40.000  90.00  60.00  90.00\n" + kWater),
            "x.pdb:1: edge b in columns 16-24 is negative, expected the length of the unit cell in "
            "angstrom");
}

TEST_F(Pdb, ReadsTheSpaceGroup) {
  const std::string cell = "CRYST1   25.750   30.000   40.000  90.00  90.00  90.00";
  EXPECT_EQ(read(cell + " P 21 21 21    4\n" + kWater).box.value().space_group, "P 21 21 21");
  EXPECT_EQ(read(cell + "\n" + kWater).box.value().space_group, "");
}

TEST_F(Pdb, HasOneUnitCell) {
  const std::string cell = "CRYST1   25.750   30.000   40.000  90.00  90.00  90.00 P 1\n";
  const std::string other = "CRYST1   25.750   30.000   40.000  90.00  90.00  80.00 P 1\n";
  EXPECT_TRUE(read(cell + cell + kWater).box.has_value());
  EXPECT_EQ(error(cell + other + kWater),
            "x.pdb:2: a second CRYST1 record, of another unit cell than that of line 1; remove one "
            "of the two");
  // Files that were put together: the first atoms are not in the second cell.
  EXPECT_THAT(error(cell + kWater + other + kWater), testing::HasSubstr("a second CRYST1 record"));
  // Frames of a trajectory have a cell each.
  const std::string end = "ENDMDL\n";
  const io::PdbStructure frames =
      read(cell + "MODEL        1\n" + kWater + end + other + "MODEL        2\n" + kWater + end);
  EXPECT_EQ(frames.positions.n_chains(), 2u);
  EXPECT_EQ(frames.box.value().line, 1u);
}

TEST_F(Pdb, ReadsDeuteriumAndTritium) {
  const io::PdbStructure pdb = read(
      "HETATM    1  O   DOD A   1       1.000   2.000   3.000  1.00  0.00           O\n"
      "HETATM    2  D1  DOD A   1       1.957   2.000   3.000\n"
      "HETATM    3  H2  DOD A   1       0.760   2.927   3.000  1.00  0.00           T\n");
  EXPECT_EQ(pdb.topology.atoms[1].atomic_number, 1);
  EXPECT_EQ(pdb.topology.atoms[2].atomic_number, 1);
  EXPECT_EQ(pdb.isotope_masses, (std::vector<double>{0.0, 2.014, 3.016}));
  EXPECT_TRUE(read(kWater).isotope_masses.empty());
  // The element decides, and not every name with D is one of deuterium.
  EXPECT_TRUE(read("HETATM    1  D1  DOD A   1       1.957   2.000   3.000  1.00  0.00           H")
                  .isotope_masses.empty());
  EXPECT_EQ(error("HETATM    2 DUM  HOH A   1       1.957   2.000   3.000\n"
                  "HETATM    3 DUM2 HOH A   1       1.957   2.000   3.000\n"),
            "x.pdb:1: the element of atom DUM does not follow from its name; write it in columns "
            "77-78");
}

TEST_F(Pdb, SaysWhatItDoesNotUse) {
  std::string partial = kWater;
  partial.replace(partial.find("1.00  0.00"), 4, "0.50");
  EXPECT_THAT(
      read("MTRIX1   2  0.500000  0.000000  0.000000        0.00000\n"
           "REMARK 350   BIOMT1   1  1.000000  0.000000  0.000000        0.00000\n"
           "REMARK 350   BIOMT1   2 -1.000000  0.000000  0.000000        0.00000\n"
           "NOTE  any\nNOTE  any\n" +
           partial)
          .notes,
      testing::ElementsAre(
          testing::EndsWith(
              "x.pdb:1: MTRIX records ask for further copies of the atoms, which are not made"),
          testing::EndsWith("x.pdb:3: REMARK 350 builds an assembly of several copies of the "
                            "atoms; only the atoms of the file are used"),
          testing::EndsWith(
              "x.pdb:4: 'NOTE' is not a record of the PDB format; 2 such lines were not used"),
          testing::EndsWith("x.pdb:6: an atom without alternate location has an occupancy below 1; "
                            "it is taken as fully occupied")));
  EXPECT_TRUE(read("MTRIX1   1  1.000000  0.000000  0.000000        0.00000    1\n" + kWater)
                  .notes.empty());
  EXPECT_EQ(error("atom      1  O   HOH A   1       1.000   2.000   3.000\n" + kWater),
            "x.pdb:1: the record name in columns 1-6 is 'atom', expected ATOM in capitals");
}

TEST_F(Pdb, ReadsChargesOfIons) {
  const io::PdbStructure pdb = read(
      "HETATM    1 ZN    ZN A   1       1.000   2.000   3.000  1.00  0.00          ZN2+\n"
      "HETATM    2 CL    CL A   2       1.000   2.000   9.000  1.00  0.00          CL1-\n");
  ASSERT_EQ(pdb.ion_charges.size(), 2u);
  EXPECT_EQ(pdb.ion_charges[0].charge, 2);
  EXPECT_EQ(pdb.ion_charges[1].charge, -1);
  EXPECT_EQ(pdb.ion_charges[1].line, 2u);
}

TEST_F(Pdb, RefusesToWriteWhatDoesNotFit) {
  io::PdbStructure pdb = read(kWater);
  pdb.positions.values()[4] = 1e5;
  EXPECT_EQ(
      message_of<InputError>([&] { io::write_pdb("y.pdb", pdb.topology, pdb.positions.view()); }),
      "y.pdb: cannot write: coordinate 1000000.000000 angstrom of atom H1 of residue HOH 1 of "
      "chain A does not fit the columns");
  EXPECT_EQ(message_of<FileError>([&] {
              io::write_pdb("/no/such/y.pdb", read(kWater).topology, read(kWater).positions.view());
            }),
            "/no/such/y.pdb: cannot be opened for writing");
}

}  // namespace
}  // namespace saltus::tests
