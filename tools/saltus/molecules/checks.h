#pragma once

#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Adds a note when GBn2 gives carboxylates a radius that OpenMM 7.7 does not give them.
void note_carboxylates(const SystemDeck& deck, Molecule& molecule);

/// What [system] asks for in so many words has to have an effect.
/// @throws InputError  when constraints = "h_bonds" constrains nothing, or hydrogen_mass leaves a
///                     hydrogen as it is because it has no bond, or finds none; names the key
void require_requests_that_do_something(const SystemDeck& deck, const Molecule& molecule);

}  // namespace saltus::tools
