#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "io/files/text_output.h"
#include "io/report/torsion_scan_report.h"
#include "tools/conformers/pose_strain.h"
#include "tools/conformers/rescore.h"
#include "tools/conformers/torsion_scan.h"
#include "tools/saltus/conformers/analysis_options.h"

namespace saltus::tools {

/// One outcome in all forms that are written. Energies in kcal/mol, lengths in angstrom, angles in
/// degrees, entropies in cal/mol/K.
struct AnalysisRows {
  std::string csv;              ///< lines
  nlohmann::ordered_json json;  ///< one object
  std::string sdf;              ///< records
  std::size_t n_rows = 0, n_ok = 0;
};

/// Headings of the table.
std::string analysis_header(Analysis kind);

AnalysisRows rows_of(const MoleculeStrain& outcome, const AnalysisRequest& request);
AnalysisRows rows_of(const RescoredEnsemble& outcome, const AnalysisRequest& request);
AnalysisRows rows_of(const TorsionScan& outcome, const AnalysisRequest& request);

/// What the page shows of a scan.
io::TorsionScanReportData::Scan shown_scan(const TorsionScan& outcome);

}  // namespace saltus::tools
