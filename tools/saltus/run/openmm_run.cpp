#include "tools/saltus/run/openmm_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/moves/move.h"
#include "engine/system/hydrogen_mass.h"
#include "forcefields/openmm/plain_dynamics.h"
#include "io/deck/quantity.h"
#include "io/hdf5/checkpoint_file.h"
#include "io/hdf5/trajectory_writer.h"
#include "saltus_version.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/setup.h"

namespace saltus::tools {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

/// The only "move" of these runs.
constexpr const char* kDynamicsName = "OpenMM Langevin dynamics";
constexpr std::chrono::seconds kCheckpointPeriod(30);

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

/// What must not change on the way: the molecule, and the dynamics but for its length.
RunIdentity identity_of(const OpenMMRun& run) {
  const RunDeck& deck = run.deck.deck;
  RunIdentity identity;
  for (const auto& [key, value] : run_identity(run.deck, load_molecule(deck.system, deck.external)))
    if (key == "seed" || starts_with(key, "system.") || starts_with(key, "restraint") ||
        starts_with(key, "field") || starts_with(key, "observables"))
      identity.emplace_back(key, value);
  const auto add = [&](const char* key, double value, const char* unit) {
    identity.emplace_back(std::string("openmm_dynamics.") + key, io::format_quantity(value, unit));
  };
  identity.emplace_back("openmm_dynamics.platform", run.options.dynamics.platform.name);
  add("temperature", deck.temperatures_K[0], "K");
  add("time_step", run.options.dynamics.time_step_ps, "fs");
  add("friction", run.options.dynamics.friction_per_ps, "/ps");
  add("hydrogen_mass", run.options.hydrogen_mass_dalton, "amu");
  add("frame_period", run.options.frame_period_ps, "ps");
  add("equilibration", run.options.equilibration_ps, "ps");
  return identity;
}

/// One chain from its start, or from its checkpoint, to its last frame.
class Dynamics {
 public:
  Dynamics(const OpenMMRun& run, const FolderRunRules& rules, Progress& progress)
      : run_(run),
        rules_(rules),
        progress_(progress),
        files_(run.files()),
        steps_per_frame_(steps_of(run.options.frame_period_ps)),
        n_frames_(static_cast<std::uint64_t>(
            std::lround(run.options.length_ps / run.options.frame_period_ps))),
        identity_(identity_of(run)) {}

  bool make() {
    const FolderState state =
        folder_state(files_, identity_, n_frames_ * steps_per_frame_, rules_, progress_);
    if (state == FolderState::kFinished) return true;
    io::with_places(run_.deck.places, [&] { setup_.emplace(set_up(run_.deck.deck, progress_)); });
    if (!(state == FolderState::kBegun ? go_on() : begin())) return false;
    if (!produce()) return false;
    write_summary(analyse_run(files_), files_);
    return true;
  }

 private:
  std::uint64_t steps_of(double time_ps) const {
    return static_cast<std::uint64_t>(std::lround(time_ps / run_.options.dynamics.time_step_ps));
  }
  bool interrupted() const { return rules_.interrupted && rules_.interrupted(); }

  /// The integrator at a place, with random numbers of its own for each frame it may begin at.
  void place(const std::vector<double>& x) {
    engine::System system = setup_->molecule.system;
    system.masses = engine::repartitioned_masses(setup_->molecule.topology, system,
                                                 run_.options.hydrogen_mass_dalton);
    forcefields::PlainDynamicsOptions options = run_.options.dynamics;
    std::string& platform = options.platform.name;
    if (platform == "fastest")
      platform = forcefields::time_platforms(system, x, options.time_step_ps).front().platform;
    options.platform.threads = platform == "CPU" ? 1 : 0;
    options.temperature_K = run_.deck.deck.temperatures_K[0];
    // OpenMM takes positive 32-bit seeds.
    constexpr std::uint64_t kSeeds = 1u << 30;
    const std::uint64_t seed = phase_seed(run_.deck.deck.seed, RunPhase::kComparison);
    options.seed = static_cast<int>(
        1 + engine::StepKey{seed, 0}.child(static_cast<std::uint32_t>(frames_)).seed % kSeeds);
    platform_ = platform;
    dynamics_.emplace(system, x, options);
    chains_.states[0].temperature_K = options.temperature_K;
  }

  io::TrajectoryOptions trajectory_options() const {
    io::TrajectoryOptions options;
    options.overwrite = true;
    for (const NamedTorsion& torsion : setup_->torsions)
      options.observables.push_back({torsion.name, "rad"});
    options.creator_version = SALTUS_VERSION;
    options.title = kDynamicsName;
    options.force_field = setup_->molecule.force_field;
    options.resolved_deck = run_.deck.resolved_toml;
    options.deck_digest = identity_digest(identity_);
    options.seed = run_.deck.deck.seed;
    options.provenance = {{"saltus", SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"},
                          {"compiler", SALTUS_COMPILER},
                          {"OpenMM platform", platform_},
                          {"exactness", "biased: a finite time step without any Metropolis test"}};
    return options;
  }

  /// @returns false when interrupted
  bool begin() {
    const std::vector<double> start = start_positions(run_.deck.deck, *setup_, progress_);
    chains_ = engine::ChainBatch(1, setup_->molecule.topology.n_atoms(), {});
    place(start);
    const std::uint64_t n_steps = steps_of(run_.options.equilibration_ps);
    progress_.start("OpenMM dynamics, equilibration");
    for (std::uint64_t done = 0; done < n_steps;) {
      if (interrupted()) return false;
      const std::uint64_t piece = std::min(steps_per_frame_, n_steps - done);
      dynamics_->step(static_cast<int>(piece));
      done += piece;
      progress_.update(static_cast<double>(done) / static_cast<double>(n_steps));
    }
    progress_.finish();
    take_state();
    record_.molecule =
        describe(setup_->molecule, run_.deck.deck.system.coordinates.filename().string());
    record_.approximate_moves = {kDynamicsName};
    record_.identity = identity_;
    engine::MoveStatistics row;
    row.name = kDynamicsName;
    row.current_rejection_run = {0};
    record_.statistics.rows() = {row};
    fs::create_directories(run_.folder);
    fs::remove(files_.summary);
    fs::remove(files_.checkpoint);
    writer_.emplace(files_.trajectory, setup_->molecule.topology, setup_->molecule.system.masses,
                    std::size_t{1}, trajectory_options());
    return true;
  }

  bool go_on() {
    engine::Checkpoint checkpoint = io::read_checkpoint(files_.checkpoint);
    record_ = record_from_json(checkpoint.run_record_json, files_.checkpoint.string());
    chains_ = std::move(checkpoint.chains);
    frames_ = checkpoint.frames_written;
    const engine::Span<double> x = chains_.positions.chain(0);
    place({x.begin(), x.end()});
    dynamics_->set_velocities(chains_.velocities.chain(0));
    progress_.say(
        "resuming after " +
        io::format_quantity(static_cast<double>(frames_) * run_.options.frame_period_ps, "ps"));
    writer_.emplace(io::TrajectoryWriter::open_for_append(
        files_.trajectory, frames_, setup_->molecule.topology, 1, trajectory_options()));
    return true;
  }

  /// One frame of dynamics; only the integration is timed.
  void advance() {
    engine::MoveStatistics& row = record_.statistics.rows()[0];
    const double before = engine::process_cpu_seconds();
    dynamics_->step(static_cast<int>(steps_per_frame_));
    row.cpu_seconds += engine::process_cpu_seconds() - before;
    row.proposed += steps_per_frame_;
    row.accepted += steps_per_frame_;
    row.n_energy_evaluations += steps_per_frame_;
    take_state();
    ++frames_;
  }

  void take_state() {
    const std::vector<double> x = dynamics_->positions(), v = dynamics_->velocities();
    std::copy(x.begin(), x.end(), chains_.positions.chain(0).begin());
    std::copy(v.begin(), v.end(), chains_.velocities.chain(0).begin());
    chains_.energies[0] = dynamics_->potential_energy();
  }

  void append() {
    const std::vector<double> torsions =
        measure_torsions(setup_->torsions, chains_.positions.view());
    const std::vector<double> temperatures = {chains_.states[0].temperature_K};
    io::Frame frame;
    frame.step = frames_ * steps_per_frame_;
    frame.time_ps = static_cast<double>(frames_) * run_.options.frame_period_ps;
    frame.positions = chains_.positions.view();
    frame.potential_energies = chains_.energies;
    frame.temperatures = temperatures;
    frame.log_weights = chains_.log_weights;
    frame.observables = torsions;
    writer_->append(frame);
  }

  void save() {
    writer_->sync();
    engine::Checkpoint checkpoint;
    checkpoint.seed = run_.deck.deck.seed;
    checkpoint.step = frames_ * steps_per_frame_;
    checkpoint.frames_written = writer_->frames_written();
    checkpoint.deck_digest = identity_digest(identity_);
    checkpoint.run_record_json = record_to_json(record_);
    checkpoint.chains = chains_;
    io::write_checkpoint(files_.checkpoint, checkpoint);
  }

  /// @returns false when interrupted
  bool produce() {
    progress_.start("OpenMM dynamics (" + platform_ + ")");
    auto saved = Clock::now();
    bool stopped = false;
    while (frames_ < n_frames_ && !(stopped = interrupted())) {
      advance();
      append();
      progress_.update(static_cast<double>(frames_) / static_cast<double>(n_frames_));
      if (Clock::now() - saved < kCheckpointPeriod) continue;
      save();
      saved = Clock::now();
    }
    save();
    writer_->close();
    progress_.finish();
    return !stopped;
  }

  const OpenMMRun& run_;
  const FolderRunRules& rules_;
  Progress& progress_;
  RunFiles files_;
  std::uint64_t steps_per_frame_, n_frames_;
  RunIdentity identity_;
  std::optional<RunSetup> setup_;
  std::string platform_;
  std::optional<forcefields::PlainDynamics> dynamics_;
  engine::ChainBatch chains_;
  RunRecord record_;
  std::uint64_t frames_ = 0;
  std::optional<io::TrajectoryWriter> writer_;
};

}  // namespace

bool make_openmm_run(const OpenMMRun& run, const FolderRunRules& rules, Progress& progress) {
  return Dynamics(run, rules, progress).make();
}

}  // namespace saltus::tools
