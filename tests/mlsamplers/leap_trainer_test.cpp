// Oracle: replay with other thread counts, the exact density, and the
// documented message of each refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "mlsamplers/training/leap_refiner.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::LeapModel;
using mlsamplers::LeapTrainingOptions;
using mlsamplers::PilotTrajectory;
using mlsamplers::TrainedLeap;

TrainedLeap train(const PilotTrajectory& pilot, const LeapTrainingOptions& options,
                  std::shared_ptr<engine::ThreadPool> pool = nullptr,
                  const mlsamplers::TrainingProgress& progress = {}) {
  return mlsamplers::train_leap({molecule().topology(), molecule().system()}, pilot, options,
                                leap_card(), {std::move(pool), progress});
}

LeapTrainingOptions short_options() {
  LeapTrainingOptions options = leap_options();
  options.n_epochs = 2;
  return options;
}

std::string bytes_of(const LeapModel& model) {
  const TemporaryFolder folder;
  mlsamplers::save_leap_model(model, folder.file("model.pt"));
  return content_of(folder.file("model.pt"));
}

TEST(LeapTrainer, SeedAloneDecidesTheBits) {
  const PilotTrajectory pilot = molecule().pilot(4, 80, 6);
  const std::string alone = bytes_of(train(pilot, short_options()).model);
  for (const std::size_t n_threads : {1, 2})
    EXPECT_TRUE(
        alone ==
        bytes_of(
            train(pilot, short_options(), std::make_shared<engine::ThreadPool>(n_threads)).model))
        << n_threads << " threads";

  LeapTrainingOptions reseeded = short_options();
  ++reseeded.seed;
  const LeapModel other = train(pilot, reseeded).model;
  const engine::ChainBatch to = molecule().draw(3, 7), from = molecule().draw(3, 8);
  EXPECT_NE(leap_density(train(pilot, short_options()).model, to, from),
            leap_density(other, to, from));
}

/// Refines with one and two threads and returns the reports; the models must be the same bits.
std::vector<mlsamplers::LeapRefinementReport> refine_with_threads(const PilotTrajectory& pilot,
                                                                  std::size_t n_leaps,
                                                                  LeapModel& model) {
  std::vector<mlsamplers::LeapRefinementReport> reports;
  std::vector<LeapModel> models(2, model);
  for (std::size_t i = 0; i < 2; ++i)
    reports.push_back(mlsamplers::refine_leap(models[i], pilot, leap_target(),
                                              {short_options(), {2, 64, n_leaps}},
                                              std::make_shared<engine::ThreadPool>(i + 1)));
  EXPECT_TRUE(bytes_of(models[0]) == bytes_of(models[1]));
  EXPECT_EQ(reports[0].fast_held_out, reports[1].fast_held_out);
  model = models[0];
  return reports;
}

TEST(LeapTrainer, RefinementKeepsWhatHelpsWhateverTheThreads) {
  // So few frames that the states of 64 chains, every tenth of their leaps, help.
  const PilotTrajectory pilot = molecule().pilot(4, 40, 6);
  const TrainedLeap trained = train(pilot, short_options());
  LeapModel model = trained.model;
  const auto reports = refine_with_threads(pilot, 600, model);
  EXPECT_GE(reports[0].n_rounds_kept, 1u);
  EXPECT_GT(reports[0].fast_held_out, trained.report.fast_held_out);
  EXPECT_FALSE(bytes_of(model) == bytes_of(trained.model));
}

TEST(LeapTrainer, RefinementDropsWhatDoesNotHelp) {
  // Fitted to 2800 frames; what refinement has, 36 frames and 280 states, is less than that.
  LeapModel model = trained_leap().model;
  const std::string before = bytes_of(model);
  const auto reports = refine_with_threads(molecule().pilot(2, 36, 6), 60, model);
  EXPECT_EQ(reports[0].n_rounds_kept, 0u);
  EXPECT_GT(reports[0].acceptance, 0.3);
  EXPECT_TRUE(bytes_of(model) == before);
}

TEST(LeapTrainer, RefinementTeachesTheNetworks) {
  const LeapModel untrained = untrained_model();
  LeapModel refined = untrained;
  LeapTrainingOptions options = leap_options();
  options.n_epochs = 40;
  const mlsamplers::LeapRefinementReport report = mlsamplers::refine_leap(
      refined, molecule().pilot(8, 100, 2), leap_target(), {options, {2, 64, 300}}, nullptr);
  EXPECT_GE(report.n_rounds_kept, 1u);
  // With the networks as they were, which refinement has left alone.
  LeapModel half = refined;
  half.networks = untrained.networks;
  const engine::ChainBatch to = molecule().draw(2000, 9), from = molecule().draw(2000, 10);
  const auto mean = [&](const LeapModel& model) {
    double sum = 0.0;
    for (double value : leap_density(model, to, from)) sum += value / 2000.0;
    return sum;
  };
  EXPECT_EQ(leap_density(untrained, to, from), leap_density(untrained_model(), to, from));
  EXPECT_GT(mean(refined), mean(half) + 0.2);
}

TEST(LeapTrainer, RefinementWithoutAcceptedLeapsChangesNothing) {
  const PilotTrajectory pilot = molecule().pilot(4, 80, 6);
  LeapModel model = train(pilot, short_options()).model;
  // Bonds a hundred times too wide: energies that nothing accepts.
  for (double& value : model.fast.cholesky) value *= 100.0;
  const std::vector<double> weights = model.fast.weights, cholesky = model.fast.cholesky;
  const mlsamplers::LeapRefinementReport report =
      mlsamplers::refine_leap(model, pilot, leap_target(), {short_options(), {3, 4, 5}}, nullptr);
  EXPECT_EQ(report.n_rounds_kept, 0u);
  EXPECT_EQ(report.acceptance, 0.0);
  EXPECT_EQ(model.fast.weights, weights);
  EXPECT_EQ(model.fast.cholesky, cholesky);
}

TEST(LeapTrainer, ComesCloseToTheExactDensity) {
  const mlsamplers::LeapTrainingReport& report = trained_leap().report;
  ASSERT_EQ(report.soft_held_out.size(), 2u);
  ASSERT_EQ(report.rotor_held_out.size(), 1u);
  // 7 of 8 series train; each pair of 400 frames 1 apart is used in both directions.
  EXPECT_EQ(report.n_pairs, 7u * 399u * 2u);
  EXPECT_EQ(report.n_held_out, 399u * 2u);
  const engine::ChainBatch to = molecule().draw(4000, 9), from = molecule().draw(4000, 10);
  const std::vector<double> exact = molecule().log_density(to.positions.view()),
                            learned = leap_density(trained_leap().model, to, from);
  double divergence = 0.0;
  for (std::size_t c = 0; c < exact.size(); ++c) divergence += (exact[c] - learned[c]) / 4000.0;
  // Kullback-Leibler divergence: positive, and small for 3200 frames and 15 coordinates on 69
  // functions; an untrained model is off by more than a nat.
  EXPECT_GT(divergence, 0.0);
  EXPECT_LT(divergence, 0.5);
  const double uniform = -std::log(engine::kTwoPi);
  for (double score : report.soft_held_out) EXPECT_GT(score, uniform + 0.2);
  EXPECT_GT(report.rotor_held_out[0], uniform + 0.1);
  EXPECT_GT(report.fast_train, report.fast_held_out);
}

TEST(LeapTrainer, FillsInTheCard) {
  const mlsamplers::ModelCard& card = trained_leap().model.card;
  EXPECT_EQ(card.kind, "internal-coordinate leap");
  EXPECT_EQ(card.lag_ps, 1.0);
  EXPECT_EQ(card.measure, engine::name_of(engine::ReferenceMeasure::kCartesianUpToRigidMotion));
  EXPECT_EQ(card.training, trained_leap().report.summary);
  EXPECT_EQ(
      card.training.rfind(
          "2 soft torsions, 1 rotors, 15 fast coordinates; 8 series of 400 frames every 1 ps; "
          "5586 pairs at lag 1 ps, 798 held out; seed 5; fast coordinates ",
          0),
      0u)
      << card.training;
  EXPECT_FALSE(card.references.empty());
}

TEST(LeapTrainer, ReportsProgress) {
  std::vector<double> fractions;
  LeapTrainingOptions options = short_options();
  train(molecule().pilot(2, 60, 6), options, nullptr,
        [&](double fraction) { fractions.push_back(fraction); });
  ASSERT_EQ(fractions.size(), 6u);  // two epochs of three networks
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(fractions[i], static_cast<double>(i + 1) / 6.0, 1e-12);
}

struct Refusal {
  const char* message;
  std::function<void(PilotTrajectory&, LeapTrainingOptions&)> damage;
};

const double kNan = std::numeric_limits<double>::quiet_NaN();

const Refusal kRefusals[] = {
    {"lag must be positive", [](auto&, auto& o) { o.lag_ps = 0.0; }},
    {"lag must be positive", [](auto&, auto& o) { o.lag_ps = kNan; }},
    {"components must be positive", [](auto&, auto& o) { o.n_components = 0; }},
    {"components must be positive", [](auto&, auto& o) { o.n_rotor_components = 0; }},
    {"hidden, epochs and batch_size must be positive", [](auto&, auto& o) { o.n_hidden = 0; }},
    {"hidden, epochs and batch_size must be positive", [](auto&, auto& o) { o.n_epochs = 0; }},
    {"hidden, epochs and batch_size must be positive", [](auto&, auto& o) { o.batch_size = 0; }},
    {"uniform_fraction must be between 0 and 1", [](auto&, auto& o) { o.uniform_fraction = 0.0; }},
    {"uniform_fraction must be between 0 and 1", [](auto&, auto& o) { o.uniform_fraction = 1.0; }},
    {"held_out_fraction must be between 0 and 1", [](auto&, auto& o) { o.held_out_fraction = 0; }},
    {"held_out_fraction must be between 0 and 1", [](auto&, auto& o) { o.held_out_fraction = 1; }},
    {"learning_rate and smoothness must be positive, weight_decay not negative",
     [](auto&, auto& o) { o.learning_rate = -1.0; }},
    {"learning_rate and smoothness must be positive, weight_decay not negative",
     [](auto&, auto& o) { o.weight_decay = -1.0; }},
    {"learning_rate and smoothness must be positive, weight_decay not negative",
     [](auto&, auto& o) { o.smoothness = kNan; }},
    {"the pilot needs at least 2 series, one of them to be held out; it has 1",
     [](auto& p, auto&) {
       p.n_series = 1;
       p.n_frames = 40;
     }},
    {"the spacing of the pilot's frames must be positive",
     [](auto& p, auto&) { p.frame_spacing_ps = 0.0; }},
    {"the lag is shorter than the spacing of the pilot's frames",
     [](auto&, auto& o) { o.lag_ps = 0.4; }},
    {"the pilot has 20 frames in each series; a lag of 25 frames needs more: make the pilot longer "
     "or the lag shorter",
     [](auto&, auto& o) { o.lag_ps = 25.0; }},
};

TEST(LeapTrainer, RefusesWhatItCannotUse) {
  for (const Refusal& refusal : kRefusals) {
    PilotTrajectory pilot = molecule().pilot(2, 20, 6);
    LeapTrainingOptions options = short_options();
    refusal.damage(pilot, options);
    EXPECT_EQ(message_of<engine::InputError>([&] { train(pilot, options); }),
              std::string("leap training: ") + refusal.message);
  }
}

TEST(LeapTrainer, RefusesAPilotOfTheWrongSize) {
  PilotTrajectory pilot = molecule().pilot(2, 20, 6);
  pilot.n_frames = 21;
  EXPECT_EQ(message_of<engine::InternalError>([&] { train(pilot, short_options()); }),
            "leap training: the pilot does not hold n_series * n_frames frames");
}

TEST(LeapTrainer, NamesTheFrameWithoutInternalCoordinates) {
  PilotTrajectory pilot = molecule().pilot(2, 20, 6);
  const auto& row = molecule().z_matrix().rows[3];
  const auto x = pilot.frames.chain(27);
  for (std::size_t k = 0; k < 3; ++k)
    x[3 * row.atom + k] = 2.0 * x[3 * row.bond_to + k] - x[3 * row.angle_to + k];
  EXPECT_EQ(message_of<engine::NumericalError>([&] { train(pilot, short_options()); }),
            "leap training: frame 27 of the pilot has a singular internal coordinate (an angle of "
            "0 or 180 degrees)");
}

TEST(LeapTrainer, NeedsMoreFramesThanFastCoordinates) {
  EXPECT_EQ(message_of<engine::NumericalError>(
                [&] { train(molecule().pilot(2, 10, 6), short_options()); }),
            "the covariance of 15 fast coordinates over 10 frames is not positive definite: use a "
            "longer pilot, and no constraints");
}

TEST(LeapTrainer, SaysWhenTrainingDiverges) {
  LeapTrainingOptions options = short_options();
  options.learning_rate = 1e300;
  EXPECT_EQ(message_of<engine::NumericalError>([&] { train(molecule().pilot(2, 60, 6), options); }),
            "leap training: the held-out score is not finite");
}

TEST(LeapTrainer, NeedsAMoleculeOfFourAtoms) {
  engine::Topology water;
  water.residues = {{"HOH", "", 1, ""}};
  water.atoms = {{"O", 8, 0}, {"H1", 1, 0}, {"H2", 1, 0}};
  water.bonds = {{0, 1}, {0, 2}};
  engine::System system;
  system.masses = {16.0, 1.0, 1.0};
  const PilotTrajectory pilot{2, 20, 1.0, engine::CoordinateBatch(40, 3)};
  EXPECT_EQ(message_of<engine::InputError>([&] {
              mlsamplers::train_leap({water, system}, pilot, short_options(), {}, {});
            }),
            "internal coordinates need at least 4 atoms, the molecule has 3");
}

}  // namespace
}  // namespace saltus::tests
