#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/selection.h"
#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// What may be exchanged in a molecule, and what an exchange must leave as it is.
struct MoleculeSymmetry {
  /// A tetrahedral atom that cannot invert, and three of its neighbours; places in `atoms`.
  struct Centre {
    std::size_t atom = 0;
    std::array<std::size_t, 3> neighbours{};
  };
  std::vector<std::size_t> atoms;                ///< that make the shape
  std::vector<std::vector<std::uint32_t>> maps;  ///< renumberings of these (find_automorphisms)
  std::vector<Centre> centres;
  std::vector<std::array<std::size_t, 4>> double_bonds;  ///< places in `atoms`: end, two, end
  /// [atoms]: equal atoms that hang on each and have to fit, too; empty: they do not count.
  std::vector<std::vector<std::size_t>> hanging;
};

/// @param atoms     that make the shape
/// @param maps      renumberings of these, all there are
/// @param hydrogens whether the positions of hydrogens tell minima apart, too
MoleculeSymmetry molecule_symmetry(const TorsionGraph& graph, const std::vector<std::size_t>& atoms,
                                   const std::vector<std::vector<std::uint32_t>>& maps,
                                   bool hydrogens);

/// When two conformers are the same, or copies of each other.
struct DegeneracyOptions {
  double symmetry_nm = 0.02;                    ///< rmsd below which a copy is the conformer itself
  double copy_nm = SelectionOptions{}.rmsd_nm;  ///< rmsd below which another conformer is a copy
  double energy_tolerance = 2.0;                ///< kJ/mol: copies have equal energies
};

/// How many minima of the molecule with numbered atoms each conformer represents. Renumberings of
/// equal atoms and mirror images that leave handedness and double bonds as they are make copies of
/// a conformer, all of one energy:
///   g = |allowed operations| / |operations that give the conformer itself| / m,
/// m being how many of the conformers are copies of it, itself included (gauche butane 2, anti
/// butane 1; 1 each when both gauche forms are there). The second number is the order of its point
/// group. All 1 where the shape is a point or a line.
/// @param x         [C, N, 3], nm
/// @param energies  [C], kJ/mol
/// @returns  [C], > 0
/// @throws InternalError  when the sizes do not fit
/// Source: Gilson, Irikura, J. Phys. Chem. B 114, 16304 (2010), doi:10.1021/jp110434s.
std::vector<double> degeneracies(ConstCoordinates x, Span<const double> energies,
                                 const MoleculeSymmetry& symmetry,
                                 const DegeneracyOptions& options);

}  // namespace saltus::engine
