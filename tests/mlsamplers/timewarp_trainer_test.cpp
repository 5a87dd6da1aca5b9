// Oracle: scores before and after, equal bits however a training was interrupted, exact draws, and
// the documented messages.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/moves/metropolis.h"
#include "mlsamplers/timewarp/timewarp_proposal.h"
#include "mlsamplers/training/timewarp_trainer.h"
#include "tests/mlsamplers/timewarp_fixture.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::tests {
namespace {

using mlsamplers::PilotTrajectory;
using mlsamplers::TimewarpEnvironment;
using mlsamplers::TimewarpTrainingOptions;
using mlsamplers::TrainedTimewarp;

const ChainMolecule& chain() {
  static const ChainMolecule instance;
  return instance;
}

/// Exact draws, 1 ps apart, that have nothing to do with each other.
PilotTrajectory pilot(std::size_t n_series = 4, std::size_t n_frames = 200) {
  PilotTrajectory result;
  result.n_series = n_series;
  result.n_frames = n_frames;
  result.frame_spacing_ps = 1.0;
  result.frames = chain().draw(n_series * n_frames, WellPair::kTemperature_K, 21).positions;
  return result;
}

TimewarpTrainingOptions small_training() {
  TimewarpTrainingOptions options;
  options.shape = small_timewarp_shape();
  options.seed = 3;
  options.lag_ps = 1.0;
  options.n_steps = 60;
  options.n_rise = 5;
  options.batch_size = 32;
  options.check_period = 20;
  options.n_held_out = 100;
  options.learning_rate = 5e-3;
  options.averaging = 0.9;
  return options;
}

mlsamplers::ModelCard chain_card() {
  mlsamplers::ModelCard card;
  mlsamplers::describe_molecule(chain().topology(), card);
  card.temperature_K = WellPair::kTemperature_K;
  card.force_field = "a chain";
  card.force_field_digest = mlsamplers::force_field_digest(chain().system());
  card.created_by = "a test";
  return card;
}

TrainedTimewarp train(const TimewarpTrainingOptions& options,
                      const TimewarpEnvironment& environment = {}) {
  return mlsamplers::train_timewarp(chain().topology(), pilot(), options, chain_card(),
                                    environment);
}

std::string bytes_of(const mlsamplers::TimewarpModel& model) {
  const TemporaryFolder folder;
  mlsamplers::save_timewarp_model(model, folder.file("model"));
  return content_of(folder.file("model"));
}

TEST(TimewarpTrainer, LearnsAndTellsItsCurve) {
  std::vector<mlsamplers::TimewarpTrainingState> states;
  std::size_t n_kept = 0;
  TimewarpEnvironment environment;
  environment.progress = [&](const auto& state) { states.push_back(state); };
  environment.keep = [&](const mlsamplers::TimewarpModel& model) {
    ++n_kept;
    EXPECT_EQ(mlsamplers::count_parameters(model), model.shape.n_parameters());
  };
  const TrainedTimewarp trained = train(small_training(), environment);
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states[0].step, 20u);
  EXPECT_EQ(states[2].n_steps, 60u);
  EXPECT_GE(n_kept, 1u);
  ASSERT_EQ(trained.model.curve.size(), 3u);
  EXPECT_LT(trained.model.curve[2].held_out, trained.model.curve[0].held_out - 0.1);
  EXPECT_EQ(trained.held_out, states[2].best_held_out);
  EXPECT_EQ(trained.model.card.kind, mlsamplers::kTimewarpKind);
  EXPECT_EQ(trained.model.card.lag_ps, 1.0);
  EXPECT_NE(trained.model.card.training.find("nats by atom held out"), std::string::npos);
}

TEST(TimewarpTrainer, DoesNotDependOnThreads) {
  TimewarpEnvironment threads;
  threads.pool = std::make_shared<engine::ThreadPool>(2);
  EXPECT_TRUE(bytes_of(train(small_training()).model) ==
              bytes_of(train(small_training(), threads).model));
}

TEST(TimewarpTrainer, GoesOnAsIfItHadNotBeenInterrupted) {
  const std::string whole = bytes_of(train(small_training()).model);
  const TemporaryFolder folder;
  TimewarpEnvironment environment;
  environment.state_file = folder.file("state");
  environment.progress = [](const mlsamplers::TimewarpTrainingState& state) {
    if (state.step == 40) throw std::runtime_error("interrupted");
  };
  EXPECT_THROW(train(small_training(), environment), std::runtime_error);
  ASSERT_TRUE(std::filesystem::exists(environment.state_file));
  std::size_t first = 0;
  environment.progress = [&](const mlsamplers::TimewarpTrainingState& state) {
    if (first == 0) first = state.step;
  };
  EXPECT_TRUE(bytes_of(train(small_training(), environment).model) == whole);
  EXPECT_EQ(first, 60u);

  // Another training does not go on from it.
  TimewarpTrainingOptions other = small_training();
  other.learning_rate *= 2.0;
  EXPECT_EQ(message_of<engine::ModelError>([&] { train(other, environment); }),
            environment.state_file +
                ": this training was begun with other data or options; go on with those, or delete "
                "the file to begin again");
}

TEST(TimewarpTrainer, TunesByEnergyAndAcceptance) {
  TimewarpTrainingOptions options = small_training();
  options.tuning.n_steps = 20;
  options.tuning.energy = 0.05;
  TimewarpEnvironment environment;
  environment.energy = chain().energy();
  std::size_t last = 0;
  environment.progress = [&](const mlsamplers::TimewarpTrainingState& state) {
    last = state.step;
    EXPECT_TRUE(std::isfinite(state.training));
  };
  const TrainedTimewarp tuned = train(options, environment);
  EXPECT_EQ(last, 80u);
  EXPECT_FALSE(bytes_of(tuned.model) == bytes_of(train(small_training()).model));
  EXPECT_EQ(message_of<engine::InputError>([&] { train(options); }),
            "timewarp training: tuning needs an energy");
}

TEST(TimewarpTrainer, StartsWarm) {
  TimewarpEnvironment environment;
  environment.warm_start =
      std::make_shared<mlsamplers::TimewarpModel>(train(small_training()).model);
  const TrainedTimewarp again = train(small_training(), environment);
  EXPECT_LT(again.model.curve[0].held_out, environment.warm_start->curve[0].held_out);
  TimewarpTrainingOptions wider = small_training();
  wider.shape.width = 16;
  EXPECT_EQ(message_of<engine::ModelError>([&] { train(wider, environment); }),
            "timewarp training: the model to start with has another shape than the one to train");
}

TEST(TimewarpTrainer, KeepsTheLastGoodModelWhenItDiverges) {
  TimewarpTrainingOptions options = small_training();
  options.shape.scale_bound = 0.0;
  options.tuning.n_steps = 40;
  options.tuning.learning_rate = 1e6;
  options.n_steps = 20;
  TimewarpEnvironment environment;
  environment.energy = chain().energy();
  std::size_t n_kept = 0;
  environment.keep = [&](const auto&) { ++n_kept; };
  const std::string message =
      message_of<engine::NumericalError>([&] { train(options, environment); });
  EXPECT_GE(n_kept, 1u);
  EXPECT_NE(message.find("the last good model, of step 20 with "), std::string::npos) << message;
  EXPECT_NE(message.find("train again with a smaller learning rate"), std::string::npos) << message;
}

TEST(TimewarpTrainer, RefusesWhatItCannotLearnFrom) {
  const auto refusal = [](const PilotTrajectory& data, const TimewarpTrainingOptions& options) {
    return message_of<engine::InputError>(
        [&] { mlsamplers::train_timewarp(chain().topology(), data, options, chain_card(), {}); });
  };
  EXPECT_EQ(refusal(pilot(1, 50), small_training()),
            "timewarp training: at least 2 series are needed, one of them to be held out, got 1");
  TimewarpTrainingOptions options = small_training();
  options.lag_ps = 300.0;
  EXPECT_EQ(refusal(pilot(), options),
            "timewarp training: the pilot's 200 frames, 1 ps apart, are too few for a lag of 300 "
            "ps: make the pilot longer or the lag shorter");
  options = small_training();
  options.batch_size = 0;
  EXPECT_EQ(refusal(pilot(), options),
            "timewarp training: steps, batch size, check period and held-out pairs must be "
            "positive");
  options = small_training();
  options.averaging = 1.0;
  EXPECT_EQ(refusal(pilot(), options), "timewarp training: averaging must be in [0, 1)");
}

TEST(TimewarpTrainer, LearnsTwoBasins) {
  // Distances in two narrow wells, each draw on its own. A flow whose halves do not move each other
  // is a normal distribution of each coordinate, whose score is known; near weights of 0 the
  // slope of the loss towards anything better vanishes.
  constexpr double kDistances_nm[2] = {0.25, 0.65}, kWidth_nm = 0.015, kShift_nm = 0.015;
  PilotTrajectory data;
  data.n_series = 4;
  data.n_frames = 1000;
  data.frame_spacing_ps = 1.0;
  data.frames = engine::CoordinateBatch(4000, 2);
  engine::RandomStream stream({test_seed(61), 0}, engine::StreamName::kTest, 0);
  double mean = 0.0, square = 0.0;
  for (std::size_t i = 0; i < 4000; ++i) {
    const double r = kDistances_nm[stream.below(2)] + kWidth_nm * stream.normal();
    data.frames.chain(i)[3] = r;
    mean += r / 4000.0;
    square += r * r / 4000.0;
  }
  TimewarpTrainingOptions options = small_training();
  options.shape = mlsamplers::TimewarpShape();
  options.batch_size = 128;
  options.n_steps = 400;
  options.n_rise = 50;
  options.check_period = 100;
  options.learning_rate = 2e-3;
  options.averaging = 0.95;
  options.shift_nm = kShift_nm;
  options.turn_rad = 0.03;
  mlsamplers::ModelCard card;
  const engine::Topology pair = row_of_atoms({6, 6});
  mlsamplers::describe_molecule(pair, card);
  card.temperature_K = WellPair::kTemperature_K;
  const TrainedTimewarp trained = mlsamplers::train_timewarp(pair, data, options, card, {});
  const auto entropy = [](double variance) {
    return 0.5 * (1.0 + std::log(engine::kTwoPi * variance));
  };
  const double along = 0.25 * (square - mean * mean) + kShift_nm * kShift_nm;
  const double across = 0.25 * square * options.turn_rad * options.turn_rad + kShift_nm * kShift_nm;
  // By atom: a coordinate along the axis, two across it, three auxiliaries.
  const double normal_score = entropy(along) + 2.0 * entropy(across) + 3.0 * entropy(1.0);
  EXPECT_LT(trained.held_out, normal_score - 0.1);
}

TEST(TimewarpTrainer, TrainedModelsAreExact) {
  // Two atoms in wells: exact whatever the training made of them.
  const WellPair wells;
  PilotTrajectory data;
  data.n_series = 4;
  data.n_frames = 200;
  data.frame_spacing_ps = 1.0;
  data.frames = wells.draw(800, 31).positions;
  mlsamplers::ModelCard card;
  mlsamplers::describe_molecule(wells.topology(), card);
  card.temperature_K = WellPair::kTemperature_K;
  TimewarpTrainingOptions options = small_training();
  options.shift_nm = 0.05;
  options.turn_rad = 0.5;
  const TrainedTimewarp trained =
      mlsamplers::train_timewarp(wells.topology(), data, options, card, {});
  const engine::Metropolis move(
      std::make_shared<mlsamplers::TimewarpProposal>(trained.model, nullptr));
  expect_passed(wells.check("trained timewarp", move, 500), WellPair::kRequiredPower);
}

}  // namespace
}  // namespace saltus::tests
