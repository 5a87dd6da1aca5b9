#include "tools/saltus/molecules/atom_selection.h"

#include <vector>

#include "engine/core/error.h"

namespace saltus::tools {

using engine::InputError;

namespace {

std::string text_of(const AtomSelector& selector) {
  return (selector.chain.empty() ? "" : selector.chain + "/") + std::to_string(selector.residue) +
         ":" + selector.atom;
}

}  // namespace

std::size_t select_atom(const AtomSelector& selector, const engine::Topology& topology,
                        const std::string& where) {
  std::vector<std::size_t> found;
  std::string in_residue;
  for (std::size_t i = 0; i < topology.n_atoms(); ++i) {
    const engine::Residue& residue = topology.residues[topology.atoms[i].residue];
    if (residue.number != selector.residue ||
        (!selector.chain.empty() && residue.chain != selector.chain))
      continue;
    in_residue += " " + topology.atoms[i].name;
    if (topology.atoms[i].name == selector.atom) found.push_back(i);
  }
  const std::string start = where + ": '" + text_of(selector) + "' ";
  if (in_residue.empty()) throw InputError(start + "matches no residue of the molecule");
  if (found.empty()) throw InputError(start + "matches no atom; that residue has" + in_residue);
  if (found.size() > 1)
    throw InputError(start + "matches " + std::to_string(found.size()) +
                     " atoms, the first being " + topology.describe_atom(found[0]) +
                     "; give the chain, as in A/2:CA");
  return found[0];
}

}  // namespace saltus::tools
