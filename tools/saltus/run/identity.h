#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Every key of a deck with the value in use. In place of a file's path stands its checksum, so
/// that a run knows its inputs again wherever they were moved to.
using RunIdentity = std::vector<std::pair<std::string, std::string>>;

/// @throws FileError  when an input file cannot be read
RunIdentity run_identity(const LoadedRunDeck& loaded, const Molecule& molecule);

/// SHA-256 of all keys that are not free. Free keys change nothing of what is sampled: title, where
/// files lie and which are replaced, threads, how long the run is, how often it is saved and
/// checked.
std::string identity_digest(const RunIdentity& identity);

/// "ensemble.temperature was \"310 K\" and is \"300 K\" now; title was not given and is ...", empty
/// when nothing differs. A key that decks did not have yet at the time of `before` makes no
/// difference when its value means what runs did then.
/// @param free  whether to compare the free keys or the others
std::string differences(const RunIdentity& before, const RunIdentity& now, bool free);

}  // namespace saltus::tools
