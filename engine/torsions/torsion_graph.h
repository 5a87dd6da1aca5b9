#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/moves/bond_rotation.h"

namespace saltus::engine {

/// Stands for an atom, centre or bond that is not there.
constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

/// How the bonds of an atom are arranged.
enum class AtomShape : std::uint8_t { kOther, kLinear, kPlanar, kTetrahedral };

/// What is known of an atom from the graph alone.
struct GraphAtom {
  int atomic_number = 0;
  int formal_charge = 0;  ///< e
  int degree = 0;         ///< bonds, hydrogens included
  int n_hydrogens = 0;    ///< neighbours that are hydrogen
  AtomShape shape = AtomShape::kOther;
  bool aromatic = false;
  std::uint8_t ring_sizes =
      0;              ///< bit s - 3 is set for a ring of s atoms, s in 3..8; bit 6: larger
  int mmff_type = 0;  ///< MMFF94's numeric atom type, 1..99; 0: none
  double partial_charge = 0.0;  ///< MMFF94's, e
  int handedness = 0;           ///< +1: R, -1: S, 0: no specified centre
};

/// A bond of the graph.
struct GraphBond {
  std::size_t first = 0, second = 0;  ///< atoms
  int order = 1;                      ///< 1, 2, 3; 4: aromatic
  bool conjugated = false, in_ring = false;
  int configuration = 0;           ///< of double bonds: +1 Z, -1 E, 0 neither
  std::size_t torsion = kNowhere;  ///< index of the TorsionBond, when it can be turned
};

/// Two bonds that share an atom.
struct GraphAngle {
  std::size_t first = 0, centre = 0, second = 0;  ///< atoms
  double ideal_rad = 0.0;                         ///< of the force field
};

/// A nitrogen with three neighbours and a lone pair that can invert. Its sign is that of
/// (r_0 - r) . ((r_1 - r) x (r_2 - r)), r_i being the neighbours' positions: +1 or -1.
struct InvertibleCentre {
  std::size_t atom = 0;
  std::array<std::size_t, 3> neighbours{};
};

/// The substituents of one atom of the axis of a torsion, seen along the axis from the other atom
/// of it. Turning clockwise from the reference atom, other atoms are met at about 120, 180 or
/// 240 degrees.
struct TorsionEnd {
  std::size_t atom = 0;       ///< of the axis
  std::size_t reference = 0;  ///< the torsion is measured to this neighbour
  std::array<std::size_t, 3> others = {kNowhere, kNowhere, kNowhere};  ///< at 120, 180, 240 degrees
  /// When the atom is an invertible centre, index of it: `others` holds for sign +1; for sign -1,
  /// the first and last of them change places.
  std::size_t inversion = kNowhere;
  /// Reference and others are equal, and no neighbouring torsion lies beyond them (methyl, phenyl,
  /// nitro, not isopropyl): the torsion is measured from the one that leans over most.
  bool ranked = false;
};

/// A bond that can be turned. Its quartet of atoms is ends[0].reference, ends[0].atom,
/// ends[1].atom, ends[1].reference; its coordinate is that of torsion_angles().
struct TorsionBond {
  RotatableBond bond;  ///< axis and the atoms that turn
  std::array<TorsionEnd, 2> ends;
  std::size_t bond_index = 0;  ///< into TorsionGraph::bonds
  /// Turning by 2 pi / symmetry only exchanges equal atoms (methyl 3, phenyl 2, toluene's methyl
  /// 6).
  int symmetry = 1;
  /// The part of it that the coordinate has as well: of ends that are not ranked.
  int fold = 1;
  /// Other torsions near by, nearest first: all whose axis is at most two bonds away from this
  /// one's.
  std::vector<std::size_t> neighbours;
};

/// Everything torsion models and moves need to know of a molecule. Independent of the order of the
/// atoms but for the numbers themselves and the order of the lists.
struct TorsionGraph {
  std::vector<GraphAtom> atoms;
  std::vector<GraphBond> bonds;
  std::vector<GraphAngle> angles;
  std::vector<InvertibleCentre> inversions;
  std::vector<TorsionBond> torsions;  ///< in breadth-first order over their neighbours

  /// Bonded atoms of each atom, in the order of the bonds; [n_atoms].
  std::vector<std::vector<std::size_t>> neighbours() const;
};

}  // namespace saltus::engine
