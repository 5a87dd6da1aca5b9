#include "engine/rings/ring_system.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/moves/bond_sides.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::engine {

namespace {

using Neighbours = std::vector<std::vector<std::size_t>>;

Neighbours ring_neighbours(const TorsionGraph& graph) {
  Neighbours neighbours(graph.atoms.size());
  for (const GraphBond& bond : graph.bonds) {
    if (!bond.in_ring) continue;
    neighbours[bond.first].push_back(bond.second);
    neighbours[bond.second].push_back(bond.first);
  }
  return neighbours;
}

/// The shortest way from one atom of a ring bond to the other that does not use the bond.
std::vector<std::size_t> way_around(const Neighbours& neighbours, const GraphBond& bond) {
  std::vector<std::size_t> before(neighbours.size(), kNowhere), queue = {bond.first};
  before[bond.first] = bond.first;
  for (std::size_t next = 0; next < queue.size() && before[bond.second] == kNowhere; ++next)
    for (const std::size_t other : neighbours[queue[next]]) {
      const bool is_bond = queue[next] == bond.first && other == bond.second;
      if (is_bond || before[other] != kNowhere) continue;
      before[other] = queue[next];
      queue.push_back(other);
    }
  std::vector<std::size_t> way;
  if (before[bond.second] == kNowhere) return way;
  for (std::size_t at = bond.second; at != bond.first; at = before[at]) way.push_back(at);
  way.push_back(bond.first);
  return way;  // from the second atom to the first
}

/// Number of the system of each atom; kNowhere outside of rings.
std::vector<std::size_t> systems_of_atoms(const Neighbours& neighbours, std::size_t& n_systems) {
  std::vector<std::size_t> system(neighbours.size(), kNowhere);
  n_systems = 0;
  for (std::size_t start = 0; start < neighbours.size(); ++start) {
    if (neighbours[start].empty() || system[start] != kNowhere) continue;
    std::vector<std::size_t> queue = {start};
    system[start] = n_systems;
    for (std::size_t next = 0; next < queue.size(); ++next)
      for (const std::size_t other : neighbours[queue[next]]) {
        if (system[other] != kNowhere) continue;
        system[other] = n_systems;
        queue.push_back(other);
      }
    ++n_systems;
  }
  return system;
}

}  // namespace

std::vector<Quartet> ring_torsions(const TorsionGraph& graph) {
  constexpr std::size_t kMinRingSize = 4;
  const Neighbours neighbours = ring_neighbours(graph);
  std::vector<Quartet> torsions;
  for (const GraphBond& bond : graph.bonds) {
    if (!bond.in_ring || bond.order != 1) continue;
    const auto way = way_around(neighbours, bond);
    if (way.size() < kMinRingSize) continue;
    torsions.push_back({way[way.size() - 2], bond.first, bond.second, way[1]});
  }
  return torsions;
}

std::vector<RingSystem> movable_ring_systems(const TorsionGraph& graph) {
  const Neighbours in_rings = ring_neighbours(graph), neighbours = graph.neighbours();
  std::size_t n_systems = 0;
  const auto system_of = systems_of_atoms(in_rings, n_systems);
  std::vector<RingSystem> systems(n_systems);
  for (std::size_t centre = 0; centre < neighbours.size(); ++centre) {
    if (system_of[centre] == kNowhere) continue;
    RingSystem& system = systems[system_of[centre]];
    system.atoms.push_back(centre);
    for (const std::size_t atom : neighbours[centre]) {
      std::vector<std::size_t> side = side_of_bond(neighbours, atom, centre);
      if (side.empty()) continue;  // the bond is in a ring
      side.erase(std::find(side.begin(), side.end(), atom));
      system.substituents.push_back(
          {atom, centre, {in_rings[centre][0], in_rings[centre][1]}, std::move(side)});
    }
  }
  for (const Quartet& torsion : ring_torsions(graph))
    systems[system_of[torsion[1]]].torsions.push_back(torsion);
  for (std::size_t i = 0; i < graph.inversions.size(); ++i)
    if (const std::size_t s = system_of[graph.inversions[i].atom]; s != kNowhere)
      systems[s].inversions.push_back(i);
  systems.erase(std::remove_if(systems.begin(), systems.end(),
                               [](const RingSystem& system) { return system.torsions.empty(); }),
                systems.end());
  return systems;
}

double quartet_angle(Span<const double> x, const Quartet& atoms) {
  return torsion_angle(x, atoms[0], atoms[1], atoms[2], atoms[3]);
}

}  // namespace saltus::engine
