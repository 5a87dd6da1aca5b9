#include "mlsamplers/training/leap_refiner.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/moves/composites.h"
#include "engine/moves/metropolis.h"
#include "engine/run/simulation.h"
#include "mlsamplers/leap/fast_regression.h"
#include "mlsamplers/leap/leap_proposal.h"
#include "mlsamplers/training/internal_data.h"

namespace saltus::mlsamplers {

namespace {

/// Keeps refinement's random numbers apart from those of the networks' training.
constexpr std::uint32_t kRefinementSlot = 1u << 20;

/// Chains at training frames spread evenly over the pilot.
engine::ChainBatch chains_from(const PilotTrajectory& pilot, std::size_t n_training_frames,
                               std::size_t n_chains, double temperature_K) {
  engine::ChainBatch chains(n_chains, pilot.frames.n_atoms(), {temperature_K});
  std::vector<std::size_t> frames;
  for (std::size_t c = 0; c < n_chains; ++c) frames.push_back(c * n_training_frames / n_chains);
  chains.positions = engine::CoordinateBatch::rows(pilot.frames.view(), frames);
  return chains;
}

/// Appends the chains' present configurations.
void collect(const LeapModel& model, const FourierBasis& basis, const engine::ChainBatch& chains,
             RegressionRows& rows) {
  PilotTrajectory now;
  now.n_series = chains.n_chains();
  now.n_frames = 1;
  const auto q = internal_coordinates_of(model.z, chains.positions.view());
  const InternalData data = split_data(model.split, model.z, q, now, 0.0);
  for (bool training : {true, false}) {
    const RegressionRows part = regression_rows(data, basis, training);
    rows.basis.insert(rows.basis.end(), part.basis.begin(), part.basis.end());
    rows.fast.insert(rows.fast.end(), part.fast.begin(), part.fast.end());
  }
}

}  // namespace

LeapRefinementReport refine_fast_coordinates(LeapModel& model, const PilotTrajectory& pilot,
                                             const engine::TargetDensity& target,
                                             const LeapOptions& options,
                                             std::shared_ptr<engine::ThreadPool> pool) {
  const LeapTrainingOptions& training = options.training;
  const LeapRefinementOptions& refinement = options.refinement;
  const FourierBasis basis = basis_of(model.split);
  const auto q = internal_coordinates_of(model.z, pilot.frames.view());
  const InternalData data = split_data(model.split, model.z, q, pilot, training.held_out_fraction);
  const RegressionRows pilot_rows = regression_rows(data, basis, true),
                       held_out = regression_rows(data, basis, false);
  engine::ChainBatch chains = chains_from(pilot, data.n_training_series * data.n_frames,
                                          refinement.n_chains, model.card.temperature_K);
  target.refresh(chains);

  LeapRefinementReport report;
  report.fast_held_out = mean_log_density(model.fast, held_out.basis, held_out.fast);
  for (std::size_t round = 0; round < refinement.n_rounds; ++round) {
    const auto leap = std::make_shared<engine::Metropolis>(
        std::make_shared<LeapProposal>(weights_of(model), pool));
    RegressionRows rows = pilot_rows;
    // Early leaps of a round are equilibration.
    const std::size_t n_burn_in = refinement.n_leaps / 5;
    engine::SimulationOptions schedule;
    schedule.seed = training.seed;
    schedule.first_step = round * refinement.n_leaps;
    schedule.n_steps = schedule.first_step + refinement.n_leaps;
    engine::Simulation stage(
        std::make_shared<engine::Sequence>(std::vector<engine::Sequence::Part>{{leap, 1, 1, false}},
                                           kRefinementSlot),
        target, schedule);
    stage.add_reporter(
        engine::every(1, [&](std::uint64_t step, const engine::ChainBatch& now, const auto&) {
          const std::size_t i = step - 1 - schedule.first_step;
          // Every second state: half of all leaps are rejected, and a copy teaches nothing.
          if (i >= n_burn_in && i % 2 == 0) collect(model, basis, now, rows);
        }));
    stage.run(chains, {});
    report.acceptance = stage.statistics().rows().at(0).acceptance();
    if (report.acceptance == 0.0) break;
    // Leaps that are rarely accepted copy few states again and again; held-out frames tell.
    FastRegression refined = fit_fast_regression(rows.basis, rows.fast, basis.roughness(),
                                                 data.n_fast, training.smoothness);
    const double score = mean_log_density(refined, held_out.basis, held_out.fast);
    if (score <= report.fast_held_out) break;
    model.fast = std::move(refined);
    report.fast_held_out = score;
    ++report.n_rounds_kept;
  }
  return report;
}

}  // namespace saltus::mlsamplers
