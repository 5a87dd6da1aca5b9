// Oracle: the molecules' own configurations, and outcomes of the same molecule given otherwise.
#include "tools/conformers/make_conformers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "engine/conformers/ensemble_sampler.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::tools {
namespace {

ConformerSettings few() {
  ConformerSettings settings = default_settings(ConformerMode::kEnsemble);
  settings.n_conformers = 5;
  return settings;
}

TEST(MakeConformers, OfASmilesStringHaveEnergiesAndTheConfiguration) {
  const ConformerOutcome outcome = make_conformers("C[C@H](O)C(=O)OCC", few());
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const IsomerConformers& isomer = outcome.isomers[0];
  EXPECT_EQ(isomer.name, "molecule");
  ASSERT_GT(isomer.ensemble.energies.size(), 0u);
  EXPECT_EQ(isomer.ensemble.energies.size(), outcome.n_kept);
  EXPECT_TRUE(std::is_sorted(isomer.ensemble.energies.begin(), isomer.ensemble.energies.end()));
  for (std::size_t c = 0; c < isomer.ensemble.energies.size(); ++c) {
    EXPECT_TRUE(std::isfinite(isomer.ensemble.energies[c]));
    EXPECT_EQ(isomer.smiles_3d[c], isomer.smiles);
  }
}

TEST(MakeConformers, AreThoseOfTheMoleculeThatTheStringMeans) {
  const ConformerOutcome of_string = make_conformers("CCCCO", few());
  NamedMolecule named;
  named.molecule = forcefields::parse_smiles("CCCCO");
  const ConformerOutcome of_molecule = make_conformers(named, few());
  ASSERT_EQ(of_string.isomers.size(), 1u) << of_string.message;
  ASSERT_EQ(of_molecule.isomers.size(), 1u) << of_molecule.message;
  EXPECT_EQ(of_string.isomers[0].ensemble.energies, of_molecule.isomers[0].ensemble.energies);
}

TEST(MakeConformers, OfTheBoltzmannDistributionAreFromAllLaddersAlike) {
  // Every twentieth of what was drawn, in which two ladders take turns.
  ConformerSettings settings = default_settings(ConformerMode::kBoltzmann);
  settings.n_conformers = 50;
  const ConformerOutcome outcome = make_conformers("CCCC", settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const std::vector<std::size_t>& ladders = outcome.isomers[0].ensemble.ladders;
  ASSERT_EQ(ladders.size(), 50u);
  const std::size_t n_ladders = engine::EnsembleOptions{}.n_ladders;
  ASSERT_GT(n_ladders, 1u);
  for (std::size_t l = 0; l < n_ladders; ++l)
    EXPECT_EQ(static_cast<std::size_t>(std::count(ladders.begin(), ladders.end(), l)),
              ladders.size() / n_ladders)
        << "ladder " << l;
}

TEST(MakeConformers, OfWhatCannotBeReadAreNoneButTheReason) {
  const ConformerOutcome outcome = make_conformers("C1CC", few());
  EXPECT_TRUE(outcome.isomers.empty());
  EXPECT_EQ(outcome.status, engine::MoleculeStatus::kParseSyntax);
  EXPECT_NE(outcome.message, "");
  EXPECT_NE(outcome.message.substr(0, 1), ":");  // there is no place to name
}

}  // namespace
}  // namespace saltus::tools
