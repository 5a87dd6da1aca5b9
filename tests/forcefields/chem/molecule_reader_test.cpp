// Oracle: molecules, positions and messages written out by hand.
#include "forcefields/chem/molecule_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using engine::FileError;
using engine::InputError;
using forcefields::ChemMolecule;
using forcefields::parse_smiles;
using forcefields::read_sdf;
using forcefields::SdfReader;
using forcefields::with_hydrogens;
using testing::ElementsAre;

const std::string kWater =
    "water\n"
    "     by hand        3D\n"
    "\n"
    "  3  2  0  0  0  0  0  0  0  0999 V2000\n"
    "    0.0000    0.0000    0.0000 O   0  0  0  0  0  0  0  0  0  0  0  0\n"
    "    0.0000    0.9600    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0\n"
    "    0.9300   -0.2400    0.0000 H   0  0  0  0  0  0  0  0  0  0  0  0\n"
    "  1  2  1  0\n"
    "  1  3  1  0\n"
    "M  END\n";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) ADD_FAILURE() << "no '" << from << "' to change";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

class SdfFiles : public testing::Test {
 protected:
  std::vector<ChemMolecule> read(const std::string& text) const {
    return read_sdf(folder_.write("x.sdf", text));
  }
  /// Message without the folder.
  std::string error(const std::string& text) const {
    const std::string message = message_of<InputError>([&] { read(text); });
    return changed(message, folder_.path() + "/", "");
  }
  TemporaryFolder folder_;
};

TEST_F(SdfFiles, GiveAtomsBondsAndPositions) {
  const std::vector<ChemMolecule> molecules = read(kWater);
  ASSERT_EQ(molecules.size(), 1u);
  const ChemMolecule& water = molecules[0];
  EXPECT_EQ(water.name, "water");
  EXPECT_EQ(water.source, folder_.file("x.sdf") + ":1: molecule 1");
  ASSERT_EQ(water.n_atoms(), 3u);
  EXPECT_EQ(water.topology.atoms[0].name, "O1");
  EXPECT_EQ(water.topology.atoms[2].name, "H2");
  EXPECT_EQ(water.topology.atoms[2].atomic_number, 1);
  ASSERT_EQ(water.topology.residues.size(), 1u);
  EXPECT_EQ(water.topology.residues[0].name, "water");
  ASSERT_EQ(water.topology.bonds.size(), 2u);
  EXPECT_EQ(water.topology.bonds[1].second, 2u);
  EXPECT_EQ(water.describe_atom(0), "atom 1 (O)");
  ASSERT_EQ(water.positions_nm.size(), 9u);
  EXPECT_DOUBLE_EQ(water.positions_nm[4], 0.096);
  EXPECT_DOUBLE_EQ(water.positions_nm[7], -0.024);
  EXPECT_TRUE(water.notes.empty());
}

TEST_F(SdfFiles, MayHoldManyMoleculesFieldsAndBlankTitles) {
  const std::string untitled = kWater.substr(kWater.find('\n'));
  const auto molecules =
      read(kWater + "> <pKa>\n15.7\n\n$$$$\n" + untitled + "$$$$\r\n" + kWater + "$$$$\n\n \n");
  ASSERT_EQ(molecules.size(), 3u);
  EXPECT_EQ(molecules[1].name, "");
  EXPECT_EQ(molecules[1].topology.residues[0].name, "MOL");
  EXPECT_EQ(molecules[1].source, folder_.file("x.sdf") + ":15: molecule 2");
}

TEST_F(SdfFiles, OfDrawingsHaveNoPositions) {
  const auto molecules = read(changed(kWater, "3D", "2D"));
  EXPECT_TRUE(molecules[0].positions_nm.empty());
  EXPECT_THAT(molecules[0].notes,
              ElementsAre(folder_.file("x.sdf") +
                          ":1: molecule 1: it has only 2D coordinates (all z are 0, and \"3D\" "
                          "is not in columns 21-22 of the second line)"));
}

TEST_F(SdfFiles, AreReadOnAfterAnError) {
  SdfReader reader(folder_.write("x.sdf", changed(kWater, " O ", " Q ") + "$$$$\n" + kWater));
  EXPECT_FALSE(reader.at_end());
  EXPECT_THROW(reader.next(), InputError);
  const auto second = reader.next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->n_atoms(), 3u);
  EXPECT_TRUE(reader.at_end());
  EXPECT_FALSE(reader.next().has_value());
}

TEST_F(SdfFiles, ThatAreBrokenAreRefusedWithTheirLine) {
  EXPECT_EQ(error(""), "x.sdf: no molecule, expected an MDL mol or SD file");
  EXPECT_EQ(error(" \n\n"), "x.sdf: no molecule, expected an MDL mol or SD file");
  EXPECT_EQ(
      error(changed(kWater, "0.9600", "0.9x00")),
      "x.sdf:6:11: molecule 1 is not mol data: expected a coordinate, a number, got '0.9x00'");
  EXPECT_EQ(error(changed(kWater, " O ", " Qq")),
            "x.sdf:5:32: molecule 1 is not mol data: 'Qq' is not an element");
  EXPECT_EQ(
      error("HEADER    A PDB FILE\n"),
      "x.sdf:1: molecule 1 is not mol data: it ends here, expected a counts line as the fourth "
      "line of the record");
  EXPECT_EQ(error(changed(kWater, "  1  3  1", "  1  1  1")),
            "x.sdf:9: molecule 1 is not mol data: a bond of atom 1 with itself");
  EXPECT_EQ(
      error(kWater + "$$$$\n" + changed(kWater, "  3  2", " x3  2")),
      "x.sdf:15:1: molecule 2 is not mol data: expected the number of atoms in columns 1-3, a "
      "whole number, got 'x3'");
}

TEST_F(SdfFiles, OfImpossibleChemistryAreRefused) {
  EXPECT_EQ(error(changed(kWater, "  1  3  1", "  1  3  3")),
            "x.sdf:1: molecule 1: atom 1 has more bonds than its element and charge allow");
  EXPECT_EQ(error(changed(kWater, " O ", " A ")),
            "x.sdf:1: molecule 1: atom 1 is a placeholder, expected an element; fill in what it "
            "stands for");
  EXPECT_EQ(error(changed(kWater, "  1  3  1", "  1  3  8")),
            "x.sdf:1: molecule 1: the bond of atom 1 (O) and atom 3 (H) is a query, expected a "
            "single, double, triple or aromatic bond");
}

TEST_F(SdfFiles, ThatAreNotThere) {
  EXPECT_EQ(message_of<FileError>([] { read_sdf("nowhere.sdf"); }),
            "nowhere.sdf: cannot be opened for reading");
  EXPECT_EQ(message_of<FileError>([] { read_sdf("/"); }), "/: cannot be read");
}

TEST(Smiles, GetHydrogensBehindTheOthers) {
  const ChemMolecule ethanol = parse_smiles("CCO ethanol");
  EXPECT_EQ(ethanol.name, "ethanol");
  ASSERT_EQ(ethanol.n_atoms(), 9u);
  EXPECT_EQ(ethanol.topology.atoms[2].name, "O1");
  EXPECT_EQ(ethanol.topology.atoms[8].name, "H6");
  EXPECT_TRUE(ethanol.positions_nm.empty());
}

TEST(Smiles, ThatAreWrongAreRefused) {
  const auto message = [](const std::string& text) {
    return message_of<InputError>([&] { parse_smiles(text); });
  };
  EXPECT_EQ(message("C1CC"), "SMILES 'C1CC': ring bond 1, opened at character 2, is not closed");
  EXPECT_EQ(message("C("), "SMILES 'C(': the branch opened with ( at character 2 is not closed");
  EXPECT_EQ(message("Cx"),
            "SMILES 'Cx': character 2: 'x' is not a symbol; elements other than B, C, N, O, P, S, "
            "F, Cl, Br and I are written in brackets");
  EXPECT_EQ(
      message("\xff\xfe"),
      "SMILES '\xff\xfe': character 1 is byte 0xFF, which no SMILES string contains: remove it");
  EXPECT_EQ(message("C=="),
            "SMILES 'C==': not a SMILES string: a symbol is unknown, or a bracket, ring or branch "
            "is left open");
  EXPECT_EQ(message_of<InputError>([] { parse_smiles(""); }),
            "SMILES '': no atoms, expected at least one");
  EXPECT_EQ(message_of<InputError>([] { parse_smiles("CN(C)(C)(C)C"); }),
            "SMILES 'CN(C)(C)(C)C': atom 2 has more bonds than its element and charge allow");
  EXPECT_EQ(message_of<InputError>([] { parse_smiles("c1cccc1"); }),
            "SMILES 'c1cccc1': the aromatic bonds of atoms 1, 2, 3, 4, 5 cannot be written as "
            "single and double ones; a charge or a hydrogen on nitrogen may be missing");
  EXPECT_EQ(
      message_of<InputError>([] { parse_smiles("C*"); }),
      "SMILES 'C*': atom 2 is a placeholder, expected an element; fill in what it stands for");
}

TEST_F(SdfFiles, GetHydrogensWithIdealPositions) {
  const auto bare = read(
      "methane\n     by hand        3D\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"
      "    1.0000    2.0000    3.0000 C   0  0  0  0  0  0  0  0  0  0  0  0\nM  END\n");
  const ChemMolecule methane = with_hydrogens(bare[0]);
  ASSERT_EQ(methane.n_atoms(), 5u);
  EXPECT_EQ(methane.name, "methane");
  EXPECT_DOUBLE_EQ(methane.positions_nm[1], 0.2);
  for (std::size_t h = 1; h < 5; ++h) {
    double square = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double d = methane.positions_nm[3 * h + k] - methane.positions_nm[k];
      square += d * d;
    }
    // A carbon-hydrogen bond has 0.109 nm.
    EXPECT_NEAR(square, 0.109 * 0.109, 0.004 * 0.109);
  }
}

}  // namespace
}  // namespace saltus::tests
