#include "tools/saltus/molecules/external_terms.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/system/molecules.h"
#include "tools/saltus/molecules/atom_selection.h"

namespace saltus::tools {

using engine::InputError;
using engine::System;
using engine::Topology;

namespace {

std::vector<std::size_t> select_atoms(const RestraintDeck& restraint, const Topology& topology,
                                      const std::string& where) {
  std::vector<std::size_t> atoms;
  for (const AtomSelector& selector : restraint.atoms) {
    const std::size_t atom = select_atom(selector, topology, where);
    if (std::find(atoms.begin(), atoms.end(), atom) != atoms.end())
      throw InputError(where + ": " + topology.describe_atom(atom) +
                       " is named twice; name each atom once");
    atoms.push_back(atom);
  }
  return atoms;
}

void add_restraint(const RestraintDeck& restraint, const std::vector<std::size_t>& atoms,
                   const std::vector<double>& positions, System& system) {
  if (restraint.kind == RestraintKind::kTorsion) {
    system.torsion_restraints.push_back({atoms[0], atoms[1], atoms[2], atoms[3],
                                         restraint.angle_rad, restraint.k,
                                         restraint.flat_half_width_rad});
    return;
  }
  for (std::size_t atom : atoms) {
    const double* x = positions.data() + 3 * atom;
    system.position_restraints.push_back(
        {atom, {x[0], x[1], x[2]}, restraint.k, restraint.flat_radius_nm});
  }
}

}  // namespace

void add_external_terms(const ExternalDeck& deck, const Topology& topology,
                        const std::vector<double>& positions, const std::vector<double>& charges,
                        System& system) {
  for (std::size_t i = 0; i < deck.restraints.size(); ++i) {
    const std::string where = "restraint[" + std::to_string(i) + "].atoms";
    const RestraintDeck& restraint = deck.restraints[i];
    add_restraint(restraint, select_atoms(restraint, topology, where), positions, system);
  }
  if (!deck.field) return;
  if (std::all_of(charges.begin(), charges.end(), [](double charge) { return charge == 0.0; }))
    throw InputError(
        "field: the force field has no charges for it to act on; leave [field] out or use another "
        "force field");
  system.field = engine::UniformField{*deck.field, charges};
}

void require_held_charges(const System& system, const Topology& topology) {
  constexpr double kRounding = 1e-3;  // e
  if (!system.field) return;
  const engine::Molecules molecules = engine::molecules_of(topology, system);
  const std::vector<std::size_t>& molecule = molecules.of_atom;
  std::vector<double> charge(molecules.count, 0.0);
  std::vector<bool> held(molecules.count, false);
  for (std::size_t atom = 0; atom < molecule.size(); ++atom)
    charge[molecule[atom]] += system.field->charges[atom];
  for (const std::size_t atom : engine::frozen_atoms(system)) held[molecule[atom]] = true;
  for (const engine::PositionRestraint& restraint : system.position_restraints)
    if (restraint.k > 0.0) held[molecule[restraint.atom]] = true;
  for (std::size_t atom = 0; atom < molecule.size(); ++atom) {
    const std::size_t n = molecule[atom];
    if (held[n] || std::abs(charge[n]) <= kRounding) continue;
    throw InputError("field: the molecule of " + topology.describe_atom(atom) +
                     " has a net charge of " + engine::fixed_text(charge[n], 3) +
                     " e and no restraint: the field would accelerate it without limit; add a "
                     "[[restraint]] of kind \"position\" for one of its atoms");
  }
}

}  // namespace saltus::tools
