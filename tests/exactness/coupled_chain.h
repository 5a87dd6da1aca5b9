#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/torsions/torsion_graph.h"
#include "tests/support/chain_molecule.h"

namespace saltus::tests {

/// An unbranched molecule of six atoms whose three torsions are coupled,
///   U = U_chain + sum_{b = 0, 1} c (1 + cos(tau_b - tau_{b+1} - 0.7)),
/// with exact draws (rejection from the uncoupled chain) and exact distributions (quadrature over
/// the other torsions).
class CoupledChain {
 public:
  explicit CoupledChain(double temperature_K);

  std::shared_ptr<const engine::TorsionGraph> graph() const { return graph_; }
  const engine::Canonical& target() const { return target_; }
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;
  /// Every bond, angle and torsion, and the difference of the first two torsions.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

 private:
  /// Exact distributions of the three torsions and of tau_0 - tau_1.
  std::vector<engine::TabulatedDensity> tabulate() const;

  double temperature_K_;
  ChainMolecule molecule_{6};
  std::shared_ptr<const engine::TorsionGraph> graph_;
  engine::Canonical target_;
  std::vector<engine::TabulatedDensity> torsion_densities_;
};

}  // namespace saltus::tests
