// Oracle: the rule of read_pdb applied by hand to short residues; x, in angstrom, tells which atom
// was kept.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "io/formats/pdb.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

struct Line {
  const char* name;
  char location;
  const char* residue;
  int number;
  double x, occupancy;
  const char* element = "C";
};

class PdbAlternates : public testing::Test {
 protected:
  io::PdbStructure read(const std::vector<Line>& lines, const std::string& more = "") {
    std::string text;
    int serial = 0;
    for (const Line& line : lines) {
      text += fmt::format(
          FMT_STRING("ATOM  {:5}  {:<3}{}{:>3} A{:4}    {:8.3f}   0.000   0.000{:6.2f}  0.00      "
                     "    {:>2}\n"),
          ++serial, line.name, line.location, line.residue, line.number, line.x, line.occupancy,
          line.element);
    }
    return io::read_pdb(folder_.write("x.pdb", text + more));
  }
  /// Kept x, in angstrom.
  std::vector<double> kept(const std::vector<Line>& lines) {
    const io::PdbStructure pdb = read(lines);
    std::vector<double> x;
    for (std::size_t n = 0; n < pdb.topology.n_atoms(); ++n)
      x.push_back(std::round(pdb.positions.chain(0)[3 * n] * 1e4) / 1e3);
    return x;
  }
  TemporaryFolder folder_;
};

using testing::ElementsAre;

TEST_F(PdbAlternates, AreChosenForTheResidue) {
  // Both have 2.00 in sum, which sums of doubles do not show.
  EXPECT_THAT(kept({{"CB", 'A', "ALA", 1, 1, 0.50},
                    {"CB", 'B', "ALA", 1, 2, 0.50},
                    {"HB1", 'A', "ALA", 1, 1, 0.49, "H"},
                    {"HB1", 'B', "ALA", 1, 2, 0.51, "H"},
                    {"HB2", 'A', "ALA", 1, 1, 0.51, "H"},
                    {"HB2", 'B', "ALA", 1, 2, 0.49, "H"}}),
              ElementsAre(1, 1, 1));
  EXPECT_THAT(kept({{"N", ' ', "ALA", 1, 0, 1},
                    {"CB", 'A', "ALA", 1, 1, 0.60},
                    {"CB", 'B', "ALA", 1, 2, 0.40},
                    {"HB1", 'A', "ALA", 1, 1, 0.10, "H"},
                    {"HB1", 'B', "ALA", 1, 2, 0.90, "H"}}),
              ElementsAre(0, 2, 2));
}

TEST_F(PdbAlternates, GoByTheLetterOnTiesAndNotByTheOrder) {
  EXPECT_THAT(kept({{"CB", 'B', "ALA", 1, 2, 0.50}, {"CB", 'A', "ALA", 1, 1, 0.50}}),
              ElementsAre(1));
}

TEST_F(PdbAlternates, OfEachResidueByItself) {
  EXPECT_THAT(kept({{"CB", 'A', "ALA", 1, 1, 0.30},
                    {"CB", 'B', "ALA", 1, 2, 0.70},
                    {"CB", 'A', "ALA", 2, 1, 0.70},
                    {"CB", 'B', "ALA", 2, 2, 0.30}}),
              ElementsAre(2, 1));
}

TEST_F(PdbAlternates, OfResiduesBondedThroughThemTogether) {
  // The bond C-N must not join two locations: 0.55 against 0.45 on average.
  EXPECT_THAT(kept({{"C", 'A', "ALA", 1, 1, 0.30},
                    {"C", 'B', "ALA", 1, 2, 0.70},
                    {"N", 'A', "ALA", 2, 1, 0.60, "N"},
                    {"N", 'B', "ALA", 2, 2, 0.40, "N"}}),
              ElementsAre(2, 2));
}

TEST_F(PdbAlternates, MayHaveDifferentResidueNames) {
  const std::vector<Line> lines = {{"N", 'A', "SER", 1, 1, 0.40, "N"},
                                   {"OG", 'A', "SER", 1, 1, 0.40, "O"},
                                   {"HG", 'A', "SER", 1, 1, 0.40, "H"},
                                   {"N", 'B', "ALA", 1, 2, 0.60, "N"}};
  const io::PdbStructure pdb = read(lines);
  EXPECT_EQ(pdb.topology.n_atoms(), 1u);
  ASSERT_EQ(pdb.topology.residues.size(), 1u);
  EXPECT_EQ(pdb.topology.residues[0].name, "ALA");
  EXPECT_THAT(pdb.notes,
              ElementsAre(testing::EndsWith("x.pdb: of alternate locations one for each residue is "
                                            "used, the most occupied: B of ALA 1 of chain A")));
}

TEST_F(PdbAlternates, ThatLackHeavyAtomsComeLast) {
  EXPECT_THAT(kept({{"CB", 'A', "LYS", 1, 1, 0.40},
                    {"CB", 'B', "LYS", 1, 2, 0.60},
                    {"CG", 'A', "LYS", 1, 1, 0.40}}),
              ElementsAre(1, 1));
  // Hydrogens may differ: a histidine has one or the other.
  EXPECT_THAT(kept({{"CB", 'A', "HIS", 1, 1, 0.40},
                    {"CB", 'B', "HIS", 1, 2, 0.60},
                    {"HD1", 'A', "HIS", 1, 1, 0.40, "H"}}),
              ElementsAre(2));
}

TEST_F(PdbAlternates, MayLackALetter) {
  EXPECT_THAT(kept({{"CB", ' ', "ALA", 1, 0, 0.60},
                    {"CB", 'B', "ALA", 1, 2, 0.40},
                    {"CA", ' ', "ALA", 1, 0, 1.00}}),
              ElementsAre(0, 0));
  EXPECT_THAT(kept({{"CB", ' ', "ALA", 1, 0, 0.40},
                    {"CB", 'B', "ALA", 1, 2, 0.60},
                    {"CA", ' ', "ALA", 1, 0, 1.00}}),
              ElementsAre(2, 0));
}

TEST_F(PdbAlternates, MayStandBehindTheOtherResidues) {
  EXPECT_THAT(kept({{"CB", 'A', "ALA", 1, 1, 0.30},
                    {"CB", ' ', "ALA", 2, 0, 1.00},
                    {"CB", 'B', "ALA", 1, 2, 0.70}}),
              ElementsAre(2, 0));
}

TEST_F(PdbAlternates, OfHydrogenAndDeuteriumAreOneSite) {
  const io::PdbStructure pdb = read(
      {{"H", 'A', "ALA", 1, 1, 0.35, "H"}, {"D", 'B', "ALA", 1, 2, 0.65, "D"}}, "CONECT    1    2");
  ASSERT_EQ(pdb.topology.n_atoms(), 1u);
  EXPECT_EQ(pdb.topology.atoms[0].name, "D");
  EXPECT_TRUE(pdb.topology.bonds.empty());
}

TEST_F(PdbAlternates, TakeTheirBondsWithThem) {
  // The sulfur of B has a bridge, that of A is far from any.
  const std::vector<Line> lines = {{"SG", 'A', "CYS", 1, 9, 0.60, "S"},
                                   {"SG", 'B', "CYS", 1, 2, 0.40, "S"},
                                   {"SG", ' ', "CYS", 2, 0, 1.00, "S"}};
  EXPECT_TRUE(read(lines, "CONECT    2    3\n").topology.bonds.empty());
}

}  // namespace
}  // namespace saltus::tests
