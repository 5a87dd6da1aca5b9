#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Gives the conformer of a molecule the ring shape of a part of it. Ring atoms and all atoms
/// bonded to them take the places they have in the part; what follows moves along with the bond it
/// hangs on, so that all torsions about other bonds stay, and those about the bonds to the ring as
/// measured from a ring atom.
class RingTransplant {
 public:
  /// @param system  of flexible_ring_systems(graph)
  /// @param part    atoms of the molecule in the order of the part's: the system and all atoms
  ///                bonded to it are among them
  /// @throws InternalError  when they are not
  RingTransplant(const TorsionGraph& graph, const std::vector<std::size_t>& system,
                 const std::vector<std::size_t>& part);

  /// @param shape  [n, 3], nm, of the part
  /// @param x      in and out [N, 3], nm
  void put(Span<const double> shape, Span<double> x) const;

 private:
  struct Branch {
    std::size_t reference = 0, ring_atom = 0, first = 0;  ///< the bond, and a ring atom before it
    std::vector<std::size_t> beyond;
  };
  struct Place {
    std::size_t atom = 0, in_part = 0;
  };
  std::vector<Place> places_;
  std::vector<Branch> branches_;
};

}  // namespace saltus::engine
