#include "mlsamplers/model/model_card.h"

#include <algorithm>
#include <cmath>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/system/elements.h"
#include "mlsamplers/model/printable.h"

namespace saltus::mlsamplers {

using engine::ModelError;

void describe_molecule(const engine::Topology& topology, ModelCard& card) {
  card.atoms.clear();
  card.bonds.clear();
  for (const engine::Atom& atom : topology.atoms) {
    const engine::Residue& residue = topology.residues[atom.residue];
    card.atoms.push_back(residue.name + " " + std::to_string(residue.number) + " " + atom.name +
                         " " + engine::element_symbol(atom.atomic_number));
  }
  for (const engine::Bond& bond : topology.bonds)
    card.bonds.push_back({std::min(bond.first, bond.second), std::max(bond.first, bond.second)});
  std::sort(card.bonds.begin(), card.bonds.end());
}

namespace {

template <class... Values>
void add_all(engine::Fnv1a& hash, Values... values) {
  const double numbers[] = {static_cast<double>(values)...};
  hash.add(numbers, sizeof numbers);
}

/// Terms that came after the first models carry a number of their own and are added only where
/// present: the digests of systems without them stay what they were.
enum class Section { kBox = 1, kLongRange, kMmff, kCorrectionMaps, kRestraints, kField };

template <class... Values>
void add_section(engine::Fnv1a& hash, Section section, Values... values) {
  add_all(hash, static_cast<int>(section), values...);
}

void add_box(engine::Fnv1a& hash, const engine::System& system) {
  if (!system.box) return;
  const engine::Box& box = *system.box;
  // A rectangular box has three numbers, as it always had.
  if (box.is_rectangular())
    add_section(hash, Section::kBox, box.ax, box.by, box.cz);
  else
    add_section(hash, Section::kBox, box.ax, box.bx, box.by, box.cx, box.cy, box.cz);
}

void add_long_range(engine::Fnv1a& hash, const engine::System& system) {
  if (!system.nonbonded) return;
  const engine::Nonbonded& n = *system.nonbonded;
  if (n.switching_distance_nm != 0.0 || n.long_range_correction)
    add_section(hash, Section::kLongRange, n.switching_distance_nm, n.long_range_correction);
}

void add_mmff(engine::Fnv1a& hash, const engine::Mmff& mmff) {
  add_section(hash, Section::kMmff, mmff.bonds.size(), mmff.angles.size(),
              mmff.linear_angles.size(), mmff.stretch_bends.size(), mmff.out_of_planes.size(),
              mmff.pairs.size(), mmff.dielectric, mmff.distance_dependent_dielectric);
  for (const auto& b : mmff.bonds) add_all(hash, b.i, b.j, b.length_nm, b.k);
  for (const auto& a : mmff.angles) add_all(hash, a.i, a.j, a.k_atom, a.angle_rad, a.k);
  for (const auto& a : mmff.linear_angles) add_all(hash, a.i, a.j, a.k_atom, a.k);
  for (const auto& t : mmff.stretch_bends)
    add_all(hash, t.i, t.j, t.k_atom, t.length_ij_nm, t.length_kj_nm, t.angle_rad, t.k_ij, t.k_kj);
  for (const auto& t : mmff.out_of_planes) add_all(hash, t.i, t.j, t.k_atom, t.l, t.k);
  for (const auto& p : mmff.pairs) add_all(hash, p.i, p.j, p.epsilon, p.r_min_nm, p.charge_product);
}

void add_correction_maps(engine::Fnv1a& hash, const engine::System& system) {
  if (system.correction_torsions.empty()) return;
  add_section(hash, Section::kCorrectionMaps, system.correction_maps.size(),
              system.correction_torsions.size());
  for (const auto& map : system.correction_maps) {
    add_all(hash, map.size);
    for (double energy : map.energies) add_all(hash, energy);
  }
  for (const auto& t : system.correction_torsions) {
    add_all(hash, t.map);
    for (const auto& atoms : {t.first, t.second})
      add_all(hash, atoms[0], atoms[1], atoms[2], atoms[3]);
  }
}

void add_external(engine::Fnv1a& hash, const engine::System& system) {
  if (!system.position_restraints.empty() || !system.torsion_restraints.empty())
    add_section(hash, Section::kRestraints, system.position_restraints.size(),
                system.torsion_restraints.size());
  for (const auto& r : system.position_restraints)
    add_all(hash, r.atom, r.position_nm[0], r.position_nm[1], r.position_nm[2], r.k,
            r.flat_radius_nm);
  for (const auto& r : system.torsion_restraints)
    add_all(hash, r.i, r.j, r.k_atom, r.l, r.angle_rad, r.k, r.flat_half_width_rad);
  if (!system.field) return;
  const auto& field = system.field->field;
  add_section(hash, Section::kField, field[0], field[1], field[2]);
  for (double charge : system.field->charges) add_all(hash, charge);
}

}  // namespace

std::string force_field_digest(const engine::System& system) {
  engine::Fnv1a hash;
  add_all(hash, system.n_atoms(), system.bonds.size(), system.angles.size(), system.torsions.size(),
          system.constraints.size());
  for (const auto& b : system.bonds) add_all(hash, b.i, b.j, b.length_nm, b.k);
  for (const auto& a : system.angles) add_all(hash, a.i, a.j, a.k_atom, a.angle_rad, a.k);
  for (const auto& t : system.torsions)
    add_all(hash, t.i, t.j, t.k_atom, t.l, t.periodicity, t.phase_rad, t.k);
  for (const auto& c : system.constraints) add_all(hash, c.i, c.j, c.distance_nm);
  if (system.nonbonded) {
    const engine::Nonbonded& n = *system.nonbonded;
    add_all(hash, static_cast<int>(n.method), n.cutoff_nm, n.reaction_field_dielectric);
    for (const auto& p : n.particles) add_all(hash, p.charge, p.sigma_nm, p.epsilon);
    for (const auto& e : n.exceptions)
      add_all(hash, e.i, e.j, e.charge_product, e.sigma_nm, e.epsilon);
  }
  if (system.implicit_solvent) {
    const engine::ImplicitSolvent& s = *system.implicit_solvent;
    add_all(hash, static_cast<int>(s.model), s.offset_nm, s.solute_dielectric, s.solvent_dielectric,
            s.surface_energy, s.cutoff_nm, s.coulomb_constant);
    for (const auto& p : s.particles)
      add_all(hash, p.charge, p.radius_nm, p.scale, p.alpha, p.beta, p.gamma);
  }
  add_box(hash, system);
  add_long_range(hash, system);
  if (system.mmff) add_mmff(hash, *system.mmff);
  add_correction_maps(hash, system);
  add_external(hash, system);
  return hash.hex();
}

namespace {

std::string number(double value) { return engine::significant_text(value, 6); }

std::string molecule_difference(const ModelCard& model, const ModelCard& wanted) {
  if (model.atoms == wanted.atoms)
    return model.bonds == wanted.bonds ? "" : "it was trained for a molecule with other bonds";
  if (model.atoms.size() != wanted.atoms.size())
    return "it was trained for a molecule of " + std::to_string(model.atoms.size()) +
           " atoms, this one has " + std::to_string(wanted.atoms.size());
  std::vector<std::string> a = model.atoms, b = wanted.atoms;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto [in_model, here] =
      std::mismatch(model.atoms.begin(), model.atoms.end(), wanted.atoms.begin());
  const std::string where = "atom " + std::to_string(in_model - model.atoms.begin() + 1) + " is '" +
                            printable(*in_model) + "' in the model and '" + *here + "' here";
  return (a == b ? "it was trained for the same atoms in another order: "
                 : "it was trained for another molecule: ") +
         where;
}

}  // namespace

void require_match(const ModelCard& model, const ModelCard& wanted, const std::string& path) {
  std::vector<std::string> reasons;
  if (model.kind != wanted.kind)
    reasons.push_back("it is a '" + printable(model.kind) + "', expected a '" + wanted.kind + "'");
  const std::string molecule = molecule_difference(model, wanted);
  if (!molecule.empty()) reasons.push_back(molecule);
  if (std::abs(model.temperature_K - wanted.temperature_K) > 1e-6)
    reasons.push_back("it was trained at " + number(model.temperature_K) + " K, this run is at " +
                      number(wanted.temperature_K) + " K");
  if (molecule.empty() && model.force_field_digest != wanted.force_field_digest)
    reasons.push_back("it was trained with other force-field parameters (" +
                      printable(model.force_field) + "; here " + wanted.force_field + ")");
  if (reasons.empty()) return;
  std::string text = path + ": this model cannot be used here: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i > 0 ? "; " : "") + reasons[i];
  throw ModelError(text +
                   ". Train a model for this deck (saltus train), or use the deck it was "
                   "trained with.");
}

}  // namespace saltus::mlsamplers
