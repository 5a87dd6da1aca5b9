#pragma once

#include <GraphMol/GraphMol.h>

#include <vector>

#include "engine/conformers/stereo_check.h"

namespace saltus::forcefields::detail {

/// Turns the ends of chains of double bonds (allenes, butatrienes ...) against each other, so that
/// they are flat or at right angles, as the graph says, or else whichever is nearer: distance
/// geometry does not handle them. Chains in rings stay as they are.
/// @param x  [N, 3], nm
void straighten_chains(const RDKit::ROMol& molecule, std::vector<double>& x);

/// Takes the configuration of nitrogen that carries hydrogen out of the graph: distance geometry
/// asks for more volume than such centres have.
void free_nitrogens(RDKit::RWMol& molecule);

/// Puts the hydrogen of such a nitrogen on the other side where the configuration says so.
/// @param x  [N, 3], nm
void invert_nitrogens(const RDKit::ROMol& molecule, const engine::Configuration& configuration,
                      std::vector<double>& x);

/// Turns double bonds of conformers that are not as the configuration says by force, in RDKit's UFF
/// force field: distance geometry makes those of rings of up to eight atoms cis.
/// Source: Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992), doi:10.1021/ja00051a040.
/// @param molecule  with conformers
void turn_double_bonds(RDKit::RWMol& molecule, const engine::Configuration& configuration);

}  // namespace saltus::forcefields::detail
