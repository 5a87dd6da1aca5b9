#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/conformers/held_atoms.h"
#include "engine/conformers/relaxation.h"
#include "engine/conformers/selection.h"
#include "engine/conformers/stereo_check.h"
#include "engine/ensemble/conformer_ensemble.h"
#include "engine/potential/energy_function.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "forcefields/chem/chem_molecule.h"
#include "tools/conformers/ring_library.h"
#include "tools/conformers/stage_counts.h"

namespace saltus::tools {

/// How many shapes to make of a molecule, and how.
struct GenerationOptions {
  std::size_t n_conformers = 50;                                    ///< at most
  double energy_window = engine::SelectionOptions{}.energy_window;  ///< kJ/mol above the lowest
  double rmsd_nm = engine::SelectionOptions{}.rmsd_nm;  ///< those that are closer are one; 0: none
  /// kJ/mol/nm, rms: to which those chosen are relaxed.
  double force_tolerance = engine::RelaxationOptions{}.force_tolerance;
  std::uint64_t seed = 1;
  bool thorough = true;                               ///< see EmbeddingOptions
  engine::HeldAtoms held;                             ///< the core; may be empty
  std::shared_ptr<const engine::TorsionGraph> graph;  ///< of the molecule
  /// Densities of the graph's torsions; null: as they are found in crystals.
  std::shared_ptr<const engine::TorsionModel> model;
  const RingLibrary* rings = nullptr;  ///< may be null: then rings have the seeds' shapes
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Conformers, lowest energy first, with energies and whether they converged.
struct GeneratedConformers : engine::ConformerEnsemble {
  StageCounts counts;  ///< all but what becomes of them afterwards
  /// When there are no conformers: whether there would be some with other configurations.
  bool configuration_is_to_blame = false;
};

/// Makes different shapes of one molecule: a few conformers by distance geometry, these with the
/// shapes of rings that the library has, a large pool of them with other torsions
/// (engine/conformers/torsion_pool.h) that grows with the molecule, and of that the set that stands
/// leave the energy window or fail are replaced, and more is drawn while draws are of new shapes,
/// until there are as many as are wanted. The same numbers for the same molecule, seed and options,
/// unless time runs out.
/// @param molecule       with all hydrogens, in one piece
/// @param configuration  what each conformer must have
/// @param energy         of the molecule; one with weak electrostatics, so that shapes do
///                       not fold onto themselves
/// @throws InputError  when RDKit fails
GeneratedConformers generate_conformers(const forcefields::ChemMolecule& molecule,
                                        const engine::Configuration& configuration,
                                        const engine::EnergyFunction& energy,
                                        const GenerationOptions& options);

}  // namespace saltus::tools
