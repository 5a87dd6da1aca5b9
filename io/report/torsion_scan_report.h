#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/report/gnuplot.h"

namespace saltus::io {

/// All that a page about torsion scans shows. Angles in degrees, energies in kcal/mol.
struct TorsionScanReportData {
  struct Point {
    double angle = 0.0, energy = 0.0;  ///< energy may be NaN
  };
  struct Scan {
    std::string name, smiles, torsion, force_field;
    std::string status, message;
    std::vector<Point> points;  ///< of one turn, from -180 on, without +180
    std::vector<Point> minima, barriers;
  };

  std::string title;
  std::vector<Scan> scans;
  std::vector<std::pair<std::string, std::string>> provenance;  ///< names and values
};

/// One self-contained HTML page: loads nothing; profiles are inline SVG drawn by gnuplot.
/// @throws FileError  as run_gnuplot
std::string render_torsion_scan_report(const TorsionScanReportData& data,
                                       const GnuplotOptions& gnuplot = {});

/// Gnuplot script: energy against the angle, the first point again at +180 degrees; "" without an
/// energy.
std::string torsion_scan_script(const TorsionScanReportData::Scan& scan);

}  // namespace saltus::io
