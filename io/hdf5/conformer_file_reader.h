#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/conformers/molecule_table.h"
#include "engine/ensemble/conformer_ensemble.h"

namespace saltus::io {

/// One molecule of a conformer file, as ConformerSet wrote it.
struct StoredConformers {
  std::uint64_t record = 0;
  std::string name, smiles;
  std::string status;              ///< word
  engine::MoleculeTable molecule;  ///< without isotopes and unpaired electrons, which it has not
  double temperature_K = 0.0;      ///< of the conformers' distribution; 0: they have none
  /// Positions (float32 angstrom in the file), energies, log_weights and degeneracies; NaN where
  /// the file has NaN.
  engine::ConformerEnsemble ensemble;
};

/// What a conformer file holds.
struct ConformerFileSummary {
  std::size_t n_conformers = 0;                 ///< of all molecules
  std::map<std::string, std::size_t> statuses;  ///< molecules of each status, by its word
  std::map<std::string, std::string> made_by;  ///< program, force_field, command_line; may lack any
};

/// Whether a file is one of ConformerFileWriter, by its arrays. False where there is none.
bool is_conformer_file(const std::filesystem::path& path);

/// Reads files of ConformerFileWriter, molecule by molecule: only the pointers are kept.
class ConformerFileReader {
 public:
  /// @throws FileError   when it cannot be opened or read
  /// @throws InputError  when it is no such file, or its pointers do not fit its arrays
  explicit ConformerFileReader(const std::filesystem::path& path);
  ~ConformerFileReader();

  std::size_t n_molecules() const;
  /// @throws FileError, InputError  as above
  ConformerFileSummary summary() const;
  /// @throws FileError, InputError  as above, for what only this molecule needs
  StoredConformers read(std::size_t molecule) const;

 private:
  class Arrays;
  std::unique_ptr<Arrays> arrays_;
};

}  // namespace saltus::io
