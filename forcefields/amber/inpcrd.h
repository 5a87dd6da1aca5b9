#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace saltus::forcefields {

/// What an AMBER coordinate or restart file holds.
struct AmberCoordinates {
  std::string title;
  std::optional<double> time_ps;
  std::vector<double> positions_nm;              ///< [N, 3]
  std::vector<double> velocities_nm_per_ps;      ///< [N, 3], empty when the file has none
  std::optional<std::array<double, 3>> box_nm;   ///< edge lengths
  std::optional<std::array<double, 3>> box_rad;  ///< angles; none when the file gives lengths only
};

/// Reads the text form (title; number of atoms and perhaps time; six numbers of width 12 a line:
/// positions, perhaps velocities, perhaps a box).
/// @param n_atoms  what the topology has
/// @throws FileError   when the file cannot be read
/// @throws InputError  with file and line, when it is the binary (NetCDF) form, has another number
///                     of atoms, a field that is no number, a coordinate beyond 100,000 angstrom,
///                     a box with a negative edge, or lines too few or too many
/// Source: https://ambermd.org/FileFormats.php#restart
AmberCoordinates read_inpcrd(const std::string& path, std::size_t n_atoms);

}  // namespace saltus::forcefields
