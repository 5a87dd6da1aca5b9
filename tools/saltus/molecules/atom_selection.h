#pragma once

#include <cstddef>
#include <string>

#include "engine/system/topology.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// The one atom that a selector of a deck fits.
/// @param where  what the selector belongs to, as messages show it: "restraint[0].atoms"
/// @throws InputError  when it fits no atom or several; lists what there is
std::size_t select_atom(const AtomSelector& selector, const engine::Topology& topology,
                        const std::string& where);

}  // namespace saltus::tools
