#pragma once

#include <functional>

#include "tools/saltus/conformers_options.h"
#include "tools/saltus/conformers_tables.h"
#include "tools/saltus/progress.h"

namespace saltus::tools {

/// "12 molecules, 340 conformers, 3.4 molecules/s"
std::string rate_text(const ConformerTotals& totals);

/// Works on all records of the inputs and writes what comes of them; every few seconds it makes
/// sure that, were it killed, a later run could go on from there.
/// @param stop  asked before each record whether to take no more
/// @throws UsageError, FileError, InputError  for whatever stops all of the work
ConformerTotals run_conformers(const ConformerRequest& request, Progress& progress,
                               const std::function<bool()>& stop);

}  // namespace saltus::tools
