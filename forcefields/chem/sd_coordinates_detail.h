#pragma once

#include <GraphMol/Conformer.h>

#include <cstddef>
#include <string>

namespace saltus::forcefields::detail {

/// Refuses coordinates of a record that are no places of atoms: not finite, or beyond 100,000
/// angstrom, which is more than the columns of a V2000 record hold.
/// @param record      text of the record
/// @param first_line  its place in the file, from 1
/// @param label       "molecule 3"
/// @throws InputError  with file, line and columns (V3000: column)
void check_sd_coordinates(const RDKit::Conformer& conformer, const std::string& record,
                          std::size_t first_line, const std::string& path,
                          const std::string& label);

}  // namespace saltus::forcefields::detail
