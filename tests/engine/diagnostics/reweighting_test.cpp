// Oracle: Kish's formula by hand.

#include "engine/diagnostics/reweighting.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double kish(const std::vector<double>& log_weights) {
  return kish_effective_sample_size(log_weights);
}

TEST(KishEffectiveSampleSize, ByHand) {
  EXPECT_DOUBLE_EQ(kish({0.0, 0.0, 0.0}), 3.0);
  // Weights 1, 2, 3: 36 / 14.
  EXPECT_NEAR(kish({0.0, std::log(2.0), std::log(3.0)}), 36.0 / 14.0, 1e-14);
  EXPECT_DOUBLE_EQ(kish({5.0}), 1.0);
}

TEST(KishEffectiveSampleSize, IgnoresACommonOffsetOfAnySize) {
  EXPECT_NEAR(kish({-1e5, std::log(2.0) - 1e5}), 9.0 / 5.0, 1e-9);
  EXPECT_NEAR(kish({1e5, std::log(2.0) + 1e5}), 9.0 / 5.0, 1e-9);
}

TEST(KishEffectiveSampleSize, CountsZeroWeightsForNothing) {
  EXPECT_DOUBLE_EQ(kish({-kInfinity, 0.0, 0.0}), 2.0);
  EXPECT_DOUBLE_EQ(kish({-1000.0, 0.0}), 1.0);
}

TEST(KishEffectiveSampleSize, RefusesWhatIsNoWeight) {
  EXPECT_EQ(message_of<NumericalError>([] {
              kish({-kInfinity, -kInfinity});
            }),
            "none of 2 importance weights is positive: no sample represents the target");
  EXPECT_EQ(message_of<NumericalError>([] { kish({}); }),
            "none of 0 importance weights is positive: no sample represents the target");
  EXPECT_EQ(message_of<NumericalError>([] {
              kish({0.0, std::nan("")});
            }),
            "log-weight 1 is NaN: expected a finite number or -inf");
  EXPECT_EQ(message_of<NumericalError>([] { kish({kInfinity}); }),
            "log-weight 0 is +inf: expected a finite number or -inf");
}

}  // namespace
}  // namespace saltus::engine
