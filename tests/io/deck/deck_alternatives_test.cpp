// Oracle: values, messages and resolved decks written out by hand for a small schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/deck/deck_table.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::io {
namespace {

using testing::ElementsAre;

struct Alternatives {
  std::vector<std::size_t> steps;
  std::vector<double> shares;
  std::string resolved;
};

Alternatives read(const std::string& text) {
  DeckReader reader(parse_deck(text, "deck.toml", "", {}));
  DeckTable root = reader.root();
  Alternatives result;
  result.steps = root.counts({"steps", "of all"}, 200, 1, 1000, 3);
  result.shares = root.reals({"share", "of all"}, 0.8, Bounds::fraction_below_one(), 3);
  reader.finish();
  result.resolved = reader.resolved_toml();
  return result;
}

std::string error_of(const std::string& text) {
  const std::string message = message_of<engine::InputError>([&] { read(text); });
  return message.substr(0, message.rfind('\n'));
}

TEST(DeckAlternatives, AreOneValueOrSeveral) {
  const Alternatives none = read("");
  EXPECT_THAT(none.steps, ElementsAre(200U));
  EXPECT_THAT(none.shares, ElementsAre(0.8));
  EXPECT_EQ(none.resolved, "steps = 200\nshare = 0.8\n");
  const Alternatives one = read("steps = 7\nshare = 0");
  EXPECT_THAT(one.steps, ElementsAre(7U));
  EXPECT_THAT(one.shares, ElementsAre(0.0));
  EXPECT_EQ(one.resolved, "steps = 7\nshare = 0.0\n");
  const Alternatives several = read("steps = [1000, 1, 50]\nshare = [0.5]");
  EXPECT_THAT(several.steps, ElementsAre(1000U, 1U, 50U));
  EXPECT_THAT(several.shares, ElementsAre(0.5));
  EXPECT_EQ(several.resolved, "steps = [1000, 1, 50]\nshare = 0.5\n");
}

TEST(DeckAlternatives, AreRefusedWithPlaceAndReason) {
  EXPECT_EQ(error_of("steps = []"),
            "deck.toml:1:9: steps: expected an integer from 1 to 1000, usually 200, or a list of 1 "
            "to 3 of them to choose from, got 0 entries");
  EXPECT_EQ(error_of("steps = [1, 2, 3, 4]"),
            "deck.toml:1:9: steps: expected an integer from 1 to 1000, usually 200, or a list of 1 "
            "to 3 of them to choose from, got 4 entries");
  EXPECT_EQ(
      error_of("steps = -1"),
      "deck.toml:1:9: steps: expected an integer from 1 to 1000, usually 200, got integer -1");
  EXPECT_EQ(
      error_of("steps = [5, 0]"),
      "deck.toml:1:13: steps[1]: expected an integer from 1 to 1000, usually 200, got integer "
      "0");
  EXPECT_EQ(error_of("steps = [5, 6, 5]"), "deck.toml:1:16: steps[2]: 5 is given twice");
  EXPECT_EQ(error_of("steps = \"auto\""),
            "deck.toml:1:9: steps: expected an integer from 1 to 1000, usually 200, got string "
            "\"auto\"");
  EXPECT_EQ(error_of("share = [0.5, 1.0]"),
            "deck.toml:1:15: share[1]: expected a number between 0 and 1, usually 0.8, got real 1");
}

}  // namespace
}  // namespace saltus::io
