#include "tools/conformers/ring_library.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <set>
#include <utility>

#include "engine/conformers/ring_systems.h"
#include "engine/core/error.h"
#include "tools/conformers/isomer.h"

namespace saltus::tools {

RingLibrary::RingLibrary(const forcefields::ChemMolecule& molecule,
                         const engine::TorsionGraph& graph,
                         const engine::Configuration& configuration,
                         const ConformerSettings& settings, const RingSearchOptions& options)
    : configuration_(configuration), window_(options.energy_window) {
  const auto systems = engine::flexible_ring_systems(graph);
  if (systems.empty()) return;
  const std::vector<int> classes = forcefields::atom_classes(molecule);
  for (std::size_t s = 0; s < systems.size(); ++s) {
    RingSearchOptions own = options;
    own.seed += s;
    own.deadline = share_of_time(options.deadline, 1.0 / static_cast<double>(systems.size() - s));
    try {
      const forcefields::RingFragment fragment =
          forcefields::cut_out_rings(molecule, configuration, systems[s]);
      std::vector<int> own_classes;
      for (const std::size_t atom : fragment.parent_atoms) own_classes.push_back(classes[atom]);
      RingShapes shapes = search_ring_shapes(fragment, own_classes, settings, own);
      timed_out_ = timed_out_ || shapes.timed_out;
      if (!shapes.states.empty())
        systems_.push_back(
            {engine::RingTransplant(graph, systems[s], fragment.parent_atoms), std::move(shapes)});
    } catch (const engine::InputError&) {  // RDKit takes the whole, but not the part
    }
  }
  n_unsearched_ = systems.size() - systems_.size();
}

std::size_t RingLibrary::n_shapes() const {
  std::size_t n = systems_.empty() ? 0 : 1;
  for (const System& system : systems_) n = std::min(kMaxShapes, n * system.shapes.states.size());
  return n;
}

std::vector<std::pair<double, RingLibrary::Combination>> RingLibrary::lowest_combinations(
    std::size_t n) const {
  using Entry = std::pair<double, Combination>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> waiting;
  std::set<Combination> seen;
  const auto add = [&](const Combination& combination) {
    double energy = 0.0;
    for (std::size_t s = 0; s < systems_.size(); ++s) {
      const auto& states = systems_[s].shapes.states;
      if (combination[s] == states.size()) return;
      energy += states[combination[s]].energy - states[0].energy;
    }
    if (energy <= window_ && seen.insert(combination).second) waiting.emplace(energy, combination);
  };
  add(Combination(systems_.size(), 0));
  std::vector<Entry> result;
  while (!waiting.empty() && result.size() < n) {
    result.push_back(waiting.top());
    waiting.pop();
    Combination next = result.back().second;
    for (std::size_t s = 0; s < systems_.size(); ++s) {
      ++next[s];
      add(next);
      --next[s];
    }
  }
  return result;
}

CombinedShapes RingLibrary::combined(const engine::CoordinateBatch& bases, std::size_t n,
                                     std::size_t times) const {
  CombinedShapes result;
  result.positions = engine::CoordinateBatch::like(bases.view(), 0);
  if (empty()) return result;
  const auto combinations = lowest_combinations(n);
  const std::size_t m = combinations.size();
  engine::CoordinateBatch x = engine::CoordinateBatch::like(bases.view(), m * times);
  std::vector<std::size_t> good;
  for (std::size_t c = 0; c < m * times; ++c) {
    x.copy_chain(bases.view(), (c % m + c / m) % bases.n_chains(), c);
    const auto& [strain, combination] = combinations[c % m];
    for (std::size_t s = 0; s < systems_.size(); ++s)
      systems_[s].transplant.put(systems_[s].shapes.states[combination[s]].positions, x.chain(c));
    if (!engine::has_configuration(configuration_, x.view().chain(c))) continue;
    good.push_back(c);
    result.strains.push_back(strain);
  }
  result.positions = engine::CoordinateBatch::rows(x.view(), good);
  return result;
}

void RingLibrary::describe(StageCounts& counts) const {
  counts.rings_timed_out = timed_out_;
  if (empty()) return;
  counts.n_ring_shapes = n_shapes();
  counts.n_unsearched_rings = n_unsearched_;
  counts.rings_are_open = false;
  for (const System& system : systems_) {
    counts.n_ring_builds += system.shapes.n_builds;
    if (system.shapes.saturated) continue;
    counts.rings_are_open = true;
    counts.share_of_new_rings = std::max(counts.share_of_new_rings, system.shapes.share_of_new);
  }
}

engine::CoordinateBatch joined(const engine::CoordinateBatch& x,
                               const engine::CoordinateBatch& others) {
  engine::CoordinateBatch all =
      engine::CoordinateBatch::like(x.view(), x.n_chains() + others.n_chains());
  for (std::size_t c = 0; c < x.n_chains(); ++c) all.copy_chain(x.view(), c, c);
  for (std::size_t c = 0; c < others.n_chains(); ++c)
    all.copy_chain(others.view(), c, x.n_chains() + c);
  return all;
}

}  // namespace saltus::tools
