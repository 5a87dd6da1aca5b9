#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/files/text_output.h"
#include "tools/saltus/conformers/output.h"

namespace saltus::tools {

/// "1.2346"; empty for what is not finite.
std::string number_text(double value, int decimals);

/// A table of all records, as CSV. Text that a spreadsheet would take for a formula has an
/// apostrophe in front, control characters are shown escaped ("\x1B").
class ConformerReport final : public ConformerOutput {
 public:
  /// @param force_field  that was asked for
  ConformerReport(const std::filesystem::path& path, const OutputStart& start,
                  std::string force_field);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  io::TextOutput file_;
  std::string force_field_;
};

/// Lines of the records that failed, each after a comment with its status and reason.
class FailedRecords final : public ConformerOutput {
 public:
  FailedRecords(const std::filesystem::path& path, const OutputStart& start);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  std::string mark() override { return std::to_string(file_.mark()); }
  void commit(bool) override { file_.commit(); }

 private:
  io::TextOutput file_;
  std::string separators_;  ///< of the cells that a spreadsheet would see
};

/// A line for each record as soon as it is done: time, record, status, seconds, place, name,
/// message. A resumed run appends to the file.
class ConformerLog final : public ConformerOutput {
 public:
  ConformerLog(const std::filesystem::path& path, const OutputStart& start);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  std::string mark() override { return "0"; }
  void commit(bool complete) override;

 private:
  void add(const std::string& line);
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// Counts of a whole run.
struct ConformerTotals {
  std::size_t n_records = 0, n_read = 0, n_with_conformers = 0, n_isomers = 0;
  std::size_t n_requested = 0, n_embedded = 0, n_stereo_rejected = 0, n_conformers = 0;
  std::size_t n_isomer_lists_cut = 0;  ///< records with more stereoisomers than were made
  std::size_t n_fallback = 0;          ///< molecules for which another force field stepped in
  std::map<std::string, std::size_t> statuses;
  double seconds = 0.0;  ///< that the run has taken, interruptions not counted
  void add(const ConformerOutcome& outcome);
};

}  // namespace saltus::tools
