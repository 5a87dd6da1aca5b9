#include "engine/system/topology.h"

#include <algorithm>

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

}  // namespace saltus::engine
