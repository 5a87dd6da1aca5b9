#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "engine/core/span.h"
#include "engine/ensemble/thermodynamic_state.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// Read-only view of some chains: what a proposal may look at.
struct ChainView {
  ConstCoordinates positions;             ///< [B, N, 3], nm, with the boxes of the chains
  Span<const ThermodynamicState> states;  ///< [B]
  std::uint32_t first_chain = 0;          ///< number of row 0, for random streams
  ConstCoordinates velocities = {};       ///< [B, N, 3], nm/ps; or of no chains: not known
};

/// What a target density is computed from, for many configurations (see TargetDensity).
struct TargetTerms {
  std::vector<double> energies;  ///< [B], potential energy, kJ/mol
  std::vector<double> others;    ///< [B, n_others], as the target defines them

  std::size_t n_others() const { return energies.empty() ? 0 : others.size() / energies.size(); }
  Span<const double> others_of(std::size_t row) const {
    return {others.data() + row * n_others(), n_others()};
  }
  void resize(std::size_t n_rows, std::size_t n_others) {
    energies.resize(n_rows);
    others.resize(n_rows * n_others);
  }
};

/// Many chains: positions and the periodic boxes they live in, if any, velocities, terms of the
/// target density, thermodynamic state, log-weight and replica of each. The terms are those of the
/// positions; code that moves positions updates both.
struct ChainBatch {
  CoordinateBatch positions;               ///< [B, N, 3], nm, and the boxes [B], or none
  CoordinateBatch velocities;              ///< [B, N, 3], nm/ps
  std::vector<double> energies;            ///< [B], kJ/mol
  std::vector<double> other_terms;         ///< [B, n_others], see TargetDensity
  std::vector<ThermodynamicState> states;  ///< [B]
  std::vector<double> log_weights;         ///< [B], dimensionless
  /// [B], which replica a chain holds, named by the chain it was begun in. It goes where the
  /// configuration goes when chains exchange or copy theirs; moves of a chain on its own leave it.
  std::vector<std::uint32_t> replicas;
  /// Number of chain 0 among the chains of the run: 0, but in a part of them (slice). Random
  /// streams and messages go by the numbers of the run.
  std::uint32_t first_chain = 0;

  ChainBatch() = default;
  ChainBatch(std::size_t n_chains, std::size_t n_atoms, ThermodynamicState state)
      : positions(n_chains, n_atoms),
        velocities(n_chains, n_atoms),
        energies(n_chains, 0.0),
        states(n_chains, state),
        log_weights(n_chains, 0.0),
        replicas(n_chains) {
    std::iota(replicas.begin(), replicas.end(), 0U);
  }

  std::size_t n_chains() const { return energies.size(); }
  std::size_t n_atoms() const { return positions.n_atoms(); }
  std::size_t n_other_terms() const {
    return energies.empty() ? 0 : other_terms.size() / energies.size();
  }
  Span<const double> other_terms_of(std::size_t c) const {
    return {other_terms.data() + c * n_other_terms(), n_other_terms()};
  }
  std::uint32_t number_of(std::size_t c) const {
    return first_chain + static_cast<std::uint32_t>(c);
  }
  ChainView view() const { return {positions.view(), states, first_chain, velocities.view()}; }
  /// A copy of `count` chains from chain `first` on, which keep their numbers in the run.
  ChainBatch slice(std::size_t first, std::size_t count) const;
  /// The chains of a part go back to where slice() took them from, with all they have.
  /// @throws InternalError  when there are no such chains
  void put(const ChainBatch& part);

  /// Configuration, that is positions and box, velocities, terms and replica of chain `from` of
  /// another batch (which may be this one); state and weight stay.
  void copy_configuration(const ChainBatch& other, std::size_t from, std::size_t to);
  /// Configurations of two chains, with velocities, terms, weights and replicas, change places.
  void swap_configurations(std::size_t a, std::size_t b);
};

}  // namespace saltus::engine
