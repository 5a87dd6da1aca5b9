#pragma once

#include <cstddef>
#include <functional>

#include "tools/saltus/common/progress.h"
#include "tools/saltus/conformers/analysis_options.h"

namespace saltus::tools {

/// How an analysis ended.
struct AnalysisEnd {
  std::size_t n_rows = 0, n_ok = 0;  ///< poses, ensembles or scans
  /// False when it was stopped: then no file is written, and the process must end without
  /// destroying what libraries keep for all threads (std::_Exit).
  bool complete = true;
};

/// Reads the inputs, works on them on several threads and writes the outputs; the table goes to
/// standard output where no --report, --json or -o - is asked for.
/// @param stop  asked several times a second whether to stop
/// @throws UsageError, FileError, InputError  for whatever stops all of the work
AnalysisEnd run_analysis(const AnalysisRequest& request, Progress& progress,
                         const std::function<bool()>& stop);

}  // namespace saltus::tools
