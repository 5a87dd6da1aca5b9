#include "engine/potential/decorators.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"

namespace saltus::engine {

CountingEnergy::CountingEnergy(std::shared_ptr<const EnergyFunction> inner,
                               std::shared_ptr<EvaluationCount> count)
    : inner_(std::move(inner)), count_(std::move(count)) {
  if (!inner_) throw InputError("counting energy: no energy function given");
}

void CountingEnergy::evaluate(ConstCoordinates x, Span<double> energies,
                              Span<double> forces) const {
  inner_->evaluate(x, energies, forces);
  *count_ += x.n_chains;
}

void CountingEnergy::after_blocks(ConstCoordinates x, Span<const double> energies,
                                  std::size_t n_evaluations) const {
  inner_->after_blocks(x, energies, n_evaluations);
  *count_ += n_evaluations;
}

CrossCheckedEnergy::CrossCheckedEnergy(std::shared_ptr<const EnergyFunction> trusted,
                                       std::shared_ptr<const EnergyFunction> other,
                                       double tolerance)
    : trusted_(std::move(trusted)), other_(std::move(other)), tolerance_(tolerance) {
  if (!trusted_ || !other_) throw InputError("cross-checked energy: expected two energy functions");
  if (trusted_->n_atoms() != other_->n_atoms())
    throw InputError("cross-checked energy: the two energy functions have " +
                     std::to_string(trusted_->n_atoms()) + " and " +
                     std::to_string(other_->n_atoms()) + " atoms");
  if (!(tolerance >= 0.0))
    throw InputError("cross-checked energy: expected a tolerance of 0 or more, got " +
                     std::to_string(tolerance));
}

EvaluationLimits CrossCheckedEnergy::limits() const {
  const EvaluationLimits a = trusted_->limits(), b = other_->limits();
  return {std::min(a.preferred_batch, b.preferred_batch), std::min(a.max_batch, b.max_batch)};
}

BoxNeeds CrossCheckedEnergy::box_needs() const {
  const BoxNeeds a = trusted_->box_needs(), b = other_->box_needs();
  return {a.needed || b.needed, std::max(a.cutoff_nm, b.cutoff_nm)};
}

void CrossCheckedEnergy::evaluate(ConstCoordinates x, Span<double> energies,
                                  Span<double> forces) const {
  trusted_->evaluate(x, energies, forces);
  compare(x, energies);
}

void CrossCheckedEnergy::after_blocks(ConstCoordinates x, Span<const double> energies,
                                      std::size_t n_evaluations) const {
  trusted_->after_blocks(x, energies, n_evaluations);
  if (energies.empty()) return;
  // Chains that blew up have no positions to compare at.
  std::vector<std::size_t> rows;
  std::vector<double> found;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    if (!all_finite(x.chain(c))) continue;
    rows.push_back(c);
    found.push_back(energies[c]);
  }
  compare(CoordinateBatch::rows(x, rows).view(), found);
}

void CrossCheckedEnergy::compare(ConstCoordinates x, Span<const double> energies) const {
  std::vector<double> others(x.n_chains);
  other_->evaluate(x, others, {});
  for (std::size_t chain = 0; chain < x.n_chains; ++chain) {
    const double a = energies[chain], b = others[chain];
    const bool same_infinity = std::isinf(a) && std::isinf(b) && std::signbit(a) == std::signbit(b);
    const bool close =
        std::isfinite(a) && std::abs(a - b) <= tolerance_ * std::max(1.0, std::abs(a));
    if (same_infinity || close) continue;
    std::ostringstream message;
    message << std::setprecision(17) << "energies disagree in chain " << chain << ": " << a
            << " kJ/mol and " << b << " kJ/mol, tolerance " << tolerance_
            << " of the larger of 1 kJ/mol and the first";
    throw NumericalError(message.str());
  }
}

SplittingEnergy::SplittingEnergy(std::shared_ptr<const EnergyFunction> inner)
    : inner_(std::move(inner)) {
  if (!inner_) throw InputError("splitting energy: no energy function given");
  if (inner_->limits().max_batch == 0)
    throw InputError("splitting energy: the energy function takes no configurations");
}

void SplittingEnergy::evaluate(ConstCoordinates x, Span<double> energies,
                               Span<double> forces) const {
  check_evaluation_sizes(*this, x, energies, forces);
  const std::size_t largest = inner_->limits().max_batch;
  for (std::size_t first = 0; first < x.n_chains; first += largest) {
    const std::size_t n = std::min(largest, x.n_chains - first);
    inner_->evaluate(x.slice(first, n), energies.subspan(first, n),
                     forces.empty() ? forces : forces.subspan(first * x.stride(), n * x.stride()));
  }
}

std::shared_ptr<const EnergyFunction> split_to_limits(
    const std::shared_ptr<const EnergyFunction>& energy) {
  if (!energy || energy->limits().max_batch == static_cast<std::size_t>(-1)) return energy;
  return std::make_shared<SplittingEnergy>(energy);
}

}  // namespace saltus::engine
