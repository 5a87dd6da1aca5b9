#include "tools/saltus/run/series.h"

#include <cmath>

#include "engine/core/units.h"

namespace saltus::tools {

namespace {

constexpr double kLeftHandedUpper = 160.0 * engine::kRadianPerDegree;

OwnedSeries mapped(const OwnedSeries& series, const std::string& name, double (*function)(double)) {
  OwnedSeries result{name, "", {}, series.n_chains, series.n_steps, series.log_weights};
  result.values.reserve(series.values.size());
  for (double value : series.values) result.values.push_back(function(value));
  return result;
}

}  // namespace

std::vector<OwnedSeries> torsion_observables(const std::vector<OwnedSeries>& torsions,
                                             const std::set<std::string>& held) {
  std::vector<OwnedSeries> result;
  for (const OwnedSeries& torsion : torsions)
    result.push_back(
        mapped(torsion, "cos " + torsion.name, [](double angle) { return std::cos(angle); }));
  for (const OwnedSeries& torsion : torsions)
    if (torsion.name.rfind("phi", 0) == 0 && held.count(torsion.name) == 0)
      result.push_back(mapped(torsion, torsion.name + " in 0..160 deg", [](double angle) {
        return angle > 0.0 && angle < kLeftHandedUpper ? 1.0 : 0.0;
      }));
  return result;
}

std::vector<engine::ObservableSummary> summarise(const std::vector<OwnedSeries>& series) {
  engine::RunSummary summary;
  for (const OwnedSeries& one : series)
    engine::compute_observable(one.name, one.unit, one.view(), summary);
  return summary.observables;
}

}  // namespace saltus::tools
