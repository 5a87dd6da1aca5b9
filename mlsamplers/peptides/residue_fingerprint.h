#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "engine/system/system.h"

namespace saltus::mlsamplers {

/// Sums over a residue's own energy terms that tell one force field from another: charges squared,
/// Lennard-Jones diameters and depths, bonds, angles, torsions, radii of implicit solvent and its
/// scale. Independent of the order of atoms, terms and of the file they came from.
constexpr std::size_t kFingerprintParts = 8;
/// Parts from here on are of the implicit solvent.
constexpr std::size_t kFirstSolventPart = 6;
using ResidueFingerprint = std::array<double, kFingerprintParts>;

/// @param atoms  of the residue
ResidueFingerprint residue_fingerprint(const engine::System& system,
                                       const std::vector<std::size_t>& atoms);

/// What differs ("torsions"), by more than the rounding of files; empty: nothing.
std::string fingerprint_difference(const ResidueFingerprint& model,
                                   const ResidueFingerprint& molecule);

}  // namespace saltus::mlsamplers
