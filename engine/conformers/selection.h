#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "engine/conformers/shape_comparison.h"
#include "engine/core/span.h"
#include "engine/core/units.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// The conformers with these numbers, in this order.
CoordinateBatch conformers_at(const CoordinateBatch& x, const std::vector<std::size_t>& which);

/// Which conformers stay.
struct SelectionOptions {
  double rmsd_nm = 0.05;  ///< two that are closer are one; 0: all are different
  /// kJ/mol: and only if their energies are closer than this.
  double energy_tolerance = std::numeric_limits<double>::infinity();
  double energy_window = 10.0 * kKJPerKcal;                        ///< kJ/mol above the lowest
  std::size_t max_kept = std::numeric_limits<std::size_t>::max();  ///< at most so many
};

/// Which stayed, lowest energy first, and what happened to the others.
struct Selection {
  std::vector<std::size_t> kept;
  std::size_t n_outside_window = 0, n_duplicates = 0, n_beyond_count = 0;
};

/// Goes through the conformers by energy, keeps each that differs from all kept before.
/// @param x         [C, N, 3], nm
/// @param energies  [C], kJ/mol, or empty: then the order is that of x and there is no window
/// @throws InternalError  when the sizes do not fit
Selection select_conformers(ConstCoordinates x, Span<const double> energies,
                            const ShapeComparison& comparison, const SelectionOptions& options);

}  // namespace saltus::engine
