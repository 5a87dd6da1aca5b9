#pragma once

#include "engine/torsions/torsion_graph.h"
#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// What torsion models and moves need to know of a molecule.
///
/// Torsions: all single bonds outside rings whose two atoms have other neighbours, none of them by
/// a triple bond (the loose definition `[!$(*#*)&!D1]-&!@[!$(*#*)&!D1]`, hydrogens counted, so that
/// methyl, amino and hydroxy groups turn), but for linear atoms. At most eight neighbours are kept
/// of each torsion, the nearest.
///
/// Reference atoms: of a tetrahedral end with three other atoms, those that equal no other, so that
/// it does not matter which of two equal branches is called the first; of these the one with the
/// largest atomic number; of these the first by RDKit's canonical ranks. Atoms are equal when
/// elements, MMFF94 types and charges, handedness, and all that is bonded to them are.
///
/// Slots: if s is at 120 degrees of an end of the axis k, seen from the other atom j of the axis,
///   torsion(o, j, k, s) - torsion(o, j, k, reference) = +120 degrees
/// for any neighbour o of j, for both ends, since torsion(o, j, k, s) = torsion(s, k, j, o).
/// Tetrahedral atoms without specified handedness that two equal branches and two others hang on
/// have one arrangement or the other depending on which branch is called the first: the graph
/// takes the one in which the neighbours by falling canonical rank have sign +1
/// (engine/conformers/stereo_check.h), in all torsions alike; conformers may have the other.
///
/// Invertible centres: sp3 nitrogens with three neighbours and no charge, neither specified
/// centres nor in more than one ring; their neighbours by falling canonical rank.
///
/// Without MMFF94 types the types and charges of all atoms are 0, and angles those of the
/// hybridisation.
/// @param molecule  with all hydrogens, in one piece
/// @throws InputError  when hydrogens are missing or there are several pieces, or RDKit fails
engine::TorsionGraph torsion_graph_of(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
