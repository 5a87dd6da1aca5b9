#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/span.h"
#include "engine/core/units.h"

namespace saltus::engine {

/// How basins are told from noise.
struct AngleBasinOptions {
  std::size_t n_bins = 72;  ///< of each angle, >= 8
  /// Standard deviation of the kernel that smooths counts, > 0.
  double smoothing_rad = 10.0 * kRadianPerDegree;
  /// Two basins are one unless the barrier between them, seen from the shallower one, is higher,
  /// kT.
  double barrier_kT = 1.0;
};

/// Basins of the free energy of one angle, or of two together (a Ramachandran map): a watershed on
/// a periodic grid of smoothed counts. Cells are visited from the most populated down; each joins
/// the basin of its most populated visited neighbour or begins one; where two basins meet, the one
/// with the lower peak becomes part of the other if ln(peak / density where they meet) is not above
/// the barrier. Every angle belongs to one basin. Basins are numbered by falling population.
/// Source: watershed with persistence, Edelsbrunner and Harer, Computational Topology (2010),
/// VII.1.
class AngleBasins {
 public:
  /// @param first   [n], rad, any branch
  /// @param second  [n], or empty for basins of one angle
  /// @throws InputError  for no values, values that are not finite, samples of different size or
  ///                     options out of range
  AngleBasins(Span<const double> first, Span<const double> second,
              const AngleBasinOptions& options);

  std::size_t n_basins() const { return peaks_.size(); }
  /// Where a basin is most populated, rad; the second angle is 0 when there is only one.
  std::array<double, 2> peak(std::size_t basin) const { return peaks_.at(basin); }
  /// Basin of each pair of angles, [n].
  /// @throws InputError  as the constructor for values
  std::vector<std::uint32_t> basins_of(Span<const double> first, Span<const double> second) const;

 private:
  std::size_t cell_of(double first, double second) const;
  std::vector<double> smoothed(const std::vector<double>& counts, double smoothing_rad) const;
  std::vector<std::size_t> neighbours_of(std::size_t cell) const;
  std::vector<std::size_t> watershed(const std::vector<double>& density, double barrier_kT) const;
  void number(const std::vector<std::size_t>& basin, const std::vector<double>& counts);

  std::size_t n_bins_, n_dimensions_;
  std::vector<std::uint32_t> basin_of_cell_;
  std::vector<std::array<double, 2>> peaks_;
};

}  // namespace saltus::engine
