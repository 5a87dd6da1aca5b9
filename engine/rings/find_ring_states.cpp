#include "engine/rings/find_ring_states.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/minimisation/minimise.h"
#include "engine/moves/hamiltonian.h"
#include "engine/rings/ring_kicks.h"
#include "engine/rings/ring_widths.h"
#include "engine/torsions/torsion_geometry.h"

namespace saltus::engine {

namespace {

constexpr std::uint32_t kSlot = 1000004;  ///< of random numbers, far from those of parts of a step

bool late(const RingSearchOptions& options) {
  return std::chrono::steady_clock::now() >= options.deadline;
}

/// States of one system from minima of the whole molecule, the lowest first.
std::vector<RingMinimum> distinct(std::vector<RingMinimum> minima,
                                  const RingSearchOptions& options) {
  constexpr double kAlike_rad = 25.0 * kRadianPerDegree;
  std::stable_sort(minima.begin(), minima.end(),
                   [](const RingMinimum& a, const RingMinimum& b) { return a.energy < b.energy; });
  std::vector<RingMinimum> states;
  for (RingMinimum& minimum : minima) {
    if (minimum.energy > minima.front().energy + options.energy_window) break;
    const bool known = std::any_of(states.begin(), states.end(), [&](const RingMinimum& state) {
      if (state.signs != minimum.signs) return false;
      for (std::size_t t = 0; t < state.torsions.size(); ++t)
        if (std::cos(state.torsions[t] - minimum.torsions[t]) < std::cos(kAlike_rad)) return false;
      return true;
    });
    if (!known && states.size() < options.max_states) states.push_back(std::move(minimum));
  }
  return states;
}

RingMinimum minimum_of(const RingSubject& subject, const RingSystem& system, Span<const double> x,
                       double energy) {
  RingMinimum minimum;
  minimum.energy = energy;
  minimum.positions.assign(x.begin(), x.end());
  for (const Quartet& quartet : system.torsions)
    minimum.torsions.push_back(quartet_angle(x, quartet));
  std::vector<int> signs(subject.graph->inversions.size());
  inversion_signs(*subject.graph, x, signs);
  for (const std::size_t i : system.inversions) minimum.signs.push_back(signs[i]);
  return minimum;
}

/// Starts and kicked copies of them, minimised; those that are still the molecule asked for.
std::vector<RingMinimum> minima_of(const RingSubject& subject,
                                   const std::shared_ptr<const RingSystem>& system,
                                   const CoordinateBatch& starts,
                                   const RingSearchOptions& options) {
  CoordinateBatch x = kicked_rings(system, *subject.graph, starts,
                                   {options.n_kicks, StepKey{options.seed, 0}.child(kSlot)});
  MinimisationOptions minimisation;
  minimisation.n_steps = 1500;
  const std::string who = "the search for ring states";
  const EnergyFunction& energy = require_guide(subject.target, who);
  keep_finite(energy, x);
  const auto ends = minimise(energy, x, minimisation);
  std::vector<RingMinimum> minima;
  const auto order = substituent_order(*system, starts.view().chain(0));
  for (std::size_t c = 0; c < x.n_chains(); ++c) {
    const auto end = std::as_const(x).chain(c);
    if (!std::isfinite(ends[c].energy) || substituent_order(*system, end) != order) continue;
    if (subject.accepts && !subject.accepts(end)) continue;
    minima.push_back(minimum_of(subject, *system, end, ends[c].energy));
  }
  return minima;
}

std::string name_of_system(const RingSystem& system) {
  return "ring of atom " + std::to_string(system.atoms.front() + 1) + " (" +
         std::to_string(system.atoms.size()) + " atoms)";
}

}  // namespace

RingSearch find_ring_states(const RingSubject& subject, const CoordinateBatch& starts,
                            const RingSearchOptions& options) {
  if (!subject.graph || starts.n_chains() == 0)
    throw InternalError("the search for ring states needs a graph and a start");
  constexpr std::size_t kMinFrames = 30;
  RingSearch result;
  for (RingSystem& found : movable_ring_systems(*subject.graph)) {
    const auto system = std::make_shared<const RingSystem>(std::move(found));
    const auto leave_out = [&](const std::string& why) {
      result.without_moves.push_back(name_of_system(*system) + ": " + why);
    };
    if (system->n_coordinates() > options.max_coordinates) {
      leave_out("too large for ring moves");
      continue;
    }
    if (late(options)) {
      leave_out("no time to look for its shapes");
      continue;
    }
    auto minima = distinct(minima_of(subject, system, starts, options), options);
    if (minima.size() < 2) continue;
    const std::size_t n_frames = std::max(options.n_frames / minima.size(), kMinFrames);
    result.systems.push_back(measure_states(
        subject.target, subject.particles, {subject.graph, system, std::move(minima)},
        {options.temperature_K, options.n_chains, n_frames, {options.seed, 0}}));
  }
  return result;
}

void align_hydrogens(const TorsionGraph& graph, CoordinateBatch& positions) {
  if (positions.n_chains() == 0) return;
  for (const RingSystem& system : movable_ring_systems(graph)) {
    const auto order = substituent_order(system, std::as_const(positions).chain(0));
    for (std::size_t c = 1; c < positions.n_chains(); ++c) {
      const auto now = substituent_order(system, std::as_const(positions).chain(c));
      for (std::size_t p = 0; p < order.size(); ++p) {
        const auto& [a, b, sign] = order[p];
        if (now[p].sign == sign || graph.atoms[a].atomic_number != 1 ||
            graph.atoms[b].atomic_number != 1)
          continue;
        const auto x = positions.chain(c);
        std::swap_ranges(x.begin() + static_cast<std::ptrdiff_t>(3 * a),
                         x.begin() + static_cast<std::ptrdiff_t>(3 * a + 3),
                         x.begin() + static_cast<std::ptrdiff_t>(3 * b));
      }
    }
  }
}

}  // namespace saltus::engine
