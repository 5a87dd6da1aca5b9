#include <charconv>
#include <cmath>
#include <sstream>

#include "engine/core/file.h"
#include "engine/core/text.h"
#include "forcefields/amber/text_lines_detail.h"

namespace saltus::forcefields::detail {

namespace {

template <class T>
std::optional<T> parse_whole(const std::string& text) {
  const std::string word = engine::trimmed(text);
  T value{};
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || stop != word.data() + word.size() || word.empty())
    return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string> read_text_lines(const std::string& path) {
  std::istringstream stream(engine::read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

std::optional<long> parse_integer(const std::string& text) { return parse_whole<long>(text); }

std::optional<double> parse_real(const std::string& text) {
  const std::optional<double> value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace saltus::forcefields::detail
