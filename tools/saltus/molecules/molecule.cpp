#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

std::string describe(const Molecule& molecule, const std::string& fallback_name) {
  constexpr std::size_t kMaxListed = 6;
  const auto& residues = molecule.topology.residues;
  std::string name = fallback_name;
  if (residues.size() <= kMaxListed) {
    name.clear();
    for (const engine::Residue& residue : residues)
      name += (name.empty() ? "" : "-") + residue.name;
  }
  return name + ", " + std::to_string(molecule.topology.n_atoms()) + " atoms";
}

}  // namespace saltus::tools
