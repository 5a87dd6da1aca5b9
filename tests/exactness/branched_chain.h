#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/torsions/torsion_graph.h"
#include "tests/exactness/coupled_chain.h"

namespace saltus::tests {

/// CoupledChain with two more atoms on its second one and one on its last but one:
///
///   6
///   |
///   1 - 2 - 3 - 4 - 5      0 and 7 on 1 as well, 8 on 4 as well.
///
/// Each has a harmonic bond and a harmonic angle with the axis of the torsion there, and any
/// azimuth: ends lean in every way, and directions of ends differ from those of their references by
/// any angle. Exact draws, and exact distributions of everything.
class BranchedChain {
 public:
  explicit BranchedChain(double temperature_K);

  /// Both branched ends are ranked.
  std::shared_ptr<const engine::TorsionGraph> graph() const { return graph_; }
  const engine::TargetDensity& target() const { return target_; }
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;
  /// Those of the unbranched chain; bond, angle and azimuth of each atom more.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

 private:
  double temperature_K_;
  CoupledChain chain_;
  std::shared_ptr<const engine::TorsionGraph> graph_;
  engine::Canonical target_;
};

}  // namespace saltus::tests
