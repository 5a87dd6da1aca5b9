// Oracle: weights counted by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "engine/core/units.h"
#include "mlsamplers/training/torsion_cells.h"

namespace saltus::tests {
namespace {

using mlsamplers::balanced_weights;

/// Angles in degrees as radians.
std::vector<double> angles(std::vector<double> degrees) {
  for (double& angle : degrees) angle *= engine::kRadianPerDegree;
  return degrees;
}

TEST(TorsionCells, PopulationsAreRaisedToTheNegativePower) {
  // Three in one cell of (phi, psi), one in another; branches of an angle do not matter.
  const auto soft = angles({-70, -40, -110, -20, 290, 320, 50, 40});
  const auto weights = balanced_weights(soft, 2, 0.5);
  const double common = 1.0 / std::sqrt(3.0), mean = (3.0 * common + 1.0) / 4.0;
  ASSERT_EQ(weights.size(), 4u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(weights[i], common / mean, 1e-14);
  EXPECT_NEAR(weights[3], 1.0 / mean, 1e-14);
}

TEST(TorsionCells, PowerZeroLeavesAllAlikeAndOneMakesCellsAlike) {
  const auto soft = angles({10, 20, 30, 40, 130});
  for (double weight : balanced_weights(soft, 1, 0.0)) EXPECT_EQ(weight, 1.0);
  const auto weights = balanced_weights(soft, 1, 1.0);
  EXPECT_NEAR(weights[0] + weights[1] + weights[2] + weights[3], weights[4], 1e-14);
  EXPECT_NEAR(weights[4], 2.5, 1e-14);
}

TEST(TorsionCells, BordersAndWholeTurnsHaveACell) {
  const auto weights = balanced_weights(angles({-180, 180, 0, 360, -360, 1e-14}), 1, 1.0);
  for (double weight : weights) EXPECT_TRUE(weight > 0.0);
}

TEST(TorsionCells, WithoutSoftTorsionsThereAreNoWeights) {
  EXPECT_TRUE(balanced_weights({}, 0, 1.0).empty());
}

}  // namespace
}  // namespace saltus::tests
