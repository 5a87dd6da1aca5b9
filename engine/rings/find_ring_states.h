#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/dynamics/moving_particles.h"
#include "engine/ensemble/target_density.h"
#include "engine/rings/ring_states.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// How puckers are looked for.
struct RingSearchOptions {
  double temperature_K = 300.0;       ///< at which their widths are measured
  std::size_t n_kicks = 96;           ///< shapes per ring system that are deformed at random
  double energy_window = 30.0;        ///< kJ/mol above the lowest state of the system
  std::size_t max_states = 32;        ///< of one system, the lowest
  std::size_t max_coordinates = 150;  ///< larger systems are left without moves
  std::size_t n_chains = 16;          ///< per state
  std::size_t n_frames = 240;         ///< of all states together, of each of these chains
  std::uint64_t seed = 1;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// A molecule whose rings are looked at.
struct RingSubject {
  std::shared_ptr<const TorsionGraph> graph;
  const TargetDensity& target;  ///< has a guide
  MovingParticles particles;    ///< masses for trajectories
  /// What positions must have; those that do not are no state. Empty: anything goes.
  std::function<bool(Span<const double>)> accepts;
};

/// What was found.
struct RingSearch {
  std::vector<std::shared_ptr<const RingStates>> systems;  ///< of two states or more
  /// A clause for each flexible ring system that has no moves though it may have several
  /// puckers: "ring of atom 1 (30 atoms): too large for ring moves". Systems of which one pucker
  /// was found need none.
  std::vector<std::string> without_moves;
};

/// Looks for the puckers of each flexible ring system of a molecule, and how wide they are. The
/// starts and deformed copies of them (ring atoms displaced at random, substituents carried along,
/// nitrogens inverted half of the time) are minimised; shapes whose ring torsions are all within 25
/// degrees and whose nitrogens stand alike are one state. Trajectories of hybrid Monte Carlo at the
/// temperature, which begin anew whenever they leave their state, give mean and covariance of each
/// state's coordinates, drawn to the mean over states where they are few. Its population is guessed
/// in proportion to sqrt(det covariance) exp(-E / kT), E the lowest energy met. None of this
/// decides whether moves are exact, only how often they are accepted.
/// @param starts  [S, N, 3], nm, S >= 1, hydrogens in the order of align_hydrogens
/// @throws NumericalError  when a start has no finite energy
RingSearch find_ring_states(const RingSubject& subject, const CoordinateBatch& starts,
                            const RingSearchOptions& options);

/// Gives the hydrogens of each ring atom that has two the places they have in the first chain:
/// exchanging them changes no energy, but no move does it.
/// @param positions  in and out [S, N, 3], nm
void align_hydrogens(const TorsionGraph& graph, CoordinateBatch& positions);

}  // namespace saltus::engine
