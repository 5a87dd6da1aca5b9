#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "io/report/report_data.h"
#include "tools/saltus/run_record.h"

namespace saltus::tools {

/// Files of one run, all in one folder.
struct RunFiles {
  std::filesystem::path trajectory, checkpoint, summary, report, model;

  explicit RunFiles(const std::filesystem::path& trajectory_path);
};

/// Fewer frames of each chain say nothing about errors.
constexpr std::uint64_t kFewestReportFrames = 4;

/// Everything a report shows, from a closed trajectory and the run's record. Of a ladder the chains
/// at the lowest temperature are analysed.
/// @param record  nothing when it is lost: costs and comparisons are then unknown, with a warning
/// @throws InputError  when the trajectory has fewer than kFewestReportFrames frames
io::ReportData analyse_run(const std::filesystem::path& trajectory,
                           const std::optional<RunRecord>& record);

/// Writes summary.json beside the trajectory.
void write_summary(const io::ReportData& data, const RunFiles& files);
/// Writes report.html beside the trajectory.
void write_report(const io::ReportData& data, const RunFiles& files);

}  // namespace saltus::tools
