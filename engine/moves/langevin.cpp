#include "engine/moves/langevin.h"

#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("langevin: " + what);
}

}  // namespace

Langevin::Langevin(LangevinOptions options, MovingParticles particles)
    : options_(options), integrator_("langevin", std::move(particles)) {
  require(options_.time_step_ps > 0.0 && std::isfinite(options_.time_step_ps),
          "time_step must be positive and finite");
  require(options_.friction_per_ps >= 0.0 && std::isfinite(options_.friction_per_ps),
          "friction must not be negative");
  require(options_.n_steps > 0, "steps must be at least 1");
}

TransitionInfo Langevin::apply(ChainBatch& chains, const TargetDensity& target,
                               const StepKey& key) const {
  const double start = process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  if (integrator_.n_atoms() != chains.n_atoms())
    throw InternalError("langevin: masses and chains have different atom counts");
  integrator_.langevin_middle(chains, require_guide(target, name()), options_, key);
  target.refresh(chains);

  MoveRecord record;
  record.name = name();
  record.outcomes.assign(n, Outcome::kAccepted);
  record.log_ratios.assign(n, std::numeric_limits<double>::quiet_NaN());
  record.n_energy_evaluations = n * (options_.n_steps + 1);
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
