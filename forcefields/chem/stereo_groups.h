#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// Groups of stereo centres of which only the relative configuration is known ("enhanced stereo":
/// "&1:" and "o1:" of CXSMILES, STERAC1 and STEREL1 of V3000 mol files).
struct StereoGroupCounts {
  std::size_t n_and = 0;  ///< both configurations are there, as in a racemate
  std::size_t n_or = 0;   ///< one of the two is there, nobody knows which
  std::size_t n_groups() const { return n_and + n_or; }
};
StereoGroupCounts stereo_group_counts(const ChemMolecule& molecule);

/// Which of the molecules that groups stand for to make.
struct GroupAlternativesOptions {
  std::size_t most = 8;       ///< different ones, at most
  bool random_order = false;  ///< begins with any of them instead of the one that is written
  std::uint64_t seed = 1;     ///< decides about the order
};

/// The different molecules that groups stand for, each without groups: every group as it is written
/// or with all its centres inverted, the molecule as it is written first. Without groups that is
/// the molecule itself.
/// @param molecule  hydrogens implied
/// @throws InputError  when RDKit fails
std::vector<ChemMolecule> group_alternatives(const ChemMolecule& molecule,
                                             const GroupAlternativesOptions& options);

}  // namespace saltus::forcefields
