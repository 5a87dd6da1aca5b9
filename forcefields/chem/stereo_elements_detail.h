#pragma once

#include <GraphMol/GraphMol.h>

#include <cstddef>
#include <string>
#include <vector>

#include "engine/conformers/automorphisms.h"
#include "engine/conformers/stereo_check.h"

namespace saltus::forcefields::detail {

constexpr unsigned kNoAtom = static_cast<unsigned>(-1);

enum class StereoKind {
  kCentre,  ///< a tetrahedral atom
  kPlane,   ///< a double bond, or a chain of 3, 5 ... of them: cis or trans
  kAxis,    ///< a chain of 2, 4 ... double bonds: right- or left-handed
};

/// A place of a molecule that may have two configurations.
struct StereoElement {
  StereoKind kind = StereoKind::kCentre;
  unsigned first = 0, second = 0;  ///< outer atoms of the chain; of a centre the atom, twice
  std::size_t n_double_bonds = 0;
  /// Centres: the neighbours in the order of their bonds, an implied hydrogen or a lone pair being
  /// the last; chains: one at either outer atom, hydrogen only where there is nothing else.
  std::vector<unsigned> ligands;
  /// What the graph says; 0: nothing. +1 of centres: seen from the first ligand, the others run
  /// counterclockwise; of planes: trans; of axes: the dihedral angle is positive.
  int sign = 0;
  /// Whether it is a choice when nothing is said. Not: nitrogen that inverts, small rings.
  bool counts = true;
};

/// All places where a configuration is possible as far as one atom or chain and its neighbours
/// tell: those that count and those that the graph says something about. Centres come first, each
/// kind in the order of the atoms.
std::vector<StereoElement> stereo_elements(const RDKit::ROMol& molecule);

/// An atom as a centre, whether it counts or not; without ligands when it cannot be one.
StereoElement centre_at(const RDKit::Atom& atom);

/// The chain of double bonds that an atom is an outer atom of, whether it counts or not; without
/// ligands when there is none or an end has nothing, or two equal hydrogens unless these are asked
/// for.
StereoElement chain_at(const RDKit::Atom& outer, bool equal_hydrogens = false);

/// Whether an atom is inside of such a chain.
bool is_inside_chain(const RDKit::Atom& atom);

/// Makes the graph say a sign; 0 takes it back.
void set_sign(RDKit::RWMol& molecule, const StereoElement& element, int sign);

/// Gives those nitrogens back what set_sign() said that RDKit took it from because it thinks that
/// they are flat; after everything that sanitises.
void restore_nitrogens(RDKit::RWMol& molecule);

/// The sign that positions have; 0 when they do not decide.
/// @param x  [N, 3], nm
int sign_in(const StereoElement& element, engine::Span<const double> x);

/// Adds an element with its sign.
void add_to(engine::Configuration& configuration, const StereoElement& element);

/// "the centre at atom 3 (C)", "the double bond of atom 1 (C) and atom 2 (C)".
std::string describe(const StereoElement& element, const RDKit::ROMol& molecule);

/// -1 when an odd number of exchanges leads from one order to the other, +1 when an even one does.
int parity(const std::vector<unsigned>& from, const std::vector<unsigned>& to);

/// The graph with colours that tell atoms apart by what they are; oxygens and the like at the end
/// of a bond count as equal whatever their charge and bond order.
engine::ColouredGraph stereo_graph(const RDKit::ROMol& molecule);

/// Whether an atom is hydrogen of natural mass with one neighbour.
bool is_plain_hydrogen(const RDKit::Atom& atom);

/// The size of the smallest ring with a bond; 0: none.
unsigned smallest_ring(const RDKit::ROMol& molecule, const RDKit::Bond& bond);

}  // namespace saltus::forcefields::detail
