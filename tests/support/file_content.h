#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace saltus::tests {

/// Bytes of a file, read without code of ours; none where it cannot be read.
inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void set_content(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace saltus::tests
