#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/conformers/held_atoms.h"
#include "engine/conformers/stereo_check.h"
#include "engine/system/coordinates.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// How to build conformers.
struct EmbeddingOptions {
  std::size_t n_conformers = 50;
  std::uint64_t seed = 1;
  /// Whether to try hard before giving up; not worth it where other stereoisomers will do.
  bool thorough = true;
  /// Atoms with given places, where they are exactly in each conformer; the bonds between them and
  /// others are off by up to some hundredths of a nanometre until they are relaxed.
  engine::HeldAtoms held = {};
  /// When to stop, whatever is there.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Conformers from the graph alone.
struct Embedding {
  engine::CoordinateBatch positions;      ///< [C, N, 3], nm; C may be less than was asked for
  std::size_t n_wrong_configuration = 0;  ///< built, but discarded
  std::size_t n_misfits = 0;  ///< built, but too far from the places of held atoms, and discarded
  bool timed_out = false;
  /// When there are no conformers: whether there would be some with other configurations.
  bool configuration_is_to_blame = false;
};

/// Builds conformers by RDKit's distance geometry with its torsion and small-ring preferences
/// (ETKDGv3); where that fails without the ring preferences, then from random coordinates, then
/// with more attempts. The same numbers for the same molecule (atoms in the same order), seed and
/// number of conformers, on any number of threads. Each conformer is checked by its own geometry.
/// Source: Wang, Witek, Landrum, Riniker, J. Chem. Inf. Model. 60, 2044 (2020),
/// doi:10.1021/acs.jcim.0c00025.
/// @param molecule       with all hydrogens, in one piece
/// @param configuration  what each conformer must have
/// @throws InputError  when RDKit fails
Embedding embed(const ChemMolecule& molecule, const engine::Configuration& configuration,
                const EmbeddingOptions& options);

}  // namespace saltus::forcefields
