#pragma once

#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

#include "engine/core/error.h"
#include "tests/fuzz/targets.h"

namespace saltus::fuzz {

inline std::string text_of(Bytes bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Calls `read`; ends the process unless it returns or throws an error of ours with a text.
inline void expect_result_or_error(const std::function<void()>& read) {
  try {
    read();
  } catch (const engine::InternalError& error) {
    std::cerr << "internal error: " << error.what() << std::endl;
    std::abort();
  } catch (const engine::Error& error) {
    if (std::string(error.what()).empty()) {
      std::cerr << "an error without a message" << std::endl;
      std::abort();
    }
  } catch (const std::exception& error) {
    std::cerr << "not an error of ours: " << error.what() << std::endl;
    std::abort();
  }
}

/// A file with a path, in memory where the system can, for readers that take one.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;  // opening the file sets it
  int file_;
};

}  // namespace saltus::fuzz
