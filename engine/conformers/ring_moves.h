#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// Throws a ring system into another shape: a place to minimise from, not a Monte Carlo move.
///
/// Two ring atoms i, j whose absence takes the system apart are a hinge: a part between them turns
/// about the line through i and j, either to its mirror place on the other side of the rest (a
/// flap: chair to boat), or, also where that changes little, by any angle of 40 to 320 degrees.
/// What else hangs on i and j moves along with their bonds in the ring, so that bond lengths stay
/// and, as long as i and j have only two bonds in rings, handedness as well. Nitrogens that can
/// invert take what hangs on them through the plane of their two ring bonds, without inverting
/// that.
class RingMoves {
 public:
  /// @param system  of flexible_ring_systems(graph)
  RingMoves(const TorsionGraph& graph, const std::vector<std::size_t>& system);

  bool has_any() const { return !hinges_.empty() || !nitrogens_.empty(); }
  std::size_t n_hinges() const { return hinges_.size(); }

  /// One to four such moves.
  /// @param x  in and out [N, 3], nm
  void kick(RandomStream& random, Span<double> x) const;

  /// The i-th hinge's flap, which is its own inverse up to what hangs on its two atoms.
  void flap(std::size_t hinge, Span<double> x) const;

 private:
  /// An atom with two bonds in the ring, and what hangs on it.
  struct Anchor {
    std::size_t atom = 0, before = 0, after = 0;
    std::vector<std::size_t> hanging;  ///< empty: nothing, or it cannot follow
  };
  struct Hinge {
    std::size_t first = 0, second = 0;
    std::vector<std::size_t> turning;       ///< all atoms of the part
    std::vector<std::size_t> turning_ring;  ///< those in the system
    std::vector<std::size_t> resting_ring;
    std::array<Anchor, 2> anchors;
  };

  void add_hinges(const std::vector<std::vector<std::size_t>>& neighbours, std::size_t i,
                  std::size_t j);
  Anchor anchor_at(const std::vector<std::vector<std::size_t>>& neighbours, std::size_t atom) const;
  void turn(const Hinge& hinge, double angle, Span<double> x) const;
  static double flap_angle(const Hinge& hinge, Span<const double> x);
  static void invert(const Anchor& nitrogen, Span<double> x);

  std::vector<std::size_t> system_;
  std::vector<bool> inside_;
  std::vector<Hinge> hinges_;
  std::vector<Anchor> nitrogens_;
};

}  // namespace saltus::engine
