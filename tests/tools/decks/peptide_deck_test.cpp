// Oracle: the decks that come with Saltus, exact messages for wrong ones.
#include "tools/saltus/decks/peptide_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/core/error.h"
#include "mlsamplers/peptides/peptide_sequence.h"
#include "mlsamplers/peptides/residue_template.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/decks/torsion_deck_fixture.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/decks/torsion_deck.h"
#include "tools/saltus/training/peptides.h"

namespace saltus::tools {
namespace {

using testing::HasSubstr;

constexpr const char* kDecks = SALTUS_TEST_SOURCE_DIR "/data/decks/";

TEST(PeptideDeck, ThatComesWithSaltusIsRead) {
  const std::string path = std::string(kDecks) + "peptide_leaps.toml";
  ASSERT_TRUE(is_peptide_deck(path, {}));
  EXPECT_FALSE(is_torsion_deck(path, {}));
  const PeptideDeck deck = load_peptide_deck(path, {}).deck;
  EXPECT_EQ(deck.data.implicit_solvent, engine::GeneralizedBornModel::kObc2);
  EXPECT_EQ(deck.training.seed, deck.seed);
  EXPECT_FALSE(deck.data.allow_test_peptides);
  EXPECT_EQ(deck.data.run_deck.filename(), "peptide_training_run.toml");
  EXPECT_GT(deck.data.sequences.size(), 100U);
  EXPECT_FALSE(is_peptide_deck(std::string(kDecks) + "alanine_dipeptide_trained.toml", {}));
}

TEST(PeptideDeck, ThatComesWithSaltusHasNoPeptideForTesting) {
  PeptideDeck deck = load_peptide_deck(std::string(kDecks) + "peptide_leaps.toml", {}).deck;
  EXPECT_NO_THROW(require_training_sequences(deck));
  // Each amino acid is there first, in the middle and last.
  std::set<std::string> templates;
  for (const std::string& sequence : deck.data.sequences)
    for (const std::string& name : mlsamplers::parse_sequence(sequence)) templates.insert(name);
  for (const char letter : std::string("ACDEFGHIKLMNPQRSTVWY"))
    for (const std::string& name : mlsamplers::parse_sequence(std::string(3, letter)))
      EXPECT_EQ(templates.count(name), 1U) << name;
  // And each that there is a template of, but the ends of disulfide bridges.
  for (const mlsamplers::ResidueTemplate& residue : mlsamplers::residue_templates())
    EXPECT_EQ(templates.count(residue.name),
              residue.name.find("CYX") == std::string::npos ? 1U : 0U)
        << residue.name;
  deck.data.sequences.push_back("AA");
  EXPECT_THAT(tests::message_of<engine::InputError>([&] { require_training_sequences(deck); }),
              HasSubstr("AA must not be trained on: "));
  deck.initial = "default";
  EXPECT_NO_THROW(require_training_sequences(deck));
}

TEST(PeptideDeck, RefinesAModel) {
  const tests::TemporaryFolder folder;
  const std::string head =
      "schema = 1\nmodel = \"m\"\n[peptides]\nruns = \"r\"\nforce_field = \"f.xml\"\n"
      "[peptide_model]\ninitial = \"default\"\n";
  const PeptideDeck deck = load_peptide_deck(write(folder, "d.toml", head), {}).deck;
  EXPECT_EQ(deck.initial, "default");
  EXPECT_EQ(deck.training.n_steps, 1000U);
  EXPECT_EQ(deck.training.learning_rate, 5e-4);
  EXPECT_EQ(deck.training.check_period, 100U);
  EXPECT_EQ(deck.statistics.min_frames, 5000U);
  EXPECT_EQ(deck.training.seed, deck.seed);
  const PeptideDeck other =
      load_peptide_deck(write(folder, "d.toml", head + "steps = 7\nmin_frames = 8\n"), {}).deck;
  EXPECT_EQ(other.training.n_steps, 7U);
  EXPECT_EQ(other.statistics.min_frames, 8U);
  // What the initial model says is not asked for.
  const std::string path = write(
      folder, "d.toml", head + "hidden = 3\nembedding = 2\nreference_temperature = \"300 K\"\n");
  const std::string message =
      tests::message_of<engine::InputError>([&] { load_peptide_deck(path, {}); });
  for (const char* key : {"hidden", "embedding", "reference_temperature"})
    EXPECT_THAT(message, HasSubstr("peptide_model." + std::string(key) +
                                   ": only used with a model that is trained from scratch, "
                                   "without initial"));
  EXPECT_THAT(default_peptide_deck(), HasSubstr("initial"));
}

TEST(PeptideDeck, NeedsSomethingToLearnFrom) {
  const tests::TemporaryFolder folder;
  const std::string path = write(folder, "d.toml",
                                 "schema = 1\nmodel = \"m\"\n[peptides]\nforce_field = "
                                 "\"f.xml\"\nfolder = \"x\"\n[peptide_model]\n");
  const std::string message =
      tests::message_of<engine::InputError>([&] { load_peptide_deck(path, {}); });
  EXPECT_THAT(message, HasSubstr("missing sequences or runs; the model has to learn"));
  EXPECT_THAT(message, HasSubstr("peptides.folder: only used with sequences"));
}

TEST(PeptideDeck, OfTrainingDataIsRead) {
  const RunDeck deck = load_run_deck(std::string(kDecks) + "peptide_training_run.toml", {}).deck;
  EXPECT_TRUE(deck.has_ladder());
  EXPECT_EQ(deck.temperatures_K.back(), 600.0);
}

TEST(PeptideDeck, SaysAllThatIsWrong) {
  const tests::TemporaryFolder folder;
  const std::string path =
      write(folder, "d.toml",
            "schema = 1\nmodel = \"m\"\n[peptides]\nruns = \"r\"\nforce_field = \"f.xml\"\n"
            "discarded = 1.0\n[peptide_model]\nhiden = 3\nbatch_size = 0\n");
  const std::string message =
      tests::message_of<engine::InputError>([&] { load_peptide_deck(path, {}); });
  EXPECT_THAT(message, HasSubstr("d.toml:6:13: peptides.discarded: "));
  EXPECT_THAT(message, HasSubstr("peptide_model.hiden"));
  EXPECT_THAT(message, HasSubstr("d.toml:9:14: peptide_model.batch_size: "));
}

}  // namespace
}  // namespace saltus::tools
