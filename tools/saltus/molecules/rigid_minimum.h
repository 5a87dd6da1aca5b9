#pragma once

#include <memory>

#include "engine/potential/decorators.h"
#include "engine/rigid/harmonic_crystal.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// The minimum of the energy that is next to the coordinates of rigid molecules, moved onto their
/// constraints, in the box of the system (engine::find_harmonic_minimum). Native energies in double
/// precision look for it whatever a deck says: the rounding of float forces hides where it is.
/// @param evaluations  they are counted there; may be null
/// @throws NumericalError  when there is none to be found
engine::HarmonicMinimum rigid_minimum(const Molecule& molecule,
                                      const std::shared_ptr<const engine::RigidBodies>& bodies,
                                      std::shared_ptr<engine::EvaluationCount> evaluations);

}  // namespace saltus::tools
