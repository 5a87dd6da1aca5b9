#include "forcefields/chem/torsion_graph_of.h"

#include <GraphMol/MolOps.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "engine/core/ordered_pair.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/torsion_ends_detail.h"
#include "forcefields/chem/torsion_features_detail.h"

namespace saltus::forcefields {

using engine::GraphBond;
using engine::InputError;
using engine::kNowhere;
using engine::TorsionBond;
using engine::TorsionGraph;

namespace {

constexpr std::size_t kFarthest = 2;  // bonds between the axes of neighbours
constexpr std::size_t kMaxNeighbours = 8;

void check_complete(const ChemMolecule& molecule) {
  const RDKit::ROMol& graph = molecule.graph->molecule();
  for (const RDKit::Atom* atom : graph.atoms())
    if (atom->getTotalNumHs() > 0)
      throw InputError(molecule.source + ": " + detail::describe_atom(*atom) +
                       " lacks hydrogens, expected all of them as atoms; add hydrogens first");
  RDKit::INT_VECT pieces;
  const unsigned n = RDKit::MolOps::getMolFrags(graph, pieces);
  if (n > 1)
    throw InputError(molecule.source + ": " + std::to_string(n) +
                     " molecules that are not bonded to each other, expected one; take one of the "
                     "fragments");
}

using AtomPair = std::pair<std::size_t, std::size_t>;

/// Whether turning about the bond means anything.
bool can_turn(const TorsionGraph& graph, const GraphBond& bond, const RDKit::Bond& chemical) {
  const auto ends_well = [&](std::size_t i) {
    return graph.atoms[i].degree > 1 && graph.atoms[i].shape != engine::AtomShape::kLinear &&
           std::none_of(graph.bonds.begin(), graph.bonds.end(), [&](const GraphBond& other) {
             return other.order == 3 && (other.first == i || other.second == i);
           });
  };
  return chemical.getBondType() == RDKit::Bond::SINGLE && !bond.in_ring && ends_well(bond.first) &&
         ends_well(bond.second);
}

/// Torsions without neighbours, first those with atoms of the highest rank.
std::vector<TorsionBond> all_torsions(const ChemMolecule& molecule, const TorsionGraph& graph,
                                      const detail::TorsionEnds& ends) {
  std::map<AtomPair, engine::RotatableBond> turnable;
  for (engine::RotatableBond& bond : engine::rotatable_bonds(molecule.topology)) {
    const AtomPair axis = engine::ordered_pair(bond.axis_from, bond.axis_to);
    turnable[axis] = std::move(bond);
  }
  std::vector<TorsionBond> torsions;
  for (std::size_t b = 0; b < graph.bonds.size(); ++b) {
    const GraphBond& bond = graph.bonds[b];
    const RDKit::Bond* chemical =
        molecule.graph->molecule().getBondWithIdx(static_cast<unsigned>(b));
    if (!can_turn(graph, bond, *chemical)) continue;
    auto [high, low] = std::make_pair(bond.first, bond.second);
    if (ends.rank(high) < ends.rank(low)) std::swap(high, low);
    TorsionBond torsion;
    torsion.bond = turnable.at(engine::ordered_pair(high, low));
    torsion.ends = {ends.end(high, low, graph.inversions), ends.end(low, high, graph.inversions)};
    torsion.bond_index = b;
    torsions.push_back(std::move(torsion));
  }
  const auto key = [&](const TorsionBond& torsion) {
    return std::make_pair(ends.rank(torsion.ends[0].atom), ends.rank(torsion.ends[1].atom));
  };
  std::sort(torsions.begin(), torsions.end(),
            [&](const TorsionBond& a, const TorsionBond& b) { return key(a) > key(b); });
  return torsions;
}

/// Bonds from the nearer atom of an axis to each atom, kNowhere where it is more than kFarthest.
std::vector<std::size_t> distances(const std::vector<std::vector<std::size_t>>& neighbours,
                                   const TorsionBond& torsion) {
  std::vector<std::size_t> result(neighbours.size(), kNowhere);
  std::vector<std::size_t> shell = {torsion.ends[0].atom, torsion.ends[1].atom};
  for (std::size_t distance = 0; distance <= kFarthest; ++distance) {
    std::vector<std::size_t> next;
    for (const std::size_t atom : shell) {
      if (result[atom] != kNowhere) continue;
      result[atom] = distance;
      next.insert(next.end(), neighbours[atom].begin(), neighbours[atom].end());
    }
    shell = std::move(next);
  }
  return result;
}

/// Atoms on the side of an end of a torsion, its atom of the axis included.
std::vector<bool> side_of(const TorsionBond& torsion, std::size_t end, std::size_t n_atoms) {
  std::vector<bool> moves(n_atoms, false);
  moves[torsion.bond.axis_to] = true;
  for (const std::size_t atom : torsion.bond.moving) moves[atom] = true;
  if (torsion.ends[end].atom != torsion.bond.axis_to) moves.flip();
  return moves;
}

/// Symmetries, which ends are ranked, and what is left of the symmetry; neighbours are there.
void find_symmetries(const detail::TorsionEnds& ends, std::size_t n_atoms,
                     std::vector<TorsionBond>& torsions) {
  for (TorsionBond& torsion : torsions)
    for (std::size_t e = 0; e < 2; ++e) {
      const int symmetry = ends.symmetry(torsion.ends[e], torsion.ends[1 - e].atom);
      if (symmetry == 1) continue;
      torsion.symmetry = std::lcm(torsion.symmetry, symmetry);
      const std::vector<bool> side = side_of(torsion, e, n_atoms);
      const bool alone = std::none_of(torsion.neighbours.begin(), torsion.neighbours.end(),
                                      [&](std::size_t neighbour) {
                                        const auto& others = torsions[neighbour].ends;
                                        return side[others[0].atom] && side[others[1].atom];
                                      });
      torsion.ends[e].ranked = alone;
      if (!alone) torsion.fold = std::lcm(torsion.fold, symmetry);
    }
}

/// All neighbours, nearest first.
void find_neighbours(const ChemMolecule& molecule, std::vector<TorsionBond>& torsions) {
  const auto bonded = molecule.topology.neighbours();
  for (std::size_t a = 0; a < torsions.size(); ++a) {
    const std::vector<std::size_t> distance = distances(bonded, torsions[a]);
    std::vector<AtomPair> found;  // distance, torsion
    for (std::size_t b = 0; b < torsions.size(); ++b) {
      const std::size_t d =
          std::min(distance[torsions[b].ends[0].atom], distance[torsions[b].ends[1].atom]);
      if (b != a && d != kNowhere) found.emplace_back(d, b);
    }
    std::sort(found.begin(), found.end());
    for (const auto& [d, b] : found) torsions[a].neighbours.push_back(b);
  }
}

std::vector<std::size_t> breadth_first(const std::vector<TorsionBond>& torsions) {
  std::vector<std::size_t> order;
  std::vector<bool> seen(torsions.size(), false);
  for (std::size_t root = 0; root < torsions.size(); ++root) {
    if (seen[root]) continue;
    seen[root] = true;
    std::size_t next = order.size();
    order.push_back(root);
    for (; next < order.size(); ++next)
      for (const std::size_t near : torsions[order[next]].neighbours) {
        if (seen[near]) continue;
        seen[near] = true;
        order.push_back(near);
      }
  }
  return order;
}

/// Brings torsions into an order in which neighbours follow each other.
std::vector<TorsionBond> reordered(std::vector<TorsionBond> torsions) {
  const std::vector<std::size_t> order = breadth_first(torsions);
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<TorsionBond> result;
  for (const std::size_t old : order) {
    result.push_back(std::move(torsions[old]));
    auto& near = result.back().neighbours;
    near.resize(std::min(near.size(), kMaxNeighbours));
    for (std::size_t& torsion : near) torsion = place[torsion];
  }
  return result;
}

}  // namespace

TorsionGraph torsion_graph_of(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    check_complete(molecule);
    TorsionGraph graph;
    detail::describe_graph(molecule.graph->molecule(), graph);
    const detail::TorsionEnds ends(molecule, graph);
    graph.inversions = ends.invertible_centres();
    std::vector<TorsionBond> torsions = all_torsions(molecule, graph, ends);
    find_neighbours(molecule, torsions);
    find_symmetries(ends, graph.atoms.size(), torsions);
    graph.torsions = reordered(std::move(torsions));
    for (std::size_t t = 0; t < graph.torsions.size(); ++t)
      graph.bonds[graph.torsions[t].bond_index].torsion = t;
    return graph;
  });
}

}  // namespace saltus::forcefields
