#include "forcefields/chem/ring_fragment.h"

#include <GraphMol/GraphMol.h>
#include <GraphMol/MolOps.h>

#include <utility>

#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields {

namespace {

/// Chooses the atoms of a fragment.
class Cut {
 public:
  Cut(const RDKit::ROMol& graph, const std::vector<std::size_t>& system)
      : graph_(graph), kept_(graph.getNumAtoms(), false), inside_(kept_) {
    for (const std::size_t atom : system) {
      inside_[atom] = true;
      keep(static_cast<unsigned>(atom));
    }
    for (;;) {
      while (next_ < queue_.size()) look_around(queue_[next_++]);
      if (!keep_shared()) break;
    }
  }

  bool keeps(const RDKit::Atom* atom) const { return kept_[atom->getIdx()]; }
  bool ends_at(const RDKit::Atom* atom) const { return !keeps(atom) && n_kept_around(atom) > 0; }

 private:
  void keep(unsigned atom) {
    if (kept_[atom]) return;
    kept_[atom] = true;
    queue_.push_back(atom);
  }

  void look_around(unsigned index) {
    const RDKit::Atom* atom = graph_.getAtomWithIdx(index);
    for (const RDKit::Bond* bond : graph_.atomBonds(atom)) {
      const RDKit::Atom* other = bond->getOtherAtom(atom);
      const bool end = other->getDegree() == 1;
      const bool multiple = bond->getBondType() != RDKit::Bond::SINGLE;
      const bool charged = atom->getFormalCharge() != 0;
      if (inside_[index] || end || multiple || charged || is_hetero_beside_ring(*atom))
        keep(other->getIdx());
    }
  }

  bool is_hetero_beside_ring(const RDKit::Atom& atom) const {
    constexpr int kNitrogen = 7, kOxygen = 8;
    if (atom.getAtomicNum() != kNitrogen && atom.getAtomicNum() != kOxygen) return false;
    for (const RDKit::Atom* other : graph_.atomNeighbors(&atom))
      if (inside_[other->getIdx()]) return true;
    return false;
  }

  std::size_t n_kept_around(const RDKit::Atom* atom) const {
    std::size_t n = 0;
    // Of this graph, whatever copy of it the atom is of: RDKit refuses others.
    const RDKit::Atom* own = graph_.getAtomWithIdx(atom->getIdx());
    for (const RDKit::Atom* other : graph_.atomNeighbors(own)) n += kept_[other->getIdx()];
    return n;
  }

  /// Atoms between two that are kept: a hydrogen cannot stand for these.
  bool keep_shared() {
    bool changed = false;
    for (const RDKit::Atom* atom : graph_.atoms()) {
      if (keeps(atom) || n_kept_around(atom) < 2) continue;
      keep(atom->getIdx());
      changed = true;
    }
    return changed;
  }

  const RDKit::ROMol& graph_;
  std::vector<bool> kept_, inside_;
  std::vector<unsigned> queue_;
  std::size_t next_ = 0;
};

void make_hydrogen(RDKit::Atom& atom) {
  constexpr int kHydrogen = 1;
  atom.setAtomicNum(kHydrogen);
  atom.setFormalCharge(0);
  atom.setIsotope(0);
  atom.setNoImplicit(true);
  atom.setNumExplicitHs(0);
  atom.setNumRadicalElectrons(0);
  atom.setIsAromatic(false);
  atom.setChiralTag(RDKit::Atom::CHI_UNSPECIFIED);
  atom.setHybridization(RDKit::Atom::S);
}

/// Stereo of double bonds one of whose ends is no longer what it was.
void forget_cut_bonds(RDKit::RWMol& graph, const std::vector<bool>& inside) {
  for (RDKit::Bond* bond : graph.bonds()) {
    if (inside[bond->getBeginAtomIdx()] && inside[bond->getEndAtomIdx()]) continue;
    bond->setStereo(RDKit::Bond::STEREONONE);
    bond->getStereoAtoms().clear();
    bond->setBondDir(RDKit::Bond::NONE);
  }
}

/// Takes the other atoms away. @returns  which atoms are left
std::vector<std::size_t> trim(RDKit::RWMol& graph, const Cut& cut) {
  std::vector<std::size_t> left;
  std::vector<unsigned> ends, outside;
  for (const RDKit::Atom* atom : graph.atoms()) {
    const bool end = cut.ends_at(atom);
    if (end) ends.push_back(atom->getIdx());
    if (end || cut.keeps(atom))
      left.push_back(atom->getIdx());
    else
      outside.push_back(atom->getIdx());
  }
  for (std::size_t a = 0; a < ends.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      if (graph.getBondBetweenAtoms(ends[a], ends[b]) != nullptr)
        graph.removeBond(ends[a], ends[b]);
  for (const unsigned atom : ends) make_hydrogen(*graph.getAtomWithIdx(atom));
  for (std::size_t i = outside.size(); i-- > 0;) graph.removeAtom(outside[i]);
  return left;
}

engine::Configuration restricted(const engine::Configuration& configuration,
                                 const std::vector<std::size_t>& place,
                                 const std::vector<bool>& inside) {
  engine::Configuration result;
  for (engine::ChiralCentre centre : configuration.centres) {
    if (!inside[centre.atom]) continue;
    centre.atom = place[centre.atom];
    for (std::size_t& atom : centre.neighbours) atom = place[atom];
    result.centres.push_back(std::move(centre));
  }
  for (engine::ConfiguredDoubleBond bond : configuration.double_bonds) {
    if (!inside[bond.first] || !inside[bond.second]) continue;
    for (std::size_t* atom : {&bond.first_end, &bond.first, &bond.second, &bond.second_end})
      *atom = place[*atom];
    result.double_bonds.push_back(bond);
  }
  for (engine::ConfiguredAxis axis : configuration.axes) {
    if (!inside[axis.first] || !inside[axis.second]) continue;
    for (std::size_t* atom : {&axis.first_end, &axis.first, &axis.second, &axis.second_end})
      *atom = place[*atom];
    result.axes.push_back(axis);
  }
  return result;
}

}  // namespace

RingFragment cut_out_rings(const ChemMolecule& molecule, const engine::Configuration& configuration,
                           const std::vector<std::size_t>& system) {
  return detail::translate_errors(molecule.source, [&] {
    RDKit::RWMol graph(molecule.graph->molecule());
    RingFragment fragment;
    std::vector<bool> inside(molecule.n_atoms(), false);
    for (const std::size_t atom : system) inside[atom] = true;
    forget_cut_bonds(graph, inside);
    const RDKit::ROMol whole(graph);
    fragment.parent_atoms = trim(graph, Cut(whole, system));
    std::vector<std::size_t> place(molecule.n_atoms(), engine::kNowhere);
    for (std::size_t i = 0; i < fragment.parent_atoms.size(); ++i)
      place[fragment.parent_atoms[i]] = i;
    for (const std::size_t atom : system) fragment.system.push_back(place[atom]);
    graph.clearComputedProps();
    RDKit::MolOps::sanitizeMol(graph);
    detail::restore_nitrogens(graph);
    fragment.configuration = restricted(configuration, place, inside);
    fragment.molecule = detail::make_chem_molecule(std::move(graph), molecule.source);
    return fragment;
  });
}

std::vector<int> atom_classes(const ChemMolecule& molecule) {
  constexpr int kHydrogen = -1;
  const std::vector<std::size_t> atoms = shape_atoms(molecule);
  const std::vector<int> colours = engine::refined_colours(shape_graph(molecule, atoms));
  std::vector<int> classes(molecule.n_atoms(), kHydrogen);
  for (std::size_t i = 0; i < atoms.size(); ++i) classes[atoms[i]] = colours[i];
  return classes;
}

}  // namespace saltus::forcefields
