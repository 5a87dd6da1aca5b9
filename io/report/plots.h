#pragma once

#include <string>
#include <vector>

#include "io/report/report_data.h"

/// Gnuplot scripts of the report's figures: pure functions of the data, each drawing one SVG to
/// standard output. Black in them stands for "the colour of the text around the figure".
/// Colours: viridis for maps, Okabe and Ito's for lines; both safe for colour-blind readers.
namespace saltus::io {

/// Free energy (kJ/mol) with contours every 5 kJ/mol; bins never visited are grey.
std::string free_energy_script(const TorsionMap& map);

/// Standard error of the same.
std::string free_energy_error_script(const TorsionMap& map);

/// Probability densities with error bars.
std::string histogram_script(const HistogramPlot& plot);

/// Autocorrelation functions against the logarithm of the lag in steps; "" when none has a lag.
std::string autocorrelation_script(const std::vector<NamedAutocorrelation>& curves,
                                   std::uint64_t steps_per_frame);

/// One strip per chain, all observables in each.
/// @throws InputError  when traces differ in unit, number of chains or length, or have no frame
std::string trace_script(const std::vector<Trace>& traces, std::uint64_t steps_per_frame);

/// Every how-manieth frame trace_script draws.
std::size_t trace_stride(const std::vector<Trace>& traces);

/// Effective samples per CPU second, log scale, grouped by observable; "" when none is known.
std::string efficiency_script(const std::vector<engine::SamplerEfficiency>& samplers);

/// Accepted and invalid proposals per move, percent; "" when no move proposed anything.
std::string acceptance_script(const std::vector<engine::MoveSummary>& moves);

/// Radial distribution functions with error bars; "" when there are none.
std::string radial_script(const std::vector<engine::RadialCurve>& curves);

/// Reduced free energies of the levels of a ladder against temperature, with error bars; "" when
/// there are none.
std::string ladder_script(const engine::FreeEnergySummary& summary);

}  // namespace saltus::io
