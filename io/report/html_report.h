#pragma once

#include <string>

#include "io/report/gnuplot.h"
#include "io/report/report_data.h"

namespace saltus::io {

/// One self-contained HTML page about a run: loads nothing and runs no script. Plots are inline SVG
/// drawn by gnuplot. Every number of summary_to_json stands in a table, rounded for the eye and, in
/// the `value` of its <data> element, exactly.
/// @throws FileError   as run_gnuplot
/// @throws InputError  when curves do not fit each other (see trace_script)
std::string render_report(const ReportData& data, const GnuplotOptions& gnuplot = {});

}  // namespace saltus::io
