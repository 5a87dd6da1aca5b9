#pragma once

#include <functional>
#include <vector>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/peptide_deck.h"

namespace saltus::tools {

/// Makes the trajectories of a deck's sequences: a structure of each and a run by the deck's
/// run_deck, in a folder of its own. Runs that are finished are left alone, one that was
/// interrupted goes on.
/// @returns false when interrupted
/// @throws InputError  when a sequence cannot be built or must not be trained on
bool make_peptide_data(const PeptideDeck& deck, const std::function<bool()>& interrupted,
                       Progress& progress);

}  // namespace saltus::tools
