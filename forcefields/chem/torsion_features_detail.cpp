#include "forcefields/chem/torsion_features_detail.h"

#include <ForceField/MMFF/Params.h>
#include <GraphMol/ForceFieldHelpers/MMFF/AtomTyper.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/RingInfo.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/units.h"
#include "forcefields/chem/chemical_graph_detail.h"

namespace saltus::forcefields::detail {

using engine::AtomShape;

namespace {

AtomShape shape_of(const RDKit::Atom& atom) {
  switch (atom.getHybridization()) {
    case RDKit::Atom::SP:
      return AtomShape::kLinear;
    case RDKit::Atom::SP2:
      return AtomShape::kPlanar;
    case RDKit::Atom::SP3:
      return AtomShape::kTetrahedral;
    default:
      return AtomShape::kOther;
  }
}

double usual_angle(AtomShape shape) {
  switch (shape) {
    case AtomShape::kLinear:
      return engine::kPi;
    case AtomShape::kPlanar:
      return 2.0 * engine::kPi / 3.0;
    default:
      return std::acos(-1.0 / 3.0);
  }
}

/// MMFF94's view of a molecule.
class MmffTypes {
 public:
  /// Typing sets MMFF94's own aromaticity, hence the copy.
  explicit MmffTypes(const RDKit::ROMol& molecule) : molecule_(molecule), types_(molecule_) {}

  int type(unsigned atom) { return types_.isValid() ? types_.getMMFFAtomType(atom) : 0; }
  double charge(unsigned atom) {
    return types_.isValid() ? types_.getMMFFPartialCharge(atom) : 0.0;
  }
  double angle(unsigned i, unsigned j, unsigned k, AtomShape shape) {
    unsigned angle_type = 0;
    ForceFields::MMFF::MMFFAngle found{};
    if (!types_.isValid() || !types_.getMMFFAngleBendParams(molecule_, i, j, k, angle_type, found))
      return usual_angle(shape);
    return found.theta0 * engine::kRadianPerDegree;
  }

 private:
  RDKit::RWMol molecule_;
  RDKit::MMFF::MMFFMolProperties types_;
};

std::uint8_t ring_sizes(const RDKit::ROMol& molecule, unsigned atom) {
  constexpr int kMinSize = 3, kMaxSize = 8, kLarger = 6;
  unsigned bits = 0;
  for (const int size : molecule.getRingInfo()->atomRingSizes(atom))
    bits |= 1u << (size <= kMaxSize ? size - kMinSize : kLarger);
  return static_cast<std::uint8_t>(bits);
}

int handedness(const RDKit::Atom& atom) {
  std::string code;
  atom.getPropIfPresent(RDKit::common_properties::_CIPCode, code);
  return code == "R" ? 1 : code == "S" ? -1 : 0;
}

engine::GraphAtom describe(const RDKit::ROMol& molecule, const RDKit::Atom& atom,
                           MmffTypes& types) {
  engine::GraphAtom result;
  result.atomic_number = atom.getAtomicNum();
  result.formal_charge = atom.getFormalCharge();
  result.degree = static_cast<int>(atom.getDegree());
  for (const RDKit::Atom* other : molecule.atomNeighbors(&atom))
    result.n_hydrogens += static_cast<int>(other->getAtomicNum() == 1);
  result.shape = shape_of(atom);
  result.aromatic = atom.getIsAromatic();
  result.ring_sizes = ring_sizes(molecule, atom.getIdx());
  result.mmff_type = types.type(atom.getIdx());
  result.partial_charge = types.charge(atom.getIdx());
  result.handedness = handedness(atom);
  return result;
}

int order_of(const RDKit::Bond& bond) {
  constexpr int kAromatic = 4;
  return bond.getIsAromatic() ? kAromatic : whole_order(bond);
}

int configuration(const RDKit::Bond& bond) {
  switch (bond.getStereo()) {
    case RDKit::Bond::STEREOZ:
    case RDKit::Bond::STEREOCIS:
      return 1;
    case RDKit::Bond::STEREOE:
    case RDKit::Bond::STEREOTRANS:
      return -1;
    default:
      return 0;
  }
}

engine::GraphBond describe(const RDKit::ROMol& molecule, const RDKit::Bond& bond) {
  engine::GraphBond result;
  result.first = bond.getBeginAtomIdx();
  result.second = bond.getEndAtomIdx();
  result.order = order_of(bond);
  result.conjugated = bond.getIsConjugated();
  result.in_ring = molecule.getRingInfo()->numBondRings(bond.getIdx()) > 0;
  result.configuration = configuration(bond);
  return result;
}

}  // namespace

void describe_graph(const RDKit::ROMol& molecule, engine::TorsionGraph& graph) {
  RDKit::RWMol copy(molecule);
  // Molecules made from parts of others may not have R and S yet.
  RDKit::MolOps::assignStereochemistry(copy);
  MmffTypes types(copy);
  for (const RDKit::Atom* atom : copy.atoms()) graph.atoms.push_back(describe(copy, *atom, types));
  for (const RDKit::Bond* bond : copy.bonds()) graph.bonds.push_back(describe(copy, *bond));
  for (const RDKit::Atom* centre : copy.atoms()) {
    std::vector<unsigned> ends;
    for (const RDKit::Atom* end : copy.atomNeighbors(centre)) ends.push_back(end->getIdx());
    const unsigned j = centre->getIdx();
    for (std::size_t b = 1; b < ends.size(); ++b)
      for (std::size_t a = 0; a < b; ++a)
        graph.angles.push_back(
            {ends[a], j, ends[b], types.angle(ends[a], j, ends[b], graph.atoms[j].shape)});
  }
}

}  // namespace saltus::forcefields::detail
