// Oracle: the energy OpenMM 7.7's own prmtop reader and Reference platform give for a file whose
// CMAP sections are written here, one entry of a map worked out by hand, and the exact message for
// each way such sections can be wrong.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/amber/inpcrd.h"
#include "forcefields/amber/prmtop.h"
#include "tests/forcefields/reference_data.h"

namespace saltus::tests {
namespace {

using forcefields::AmberMolecule;

/// As tleap writes them for ff19SB, with smaller maps of made-up numbers. Map 1 belongs to phi and
/// psi of the alanine, map 2 to the torsions before and after its first bond.
const std::string kSections = R"(%FLAG CMAP_COUNT
%COMMENT Number of CMAP terms, number of unique CMAP parameters
%FORMAT(2I8)
       2       2
%FLAG CMAP_RESOLUTION
%FORMAT(20I4)
   4   6
%FLAG CMAP_PARAMETER_01
%COMMENT  ALA
%FORMAT(8(F9.5))
 -1.25000  0.75000 -1.25000  1.00000 -0.75000 -1.00000  0.25000  0.25000
 -1.00000 -0.75000  1.00000 -1.25000  0.75000 -1.25000  1.00000 -0.75000
%FLAG CMAP_PARAMETER_02
%FORMAT(8(F9.5))
 -0.75000  0.37500  0.00000 -0.25000 -0.37500 -0.37500 -0.25000  0.00000
  0.37500 -0.75000 -0.12500  0.62500 -0.12500 -0.75000  0.37500  0.00000
 -0.25000 -0.37500 -0.37500 -0.25000  0.00000  0.37500 -0.75000 -0.12500
  0.62500 -0.12500 -0.75000  0.37500  0.00000 -0.25000 -0.37500 -0.37500
 -0.25000  0.00000  0.37500 -0.75000
%FLAG CMAP_INDEX
%FORMAT(6I8)
       5       7       9      15      17       1
       2       5       7       9      15       2
)";

AmberMolecule molecule_with(const std::string& sections) {
  return forcefields::read_prmtop(
      write_text(testing::TempDir(), "maps.prmtop",
                 read_text(data_path("alanine_dipeptide.prmtop")) + sections),
      {});
}

TEST(PrmtopCorrectionMaps, AreReadInTheEnginesOrder) {
  const AmberMolecule molecule = molecule_with(kSections);
  EXPECT_TRUE(molecule.notes.empty());
  const engine::System& system = molecule.system;
  ASSERT_EQ(system.correction_maps.size(), 2u);
  const engine::CorrectionMap& map = system.correction_maps[0];
  EXPECT_EQ(map.size, 4u);
  EXPECT_EQ(system.correction_maps[1].size, 6u);
  ASSERT_EQ(map.energies.size(), 16u);
  // In the file, rows are the first torsion at -180, -90, 0, 90 degrees and columns the second.
  // First at 90, second at 0: fourth row, third column.
  EXPECT_DOUBLE_EQ(map.energies[1 + 4 * 0], 1.0 * 4.184);
  // First at 0, second at -90: third row, second column.
  EXPECT_DOUBLE_EQ(map.energies[0 + 4 * 3], -0.75 * 4.184);
}

TEST(PrmtopCorrectionMaps, TorsionsOverlapInThreeAtoms) {
  const engine::System system = molecule_with(kSections).system;
  ASSERT_EQ(system.correction_torsions.size(), 2u);
  EXPECT_EQ(system.correction_torsions[0].map, 0u);
  EXPECT_EQ(system.correction_torsions[0].first, (std::array<std::size_t, 4>{4, 6, 8, 14}));
  EXPECT_EQ(system.correction_torsions[0].second, (std::array<std::size_t, 4>{6, 8, 14, 16}));
  EXPECT_EQ(system.correction_torsions[1].map, 1u);
  EXPECT_EQ(system.correction_torsions[1].first, (std::array<std::size_t, 4>{1, 4, 6, 8}));
}

TEST(PrmtopCorrectionMaps, EnergyIsOpenMMs) {
  const engine::System system = molecule_with(kSections).system;
  const auto x = forcefields::read_inpcrd(data_path("alanine_dipeptide.inpcrd"), system.n_atoms())
                     .positions_nm;
  const auto terms = engine::PlainEnergy(system, nullptr).terms({x.data(), 1, system.n_atoms()});
  ASSERT_EQ(terms.size(), 5u);
  EXPECT_EQ(terms[4].name, "correction_maps");
  // The twelve digits OpenMM was asked for.
  EXPECT_NEAR(terms[4].energy, 1.34704300079, 1e-10);
}

TEST(PrmtopCorrectionMaps, FilesMayHaveNone) {
  EXPECT_TRUE(molecule_with("").system.correction_maps.empty());
}

/// What is said about kSections with its first `from` replaced, from the line's number on; the
/// sections start on line 282.
std::string message_after(const std::string& from, const std::string& to) {
  const std::string sections = with_replaced(kSections, from, to);
  const std::string message = message_of<engine::InputError>([&] { molecule_with(sections); });
  return message.substr(message.find("maps.prmtop"));
}

TEST(PrmtopCorrectionMapErrors, Sections) {
  EXPECT_EQ(message_after("%FLAG CMAP_COUNT", "%FLAG COUNT"),
            "maps.prmtop:286: section CMAP_RESOLUTION: not expected here: CMAP_COUNT is missing");
  EXPECT_EQ(message_after("CMAP_PARAMETER_02", "CMAP_PARAMETER_03"),
            "maps.prmtop:294: section CMAP_PARAMETER_03: not expected here: CMAP_COUNT has 2 maps");
  EXPECT_EQ(message_after("%FLAG CMAP_INDEX", "%FLAG CMAP_INDICES"),
            "maps.prmtop:301: section CMAP_INDICES: not expected here: CMAP_COUNT has 2 maps");
  EXPECT_EQ(message_after("%FORMAT(8(F9.5))", "%FORMAT(8(F9.5)"),
            "maps.prmtop:291: cannot read \"%FORMAT(8(F9.5)\", expected a Fortran format such as "
            "%FORMAT(5E16.8)");
}

TEST(PrmtopCorrectionMapErrors, Counts) {
  EXPECT_EQ(message_after("       2       2\n", "       2     100\n"),
            "maps.prmtop:285: section CMAP_COUNT, value 2: 100, expected 0 to 99");
  EXPECT_EQ(message_after("       2       2\n", "      -2       2\n"),
            "maps.prmtop:285: section CMAP_COUNT, value 1: -2, expected 0 to 100000000");
  EXPECT_EQ(message_after("       2       2\n", "       3       2\n"),
            "maps.prmtop:301: section CMAP_INDEX: has 12 values, expected 18");
  EXPECT_EQ(message_after("   4   6", "   4"),
            "maps.prmtop:286: section CMAP_RESOLUTION: has 1 values, expected 2");
}

TEST(PrmtopCorrectionMapErrors, Grids) {
  const std::string expected =
      ", expected an even number from 2 to 1000: 0 degrees must be a point of a grid that starts "
      "at -180";
  EXPECT_EQ(message_after("   4   6", "   4   5"),
            "maps.prmtop:288: section CMAP_RESOLUTION, value 2: 5" + expected);
  EXPECT_EQ(message_after("   4   6", "   0   6"),
            "maps.prmtop:288: section CMAP_RESOLUTION, value 1: 0" + expected);
  EXPECT_EQ(message_after("   4   6", "   6   6"),
            "maps.prmtop:289: section CMAP_PARAMETER_01: has 16 values, expected 36");
  EXPECT_EQ(message_after("  0.75000 -1.25000  1.00000", "     high -1.25000  1.00000"),
            "maps.prmtop:292: section CMAP_PARAMETER_01, value 2: \"high\", expected a number");
}

TEST(PrmtopCorrectionMapErrors, Indices) {
  EXPECT_EQ(message_after("      17       1\n", "      23       1\n"),
            "maps.prmtop:303: section CMAP_INDEX, value 5: atom 23, expected 1 to 22");
  EXPECT_EQ(message_after("       2       5       7", "       0       5       7"),
            "maps.prmtop:304: section CMAP_INDEX, value 7: atom 0, expected 1 to 22");
  EXPECT_EQ(message_after("      17       1\n", "      17       3\n"),
            "maps.prmtop:303: section CMAP_INDEX, value 6: map 3, expected 1 to 2");
}

}  // namespace
}  // namespace saltus::tests
