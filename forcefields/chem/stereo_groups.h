#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forcefields/chem/chem_molecule.h"
#include "forcefields/chem/stereoisomers.h"

namespace saltus::forcefields {

/// Groups of stereo centres of which only the relative configuration is known ("enhanced stereo":
/// "&1:" and "o1:" of CXSMILES, STERAC1 and STEREL1 of V3000 mol files).
struct StereoGroupCounts {
  std::size_t n_and = 0;  ///< both configurations are there, as in a racemate
  std::size_t n_or = 0;   ///< one of the two is there, it is not known which
  std::size_t n_groups() const { return n_and + n_or; }
};
StereoGroupCounts stereo_group_counts(const ChemMolecule& molecule);

/// The different molecules that groups stand for, each without groups: every group as it is written
/// or with all its centres inverted, the molecule as it is written first. Without groups that is
/// the molecule itself.
/// @param molecule  hydrogens implied
/// @param options   random order begins with any of them
/// @throws InputError  when RDKit fails
std::vector<ChemMolecule> group_alternatives(const ChemMolecule& molecule,
                                             const StereoisomerOptions& options);

}  // namespace saltus::forcefields
