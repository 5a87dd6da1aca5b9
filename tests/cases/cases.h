#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"

namespace saltus::tests {

/// Tests in a folder of their own that holds a copy of some of the cases.
class CasesTest : public ProgramTest {
 protected:
  void SetUp() override {}

  /// Copies "tests/cases/data/NAME", a file or a folder, to NAME in the test's folder.
  void copy_case(const std::string& name) const {
    const std::filesystem::path to = file(name);
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy(std::string(SALTUS_TEST_SOURCE_DIR) + "/tests/cases/data/" + name, to,
                          std::filesystem::copy_options::recursive);
  }
};

}  // namespace saltus::tests
