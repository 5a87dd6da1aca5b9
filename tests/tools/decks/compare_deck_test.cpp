// Oracle: decks and messages written out by hand.
#include "tools/saltus/decks/compare_deck.h"

#include <gmock/gmock.h>

#include <cmath>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tools {
namespace {

using tests::message_of;

constexpr char kDeck[] = R"(schema = 1
[output]
directory = "out"
[[peptide]]
name = "AA"
reference = "r.h5"
[[peptide.run]]
name = "leaps"
trajectory = "a.h5"
training_energy_evaluations = 1.0e6
[[peptide.run]]
name = "md"
role = "plain_dynamics"
trajectory = "b.h5"
)";

class CompareDecks : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"r.h5", "a.h5", "b.h5"}) folder_.write(name, "");
  }
  CompareDeck load(const std::string& text) {
    return load_compare_deck(folder_.write("deck.toml", text), {}).deck;
  }
  std::string error_of(const std::string& text) {
    return message_of<engine::InputError>([&] { load(text); });
  }
  tests::TemporaryFolder folder_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST_F(CompareDecks, AreRead) {
  const CompareDeck deck = load(kDeck);
  ASSERT_EQ(deck.peptides.size(), 1u);
  const ComparedPeptideDeck& peptide = deck.peptides[0];
  EXPECT_EQ(peptide.name, "AA");
  EXPECT_TRUE(peptide.tica_trajectory.empty());
  ASSERT_EQ(peptide.runs.size(), 2u);
  EXPECT_EQ(peptide.runs[0].role, ComparedRole::kRun);
  EXPECT_EQ(peptide.runs[0].training_energy_evaluations, 1e6);
  EXPECT_TRUE(std::isnan(peptide.runs[0].training_cpu_seconds));
  EXPECT_TRUE(std::isnan(peptide.runs[1].training_energy_evaluations));
  EXPECT_EQ(peptide.runs[1].role, ComparedRole::kPlainDynamics);
  EXPECT_EQ(deck.distances.n_frames, 10000u);
}

TEST_F(CompareDecks, SayTheSameAgainWhenResolved) {
  const LoadedCompareDeck loaded = load_compare_deck(folder_.write("deck.toml", kDeck), {});
  const LoadedCompareDeck again =
      load_compare_deck(folder_.write("again.toml", loaded.resolved_toml), {});
  EXPECT_EQ(again.resolved_toml, loaded.resolved_toml);
}

TEST_F(CompareDecks, NameFileAndLineOfWhatIsWrong) {
  EXPECT_THAT(error_of(replaced(kDeck, "\"r.h5\"", "\"nowhere.h5\"")),
              testing::HasSubstr("deck.toml:6:13: peptide[0].reference: no file \""));
  EXPECT_THAT(error_of(replaced(kDeck, "plain_dynamics", "dynamics")),
              testing::HasSubstr("deck.toml:13:8: peptide[0].run[1].role: expected "));
  EXPECT_THAT(error_of(replaced(kDeck, "\"md\"", "\"leaps\"")),
              testing::HasSubstr("deck.toml:12:8: peptide[0].run[1].name: another run of this "
                                 "peptide has the name; choose a different one"));
  EXPECT_THAT(error_of(replaced(kDeck, "1.0e6", "-1.0")),
              testing::HasSubstr("deck.toml:10:31: peptide[0].run[0].training_energy_evaluations"));
  EXPECT_THAT(error_of("schema = 1\n[output]\ndirectory = \"out\"\n"),
              testing::HasSubstr("peptide: expected at least 1 [[peptide]], got 0"));
}

TEST_F(CompareDecks, HaveADeckOfDefaults) {
  const std::string text = default_compare_deck();
  for (const char* part : {"[tica]", "[states]", "[distances]", "[[peptide]]", "[[peptide.run]]",
                           "training_cpu_seconds"})
    EXPECT_THAT(text, testing::HasSubstr(part));
}

}  // namespace
}  // namespace saltus::tools
