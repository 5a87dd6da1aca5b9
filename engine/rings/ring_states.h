#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/core/span.h"
#include "engine/rings/ring_coordinates.h"
#include "engine/rings/ring_system.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// What is known of one pucker of a ring system.
struct RingState {
  RingCoordinates coordinates;     ///< around its own reference
  std::vector<double> torsions;    ///< [T] of RingSystem::torsions, rad
  std::vector<int> signs;          ///< [I] of RingSystem::inversions
  std::vector<double> mean;        ///< [size], nm
  std::vector<double> covariance;  ///< [size, size], nm^2, positive definite
  /// Log of its population as it is guessed, up to a constant: what it is proposed by, flattened.
  double log_weight = 0.0;
};

/// The puckers of a ring system that are known, and maps between them: from state i to state j,
///   q' = mean_j + S_j S_i^-1 (q - mean_i),
/// S the symmetric square root of the covariance, so that what is normal in one state becomes
/// normal in the other; log |det| = log det S_j - log det S_i, and the map back is the inverse.
class RingStates {
 public:
  /// @throws InputError  when sizes differ, or a covariance is not positive definite
  RingStates(std::shared_ptr<const TorsionGraph> graph, std::shared_ptr<const RingSystem> system,
             std::vector<RingState> states);

  const RingSystem& system() const { return *system_; }
  std::size_t size() const { return states_.size(); }
  const RingState& operator[](std::size_t state) const { return states_[state]; }

  /// The state of positions: the one nearest in torsions, least sum over them of
  /// 1 - cos(tau - tau_i), of those whose signs are theirs; size() when there is none.
  std::size_t nearest(Span<const double> x) const;

  /// @param q  in and out
  /// @returns  log |det|
  double carry(std::size_t from, std::size_t to, Span<double> q) const;

  /// log probability that `to` is drawn in state `from`, among all others.
  double log_choice(std::size_t from, std::size_t to) const;
  /// Draws it by a uniform number.
  std::size_t choose(std::size_t from, double uniform) const;

 private:
  std::shared_ptr<const TorsionGraph> graph_;
  std::shared_ptr<const RingSystem> system_;
  std::vector<RingState> states_;
  std::vector<std::vector<double>> roots_, inverse_roots_;  ///< of each state, [size, size]
  std::vector<double> log_dets_;                            ///< log det S
  std::vector<double> weights_;                             ///< of proposals, sum 1
};

}  // namespace saltus::engine
