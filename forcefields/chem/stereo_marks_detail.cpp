#include "forcefields/chem/stereo_marks_detail.h"

#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesParse.h>

#include <algorithm>
#include <memory>
#include <set>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/smiles_scan_detail.h"
#include "forcefields/chem/stereo_elements_detail.h"
#include "forcefields/chem/stereo_smiles_detail.h"
#include "forcefields/chem/stereo_space_detail.h"

namespace saltus::forcefields::detail {

namespace {

using Atom = RDKit::Atom;
using Bond = RDKit::Bond;
using engine::MoleculeFailure;
using engine::MoleculeStatus;

constexpr const char* kRawIndex = "SaltusRawIndex";
constexpr const char* kMarkNotes = "SaltusMarkNotes";

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw MoleculeFailure(MoleculeStatus::kStereoUnsupported,
                        what + " is specified, but " + why + "; remove the mark");
}

/// Which side of an outer atom a neighbour is on, by the direction of their bond: +1 above.
int side_of(const Bond& bond, unsigned outer) {
  const auto direction = bond.getBondDir();
  if (direction != Bond::ENDUPRIGHT && direction != Bond::ENDDOWNRIGHT) return 0;
  const int end_side = direction == Bond::ENDUPRIGHT ? 1 : -1;
  return bond.getBeginAtomIdx() == outer ? end_side : -end_side;
}

/// Compares the marks of a string, as RDKit parses them before it understands the molecule, with
/// those it keeps.
class Marks {
 public:
  Marks(RDKit::RWMol& molecule, const std::string& smiles)
      : molecule_(molecule), smiles_(smiles), raw_(parse(smiles)) {
    for (Atom* atom : raw_->atoms()) atom->setProp(kRawIndex, atom->getIdx());
    RDKit::RWMol copy(*raw_);
    RDKit::MolOps::RemoveHsParameters parameters;
    parameters.updateExplicitCount = true;
    RDKit::MolOps::removeHs(copy, parameters);
    if (copy.getNumAtoms() != molecule.getNumAtoms())
      throw engine::InternalError("a SMILES string was read as two different molecules");
    of_raw_.assign(raw_->getNumAtoms(), kNoAtom);
    for (const Atom* atom : copy.atoms()) {
      raw_of_.push_back(atom->getProp<unsigned>(kRawIndex));
      of_raw_[raw_of_.back()] = atom->getIdx();
    }
  }

  std::vector<std::string> keep() {
    for (const Atom* atom : raw_->atoms())
      if (atom->getChiralTag() != Atom::CHI_UNSPECIFIED) keep_atom(*atom);
    // Those of small rings last: marks there may be about another bond that shares them.
    for (const bool small_ring : {false, true})
      for (const Atom* atom : molecule_.atoms()) {
        const StereoElement chain = chain_at(*atom);
        if (!chain.ligands.empty() && chain.first == atom->getIdx() &&
            is_in_small_ring(chain) == small_ring)
          keep_chain(chain);
      }
    note_unused_directions();
    drop_meaningless();
    return notes_;
  }

 private:
  static std::unique_ptr<RDKit::RWMol> parse(const std::string& smiles) {
    RDKit::SmilesParserParams parameters;
    parameters.sanitize = false;
    parameters.removeHs = false;
    parameters.allowCXSMILES = false;
    parameters.parseName = false;
    return std::unique_ptr<RDKit::RWMol>(RDKit::SmilesToMol(smiles, parameters));
  }

  void keep_atom(const Atom& raw) {
    const std::string name = "the mark at " + describe_atom(raw);
    const unsigned index = of_raw_[raw.getIdx()];
    if (index == kNoAtom) return note(name, "hydrogen is not a centre");
    const Atom& atom = *molecule_.getAtomWithIdx(index);
    const auto tag = raw.getChiralTag();
    const bool tetrahedral = tag == Atom::CHI_TETRAHEDRAL_CW || tag == Atom::CHI_TETRAHEDRAL_CCW;
    if (is_inside_chain(atom) && (tetrahedral || tag == Atom::CHI_ALLENE))
      return keep_axis(raw, atom, name);
    if (!tetrahedral)
      refuse("a configuration at " + describe_atom(raw),
             "only tetrahedral centres, double bonds "
             "and cumulenes can be represented");
    if (atom.getChiralTag() != Atom::CHI_UNSPECIFIED) return;
    const StereoElement centre = centre_at(atom);
    if (centre.ligands.empty()) return note(name, why_no_centre(atom));
    restore(centre, sign_of_centre(raw, centre));
  }

  static std::string why_no_centre(const Atom& atom) {
    if (atom.getTotalNumHs(true) > 1) return "it has two hydrogens";
    if (atom.getHybridization() != Atom::SP3) return "it is flat";
    if (atom.getDegree() + atom.getTotalNumHs() < 3) return "it has too few neighbours";
    refuse("a configuration at " + describe_atom(atom),
           "it cannot be represented there as a tetrahedral centre");
  }

  int sign_of_centre(const Atom& raw, const StereoElement& centre) {
    std::vector<unsigned> order;
    int sign = raw.getChiralTag() == Atom::CHI_TETRAHEDRAL_CCW ? 1 : -1;
    if (raw.getDegree() > 2) {
      for (const Bond* bond : raw_->atomBonds(&raw))
        order.push_back(of_raw_[bond->getOtherAtomIdx(raw.getIdx())]);
      if (raw.getNumExplicitHs() > 0) order.push_back(kNoAtom);
    } else {
      const WrittenAtom& written = written_atom(raw.getIdx());
      sign = is_clockwise(written.mark) ? -1 : 1;
      for (const unsigned other : written.neighbours)
        order.push_back(other == kNoAtom ? kNoAtom : of_raw_[other]);
    }
    std::vector<unsigned> ligands = centre.ligands;
    if (ligands.size() + 1 == order.size()) ligands.push_back(kNoAtom);
    if (std::count(order.begin(), order.end(), kNoAtom) > 1 || ligands.size() != order.size())
      refuse("a configuration at " + describe_atom(raw), "its neighbours do not define it");
    return sign * parity(order, ligands);
  }

  void keep_axis(const Atom& raw, const Atom& atom, const std::string& name) {
    const StereoElement chain = chain_through(atom);
    if (chain.ligands.empty())
      return note(name,
                  "the ends of its double bonds are not the ends of an "
                  "axis");
    if (chain.kind != StereoKind::kAxis)
      refuse("handedness at " + describe_atom(raw),
             "an odd number of double bonds in a row is cis or trans, written with / and \\");
    scanned();
    const int order = written_axis_order(scan_, raw_chain(chain));
    restore(chain, is_clockwise(written_atom(raw.getIdx()).mark) ? -order : order);
  }

  /// The same chain in the numbers of the string; hydrogens in brackets are kNoAtom.
  WrittenChain raw_chain(const StereoElement& chain) const {
    WrittenChain result;
    const auto bonds_inwards = [&](unsigned outer) {
      for (const Bond* bond : molecule_.atomBonds(molecule_.getAtomWithIdx(outer)))
        if (bond->getBondType() == Bond::DOUBLE) return bond->getOtherAtomIdx(outer);
      return kNoAtom;
    };
    result.outer = {raw_of_[chain.first], raw_of_[chain.second]};
    result.inner = {raw_of_[bonds_inwards(chain.first)], raw_of_[bonds_inwards(chain.second)]};
    result.ligands = {raw_of_[chain.ligands[0]], raw_of_[chain.ligands[1]]};
    return result;
  }

  bool is_in_small_ring(const StereoElement& chain) const {
    const Bond* bond = molecule_.getBondBetweenAtoms(chain.first, chain.second);
    return bond != nullptr && !chain.counts && chain.sign == 0 &&
           smallest_ring(molecule_, *bond) > 0;
  }

  void keep_chain(const StereoElement& chain) {
    const std::set<unsigned> others = is_in_small_ring(chain) ? used_ : std::set<unsigned>();
    const int first = side_at(chain.first, chain.ligands[0], others);
    const int second = side_at(chain.second, chain.ligands[1], others);
    if (first == 0 || second == 0 || chain.kind != StereoKind::kPlane) return;
    for (const unsigned outer : {chain.first, chain.second})
      for (const Bond* bond : raw_->atomBonds(raw_->getAtomWithIdx(raw_of_[outer])))
        used_.insert(bond->getIdx());
    if (chain.sign != 0) return;
    const int sign = first * second < 0 ? 1 : -1;
    if (chain.n_double_bonds == 1 && !chain.counts && !fits_its_ring(chain, sign)) return;
    restore(chain, sign);
  }

  /// Which side of its outer atom a ligand is on, from its own bond or the other's.
  /// @param others  bonds whose marks do not count
  int side_at(unsigned outer, unsigned ligand, const std::set<unsigned>& others) const {
    const unsigned raw_outer = raw_of_[outer], raw_ligand = raw_of_[ligand];
    int side = 0;
    for (const Bond* bond : raw_->atomBonds(raw_->getAtomWithIdx(raw_outer))) {
      const int of_bond = side_of(*bond, raw_outer);
      if (of_bond == 0 || others.count(bond->getIdx()) > 0) continue;
      const int here = bond->getOtherAtomIdx(raw_outer) == raw_ligand ? of_bond : -of_bond;
      if (side != 0 && side != here)
        refuse("a double bond at " + describe_atom(*raw_->getAtomWithIdx(raw_outer)),
               "its marks put both neighbours on one side");
      side = here;
    }
    return side;
  }

  /// Whether a double bond in a small ring is one that must be represented; cis ones need not.
  bool fits_its_ring(const StereoElement& chain, int sign) const {
    constexpr unsigned kMaxImpossibleSize = 6;
    const Bond& bond = *molecule_.getBondBetweenAtoms(chain.first, chain.second);
    const unsigned size = smallest_ring(molecule_, bond);
    if (size == 0) return true;
    if (!trans_in_ring(chain, sign)) return false;
    if (size <= kMaxImpossibleSize)
      throw MoleculeFailure(MoleculeStatus::kStereoImpossible,
                            describe(chain, molecule_) +
                                " is specified as trans (E) in a ring of " + std::to_string(size) +
                                " atoms: rings of up to six are too small for that");
    return true;
  }

  bool trans_in_ring(const StereoElement& chain, int sign) const {
    const auto& rings = molecule_.getRingInfo()->atomRings();
    const std::vector<int>* best = nullptr;
    const auto holds = [](const std::vector<int>& ring, unsigned atom) {
      return std::find(ring.begin(), ring.end(), static_cast<int>(atom)) != ring.end();
    };
    for (const auto& ring : rings)
      if (holds(ring, chain.first) && holds(ring, chain.second) &&
          (best == nullptr || ring.size() < best->size()))
        best = &ring;
    for (const unsigned ligand : chain.ligands)
      if (best != nullptr && !holds(*best, ligand)) sign = -sign;
    return sign > 0;
  }

  void note_unused_directions() {
    std::set<unsigned> atoms;
    for (const Bond* bond : raw_->bonds())
      if (side_of(*bond, bond->getBeginAtomIdx()) != 0 && used_.count(bond->getIdx()) == 0)
        atoms.insert(bond->getBeginAtomIdx());
    if (atoms.empty()) return;
    std::string names;
    for (const unsigned atom : atoms)
      names += (names.empty() ? "" : ", ") + describe_atom(*raw_->getAtomWithIdx(atom));
    notes_.push_back("marks / or \\ at " + names +
                     " mean nothing: there is no double bond with such marks at both ends");
  }

  void drop_meaningless() {
    if (restored_.empty()) return;
    for (Bond* bond : molecule_.bonds()) bond->setBondDir(Bond::NONE);
    const StereoSpace space(molecule_);
    std::vector<std::size_t> meaningless;
    for (std::size_t e = 0; e < space.elements().size(); ++e)
      if (restored_.count({space.elements()[e].first, space.elements()[e].second}) > 0 &&
          !space.matters(e))
        meaningless.push_back(e);
    for (const std::size_t e : meaningless) {
      const StereoElement& element = space.elements()[e];
      set_sign(molecule_, element, 0);
      note("the mark of " + describe(element, molecule_), "both configurations are the same");
    }
  }

  void restore(const StereoElement& element, int sign) {
    set_sign(molecule_, element, sign);
    restored_.insert({element.first, element.second});
  }
  void note(const std::string& what, const std::string& why) {
    notes_.push_back(what + " means nothing: " + why);
  }
  void scanned() {
    if (scan_.atoms.empty()) scan_ = scan_smiles(smiles_);
    if (scan_.atoms.size() != raw_->getNumAtoms())
      throw engine::InternalError("a SMILES string was scanned as another molecule");
  }
  const WrittenAtom& written_atom(unsigned raw) {
    scanned();
    return scan_.atoms[raw];
  }
  StereoElement chain_through(const Atom& inside) const {
    unsigned before = inside.getIdx(), at = before;
    do {
      const Atom& here = *molecule_.getAtomWithIdx(at);
      unsigned next = kNoAtom;
      for (const Atom* other : molecule_.atomNeighbors(&here))
        if (next == kNoAtom && (at == inside.getIdx() || other->getIdx() != before))
          next = other->getIdx();
      before = at;
      at = next;
    } while (is_inside_chain(*molecule_.getAtomWithIdx(at)) && at != inside.getIdx());
    return chain_at(*molecule_.getAtomWithIdx(at));
  }

  RDKit::RWMol& molecule_;
  const std::string& smiles_;
  std::unique_ptr<RDKit::RWMol> raw_;
  std::vector<unsigned> raw_of_, of_raw_;
  WrittenSmiles scan_;
  std::set<unsigned> used_;  ///< bonds of the string whose directions say something
  std::set<std::pair<unsigned, unsigned>> restored_;
  std::vector<std::string> notes_;
};

}  // namespace

void keep_marks(RDKit::RWMol& molecule, const std::string& smiles) {
  if (smiles.find_first_of("@/\\") == std::string::npos) return;
  set_mark_notes(molecule, Marks(molecule, smiles).keep());
}

std::vector<std::string> mark_notes(const RDKit::ROMol& molecule) {
  std::vector<std::string> notes;
  molecule.getPropIfPresent(kMarkNotes, notes);
  return notes;
}

void set_mark_notes(RDKit::RWMol& molecule, const std::vector<std::string>& notes) {
  if (!notes.empty()) molecule.setProp(kMarkNotes, notes);
}

}  // namespace saltus::forcefields::detail
