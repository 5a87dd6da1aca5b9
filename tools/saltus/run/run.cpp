#include "tools/saltus/run/run.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/run/round_trips.h"
#include "engine/run/simulation.h"
#include "io/deck/quantity.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/hdf5/checkpoint_file.h"
#include "io/hdf5/trajectory_writer.h"
#include "saltus_version.h"
#include "tools/saltus/decks/move_kinds.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/run/columns.h"
#include "tools/saltus/run/models.h"
#include "tools/saltus/run/output_places.h"
#include "tools/saltus/run/preparation.h"
#include "tools/saltus/run/report.h"
#include "tools/saltus/run/reporters.h"
#include "tools/saltus/run/resources.h"
#include "tools/saltus/run/setup.h"
#include "tools/saltus/run/team_run.h"
#include "tools/saltus/run/timewarp.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using engine::FileError;
using engine::InputError;

namespace {

io::TrajectoryOptions trajectory_options(const RunRequest& request, const RunSetup& setup,
                                         const std::string& digest) {
  const RunDeck& deck = request.deck.deck;
  io::TrajectoryOptions options;
  options.velocities = deck.output.velocities;
  options.overwrite = true;  // refuse_to_overwrite has decided
  options.creator_version = SALTUS_VERSION;
  options.title = deck.title;
  options.force_field = setup.molecule.force_field;
  options.resolved_deck = request.deck.resolved_toml;
  options.deck_digest = digest;
  options.seed = deck.seed;
  options.provenance = {{"saltus", SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"},
                        {"compiler", SALTUS_COMPILER},
                        {"time", "one step of the run counts as 1 ps"}};
  if (deck.pressure_bar)
    options.provenance["pressure"] =
        io::format_quantity(*deck.pressure_bar * engine::kKJPerBarNm3, "bar");
  return options;
}

/// Every file that a run may write.
std::vector<fs::path> outputs_of(const RunRequest& request) {
  const RunDeck& deck = request.deck.deck;
  const RunFiles files = files_of(deck);
  std::vector<fs::path> outputs = {files.trajectory, files.checkpoint, files.summary, files.report};
  if (!request.deck_text.empty()) outputs.push_back(files.deck);
  const std::vector<fs::path> trained = trained_files(deck);
  outputs.insert(outputs.end(), trained.begin(), trained.end());
  if (trained.empty()) outputs.push_back(files.model);
  return outputs;
}

/// Finds out before hours of dynamics what would stop the run after them.
/// @param files  of the deck's models
void check_before_start(const RunDeck& deck, const RunSetup& setup,
                        const std::vector<fs::path>& files, bool overwrite) {
  check_fit(deck, setup);
  for (std::size_t i = 0; i < deck.leaps.size(); ++i) {
    if (!deck.leaps[i].train) continue;
    // A training that was interrupted goes on, and replaces its own model.
    const bool goes_on = deck.leaps[i].timewarp && fs::exists(training_state_of(files[i]));
    check_model_file(deck.leaps[i], files[i], overwrite || goes_on);
  }
}

/// "learned_leap": the kinds that learned proposals are for.
std::string learned_kinds() {
  std::string names;
  for (const MoveKind& kind : move_kinds())
    if (kind.learned) names += (names.empty() ? "" : " or ") + std::string(kind.name);
  return names;
}

/// The pilot, when the deck wants one.
std::optional<PilotResult> pilot_of(const RunDeck& deck, const RunSetup& setup,
                                    const std::vector<double>& start, Progress& progress) {
  if (!deck.pilot) return std::nullopt;
  const PilotTask task = {setup.molecule, start, *setup.fixed_box, setup.torsions,
                          phase_seed(deck.seed, RunPhase::kPilot)};
  return run_pilot(*deck.pilot, task, progress);
}

/// What a run has when production begins, new or resumed.
struct Beginning {
  engine::ChainBatch chains;
  RunRecord record;
  std::uint64_t first_step = 0, frames = 0;
  std::string deck_digest;
  LeapModels models;
};

void warm_up(const RunDeck& deck, const RunSetup& setup, MoveSharing& sharing, Beginning& begin,
             PreparationMeter& meter, Progress& progress) {
  const MoveIngredients ingredients = ingredients_of(deck, setup, begin.models);
  engine::draw_velocities(begin.chains, engine::moving_particles(setup.molecule.system),
                          {phase_seed(deck.seed, RunPhase::kVelocities), 0});
  const auto apply = [&](std::uint64_t first, std::uint64_t last) {
    engine::SimulationOptions schedule;
    schedule.seed = phase_seed(deck.seed, RunPhase::kWarmUp);
    schedule.first_step = first;
    schedule.n_steps = last;
    schedule.energy_check_period = deck.run.energy_check_period;
    schedule.energy_tolerance = deck.run.energy_tolerance;
    engine::Simulation stage(shared_moves(deck, setup, begin.models, begin.record, sharing),
                             *setup.target, schedule);
    stage.add_reporter(engine::every(1, [&](std::uint64_t step, const auto&, const auto&) {
      progress.update(static_cast<double>(step) / static_cast<double>(deck.warm_up.steps));
    }));
    stage.run(begin.chains, {});
  };
  // Steps are tuned half-way: chains fresh from a minimum would ask for too long ones.
  const std::uint64_t half = deck.warm_up.steps / 2;
  progress.start("warm-up");
  apply(0, half);
  meter.add_to(kWarmUpStage);
  if (deck.warm_up.tune)
    begin.record.tuned = tune_moves({deck.moves,
                                     ingredients,
                                     setup.molecule,
                                     *setup.target,
                                     {phase_seed(deck.seed, RunPhase::kTuning), 0}},
                                    begin.chains, progress);
  if (!begin.record.tuned.empty()) meter.add_to(kTuningStage);
  apply(half, deck.warm_up.steps);
  progress.finish();
  RunGuard(setup.molecule).check_positions(begin.chains.positions, "after the warm-up");
  meter.add_to(kWarmUpStage);
}

Beginning begin_new(const RunRequest& request, const RunSetup& setup, MoveSharing& sharing,
                    Progress& progress) {
  const RunDeck& deck = request.deck.deck;
  Beginning begin;
  PreparationMeter meter(setup.evaluations, [&sharing] {
    return engine::process_cpu_seconds() + sharing.cpu_seconds_of_others();
  });
  const std::vector<double> start = start_positions(deck, setup, progress);
  if (deck.chains.start != ChainStart::kInput) meter.add_to(kMinimisationStage);
  if (deck.comparison.openmm_dynamics)
    begin.record.comparisons.push_back(run_comparison(deck, setup, start, progress));
  meter.leave_out();
  const std::optional<PilotResult> pilot = pilot_of(deck, setup, start, progress);
  if (pilot) {
    RunGuard(setup.molecule).check_positions(pilot->trajectory.frames, "the pilot");
    begin.record.comparisons.push_back(pilot->efficiency);
    meter.add_to(kPilotStage);
  }
  begin.models = make_models(deck, setup, pilot, model_files(deck), progress);
  if (!trained_files(deck).empty()) meter.add_to(kTrainingStage);
  begin.record.ready_models = ready_models_of(deck);
  begin.record.models = records_of(deck, begin.models);
  begin.record.molecule = describe(setup.molecule, deck.system.coordinates.filename().string());
  begin.record.approximate_moves =
      approximate_moves(deck.moves, ingredients_of(deck, setup, begin.models));
  begin.record.identity = run_identity(request.deck, setup.molecule);
  begin.deck_digest = identity_digest(begin.record.identity);
  begin.chains = start_chains(deck, setup, start, pilot);
  warm_up(deck, setup, sharing, begin, meter, progress);
  begin.record.preparation = meter.stages();
  return begin;
}

/// What is sampled must not change on the way; the rest may, and is told.
void require_same_run(const RunRequest& request, const RunSetup& setup, const RunFiles& files,
                      Beginning& begin, Progress& progress) {
  const RunIdentity now = run_identity(request.deck, setup.molecule);
  // Checkpoints of earlier versions know a digest of the whole deck only.
  const bool old = begin.record.identity.empty();
  const std::string differing = old ? "" : differences(begin.record.identity, now, false);
  if (!differing.empty() || (old && begin.deck_digest != request.deck.digest))
    throw InputError(
        "--resume: '" + files.checkpoint.string() + "' belongs to a run with another deck" +
        (differing.empty() ? "" : ": " + differing) +
        "; a run can be resumed only with the deck it was started with (saltus info shows it)");
  const std::string free = old ? "" : differences(begin.record.identity, now, true);
  if (!free.empty()) progress.say("note: " + free);
  if (!old) begin.record.identity = now;
}

Beginning begin_again(const RunRequest& request, const RunSetup& setup, const RunFiles& files,
                      Progress& progress) {
  const RunDeck& deck = request.deck.deck;
  if (!fs::exists(files.checkpoint))
    throw FileError(
        "--resume: there is no checkpoint '" + files.checkpoint.string() +
        "'; the run was interrupted before its first checkpoint, start it again with --overwrite");
  engine::Checkpoint checkpoint = io::read_checkpoint(files.checkpoint);
  Beginning begin;
  begin.record = record_from_json(checkpoint.run_record_json, files.checkpoint.string());
  begin.deck_digest = checkpoint.deck_digest;
  require_same_run(request, setup, files, begin, progress);
  begin.chains = std::move(checkpoint.chains);
  // Checkpoints of earlier versions store no boxes; all chains had that of the system.
  if (begin.chains.positions.boxes().empty())
    begin.chains.positions.set_boxes(
        engine::start_boxes(setup.molecule.system, begin.chains.n_chains()));
  begin.first_step = checkpoint.step;
  begin.frames = checkpoint.frames_written;
  begin.models = models_again(deck, setup, begin.record.models);
  progress.say("resuming after step " + std::to_string(begin.first_step));
  if (begin.first_step >= deck.run.steps)
    progress.say("note: run.steps = " + std::to_string(deck.run.steps) +
                 " asks for no further step; a larger number makes the run longer");
  return begin;
}

/// Round trips as counted so far, or from here on.
void count_round_trips(const RunDeck& deck, Beginning& begin) {
  engine::RoundTrips& trips = begin.record.round_trips;
  if (deck.has_ladder() && trips.ladder_size == 0)
    trips = engine::RoundTrips(deck.temperatures_K.size(), begin.first_step, begin.chains.replicas);
}

RunOutcome make_run(const RunRequest& request, MoveSharing& sharing, Progress& progress) {
  const RunDeck& deck = request.deck.deck;
  const RunFiles files = files_of(deck);
  make_directory(files.trajectory.parent_path());
  check_places(request.deck, outputs_of(request));
  if (!request.resume && !request.overwrite && !deck.output.overwrite)
    refuse_to_overwrite(files, request.deck_text);
  const RunSetup setup = set_up(deck, progress);
  if (request.team != nullptr) check_shareable(deck, setup, *request.team);
  if (!request.resume)
    check_before_start(deck, setup, model_files(deck), request.overwrite || deck.output.overwrite);
  Beginning begin = request.resume ? begin_again(request, setup, files, progress)
                                   : begin_new(request, setup, sharing, progress);
  // From here on an interruption ends the run in order, with a checkpoint to resume from.
  if (request.interrupted) request.interrupted();
  // The old run is given up only now, when nothing of the new one can fail any more.
  if (!request.resume) {
    fs::remove(files.checkpoint);
    if (!request.deck_text.empty()) io::write_file_durably(files.deck.string(), request.deck_text);
  }

  io::TrajectoryOptions options = trajectory_options(request, setup, begin.deck_digest);
  if (!begin.record.approximate_moves.empty())
    options.provenance["exactness"] = "biased: not every move is exact";
  const FrameObservables observables =
      choose_columns({deck, setup, begin.models, request.resume}, begin.chains, options);
  count_round_trips(deck, begin);
  const std::size_t n_chains = begin.chains.n_chains();
  io::TrajectoryWriter writer =
      request.resume
          ? io::TrajectoryWriter::open_for_append(files.trajectory, begin.frames,
                                                  setup.molecule.topology, n_chains, options)
          : io::TrajectoryWriter(files.trajectory, setup.molecule.topology,
                                 setup.molecule.system.masses, n_chains, options);
  engine::SimulationOptions simulation_options;
  simulation_options.seed = deck.seed;
  simulation_options.n_steps = deck.run.steps;
  simulation_options.first_step = begin.first_step;
  simulation_options.energy_check_period = deck.run.energy_check_period;
  simulation_options.energy_tolerance = deck.run.energy_tolerance;
  const RunGuard guard(setup.molecule);
  const engine::MoveStatisticsTable* counts = nullptr;
  simulation_options.inspect = [&](std::uint64_t step, const engine::ChainBatch& chains) {
    const std::string when = "step " + std::to_string(step);
    guard.check_positions(chains.positions, when);
    guard.check_acceptance(counts->rows(), chains.positions, when);
  };
  engine::Simulation simulation(shared_moves(deck, setup, begin.models, begin.record, sharing),
                                *setup.target, simulation_options);
  simulation.statistics() = begin.record.statistics;
  counts = &simulation.statistics();
  engine::RoundTrips round_trips = begin.record.round_trips;
  // Before the checkpoints, which store what has been counted.
  simulation.add_reporter(std::make_shared<engine::RoundTripReporter>(round_trips));
  simulation.add_reporter(std::make_shared<TrajectoryReporter>(
      writer, observables, options,
      engine::molecules_of(setup.molecule.topology, setup.molecule.system), deck.run.frame_period));
  const auto checkpoints =
      std::make_shared<CheckpointReporter>(files.checkpoint, writer, deck.run.checkpoint_period,
                                           RunFacts{deck.seed, begin.deck_digest, begin.record},
                                           RunCounts{simulation.statistics(), round_trips});
  // What preparation has cost is safe from here on.
  checkpoints->save(begin.first_step, begin.chains);
  simulation.add_reporter(checkpoints);
  for (const std::string& move : begin.record.approximate_moves)
    progress.warn("approximate: " + move + " is not exact");
  if (const std::string warning =
          disk_warning(deck, deck.run.steps - std::min(deck.run.steps, begin.first_step),
                       setup.molecule.topology.n_atoms(), free_bytes(files.trajectory));
      !warning.empty())
    progress.warn(warning);
  progress.start("production");
  simulation.add_reporter(
      std::make_shared<ProgressReporter>(progress, begin.first_step, deck.run.steps));
  const engine::RunEnd end = simulation.run(begin.chains, request.interrupted);
  const std::uint64_t n_frames = writer.frames_appended();
  writer.close();

  RunOutcome outcome;
  outcome.finished = end == engine::RunEnd::kFinished;
  outcome.trajectory = files.trajectory;
  if (!outcome.finished) return outcome;
  progress.say(costs_sentence(begin.record.preparation, simulation.statistics()));
  if (n_frames < kMinReportFrames) {
    progress.warn("no summary and no report: they need " + std::to_string(kMinReportFrames) +
                  " frames of each chain, this run stored " + std::to_string(n_frames));
    return outcome;
  }
  const io::ReportData data = analyse_run(files);
  write_summary(data, files);
  outcome.summary = files.summary;
  for (const std::string& verdict : verdicts(data.summary)) progress.say(verdict);
  if (request.report) {
    write_report(data, files);
    outcome.report = files.report;
  }
  return outcome;
}

std::vector<fs::path> train_models(const LoadedRunDeck& loaded, const fs::path& save_as,
                                   bool overwrite, Progress& progress) {
  const RunDeck& deck = loaded.deck;
  std::vector<fs::path> trained = trained_files(deck), files = model_files(deck);
  if (trained.empty() || !deck.pilot)
    throw InputError("saltus train: the deck must have a " + learned_kinds() +
                     " move and leap.model = \"train\"");
  if (!save_as.empty() && trained.size() > 1)
    throw InputError("saltus train: the deck trains " + std::to_string(trained.size()) +
                     " models, which cannot all go to '" + save_as.string() +
                     "'; say where with `save` in each [[proposal]]");
  if (!save_as.empty()) {
    trained = {save_as};
    for (std::size_t i = 0; i < files.size(); ++i)
      if (deck.leaps[i].train) files[i] = save_as;
  }
  check_places(loaded, trained);
  const RunSetup setup = set_up(deck, progress);
  check_before_start(deck, setup, files, overwrite || deck.output.overwrite);
  const std::vector<double> start = start_positions(deck, setup, progress);
  const std::optional<PilotResult> pilot = pilot_of(deck, setup, start, progress);
  make_models(deck, setup, pilot, files, progress);
  return trained;
}

}  // namespace

RunOutcome run_deck(const RunRequest& request, Progress& progress) {
  return io::with_places(request.deck.places, [&] {
    MoveSharing sharing(request.team);
    const RunOutcome outcome = make_run(request, sharing, progress);
    sharing.end();
    return outcome;
  });
}

std::vector<fs::path> train_deck(const LoadedRunDeck& deck, const fs::path& save_as, bool overwrite,
                                 Progress& progress) {
  return io::with_places(deck.places,
                         [&] { return train_models(deck, save_as, overwrite, progress); });
}

}  // namespace saltus::tools
