// Oracle: pairs written down by hand, and how often rows are drawn.
#include <gtest/gtest.h>

#include <cmath>

#include "mlsamplers/training/mixture_data.h"

namespace saltus::tests {
namespace {

using mlsamplers::InternalData;
using mlsamplers::LeapEnds;
using mlsamplers::MixtureFitData;

/// Series of two soft torsions and one rotor, whose values name their row; the last is held out.
InternalData numbered(std::size_t n_series, std::size_t n_frames) {
  InternalData data;
  data.n_soft = 2;
  data.n_rotors = 1;
  data.n_series = n_series;
  data.n_training_series = n_series - 1;
  data.n_frames = n_frames;
  for (std::size_t row = 0; row < data.n_rows(); ++row) {
    const auto value = static_cast<double>(row);
    data.soft.insert(data.soft.end(), {0.001 * value, 0.001 * value + 0.5});
    data.rotors.push_back(0.001 * value + 0.25);
  }
  return data;
}

TEST(MixtureData, LaggedEndsStayInTheirSeriesAndGoBothWays) {
  const LeapEnds ends = mlsamplers::lagged_ends(numbered(2, 4), 2);
  EXPECT_EQ(ends.from, (std::vector<std::size_t>{0, 2, 1, 3, 4, 6, 5, 7}));
  EXPECT_EQ(ends.to, (std::vector<std::size_t>{2, 0, 3, 1, 6, 4, 7, 5}));
}

TEST(MixtureData, SoftTorsionsSeeTheBeginningAndThoseBeforeThem) {
  const InternalData data = numbered(2, 3);
  const LeapEnds ends = {{1, 4}, {2, 5}};
  const MixtureFitData first = mlsamplers::soft_data(data, ends, 0),
                       second = mlsamplers::soft_data(data, ends, 1);
  EXPECT_EQ(first.n_angles, 2u);
  EXPECT_EQ(first.training.conditions, (std::vector<double>{0.001, 0.501}));
  EXPECT_EQ(first.training.angles, (std::vector<double>{0.002}));
  EXPECT_EQ(second.n_angles, 3u);
  EXPECT_EQ(second.training.conditions, (std::vector<double>{0.001, 0.501, 0.002}));
  EXPECT_EQ(second.training.angles, (std::vector<double>{0.502}));
  EXPECT_EQ(second.held_out.conditions, (std::vector<double>{0.004, 0.504, 0.005}));
  EXPECT_EQ(second.held_out.angles, (std::vector<double>{0.505}));
}

TEST(MixtureData, RotorsAreFolded) {
  const MixtureFitData fit = mlsamplers::rotor_data(numbered(2, 1), 3, 0);
  EXPECT_EQ(fit.n_angles, 2u);
  EXPECT_EQ(fit.training.conditions, (std::vector<double>{0.0, 0.5}));
  EXPECT_EQ(fit.training.angles, (std::vector<double>{0.75}));
  EXPECT_EQ(fit.held_out.angles.size(), 1u);
}

TEST(MixtureData, IndependentEndsAreBalancedAndKeepThePartsApart) {
  // One row in forty is in a cell of its own, in both parts.
  InternalData data = numbered(2, 4000);
  for (std::size_t row = 0; row < data.n_rows(); row += 40) data.soft[2 * row] = 2.5;
  for (std::size_t row = 0; row < data.n_rows(); ++row)
    if (row % 40 != 0) data.soft[2 * row] = 0.3;
  for (std::size_t row = 0; row < data.n_rows(); ++row) data.soft[2 * row + 1] = 0.5;
  const engine::StepKey key{3, 0};
  const LeapEnds ends = mlsamplers::independent_ends(data, key);
  ASSERT_EQ(ends.to.size(), data.n_rows());
  std::size_t rare = 0;
  for (std::size_t i = 0; i < ends.to.size(); ++i) {
    ASSERT_EQ(ends.to[i], i);
    ASSERT_EQ(data.is_training(ends.from[i]), data.is_training(i));
    if (ends.from[i] % 40 == 0) ++rare;
  }
  // Half of the beginnings, within six standard errors; unbalanced it would be a fortieth.
  EXPECT_NEAR(static_cast<double>(rare) / 8000.0, 0.5, 6.0 * 0.5 / std::sqrt(8000.0));
  EXPECT_EQ(mlsamplers::independent_ends(data, key).from, ends.from);
  EXPECT_NE(mlsamplers::independent_ends(data, engine::StepKey{4, 0}).from, ends.from);
}

TEST(MixtureData, WithoutSoftTorsionsAnyRowIsABeginning) {
  InternalData data;
  data.n_series = 2;
  data.n_training_series = 1;
  data.n_frames = 3;
  const LeapEnds ends = mlsamplers::independent_ends(data, {1, 0});
  EXPECT_EQ(ends.to, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(ends.from[i] / 3, i / 3);
}

}  // namespace
}  // namespace saltus::tests
