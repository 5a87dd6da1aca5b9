#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "io/files/text_output.h"
#include "tools/saltus/conformers_molecule.h"

namespace saltus::tools {

/// Where the conformers of a run go.
class ConformerOutput {
 public:
  virtual ~ConformerOutput() = default;
  /// Records come in the order of the input.
  virtual void write(const ConformerRecord& record, const ConformerOutcome& outcome) = 0;
  /// Gives the files their names.
  virtual void commit() = 0;
};

/// The writer for a file's name: .sdf, .sdf.gz, .xyz, .xyz.gz, .h5, or "-" for SDF on standard
/// output.
/// @throws UsageError  for other names
/// @throws FileError   when the file exists and may not be replaced, or cannot be created
std::unique_ptr<ConformerOutput> make_conformer_output(const std::filesystem::path& path,
                                                       bool overwrite,
                                                       const ConformerSettings& settings,
                                                       const std::string& command_line);

/// A table of all records, as CSV.
class ConformerReport final : public ConformerOutput {
 public:
  ConformerReport(const std::filesystem::path& path, bool overwrite);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  void commit() override { file_.commit(); }

 private:
  io::TextOutput file_;
};

/// Lines of the records that failed, each behind a comment with its status and reason.
class FailedRecords final : public ConformerOutput {
 public:
  FailedRecords(const std::filesystem::path& path, bool overwrite);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  void commit() override { file_.commit(); }

 private:
  io::TextOutput file_;
};

/// Counts of a whole run.
struct ConformerTotals {
  std::size_t n_records = 0, n_with_conformers = 0, n_conformers = 0, n_embedded = 0;
  std::size_t n_stereo_rejected = 0;
  std::map<std::string, std::size_t> statuses;
  void add(const ConformerOutcome& outcome);
};

}  // namespace saltus::tools
