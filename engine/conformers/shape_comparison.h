#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"

namespace saltus::engine {

/// Least root-mean-square distance of two sets of points over all rotations, by the largest
/// eigenvalue of the quaternion matrix (Newton iteration from above).
/// Source: Theobald, Acta Cryst. A 61, 478 (2005), doi:10.1107/S0108767305015266.
/// @param a, b  [n, 3], centred on their means
/// @param map   the point of b that belongs to point i of a; [n], or empty for i itself
double superposed_rmsd(Span<const double> a, Span<const double> b,
                       const std::vector<std::uint32_t>& map = {});

/// Compares conformers by the positions of some atoms, equal atoms being interchangeable:
///   rmsd(a, b) = min over maps s and rotations R of sqrt(1/n sum_i |a_i - R b_s(i)|^2).
class ShapeComparison {
 public:
  /// What is kept of a conformer: centred positions, and distances from the centre, sorted among
  /// atoms that are interchangeable.
  struct Shape {
    std::vector<double> points;  ///< [n, 3], nm
    std::vector<double> radii;   ///< [n], nm
  };

  /// @param atoms  which atoms count; at least one
  /// @param maps   renumberings of these atoms (find_automorphisms), at least the identity
  ShapeComparison(std::vector<std::size_t> atoms, std::vector<std::vector<std::uint32_t>> maps);

  const std::vector<std::vector<std::uint32_t>>& maps() const { return maps_; }

  /// @param x  [N, 3], nm
  Shape shape(Span<const double> x) const;

  /// Never more than the rmsd, and much cheaper: no rotation changes a distance from the centre,
  /// and of all pairings of equal atoms the sorted one is the closest.
  double lower_bound(const Shape& a, const Shape& b) const;
  double rmsd(const Shape& a, const Shape& b) const;
  /// Whether the rmsd is below `threshold`; stops as soon as that is known.
  bool closer_than(const Shape& a, const Shape& b, double threshold) const;

 private:
  std::vector<std::size_t> atoms_;
  std::vector<std::vector<std::uint32_t>> maps_;
  std::vector<std::vector<std::uint32_t>> orbits_;
};

}  // namespace saltus::engine
