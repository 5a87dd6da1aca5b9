#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/aligned_vector.h"
#include "engine/core/span.h"

namespace saltus::engine {

/// Shapes side by side, one in each lane (engine/lanes/lane_term.h), so that one of them is
/// compared with many others at a time.
class ShapeBlocks {
 public:
  /// @param shapes  made by `comparison`
  ShapeBlocks(const ShapeComparison& comparison, Span<const ShapeComparison::Shape> shapes);

  std::size_t size() const { return n_shapes_; }

  /// How many of the radii exceed the rmsd of shape i and each of the first n shapes. No rmsd is
  /// computed: with E = sum_k |a_k|^2 + |b_k|^2, it is below r when the largest root of the
  /// characteristic polynomial P of the quaternion matrix exceeds L = (E - n r^2) / 2, and since
  /// all roots of P are real that is so unless L and P, P', P'' at L are all positive (Fourier,
  /// Budan).
  /// Source: Theobald, Acta Cryst. A 61, 478 (2005), doi:10.1107/S0108767305015266, equation 7.
  /// @param radii  nm, falling
  /// @param out    [n]
  void count_radii(std::size_t i, Span<const double> radii, Span<std::uint8_t> out) const;

 private:
  std::size_t n_shapes_ = 0, n_points_ = 0;
  std::vector<std::vector<std::uint32_t>> maps_;
  AlignedVector<double> points_;   ///< [block][point][3][lane], nm
  AlignedVector<double> squares_;  ///< [block][lane], nm^2: sum of |b_k|^2
};

}  // namespace saltus::engine
