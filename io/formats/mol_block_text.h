#pragma once

#include <string>

#include "engine/conformers/molecule_table.h"
#include "engine/core/span.h"

namespace saltus::io {

/// A three-dimensional V3000 mol block up to "M  END": atoms and bonds in the order of the table,
/// formal charges, isotopes and unpaired electrons; configurations are those of the coordinates.
/// @param title  first line; control characters are shown escaped
/// @param x      [N, 3], nm; written in angstrom
/// Format: CTFile Formats, BIOVIA (2020).
std::string mol_block(const std::string& title, const engine::MoleculeTable& molecule,
                      engine::Span<const double> x);

}  // namespace saltus::io
