#include "tools/saltus/run/report.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/diagnostics/autocorrelation.h"
#include "engine/diagnostics/histogram.h"
#include "io/files/durable_file.h"
#include "io/hdf5/checkpoint_file.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/report/html_report.h"
#include "io/report/summary_json.h"
#include "saltus_version.h"
#include "tools/saltus/decks/run_deck.h"
#include "tools/saltus/run/ladder_record.h"
#include "tools/saltus/run/observables.h"
#include "tools/saltus/run/radial_record.h"
#include "tools/saltus/run/series.h"

namespace saltus::tools {

namespace {

constexpr std::size_t kMapBins = 48, kEnergyBins = 60, kTracedChains = 3;
constexpr std::size_t kMaxLags = 2000;

/// What is analysed of a trajectory.
struct Selection {
  std::uint64_t n_frames = 0;
  std::vector<std::size_t> chains;
  std::vector<double> log_weights;  ///< as the values of a series; empty: equal
};

/// Numbers of the chosen chains, chain-major.
/// @param rows  [n_frames, B]
std::vector<double> of_chains(const std::vector<double>& rows, std::size_t n_all,
                              const Selection& selection) {
  const auto n_frames = static_cast<std::size_t>(selection.n_frames);
  std::vector<double> values;
  values.reserve(selection.chains.size() * n_frames);
  for (std::size_t chain : selection.chains)
    for (std::size_t frame = 0; frame < n_frames; ++frame)
      values.push_back(rows[frame * n_all + chain]);
  return values;
}

/// One observable of the chosen chains.
OwnedSeries read_series(const io::TrajectoryReader& reader, const std::string& name,
                        const std::string& unit, const Selection& selection) {
  const std::vector<double> rows = reader.observable(name, 0, selection.n_frames);
  return {name,
          unit,
          of_chains(rows, reader.n_chains(), selection),
          selection.chains.size(),
          static_cast<std::size_t>(selection.n_frames),
          selection.log_weights};
}

/// Chooses chains, and reads their log-weights if these differ.
Selection select(const io::TrajectoryReader& reader, const RunFiles& files,
                 const std::vector<std::size_t>& chains, std::uint64_t n_frames) {
  Selection selection{n_frames, chains, {}};
  std::vector<double> log_weights =
      of_chains(reader.log_weights(0, n_frames), reader.n_chains(), selection);
  try {
    if (engine::weights_differ(log_weights)) selection.log_weights = std::move(log_weights);
  } catch (const engine::NumericalError& error) {
    throw engine::NumericalError(files.trajectory.string() + ": log-weights of the " +
                                 std::to_string(chains.size()) +
                                 " chains analysed: " + error.what() +
                                 "; no average can be taken of this trajectory, start again from "
                                 "chains that have weight");
  }
  return selection;
}

/// Chains at the lowest temperature, and all temperatures there are.
struct Levels {
  std::vector<std::size_t> lowest;
  std::vector<double> temperatures_K;
};

Levels find_levels(const io::TrajectoryReader& reader) {
  const std::vector<double> of_chain = reader.observable("temperature", 0, 1);
  Levels levels;
  levels.temperatures_K = of_chain;
  std::sort(levels.temperatures_K.begin(), levels.temperatures_K.end());
  levels.temperatures_K.erase(
      std::unique(levels.temperatures_K.begin(), levels.temperatures_K.end()),
      levels.temperatures_K.end());
  for (std::size_t c = 0; c < of_chain.size(); ++c)
    if (of_chain[c] == levels.temperatures_K[0]) levels.lowest.push_back(c);
  return levels;
}

/// @param traced  torsions, and what else is drawn along the run
void add_curves(const std::vector<OwnedSeries>& observables, const std::vector<OwnedSeries>& traced,
                const OwnedSeries& energy, double temperature_K, io::ReportData& data) {
  for (const OwnedSeries& series : observables)
    data.autocorrelations.push_back(
        {series.name,
         engine::autocorrelation(series.view(), std::min(series.n_steps / 2, kMaxLags))});
  for (const OwnedSeries& series : traced) {
    io::Trace trace{series.name, series.unit, {}};
    for (std::size_t c = 0; c < std::min(kTracedChains, series.n_chains); ++c)
      trace.chains.emplace_back(
          series.values.begin() + static_cast<std::ptrdiff_t>(c * series.n_steps),
          series.values.begin() + static_cast<std::ptrdiff_t>((c + 1) * series.n_steps));
    data.traces.push_back(std::move(trace));
  }
  // The map shows the first phi with its psi.
  const auto named = [&traced](const std::string& start) {
    return std::find_if(traced.begin(), traced.end(), [&start](const OwnedSeries& series) {
      return series.name.rfind(start, 0) == 0;
    });
  };
  const auto phi = named("phi");
  const auto psi = phi == traced.end() ? traced.end() : named("psi" + phi->name.substr(3));
  if (phi != traced.end() && psi != traced.end())
    data.torsion_map = io::TorsionMap{
        phi->name, psi->name,
        engine::free_energy_surface(phi->view(), psi->view(), kMapBins, temperature_K)};
  const auto [low, high] = std::minmax_element(energy.values.begin(), energy.values.end());
  if (*low < *high)
    data.energies = io::HistogramPlot{
        "Potential energy",
        "kJ/mol",
        {{"this run", engine::histogram(energy.view(), *low, *high, kEnergyBins)}}};
}

}  // namespace

RunFiles::RunFiles(const std::filesystem::path& trajectory_path)
    : trajectory(trajectory_path),
      checkpoint(std::filesystem::path(trajectory_path).replace_extension(".checkpoint")),
      summary(trajectory_path.parent_path() / "summary.json"),
      report(trajectory_path.parent_path() / "report.html"),
      model(std::filesystem::path(trajectory_path).replace_extension(".leap.safetensors")),
      deck(trajectory_path.parent_path() / "deck.toml") {}

RunFiles files_of(const RunDeck& deck) {
  return RunFiles(std::filesystem::path(deck.output.directory) / deck.output.trajectory);
}

namespace {

/// The checkpoint of a trajectory, when there is one and it is of the same run.
std::optional<engine::Checkpoint> checkpoint_of(const RunFiles& files,
                                                const io::TrajectoryReader& reader) {
  if (!std::filesystem::exists(files.checkpoint)) return std::nullopt;
  engine::Checkpoint checkpoint = io::read_checkpoint(files.checkpoint);
  const bool same = checkpoint.deck_digest == reader.info().deck_digest &&
                    checkpoint.frames_written <= reader.n_frames();
  return same ? std::optional(std::move(checkpoint)) : std::nullopt;
}

/// What the run's moves cost and did, and what they are compared with.
void add_costs(const RunRecord& record, engine::RunSummary& summary) {
  summary.molecule = record.molecule;
  summary.approximate_moves = record.approximate_moves;
  summary.protocols = record.tuned.protocols;
  summary.preparation = record.preparation;
  summary.ready_models = record.ready_models;
  for (const ModelRecord& model : record.models)
    for (const auto& [entry, value] : model.card)
      summary.model_card.emplace_back(record.models.size() > 1 ? model.name + ": " + entry : entry,
                                      value);
  engine::compute_moves(record.statistics, summary);
  double cpu_seconds = 0.0;
  std::uint64_t evaluations = 0;
  for (const engine::MoveStatistics& row : record.statistics.rows()) {
    cpu_seconds += row.cpu_seconds;
    evaluations += row.n_energy_evaluations;
  }
  engine::compute_ladder(record.round_trips, cpu_seconds, summary);
  if (cpu_seconds <= 0.0) return;
  summary.samplers.push_back(
      engine::compute_efficiency("this run", summary.observables, cpu_seconds, evaluations));
  summary.samplers.insert(summary.samplers.end(), record.comparisons.begin(),
                          record.comparisons.end());
  engine::compute_speed_ups(summary);
}

/// Round trips that can be counted in frames, where no checkpoint has those of all steps.
void add_ladder_of_frames(const io::TrajectoryReader& reader, const RunFiles& files,
                          engine::RunSummary& summary) {
  const std::vector<std::string> names = reader.observable_names();
  if (summary.ladder || std::find(names.begin(), names.end(), kReplicaName) == names.end()) return;
  const std::size_t n_chains = reader.n_chains(), n_levels = summary.temperatures_K.size();
  const auto steps = reader.steps(0, summary.n_frames);
  const std::vector<double> rows = reader.observable(kReplicaName, 0, summary.n_frames);
  engine::RoundTrips trips;
  std::vector<std::uint32_t> replicas(n_chains);
  for (std::size_t frame = 0; frame < summary.n_frames; ++frame) {
    for (std::size_t c = 0; c < n_chains; ++c) {
      const double replica = rows[frame * n_chains + c];
      if (!(replica >= 0.0 && replica < static_cast<double>(n_chains)) || n_chains % n_levels != 0)
        throw engine::InputError(files.trajectory.string() + ": " + kReplicaName + " " +
                                 engine::significant_text(replica, 6) + " of chain " +
                                 std::to_string(c) + " is none of " + std::to_string(n_levels) +
                                 " temperatures and " + std::to_string(n_chains) + " chains");
      replicas[c] = static_cast<std::uint32_t>(replica);
    }
    if (frame == 0) trips = engine::RoundTrips(n_levels, steps[0], replicas);
    trips.add(steps[frame], replicas);
  }
  engine::compute_ladder(trips, engine::kUnknown, summary);
  summary.ladder->look_period = summary.steps_per_frame;
}

/// Of a ladder; why there are none where its record cannot be used.
void add_free_energies(const io::TrajectoryReader& reader, std::uint64_t n_frames,
                       io::ReportData& data) {
  engine::FreeEnergySummary& summary = data.summary.free_energy.emplace();
  try {
    const engine::LadderRecord record = read_ladders(reader, data.summary.temperatures_K, n_frames);
    summary = ladder_free_energies(reader, record);
    if (summary.missing.empty()) data.works = work_histograms(record);
  } catch (const engine::InputError& error) {
    summary.missing = error.what();
  }
}

}  // namespace

io::ReportData analyse_run(const RunFiles& files) {
  const io::TrajectoryReader reader(files.trajectory);
  const std::optional<engine::Checkpoint> checkpoint = checkpoint_of(files, reader);
  const std::uint64_t n_frames = checkpoint ? checkpoint->frames_written : reader.n_frames();
  if (n_frames < kMinReportFrames)
    throw engine::InputError(files.trajectory.string() + ": holds " + std::to_string(n_frames) +
                             " frames of each chain, a report needs at least " +
                             std::to_string(kMinReportFrames) +
                             "; run more steps or store frames more often (run.frame_period)");
  const Levels levels = find_levels(reader);
  const Selection selection = select(reader, files, levels.lowest, n_frames);
  const OwnedSeries energy = read_series(reader, "potential_energy", "kJ/mol", selection);
  const std::map<std::string, std::string> units_of_boxes = {{kVolumeName, "nm^3"},
                                                             {kDensityName, "g/cm^3"}};
  std::vector<OwnedSeries> torsions, of_boxes;
  for (const std::string& name : reader.observable_names()) {
    const auto unit = units_of_boxes.find(name);
    if (unit != units_of_boxes.end())
      of_boxes.push_back(read_series(reader, name, unit->second, selection));
    else if (name != "potential_energy" && name != "temperature" && name != kReplicaName &&
             name != kWorkToNextName && name != kWorkToPreviousName)
      torsions.push_back(read_series(reader, name, "rad", selection));
  }
  std::vector<OwnedSeries> observables = torsion_observables(
      torsions, held_by_rings(find_torsions({}, reader.topology()), reader.topology()));
  observables.push_back(energy);
  observables.back().name = "potential energy";
  observables.insert(observables.end(), of_boxes.begin(), of_boxes.end());
  std::vector<OwnedSeries> traced = std::move(torsions);
  // The volume is the same curve turned upside down.
  std::copy_if(of_boxes.begin(), of_boxes.end(), std::back_inserter(traced),
               [](const OwnedSeries& series) { return series.name == kDensityName; });

  io::ReportData data;
  engine::RunSummary& summary = data.summary;
  const io::TrajectoryInfo& info = reader.info();
  summary.title = info.title;
  summary.n_atoms = reader.n_atoms();
  summary.n_chains = reader.n_chains();
  const auto steps = reader.steps(0, n_frames);
  summary.n_steps = checkpoint ? checkpoint->step : steps.back();
  summary.steps_per_frame = steps[1] - steps[0];
  summary.n_frames = n_frames;
  summary.temperatures_K = levels.temperatures_K;
  summary.seed = info.seed;
  summary.versions.emplace_back("force field", info.force_field);
  for (const auto& [key, value] : info.provenance) summary.versions.emplace_back(key, value);
  summary.observables = summarise(observables);
  engine::compute_weights(selection.log_weights, summary);
  if (checkpoint)
    add_costs(record_from_json(checkpoint->run_record_json, files.checkpoint.string()), summary);
  add_ladder_of_frames(reader, files, summary);
  summary.radial = water_distributions(reader, selection.chains, n_frames, selection.log_weights);
  if (levels.temperatures_K.size() > 1) add_free_energies(reader, n_frames, data);
  engine::compute_warnings(summary);
  if (!checkpoint)
    summary.warnings.push_back(
        "no checkpoint of this run was found beside the trajectory: acceptance, costs "
        "and "
        "comparisons are unknown, and so is whether all moves were exact");
  data.deck_text = info.resolved_deck;
  add_curves(observables, traced, energy, levels.temperatures_K[0], data);
  return data;
}

std::string agreement(const engine::RunSummary& summary) {
  const auto& observables = summary.observables;
  if (observables.empty()) return "";
  const engine::ObservableSummary& slowest = observables[engine::slowest_observable(observables)];
  const double n = slowest.statistics.effective_samples;
  if (std::isnan(n)) return "chains do not agree yet: " + slowest.name + " has never changed";
  const engine::ObservableSummary& worst =
      *std::max_element(observables.begin(), observables.end(),
                        [](const auto& a, const auto& b) { return a.r_hat < b.r_hat; });
  const bool agree = worst.r_hat <= engine::kMaxRHat && n >= engine::kMinEffectiveSamples;
  const std::string weighting = summary.weighting().empty() ? "" : "; " + summary.weighting();
  return fmt::format(
      FMT_STRING("{}: split R-hat at most {:.3f} ({}), at least {:.0f} effective samples ({}){}{}"),
      agree ? "chains agree" : "chains do not agree yet", worst.r_hat, worst.name, n, slowest.name,
      agree ? ""
            : fmt::format(FMT_STRING("; {:.2f} and {:.0f} are wanted, and a larger run.steps "
                                     "with --resume goes on"),
                          engine::kMaxRHat, engine::kMinEffectiveSamples),
      weighting);
}

std::vector<std::string> verdicts(const engine::RunSummary& summary) {
  std::vector<std::string> result;
  const std::string agreed = agreement(summary);
  if (!agreed.empty()) result.push_back(agreed);
  if (summary.ladder) result.push_back("replica exchange: " + summary.ladder->text());
  for (std::size_t s = 1; s < summary.samplers.size(); ++s) {
    const std::string caveat = summary.samplers[s].caveat();
    if (!caveat.empty())
      result.push_back("compared with " + summary.samplers[s].sampler + ": " + caveat);
  }
  return result;
}

void write_summary(const io::ReportData& data, const RunFiles& files) {
  io::write_file_durably(files.summary.string(), io::summary_to_json(data.summary));
}

void write_report(const io::ReportData& data, const RunFiles& files) {
  io::write_file_durably(files.report.string(), io::render_report(data));
}

}  // namespace saltus::tools
