#include "engine/run/free_energy_summary.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/units.h"
#include "engine/diagnostics/autocorrelation.h"
#include "engine/ensemble/thermodynamic_state.h"

namespace saltus::engine {

namespace {

/// Statistical inefficiencies are sums over four steps or more.
constexpr std::size_t kFewestFrames = 4;

double beta_of(const LadderRecord& record, std::size_t level) {
  return ThermodynamicState{record.temperatures_K[level]}.beta();
}

/// U, or U + p V.
double enthalpy(const LadderRecord& record, std::size_t i) {
  return record.energies[i] + (record.volumes.empty() ? 0.0 : record.pressure * record.volumes[i]);
}

void check_record(const LadderRecord& record) {
  const std::size_t n = record.temperatures_K.size() * record.n_ladders * record.n_frames;
  const auto fits = [n](const std::vector<double>& values) {
    return values.empty() || values.size() == n;
  };
  if (record.temperatures_K.size() < 2 || n == 0 || record.energies.size() != n ||
      !fits(record.volumes) || !fits(record.works_to_next) ||
      record.works_to_next.size() != record.works_to_previous.size())
    throw InputError("record of ladders: expected two temperatures or more, and " +
                     std::to_string(n) + " energies and, if any, volumes and works both ways");
}

/// Numbers of one level.
std::vector<double> of_level(const LadderRecord& record, const std::vector<double>& values,
                             std::size_t level) {
  const std::size_t n = record.n_ladders * record.n_frames;
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(level * n);
  return {first, first + static_cast<std::ptrdiff_t>(n)};
}

AutocorrelationTime statistics_of(const LadderRecord& record, const std::vector<double>& values) {
  return autocorrelation_time({values, record.n_ladders, record.n_frames});
}

LevelSummary summarise_level(const LadderRecord& record, std::size_t level) {
  LevelSummary result;
  result.temperature_K = record.temperatures_K[level];
  const AutocorrelationTime energy =
      statistics_of(record, of_level(record, record.energies, level));
  result.mean_energy = energy.mean;
  result.mean_energy_error = energy.mean_error;
  std::vector<double> squares;
  const std::size_t n = record.n_ladders * record.n_frames;
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i)
    mean += enthalpy(record, level * n + i) / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i)
    squares.push_back(std::pow(enthalpy(record, level * n + i) - mean, 2));
  const AutocorrelationTime variance = statistics_of(record, squares);
  const double unit = kGasConstant * result.temperature_K * result.temperature_K;
  result.heat_capacity = variance.mean / unit;
  result.heat_capacity_error = variance.mean_error / unit;
  return result;
}

/// The longest autocorrelation time of the series of all levels, in frames; at least 1.
double longest_time(const LadderRecord& record) {
  double longest = 1.0;
  const auto look = [&](const std::vector<double>& values) {
    const bool finite =
        std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    // That of a constant is NaN, which is less than nothing.
    if (finite) longest = std::fmax(longest, statistics_of(record, values).tau);
  };
  const std::size_t last = record.temperatures_K.size() - 1;
  for (std::size_t k = 0; k <= last; ++k) {
    look(of_level(record, record.energies, k));
    if (!record.volumes.empty()) look(of_level(record, record.volumes, k));
    if (record.works_to_next.empty()) continue;
    if (k < last) look(of_level(record, record.works_to_next, k));
    if (k > 0) look(of_level(record, record.works_to_previous, k));
  }
  return longest;
}

/// Which frames are used, and how they are put into blocks.
struct Samples {
  std::vector<std::size_t> frames;
  std::size_t stride = 1, block_size = 1;
};

Samples choose_samples(const LadderRecord& record, double time, std::size_t most_potentials) {
  const std::size_t n_levels = record.temperatures_K.size();
  const std::size_t most = std::max<std::size_t>(
      1, most_potentials / (n_levels * n_levels * record.n_ladders));  // frames
  Samples samples;
  samples.stride = std::max({std::min(record.n_frames, static_cast<std::size_t>(std::ceil(time))),
                             (record.n_frames + most - 1) / most, std::size_t{1}});
  std::size_t n = (record.n_frames + samples.stride - 1) / samples.stride;
  samples.block_size = n;
  if (record.n_ladders < kFewestBlocks) {
    // Pieces much longer than what frames remember are nearly independent.
    constexpr double kTimes = 5.0;
    samples.block_size =
        static_cast<std::size_t>(std::ceil(kTimes * time / static_cast<double>(samples.stride)));
    n -= n % samples.block_size;
  }
  // The last ones.
  for (std::size_t i = n; i-- > 0;)
    samples.frames.push_back(record.n_frames - 1 - i * samples.stride);
  return samples;
}

/// [K, n_ladders * samples], ladders one after another.
std::vector<double> chosen(const LadderRecord& record, const std::vector<double>& values,
                           const Samples& samples) {
  std::vector<double> result;
  const std::size_t n_series = record.temperatures_K.size() * record.n_ladders;
  result.reserve(n_series * samples.frames.size());
  for (std::size_t series = 0; series < n_series; ++series)
    for (const std::size_t frame : samples.frames)
      result.push_back(values[series * record.n_frames + frame]);
  return result;
}

LadderFreeEnergies mbar_of(const LadderRecord& record, const Samples& samples,
                           const BootstrapOptions& options) {
  std::vector<double> energies(record.energies.size());
  for (std::size_t i = 0; i < energies.size(); ++i) energies[i] = enthalpy(record, i);
  energies = chosen(record, energies, samples);
  const std::size_t n_levels = record.temperatures_K.size();
  std::vector<double> potentials;
  potentials.reserve(n_levels * energies.size());
  for (std::size_t k = 0; k < n_levels; ++k)
    for (const double energy : energies) potentials.push_back(beta_of(record, k) * energy);
  return ladder_free_energies(
      {potentials, std::vector<std::size_t>(n_levels, energies.size() / n_levels),
       samples.block_size, true},
      options);
}

LadderWorkEstimates estimates_of(const LadderRecord& record, const Samples& samples,
                                 const std::vector<double>& to_next,
                                 const std::vector<double>& to_previous,
                                 const BootstrapOptions& options) {
  const std::vector<double> up = chosen(record, to_next, samples),
                            down = chosen(record, to_previous, samples);
  return ladder_work_free_energies({up, down, record.temperatures_K.size(), samples.block_size},
                                   options);
}

}  // namespace

std::vector<double> plain_works(const LadderRecord& record, int direction) {
  check_record(record);
  std::vector<double> works(record.energies.size(), 0.0);
  const std::size_t n_levels = record.temperatures_K.size(), n = works.size() / n_levels;
  for (std::size_t k = 0; k < n_levels; ++k) {
    const bool has_neighbour = direction > 0 ? k + 1 < n_levels : k > 0;
    if (!has_neighbour) continue;
    const double difference = beta_of(record, direction > 0 ? k + 1 : k - 1) - beta_of(record, k);
    for (std::size_t i = 0; i < n; ++i) works[k * n + i] = difference * enthalpy(record, k * n + i);
  }
  return works;
}

FreeEnergySummary summarise_ladder(const LadderRecord& record,
                                   const LadderSummaryOptions& options) {
  check_record(record);
  FreeEnergySummary summary;
  summary.constant_pressure = !record.volumes.empty();
  summary.n_draws = options.bootstrap.n_draws;
  if (!record.works_to_next.empty())
    summary.n_map_evaluations =
        2 * (record.temperatures_K.size() - 1) * record.n_ladders * record.n_frames;
  if (record.n_frames < kFewestFrames) {
    summary.missing =
        "the run has " + std::to_string(record.n_frames) + " frames, at least 4 are needed";
    return summary;
  }
  for (std::size_t k = 0; k < record.temperatures_K.size(); ++k)
    summary.levels.push_back(summarise_level(record, k));
  const double time = longest_time(record);
  const Samples samples = choose_samples(record, time, options.most_potentials);
  summary.inefficiency_steps = time * static_cast<double>(record.steps_per_frame);
  summary.steps_between_samples = samples.stride * record.steps_per_frame;
  summary.n_samples = record.n_ladders * samples.frames.size();
  summary.block_size = samples.block_size;
  summary.n_blocks = summary.n_samples / samples.block_size;
  summary.whole_ladders = record.n_ladders >= kFewestBlocks;
  if (summary.n_blocks < kFewestBlocks) {
    summary.missing = "errors need " + std::to_string(kFewestBlocks) +
                      " independent blocks of frames, this run has " +
                      std::to_string(summary.n_blocks) + "; more steps or ladders give more";
    return summary;
  }
  try {
    summary.mbar = mbar_of(record, samples, options.bootstrap);
  } catch (const NumericalError& error) {
    summary.mbar_missing = error.what();
  }
  summary.plain = estimates_of(record, samples, plain_works(record, 1), plain_works(record, -1),
                               options.bootstrap);
  if (record.works_to_next.empty()) return summary;
  try {
    summary.mapped = estimates_of(record, samples, record.works_to_next, record.works_to_previous,
                                  options.bootstrap);
  } catch (const NumericalError& error) {
    summary.mapped_missing = error.what();
  }
  return summary;
}

std::vector<std::string> free_energy_warnings(const FreeEnergySummary& summary) {
  std::vector<std::string> warnings;
  const auto look = [&](const LadderWorkEstimates& estimates, const std::string& how) {
    for (std::size_t k = 0; k < estimates.pairs.size(); ++k) {
      if (!(estimates.pairs[k].overlap < kLowOverlap)) continue;
      std::string warning = "The ensembles of ";
      warning += significant_text(summary.levels[k].temperature_K, 6) + " K and ";
      warning +=
          significant_text(summary.levels[k + 1].temperature_K, 6) + " K have little in common";
      warning += how + " (overlap " + significant_text(estimates.pairs[k].overlap, 2) + ", below ";
      warning += significant_text(kLowOverlap, 2) + "): free energies" + how;
      warning +=
          " across this pair are not to be relied on; temperatures closer to each other help.";
      warnings.push_back(std::move(warning));
    }
  };
  const bool has_map = !summary.mapped.pairs.empty();
  look(summary.plain, has_map ? " without the map" : "");
  look(summary.mapped, " with the map");
  return warnings;
}

}  // namespace saltus::engine
