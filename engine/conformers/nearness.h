#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/span.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// How near conformers are to each other, in radii. Those that are added later are compared with
/// all, so that each pair is compared once.
class Nearness {
 public:
  /// @param comparison  stays alive
  /// @param radii_nm    positive and falling, at least one
  /// @throws InputError  for other radii
  Nearness(const ShapeComparison& comparison, std::vector<double> radii_nm);

  /// @param x  [C, N, 3], nm
  void add(ConstCoordinates x);

  std::size_t size() const { return rows_.size(); }
  const std::vector<double>& radii_nm() const { return radii_nm_; }

  /// How many of the radii exceed the rmsd of i and each.
  Span<const std::uint8_t> row(std::size_t i) const { return {rows_[i].data(), rows_[i].size()}; }

  /// How many of these have no other of these within the smallest radius. Divided by their number,
  /// that estimates the probability that one more draw would be new.
  /// Source: Good, Biometrika 40, 237 (1953), doi:10.1093/biomet/40.3-4.237.
  std::size_t count_alone(Span<const std::size_t> of) const;
  std::size_t count_alone() const;  ///< of all

 private:
  const ShapeComparison& comparison_;
  std::vector<double> radii_nm_;
  std::vector<ShapeComparison::Shape> shapes_;
  std::vector<std::vector<std::uint8_t>> rows_;  ///< [C][C]
};

/// Which candidates have none of the others within a distance.
/// @param x, others  [C, N, 3], nm
std::vector<bool> is_far_from_all(ConstCoordinates x, ConstCoordinates others,
                                  const ShapeComparison& comparison, double rmsd_nm);

}  // namespace saltus::engine
