#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace saltus::io {

/// A folder that exists as long as one test; the current folder is changed to it, so that messages
/// show short paths.
class DeckFolder {
 public:
  DeckFolder() : previous_(std::filesystem::current_path()) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string("saltus_") + test->test_suite_name() + '_' + test->name();
    for (char& c : name) c = c == '/' ? '_' : c;
    path_ = std::filesystem::path(testing::TempDir()) / name;
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    std::filesystem::current_path(path_);
  }
  ~DeckFolder() {
    std::filesystem::current_path(previous_);
    std::filesystem::remove_all(path_);
  }
  DeckFolder(const DeckFolder&) = delete;
  DeckFolder& operator=(const DeckFolder&) = delete;

  /// Writes a file; folders on the way are made.
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path previous_, path_;
};

/// Message of the error of type E that `work` throws; "" and a failure when it throws none.
template <class E>
std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace saltus::io
