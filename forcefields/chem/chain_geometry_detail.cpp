#include "forcefields/chem/chain_geometry_detail.h"

#include <ForceField/ForceField.h>
#include <ForceField/UFF/TorsionConstraint.h>
#include <GraphMol/ForceFieldHelpers/UFF/Builder.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "engine/core/units.h"
#include "engine/core/vec3.h"
#include "forcefields/chem/stereo_elements_detail.h"

namespace saltus::forcefields::detail {

namespace {

using engine::Vec3;

/// Atoms on the far side of a bond; empty when it is part of a ring.
std::vector<unsigned> side_of_bond(const RDKit::ROMol& molecule, unsigned near, unsigned far) {
  std::vector<bool> seen(molecule.getNumAtoms(), false);
  seen[far] = true;
  std::vector<unsigned> side = {far};
  for (std::size_t next = 0; next < side.size(); ++next)
    for (const RDKit::Atom* other : molecule.atomNeighbors(molecule.getAtomWithIdx(side[next]))) {
      if (side[next] == far && other->getIdx() == near) continue;
      if (other->getIdx() == near) return {};
      if (seen[other->getIdx()]) continue;
      seen[other->getIdx()] = true;
      side.push_back(other->getIdx());
    }
  return side;
}

double dihedral(const StereoElement& chain, const std::vector<double>& x) {
  const auto at = [&](unsigned atom) { return engine::load_atom(x.data(), atom); };
  const Vec3 line = at(chain.second) - at(chain.first);
  const Vec3 axis = (1.0 / norm(line)) * line;
  Vec3 a = at(chain.ligands[0]) - at(chain.first), b = at(chain.ligands[1]) - at(chain.second);
  a = a - dot(a, axis) * axis;
  b = b - dot(b, axis) * axis;
  return std::atan2(dot(cross(a, b), axis), dot(a, b));
}

/// The ideal angle for a chain that stands at `angle`.
double ideal_dihedral(const StereoElement& chain, double angle) {
  constexpr double kRight = engine::kTwoPi / 4.0;
  if (chain.kind == StereoKind::kAxis)
    return (chain.sign != 0 ? chain.sign : (angle < 0.0 ? -1 : 1)) * kRight;
  const bool trans = chain.sign != 0 ? chain.sign > 0 : std::abs(angle) > kRight;
  return trans ? 2.0 * kRight : 0.0;
}

void turn(const std::vector<unsigned>& atoms, const StereoElement& chain, double angle,
          std::vector<double>& x) {
  const Vec3 origin = engine::load_atom(x.data(), chain.second);
  const Vec3 line = origin - engine::load_atom(x.data(), chain.first);
  const Vec3 axis = (1.0 / norm(line)) * line;
  for (const unsigned atom : atoms) {
    const Vec3 v = engine::load_atom(x.data(), atom) - origin;
    // Rodrigues' formula.
    const Vec3 turned = std::cos(angle) * v + std::sin(angle) * cross(axis, v) +
                        ((1.0 - std::cos(angle)) * dot(axis, v)) * axis;
    const Vec3 placed = origin + turned;
    const double values[3] = {placed.x, placed.y, placed.z};
    std::copy(values, values + 3, x.begin() + 3 * static_cast<std::ptrdiff_t>(atom));
  }
}

unsigned inner_neighbour(const RDKit::ROMol& molecule, unsigned outer) {
  for (const RDKit::Bond* bond : molecule.atomBonds(molecule.getAtomWithIdx(outer)))
    if (bond->getBondType() == RDKit::Bond::DOUBLE) return bond->getOtherAtomIdx(outer);
  return kNoAtom;
}

/// Of nitrogen with three neighbours, one of them hydrogen.
unsigned hydrogen_on_nitrogen(const RDKit::ROMol& molecule, unsigned atom) {
  const RDKit::Atom* nitrogen = molecule.getAtomWithIdx(atom);
  if (nitrogen->getAtomicNum() != 7 || nitrogen->getDegree() != 3) return kNoAtom;
  for (const RDKit::Atom* other : molecule.atomNeighbors(nitrogen))
    if (is_plain_hydrogen(*other)) return other->getIdx();
  return kNoAtom;
}

/// The other neighbour of an outer atom, if it has two.
unsigned other_ligand(const RDKit::ROMol& molecule, std::size_t outer, std::size_t inner,
                      std::size_t ligand) {
  for (const RDKit::Atom* other :
       molecule.atomNeighbors(molecule.getAtomWithIdx(static_cast<unsigned>(outer))))
    if (other->getIdx() != inner && other->getIdx() != ligand) return other->getIdx();
  return kNoAtom;
}

/// Degrees between which a dihedral angle is to be.
struct Range {
  double low, high;
};

Range range_of(const engine::ConfiguredDoubleBond& bond) {
  return bond.cis ? Range{-20.0, 20.0} : Range{150.0, 210.0};
}

void force(ForceFields::ForceField& field, const std::array<unsigned, 4>& atoms, Range range) {
  constexpr double kStrength = 500.0;  // kcal/mol/rad^2 or so: it must win
  const auto [low, high] = range;
  field.contribs().push_back(ForceFields::ContribPtr(new ForceFields::UFF::TorsionConstraintContrib(
      &field, atoms[0], atoms[1], atoms[2], atoms[3], low, high, kStrength)));
}

/// Both the ligands that are named and the other ones.
void force(ForceFields::ForceField& field, const RDKit::ROMol& molecule,
           const engine::ConfiguredDoubleBond& bond, Range range) {
  const auto first = static_cast<unsigned>(bond.first), second = static_cast<unsigned>(bond.second);
  force(field,
        {static_cast<unsigned>(bond.first_end), first, second,
         static_cast<unsigned>(bond.second_end)},
        range);
  const unsigned a = other_ligand(molecule, bond.first, bond.second, bond.first_end);
  const unsigned b = other_ligand(molecule, bond.second, bond.first, bond.second_end);
  if (a != kNoAtom && b != kNoAtom) force(field, {a, first, second, b}, range);
}

bool is_wrong(const engine::ConfiguredDoubleBond& bond, const RDKit::Conformer& conformer) {
  std::vector<double> x;
  for (const auto& point : conformer.getPositions())
    for (const double value : {point.x, point.y, point.z}) x.push_back(value);
  return engine::sign_of(bond, x) != (bond.cis ? 1 : -1);
}

}  // namespace

void straighten_chains(const RDKit::ROMol& molecule, std::vector<double>& x) {
  for (const RDKit::Atom* atom : molecule.atoms()) {
    constexpr bool kEqualHydrogens = true;
    const StereoElement chain = chain_at(*atom, kEqualHydrogens);
    if (chain.ligands.empty() || chain.first != atom->getIdx() || chain.n_double_bonds < 2)
      continue;
    const std::vector<unsigned> side =
        side_of_bond(molecule, inner_neighbour(molecule, chain.second), chain.second);
    if (side.empty()) continue;
    const double angle = dihedral(chain, x);
    turn(side, chain, ideal_dihedral(chain, angle) - angle, x);
  }
}

void free_nitrogens(RDKit::RWMol& molecule) {
  for (RDKit::Atom* atom : molecule.atoms())
    if (hydrogen_on_nitrogen(molecule, atom->getIdx()) != kNoAtom)
      atom->setChiralTag(RDKit::Atom::CHI_UNSPECIFIED);
}

void invert_nitrogens(const RDKit::ROMol& molecule, const engine::Configuration& configuration,
                      std::vector<double>& x) {
  // Of the bond, out of the plane of nitrogen and its two other neighbours.
  constexpr double kRise = 0.8;
  for (const engine::ChiralCentre& centre : configuration.centres) {
    const unsigned hydrogen = hydrogen_on_nitrogen(molecule, static_cast<unsigned>(centre.atom));
    if (hydrogen == kNoAtom || engine::sign_of(centre, x) == centre.sign) continue;
    const Vec3 origin = engine::load_atom(x.data(), centre.atom);
    Vec3 ends[2];
    std::size_t n = 0;
    for (const std::size_t other : centre.neighbours)
      if (other != hydrogen) ends[n++] = engine::load_atom(x.data(), other) - origin;
    const Vec3 normal = cross(ends[0], ends[1]);
    const Vec3 up = (1.0 / norm(normal)) * normal;
    const Vec3 between = (1.0 / norm(ends[0])) * ends[0] + (1.0 / norm(ends[1])) * ends[1];
    const Vec3 away = (-1.0 / norm(between)) * between;
    const double length = norm(engine::load_atom(x.data(), hydrogen) - origin);
    for (const double side : {1.0, -1.0}) {
      const Vec3 placed =
          origin + (length * std::sqrt(1.0 - kRise * kRise)) * away + (side * length * kRise) * up;
      const double values[3] = {placed.x, placed.y, placed.z};
      std::copy(values, values + 3, x.begin() + 3 * static_cast<std::ptrdiff_t>(hydrogen));
      if (engine::sign_of(centre, x) == centre.sign) break;
    }
  }
}

namespace {

using Bonds = std::vector<const engine::ConfiguredDoubleBond*>;

/// Relaxes a conformer while some bonds are held; with `range` missing, where they belong.
void relax(RDKit::RWMol& molecule, int id, const Bonds& held, std::optional<Range> range) {
  constexpr double kThreshold = 100.0;
  constexpr int kSteps = 500;
  const std::unique_ptr<ForceFields::ForceField> field(
      RDKit::UFF::constructForceField(molecule, kThreshold, id));
  field->initialize();
  for (const auto* bond : held) force(*field, molecule, *bond, range.value_or(range_of(*bond)));
  field->minimize(kSteps);
}

}  // namespace

void turn_double_bonds(RDKit::RWMol& molecule, const engine::Configuration& configuration) {
  for (auto conformer = molecule.beginConformers(); conformer != molecule.endConformers();
       ++conformer) {
    const auto id = static_cast<int>((*conformer)->getId());
    const auto wrong_bonds = [&] {
      Bonds wrong;
      for (const auto& bond : configuration.double_bonds)
        if (is_wrong(bond, **conformer)) wrong.push_back(&bond);
      return wrong;
    };
    // From a flat bond the two ends could turn either way: if need be, they are taken to one side
    // first and then to the other one.
    for (const std::optional<Range> first :
         {std::optional<Range>(), std::optional<Range>({80.0, 100.0}),
          std::optional<Range>({-100.0, -80.0})}) {
      const Bonds wrong = wrong_bonds();
      if (wrong.empty()) break;
      if (first) relax(molecule, id, wrong, first);
      relax(molecule, id, wrong, std::nullopt);
      relax(molecule, id, {}, std::nullopt);
    }
  }
}

}  // namespace saltus::forcefields::detail
