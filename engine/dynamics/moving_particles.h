#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// What moves, and what it may not do: the part of a System that dynamics needs beside an energy.
/// Masses need not be the physical ones: without constraints the equilibrium of positions does not
/// depend on them (see hydrogen_mass.h).
struct MovingParticles {
  std::vector<double> masses;  ///< [N], dalton; 0: never moves by itself
  std::vector<Constraint> constraints;
  std::vector<VirtualSite> virtual_sites = {};  ///< follow their parents

  std::size_t n_atoms() const { return masses.size(); }

  /// @throws InputError  at a mass that is negative or not finite; a constraint out of range, of an
  ///                     atom with itself, without length, given twice, between two atoms that
  ///                     never move or of a virtual site; what problem_of_sites finds; `source`
  ///                     starts the message
  void validate(const std::string& source) const;
};

/// Masses, constraints and virtual sites of a system.
MovingParticles moving_particles(const System& system);

/// Constraints prepared for their solution: those that share atoms which can move are a cluster.
/// Rigid triangles, such as waters, have a closed formula; other clusters are swept over, in the
/// order they were given.
struct ConstraintTable {
  struct Entry {
    std::size_t i = 0, j = 0;
    double w_i = 0.0, w_j = 0.0;          ///< inverse masses, 1/dalton
    double length = 0.0, length2 = 0.0;   ///< nm, nm^2
    double twice_w = 0.0, inertia = 0.0;  ///< 2 (w_i + w_j) and 1 / ((w_i + w_j) length^2)
  };
  /// Three constraints among three atoms, which is a cluster of its own, isosceles in lengths and
  /// masses: left and right have the same mass and the same distance from the apex.
  struct Triangle {
    std::size_t apex = 0, left = 0, right = 0;
    double w_apex = 0.0, w_side = 0.0;  ///< inverse masses, 1/dalton
    double side_share = 0.0;            ///< left's mass by that of all three
    double leg = 0.0, base = 0.0;       ///< apex to left, left to right; nm
    double above = 0.0, below = 0.0;    ///< apex and base from the centre of mass, nm
  };
  /// Clusters that have the same constraints, such as those of waters.
  struct AlikeClusters {
    std::vector<Entry> entries;        ///< of each; i and j count its own atoms
    std::optional<Triangle> triangle;  ///< of each, when it is one
    std::size_t n_atoms = 0;           ///< of each
    std::vector<std::size_t> atoms;    ///< [clusters, n_atoms]
  };
  std::vector<Triangle> triangles;
  std::vector<Entry> entries;             ///< of all clusters that are no triangles
  std::vector<std::size_t> cluster_ends;  ///< into entries, ascending
  std::vector<AlikeClusters> alike;       ///< all constraints once more

  ConstraintTable() = default;
  /// @param particles  valid
  explicit ConstraintTable(const MovingParticles& particles);
  bool empty() const { return alike.empty(); }

 private:
  void add_cluster(Span<const Entry> cluster);
};

}  // namespace saltus::engine
