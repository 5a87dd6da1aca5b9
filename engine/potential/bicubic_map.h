#pragma once

#include <cstddef>
#include <vector>

#include "engine/system/external_terms.h"

namespace saltus::engine {

/// A CorrectionMap made ready for evaluation: a bicubic polynomial between each four grid points,
///   E(phi, psi) = sum_(m, n < 4) c_mn t^m u^n,
/// t = size phi / (2 pi) - a and u = size psi / (2 pi) - b in [0, 1), phi and psi in [0, 2 pi).
/// Values, first and mixed derivatives at the grid points are those of periodic cubic splines, so
/// the energy is continuously differentiable.
struct BicubicMap {
  std::size_t size = 0;  ///< cells per torsion
  /// [size * size * 16], kJ/mol: c_mn of cell (a, b) is coefficients[16 (a + size b) + 4 m + n].
  std::vector<double> coefficients;
};

/// @param map  valid in the sense of System::validate
BicubicMap make_bicubic_map(const CorrectionMap& map);

/// Energy, kJ/mol, and its derivatives by the two torsions, kJ/mol/rad.
struct MapValue {
  double energy = 0.0, by_first = 0.0, by_second = 0.0;
};

/// @param first, second  rad, finite, any period
MapValue evaluate_map(const BicubicMap& map, double first, double second);

}  // namespace saltus::engine
