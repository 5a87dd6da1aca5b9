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
};

/// Periodic box of a prmtop file (BOX_DIMENSIONS), as the molecule had it when the file was made.
struct AmberBox {
  std::array<double, 3> edges_nm{};
  /// The file has one angle only: none unless that is all there is to say, in a rectangular box
  /// (IFBOX 1) and in a truncated octahedron (IFBOX 2).
  std::optional<std::array<double, 3>> angles_rad;
};

/// A molecule from AMBER files.
struct AmberMolecule {
  engine::Topology topology;  ///< residues numbered from 1, no chains
  /// With a periodic method its box is that of the options, else that of the file. Where the file
  /// has none, or not its angles, `box` is missing here too, and validate() refuses the system
  /// until it gets the one of the coordinates.
  engine::System system;
  std::optional<AmberBox> box;  ///< whatever the method
  /// Sentences for the user.
  std::vector<std::string> notes;
};

/// Reads an AMBER 7 (or later) prmtop file of one or more molecules, perhaps in a periodic box.
/// Gives the energy that AmberPrmtopFile.createSystem of OpenMM 7.7 gives: charges over 18.2223,
/// Lennard-Jones per atom type, 1-4 pairs with the scales of their torsion (1.2 and 2.0 where the
/// file has none), correction maps of pairs of torsions (CMAP, ff19SB), reaction field of
/// dielectric 1 beside an implicit solvent and 78.3 without.
///
/// Elements are those of ATOMIC_NUMBER, else told by masses, names and bonds, also where hydrogens
/// have taken mass from their neighbours. Residues of one oxygen and two hydrogens bonded to it are
/// water, whatever their name; rigid water has constraints for its bonds and for the one between
/// the hydrogens that these files have in place of an angle (or for the angle). Extra points of
/// water become virtual sites: one of them is in the plane of the molecule (TIP4P, OPC), two are on
/// the other side of the oxygen (TIP5P).
///
/// @throws FileError   when the file cannot be read
/// @throws InputError  with file and line: malformed or contradictory content; an element that
///                     cannot be told; CHAMBER (CHARMM) files, LES, CAP, perturbation, 10-12 and
///                     12-6-4 terms, polarisable models, extra points elsewhere than in water, any
///                     section that is not known, and pair-specific Lennard-Jones parameters (names
///                     the types); a cutoff of more than half the box
/// Source: https://ambermd.org/prmtop.pdf; sites of water: amber_file_parser.py of OpenMM 7.7
AmberMolecule read_prmtop(const std::string& path, const PrmtopOptions& options);

}  // namespace saltus::forcefields
