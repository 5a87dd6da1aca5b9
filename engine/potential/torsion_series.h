#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/system.h"

namespace saltus::engine {

/// a cos(n phi) + b sin(n phi), kJ/mol, n counted from 1.
struct TorsionHarmonic {
  double a = 0.0, b = 0.0;
};

/// All torsions on the same four atoms: sum_n a_n cos(n phi) + b_n sin(n phi), the harmonics 1, 2,
/// ... of this quadruple being [first, last) of a common table.
struct TorsionQuadruple {
  std::size_t i = 0, j = 0, k = 0, l = 0;
  std::size_t first = 0, last = 0;
};

/// The torsions of a system, those on the same atoms merged: one geometry each.
struct TorsionSeries {
  double constant = 0.0;  ///< kJ/mol
  std::vector<TorsionQuadruple> quadruples;
  std::vector<TorsionHarmonic> harmonics;
};

/// i-j-k-l and l-k-j-i are one quadruple; torsions with k = 0 are left out.
/// @throws InputError  when a periodicity is not in 1 .. 100
TorsionSeries merge_torsions(const std::vector<PeriodicTorsion>& torsions);

}  // namespace saltus::engine
