// Oracle: the deck that comes with Saltus, exact messages for wrong ones.
#include "tools/saltus/decks/torsion_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
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
  const std::string path =
      write(folder, "d.toml", small_deck("most_atoms = 2\nmost_torsion = 3\n"));
  const std::string message =
      tests::message_of<engine::InputError>([&] { load_torsion_deck(path, {}); });
  EXPECT_THAT(message, HasSubstr("d.toml:5:14: molecules.most_atoms: "));
  EXPECT_THAT(message, HasSubstr("molecules.most_torsion"));
}

}  // namespace
}  // namespace saltus::tools
