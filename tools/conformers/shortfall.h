#pragma once

#include <string>

#include "engine/conformers/selection.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/settings.h"
#include "tools/conformers/stage_counts.h"

namespace saltus::tools {

/// Whether most of the seeds have some flexible ring in a shape that no other seed has.
bool rings_are_open(const forcefields::ChemMolecule& molecule, const engine::TorsionGraph& graph,
                    const engine::CoordinateBatch& seeds);

/// Whether more conformers than were kept should be possible where fewer than wanted were.
bool more_are_possible(const StageCounts& counts);

/// Why fewer conformers than wanted were kept; empty when enough were.
/// @param selection  what happened to those that were built
std::string shortfall_text(const StageCounts& counts, const engine::Selection& selection,
                           const ConformerSettings& settings);

}  // namespace saltus::tools
