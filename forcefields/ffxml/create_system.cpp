#include "forcefields/ffxml/create_system.h"

#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "engine/system/water.h"
#include "forcefields/ffxml/atom_assignment.h"
#include "forcefields/ffxml/torsion_assignment.h"

namespace saltus::forcefields {

namespace {

constexpr int kHydrogen = 1;
// OpenMM's default for GBSAOBCForce, which differs from that of its scripts.
constexpr double kNativeSolventDielectric = 78.3;

class SystemBuilder {
 public:
  SystemBuilder(const engine::Topology& topology, const ForceFieldXml& force_field,
                const SystemOptions& options)
      : topology_(topology),
        force_field_(force_field),
        options_(options),
        neighbours_(topology.neighbours()),
        atoms_(assign_atoms(topology, force_field, options.hints)),
        sites_(assigned_sites(topology, atoms_)),
        is_site_(topology.n_atoms(), false),
        water_of_atom_(engine::waters_of_atoms(engine::find_waters(topology), topology.n_atoms())) {
    for (const TemplateSite& site : sites_) is_site_[site.site.site] = true;
  }

  engine::System build() {
    for (const AssignedAtom& atom : atoms_) system_.masses.push_back(atom.type->mass_dalton);
    const std::vector<double>& isotopes = options_.isotope_masses_dalton;
    for (std::size_t n = 0; n < isotopes.size(); ++n)
      if (isotopes[n] > 0.0) system_.masses.at(n) = isotopes[n];
    for (const TemplateSite& site : sites_) system_.virtual_sites.push_back(site.site);
    add_bonds();
    add_angles();
    system_.torsions = assign_torsions(topology_, neighbours_, atoms_, force_field_);
    if (force_field_.nonbonded()) add_nonbonded(*force_field_.nonbonded());
    add_implicit_solvent();
    system_.validate(force_field_.description());
    return std::move(system_);
  }

 private:
  int element(std::size_t atom) const { return topology_.atoms[atom].atomic_number; }

  bool in_rigid_water(std::size_t atom) const {
    return options_.molecule.rigid_water && atoms_[atom].residue_template->rigid_water &&
           water_of_atom_[atom].has_value();
  }

  std::string describe(std::size_t atom) const {
    const std::string place = options_.hints.place_of(atom);
    return topology_.describe_atom(atom) + " (" + place + (place.empty() ? "" : ", ") + "type " +
           atoms_[atom].type->name + ", class " + atoms_[atom].type->class_name + ")";
  }

  const BondDefinition& bond_definition(std::size_t i, std::size_t j) {
    const AtomType *a = atoms_[i].type, *b = atoms_[j].type;
    const auto [entry, is_new] = bond_cache_.emplace(std::array{a, b}, nullptr);
    if (is_new)
      for (const BondDefinition& definition : force_field_.bonds()) {
        const auto& types = definition.types;
        if (!(types[0].matches(*a) && types[1].matches(*b)) &&
            !(types[0].matches(*b) && types[1].matches(*a)))
          continue;
        entry->second = &definition;
        break;
      }
    if (entry->second == nullptr)
      throw engine::InputError(force_field_.description() + " has no bond parameters for " +
                               describe(i) + " and " + describe(j));
    return *entry->second;
  }

  const AngleDefinition& angle_definition(std::size_t i, std::size_t j, std::size_t k) {
    const AtomType *a = atoms_[i].type, *b = atoms_[j].type, *c = atoms_[k].type;
    const auto [entry, is_new] = angle_cache_.emplace(std::array{a, b, c}, nullptr);
    if (is_new)
      for (const AngleDefinition& definition : force_field_.angles()) {
        const auto& types = definition.types;
        if (!types[1].matches(*b) || (!(types[0].matches(*a) && types[2].matches(*c)) &&
                                      !(types[0].matches(*c) && types[2].matches(*a))))
          continue;
        entry->second = &definition;
        break;
      }
    if (entry->second == nullptr)
      throw engine::InputError(force_field_.description() + " has no angle parameters for " +
                               describe(i) + ", " + describe(j) + " and " + describe(k));
    return *entry->second;
  }

  bool is_constrained(const engine::Bond& bond) const {
    if (is_site_[bond.first] || is_site_[bond.second]) return false;
    if (in_rigid_water(bond.first) && in_rigid_water(bond.second)) return true;
    return options_.molecule.constraints == BondConstraints::kHydrogenBonds &&
           (element(bond.first) == kHydrogen || element(bond.second) == kHydrogen);
  }

  void add_bonds() {
    for (const engine::Bond& bond : topology_.bonds) {
      const BondDefinition& definition = bond_definition(bond.first, bond.second);
      if (is_constrained(bond))
        system_.constraints.push_back({bond.first, bond.second, definition.length_nm});
      else if (definition.k != 0.0)
        system_.bonds.push_back({bond.first, bond.second, definition.length_nm, definition.k});
    }
  }

  void add_angles() {
    for (std::size_t j = 0; j < atoms_.size(); ++j)
      for (std::size_t a = 0; a < neighbours_[j].size(); ++a)
        for (std::size_t b = a + 1; b < neighbours_[j].size(); ++b)
          add_angle(neighbours_[j][a], j, neighbours_[j][b]);
  }

  void add_angle(std::size_t i, std::size_t j, std::size_t k) {
    const AngleDefinition& definition = angle_definition(i, j, k);
    const bool has_site = is_site_[i] || is_site_[j] || is_site_[k];
    if (!has_site && in_rigid_water(i) && in_rigid_water(j) && in_rigid_water(k)) {
      const double a = bond_definition(i, j).length_nm, b = bond_definition(j, k).length_nm;
      const double distance =
          std::sqrt(a * a + b * b - 2.0 * a * b * std::cos(definition.angle_rad));
      system_.constraints.push_back({i, k, distance});
    } else if (definition.k != 0.0) {
      system_.angles.push_back({i, j, k, definition.angle_rad, definition.k});
    }
  }

  double parameter(const AtomParameters& parameters, const std::string& name, std::size_t atom,
                   const std::string& section) const {
    try {
      return parameters.value(name, *atoms_[atom].type, *atoms_[atom].in_template, section);
    } catch (const engine::InputError& error) {
      const std::string place = options_.hints.place_of(atom);
      throw engine::InputError(force_field_.description() + ": " + error.what() + ", needed for " +
                               topology_.describe_atom(atom) +
                               (place.empty() ? "" : " (" + place + ")"));
    }
  }

  void add_nonbonded(const NonbondedSection& section) {
    const auto value = [&](const char* name, std::size_t atom) {
      return parameter(section.parameters, name, atom, "NonbondedForce");
    };
    engine::Nonbonded nonbonded;
    for (std::size_t atom = 0; atom < atoms_.size(); ++atom)
      nonbonded.particles.push_back(
          {value("charge", atom), value("sigma", atom), value("epsilon", atom)});
    nonbonded.exceptions =
        engine::exceptions_from_bonds(nonbonded.particles, exclusion_bonds(),
                                      section.coulomb_14_scale, section.lennard_jones_14_scale);
    options_.molecule.set_pairs(nonbonded);
    nonbonded.long_range_correction =
        nonbonded.long_range_correction && section.long_range_correction.value_or(true);
    if (engine::is_periodic(nonbonded.method)) system_.box = options_.molecule.box;
    system_.nonbonded = std::move(nonbonded);
  }

  /// Bonds that exceptions are counted by: a virtual site is bonded to what the atom is bonded to
  /// that it shares exclusions with, and to that atom.
  std::vector<std::pair<std::size_t, std::size_t>> exclusion_bonds() const {
    std::vector<std::vector<std::size_t>> alike(atoms_.size());
    for (std::size_t atom = 0; atom < atoms_.size(); ++atom) alike[atom] = {atom};
    for (const TemplateSite& site : sites_) alike[site.exclude_with].push_back(site.site.site);
    std::vector<std::pair<std::size_t, std::size_t>> bonds;
    for (const engine::Bond& bond : topology_.bonds)
      for (const std::size_t i : alike[bond.first])
        for (const std::size_t j : alike[bond.second])
          if (i != j) bonds.emplace_back(i, j);
    for (const TemplateSite& site : sites_) bonds.emplace_back(site.site.site, site.exclude_with);
    return bonds;
  }

  void add_implicit_solvent() {
    if (force_field_.generalized_born()) {
      if (options_.molecule.implicit_solvent)
        throw engine::InputError("an implicit solvent is chosen, but " +
                                 force_field_.description() +
                                 " brings its own (GBSAOBCForce); leave one of them out");
      add_native_solvent(*force_field_.generalized_born());
    } else if (options_.molecule.implicit_solvent) {
      add_chosen_solvent(*options_.molecule.implicit_solvent);
    } else {
      return;
    }
    // A reaction field would count the solvent twice.
    if (system_.nonbonded) system_.nonbonded->reaction_field_dielectric = 1.0;
  }

  void add_chosen_solvent(engine::GeneralizedBornModel model) {
    if (!system_.nonbonded)
      throw engine::InputError("an implicit solvent is chosen, but " + force_field_.description() +
                               " has no <NonbondedForce> to take charges from");
    if (!sites_.empty())
      throw engine::InputError("an implicit solvent is chosen, but " +
                               topology_.describe_atom(sites_.front().site.site) +
                               " is a virtual site, for which it has no radius");
    std::vector<double> charges;
    for (const auto& particle : system_.nonbonded->particles) charges.push_back(particle.charge);
    system_.implicit_solvent = generalized_born_parameters(model, topology_, charges,
                                                           options_.molecule.solvent_with_cutoff());
  }

  void add_native_solvent(const AtomParameters& parameters) {
    GeneralizedBornOptions options;
    options.solvent_dielectric = kNativeSolventDielectric;
    options.cutoff_nm = options_.molecule.solvent_with_cutoff().cutoff_nm;
    engine::ImplicitSolvent solvent =
        generalized_born_model(engine::GeneralizedBornModel::kObc2, options);
    for (std::size_t atom = 0; atom < atoms_.size(); ++atom) {
      engine::GeneralizedBornParticle particle;
      particle.charge = parameter(parameters, "charge", atom, "GBSAOBCForce");
      particle.radius_nm = parameter(parameters, "radius", atom, "GBSAOBCForce");
      particle.scale = parameter(parameters, "scale", atom, "GBSAOBCForce");
      solvent.particles.push_back(particle);
    }
    system_.implicit_solvent = std::move(solvent);
  }

  const engine::Topology& topology_;
  const ForceFieldXml& force_field_;
  const SystemOptions& options_;
  const std::vector<std::vector<std::size_t>> neighbours_;
  const std::vector<AssignedAtom> atoms_;
  const std::vector<TemplateSite> sites_;
  std::vector<bool> is_site_;  ///< [n_atoms]
  std::vector<std::optional<std::size_t>> water_of_atom_;
  engine::System system_;
  std::map<std::array<const AtomType*, 2>, const BondDefinition*> bond_cache_;
  std::map<std::array<const AtomType*, 3>, const AngleDefinition*> angle_cache_;
};

}  // namespace

engine::System create_system(const engine::Topology& topology, const ForceFieldXml& force_field,
                             const SystemOptions& options) {
  return SystemBuilder(topology, force_field, options).build();
}

}  // namespace saltus::forcefields
