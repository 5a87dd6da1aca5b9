#pragma once

#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/system.h"
#include "engine/system/topology.h"

namespace saltus::tools {

/// Checks the bonds that records of a structure file give, so that a wrong record is named itself
/// and not the residue that it spoils.
/// @param topology   complete; the bonds of the file come first
/// @param sources    where these are written, as in io::PdbStructure
/// @param positions  [N, 3], nm
/// @throws InputError  naming the record: atoms too far apart for any bond (beyond 0.2 nm and 1.5
///                     times the sum of their covalent radii), or an atom with more bonds than its
///                     element has (H, F 1; O 3; C, N 4; bonds to boron and metals are not counted)
void check_recorded_bonds(const engine::Topology& topology, const std::vector<std::string>& sources,
                          engine::Span<const double> positions);

/// The sentence for constrained distances that a structure has otherwise by more than 0.01 nm, as
/// with the water of another model: chains start on their constraints, not where the file has the
/// atoms. Empty when there are none.
/// @param structure  name of the file with the positions
/// @param positions  [N, 3], nm; molecules are whole
std::string moved_constraints_note(const std::string& structure, const engine::System& system,
                                   const engine::Topology& topology,
                                   engine::Span<const double> positions);

}  // namespace saltus::tools
