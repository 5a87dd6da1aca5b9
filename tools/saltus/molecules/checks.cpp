#include "tools/saltus/molecules/checks.h"

#include <algorithm>

#include "engine/core/error.h"
#include "forcefields/generalized_born/generalized_born_parameters.h"

namespace saltus::tools {

namespace {

using engine::InputError;
using engine::Topology;

constexpr int kHydrogen = 1;

/// Each hydrogen must have a neighbour to take mass from.
void require_bonded_hydrogens(const SystemDeck& deck, const Topology& topology) {
  const auto neighbours = topology.neighbours();
  bool any = false;
  for (std::size_t atom = 0; atom < topology.n_atoms(); ++atom) {
    if (topology.atoms[atom].atomic_number != kHydrogen) continue;
    any = true;
    if (!neighbours[atom].empty()) continue;
    throw InputError("system.hydrogen_mass: " + topology.describe_atom(atom) + " of " +
                     deck.coordinates.string() +
                     " has no bond, so there is no neighbour to take mass from; add CONECT records "
                     "for its residue, or leave hydrogen_mass out");
  }
  if (!any)
    throw InputError("system.hydrogen_mass: " + deck.coordinates.string() +
                     " has no hydrogens whose mass could be set; leave hydrogen_mass out");
}

}  // namespace

void note_carboxylates(const SystemDeck& deck, Molecule& molecule) {
  if (deck.options.implicit_solvent != engine::GeneralizedBornModel::kGbn2) return;
  const auto neighbours = molecule.topology.neighbours();
  std::size_t oxygens = 0;
  for (std::size_t atom = 0; atom < molecule.topology.n_atoms(); ++atom)
    if (forcefields::is_carboxylate_oxygen(molecule.topology, neighbours, atom)) ++oxygens;
  if (oxygens == 0) return;
  molecule.notes.push_back(
      "implicit_solvent = \"gbn2\": the " + std::to_string(oxygens) +
      " oxygens of carboxylates have AMBER's radius (mbondi3), 1.4 angstrom, as in prmtop files "
      "and "
      "OpenMM 8; OpenMM 7.7's own implicit/gbn2.xml gives them 1.5 angstrom by mistake, so its "
      "energies differ");
}

void require_requests_that_do_something(const SystemDeck& deck, const Molecule& molecule) {
  if (deck.options.constraints == forcefields::BondConstraints::kHydrogenBonds &&
      molecule.system.constraints.empty())
    throw InputError(
        "system.constraints: \"h_bonds\" asks for bonds to hydrogen of fixed length, but " +
        molecule.force_field + " has no bond to a hydrogen for the atoms of " +
        deck.coordinates.string() + "; leave constraints at \"none\"");
  if (deck.hydrogen_mass_dalton) require_bonded_hydrogens(deck, molecule.topology);
}

}  // namespace saltus::tools
