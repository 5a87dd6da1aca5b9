#pragma once

#include <string>
#include <vector>

#include "io/deck/key_places.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// A single molecule whose energy is wanted.
struct EnergySubject {
  SystemDeck system;
  ExternalDeck external;
  EnergyDeck energy;
  std::vector<std::string> notes;  ///< of the deck, for the user
  io::KeyPlaces places;            ///< of the deck
};

/// True for names of files that hold coordinates without bond orders: .pdb, .ent, .inpcrd, .rst7.
bool is_structure_file(const std::string& path);

/// A deck says it all; a structure file needs a force field beside it.
/// @param force_field  XML files by path or by the name of an installed one, or one AMBER topology,
///                     or one System XML
/// @throws UsageError             when the two do not go together
/// @throws FileError, InputError  as load_run_deck does
EnergySubject find_energy_subject(const std::string& path,
                                  const std::vector<std::string>& force_field,
                                  const std::vector<std::string>& overrides);

}  // namespace saltus::tools
