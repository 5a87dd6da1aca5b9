#pragma once

#include <cstddef>

namespace saltus::tools {

/// How many conformers of one isomer entered the stages, how many were lost in which, and why.
struct StageCounts {
  std::size_t n_wanted = 0;
  std::size_t n_built = 0;        ///< by distance geometry, given, or drawn and relaxed
  std::size_t n_not_built = 0;    ///< by distance geometry
  std::size_t n_rejected = 0;     ///< for another configuration, in any stage, draws of a pool too
  std::size_t n_wrong = 0;        ///< those of them that would have been conformers
  std::size_t n_misfits = 0;      ///< built, but with another shape of the core; made up for
  std::size_t n_not_relaxed = 0;  ///< or not reached in time
  std::size_t n_duplicates = 0;   ///< of others that were kept
  std::size_t n_outside_window = 0;  ///< after relaxation
  std::size_t n_kept = 0;
  bool timed_out = false;
  /// Of a pool from which shapes were chosen; 0: there was none.
  std::size_t n_pool = 0;
  std::size_t n_in_window = 0;     ///< of the pool
  std::size_t n_alone = 0;         ///< of those in the window, without any other of their shape
  std::size_t n_chosen = 0;        ///< of those in the window, some in the place of others
  bool pool_is_exhausted = false;  ///< nothing new was left of the pool
  std::size_t n_seeds = 0;         ///< that rings have their shapes from
  /// Without a search: most seeds have a ring of a shape of its own; else: it ended too early.
  bool rings_are_open = false;
  /// Of the search for shapes of rings (tools/conformers/ring_library.h); 0: there was none.
  std::size_t n_ring_shapes = 0, n_ring_builds = 0;
  std::size_t n_unsearched_rings = 0;  ///< ring systems that have the seeds' shapes all the same
  double share_of_new_rings = 0.0;     ///< of further builds, where rings are open
  bool rings_timed_out = false;
};

}  // namespace saltus::tools
