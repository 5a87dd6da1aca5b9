#pragma once

#include <OpenMM.h>

#include "engine/system/system.h"

namespace saltus::openmm_plugin {

/// What moves need to know of a System beside its energy: masses, constraints, virtual sites, and
/// the bonds, angles, torsions and nonbonded particles that tell force fields apart. Everything
/// else is left out, so that a System may have any forces.
/// @throws InputError  when a virtual site is of a kind that is not supported
engine::System read_parameters(const OpenMM::System& system);

}  // namespace saltus::openmm_plugin
