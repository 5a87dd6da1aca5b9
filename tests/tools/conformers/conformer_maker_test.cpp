// Oracle: make_conformers with the settings that the options stand for.
#include "tools/conformers/conformer_maker.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tools/conformers/make_conformers.h"

namespace saltus {
namespace {

TEST(ConformerMaker, MakesWhatTheLibraryMakes) {
  ConformerOptions options;
  options.n_conformers = 6;
  options.energy_window_kJ_mol = 20.0;
  options.solvent = ConformerOptions::Solvent::kObc2;
  options.seed = 9;
  const ConformerMaker maker(options);
  const ConformerResult result = maker.make("C[C@H](O)C(=O)OCC", 4);
  auto settings = tools::default_settings(tools::ConformerMode::kEnsemble);
  settings.n_conformers = 6;
  settings.selection.energy_window = 20.0;
  tools::put_into_solvent(engine::GeneralizedBornModel::kObc2, settings);
  settings.seed = 9;
  tools::NamedMolecule named;
  named.number = 4;
  named.smiles = "C[C@H](O)C(=O)OCC";
  const tools::ConformerOutcome outcome = tools::make_conformers(named, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  ASSERT_EQ(result.stereoisomers.size(), 1u);
  EXPECT_TRUE(result.has_conformers());
  EXPECT_EQ(result.status, engine::status_word(outcome.status));
  EXPECT_EQ(result.message, outcome.message);
  const Conformers& made = result.stereoisomers[0];
  const engine::ConformerEnsemble& expected = outcome.isomers[0].ensemble;
  EXPECT_EQ(made.smiles, outcome.isomers[0].smiles);
  EXPECT_EQ(made.energies_kJ_mol, expected.energies);
  EXPECT_EQ(made.positions_nm, expected.positions.values());
  EXPECT_EQ(made.positions(1)[2], expected.positions.chain(1)[2]);
  EXPECT_EQ(made.n_atoms(), 18u);
  EXPECT_EQ(made.bonds.size(), 17u);
  EXPECT_NEAR(std::accumulate(made.populations.begin(), made.populations.end(), 0.0), 1.0, 1e-12);
}

TEST(ConformerMaker, SaysWhatIsWrong) {
  const ConformerResult result = ConformerMaker().make("C1CC");
  EXPECT_FALSE(result.has_conformers());
  EXPECT_EQ(result.status, "PARSE_SYNTAX");
  EXPECT_NE(result.message, "");
  ConformerOptions options;
  options.timeout_s = 0.0;
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { ConformerMaker maker(options); }),
            "conformer options: timeout_s must be a positive number, got 0.000000");
  options = {};
  options.n_conformers = 0;
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { ConformerMaker maker(options); }),
            "conformer options: n_conformers must be at least 1, got 0");
  options = {};
  options.mode = ConformerOptions::Mode::kBoltzmann;
  options.energy_window_kJ_mol = 10.0;
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { ConformerMaker maker(options); }),
            "conformer options: energy_window_kJ_mol is not for draws from the Boltzmann "
            "distribution: choosing among them changes it");
}

TEST(ConformerMaker, DrawsFromTheBoltzmannDistribution) {
  ConformerOptions options;
  options.mode = ConformerOptions::Mode::kBoltzmann;
  options.n_conformers = 20;
  const ConformerResult result = ConformerMaker(options).make("CCCC");
  ASSERT_EQ(result.stereoisomers.size(), 1u) << result.message;
  EXPECT_EQ(result.stereoisomers[0].n_conformers(), 20u);
  EXPECT_DOUBLE_EQ(result.stereoisomers[0].populations[3], 0.05);
}

}  // namespace
}  // namespace saltus
