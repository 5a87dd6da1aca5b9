#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/lanes/lane_evaluator.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Saltus' own evaluation of a System for many chains at once: one SIMD lane per chain, on the
/// widest vectors the processor has, blocks of kLaneWidth chains spread over the pool's threads.
/// The result of a chain is the same bits whatever the number of threads and the other chains of
/// the batch; energies are the same bits with and without forces. Formulas and special cases are
/// those of PlainEnergy, which it agrees with to 1e-6 kJ/mol (see engine/lanes/README.md for the
/// measured errors of each precision).
class NativeEnergy final : public DecomposableEnergy {
 public:
  /// @param pool  may be null: everything runs on the calling thread
  /// @throws InputError  when the system does not validate
  NativeEnergy(const System& system, std::shared_ptr<ThreadPool> pool,
               Precision precision = Precision::kMixed);

  std::size_t n_atoms() const override { return evaluator_.n_atoms(); }
  EvaluationLimits limits() const override;
  /// Those of the system.
  BoxNeeds box_needs() const override { return evaluator_.box_needs(); }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::vector<EnergyTerm> terms(ConstCoordinates x) const override;

  std::optional<BlockAccess> blocks() const override {
    return BlockAccess{&evaluator_, precision_, pool_.get()};
  }

 private:
  /// Memory for the work of one thread.
  struct Work {
    explicit Work(const NativeEnergy& energy);
    AlignedVector<double> positions, forces, energies;
    AlignedVector<float> single_forces;
    BlockBoxes boxes;
    LaneEvaluator::Scratch scratch;

    /// At most kLaneWidth chains into the block.
    BlockPositions load(ConstCoordinates rows);
  };
  /// At most kLaneWidth chains.
  void evaluate_block(ConstCoordinates rows, double* energies, double* forces, Work& work) const;

  std::unique_ptr<Work> borrow_work() const;
  void give_back(std::unique_ptr<Work> work) const;

  LaneEvaluator evaluator_;
  std::shared_ptr<ThreadPool> pool_;
  Precision precision_;
  // Memory between calls, whose contents mean nothing: small batches would spend their time on
  // making it.
  mutable std::mutex idle_mutex_;
  mutable std::vector<std::unique_ptr<Work>> idle_;
};

}  // namespace saltus::engine
