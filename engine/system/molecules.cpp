#include "engine/system/molecules.h"

#include <numeric>

namespace saltus::engine {

namespace {

/// The first atom known to be in the molecule of an atom; shortens the way there.
std::size_t first_of(std::vector<std::size_t>& link, std::size_t atom) {
  while (link[atom] != atom) {
    link[atom] = link[link[atom]];
    atom = link[atom];
  }
  return atom;
}

}  // namespace

Molecules connected_molecules(std::size_t n_atoms, Span<const Bond> bonds) {
  // Every atom points to an earlier one of its molecule, the first to itself.
  std::vector<std::size_t> link(n_atoms);
  std::iota(link.begin(), link.end(), std::size_t{0});
  for (const Bond& bond : bonds) {
    const std::size_t a = first_of(link, bond.first), b = first_of(link, bond.second);
    if (a < b) link[b] = a;
    if (b < a) link[a] = b;
  }
  Molecules result;
  for (std::size_t atom = 0; atom < n_atoms; ++atom) {
    const std::size_t first = first_of(link, atom);
    result.of_atom.push_back(first == atom ? result.count++ : result.of_atom[first]);
  }
  return result;
}

Molecules molecules_of(const Topology& topology, const System& system) {
  std::vector<Bond> bonds = topology.bonds;
  for (const HarmonicBond& bond : system.bonds) bonds.push_back({bond.i, bond.j});
  for (const Constraint& constraint : system.constraints)
    bonds.push_back({constraint.i, constraint.j});
  for (const VirtualSite& site : system.virtual_sites)
    for (const std::size_t parent : site.parents) bonds.push_back({site.site, parent});
  return connected_molecules(system.n_atoms(), bonds);
}

}  // namespace saltus::engine
