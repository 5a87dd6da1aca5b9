#pragma once

#include "io/report/report_data.h"

namespace saltus::tests {

/// A report on a made-up dipeptide: chains hop between four basins of two torsions with the given
/// probability per frame and wander inside them.
io::ReportData synthetic_report();

/// Free energies of two levels with a map; all numbers differ but for those of the lowest level.
engine::FreeEnergySummary synthetic_free_energy();

}  // namespace saltus::tests
