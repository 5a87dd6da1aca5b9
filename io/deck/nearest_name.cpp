#include "io/deck/nearest_name.h"

#include <algorithm>
#include <cctype>

namespace saltus::io {
namespace {

constexpr std::size_t kLongestComparedWord = 64;
constexpr std::size_t kShortestPrefix = 3;
constexpr std::size_t kShortWord = 4;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cost((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i * width] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      std::size_t best = std::min({cost[(i - 1) * width + j] + 1, cost[i * width + j - 1] + 1,
                                   cost[(i - 1) * width + j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, cost[(i - 2) * width + j - 2] + 1);
      }
      cost[i * width + j] = best;
    }
  }
  return cost.back();
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& names) {
  if (word.empty() || word.size() > kLongestComparedWord) return "";
  const std::string wanted = lower_case(word);
  std::size_t smallest = (word.size() <= kShortWord ? 1 : 2) + 1;
  std::string nearest;
  for (const std::string& name : names) {
    const std::size_t distance = edit_distance(wanted, lower_case(name));
    // A short name is within two edits of anything: at least one letter has to agree.
    if (distance < smallest && distance < name.size()) {
      smallest = distance;
      nearest = name;
    }
  }
  if (!nearest.empty() || word.size() < kShortestPrefix) return nearest;
  for (const std::string& name : names) {
    const std::string known = lower_case(name);
    const bool related = begins_with(known, wanted) ||
                         (known.size() >= kShortestPrefix && begins_with(wanted, known));
    if (!related) continue;
    if (!nearest.empty()) return "";
    nearest = name;
  }
  return nearest;
}

std::string join_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace saltus::io
