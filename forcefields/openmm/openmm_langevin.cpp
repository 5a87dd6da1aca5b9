#include "forcefields/openmm/openmm_langevin.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "forcefields/openmm/plain_dynamics.h"

namespace saltus::forcefields {

struct OpenMMLangevin::Implementation {
  const engine::System system;
  const OpenMMLangevinOptions options;
  std::mutex mutex;
  /// A Context, made with the first positions; keeps nothing from one application to the next.
  std::optional<PlainDynamics> dynamics = std::nullopt;

  PlainDynamics& dynamics_at(engine::Span<const double> positions) {
    if (!dynamics) {
      PlainDynamicsOptions plain;
      plain.platform = options.platform;
      plain.time_step_ps = options.time_step_ps;
      plain.friction_per_ps = options.friction_per_ps;
      plain.constraint_tolerance = options.constraint_tolerance;
      dynamics.emplace(system, positions, plain);
    }
    return *dynamics;
  }
};

OpenMMLangevin::OpenMMLangevin(const engine::System& system, const OpenMMLangevinOptions& options)
    : implementation_(new Implementation{system, options, {}}) {
  if (options.n_steps < 1 || options.n_steps > std::numeric_limits<int>::max())
    throw engine::InputError("openmm_langevin: steps is " + std::to_string(options.n_steps) +
                             ", expected at least 1 and at most " +
                             std::to_string(std::numeric_limits<int>::max()));
}

OpenMMLangevin::~OpenMMLangevin() = default;

engine::TransitionInfo OpenMMLangevin::apply(engine::ChainBatch& chains,
                                             const engine::TargetDensity& target,
                                             const engine::StepKey& key) const {
  const double start = engine::process_cpu_seconds();
  const std::size_t n = chains.n_chains();
  const OpenMMLangevinOptions& options = implementation_->options;
  {
    const std::lock_guard<std::mutex> lock(implementation_->mutex);
    for (std::size_t c = 0; c < n; ++c) {
      const auto x = chains.positions.chain(c);
      const auto v = chains.velocities.chain(c);
      DynamicsState state{{x.begin(), x.end()}, {v.begin(), v.end()}, std::nullopt};
      if (!chains.positions.boxes().empty()) state.box = chains.positions.boxes()[c];
      // OpenMM takes positive 32-bit seeds.
      constexpr std::uint64_t kSeeds = 1u << 30;
      engine::RandomStream seeds(key, engine::StreamName::kLangevinNoise,
                                 static_cast<std::uint32_t>(c));
      const int seed = static_cast<int>(1 + seeds.below(kSeeds));
      try {
        implementation_->dynamics_at(state.positions)
            .run(state, chains.states[c].temperature_K, seed, static_cast<int>(options.n_steps));
      } catch (const engine::NumericalError& error) {
        throw engine::NumericalError("openmm_langevin: chain " + std::to_string(c) + ": " +
                                     error.what());
      }
      std::copy(state.positions.begin(), state.positions.end(), x.begin());
      std::copy(state.velocities.begin(), state.velocities.end(), v.begin());
    }
  }
  target.refresh(chains);

  engine::MoveRecord record;
  record.name = name();
  record.outcomes.assign(n, engine::Outcome::kAccepted);
  record.log_ratios.assign(n, std::numeric_limits<double>::quiet_NaN());
  record.n_energy_evaluations = n * (options.n_steps + 1);
  record.cpu_seconds = engine::process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::forcefields
