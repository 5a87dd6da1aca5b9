#include "engine/system/hydrogen_mass.h"

#include <string>

#include "engine/core/error.h"

namespace saltus::engine {

std::vector<double> repartitioned_masses(const Topology& topology,
                                         const std::vector<double>& masses,
                                         double hydrogen_mass_dalton) {
  std::vector<double> result = masses;
  const auto is_hydrogen = [&](std::size_t atom) {
    return topology.atoms[atom].atomic_number == 1;
  };
  for (const Bond& bond : topology.bonds) {
    if (is_hydrogen(bond.first) == is_hydrogen(bond.second)) continue;
    const std::size_t hydrogen = is_hydrogen(bond.first) ? bond.first : bond.second;
    const std::size_t heavy = bond.first + bond.second - hydrogen;
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
