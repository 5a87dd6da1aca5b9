#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/conformers/ring_conformers.h"
#include "forcefields/chem/ring_fragment.h"
#include "tools/conformers/settings.h"

namespace saltus::tools {

/// How long shapes of rings are looked for.
struct RingSearchOptions {
  std::size_t n_wanted = 50;    ///< shapes: beyond that only a lower one is looked for
  double energy_window = 40.0;  ///< kJ/mol above the lowest
  std::uint64_t seed = 1;
  bool thorough = true;  ///< see EmbeddingOptions
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// What was found of one ring system.
struct RingShapes {
  std::vector<engine::RingConformer> states;  ///< within the window, lowest energy first
  std::size_t n_builds = 0;                   ///< minimised
  std::size_t n_since_new = 0;                ///< builds after the last that was new
  double share_of_new = 1.0;                  ///< of further builds, as estimated
  bool saturated = false;  ///< as many builds as there should be brought nothing new
  bool timed_out = false;
};

/// Looks for the shapes of a ring system: builds it by distance geometry, minimises; then in rounds
/// throws shapes that are known, low ones rather, into others (engine/conformers/ring_moves.h),
/// builds some more, and minimises, until nothing new comes for long enough, or as many as are
/// wanted are there and the lowest one stands. Where secondary amides of large rings can be trans,
/// shapes with more of them cis are left out. The same for the same fragment, seed and options,
/// unless time runs out.
/// @param classes  of the fragment's atoms, see RingConformers
/// @returns  without states when nothing could be built or the force field has no parameters
RingShapes search_ring_shapes(const forcefields::RingFragment& fragment,
                              const std::vector<int>& classes, const ConformerSettings& settings,
                              const RingSearchOptions& options);

}  // namespace saltus::tools
