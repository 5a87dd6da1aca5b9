// Oracle: SMILES strings of the parts, written by hand.
#include "forcefields/chem/ring_fragment.h"

#include <gtest/gtest.h>

#include "engine/conformers/ring_systems.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/chem/torsion_graph_of.h"

namespace saltus::forcefields {
namespace {

ChemMolecule parse(const std::string& smiles) {
  return with_hydrogens(parse_listed_smiles(smiles, "here", 100));
}

std::vector<RingFragment> parts_of(const ChemMolecule& molecule) {
  std::vector<RingFragment> parts;
  for (const auto& system : engine::flexible_ring_systems(torsion_graph_of(molecule)))
    parts.push_back(cut_out_rings(molecule, configuration_of(molecule), system));
  return parts;
}

std::string part_of(const std::string& smiles) {
  const auto parts = parts_of(parse(smiles));
  return parts.size() == 1 ? canonical_smiles(parts[0].molecule) : "";
}

std::string canonical(const std::string& smiles) { return canonical_smiles(parse(smiles)); }

TEST(RingFragment, EndsBehindTheFirstAtomsWhereTheseAllow) {
  EXPECT_EQ(part_of("C1CCCCC1"), canonical("C1CCCCC1"));
  EXPECT_EQ(part_of("CCCCC1CCCCC1"), canonical("CC1CCCCC1"));
  EXPECT_EQ(part_of("ClCCC1CCCCC1"), canonical("CC1CCCCC1"));
  EXPECT_EQ(part_of("CCOC1CCCCC1"), canonical("COC1CCCCC1"));
  EXPECT_EQ(part_of("CCCC(=O)N1CCCCC1"), canonical("O=CN1CCCCC1"));
  EXPECT_EQ(part_of("CCNC(=O)c1ccc(cc1)C1CCCCC1"), canonical("c1ccccc1C1CCCCC1"));
  EXPECT_EQ(part_of("CCS(=O)(=O)N1CCCCC1"), canonical("O=S(=O)N1CCCCC1"));
  EXPECT_EQ(part_of("C1CC1CN1CCCCC1"), canonical("CN1CCCCC1"));
}

TEST(RingFragment, IsOneForEachSystem) {
  EXPECT_EQ(parts_of(parse("C1CCCCC1CCC1CCCCC1")).size(), 2u);
  EXPECT_EQ(parts_of(parse("C1CCC2(CC1)CCCCC2")).size(), 1u);
  EXPECT_EQ(parts_of(parse("c1ccccc1CC1CC1")).size(), 0u);
}

TEST(RingFragment, HasTheConfigurationOfItsRingAtoms) {
  for (const char* smiles :
       {"CCC[C@H]1CCCC[C@@H]1CCO", "CCC[C@H]1CCCC[C@H]1CCO", "CCO[C@H]1CC[C@@H](CC1)C(C)C",
        "CC[C@H]1CCC/C=C/CCC1", "C[C@]12CC[C@H]3[C@@H](CC[C@H]4CCCC[C@]34C)[C@@H]1CC[C@@H]2CCC"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const auto parts = parts_of(molecule);
    ASSERT_EQ(parts.size(), 1u);
    const RingFragment& part = parts[0];
    ASSERT_EQ(part.parent_atoms.size(), part.molecule.n_atoms());
    EXPECT_FALSE(part.configuration.centres.empty() && part.configuration.double_bonds.empty());
    for (const std::size_t atom : part.system) EXPECT_LT(atom, part.molecule.n_atoms());
    EmbeddingOptions options;
    options.n_conformers = 4;
    const Embedding embedding = embed(part.molecule, part.configuration, options);
    EXPECT_EQ(embedding.positions.n_chains(), 4u);
    EXPECT_EQ(embedding.n_wrong_configuration, 0u);
  }
}

TEST(RingFragment, ClassesTellSubstituentsApartThatTheCutMakesEqual) {
  const ChemMolecule molecule = parse("CCC1CCC(CC1)CCC");
  const std::vector<int> classes = atom_classes(molecule);
  EXPECT_NE(classes[2], classes[5]);
  EXPECT_EQ(classes[3], classes[7]);
  EXPECT_EQ(classes[molecule.n_atoms() - 1], -1);
}

}  // namespace
}  // namespace saltus::forcefields
