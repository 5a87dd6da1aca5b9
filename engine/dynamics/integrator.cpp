#include "engine/dynamics/integrator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/error.h"
#include "engine/dynamics/block_program_detail.h"
#include "engine/dynamics/constraint_lanes.h"
#include "engine/dynamics/noise_lanes.h"
#include "engine/dynamics/step_lanes.h"
#include "engine/lanes/instruction_set.h"
#include "engine/lanes/lane_blocks.h"

namespace saltus::engine {

namespace {

/// What both programs share.
class ConstrainedProgram : public BlockProgram {
 public:
  ConstrainedProgram(const MovingParticles& particles, const ConstraintTable& constraints,
                     double dt)
      : constraints_(constraints), dt_(dt), n_values_(3 * particles.n_atoms()) {
    fill_values(
        particles, [dt](double mass) { return dt / mass; }, kicks_);
  }

  void begin(MovingBlock& block) const override {
    block.failed.assign(kLaneWidth, 0.0);
    block.reference.resize(constrained() ? block.x.size() : 0);
    for (std::size_t i = 0; i < n_values_; ++i)
      if (kicks_[i] == 0.0)
        std::fill_n(block.v.data() + i * block.layout.stride, block.layout.stride, 0.0);
  }

  void end(MovingBlock& block) const override { project_velocities(block); }

 protected:
  std::size_t n_values() const { return n_values_; }
  bool constrained() const { return !constraints_.empty(); }
  double dt() const { return dt_; }

  /// v += factor dt / m F
  void kick_block(MovingBlock& block, const AlignedVector<double>& factors) const {
    if (block.single.empty())
      kick(block.forces.data(), factors.data(), n_values_, block.layout, block.v.data());
    else
      kick(block.single.data(), factors.data(), n_values_, block.layout, block.v.data());
  }
  const AlignedVector<double>& full_kicks() const { return kicks_; }
  /// Sets what belongs to the values, [3 n_atoms] and zeros as a row has them: of_mass(mass), or 0
  /// for atoms that never move.
  template <class OfMass>
  static void fill_values(const MovingParticles& particles, OfMass of_mass,
                          AlignedVector<double>& values) {
    values.assign(BlockLayout{1, 1}.size(3 * particles.n_atoms()), 0.0);
    for (std::size_t i = 0; i < 3 * particles.n_atoms(); ++i)
      if (const double mass = particles.masses[i / 3]; mass > 0.0) values[i] = of_mass(mass);
  }

  void keep_reference(MovingBlock& block) const {
    if (constrained()) block.reference = block.x;
  }
  /// After a drift of that time from the reference.
  void constrain(double time, MovingBlock& block) const {
    if (constrained())
      constrain_positions(constraints_,
                          {block.reference.data(), 1.0 / time, block.x.data(), block.v.data()},
                          block.layout, block.failed.data());
  }
  void project_velocities(MovingBlock& block) const {
    if (constrained())
      constrain_velocities(constraints_, block.x.data(), block.layout, block.v.data(),
                           block.failed.data());
  }

 private:
  const ConstraintTable& constraints_;
  double dt_;
  std::size_t n_values_;
  AlignedVector<double> kicks_;  ///< of values, dt / m
};

/// Half kicks of neighbouring steps are one: what a kick adds along constraints is taken back with
/// the positions, so that velocities need to be projected at the end only.
class VelocityVerlet : public ConstrainedProgram {
 public:
  /// @param failed  out [B]: chains whose constraints could not be solved
  VelocityVerlet(const MovingParticles& particles, const ConstraintTable& constraints,
                 const VerletSteps& steps, std::vector<char>& failed)
      : ConstrainedProgram(particles, constraints, steps.time_step_ps),
        n_steps_(steps.n_steps),
        failed_(failed) {
    for (double kick : full_kicks()) half_kicks_.push_back(0.5 * kick);
  }

  std::size_t n_evaluations() const override { return n_steps_ + 1; }

  void advance(MovingBlock& block, std::size_t evaluation) const override {
    const bool at_an_end = evaluation == 0 || evaluation == n_steps_;
    const AlignedVector<double>& kicks = at_an_end ? half_kicks_ : full_kicks();
    kick_block(block, kicks);
    kick_by_others(kicks, evaluation, block);
    if (evaluation < n_steps_) drift_for_a_step(block);
  }

  void end(MovingBlock& block) const override {
    project_velocities(block);
    for (std::size_t l = 0; l < block.layout.n_lanes; ++l)
      failed_[block.first_chain + l] = block.failed[l] != 0.0;
  }

 protected:
  /// By what the energy function does not know of; `evaluation` steps are done.
  virtual void kick_by_others(const AlignedVector<double>&, std::size_t, MovingBlock&) const {}
  virtual void drift_for_a_step(MovingBlock& block) const { drift_for(dt(), block); }

  void drift_for(double time, MovingBlock& block) const {
    keep_reference(block);
    drift(block.v.data(), time, n_values(), block.layout, block.x.data());
    constrain(time, block);
  }

 private:
  std::size_t n_steps_;
  std::vector<char>& failed_;
  AlignedVector<double> half_kicks_;
};

class DrivenVerlet final : public VelocityVerlet {
 public:
  /// @param base  what moves chains without turns
  DrivenVerlet(const VelocityVerlet& base, Span<const BondTurn> turns)
      : VelocityVerlet(base), turns_(turns) {}

 private:
  void kick_by_others(const AlignedVector<double>& kicks, std::size_t evaluation,
                      MovingBlock& block) const override {
    for (std::size_t l = 0; l < block.layout.n_lanes; ++l)
      if (const BondTurn& turn = turns_[block.first_chain + l]; turn.stiffness > 0.0)
        kick_by_spring(turn, evaluation, kicks.data(), {l, block.layout.stride}, block.x.data(),
                       block.v.data());
  }
  void drift_for_a_step(MovingBlock& block) const override {
    drift_for(0.5 * dt(), block);
    // What velocities have along constraints would not turn along with them.
    project_velocities(block);
    for (std::size_t l = 0; l < block.layout.n_lanes; ++l)
      turn_lane(turns_[block.first_chain + l], {l, block.layout.stride}, block.x.data(),
                block.v.data());
    drift_for(0.5 * dt(), block);
  }

  Span<const BondTurn> turns_;
};

class LangevinMiddle final : public ConstrainedProgram {
 public:
  LangevinMiddle(const MovingParticles& particles, const ConstraintTable& constraints,
                 const LangevinOptions& options, const ChainView& chains, const StepKey& key)
      : ConstrainedProgram(particles, constraints, options.time_step_ps),
        options_(options),
        states_(chains.states),
        first_chain_(chains.first_chain),
        key_(key),
        keep_(std::exp(-options.friction_per_ps * options.time_step_ps)),
        n_draws_((3 * particles.n_atoms() + 3) / 4) {
    const double lost = 1.0 - keep_ * keep_;
    fill_values(
        particles, [lost](double mass) { return std::sqrt(lost / mass); }, widths_);
    const std::uint64_t max_steps = (std::uint64_t{1} << 32) / std::max<std::size_t>(1, n_draws_);
    if (options.n_steps > max_steps)
      throw InputError("langevin: steps = " + std::to_string(options.n_steps) +
                       " needs more random numbers than one application has; expected at most " +
                       std::to_string(max_steps));
  }

  std::size_t n_evaluations() const override { return options_.n_steps; }

  void begin(MovingBlock& block) const override {
    ConstrainedProgram::begin(block);
    // In a row, whole vectors of draws.
    block.normals.resize(4 * block.layout.size(n_draws_));
    block.sqrt_kt.resize(kLaneWidth);
    for (std::size_t l = 0; l < kLaneWidth; ++l)
      block.sqrt_kt[l] = std::sqrt(
          1.0 / states_[block.first_chain + std::min(l, block.layout.n_lanes - 1)].beta());
  }

  void advance(MovingBlock& block, std::size_t evaluation) const override {
    require_sane(block);
    kick_block(block, full_kicks());
    project_velocities(block);
    const auto first = static_cast<std::uint32_t>(evaluation * n_draws_);
    const StreamStart stream =
        stream_start(key_, StreamName::kLangevinNoise,
                     static_cast<std::uint32_t>(first_chain_ + block.first_chain));
    if (block.layout.is_row())
      draw_normals_of_one(stream, first, n_draws_, block.normals.data());
    else
      draw_normals(stream, first, n_draws_, block.layout.n_lanes, block.normals.data());
    keep_reference(block);
    drift_through_bath({dt(), keep_, widths_.data(), block.sqrt_kt.data(), block.normals.data()},
                       n_values(), block.layout, block.x.data(), block.v.data());
    constrain(dt(), block);
  }

  void end(MovingBlock& block) const override {
    project_velocities(block);
    require_solved(block);
  }

 private:
  void require_sane(const MovingBlock& block) const {
    require_solved(block);
    for (std::size_t l = 0; l < block.layout.n_lanes; ++l)
      if (!std::isfinite(block.energies[l]))
        throw NumericalError("langevin: the energy of chain " +
                             std::to_string(first_chain_ + block.first_chain + l) +
                             " is no longer finite in step " + std::to_string(key_.step) +
                             "; a smaller time_step may help");
  }
  void require_solved(const MovingBlock& block) const {
    for (std::size_t l = 0; l < block.layout.n_lanes; ++l)
      if (block.failed[l] != 0.0)
        throw NumericalError("langevin: the constraints of chain " +
                             std::to_string(first_chain_ + block.first_chain + l) +
                             " can no longer be solved in step " + std::to_string(key_.step) +
                             "; a smaller time_step may help");
  }

  LangevinOptions options_;
  Span<const ThermodynamicState> states_;
  std::uint32_t first_chain_;
  StepKey key_;
  double keep_;
  std::size_t n_draws_;  ///< 128-bit blocks of the stream for each step
  AlignedVector<double> widths_;
};

}  // namespace

Integrator::Integrator(const std::string& source, MovingParticles particles)
    : source_(source), particles_(std::move(particles)) {
  particles_.validate(source);
  constraints_ = ConstraintTable(particles_);
  choose_instruction_set();
}

std::size_t Integrator::degrees_of_freedom() const {
  const auto massless = std::count(particles_.masses.begin(), particles_.masses.end(), 0.0);
  return 3 * (n_atoms() - static_cast<std::size_t>(massless)) - particles_.constraints.size();
}

double Integrator::kinetic_energy(Span<const double> velocities) const {
  double twice = 0.0;
  for (std::size_t i = 0; i < velocities.size(); ++i)
    twice += particles_.masses[i / 3] * velocities[i] * velocities[i];
  return 0.5 * twice;
}

void Integrator::refresh_velocities(ChainBatch& chains, double keep, StreamName name,
                                    const StepKey& key, ThreadPool* pool) const {
  const double noise = std::sqrt(1.0 - keep * keep);
  const auto refresh = [&](std::size_t c) {
    RandomStream stream(key, name, chains.number_of(c));
    const double kt = 1.0 / chains.states[c].beta();
    const auto v = chains.velocities.chain(c);
    for (std::size_t i = 0; i < v.size(); ++i)
      if (const double mass = particles_.masses[i / 3]; mass > 0.0)
        v[i] = keep * v[i] + noise * std::sqrt(kt / mass) * stream.normal();
  };
  for_each_run_of_blocks(pool, count_blocks(chains.n_chains()),
                         [&](std::size_t first, std::size_t last) {
                           const std::size_t end = std::min(chains.n_chains(), last * kLaneWidth);
                           for (std::size_t c = first * kLaneWidth; c < end; ++c) refresh(c);
                         });
  project_velocities(chains.positions, chains.velocities);
}

std::vector<double> Integrator::velocity_verlet(CoordinateBatch& x, CoordinateBatch& v,
                                                const EnergyFunction& energy, double dt,
                                                std::size_t n_steps) const {
  std::vector<char> failed(x.n_chains());
  return run_verlet(VelocityVerlet(particles_, constraints_, {dt, n_steps}, failed), failed, energy,
                    x, v);
}

std::vector<double> Integrator::driven_verlet(CoordinateBatch& x, CoordinateBatch& v,
                                              const EnergyFunction& energy,
                                              const VerletSteps& steps,
                                              Span<const BondTurn> turns) const {
  std::vector<char> failed(x.n_chains());
  return run_verlet(DrivenVerlet(VelocityVerlet(particles_, constraints_, steps, failed), turns),
                    failed, energy, x, v);
}

std::vector<double> Integrator::run_verlet(const BlockProgram& program,
                                           const std::vector<char>& failed,
                                           const EnergyFunction& energy, CoordinateBatch& x,
                                           CoordinateBatch& v) const {
  require_on_constraints(x);
  std::vector<double> energies(x.n_chains());
  run_program(program, energy, x, v, energies);
  place_sites(x);
  for (std::size_t c = 0; c < energies.size(); ++c)
    if (failed[c]) energies[c] = std::numeric_limits<double>::infinity();
  return energies;
}

void Integrator::require_turns_keep(const BondTurn& turn) const {
  enum class Side { kOther, kPivot, kMoving };
  std::vector<Side> sides(n_atoms(), Side::kOther);
  const std::string bond = "the bond of atoms " + std::to_string(turn.axis_from) + " and " +
                           std::to_string(turn.axis_to);
  for (const std::size_t atom : turn.moving) {
    sides.at(atom) = Side::kMoving;
    if (particles_.masses[atom] == 0.0)
      throw InputError(source_ + ": atom " + std::to_string(atom) +
                       " has mass 0 and never moves, but would turn about " + bond +
                       "; give it a mass or turn another bond");
  }
  sides.at(turn.axis_to) = Side::kPivot;
  const auto is_the_bond = [&](const Constraint& constraint) {
    return std::minmax(constraint.i, constraint.j) == std::minmax(turn.axis_from, turn.axis_to);
  };
  for (const Constraint& constraint : particles_.constraints) {
    const Side i = sides[constraint.i], j = sides[constraint.j];
    if ((i == Side::kOther) != (j == Side::kOther) && !is_the_bond(constraint))
      throw InputError(source_ + ": atoms " + std::to_string(constraint.i) + " and " +
                       std::to_string(constraint.j) + " are held at a fixed distance across " +
                       bond +
                       ", which then cannot be turned; constrain bonds only, or turn "
                       "another bond");
  }
}

void Integrator::langevin_middle(ChainBatch& chains, const EnergyFunction& energy,
                                 const LangevinOptions& options, const StepKey& key) const {
  require_on_constraints(chains.positions);
  run_program(LangevinMiddle(particles_, constraints_, options, chains.view(), key), energy,
              chains.positions, chains.velocities, {});
  place_sites(chains.positions);
}

void draw_velocities(ChainBatch& chains, const MovingParticles& particles, const StepKey& key) {
  Integrator("velocities", particles).refresh_velocities(chains, 0.0, StreamName::kVelocities, key);
}

}  // namespace saltus::engine
