#include "engine/system/topology.h"

#include <algorithm>
#include <deque>
#include <limits>

namespace saltus::engine {

std::vector<std::vector<std::size_t>> Topology::neighbours() const {
  std::vector<std::vector<std::size_t>> result(atoms.size());
  for (const Bond& bond : bonds) {
    result[bond.first].push_back(bond.second);
    result[bond.second].push_back(bond.first);
  }
  for (auto& list : result) std::sort(list.begin(), list.end());
  return result;
}

std::string Topology::describe_residue(std::size_t index) const {
  const Residue& residue = residues[index];
  std::string text = "residue " + residue.name + " " + std::to_string(residue.number);
  text += residue.insertion_code;
  if (!residue.chain.empty()) text += " of chain " + residue.chain;
  return text;
}

std::string Topology::describe_atom(std::size_t index) const {
  return "atom " + atoms[index].name + " of " + describe_residue(atoms[index].residue);
}

std::vector<bool> water_residues(const Topology& topology) {
  constexpr int kHydrogen = 1, kOxygen = 8;
  struct Count {
    std::size_t oxygens = 0, hydrogens = 0, others = 0;
  };
  std::vector<Count> counts(topology.residues.size());
  for (const Atom& atom : topology.atoms) {
    Count& count = counts[atom.residue];
    if (atom.atomic_number == kOxygen)
      ++count.oxygens;
    else if (atom.atomic_number == kHydrogen)
      ++count.hydrogens;
    else if (atom.atomic_number != 0)
      ++count.others;
  }
  std::vector<bool> result;
  result.reserve(counts.size());
  for (const Count& count : counts)
    result.push_back(count.oxygens == 1 && count.hydrogens == 2 && count.others == 0);
  return result;
}

std::vector<std::size_t> bond_distances(const std::vector<std::vector<std::size_t>>& neighbours,
                                        std::size_t from) {
  constexpr std::size_t kNoWay = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> distance(neighbours.size(), kNoWay);
  distance[from] = 0;
  std::deque<std::size_t> queue = {from};
  while (!queue.empty()) {
    const std::size_t atom = queue.front();
    queue.pop_front();
    for (std::size_t next : neighbours[atom])
      if (distance[next] == kNoWay) {
        distance[next] = distance[atom] + 1;
        queue.push_back(next);
      }
  }
  return distance;
}

}  // namespace saltus::engine
