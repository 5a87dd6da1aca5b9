#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/diagnostics/histogram.h"
#include "engine/run/run_summary.h"

namespace saltus::io {

/// Free energy over two torsions. Row-major [x][y], as engine::free_energy_surface(x, y, ...).
struct TorsionMap {
  std::string x_name, y_name;  ///< e.g. "φ", "ψ"
  engine::FreeEnergySurface surface;
};

/// One of several histograms of the same quantity.
struct NamedHistogram {
  std::string name;  ///< of the sampler
  engine::Histogram histogram;
};

/// Histograms of one quantity by several samplers, drawn together.
struct HistogramPlot {
  std::string quantity, unit;  ///< e.g. "Potential energy", "kJ/mol"
  std::vector<NamedHistogram> histograms;
};

/// rho_0, rho_1, ... of one observable, one value per stored frame.
struct NamedAutocorrelation {
  std::string observable;
  std::vector<double> rho;
};

/// One observable along a few chains; unit "rad" is drawn in degrees from -180 to 180.
struct Trace {
  std::string observable, unit;
  std::vector<std::vector<double>> chains;  ///< [chain][frame]
};

/// All that a report shows. Curves may be empty; their figures are then left out.
struct ReportData {
  engine::RunSummary summary;
  std::string deck_text;  ///< the resolved deck; may be empty
  std::optional<TorsionMap> torsion_map;
  std::optional<HistogramPlot> energies;
  std::vector<NamedAutocorrelation> autocorrelations;
  std::vector<Trace> traces;         ///< with equally many chains; a figure for each unit
  std::vector<HistogramPlot> works;  ///< between neighbouring levels of a ladder, both ways
};

}  // namespace saltus::io
