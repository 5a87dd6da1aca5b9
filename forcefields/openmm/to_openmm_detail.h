#pragma once

#include <OpenMM.h>

#include <memory>

#include "engine/system/system.h"

namespace saltus::forcefields::detail {

/// Force groups of the forces `to_openmm` makes, and their names as EnergyTerm has them.
enum ForceGroup { kBonds, kAngles, kTorsions, kNonbonded, kImplicitSolvent, kForceGroups };
constexpr const char* kForceGroupNames[kForceGroups] = {"bonds", "angles", "torsions", "nonbonded",
                                                        "implicit_solvent"};

/// The same masses, constraints and energy terms as OpenMM objects, each term in its force group.
/// Terms the system lacks get no force.
/// @throws InputError  when the system does not validate, or has GBn2 radii outside the tables
std::unique_ptr<OpenMM::System> to_openmm(const engine::System& system);

/// Implicit solvent as OpenMM's native GBSAOBCForce where it is that model (OBC2's constants for
/// every particle), else as a CustomGBForce with the expressions of OpenMM's implicit-solvent
/// scripts, which evaluates 10 to 40 times slower.
std::unique_ptr<OpenMM::Force> implicit_solvent_force(const engine::ImplicitSolvent& solvent);

}  // namespace saltus::forcefields::detail
