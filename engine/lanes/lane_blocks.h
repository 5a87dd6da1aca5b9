#pragma once

#include <cstddef>
#include <functional>

#include "engine/core/thread_pool.h"
#include "engine/lanes/lane_term.h"

namespace saltus::engine {

/// Blocks that hold n_chains.
inline std::size_t count_blocks(std::size_t n_chains) {
  return (n_chains + kLaneWidth - 1) / kLaneWidth;
}

/// Calls work(first, last) for runs of blocks [first, last) that together are all n_blocks: a few
/// for each thread, so that scratch memory is made once for each run.
/// @param pool  null: everything on the calling thread
void for_each_run_of_blocks(ThreadPool* pool, std::size_t n_blocks,
                            const std::function<void(std::size_t, std::size_t)>& work);

/// Rows [n_lanes][n_values] to a block [n_values][lane]; lanes beyond n_lanes repeat the last row.
void pack_rows(const double* rows, std::size_t n_lanes, std::size_t n_values, double* block);

/// A block to rows [n_lanes][n_values].
void unpack_rows(const double* block, std::size_t n_lanes, std::size_t n_values, double* rows);

/// The same for forces. A lane whose `energies` value is +inf, or any value of
/// which is not finite, becomes zeros.
void unpack_forces(const double* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows);
void unpack_forces(const float* block, const double* energies, std::size_t n_lanes,
                   std::size_t n_values, double* rows);

/// Positions [3 n_atoms][lane] relative to the first atom of each lane, and that atom's [3][lane].
/// Far from the origin of space the digits of a float are few; near the molecule they are not.
void round_positions(const double* block, std::size_t n_atoms, float* rounded, double* origin);

/// Sums parts [n_parts][lane] to energies [lane]. What is not finite becomes +inf, and so does the
/// energy of a lane any of whose positions [n_values][lane] is not finite.
void sum_energies(const double* parts, std::size_t n_parts, const double* positions,
                  std::size_t n_values, double* energies);
void sum_energies(const double* parts, std::size_t n_parts, const float* positions,
                  std::size_t n_values, double* energies);

}  // namespace saltus::engine
