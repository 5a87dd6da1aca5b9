// Oracle: the rules of CONTRIBUTING.md about folders; each is proven able to fail on a small tree
// in which exactly that rule is broken. rules_test.cpp applies them to the project itself.
#include <gtest/gtest.h>

#include "tests/architecture/planted_tree.h"
#include "tests/architecture/rules.h"

namespace saltus::tests {
namespace {

// A header for each pair "a b": a includes b, both folders below tools/saltus.
std::map<std::string, std::string> program_of(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::map<std::string, std::string> files;
  for (const auto& [from, to] : pairs)
    files["tools/saltus/" + from + "/a.h"] += "#include \"tools/saltus/" + to + "/a.h\"\n";
  return files;
}

TEST(ProgramFolderRule, RefusesIncludesThatPointUpwardOrSideways) {
  EXPECT_EQ(
      violations(check_program_folders, program_of({{"decks", "run"}})),
      "tools/saltus/decks/a.h:1: tools/saltus/decks includes tools/saltus/run/a.h, which does "
      "not lie below it\n");
  EXPECT_EQ(
      violations(check_program_folders, program_of({{"run", "molecules"}, {"run", "training"}})),
      "tools/saltus/run/a.h:2: tools/saltus/run includes tools/saltus/training/a.h, which "
      "does not lie below it\n");
  EXPECT_EQ(violations(check_program_folders,
                       {{"tools/saltus/commands/a.cpp", "#include \"tools/saltus/main.h\"\n"}}),
            "tools/saltus/commands/a.cpp:1: tools/saltus/commands includes tools/saltus/main.h, "
            "which does not lie below it\n");
}

TEST(ProgramFolderRule, CountsPairsOfFolders) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const char* from : {"commands", "conformers", "run", "training"})
    for (const char* to : {"molecules", "common", "decks"}) pairs.push_back({from, to});
  for (const char* to : {"conformers", "run", "training"}) pairs.push_back({"commands", to});
  pairs.push_back({"commands", "run"});  // a pair counts once
  EXPECT_EQ(violations(check_program_folders, program_of(pairs)), "");
  pairs.push_back({"molecules", "decks"});
  EXPECT_EQ(violations(check_program_folders, program_of(pairs)),
            "tools/saltus: 16 pairs of folders of which one includes the other; at most 15\n");
}

TEST(ProgramFolderRule, CountsFoldersAndKnowsThePlaceOfEach) {
  std::map<std::string, std::string> files = {{"tools/saltus/main.cpp", ""}};
  for (const char* folder :
       {"commands", "conformers", "run", "training", "molecules", "common", "decks"})
    files[std::string("tools/saltus/") + folder + "/a.h"] = "";
  EXPECT_EQ(violations(check_program_folders, files), "");
  files["tools/saltus/run/moves/a.h"] = "#include \"tools/saltus/run/a.h\"\n";
  EXPECT_EQ(violations(check_program_folders, files),
            "tools/saltus: 9 folders; at most 8\n"
            "tools/saltus/run/moves: has no place among the folders of tools/saltus\n");
}

TEST(ProgramCircleRule, TakesAHeaderAndItsSourceForOne) {
  EXPECT_EQ(violations(check_program_circles,
                       {{"tools/saltus/run/a.cpp",
                         "#include \"tools/saltus/run/a.h\"\n#include \"tools/saltus/run/b.h\"\n"},
                        {"tools/saltus/run/a.h", ""},
                        {"tools/saltus/run/b.h", "#include \"tools/saltus/run/a.h\"\n"},
                        {"tools/saltus/run/c.h", "#include \"tools/saltus/run/a.h\"\n"}}),
            "tools/saltus/run/a.cpp:2: goes round in a circle: tools/saltus/run/a -> "
            "tools/saltus/run/b -> tools/saltus/run/a\n"
            "tools/saltus/run/b.h:1: goes round in a circle: tools/saltus/run/b -> "
            "tools/saltus/run/a -> tools/saltus/run/b\n");
}

TEST(FolderCircleRule, FindsACircleOfThreeFoldersAndAcceptsARhombus) {
  EXPECT_EQ(violations(check_folder_circles, {{"io/a/x.h", "#include \"io/b/x.h\"\n"},
                                              {"io/b/x.cpp", "\n#include \"io/c/x.h\"\n"},
                                              {"io/c/y.h", "#include \"io/a/x.h\"\n"},
                                              {"io/z.h", "#include \"io/a/x.h\"\n"}}),
            "io/a/x.h:1: goes round in a circle: io/a -> io/b -> io/c -> io/a\n"
            "io/b/x.cpp:2: goes round in a circle: io/b -> io/c -> io/a -> io/b\n"
            "io/c/y.h:1: goes round in a circle: io/c -> io/a -> io/b -> io/c\n");
  EXPECT_EQ(violations(check_folder_circles,
                       {{"engine/a/x.h", "#include \"engine/b/x.h\"\n#include \"engine/c/x.h\"\n"},
                        {"engine/b/x.h", "#include \"engine/d/x.h\"\n"},
                        {"engine/c/x.h", "#include \"engine/d/x.h\"\n"},
                        {"tests/a/x.h", "#include \"tests/b/x.h\"\n"},
                        {"tests/b/x.h", "#include \"tests/a/x.h\"\n"}}),
            "");
}

}  // namespace
}  // namespace saltus::tests
