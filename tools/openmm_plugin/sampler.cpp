#include "tools/openmm_plugin/sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/finite.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/tuning/protocol_tuner.h"
#include "tools/openmm_plugin/parameters.h"
#include "tools/openmm_plugin/proposals.h"

namespace saltus::openmm_plugin {

namespace {

/// Positions closer to the constraints than this, nm, are on them.
constexpr double kOnConstraints_nm = 1e-9;

engine::ReferenceMeasure measure_for(const engine::System& parameters) {
  return parameters.constraints.empty() ? engine::ReferenceMeasure::kCartesian
                                        : engine::ReferenceMeasure::kConstraintSurface;
}

bool is_on_constraints(const engine::System& parameters, engine::Span<const double> x) {
  return std::all_of(parameters.constraints.begin(), parameters.constraints.end(),
                     [&](const engine::Constraint& c) {
                       const std::size_t i = 3 * c.i, j = 3 * c.j;
                       const double length =
                           std::hypot(x[i] - x[j], x[i + 1] - x[j + 1], x[i + 2] - x[j + 2]);
                       return std::abs(length - c.distance_nm) <= kOnConstraints_nm;
                     });
}

/// Whether a force of the System stops its centre of mass.
bool removes_drift(const OpenMM::System& system) {
  for (int n = 0; n < system.getNumForces(); ++n)
    if (dynamic_cast<const OpenMM::CMMotionRemover*>(&system.getForce(n)) != nullptr) return true;
  return false;
}

/// True as long as it lives.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  ~Flag() { flag_ = false; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

 private:
  bool& flag_;
};

bool equal(engine::Span<const double> a, engine::Span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

double kinetic_energy(OpenMM::ContextImpl& context) {
  std::vector<OpenMM::Vec3> velocities;
  context.getVelocities(velocities);
  double twice = 0.0;
  for (std::size_t i = 0; i < velocities.size(); ++i)
    twice +=
        context.getSystem().getParticleMass(static_cast<int>(i)) * velocities[i].dot(velocities[i]);
  return 0.5 * twice;
}

Sampler::Sampler(OpenMM::ContextImpl& context, const Settings& settings, int force_groups,
                 double time_step_ps)
    : context_(context),
      settings_(settings),
      time_step_ps_(time_step_ps),
      parameters_(read_parameters(context.getSystem())),
      particles_("SaltusIntegrator", moving_particles(parameters_)),
      energy_(std::make_shared<ContextEnergy>(context, force_groups)),
      target_(energy_, measure_for(parameters_)),
      chain_(1, parameters_.n_atoms(), {settings.temperature_K}),
      drift_is_removed_(removes_drift(context.getSystem())) {
  require_one_temperature();
  synchronise();
  moves_ = build_moves(task(settings_));
}

MoveTask Sampler::task(const Settings& settings) const {
  const auto& boxes = chain_.positions.boxes();
  return {settings,
          parameters_,
          chain_.positions.chain(0),
          boxes.empty() ? nullptr : boxes.data(),
          target_.measure(),
          time_step_ps_};
}

engine::StepKey Sampler::key(std::uint64_t number) const {
  return {static_cast<std::uint64_t>(static_cast<std::uint32_t>(settings_.seed)), number};
}

void Sampler::require_one_temperature() const {
  for (const std::string& name : {OpenMM::MonteCarloBarostat::Temperature(),
                                  OpenMM::MonteCarloAnisotropicBarostat::Temperature(),
                                  OpenMM::MonteCarloMembraneBarostat::Temperature(),
                                  OpenMM::AndersenThermostat::Temperature()}) {
    const auto found = context_.getParameters().find(name);
    if (found == context_.getParameters().end()) continue;
    if (std::abs(found->second - settings_.temperature_K) > 1e-6 * settings_.temperature_K)
      throw engine::InputError("the System's " + name + " is " + std::to_string(found->second) +
                               " K, that of the SaltusIntegrator " +
                               std::to_string(settings_.temperature_K) +
                               " K: one distribution has one temperature");
  }
}

void Sampler::renew_drift(const engine::StepKey& key) {
  const std::vector<double>& masses = parameters_.masses;
  const double mass = std::accumulate(masses.begin(), masses.end(), 0.0);
  const double width = std::sqrt(engine::kGasConstant * settings_.temperature_K / mass);
  engine::RandomStream stream(key, engine::StreamName::kVelocities, 0);
  const engine::Span<double> v = chain_.velocities.chain(0);
  for (std::size_t d = 0; d < 3; ++d) {
    double momentum = 0.0;
    for (std::size_t i = 0; i < masses.size(); ++i) momentum += masses[i] * v[3 * i + d];
    const double change = width * stream.normal() - momentum / mass;
    for (std::size_t i = 0; i < masses.size(); ++i)
      if (masses[i] > 0.0) v[3 * i + d] += change;
  }
}

void Sampler::read() {
  std::vector<double> x(chain_.positions.values().size());
  context_.getPositions(buffer_);
  to_flat(buffer_, x);
  if (!equal(x, chain_.positions.chain(0))) {
    if (!engine::all_finite(x))
      throw engine::NumericalError("positions of the Context are not finite (NaN)");
    chain_.positions.values() = x;
    is_stale_ = true;
  }
  if (target_.guide()->box_needs().needed) {
    const engine::Box box = box_of(context_);
    if (chain_.positions.boxes().empty() || !(chain_.positions.boxes()[0] == box)) {
      chain_.positions.set_boxes({box});
      is_stale_ = true;
    }
  }
  context_.getVelocities(buffer_);
  to_flat(buffer_, chain_.velocities.chain(0));
  if (!engine::all_finite(chain_.velocities.chain(0)))
    throw engine::NumericalError("velocities of the Context are not finite (NaN)");
  if (!is_on_constraints(parameters_, chain_.positions.chain(0))) {
    particles_.project_positions(chain_.positions);
    is_stale_ = true;
  }
}

void Sampler::write() {
  to_vectors(chain_.positions.chain(0), buffer_);
  context_.setPositions(buffer_);
  if (!parameters_.virtual_sites.empty()) context_.computeVirtualSites();
  to_vectors(chain_.velocities.chain(0), buffer_);
  context_.setVelocities(buffer_);
}

void Sampler::synchronise() {
  const Flag flag(is_moving_);
  read();
}

void Sampler::refresh() {
  read();
  if (is_stale_) {
    energy_->forget();
    target_.refresh(chain_);
  }
  is_stale_ = true;  // should what follows fail
}

engine::TransitionInfo Sampler::move(std::uint64_t number) {
  const Flag flag(is_moving_);
  // Barostats and whatever else acts between steps; they may leave anything changed.
  if (context_.updateContextState()) is_stale_ = true;
  refresh();
  if (drift_is_removed_) renew_drift(key(number));
  engine::TransitionInfo info = moves_.mixture->apply(chain_, target_, key(number));
  write();
  is_stale_ = false;
  for (const engine::MoveRecord& record : info.records) {
    const auto duration = moves_.durations_ps.find(record.name);
    if (duration != moves_.durations_ps.end())
      context_.setTime(context_.getTime() + duration->second);
  }
  context_.setStepCount(context_.getStepCount() + 1);
  return info;
}

engine::ProtocolChoice Sampler::try_steps(const StepsTrial& trial, std::uint64_t number) {
  const Flag flag(is_moving_);
  refresh();
  const SaltusMove& move = settings_.moves.at(trial.move);
  const auto candidate = [&](int steps, const std::string& name) {
    SaltusMove driven = move;
    driven.steps = steps;
    const auto made = make_driven_torsion(driven, task(settings_));
    return engine::ProtocolCandidate{
        name, made, [made](const engine::ChainBatch& chains, const engine::StepKey& drive) {
          return made->turns_far(chains, drive);
        }};
  };
  engine::ProtocolTask trials;
  trials.move = move.kind;
  trials.n_drives = trial.n_trials;
  trials.at_once = candidate(1, "at once");
  for (const int steps : trial.steps)
    trials.candidates.push_back(
        candidate(steps, std::to_string(steps) + (steps == 1 ? " step" : " steps")));
  Settings others = settings_;
  others.moves.erase(others.moves.begin() + static_cast<std::ptrdiff_t>(trial.move));
  if (!others.moves.empty()) trials.between = build_moves(task(others)).mixture;
  // Parts of moves have the numbers before.
  const auto part = static_cast<std::uint32_t>(settings_.moves.size());
  if (drift_is_removed_) renew_drift(key(number));
  engine::ProtocolChoice choice =
      engine::choose_protocol(trials, chain_, target_, key(number).child(part));
  write();
  return choice;
}

void Sampler::forget_energy() {
  if (!is_moving_) is_stale_ = true;
}

}  // namespace saltus::openmm_plugin
