// Oracle: a record read back is what was written, and a record of an earlier version by hand.
#include "tools/saltus/run/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

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

TEST(RunRecord, KeepsStatisticsAndComparisonsWithNumbersThatAreUnknown) {
  RunRecord record;
  engine::MoveStatistics move;
  move.name = "hmc";
  move.proposed = 9;
  move.accepted = 7;
  move.invalid = 1;
  move.n_energy_evaluations = 99;
  move.cpu_seconds = 0.5;
  move.longest_rejection_run = 2;
  move.largest_log_ratio = std::nan("");
  move.work = {2, 1.5, 0.25};
  move.current_rejection_run = {1};
  record.statistics.rows() = {move};
  engine::SamplerEfficiency sampler;
  sampler.sampler = "plain";
  sampler.cpu_seconds = 1.5;
  sampler.n_energy_evaluations = 77;
  engine::ObservableEfficiency observable;
  observable.observable = "energy";
  observable.effective_samples = 12.0;
  observable.r_hat = std::nan("");
  sampler.observables = {observable};
  record.comparisons = {sampler};
  const std::string text = record_to_json(record);
  EXPECT_THAT(text, testing::HasSubstr("\"largest_log_ratio\":null"));
  EXPECT_THAT(text, testing::HasSubstr("\"longest_rejection_run\":2"));
  const RunRecord again = record_from_json(text, "x.checkpoint");
  ASSERT_EQ(again.statistics.rows().size(), 1U);
  EXPECT_EQ(again.statistics.rows()[0].accepted, 7U);
  EXPECT_EQ(again.statistics.rows()[0].n_energy_evaluations, 99U);
  EXPECT_TRUE(std::isnan(again.statistics.rows()[0].largest_log_ratio));
  EXPECT_EQ(again.statistics.rows()[0].work.count, 2U);
  EXPECT_EQ(again.statistics.rows()[0].work.mean, 1.5);
  EXPECT_EQ(again.statistics.rows()[0].work.sum_of_squares, 0.25);
  ASSERT_EQ(again.comparisons.size(), 1U);
  ASSERT_EQ(again.comparisons[0].observables.size(), 1U);
  EXPECT_EQ(again.comparisons[0].observables[0].effective_samples, 12.0);
  EXPECT_TRUE(std::isnan(again.comparisons[0].observables[0].r_hat));
  EXPECT_EQ(record_to_json(again), text);
}

TEST(RunRecord, KeepsRoundTripsUnderWay) {
  using Labels = std::vector<std::uint32_t>;
  RunRecord record;
  record.round_trips = engine::RoundTrips(2, 7, Labels{0, 1, 2, 3});
  record.round_trips.add(8, Labels{1, 0, 2, 3});
  record.round_trips.add(9, Labels{0, 1, 2, 3});
  RunRecord again = record_from_json(record_to_json(record), "x.checkpoint");
  for (engine::RoundTrips* trips : {&record.round_trips, &again.round_trips}) {
    EXPECT_EQ(trips->ladder_size, 2U);
    EXPECT_EQ(trips->first_step, 7U);
    EXPECT_EQ(trips->n_round_trips, 1U);
    trips->add(12, Labels{1, 0, 3, 2});
    trips->add(14, Labels{0, 1, 2, 3});
    // Of replica 1 in step 12, of replicas 0 and 2 in step 14.
    EXPECT_EQ(trips->n_round_trips, 4U);
  }
  EXPECT_EQ(again.round_trips.n_steps, record.round_trips.n_steps);
  EXPECT_EQ(again.round_trips.phases, record.round_trips.phases);
  EXPECT_EQ(again.round_trips.begun, record.round_trips.begun);
}

TEST(RunRecord, KeepsWhatPreparationCost) {
  RunRecord record;
  record.preparation = {{"pilot", 5200000, 90.25}, {"warm-up", 1000, 5.0}};
  record.ready_models = {"the peptide model within Saltus"};
  const std::string text = record_to_json(record);
  const RunRecord again = record_from_json(text, "x.checkpoint");
  ASSERT_EQ(again.preparation.size(), 2U);
  EXPECT_EQ(again.preparation[0].stage, "pilot");
  EXPECT_EQ(again.preparation[0].n_energy_evaluations, 5200000U);
  EXPECT_EQ(again.preparation[0].cpu_seconds, 90.25);
  EXPECT_EQ(again.ready_models, record.ready_models);
  EXPECT_EQ(record_to_json(again), text);
}

TEST(RunRecord, KeepsWhatWarmUpChose) {
  RunRecord record;
  record.tuned.steps = {{"hmc", 0.1 + 0.2}};
  const std::vector<engine::TrialDrive> drives = {{-1.0 / 3.0, true}, {0.0, false}};
  record.tuned.protocols = {{"driven_torsion_2",
                             {engine::average_drives("1 step", drives, 2.0),
                              engine::average_drives("9 steps", drives, 10.0)},
                             engine::average_drives("at once", drives, 2.0),
                             1}};
  const std::string text = record_to_json(record);
  const RunRecord again = record_from_json(text, "x.checkpoint");
  EXPECT_EQ(again.tuned.steps, record.tuned.steps);
  ASSERT_EQ(again.tuned.protocols.size(), 1U);
  const engine::ProtocolChoice& choice = again.tuned.protocols[0];
  EXPECT_EQ(choice.move, "driven_torsion_2");
  EXPECT_EQ(choice.best().protocol, "9 steps");
  EXPECT_EQ(choice.best().work.mean, record.tuned.protocols[0].best().work.mean);
  EXPECT_EQ(choice.warning(), record.tuned.protocols[0].warning());
  EXPECT_EQ(record_to_json(again), text);
  // A choice of none of them is damage.
  std::string damaged = text;
  damaged.replace(damaged.find("\"chosen\":1"), 10, "\"chosen\":2");
  EXPECT_THROW(record_from_json(damaged, "x.checkpoint"), engine::InputError);
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
  // They did not count round trips.
  EXPECT_EQ(with.round_trips.ladder_size, 0U);
  EXPECT_TRUE(with.preparation.empty()) << "not known";
  EXPECT_TRUE(std::isnan(engine::total_cost(with.preparation).energy_evaluations));
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
