#include "forcefields/chem/stereo_elements_detail.h"

#include <GraphMol/Chirality.h>

#include <algorithm>
#include <map>

#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields::detail {

namespace {

/// Where the sign of a chain of two or more double bonds is kept: at both outer atoms.
constexpr const char* kChainSign = "SaltusChainSign";
/// The tag of a nitrogen, which RDKit takes away when it thinks that the atom is flat.
constexpr const char* kNitrogenTag = "SaltusNitrogenTag";

using Atom = RDKit::Atom;
using Bond = RDKit::Bond;

unsigned n_hydrogens(const Atom& atom) {
  constexpr bool kCountNeighbours = false;
  unsigned n = atom.getTotalNumHs(kCountNeighbours);
  for (const Atom* other : atom.getOwningMol().atomNeighbors(&atom))
    n += is_plain_hydrogen(*other) ? 1 : 0;
  return n;
}

std::vector<unsigned> neighbours_of(const Atom& atom) {
  std::vector<unsigned> neighbours;
  for (const Bond* bond : atom.getOwningMol().atomBonds(&atom))
    neighbours.push_back(bond->getOtherAtomIdx(atom.getIdx()));
  return neighbours;
}

int tag_sign(const Atom& atom) {
  if (atom.getChiralTag() == Atom::CHI_TETRAHEDRAL_CCW) return 1;
  return atom.getChiralTag() == Atom::CHI_TETRAHEDRAL_CW ? -1 : 0;
}

bool is_three_bonded_nitrogen(const Atom& atom) {
  return atom.getAtomicNum() == 7 && atom.getDegree() + atom.getTotalNumHs() == 3;
}

unsigned n_ring_bonds(const Atom& atom) {
  const RDKit::RingInfo* rings = atom.getOwningMol().getRingInfo();
  unsigned n = 0;
  for (const Bond* bond : atom.getOwningMol().atomBonds(&atom))
    n += rings->numBondRings(bond->getIdx()) > 0 ? 1 : 0;
  return n;
}

/// The neighbour of an outer atom that says where it points, beside the chain.
unsigned ligand_of(const Atom& outer, unsigned inner) {
  unsigned best = kNoAtom;
  bool best_is_hydrogen = true;
  for (const Atom* other : outer.getOwningMol().atomNeighbors(&outer)) {
    if (other->getIdx() == inner) continue;
    const bool hydrogen = is_plain_hydrogen(*other);
    if (best != kNoAtom &&
        (hydrogen > best_is_hydrogen || (hydrogen == best_is_hydrogen && other->getIdx() > best)))
      continue;
    best = other->getIdx();
    best_is_hydrogen = hydrogen;
  }
  return best;
}

const Bond* chain_bond(const Atom& outer) {
  const Bond* found = nullptr;
  for (const Bond* bond : outer.getOwningMol().atomBonds(&outer)) {
    if (bond->getBondType() != Bond::DOUBLE) continue;
    if (found != nullptr) return nullptr;
    found = bond;
  }
  return found;
}

/// One or two ligands, not both hydrogens unless that is allowed.
bool can_be_outer(const Atom& atom, bool equal_hydrogens) {
  const unsigned n_ligands = atom.getDegree() - 1 + atom.getTotalNumHs();
  return n_ligands >= 1 && n_ligands <= 2 && (equal_hydrogens || n_hydrogens(atom) < 2) &&
         atom.getDegree() >= 2;
}

int bond_sign(const Bond& bond, const StereoElement& element) {
  const auto stereo = bond.getStereo();
  const bool cis = stereo == Bond::STEREOZ || stereo == Bond::STEREOCIS;
  const bool trans = stereo == Bond::STEREOE || stereo == Bond::STEREOTRANS;
  if ((!cis && !trans) || bond.getStereoAtoms().size() != 2) return 0;
  int sign = trans ? 1 : -1;
  // RDKit's first stereo atom is at the first atom of the bond.
  const bool same_order = bond.getBeginAtomIdx() == element.first;
  for (int end = 0; end < 2; ++end) {
    const int reference =
        bond.getStereoAtoms()[static_cast<std::size_t>(same_order ? end : 1 - end)];
    if (static_cast<unsigned>(reference) != element.ligands[static_cast<std::size_t>(end)])
      sign = -sign;
  }
  return sign;
}

bool chain_counts(const StereoElement& chain, const RDKit::ROMol& molecule) {
  const Atom& first = *molecule.getAtomWithIdx(chain.first);
  const Atom& second = *molecule.getAtomWithIdx(chain.second);
  for (const unsigned ligand : chain.ligands)
    if (is_plain_hydrogen(*molecule.getAtomWithIdx(ligand))) {
      const Atom& outer = ligand == chain.ligands[0] ? first : second;
      if (outer.getDegree() + outer.getTotalNumHs() < 3) return false;  // imines
    }
  if (chain.n_double_bonds == 1)
    return RDKit::Chirality::detail::isBondPotentialStereoBond(
        molecule.getBondBetweenAtoms(chain.first, chain.second));
  for (const Atom* outer : {&first, &second})
    if (outer->getAtomicNum() != 6 || outer->getDegree() + outer->getTotalNumHs() != 3)
      return false;  // nitrogen at the end of a chain inverts
  const unsigned ring = smallest_ring(molecule, *chain_bond(first));
  return ring == 0 || ring >= RDKit::Chirality::minRingSizeForDoubleBondStereo +
                                  (chain.kind == StereoKind::kPlane ? 2 : 0);
}

}  // namespace

bool is_plain_hydrogen(const Atom& atom) {
  return atom.getAtomicNum() == 1 && atom.getIsotope() == 0 && atom.getDegree() == 1;
}

unsigned smallest_ring(const RDKit::ROMol& molecule, const Bond& bond) {
  const RDKit::RingInfo* rings = molecule.getRingInfo();
  return rings->numBondRings(bond.getIdx()) == 0 ? 0 : rings->minBondRingSize(bond.getIdx());
}

bool is_inside_chain(const Atom& atom) {
  const bool linear =
      atom.getAtomicNum() == 6 || (atom.getAtomicNum() == 7 && atom.getFormalCharge() == 1);
  if (!linear || atom.getDegree() != 2 || atom.getTotalNumHs() != 0) return false;
  for (const Bond* bond : atom.getOwningMol().atomBonds(&atom))
    if (bond->getBondType() != Bond::DOUBLE) return false;
  return true;
}

StereoElement centre_at(const Atom& atom) {
  StereoElement element;
  element.first = element.second = atom.getIdx();
  const unsigned n_ligands = atom.getDegree() + atom.getTotalNumHs();
  element.sign = tag_sign(atom);
  if (n_hydrogens(atom) > 1 || (n_ligands != 3 && n_ligands != 4)) return element;
  if (is_three_bonded_nitrogen(atom)) {
    const bool flat = atom.getHybridization() != Atom::SP3;
    if (flat && element.sign == 0 && n_ring_bonds(atom) < 3) return element;
    element.counts = !flat && atom.getDegree() == 3 && n_hydrogens(atom) == 0 &&
                     atom.getOwningMol().getRingInfo()->isAtomInRingOfSize(atom.getIdx(), 3);
  } else if (element.sign == 0 &&
             !RDKit::Chirality::detail::isAtomPotentialTetrahedralCenter(&atom)) {
    return element;
  }
  element.ligands = neighbours_of(atom);
  return element;
}

StereoElement chain_at(const Atom& outer, bool equal_hydrogens) {
  StereoElement element;
  element.first = outer.getIdx();
  const RDKit::ROMol& molecule = outer.getOwningMol();
  if (is_inside_chain(outer) || !can_be_outer(outer, equal_hydrogens)) return element;
  const Bond* bond = chain_bond(outer);
  if (bond == nullptr) return element;
  const unsigned inner = bond->getOtherAtomIdx(outer.getIdx());
  unsigned before = outer.getIdx(), last = inner;
  element.n_double_bonds = 1;
  while (is_inside_chain(*molecule.getAtomWithIdx(last))) {
    const std::vector<unsigned> next = neighbours_of(*molecule.getAtomWithIdx(last));
    const unsigned after = next[0] == before ? next[1] : next[0];
    before = last;
    last = after;
    ++element.n_double_bonds;
  }
  const Atom& other = *molecule.getAtomWithIdx(last);
  if (last == outer.getIdx() || !can_be_outer(other, equal_hydrogens) ||
      chain_bond(other) == nullptr)
    return element;
  element.second = last;
  element.kind = element.n_double_bonds % 2 == 1 ? StereoKind::kPlane : StereoKind::kAxis;
  element.ligands = {ligand_of(outer, inner), ligand_of(other, before)};
  if (element.first > element.second) {
    std::swap(element.first, element.second);
    std::swap(element.ligands[0], element.ligands[1]);
  }
  if (element.n_double_bonds == 1)
    element.sign = bond_sign(*bond, element);
  else
    outer.getPropIfPresent(kChainSign, element.sign);
  element.counts = chain_counts(element, molecule);
  return element;
}

std::vector<StereoElement> stereo_elements(const RDKit::ROMol& molecule) {
  std::vector<StereoElement> elements;
  const auto add = [&](StereoElement element) {
    if (!element.ligands.empty() && (element.counts || element.sign != 0))
      elements.push_back(std::move(element));
  };
  for (const Atom* atom : molecule.atoms()) add(centre_at(*atom));
  for (const Atom* atom : molecule.atoms()) {
    StereoElement chain = chain_at(*atom);
    if (chain.first == atom->getIdx()) add(std::move(chain));
  }
  return elements;
}

void set_sign(RDKit::RWMol& molecule, const StereoElement& element, int sign) {
  Atom* first = molecule.getAtomWithIdx(element.first);
  if (element.kind == StereoKind::kCentre) {
    first->setChiralTag(sign == 0  ? Atom::CHI_UNSPECIFIED
                        : sign > 0 ? Atom::CHI_TETRAHEDRAL_CCW
                                   : Atom::CHI_TETRAHEDRAL_CW);
    if (first->getAtomicNum() == 7)
      first->setProp(kNitrogenTag, static_cast<int>(first->getChiralTag()));
    return;
  }
  if (element.n_double_bonds > 1) {
    for (const unsigned outer : {element.first, element.second})
      if (sign != 0)
        molecule.getAtomWithIdx(outer)->setProp(kChainSign, sign);
      else
        molecule.getAtomWithIdx(outer)->clearProp(kChainSign);
    return;
  }
  Bond* bond = molecule.getBondBetweenAtoms(element.first, element.second);
  bond->getStereoAtoms().clear();
  bond->setStereo(Bond::STEREONONE);
  if (sign == 0) return;
  const bool same_order = bond->getBeginAtomIdx() == element.first;
  bond->setStereoAtoms(element.ligands[same_order ? 0 : 1], element.ligands[same_order ? 1 : 0]);
  bond->setStereo(sign > 0 ? Bond::STEREOTRANS : Bond::STEREOCIS);
}

void restore_nitrogens(RDKit::RWMol& molecule) {
  for (Atom* atom : molecule.atoms()) {
    int tag = 0;
    const bool whole = atom->getDegree() == 3 && atom->getChiralTag() == Atom::CHI_UNSPECIFIED;
    if (whole && atom->getPropIfPresent(kNitrogenTag, tag))
      atom->setChiralTag(static_cast<Atom::ChiralType>(tag));
  }
}

void add_to(engine::Configuration& configuration, const StereoElement& element) {
  const std::vector<std::size_t> ligands(element.ligands.begin(), element.ligands.end());
  if (element.kind == StereoKind::kCentre)
    configuration.centres.push_back({element.first, ligands, element.sign});
  else if (element.kind == StereoKind::kPlane)
    configuration.double_bonds.push_back(
        {ligands[0], element.first, element.second, ligands[1], element.sign < 0});
  else
    configuration.axes.push_back(
        {ligands[0], element.first, element.second, ligands[1], element.sign});
}

int sign_in(const StereoElement& element, engine::Span<const double> x) {
  engine::Configuration one;
  add_to(one, element);
  if (!one.centres.empty()) return engine::sign_of(one.centres[0], x);
  if (!one.axes.empty()) return engine::sign_of(one.axes[0], x);
  return -engine::sign_of(one.double_bonds[0], x);
}

std::string describe(const StereoElement& element, const RDKit::ROMol& molecule) {
  const std::string first = describe_atom(*molecule.getAtomWithIdx(element.first));
  if (element.kind == StereoKind::kCentre) return "the centre at " + first;
  const std::string both =
      first + " and " + describe_atom(*molecule.getAtomWithIdx(element.second));
  return element.n_double_bonds == 1 ? "the double bond of " + both
                                     : "the chain of double bonds between " + both;
}

int parity(const std::vector<unsigned>& from, const std::vector<unsigned>& to) {
  std::vector<unsigned> order = from;
  int sign = 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto place =
        std::find(order.begin() + static_cast<std::ptrdiff_t>(i), order.end(), to[i]);
    if (place == order.end()) throw engine::InternalError("parity of different sets of atoms");
    if (*place == order[i]) continue;
    std::swap(*place, order[i]);
    sign = -sign;
  }
  return sign;
}

engine::ColouredGraph stereo_graph(const RDKit::ROMol& molecule) {
  const auto at_the_end = [](const Atom& atom) {
    const bool chalcogen = atom.getAtomicNum() == 8 || atom.getAtomicNum() == 16;
    return chalcogen && atom.getDegree() == 1 && atom.getTotalNumHs() == 0;
  };
  using What = std::vector<int>;
  std::map<What, int> colours;
  std::vector<What> atoms;
  for (const Atom* atom : molecule.atoms()) {
    const bool end = at_the_end(*atom);
    atoms.push_back({atom->getAtomicNum(), static_cast<int>(atom->getIsotope()),
                     end ? 0 : atom->getFormalCharge(), static_cast<int>(atom->getTotalNumHs()),
                     static_cast<int>(atom->getDegree()), static_cast<int>(atom->getIsAromatic()),
                     static_cast<int>(atom->getNumRadicalElectrons())});
    colours.emplace(atoms.back(), static_cast<int>(colours.size()));
  }
  engine::ColouredGraph graph;
  for (const What& what : atoms) graph.colours.push_back(colours[what]);
  for (const Bond* bond : molecule.bonds()) {
    const bool end = at_the_end(*bond->getBeginAtom()) || at_the_end(*bond->getEndAtom());
    graph.edges.push_back({bond->getBeginAtomIdx(), bond->getEndAtomIdx(),
                           end ? 0 : static_cast<int>(bond->getBondType())});
  }
  return graph;
}

}  // namespace saltus::forcefields::detail
