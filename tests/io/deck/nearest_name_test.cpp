// Oracle: edit distances counted by hand.
#include "io/deck/nearest_name.h"

#include <gtest/gtest.h>

namespace saltus::io {
namespace {

TEST(NearestName, FindsTypingSlipsAndPrefixesOnly) {
  const std::vector<std::string> names = {"temperature", "time_step", "steps", "seed"};
  EXPECT_EQ(nearest_name("temprature", names), "temperature");
  EXPECT_EQ(nearest_name("Temperature", names), "temperature");
  EXPECT_EQ(nearest_name("step", names), "steps");
  EXPECT_EQ(nearest_name("temp", names), "temperature");
  EXPECT_EQ(nearest_name("temperatures_list", names), "temperature");
  EXPECT_EQ(nearest_name("pressure", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'x'), names), "");
}

TEST(NearestName, StaysSilentBetweenTwoPrefixes) {
  EXPECT_EQ(nearest_name("frame", {"frame_period", "frame_count"}), "");
}

TEST(NearestName, DoesNotTakeShortWordsForEachOther) {
  EXPECT_EQ(nearest_name("xy", {"ps", "fs", "K"}), "");
  EXPECT_EQ(nearest_name("x", {"K"}), "");
  EXPECT_EQ(nearest_name("Ps", {"ps", "fs"}), "ps");
}

}  // namespace
}  // namespace saltus::io
