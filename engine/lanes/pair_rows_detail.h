#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/core/span.h"
#include "engine/potential/pair_list.h"

namespace saltus::engine {

/// Pairs of nonbonded_lanes.cpp, in the order its loops need them.

/// Constants of energies and of forces over distance, for powers of s = 2/r:
/// E = (c12 s^6 - c6) s^6 + coulomb s, -dE/dr / r = ((c12_slope s^6 - c6_slope) s^6 + coulomb_slope
/// s) s^2. The factors of 2 are powers of 2 and change no digit.
template <class T>
struct PairConstants {
  PairConstants() = default;
  explicit PairConstants(const PairParameters& p)
      : c12(static_cast<T>(p.c12 / 4096.0)),
        c6(static_cast<T>(p.c6 / 64.0)),
        coulomb(static_cast<T>(p.coulomb / 2.0)),
        c12_slope(static_cast<T>(3.0 * p.c12 / 4096.0)),
        c6_slope(static_cast<T>(1.5 * p.c6 / 64.0)),
        coulomb_slope(static_cast<T>(0.125 * p.coulomb)) {}
  T c12, c6, coulomb, c12_slope, c6_slope, coulomb_slope;
};

/// Pairs two rows at a time: two atoms i and the partners j of both, then those of one only. An
/// atom j that has two partners is loaded and stored once for both.
template <class T>
struct PairRows {
  struct PartnerOfTwo {
    std::uint32_t j;
    PairConstants<T> first, second;
  };
  struct PartnerOfOne {
    std::uint32_t j;
    PairConstants<T> constants;
  };
  struct TwoRows {
    std::uint32_t i[2];
    std::uint32_t first_of_two, last_of_two;
    std::uint32_t first_of_one[2], last_of_one[2];
  };

  /// @param pairs  in the order of (i, j), i < j
  explicit PairRows(const std::vector<PairParameters>& pairs) {
    std::map<std::size_t, std::map<std::size_t, PairConstants<T>>> partners;
    for (const PairParameters& p : pairs) partners[p.i].emplace(p.j, PairConstants<T>(p));
    while (!partners.empty()) {
      auto first = std::move(*partners.begin());
      partners.erase(partners.begin());
      std::pair<std::size_t, std::map<std::size_t, PairConstants<T>>> second = {first.first, {}};
      if (!partners.empty()) {
        second = std::move(*partners.begin());
        partners.erase(partners.begin());
      }
      TwoRows rows;
      rows.i[0] = static_cast<std::uint32_t>(first.first);
      rows.i[1] = static_cast<std::uint32_t>(second.first);
      rows.first_of_two = static_cast<std::uint32_t>(of_two.size());
      for (auto in_first = first.second.begin(); in_first != first.second.end();) {
        const auto in_second = second.second.find(in_first->first);
        if (in_second == second.second.end()) {
          ++in_first;
          continue;
        }
        of_two.push_back(
            {static_cast<std::uint32_t>(in_first->first), in_first->second, in_second->second});
        second.second.erase(in_second);
        in_first = first.second.erase(in_first);
      }
      rows.last_of_two = static_cast<std::uint32_t>(of_two.size());
      const auto add_single = [&](std::size_t row, const auto& rest) {
        rows.first_of_one[row] = static_cast<std::uint32_t>(of_one.size());
        for (const auto& [j, constants] : rest)
          of_one.push_back({static_cast<std::uint32_t>(j), constants});
        rows.last_of_one[row] = static_cast<std::uint32_t>(of_one.size());
      };
      add_single(0, first.second);
      add_single(1, second.second);
      two_rows.push_back(rows);
    }
  }

  /// Partners of one of the two rows only.
  Span<const PartnerOfOne> partners_of_one(const TwoRows& rows, std::size_t row) const {
    return {of_one.data() + rows.first_of_one[row], rows.last_of_one[row] - rows.first_of_one[row]};
  }

  std::vector<TwoRows> two_rows;
  std::vector<PartnerOfTwo> of_two;
  std::vector<PartnerOfOne> of_one;
};

}  // namespace saltus::engine
