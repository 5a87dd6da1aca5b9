#pragma once

#include "tools/saltus/common/process_team.h"
#include "tools/saltus/decks/load_run_deck.h"
#include "tools/saltus/run/models.h"
#include "tools/saltus/run/setup.h"
#include "tools/saltus/run/shared_moves.h"

namespace saltus::tools {

/// The moves of a run with what `record` says of it, shared out over the processes of a team.
/// @param models  as `record` has them
std::shared_ptr<const engine::Move> shared_moves(const RunDeck& deck, const RunSetup& setup,
                                                 const LeapModels& models, const RunRecord& record,
                                                 MoveSharing& sharing);

/// Refuses what cannot be shared out with the bits of one process.
/// @throws InputError  for energies that depend on what was computed before, and for fewer chains
///                     than processes
void check_shareable(const RunDeck& deck, const RunSetup& setup, const ProcessTeam& team);

/// What the processes that do not lead do of a run: they read deck, molecule and models, and move
/// the chains that the leader sends. They write nothing.
/// @throws InputError  when the deck or its files are not those of the leader
void help_run(const LoadedRunDeck& deck, ProcessTeam& team);

}  // namespace saltus::tools
