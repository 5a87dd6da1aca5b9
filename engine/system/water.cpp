#include "engine/system/water.h"

#include <algorithm>

namespace saltus::engine {

namespace {

constexpr int kHydrogen = 1, kOxygen = 8;

/// The atoms of one residue, which is a water molecule by its elements.
Water water_of(const Topology& topology, std::size_t first, std::size_t end) {
  Water water;
  water.residue = topology.atoms[first].residue;
  std::size_t n_hydrogens = 0;
  for (std::size_t atom = first; atom < end; ++atom) {
    const int element = topology.atoms[atom].atomic_number;
    if (element == kOxygen)
      water.oxygen = atom;
    else if (element == kHydrogen)
      water.hydrogens[n_hydrogens++] = atom;
    else
      water.sites.push_back(atom);
  }
  return water;
}

bool contains(const std::vector<std::size_t>& atoms, std::size_t atom) {
  return std::find(atoms.begin(), atoms.end(), atom) != atoms.end();
}

}  // namespace

std::vector<Water> find_waters(const Topology& topology) {
  const auto neighbours = topology.neighbours();
  const std::vector<bool> by_elements = water_residues(topology);
  std::vector<Water> waters;
  for (std::size_t first = 0, end = 0; first < topology.n_atoms(); first = end) {
    const std::size_t residue = topology.atoms[first].residue;
    bool alone = true;
    for (; end < topology.n_atoms() && topology.atoms[end].residue == residue; ++end)
      for (const std::size_t other : neighbours[end])
        alone = alone && topology.atoms[other].residue == residue;
    if (!by_elements[residue] || !alone) continue;
    Water water = water_of(topology, first, end);
    const auto& bonded = neighbours[water.oxygen];
    if (contains(bonded, water.hydrogens[0]) && contains(bonded, water.hydrogens[1]))
      waters.push_back(std::move(water));
  }
  return waters;
}

std::vector<std::optional<std::size_t>> waters_of_atoms(const std::vector<Water>& waters,
                                                        std::size_t n_atoms) {
  std::vector<std::optional<std::size_t>> result(n_atoms);
  for (std::size_t n = 0; n < waters.size(); ++n) {
    result[waters[n].oxygen] = n;
    for (const std::size_t atom : waters[n].hydrogens) result[atom] = n;
    for (const std::size_t atom : waters[n].sites) result[atom] = n;
  }
  return result;
}

}  // namespace saltus::engine
