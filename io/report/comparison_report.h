#pragma once

#include <string>

#include "io/report/comparison_data.h"
#include "io/report/gnuplot.h"

namespace saltus::io {

/// One self-contained HTML page about a comparison: loads nothing and runs no script. Figures are
/// inline SVG drawn by gnuplot.
/// @throws FileError  as run_gnuplot
std::string render_comparison(const ComparisonData& data, const GnuplotOptions& gnuplot = {});

}  // namespace saltus::io
