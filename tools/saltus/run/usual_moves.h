#pragma once

#include <vector>

#include "tools/saltus/decks/commented_deck.h"
#include "tools/saltus/molecules/molecule.h"

namespace saltus::tools {

/// Heavier hydrogens, when the molecule has some and no atom gets lighter than they are.
void add_heavy_hydrogens(const Molecule& molecule, std::vector<DeckChoice>& choices);

/// Temperatures from 300 K to 600 K for peptides of four amino acids or more that the model of
/// leaps within Saltus fits: charges that hold each other come apart at the higher ones. Empty for
/// other molecules, which have one temperature.
std::vector<double> usual_ladder_K(const Molecule& molecule);

/// The list of moves that suits a molecule: short hybrid Monte Carlo, and what turns its bonds
/// unless some have fixed lengths; exchange for ladders.
void add_usual_moves(const Molecule& molecule, bool is_ladder, std::vector<DeckChoice>& choices);

/// OpenMM's dynamics and changes of the volume.
void add_moves_of_liquid(std::vector<DeckChoice>& choices);

/// Every phi and psi, or, without any, the torsions of bonds that can be turned.
void add_usual_observables(const Molecule& molecule, std::vector<DeckChoice>& choices);

}  // namespace saltus::tools
