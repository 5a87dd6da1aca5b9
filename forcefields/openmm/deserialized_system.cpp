#include <fstream>

#include <openmm/serialization/XmlSerializer.h>

#include "engine/core/error.h"
#include "engine/core/error_context.h"
#include "forcefields/openmm/openmm_detail.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

/// Terms of a bonded force; 1 of a force that always has something to say.
int n_terms(const OpenMM::Force& force) {
  if (const auto* bonds = dynamic_cast<const OpenMM::HarmonicBondForce*>(&force))
    return bonds->getNumBonds();
  if (const auto* angles = dynamic_cast<const OpenMM::HarmonicAngleForce*>(&force))
    return angles->getNumAngles();
  if (const auto* torsions = dynamic_cast<const OpenMM::PeriodicTorsionForce*>(&force))
    return torsions->getNumTorsions();
  if (const auto* maps = dynamic_cast<const OpenMM::CMAPTorsionForce*>(&force))
    return maps->getNumTorsions();
  return 1;
}

ForceGroup group_of(const OpenMM::Force& force) {
  if (dynamic_cast<const OpenMM::HarmonicBondForce*>(&force)) return kBonds;
  if (dynamic_cast<const OpenMM::HarmonicAngleForce*>(&force)) return kAngles;
  if (dynamic_cast<const OpenMM::PeriodicTorsionForce*>(&force)) return kTorsions;
  if (dynamic_cast<const OpenMM::CMAPTorsionForce*>(&force)) return kCorrectionMaps;
  if (dynamic_cast<const OpenMM::NonbondedForce*>(&force)) return kNonbonded;
  if (dynamic_cast<const OpenMM::GBSAOBCForce*>(&force)) return kImplicitSolvent;
  if (dynamic_cast<const OpenMM::CustomGBForce*>(&force)) return kImplicitSolvent;
  throw engine::InputError("it has the force " + force.getName() +
                           ", which read_system_xml does not know");
}

/// Puts each force where its term is shown; those without a term go, as to_openmm makes none.
void label_forces(OpenMM::System& system) {
  for (int n = system.getNumForces() - 1; n >= 0; --n) {
    OpenMM::Force& force = system.getForce(n);
    if (dynamic_cast<OpenMM::CMMotionRemover*>(&force) != nullptr || n_terms(force) == 0)
      system.removeForce(n);
    else
      force.setForceGroup(group_of(force));
  }
}

}  // namespace

std::unique_ptr<OpenMM::System> system_from_xml(const std::string& path,
                                                const engine::System& added) {
  engine::with_prefix(path + ": ", [&] { require_sums_that_end(added); });
  return translate_errors<engine::InputError>(path + ": read by OpenMM itself", [&] {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw engine::FileError(path + ": cannot be opened for reading");
    std::unique_ptr<OpenMM::System> result(
        OpenMM::XmlSerializer::deserialize<OpenMM::System>(stream));
    label_forces(*result);
    add_restraints_and_field(added, *result);
    return result;
  });
}

}  // namespace saltus::forcefields::detail
