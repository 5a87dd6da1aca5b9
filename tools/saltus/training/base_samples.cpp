#include "tools/saltus/training/base_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "engine/run/simulation.h"
#include "engine/tuning/step_size_tuner.h"
#include "io/deck/sha256.h"
#include "io/files/durable_file.h"
#include "mlsamplers/model/model_card.h"
#include "mlsamplers/model/safetensors_file.h"
#include "tools/saltus/decks/move_row.h"
#include "tools/saltus/molecules/contacts.h"
#include "tools/saltus/molecules/energies.h"
#include "tools/saltus/molecules/rigid_minimum.h"

namespace saltus::tools {

namespace fs = std::filesystem;

namespace {

constexpr const char *kPositions = "positions", *kTargetPositions = "target_positions",
                     *kDescription = "base samples";

/// Parts of the random numbers of the samples of an end; those of the target come after those of
/// the base.
enum class Part : std::uint32_t { kEquilibration, kTuning, kSampling };
constexpr std::uint32_t kParts = 3;

engine::ChainBatch chains_at_minimum(const RigidBaseDeck& deck, const RigidSystem& system,
                                     Progress& progress) {
  progress.start("minimising the start");
  const engine::HarmonicMinimum minimum = rigid_minimum(system.molecule, system.bodies, nullptr);
  progress.finish(fmt::format(FMT_STRING("{:.2f} kJ/mol, rms force {:.3g} kJ/mol/nm"),
                              minimum.energy, minimum.rms_gradient));
  engine::ChainBatch chains(deck.chains, system.bodies->n_atoms(), {deck.temperature_K});
  chains.positions = engine::CoordinateBatch::repeated(system.molecule.view(), deck.chains);
  for (std::size_t c = 0; c < deck.chains; ++c)
    for (std::size_t body = 0; body < minimum.sites.size(); ++body)
      system.bodies->place(body, minimum.sites[body], chains.positions.chain(c));
  return chains;
}

/// Steps of one move, each followed by a call.
void apply(std::shared_ptr<const engine::Move> move, const engine::TargetDensity& target,
           const engine::SimulationOptions& schedule, const engine::StepCallback& after,
           engine::ChainBatch& chains) {
  engine::Simulation simulation(std::move(move), target, schedule);
  simulation.add_reporter(engine::every(1, after));
  simulation.run(chains, {});
}

std::uint64_t size_product(const std::vector<std::uint64_t>& shape) {
  std::uint64_t n = 1;
  for (const std::uint64_t extent : shape) n *= extent;
  return n;
}

}  // namespace

namespace {

/// Samples of one end, from where the chains are.
/// @param end  0 of the base, 1 of the target
engine::CoordinateBatch sample_end(const RigidFlowDeck& deck, const RigidSystem& system,
                                   std::uint32_t end, engine::ChainBatch& chains,
                                   Progress& progress) {
  const RigidBaseDeck& base = deck.base;
  const engine::Canonical target(system.energy, system.bodies->measure());
  target.refresh(chains);
  const auto seed_of = [&](Part part) {
    return engine::StepKey{deck.seed, 0}
        .child(end * kParts + static_cast<std::uint32_t>(part))
        .seed;
  };
  const auto move_of = [&](double time_step_ps) {
    engine::HamiltonianOptions trajectories = base.trajectories;
    trajectories.time_step_ps = time_step_ps;
    return std::make_unique<const engine::RigidHamiltonianMonteCarlo>(trajectories, system.bodies);
  };
  std::shared_ptr<const engine::Move> move = move_of(base.trajectories.time_step_ps);
  const auto n_all = static_cast<double>(base.equilibration + base.samples * base.stride);
  const auto shows = [&](std::uint64_t done) {
    progress.update(static_cast<double>(done) / n_all);
  };
  const std::string name = end == 0 ? "the base" : "the target";
  progress.start("sampling " + name);

  engine::SimulationOptions schedule;
  const auto equilibrate = [&](std::uint64_t first, std::uint64_t last) {
    schedule.seed = seed_of(Part::kEquilibration);
    schedule.first_step = first;
    schedule.n_steps = last;
    apply(
        move, target, schedule, [&](std::uint64_t step, const auto&, const auto&) { shows(step); },
        chains);
  };
  const std::uint64_t half = base.equilibration / 2;
  equilibrate(0, half);
  engine::StepSizeTunerOptions options;
  options.initial_step = base.trajectories.time_step_ps;
  options.max_step = std::max(options.initial_step, kMaxTimeStep_ps);
  engine::TunedMove tuned =
      engine::tune_step_size(move_of, options, chains, target, {seed_of(Part::kTuning), 0});
  move = std::move(tuned.move);
  progress.say(fmt::format(FMT_STRING("time step {:.3g} fs, acceptance {:.2f}"), 1e3 * tuned.step,
                           tuned.acceptance));
  equilibrate(half, base.equilibration);

  auto samples = engine::CoordinateBatch::like(chains.positions.view(), base.chains * base.samples);
  schedule.seed = seed_of(Part::kSampling);
  schedule.first_step = 0;
  schedule.n_steps = base.samples * base.stride;
  const auto keep = [&](std::uint64_t step, const engine::ChainBatch& now, const auto&) {
    shows(base.equilibration + step);
    if (step % base.stride != 0) return;
    for (std::size_t c = 0; c < base.chains; ++c)
      samples.copy_chain(now.positions.view(), c, c * base.samples + step / base.stride - 1);
  };
  apply(move, target, schedule, keep, chains);
  RunGuard(system.molecule).check_positions(samples, "the samples of " + name);
  progress.finish(std::to_string(samples.n_chains()) + " samples of " +
                  std::to_string(base.chains) + " chains");
  return samples;
}

mlsamplers::SafetensorsArray array_of(const engine::CoordinateBatch& samples,
                                      std::size_t n_chains) {
  const std::vector<double>& values = samples.values();
  return {"F64",
          {n_chains, samples.n_chains() / n_chains, samples.n_atoms(), 3},
          {reinterpret_cast<const unsigned char*>(values.data()), values.size() * sizeof(double)}};
}

}  // namespace

EndSamples sample_ends(const RigidFlowDeck& deck, const RigidSystem& system, Progress& progress) {
  engine::ChainBatch chains = chains_at_minimum(deck.base, system, progress);
  EndSamples samples = {sample_end(deck, system, 0, chains, progress), {}};
  if (deck.uses_target_samples()) {
    for (engine::ThermodynamicState& state : chains.states)
      state.temperature_K = deck.target_temperature_K;
    samples.target = sample_end(deck, system, 1, chains, progress);
  }
  return samples;
}

std::string samples_description(const RigidFlowDeck& deck, const Molecule& molecule) {
  constexpr std::size_t kShown = 16;  // enough to tell files of one user apart
  const RigidBaseDeck& base = deck.base;
  const auto digest = [](const std::vector<double>& values) {
    return io::sha256_hex(
               {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)})
        .substr(0, kShown);
  };
  const bool native = backend_for(deck.energy, molecule.system) == EnergyBackend::kNative;
  return fmt::format(
      FMT_STRING("{} samples of {} chains at {} K, {} trajectories apart after {}, of {} steps "
                 "(jitter {}) that begin at {} ps; seed {}; force field {}, masses {}, coordinates "
                 "{}; energies by {}{}"),
      base.samples, base.chains, base.temperature_K, base.stride, base.equilibration,
      base.trajectories.n_steps, base.trajectories.length_jitter, base.trajectories.time_step_ps,
      deck.seed, mlsamplers::force_field_digest(molecule.system), digest(molecule.system.masses),
      digest(molecule.positions),
      native
          ? deck.energy.precision == engine::Precision::kDouble ? "Saltus, double" : "Saltus, mixed"
          : "OpenMM, " + deck.energy.platform,
      deck.uses_target_samples()
          ? fmt::format(FMT_STRING("; then of the target at {} K"), deck.target_temperature_K)
          : "");
}

void keep_samples(const fs::path& file, const EndSamples& samples, const std::string& description,
                  std::size_t n_chains) {
  mlsamplers::SafetensorsContent content;
  content.metadata[kDescription] = description;
  content.arrays[kPositions] = array_of(samples.base, n_chains);
  if (samples.target) content.arrays[kTargetPositions] = array_of(*samples.target, n_chains);
  io::write_file_durably(file.string(), mlsamplers::safetensors_bytes(content));
}

std::optional<EndSamples> kept_samples(const fs::path& file, const std::string& description,
                                       const RigidFlowDeck& deck, const Molecule& molecule) {
  if (!fs::exists(file)) return std::nullopt;
  const auto refuse = [&file](const std::string& what) {
    throw engine::InputError("'" + file.string() + "' " + what +
                             "; delete it, and the samples are made again");
  };
  const std::string bytes = io::read_whole_file(file, "base samples");
  mlsamplers::SafetensorsContent content;
  try {
    content = mlsamplers::parse_safetensors(
        {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
  } catch (const mlsamplers::SafetensorsError& error) {
    refuse(std::string("is damaged: ") + error.what());
  }
  const std::string found = content.metadata[kDescription];
  if (found != description)
    refuse("holds base samples of another deck: " + found + "; this deck asks for " + description);
  const auto samples_in = [&](const char* name) {
    auto samples =
        engine::CoordinateBatch::like(molecule.view(), deck.base.chains * deck.base.samples);
    const mlsamplers::SafetensorsArray& array = content.arrays[name];
    if (array.dtype != "F64" || size_product(array.shape) != samples.values().size())
      refuse("is damaged: it does not hold the positions of these samples");
    std::memcpy(samples.values().data(), array.bytes.data(), array.bytes.size());
    return samples;
  };
  EndSamples samples = {samples_in(kPositions), {}};
  if (deck.uses_target_samples()) samples.target = samples_in(kTargetPositions);
  return samples;
}

}  // namespace saltus::tools
