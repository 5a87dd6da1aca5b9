#include "tools/saltus/conformers/core_options_detail.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "forcefields/chem/molecule_reader.h"
#include "tools/conformers/core.h"

namespace saltus::tools {

using engine::UsageError;

namespace {

std::string prefix(const std::string& option) { return "saltus conformers: --" + option + ": "; }

/// A whole number from 1; 0 for anything else.
std::size_t number_of(const std::string& text) {
  constexpr std::size_t kMaxDigits = 9;
  if (text.empty() || text.size() > kMaxDigits ||
      text.find_first_not_of("0123456789") != std::string::npos)
    return 0;
  return std::stoul(text);
}

/// "1-3,7" is 1, 2, 3, 7.
std::vector<std::size_t> atom_numbers(const std::string& text) {
  const auto refuse = [&](const std::string& part) {
    throw UsageError(prefix("core-atoms") + "expected numbers of atoms such as 1-6,9, got '" +
                     part + "' in '" + text + "'");
  };
  constexpr std::size_t kMany = 1000;
  std::vector<std::size_t> numbers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const std::size_t dash = part.find('-');
    const std::size_t first = number_of(part.substr(0, dash));
    const std::size_t last = dash == std::string::npos ? first : number_of(part.substr(dash + 1));
    if (first == 0 || last < first || last - first > kMany) refuse(part);
    for (std::size_t number = first; number <= last; ++number) numbers.push_back(number);
    begin = end + 1;
  }
  return numbers;
}

/// The only molecule of a file, with coordinates.
forcefields::ChemMolecule structure_of(const std::string& option, const std::string& path) {
  std::vector<forcefields::ChemMolecule> molecules = forcefields::read_sdf(path);
  if (molecules.size() != 1)
    throw UsageError(prefix(option) + "expected a file with one molecule, '" + path + "' has " +
                     std::to_string(molecules.size()));
  if (molecules[0].positions_nm.empty())
    throw UsageError(prefix(option) + molecules[0].source +
                     ": no 3D coordinates, expected a place for each atom");
  return std::move(molecules[0]);
}

/// What InputError says, about an option.
template <class Make>
auto named(const std::string& option, const Make& make) {
  try {
    return make();
  } catch (const engine::InputError& error) {
    throw UsageError(prefix(option) + error.what());
  }
}

void read_core(const std::string& option, const std::string& given, ConformerSettings& settings) {
  using forcefields::CorePattern;
  settings.core = named(option, [&] {
    if (option == "core") return CorePattern::of_smarts(given);
    if (option == "core-atoms") return CorePattern::of_atoms(atom_numbers(given));
    return CorePattern::of_template(structure_of(option, given));
  });
  named(option, [&] {
    check_core(settings);
    return 0;
  });
}

}  // namespace

void read_core_options(const ParsedCommandLine& parsed, ConformerSettings& settings) {
  std::string before;
  for (const char* option : {"core", "core-template", "core-atoms"}) {
    if (!parsed.has(option)) continue;
    if (!before.empty())
      throw UsageError("saltus conformers: --" + before + " and --" + option +
                       " exclude each other: there is one core");
    before = option;
    read_core(option, parsed.values[option].as<std::string>(), settings);
  }
  const auto match = parsed.values["core-match"].as<std::string>();
  if (match != "fail" && match != "first")
    throw UsageError(prefix("core-match") + "expected fail or first, got '" + match + "'");
  settings.first_core = match == "first";
  if (!parsed.has("align")) return;
  settings.align = true;
  const auto align = parsed.values["align"].as<std::string>();
  if (align == "first") return;
  settings.reference =
      std::make_shared<const forcefields::ChemMolecule>(structure_of("align", align));
}

}  // namespace saltus::tools
