#include "tools/saltus/run/compared_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/units.h"
#include "engine/diagnostics/histogram.h"

namespace saltus::tools {

namespace {

using io::ComparisonData;

constexpr std::size_t kProfileBins = 60, kMapBins = 48, kTicPoints = 1500;

/// -ln p from the minimum, with the error dp / p.
ComparisonData::Profile::Curve curve_of(const std::string& name, const engine::Histogram& histogram,
                                        double unit_per_value) {
  ComparisonData::Profile::Curve curve;
  curve.name = name;
  const std::size_t n = histogram.probability.size();
  const double width = (histogram.upper - histogram.lower) / static_cast<double>(n);
  const double largest =
      *std::max_element(histogram.probability.begin(), histogram.probability.end());
  for (std::size_t b = 0; b < n; ++b) {
    const double p = histogram.probability[b];
    curve.x.push_back((histogram.lower + (static_cast<double>(b) + 0.5) * width) * unit_per_value);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    curve.free_energy.push_back(p > 0.0 ? -std::log(p / largest) : kInfinity);
    curve.error.push_back(p > 0.0 ? histogram.probability_error[b] / p : kInfinity);
  }
  return curve;
}

ComparisonData::Profile angle_profile(const std::vector<NamedTrajectory>& trajectories,
                                      std::size_t torsion, const std::string& name) {
  ComparisonData::Profile profile{name, "deg", {}};
  for (const auto& [run, trajectory] : trajectories)
    profile.curves.push_back(
        curve_of(run,
                 engine::histogram(trajectory->series(trajectory->angles[torsion]), -engine::kPi,
                                   engine::kPi, kProfileBins),
                 engine::kDegreePerRadian));
  return profile;
}

ComparisonData::Profile tic_profile(const std::vector<NamedTrajectory>& trajectories,
                                    std::size_t tic) {
  double lower = std::numeric_limits<double>::infinity(), upper = -lower;
  for (const auto& [run, trajectory] : trajectories)
    for (double value : trajectory->tics[tic]) {
      lower = std::min(lower, value);
      upper = std::max(upper, value);
    }
  ComparisonData::Profile profile{"TIC " + std::to_string(tic), "", {}};
  if (!(lower < upper)) return profile;
  for (const auto& [run, trajectory] : trajectories)
    profile.curves.push_back(curve_of(
        run,
        engine::histogram(trajectory->series(trajectory->tics[tic]), lower, upper, kProfileBins),
        1.0));
  return profile;
}

/// The psi of the residue that a phi belongs to; torsions.size() if there is none.
std::size_t psi_of(const std::vector<ComparedTorsion>& torsions, std::size_t phi) {
  const std::string wanted = "psi" + torsions[phi].torsion.name.substr(3);
  const auto found =
      std::find_if(torsions.begin(), torsions.end(), [&wanted](const ComparedTorsion& torsion) {
        return torsion.kind == TorsionClass::kPsi && torsion.torsion.name == wanted;
      });
  return static_cast<std::size_t>(found - torsions.begin());
}

void add_maps(const std::vector<NamedTrajectory>& trajectories,
              const std::vector<ComparedTorsion>& torsions, ComparisonData::Peptide& peptide) {
  for (std::size_t phi = 0; phi < torsions.size(); ++phi) {
    if (torsions[phi].kind != TorsionClass::kPhi) continue;
    const std::size_t psi = psi_of(torsions, phi);
    if (psi == torsions.size()) continue;
    for (const auto& [run, trajectory] : trajectories)
      peptide.maps.emplace_back(
          run,
          io::TorsionMap{torsions[phi].torsion.name, torsions[psi].torsion.name,
                         engine::free_energy_surface(trajectory->series(trajectory->angles[phi]),
                                                     trajectory->series(trajectory->angles[psi]),
                                                     kMapBins, trajectory->temperature_K)});
  }
}

}  // namespace

void set_figures(const std::vector<NamedTrajectory>& trajectories,
                 const ComparedCoordinates& coordinates, ComparisonData::Peptide& peptide) {
  for (std::size_t t = 0; t < coordinates.torsions.size(); ++t) {
    const ComparedTorsion& torsion = coordinates.torsions[t];
    if (torsion.kind == TorsionClass::kPhi || torsion.kind == TorsionClass::kPsi)
      peptide.profiles.push_back(angle_profile(trajectories, t, torsion.torsion.name));
  }
  const std::size_t n_tics = trajectories.front().trajectory->tics.size();
  for (std::size_t tic = 0; tic < n_tics; ++tic) {
    ComparisonData::Profile profile = tic_profile(trajectories, tic);
    if (!profile.curves.empty()) peptide.profiles.push_back(std::move(profile));
  }
  add_maps(trajectories, coordinates.torsions, peptide);
  if (n_tics < 2) return;
  for (const auto& [run, trajectory] : trajectories) {
    ComparisonData::Points points{run, {}};
    const std::size_t n = trajectory->n_frames(), kept = std::min(kTicPoints, n);
    for (std::size_t i = 0; i < kept; ++i)
      points.points.push_back(
          {trajectory->tics[0][i * n / kept], trajectory->tics[1][i * n / kept]});
    peptide.tic_points.push_back(std::move(points));
  }
}

}  // namespace saltus::tools
