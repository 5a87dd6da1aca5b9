#include "engine/moves/mala.h"

#include <cmath>

#include "engine/core/error.h"
#include "engine/potential/decorators.h"

namespace saltus::engine {

MalaProposal::MalaProposal(const std::shared_ptr<const EnergyFunction>& energy,
                           const MalaOptions& options, std::vector<double> masses)
    : energy_(split_to_limits(energy)) {
  if (!(options.step_nm > 0.0) || !std::isfinite(options.step_nm))
    throw InputError("mala: step must be positive and finite");
  for (double mass : masses) {
    if (!(mass > 0.0))
      throw InputError(
          "mala: every atom needs a positive mass; it moves neither frozen atoms nor virtual "
          "sites");
    lengths_.push_back(options.step_nm / std::sqrt(mass));
  }
  if (!energy_ || lengths_.size() != energy_->n_atoms())
    throw InternalError("mala: masses and energy function have different atom counts");
}

MoveRequirements MalaProposal::requirements() const {
  MoveRequirements result;
  result.no_constraints = true;
  return result;
}

namespace {

/// Adds drift beta s^2/2 F to each position.
CoordinateBatch drifted(const EnergyFunction& energy, const ChainView& from,
                        const std::vector<double>& lengths) {
  const ConstCoordinates x = from.positions;
  std::vector<double> energies(x.n_chains), forces(x.size());
  energy.evaluate(x, energies, forces);
  CoordinateBatch mean(x.n_chains, x.n_atoms);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    const double beta = from.states[c].beta();
    for (std::size_t i = 0; i < x.stride(); ++i) {
      const std::size_t a = c * x.stride() + i;
      const double s = lengths[i / 3];
      mean.values()[a] = x.data[a] + 0.5 * s * s * beta * forces[a];
    }
  }
  return mean;
}

double log_normal_density(Span<const double> x, Span<const double> mean,
                          const std::vector<double>& lengths) {
  const double log_sqrt_two_pi = 0.5 * std::log(kTwoPi);
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double z = (x[i] - mean[i]) / lengths[i / 3];
    sum -= 0.5 * z * z + std::log(lengths[i / 3]) + log_sqrt_two_pi;
  }
  return sum;
}

}  // namespace

ProposalBatch MalaProposal::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  ProposalBatch result(x);
  const CoordinateBatch mean = drifted(*energy_, current, lengths_);
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream stream(key, StreamName::kProposal,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const auto to = result.positions.chain(c);
    const auto m = mean.chain(c);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = m[i] + lengths_[i / 3] * stream.normal();
    result.log_forward[c] = log_normal_density(to, m, lengths_);
  }
  const ChainView there{result.positions.view(), current.states, current.first_chain};
  log_density(x, there, result.log_reverse);
  result.n_energy_evaluations = 2 * x.n_chains;
  return result;
}

void MalaProposal::log_density(ConstCoordinates to, const ChainView& from,
                               Span<double> log_density) const {
  const CoordinateBatch mean = drifted(*energy_, from, lengths_);
  for (std::size_t c = 0; c < to.n_chains; ++c)
    log_density[c] = log_normal_density(to.chain(c), mean.chain(c), lengths_);
}

}  // namespace saltus::engine
