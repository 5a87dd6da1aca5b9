#include "forcefields/chem/atom_order.h"

#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <string>
#include <utility>

#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

using engine::InputError;

namespace {

std::vector<std::pair<std::size_t, std::size_t>> bonds_of(const ChemMolecule& molecule) {
  std::vector<std::pair<std::size_t, std::size_t>> bonds;
  for (const engine::Bond& bond : molecule.topology.bonds)
    bonds.emplace_back(std::min(bond.first, bond.second), std::max(bond.first, bond.second));
  std::sort(bonds.begin(), bonds.end());
  return bonds;
}

/// Whether elements, charges and bonds are the same atom by atom.
bool is_in_order(const ChemMolecule& molecule, const ChemMolecule& reference) {
  const RDKit::ROMol &a = molecule.graph->molecule(), &b = reference.graph->molecule();
  if (a.getNumAtoms() != b.getNumAtoms()) return false;
  for (unsigned i = 0; i < a.getNumAtoms(); ++i) {
    const RDKit::Atom *first = a.getAtomWithIdx(i), *second = b.getAtomWithIdx(i);
    if (first->getAtomicNum() != second->getAtomicNum() ||
        first->getFormalCharge() != second->getFormalCharge())
      return false;
  }
  return bonds_of(molecule) == bonds_of(reference);
}

/// A canonical SMILES string with all hydrogens, and the atoms in the order in which it has them.
std::pair<std::string, std::vector<unsigned>> canonical_order(const ChemMolecule& molecule) {
  const RDKit::RWMol graph(molecule.graph->molecule());
  const std::string smiles = RDKit::MolToSmiles(graph);
  std::vector<unsigned> order;
  graph.getProp(RDKit::common_properties::_smilesAtomOutputOrder, order);
  return {smiles, order};
}

}  // namespace

std::vector<double> positions_in_order_of(const ChemMolecule& molecule,
                                          const ChemMolecule& reference) {
  if (is_in_order(molecule, reference)) return molecule.positions_nm;
  return detail::translate_errors(molecule.source, [&] {
    const auto [smiles, order] = canonical_order(molecule);
    const auto [other_smiles, other_order] = canonical_order(reference);
    if (smiles != other_smiles || order.size() != other_order.size())
      throw InputError(molecule.source + ": is not the molecule of " + reference.source +
                       ": bonds, charges or configuration differ");
    std::vector<double> positions(molecule.positions_nm.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      for (std::size_t axis = 0; axis < 3; ++axis)
        positions[3 * other_order[i] + axis] = molecule.positions_nm[3 * order[i] + axis];
    return positions;
  });
}

}  // namespace saltus::forcefields
