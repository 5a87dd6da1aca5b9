#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/run/move_statistics.h"

namespace saltus::engine {

/// One trial of a protocol on one chain.
struct TrialDrive {
  double log_ratio = 0.0;  ///< log acceptance ratio; -inf where the end has no density
  bool counts = true;      ///< whether it would lead somewhere new
};

/// What trials of one protocol of a nonequilibrium move measured.
struct ProtocolTrials {
  std::string protocol;  ///< "400 steps"
  std::uint64_t n_drives = 0;
  double evaluations = 0.0;  ///< energy evaluations of a drive
  WorkMoments work;          ///< kT, where it is finite
  /// Mean of min(1, exp(-work)).
  double acceptance = 0.0, acceptance_error = 0.0;
  /// The same with 0 for drives that do not count.
  double gain = 0.0, gain_error = 0.0;

  /// What a choice makes as large as it can.
  double gain_per_evaluation() const { return gain / evaluations; }
};

/// Averages drives; errors are standard errors of independent ones.
/// @param evaluations  of one drive, > 0
/// @throws InputError  when there are fewer than two drives, or evaluations are not positive
ProtocolTrials average_drives(const std::string& protocol, Span<const TrialDrive> drives,
                              double evaluations);

/// The protocols that a move was tried with, and which it has since.
struct ProtocolChoice {
  std::string move;
  std::vector<ProtocolTrials> tried;
  ProtocolTrials at_once;  ///< what the move would be without a protocol
  std::size_t chosen = 0;

  const ProtocolTrials& best() const { return tried.at(chosen); }
  /// Whether the gain per evaluation of the one chosen, less two standard errors, is above that of
  /// the move made at once.
  bool gains() const;
  /// Lines of a small table: what each protocol measured, the move at once first.
  std::vector<std::string> table() const;
  /// Which was chosen, and what it measured.
  std::string sentence() const;
  /// What to do where nothing is gained; empty where it is.
  std::string warning() const;
};

/// Index of the greatest gain per evaluation; of equal ones the first.
/// @throws InputError  when there is none
std::size_t best_protocol(const std::vector<ProtocolTrials>& tried);

}  // namespace saltus::engine
