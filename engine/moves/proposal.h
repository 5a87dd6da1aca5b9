#pragma once

#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/requirements.h"

namespace saltus::engine {

/// What a proposal returns: where it went and two log-densities (or path terms), never their
/// difference. A chain for which no valid state was drawn has log_forward = -inf or a non-finite
/// position; it is rejected and counted.
struct ProposalBatch {
  CoordinateBatch positions;        ///< [B, N, 3], nm: x', with the boxes it lives in
  std::vector<double> log_forward;  ///< [B], log q(x'|x), Jacobians inside
  std::vector<double> log_reverse;  ///< [B], log q(x|x'), Jacobians inside
  /// [B, N, 3], nm/ps: v' that chains take with x'; of no chains: they keep theirs. Velocities on
  /// constraints are not independent of positions: what turns a rigid molecule turns its velocities
  /// as well, (x, v) -> (R x, R v), which leaves their distribution as it is.
  CoordinateBatch velocities;
  std::size_t n_energy_evaluations = 0;  ///< energies the proposal computed itself
  std::string kind;  ///< which of several proposals this is; empty: there is one only

  ProposalBatch() = default;
  /// Starts with every chain where it is, n_tries times, and log-densities of 0.
  explicit ProposalBatch(ConstCoordinates current, std::size_t n_tries = 1)
      : positions(CoordinateBatch::repeated(current, n_tries)),
        log_forward(positions.n_chains(), 0.0),
        log_reverse(positions.n_chains(), 0.0) {}
};

/// Proposals that are impossible (a path term or a coordinate is not finite) get the positions and
/// boxes of `current` and log_forward = -inf, so that the batch can be evaluated as a whole.
void keep_possible(ConstCoordinates current, ProposalBatch& proposed);

/// Draws new states; never accepts. Const and without memory, like moves.
class Proposal {
 public:
  virtual ~Proposal() = default;
  virtual std::string name() const = 0;
  virtual ReferenceMeasure measure() const = 0;
  /// What a proposal of Cartesian positions needs that knows nothing of constraints, of atoms
  /// that never move and of virtual sites; moves that use it need the same.
  virtual MoveRequirements requirements() const;
  /// True when what a chain is sent to depends, to the bit, on nothing but the chain, its number
  /// and the key (Move::treats_chains_alone). Networks whose sums depend on the batch are not.
  virtual bool treats_chains_alone() const { return false; }
  virtual ProposalBatch sample(const ChainView& current, const StepKey& key) const = 0;

  /// Several draws for each chain, rows c n_tries .. c n_tries + n_tries - 1, with random numbers
  /// of their own; log_reverse of each is that of the way back from it.
  virtual ProposalBatch sample_tries(const ChainView& current, std::size_t n_tries,
                                     const StepKey& key) const;
  /// True when the tries of one chain and key, and the chain's present state, could each have been
  /// drawn from any of the others with the same log-density as from the chain's state: draws depend
  /// only on what no draw changes. Then log_reverse is the same for all tries of a chain.
  virtual bool tries_are_interchangeable() const { return false; }
};

/// A proposal whose conditional density can be evaluated anywhere.
class TractableProposal : public Proposal {
 public:
  /// @param to, from    [B, N, 3], nm; `from` carries the states
  /// @param log_density out [B], log q(to|from); -inf outside the support
  virtual void log_density(ConstCoordinates to, const ChainView& from,
                           Span<double> log_density) const = 0;
};

}  // namespace saltus::engine
