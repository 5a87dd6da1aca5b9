#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/decks/compare_deck.h"

namespace saltus::tools {

/// Makes what [peptides] of a comparison asks for, molecule by molecule: FOLDER/NAME/structure.pdb
/// and a run in each of FOLDER/NAME/reference, FOLDER/NAME/RUN and FOLDER/NAME/openmm_dynamics.
/// Finished runs are used again and interrupted ones go on; with deck.overwrite those that another
/// deck made are made again. All decks are read before anything is run.
/// @returns the molecules as [[peptide]] would give them; nothing when interrupted
/// @throws InputError  naming molecule and run: for a run that another deck made, for decks whose
///                     temperatures differ, and as run_deck
std::optional<std::vector<ComparedPeptideDeck>> make_peptide_runs(
    const CompareDeck& deck, const std::function<bool()>& interrupted, Progress& progress);

}  // namespace saltus::tools
