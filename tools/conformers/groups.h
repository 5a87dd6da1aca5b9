#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/conformers/settings.h"

namespace saltus::tools {

/// The molecules that one with groups of stereo centres stands for.
struct GroupAlternatives {
  std::vector<forcefields::ChemMolecule> molecules;
  bool cut = false;  ///< whether there are more
  std::string note;  ///< what the groups mean and what was made of them; empty without groups
};

/// Every group as it is written or inverted, as the policy for stereo says: enumerate makes all (at
/// most as many as isomers may be made), random one of them; keep, and coordinates of the input,
/// the one that is written.
/// @param molecule  hydrogens implied
/// @throws MoleculeFailure  kStereoUnspecified when the policy is to fail and there are groups
GroupAlternatives group_alternatives(const forcefields::ChemMolecule& molecule,
                                     const ConformerSettings& settings, std::uint64_t seed);

/// One of each list in turn, each canonical SMILES once.
std::vector<forcefields::ChemMolecule> in_turn(
    const std::vector<std::vector<forcefields::ChemMolecule>>& lists);

}  // namespace saltus::tools
