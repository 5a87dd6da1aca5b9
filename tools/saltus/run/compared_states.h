#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/diagnostics/angle_basins.h"
#include "io/report/comparison_data.h"
#include "tools/saltus/decks/compare_deck.h"
#include "tools/saltus/run/compared_trajectory.h"

namespace saltus::tools {

/// Torsion states of a reference. The phi and psi of a residue are looked at together, other
/// torsions alone; each basin of such a unit with enough population is a state, and so is each
/// combination of basins of all units ("1-2-1").
class ComparedStates {
 public:
  /// @param reference  measured with `coordinates`
  ComparedStates(const ComparedCoordinates& coordinates, const ComparedTrajectory& reference,
                 const ComparedStatesDeck& deck);

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t state) const { return names_.at(state); }
  /// Series of 0 and 1 of every state, each [n_frames]: whether the trajectory is in it.
  std::vector<std::vector<double>> indicators(const ComparedTrajectory& trajectory) const;

 private:
  /// One or two torsions whose basins are looked for together.
  struct Unit {
    std::string name;
    std::vector<std::size_t> torsions;
    engine::AngleBasins basins;
  };
  /// A basin of one unit, or a basin of every unit.
  struct State {
    std::size_t unit;  ///< units_.size(): a combination
    std::vector<std::uint32_t> basins;
  };

  std::vector<std::vector<std::uint32_t>> labels_of(const ComparedTrajectory& trajectory) const;
  void add_state(const std::string& name, State state);

  std::vector<Unit> units_;  ///< those with more than one basin
  std::vector<State> states_;
  std::vector<std::string> names_;
};

/// Populations of states with the errors of correlated samples.
std::vector<io::ComparisonData::State> populations_of(
    const ComparedStates& states, const ComparedTrajectory& trajectory,
    const std::vector<std::vector<double>>& indicators);

/// What a run says of the reference's states.
std::vector<io::ComparisonData::Population> compare_populations(
    const std::vector<io::ComparisonData::State>& reference,
    const std::vector<io::ComparisonData::State>& run);

}  // namespace saltus::tools
