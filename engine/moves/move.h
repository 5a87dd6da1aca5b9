#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/ensemble/target_density.h"
#include "engine/moves/requirements.h"

namespace saltus::engine {

/// Outcome for one chain in one move.
enum class Outcome : std::uint8_t {
  kNotApplied = 0,
  kRejected = 1,
  kAccepted = 2,
  /// Rejected because the proposed state had zero or undefined density.
  kInvalid = 3,
};

/// What one elementary move did to every chain.
struct MoveRecord {
  std::string name;                      ///< Move::name(), unique within a run
  std::vector<Outcome> outcomes;         ///< [B]
  std::vector<double> log_ratios;        ///< [B], log acceptance ratio; NaN where none was computed
  std::size_t n_energy_evaluations = 0;  ///< configurations whose energy was computed, all chains
  double cpu_seconds = 0.0;              ///< process CPU time, all threads
  std::string kind;                      ///< ProposalBatch::kind; statistics are kept for each
};

/// One entry per elementary move that ran; composites concatenate.
struct TransitionInfo {
  std::vector<MoveRecord> records;
};

/// What a move leaves unchanged.
enum class Invariance {
  kExact,        ///< the target density, up to rounding
  kApproximate,  ///< only in the limit of a small time step, or nothing; reports must say so
};

/// Takes every chain from a state to a state. Const: no memory between calls, so that a restart or
/// another order of calls cannot change a result.
class Move {
 public:
  virtual ~Move() = default;
  virtual std::string name() const = 0;
  virtual Invariance invariance() const { return Invariance::kExact; }
  virtual MoveRequirements requirements() const { return {}; }
  /// True when what becomes of a chain depends, to the bit, on nothing but the chain, its number in
  /// the run and the key: then parts of a batch may be moved apart from each other (SharedMove).
  virtual bool treats_chains_alone() const { return false; }
  virtual TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                               const StepKey& key) const = 0;
};

/// @throws NumericalError  naming chain, move and step when a chain carries a non-finite energy
void require_finite_energies(const ChainBatch& chains, const std::string& move, const StepKey& key);

/// CPU seconds of this process, all threads.
double process_cpu_seconds();

}  // namespace saltus::engine
