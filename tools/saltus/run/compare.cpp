#include "tools/saltus/run/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "engine/core/error.h"
#include "engine/diagnostics/convergence.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/report/comparison_json.h"
#include "io/report/comparison_report.h"
#include "saltus_version.h"
#include "tools/saltus/common/signals.h"
#include "tools/saltus/run/compared_distances.h"
#include "tools/saltus/run/compared_efficiency.h"
#include "tools/saltus/run/compared_figures.h"
#include "tools/saltus/run/compared_states.h"
#include "tools/saltus/run/peptide_runs.h"

namespace saltus::tools {

namespace {

namespace fs = std::filesystem;
using engine::InputError;
using io::ComparisonData;

/// More features than this would cost minutes and gigabytes.
constexpr std::size_t kMaxFeatures = 4000;

/// Adds to an error which peptide and run it is about.
template <class Work>
auto naming(const std::string& where, const Work& work) {
  try {
    return work();
  } catch (const InputError& error) {
    throw InputError(where + ": " + error.what());
  } catch (const engine::NumericalError& error) {
    throw engine::NumericalError(where + ": " + error.what());
  }
}

engine::TicaModel fit(const ComparedTrajectory& trajectory, const ComparedCoordinates& coordinates,
                      const ComparedTicaDeck& deck) {
  const FeatureChoice choice{deck.distances, deck.side_chains};
  const std::size_t features = n_features(coordinates, choice);
  if (features > kMaxFeatures)
    throw InputError(std::to_string(features) + " features are more than the " +
                     std::to_string(kMaxFeatures) + " that TICA takes; set tica.distances = false");
  engine::TicaOptions options;
  options.lag_steps = deck.lag_frames;
  options.koopman = deck.koopman;
  return engine::fit_tica(
      features_for_fit(trajectory, coordinates, choice, deck.lag_frames, deck.max_frames), options);
}

/// Visits of one end of TIC 0 and back, the ends being its lowest and highest tenth.
std::size_t tic_round_trips(const ComparedTrajectory& trajectory) {
  std::vector<double> sorted = trajectory.tics[0];
  std::sort(sorted.begin(), sorted.end());
  const std::size_t tenth = sorted.size() / 10;
  return engine::round_trips(trajectory.series(trajectory.tics[0]), sorted[tenth],
                             sorted[sorted.size() - 1 - tenth]);
}

/// What has to be known of a reference before anything is compared with it.
void describe_reference(const ComparedTrajectory& reference, const engine::TicaModel& tica,
                        const ComparedDistancesDeck& deck, ComparisonData::Peptide& peptide) {
  peptide.reference = reference.path.string();
  peptide.temperature_K = reference.temperature_K;
  peptide.n_frames = reference.n_steps;
  peptide.n_chains = reference.n_chains;
  peptide.n_features = tica.n_features;
  for (std::size_t i = 0; i < tica.n_components(); ++i)
    peptide.tic_timescales_frames.push_back(tica.timescale_steps(i));
  const WorstRHat worst = worst_r_hat(reference);
  peptide.r_hat = worst.value;
  peptide.r_hat_of = worst.of;
  peptide.tic_0_samples =
      engine::autocorrelation_time(reference.series(reference.tics[0])).effective_samples;
  peptide.tic_0_round_trips = tic_round_trips(reference);
  peptide.ladder = reference.summary.ladder;
  if (!(peptide.r_hat <= engine::kMaxRHat))
    peptide.remarks.push_back(
        fmt::format(FMT_STRING("the reference has not converged: split R-hat {:.3f} ({}), {:.2f} "
                               "is wanted; its own error is part of every number"),
                    peptide.r_hat, peptide.r_hat_of, engine::kMaxRHat));
  const std::size_t half_size = std::min(half(reference, 0).size(), half(reference, 1).size());
  const std::size_t wanted = std::min(deck.n_frames, half_size);
  if (wanted < deck.n_frames)
    peptide.remarks.push_back(fmt::format(
        FMT_STRING("half of the reference has {} frames: distances are of samples of at most as "
                   "many, not of {}"),
        half_size, deck.n_frames));
  if (!(peptide.tic_0_samples >= static_cast<double>(wanted)))
    peptide.remarks.push_back(fmt::format(
        FMT_STRING("the reference has {:.0f} effective samples of TIC 0, fewer than the {} frames "
                   "of a sample: floors are those of correlated samples"),
        peptide.tic_0_samples, wanted));
  if (reference.costs() == nullptr)
    peptide.remarks.push_back(
        "the reference has no checkpoint beside it: whether its moves were exact is not known");
  else if (!reference.summary.is_exact())
    peptide.remarks.push_back("the reference is " + reference.summary.exactness());
}

void check_fits(const ComparedTrajectory& trajectory, const ComparedTrajectory& reference,
                ComparisonData::Run& run) {
  constexpr double kSameTemperature_K = 1e-6;
  if (std::abs(trajectory.temperature_K - reference.temperature_K) > kSameTemperature_K)
    throw InputError(fmt::format(FMT_STRING("{}: is at {} K, the reference at {} K"),
                                 trajectory.path.string(), trajectory.temperature_K,
                                 reference.temperature_K));
  if (trajectory.force_field != reference.force_field)
    run.remarks.push_back("its force field is called '" + trajectory.force_field +
                          "', that of the reference '" + reference.force_field + "'");
}

/// One peptide; what its parts share.
class PeptideComparison {
 public:
  PeptideComparison(const CompareDeck& deck, const ComparedPeptideDeck& peptide,
                    engine::ThreadPool& pool)
      : deck_(deck),
        peptide_(peptide),
        pool_(pool),
        topology_(topology_of(peptide.reference)),
        coordinates_(compared_coordinates(topology_)) {}

  ComparisonData::Peptide compare(Progress& progress) {
    progress.start(peptide_.name);
    result_.name = peptide_.name;
    prepare_reference();
    DistanceMeter meter(reference_, coordinates_, deck_.distances, pool_);
    for (std::size_t i = 0; i < peptide_.runs.size(); ++i) {
      progress.update(static_cast<double>(i + 1) / static_cast<double>(peptide_.runs.size() + 1),
                      peptide_.runs[i].name);
      naming("peptide '" + peptide_.name + "', run '" + peptide_.runs[i].name + "'", [&] {
        add_run(peptide_.runs[i], meter);
        return 0;
      });
    }
    set_speed_ups(trajectories_, peptide_.runs, result_.runs);
    std::vector<NamedTrajectory> shown = {{"reference", &reference_}};
    for (std::size_t i = 0; i < trajectories_.size(); ++i)
      shown.push_back({peptide_.runs[i].name, &trajectories_[i]});
    set_figures(shown, coordinates_, result_);
    progress.finish();
    return std::move(result_);
  }

 private:
  FeatureChoice choice() const { return {deck_.tica.distances, deck_.tica.side_chains}; }

  ComparedTrajectory read(const fs::path& path) const {
    return read_compared(path, topology_, coordinates_);
  }

  void prepare_reference() {
    naming("peptide '" + peptide_.name + "', reference", [&] {
      reference_ = read(peptide_.reference);
      if (peptide_.tica_trajectory.empty())
        tica_ = fit(reference_, coordinates_, deck_.tica);
      else
        tica_ = fit(read(peptide_.tica_trajectory), coordinates_, deck_.tica);
      project(tica_, coordinates_, choice(), reference_);
      describe_reference(reference_, tica_, deck_.distances, result_);
      states_.emplace(coordinates_, reference_, deck_.states);
      result_.states = populations_of(*states_, reference_, states_->indicators(reference_));
      return 0;
    });
  }

  void add_run(const ComparedRunDeck& deck, DistanceMeter& meter) {
    ComparisonData::Run run;
    run.name = deck.name;
    run.role = to_string(deck.role);
    ComparedTrajectory trajectory = read(deck.trajectory);
    check_fits(trajectory, reference_, run);
    project(tica_, coordinates_, choice(), trajectory);
    run.n_frames = trajectory.n_steps;
    run.n_chains = trajectory.n_chains;
    run.ladder = trajectory.summary.ladder;
    set_costs(trajectory, deck, run);
    set_acceptance(trajectory, run);
    const WorstRHat worst = worst_r_hat(trajectory);
    run.r_hat = worst.value;
    run.r_hat_of = worst.of;
    std::vector<std::string> names;
    for (const ComparisonData::State& state : result_.states) names.push_back(state.name);
    const auto indicators = states_->indicators(trajectory);
    set_samples(trajectory, names, indicators, run);
    run.populations =
        compare_populations(result_.states, populations_of(*states_, trajectory, indicators));
    for (const ComparisonData::Population& population : run.populations) {
      if (population.missed) ++run.n_missed;
      if (!(population.standard_errors <= run.most_standard_errors) &&
          !std::isnan(population.standard_errors))
        run.most_standard_errors = population.standard_errors;
    }
    run.farthest = farthest_reference_frame(reference_, trajectory);
    meter.measure(trajectory, run);
    result_.runs.push_back(std::move(run));
    trajectories_.push_back(std::move(trajectory));
  }

  const CompareDeck& deck_;
  const ComparedPeptideDeck& peptide_;
  engine::ThreadPool& pool_;
  engine::Topology topology_;
  ComparedCoordinates coordinates_;
  ComparedTrajectory reference_;
  engine::TicaModel tica_;
  std::optional<ComparedStates> states_;
  std::vector<ComparedTrajectory> trajectories_;
  ComparisonData::Peptide result_;
};

std::size_t threads_of(const CompareDeck& deck) {
  if (deck.threads > 0) return deck.threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void check_places(const LoadedCompareDeck& loaded, const ComparisonFiles& files) {
  std::vector<fs::path> inputs = {loaded.file};
  for (const ComparedPeptideDeck& peptide : loaded.deck.peptides) {
    inputs.push_back(peptide.reference);
    for (const ComparedRunDeck& run : peptide.runs) inputs.push_back(run.trajectory);
  }
  inputs.push_back(loaded.deck.made.reference_deck);
  for (const MadeRunDeck& run : loaded.deck.made.runs) inputs.push_back(run.deck);
  for (const MadePeptideDeck& peptide : loaded.deck.made.peptides)
    inputs.push_back(peptide.coordinates);
  for (const fs::path& output : {files.page, files.json}) {
    io::require_file_place(output);
    io::refuse_to_replace_input(output, inputs);
    if (fs::exists(output) && !loaded.deck.overwrite)
      throw engine::FileError("'" + output.string() +
                              "' exists: use --overwrite to replace it, or another "
                              "output.directory");
  }
}

}  // namespace

ComparisonData compare_runs(const LoadedCompareDeck& loaded, Progress& progress) {
  ComparisonData data;
  data.title = loaded.deck.title;
  data.deck_text = loaded.resolved_toml;
  data.provenance = {{"saltus", SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"},
                     {"compiler", SALTUS_COMPILER}};
  engine::ThreadPool pool(threads_of(loaded.deck));
  for (const ComparedPeptideDeck& peptide : loaded.deck.peptides)
    data.peptides.push_back(PeptideComparison(loaded.deck, peptide, pool).compare(progress));
  return data;
}

std::optional<ComparisonFiles> run_comparison(const LoadedCompareDeck& loaded,
                                              const std::function<bool()>& interrupted,
                                              Progress& progress) {
  const ComparisonFiles files(loaded.deck.directory);
  std::error_code error;
  fs::create_directories(loaded.deck.directory, error);
  if (error)
    throw engine::FileError("output.directory: cannot create '" + loaded.deck.directory.string() +
                            "': " + error.message());
  check_places(loaded, files);
  const auto made = make_peptide_runs(loaded.deck, interrupted, progress);
  if (!made) return std::nullopt;
  // There is nothing to be saved any more.
  if (interrupted) stop_handling_requests_to_end();
  LoadedCompareDeck all = loaded;
  all.deck.peptides.insert(all.deck.peptides.end(), made->begin(), made->end());
  const ComparisonData data = compare_runs(all, progress);
  io::write_file_durably(files.json.string(), io::comparison_to_json(data));
  io::write_file_durably(files.page.string(), io::render_comparison(data));
  return files;
}

}  // namespace saltus::tools
