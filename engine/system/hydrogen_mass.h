#pragma once

#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// Masses with hydrogens set to a heavier mass, taken from the atoms they are bound to. Changes how
/// fast chains move, not where they are in equilibrium; with constraints, which have the masses in
/// their metric, also that by a little. Frozen atoms and virtual sites keep mass 0, and water whose
/// three distances are all constraints its masses, as in OpenMM: it has no fast vibration.
/// Source: Feenstra, Hess, Berendsen, J. Comput. Chem. 20, 786 (1999),
/// doi:10.1002/(SICI)1096-987X(199906)20:8<786::AID-JCC5>3.0.CO;2-B.
/// @throws InputError  when the mass is not positive and finite, or leaves a heavy atom without any
std::vector<double> repartitioned_masses(const Topology& topology, const System& system,
                                         double hydrogen_mass_dalton);

}  // namespace saltus::engine
