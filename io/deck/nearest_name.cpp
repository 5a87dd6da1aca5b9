#include "io/deck/nearest_name.h"

#include <algorithm>

#include "engine/core/text.h"

namespace saltus::io {
namespace {

constexpr std::size_t kMaxWordLength = 64;
constexpr std::size_t kMinPrefixLength = 3;
constexpr std::size_t kShortWord = 4;

}  // namespace

std::string nearest_name(std::string_view word, const std::vector<std::string>& names) {
  if (word.empty() || word.size() > kMaxWordLength) return "";
  const std::string wanted = engine::lower_case(word);
  std::size_t smallest = (word.size() <= kShortWord ? 1 : 2) + 1;
  std::string nearest;
  for (const std::string& name : names) {
    const std::size_t distance = engine::edit_distance(wanted, engine::lower_case(name));
    // A short name is within two edits of anything: at least one letter has to agree.
    if (distance < smallest && distance < name.size()) {
      smallest = distance;
      nearest = name;
    }
  }
  if (!nearest.empty() || word.size() < kMinPrefixLength) return nearest;
  for (const std::string& name : names) {
    const std::string known = engine::lower_case(name);
    const bool related = engine::starts_with(known, wanted) ||
                         (known.size() >= kMinPrefixLength && engine::starts_with(wanted, known));
    if (!related) continue;
    if (!nearest.empty()) return "";
    nearest = name;
  }
  return nearest;
}

}  // namespace saltus::io
