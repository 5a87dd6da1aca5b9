#pragma once

#include <cstddef>
#include <vector>

#include "engine/conformers/stereo_check.h"
#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields::detail {

/// The substituents of the atoms of a molecule, and how they are arranged.
class TorsionEnds {
 public:
  /// @param graph  with atoms and bonds; outlives this
  TorsionEnds(const ChemMolecule& molecule, const engine::TorsionGraph& graph);

  /// Place of an atom in a total order that does not depend on how atoms are numbered, but for
  /// which of equal ones comes first.
  unsigned rank(std::size_t atom) const { return ranks_[atom]; }

  /// Nitrogens that may invert, first those of the highest rank.
  std::vector<engine::InvertibleCentre> invertible_centres() const;

  /// @param other  the other atom of the axis
  engine::TorsionEnd end(std::size_t atom, std::size_t other,
                         const std::vector<engine::InvertibleCentre>& inversions) const;

  /// Turning the substituents of an end by 2 pi over this only exchanges equal atoms.
  int symmetry(const engine::TorsionEnd& end, std::size_t other) const;

 private:
  std::vector<std::size_t> neighbours_but(std::size_t atom, std::size_t other) const;
  std::size_t reference(std::size_t atom, const std::vector<std::size_t>& candidates) const;
  bool is_alone(std::size_t atom, const std::vector<std::size_t>& among) const;
  bool all_equal(const std::vector<std::size_t>& atoms) const;
  int arrangement(std::size_t atom, const std::vector<std::size_t>& neighbours) const;
  bool is_invertible(std::size_t atom) const;

  const engine::TorsionGraph& graph_;
  std::vector<std::vector<std::size_t>> neighbours_;  // [N], by falling rank
  std::vector<unsigned> ranks_;                       // [N]
  std::vector<int> classes_;                          // [N], the same for equal atoms
  std::vector<std::size_t> n_rings_;                  // [N]
  std::vector<bool> specified_;                       // [N], whether handedness is given
  std::vector<engine::ChiralCentre> centres_;         // [N], all atoms
};

}  // namespace saltus::forcefields::detail
