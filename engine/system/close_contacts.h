#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/system/near_pairs.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::engine {

/// What is wrong with two atoms of a configuration.
enum class ContactKind {
  kCoincident,     ///< they lie on top of each other: the energy is not finite or has no forces
  kInsideCharge,   ///< the energy is finite and means nothing: see ContactCheck
  kOverlap,        ///< of two molecules in a periodic box that are in each other's place
  kStretchedBond,  ///< a bond is so long that its atoms do not belong to one molecule
};

/// Two atoms that make an energy meaningless.
struct CloseContact {
  ContactKind kind = ContactKind::kCoincident;
  std::size_t i = 0, j = 0;
  double distance_nm = 0.0;
  double energy = 0.0;     ///< of this pair or bond alone, kJ/mol
  double length_nm = 0.0;  ///< of a bond, where its energy is lowest
};

/// Two atoms and how much they contribute to the energy.
struct PairEnergy {
  std::size_t i = 0, j = 0;
  double distance_nm = 0.0, energy = 0.0;  ///< kJ/mol
};

/// Finds pairs of atoms at which point charges have no meaning any more. Time grows with the number
/// of atoms, not with its square.
///
/// Some atoms, polar hydrogens foremost, have a charge but no repulsion of their own: in a whole
/// molecule that of the atom they are bonded to keeps them away from opposite charges. Nearer than
/// the maximum of the energy they fall into the other's charge, U = 4 eps ((sigma/r)^12 -
/// (sigma/r)^6) + k_C q_i q_j / r -> -inf for eps = 0, and any sampler that accepts this deep place
/// never leaves it. A pair is inside when it attracts (dU/dr > 0) at r < 0.1 nm, nearer than any
/// two atoms that are not bonded to each other, with U < -200 kJ/mol, deeper than the strongest
/// hydrogen bond (HF2-, about 160 to 190 kJ/mol). Pairs of a repulsion that holds, such as ions at
/// contact or the buffered 14-7 pairs of MMFF94, are not. Bonds are stretched when they are 1 nm
/// longer than they should be at more than 1e4 kJ/mol. Atoms of mass 0 may coincide with others.
/// Virtual sites are where their parents put them.
///
/// In a periodic box, pairs are taken at their nearest images, and atoms of mass that are not in an
/// exception (not even three bonds apart) overlap when they are nearer than 0.05 nm: the box is too
/// small for what is in it, or molecules are there twice. Without a box, minimisation separates
/// such molecules.
class ContactCheck {
 public:
  explicit ContactCheck(const System& system);

  std::size_t n_atoms() const { return masses_.size(); }

  /// All of them: coinciding atoms first, then by energy, the most extreme one first.
  /// @param x  [1, N, 3], nm, in its box when the system is periodic
  /// @throws InternalError  for another number of chains or atoms, and without the box
  std::vector<CloseContact> find(ConstCoordinates x) const;

  /// The pair or bond whose energy is farthest from 0: who is to blame when a configuration has
  /// too large an energy or forces, of pairs nearer than 0.5 nm. Nothing without interactions.
  /// @param x  as find
  std::optional<PairEnergy> strongest(ConstCoordinates x) const;

 private:
  struct Bond {
    std::size_t i, j;
    double length_nm, k;  ///< kJ/mol/nm^2; +inf for a constraint
  };

  /// Positions [N, 3] with virtual sites in their places.
  std::vector<double> checked(ConstCoordinates x) const;
  std::vector<NearPair> pairs(ConstCoordinates x, double reach_nm) const;
  std::optional<ContactKind> kind_of(const NearPair& pair) const;
  double energy(std::size_t i, std::size_t j, double r) const;
  bool is_inside(std::size_t i, std::size_t j, double r) const;
  void find_pairs(ConstCoordinates x, std::vector<CloseContact>& found) const;
  void find_bonds(ConstCoordinates x, std::vector<CloseContact>& found) const;

  std::vector<double> masses_;
  std::vector<VirtualSite> virtual_sites_;
  BoxNeeds box_needs_;
  std::vector<Bond> bonds_;
  std::vector<NonbondedParticle> particles_;
  std::unordered_map<std::size_t, NonbondedException> exceptions_;  ///< by i N + j, i < j
  std::unordered_map<std::size_t, MmffPair> mmff_pairs_;            ///< likewise
};

/// "atom HG of residue SER 2 and atom O of residue ACE 1 are 0.0005 nm apart, too close for their
/// opposite charges (-64000 kJ/mol of this pair alone)"
std::string describe(const CloseContact& contact, const Topology& topology);

/// "atom HG of residue SER 2 and atom O of residue ACE 1, 0.0005 nm apart (-64000 kJ/mol)"
std::string describe(const PairEnergy& pair, const Topology& topology);

/// The same system without charges: minimising it separates such pairs, since bonds and repulsion
/// stay and no Coulomb energy diverges.
System without_charges(System system);

}  // namespace saltus::engine
