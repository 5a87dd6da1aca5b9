#pragma once

#include <memory>

#include "engine/core/thread_pool.h"
#include "engine/potential/energy_function.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// Saltus' own evaluation of a System, in double precision, one chain at a time; chains are spread
/// over the pool's threads. Bits do not depend on the number of threads or the batch.
class NativeEnergy final : public DecomposableEnergy {
 public:
  /// @param pool  may be null: everything runs on the calling thread
  /// @throws InputError  when the system does not validate
  NativeEnergy(System system, std::shared_ptr<ThreadPool> pool);
  ~NativeEnergy() override;

  std::size_t n_atoms() const override;
  EvaluationLimits limits() const override;
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::vector<EnergyTerm> terms(ConstCoordinates x) const override;

 private:
  struct Prepared;
  std::unique_ptr<const Prepared> prepared_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace saltus::engine
