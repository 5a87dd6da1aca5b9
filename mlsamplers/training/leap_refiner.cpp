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
#include "mlsamplers/training/network_fits.h"

namespace saltus::mlsamplers {

namespace {

/// Keeps refinement's random numbers apart from those of the networks' training.
constexpr std::uint32_t kRefinementSlot = 1u << 20;
/// Leaps between two states that are kept: about half of all leaps are rejected, and a copy teaches
/// nothing.
constexpr std::size_t kStride = 10;
/// Part of the chains that is held out.
constexpr double kHeldOutChains = 0.125;
/// Networks go on from what they are, so that a quarter of the epochs is enough.
constexpr std::size_t kFewerEpochs = 4;

/// Chains at training frames spread evenly over the pilot.
engine::ChainBatch chains_from(const PilotTrajectory& pilot, std::size_t n_training_frames,
                               std::size_t n_chains, double temperature_K) {
  engine::ChainBatch chains(n_chains, pilot.frames.n_atoms(), {temperature_K});
  std::vector<std::size_t> frames;
  for (std::size_t c = 0; c < n_chains; ++c) frames.push_back(c * n_training_frames / n_chains);
  chains.positions = engine::CoordinateBatch::rows(pilot.frames.view(), frames);
  return chains;
}

/// What chains visit, each as a series of its own.
struct Visits {
  PilotTrajectory states;
  double acceptance = 0.0;
};

/// Goes on with the chains by leaps.
Visits leap_on(const std::shared_ptr<const engine::Move>& leaps,
               const engine::TargetDensity& target, const engine::SimulationOptions& schedule,
               engine::ChainBatch& chains) {
  // Early leaps of a round are equilibration.
  const std::size_t n_leaps = schedule.n_steps - schedule.first_step, n_burn_in = n_leaps / 5;
  Visits visits;
  PilotTrajectory& states = visits.states;
  states.n_series = chains.n_chains();
  states.n_frames = (n_leaps - n_burn_in + kStride - 1) / kStride;
  states.frames =
      engine::CoordinateBatch::like(chains.positions.view(), states.n_series * states.n_frames);
  engine::Simulation stage(leaps, target, schedule);
  stage.add_reporter(
      engine::every(1, [&](std::uint64_t step, const engine::ChainBatch& now, const auto&) {
        const std::size_t i = step - 1 - schedule.first_step;
        if (i < n_burn_in || (i - n_burn_in) % kStride != 0) return;
        const std::size_t frame = (i - n_burn_in) / kStride;
        for (std::size_t c = 0; c < states.n_series; ++c)
          states.frames.copy_chain(now.positions.view(), c, c * states.n_frames + frame);
      }));
  stage.run(chains, {});
  visits.acceptance = stage.statistics().rows().at(0).acceptance();
  return visits;
}

/// One round of leaps by the present model, from where the chains are.
Visits round_of(const LeapModel& model, const engine::TargetDensity& target,
                const engine::SimulationOptions& schedule, engine::ChainBatch& chains,
                const std::shared_ptr<engine::ThreadPool>& pool) {
  const auto leap = std::make_shared<engine::Metropolis>(sampling_leap(model, pool));
  const auto leaps = std::make_shared<engine::Sequence>(
      std::vector<engine::Sequence::Part>{{leap, 1, 1, false}}, kRefinementSlot);
  return leap_on(leaps, target, schedule, chains);
}

/// Networks that go on learning from visited states.
std::shared_ptr<LeapNetworks> refined_networks(const LeapModel& model, const InternalData& visited,
                                               const LeapTrainingOptions& training,
                                               std::size_t round,
                                               const std::shared_ptr<engine::ThreadPool>& pool) {
  const engine::StepKey key = engine::StepKey{training.seed, 0}
                                  .child(kRefinementSlot)
                                  .child(static_cast<std::uint32_t>(round));
  LeapTrainingOptions options = training;
  options.n_epochs = (training.n_epochs + kFewerEpochs - 1) / kFewerEpochs;
  return fit_networks(
             {visited, model.split, independent_ends(visited, key), options, key, model.networks},
             {pool})
      .networks;
}

}  // namespace

LeapRefinementReport refine_leap(LeapModel& model, const PilotTrajectory& pilot,
                                 const engine::TargetDensity& target, const LeapOptions& options,
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
    engine::SimulationOptions schedule;
    schedule.seed = training.seed;
    schedule.first_step = round * refinement.n_leaps;
    schedule.n_steps = schedule.first_step + refinement.n_leaps;
    const Visits visits = round_of(model, target, schedule, chains, pool);
    report.acceptance = visits.acceptance;
    if (report.acceptance == 0.0) break;
    const auto visited_q = internal_coordinates_of(model.z, visits.states.frames.view());
    const InternalData visited =
        split_data(model.split, model.z, visited_q, visits.states, kHeldOutChains);

    RegressionRows rows = regression_rows(visited, basis, true);
    rows.basis.insert(rows.basis.end(), pilot_rows.basis.begin(), pilot_rows.basis.end());
    rows.fast.insert(rows.fast.end(), pilot_rows.fast.begin(), pilot_rows.fast.end());
    const RegressionRows judge = regression_rows(visited, basis, false);
    FastRegression refined = fit_fast_regression(rows.basis, rows.fast, basis.roughness(),
                                                 data.n_fast, training.smoothness);
    // Leaps that are rarely accepted copy few states again and again; held-out chains tell.
    const auto score = [&judge](const FastRegression& fast) {
      return mean_log_density(fast, judge.basis, judge.fast);
    };
    if (!(score(refined) > score(model.fast))) break;
    model.networks = refined_networks(model, visited, training, round, pool);
    model.fast = std::move(refined);
    report.fast_held_out = mean_log_density(model.fast, held_out.basis, held_out.fast);
    ++report.n_rounds_kept;
  }
  return report;
}

}  // namespace saltus::mlsamplers
