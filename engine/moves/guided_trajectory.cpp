#include "engine/moves/guided_trajectory.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("guided trajectory: " + what);
}

}  // namespace

GuidedTrajectory::GuidedTrajectory(std::shared_ptr<const EnergyFunction> guide,
                                   MovingParticles particles, const HamiltonianOptions& options)
    : guide_(std::move(guide)),
      options_(options),
      integrator_("guided trajectory", std::move(particles)) {
  if (!guide_) throw InternalError("guided trajectory: missing energy");
  require(integrator_.particles().constraints.empty(), "constraints are not supported");
  require(guide_->n_atoms() == integrator_.n_atoms(),
          "the guide is of " + std::to_string(guide_->n_atoms()) + " atoms, there are " +
              std::to_string(integrator_.n_atoms()) + " masses");
  require_trajectory_options("guided trajectory", options_);
  require(options_.friction_per_ps == 0.0, "friction must be 0: momenta are always fresh");
}

ProposalBatch GuidedTrajectory::sample(const ChainView& current, const StepKey& key) const {
  const ConstCoordinates x = current.positions;
  if (x.n_atoms != integrator_.n_atoms())
    throw InternalError("guided trajectory: masses and chains have different atom counts");
  ProposalBatch result(x.n_chains, x.n_atoms);
  std::copy(x.data, x.data + x.size(), result.positions.values().begin());

  CoordinateBatch v(x.n_chains, x.n_atoms);
  const auto log_momenta = [&](std::size_t c) {
    return -current.states[c].beta() * integrator_.kinetic_energy(v.chain(c));
  };
  const std::vector<double>& masses = integrator_.particles().masses;
  for (std::size_t c = 0; c < x.n_chains; ++c) {
    RandomStream random(key, StreamName::kMomentumRefresh,
                        current.first_chain + static_cast<std::uint32_t>(c));
    const double kt = 1.0 / current.states[c].beta();
    const auto row = v.chain(c);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (masses[i / 3] > 0.0) row[i] = std::sqrt(kt / masses[i / 3]) * random.normal();
    result.log_forward[c] = log_momenta(c);
  }
  const std::size_t n_steps = trajectory_length(options_, key);
  const std::vector<double> energies =
      integrator_.velocity_verlet(result.positions, v, *guide_, options_.time_step_ps, n_steps);
  for (std::size_t c = 0; c < x.n_chains; ++c)
    result.log_reverse[c] =
        std::isfinite(energies[c]) ? log_momenta(c) : -std::numeric_limits<double>::infinity();
  result.energy_evaluations = x.n_chains * (n_steps + 1);
  return result;
}

}  // namespace saltus::engine
