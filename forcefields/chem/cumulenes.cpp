#include "forcefields/chem/cumulenes.h"

#include <algorithm>

#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

namespace {

using Neighbours = std::vector<std::vector<std::size_t>>;

/// Neighbours along double bonds.
Neighbours double_bonds_of(const RDKit::ROMol& graph) {
  Neighbours neighbours(graph.getNumAtoms());
  for (const RDKit::Bond* bond : graph.bonds()) {
    if (bond->getBondType() != RDKit::Bond::DOUBLE) continue;
    neighbours[bond->getBeginAtomIdx()].push_back(bond->getEndAtomIdx());
    neighbours[bond->getEndAtomIdx()].push_back(bond->getBeginAtomIdx());
  }
  return neighbours;
}

bool is_linear(const RDKit::ROMol& graph, const Neighbours& doubles, std::size_t atom) {
  return doubles[atom].size() == 2 &&
         graph.getAtomWithIdx(static_cast<unsigned>(atom))->getTotalDegree() == 2;
}

std::vector<std::size_t> row_from(const RDKit::ROMol& graph, const Neighbours& doubles,
                                  std::size_t end) {
  std::vector<std::size_t> row = {end, doubles[end][0]};
  while (is_linear(graph, doubles, row.back())) {
    const auto& near = doubles[row.back()];
    row.push_back(near[0] == row[row.size() - 2] ? near[1] : near[0]);
    if (row.back() == end) return {};
  }
  return row;
}

/// Atoms on the end of a row besides the row itself, hydrogens and others.
std::pair<unsigned, unsigned> borne(const RDKit::ROMol& graph, std::size_t atom) {
  const RDKit::Atom* end = graph.getAtomWithIdx(static_cast<unsigned>(atom));
  constexpr bool kExplicitToo = true;
  const unsigned hydrogens = end->getTotalNumHs(kExplicitToo);
  return {hydrogens, end->getTotalDegree() - 1 - hydrogens};
}

}  // namespace

std::vector<std::vector<std::size_t>> cumulenes(const ChemMolecule& molecule) {
  const RDKit::ROMol& graph = molecule.graph->molecule();
  const Neighbours doubles = double_bonds_of(graph);
  std::vector<std::vector<std::size_t>> rows;
  for (std::size_t end = 0; end < doubles.size(); ++end) {
    if (doubles[end].size() != 1 || !is_linear(graph, doubles, doubles[end][0])) continue;
    const std::vector<std::size_t> row = row_from(graph, doubles, end);
    if (row.empty() || row.back() < row.front() || doubles[row.back()].size() != 1) continue;
    const auto [first_h, first] = borne(graph, row.front());
    const auto [last_h, last] = borne(graph, row.back());
    if (first_h + first > 0 && last_h + last > 0 && first + last > 0) rows.push_back(row);
  }
  return rows;
}

}  // namespace saltus::forcefields
