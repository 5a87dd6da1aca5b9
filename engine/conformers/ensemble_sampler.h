#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/conformers/stereo_check.h"
#include "engine/ensemble/conformer_ensemble.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/move.h"
#include "engine/system/coordinates.h"
#include "engine/system/system.h"
#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "engine/torsions/torsion_reset.h"

namespace saltus::engine {

/// How the Boltzmann ensemble of one molecule is sampled.
struct EnsembleOptions {
  double temperature_K = 300.0;
  double hottest_K = 1200.0;
  std::size_t n_levels =
      8;  ///< temperatures of each ladder, in geometric progression; 1: no exchange
  std::size_t n_ladders = 2;
  std::size_t n_warm_up = 160;  ///< sweeps that are discarded; step sizes and histograms are set
  std::size_t n_sweeps = 500;   ///< that count
  std::size_t every = 1;        ///< sweeps between frames
  /// Of trajectories, at the start of warm-up.
  double time_step_ps = HamiltonianOptions{}.time_step_ps;
  std::size_t n_steps = 10;  ///< of each trajectory
  std::size_t n_resets = 0;  ///< single torsions reset per sweep; 0: half the number of torsions
  std::size_t n_joint_resets = 2;  ///< of two or three neighbouring torsions, per sweep
  double uniform = TorsionResetOptions{}.uniform;  ///< see TorsionResetOptions
  bool torsion_moves = true;                       ///< false: no resets or inversions
  /// Attempts per sweep to bring a ring system to another pucker (RingFlip); 0: none. Puckers are
  /// looked for before warm-up.
  std::size_t n_ring_moves = 4;
  std::uint64_t seed = 1;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Frames of the ladders' lowest levels, in time order, with ladders and ancestors; acceptances (of
/// moves, at the temperature asked for) and energy evaluations (at all levels) are of the sweeps
/// that count.
struct MoleculeEnsemble : ConformerEnsemble {
  /// [K], of slow_coordinates(): changes that configurations made at all levels, in the sweeps that
  /// count, and states that any was ever in (ChangeWatch).
  std::vector<std::size_t> n_changes, n_states;
  std::size_t n_lost = 0;  ///< frames left out, since their configuration was not the one asked for
  bool timed_out = false;
};

/// Replica exchange over temperatures; each sweep is a trajectory of hybrid Monte Carlo, torsion
/// resets from a model, nitrogen inversions, moves of rings between their puckers and exchanges of
/// neighbouring levels: every part leaves the Boltzmann distribution of all levels invariant. Hot
/// levels cross what the moves do not. A model that is null is replaced by histograms of each
/// torsion, made in warm-up.
/// @param starts         [S, N, 3], nm: given to the chains one after the other, S >= 1
/// @param configuration  what frames must have; hot levels may break it, such frames are left out
/// @throws NumericalError  when a start has no finite energy
MoleculeEnsemble sample_ensemble(const System& system, std::shared_ptr<const TorsionGraph> graph,
                                 std::shared_ptr<const TorsionModel> model,
                                 const CoordinateBatch& starts, const Configuration& configuration,
                                 const EnsembleOptions& options);

}  // namespace saltus::engine
