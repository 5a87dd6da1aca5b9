#include "forcefields/chem/chem_molecule.h"

#include <GraphMol/SanitException.h>

#include <map>
#include <memory>

#include "engine/core/units.h"
#include "engine/system/elements.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields {

using engine::InputError;

std::string ChemMolecule::describe_atom(std::size_t atom) const {
  return detail::describe_atom(*graph->molecule().getAtomWithIdx(static_cast<unsigned>(atom)));
}

namespace detail {

namespace {

void refuse_queries(const RDKit::ROMol& molecule, const std::string& source) {
  for (const RDKit::Atom* atom : molecule.atoms())
    if (atom->getAtomicNum() == 0 || atom->hasQuery())
      throw InputError(source + ": atom " + std::to_string(atom->getIdx() + 1) +
                       " is a placeholder, expected an element; fill in what it stands for");
  for (const RDKit::Bond* bond : molecule.bonds())
    if (bond->hasQuery() || bond->getBondType() == RDKit::Bond::UNSPECIFIED)
      throw InputError(source + ": the bond of " + describe_atom(*bond->getBeginAtom()) + " and " +
                       describe_atom(*bond->getEndAtom()) +
                       " is a query, expected a single, double, triple or aromatic bond");
}

engine::Topology make_topology(const RDKit::ROMol& molecule, const std::string& name) {
  engine::Topology topology;
  engine::Residue residue;
  residue.name = name.empty() ? "MOL" : name;
  residue.number = 1;
  topology.residues.push_back(residue);
  std::map<std::string, int> count;
  for (const RDKit::Atom* atom : molecule.atoms()) {
    const std::string symbol = engine::element_symbol(atom->getAtomicNum());
    topology.atoms.push_back({symbol + std::to_string(++count[symbol]), atom->getAtomicNum(), 0});
  }
  for (const RDKit::Bond* bond : molecule.bonds())
    topology.bonds.push_back({bond->getBeginAtomIdx(), bond->getEndAtomIdx()});
  return topology;
}

std::vector<double> positions_of(const RDKit::Conformer& conformer) {
  std::vector<double> positions;
  for (const auto& point : conformer.getPositions())
    for (const double x : {point.x, point.y, point.z})
      positions.push_back(x * engine::kNmPerAngstrom);
  return positions;
}

std::string title_of(const RDKit::ROMol& molecule) {
  std::string name;
  molecule.getPropIfPresent(RDKit::common_properties::_Name, name);
  const std::size_t first = name.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return name.substr(first, name.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

std::string describe_atom(const RDKit::Atom& atom) {
  return "atom " + std::to_string(atom.getIdx() + 1) + " (" +
         engine::element_symbol(atom.getAtomicNum()) + ")";
}

int whole_order(const RDKit::Bond& bond) {
  switch (bond.getBondType()) {
    case RDKit::Bond::DOUBLE:
      return 2;
    case RDKit::Bond::TRIPLE:
      return 3;
    default:
      return 1;
  }
}

engine::MoleculeStatus status_of(const std::exception& error) {
  if (dynamic_cast<const RDKit::AtomValenceException*>(&error))
    return engine::MoleculeStatus::kParseValence;
  if (dynamic_cast<const RDKit::KekulizeException*>(&error) ||
      dynamic_cast<const RDKit::AtomKekulizeException*>(&error))
    return engine::MoleculeStatus::kParseAromatic;
  return engine::MoleculeStatus::kParseSyntax;
}

std::string explain(const std::exception& error) {
  if (const auto* atom = dynamic_cast<const RDKit::AtomValenceException*>(&error))
    return "atom " + std::to_string(atom->getAtomIdx() + 1) +
           " has more bonds than its element and charge allow";
  if (const auto* ring = dynamic_cast<const RDKit::KekulizeException*>(&error)) {
    std::string atoms;
    for (const unsigned index : ring->getAtomIndices())
      atoms += (atoms.empty() ? "" : ", ") + std::to_string(index + 1);
    return "the aromatic bonds of atoms " + atoms +
           " cannot be written as single and double ones; a charge or a hydrogen on nitrogen may "
           "be missing";
  }
  if (const auto* atom = dynamic_cast<const RDKit::AtomKekulizeException*>(&error))
    return "atom " + std::to_string(atom->getAtomIdx() + 1) +
           " is written as aromatic, but is in no aromatic ring";
  // What libraries say themselves means little to people who do not know them.
  if (dynamic_cast<const RDKit::MolSanitizeException*>(&error) != nullptr)
    return "its atoms and bonds are not a valid molecule";
  return "RDKit cannot process its atoms and bonds";
}

ChemMolecule make_chem_molecule(RDKit::RWMol molecule, const std::string& source) {
  if (molecule.getNumAtoms() == 0) throw InputError(source + ": no atoms, expected at least one");
  refuse_queries(molecule, source);
  ChemMolecule result;
  result.name = title_of(molecule);
  result.source = source;
  result.topology = make_topology(molecule, result.name);
  if (molecule.getNumConformers() > 0 && molecule.getConformer().is3D())
    result.positions_nm = positions_of(molecule.getConformer());
  molecule.clearConformers();
  result.graph = std::make_shared<ChemicalGraph>(std::move(molecule));
  return result;
}

}  // namespace detail

}  // namespace saltus::forcefields
