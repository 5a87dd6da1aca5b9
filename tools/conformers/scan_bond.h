#pragma once

#include <string>

#include "engine/core/span.h"
#include "engine/moves/bond_rotation.h"
#include "forcefields/chem/torsion_query.h"

namespace saltus::tools {

/// A torsion that can be turned.
struct ScanBond {
  forcefields::TorsionAtoms atoms{};
  engine::RotatableBond bond;

  /// rad, in [-pi, pi), IUPAC sign; NaN where three atoms lie on a line.
  /// @param x  [N, 3], nm
  double angle(engine::Span<const double> x) const;
  /// Turns the bond so that this is the angle.
  void set_angle(double angle_rad, engine::Span<double> x) const;
};

/// An angle in [-pi, pi).
double wrapped_angle(double angle_rad);

/// @throws InputError  saying why these atoms cannot be scanned: they are not bonded in a row, the
///                     bond is not a single one, in a ring, or there is no bond to turn
ScanBond scan_bond(const forcefields::ChemMolecule& molecule,
                   const forcefields::TorsionAtoms& atoms);

/// "C1-C2-C3-C4"
std::string torsion_name(const forcefields::ChemMolecule& molecule,
                         const forcefields::TorsionAtoms& atoms);

}  // namespace saltus::tools
