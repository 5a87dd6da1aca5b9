#include "tools/saltus/commands/energy_subject.h"

#include <filesystem>

#include "engine/core/error.h"
#include "io/formats/file_kind.h"
#include "io/formats/file_names.h"
#include "tools/saltus/decks/load_run_deck.h"

namespace saltus::tools {

using engine::UsageError;

namespace {

namespace fs = std::filesystem;

SystemDeck system_of(const std::string& path, const std::vector<std::string>& force_field) {
  SystemDeck system;
  system.coordinates = path;
  const std::string call = "saltus energy: '" + path + "'";
  if (force_field.empty())
    throw UsageError(call +
                     (io::is_amber_coordinates(path)
                          ? " needs --force-field with its AMBER topology (.prmtop)"
                          : " needs --force-field: XML files such as amber99sbildn.xml, or an "
                            "AMBER topology (.prmtop)"));
  for (const std::string& name : force_field) {
    if (mmff_variant(name))
      throw UsageError(call +
                       ": MMFF94 needs bond orders and charges, which are in .sdf and .mol "
                       "files");
    const std::string kind = io::kind_at(name);
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
  if (io::is_amber_coordinates(path) && system.topology.empty())
    throw UsageError(call + " needs --force-field with its AMBER topology (.prmtop)");
  return system;
}

}  // namespace

bool is_structure_file(const std::string& path) {
  return io::is_pdb_file(path) || io::is_amber_coordinates(path);
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
