// Oracle: RDKit's own perception of configurations from positions; equality of bits.
#include "forcefields/chem/embedding.h"

#include <gtest/gtest.h>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

ChemMolecule parse(const std::string& smiles) {
  return with_hydrogens(parse_listed_smiles(smiles, "here", 100));
}

Embedding embed_some(const ChemMolecule& molecule, std::size_t n = 4, std::uint64_t seed = 1) {
  EmbeddingOptions options;
  options.n_conformers = n;
  options.seed = seed;
  return embed(molecule, configuration_of(molecule), options);
}

TEST(Embedding, HasTheConfigurationOfTheMolecule) {
  for (const char* smiles :
       {"C[C@H](F)Cl", "C[C@@H](F)Cl", "C/C=C/C", "C/C=C\\C", "CC[S@](C)=O", "CC[S@@](C)=O",
        "C[C@@H](O)[C@H](N)C(=O)O", "C[C@H]1CC[C@@H](C)CC1", "C[C@H]1CC[C@H](C)CC1",
        "F[C@]12CC[C@H](CC1)C2", "C/C(F)=C(\\C)Cl", "CC/C(C)=N/O", "C[P@](=O)(O)CC"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const Embedding embedding = embed_some(molecule);
    ASSERT_EQ(embedding.positions.n_chains(), 4u);
    for (std::size_t c = 0; c < 4; ++c)
      EXPECT_EQ(canonical_smiles_of(molecule, embedding.positions.chain(c)),
                canonical_smiles(molecule));
  }
}

TEST(Embedding, HasConfigurationsThatDependOnEachOther) {
  for (const char* smiles :
       {"C/C=C1/C[C@H](O)C1", "C/C=C1/C[C@@H](O)C1", "FC=[C@]=CCl", "FC=[C@@]=CCl",
        "F\\C=C=C=C\\Cl", "F\\C=C=C=C/Cl", "C[C@H]1C[N@H]1", "C[C@H]1C[N@@H]1"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const Embedding embedding = embed_some(molecule);
    ASSERT_EQ(embedding.positions.n_chains(), 4u);
    for (std::size_t c = 0; c < 4; ++c)
      EXPECT_EQ(canonical_smiles_of(molecule, embedding.positions.chain(c)), smiles);
  }
}

TEST(Embedding, TurnsDoubleBondsOfRings) {
  for (const char* smiles : {"C1CCC/C=C/CC1", "C1CC/C=C/CC1", "C1/C=C/C=C/CCCCCCCCC1"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const engine::Configuration configuration = configuration_of(molecule);
    EXPECT_FALSE(configuration.double_bonds.empty());
    const Embedding embedding = embed_some(molecule);
    ASSERT_GT(embedding.positions.n_chains(), 0u);
    for (std::size_t c = 0; c < embedding.positions.n_chains(); ++c)
      EXPECT_TRUE(engine::has_configuration(configuration, embedding.positions.chain(c)));
  }
}

TEST(Embedding, IsCheckedByGeometry) {
  for (const char* smiles : {"C[C@H](F)Cl", "C/C=C/C", "CC[S@](C)=O", "C[C@H]1CC[C@@H](C)CC1"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const Embedding embedding = embed_some(molecule, 1);
    engine::Configuration configuration = configuration_of(molecule);
    EXPECT_TRUE(engine::has_configuration(configuration, embedding.positions.chain(0)));
    for (auto& centre : configuration.centres) centre.sign = -centre.sign;
    for (auto& bond : configuration.double_bonds) bond.cis = !bond.cis;
    EXPECT_FALSE(engine::has_configuration(configuration, embedding.positions.chain(0)));
  }
}

TEST(Embedding, DependsOnItsSeedOnly) {
  const ChemMolecule molecule = parse("CCOCCN");
  const auto first = embed_some(molecule, 20, 5).positions.values();
  EXPECT_EQ(embed_some(molecule, 20, 5).positions.values(), first);
  EXPECT_NE(embed_some(molecule, 20, 6).positions.values(), first);
}

TEST(Embedding, MakesDifferentConformers) {
  const Embedding embedding = embed_some(parse("CCOCCN"), 20, 1);
  ASSERT_EQ(embedding.positions.n_chains(), 20u);
  for (std::size_t c = 1; c < 20; ++c)
    EXPECT_NE(embedding.positions.chain(c)[0], embedding.positions.chain(c - 1)[0]);
}

TEST(Embedding, TakesSingleAtoms) {
  const Embedding embedding = embed_some(parse("[Na+]"));
  EXPECT_EQ(embedding.positions.n_chains(), 1u);
  EXPECT_EQ(embedding.positions.values(), std::vector<double>(3, 0.0));
}

TEST(Embedding, BuildsStraightChains) {
  for (const char* smiles : {"C=C=C", "CC(C)=C=C", "CC(C)=C=C(C)C", "FC(F)=C=C(F)F", "CC=C=CC",
                             "C=C=C=C", "CC(C)=C=C=C(C)C", "C1CCCCC1=C=C", "CN=C=NC", "CC=C=O"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    const Embedding embedding = embed_some(molecule);
    ASSERT_EQ(embedding.positions.n_chains(), 4u);
    EXPECT_EQ(canonical_smiles_of(molecule, embedding.positions.chain(0)),
              canonical_smiles(molecule));
  }
}

TEST(Embedding, SaysThatAConfigurationIsImpossible) {
  // A bridge across a six-membered ring cannot be trans.
  const Embedding embedding = embed_some(parse("F[C@H]1C[C@H]2CC[C@@]1(Cl)C2"));
  const Embedding other = embed_some(parse("F[C@H]1C[C@@H]2CC[C@@]1(Cl)C2"));
  EXPECT_NE(embedding.positions.n_chains() == 0, other.positions.n_chains() == 0);
  EXPECT_NE(embedding.configuration_is_to_blame, other.configuration_is_to_blame);
}

TEST(Embedding, StopsAtItsDeadline) {
  const ChemMolecule molecule = parse("CCOCCN");
  EmbeddingOptions options;
  options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const Embedding embedding = embed(molecule, configuration_of(molecule), options);
  EXPECT_TRUE(embedding.timed_out);
  EXPECT_EQ(embedding.positions.n_chains(), 0u);
}

}  // namespace
}  // namespace saltus::forcefields
