#include <vector>

#include "engine/core/units.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

std::unique_ptr<OpenMM::Force> correction_map_force(const engine::System& system) {
  auto force = std::make_unique<OpenMM::CMAPTorsionForce>();
  for (const engine::CorrectionMap& map : system.correction_maps)
    force->addMap(openmm_index(map.size), map.energies);
  for (const engine::CorrectionTorsion& t : system.correction_torsions)
    force->addTorsion(openmm_index(t.map), openmm_index(t.first[0]), openmm_index(t.first[1]),
                      openmm_index(t.first[2]), openmm_index(t.first[3]), openmm_index(t.second[0]),
                      openmm_index(t.second[1]), openmm_index(t.second[2]),
                      openmm_index(t.second[3]));
  return force;
}

/// The distance is kept from 0, where its derivative does not exist (and atoms often start).
constexpr const char* kPositionEnergy =
    "0.5*k*max(0,d-flat)^2;d=sqrt(max(1e-24,(x-x0)^2+(y-y0)^2+(z-z0)^2))";

std::unique_ptr<OpenMM::Force> position_restraint_force(
    const std::vector<engine::PositionRestraint>& restraints) {
  auto force = std::make_unique<OpenMM::CustomExternalForce>(kPositionEnergy);
  for (const char* name : {"x0", "y0", "z0", "k", "flat"}) force->addPerParticleParameter(name);
  for (const engine::PositionRestraint& r : restraints)
    force->addParticle(openmm_index(r.atom), {r.position_nm[0], r.position_nm[1], r.position_nm[2],
                                              r.k, r.flat_radius_nm});
  return force;
}

std::unique_ptr<OpenMM::Force> torsion_restraint_force(
    const std::vector<engine::TorsionRestraint>& restraints) {
  const std::string turn = number_text(2.0 * engine::kPi);
  auto force = std::make_unique<OpenMM::CustomTorsionForce>("0.5*k*max(0,abs(d)-flat)^2;d=turned-" +
                                                            turn + "*floor(turned/" + turn +
                                                            "+0.5);turned=theta-angle0");
  for (const char* name : {"angle0", "k", "flat"}) force->addPerTorsionParameter(name);
  for (const engine::TorsionRestraint& r : restraints)
    force->addTorsion(openmm_index(r.i), openmm_index(r.j), openmm_index(r.k_atom),
                      openmm_index(r.l), {r.angle_rad, r.k, r.flat_half_width_rad});
  return force;
}

std::unique_ptr<OpenMM::Force> field_force(const engine::UniformField& field) {
  auto force = std::make_unique<OpenMM::CustomExternalForce>(
      "-charge*(" + number_text(field.field[0]) + "*x+" + number_text(field.field[1]) + "*y+" +
      number_text(field.field[2]) + "*z)");
  force->addPerParticleParameter("charge");
  for (std::size_t atom = 0; atom < field.charges.size(); ++atom)
    force->addParticle(openmm_index(atom), {field.charges[atom]});
  return force;
}

}  // namespace

void add_external_forces(const engine::System& system, OpenMM::System& result) {
  if (!system.correction_torsions.empty())
    add_force(result, correction_map_force(system), kCorrectionMaps);
  add_restraints_and_field(system, result);
}

void add_restraints_and_field(const engine::System& system, OpenMM::System& result) {
  if (!system.position_restraints.empty())
    add_force(result, position_restraint_force(system.position_restraints), kRestraints);
  if (!system.torsion_restraints.empty())
    add_force(result, torsion_restraint_force(system.torsion_restraints), kRestraints);
  if (system.field) add_force(result, field_force(*system.field), kField);
}

}  // namespace saltus::forcefields::detail
