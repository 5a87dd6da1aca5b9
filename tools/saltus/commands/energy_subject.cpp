#include "tools/saltus/commands/energy_subject.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "engine/core/error.h"
#include "io/formats/file_kind.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {

using engine::UsageError;

namespace {

namespace fs = std::filesystem;

bool is_amber_coordinates(const fs::path& path) {
  return path.extension() == ".inpcrd" || path.extension() == ".rst7";
}

/// What a force-field file is by its first bytes; nothing when there is no such file here.
std::string kind_of(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return "";
  constexpr std::size_t kBeginning = 4096;
  std::array<char, kBeginning> bytes{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(bytes.data(), bytes.size());
  return io::file_kind(path,
                       std::string_view(bytes.data(), static_cast<std::size_t>(stream.gcount())))
      .name;
}

SystemDeck system_of(const std::string& path, const std::vector<std::string>& force_field) {
  SystemDeck system;
  system.coordinates = path;
  const std::string call = "saltus energy: '" + path + "'";
  if (force_field.empty())
    throw UsageError(call +
                     (is_amber_coordinates(path)
                          ? " needs --force-field with its AMBER topology (.prmtop)"
                          : " needs --force-field: XML files such as amber99sbildn.xml, or an "
                            "AMBER topology (.prmtop)"));
  for (const std::string& name : force_field) {
    if (mmff_variant(name))
      throw UsageError(call +
                       ": MMFF94 needs bond orders and charges, which are in .sdf and .mol "
                       "files");
    const std::string kind = kind_of(name);
    const bool topology = kind == "an AMBER topology", xml = kind == "an OpenMM System (XML)";
    if ((topology || xml) && force_field.size() > 1)
      throw UsageError(call + ": --force-field " + name + " is complete; give it alone");
    if (topology) system.topology = name;
    if (xml) system.system_xml = name;
    std::error_code ignored;
    // A file that is not here may be an installed one.
    if (!topology && !xml)
      system.force_field.push_back(fs::exists(name, ignored) ? fs::absolute(name) : fs::path(name));
  }
  if (is_amber_coordinates(path) && system.topology.empty())
    throw UsageError(call + " needs --force-field with its AMBER topology (.prmtop)");
  return system;
}

}  // namespace

bool is_structure_file(const std::string& path) {
  const std::string extension = fs::path(path).extension().string();
  return extension == ".pdb" || extension == ".ent" || is_amber_coordinates(path);
}

EnergySubject find_energy_subject(const std::string& path,
                                  const std::vector<std::string>& force_field,
                                  const std::vector<std::string>& overrides) {
  EnergySubject subject;
  if (is_structure_file(path)) {
    subject.system = system_of(path, force_field);
    return subject;
  }
  if (!force_field.empty())
    throw UsageError(
        "saltus energy: --force-field goes with a .pdb, .sdf or .mol file; a deck has "
        "system.force_field");
  const LoadedRunDeck loaded = load_run_deck(path, overrides);
  return {loaded.deck.system, loaded.deck.external, loaded.deck.energy, loaded.notes,
          loaded.places};
}

}  // namespace saltus::tools
