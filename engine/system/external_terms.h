#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace saltus::engine {

/// E = k/2 max(0, d - flat_radius)^2 with d = |x - position|; flat_radius = 0 is a harmonic
/// restraint; k in kJ/mol/nm^2.
struct PositionRestraint {
  std::size_t atom = 0;
  std::array<double, 3> position_nm = {0.0, 0.0, 0.0};
  double k = 0.0;
  double flat_radius_nm = 0.0;
};

/// E = k/2 max(0, |d| - flat_half_width)^2 with d = phi - angle wrapped into [-pi, pi], phi in the
/// IUPAC sign; k in kJ/mol/rad^2.
struct TorsionRestraint {
  std::size_t i = 0, j = 0, k_atom = 0, l = 0;
  double angle_rad = 0.0, k = 0.0;
  double flat_half_width_rad = 0.0;
};

/// E = -sum_i charge_i field . x_i.
struct UniformField {
  std::array<double, 3> field = {0.0, 0.0, 0.0};  ///< kJ/mol/nm/e; 1 V/nm is 96.48533
  std::vector<double> charges;                    ///< [n_atoms], e
};

/// Energy correction on a grid of two torsions, periodic in both.
struct CorrectionMap {
  std::size_t size = 0;  ///< grid points per torsion
  /// [size * size], kJ/mol: energies[a + size * b] belongs to angles 2 pi a / size and
  /// 2 pi b / size.
  std::vector<double> energies;
};

/// Applies a CorrectionMap to two torsions: bicubic interpolation whose derivatives come from
/// natural periodic cubic splines through the grid.
/// Source: MacKerell, Feig, Brooks, J. Comput. Chem. 25, 1400 (2004), doi:10.1002/jcc.20065.
struct CorrectionTorsion {
  std::size_t map = 0;
  std::array<std::size_t, 4> first = {0, 0, 0, 0}, second = {0, 0, 0, 0};
};

}  // namespace saltus::engine
