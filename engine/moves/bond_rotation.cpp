#include "engine/moves/bond_rotation.h"

#include <algorithm>

#include "engine/core/axis_turn.h"
#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/moves/bond_sides.h"

namespace saltus::engine {

std::vector<RotatableBond> rotatable_bonds(const Topology& topology) {
  const auto neighbours = topology.neighbours();
  std::vector<RotatableBond> result;
  for (const Bond& bond : topology.bonds) {
    if (neighbours[bond.first].size() < 2 || neighbours[bond.second].size() < 2) continue;
    std::vector<std::size_t> first = side_of_bond(neighbours, bond.first, bond.second);
    if (first.empty()) continue;
    std::vector<std::size_t> second = side_of_bond(neighbours, bond.second, bond.first);
    RotatableBond entry{bond.first, bond.second, std::move(second)};
    if (first.size() < entry.moving.size()) entry = {bond.second, bond.first, std::move(first)};
    entry.moving.erase(std::find(entry.moving.begin(), entry.moving.end(), entry.axis_to));
    result.push_back(std::move(entry));
  }
  return result;
}

RotatableTorsion rotatable_torsion(const Topology& topology,
                                   const std::array<std::size_t, 4>& atoms) {
  const auto neighbours = topology.neighbours();
  for (std::size_t i = 0; i + 1 < atoms.size(); ++i) {
    const auto& bonded = neighbours.at(atoms[i]);
    if (std::find(bonded.begin(), bonded.end(), atoms[i + 1]) == bonded.end())
      throw InputError("the torsion's atoms " + topology.describe_atom(atoms[i]) + " and " +
                       topology.describe_atom(atoms[i + 1]) +
                       " are not bonded; give four atoms bonded in a row");
  }
  const std::pair middle = std::minmax(atoms[1], atoms[2]);
  for (const RotatableBond& bond : rotatable_bonds(topology))
    if (std::minmax(bond.axis_from, bond.axis_to) == middle)
      return bond.axis_to == atoms[2] ? RotatableTorsion{atoms[0], bond, atoms[3]}
                                      : RotatableTorsion{atoms[3], bond, atoms[0]};
  throw InputError("the bond of " + topology.describe_atom(atoms[1]) + " and " +
                   topology.describe_atom(atoms[2]) +
                   " is in a ring and cannot be turned; give the torsion of another bond");
}

std::vector<RotatableBond> bonds_before_proline(const Topology& topology) {
  constexpr int kHydrogen = 1, kCarbon = 6, kNitrogen = 7, kOxygen = 8;
  const auto neighbours = topology.neighbours();
  const auto element = [&](std::size_t atom) { return topology.atoms[atom].atomic_number; };
  const auto is_acyl_carbon = [&](std::size_t atom) {
    return element(atom) == kCarbon &&
           std::any_of(neighbours[atom].begin(), neighbours[atom].end(), [&](std::size_t other) {
             return element(other) == kOxygen && neighbours[other].size() == 1;
           });
  };
  const auto is_tertiary_nitrogen = [&](std::size_t atom) {
    return element(atom) == kNitrogen && neighbours[atom].size() == 3 &&
           std::none_of(neighbours[atom].begin(), neighbours[atom].end(),
                        [&](std::size_t other) { return element(other) == kHydrogen; });
  };
  std::vector<RotatableBond> bonds = rotatable_bonds(topology);
  const auto other_bond = [&](const RotatableBond& bond) {
    const std::size_t a = bond.axis_from, b = bond.axis_to;
    return topology.atoms[a].residue == topology.atoms[b].residue ||
           !((is_acyl_carbon(a) && is_tertiary_nitrogen(b)) ||
             (is_acyl_carbon(b) && is_tertiary_nitrogen(a)));
  };
  bonds.erase(std::remove_if(bonds.begin(), bonds.end(), other_bond), bonds.end());
  return bonds;
}

void rotate_about_bond(const RotatableBond& bond, double angle_rad, Span<double> x) {
  const Vec3 origin = load_atom(x.data(), bond.axis_to);
  const AxisTurn turned(origin - load_atom(x.data(), bond.axis_from), angle_rad);
  for (std::size_t atom : bond.moving) {
    const Vec3 r = load_atom(x.data(), atom) - origin;
    add_to_atom(x.data(), atom, turned(r) - r);
  }
}

}  // namespace saltus::engine
