// Oracle: which decks sample the same, written out by hand.
#include <gtest/gtest.h>

#include "tools/saltus/run/identity.h"

namespace saltus::tools {
namespace {

const RunIdentity kBefore = {{"seed", "5"}, {"move[0].width", "\"30 deg\""}};

RunIdentity with(RunIdentity identity, const std::string& key, const std::string& value) {
  identity.emplace_back(key, value);
  return identity;
}

TEST(RunIdentities, DifferByKeysThatChangeTheRun) {
  EXPECT_EQ(differences(kBefore, kBefore, false), "");
  EXPECT_EQ(differences(kBefore, with(kBefore, "chains.count", "4"), false),
            "chains.count was not given and is 4 now");
  EXPECT_EQ(differences(with(kBefore, "chains.count", "4"), kBefore, false),
            "chains.count was 4 and is not given now");
}

TEST(RunIdentities, DoNotDifferByKeysThatCameLaterAndMeanAsBefore) {
  for (const char* key : {"move[0].half_turns", "move[1].part[0].half_turns"}) {
    EXPECT_EQ(differences(kBefore, with(kBefore, key, "0.0"), false), "") << key;
    EXPECT_EQ(differences(kBefore, with(kBefore, key, "0.2"), false),
              std::string(key) + " was not given and is 0.2 now");
    // Once it was there, taking it away is a change.
    EXPECT_EQ(differences(with(kBefore, key, "0.0"), kBefore, false),
              std::string(key) + " was 0.0 and is not given now");
  }
  // Another key of that name is another one.
  EXPECT_EQ(differences(kBefore, with(kBefore, "leap.half_turns", "0.0"), false),
            "leap.half_turns was not given and is 0.0 now");
}

}  // namespace
}  // namespace saltus::tools
