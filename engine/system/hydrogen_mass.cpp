#include "engine/system/hydrogen_mass.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/system/water.h"

namespace saltus::engine {

namespace {

/// Whether each atom is in water that is wholly rigid; [N].
std::vector<bool> in_rigid_water(const Topology& topology, const System& system) {
  std::set<std::pair<std::size_t, std::size_t>> rigid;
  for (const Constraint& c : system.constraints) rigid.insert(std::minmax(c.i, c.j));
  std::vector<bool> result(topology.n_atoms(), false);
  for (const Water& water : find_waters(topology)) {
    const auto [first, second] = water.hydrogens;
    if (rigid.count(std::minmax(water.oxygen, first)) == 0 ||
        rigid.count(std::minmax(water.oxygen, second)) == 0 ||
        rigid.count(std::minmax(first, second)) == 0)
      continue;
    result[water.oxygen] = result[first] = result[second] = true;
  }
  return result;
}

}  // namespace

std::vector<double> repartitioned_masses(const Topology& topology, const System& system,
                                         double hydrogen_mass_dalton) {
  if (!(hydrogen_mass_dalton > 0.0) || !std::isfinite(hydrogen_mass_dalton))
    throw InputError("hydrogen_mass: " + std::to_string(hydrogen_mass_dalton) +
                     " amu, expected a positive number");
  const std::vector<double>& masses = system.masses;
  const std::vector<bool> keeps_masses = in_rigid_water(topology, system);
  std::vector<double> result = masses;
  const auto is_hydrogen = [&](std::size_t atom) {
    return topology.atoms[atom].atomic_number == 1;
  };
  for (const Bond& bond : topology.bonds) {
    if (is_hydrogen(bond.first) == is_hydrogen(bond.second)) continue;
    const std::size_t hydrogen = is_hydrogen(bond.first) ? bond.first : bond.second;
    const std::size_t heavy = bond.first + bond.second - hydrogen;
    if (keeps_masses[hydrogen]) continue;
    if (masses[hydrogen] == 0.0 || masses[heavy] == 0.0) continue;
    result[heavy] -= hydrogen_mass_dalton - result[hydrogen];
    result[hydrogen] = hydrogen_mass_dalton;
  }
  for (std::size_t i = 0; i < result.size(); ++i)
    if (result[i] < 0.0 || (result[i] == 0.0 && masses[i] > 0.0))
      throw InputError("hydrogen_mass: at " + std::to_string(hydrogen_mass_dalton) +
                       " amu, no mass is left for " + topology.describe_atom(i));
  return result;
}

}  // namespace saltus::engine
