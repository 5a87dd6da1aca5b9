#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/random.h"

namespace saltus::engine {

/// Random numbers of the chains of a block: lane l has those of the stream of chain `chain + l`,
/// where `start` is the stream of `chain`. They are a function of the stream and the place in it
/// alone, so that blocks, lanes and threads cannot change them; instruction sets round normals
/// differently.

/// Bits [4 n_blocks][lane]: the 128-bit blocks first, first + 1, ... of each stream as four words
/// each, the very integers of RandomStream.
void draw_words(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                std::size_t n_lanes, std::uint32_t* words);

/// Standard normals [4 n_blocks][lane] from the same words: words w and w + 1 of a block (w = 0, 2)
/// give sqrt(-2 ln u) (cos a, sin a) with u = (w + 1) / 2^32 in (0, 1] and a = 2 pi (w') / 2^32
/// (Box-Muller) in float arithmetic: relative error 3e-7, and 1.2e-7 in the square of the radius;
/// the largest possible value is 6.66.
void draw_normals(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                  std::size_t n_lanes, float* normals);

/// The same normals of one chain, one after the other [4 n_blocks], with blocks in the lanes.
/// @param normals  out; has room for the next multiple of kLaneWidth blocks, all of which are set
void draw_normals_of_one(const StreamStart& start, std::uint32_t first, std::size_t n_blocks,
                         float* normals);

}  // namespace saltus::engine
