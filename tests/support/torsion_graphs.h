#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/system/topology.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"

namespace saltus::tests {

/// What moves need of a torsion graph, from bonds alone: a torsion for each rotatable bond, ends[0]
/// at the atom of lower index, references the first other neighbour, symmetry 1; nitrogens with
/// three neighbours are invertible; nothing is known of shapes and types.
engine::TorsionGraph make_torsion_graph(const engine::Topology& topology);

/// The same with all other neighbours in the ends' slots (two at 120 and 240 degrees, one at 180);
/// ends with nothing but hydrogens are ranked.
engine::TorsionGraph make_whole_torsion_graph(const engine::Topology& topology);

/// A model whose densities depend on all known neighbours and on the signs of centres. Its own
/// uniform part is 0, so that mixing one in shows.
class NeighbourModel final : public engine::TorsionModel {
 public:
  explicit NeighbourModel(engine::TorsionGraph graph, int fold = 1)
      : graph_(std::move(graph)), fold_(fold) {}
  std::string name() const override { return "neighbours"; }
  std::size_t n_torsions() const override { return graph_.torsions.size(); }
  void density(std::size_t torsion, const engine::TorsionContext& context,
               engine::VonMisesMixture& out) const override;

 private:
  engine::TorsionGraph graph_;
  int fold_;
};

}  // namespace saltus::tests
