#include "engine/potential/decorators.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

CountingEnergy::CountingEnergy(std::shared_ptr<const EnergyFunction> inner)
    : inner_(std::move(inner)) {
  if (!inner_) throw InputError("counting energy: no energy function given");
}

void CountingEnergy::evaluate(ConstCoordinates x, Span<double> energies,
                              Span<double> forces) const {
  inner_->evaluate(x, energies, forces);
  evaluations_ += x.n_chains;
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
  return {std::min(a.preferred_batch, b.preferred_batch),
          std::min(a.largest_batch, b.largest_batch)};
}

void CrossCheckedEnergy::evaluate(ConstCoordinates x, Span<double> energies,
                                  Span<double> forces) const {
  trusted_->evaluate(x, energies, forces);
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

}  // namespace saltus::engine
