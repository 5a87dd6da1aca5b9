#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/core/random.h"
#include "engine/potential/energy_function.h"
#include "engine/rings/ring_system.h"
#include "engine/system/coordinates.h"

namespace saltus::engine {

/// How many deformed copies to make, and their random numbers.
struct RingKicks {
  std::size_t n = 0;
  StepKey key;
};

/// The starts, then n copies of them, one after the other, with the ring system deformed: each ring
/// atom is displaced by normal numbers, every other time mostly across the mean plane of the ring,
/// substituents are carried by their ring atoms, and those of nitrogens that can invert change
/// sides half of the time.
CoordinateBatch kicked_rings(const std::shared_ptr<const RingSystem>& system,
                             const TorsionGraph& graph, const CoordinateBatch& starts,
                             const RingKicks& kicks);

/// Replaces chains whose energy is not finite by the first one.
void keep_finite(const EnergyFunction& energy, CoordinateBatch& x);

/// Two substituents of one ring atom.
struct SubstituentPair {
  std::size_t first = 0, second = 0;
  /// +1: `first` is on the side of the plane of the ring atom and its two neighbours to which they
  /// turn counterclockwise.
  int sign = 1;
  friend bool operator==(const SubstituentPair& a, const SubstituentPair& b) {
    return a.first == b.first && a.second == b.second && a.sign == b.sign;
  }
};

/// All pairs, in the order of the system.
std::vector<SubstituentPair> substituent_order(const RingSystem& system, Span<const double> x);

}  // namespace saltus::engine
