#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/dynamics/moving_particles.h"
#include "engine/ensemble/target_density.h"
#include "engine/rings/ring_states.h"

namespace saltus::engine {

/// A minimum of the whole molecule, and what the ring system looks like there.
struct RingMinimum {
  double energy = 0.0;            ///< kJ/mol
  std::vector<double> positions;  ///< [N, 3], nm
  std::vector<double> torsions;   ///< [T], rad
  std::vector<int> signs;         ///< [I]
};

/// A ring system and one minimum of each of its states.
struct RingMinima {
  std::shared_ptr<const TorsionGraph> graph;
  std::shared_ptr<const RingSystem> system;
  std::vector<RingMinimum> states;
};

/// How long widths are measured.
struct WidthOptions {
  double temperature_K = 300.0;
  std::size_t n_chains = 16;   ///< of each state
  std::size_t n_frames = 160;  ///< of each chain
  StepKey key;
};

/// Means and covariances of the coordinates of each state, from trajectories that begin at its
/// minimum and begin anew when they leave it.
/// @throws NumericalError  when a minimum has no finite energy
std::shared_ptr<const RingStates> measure_states(const TargetDensity& target,
                                                 const MovingParticles& particles,
                                                 RingMinima minima, const WidthOptions& options);

}  // namespace saltus::engine
