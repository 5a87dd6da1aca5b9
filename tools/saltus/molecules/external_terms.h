#pragma once

#include <vector>

#include "engine/system/system.h"
#include "engine/system/topology.h"
#include "tools/saltus/decks/run_deck.h"

namespace saltus::tools {

/// Adds a deck's restraints and field to a system.
/// @param positions  [N, 3], nm: where position restraints hold atoms
/// @param charges    [N], e: what the field acts on; empty when the force field has none
/// @throws InputError  when a selector fits no atom or several, a restraint names an atom twice, or
///                     a field has no charge to act on
void add_external_terms(const ExternalDeck& deck, const engine::Topology& topology,
                        const std::vector<double>& positions, const std::vector<double>& charges,
                        engine::System& system);

/// Refuses fields that would accelerate a molecule without limit: the density of one with a net
/// charge (over 0.001 e: charges of force fields are rounded) exists only where a position
/// restraint or an atom of mass 0 holds it. Molecules are what bonds, constraints and
/// virtual sites connect.
/// @throws InputError  naming the first atom of such a molecule
void require_held_charges(const engine::System& system, const engine::Topology& topology);

}  // namespace saltus::tools
