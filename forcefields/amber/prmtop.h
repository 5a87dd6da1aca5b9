#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "forcefields/generalized_born/molecule_options.h"

namespace saltus::forcefields {

/// What a prmtop file leaves open.
struct PrmtopOptions {
  /// Radii of an implicit solvent come from RADII, screening from SCREEN (GBn2: from its own
  /// tables).
  MoleculeOptions molecule;
  /// Reads a periodic box into AmberMolecule::box, for the caller to judge, instead of refusing it.
  bool accept_box = false;
};

/// Periodic box of a prmtop file (IFBOX and BOX_DIMENSIONS); the energy knows nothing of it.
struct AmberBox {
  std::array<double, 3> edges_nm{}, angles_rad{};
};

/// A molecule from AMBER files.
struct AmberMolecule {
  engine::Topology topology;  ///< residues numbered from 1, no chains
  engine::System system;
  std::optional<AmberBox> box;
  /// Sentences for the user.
  std::vector<std::string> notes;
};

/// Reads an AMBER 7 (or later) prmtop file of one or more molecules without a periodic box. Gives
/// the energy that AmberPrmtopFile.createSystem of OpenMM 7.7 gives: charges over 18.2223,
/// Lennard-Jones per atom type, 1-4 pairs with the scales of their torsion (1.2 and 2.0 where the
/// file has none), correction maps of pairs of torsions (CMAP, ff19SB), reaction field of
/// dielectric 1 beside an implicit solvent and 78.3 without.
///
/// @throws FileError   when the file cannot be read
/// Elements are those of ATOMIC_NUMBER, else told by masses, names and bonds, also where hydrogens
/// have taken mass from their neighbours.
///
/// @throws InputError  with file and line: malformed or contradictory content; an element that
///                     cannot be told; CHAMBER (CHARMM) files, LES, periodic boxes (unless they are
///                     accepted), CAP, perturbation, 10-12 and 12-6-4 terms, polarisable models,
///                     extra points, any section that is not known, and pair-specific Lennard-Jones
///                     parameters (names the types)
/// Source: https://ambermd.org/prmtop.pdf
AmberMolecule read_prmtop(const std::string& path, const PrmtopOptions& options);

}  // namespace saltus::forcefields
