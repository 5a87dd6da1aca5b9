#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/potential/energy_function.h"

namespace saltus::engine {

/// Configurations evaluated, of all energies that count into it.
using EvaluationCount = std::atomic<std::uint64_t>;

/// Counts configurations evaluated; otherwise the energy it wraps.
class CountingEnergy final : public EnergyFunction {
 public:
  /// @param count  where it counts; several energies may share one, not null
  /// @throws InputError  when inner is null
  explicit CountingEnergy(
      std::shared_ptr<const EnergyFunction> inner,
      std::shared_ptr<EvaluationCount> count = std::make_shared<EvaluationCount>(0));
  std::size_t n_atoms() const override { return inner_->n_atoms(); }
  EvaluationLimits limits() const override { return inner_->limits(); }
  BoxNeeds box_needs() const override { return inner_->box_needs(); }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::optional<BlockAccess> blocks() const override { return inner_->blocks(); }
  void after_blocks(ConstCoordinates x, Span<const double> energies,
                    std::size_t n_evaluations) const override;
  /// Configurations of all evaluations that returned, in batches or in blocks, by all energies that
  /// share the count.
  std::uint64_t evaluations() const { return *count_; }

 private:
  std::shared_ptr<const EnergyFunction> inner_;
  std::shared_ptr<EvaluationCount> count_;
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
  /// Needed by one of them, the narrower of both.
  BoxNeeds box_needs() const override;
  /// @throws NumericalError  naming the chain and both energies; two infinities of one sign agree
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::optional<BlockAccess> blocks() const override { return trusted_->blocks(); }
  /// Compares the energies that were found in blocks.
  void after_blocks(ConstCoordinates x, Span<const double> energies,
                    std::size_t n_evaluations) const override;

 private:
  void compare(ConstCoordinates x, Span<const double> energies) const;

  std::shared_ptr<const EnergyFunction> trusted_, other_;
  double tolerance_;
};

/// Hands on batches of at most limits().max_batch configurations; takes any itself.
class SplittingEnergy final : public EnergyFunction {
 public:
  /// @throws InputError  when inner is null or takes no configuration at all
  explicit SplittingEnergy(std::shared_ptr<const EnergyFunction> inner);
  std::size_t n_atoms() const override { return inner_->n_atoms(); }
  EvaluationLimits limits() const override { return {inner_->limits().preferred_batch}; }
  BoxNeeds box_needs() const override { return inner_->box_needs(); }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override;
  std::optional<BlockAccess> blocks() const override { return inner_->blocks(); }
  void after_blocks(ConstCoordinates x, Span<const double> energies,
                    std::size_t n_evaluations) const override {
    inner_->after_blocks(x, energies, n_evaluations);
  }

 private:
  std::shared_ptr<const EnergyFunction> inner_;
};

/// The energy itself when it takes batches of any size, else a SplittingEnergy around it: what
/// every caller that does not choose its own batches evaluates.
std::shared_ptr<const EnergyFunction> split_to_limits(
    const std::shared_ptr<const EnergyFunction>& energy);

}  // namespace saltus::engine
