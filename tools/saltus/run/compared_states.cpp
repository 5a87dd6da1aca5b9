#include "tools/saltus/run/compared_states.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "engine/core/units.h"

namespace saltus::tools {

namespace {

using engine::kDegreePerRadian;
using engine::Span;
using Labels = std::vector<std::uint32_t>;

/// Names and torsions of the units: phi with its psi, other torsions alone.
std::vector<std::pair<std::string, std::vector<std::size_t>>> units_of(
    const ComparedCoordinates& coordinates, bool side_chains) {
  std::vector<std::pair<std::string, std::vector<std::size_t>>> units;
  std::map<std::string, std::size_t> unit_of_residue;
  for (std::size_t t = 0; t < coordinates.torsions.size(); ++t) {
    const ComparedTorsion& torsion = coordinates.torsions[t];
    const std::string& name = torsion.torsion.name;
    if (torsion.kind == TorsionClass::kOmega) continue;
    if (torsion.kind == TorsionClass::kSideChain) {
      if (side_chains)
        units.push_back({torsion.fold == 2 ? name + " (twice the angle)" : name, {t}});
      continue;
    }
    const auto [known, is_new] = unit_of_residue.emplace(name.substr(3), units.size());
    if (is_new) {
      units.push_back({name, {t}});
    } else {
      units[known->second].first += ", " + name;
      units[known->second].second.push_back(t);
    }
  }
  return units;
}

Span<const double> second_of(const std::vector<std::vector<double>>& angles,
                             const std::vector<std::size_t>& torsions) {
  if (torsions.size() < 2) return {};
  return angles[torsions[1]];
}

/// "-75°, 145°"
std::string place(const engine::AngleBasins& basins, std::size_t basin, std::size_t n_angles) {
  const auto peak = basins.peak(basin);
  std::string text = fmt::format(FMT_STRING("{:.0f}°"), peak[0] * kDegreePerRadian);
  if (n_angles == 2) text += fmt::format(FMT_STRING(", {:.0f}°"), peak[1] * kDegreePerRadian);
  return text;
}

/// Share of frames with each label.
std::map<Labels, double> shares_of(const std::vector<Labels>& labels,
                                   const std::vector<std::size_t>& units) {
  std::map<Labels, double> shares;
  const std::size_t n = labels.at(units.at(0)).size();
  for (std::size_t frame = 0; frame < n; ++frame) {
    Labels label;
    for (std::size_t unit : units) label.push_back(labels[unit][frame]);
    shares[label] += 1.0 / static_cast<double>(n);
  }
  return shares;
}

}  // namespace

ComparedStates::ComparedStates(const ComparedCoordinates& coordinates,
                               const ComparedTrajectory& reference,
                               const ComparedStatesDeck& deck) {
  for (const auto& [name, torsions] : units_of(coordinates, deck.side_chains)) {
    engine::AngleBasins basins(reference.angles[torsions[0]], second_of(reference.angles, torsions),
                               deck.basins);
    if (basins.n_basins() > 1) units_.push_back({name, torsions, std::move(basins)});
  }
  if (units_.empty()) return;
  const std::vector<Labels> labels = labels_of(reference);
  std::vector<std::size_t> all;
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    all.push_back(unit);
    for (const auto& [label, share] : shares_of(labels, {unit}))
      if (share > deck.min_population)
        add_state(fmt::format(FMT_STRING("{}: {} near {}"), units_[unit].name, label[0] + 1,
                              place(units_[unit].basins, label[0], units_[unit].torsions.size())),
                  {unit, label});
  }
  if (units_.size() < 2) return;
  for (const auto& [label, share] : shares_of(labels, all)) {
    if (share <= deck.min_population) continue;
    std::string name = "together: ";
    for (std::size_t unit : all) name += (unit == 0 ? "" : "-") + std::to_string(label[unit] + 1);
    add_state(name, {units_.size(), label});
  }
}

void ComparedStates::add_state(const std::string& name, State state) {
  names_.push_back(name);
  states_.push_back(std::move(state));
}

std::vector<Labels> ComparedStates::labels_of(const ComparedTrajectory& trajectory) const {
  std::vector<Labels> labels;
  for (const Unit& unit : units_)
    labels.push_back(unit.basins.basins_of(trajectory.angles[unit.torsions[0]],
                                           second_of(trajectory.angles, unit.torsions)));
  return labels;
}

std::vector<std::vector<double>> ComparedStates::indicators(
    const ComparedTrajectory& trajectory) const {
  const std::vector<Labels> labels = labels_of(trajectory);
  std::vector<std::vector<double>> result;
  for (const State& state : states_) {
    const bool is_combination = state.unit == units_.size();
    std::vector<double> series(trajectory.n_frames(), 1.0);
    for (std::size_t i = 0; i < state.basins.size(); ++i) {
      const Labels& of_unit = labels[is_combination ? i : state.unit];
      for (std::size_t frame = 0; frame < series.size(); ++frame)
        if (of_unit[frame] != state.basins[i]) series[frame] = 0.0;
    }
    result.push_back(std::move(series));
  }
  return result;
}

std::vector<io::ComparisonData::State> populations_of(
    const ComparedStates& states, const ComparedTrajectory& trajectory,
    const std::vector<std::vector<double>>& indicators) {
  std::vector<io::ComparisonData::State> result;
  for (std::size_t s = 0; s < states.size(); ++s) {
    const auto time = engine::autocorrelation_time(trajectory.series(indicators[s]));
    io::ComparisonData::State state{states.name(s), time.mean, time.mean_error};
    // A series that never changes tells nothing of its error.
    if (std::isnan(time.tau)) state.error = io::ComparisonData::kUnknown;
    result.push_back(state);
  }
  return result;
}

std::vector<io::ComparisonData::Population> compare_populations(
    const std::vector<io::ComparisonData::State>& reference,
    const std::vector<io::ComparisonData::State>& run) {
  std::vector<io::ComparisonData::Population> result;
  for (std::size_t s = 0; s < reference.size(); ++s) {
    io::ComparisonData::Population population;
    population.value = run[s].population;
    population.error = run[s].error;
    population.missed = run[s].population == 0.0;
    const double error = std::hypot(reference[s].error, run[s].error);
    if (error > 0.0)
      population.standard_errors = std::abs(population.value - reference[s].population) / error;
    result.push_back(population);
  }
  return result;
}

}  // namespace saltus::tools
