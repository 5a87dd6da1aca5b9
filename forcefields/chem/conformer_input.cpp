#include "forcefields/chem/conformer_input.h"

#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <map>
#include <memory>

#include "engine/conformers/molecule_status.h"
#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/smiles_parser_detail.h"
#include "forcefields/chem/stereo_elements_detail.h"
#include "forcefields/chem/stereo_groups_detail.h"
#include "forcefields/chem/stereo_marks_detail.h"
#include "forcefields/chem/stereo_smiles_detail.h"

namespace saltus::forcefields {

using engine::MoleculeFailure;
using engine::MoleculeStatus;

namespace {

ChemMolecule with_graph(RDKit::RWMol graph, const ChemMolecule& like) {
  ChemMolecule result = detail::make_chem_molecule(std::move(graph), like.source);
  result.name = like.name;
  result.remarks = like.remarks;
  return result;
}

bool is_flexible(const RDKit::ROMol& molecule, const std::vector<int>& ring) {
  constexpr long kMinTetrahedral = 3;
  return std::count_if(ring.begin(), ring.end(), [&](int atom) {
           return molecule.getAtomWithIdx(static_cast<unsigned>(atom))->getHybridization() ==
                  RDKit::Atom::SP3;
         }) >= kMinTetrahedral;
}

}  // namespace

ChemMolecule parse_listed_smiles(const std::string& smiles, const std::string& source,
                                 std::size_t max_atoms) {
  if (smiles.empty()) throw MoleculeFailure(MoleculeStatus::kEmpty, "there is no SMILES string");
  try {
    const detail::ParsedSmiles parsed = detail::parse_smiles_text(smiles, max_atoms);
    if (!parsed.rest.empty())
      throw MoleculeFailure(MoleculeStatus::kParseSyntax,
                            "'" + parsed.rest +
                                "' follows the SMILES string in the same column; names have "
                                "a column of their own");
    if (parsed.molecule->getNumAtoms() == 0)
      throw MoleculeFailure(MoleculeStatus::kEmpty, "the SMILES string holds no atoms");
    // Perception changes some broken molecules into ones that it refuses itself, the next time.
    RDKit::RWMol again(*parsed.molecule);
    RDKit::MolOps::sanitizeMol(again);
    detail::keep_marks(*parsed.molecule, parsed.smiles);
    ChemMolecule molecule = detail::make_chem_molecule(*parsed.molecule, source);
    molecule.remarks = parsed.remarks;
    return molecule;
  } catch (const MoleculeFailure&) {
    throw;
  } catch (const engine::InputError& error) {  // placeholders and queries
    throw MoleculeFailure(MoleculeStatus::kParseSyntax, error.what());
  } catch (const std::exception& error) {
    throw MoleculeFailure(detail::status_of(error), detail::explain(error));
  }
}

ChemMolecule without_hydrogens(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RDKit::MolOps::removeHs(graph);
    detail::restore_nitrogens(graph);
    return with_graph(std::move(graph), molecule);
  });
}

std::vector<ChemMolecule> fragments_of(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    std::vector<ChemMolecule> fragments;
    const RDKit::ROMol& graph = molecule.graph->molecule();
    constexpr bool kSanitise = true;
    std::vector<std::vector<int>> atoms;
    const auto parts = RDKit::MolOps::getMolFrags(graph, kSanitise, nullptr, &atoms);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      RDKit::RWMol part(*parts[p]);
      detail::keep_stereo_groups(graph, atoms[p], part);
      detail::restore_nitrogens(part);
      fragments.push_back(with_graph(std::move(part), molecule));
    }
    return fragments;
  });
}

std::size_t largest_of(const std::vector<ChemMolecule>& molecules) {
  const auto size = [](const ChemMolecule& m) { return m.graph->molecule().getNumHeavyAtoms(); };
  const auto largest =
      std::max_element(molecules.begin(), molecules.end(),
                       [&](const auto& a, const auto& b) { return size(a) < size(b); });
  return static_cast<std::size_t>(largest - molecules.begin());
}

std::string canonical_smiles(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RDKit::MolOps::removeHs(graph);
    detail::restore_nitrogens(graph);
    return detail::isomeric_smiles(graph);
  });
}

std::string canonical_smiles_of(const ChemMolecule& molecule, engine::Span<const double> x) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    auto* conformer = new RDKit::Conformer(graph.getNumAtoms());
    for (unsigned i = 0; i < graph.getNumAtoms(); ++i)
      conformer->setAtomPos(
          i, {x[3 * i] * engine::kAngstromPerNm, x[3 * i + 1] * engine::kAngstromPerNm,
              x[3 * i + 2] * engine::kAngstromPerNm});
    conformer->set3D(true);
    graph.addConformer(conformer);  // which now owns it
    const std::vector<detail::StereoElement> unseen = detail::unseen_elements(graph);
    RDKit::MolOps::assignStereochemistryFrom3D(graph);
    for (const detail::StereoElement& element : unseen)
      detail::set_sign(graph, element, detail::sign_in(element, x));
    RDKit::MolOps::removeHs(graph);
    detail::restore_nitrogens(graph);
    return unseen.empty() ? RDKit::MolToSmiles(graph) : detail::isomeric_smiles(graph);
  });
}

engine::Configuration configuration_of(const ChemMolecule& molecule) {
  engine::Configuration configuration;
  for (const detail::StereoElement& element : detail::stereo_elements(molecule.graph->molecule()))
    if (element.sign != 0) detail::add_to(configuration, element);
  return configuration;
}

engine::MoleculeTable molecule_table(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RDKit::MolOps::Kekulize(graph);
    engine::MoleculeTable table;
    for (const RDKit::Atom* atom : graph.atoms())
      table.atoms.push_back({atom->getAtomicNum(), atom->getFormalCharge(),
                             static_cast<int>(atom->getIsotope()),
                             static_cast<int>(atom->getNumRadicalElectrons())});
    for (const RDKit::Bond* bond : graph.bonds())
      table.bonds.push_back(
          {bond->getBeginAtomIdx(), bond->getEndAtomIdx(), detail::whole_order(*bond)});
    return table;
  });
}

std::vector<std::size_t> shape_atoms(const ChemMolecule& molecule) {
  std::vector<std::size_t> heavy, all;
  for (const RDKit::Atom* atom : molecule.graph->molecule().atoms()) {
    all.push_back(atom->getIdx());
    if (atom->getAtomicNum() > 1) heavy.push_back(atom->getIdx());
  }
  return heavy.empty() ? all : heavy;
}

engine::ColouredGraph shape_graph(const ChemMolecule& molecule,
                                  const std::vector<std::size_t>& atoms) {
  const RDKit::ROMol& graph = molecule.graph->molecule();
  std::map<unsigned, std::size_t> place;
  engine::ColouredGraph coloured;
  for (const std::size_t atom : atoms) {
    const RDKit::Atom* a = graph.getAtomWithIdx(static_cast<unsigned>(atom));
    place.emplace(a->getIdx(), coloured.colours.size());
    constexpr bool kCountNeighbours = true;
    const auto hydrogens = static_cast<int>(a->getTotalNumHs(kCountNeighbours));
    coloured.colours.push_back(1000 * a->getAtomicNum() + 10 * hydrogens +
                               static_cast<int>(a->getIsAromatic()));
  }
  const auto n_heavy = [&](const RDKit::Atom* atom) {
    int n = 0;
    for (const RDKit::Atom* other : graph.atomNeighbors(atom))
      n += static_cast<int>(place.count(other->getIdx()));
    return n;
  };
  for (const RDKit::Bond* bond : graph.bonds()) {
    const auto first = place.find(bond->getBeginAtomIdx()),
               second = place.find(bond->getEndAtomIdx());
    if (first == place.end() || second == place.end()) continue;
    const bool inner = n_heavy(bond->getBeginAtom()) > 1 && n_heavy(bond->getEndAtom()) > 1;
    coloured.edges.push_back(
        {first->second, second->second, inner ? static_cast<int>(bond->getBondType()) : 0});
  }
  return coloured;
}

engine::ShapeComparison shape_comparison(const ChemMolecule& molecule,
                                         const std::vector<std::size_t>& atoms,
                                         std::size_t max_symmetries) {
  return {atoms, engine::find_automorphisms(shape_graph(molecule, atoms), max_symmetries).maps};
}

Flexibility flexibility_of(const ChemMolecule& molecule) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RDKit::MolOps::removeHs(graph);  // else methyl groups would count
    Flexibility flexibility;
    flexibility.n_rotors = RDKit::Descriptors::calcNumRotatableBonds(graph);
    const auto& rings = graph.getRingInfo()->atomRings();
    flexibility.n_flexible_rings = static_cast<std::size_t>(std::count_if(
        rings.begin(), rings.end(), [&](const auto& ring) { return is_flexible(graph, ring); }));
    return flexibility;
  });
}

}  // namespace saltus::forcefields
