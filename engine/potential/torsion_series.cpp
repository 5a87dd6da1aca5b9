#include "engine/potential/torsion_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

namespace {

/// Harmonics are tabulated from 1 to the highest one, so the number must stay small.
constexpr int kMaxPeriodicity = 100;

}  // namespace

TorsionSeries merge_torsions(const std::vector<PeriodicTorsion>& torsions) {
  TorsionSeries result;
  std::map<std::array<std::size_t, 4>, std::vector<TorsionHarmonic>> merged;
  for (const PeriodicTorsion& t : torsions) {
    if (t.periodicity < 1 || t.periodicity > kMaxPeriodicity)
      throw InputError("torsion " + std::to_string(&t - torsions.data()) + ": periodicity " +
                       std::to_string(t.periodicity) + ", expected 1 to " +
                       std::to_string(kMaxPeriodicity));
    if (t.k == 0.0) continue;
    const std::array<std::size_t, 4> forward = {t.i, t.j, t.k_atom, t.l};
    const std::array<std::size_t, 4> backward = {t.l, t.k_atom, t.j, t.i};
    std::vector<TorsionHarmonic>& series = merged[std::min(forward, backward)];
    const auto order = static_cast<std::size_t>(t.periodicity);
    if (series.size() < order) series.resize(order);
    series[order - 1].a += t.k * std::cos(t.phase_rad);
    series[order - 1].b += t.k * std::sin(t.phase_rad);
    result.constant += t.k;
  }
  for (const auto& [atoms, series] : merged) {
    const std::size_t first = result.harmonics.size();
    result.harmonics.insert(result.harmonics.end(), series.begin(), series.end());
    result.quadruples.push_back(
        {atoms[0], atoms[1], atoms[2], atoms[3], first, result.harmonics.size()});
  }
  return result;
}

}  // namespace saltus::engine
