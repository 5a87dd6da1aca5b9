// Oracles: the initial model itself, two refinements beside one that was interrupted, and messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/peptides/peptide_leaps.h"
#include "mlsamplers/training/peptide_refinement.h"
#include "mlsamplers/training/peptide_statistics.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::mlsamplers {
namespace {

using engine::InputError;
using engine::ModelError;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::arbitrary_peptide_frames;
using tests::arbitrary_peptide_model;
using tests::message_of;
using tests::PeptideExample;

constexpr std::size_t kFrames = 600;
constexpr double kTemperature_K = 310.0;

std::shared_ptr<const PeptideModel> initial_model(std::uint64_t seed = 1) {
  return std::make_shared<const PeptideModel>(
      arbitrary_peptide_model({"NALA", "NGLY", "NSER", "CALA", "CGLY", "CSER"}, seed));
}

/// Frames of a peptide at one temperature, as a user's run has them.
struct UsersRun {
  explicit UsersRun(const std::string& sequence) {
    const PeptideExample example(sequence);
    const std::vector<double> temperatures(kFrames, kTemperature_K);
    const auto frames = arbitrary_peptide_frames(example, temperatures, 7);
    engine::System system;
    system.masses.assign(example.built.topology.n_atoms(), 12.0);
    PeptideStatistics statistics({kTemperature_K, 3e-3, 0.01, 100});
    statistics.add(example.peptide, system, frames.view(), temperatures);
    fitted = statistics.finish_sufficient();
    samples = {peptide_samples(sequence, example.peptide, frames.view(), temperatures)};
  }

  std::vector<TemplateStatistics> fitted;
  std::vector<PeptideSamples> samples;
};

const UsersRun& users_run() {
  static const UsersRun run("AG");
  return run;
}

PeptideModel begun(const std::shared_ptr<const PeptideModel>& initial = initial_model()) {
  return begin_refinement(initial, users_run().fitted, users_run().samples, "m");
}

PeptideTrainingOptions short_refinement() {
  PeptideTrainingOptions options = peptide_refinement_options();
  options.n_steps = 200;
  options.batch_size = 64;
  options.learning_rate = 5e-3;
  options.n_held_out_rows = 300;
  options.check_period = 50;
  options.average_decay = 0.9;
  return options;
}

void expect_same_networks(const PeptideModel& a, const PeptideModel& b) {
  EXPECT_EQ(a.embeddings, b.embeddings);
  for (std::size_t k = 0; k < kTorsionKinds; ++k) {
    EXPECT_EQ(a.networks[k].first, b.networks[k].first);
    EXPECT_EQ(a.networks[k].first_bias, b.networks[k].first_bias);
    EXPECT_EQ(a.networks[k].second, b.networks[k].second);
    EXPECT_EQ(a.networks[k].second_bias, b.networks[k].second_bias);
    EXPECT_EQ(a.networks[k].head, b.networks[k].head);
    EXPECT_EQ(a.networks[k].head_bias, b.networks[k].head_bias);
  }
}

/// All numbers of all leaps of a peptide.
std::vector<double> leap_numbers(const PeptideModel& model, const std::string& sequence) {
  const PeptideExample example(sequence);
  std::vector<double> result;
  const auto add = [&](const std::vector<double>& values) {
    result.insert(result.end(), values.begin(), values.end());
  };
  for (const PeptideLeap& leap : peptide_leaps(model, example.peptide, {}, "m")) {
    for (const auto* networks : {&leap.weights.soft_networks, &leap.weights.rotor_networks})
      for (const engine::MixtureNetworkWeights& network : *networks) {
        for (const auto* values : {&network.first, &network.first_bias, &network.second,
                                   &network.second_bias, &network.head, &network.head_bias})
          add(*values);
      }
    add(leap.weights.fast_weights);
    add(leap.weights.fast_cholesky);
    add({leap.weights.min_temperature_K, leap.weights.max_temperature_K, leap.probability});
  }
  return result;
}

TEST(PeptideRefinement, BeginsAtTheInitialModel) {
  // Steps that are lost to rounding: every check has to find the initial score, bit for bit.
  PeptideTrainingOptions options = short_refinement();
  options.learning_rate = options.last_learning_rate = 1e-300;
  std::vector<double> scores;
  PeptideTrainingFiles files;
  files.progress = [&](const PeptideTrainingState& state) { scores.push_back(state.held_out); };
  const TrainedPeptides refined = train_peptides(users_run().samples, options, begun(), files);
  ASSERT_TRUE(refined.initial_held_out.has_value());
  ASSERT_EQ(scores.size(), 4U);
  for (const double score : scores) EXPECT_EQ(score, *refined.initial_held_out);
  EXPECT_EQ(refined.best_step, 0U);
  EXPECT_EQ(refined.held_out, *refined.initial_held_out);
  expect_same_networks(refined.model, *initial_model());
}

TEST(PeptideRefinement, BeginsAtTheScoreOfATrainedModel) {
  // A model that was trained on such frames gives them more than a uniform density from the start.
  std::vector<PeptideSamples> samples;
  for (const char* sequence : {"AG", "GA", "AS", "SA"})
    samples.push_back(UsersRun(sequence).samples[0]);
  PeptideModel model = *initial_model();
  PeptideTrainingOptions options = short_refinement();
  options.shape = {16, 4, 3};
  const auto trained =
      std::make_shared<const PeptideModel>(train_peptides(samples, options, model, {}).model);
  options.n_steps = 50;
  const TrainedPeptides refined = train_peptides(users_run().samples, options, begun(trained), {});
  EXPECT_LT(*refined.initial_held_out, std::log(engine::kTwoPi) - 0.2);
  EXPECT_EQ(refined.model.shape.n_hidden, 16U);
}

TEST(PeptideRefinement, GetsBetterOnOnePeptide) {
  const TrainedPeptides refined =
      train_peptides(users_run().samples, short_refinement(), begun(), {});
  EXPECT_LT(refined.held_out, *refined.initial_held_out - 0.1);
  EXPECT_GT(refined.best_step, 0U);
  EXPECT_THAT(refined.model.card.training,
              HasSubstr("refined on NALA-CGLY, held out: the last 0.1 of the frames of each of 1 "
                        "trajectories"));
  const auto& scores = refined.model.card.transferable->scores;
  EXPECT_EQ(scores.at("held_out"), refined.held_out);
  EXPECT_EQ(scores.at("held_out_initial"), *refined.initial_held_out);
  // Temperatures stay those of the initial model, whatever the run had.
  EXPECT_EQ(refined.model.min_temperature_K, initial_model()->min_temperature_K);
  EXPECT_EQ(refined.model.max_temperature_K, initial_model()->max_temperature_K);
}

TEST(PeptideRefinement, HoldsOutTheEndOfTrajectories) {
  const double before =
      *train_peptides(users_run().samples, short_refinement(), begun(), {}).initial_held_out;
  const std::size_t n_torsions = users_run().samples[0].torsions.size();
  const auto with_angle = [&](std::size_t frame) {
    std::vector<PeptideSamples> samples = users_run().samples;
    samples[0].angles[frame * n_torsions] += 1.0F;
    return *train_peptides(samples, short_refinement(), begun(), {}).initial_held_out;
  };
  for (const std::size_t frame : {std::size_t{0}, kFrames * 9 / 10 - 1})
    EXPECT_EQ(with_angle(frame), before);
  std::vector<PeptideSamples> samples = users_run().samples;
  for (std::size_t frame = kFrames * 9 / 10; frame < kFrames; ++frame)
    samples[0].angles[frame * n_torsions] += 1.0F;
  EXPECT_NE(*train_peptides(samples, short_refinement(), begun(), {}).initial_held_out, before);
}

TEST(PeptideRefinement, KeepsTheInitialNetworksWhenTheyAreBetter) {
  // The end of the trajectory is where the rest of it never is.
  std::vector<PeptideSamples> samples = users_run().samples;
  const std::size_t n_training = samples[0].angles.size() / 10 * 9;
  for (std::size_t i = 0; i < samples[0].angles.size(); ++i) {
    const float small = 0.02F * static_cast<float>(i % 7);
    samples[0].angles[i] = i < n_training ? -1.2F + small : 1.9F + small;
  }
  PeptideTrainingOptions options = short_refinement();
  options.check_period = options.n_steps;
  std::vector<double> scores;
  PeptideTrainingFiles files;
  files.progress = [&](const PeptideTrainingState& state) { scores.push_back(state.held_out); };
  const TrainedPeptides refined = train_peptides(samples, options, begun(), files);
  ASSERT_EQ(scores.size(), 1U);
  EXPECT_GT(scores[0], *refined.initial_held_out);
  EXPECT_EQ(refined.best_step, 0U);
  expect_same_networks(refined.model, *initial_model());
}

TEST(PeptideRefinement, LeavesOtherPeptidesAsTheyAre) {
  const PeptideModel model =
      train_peptides(users_run().samples, short_refinement(), begun(), {}).model;
  // With none, and with some of the residues that were refined.
  for (const char* sequence : {"GS", "SA", "AA", "GG"})
    EXPECT_EQ(leap_numbers(model, sequence), leap_numbers(*initial_model(), sequence)) << sequence;
  EXPECT_NE(leap_numbers(model, "AG"), leap_numbers(*initial_model(), "AG"));
  // Nor do embeddings and statistics of other residues change.
  const std::size_t width = model.shape.n_embedding;
  for (std::size_t i = 0; i < model.templates.size(); ++i) {
    const std::string& name = model.templates[i].name;
    const bool is_refined = name == "NALA" || name == "CGLY";
    const auto embedding = [&](const PeptideModel& of) {
      return std::vector<double>(&of.embeddings[i * width], &of.embeddings[i * width] + width);
    };
    EXPECT_EQ(embedding(model) == embedding(*initial_model()), !is_refined) << name;
    EXPECT_EQ(model.templates[i].weights == initial_model()->templates[i].weights, !is_refined);
  }
}

TEST(PeptideRefinement, KeepsStatisticsOfFewFrames) {
  const PeptideModel model = begin_refinement(initial_model(), {}, users_run().samples, "m");
  for (std::size_t i = 0; i < model.templates.size(); ++i)
    EXPECT_EQ(model.templates[i].covariance, initial_model()->templates[i].covariance);
  PeptideStatistics statistics({kTemperature_K, 3e-3, 0.01, kFrames + 1});
  const PeptideExample example("AG");
  const std::vector<double> temperatures(kFrames, kTemperature_K);
  engine::System system;
  system.masses.assign(example.built.topology.n_atoms(), 12.0);
  statistics.add(example.peptide, system, arbitrary_peptide_frames(example, temperatures, 7).view(),
                 temperatures);
  EXPECT_TRUE(statistics.finish_sufficient().empty());
}

TEST(PeptideRefinement, GoesOnWhereItWas) {
  const tests::TemporaryFolder folder;
  const TrainedPeptides whole =
      train_peptides(users_run().samples, short_refinement(), begun(), {});
  PeptideTrainingFiles files;
  files.checkpoint = folder.file("training");
  files.should_stop = [] { return true; };
  EXPECT_TRUE(
      train_peptides(users_run().samples, short_refinement(), begun(), files).is_interrupted);
  EXPECT_THAT(message_of<ModelError>([&] {
                train_peptides(users_run().samples, short_refinement(), begun(initial_model(2)),
                               files);
              }),
              HasSubstr("it is the checkpoint of another training"));
  files.should_stop = {};
  const TrainedPeptides second =
      train_peptides(users_run().samples, short_refinement(), begun(), files);
  EXPECT_FALSE(second.is_interrupted);
  EXPECT_EQ(second.held_out, whole.held_out);
  EXPECT_EQ(second.initial_held_out, whole.initial_held_out);
  expect_same_networks(second.model, whole.model);
}

TEST(PeptideRefinement, IsKeptInItsFile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("refined.safetensors");
  PeptideModel model = train_peptides(users_run().samples, short_refinement(), begun(), {}).model;
  save_peptide_model(model, path);
  const PeptideModel back = load_peptide_model(path);
  ASSERT_TRUE(back.initial != nullptr);
  EXPECT_EQ(back.refined_on, model.refined_on);
  EXPECT_THAT(back.refined_on, ElementsAre(ElementsAre("NALA", "CGLY")));
  expect_same_networks(back, model);
  expect_same_networks(*back.initial, *initial_model());
  for (const char* sequence : {"AG", "SA", "GG"})
    EXPECT_EQ(leap_numbers(back, sequence), leap_numbers(model, sequence)) << sequence;

  model.refined_on = {{"NALA", "CTRP"}};
  save_peptide_model(model, path);
  EXPECT_EQ(message_of<ModelError>([&] { load_peptide_model(path); }),
            path + ": the model is damaged: it was refined on an unknown residue");
  model.refined_on.clear();
  EXPECT_EQ(message_of<ModelError>([&] { model.validate("m"); }),
            "m: the model is damaged: it was refined on no peptide");
}

TEST(PeptideRefinement, SaysWhatIsWrong) {
  const UsersRun other("AC");
  EXPECT_EQ(message_of<InputError>(
                [&] { begin_refinement(initial_model(), other.fitted, other.samples, "m"); }),
            "m: the model does not know residue 2 of AC, CCYS, only CALA CGLY CSER NALA NGLY NSER: "
            "refining adds no residues; train a model on peptides with it");

  std::vector<TemplateStatistics> fitted = users_run().fitted;
  for (TemplateStatistics& entry : fitted) entry.fingerprint[0] += 1.0;
  EXPECT_EQ(message_of<InputError>(
                [&] { begin_refinement(initial_model(), fitted, users_run().samples, "m"); }),
            "m: the model is for a force field of tests; the runs to refine it on have other "
            "charges in CGLY: give the force field that the model is for");

  EXPECT_THAT(message_of<InputError>([&] { begun(std::make_shared<const PeptideModel>(begun())); }),
              HasSubstr("m: it was refined already; refine the model that it was made of"));

  const std::vector<PeptideSamples> one_frame = {some_frames(users_run().samples[0], 0, 1)};
  EXPECT_EQ(
      message_of<InputError>([&] { train_peptides(one_frame, short_refinement(), begun(), {}); }),
      "peptide training: a peptide with at least 2 frames is needed, the last to be held "
      "out");
}

}  // namespace
}  // namespace saltus::mlsamplers
