#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/rigid/rigid_bodies.h"
#include "engine/system/system.h"
#include "mlsamplers/rigid/rigid_flow_model.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// Three rigid tetrahedra of atoms of different masses, a crystal without interactions: each atom
/// is held by a spring k at a place of its own. With b the distance of the atoms from their centre
/// c and R the rotation away from the places, about the axis n by theta,
///   u = 2 k |c - a|^2 + (8/3) k b^2 (1 - cos theta),
/// so that with respect to d^3 p dS(q) everything is independent: c is normal around a with the
/// variance kT / (4 k), n is uniform, and theta has the density
///   exp(kappa cos theta) (1 - cos theta) on [0, pi],  kappa = (8/3) k b^2 / kT.
class HeldBodies {
 public:
  static constexpr double kHot_K = 300.0, kCold_K = 200.0;
  static constexpr double kEdges_nm[3] = {1.9, 2.1, 2.4};

  HeldBodies();

  std::shared_ptr<const engine::RigidBodies> bodies() const { return bodies_; }
  const engine::Canonical& target() const { return *target_; }
  const engine::System& system() const { return system_; }
  /// Where all springs are at rest, in its box: [1, N, 3].
  engine::CoordinateBatch rest() const;

  /// Exact draws in their boxes, energies set, without velocities.
  engine::ChainBatch draw(std::size_t n_chains, double temperature_K, std::uint64_t seed) const;
  /// All of the above with its exact distribution.
  std::vector<Projection> projections(const engine::ChainBatch& chains, double temperature_K) const;
  /// -log of the integral of exp(-u), the part that depends on the temperature.
  static double free_energy(double temperature_K);

  /// An untrained flow from kHot_K to a temperature with few parameters.
  mlsamplers::RigidFlowModel flow(
      double target_temperature_K = kCold_K,
      mlsamplers::OrientationMap map = mlsamplers::OrientationMap::kLinear,
      mlsamplers::FlowConditioner conditioner = mlsamplers::FlowConditioner::kSites) const;
  /// The same with random weights: every part of it does something, and nothing of it fits.
  mlsamplers::RigidFlowModel random_flow(
      double output_scale, mlsamplers::OrientationMap map = mlsamplers::OrientationMap::kLinear,
      mlsamplers::FlowConditioner conditioner = mlsamplers::FlowConditioner::kSites) const;

 private:
  engine::System system_;
  std::vector<double> positions_;
  std::shared_ptr<const engine::RigidBodies> bodies_;
  std::shared_ptr<const engine::Canonical> target_;
};

}  // namespace saltus::tests
