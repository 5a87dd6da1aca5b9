// Oracle: the deck that comes with Saltus, exact messages for wrong ones.
#include "tools/saltus/decks/torsion_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/tools/decks/torsion_deck_fixture.h"

namespace saltus::tools {
namespace {

using testing::HasSubstr;

TEST(TorsionDeck, ThatComesWithSaltusIsRead) {
  const std::string path = SALTUS_TEST_SOURCE_DIR "/data/decks/torsion_mixtures.toml";
  const std::vector<std::string> overrides = {"molecules.files=\"" + path + "\""};
  ASSERT_TRUE(is_torsion_deck(path, overrides));
  const TorsionDeck deck = load_torsion_deck(path, overrides).deck;
  EXPECT_EQ(deck.ensembles.sampling.temperature_K, 300.0);
  EXPECT_EQ(deck.molecules.more_files.size(), 1u);
  EXPECT_FALSE(
      is_torsion_deck(SALTUS_TEST_SOURCE_DIR "/data/decks/alanine_dipeptide_trained.toml", {}));
}

TEST(TorsionDeck, SaysAllThatIsWrong) {
  const tests::TemporaryFolder folder;
  write(folder, "list.smi", "CCCC\n");
  const std::string path = write(folder, "d.toml", small_deck("max_atoms = 2\nmax_torsion = 3\n"));
  const std::string message =
      tests::message_of<engine::InputError>([&] { load_torsion_deck(path, {}); });
  EXPECT_THAT(message, HasSubstr("d.toml:5:13: molecules.max_atoms: "));
  EXPECT_THAT(message, HasSubstr("molecules.max_torsion"));
}

TEST(TorsionDeck, RefusesOldNamesOfKeys) {
  const tests::TemporaryFolder folder;
  write(folder, "list.smi", "CCCC\n");
  const std::string path =
      write(folder, "d.toml", small_deck("most_atoms = 60\nmost_torsions = 14\nmost = 3\n"));
  const std::string message = tests::message_of<engine::InputError>(
      [&] { load_torsion_deck(path, {"ensembles.most_seconds=9"}); });
  EXPECT_THAT(message, HasSubstr("d.toml:5:1: molecules.most_atoms: renamed; write max_atoms\n"));
  EXPECT_THAT(message,
              HasSubstr("d.toml:6:1: molecules.most_torsions: renamed; write max_torsions\n"));
  EXPECT_THAT(message, HasSubstr("d.toml:7:1: molecules.most: renamed; write max_molecules\n"));
  EXPECT_THAT(message, HasSubstr("ensembles.most_seconds: renamed; write max_seconds\n"));
}

}  // namespace
}  // namespace saltus::tools
