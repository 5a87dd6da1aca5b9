#pragma once

#include "engine/system/system.h"

namespace saltus::engine {

/// The same system with the interactions between atoms that are not bonded (van der Waals,
/// electrostatic, implicit solvent's polarisation) multiplied by `keep`; bonded terms stay. Charge
/// products and well depths enter linearly, so for MMFF94 pairs U(keep) is linear in keep.
/// @param keep  in [0, 1]; at 0 atoms pass through each other
/// @throws InputError  when keep is out of range
System softened(const System& system, double keep);

}  // namespace saltus::engine
