#pragma once

#include <memory>

#include "engine/moves/driven_torsion.h"
#include "engine/moves/proposal.h"
#include "tools/openmm_plugin/build_moves.h"

namespace saltus::openmm_plugin {

/// The proposal of a move that needs the topology: peptide_leaps, leap or torsion_walk, with
/// respect to the measure of the target.
/// @throws FileError, ModelError, InputError  as build_moves
std::shared_ptr<const engine::Proposal> make_proposal(const SaltusMove& move, const MoveTask& task);

/// The move driven_torsion, which needs the topology as well.
/// @throws InputError  as build_moves
std::shared_ptr<const engine::DrivenTorsion> make_driven_torsion(const SaltusMove& move,
                                                                 const MoveTask& task);

}  // namespace saltus::openmm_plugin
