#pragma once

#include <string>

#include "engine/run/free_energy_summary.h"

namespace saltus::io {

/// Words and tables about the free energies of a ladder, HTML: what is estimated and of which
/// samples, then levels and pairs with every number of the summary.
std::string free_energy_html(const engine::FreeEnergySummary& summary);

}  // namespace saltus::io
