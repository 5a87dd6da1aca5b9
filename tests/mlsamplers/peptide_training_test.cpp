// Oracles: a regression written into the frames, two trainings beside one that was interrupted, and
// messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/training/peptide_statistics.h"
#include "mlsamplers/training/peptide_trainer.h"
#include "tests/mlsamplers/peptide_fixture.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::mlsamplers {
namespace {

using engine::InputError;
using testing::HasSubstr;
using tests::arbitrary_peptide_frames;
using tests::message_of;
using tests::PeptideExample;

constexpr std::size_t kFrames = 800;

std::vector<double> temperatures() {
  std::vector<double> result;
  for (std::size_t i = 0; i < kFrames; ++i) result.push_back(i % 2 == 0 ? 300.0 : 450.0);
  return result;
}

engine::System without_terms(const PeptideExample& example) {
  engine::System system;
  system.masses.assign(example.built.topology.n_atoms(), 12.0);
  return system;
}

/// Statistics and samples of a few peptides.
struct TrainingSet {
  explicit TrainingSet(const std::vector<std::string>& sequences) {
    PeptideStatistics statistics({300.0, 3e-3, 0.01, 100});
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const PeptideExample example(sequences[i]);
      const auto frames = arbitrary_peptide_frames(example, temperatures(), 100 + i);
      statistics.add(example.peptide, without_terms(example), frames.view(), temperatures());
      samples.push_back(
          peptide_samples(sequences[i], example.peptide, frames.view(), temperatures()));
    }
    model.templates = statistics.finish();
    model.reference_temperature_K = model.min_temperature_K = 300.0;
    model.max_temperature_K = 450.0;
  }

  std::vector<PeptideSamples> samples;
  PeptideModel model;
};

const TrainingSet& training_set() {
  static const TrainingSet set({"AG", "GA", "SA", "AS", "GG"});
  return set;
}

PeptideTrainingOptions short_training() {
  PeptideTrainingOptions options;
  options.shape = {16, 4, 3};
  options.n_steps = 200;
  options.batch_size = 64;
  options.learning_rate = 5e-3;
  options.n_held_out_rows = 300;
  options.check_period = 50;
  options.average_decay = 0.9;
  return options;
}

TEST(PeptideStatistics, GrowWithTheTemperatureAsTheyShould) {
  // Frames of the fixture are wider by sqrt(T / 300 K), so that both halves give one covariance.
  const PeptideExample example("AG");
  std::vector<double> cold(kFrames, 300.0), hot(kFrames, 450.0);
  const auto fitted = [&](const std::vector<double>& all) {
    PeptideStatistics statistics({300.0, 3e-3, 0.01, 100});
    statistics.add(example.peptide, without_terms(example),
                   arbitrary_peptide_frames(example, all, 5).view(), all);
    return statistics.finish();
  };
  const auto a = fitted(cold), b = fitted(hot);
  ASSERT_EQ(a.size(), 2U);
  constexpr double kTolerance = 0.15;
  for (std::size_t i = 0; i < a[0].n_fast; ++i) {
    const std::size_t d = i * (a[0].n_fast + 1);
    EXPECT_NEAR(b[0].covariance[d] / a[0].covariance[d], 1.0, kTolerance);
  }
}

TEST(PeptideStatistics, AskForEnoughFrames) {
  const PeptideExample example("AG");
  PeptideStatistics statistics({300.0, 3e-3, 0.01, 1000});
  statistics.add(example.peptide, without_terms(example),
                 arbitrary_peptide_frames(example, temperatures(), 5).view(), temperatures());
  EXPECT_EQ(message_of<InputError>([&] { statistics.finish(); }),
            "peptide training: template CGLY has 800 frames, at least 1000 are needed: add "
            "peptides with it, or longer trajectories");
}

TEST(PeptideStatistics, AreOfOneForceField) {
  const PeptideExample example("AG");
  PeptideStatistics statistics({300.0, 3e-3, 0.01, 100});
  const auto frames = arbitrary_peptide_frames(example, temperatures(), 5);
  engine::System system = without_terms(example);
  statistics.add(example.peptide, system, frames.view(), temperatures());
  const engine::ZMatrixRow& row = example.peptide.z.rows[1];
  system.bonds.push_back({row.atom, row.bond_to, 0.15, 2e5});
  EXPECT_THAT(message_of<InputError>(
                  [&] { statistics.add(example.peptide, system, frames.view(), temperatures()); }),
              HasSubstr("residue 1, NALA, has other bonds than in a peptide before"));
}

TEST(RotorMixture, FindsWhereAnglesAre) {
  std::vector<double> histogram(360, 0.0);
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    const double angle = -engine::kPi + engine::kTwoPi * (static_cast<double>(i) + 0.5) / 360.0;
    histogram[i] = 1e4 * std::exp(-0.5 * std::pow((angle - 1.0) / 0.3, 2));
  }
  const auto mixture = fit_rotor_mixture(histogram);
  EXPECT_NEAR(mixture[0].mean, 1.0, 0.05);
  EXPECT_NEAR(mixture[0].width, 0.3, 0.05);
  for (const RotorComponent& component : mixture) EXPECT_GT(component.weight, 0.0);
}

TEST(PeptideMasks, ShowWhatBlocksShow) {
  const PeptideTorsion phi = {TorsionKind::kPhi, 2, 0, false},
                       psi = {TorsionKind::kPsi, 2, 0, false},
                       chi = {TorsionKind::kChi1, 2, 0, false},
                       next = {TorsionKind::kPhi, 3, 0, false};
  for (const PeptideMask mask :
       {PeptideMask::kResidue, PeptideMask::kPart, PeptideMask::kInOrder, PeptideMask::kRandom})
    EXPECT_FALSE(is_seen(mask, psi, psi, true));
  EXPECT_TRUE(is_seen(PeptideMask::kResidue, phi, psi, false));
  EXPECT_FALSE(is_seen(PeptideMask::kResidue, psi, phi, false));
  EXPECT_TRUE(is_seen(PeptideMask::kResidue, next, psi, false));
  EXPECT_FALSE(is_seen(PeptideMask::kPart, next, psi, false));
  EXPECT_TRUE(is_seen(PeptideMask::kPart, psi, next, false));
  EXPECT_TRUE(is_seen(PeptideMask::kPart, psi, chi, false));
  EXPECT_FALSE(is_seen(PeptideMask::kInOrder, next, psi, false));
  EXPECT_TRUE(is_seen(PeptideMask::kRandom, next, psi, true));
}

TEST(PeptideTraining, GetsBetterOnWhatItHasNotSeen) {
  std::vector<double> scores;
  PeptideTrainingFiles files;
  files.progress = [&](const PeptideTrainingState& state) { scores.push_back(state.held_out); };
  const TrainedPeptides trained =
      train_peptides(training_set().samples, short_training(), training_set().model, files);
  ASSERT_GE(scores.size(), 2U);
  EXPECT_LT(trained.held_out, std::log(engine::kTwoPi) - 0.2);  // a uniform density is no model
  EXPECT_EQ(trained.held_out, *std::min_element(scores.begin(), scores.end()));
  EXPECT_LT(scores.back(), scores.front());
  EXPECT_EQ(trained.held_out_peptides.size(), 1U);
  EXPECT_EQ(trained.model.card.kind, kPeptideKind);
}

TEST(PeptideTraining, GoesOnWhereItWas) {
  const tests::TemporaryFolder folder;
  const TrainedPeptides whole =
      train_peptides(training_set().samples, short_training(), training_set().model, {});
  PeptideTrainingFiles files;
  files.checkpoint = folder.file("training");
  files.should_stop = [] { return true; };
  const TrainedPeptides first =
      train_peptides(training_set().samples, short_training(), training_set().model, files);
  EXPECT_TRUE(first.is_interrupted);
  files.should_stop = {};
  const TrainedPeptides second =
      train_peptides(training_set().samples, short_training(), training_set().model, files);
  EXPECT_FALSE(second.is_interrupted);
  EXPECT_EQ(second.held_out, whole.held_out);
  EXPECT_EQ(second.model.embeddings, whole.model.embeddings);
  for (std::size_t k = 0; k < kTorsionKinds; ++k)
    EXPECT_EQ(second.model.networks[k].first, whole.model.networks[k].first);

  PeptideTrainingOptions others = short_training();
  others.seed = 99;
  EXPECT_THAT(message_of<engine::ModelError>([&] {
                train_peptides(training_set().samples, others, training_set().model, files);
              }),
              HasSubstr("it is the checkpoint of another training"));
}

TEST(PeptideTraining, KeepsTheLastGoodModel) {
  PeptideTrainingOptions options = short_training();
  options.max_gradient_norm = 1e300;
  options.learning_rate = 1e200;
  EXPECT_THAT(message_of<engine::NumericalError>([&] {
                train_peptides(training_set().samples, options, training_set().model, {});
              }),
              HasSubstr("before the first check: use a lower learning rate"));

  // A torsion that is not a number is drawn sooner or later.
  TrainingSet set = training_set();
  for (PeptideSamples& peptide : set.samples)
    peptide.angles[0] = std::numeric_limits<float>::quiet_NaN();
  options = short_training();
  options.check_period = 1;
  options.n_held_out_rows = 1;
  options.batch_size = 1;
  options.n_steps = 20000;
  options.patience = 20000;
  const TrainedPeptides trained = train_peptides(set.samples, options, set.model, {});
  EXPECT_THAT(trained.stopped, HasSubstr("was not finite at step"));
  EXPECT_NO_THROW(trained.model.validate("model"));
}

TEST(PeptideTraining, SaysWhatIsWrong) {
  PeptideTrainingOptions options = short_training();
  options.held_out_fraction = 0.0;
  EXPECT_EQ(message_of<InputError>(
                [&] { train_peptides(training_set().samples, options, training_set().model, {}); }),
            "peptide training: the held-out fraction must be between 0 and 1");
  EXPECT_EQ(message_of<InputError>([&] {
              train_peptides({training_set().samples[0]}, short_training(), training_set().model,
                             {});
            }),
            "peptide training: at least 2 peptides with frames are needed, one of them to be held "
            "out");
}

}  // namespace
}  // namespace saltus::mlsamplers
