#include "forcefields/openmm/plain_dynamics.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/moves/move.h"
#include "forcefields/openmm/openmm_detail.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields {

namespace {

/// The Reference platform's random numbers come from one generator per process without a lock.
std::mutex& reference_random_mutex() {
  static std::mutex mutex;
  return mutex;
}

void require(bool condition, const std::string& option, const std::string& expected) {
  if (!condition) throw engine::InputError("plain dynamics: " + option + ", expected " + expected);
}

void check_options(const PlainDynamicsOptions& options, std::size_t n_atoms,
                   engine::Span<const double> start) {
  require(std::isfinite(options.temperature_K) && options.temperature_K > 0.0,
          "temperature_K is " + std::to_string(options.temperature_K), "a number above 0");
  require(std::isfinite(options.time_step_ps) && options.time_step_ps > 0.0,
          "time_step_ps is " + std::to_string(options.time_step_ps), "a number above 0");
  require(std::isfinite(options.friction_per_ps) && options.friction_per_ps >= 0.0,
          "friction_per_ps is " + std::to_string(options.friction_per_ps), "a number >= 0");
  require(options.constraint_tolerance > 0.0 && options.constraint_tolerance < 1.0,
          "constraint_tolerance is " + std::to_string(options.constraint_tolerance),
          "a number between 0 and 1");
  require(options.seed >= 1, "seed is " + std::to_string(options.seed),
          "1 or more (OpenMM takes 0 for a seed of its own choice)");
  require(start.size() == 3 * n_atoms,
          "the start has " + std::to_string(start.size()) + " coordinates",
          std::to_string(3 * n_atoms) + ", three for each atom");
  require(engine::all_finite(start), "the start has a coordinate that is not finite",
          "finite numbers");
}

}  // namespace

struct PlainDynamics::Implementation {
  Implementation(const engine::System& description, const PlainDynamicsOptions& options)
      : system(detail::to_openmm(description)),
        integrator(options.temperature_K, options.friction_per_ps, options.time_step_ps),
        shares_random_stream(options.platform.name == "Reference") {
    integrator.setRandomNumberSeed(options.seed);
    integrator.setConstraintTolerance(options.constraint_tolerance);
    const auto lock = lock_random_stream();
    context = detail::make_context(*system, integrator, options.platform);
  }

  std::unique_lock<std::mutex> lock_random_stream() const {
    return shares_random_stream ? std::unique_lock<std::mutex>(reference_random_mutex())
                                : std::unique_lock<std::mutex>();
  }

  /// OpenMM takes another seed only while it makes its kernels.
  void start_from(const DynamicsState& state, double temperature_K, int seed) {
    detail::translate_errors<engine::InputError>("plain dynamics", [&] {
      integrator.setTemperature(temperature_K);
      integrator.setRandomNumberSeed(seed);
      context->reinitialize();
      if (state.box) detail::set_box(*state.box, *context);
      std::vector<OpenMM::Vec3> vectors;
      detail::to_vec3(state.positions, vectors);
      context->setPositions(vectors);
      context->computeVirtualSites();
      detail::to_vec3(state.velocities, vectors);
      context->setVelocities(vectors);
    });
  }

  void step(int n) {
    require(n >= 1, "asked for " + std::to_string(n) + " steps", "1 or more");
    detail::translate_errors<engine::NumericalError>("plain dynamics", [&] { integrator.step(n); });
    for (const OpenMM::Vec3& r : context->getState(OpenMM::State::Positions).getPositions())
      if (!std::isfinite(r[0] + r[1] + r[2]))
        throw engine::NumericalError(
            "plain dynamics: a position is no longer a finite number; use a smaller time step, or "
            "minimise the start");
  }

  std::unique_ptr<OpenMM::System> system;
  OpenMM::LangevinMiddleIntegrator integrator;
  std::unique_ptr<OpenMM::Context> context;
  bool shares_random_stream;
};

PlainDynamics::PlainDynamics(const engine::System& system, engine::Span<const double> start,
                             const PlainDynamicsOptions& options) {
  check_options(options, system.n_atoms(), start);
  implementation_ = std::make_unique<Implementation>(system, options);
  detail::translate_errors<engine::InputError>("start of plain dynamics", [&] {
    std::vector<OpenMM::Vec3> positions;
    detail::to_vec3(start, positions);
    const auto lock = implementation_->lock_random_stream();
    implementation_->context->setPositions(positions);
    implementation_->context->computeVirtualSites();
    implementation_->context->applyConstraints(options.constraint_tolerance);
    implementation_->context->setVelocitiesToTemperature(options.temperature_K, options.seed);
  });
}

PlainDynamics::~PlainDynamics() = default;

namespace {

void check_coordinates(engine::Span<const double> values, int n_atoms, const std::string& what) {
  const auto wanted = static_cast<std::size_t>(n_atoms) * 3;
  require(values.size() == wanted, "got " + std::to_string(values.size()) + " " + what,
          std::to_string(wanted) + ", three for each atom");
  require(engine::all_finite(values), "one of the " + what + " is not finite", "finite numbers");
}

}  // namespace

void PlainDynamics::set_velocities(engine::Span<const double> velocities) {
  check_coordinates(velocities, implementation_->system->getNumParticles(), "velocities");
  detail::translate_errors<engine::InputError>("velocities of plain dynamics", [&] {
    std::vector<OpenMM::Vec3> vectors;
    detail::to_vec3(velocities, vectors);
    implementation_->context->setVelocities(vectors);
  });
}

void PlainDynamics::step(int n) {
  const auto lock = implementation_->lock_random_stream();
  implementation_->step(n);
}

void PlainDynamics::run(DynamicsState& state, double temperature_K, int seed, int n) {
  const int n_atoms = implementation_->system->getNumParticles();
  check_coordinates(state.positions, n_atoms, "positions");
  check_coordinates(state.velocities, n_atoms, "velocities");
  require(seed >= 1, "seed is " + std::to_string(seed), "1 or more");
  const auto lock = implementation_->lock_random_stream();
  implementation_->start_from(state, temperature_K, seed);
  implementation_->step(n);
  state.positions = positions();
  state.velocities = velocities();
}

std::vector<double> PlainDynamics::positions() const {
  return detail::translate_errors<engine::NumericalError>("plain dynamics", [&] {
    return detail::to_flat(
        implementation_->context->getState(OpenMM::State::Positions).getPositions());
  });
}

std::vector<double> PlainDynamics::velocities() const {
  return detail::translate_errors<engine::NumericalError>("plain dynamics", [&] {
    return detail::to_flat(
        implementation_->context->getState(OpenMM::State::Velocities).getVelocities());
  });
}

double PlainDynamics::potential_energy() const {
  return detail::translate_errors<engine::NumericalError>("plain dynamics", [&] {
    return implementation_->context->getState(OpenMM::State::Energy).getPotentialEnergy();
  });
}

namespace {

double steps_per_cpu_second(PlainDynamics& dynamics) {
  constexpr int kWarmUpSteps = 20, kFirstSteps = 20;
  constexpr double kEnoughSeconds = 0.1;
  dynamics.step(kWarmUpSteps);
  // Doubling keeps the overhead of each call out of the figure.
  for (int steps = kFirstSteps;; steps *= 2) {
    const double before = engine::process_cpu_seconds();
    dynamics.step(steps);
    const double seconds = engine::process_cpu_seconds() - before;
    if (seconds >= kEnoughSeconds) return steps / seconds;
  }
}

}  // namespace

std::vector<PlatformSpeed> time_platforms(const engine::System& system,
                                          engine::Span<const double> start, double time_step_ps) {
  std::vector<PlatformSpeed> speeds;
  const std::vector<std::string> available = openmm_platforms();
  for (const char* name : {"Reference", "CPU"}) {
    if (std::find(available.begin(), available.end(), name) == available.end()) continue;
    PlainDynamicsOptions options;
    options.platform.name = name;
    options.platform.threads = options.platform.name == "CPU" ? 1 : 0;
    options.time_step_ps = time_step_ps;
    PlainDynamics dynamics(system, start, options);
    speeds.push_back({name, steps_per_cpu_second(dynamics)});
  }
  std::sort(speeds.begin(), speeds.end(), [](const PlatformSpeed& a, const PlatformSpeed& b) {
    return a.steps_per_cpu_second > b.steps_per_cpu_second;
  });
  return speeds;
}

}  // namespace saltus::forcefields
