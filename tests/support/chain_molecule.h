#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/analytic.h"
#include "engine/reference/plain_energy.h"
#include "engine/system/internal_coordinates.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// An unbranched molecule of five or six atoms with harmonic bonds and angles, periodic torsions
/// and nothing else. Its internal coordinates are independent, with the densities
///   bond    b^2 exp(-beta k/2 (b - b0)^2)
///   angle   sin(theta) exp(-beta k/2 (theta - theta0)^2)
///   torsion exp(-beta sum k (1 + cos(n phi - phase))),
/// so that a real System with a real Jacobian has exact draws.
class ChainMolecule {
 public:
  explicit ChainMolecule(std::size_t n_atoms = 5);

  const engine::Topology& topology() const { return topology_; }
  const engine::System& system() const { return system_; }
  const engine::ZMatrix& z_matrix() const { return z_; }
  std::shared_ptr<const engine::EnergyFunction> energy() const { return energy_; }

  /// Exact draws, each chain turned and shifted at random; energies set, velocities zero.
  engine::ChainBatch draw(std::size_t n_chains, double temperature_K, std::uint64_t seed) const;

  engine::TabulatedDensity bond_density(double temperature_K) const;
  engine::TabulatedDensity angle_density(double temperature_K) const;
  /// @param which  0, 1 or (six atoms) 2: the torsions differ
  double torsion_energy(std::size_t which, double phi) const;
  engine::TabulatedDensity torsion_density(std::size_t which, double temperature_K) const;

  /// Every bond, angle and torsion as a projection with its exact distribution.
  std::vector<Projection> projections(const engine::ChainBatch& chains) const;

 private:
  engine::Topology topology_;
  engine::System system_;
  engine::ZMatrix z_;
  std::shared_ptr<const engine::EnergyFunction> energy_;
};

}  // namespace saltus::tests
