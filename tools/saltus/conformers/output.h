#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "tools/saltus/conformers/molecule.h"

namespace saltus::tools {

/// How an output begins.
struct OutputStart {
  bool overwrite = false;  ///< whether a file of that name may be replaced
  /// What mark() returned in the run that is gone on with.
  std::optional<std::string> mark;

  /// The mark of an output whose state is a number of bytes.
  /// @throws InputError  when the mark is none
  std::optional<std::uint64_t> bytes() const;
};

/// Where the conformers of a run go.
class ConformerOutput {
 public:
  virtual ~ConformerOutput() = default;
  /// Records come in the order of the input.
  virtual void write(const ConformerRecord& record, const ConformerOutcome& outcome) = 0;
  /// Brings on the disk what was written, and says what another process needs to go on from here.
  /// @throws FileError
  virtual std::string mark() = 0;
  /// Gives the files their names.
  /// @param complete  false when a later run may go on from the last mark
  virtual void commit(bool complete) = 0;
  /// Deletes what only a run that goes on from a mark would need; nothing follows.
  virtual void forget_marks() {}
};

/// The writer for a file's name: .sdf, .sdf.gz, .xyz, .xyz.gz, .h5, or "-" for SDF on standard
/// output.
/// @throws UsageError  for other names
/// @throws FileError   when the file exists and may not be replaced, or cannot be created
std::unique_ptr<ConformerOutput> make_conformer_output(const std::filesystem::path& path,
                                                       const OutputStart& start,
                                                       const ConformerSettings& settings,
                                                       const std::string& command_line);

/// "name_000012": a file's name for a record: letters, digits, - and _ of the record's name stay,
/// all else becomes _, at most 80 characters.
std::string split_file_name(const ConformerRecord& record);

/// One file for each record that has conformers, in a folder.
/// @param format  "sdf", "sdf.gz", "xyz", "xyz.gz" or "h5"
/// @throws FileError  when the folder holds something and nothing may be replaced, or cannot be
///                    created
std::unique_ptr<ConformerOutput> make_split_output(const std::filesystem::path& folder,
                                                   const std::string& format,
                                                   const OutputStart& start,
                                                   const ConformerSettings& settings,
                                                   const std::string& command_line);

}  // namespace saltus::tools
