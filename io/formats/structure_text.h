#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/core/span.h"

namespace saltus::io {

/// Atoms and bonds that a V2000 record can hold, each.
constexpr std::size_t kMaxV2000Atoms = 999;

/// A record of an SD file (V2000), three-dimensional, with data fields, "$$$$" included. Line ends
/// in names and values become blanks.
/// @param title     first line
/// @param program   what made it, for the second line; eight characters are kept
/// @param x         [N, 3], nm; written in angstrom
/// @param fields    names and values
/// @throws InputError  for more than 999 atoms or bonds, or a coordinate that is too large
/// Format: Dalby et al., J. Chem. Inf. Comput. Sci. 32, 244 (1992), doi:10.1021/ci00007a012.
std::string sdf_record(const std::string& title, const std::string& program,
                       const engine::MoleculeTable& molecule, engine::Span<const double> x,
                       const std::vector<std::pair<std::string, std::string>>& fields);

/// A frame of an XYZ file: number of atoms, comment, elements and positions in angstrom.
/// @param x  [N, 3], nm
std::string xyz_frame(const std::string& comment, const engine::MoleculeTable& molecule,
                      engine::Span<const double> x);

}  // namespace saltus::io
