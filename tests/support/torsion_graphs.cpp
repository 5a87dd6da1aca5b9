#include "tests/support/torsion_graphs.h"

#include <algorithm>
#include <cmath>

#include "engine/core/units.h"

namespace saltus::tests {

namespace {

using engine::TorsionBond;
using Neighbours = std::vector<std::vector<std::size_t>>;

std::vector<std::size_t> distances(const Neighbours& neighbours, const TorsionBond& from) {
  std::vector<std::size_t> distance(neighbours.size(), engine::kNowhere);
  std::vector<std::size_t> queue = {from.ends[0].atom, from.ends[1].atom};
  for (std::size_t atom : queue) distance[atom] = 0;
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (std::size_t next : neighbours[queue[i]])
      if (distance[next] == engine::kNowhere) {
        distance[next] = distance[queue[i]] + 1;
        queue.push_back(next);
      }
  return distance;
}

std::vector<std::size_t> near_torsions(const Neighbours& neighbours,
                                       const std::vector<TorsionBond>& torsions, std::size_t of) {
  const std::vector<std::size_t> distance = distances(neighbours, torsions[of]);
  const auto to = [&](std::size_t t) {
    return std::min(distance[torsions[t].ends[0].atom], distance[torsions[t].ends[1].atom]);
  };
  std::vector<std::size_t> near;
  for (std::size_t t = 0; t < torsions.size(); ++t)
    if (t != of && to(t) <= 2) near.push_back(t);
  std::stable_sort(near.begin(), near.end(),
                   [&](std::size_t a, std::size_t b) { return to(a) < to(b); });
  return near;
}

}  // namespace

engine::TorsionGraph make_torsion_graph(const engine::Topology& topology) {
  const Neighbours neighbours = topology.neighbours();
  engine::TorsionGraph graph;
  for (std::size_t a = 0; a < topology.atoms.size(); ++a) {
    engine::GraphAtom atom;
    atom.atomic_number = topology.atoms[a].atomic_number;
    atom.degree = static_cast<int>(neighbours[a].size());
    graph.atoms.push_back(atom);
    if (atom.atomic_number == 7 && neighbours[a].size() == 3)
      graph.inversions.push_back({a, {neighbours[a][0], neighbours[a][1], neighbours[a][2]}});
  }
  for (const engine::Bond& bond : topology.bonds) {
    engine::GraphBond edge;
    edge.first = bond.first;
    edge.second = bond.second;
    graph.bonds.push_back(edge);
  }
  for (const engine::RotatableBond& bond : engine::rotatable_bonds(topology)) {
    TorsionBond torsion;
    torsion.bond = bond;
    const auto [low, high] = std::minmax(bond.axis_from, bond.axis_to);
    const auto end = [&](std::size_t atom, std::size_t other) {
      engine::TorsionEnd result;
      result.atom = atom;
      result.reference = neighbours[atom][0] != other ? neighbours[atom][0] : neighbours[atom][1];
      return result;
    };
    torsion.ends = {end(low, high), end(high, low)};
    graph.torsions.push_back(torsion);
  }
  for (std::size_t t = 0; t < graph.torsions.size(); ++t)
    graph.torsions[t].neighbours = near_torsions(neighbours, graph.torsions, t);
  return graph;
}

engine::TorsionGraph make_whole_torsion_graph(const engine::Topology& topology) {
  const Neighbours neighbours = topology.neighbours();
  engine::TorsionGraph graph = make_torsion_graph(topology);
  for (TorsionBond& torsion : graph.torsions)
    for (std::size_t e = 0; e < 2; ++e) {
      engine::TorsionEnd& end = torsion.ends[e];
      std::vector<std::size_t> others;
      bool only_hydrogen = true;
      for (const std::size_t atom : neighbours[end.atom]) {
        if (atom == torsion.ends[1 - e].atom) continue;
        only_hydrogen = only_hydrogen && topology.atoms[atom].atomic_number == 1;
        if (atom != end.reference) others.push_back(atom);
      }
      if (others.size() == 1) end.others[1] = others[0];
      if (others.size() == 2) end.others = {others[0], engine::kNowhere, others[1]};
      end.ranked = only_hydrogen && !others.empty();
    }
  return graph;
}

void NeighbourModel::density(std::size_t torsion, const engine::TorsionContext& context,
                             engine::VonMisesMixture& out) const {
  constexpr double kPull = 1.5, kOffset_rad = 0.7 + engine::kPi;
  double base = 2.5 + 0.4 * static_cast<double>(torsion);
  for (int sign : context.inversions) base += 0.3 * sign;
  // Where the known neighbours, offset by a constant, and the torsion itself would go together.
  double x = std::cos(base), y = std::sin(base);
  for (std::size_t near : graph_.torsions[torsion].neighbours) {
    if (context.known[near] == 0) continue;
    const double wanted = context.torsions[near] + (near > torsion ? kOffset_rad : -kOffset_rad);
    x += kPull * std::cos(wanted);
    y += kPull * std::sin(wanted);
  }
  const double towards = std::atan2(y, x);
  out.fold = fold_;
  out.uniform = 0.0;
  out.weights = {0.7, 0.3};
  out.means = {towards, towards + 2.5};
  out.concentrations = {std::hypot(x, y), 2.0};
}

}  // namespace saltus::tests
