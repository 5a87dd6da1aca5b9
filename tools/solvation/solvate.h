#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/vec3.h"
#include "engine/system/box.h"
#include "engine/system/coordinates.h"
#include "engine/system/topology.h"
#include "tools/solvation/ions.h"
#include "tools/solvation/water_box.h"

namespace saltus::tools {

/// What is put into water; without atoms: nothing.
struct Solute {
  engine::Topology topology;
  std::vector<double> positions;  ///< [N, 3], nm, molecules whole
  std::vector<double> radii_nm;   ///< [N], half the distance where two alike attract most; 0: none
  int charge = 0;                 ///< e
};

/// How it is put there.
struct SolvationOptions {
  engine::Box box;
  double water_radius_nm = 0.0;         ///< as those of the solute
  std::optional<std::size_t> n_waters;  ///< without a solute: so many, whatever their density
  IonOptions ions;
  std::uint64_t seed = 1;
};

/// A periodic box of water, with what is in it.
struct Solvated {
  /// The solute as it was, then positive ions, negative ions and water, in chains of their own of
  /// at most 9999 residues, as files in the PDB format count. Bonds are those of the solute; water
  /// gets its by the names of its atoms (forcefields/ffxml/standard_bonds.h).
  engine::Topology topology;
  engine::CoordinateBatch positions{1, 0};  ///< [1, N, 3], nm, with the box
  std::size_t n_waters = 0;
  IonCounts ions;
};

/// Largest distance between two atoms, nm; 0 for fewer than two.
/// @param positions  [N, 3], nm
double diameter_nm(engine::Span<const double> positions);

/// Half the distance at which Lennard-Jones is lowest, 2^(1/6) sigma / 2; 0 for epsilon 0, where
/// nothing is.
double half_contact_nm(double sigma_nm, double epsilon);

/// Puts a solute into the middle of a box of water:
///
/// 1. the box is filled with water (fill_with_water);
/// 2. water goes whose oxygen is nearer to an atom of the solute than the sum of their radii, or of
///    which any atom is nearer than 0.15 nm;
/// 3. ions take the places of molecules chosen at random, at least 0.5 nm from the solute and from
///    other ions (count_ions).
///
/// All distances are those of nearest images. The same seed gives the same bits.
/// @throws InputError  when the box is no box in reduced form or narrower than 1 nm, when the
/// solute
///                     is longer than a rectangular box along x, y or z or comes nearer than 0.3 nm
///                     to its own image, when no water is left beside it, and when there is no room
///                     for the ions
/// The method is that of OpenMM's Modeller.addSolvent (Eastman et al., PLoS Comput. Biol. 13,
/// e1005659 (2017), doi:10.1371/journal.pcbi.1005659), but for the filling and the distances of
/// ions.
Solvated solvate(const Solute& solute, const WaterBox& water, const SolvationOptions& options);

}  // namespace saltus::tools
