// Oracle: bits of the coordinates that were given; configurations of the molecules; messages.
#include "tools/conformers/core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/conformers/held_atoms.h"
#include "engine/conformers/superposition.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/support/errors.h"
#include "tests/tools/conformers/placed_molecule.h"
#include "tools/conformers/make_conformers.h"

namespace saltus::tools {
namespace {

using engine::MoleculeStatus;
using forcefields::ChemMolecule;
using forcefields::CorePattern;

/// With the coordinates of a conformer, far from the origin as in a crystal.
ChemMolecule placed(const std::string& smiles, std::uint64_t seed = 1) {
  ChemMolecule molecule = tests::placed_molecule(smiles, seed);
  for (double& x : molecule.positions_nm) x += 2.3;
  return molecule;
}

ConformerSettings settings_with(ConformerMode mode, std::shared_ptr<const CorePattern> core) {
  ConformerSettings settings = default_settings(mode);
  settings.n_conformers = 12;
  settings.core = std::move(core);
  return settings;
}

ConformerOutcome outcome_of(const ChemMolecule& record, const ConformerSettings& settings) {
  NamedMolecule named;
  named.molecule = record;
  return make_conformers(named, settings);
}

/// How far apart the conformers of an isomer are where they differ most, nm, as they stand.
double spread(const IsomerConformers& isomer) {
  double largest = 0.0;
  const auto x = isomer.ensemble.positions.view();
  for (std::size_t c = 1; c < x.n_chains; ++c)
    largest = std::max(largest, engine::rms_distance(x.chain(0), x.chain(c)));
  return largest;
}

TEST(HeldCore, IsInEveryConformerWhereTheRecordHasIt) {
  const ChemMolecule record = placed("CCCOc1ccncc1CC(C)N");
  for (const ConformerMode mode : {ConformerMode::kEnsemble, ConformerMode::kMinima}) {
    const auto settings = settings_with(mode, CorePattern::of_smarts("Oc1ccncc1C"));
    const ConformerOutcome outcome = outcome_of(record, settings);
    ASSERT_GE(outcome.isomers.size(), 1u) << outcome.message;
    for (const IsomerConformers& isomer : outcome.isomers) {
      ASSERT_GT(isomer.ensemble.n_frames(), 2u) << outcome.message;
      for (std::size_t c = 0; c < isomer.ensemble.n_frames(); ++c)
        for (std::size_t i = 9; i < 33; ++i)  // atoms 4 to 11, from 1, are the core
          EXPECT_EQ(isomer.ensemble.positions.chain(c)[i], record.positions_nm[i]);
      EXPECT_GT(spread(isomer), 0.05) << "the rest is sampled";
      EXPECT_TRUE(isomer.ensemble.degeneracies.empty());
    }
  }
}

TEST(HeldCore, KeepsTorsionsInsideItAndTurnsTheOthers) {
  // The chain from atom 1 to 6 is held with all of its torsions, in a shape that no minimum has.
  ChemMolecule record = placed("CCCCCCCCO");
  const auto settings =
      settings_with(ConformerMode::kEnsemble, CorePattern::of_atoms({1, 2, 3, 4, 5, 6}));
  const ConformerOutcome outcome = outcome_of(record, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const auto& x = outcome.isomers[0].ensemble.positions;
  ASSERT_GT(x.n_chains(), 2u) << outcome.message;
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    EXPECT_TRUE(std::equal(record.positions_nm.begin(), record.positions_nm.begin() + 18,
                           x.chain(c).begin()));
  EXPECT_GT(spread(outcome.isomers[0]), 0.05);
}

TEST(HeldCore, OfATemplateIsInMoleculesWithoutCoordinates) {
  const ChemMolecule scaffold = placed("c1cc2ccncc2cc1C(=O)N");
  const auto pattern = CorePattern::of_template(scaffold);
  auto settings = settings_with(ConformerMode::kEnsemble, pattern);
  const ConformerOutcome outcome = make_conformers("CC(C)CNC(=O)c1ccc2ccncc2c1", settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const ChemMolecule molecule = forcefields::with_hydrogens(
      forcefields::parse_listed_smiles("CC(C)CNC(=O)c1ccc2ccncc2c1", "", 100));
  const forcefields::FoundCore core =
      pattern->find(molecule, forcefields::configuration_of(molecule), {});
  const auto& x = outcome.isomers[0].ensemble.positions;
  ASSERT_GT(x.n_chains(), 1u);
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    EXPECT_TRUE(engine::are_in_place(core.held, x.chain(c)));
}

TEST(HeldCore, IsInTheConformerOfTheInputToo) {
  ChemMolecule record = placed("CCCOc1ccncc1");
  const double shift = record.positions_nm[15];
  for (std::size_t i = 0; i < record.positions_nm.size(); i += 3) record.positions_nm[i] -= shift;
  record.positions_nm[15] = -0.0;  // which additions turn into 0
  auto settings = settings_with(ConformerMode::kMinima, CorePattern::of_smarts("c1ccncc1"));
  settings.use_input_3d = true;
  settings.n_conformers = 1;
  const ConformerOutcome outcome = outcome_of(record, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  ASSERT_EQ(outcome.isomers[0].ensemble.n_frames(), 1u) << outcome.message;
  for (std::size_t i = 12; i < 30; ++i)
    EXPECT_EQ(outcome.isomers[0].ensemble.positions.chain(0)[i], record.positions_nm[i]);
}

/// A search for shapes of rings would move the core along with what hangs on a ring.
TEST(HeldCore, StaysBesideRingsThatChangeShape) {
  const ChemMolecule record = placed("c1ccncc1CCC1CCCCC1");
  const auto settings = settings_with(ConformerMode::kEnsemble, CorePattern::of_smarts("c1ccncc1"));
  const ConformerOutcome outcome = outcome_of(record, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const engine::ConformerEnsemble& ensemble = outcome.isomers[0].ensemble;
  ASSERT_GT(ensemble.n_frames(), 1u) << outcome.message;
  for (std::size_t c = 0; c < ensemble.n_frames(); ++c)
    for (std::size_t i = 0; i < 18; ++i)
      EXPECT_EQ(ensemble.positions.chain(c)[i], record.positions_nm[i]);
  EXPECT_EQ(ensemble.facts.method.find("search for shapes of rings"), std::string::npos);
}

TEST(HeldCore, IsTheSameOnEveryCall) {
  const ChemMolecule record = placed("CCCOc1ccncc1CCO");
  const auto settings = settings_with(ConformerMode::kEnsemble, CorePattern::of_smarts("c1ccncc1"));
  EXPECT_EQ(outcome_of(record, settings).isomers.at(0).ensemble.positions.values(),
            outcome_of(record, settings).isomers.at(0).ensemble.positions.values());
}

TEST(HeldCore, RulesOutStereoisomersItContradicts) {
  const auto core = CorePattern::of_template(placed("C[C@H](O)C(=O)N"));
  const auto settings = settings_with(ConformerMode::kEnsemble, core);
  const ConformerOutcome open = make_conformers("CC(O)C(=O)NCC", settings);
  ASSERT_EQ(open.isomers.size(), 1u) << open.message;
  EXPECT_EQ(open.isomers[0].smiles, forcefields::canonical_smiles(forcefields::parse_listed_smiles(
                                        "C[C@H](O)C(=O)NCC", "", 100)));
  EXPECT_NE(open.message.find("the coordinates of the core rule out 1 of 2 stereoisomers"),
            std::string::npos)
      << open.message;
  EXPECT_EQ(make_conformers("C[C@@H](O)C(=O)NCC", settings).status,
            MoleculeStatus::kStereoImpossible);
}

TEST(HeldCore, ThatCannotBeIsAStatus) {
  const auto ring = settings_with(ConformerMode::kEnsemble, CorePattern::of_smarts("c1ccccc1"));
  EXPECT_EQ(make_conformers("CCc1ccccc1", ring).status, MoleculeStatus::kNoCoordinates);
  EXPECT_EQ(outcome_of(placed("CCCCO"), ring).status, MoleculeStatus::kCoreNotFound);
  // Two ends of a chain, stretched, which one atom cannot join to a ring.
  ChemMolecule chain = placed("CCCCCC");
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t k = 0; k < 3; ++k)
      chain.positions_nm[3 * i + k] =
          k == 0 ? 0.127 * static_cast<double>(i) : (k == 1 && i % 2 == 1 ? 0.085 : 0.0);
  auto stretched = settings_with(ConformerMode::kEnsemble, CorePattern::of_template(chain));
  stretched.first_core = true;
  const ConformerOutcome outcome = make_conformers("C1CCCCCC1", stretched);
  EXPECT_EQ(outcome.status, MoleculeStatus::kEmbedFailed) << outcome.message;
  EXPECT_EQ(outcome.message.find("no conformer could be built around the core: "), 0u)
      << outcome.message;
}

TEST(HeldCore, ExcludesSettingsThatCannotHoldIt) {
  const auto core = CorePattern::of_smarts("CCO");
  const auto refusal = [&](ConformerSettings settings) {
    settings.core = core;
    return tests::message_of<engine::InputError>([&] { make_conformers("CCO", settings); });
  };
  EXPECT_EQ(
      refusal(default_settings(ConformerMode::kBoltzmann)),
      "a core cannot be held in Boltzmann mode: its draws are those of molecules all of whose "
      "atoms move; ensemble and minima modes hold it");
  ConformerSettings raw = default_settings(ConformerMode::kEnsemble);
  raw.minimise = false;
  EXPECT_EQ(refusal(raw),
            "a core cannot be held without minimisation, which makes the bonds between it and the "
            "rest right");
}

}  // namespace
}  // namespace saltus::tools
