#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/system/coordinates.h"
#include "tools/conformers/make_conformers.h"
#include "tools/conformers/pose_restraints.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// How the strain of poses is found.
struct StrainOptions {
  PoseRestraint restraint;
  std::size_t n_searches = 3;  ///< independent ones, for the global minimum
};

/// One pose and what it costs. Energies in kJ/mol, NaN where there are none.
struct PoseStrain {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  std::size_t number = 0;  ///< of the record
  std::string where, name;
  /// "OK"; "CLASH" (atoms on top of each other, or two heavy ones at less than half the distance
  /// at which they touch: the numbers, if any, are of what relaxation made of it), "BAD_GEOMETRY"
  /// (bonds that cannot be bonds), "STEREO_CHANGED" and "NOT_CONVERGED" (of the relaxation),
  /// "OTHER_MOLECULE", or a word of engine::MoleculeStatus.
  std::string status = "OK";
  std::string message;
  double energy_given = kUnknown;       ///< as it is, hydrogens that were missing added
  double energy_relaxed = kUnknown;     ///< with restraints, their own energy left out
  double energy_minimum = kUnknown;     ///< of the minimum that it falls into without restraints
  double strain = kUnknown;             ///< energy_relaxed above the global minimum
  double strain_of_minimum = kUnknown;  ///< energy_minimum above it
  double moved_nm =
      kUnknown;  ///< rmsd of heavy atoms, superposed, from the pose to the relaxed one
  double moved_to_minimum_nm = kUnknown;  ///< and to the minimum
  engine::CoordinateBatch relaxed;        ///< [1, N, 3], nm; empty where there is nothing
};

/// Poses of one molecule.
struct MoleculeStrain {
  std::string smiles, force_field;
  engine::MoleculeTable molecule;
  double global_minimum = PoseStrain::kUnknown;  ///< kJ/mol
  std::size_t n_searches = 0, n_found = 0;       ///< and how many came to the global minimum
  std::string note;                              ///< about the searches
  std::vector<PoseStrain> poses;
};

/// Strain energies of poses of one molecule: each pose is relaxed with its heavy atoms restrained
/// and its hydrogens free, and
///   strain = E(relaxed with restraints, without their energy) - E(global minimum).
/// The global minimum is the lowest of `n_searches` independent searches for minima, the same for
/// all poses, and of the minima that the poses themselves fall into without restraints; so strains
/// are never negative. Depends on molecule, poses and settings only, unless time runs out. Never
/// throws for a pose.
/// @param poses     all of the same molecule; the atoms of the first decide about the order
/// @param settings  of mode kMinima, their force field MMFF94 or MMFF94s
MoleculeStrain pose_strain(const std::vector<NamedMolecule>& poses,
                           const ConformerSettings& settings, const StrainOptions& options);

}  // namespace saltus::tools
