#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/torsions/torsion_graph.h"

namespace saltus::engine {

/// One shape of a ring system.
struct RingConformer {
  double energy = 0.0;            ///< kJ/mol, the lowest it was found with
  std::vector<double> positions;  ///< [N, 3], nm
  std::vector<double> torsions;   ///< rad
  std::size_t n_found = 0;        ///< how often
  std::size_t n_used = 0;         ///< to look for others from it
};

/// Collects the shapes of a ring system: two minima are one shape when no torsion about a single
/// bond of its rings, those to what hangs on the rings included, differs by more than 20 degrees,
/// equal atoms being interchangeable. Mirror images are two shapes.
class RingConformers {
 public:
  /// @param system   of flexible_ring_systems(graph)
  /// @param classes  [N]: only atoms of one class are interchangeable
  RingConformers(const TorsionGraph& graph, const std::vector<std::size_t>& system,
                 const std::vector<int>& classes);

  /// @param energy  kJ/mol
  /// @param x       [N, 3], nm, a minimum
  /// @returns       whether it is a new shape
  bool offer(double energy, Span<const double> x);

  std::vector<RingConformer>& states() { return states_; }
  const std::vector<RingConformer>& states() const { return states_; }
  /// kJ/mol; +inf without any.
  double lowest_energy() const;
  /// Those at most `window` above the lowest, by energy.
  std::vector<std::size_t> in_window(double window) const;
  /// Share of further minima within the window that would be of a new shape, as Good estimates it.
  double share_of_new(double window) const;

 private:
  std::vector<std::array<std::size_t, 4>> quartets_;
  std::vector<std::vector<std::size_t>> maps_;  ///< of quartets
  std::vector<RingConformer> states_;
};

}  // namespace saltus::engine
