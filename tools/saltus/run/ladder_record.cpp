#include "tools/saltus/run/ladder_record.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/diagnostics/histogram.h"
#include "io/deck/quantity.h"
#include "tools/saltus/run/observables.h"

namespace saltus::tools {

namespace {

using engine::InputError;
using engine::LadderRecord;

/// Numbers of every chain, as a record has them.
std::vector<double> by_level(const io::TrajectoryReader& reader, const std::string& name,
                             const LadderRecord& record) {
  const std::vector<double> rows = reader.observable(name, 0, record.n_frames);
  const std::size_t n_levels = record.temperatures_K.size(), n_chains = reader.n_chains();
  std::vector<double> result;
  result.reserve(rows.size());
  for (std::size_t level = 0; level < n_levels; ++level)
    for (std::size_t ladder = 0; ladder < record.n_ladders; ++ladder)
      for (std::size_t frame = 0; frame < record.n_frames; ++frame)
        result.push_back(rows[frame * n_chains + ladder * n_levels + level]);
  return result;
}

void check_ladders(const io::TrajectoryReader& reader, const std::vector<double>& temperatures_K) {
  const std::vector<double> of_chain = reader.observable("temperature", 0, 1);
  for (std::size_t c = 0; c < of_chain.size(); ++c)
    if (of_chain.size() % temperatures_K.size() != 0 ||
        of_chain[c] != temperatures_K[c % temperatures_K.size()])
      throw InputError("chain " + std::to_string(c) + " of " + std::to_string(of_chain.size()) +
                       " has a temperature of " + engine::significant_text(of_chain[c], 6) +
                       " K: the chains are no ladders of " + std::to_string(temperatures_K.size()) +
                       " temperatures");
}

double pressure_of(const io::TrajectoryReader& reader) {
  const auto found = reader.info().provenance.find("pressure");
  if (found == reader.info().provenance.end())
    throw InputError("frames have volumes, but the trajectory does not say at what pressure");
  return io::parse_quantity(found->second).internal();
}

/// Works of one pair: [n_ladders * n_frames] each; those down with the other sign.
struct PairWorks {
  std::vector<double> up, minus_down;
};

/// From where to where so many of a hundred finite numbers are; none when there are none.
std::vector<double> middle_of(const std::vector<double>& values) {
  constexpr double kLeftOut = 0.005;
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double v) { return std::isfinite(v); });
  if (finite.empty()) return {};
  std::sort(finite.begin(), finite.end());
  const auto n = static_cast<double>(finite.size() - 1);
  return {finite[static_cast<std::size_t>(std::floor(kLeftOut * n))],
          finite[static_cast<std::size_t>(std::ceil((1.0 - kLeftOut) * n))]};
}

io::NamedHistogram histogram_of(const std::string& name, std::vector<double> works,
                                const LadderRecord& record, const std::vector<double>& range) {
  constexpr std::size_t kBins = 50;
  // Series are finite; what is above the range is in no bin.
  for (double& w : works)
    if (!std::isfinite(w)) w = 2.0 * range[1] - range[0];
  return {name,
          engine::histogram({works, record.n_ladders, record.n_frames}, range[0], range[1], kBins)};
}

}  // namespace

LadderRecord read_ladders(const io::TrajectoryReader& reader,
                          const std::vector<double>& temperatures_K, std::uint64_t n_frames) {
  check_ladders(reader, temperatures_K);
  LadderRecord record;
  record.temperatures_K = temperatures_K;
  record.n_ladders = reader.n_chains() / temperatures_K.size();
  record.n_frames = static_cast<std::size_t>(n_frames);
  const auto steps = reader.steps(0, 2);
  record.steps_per_frame = steps[1] - steps[0];
  record.energies = by_level(reader, "potential_energy", record);
  const std::vector<std::string> names = reader.observable_names();
  const auto has = [&names](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has(kVolumeName)) {
    record.volumes = by_level(reader, kVolumeName, record);
    record.pressure = pressure_of(reader);
  }
  if (has(kWorkToNextName)) {
    record.works_to_next = by_level(reader, kWorkToNextName, record);
    record.works_to_previous = by_level(reader, kWorkToPreviousName, record);
  }
  return record;
}

engine::FreeEnergySummary ladder_free_energies(const io::TrajectoryReader& reader,
                                               const LadderRecord& record) {
  if (!engine::weights_differ(reader.log_weights(0, record.n_frames)))
    return engine::summarise_ladder(record);
  engine::FreeEnergySummary summary;
  summary.missing = "chains have unequal weights, which the estimators do not take";
  return summary;
}

std::vector<io::HistogramPlot> work_histograms(const LadderRecord& record) {
  const bool mapped = !record.works_to_next.empty();
  const std::vector<double> to_next = mapped ? record.works_to_next : plain_works(record, 1),
                            to_previous =
                                mapped ? record.works_to_previous : plain_works(record, -1);
  const std::size_t n_levels = record.temperatures_K.size(), n = to_next.size() / n_levels;
  std::vector<io::HistogramPlot> plots;
  for (std::size_t k = 0; k + 1 < n_levels; ++k) {
    const auto at = [n](const std::vector<double>& works, std::size_t level) {
      return works.begin() + static_cast<std::ptrdiff_t>(level * n);
    };
    PairWorks pair{{at(to_next, k), at(to_next, k + 1)}, {}};
    std::transform(at(to_previous, k + 1), at(to_previous, k + 1) + static_cast<std::ptrdiff_t>(n),
                   std::back_inserter(pair.minus_down), [](double w) { return -w; });
    std::vector<double> range = middle_of(pair.up);
    for (const double end : middle_of(pair.minus_down)) range.push_back(end);
    if (range.size() < 4) continue;
    range = {*std::min_element(range.begin(), range.end()),
             *std::max_element(range.begin(), range.end())};
    if (!(range[0] < range[1])) continue;
    const std::string low = engine::significant_text(record.temperatures_K[k], 6) + " K",
                      high = engine::significant_text(record.temperatures_K[k + 1], 6) + " K";
    plots.push_back(
        {(mapped ? "Work of the map, " : "Work without a map, ") + low + " and " + high,
         "",
         {histogram_of("from " + low + " up", pair.up, record, range),
          histogram_of("minus that from " + high + " down", pair.minus_down, record, range)}});
  }
  return plots;
}

}  // namespace saltus::tools
