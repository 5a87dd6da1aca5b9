#pragma once

#include <cstdint>

#include "engine/ensemble/chain_batch.h"
#include "engine/potential/analytic.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::tests {

/// No energy, in boxes wide enough for a cutoff.
class NoEnergy final : public engine::EnergyFunction {
 public:
  NoEnergy(std::size_t n_atoms, double cutoff_nm) : n_atoms_(n_atoms), cutoff_nm_(cutoff_nm) {}
  std::size_t n_atoms() const override { return n_atoms_; }
  engine::BoxNeeds box_needs() const override { return {true, cutoff_nm_}; }
  void evaluate(engine::ConstCoordinates x, engine::Span<double> energies,
                engine::Span<double> forces) const override;

 private:
  std::size_t n_atoms_;
  double cutoff_nm_;
};

/// M molecules of two atoms, the second heavier, that do not feel each other, at a temperature and
/// a pressure, in boxes whose edges are at least a width: in cubes, or in boxes of any edges.
/// With respect to dV, or dax dby dcz,
///   p(V) ~ V^M exp(-beta P V) for V >= width^3, in cubes: a gamma distribution when the width is
///   0;
/// in boxes of any edges times T^2 / 2, T = ln(V / width^3), the area of the shapes: the logs of
/// the edges over the width are positive and add up to T, and the shape is uniform among these.
class Gas {
 public:
  Gas(std::size_t n_molecules, engine::ThermodynamicState state, double width_nm = 0.0,
      bool any_edges = false);

  const engine::Topology& topology() const { return topology_; }
  const engine::System& system() const { return system_; }
  const engine::TabulatedDensity& volumes() const { return volumes_; }
  /// beta P, 1/nm^3.
  double reduced_pressure() const;

  /// Exact draws; what chains carry is not set.
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;

 private:
  engine::TabulatedDensity tabulate() const;

  std::size_t n_molecules_;
  engine::ThermodynamicState state_;
  double width_nm_;
  bool any_edges_;
  engine::Topology topology_;
  engine::System system_;
  engine::TabulatedDensity volumes_;
};

}  // namespace saltus::tests
