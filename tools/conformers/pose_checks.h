#pragma once

#include <string>

#include "engine/core/span.h"
#include "engine/system/system.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::tools {

/// "bond C1-C2 is 2.90 angstrom long, expected about 1.51": bonds that are more than 0.5 angstrom
/// away from the length of the force field; empty when there are none.
/// @param x  [N, 3], nm
std::string impossible_bond(const engine::System& system, const forcefields::ChemMolecule& molecule,
                            engine::Span<const double> x);

/// "atoms C1 and N4 are 0.71 angstrom apart": atoms that coincide, and pairs of heavy atoms more
/// than two bonds apart nearer than half the distance of their lowest van der Waals energy; the
/// closest pair; empty when there is none.
std::string clash(const engine::System& system, const forcefields::ChemMolecule& molecule,
                  engine::Span<const double> x);

}  // namespace saltus::tools
