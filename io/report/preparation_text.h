#pragma once

#include <string>

#include "engine/run/run_summary.h"

namespace saltus::io {

/// Table of what the stages of a run's preparation, all of them and production have cost, and which
/// models were trained elsewhere. Costs that are not known are dashes.
std::string preparation_html(const engine::RunSummary& summary);

}  // namespace saltus::io
