#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace saltus::engine {

/// One atom of a topology.
struct Atom {
  std::string name;         ///< as in the file, e.g. "CA"
  int atomic_number = 0;    ///< 0 when unknown
  std::size_t residue = 0;  ///< index into Topology::residues
};

/// A group of atoms that files name together.
struct Residue {
  std::string name;            ///< e.g. "ALA"
  std::string chain;           ///< chain identifier, may be empty
  int number = 0;              ///< as in the file
  std::string insertion_code;  ///< usually empty
  /// Counts chains from 0; changes with the identifier or at a break (TER record), so that residues
  /// of two chains with one identifier are not taken for neighbours.
  std::size_t chain_index = 0;
};

/// Two bonded atoms, as indices.
struct Bond {
  std::size_t first = 0, second = 0;
};

/// Which atoms there are, how they are grouped and bonded. Atoms of a residue are contiguous.
struct Topology {
  std::vector<Atom> atoms;
  std::vector<Residue> residues;
  std::vector<Bond> bonds;

  std::size_t n_atoms() const { return atoms.size(); }

  /// Bonded atoms of each atom, ascending; [n_atoms].
  std::vector<std::vector<std::size_t>> neighbours() const;

  /// "residue ALA 2 of chain A" (chain and insertion code only when there are any).
  std::string describe_residue(std::size_t residue) const;
  /// "atom CA of residue ALA 2 of chain A"
  std::string describe_atom(std::size_t atom) const;
};

/// Whether each residue is a molecule of water by its atoms: one oxygen, two hydrogens and else
/// only particles without element, such as the charge M of four-site water; [n_residues].
std::vector<bool> water_residues(const Topology& topology);

/// Number of bonds on the shortest way from one atom to each; [n_atoms], the largest number there
/// is where there is no way.
/// @param neighbours  bonded atoms of each atom
std::vector<std::size_t> bond_distances(const std::vector<std::vector<std::size_t>>& neighbours,
                                        std::size_t from);

}  // namespace saltus::engine
