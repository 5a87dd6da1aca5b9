#include "tools/openmm_plugin/parameters.h"

#include <openmm/serialization/XmlSerializer.h>

#include <memory>
#include <sstream>

#include "engine/core/error.h"
#include "forcefields/openmm/system_xml.h"

namespace saltus::openmm_plugin {

namespace {

/// Hands a copy to `reduced` when the force is of that kind.
template <class Bonded>
void copy_bonded(const OpenMM::Force& force, OpenMM::System& reduced) {
  const auto* bonded = dynamic_cast<const Bonded*>(&force);
  if (bonded == nullptr) return;
  auto copy = std::make_unique<Bonded>(*bonded);
  copy->setUsesPeriodicBoundaryConditions(false);
  reduced.addForce(copy.release());
}

/// Particles only: neither exceptions nor how pairs are cut off say which force field it is.
void copy_nonbonded(const OpenMM::Force& force, OpenMM::System& reduced) {
  const auto* nonbonded = dynamic_cast<const OpenMM::NonbondedForce*>(&force);
  if (nonbonded == nullptr) return;
  auto copy = std::make_unique<OpenMM::NonbondedForce>();
  for (int i = 0; i < nonbonded->getNumParticles(); ++i) {
    double charge = 0.0, sigma = 0.0, epsilon = 0.0;
    nonbonded->getParticleParameters(i, charge, sigma, epsilon);
    copy->addParticle(charge, sigma, epsilon);
  }
  reduced.addForce(copy.release());
}

template <class Site>
bool copy_site(const OpenMM::VirtualSite& site, int particle, OpenMM::System& reduced) {
  const auto* known = dynamic_cast<const Site*>(&site);
  if (known == nullptr) return false;
  reduced.setVirtualSite(particle, std::make_unique<Site>(*known).release());
  return true;
}

void copy_particles(const OpenMM::System& system, OpenMM::System& reduced) {
  for (int i = 0; i < system.getNumParticles(); ++i) reduced.addParticle(system.getParticleMass(i));
  for (int i = 0; i < system.getNumParticles(); ++i) {
    if (!system.isVirtualSite(i)) continue;
    const OpenMM::VirtualSite& site = system.getVirtualSite(i);
    if (!copy_site<OpenMM::TwoParticleAverageSite>(site, i, reduced) &&
        !copy_site<OpenMM::ThreeParticleAverageSite>(site, i, reduced) &&
        !copy_site<OpenMM::OutOfPlaneSite>(site, i, reduced) &&
        !copy_site<OpenMM::LocalCoordinatesSite>(site, i, reduced))
      throw engine::InputError("SaltusIntegrator: particle " + std::to_string(i) +
                               " is a virtual site of a kind that is not supported");
  }
  for (int n = 0; n < system.getNumConstraints(); ++n) {
    int first = 0, second = 0;
    double distance = 0.0;
    system.getConstraintParameters(n, first, second, distance);
    // OpenMM drops constraints between two particles that never move; the engine refuses them.
    if (system.getParticleMass(first) != 0.0 || system.getParticleMass(second) != 0.0)
      reduced.addConstraint(first, second, distance);
  }
}

}  // namespace

engine::System read_parameters(const OpenMM::System& system) {
  OpenMM::System reduced;
  copy_particles(system, reduced);
  bool has_nonbonded = false;
  for (int n = 0; n < system.getNumForces(); ++n) {
    const OpenMM::Force& force = system.getForce(n);
    copy_bonded<OpenMM::HarmonicBondForce>(force, reduced);
    copy_bonded<OpenMM::HarmonicAngleForce>(force, reduced);
    copy_bonded<OpenMM::PeriodicTorsionForce>(force, reduced);
    // A second one, such as that of an alchemical System, would be refused.
    if (!has_nonbonded) copy_nonbonded(force, reduced);
    has_nonbonded = has_nonbonded || dynamic_cast<const OpenMM::NonbondedForce*>(&force) != nullptr;
  }
  std::ostringstream text;
  OpenMM::XmlSerializer::serialize(&reduced, "System", text);
  return forcefields::read_system_xml_text(text.str(), "System of the Context").system;
}

}  // namespace saltus::openmm_plugin
