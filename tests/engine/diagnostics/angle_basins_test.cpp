// Oracle: draws around known places.
#include "engine/diagnostics/angle_basins.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/core/random.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::message_of;

struct Angles {
  std::vector<double> first, second;

  void add(std::size_t n, double x, double y, double width, std::uint32_t chain) {
    RandomStream stream({31, 0}, StreamName::kTest, chain);
    for (std::size_t i = 0; i < n; ++i) {
      first.push_back(x + width * stream.normal());
      second.push_back(y + width * stream.normal());
    }
  }
};

TEST(AngleBasins, AreFoundInTwoAnglesAndAcrossTheEdge) {
  Angles angles;
  angles.add(700, -1.2, kPi, 0.2, 1);
  angles.add(300, 1.0, 0.7, 0.2, 2);
  const AngleBasins basins(angles.first, angles.second, {});
  ASSERT_EQ(basins.n_basins(), 2u);
  EXPECT_NEAR(basins.peak(0)[0], -1.2, 0.3);
  EXPECT_NEAR(wrap_angle(basins.peak(0)[1] - kPi), 0.0, 0.3);
  EXPECT_NEAR(basins.peak(1)[0], 1.0, 0.3);
  const auto labels = basins.basins_of(angles.first, angles.second);
  for (std::size_t i = 0; i < labels.size(); ++i) ASSERT_EQ(labels[i], i < 700 ? 0u : 1u) << i;
  // Any branch, and a place where nothing was.
  const std::vector<double> x = {-1.2 + kTwoPi, 1.3}, y = {-kPi + 0.1, 1.2};
  EXPECT_EQ(basins.basins_of(x, y), (std::vector<std::uint32_t>{0, 1}));
}

TEST(AngleBasins, OfOneAngle) {
  Angles angles;
  angles.add(200, kPi, 0.0, 0.2, 3);
  angles.add(500, 1.0, 0.0, 0.2, 4);
  angles.add(300, -1.0, 0.0, 0.2, 5);
  const AngleBasins basins(angles.first, {}, {});
  ASSERT_EQ(basins.n_basins(), 3u);
  EXPECT_NEAR(basins.peak(0)[0], 1.0, 0.2);
  EXPECT_NEAR(basins.peak(1)[0], -1.0, 0.2);
}

TEST(AngleBasins, BehindALowBarrierAreOne) {
  Angles angles;
  angles.add(4000, 0.5, 0.0, 0.3, 6);
  angles.add(4000, -0.5, 0.0, 0.3, 7);
  AngleBasinOptions options;
  options.barrier_kT = 0.2;
  EXPECT_EQ(AngleBasins(angles.first, {}, options).n_basins(), 2u);
  options.barrier_kT = 3.0;
  EXPECT_EQ(AngleBasins(angles.first, {}, options).n_basins(), 1u);
}

TEST(AngleBasins, RefuseWhatIsNoAngle) {
  const std::vector<double> one = {0.0}, two = {0.0, 1.0}, broken = {0.0, std::nan("")}, none;
  EXPECT_EQ(message_of<InputError>([&] { AngleBasins(none, {}, {}); }),
            "basins of angles: expected at least one value");
  EXPECT_EQ(message_of<InputError>([&] { AngleBasins(two, one, {}); }),
            "basins of angles: 2 and 1 values: expected as many of both");
  EXPECT_EQ(message_of<InputError>([&] { AngleBasins(broken, {}, {}); }),
            "basins of angles: value 1 is not finite");
}

}  // namespace
}  // namespace saltus::engine
