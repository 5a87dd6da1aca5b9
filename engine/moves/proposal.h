#pragma once

#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/target_density.h"

namespace saltus::engine {

/// What a proposal returns: where it went and two log-densities (or path terms), never their
/// difference. A chain for which no valid state was drawn has log_forward = -inf or a non-finite
/// position; it is rejected and counted.
struct ProposalBatch {
  CoordinateBatch positions;           ///< [B, N, 3], nm: x'
  std::vector<double> log_forward;     ///< [B], log q(x'|x), Jacobians inside
  std::vector<double> log_reverse;     ///< [B], log q(x|x'), Jacobians inside
  std::size_t energy_evaluations = 0;  ///< energies the proposal computed itself

  ProposalBatch() = default;
  ProposalBatch(std::size_t n_chains, std::size_t n_atoms)
      : positions(n_chains, n_atoms), log_forward(n_chains, 0.0), log_reverse(n_chains, 0.0) {}
};

/// Draws new states; never accepts. Const and without memory, like moves.
class Proposal {
 public:
  virtual ~Proposal() = default;
  virtual std::string name() const = 0;
  virtual ReferenceMeasure measure() const = 0;
  virtual ProposalBatch sample(const ChainView& current, const StepKey& key) const = 0;
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
