#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace saltus::tools {

/// Outcome for one record of the input.
struct EnergyRow {
  std::size_t record = 1;  ///< counted from 1
  std::string where, name;
  std::size_t n_atoms = 0;                             ///< 0: it could not be read
  std::vector<std::pair<std::string, double>> values;  ///< "native_total_kJ_mol" and its number
  std::string error;                                   ///< empty: all is well
};

/// A CSV table with a column for each value that some record has, in the order in which they come;
/// cells of failed records are empty, the last column says why.
std::string energy_csv(const std::vector<EnergyRow>& rows);

}  // namespace saltus::tools
