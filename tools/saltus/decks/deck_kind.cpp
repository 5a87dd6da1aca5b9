#include "tools/saltus/decks/deck_kind.h"

#include <algorithm>
#include <vector>

#include "engine/core/error.h"

namespace saltus::tools {

std::string command_of_deck(const io::DeckDocument& document) {
  const auto has_any = [&](const std::vector<const char*>& tables) {
    return std::any_of(tables.begin(), tables.end(),
                       [&](const char* name) { return document.root.find(name) != nullptr; });
  };
  // A deck of a training may have tables of the others as well, and none of the others has these.
  if (has_any({"torsion_network", "peptide_model", "rigid_flow"})) return "train";
  const bool runs = has_any({"system", "ensemble", "move", "chains"});
  const bool compares = has_any({"peptide", "peptides", "openmm_dynamics", "tica", "distances"});
  if (runs == compares) return "";
  return runs ? "run" : "compare";
}

void require_deck_of(const std::string& command, const std::filesystem::path& path,
                     const io::DeckDocument& document) {
  const std::string own = command_of_deck(document);
  if (own.empty() || own == command) return;
  throw engine::InputError(path.string() + ": this is a deck of 'saltus " + own +
                           "', by its tables, not of 'saltus " + command + "'; use 'saltus " + own +
                           ' ' + path.string() + '\'');
}

}  // namespace saltus::tools
