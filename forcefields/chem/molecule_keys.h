#pragma once

#include <cstdint>
#include <string>

#include "forcefields/chem/chem_molecule.h"

namespace saltus::forcefields {

/// CRC-32 (ISO 3309, as zlib's) of RDKit's serialised Morgan fingerprint with counts, radius 4,
/// folded to 2048; hydrogens implied, stereo ignored. Splits data by what molecules are made of:
/// those with digit 0 or 1 modulo 10 are for testing.
/// Source: Rogers, Hahn, J. Chem. Inf. Model. 50, 742 (2010), doi:10.1021/ci100050t; the split is
/// that of Swanson, Williams, Jonas, PMLR 202, 33319 (2023).
/// @throws InputError  when RDKit fails
std::uint32_t fingerprint_crc32(const ChemMolecule& molecule);

/// RDKit's canonical SMILES of the graph alone: hydrogens implied, no configuration.
/// @throws InputError  when RDKit fails
std::string canonical_smiles_without_stereo(const ChemMolecule& molecule);

}  // namespace saltus::forcefields
