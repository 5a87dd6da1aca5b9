#pragma once

#include "io/report/report_data.h"

namespace saltus::io::testing {

/// A report on a made-up dipeptide: chains hop between four basins of two torsions with the given
/// probability per frame and wander inside them.
ReportData synthetic_report();

}  // namespace saltus::io::testing
