#include <GraphMol/Conformer.h>
#include <GraphMol/MolOps.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/chemical_graph_detail.h"
#include "forcefields/chem/stereo_elements_detail.h"
#include "forcefields/chem/stereo_marks_detail.h"
#include "forcefields/chem/stereo_space_detail.h"

namespace saltus::forcefields::detail {

namespace {

using Atom = RDKit::Atom;
using Bond = RDKit::Bond;
namespace properties = RDKit::common_properties;

enum class Drawn { kPlain, kUp, kDown, kEither };

/// How a file draws a bond; RDKit keeps the number of V2000 or V3000 files.
Drawn drawn(const Bond& bond) {
  unsigned number = 0;
  if (bond.getPropIfPresent(properties::_MolFileBondStereo, number)) {
    if (number == 1) return Drawn::kUp;
    if (number == 6) return Drawn::kDown;
    return number == 0 ? Drawn::kPlain : Drawn::kEither;
  }
  if (!bond.getPropIfPresent(properties::_MolFileBondCfg, number)) return Drawn::kPlain;
  if (number == 1) return Drawn::kUp;
  if (number == 3) return Drawn::kDown;
  return number == 0 ? Drawn::kPlain : Drawn::kEither;
}

bool is_wedge(const Bond& bond) { return drawn(bond) == Drawn::kUp || drawn(bond) == Drawn::kDown; }

class DrawnMarks {
 public:
  explicit DrawnMarks(RDKit::RWMol& molecule)
      : molecule_(molecule), conformer_(molecule.getConformer()), wedged_(molecule) {
    for (Bond* bond : wedged_.bonds()) {
      bond->setBondDir(Bond::NONE);
      if (drawn(*bond) == Drawn::kUp) bond->setBondDir(Bond::BEGINWEDGE);
      if (drawn(*bond) == Drawn::kDown) bond->setBondDir(Bond::BEGINDASH);
      if (is_wedge(*bond)) wedge_starts_.insert(bond->getBeginAtomIdx());
    }
    RDKit::MolOps::assignChiralTypesFromBondDirs(wedged_);
  }

  std::vector<std::string> keep() {
    set_open_elements();
    for (const unsigned start : wedge_starts_) explain_wedge(start);
    return notes_;
  }

 private:
  void set_open_elements() {
    const StereoSpace space(molecule_);
    const std::vector<std::size_t> open = space.open_elements();
    for (const std::size_t e : open) {
      const StereoElement& element = space.elements()[e];
      if (element.sign != 0) continue;
      const int sign = conformer_.is3D() ? sign_in(element, positions()) : drawn_sign(element);
      if (sign != 0) set_sign(molecule_, element, sign);
    }
    if (!open.empty())
      for (Bond* bond : molecule_.bonds()) bond->setBondDir(Bond::NONE);
  }

  int drawn_sign(const StereoElement& element) const {
    if (is_left_open(element)) return 0;
    if (element.kind == StereoKind::kPlane)
      return is_flat_point() ? 0 : sign_in(element, positions());
    if (element.kind == StereoKind::kAxis) return axis_sign(element);
    if (wedge_starts_.count(element.first) > 0)
      return centre_at(*wedged_.getAtomWithIdx(element.first)).sign;
    return wedge_starts_.empty() ? parity_sign(element) : 0;
  }

  /// All atoms on one point: no drawing at all.
  bool is_flat_point() const {
    const auto& points = conformer_.getPositions();
    return std::all_of(points.begin(), points.end(), [&](const RDGeom::Point3D& point) {
      return (point - points.front()).lengthSq() < 1e-12;
    });
  }

  /// Wavy and crossed bonds mark unspecified configurations.
  bool is_left_open(const StereoElement& element) const {
    for (const unsigned atom : {element.first, element.second})
      for (const Bond* bond : molecule_.atomBonds(molecule_.getAtomWithIdx(atom)))
        if (drawn(*bond) == Drawn::kEither || bond->getStereo() == Bond::STEREOANY) return true;
    return false;
  }

  std::vector<double> positions() const {
    std::vector<double> x;
    for (const auto& point : conformer_.getPositions())
      for (const double value : {point.x, point.y, point.z}) x.push_back(value);
    return x;
  }

  /// Wedges lift the ligands of one end out of the plane, the other end lies in it.
  int axis_sign(const StereoElement& element) const {
    std::vector<double> x = positions();
    bool lifted = false;
    for (const unsigned outer : {element.first, element.second}) {
      int height = 0;
      unsigned wedged = kNoAtom;
      for (const Bond* bond : molecule_.atomBonds(molecule_.getAtomWithIdx(outer)))
        if (is_wedge(*bond) && bond->getBeginAtomIdx() == outer) {
          height = drawn(*bond) == Drawn::kUp ? 1 : -1;
          wedged = bond->getEndAtomIdx();
        }
      if (wedged == kNoAtom) continue;
      lifted = true;
      const unsigned ligand = element.ligands[outer == element.first ? 0 : 1];
      // On the line of the chain as seen from above, out of the paper.
      for (std::size_t d = 0; d < 2; ++d) x[3 * ligand + d] = x[3 * outer + d];
      x[3 * ligand + 2] = ligand == wedged ? height : -height;
    }
    return lifted ? sign_in(element, x) : 0;
  }

  /// 1: seen with the last neighbour behind, those before run clockwise in the order of the file,
  /// hydrogen being the last; 2: counterclockwise.
  int parity_sign(const StereoElement& element) const {
    int number = 0;
    molecule_.getAtomWithIdx(element.first)->getPropIfPresent(properties::molParity, number);
    if (number != 1 && number != 2) return 0;
    std::vector<unsigned> order = element.ligands;
    std::sort(order.begin(), order.end(), [&](unsigned a, unsigned b) {
      const bool a_last = is_plain_hydrogen(*molecule_.getAtomWithIdx(a));
      const bool b_last = is_plain_hydrogen(*molecule_.getAtomWithIdx(b));
      return a_last != b_last ? b_last : a < b;
    });
    return (number == 1 ? -1 : 1) * parity(order, element.ligands);
  }

  void explain_wedge(unsigned start) {
    const Atom& atom = *molecule_.getAtomWithIdx(start);
    if (atom.getChiralTag() != Atom::CHI_UNSPECIFIED) return;
    const StereoElement chain = chain_at(atom);
    if (!chain.ligands.empty() && chain.kind == StereoKind::kAxis && chain.sign != 0) return;
    const std::string name = "a wedge at " + describe_atom(atom);
    for (const Bond* bond : molecule_.atomBonds(&atom))
      if (is_wedge(*bond) && bond->getBeginAtomIdx() == start && bond->getIsAromatic())
        throw engine::MoleculeFailure(
            engine::MoleculeStatus::kStereoUnsupported,
            name +
                " is drawn at a bond of an aromatic ring: hindered "
                "rotation (atropisomers) cannot be represented; remove the wedge");
    notes_.push_back(name + " means nothing: " +
                     (centre_at(atom).ligands.empty() ? "the atom is not a stereo centre"
                                                      : "both configurations are the same"));
  }

  RDKit::RWMol& molecule_;
  const RDKit::Conformer& conformer_;
  RDKit::RWMol wedged_;
  std::set<unsigned> wedge_starts_;
  std::vector<std::string> notes_;
};

}  // namespace

void keep_drawn_marks(RDKit::RWMol& molecule) {
  if (molecule.getNumConformers() == 0) return;
  set_mark_notes(molecule, DrawnMarks(molecule).keep());
}

}  // namespace saltus::forcefields::detail
