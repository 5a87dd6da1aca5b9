#pragma once

#include <vector>

#include "tools/saltus/decks/commented_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Heavier hydrogens, when the molecule has some and no atom gets lighter than they are.
void add_heavy_hydrogens(const Molecule& molecule, std::vector<DeckChoice>& choices);

/// The list of moves that suits a molecule: short hybrid Monte Carlo, and what turns its bonds
/// unless some have fixed lengths.
void add_usual_moves(const Molecule& molecule, std::vector<DeckChoice>& choices);

/// OpenMM's dynamics and changes of the volume.
void add_moves_of_liquid(std::vector<DeckChoice>& choices);

/// Every phi and psi, or, without any, the torsions of bonds that can be turned.
void add_usual_observables(const Molecule& molecule, std::vector<DeckChoice>& choices);

}  // namespace saltus::tools
