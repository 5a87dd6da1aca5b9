// The published size: builds and takes a step. Gigabytes and a minute: run by hand (ctest -L long).
#include <gtest/gtest.h>

#include <cmath>

#include "mlsamplers/training/timewarp_trainer.h"
#include "tests/mlsamplers/timewarp_fixture.h"

namespace saltus::tests {
namespace {

TEST(PublishedTimewarp, BuildsAndTakesAStep) {
  const WellPair wells;
  mlsamplers::PilotTrajectory data;
  data.n_series = 2;
  data.n_frames = 10;
  data.frame_spacing_ps = 1.0;
  data.frames = wells.draw(20, 1).positions;
  mlsamplers::TimewarpTrainingOptions options;
  options.shape = mlsamplers::published_timewarp_shape();
  options.lag_ps = 1.0;
  options.n_steps = 1;
  options.batch_size = options.n_held_out = 2;
  mlsamplers::ModelCard card;
  mlsamplers::describe_molecule(wells.topology(), card);
  card.temperature_K = WellPair::kTemperature_K;
  const mlsamplers::TrainedTimewarp trained =
      mlsamplers::train_timewarp(wells.topology(), data, options, card, {});
  EXPECT_TRUE(std::isfinite(trained.held_out));
  EXPECT_NEAR(static_cast<double>(mlsamplers::count_parameters(trained.model)), 106.3e6, 0.2e6);
}

}  // namespace
}  // namespace saltus::tests
