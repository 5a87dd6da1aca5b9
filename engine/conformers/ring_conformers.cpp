#include "engine/conformers/ring_conformers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/ring_systems.h"
#include "engine/core/ordered_pair.h"
#include "engine/core/units.h"
#include "engine/rings/ring_system.h"

namespace saltus::engine {

namespace {

constexpr double kSameTorsion = 20.0 * kRadianPerDegree;

/// Of the two ways to write a torsion, the first one.
Quartet canonical(const Quartet& q) { return std::min(q, Quartet{q[3], q[2], q[1], q[0]}); }

/// The system, heavy atoms on it, and hydrogens whose place is not that of the rings: of pyramids.
std::vector<std::size_t> compared_atoms(const TorsionGraph& graph,
                                        const std::vector<std::size_t>& system,
                                        const std::vector<std::vector<std::size_t>>& neighbours) {
  constexpr int kPyramid = 3;
  std::vector<std::size_t> atoms = system;
  const std::vector<bool> inside = marked(graph.atoms.size(), system);
  for (const std::size_t i : system) {
    const GraphAtom& atom = graph.atoms[i];
    const bool pyramid = atom.degree == kPyramid && atom.shape == AtomShape::kTetrahedral;
    for (const std::size_t other : neighbours[i])
      if (!inside[other] && (pyramid || graph.atoms[other].atomic_number > 1))
        atoms.push_back(other);
  }
  std::sort(atoms.begin(), atoms.end());
  atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
  return atoms;
}

std::vector<Quartet> quartets_of(const TorsionGraph& graph, const std::vector<bool>& inside,
                                 const std::vector<bool>& compared,
                                 const std::vector<std::vector<std::size_t>>& neighbours) {
  std::vector<Quartet> quartets;
  for (const GraphBond& bond : graph.bonds) {
    const auto [b, c] = std::pair(bond.first, bond.second);
    if (!bond.in_ring || bond.order != 1 || !inside[b] || !inside[c]) continue;
    for (const std::size_t a : neighbours[b])
      for (const std::size_t d : neighbours[c])
        if (a != c && d != b && a != d && compared[a] && compared[d])
          quartets.push_back(canonical({a, b, c, d}));
  }
  return quartets;
}

/// Ways to renumber some atoms.
std::vector<std::map<std::size_t, std::size_t>> symmetries(const TorsionGraph& graph,
                                                           const std::vector<std::size_t>& atoms,
                                                           const std::vector<int>& classes) {
  constexpr std::size_t kMaxMaps = 256;
  std::map<std::size_t, std::size_t> place;
  ColouredGraph coloured;
  for (const std::size_t atom : atoms) {
    place.emplace(atom, coloured.colours.size());
    coloured.colours.push_back(classes[atom]);
  }
  for (const GraphBond& bond : graph.bonds)
    if (place.count(bond.first) && place.count(bond.second))
      coloured.edges.push_back(
          {place[bond.first], place[bond.second], bond.in_ring ? bond.order : 0});
  std::vector<std::map<std::size_t, std::size_t>> result;
  for (const auto& map : find_automorphisms(coloured, kMaxMaps).maps) {
    result.emplace_back();
    for (std::size_t i = 0; i < atoms.size(); ++i) result.back()[atoms[i]] = atoms[map[i]];
  }
  return result;
}

double difference(double a, double b) { return std::abs(std::remainder(a - b, kTwoPi)); }

bool same_shape(const std::vector<double>& a, const std::vector<double>& b,
                const std::vector<std::size_t>& map) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (difference(a[i], b[map[i]]) > kSameTorsion) return false;
  return true;
}

}  // namespace

RingConformers::RingConformers(const TorsionGraph& graph, const std::vector<std::size_t>& system,
                               const std::vector<int>& classes) {
  const auto neighbours = graph.neighbours();
  const std::vector<std::size_t> atoms = compared_atoms(graph, system, neighbours);
  const std::size_t n = graph.atoms.size();
  quartets_ = quartets_of(graph, marked(n, system), marked(n, atoms), neighbours);
  std::map<Quartet, std::size_t> numbers;
  for (std::size_t q = 0; q < quartets_.size(); ++q) numbers.emplace(quartets_[q], q);
  for (const auto& symmetry : symmetries(graph, atoms, classes)) {
    std::vector<std::size_t> map;
    for (const Quartet& q : quartets_)
      map.push_back(numbers.at(
          canonical({symmetry.at(q[0]), symmetry.at(q[1]), symmetry.at(q[2]), symmetry.at(q[3])})));
    maps_.push_back(std::move(map));
  }
}

bool RingConformers::offer(double energy, Span<const double> x) {
  RingConformer offered;
  offered.energy = energy;
  offered.positions.assign(x.begin(), x.end());
  offered.n_found = 1;
  for (const Quartet& q : quartets_) offered.torsions.push_back(quartet_angle(x, q));
  for (RingConformer& state : states_) {
    const bool same = std::any_of(maps_.begin(), maps_.end(), [&](const auto& map) {
      return same_shape(offered.torsions, state.torsions, map);
    });
    if (!same) continue;
    ++state.n_found;
    if (energy < state.energy) {
      state.energy = energy;
      state.positions = offered.positions;
      state.torsions = offered.torsions;
    }
    return false;
  }
  states_.push_back(std::move(offered));
  return true;
}

double RingConformers::lowest_energy() const {
  double lowest = std::numeric_limits<double>::infinity();
  for (const RingConformer& state : states_) lowest = std::min(lowest, state.energy);
  return lowest;
}

std::vector<std::size_t> RingConformers::in_window(double window) const {
  const double highest = lowest_energy() + window;
  std::vector<std::size_t> result;
  for (std::size_t s = 0; s < states_.size(); ++s)
    if (states_[s].energy <= highest) result.push_back(s);
  std::stable_sort(result.begin(), result.end(), [&](std::size_t a, std::size_t b) {
    return states_[a].energy < states_[b].energy;
  });
  return result;
}

double RingConformers::share_of_new(double window) const {
  std::size_t n = 0, n_once = 0;
  for (const std::size_t s : in_window(window)) {
    n += states_[s].n_found;
    n_once += states_[s].n_found == 1;
  }
  return n == 0 ? 1.0 : static_cast<double>(n_once) / static_cast<double>(n);
}

}  // namespace saltus::engine
