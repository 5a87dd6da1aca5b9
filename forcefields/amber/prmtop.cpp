#include "forcefields/amber/prmtop.h"

#include "engine/core/error.h"
#include "forcefields/amber/prmtop_parts_detail.h"
#include "forcefields/generalized_born/generalized_born_parameters.h"

namespace saltus::forcefields {

namespace {

using detail::PrmtopPointers;
using detail::PrmtopSections;
using engine::GeneralizedBornModel;

// With an implicit solvent beyond the cutoff, the field of the pairs is that of vacuum.
constexpr double kVacuumDielectric = 1.0, kWaterDielectric = 78.3;

std::vector<double> charges_of(const engine::Nonbonded& nonbonded) {
  std::vector<double> charges;
  for (const engine::NonbondedParticle& p : nonbonded.particles) charges.push_back(p.charge);
  return charges;
}

/// The model's own parameters, then the file's radii and, for OBC, its screening factors.
engine::ImplicitSolvent read_implicit_solvent(const PrmtopSections& sections,
                                              const AmberMolecule& molecule,
                                              const MoleculeOptions& options) {
  const std::size_t n_atoms = molecule.topology.n_atoms();
  const GeneralizedBornModel model = *options.implicit_solvent;
  if (!sections.has("RADII"))
    throw engine::InputError(sections.path() +
                             ": section RADII is missing, expected the implicit solvent's radii; "
                             "make the file with them (tleap: set default PBRadii mbondi2)");
  const std::vector<double> radii = sections.reals("RADII", n_atoms);
  for (std::size_t n = 0; n < n_atoms; ++n)
    if (radii[n] <= 0.0)
      sections.fail("RADII", n,
                    "the radius of atom " + std::to_string(n + 1) + " is " +
                        std::to_string(radii[n]) +
                        ", expected more than 0; make the file with implicit-solvent radii (tleap: "
                        "set default PBRadii mbondi2)");
  engine::ImplicitSolvent solvent =
      generalized_born_parameters(model, molecule.topology, charges_of(*molecule.system.nonbonded),
                                  options.solvent_with_cutoff());
  // OpenMM computes OBC2 of prmtop files by its GBSAOBCForce, without the scripts' rounding.
  if (model == GeneralizedBornModel::kObc2) solvent.coulomb_constant = engine::kCoulombConstant;
  for (std::size_t n = 0; n < n_atoms; ++n)
    solvent.particles[n].radius_nm = radii[n] * engine::kNmPerAngstrom;
  if (model == GeneralizedBornModel::kGbn2) return solvent;
  const std::vector<double> screen = sections.reals("SCREEN", n_atoms);
  for (std::size_t n = 0; n < n_atoms; ++n) solvent.particles[n].scale = screen[n];
  return solvent;
}

}  // namespace

AmberMolecule read_prmtop(const std::string& path, const PrmtopOptions& options) {
  const MoleculeOptions& choices = options.molecule;
  const PrmtopSections sections(path);
  detail::refuse_sections(sections);
  const PrmtopPointers pointers(sections);
  detail::refuse_unsupported(sections, pointers);

  AmberMolecule molecule;
  molecule.box = detail::read_box(sections, pointers);
  engine::System& system = molecule.system;
  system.masses = sections.reals("MASS", pointers[detail::kAtoms]);
  molecule.topology = detail::read_topology(sections, pointers, system.masses);
  detail::read_bonded(sections, pointers, molecule.topology, system);
  detail::find_elements(sections, pointers, system.masses, molecule.topology);
  const auto waters = engine::find_waters(molecule.topology);
  detail::place_extra_points(sections, waters, molecule);
  detail::make_constraints(waters, choices, molecule);
  detail::read_correction_maps(sections, pointers, system);
  system.nonbonded = detail::read_nonbonded(sections, pointers);
  choices.set_pairs(*system.nonbonded);
  system.nonbonded->reaction_field_dielectric =
      choices.implicit_solvent ? kVacuumDielectric : kWaterDielectric;
  if (choices.implicit_solvent)
    system.implicit_solvent = read_implicit_solvent(sections, molecule, choices);
  // Last, so that a misspelt section is reported as the one that is missing.
  detail::refuse_unknown_sections(sections);
  const bool periodic = is_periodic(choices.nonbonded_method);
  if (periodic) system.box = choices.box;
  if (periodic && !system.box && molecule.box && molecule.box->angles_rad)
    system.box = detail::reduced_box(sections, *molecule.box);
  if (system.box || !periodic) system.validate(path);
  return molecule;
}

}  // namespace saltus::forcefields
