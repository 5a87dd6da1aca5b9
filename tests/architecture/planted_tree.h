#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/architecture/rules.h"

namespace saltus::tests {

/// A tree on disk that lives as long as the test.
class PlantedTree {
 public:
  explicit PlantedTree(const std::map<std::string, std::string>& files)
      : root_(std::filesystem::path(::testing::TempDir()) /
              ("saltus_planted_" + std::to_string(::getpid()) + "_" + std::to_string(count_++))) {
    for (const auto& [path, text] : files) {
      std::filesystem::create_directories((root_ / path).parent_path());
      std::ofstream(root_ / path) << text;
    }
  }
  ~PlantedTree() { std::filesystem::remove_all(root_); }
  PlantedTree(const PlantedTree&) = delete;
  PlantedTree& operator=(const PlantedTree&) = delete;

  SourceTree read() const { return SourceTree(root_); }

 private:
  static inline int count_ = 0;
  std::filesystem::path root_;
};

/// A function of rules.h.
using Rule = std::vector<Violation> (*)(const SourceTree&);

/// What a rule finds in a tree of these files.
inline std::string violations(Rule rule, const std::map<std::string, std::string>& files) {
  return to_string(rule(PlantedTree(files).read()));
}

}  // namespace saltus::tests
