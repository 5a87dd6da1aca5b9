#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/ensemble/conformer_ensemble.h"

namespace saltus::io {

/// One molecule of a conformer file, with as many conformers as there are, none if it failed.
struct ConformerSet {
  std::uint64_t record = 0;  ///< of the input, from 1
  std::string name, smiles;
  int status = 0;  ///< see the attribute "status_words"
  engine::MoleculeTable molecule;
  const engine::ConformerEnsemble* ensemble = nullptr;  ///< null: no conformers
  std::uint64_t seed = 0;
  std::string method;          ///< as the file shall name it
  double temperature_K = 0.0;  ///< of the conformers' distribution; 0: they have none
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
