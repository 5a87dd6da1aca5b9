// Oracle: the definition.
#include "engine/core/finite.h"

#include <gtest/gtest.h>

#include <limits>

namespace saltus::engine {
namespace {

TEST(AllFinite, IsFalseOfNanAndInfinities) {
  EXPECT_TRUE(all_finite(std::vector<double>{}));
  EXPECT_TRUE(all_finite(std::vector<double>{0.0, -1e308, 5e-324}));
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()})
    EXPECT_FALSE(all_finite(std::vector<double>{1.0, bad}));
  const float values[] = {1.0f, std::numeric_limits<float>::infinity()};
  EXPECT_TRUE(all_finite(Span<const float>(values, 1)));
  EXPECT_FALSE(all_finite(Span<const float>(values, 2)));
}

TEST(FiniteOrInfinite, KeepsNumbersAndMakesTheRestInfinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(finite_or_infinite(-1e308), -1e308);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), kInfinity, -kInfinity})
    EXPECT_EQ(finite_or_infinite(bad), kInfinity);
}

}  // namespace
}  // namespace saltus::engine
