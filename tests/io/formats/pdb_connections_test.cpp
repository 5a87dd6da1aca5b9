// Oracle: hand-written LINK, SSBOND and CONECT records whose bonds are known.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/formats/pdb.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

const std::string kAtoms =
    "ATOM      1  N   GLY A   1       0.000   0.000   0.000  1.00  0.00           N\n"
    "ATOM      2  SG  CYS A   2       3.000   0.000   0.000  1.00  0.00           S\n"
    "ATOM      3  C   GLY A   3A      0.000   1.330   0.000  1.00  0.00           C\n"
    "ATOM      4  SG  CYS B   2       5.000   0.000   0.000  1.00  0.00           S\n"
    "HETATM    5 ZN    ZN B   3       5.000   2.300   0.000  1.00  0.00          ZN\n";

class PdbConnections : public testing::Test {
 protected:
  io::PdbStructure read(const std::string& records) {
    return io::read_pdb(folder_.write("x.pdb", kAtoms + records));
  }
  std::string note(const std::string& record) {
    const io::PdbStructure pdb = read(record);
    EXPECT_TRUE(pdb.topology.bonds.empty());
    return pdb.notes.size() == 1 ? pdb.notes[0].substr(pdb.notes[0].find("x.pdb")) : "";
  }
  TemporaryFolder folder_;
};

TEST_F(PdbConnections, ComeFromLinks) {
  const io::PdbStructure pdb = read(
      "LINK         N   GLY A   1                 C   GLY A   3A    1555   1555  1.33\n"
      "LINK         C   GLY A   3A                N   GLY A   1     1555   1555  1.33\n"
      "CONECT    1    3\n");
  ASSERT_EQ(pdb.topology.bonds.size(), 1u);
  EXPECT_EQ(pdb.topology.bonds[0].first, 0u);
  EXPECT_EQ(pdb.topology.bonds[0].second, 2u);
  EXPECT_THAT(pdb.bond_sources, ElementsAre(EndsWith("x.pdb:8: the CONECT record")));
  EXPECT_TRUE(pdb.notes.empty());
}

TEST_F(PdbConnections, ComeFromDisulfides) {
  const io::PdbStructure pdb =
      read("SSBOND   1 CYS A    2    CYS B    2                          1555   1555  2.00  \n");
  ASSERT_EQ(pdb.topology.bonds.size(), 1u);
  EXPECT_EQ(pdb.topology.bonds[0].first, 1u);
  EXPECT_EQ(pdb.topology.bonds[0].second, 3u);
  EXPECT_THAT(pdb.bond_sources, ElementsAre(EndsWith("x.pdb:6: the SSBOND record")));
}

TEST_F(PdbConnections, ThatMakeNoBondAreNoted) {
  EXPECT_EQ(note("LINK         N   GLY A   1                 C   GLY A   4     1555   1555  1.33"),
            "x.pdb:6: the LINK record of N of GLY 1 of chain A and C of GLY 4 of chain A names C "
            "of GLY 4 of chain A, which the file does not have; it makes no bond");
  EXPECT_EQ(note("LINK         N   GLY A   1                 C   GLY A   3A    1555   2655  1.33"),
            "x.pdb:6: the LINK record of N of GLY 1 of chain A and C of GLY 3A of chain A is one "
            "to a symmetry copy of the molecule; it makes no bond");
  const std::string metal =
      "x.pdb:6: the LINK record of atom SG of residue CYS 2 of chain B and atom ZN of residue ZN 3 "
      "of chain B is the coordination of a metal ion, no bond of a force field; it makes no bond";
  EXPECT_EQ(note("LINK         SG  CYS B   2                ZN    ZN B   3     1555   1555  2.30"),
            metal);
  EXPECT_THAT(read("CONECT    4    5\nCONECT    5    4\n").notes,
              ElementsAre(EndsWith("it makes no bond")));
}

}  // namespace
}  // namespace saltus::tests
