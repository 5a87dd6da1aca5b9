#include "engine/minimisation/minimise.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <string>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/lanes/lane_evaluator.h"
#include "engine/minimisation/descent_block.h"

namespace saltus::engine {

namespace {

/// The chains of a batch: those that wait for a lane, and where they come back to.
class Batch {
 public:
  Batch(CoordinateBatch& x, std::vector<MinimisationResult>& results) : x_(x), results_(results) {}

  /// Takes out chains that have arrived and fills the first n_lanes with those that wait. False
  /// when no lane holds a chain.
  bool refill(DescentBlock& block, std::size_t n_lanes) {
    bool any = false;
    for (std::size_t lane = 0; lane < n_lanes; ++lane) {
      if (block.has_arrived(lane)) {
        const std::size_t chain = block.chain(lane);
        results_[chain] = block.unload(lane, x_.chain(chain));
      }
      if (block.is_empty(lane)) load_next(block, lane);
      any = any || !block.is_empty(lane);
    }
    return any;
  }

 private:
  void load_next(DescentBlock& block, std::size_t lane) {
    const std::size_t chain = next_.fetch_add(1);
    if (chain < x_.n_chains()) block.load(lane, chain, x_.view().slice(chain, 1));
  }

  CoordinateBatch& x_;
  std::vector<MinimisationResult>& results_;
  std::atomic<std::size_t> next_{0};
};

/// One block for each thread.
void relax_in_lanes(const BlockAccess& lanes, std::size_t n_chains,
                    const MinimisationOptions& options, Batch& batch) {
  const auto work = [&](std::size_t) {
    DescentBlock block(lanes.evaluator->n_atoms(), options);
    LaneEvaluator::Scratch scratch = lanes.evaluator->make_scratch();
    while (batch.refill(block, kLaneWidth)) {
      lanes.evaluator->evaluate(block.trials(), block.energies(), block.forces(), scratch);
      block.advance();
    }
  };
  if (lanes.pool == nullptr)
    work(0);
  else
    lanes.pool->for_each_block(std::min(lanes.pool->n_threads(), count_blocks(n_chains)), work);
}

/// Lanes of all blocks that the energy function is to evaluate, as its batch.
class TrialBatch {
 public:
  /// @param boxes  of all chains; a trial is in that of its chain
  TrialBatch(const EnergyFunction& energy, std::size_t n_chains, Span<const Box> boxes)
      : energy_(energy),
        boxes_(boxes),
        n_values_(3 * energy.n_atoms()),
        x_(n_chains * n_values_),
        forces_(n_chains * n_values_),
        energies_(n_chains) {}

  void evaluate(const std::vector<std::unique_ptr<DescentBlock>>& blocks) {
    n_chains_ = 0;
    trial_boxes_.clear();
    for (const auto& block : blocks)
      for_each_moving(*block, [&](std::size_t lane, std::size_t row) {
        if (!boxes_.empty()) trial_boxes_.push_back(boxes_[block->chain(lane)]);
        for (std::size_t i = 0; i < n_values_; ++i)
          x_[row * n_values_ + i] = block->trial()[i * kLaneWidth + lane];
      });
    energy_.evaluate({x_.data(), n_chains_, n_values_ / 3, trial_boxes_},
                     {energies_.data(), n_chains_}, {forces_.data(), n_chains_ * n_values_});
    n_chains_ = 0;
    for (const auto& block : blocks)
      for_each_moving(*block, [&](std::size_t lane, std::size_t row) {
        block->energies()[lane] = energies_[row];
        for (std::size_t i = 0; i < n_values_; ++i)
          block->forces()[i * kLaneWidth + lane] = forces_[row * n_values_ + i];
      });
  }

 private:
  template <class Work>
  void for_each_moving(const DescentBlock& block, const Work& work) {
    for (std::size_t lane = 0; lane < block.n_lanes(); ++lane)
      if (block.is_moving(lane)) work(lane, n_chains_++);
  }

  const EnergyFunction& energy_;
  Span<const Box> boxes_;
  std::vector<Box> trial_boxes_;
  std::size_t n_values_, n_chains_ = 0;
  std::vector<double> x_, forces_, energies_;
};

/// As many chains at a time as the energy function likes.
void relax_in_batches(const EnergyFunction& energy, ConstCoordinates x,
                      const MinimisationOptions& options, Batch& batch) {
  const EvaluationLimits limits = energy.limits();
  const std::size_t n_held =
      std::min({x.n_chains, limits.max_batch, std::max(limits.preferred_batch, kLaneWidth)});
  std::vector<std::unique_ptr<DescentBlock>> blocks(count_blocks(n_held));
  for (auto& block : blocks) block = std::make_unique<DescentBlock>(energy.n_atoms(), options);
  TrialBatch trials(energy, n_held, x.boxes);
  const auto refill = [&] {
    bool any = false;
    for (std::size_t b = 0; b < blocks.size(); ++b)
      any = batch.refill(*blocks[b], std::min(kLaneWidth, n_held - b * kLaneWidth)) || any;
    return any;
  };
  while (refill()) {
    trials.evaluate(blocks);
    for (auto& block : blocks) block->advance();
  }
}

void check(const EnergyFunction& energy, const CoordinateBatch& x,
           const MinimisationOptions& options) {
  if (x.n_atoms() != energy.n_atoms())
    throw InternalError("minimise: positions of " + std::to_string(x.n_atoms()) +
                        " atoms for an energy of " + std::to_string(energy.n_atoms()));
  energy.box_needs().require(x.boxes(), x.n_chains());
  if (!(options.force_tolerance > 0.0))
    throw InputError("minimisation: the force tolerance is " +
                     std::to_string(options.force_tolerance) +
                     " kJ/mol/nm; it must be greater than 0");
  for (const std::size_t atom : options.frozen_atoms)
    if (atom >= x.n_atoms())
      throw InputError("minimisation: frozen atom " + std::to_string(atom) + " of " +
                       std::to_string(x.n_atoms()) + "; atoms are counted from 0");
  for (const VirtualSite& site : options.virtual_sites) {
    std::size_t last = site.site;
    for (const std::size_t parent : site.parents) last = std::max(last, parent);
    if (last >= x.n_atoms())
      throw InternalError("minimise: a virtual site of atom " + std::to_string(last) + " of " +
                          std::to_string(x.n_atoms()));
  }
}

/// Says to functions that wrap others what was done in blocks.
void tell(const EnergyFunction& energy, const CoordinateBatch& x,
          const std::vector<MinimisationResult>& results) {
  std::vector<double> energies;
  std::size_t n_evaluations = 0;
  for (const MinimisationResult& result : results) {
    energies.push_back(result.energy);
    n_evaluations += result.n_steps + 1;
  }
  energy.after_blocks(x.view(), energies, n_evaluations);
}

}  // namespace

std::vector<MinimisationResult> minimise(const EnergyFunction& energy, CoordinateBatch& x,
                                         const MinimisationOptions& options) {
  check(energy, x, options);
  std::vector<MinimisationResult> results(x.n_chains());
  if (results.empty()) return results;
  Batch batch(x, results);
  if (const auto lanes = energy.blocks())
    relax_in_lanes(*lanes, x.n_chains(), options, batch);
  else
    relax_in_batches(energy, x.view(), options, batch);
  for (std::size_t c = 0; c < x.n_chains(); ++c)
    place_virtual_sites(options.virtual_sites, x.chain(c));
  if (energy.blocks()) tell(energy, x, results);
  for (std::size_t c = 0; c < results.size(); ++c)
    if (!std::isfinite(results[c].energy))
      throw NumericalError(
          "the energy of the start of chain " + std::to_string(c) +
          " is not finite: two atoms lie on top of each other; correct the coordinates");
  return results;
}

}  // namespace saltus::engine
