#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "engine/core/error.h"
#include "engine/core/special_file.h"
#include "forcefields/amber/text_lines_detail.h"

namespace saltus::forcefields::detail {

namespace {

template <class T>
std::optional<T> parse_whole(const std::string& text) {
  const std::string word = trimmed(text);
  T value{};
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || stop != word.data() + word.size() || word.empty())
    return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string> read_text_lines(const std::string& path) {
  engine::refuse_special_file(path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path))
    throw engine::FileError(path + ": cannot be opened for reading");
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  if (stream.bad()) throw engine::FileError(path + ": cannot be read");
  return lines;
}

std::string trimmed(const std::string& text) {
  const char* blanks = " \t";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<long> parse_integer(const std::string& text) { return parse_whole<long>(text); }

std::optional<double> parse_real(const std::string& text) {
  const std::optional<double> value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace saltus::forcefields::detail
