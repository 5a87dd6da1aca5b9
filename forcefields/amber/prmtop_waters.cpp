#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/units.h"
#include "forcefields/amber/prmtop_parts_detail.h"

namespace saltus::forcefields::detail {

namespace {

constexpr int kHydrogen = 1, kOxygen = 8;

// Between the plane of the bisector and each of the two points of five-site water: half the
// tetrahedral angle, with the digits of AMBER and OpenMM.
constexpr double kHalfTetrahedralAngle = 54.735 * engine::kRadianPerDegree;

using engine::Water;
using WaterOfAtom = std::vector<std::optional<std::size_t>>;

/// Lengths of the bonds of one water molecule, nm; 0 where it has none.
struct WaterLengths {
  double oh = 0.0, hh = 0.0, oe = 0.0;
};

std::vector<WaterLengths> lengths_of(const std::vector<Water>& waters,
                                     const AmberMolecule& molecule) {
  const auto water_of_atom = waters_of_atoms(waters, molecule.topology.n_atoms());
  std::vector<WaterLengths> lengths(waters.size());
  for (const engine::HarmonicBond& bond : molecule.system.bonds) {
    if (!water_of_atom[bond.i] || water_of_atom[bond.i] != water_of_atom[bond.j]) continue;
    WaterLengths& water = lengths[*water_of_atom[bond.i]];
    int elements[] = {molecule.topology.atoms[bond.i].atomic_number,
                      molecule.topology.atoms[bond.j].atomic_number};
    std::sort(std::begin(elements), std::end(elements));
    if (elements[1] == kHydrogen) water.hh = bond.length_nm;
    if (elements[1] != kOxygen) continue;
    (elements[0] == kHydrogen ? water.oh : water.oe) = bond.length_nm;
  }
  return lengths;
}

/// Replaces the angles of water molecules that have no bond between their hydrogens.
void constrain_angles(const std::vector<Water>& waters, const WaterOfAtom& water_of_atom,
                      AmberMolecule& molecule) {
  const std::vector<WaterLengths> lengths = lengths_of(waters, molecule);
  engine::System& system = molecule.system;
  std::vector<engine::HarmonicAngle> kept;
  for (const engine::HarmonicAngle& angle : system.angles) {
    const auto water = water_of_atom[angle.j];
    if (!water || waters[*water].oxygen != angle.j || lengths[*water].hh != 0.0) {
      kept.push_back(angle);
      continue;
    }
    const double hh = 2.0 * lengths[*water].oh * std::sin(0.5 * angle.angle_rad);
    system.constraints.push_back({angle.i, angle.k_atom, hh});
  }
  system.angles = std::move(kept);
}

/// Sites of one water molecule, at the distance of the O-EP bond from the oxygen: one towards the
/// hydrogens along the bisector, two on the other side, above and below the plane (as in TIP5P,
/// Mahoney, Jorgensen, J. Chem. Phys. 112, 8910 (2000), doi:10.1063/1.481505; OpenMM's reader of
/// these files puts them on the side of the hydrogens, its tip5p.xml does not).
std::vector<engine::VirtualSite> sites_of(const Water& water, const WaterLengths& lengths) {
  const double height = std::sqrt(lengths.oh * lengths.oh - 0.25 * lengths.hh * lengths.hh);
  engine::VirtualSite site;
  site.parents = {water.oxygen, water.hydrogens[0], water.hydrogens[1]};
  if (water.sites.size() == 1) {
    const double weight = lengths.oe / height;
    site.site = water.sites[0];
    site.kind = engine::VirtualSite::Kind::kAverage;
    site.weights = {1.0 - weight, 0.5 * weight, 0.5 * weight};
    return {site};
  }
  const double in_plane = std::cos(kHalfTetrahedralAngle) * lengths.oe / height;
  const double area = height * lengths.hh;  // |d1 x d2|
  const double across = std::sin(kHalfTetrahedralAngle) * lengths.oe / area;
  site.kind = engine::VirtualSite::Kind::kOutOfPlane;
  std::vector<engine::VirtualSite> sites;
  for (std::size_t n = 0; n < 2; ++n) {
    site.site = water.sites[n];
    site.weights = {-0.5 * in_plane, -0.5 * in_plane, n == 0 ? across : -across};
    sites.push_back(site);
  }
  return sites;
}

}  // namespace

void place_extra_points(const PrmtopSections& sections, const std::vector<engine::Water>& waters,
                        AmberMolecule& molecule) {
  const auto& masses = molecule.system.masses;
  const auto n_extra = static_cast<std::size_t>(std::count(masses.begin(), masses.end(), 0.0));
  const PrmtopPointers pointers(sections);
  if (sections.size("POINTERS") > kExtraPoints && pointers[kExtraPoints] != n_extra)
    sections.fail("POINTERS", kExtraPoints,
                  "NUMEXTRA is " + std::to_string(pointers[kExtraPoints]) + ", but the file has " +
                      std::to_string(n_extra) + " atoms without mass");
  const auto water_of_atom = waters_of_atoms(waters, masses.size());
  constexpr std::size_t kMaxSites = 2;
  const auto in_known_place = [&](std::size_t atom) {
    return water_of_atom[atom] && waters[*water_of_atom[atom]].sites.size() <= kMaxSites;
  };
  for (std::size_t atom = 0; atom < masses.size(); ++atom)
    if (masses[atom] == 0.0 && !in_known_place(atom))
      sections.fail("MASS", atom,
                    molecule.topology.describe_atom(atom) +
                        " is an extra point, which is known in water only: a residue of one "
                        "oxygen, two hydrogens bonded to it and one or two extra points");
  const std::vector<WaterLengths> lengths = lengths_of(waters, molecule);
  for (std::size_t n = 0; n < waters.size(); ++n) {
    if (waters[n].sites.empty()) continue;
    const WaterLengths& l = lengths[n];
    if (!(l.hh > 0.0 && l.oe > 0.0 && l.hh < 2.0 * l.oh))
      sections.fail("BONDS_INC_HYDROGEN",
                    "the places of the extra points of " +
                        molecule.topology.describe_residue(waters[n].residue) +
                        " follow from its bonds, expected those of the oxygen with both hydrogens "
                        "and the extra points, and one between the hydrogens");
    for (engine::VirtualSite& site : sites_of(waters[n], l))
      molecule.system.virtual_sites.push_back(std::move(site));
  }
}

void make_constraints(const std::vector<engine::Water>& waters, const MoleculeOptions& options,
                      AmberMolecule& molecule) {
  const auto& atoms = molecule.topology.atoms;
  engine::System& system = molecule.system;
  const auto water_of_atom = waters_of_atoms(waters, atoms.size());
  if (options.rigid_water) constrain_angles(waters, water_of_atom, molecule);
  const auto is_constrained = [&](const engine::HarmonicBond& bond) {
    if (atoms[bond.i].atomic_number != kHydrogen && atoms[bond.j].atomic_number != kHydrogen)
      return false;
    if (options.constraints == BondConstraints::kHydrogenBonds) return true;
    return options.rigid_water && water_of_atom[bond.i] &&
           water_of_atom[bond.i] == water_of_atom[bond.j];
  };
  const auto first = std::stable_partition(
      system.bonds.begin(), system.bonds.end(),
      [&](const engine::HarmonicBond& bond) { return !is_constrained(bond); });
  for (auto bond = first; bond != system.bonds.end(); ++bond)
    system.constraints.push_back({bond->i, bond->j, bond->length_nm});
  system.bonds.erase(first, system.bonds.end());
}

}  // namespace saltus::forcefields::detail
