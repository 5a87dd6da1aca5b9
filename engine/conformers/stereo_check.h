#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// A tetrahedral centre whose handedness is given.
struct ChiralCentre {
  std::size_t atom = 0;
  /// Three, with a lone pair in the fourth place, or four.
  std::vector<std::size_t> neighbours;
  /// +1: seen from the first neighbour, the second, third and fourth run counterclockwise.
  int sign = 1;
};

/// A double bond first = second whose ends lie on the same side (cis) or not. Also a chain of an
/// odd number of double bonds, of which `first` and `second` are the outer atoms.
struct ConfiguredDoubleBond {
  std::size_t first_end = 0, first = 0, second = 0, second_end = 0;
  bool cis = false;
};

/// A chain of an even number of double bonds from `first` to `second`, whose ends stand at right
/// angles: its handedness.
struct ConfiguredAxis {
  std::size_t first_end = 0, first = 0, second = 0, second_end = 0;
  int sign = 1;  ///< of the dihedral angle first_end, first, second, second_end
};

/// The configuration that every conformer of a molecule must have.
struct Configuration {
  std::vector<ChiralCentre> centres;
  std::vector<ConfiguredDoubleBond> double_bonds;
  std::vector<ConfiguredAxis> axes;
};

/// Whether positions have a configuration, judged by geometry alone. A centre counts by the volume
/// of the tetrahedron of its unit bond vectors, which must have the right sign and more than an
/// eighth of the ideal size (flat centres count as wrong); a double bond by the cosine of its
/// dihedral and an axis by the sine, which must have the right sign and exceed 0.1.
/// @param x  [N, 3], nm
bool has_configuration(const Configuration& configuration, Span<const double> x);

/// Signs of what positions have: +1 or -1, and 0 where they do not decide by the same measures.
/// @param x  [N, 3], nm
int sign_of(const ChiralCentre& centre, Span<const double> x);
/// +1: cis.
int sign_of(const ConfiguredDoubleBond& bond, Span<const double> x);
int sign_of(const ConfiguredAxis& axis, Span<const double> x);

}  // namespace saltus::engine
