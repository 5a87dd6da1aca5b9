#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

std::vector<std::vector<std::size_t>> TorsionGraph::neighbours() const {
  std::vector<std::vector<std::size_t>> result(atoms.size());
  for (const GraphBond& bond : bonds) {
    result[bond.first].push_back(bond.second);
    result[bond.second].push_back(bond.first);
  }
  return result;
}

}  // namespace saltus::engine
