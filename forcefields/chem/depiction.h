#pragma once

#include <string>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// A drawing of a molecule as chemists draw it, as an <svg> element for HTML that names and loads
/// nothing from elsewhere, its background transparent. Hydrogens implied.
/// @param width, height  of its view box, pixels
/// @throws InputError  when RDKit fails
std::string drawing_svg(const ChemMolecule& molecule, int width, int height);

}  // namespace saltus::forcefields
