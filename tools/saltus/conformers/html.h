#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "io/report/conformer_report.h"
#include "tools/saltus/conformers/tables.h"

namespace saltus::tools {

/// A page about the run. Keeps sums, and more only of the first molecules.
class ConformerPage final : public ConformerOutput {
 public:
  /// @param totals  of the run; outlives this object
  /// @throws FileError   when the file exists and may not be replaced
  /// @throws InputError  when the mark is none
  ConformerPage(std::filesystem::path path, const OutputStart& start,
                const ConformerSettings& settings, const ConformerTotals& totals,
                std::vector<std::pair<std::string, std::string>> provenance);
  void write(const ConformerRecord& record, const ConformerOutcome& outcome) override;
  std::string mark() override;
  void commit(bool complete) override;

 private:
  void add_row(const ConformerRecord& record, const ConformerOutcome& outcome);
  void add_failure(const ConformerRecord& record, const ConformerOutcome& outcome);
  void add_molecule(const IsomerConformers& isomer);

  std::filesystem::path path_;
  ConformerSettings settings_;
  const ConformerTotals& totals_;
  io::ConformerReportData data_;
};

}  // namespace saltus::tools
