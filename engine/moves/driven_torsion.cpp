#include "engine/moves/driven_torsion.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/moves/hamiltonian.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

namespace {

void require_options(const DrivenTorsionOptions& options) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw InputError("driven_torsion: " + what);
  };
  require(options.steps.time_step_ps > 0.0 && std::isfinite(options.steps.time_step_ps),
          "time_step must be positive and finite");
  require(options.steps.n_steps > 0, "steps must be at least 1");
  require(options.width_rad > 0.0 && std::isfinite(options.width_rad),
          "width must be positive and finite");
  require(options.stiffness >= 0.0 && std::isfinite(options.stiffness),
          "stiffness must not be negative");
}

double draw_change(const DrivenTorsionOptions& options, RandomStream& stream) {
  switch (options.change) {
    case TorsionChange::kHalfTurn:
      return stream.uniform() < 0.5 ? kPi : -kPi;
    case TorsionChange::kWalk:
      return options.width_rad * stream.normal();
    case TorsionChange::kUniform:
      return kPi * (2.0 * stream.uniform() - 1.0);
  }
  throw InternalError("driven_torsion: unknown change");
}

}  // namespace

DrivenTorsion::DrivenTorsion(std::vector<RotatableTorsion> torsions, MovingParticles particles,
                             const DrivenTorsionOptions& options)
    : torsions_(std::move(torsions)),
      options_(options),
      integrator_("driven_torsion", std::move(particles)) {
  if (torsions_.empty()) throw InputError("driven_torsion: there is no torsion to turn");
  require_options(options_);
  const auto is_site = [this](std::size_t atom) {
    const auto& sites = integrator_.particles().virtual_sites;
    return std::any_of(sites.begin(), sites.end(),
                       [atom](const VirtualSite& site) { return site.site == atom; });
  };
  for (RotatableTorsion& torsion : torsions_) {
    std::vector<std::size_t>& moving = torsion.bond.moving;
    moving.erase(std::remove_if(moving.begin(), moving.end(), is_site), moving.end());
    const auto moves = [&](std::size_t atom) {
      return std::find(moving.begin(), moving.end(), atom) != moving.end();
    };
    if (!moves(torsion.last) || moves(torsion.first))
      throw InputError(
          "driven_torsion: the last of a torsion's atoms must turn, the first must "
          "not, but they are " +
          std::to_string(torsion.first) + " and " + std::to_string(torsion.last));
    BondTurn turn;
    turn.axis_from = torsion.bond.axis_from;
    turn.axis_to = torsion.bond.axis_to;
    turn.moving = moving;
    integrator_.require_turns_keep(turn);
  }
}

BondTurn DrivenTorsion::draw_turn(const ChainBatch& chains, std::size_t c,
                                  const StepKey& key) const {
  const std::uint32_t chain = chains.number_of(c);
  const RotatableTorsion& torsion =
      torsions_[RandomStream(key, StreamName::kTorsionChoice, chain).below(torsions_.size())];
  RandomStream stream(key, StreamName::kProposal, chain);
  BondTurn turn;
  turn.axis_from = torsion.bond.axis_from;
  turn.axis_to = torsion.bond.axis_to;
  turn.moving = torsion.bond.moving;
  turn.angle_rad = draw_change(options_, stream) / static_cast<double>(options_.steps.n_steps);
  turn.first = torsion.first;
  turn.last = torsion.last;
  turn.stiffness = options_.stiffness;
  if (turn.stiffness > 0.0)
    turn.center_rad = torsion_angle(chains.positions.chain(c), turn.first, turn.axis_from,
                                    turn.axis_to, turn.last) +
                      draw_deviation(chains.states[c].beta() * turn.stiffness, stream);
  return turn;
}

std::vector<bool> DrivenTorsion::turns_far(const ChainBatch& chains, const StepKey& key) const {
  const bool walks = options_.change == TorsionChange::kWalk;
  const double far = walks ? std::min(kFarTurn_rad, options_.width_rad) : kFarTurn_rad;
  std::vector<bool> result;
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    result.push_back(std::abs(draw_turn(chains, c, key).angle_rad) *
                         static_cast<double>(options_.steps.n_steps) >=
                     far);
  return result;
}

TransitionInfo DrivenTorsion::apply(ChainBatch& chains, const TargetDensity& target,
                                    const StepKey& key) const {
  const double start = process_cpu_seconds();
  if (integrator_.n_atoms() != chains.n_atoms())
    throw InternalError("driven_torsion: masses and chains have different atom counts");
  require_finite_energies(chains, name(), key);
  integrator_.refresh_velocities(chains, 0.0, StreamName::kMomentumRefresh, key);
  std::vector<BondTurn> turns;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) turns.push_back(draw_turn(chains, c, key));

  TrajectoryEnds ends;
  ends.positions = chains.positions;
  ends.velocities = chains.velocities;
  ends.guide_energies = integrator_.driven_verlet(
      ends.positions, ends.velocities, require_guide(target, name()), options_.steps, turns);
  // The spring is one more degree of freedom that was drawn: it counts as kinetic energies do.
  const auto drawn_energy = [&](const CoordinateBatch& x, const CoordinateBatch& v, std::size_t c,
                                std::size_t n_steps) {
    return integrator_.kinetic_energy(v.chain(c)) + spring_energy(turns[c], n_steps, x.chain(c));
  };
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    ends.kinetic_before.push_back(drawn_energy(chains.positions, chains.velocities, c, 0));
    ends.kinetic_after.push_back(
        drawn_energy(ends.positions, ends.velocities, c, options_.steps.n_steps));
  }
  MoveRecord record = accept_trajectories(name(), std::move(ends), target, key, chains);
  record.n_energy_evaluations = chains.n_chains() * (options_.steps.n_steps + 1);
  record.cpu_seconds = process_cpu_seconds() - start;
  return {{std::move(record)}};
}

}  // namespace saltus::engine
