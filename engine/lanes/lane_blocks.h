#pragma once

#include <cstddef>

#include "engine/lanes/lane_term.h"

namespace saltus::engine {

/// Rows [n_lanes][n_values] to a block [n_values][lane]; lanes behind n_lanes repeat the last row.
void pack_rows(const double* rows, std::size_t n_lanes, std::size_t n_values, double* block);

/// A block to rows [n_lanes][n_values]. A lane whose `energies` value is +inf, or any value of
/// which is not finite, becomes zeros.
void unpack_forces(const double* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows);
void unpack_forces(const float* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows);

/// Positions [3 n_atoms][lane] relative to the first atom of each lane, and that atom's [3][lane].
/// Far from the origin of space the digits of a float are few; near the molecule they are not.
void round_positions(const double* block, std::size_t n_atoms, float* rounded, double* origin);

/// Sums parts [n_parts][lane] to energies [lane]; what is not finite becomes +inf.
void sum_energies(const double* parts, std::size_t n_parts, double* energies);

}  // namespace saltus::engine
