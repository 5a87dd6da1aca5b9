#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/vec3.h"
#include "engine/potential/ewald_split.h"
#include "engine/potential/pair_list.h"
#include "engine/system/coordinates.h"
#include "engine/system/system.h"

namespace saltus::engine {

/// All of an Ewald sum but the pairs of its direct space: the sum over waves, the self energy and
/// what exceptions have to give back (see EwaldSplit).
class EwaldWaves {
 public:
  /// @param in_waves  PairList::in_waves
  EwaldWaves(const Nonbonded& nonbonded, const Box& box, std::vector<PairParameters> in_waves);

  const EwaldSplit& split() const { return split_; }
  /// Numbers of scratch memory that `evaluate` needs.
  std::size_t workspace_size() const { return 2 * charges_.size(); }
  /// @param x          [1, N, 3], nm, with its box
  /// @param forces     added to: [N, 3], kJ/mol/nm; an empty span means "not wanted"
  /// @param workspace  scratch [workspace_size()]
  /// @return energy, kJ/mol
  double evaluate(ConstCoordinates x, Span<double> forces, Span<double> workspace) const;

 private:
  struct Charge {
    std::size_t atom = 0;
    double value = 0.0;  // e
  };
  /// A wave vector, 1/nm, and its factor of |sum_j q_j exp(2 pi i m r_j)|^2, kJ/mol/e^2.
  struct Wave {
    Vec3 m;
    double strength = 0.0;
  };
  double sum_waves(ConstCoordinates x, Span<double> forces, Span<double> workspace) const;
  double evaluate_wave(const Wave& wave, const double* x, Span<double> forces,
                       Span<double> workspace) const;
  double give_back(const double* x, Span<double> forces) const;

  EwaldSplit split_;
  std::vector<Charge> charges_;  // those that are not 0
  std::vector<PairParameters> in_waves_;
};

}  // namespace saltus::engine
