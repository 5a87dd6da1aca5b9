#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/system/topology.h"

namespace saltus::tests {

/// A topology of one residue from elements ("C", "H", "O", "N") and bonds.
inline engine::Topology make_topology(
    const std::vector<std::string>& elements,
    std::initializer_list<std::pair<std::size_t, std::size_t>> bonds) {
  engine::Topology topology;
  topology.residues = {{"MOL", "A", 1, ""}};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const int number = elements[i] == "C" ? 6 : elements[i] == "N" ? 7 : elements[i] == "O" ? 8 : 1;
    topology.atoms.push_back({elements[i] + std::to_string(i), number, 0});
  }
  for (const auto& [a, b] : bonds) topology.bonds.push_back({a, b});
  return topology;
}

inline engine::Topology methane() {
  return make_topology({"C", "H", "H", "H", "H"}, {{0, 1}, {0, 2}, {0, 3}, {0, 4}});
}

/// CH3-CH2-OH
inline engine::Topology ethanol() {
  return make_topology({"C", "C", "O", "H", "H", "H", "H", "H", "H"},
                       {{0, 1}, {1, 2}, {0, 3}, {0, 4}, {0, 5}, {1, 6}, {1, 7}, {2, 8}});
}

/// CH3-CH2-NH-CH2-OH, the nitrogen invertible; a ranked end, one to three substituents, the smaller
/// side of bonds now at the lower, now at the higher index.
inline engine::Topology amino_alcohol() {
  return make_topology({"C", "C", "N", "C", "O", "H", "H", "H", "H", "H", "H", "H", "H", "H"},
                       {{0, 1},
                        {1, 2},
                        {2, 3},
                        {3, 4},
                        {0, 5},
                        {0, 6},
                        {0, 7},
                        {1, 8},
                        {1, 9},
                        {2, 10},
                        {3, 11},
                        {3, 12},
                        {4, 13}});
}

/// A three-membered ring with its hydrogens and a methyl group.
inline engine::Topology methylcyclopropane() {
  return make_topology({"C", "C", "C", "C", "H", "H", "H", "H", "H", "H", "H", "H"}, {{0, 1},
                                                                                      {1, 2},
                                                                                      {2, 0},
                                                                                      {0, 3},
                                                                                      {0, 4},
                                                                                      {1, 5},
                                                                                      {1, 6},
                                                                                      {2, 7},
                                                                                      {2, 8},
                                                                                      {3, 9},
                                                                                      {3, 10},
                                                                                      {3, 11}});
}

/// Two rings that share an edge (bicyclo[2.2.0]hexane without hydrogens).
inline engine::Topology fused_rings() {
  return make_topology({"C", "C", "C", "C", "C", "C"},
                       {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {2, 4}, {4, 5}, {5, 3}});
}

/// Ammonia: the smallest branched case.
inline engine::Topology ammonia() {
  return make_topology({"N", "H", "H", "H"}, {{0, 1}, {0, 2}, {0, 3}});
}

/// The same molecule with atom i renamed order[i].
inline engine::Topology permuted(const engine::Topology& topology,
                                 const std::vector<std::size_t>& order) {
  engine::Topology result = topology;
  for (std::size_t i = 0; i < order.size(); ++i) result.atoms[order[i]] = topology.atoms[i];
  for (engine::Bond& bond : result.bonds) bond = {order[bond.first], order[bond.second]};
  return result;
}

}  // namespace saltus::tests
