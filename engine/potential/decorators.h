#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/potential/energy_function.h"

namespace saltus::engine {

/// Counts configurations evaluated; otherwise the energy it wraps.
class CountingEnergy final : public EnergyFunction {
 public:
  /// @throws InputError  when inner is null
  explicit CountingEnergy(std::shared_ptr<const EnergyFunction> inner);
  std::size_t n_atoms() const override { return inner_->n_atoms(); }
  EvaluationLimits limits() const override { return inner_->limits(); }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  /// Configurations of all evaluations that returned.
  std::uint64_t evaluations() const { return evaluations_; }

 private:
  std::shared_ptr<const EnergyFunction> inner_;
  mutable std::atomic<std::uint64_t> evaluations_{0};
};

/// Evaluates two energies and throws when they disagree; returns the first one's energies and
/// forces. Forces are not compared.
class CrossCheckedEnergy final : public EnergyFunction {
 public:
  /// @param tolerance  relative to max(1 kJ/mol, |U|); >= 0
  /// @throws InputError  when one is null, atom numbers differ or the tolerance is negative or NaN
  CrossCheckedEnergy(std::shared_ptr<const EnergyFunction> trusted,
                     std::shared_ptr<const EnergyFunction> other, double tolerance);
  std::size_t n_atoms() const override { return trusted_->n_atoms(); }
  /// The smaller of both limits.
  EvaluationLimits limits() const override;
  /// @throws NumericalError  naming the chain and both energies; two infinities of one sign agree
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;

 private:
  std::shared_ptr<const EnergyFunction> trusted_, other_;
  double tolerance_;
};

}  // namespace saltus::engine
