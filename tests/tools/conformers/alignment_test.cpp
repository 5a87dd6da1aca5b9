// Oracle: distances after superposition computed by engine/conformers/shape_comparison.h.
#include "tools/conformers/alignment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "engine/conformers/shape_comparison.h"
#include "engine/conformers/superposition.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/tools/conformers/placed_molecule.h"
#include "tools/conformers/make_conformers.h"

namespace saltus::tools {
namespace {

using forcefields::ChemMolecule;

ConformerSettings aligned() {
  ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  settings.n_conformers = 8;
  settings.align = true;
  return settings;
}

/// The same positions of all atoms but hydrogen.
std::vector<double> heavy(const ChemMolecule& molecule, engine::Span<const double> x) {
  std::vector<double> result;
  for (const std::size_t atom : forcefields::shape_atoms(molecule))
    result.insert(result.end(), x.data() + 3 * atom, x.data() + 3 * atom + 3);
  return result;
}

TEST(AlignConformers, OnTheFirstGivesTheLeastDistanceWithSymmetry) {
  const char* smiles = "CC(C)CCc1ccccc1";
  const ConformerOutcome outcome = make_conformers(smiles, aligned());
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const engine::ConformerEnsemble& ensemble = outcome.isomers[0].ensemble;
  ASSERT_GT(ensemble.n_frames(), 2u);
  ASSERT_EQ(ensemble.reference_rmsd.size(), ensemble.n_frames());
  EXPECT_NEAR(ensemble.reference_rmsd[0], 0.0, 1e-7);
  const ChemMolecule molecule = tests::placed_molecule(smiles, 1);
  const auto comparison =
      forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule), 1000);
  const auto first = comparison.shape(ensemble.positions.chain(0));
  for (std::size_t c = 1; c < ensemble.n_frames(); ++c) {
    EXPECT_NEAR(ensemble.reference_rmsd[c],
                comparison.rmsd(first, comparison.shape(ensemble.positions.chain(c))), 1e-7);
    // They lie there: with the pairs as they are the distance is that or, of another pairing, more.
    EXPECT_GE(engine::rms_distance(heavy(molecule, ensemble.positions.chain(0)),
                                   heavy(molecule, ensemble.positions.chain(c))),
              ensemble.reference_rmsd[c] - 1e-9);
  }
}

TEST(AlignConformers, ChangesNothingButTheirPlace) {
  ConformerSettings plain = aligned();
  plain.align = false;
  const char* smiles = "C[C@H](O)CCNC(=O)C";
  const auto a = make_conformers(smiles, plain).isomers.at(0);
  const auto b = make_conformers(smiles, aligned()).isomers.at(0);
  EXPECT_EQ(a.ensemble.energies, b.ensemble.energies);
  EXPECT_EQ(a.smiles_3d, b.smiles_3d);
  EXPECT_TRUE(a.ensemble.reference_rmsd.empty());
  for (std::size_t c = 0; c < a.ensemble.n_frames(); ++c) {
    std::vector<double> x(a.ensemble.positions.chain(c).begin(),
                          a.ensemble.positions.chain(c).end());
    engine::superpose(x, b.ensemble.positions.chain(c)).apply(x);
    EXPECT_NEAR(engine::rms_distance(x, b.ensemble.positions.chain(c)), 0.0, 1e-7);
  }
}

TEST(AlignConformers, LiesOnAReferenceOfTheSameMolecule) {
  ConformerSettings settings = aligned();
  auto reference = std::make_shared<ChemMolecule>(tests::placed_molecule("CCCOc1ccncc1", 3));
  for (double& x : reference->positions_nm) x += 5.0;
  settings.reference = reference;
  const ConformerOutcome outcome = make_conformers("CCCOc1ccncc1", settings);
  const auto& ensemble = outcome.isomers.at(0).ensemble;
  const ChemMolecule molecule = tests::placed_molecule("CCCOc1ccncc1", 1);
  const auto comparison =
      forcefields::shape_comparison(molecule, forcefields::shape_atoms(molecule), 1000);
  const auto target = comparison.shape(reference->positions_nm);
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c) {
    EXPECT_NEAR(ensemble.reference_rmsd.at(c),
                comparison.rmsd(target, comparison.shape(ensemble.positions.chain(c))), 1e-7);
    EXPECT_NEAR(ensemble.positions.chain(c)[0], 5.0, 1.0) << "it is there";
  }
  EXPECT_EQ(outcome.message.find("aligned by"), std::string::npos);
}

TEST(AlignConformers, LiesOnAnotherMoleculeByWhatIsCommon) {
  ConformerSettings settings = aligned();
  settings.reference =
      std::make_shared<ChemMolecule>(tests::placed_molecule("OC(=O)c1ccc2[nH]ccc2c1", 3));
  const ConformerOutcome outcome = make_conformers("CCCc1ccc2[nH]ccc2c1", settings);
  const auto& ensemble = outcome.isomers.at(0).ensemble;
  EXPECT_NE(outcome.message.find("aligned by 10 atoms in common with the reference"),
            std::string::npos)
      << outcome.message;
  for (const double rmsd : ensemble.reference_rmsd) EXPECT_LT(rmsd, 0.02) << "a flat ring";
  const ConformerOutcome none = make_conformers("CC", settings);
  EXPECT_NE(none.message.find("not aligned: fewer than three connected atoms in common"),
            std::string::npos)
      << none.message;
  EXPECT_TRUE(none.isomers.at(0).ensemble.reference_rmsd.empty());
}

TEST(AlignConformers, DoesNotMoveACore) {
  ConformerSettings settings = aligned();
  const ChemMolecule record = tests::placed_molecule("CCCOc1ccncc1", 3);
  settings.core = forcefields::CorePattern::of_smarts("c1ccncc1");
  NamedMolecule named;
  named.molecule = record;
  const ConformerOutcome outcome = make_conformers(named, settings);
  const auto& ensemble = outcome.isomers.at(0).ensemble;
  ASSERT_EQ(ensemble.reference_rmsd.size(), ensemble.n_frames());
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    for (std::size_t i = 12; i < 30; ++i)
      EXPECT_EQ(ensemble.positions.chain(c)[i], record.positions_nm[i]);
}

}  // namespace
}  // namespace saltus::tools
