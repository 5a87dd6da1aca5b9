#include "engine/lanes/native_energy.h"

#include <algorithm>
#include <utility>

#include "engine/lanes/lane_blocks.h"

namespace saltus::engine {

NativeEnergy::NativeEnergy(const System& system, std::shared_ptr<ThreadPool> pool,
                           Precision precision)
    : evaluator_(system), pool_(std::move(pool)), precision_(precision) {}

EvaluationLimits NativeEnergy::limits() const {
  EvaluationLimits limits;
  limits.preferred_batch = kLaneWidth * (pool_ ? pool_->n_threads() : 1);
  return limits;
}

void NativeEnergy::evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  const auto evaluate_run = [&](std::size_t first, std::size_t last) {
    std::unique_ptr<Work> work = borrow_work();
    for (std::size_t block = first; block < last; ++block) {
      const std::size_t chain = block * kLaneWidth;
      const std::size_t n_lanes = std::min(kLaneWidth, x.n_chains - chain);
      evaluate_block(x.slice(chain, n_lanes), energies.data() + chain,
                     forces.empty() ? nullptr : forces.data() + chain * x.stride(), *work);
    }
    give_back(std::move(work));
  };
  for_each_run_of_blocks(pool_.get(), count_blocks(x.n_chains), evaluate_run);
}

void NativeEnergy::evaluate_block(ConstCoordinates rows, double* energies, double* forces,
                                  Work& work) const {
  const std::size_t n = rows.n_chains, n_values = rows.stride();
  const BlockPositions block = work.load(rows);
  if (precision_ == Precision::kSingle) {
    evaluator_.evaluate_single(block, work.energies.data(), work.single_forces.data(),
                               work.scratch);
    if (forces != nullptr)
      unpack_forces(work.single_forces.data(), work.energies.data(), n, n_values, forces);
  } else {
    double* block_forces = forces != nullptr ? work.forces.data() : nullptr;
    evaluator_.evaluate(block, work.energies.data(), block_forces, work.scratch);
    if (forces != nullptr) unpack_forces(block_forces, work.energies.data(), n, n_values, forces);
  }
  std::copy_n(work.energies.data(), n, energies);
}

NativeEnergy::Work::Work(const NativeEnergy& energy)
    : positions(3 * energy.n_atoms() * kLaneWidth),
      forces(energy.precision_ == Precision::kSingle ? 0 : positions.size()),
      energies(kLaneWidth),
      single_forces(energy.precision_ == Precision::kSingle ? positions.size() : 0),
      scratch(energy.evaluator_.make_scratch()) {}

BlockPositions NativeEnergy::Work::load(ConstCoordinates rows) {
  pack_rows(rows.data, rows.n_chains, rows.stride(), positions.data());
  boxes.set_all(rows.boxes);
  return {positions.data(), rows.n_chains, &boxes};
}

std::unique_ptr<NativeEnergy::Work> NativeEnergy::borrow_work() const {
  {
    std::lock_guard<std::mutex> lock(idle_mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Work> work = std::move(idle_.back());
      idle_.pop_back();
      return work;
    }
  }
  return std::make_unique<Work>(*this);
}

void NativeEnergy::give_back(std::unique_ptr<Work> work) const {
  std::lock_guard<std::mutex> lock(idle_mutex_);
  idle_.push_back(std::move(work));
}

std::vector<EnergyTerm> NativeEnergy::terms(ConstCoordinates x) const {
  double total = 0.0;
  check_evaluation_sizes(*this, x, {&total, 1}, {});
  std::unique_ptr<Work> work = borrow_work();
  std::vector<EnergyTerm> terms = evaluator_.terms(work->load(x), work->scratch);
  give_back(std::move(work));
  return terms;
}

}  // namespace saltus::engine
