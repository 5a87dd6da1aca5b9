#include "tools/conformers/scan_bond.h"

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/potential/internal_geometry.h"
#include "forcefields/chem/conformer_input.h"

namespace saltus::tools {

using engine::InputError;
using forcefields::TorsionAtoms;

namespace {

/// Order of the bond between two atoms; 0: there is none.
int bond_order(const engine::MoleculeTable& table, std::size_t a, std::size_t b) {
  for (const auto& bond : table.bonds)
    if ((bond.first == a && bond.second == b) || (bond.first == b && bond.second == a))
      return bond.order;
  return 0;
}

void require_row(const forcefields::ChemMolecule& molecule, const TorsionAtoms& atoms,
                 const engine::MoleculeTable& table) {
  for (const std::size_t atom : atoms)
    if (atom >= molecule.n_atoms())
      throw InputError("there is no atom " + std::to_string(atom + 1) + ", the molecule has " +
                       std::to_string(molecule.n_atoms()) + ", hydrogens included");
  for (std::size_t i = 0; i + 1 < atoms.size(); ++i)
    if (bond_order(table, atoms[i], atoms[i + 1]) == 0)
      throw InputError("atoms " + std::to_string(atoms[i] + 1) + " (" +
                       molecule.topology.atoms[atoms[i]].name + ") and " +
                       std::to_string(atoms[i + 1] + 1) + " (" +
                       molecule.topology.atoms[atoms[i + 1]].name +
                       ") are not bonded, expected four atoms bonded in a row");
  if (atoms[0] == atoms[2] || atoms[1] == atoms[3] || atoms[0] == atoms[3])
    throw InputError("the same atom is named twice, expected four atoms bonded in a row");
}

}  // namespace

double wrapped_angle(double angle_rad) {
  return angle_rad - engine::kTwoPi * std::floor((angle_rad + engine::kPi) / engine::kTwoPi);
}

double ScanBond::angle(engine::Span<const double> x) const {
  const engine::TorsionGeometry torsion(x.data(), atoms);
  return torsion.defined() ? wrapped_angle(torsion.phi())
                           : std::numeric_limits<double>::quiet_NaN();
}

void ScanBond::set_angle(double angle_rad, engine::Span<double> x) const {
  engine::rotate_about_bond(bond, wrapped_angle(angle_rad - angle(x)), x);
}

ScanBond scan_bond(const forcefields::ChemMolecule& molecule, const TorsionAtoms& atoms) {
  const engine::MoleculeTable table = forcefields::molecule_table(molecule);
  require_row(molecule, atoms, table);
  const std::string name =
      molecule.topology.atoms[atoms[1]].name + "-" + molecule.topology.atoms[atoms[2]].name;
  if (bond_order(table, atoms[1], atoms[2]) != 1)
    throw InputError("the bond " + name + " is not a single bond, and does not turn");
  for (const engine::RotatableBond& bond : engine::rotatable_bonds(molecule.topology)) {
    const bool forth = bond.axis_from == atoms[1] && bond.axis_to == atoms[2];
    const bool back = bond.axis_from == atoms[2] && bond.axis_to == atoms[1];
    if (forth || back) return {atoms, bond};
  }
  throw InputError("the bond " + name + " is in a ring, and cannot be turned through a whole turn");
}

std::string torsion_name(const forcefields::ChemMolecule& molecule, const TorsionAtoms& atoms) {
  std::string name;
  for (const std::size_t atom : atoms)
    name += (name.empty() ? "" : "-") + molecule.topology.atoms[atom].name;
  return name;
}

}  // namespace saltus::tools
