// Oracle: a result or an error of ours for every file of the corpus (which holds all that ever
// crashed a reader) and for each of its beginnings and small damages.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "saltus_test_paths.h"
#include "tests/fuzz/targets.h"

namespace saltus::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> corpus_of(const Target& target) {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(fs::path(SALTUS_TEST_SOURCE_DIR) / "tests/fuzz/corpus" / target.name))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, OfTheCorpusNeverCrashes) {
  const Target& target = GetParam();
  const std::vector<fs::path> files = corpus_of(target);
  ASSERT_FALSE(files.empty());
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const std::vector<std::uint8_t> bytes = bytes_of(file);
    target.feed({bytes.data(), bytes.size()});
    for (const std::size_t part : {bytes.size() / 2, bytes.size() - bytes.size() / 8})
      target.feed({bytes.data(), part});
  }
}

INSTANTIATE_TEST_SUITE_P(OfEachReader, Replay, testing::ValuesIn(all_targets()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace saltus::fuzz
