#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/saltus/conformers/record.h"

namespace saltus::tools {

/// How an output begins.
struct OutputStart {
  bool overwrite = false;  ///< whether a file of that name may be replaced
  /// What mark() returned in the run that is resumed.
  std::optional<std::string> mark;
  /// That run was killed when all records were written: files may have their names already.
  bool all_written = false;

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
  /// Brings on the disk what was written, and says what another process needs to continue from
  /// here.
  /// @throws FileError
  virtual std::string mark() = 0;
  /// Gives the files their names.
  /// @param complete  false when a later run may resume from the last mark
  virtual void commit(bool complete) = 0;
  /// Deletes what only a run that resumes from a mark would need; nothing follows. A run that is
  /// killed during it is resumed with OutputStart::all_written.
  virtual void forget_marks() {}
};

}  // namespace saltus::tools
