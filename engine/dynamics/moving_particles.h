#pragma once

#include <cstddef>
#include <string>
#include <vector>

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

/// Constraints prepared for sweeps: those that share atoms which can move stand together, in the
/// order they were given.
struct ConstraintTable {
  struct Entry {
    std::size_t i = 0, j = 0;
    double w_i = 0.0, w_j = 0.0;          ///< inverse masses, 1/dalton
    double length = 0.0, length2 = 0.0;   ///< nm, nm^2
    double twice_w = 0.0, inertia = 0.0;  ///< 2 (w_i + w_j) and 1 / ((w_i + w_j) length^2)
  };
  /// Clusters that have the same constraints, such as those of waters.
  struct AlikeClusters {
    std::vector<Entry> entries;      ///< of each; i and j count its own atoms
    std::size_t n_atoms = 0;         ///< of each
    std::vector<std::size_t> atoms;  ///< [clusters, n_atoms]
  };
  std::vector<Entry> entries;
  std::vector<std::size_t> cluster_ends;  ///< into entries, ascending
  std::vector<AlikeClusters> alike;       ///< the same constraints once more

  ConstraintTable() = default;
  /// @param particles  valid
  explicit ConstraintTable(const MovingParticles& particles);

 private:
  void find_alike();
};

}  // namespace saltus::engine
