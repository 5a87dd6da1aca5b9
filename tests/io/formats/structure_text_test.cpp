// Oracle: an SD record and an XYZ frame written by hand from the description of the formats.
#include "io/formats/structure_text.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/errors.h"

namespace saltus::io {
namespace {

engine::MoleculeTable hydroxide() {
  engine::MoleculeTable table;
  table.atoms = {{8, -1, 18, 0}, {1, 0, 0, 0}};
  table.bonds = {{0, 1, 1}};
  return table;
}
const std::vector<double> kPositions = {0.0, -0.1, 0.25, 0.096, 0.0, 12.34567};

TEST(SdfRecord, IsLaidOutByColumns) {
  EXPECT_EQ(sdf_record("a\nname", "Saltus", hydroxide(), kPositions, {{"energy", "-1.5"}}),
            "a name\n  Saltus            3D\n\n"
            "  2  1  0  0  0  0  0  0  0  0999 V2000\n"
            "    0.0000   -1.0000    2.5000 O   0  0  0  0  0  0  0  0  0  0  0  0\n"
            "    0.9600    0.0000  123.4567 H   0  0  0  0  0  0  0  0  0  0  0  0\n"
            "  1  2  1  0\n"
            "M  CHG  1   1  -1\nM  ISO  1   1  18\nM  END\n"
            ">  <energy>\n-1.5\n\n$$$$\n");
}

TEST(SdfRecord, IsNotEndedByAName) {
  EXPECT_EQ(sdf_record("$$$$", "x", hydroxide(), kPositions, {}).substr(0, 6), " $$$$\n");
}

TEST(SdfRecord, WritesEightChargesALine) {
  engine::MoleculeTable ions;
  ions.atoms.assign(9, {11, 1, 0, 0});
  const std::string text = sdf_record("", "x", ions, std::vector<double>(27, 0.0), {});
  EXPECT_NE(text.find("M  CHG  8   1   1   2   1   3   1   4   1   5   1   6   1   7   1   8   1\n"
                      "M  CHG  1   9   1\n"),
            std::string::npos);
}

TEST(SdfRecord, RefusesWhatItCannotHold) {
  engine::MoleculeTable large;
  large.atoms.resize(1000);
  EXPECT_EQ(tests::message_of<engine::InputError>(
                [&] { sdf_record("big", "x", large, std::vector<double>(3000, 0.0), {}); }),
            "'big': an SD file (V2000) holds at most 999 atoms and bonds");
  std::vector<double> far = kPositions;
  far[0] = 1e4;
  EXPECT_EQ(
      tests::message_of<engine::InputError>([&] { sdf_record("far", "x", hydroxide(), far, {}); }),
      "'far': a coordinate does not fit into an SD file");
}

TEST(XyzFrame, HasElementsAndAngstrom) {
  EXPECT_EQ(xyz_frame("one\ntwo", hydroxide(), kPositions),
            "2\none two\n"
            "O        0.000000      -1.000000       2.500000\n"
            "H        0.960000       0.000000     123.456700\n");
}

}  // namespace
}  // namespace saltus::io
