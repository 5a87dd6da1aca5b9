#include "forcefields/chem/stereo_smiles_detail.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "forcefields/chem/stereo_space_detail.h"

namespace saltus::forcefields::detail {

namespace {

using Atom = RDKit::Atom;

constexpr bool kComputed = true;

/// Keeps RDKit from reassigning configurations.
void settle(RDKit::RWMol& molecule) {
  molecule.setProp(RDKit::common_properties::_StereochemDone, 1, kComputed);
}

/// Elements whose marks RDKit's writer does not know how to write.
bool is_ours(const StereoElement& element) {
  return element.n_double_bonds > 1 ||
         (element.kind == StereoKind::kCentre && element.ligands.size() == 2);
}

/// "N" or "[15NH]" with a mark.
std::string with_mark(const std::string& symbol, const std::string& mark, bool has_hydrogen) {
  if (symbol[0] != '[') return "[" + symbol + mark + (has_hydrogen ? "H]" : "]");
  std::size_t place = 1;
  while (std::isdigit(static_cast<unsigned char>(symbol[place])) != 0) ++place;
  ++place;
  while (std::islower(static_cast<unsigned char>(symbol[place])) != 0) ++place;
  return symbol.substr(0, place) + mark + symbol.substr(place);
}

/// Puts marks into a string that RDKit has written.
class Writer {
 public:
  Writer(const RDKit::RWMol& molecule, std::string text)
      : molecule_(molecule), text_(std::move(text)), written_(scan_smiles(text_)) {
    std::vector<unsigned> order;
    molecule.getPropIfPresent(RDKit::common_properties::_smilesAtomOutputOrder, order);
    place_.assign(molecule.getNumAtoms(), kNoAtom);
    for (unsigned k = 0; k < order.size(); ++k) place_[order[k]] = k;
    complete_ = order.size() == written_.atoms.size();
  }

  void add(const StereoElement& element) {
    if (!complete_) return;
    if (element.kind == StereoKind::kCentre)
      add_nitrogen(element);
    else if (element.kind == StereoKind::kAxis)
      add_axis(element);
    else
      add_plane(element);
  }

  std::string text() const {
    std::string result = text_;
    for (auto edit = edits_.rbegin(); edit != edits_.rend(); ++edit)
      result.replace(edit->first, edit->second.first, edit->second.second);
    return result;
  }

 private:
  void edit(std::size_t place, std::size_t n_replaced, const std::string& by) {
    edits_[place] = {n_replaced, by};
  }

  void mark(const WrittenAtom& atom, const std::string& mark, bool has_hydrogen) {
    const std::size_t n = atom.end - atom.begin;
    edit(atom.begin, n, with_mark(text_.substr(atom.begin, n), mark, has_hydrogen));
  }

  /// A centre with two neighbours, a hydrogen, and a lone pair.
  void add_nitrogen(const StereoElement& element) {
    const WrittenAtom& atom = written_.atoms[place_[element.first]];
    std::vector<unsigned> order = atom.neighbours;
    // An implied hydrogen comes after the atom before.
    const bool has_from = !order.empty() && order[0] < place_[element.first];
    if (std::find(order.begin(), order.end(), kNoAtom) == order.end())
      order.insert(order.begin() + (has_from ? 1 : 0), kNoAtom);
    std::vector<unsigned> ligands;
    for (const unsigned ligand : element.ligands) ligands.push_back(place_[ligand]);
    ligands.push_back(kNoAtom);
    if (order.size() != ligands.size()) return;
    const bool clockwise = element.sign * parity(ligands, order) < 0;
    mark(atom, clockwise ? "@@" : "@", true);
  }

  void add_axis(const StereoElement& element) {
    const std::vector<unsigned> atoms = chain_atoms(element);
    const unsigned middle = place_[atoms[atoms.size() / 2]];
    const WrittenAtom& atom = written_.atoms[middle];
    const bool clockwise =
        element.sign * written_axis_order(written_, written_chain(atoms, element)) < 0;
    mark(atom, clockwise ? "@@" : "@", false);
  }

  void add_plane(const StereoElement& element) {
    int sides[2] = {};
    const WrittenBond* bonds[2] = {};
    for (std::size_t end = 0; end < 2; ++end) {
      const unsigned outer = place_[end == 0 ? element.first : element.second];
      bonds[end] = direction_bond(outer, element);
      if (bonds[end] == nullptr) return;
      const unsigned other = bonds[end]->first == outer ? bonds[end]->second : bonds[end]->first;
      const bool is_ligand = other == place_[element.ligands[end]];
      // The second end is put where the sign wants it.
      int side = end == 0 ? 1 : -element.sign * sides[0];
      sides[end] = side;
      if (!is_ligand) side = -side;
      const bool up = (bonds[end]->first == outer) == (side > 0);
      edit(bonds[end]->place, 0, up ? "/" : "\\");
    }
  }

  /// A bond of an outer atom that can carry a direction and has none.
  const WrittenBond* direction_bond(unsigned outer, const StereoElement& element) const {
    for (const WrittenBond& bond : written_.bonds) {
      if (bond.first != outer && bond.second != outer) continue;
      if (bond.closes_ring || bond.symbol != 0) continue;
      const unsigned other = bond.first == outer ? bond.second : bond.first;
      const std::vector<unsigned> atoms = chain_atoms(element);
      if (std::none_of(atoms.begin(), atoms.end(),
                       [&](unsigned atom) { return place_[atom] == other; }))
        return &bond;
    }
    return nullptr;
  }

  std::vector<unsigned> chain_atoms(const StereoElement& element) const {
    std::vector<unsigned> atoms = {element.first};
    unsigned before = kNoAtom;
    while (atoms.back() != element.second) {
      const unsigned at = atoms.back();
      for (const RDKit::Bond* bond : molecule_.atomBonds(molecule_.getAtomWithIdx(at)))
        if (bond->getBondType() == RDKit::Bond::DOUBLE && bond->getOtherAtomIdx(at) != before) {
          atoms.push_back(bond->getOtherAtomIdx(at));
          break;
        }
      before = at;
    }
    return atoms;
  }

  WrittenChain written_chain(const std::vector<unsigned>& atoms,
                             const StereoElement& element) const {
    WrittenChain chain;
    chain.outer = {place_[atoms.front()], place_[atoms.back()]};
    chain.inner = {place_[atoms[1]], place_[atoms[atoms.size() - 2]]};
    chain.ligands = {place_[element.ligands[0]], place_[element.ligands[1]]};
    return chain;
  }

  const RDKit::RWMol& molecule_;
  std::string text_;
  WrittenSmiles written_;
  std::vector<unsigned> place_;  ///< [atoms], in the string
  bool complete_ = true;
  std::map<std::size_t, std::pair<std::size_t, std::string>> edits_;
};

std::string written(const RDKit::RWMol& molecule, const std::vector<StereoElement>& elements,
                    const StereoSpace::Signs& signs) {
  RDKit::RWMol copy(molecule);
  for (RDKit::Bond* bond : copy.bonds()) bond->setBondDir(RDKit::Bond::NONE);
  for (std::size_t e = 0; e < elements.size(); ++e)
    set_sign(copy, elements[e], is_ours(elements[e]) ? 0 : signs[e]);
  settle(copy);
  const std::string text = RDKit::MolToSmiles(copy);
  Writer writer(copy, text);
  for (std::size_t e = 0; e < elements.size(); ++e) {
    if (!is_ours(elements[e]) || signs[e] == 0) continue;
    StereoElement element = elements[e];
    element.sign = signs[e];
    writer.add(element);
  }
  return writer.text();
}

}  // namespace

std::vector<StereoElement> unseen_elements(const RDKit::RWMol& molecule) {
  std::vector<StereoElement> given;
  for (StereoElement& element : stereo_elements(molecule))
    if (element.sign != 0) given.push_back(std::move(element));
  if (given.empty()) return given;
  RDKit::RWMol clean(molecule);
  constexpr bool kKeepRings = false, kClean = true, kForce = true;
  clean.clearComputedProps(kKeepRings);
  RDKit::MolOps::assignStereochemistry(clean, kClean, kForce);
  const auto seen = [&](const StereoElement& element) {
    if (element.n_double_bonds > 1) return false;
    const Atom& atom = *clean.getAtomWithIdx(element.first);
    // Without its hydrogen RDKit takes nitrogen for no centre, whatever the ring.
    constexpr bool kCountNeighbours = true;
    if (atom.getAtomicNum() == 7 && atom.getTotalDegree() == 3 &&
        atom.getTotalNumHs(kCountNeighbours) > 0 && element.kind == StereoKind::kCentre)
      return false;
    return (element.kind == StereoKind::kCentre ? centre_at(atom) : chain_at(atom)).sign != 0;
  };
  given.erase(std::remove_if(given.begin(), given.end(), seen), given.end());
  return given;
}

std::string isomeric_smiles(const RDKit::RWMol& molecule) {
  if (unseen_elements(molecule).empty()) return RDKit::MolToSmiles(molecule);
  constexpr std::size_t kMaxWritten = 64;
  const StereoSpace space(molecule);
  StereoSpace::Signs signs;
  for (const StereoElement& element : space.elements()) signs.push_back(element.sign);
  std::string best;
  // Where RDKit's order of the atoms does not decide, it depends on their numbers.
  for (const StereoSpace::Signs& same : space.equivalent(signs, kMaxWritten)) {
    const std::string text = written(molecule, space.elements(), same);
    if (best.empty() || text < best) best = text;
  }
  return best;
}

int written_axis_order(const WrittenSmiles& written, const WrittenChain& chain) {
  // Seen from the first, the others run counterclockwise for "@": one end's two, the other's two.
  int order = 1;
  for (std::size_t end = 0; end < 2; ++end) {
    const unsigned outer = chain.outer[end];
    std::vector<unsigned> ligands;
    for (const unsigned other : written.atoms[outer].neighbours)
      if (other != chain.inner[end]) ligands.push_back(other);
    const bool behind_ligand = !ligands.empty() && ligands[0] != kNoAtom && ligands[0] < outer &&
                               written.atoms[outer].neighbours[0] == ligands[0];
    // An implied hydrogen comes after the atom before.
    if (ligands.size() == 1)
      ligands.insert(behind_ligand ? ligands.end() : ligands.begin(), kNoAtom);
    if (ligands[0] != chain.ligands[end]) order = -order;
  }
  return order;
}

}  // namespace saltus::forcefields::detail
