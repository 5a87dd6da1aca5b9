#include "io/report/plots.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <sstream>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/report/gnuplot.h"
#include "io/report/number_text.h"
#include "io/report/plot_script.h"

namespace saltus::io {
namespace {

using engine::InputError;
using engine::kDegreePerRadian;

constexpr std::size_t kMaxTracePoints = 400;
constexpr double kMapEdgeDegrees = 180.0;

const char kViridis[] =
    "set palette defined (0 '#440154', 1 '#482475', 2 '#414487', 3 '#355f8d', 4 '#2a788e', "
    "5 '#21918c', 6 '#22a884', 7 '#44bf70', 8 '#7ad151', 9 '#bddf26', 10 '#fde725')\n";
const char kViridisReversed[] =
    "set palette defined (0 '#fde725', 1 '#bddf26', 2 '#7ad151', 3 '#44bf70', 4 '#22a884', "
    "5 '#21918c', 6 '#2a788e', 7 '#355f8d', 8 '#414487', 9 '#482475', 10 '#440154')\n";

std::string axis_label(const std::string& quantity, const std::string& unit) {
  return gnuplot_string(unit.empty() ? quantity : quantity + " / " + unit);
}

/// Square map from -180 to 180 degrees; gnuplot needs one line per y.
std::string map_head(const TorsionMap& map, const std::vector<double>& values) {
  const std::size_t n = map.surface.n_bins;
  std::ostringstream script;
  script << script_head(500, 400) << data_block("map", [&](std::ostream& out) {
    for (std::size_t y = 0; y < n; ++y) {
      for (std::size_t x = 0; x < n; ++x) out << script_number(values[x * n + y]) << ' ';
      out << '\n';
    }
  });
  script << "w = " << script_number(2.0 * kMapEdgeDegrees / static_cast<double>(n)) << "\n"
         << "at(i) = -180 + (i + 0.5) * w\n"
         << "set xrange [-180:180]\nset yrange [-180:180]\nset size ratio 1\n"
         << "set border 15\nunset grid\nunset key\n"
         << "set xtics -180,90,180\nset ytics -180,90,180\n"
         << "set xlabel " << axis_label(map.x_name, "deg") << " offset 0,0.4\n"
         << "set ylabel " << axis_label(map.y_name, "deg") << " offset 1,0\n"
         << "set object 1 rectangle from -180,-180 to 180,180 behind fillcolor '#b8bcc2' "
            "fillstyle solid 0.55 noborder\n"
         << "set colorbox user origin 0.815,0.17 size 0.035,0.8\n"
         << "set lmargin screen 0.15\nset rmargin screen 0.79\n"
         << "set bmargin screen 0.17\nset tmargin screen 0.97\n";
  return script.str();
}

/// A filled bar; gnuplot draws boxes on a log axis only when told both ends.
void write_bar(std::ostream& out, double x_low, double x_high, double y_low, double y_high) {
  out << script_number(0.5 * (x_low + x_high)) << ' ' << script_number(y_high) << ' '
      << script_number(x_low) << ' ' << script_number(x_high) << ' ' << script_number(y_low) << ' '
      << script_number(y_high) << '\n';
}

struct Bar {
  double centre, value, error;
};

/// [sampler][observable], bars that can be drawn on a log axis.
std::vector<std::vector<Bar>> efficiency_bars(
    const std::vector<engine::SamplerEfficiency>& samplers,
    const std::vector<std::string>& observables, double bar_width) {
  std::vector<std::vector<Bar>> bars(samplers.size());
  for (std::size_t s = 0; s < samplers.size(); ++s) {
    for (const engine::ObservableEfficiency& row : samplers[s].observables) {
      const auto found = std::find(observables.begin(), observables.end(), row.observable);
      if (!(row.per_cpu_second > 0.0) || !std::isfinite(row.per_cpu_second)) continue;
      const double group = static_cast<double>(found - observables.begin());
      const double offset = static_cast<double>(s) - 0.5 * static_cast<double>(samplers.size() - 1);
      const double error = std::isfinite(row.per_cpu_second_error) ? row.per_cpu_second_error : 0.0;
      bars[s].push_back({group + offset * bar_width, row.per_cpu_second, error});
    }
  }
  return bars;
}

std::vector<std::string> observable_names(const std::vector<engine::SamplerEfficiency>& samplers) {
  std::vector<std::string> names;
  for (const engine::SamplerEfficiency& sampler : samplers) {
    for (const engine::ObservableEfficiency& row : sampler.observables) {
      if (std::find(names.begin(), names.end(), row.observable) == names.end()) {
        names.push_back(row.observable);
      }
    }
  }
  return names;
}

/// "set xtics ('energy' 0, 'phi' 1)"
std::string named_tics(const std::string& axis, const std::vector<std::string>& names) {
  std::ostringstream script;
  script << "set " << axis << "tics scale 0 (";
  for (std::size_t i = 0; i < names.size(); ++i) {
    script << (i == 0 ? "" : ", ") << gnuplot_tic_label(names[i]) << ' ' << i;
  }
  script << ")\n";
  return script.str();
}

void check_traces(const std::vector<Trace>& traces) {
  for (const Trace& trace : traces) {
    bool fits = trace.unit == traces[0].unit && !trace.chains.empty() &&
                trace.chains.size() == traces[0].chains.size();
    for (const std::vector<double>& chain : trace.chains) {
      fits = fits && !chain.empty() && chain.size() == traces[0].chains[0].size();
    }
    if (!fits) {
      throw InputError("trace of " + trace.observable + " does not fit that of " +
                       traces[0].observable +
                       ": expected the same unit, and equally many chains of equally many frames, "
                       "at least one of each");
    }
  }
}

struct TraceScale {
  std::size_t stride;  ///< frames from one that is shown to the next
  std::uint64_t steps_per_frame;
  double factor;  ///< of the values
};

/// Rows "step value value ..." of one chain.
void write_trace_rows(const std::vector<Trace>& traces, std::size_t chain, const TraceScale& scale,
                      std::ostream& out) {
  for (std::size_t t = 0; t < traces[0].chains[chain].size(); t += scale.stride) {
    out << t * scale.steps_per_frame;
    for (const Trace& trace : traces)
      out << ' ' << script_number(trace.chains[chain][t] * scale.factor);
    out << '\n';
  }
}

}  // namespace

std::string free_energy_script(const TorsionMap& map) {
  std::string script = map_head(map, map.surface.free_energy) + kViridisReversed;
  return script +
         "set cblabel 'Free energy / kJ/mol' offset 1,0\nset cbrange [0:*]\n"
         "set contour base\nset cntrparam levels incremental 5,5,100\nunset surface\n"
         "set table $contours\n"
         "splot $map matrix using (at($1)):(at($2)):3\n"
         "unset table\nunset contour\nset surface\n"
         "plot $map matrix using (at($1)):(at($2)):3 with image, "
         "$contours using 1:2 with lines linecolor 'white' linewidth 0.7\n";
}

std::string free_energy_error_script(const TorsionMap& map) {
  return map_head(map, map.surface.free_energy_error) + kViridis +
         "set cblabel 'Standard error / kJ/mol' offset 1,0\nset cbrange [0:*]\n"
         "plot $map matrix using (at($1)):(at($2)):3 with image\n";
}

std::string histogram_script(const HistogramPlot& plot) {
  std::ostringstream script, curves;
  script << script_head(960, 400) << "set xlabel " << axis_label(plot.quantity, plot.unit) << "\n"
         << "set ylabel "
         << gnuplot_string("Probability density" +
                           (plot.unit.empty() ? "" : " / (" + plot.unit + ")⁻¹"))
         << "\nset yrange [0:*]\n";
  for (std::size_t i = 0; i < plot.histograms.size(); ++i) {
    const engine::Histogram& h = plot.histograms[i].histogram;
    const double width = (h.upper - h.lower) / static_cast<double>(h.probability.size());
    const std::string name = "h" + std::to_string(i);
    script << data_block(name, [&](std::ostream& out) {
      for (std::size_t b = 0; b < h.probability.size(); ++b) {
        out << script_number(h.lower + (static_cast<double>(b) + 0.5) * width) << ' '
            << script_number(h.probability[b] / width) << ' '
            << script_number(h.probability_error[b] / width) << '\n';
      }
    });
    const char* colour = line_colour(i);
    curves << (i == 0 ? "" : ", ") << "$" << name << " using ($1-" << script_number(0.5 * width)
           << "):2 with fillsteps fillstyle transparent solid 0.18 noborder linecolor " << colour
           << " notitle, $" << name << " using 1:2 with histeps linewidth 1.6 linecolor " << colour
           << " title " << gnuplot_string(plot.histograms[i].name) << ", $" << name
           << " using 1:($2-$3):(0):(2*$3) with vectors nohead linewidth 1.1 linecolor " << colour
           << " notitle";
  }
  return script.str() + "plot " + curves.str() + "\n";
}

std::string autocorrelation_script(const std::vector<NamedAutocorrelation>& curves,
                                   std::uint64_t steps_per_frame) {
  std::ostringstream script, plots;
  script << script_head(960, 380) << "set logscale x\nset xlabel 'Lag / steps'\n"
         << "set ylabel 'Autocorrelation'\nset yrange [*<-0.1:1]\nset ytics 0.25\n";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].rho.size() < 2) continue;
    const std::string name = "a" + std::to_string(i);
    script << data_block(name, [&](std::ostream& out) {
      for (std::size_t k = 1; k < curves[i].rho.size(); ++k) {
        out << k * steps_per_frame << ' ' << script_number(curves[i].rho[k]) << '\n';
      }
    });
    plots << ", $" << name << " using 1:2 with lines linewidth 1.8 linecolor " << line_colour(i)
          << " title " << gnuplot_string(curves[i].observable);
  }
  if (plots.tellp() == 0) return "";
  return script.str() + "plot 0 with lines linecolor 'black' linewidth 0.7 notitle" + plots.str() +
         "\n";
}

std::size_t trace_stride(const std::vector<Trace>& traces) {
  const std::size_t n_frames = traces.at(0).chains.at(0).size();
  return std::max<std::size_t>(1, (n_frames + kMaxTracePoints - 1) / kMaxTracePoints);
}

std::string trace_script(const std::vector<Trace>& traces, std::uint64_t steps_per_frame) {
  check_traces(traces);
  const std::size_t n_chains = traces[0].chains.size();
  const bool are_angles = traces[0].unit == "rad";
  const TraceScale scale = {trace_stride(traces), steps_per_frame,
                            are_angles ? kDegreePerRadian : 1.0};
  constexpr int kStripHeight = 110, kRoomForKeyAndAxis = 90;
  const int height = kStripHeight * static_cast<int>(n_chains) + kRoomForKeyAndAxis;

  std::ostringstream script;
  script << script_head(960, height);
  if (are_angles) script << "set yrange [-180:180]\nset ytics -180,180,180\n";
  script << "set multiplot\nset lmargin screen 0.1\nset rmargin screen 0.98\n";
  for (std::size_t c = 0; c < n_chains; ++c) {
    const std::string name = "c" + std::to_string(c);
    script << data_block(name, [&](std::ostream& out) { write_trace_rows(traces, c, scale, out); });
    // Strips from the top; the key stands above the first, the axis below the last.
    const double top = 1.0 - (35.0 + kStripHeight * static_cast<double>(c)) / height;
    const double bottom = top - (kStripHeight - 18.0) / height;
    script << "set tmargin screen " << script_number(top) << "\nset bmargin screen "
           << script_number(bottom) << "\nset ylabel "
           << axis_label("chain " + std::to_string(c), are_angles ? "deg" : traces[0].unit) << "\n";
    if (c > 0) script << "unset key\n";
    script << (c + 1 < n_chains ? "set format x ''\n" : "set format x\nset xlabel 'Step'\n");
    script << "plot ";
    const char* style =
        are_angles ? " with points pointtype 7 pointsize " : " with lines linewidth ";
    for (std::size_t i = 0; i < traces.size(); ++i) {
      // Points are too small to tell their colour in the key, so it has entries of its own.
      script << (i == 0 ? "" : ", ") << "$" << name << " using 1:" << i + 2 << style
             << (are_angles ? 0.22 : 1.0) << " linecolor " << line_colour(i) << " notitle, keyentry"
             << style << (are_angles ? 0.6 : 2.0) << " linecolor " << line_colour(i) << " title "
             << gnuplot_string(traces[i].observable);
    }
    script << "\n";
  }
  script << "unset multiplot\n";
  return script.str();
}

std::string efficiency_script(const std::vector<engine::SamplerEfficiency>& samplers) {
  const std::vector<std::string> observables = observable_names(samplers);
  const double bar_width = 0.8 / static_cast<double>(std::max<std::size_t>(1, samplers.size()));
  const auto bars = efficiency_bars(samplers, observables, bar_width);
  double smallest = std::numeric_limits<double>::infinity(), largest = 0.0;
  for (const std::vector<Bar>& group : bars) {
    for (const Bar& bar : group) {
      smallest = std::min(smallest, bar.value);
      largest = std::max(largest, bar.value + bar.error);
    }
  }
  if (largest == 0.0) return "";
  // From the decade below the shortest bar, so that each can be seen.
  const double floor = std::pow(10.0, std::floor(std::log10(smallest) - 0.3));

  std::ostringstream script, plots;
  script << script_head(960, 400) << "set logscale y\nset format y '%g'\n"
         << "set yrange [" << script_number(floor) << ":" << script_number(3.0 * largest) << "]\n"
         << "set xrange [-0.6:" << script_number(static_cast<double>(observables.size()) - 0.4)
         << "]\n"
         << "set ylabel 'Effective samples per CPU second'\nunset grid\n"
         << "set grid ytics linecolor '#9aa0a6' linewidth 0.4\n"
         << named_tics("x", observables);
  for (std::size_t s = 0; s < samplers.size(); ++s) {
    if (bars[s].empty()) continue;
    const std::string name = "s" + std::to_string(s);
    script << data_block(name, [&](std::ostream& out) {
      for (const Bar& bar : bars[s]) {
        write_bar(out, bar.centre - 0.46 * bar_width, bar.centre + 0.46 * bar_width, floor,
                  bar.value);
      }
    });
    script << data_block(name + "errors", [&](std::ostream& out) {
      for (const Bar& bar : bars[s]) {
        out << script_number(bar.centre) << ' ' << script_number(bar.value) << ' '
            << script_number(std::max(bar.value - bar.error, floor)) << ' '
            << script_number(bar.value + bar.error) << " \"" << rounded_text(bar.value, 2)
            << "\"\n";
      }
    });
    plots << (plots.tellp() > 0 ? ", " : "") << "$" << name
          << " using 1:2:3:4:5:6 with boxxyerror fillstyle solid 0.75 noborder linecolor "
          << line_colour(s) << " title " << gnuplot_string(samplers[s].sampler) << ", $" << name
          << "errors using 1:3:(0):($4-$3) with vectors heads size screen 0.004,90 linewidth 1.2 "
             "linecolor 'black' "
          << "notitle, $" << name
          << "errors using 1:4:5 with labels offset 0,0.7 textcolor 'black' notitle";
  }
  return script.str() + "plot " + plots.str() + "\n";
}

std::string acceptance_script(const std::vector<engine::MoveSummary>& moves) {
  std::vector<const engine::MoveSummary*> shown;
  for (const engine::MoveSummary& move : moves) {
    if (move.proposed > 0) shown.push_back(&move);
  }
  if (shown.empty()) return "";
  std::reverse(shown.begin(), shown.end());  // the first move on top
  std::vector<std::string> names;
  for (const engine::MoveSummary* move : shown) names.push_back(move->name);

  constexpr double kHalfWidth = 0.32;
  constexpr int kHeightPerMove = 42, kRoomForKeyAndAxis = 100;
  std::ostringstream script;
  script << script_head(960, kHeightPerMove * static_cast<int>(shown.size()) + kRoomForKeyAndAxis)
         << "set xrange [0:100]\nset xlabel 'Share of proposals / %'\n"
         << "set yrange [-0.6:" << script_number(static_cast<double>(shown.size()) - 0.4) << "]\n"
         << "unset grid\nset grid xtics linecolor '#9aa0a6' linewidth 0.4\n"
         << named_tics("y", names);
  const auto bars = [&](bool invalid) {
    return [&, invalid](std::ostream& out) {
      for (std::size_t i = 0; i < shown.size(); ++i) {
        const double accepted = 100.0 * shown[i]->acceptance;
        const double end = accepted + 100.0 * shown[i]->invalid_fraction;
        const double y = static_cast<double>(i);
        write_bar(out, invalid ? accepted : 0.0, invalid ? end : accepted, y - kHalfWidth,
                  y + kHalfWidth);
      }
    };
  };
  script << data_block("accepted", bars(false)) << data_block("invalid", bars(true));
  script << "plot $accepted using 1:2:3:4:5:6 with boxxyerror fillstyle solid 0.8 noborder "
         << "linecolor " << line_colour(0) << " title 'accepted', $invalid using 1:2:3:4:5:6 with "
         << "boxxyerror fillstyle solid 0.8 noborder linecolor " << line_colour(1)
         << " title 'invalid (rejected)'\n";
  return script.str();
}

std::string ladder_script(const engine::FreeEnergySummary& summary) {
  const std::pair<const char*, const std::vector<engine::FreeEnergyEstimate>*> curves[] = {
      {"MBAR", &summary.mbar.from_first},
      {"Bennett, without a map", &summary.plain.from_first},
      {"Bennett, with the map", &summary.mapped.from_first}};
  std::ostringstream script, plots;
  script << script_head(960, 380) << "set xlabel 'Temperature / K'\n"
         << "set ylabel 'Reduced free energy'\nset offsets graph 0.03,0.03,0.05,0.05\n";
  for (std::size_t i = 0; i < std::size(curves); ++i) {
    const auto& [title, estimates] = curves[i];
    if (estimates->empty()) continue;
    const std::string name = "f" + std::to_string(i);
    script << data_block(name, [&, values = estimates](std::ostream& out) {
      for (std::size_t k = 0; k < values->size(); ++k)
        out << script_number(summary.levels[k].temperature_K) << ' '
            << script_number((*values)[k].value) << ' ' << script_number((*values)[k].error)
            << '\n';
    });
    plots << (plots.tellp() > 0 ? ", " : "") << "$" << name
          << " using 1:2:3 with yerrorbars pointtype " << 4 + 2 * i << " linewidth 1.4 linecolor "
          << line_colour(i) << " title " << gnuplot_string(title);
  }
  if (plots.tellp() == 0) return "";
  return script.str() + "plot " + plots.str() + "\n";
}

}  // namespace saltus::io
