#pragma once

#include <functional>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/conformers/options.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

/// How far a run came.
struct ConformerRunEnd {
  ConformerTotals totals;
  /// False when it was stopped: threads may still be at the molecules that were in hand, so that
  /// the process must end without destroying what libraries keep for all threads (std::_Exit).
  bool complete = true;
};

/// The next record, with its outcome, where records do not come from inputs; nothing at the end.
using RecordSource = std::function<std::optional<ConformerRecord>()>;

/// "12 molecules, 340 conformers, 3.4 molecules/s"
std::string rate_text(const ConformerTotals& totals);

/// Works on all records of the inputs and writes the results; every few seconds it makes
/// sure that, were it killed, a later run could resume from there.
/// @param stop  asked several times a second whether to stop; then what is finished is written and
///              the molecules in hand are given up
/// @throws UsageError, FileError, InputError  for whatever stops all of the work
ConformerRunEnd run_conformers(const ConformerRequest& request, Progress& progress,
                               const std::function<bool()>& stop);

/// Writes the results of records whose outcomes are there already, as run_conformers would have.
ConformerRunEnd rerun_conformers(const ConformerRequest& request, const RecordSource& next,
                                 Progress& progress, const std::function<bool()>& stop);

}  // namespace saltus::tools
