#pragma once

#include <OpenMM.h>
#include <openmm/internal/ContextImpl.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/dynamics/integrator.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/move.h"
#include "engine/run/protocol_choice.h"
#include "engine/system/system.h"
#include "tools/openmm_plugin/build_moves.h"
#include "tools/openmm_plugin/context_energy.h"
#include "tools/openmm_plugin/settings.h"

namespace saltus::openmm_plugin {

/// Numbers of steps that a driven torsion is tried with.
struct StepsTrial {
  std::size_t move = 0;
  std::vector<int> steps;
  std::size_t n_trials = 0;  ///< of each
};

/// Moves the one chain that a Context is. Between moves the chain and the Context hold the same
/// positions and velocities; what others change in the Context is noticed before the next move.
class Sampler {
 public:
  /// @param context       must outlive this, with positions set
  /// @param settings      must outlive this, unchanged
  /// @param force_groups  bits of the forces that are sampled
  /// @throws InputError, FileError, ModelError  as build_moves; InputError when a barostat or
  ///                     thermostat of the System has another temperature
  Sampler(OpenMM::ContextImpl& context, const Settings& settings, int force_groups,
          double time_step_ps);

  /// Looks at the Context, whatever has become of it.
  void synchronise();
  /// One move. Draws by the number of the move.
  /// @throws NumericalError  when positions or energy are not finite, a stretch of Langevin
  /// dynamics
  ///                         blows up, or constraints cannot be solved
  engine::TransitionInfo move(std::uint64_t number);
  /// Drives a torsion with several numbers of steps, on copies of the chain, which the other moves
  /// take from one trial to the next (engine::choose_protocol), or drives themselves when there are
  /// none.
  /// @param number  of the next move, for random numbers
  engine::ProtocolChoice try_steps(const StepsTrial& trial, std::uint64_t number);
  /// The energy is to be computed anew: parameters of the Context have changed.
  void forget_energy();

 private:
  void require_one_temperature() const;
  /// A new velocity of the centre of mass from its Maxwell distribution, which a CMMotionRemover
  /// has stopped: moves that keep velocities would find it cold, and where forces hold the system
  /// in place, positions with it.
  void renew_drift(const engine::StepKey& key);
  void read();
  void write();

  MoveTask task(const Settings& settings) const;
  /// Positions and energy are those of the Context.
  void refresh();
  engine::StepKey key(std::uint64_t number) const;

  OpenMM::ContextImpl& context_;
  const Settings& settings_;
  double time_step_ps_;
  engine::System parameters_;
  engine::Integrator particles_;
  std::shared_ptr<ContextEnergy> energy_;
  engine::Canonical target_;
  engine::ChainBatch chain_;
  BuiltMoves moves_;
  bool drift_is_removed_;   ///< by the System
  bool is_stale_ = true;    ///< the chain's energy is not that of its positions
  bool is_moving_ = false;  ///< changes of the Context are this sampler's own
  std::vector<OpenMM::Vec3> buffer_;
};

/// sum m v^2 / 2 of a Context, kJ/mol.
double kinetic_energy(OpenMM::ContextImpl& context);

}  // namespace saltus::openmm_plugin
