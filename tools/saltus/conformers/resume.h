#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/saltus/conformers/record_digest.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

/// How far a run has come; all that it needs to continue as if it had not been interrupted.
struct ResumeState {
  std::string records;  ///< digest of those that are done
  ConformerTotals totals;
  bool all_written = false;  ///< no record is left; at most names and temporary files are
  std::map<std::string, std::string> marks;  ///< of each output, by its kind
};

/// A small file beside the output that says how far a run has come, replaced as a whole every few
/// seconds and gone when the run has ended.
class ResumeFile {
 public:
  /// @param settings  names and values of all that decides about the results
  ResumeFile(std::filesystem::path path, std::vector<std::pair<std::string, std::string>> settings)
      : path_(std::move(path)), settings_(std::move(settings)) {}

  bool exists() const;
  /// @throws FileError   when it cannot be read
  /// @throws InputError  when it is damaged, or was written with other settings, naming them
  ResumeState read() const;
  /// @throws FileError
  void write(const ResumeState& state) const;
  void remove() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::vector<std::pair<std::string, std::string>> settings_;
};

}  // namespace saltus::tools
