#include <array>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/core/error_context.h"
#include "engine/core/text.h"
#include "engine/potential/ewald_split.h"
#include "forcefields/openmm/openmm_detail.h"
#include "forcefields/openmm/to_openmm_detail.h"

namespace saltus::forcefields::detail {

namespace {

std::unique_ptr<OpenMM::Force> bond_force(const std::vector<engine::HarmonicBond>& bonds) {
  auto force = std::make_unique<OpenMM::HarmonicBondForce>();
  for (const engine::HarmonicBond& b : bonds)
    force->addBond(openmm_index(b.i), openmm_index(b.j), b.length_nm, b.k);
  return force;
}

std::unique_ptr<OpenMM::Force> angle_force(const std::vector<engine::HarmonicAngle>& angles) {
  auto force = std::make_unique<OpenMM::HarmonicAngleForce>();
  for (const engine::HarmonicAngle& a : angles)
    force->addAngle(openmm_index(a.i), openmm_index(a.j), openmm_index(a.k_atom), a.angle_rad, a.k);
  return force;
}

std::unique_ptr<OpenMM::Force> torsion_force(const std::vector<engine::PeriodicTorsion>& torsions) {
  auto force = std::make_unique<OpenMM::PeriodicTorsionForce>();
  for (const engine::PeriodicTorsion& t : torsions)
    force->addTorsion(openmm_index(t.i), openmm_index(t.j), openmm_index(t.k_atom),
                      openmm_index(t.l), t.periodicity, t.phase_rad, t.k);
  return force;
}

OpenMM::NonbondedForce::NonbondedMethod openmm_method(engine::NonbondedMethod method) {
  switch (method) {
    case engine::NonbondedMethod::kNoCutoff:
      return OpenMM::NonbondedForce::NoCutoff;
    case engine::NonbondedMethod::kCutoffNonPeriodic:
      return OpenMM::NonbondedForce::CutoffNonPeriodic;
    case engine::NonbondedMethod::kCutoffPeriodic:
      return OpenMM::NonbondedForce::CutoffPeriodic;
    case engine::NonbondedMethod::kEwald:
      return OpenMM::NonbondedForce::Ewald;
    case engine::NonbondedMethod::kPme:
      return OpenMM::NonbondedForce::PME;
  }
  throw engine::InternalError("unknown nonbonded method");
}

std::unique_ptr<OpenMM::Force> nonbonded_force(const engine::Nonbonded& nonbonded) {
  auto force = std::make_unique<OpenMM::NonbondedForce>();
  for (const engine::NonbondedParticle& p : nonbonded.particles)
    force->addParticle(p.charge, p.sigma_nm, p.epsilon);
  for (const engine::NonbondedException& e : nonbonded.exceptions)
    force->addException(openmm_index(e.i), openmm_index(e.j), e.charge_product, e.sigma_nm,
                        e.epsilon);
  force->setNonbondedMethod(openmm_method(nonbonded.method));
  // On in OpenMM unless told otherwise.
  force->setUseDispersionCorrection(nonbonded.long_range_correction);
  if (nonbonded.method == engine::NonbondedMethod::kNoCutoff) return force;
  force->setCutoffDistance(nonbonded.cutoff_nm);
  force->setReactionFieldDielectric(nonbonded.reaction_field_dielectric);
  force->setUseSwitchingFunction(nonbonded.switching_distance_nm > 0.0);
  force->setSwitchingDistance(nonbonded.switching_distance_nm);
  if (!engine::is_ewald(nonbonded.method)) return force;
  const engine::EwaldParameters& ewald = nonbonded.ewald;
  force->setEwaldErrorTolerance(ewald.tolerance);
  if (ewald.alpha_per_nm > 0.0)
    force->setPMEParameters(ewald.alpha_per_nm, openmm_index(ewald.n_grid[0]),
                            openmm_index(ewald.n_grid[1]), openmm_index(ewald.n_grid[2]));
  return force;
}

std::unique_ptr<OpenMM::VirtualSite> openmm_site(const engine::VirtualSite& site) {
  std::vector<int> p;
  for (std::size_t parent : site.parents) p.push_back(openmm_index(parent));
  const std::vector<double>& w = site.weights;
  switch (site.kind) {
    case engine::VirtualSite::Kind::kAverage:
      if (p.size() == 2)
        return std::make_unique<OpenMM::TwoParticleAverageSite>(p[0], p[1], w[0], w[1]);
      return std::make_unique<OpenMM::ThreeParticleAverageSite>(p[0], p[1], p[2], w[0], w[1], w[2]);
    case engine::VirtualSite::Kind::kOutOfPlane:
      return std::make_unique<OpenMM::OutOfPlaneSite>(p[0], p[1], p[2], w[0], w[1], w[2]);
    case engine::VirtualSite::Kind::kLocalCoordinates: {
      const auto& place = site.local_position_nm;
      return std::make_unique<OpenMM::LocalCoordinatesSite>(
          p, w, site.x_weights, site.y_weights, OpenMM::Vec3(place[0], place[1], place[2]));
    }
  }
  throw engine::InternalError("unknown kind of virtual site");
}

std::unique_ptr<OpenMM::System> converted(const engine::System& system) {
  auto result = std::make_unique<OpenMM::System>();
  for (double mass : system.masses) result->addParticle(mass);
  if (system.box) set_box(*system.box, *result);
  for (const engine::Constraint& c : system.constraints)
    result->addConstraint(openmm_index(c.i), openmm_index(c.j), c.distance_nm);
  for (const engine::VirtualSite& site : system.virtual_sites)
    result->setVirtualSite(openmm_index(site.site), openmm_site(site).release());
  if (!system.bonds.empty()) add_force(*result, bond_force(system.bonds), kBonds);
  if (!system.angles.empty()) add_force(*result, angle_force(system.angles), kAngles);
  if (!system.torsions.empty()) add_force(*result, torsion_force(system.torsions), kTorsions);
  if (system.nonbonded) add_force(*result, nonbonded_force(*system.nonbonded), kNonbonded);
  if (system.implicit_solvent)
    add_force(*result, implicit_solvent_force(*system.implicit_solvent), kImplicitSolvent);
  if (system.mmff) add_mmff_forces(*system.mmff, *result);
  add_external_forces(system, *result);
  return result;
}

}  // namespace

void require_sums_that_end(const engine::System& system) {
  if (!system.nonbonded || !engine::is_ewald(system.nonbonded->method)) return;
  const engine::Nonbonded& nonbonded = *system.nonbonded;
  const engine::Box& box = *system.box;
  if (nonbonded.method == engine::NonbondedMethod::kEwald) {
    const engine::EwaldSplit has_few_waves(nonbonded, box);
    return;
  }
  constexpr double kMostPoints = 512.0 * 512.0 * 512.0;
  const engine::EwaldParameters& ewald = nonbonded.ewald;
  const std::array<double, 3> edges = {box.ax, box.by, box.cz};
  double n_points = 1.0;
  for (std::size_t d = 0; d < 3; ++d)
    n_points *= ewald.n_grid[d] > 0 ? static_cast<double>(ewald.n_grid[d])
                                    : std::ceil(2.0 * engine::ewald_alpha(nonbonded) * edges[d] /
                                                (3.0 * std::pow(ewald.tolerance, 0.2)));
  if (n_points <= kMostPoints) return;
  throw engine::InputError(
      "the grid of PME would have " + engine::significant_text(n_points, 2) +
      " points in a box of " + engine::significant_text(edges[0], 4) + " x " +
      engine::significant_text(edges[1], 4) + " x " + engine::significant_text(edges[2], 4) +
      " nm with a tolerance of " + engine::shortest_text(ewald.tolerance) + ", expected at most " +
      engine::significant_text(kMostPoints, 2) + "; correct the box, or raise the tolerance");
}

void add_force(OpenMM::System& system, std::unique_ptr<OpenMM::Force> force, ForceGroup group) {
  force->setForceGroup(group);
  system.addForce(force.release());
}

std::string number_text(double value) {
  return "(" + engine::significant_text(value, std::numeric_limits<double>::max_digits10) + ")";
}

std::unique_ptr<OpenMM::System> to_openmm(const engine::System& system) {
  const std::string doing = "system for OpenMM";
  system.validate(doing);
  engine::with_prefix(doing + ": ", [&] { require_sums_that_end(system); });
  return translate_errors<engine::InputError>(doing, [&] { return converted(system); });
}

}  // namespace saltus::forcefields::detail
