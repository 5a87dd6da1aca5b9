#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/units.h"
#include "engine/lanes/lane_term.h"
#include "engine/potential/ewald_split.h"
#include "engine/potential/pair_list.h"

namespace saltus::engine {

/// Parameters of ewald_lanes.cpp.

/// Powers of the phase factors along c that are kept at once. More would leave the fastest memory,
/// fewer repeat what is done for each pair of powers along a and b.
constexpr std::size_t kWavePanel = 8;

template <class T>
struct WaveTable {
  struct Charge {
    std::uint32_t atom;
    T value;  // e
  };
  struct Pair {
    std::uint32_t i, j;
    T coulomb;
  };
  /// Numbers of the workspace for each charge, see Phases in ewald_lanes.cpp: complex phase factors
  /// along three axes, a power of each and a panel of them; four products; a gradient.
  static constexpr std::size_t kValuesPerCharge = 2 * (3 + 3 + kWavePanel) + 4 + 3;

  WaveTable(const Nonbonded& nonbonded, const EwaldSplit& its_split,
            const std::vector<PairParameters>& in_waves)
      : split(its_split), alpha(static_cast<T>(split.alpha())) {
    for (std::size_t n = 0; n < nonbonded.particles.size(); ++n)
      if (const double charge = nonbonded.particles[n].charge; charge != 0.0)
        charges.push_back({static_cast<std::uint32_t>(n), static_cast<T>(charge)});
    for (const PairParameters& p : in_waves)
      pairs.push_back({static_cast<std::uint32_t>(p.i), static_cast<std::uint32_t>(p.j),
                       static_cast<T>(p.coulomb)});
    falloff = static_cast<T>(kPi * kPi / (split.alpha() * split.alpha()));
    longest2 = static_cast<T>(split.longest_wave_vector() * split.longest_wave_vector());
  }
  std::size_t workspace_size() const { return kValuesPerCharge * charges.size(); }

  EwaldSplit split;
  std::vector<Charge> charges;
  std::vector<Pair> pairs;
  T alpha, falloff, longest2;
};

/// The largest whole numbers of waves that any of some lanes has. A lane masks those that it has no
/// use for, by numbers that are rounded, in float to 1e-6: no wave that they let pass is missing.
/// @param box  LaneView::box from the first of these lanes on
template <class T>
std::array<long, 3> largest_indices(const EwaldSplit& split, const T* box, std::size_t n_lanes) {
  constexpr double kRoom = 1.0 + 1e-5;
  std::array<long, 3> largest{};
  for (std::size_t lane = 0; lane < n_lanes; ++lane) {
    const auto value = [&](std::size_t n) {
      return kRoom * static_cast<double>(box[n * kLaneWidth + lane]);
    };
    Box roomy({value(0), value(1), value(2)});
    roomy.bx = value(6);
    roomy.cx = value(7);
    roomy.cy = value(8);
    const std::array<long, 3> of_lane = split.largest_indices(roomy);
    for (std::size_t d = 0; d < 3; ++d) largest[d] = std::max(largest[d], of_lane[d]);
  }
  return largest;
}

}  // namespace saltus::engine
