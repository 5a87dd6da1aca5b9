// Oracle: atoms counted by hand.
#include "forcefields/chem/torsion_query.h"

#include <gmock/gmock.h>

#include <sstream>

#include "engine/core/error.h"
#include "forcefields/chem/atom_order.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/support/errors.h"

namespace saltus::forcefields {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TorsionQuery, FindsEachTorsionOnce) {
  const ChemMolecule butane = parse_smiles("CCCC");
  EXPECT_THAT(matching_torsions(butane, "[C:1][C:2][C:3][C:4]"),
              ElementsAre(TorsionAtoms{0, 1, 2, 3}));
  EXPECT_THAT(matching_torsions(butane, "[O:1][C:2][C:3][C:4]"), testing::IsEmpty());
  // Atoms without the numbers count for the match, not for the torsion.
  EXPECT_THAT(matching_torsions(parse_smiles("CC(=O)NCC"), "[C:4][N:3][C:2](=O)[C:1]"),
              ElementsAre(TorsionAtoms{0, 1, 3, 4}));
  EXPECT_EQ(matching_torsions(parse_smiles("CC"), "[H:1][C:2][C:3][H:4]").size(), 9u);
}

TEST(TorsionQuery, RefusesOtherPatterns) {
  const auto message = [](const std::string& smarts) {
    return tests::message_of<engine::InputError>([&] { check_torsion_smarts(smarts); });
  };
  EXPECT_EQ(message("[C:1"), "'[C:1' is no SMARTS pattern");
  EXPECT_THAT(message("CCCC"), HasSubstr("expected four atoms with the map numbers 1, 2, 3 and 4"));
  EXPECT_THAT(message("[C:1][C:2][C:3][C:3]"), HasSubstr("each once"));
}

TEST(AtomOrder, IsThatOfTheOtherRecord) {
  ChemMolecule molecule = parse_smiles("OCC");
  ChemMolecule reference = parse_smiles("C(O)C");
  for (std::size_t i = 0; i < molecule.n_atoms(); ++i)
    for (int axis = 0; axis < 3; ++axis)
      molecule.positions_nm.push_back(
          static_cast<double>(molecule.topology.atoms[i].atomic_number));
  const auto moved = positions_in_order_of(molecule, reference);
  for (std::size_t i = 0; i < reference.n_atoms(); ++i)
    EXPECT_EQ(moved[3 * i], reference.topology.atoms[i].atomic_number) << i;
  EXPECT_EQ(positions_in_order_of(molecule, molecule), molecule.positions_nm);
  EXPECT_THAT(tests::message_of<engine::InputError>(
                  [&] { positions_in_order_of(molecule, parse_smiles("CCN")); }),
              HasSubstr("is not the molecule of SMILES 'CCN'"));
}

TEST(SdfFields, AreThoseOfTheRecordThatWasReadLast) {
  const std::string atom =
      "\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n"
      "    0.0000    0.0000    0.0000 O   0  0  0  0  0  0\nM  END\n";
  std::istringstream text(atom + ">  <population>\n0.25\n\n> 3 <two lines> (x)\na\nb\n\n$$$$\n" +
                          atom + "$$$$\n");
  SdfReader reader(text, "x.sdf");
  ASSERT_TRUE(reader.next());
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(reader.fields(), (Fields{{"population", "0.25"}, {"two lines", "a\nb"}}));
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fields(), Fields());
}

}  // namespace
}  // namespace saltus::forcefields
