#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/conformers/selection.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// What happened to the conformers of one isomer.
struct ShortfallFacts {
  std::size_t n_wanted = 0;
  std::size_t n_not_built = 0;    ///< by distance geometry
  std::size_t n_wrong = 0;        ///< of another configuration, built or relaxed
  std::size_t n_not_relaxed = 0;  ///< or not reached in time
  std::size_t n_duplicates = 0;   ///< of others that were kept
  std::size_t n_kept = 0;
  bool timed_out = false;
  /// Of a pool from which shapes were chosen; 0: there was none.
  std::size_t n_pool = 0;
  std::size_t n_in_window = 0;  ///< of the pool
  std::size_t n_alone = 0;      ///< of those in the window, without any other of their shape
  std::size_t n_chosen = 0;     ///< of those in the window
  std::size_t n_seeds = 0;      ///< that rings have their shapes from
  bool rings_are_open = false;  ///< most seeds have a ring of a shape of its own
};

/// Whether most of the seeds have some flexible ring in a shape that no other seed has.
bool rings_are_open(const forcefields::ChemMolecule& molecule, const engine::TorsionGraph& graph,
                    const engine::CoordinateBatch& seeds);

/// Whether more conformers than were kept should be possible where fewer than wanted were.
bool more_are_possible(const ShortfallFacts& facts);

/// Why fewer conformers than wanted were kept; empty when enough were.
/// @param selection  what happened to those that were built
std::string shortfall_text(const ShortfallFacts& facts, const engine::Selection& selection,
                           const ConformerSettings& settings);

}  // namespace saltus::tools
