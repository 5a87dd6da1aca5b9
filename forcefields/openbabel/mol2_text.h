#pragma once

#include <string>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/core/span.h"

namespace saltus::forcefields {

/// Whether this build knows Open Babel, which writes MOL2.
bool can_write_mol2();

/// Why not, and what to do; a sentence for users.
std::string why_no_mol2();

/// A molecule of a Tripos MOL2 file, written by Open Babel: Sybyl atom types, aromatic and amide
/// bonds as it perceives them from the table; atoms called by element and number ("C1", "H12").
/// @param title            control characters become blanks
/// @param comments         lines before the molecule, without "#"
/// @param x                [N, 3], nm; written in angstrom, with four decimals
/// @param partial_charges  [N], e, of MMFF94; empty: zeros are written (NO_CHARGES)
/// @throws InputError  when the build has no Open Babel, or it fails
std::string mol2_record(const std::string& title, const std::vector<std::string>& comments,
                        const engine::MoleculeTable& molecule, engine::Span<const double> x,
                        const std::vector<double>& partial_charges);

}  // namespace saltus::forcefields
