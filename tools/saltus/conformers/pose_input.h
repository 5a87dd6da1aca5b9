#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/hdf5/conformer_file_reader.h"
#include "tools/conformers/rescore.h"
#include "tools/saltus/conformers/input.h"

namespace saltus::tools {

/// Conformers that follow each other in the inputs and are of one molecule: same bonds and same
/// configuration, whatever their names and the order of their atoms. A record that cannot be read
/// is alone.
using PoseGroup = std::vector<EnsembleMember>;

/// The conformers of SD and HDF5 files, molecule by molecule. Weights are those of the field
/// "population" of SD records; of HDF5 files importance weights, where they differ, else degeneracy
/// times Boltzmann factor at the temperature of the file, where these are there.
class PoseInputs {
 public:
  /// @param hdf5         whether HDF5 files are taken, too
  /// @param settings     which of several fragments counts
  /// @throws UsageError  for lists, which have no coordinates, and HDF5 files that are not taken
  PoseInputs(const std::vector<std::string>& paths, const ConformerInputOptions& options,
             const ConformerSettings& settings, bool hdf5);

  /// Nothing at the end.
  /// @throws FileError, InputError  when a file cannot be read on
  std::optional<PoseGroup> next();

 private:
  struct Keyed {
    EnsembleMember member;
    std::string key;  ///< empty: fits no other
  };
  std::optional<Keyed> next_member();
  bool open_next();
  std::optional<EnsembleMember> next_sdf();
  std::optional<EnsembleMember> next_stored();
  Keyed keyed(EnsembleMember member) const;

  std::vector<std::string> paths_;
  ConformerInputOptions options_;
  ConformerSettings settings_;
  std::size_t n_opened_ = 0, n_members_ = 0;
  std::unique_ptr<ConformerInputs> sdf_;
  std::unique_ptr<io::ConformerFileReader> stored_;
  io::StoredConformers molecule_;               ///< of the HDF5 file
  std::size_t n_molecules_ = 0, n_frames_ = 0;  ///< of these that were handed out
  std::optional<Keyed> waiting_;
};

}  // namespace saltus::tools
