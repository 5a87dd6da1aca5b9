#include "engine/conformers/ring_systems.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/core/vec3.h"
#include "engine/rings/ring_system.h"

namespace saltus::engine {

namespace {

// Of GraphAtom::ring_sizes.
constexpr unsigned kAtLeastFour = 0x7e, kAtLeastSeven = 0x70, kAboveEight = 0x40;

bool can_change_shape(const TorsionGraph& graph, const std::vector<std::size_t>& atoms) {
  constexpr std::size_t kMinTetrahedral = 3;
  std::size_t n_tetrahedral = 0;
  for (const std::size_t i : atoms) {
    const GraphAtom& atom = graph.atoms[i];
    if (atom.shape != AtomShape::kTetrahedral) continue;
    if (atom.ring_sizes & kAtLeastSeven) return true;
    n_tetrahedral += (atom.ring_sizes & kAtLeastFour) != 0;
  }
  return n_tetrahedral >= kMinTetrahedral;
}

/// The oxygen of C=O; kNowhere of other atoms.
std::size_t carbonyl_oxygen(const TorsionGraph& graph, std::size_t atom) {
  constexpr int kCarbon = 6, kOxygen = 8, kDouble = 2;
  if (graph.atoms[atom].atomic_number != kCarbon) return kNowhere;
  for (const GraphBond& bond : graph.bonds) {
    if (bond.order != kDouble || (bond.first != atom && bond.second != atom)) continue;
    const std::size_t other = bond.first == atom ? bond.second : bond.first;
    if (graph.atoms[other].atomic_number == kOxygen) return other;
  }
  return kNowhere;
}

/// The hydrogen of NH in a large ring; kNowhere of other atoms.
std::size_t amide_hydrogen(const TorsionGraph& graph, std::size_t atom,
                           const std::vector<std::size_t>& neighbours) {
  constexpr int kNitrogen = 7, kDegree = 3;
  const GraphAtom& a = graph.atoms[atom];
  if (a.atomic_number != kNitrogen || a.degree != kDegree || !(a.ring_sizes & kAboveEight))
    return kNowhere;
  for (const std::size_t other : neighbours)
    if (graph.atoms[other].atomic_number == 1) return other;
  return kNowhere;
}

}  // namespace

std::vector<std::vector<std::size_t>> flexible_ring_systems(const TorsionGraph& graph) {
  const std::size_t n = graph.atoms.size();
  std::vector<std::size_t> system(n);
  std::iota(system.begin(), system.end(), std::size_t{0});
  for (bool changed = true; changed;) {
    changed = false;
    for (const GraphBond& bond : graph.bonds) {
      if (!bond.in_ring || system[bond.first] == system[bond.second]) continue;
      system[bond.first] = system[bond.second] = std::min(system[bond.first], system[bond.second]);
      changed = true;
    }
  }
  std::vector<std::vector<std::size_t>> members(n), result;
  for (std::size_t i = 0; i < n; ++i) members[system[i]].push_back(i);
  for (auto& atoms : members)
    if (atoms.size() > 1 && can_change_shape(graph, atoms)) result.push_back(std::move(atoms));
  return result;
}

std::vector<bool> marked(std::size_t n_atoms, const std::vector<std::size_t>& atoms) {
  std::vector<bool> marks(n_atoms, false);
  for (const std::size_t atom : atoms) marks[atom] = true;
  return marks;
}

std::vector<std::size_t> reached_from(const std::vector<std::vector<std::size_t>>& neighbours,
                                      std::size_t start, const std::vector<bool>& barred) {
  std::vector<bool> seen = barred;
  seen[start] = true;
  std::vector<std::size_t> reached = {start};
  for (std::size_t next = 0; next < reached.size(); ++next)
    for (const std::size_t other : neighbours[reached[next]]) {
      if (seen[other]) continue;
      seen[other] = true;
      reached.push_back(other);
    }
  return reached;
}

std::size_t ring_freedom(const TorsionGraph& graph, const std::vector<std::size_t>& system) {
  constexpr std::size_t kForEachRing = 3;
  const std::vector<bool> inside = marked(graph.atoms.size(), system);
  const auto tetrahedral = [&](std::size_t i) {
    return graph.atoms[i].shape == AtomShape::kTetrahedral;
  };
  std::size_t n_bonds = 0, n_soft = 0;
  for (const GraphBond& bond : graph.bonds) {
    if (!bond.in_ring || !inside[bond.first] || !inside[bond.second]) continue;
    ++n_bonds;
    n_soft += bond.order == 1 && (tetrahedral(bond.first) || tetrahedral(bond.second));
  }
  const std::size_t lost = kForEachRing * (n_bonds + 1 - system.size());
  return n_soft > lost ? n_soft - lost : 1;
}

std::size_t number_of_cis_amides(const TorsionGraph& graph, Span<const double> x) {
  const auto neighbours = graph.neighbours();
  std::size_t n_cis = 0;
  for (const GraphBond& bond : graph.bonds) {
    if (!bond.in_ring || bond.order != 1) continue;
    for (const auto& [carbon, nitrogen] :
         {std::pair(bond.first, bond.second), std::pair(bond.second, bond.first)}) {
      const std::size_t oxygen = carbonyl_oxygen(graph, carbon);
      const std::size_t hydrogen = amide_hydrogen(graph, nitrogen, neighbours[nitrogen]);
      if (oxygen == kNowhere || hydrogen == kNowhere) continue;
      // Oxygen and hydrogen on one side: the ring is cis.
      n_cis += std::cos(quartet_angle(x, {oxygen, carbon, nitrogen, hydrogen})) > 0.0;
    }
  }
  return n_cis;
}

}  // namespace saltus::engine
