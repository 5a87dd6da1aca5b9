#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/system.h"

namespace saltus::engine {

/// E = c12/r^12 - c6/r^6 + coulomb/r; kJ/mol and nm.
struct PairParameters {
  std::size_t i = 0, j = 0;  ///< i < j
  double c12 = 0.0, c6 = 0.0, coulomb = 0.0;
};

/// The pairs of a Nonbonded that interact at all, in the order of (i, j).
struct PairList {
  std::vector<PairParameters> full;  ///< neither cut off nor shifted
  std::vector<PairParameters> cut;   ///< with cutoff, and reaction field or Ewald sum
  /// Ewald sums only: exceptions with the Coulomb term of their particles' own charges, which the
  /// waves contain.
  std::vector<PairParameters> in_waves;
};

/// Lorentz-Berthelot rule; exceptions replace their pairs and are never cut off.
PairList make_pair_list(const Nonbonded& nonbonded);

/// Constants of the reaction field: coulomb (1/r + k_rf r^2 - c_rf).
struct ReactionField {
  explicit ReactionField(const Nonbonded& nonbonded);
  double k_rf = 0.0;  ///< (e - 1) / ((2 e + 1) r_c^3), 1/nm^3
  double c_rf = 0.0;  ///< 3 e / ((2 e + 1) r_c), 1/nm
};

}  // namespace saltus::engine
