#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/span.h"
#include "engine/ensemble/thermodynamic_state.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// Read-only view of some chains: what a proposal may look at.
struct ChainView {
  ConstCoordinates positions;             ///< [B, N, 3], nm
  Span<const ThermodynamicState> states;  ///< [B]
  std::uint32_t first_chain = 0;          ///< number of row 0, for random streams
};

/// Many chains: positions, velocities, potential energy, thermodynamic state and log-weight of
/// each. The energies are those of the positions; whoever moves positions updates both.
struct ChainBatch {
  CoordinateBatch positions;               ///< [B, N, 3], nm
  CoordinateBatch velocities;              ///< [B, N, 3], nm/ps
  std::vector<double> energies;            ///< [B], kJ/mol
  std::vector<ThermodynamicState> states;  ///< [B]
  std::vector<double> log_weights;         ///< [B], dimensionless

  ChainBatch() = default;
  ChainBatch(std::size_t n_chains, std::size_t n_atoms, ThermodynamicState state)
      : positions(n_chains, n_atoms),
        velocities(n_chains, n_atoms),
        energies(n_chains, 0.0),
        states(n_chains, state),
        log_weights(n_chains, 0.0) {}

  std::size_t n_chains() const { return energies.size(); }
  std::size_t n_atoms() const { return positions.n_atoms(); }
  ChainView view() const { return {positions.view(), states, 0}; }
};

}  // namespace saltus::engine
