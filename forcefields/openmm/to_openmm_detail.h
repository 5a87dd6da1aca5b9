#pragma once

#include <OpenMM.h>

#include <cstddef>
#include <memory>
#include <string>

#include "engine/system/system.h"

namespace saltus::forcefields::detail {

/// Force groups of the forces `to_openmm` makes, and their names as EnergyTerm has them.
enum ForceGroup {
  kBonds,
  kAngles,
  kTorsions,
  kNonbonded,
  kImplicitSolvent,
  kMmffBonds,
  kMmffAngles,
  kMmffStretchBends,
  kMmffOutOfPlanes,
  kMmffVanDerWaals,
  kMmffElectrostatics,
  kCorrectionMaps,
  kRestraints,
  kField,
  kForceGroups
};
constexpr const char* kForceGroupNames[kForceGroups] = {"bonds",
                                                        "angles",
                                                        "torsions",
                                                        "nonbonded",
                                                        "implicit_solvent",
                                                        "mmff_bonds",
                                                        "mmff_angles",
                                                        "mmff_stretch_bends",
                                                        "mmff_out_of_planes",
                                                        "mmff_van_der_waals",
                                                        "mmff_electrostatics",
                                                        "correction_maps",
                                                        "restraints",
                                                        "field"};

/// The same masses, box, constraints, virtual sites and energy terms as OpenMM objects, each term
/// in its force group (position and torsion restraints share one, as do bent and linear angles of
/// MMFF). Terms the system lacks get no force. Terms that OpenMM has no force for are written as
/// custom forces, whose expressions it parses and differentiates.
/// @throws InputError  when the system does not validate, has GBn2 radii outside the tables, or
///                     OpenMM refuses a part of it, or as require_sums_that_end
std::unique_ptr<OpenMM::System> to_openmm(const engine::System& system);

/// OpenMM 7.7 takes 2 alpha a / (3 tolerance^(1/5)) points along an edge a for PME, in an int and
/// without a limit: with a mistyped box or tolerance it runs out of memory or ends by a signal.
/// @param system  that validates
/// @throws InputError  when the grid has more points than 512^3, some gigabytes, or a plain Ewald
///                     sum as many waves as EwaldSplit refuses
void require_sums_that_end(const engine::System& system);

/// Implicit solvent as OpenMM's native GBSAOBCForce where it is that model (OBC2's constants for
/// every particle), else as a CustomGBForce with the expressions of OpenMM's implicit-solvent
/// scripts, which evaluates 10 to 40 times slower.
std::unique_ptr<OpenMM::Force> implicit_solvent_force(const engine::ImplicitSolvent& solvent);

/// One force for each kind of term that `mmff` has; see mmff_terms.h.
void add_mmff_forces(const engine::Mmff& mmff, OpenMM::System& result);

/// Correction maps, restraints and the uniform field; see external_terms.h.
void add_external_forces(const engine::System& system, OpenMM::System& result);

/// The same without correction maps.
void add_restraints_and_field(const engine::System& system, OpenMM::System& result);

/// The System of an OpenMM System XML file as OpenMM's own reader gives it, each force in its force
/// group, with the restraints and the field of `added`; forces without terms and CMMotionRemovers
/// are left out. Only for files that read_system_xml takes: OpenMM's reader accepts an unreadable
/// number as 0 and believes the type that a tag claims.
/// @throws FileError   when the file cannot be opened
/// @throws InputError  when OpenMM refuses the file
std::unique_ptr<OpenMM::System> system_from_xml(const std::string& path,
                                                const engine::System& added);

/// Hands `force` to `system`, in that group.
void add_force(OpenMM::System& system, std::unique_ptr<OpenMM::Force> force, ForceGroup group);

inline int openmm_index(std::size_t i) { return static_cast<int>(i); }

/// A number for an expression of a custom force: all digits, in parentheses.
std::string number_text(double value);

}  // namespace saltus::forcefields::detail
