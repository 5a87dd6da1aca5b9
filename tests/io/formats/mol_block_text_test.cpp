// Oracle: the block written out by hand. That RDKit reads it is what tests/e2e/check_rdkit_lines.py
// shows.
#include "io/formats/mol_block_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace saltus::io {
namespace {

TEST(MolBlockText, HasAtomsBondsChargesIsotopesAndElectrons) {
  engine::MoleculeTable molecule;
  molecule.atoms = {{7, 1, 0, 0}, {1, 0, 2, 0}, {6, 0, 0, 1}};
  molecule.bonds = {{0, 1, 1}, {0, 2, 2}};
  const std::vector<double> x = {0.0, 0.1, -0.25, 0.01234567, 0.0, 0.0, 1.0, 2.0, 3.0};
  EXPECT_EQ(mol_block("a\nname", molecule, x),
            "a\\nname\n  Saltus            3D\n\n"
            "  0  0  0     0  0            999 V3000\nM  V30 BEGIN CTAB\n"
            "M  V30 COUNTS 3 2 0 0 0\nM  V30 BEGIN ATOM\n"
            "M  V30 1 N 0.000000 1.000000 -2.500000 0 CHG=1\n"
            "M  V30 2 H 0.123457 0.000000 0.000000 0 MASS=2\n"
            "M  V30 3 C 10.000000 20.000000 30.000000 0 RAD=2\n"
            "M  V30 END ATOM\nM  V30 BEGIN BOND\nM  V30 1 1 1 2\nM  V30 2 2 1 3\n"
            "M  V30 END BOND\nM  V30 END CTAB\nM  END\n");
}

}  // namespace
}  // namespace saltus::io
