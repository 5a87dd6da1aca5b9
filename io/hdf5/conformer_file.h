#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/system/coordinates.h"

namespace saltus::io {

/// One molecule of a conformer file, with as many conformers as there are, none if it failed.
struct ConformerSet {
  std::uint64_t record = 0;  ///< of the input, from 1
  std::string name, smiles;
  int status = 0;  ///< see the attribute "status_words"
  engine::MoleculeTable molecule;
  engine::ConstCoordinates positions;   ///< [C, N, 3], nm
  std::vector<double> energies_kJ_mol;  ///< [C]; NaN where not computed
  std::vector<double> log_weights;      ///< [C], of importance; empty: all equal
  std::vector<double> log_q;            ///< [C], log densities of proposals; empty: none
  std::vector<double> degeneracies;     ///< [C], minima each represents; empty: not counted
  std::vector<bool> accepted;           ///< [C]; empty: all true
  std::uint64_t seed = 0;
  std::string method;          ///< by which the conformers were made
  double temperature_K = 0.0;  ///< of their distribution; 0: they have none
  bool biased = false;         ///< whether they are known not to have it
  double n_effective = 0.0;
  /// kJ/mol; NaN where unknown
  double free_energy = std::numeric_limits<double>::quiet_NaN();
  double free_energy_error = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t n_energy_evaluations = 0;
};

/// Writes conformers of many molecules into one HDF5 file, all molecules one after the other: rows
/// of a molecule are found by pointers (compressed sparse rows), see io/hdf5/README.md. The file
/// has its name only after commit().
class ConformerFileWriter {
 public:
  /// @param attributes    of the file: what made it
  /// @param status_words  meaning of each status
  /// @throws FileError  when the file exists and may not be replaced, or cannot be created
  ConformerFileWriter(const std::filesystem::path& path, bool overwrite,
                      const std::vector<std::pair<std::string, std::string>>& attributes,
                      const std::vector<std::string>& status_words);
  /// Without commit() nothing is left behind.
  ~ConformerFileWriter();

  /// @throws FileError  when the disk is full, for instance
  void write(const ConformerSet& set);
  /// Gives the file its name. @throws FileError
  void commit();

 private:
  class Columns;
  std::filesystem::path path_, temporary_;
  std::unique_ptr<Columns> columns_;
};

}  // namespace saltus::io
