#include "tools/saltus/run/reporters.h"

#include <utility>

#include "engine/system/whole_molecules.h"
#include "io/hdf5/checkpoint_file.h"

namespace saltus::tools {

TrajectoryReporter::TrajectoryReporter(io::TrajectoryWriter& writer, FrameObservables observables,
                                       const io::TrajectoryOptions& options,
                                       engine::Molecules molecules, std::uint64_t period)
    : writer_(writer),
      observables_(std::move(observables)),
      velocities_(options.velocities),
      boxes_(options.box),
      molecules_(std::move(molecules)),
      period_(period) {}

void TrajectoryReporter::on_step(std::uint64_t step, const engine::ChainBatch& chains,
                                 const engine::TransitionInfo&) {
  std::vector<double> temperatures;
  for (const engine::ThermodynamicState& state : chains.states)
    temperatures.push_back(state.temperature_K);
  const std::vector<double> observables = observables_.measure(chains);
  io::Frame frame;
  frame.step = step;
  frame.time_ps = static_cast<double>(step);
  engine::CoordinateBatch placed = chains.positions;
  if (boxes_)
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      engine::move_molecules_into_box(molecules_, placed.boxes()[c], placed.chain(c));
  frame.positions = placed.view();
  if (!boxes_) frame.positions.boxes = {};
  if (velocities_) frame.velocities = chains.velocities.view();
  frame.potential_energies = chains.energies;
  frame.temperatures = temperatures;
  frame.log_weights = chains.log_weights;
  frame.observables = observables;
  writer_.append(frame);
}

CheckpointReporter::CheckpointReporter(std::filesystem::path path, io::TrajectoryWriter& writer,
                                       std::uint64_t period, RunFacts facts,
                                       const RunCounts& counts)
    : path_(std::move(path)),
      writer_(writer),
      period_(period),
      facts_(std::move(facts)),
      counts_(counts) {}

void CheckpointReporter::on_step(std::uint64_t step, const engine::ChainBatch& chains,
                                 const engine::TransitionInfo&) {
  save(step, chains);
}

void CheckpointReporter::on_end(std::uint64_t step, const engine::ChainBatch& chains) {
  save(step, chains);
}

void CheckpointReporter::save(std::uint64_t step, const engine::ChainBatch& chains) {
  writer_.sync();
  facts_.record.statistics = counts_.statistics;
  facts_.record.round_trips = counts_.round_trips;
  engine::Checkpoint checkpoint;
  checkpoint.seed = facts_.seed;
  checkpoint.step = step;
  checkpoint.frames_written = writer_.frames_written();
  checkpoint.deck_digest = facts_.deck_digest;
  checkpoint.run_record_json = record_to_json(facts_.record);
  checkpoint.chains = chains;
  io::write_checkpoint(path_, checkpoint);
}

}  // namespace saltus::tools
