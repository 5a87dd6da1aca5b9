#pragma once

#include <memory>

#include "engine/torsions/torsion_graph.h"
#include "engine/torsions/torsion_model.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Densities of torsions as they are found in crystals: exp(-V / 1.5), with the potentials
///   V(tau) = sum_{m = 1..6} V_m (1 + s_m cos m tau)
/// that RDKit matches to the molecule's bonds, in its units. Bonds it has none for (mostly those of
/// methyl and hydroxy groups) are staggered between tetrahedral atoms, flat between planar ones,
/// otherwise uniform. Where the graph does not tell the two sides of a tetrahedral atom apart, the
/// potential is the mean of both. The torsions are independent of each other; those at invertible
/// centres depend on the sign of these. Source: Guba, Meyder, Rarey, Hert, J. Chem. Inf. Model. 56,
/// 1 (2016), doi:10.1021/acs.jcim.5b00522; Riniker, Landrum, J. Chem. Inf. Model. 55, 2562 (2015),
/// doi:10.1021/acs.jcim.5b00654.
/// @param molecule  with all hydrogens
/// @param graph     of it (torsion_graph_of)
/// @throws InputError  when RDKit fails
std::unique_ptr<engine::TorsionModel> torsion_preferences(const ChemMolecule& molecule,
                                                          const engine::TorsionGraph& graph);

}  // namespace saltus::forcefields
