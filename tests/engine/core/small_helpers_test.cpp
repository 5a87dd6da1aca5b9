// Oracle: values worked out by hand.
#include <gtest/gtest.h>

#include <utility>

#include "engine/core/little_endian.h"
#include "engine/core/ordered_pair.h"
#include "engine/core/vec3.h"

namespace saltus::engine {
namespace {

TEST(LittleEndian, BeginsWithTheLowestByte) {
  const unsigned char bytes[] = {0x01, 0x02, 0, 0, 0, 0, 0, 0xF0};
  EXPECT_EQ(little_endian(bytes), 0xF000000000000201u);
}

TEST(OrderedPair, IsTheSameEitherWayRound) {
  EXPECT_EQ(ordered_pair(7, 3), (std::pair<std::size_t, std::size_t>(3, 7)));
  EXPECT_EQ(ordered_pair(3, 7), ordered_pair(7, 3));
  EXPECT_EQ(ordered_pair(4, 4), (std::pair<std::size_t, std::size_t>(4, 4)));
}

TEST(AtomDistance, IsThatOfPythagorasWithoutOverflow) {
  const double x[] = {1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 3.0, 5.0, 9.0, 2e200, 3e200, 6e200};
  EXPECT_DOUBLE_EQ(atom_distance(x, 0, 2), 7.0);
  EXPECT_EQ(atom_distance(x, 2, 0), atom_distance(x, 0, 2));
  EXPECT_DOUBLE_EQ(atom_distance(x, 1, 3), 7e200);
  EXPECT_EQ(atom_distance(x, 1, 1), 0.0);
}

}  // namespace
}  // namespace saltus::engine
