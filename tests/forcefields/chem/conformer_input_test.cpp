// Oracle: SMILES strings whose problems, fragments and symmetries a chemist can tell.
#include "forcefields/chem/conformer_input.h"

#include <gtest/gtest.h>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

using engine::MoleculeStatus;

constexpr std::size_t kMaxAtoms = 50;

ChemMolecule parse(const std::string& smiles) {
  return parse_listed_smiles(smiles, "here", kMaxAtoms);
}

MoleculeStatus status_of(const std::string& smiles) {
  try {
    parse(smiles);
  } catch (const engine::MoleculeFailure& failure) {
    return failure.status();
  }
  return MoleculeStatus::kOk;
}

TEST(ListedSmiles, HaveAStatusEach) {
  EXPECT_EQ(status_of("CCO"), MoleculeStatus::kOk);
  EXPECT_EQ(status_of(""), MoleculeStatus::kEmpty);
  for (const char* text : {"C(", "CC)", "C1CC", "[Xx]", "hello", "C C", "*C", "\xff\xfe"})
    EXPECT_EQ(status_of(text), MoleculeStatus::kParseSyntax) << text;
  EXPECT_EQ(status_of(std::string("CC\0CC", 5)), MoleculeStatus::kParseSyntax);
  EXPECT_EQ(status_of("C(C)(C)(C)(C)C"), MoleculeStatus::kParseValence);
  // Accepted once, but not twice.
  EXPECT_EQ(status_of("C1=C2C=CC=oC2=C=C1"), MoleculeStatus::kParseValence);
  EXPECT_EQ(status_of("c1ccnc1"), MoleculeStatus::kParseAromatic);
  EXPECT_EQ(status_of("c1ccc1c"), MoleculeStatus::kParseAromatic);
  EXPECT_EQ(status_of(std::string(kMaxAtoms, 'C')), MoleculeStatus::kOk);
  EXPECT_EQ(status_of(std::string(kMaxAtoms + 1, 'C')), MoleculeStatus::kTooLarge);
  EXPECT_EQ(status_of(std::string(1'000'000, 'C')), MoleculeStatus::kTooLarge);
}

TEST(Fragments, AreMoleculesOfTheirOwn) {
  const auto parts = fragments_of(parse("[Na+].CC(=O)[O-].O"));
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(canonical_smiles(parts[largest_of(parts)]), "CC(=O)[O-]");
}

std::size_t n_symmetries(const std::string& smiles) {
  const ChemMolecule molecule = with_hydrogens(parse(smiles));
  return engine::find_automorphisms(shape_graph(molecule, shape_atoms(molecule)), 1000).maps.size();
}

TEST(ShapeGraph, KnowsWhichAtomsAreEqual) {
  EXPECT_EQ(n_symmetries("c1ccccc1"), 12u);
  EXPECT_EQ(n_symmetries("CC(=O)[O-]"), 2u);  // both oxygens
  EXPECT_EQ(n_symmetries("CC(=O)O"), 1u);     // one has a hydrogen
  EXPECT_EQ(n_symmetries("C[N+](=O)[O-]"), 2u);
  EXPECT_EQ(n_symmetries("CC(C)(C)C"), 24u);
  EXPECT_EQ(n_symmetries("[H][H]"), 2u);
  EXPECT_EQ(n_symmetries("CC(F)Cl"), 1u);
}

TEST(Flexibility, CountsRotorsAndRings) {
  EXPECT_EQ(flexibility_of(with_hydrogens(parse("CCCC"))).n_rotors, 1u);
  EXPECT_EQ(flexibility_of(with_hydrogens(parse("C1CCCCC1"))).n_flexible_rings, 1u);
  EXPECT_EQ(flexibility_of(with_hydrogens(parse("c1ccccc1"))).n_flexible_rings, 0u);
}

TEST(MoleculeTable, IsKekulised) {
  const auto table = molecule_table(with_hydrogens(parse("c1cc[nH+]cc1")));
  int orders = 0;
  for (const auto& bond : table.bonds) orders += bond.order;
  EXPECT_EQ(orders, 6 + 3 + 6);
  int charge = 0;
  for (const auto& atom : table.atoms) charge += atom.charge;
  EXPECT_EQ(charge, 1);
}

}  // namespace
}  // namespace saltus::forcefields
