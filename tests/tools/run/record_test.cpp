// Oracle: a record read back is what was written, and a record of an earlier version by hand.
#include "tools/saltus/run/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tools/saltus/run/models.h"

namespace saltus::tools {
namespace {

TEST(RunRecord, KeepsEveryModel) {
  RunRecord record;
  record.molecule = "ACE-ALA-NME, 22 atoms";
  record.models = {{"fast", "/m/a.pt", "12ab", {{"kind", "leap"}, {"lag", "5 ps"}}},
                   {"wide", "/m/b.pt", "34cd", {}}};
  const RunRecord again = record_from_json(record_to_json(record), "x.checkpoint");
  ASSERT_EQ(again.models.size(), 2U);
  EXPECT_EQ(again.models[0].name, "fast");
  EXPECT_EQ(again.models[0].path, "/m/a.pt");
  EXPECT_EQ(again.models[0].digest, "12ab");
  EXPECT_EQ(again.models[0].card, record.models[0].card);
  EXPECT_EQ(again.models[1].name, "wide");
  EXPECT_EQ(record_to_json(again), record_to_json(record));
}

std::string earlier(const std::string& path) {
  return R"({"molecule": "m", "moves": [], "tuned": {}, "approximate_moves": [],
             "model_card": [["kind", "leap"]], "comparisons": [], "model_path": ")" +
         path + R"(", "model_digest": "12ab"})";
}

TEST(RunRecord, OfEarlierVersionsHasOneModelAtMost) {
  const RunRecord with = record_from_json(earlier("/m/a.pt"), "x.checkpoint");
  ASSERT_EQ(with.models.size(), 1U);
  EXPECT_EQ(with.models[0].name, "");
  EXPECT_EQ(with.models[0].path, "/m/a.pt");
  EXPECT_EQ(with.models[0].digest, "12ab");
  EXPECT_THAT(with.models[0].card, testing::ElementsAre(testing::Pair("kind", "leap")));
  EXPECT_TRUE(record_from_json(earlier(""), "x.checkpoint").models.empty());
}

TEST(RunRecord, OfAnotherProgramIsRefused) {
  EXPECT_EQ(tests::message_of<engine::InputError>([] { record_from_json("{}", "x.checkpoint"); }),
            "x.checkpoint: the record of the run in this checkpoint is damaged; resume from "
            "another checkpoint, or start again with --overwrite");
}

TEST(LearnedModels, HaveFilesOfTheirOwn) {
  RunDeck deck;
  deck.output.directory = "out";
  LeapDeck only;
  only.train = true;
  deck.leaps = {only};
  EXPECT_THAT(model_files(deck), testing::ElementsAre("out/trajectory.leap.safetensors"));
  LeapDeck named = only, saved = only, loaded;
  named.name = "fast";
  saved.name = "wide";
  saved.save = "models/w.pt";
  loaded.name = "old";
  loaded.model = "models/o.pt";
  deck.leaps = {named, saved, loaded};
  EXPECT_THAT(model_files(deck), testing::ElementsAre("out/trajectory.fast.leap.safetensors",
                                                      "models/w.pt", "models/o.pt"));
  EXPECT_THAT(trained_files(deck),
              testing::ElementsAre("out/trajectory.fast.leap.safetensors", "models/w.pt"));
}

}  // namespace
}  // namespace saltus::tools
