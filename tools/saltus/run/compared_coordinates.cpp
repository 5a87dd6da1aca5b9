#include "tools/saltus/run/compared_coordinates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "engine/core/error.h"
#include "engine/core/log_math.h"
#include "engine/moves/bond_rotation.h"
#include "engine/system/internal_coordinates.h"

namespace saltus::tools {

namespace {

using engine::Topology;
using Neighbours = std::vector<std::vector<std::size_t>>;

constexpr int kHydrogen = 1, kCarbon = 6;
constexpr std::size_t kUnreached = std::numeric_limits<std::size_t>::max();

bool is_heavy(const Topology& topology, std::size_t atom) {
  return topology.atoms[atom].atomic_number != kHydrogen;
}

/// Bonds from one atom to each that can be reached without crossing another.
std::vector<std::size_t> distances_without(const Neighbours& neighbours, std::size_t from,
                                           std::size_t barrier) {
  std::vector<std::size_t> distance(neighbours.size(), kUnreached);
  std::vector<std::size_t> queue = {from};
  distance[from] = 0;
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (std::size_t next : neighbours[queue[i]])
      if (next != barrier && distance[next] == kUnreached) {
        distance[next] = distance[queue[i]] + 1;
        queue.push_back(next);
      }
  return distance;
}

/// Elements and degrees of the atoms at each distance: equal for branches that cannot be told
/// apart.
std::set<std::vector<std::size_t>> branch_of(const Topology& topology, const Neighbours& neighbours,
                                             const std::vector<std::size_t>& distance) {
  constexpr std::size_t kFarthest = 5;
  std::multiset<std::vector<std::size_t>> atoms;
  for (std::size_t i = 0; i < distance.size(); ++i)
    if (distance[i] <= kFarthest)
      atoms.insert({distance[i], static_cast<std::size_t>(topology.atoms[i].atomic_number),
                    neighbours[i].size()});
  std::set<std::vector<std::size_t>> counted;
  for (const std::vector<std::size_t>& atom : atoms) {
    std::vector<std::size_t> entry = atom;
    entry.push_back(atoms.count(atom));
    counted.insert(entry);
  }
  return counted;
}

/// The atoms that change places when a planar end of a torsion turns by half; empty if it is not
/// the same then.
std::vector<std::size_t> exchanged_atoms(const Topology& topology, const Neighbours& neighbours,
                                         std::size_t end, std::size_t other_end) {
  std::vector<std::size_t> branches;
  for (std::size_t atom : neighbours[end])
    if (atom != other_end) branches.push_back(atom);
  if (topology.atoms[end].atomic_number != kCarbon || branches.size() != 2) return {};
  const auto first = distances_without(neighbours, branches[0], end);
  const auto second = distances_without(neighbours, branches[1], end);
  if (branch_of(topology, neighbours, first) != branch_of(topology, neighbours, second)) return {};
  std::vector<std::size_t> exchanged;
  for (std::size_t atom = 0; atom < first.size(); ++atom)
    if (first[atom] != second[atom]) exchanged.push_back(atom);
  return exchanged;
}

/// The first heavy neighbour of an atom besides one.
std::optional<std::size_t> heavy_neighbour(const Topology& topology, const Neighbours& neighbours,
                                           std::size_t atom, std::size_t without) {
  for (std::size_t next : neighbours[atom])
    if (next != without && is_heavy(topology, next)) return next;
  return std::nullopt;
}

bool is_peptide_bond(const Topology& topology, std::size_t a, std::size_t b) {
  const engine::Atom &first = topology.atoms[a], &second = topology.atoms[b];
  return first.residue != second.residue &&
         ((first.name == "C" && second.name == "N") || (first.name == "N" && second.name == "C"));
}

/// Torsions about all other bonds between heavy atoms that can turn.
/// @param exchanged  gets the atoms that torsions of fold 2 exchange
void add_other_torsions(const Topology& topology, std::vector<ComparedTorsion>& torsions,
                        std::set<std::size_t>& exchanged) {
  const Neighbours neighbours = topology.neighbours();
  std::set<std::pair<std::size_t, std::size_t>> taken;
  for (const ComparedTorsion& torsion : torsions)
    taken.insert(std::minmax(torsion.torsion.atoms[1], torsion.torsion.atoms[2]));
  for (const engine::RotatableBond& bond : engine::rotatable_bonds(topology)) {
    const auto [b, c] = std::minmax(bond.axis_from, bond.axis_to);
    if (taken.count({b, c}) > 0 || !is_heavy(topology, b) || !is_heavy(topology, c)) continue;
    const auto a = heavy_neighbour(topology, neighbours, b, c);
    const auto d = heavy_neighbour(topology, neighbours, c, b);
    if (!a || !d) continue;
    ComparedTorsion torsion;
    const engine::Atom& atom = topology.atoms[b];
    torsion.torsion = {
        atom.name + "-" + topology.atoms[c].name + " of " + topology.describe_residue(atom.residue),
        {*a, b, c, *d}};
    if (is_peptide_bond(topology, b, c)) torsion.kind = TorsionClass::kOmega;
    for (const auto& [end, other] : {std::pair(b, c), std::pair(c, b)}) {
      const auto atoms = exchanged_atoms(topology, neighbours, end, other);
      if (!atoms.empty()) torsion.fold = 2;
      exchanged.insert(atoms.begin(), atoms.end());
    }
    torsions.push_back(torsion);
  }
}

bool is_used(const ComparedTorsion& torsion, FeatureChoice choice) {
  return torsion.kind != TorsionClass::kSideChain || choice.side_chains;
}

}  // namespace

ComparedCoordinates compared_coordinates(const Topology& topology) {
  ComparedCoordinates result;
  std::vector<std::size_t> number(topology.n_atoms(), kUnreached);
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom)
    if (is_heavy(topology, atom)) {
      number[atom] = result.heavy_atoms.size();
      result.heavy_atoms.push_back(atom);
    }
  for (const NamedTorsion& torsion : find_torsions(ObservablesDeck(), topology))
    result.torsions.push_back(
        {torsion, torsion.name.rfind("phi", 0) == 0 ? TorsionClass::kPhi : TorsionClass::kPsi, 1});
  std::set<std::size_t> exchanged;
  add_other_torsions(topology, result.torsions, exchanged);
  for (ComparedTorsion& torsion : result.torsions)
    for (std::size_t& atom : torsion.torsion.atoms) atom = number[atom];

  constexpr std::size_t kNearestPair = 3;
  const Neighbours neighbours = topology.neighbours();
  for (std::size_t i : result.heavy_atoms) {
    if (exchanged.count(i) > 0) continue;
    const auto distance = engine::bond_distances(neighbours, i);
    for (std::size_t j : result.heavy_atoms)
      if (j > i && distance[j] >= kNearestPair && exchanged.count(j) == 0)
        result.pairs.emplace_back(number[i], number[j]);
  }
  return result;
}

std::vector<double> measure_angles(const ComparedCoordinates& coordinates,
                                   engine::Span<const double> x) {
  std::vector<double> angles;
  for (const ComparedTorsion& one : coordinates.torsions) {
    const std::size_t* atoms = one.torsion.atoms;
    const double tau = engine::torsion_angle(x, atoms[0], atoms[1], atoms[2], atoms[3]);
    angles.push_back(engine::wrap_angle(one.fold * tau));
  }
  return angles;
}

std::size_t n_features(const ComparedCoordinates& coordinates, FeatureChoice choice) {
  std::size_t n = choice.distances ? coordinates.pairs.size() : 0;
  for (const ComparedTorsion& torsion : coordinates.torsions)
    if (is_used(torsion, choice)) n += 2;
  return n;
}

void append_features(const ComparedCoordinates& coordinates, FeatureChoice choice,
                     engine::Span<const double> x, std::vector<double>& out) {
  const std::vector<double> angles = measure_angles(coordinates, x);
  for (std::size_t t = 0; t < angles.size(); ++t)
    if (is_used(coordinates.torsions[t], choice)) {
      out.push_back(std::sin(angles[t]));
      out.push_back(std::cos(angles[t]));
    }
  if (!choice.distances) return;
  for (const auto& [i, j] : coordinates.pairs) {
    const double dx = x[3 * i] - x[3 * j], dy = x[3 * i + 1] - x[3 * j + 1],
                 dz = x[3 * i + 2] - x[3 * j + 2];
    out.push_back(std::sqrt(dx * dx + dy * dy + dz * dz));
  }
}

}  // namespace saltus::tools
