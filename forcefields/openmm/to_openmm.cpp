#include "engine/core/error.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

int index(std::size_t i) { return static_cast<int>(i); }

std::unique_ptr<OpenMM::Force> bond_force(const std::vector<engine::HarmonicBond>& bonds) {
  auto force = std::make_unique<OpenMM::HarmonicBondForce>();
  for (const engine::HarmonicBond& b : bonds)
    force->addBond(index(b.i), index(b.j), b.length_nm, b.k);
  return force;
}

std::unique_ptr<OpenMM::Force> angle_force(const std::vector<engine::HarmonicAngle>& angles) {
  auto force = std::make_unique<OpenMM::HarmonicAngleForce>();
  for (const engine::HarmonicAngle& a : angles)
    force->addAngle(index(a.i), index(a.j), index(a.k_atom), a.angle_rad, a.k);
  return force;
}

std::unique_ptr<OpenMM::Force> torsion_force(const std::vector<engine::PeriodicTorsion>& torsions) {
  auto force = std::make_unique<OpenMM::PeriodicTorsionForce>();
  for (const engine::PeriodicTorsion& t : torsions)
    force->addTorsion(index(t.i), index(t.j), index(t.k_atom), index(t.l), t.periodicity,
                      t.phase_rad, t.k);
  return force;
}

std::unique_ptr<OpenMM::Force> nonbonded_force(const engine::Nonbonded& nonbonded) {
  auto force = std::make_unique<OpenMM::NonbondedForce>();
  for (const engine::NonbondedParticle& p : nonbonded.particles)
    force->addParticle(p.charge, p.sigma_nm, p.epsilon);
  for (const engine::NonbondedException& e : nonbonded.exceptions)
    force->addException(index(e.i), index(e.j), e.charge_product, e.sigma_nm, e.epsilon);
  if (nonbonded.method == engine::NonbondedMethod::kCutoffNonPeriodic) {
    force->setNonbondedMethod(OpenMM::NonbondedForce::CutoffNonPeriodic);
    force->setCutoffDistance(nonbonded.cutoff_nm);
    force->setReactionFieldDielectric(nonbonded.reaction_field_dielectric);
  } else {
    force->setNonbondedMethod(OpenMM::NonbondedForce::NoCutoff);
  }
  return force;
}

void add(OpenMM::System& system, std::unique_ptr<OpenMM::Force> force, ForceGroup group) {
  force->setForceGroup(group);
  system.addForce(force.release());
}

}  // namespace

std::unique_ptr<OpenMM::System> to_openmm(const engine::System& system) {
  system.validate("system for OpenMM");
  auto result = std::make_unique<OpenMM::System>();
  for (double mass : system.masses) result->addParticle(mass);
  for (const engine::Constraint& c : system.constraints)
    result->addConstraint(index(c.i), index(c.j), c.distance_nm);
  if (!system.bonds.empty()) add(*result, bond_force(system.bonds), kBonds);
  if (!system.angles.empty()) add(*result, angle_force(system.angles), kAngles);
  if (!system.torsions.empty()) add(*result, torsion_force(system.torsions), kTorsions);
  if (system.nonbonded) add(*result, nonbonded_force(*system.nonbonded), kNonbonded);
  if (system.implicit_solvent)
    add(*result, implicit_solvent_force(*system.implicit_solvent), kImplicitSolvent);
  return result;
}

}  // namespace saltus::forcefields::detail
