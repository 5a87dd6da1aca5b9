#pragma once

#include <string>

#include "engine/run/run_summary.h"

namespace saltus::io {

/// The summary as JSON (RFC 8259), indented by two: keys in a fixed order, in snake case, with the
/// unit in the name of quantities that have one ("mean_kJ_mol"); numbers that are not finite are
/// null. "weighted" tells whether averages are; if so, "kish_effective_samples" is the number of
/// equal weights that those of the values count as, and "kish_share" the share of all.
/// "free_energy" is null but for ladders: reduced free energies and their differences are
/// dimensionless, f of the upper temperature minus f of the lower one; engine::FreeEnergySummary
/// says what they are of.
/// "radial_distributions" is a list of pairs of elements of water, empty without a periodic box of
/// it: g and its standard error by bins of bin_nm, the first of which begins at 0
/// (engine::RadialCurve). "preparation" is a list of stages, or null when their costs are not
/// known. "protocols" is a list of the moves whose protocol warm-up chose, with what its trials
/// measured: "gain" is the acceptance of changes that count (engine::ProtocolTrials). Text that is
/// not UTF-8 has its bad bytes replaced. Ends with a line feed.
std::string summary_to_json(const engine::RunSummary& summary);

/// Version of the keys; changes when one is renamed or changes its meaning.
constexpr int kSummarySchema = 1;

}  // namespace saltus::io
