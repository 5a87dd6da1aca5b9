// Oracle: the decks that come with Saltus, exact messages for wrong ones.
#include "tools/saltus/decks/peptide_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/decks/torsion_deck_fixture.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/decks/torsion_deck.h"

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
  EXPECT_EQ(deck.data.runs.size(), 1U);
  EXPECT_FALSE(is_peptide_deck(std::string(kDecks) + "alanine_dipeptide_trained.toml", {}));
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
