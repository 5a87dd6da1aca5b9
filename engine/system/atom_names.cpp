#include "engine/system/atom_names.h"

#include <cstddef>
#include <map>

#include "engine/core/error.h"
#include "engine/system/elements.h"

namespace saltus::engine {

namespace {

constexpr std::size_t kMaxLength = 4;

/// 100 is A0, 110 is B0; as many characters as decimals for 99 have.
std::string with_letters(std::size_t number) {
  constexpr std::size_t kFirst = 100, kDigits = 10, kLetters = 26;
  const std::size_t tens = (number - kFirst) / kDigits;
  if (tens >= kLetters) return "";
  return std::string(1, static_cast<char>('A' + tens)) +
         static_cast<char>('0' + (number - kFirst) % kDigits);
}

}  // namespace

std::vector<std::string> unique_atom_names(const std::vector<int>& atomic_numbers) {
  std::map<int, std::size_t> counts;
  std::vector<std::string> names;
  for (const int element : atomic_numbers) {
    const std::size_t number = ++counts[element];
    const std::string symbol = element_symbol(element);
    std::string name = symbol + std::to_string(number);
    if (name.size() > kMaxLength && symbol.size() == 2 && !with_letters(number).empty())
      name = symbol + with_letters(number);
    if (name.size() > kMaxLength)
      throw InputError("more than " + std::to_string(number - 1) + " atoms of " + symbol +
                       ": there are no more names of four characters for them");
    names.push_back(name);
  }
  return names;
}

}  // namespace saltus::engine
