// Oracle: what somebody who knows the other programs would answer.
#include "tools/saltus/common/option_names.h"

#include <gtest/gtest.h>

namespace saltus::tools {
namespace {

const std::vector<std::string> kConformers = {"help",      "output",        "num-confs",
                                              "threads",   "max-confs-out", "energy-window",
                                              "overwrite", "core",          "resume"};
const std::vector<std::string> kRun = {"help", "set", "quiet", "resume", "overwrite"};

TEST(OptionAdvice, KnowsTheWordsOfOtherPrograms) {
  EXPECT_EQ(option_advice("--conformers", kConformers), "did you mean '--num-confs'?");
  EXPECT_EQ(option_advice("--max-confs", kConformers),
            "did you mean '--num-confs' or '--max-confs-out'?");
  EXPECT_EQ(option_advice("--cpus", kConformers), "did you mean '--threads'?");
  // A word with a meaning goes before a name that happens to be like it.
  EXPECT_EQ(option_advice("--force", kConformers), "did you mean '--overwrite'?");
}

TEST(OptionAdvice, FindsTheNearestName) {
  EXPECT_EQ(option_advice("--num-conf", kRun), "");
  EXPECT_EQ(option_advice("--treads", kConformers), "did you mean '--threads'?");
  EXPECT_EQ(option_advice("--energy-windw", kConformers), "did you mean '--energy-window'?");
  EXPECT_EQ(option_advice("--over", kRun), "did you mean '--overwrite'?");
}

TEST(OptionAdvice, LeavesValuesAside) {
  EXPECT_EQ(option_advice("--conformers=10", kConformers), "did you mean '--num-confs'?");
  EXPECT_EQ(option_advice("--treads=4", kConformers), "did you mean '--threads'?");
  EXPECT_EQ(option_advice("-conformers", kConformers), "did you mean '--num-confs'?");
}

TEST(OptionAdvice, NamesOnlyWhatTheCommandHas) {
  EXPECT_EQ(option_advice("--cpus", kRun), "");
  EXPECT_EQ(option_advice("--temperature", kRun), "did you mean '--set ensemble.temperature=...'?");
  EXPECT_EQ(option_advice("--bogus", kRun), "");
  EXPECT_EQ(option_advice("--", kRun), "");
  EXPECT_EQ(option_advice("-x", kRun), "");
}

}  // namespace
}  // namespace saltus::tools
