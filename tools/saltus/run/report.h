#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "io/report/report_data.h"
#include "tools/saltus/run/record.h"

namespace saltus::tools {

struct RunDeck;

/// Files of one run, all in one folder.
struct RunFiles {
  std::filesystem::path trajectory, checkpoint, summary, report, model;
  std::filesystem::path deck;  ///< of a run of a bare molecule

  explicit RunFiles(const std::filesystem::path& trajectory_path);
};

/// Those of the run that a deck describes.
RunFiles files_of(const RunDeck& deck);

/// Fewer frames of each chain say nothing about errors.
constexpr std::uint64_t kMinReportFrames = 4;

/// Everything a report shows, from a trajectory and its checkpoint: the frames that the checkpoint
/// vouches for, so that samples and costs belong together. Of a ladder the chains at the lowest
/// temperature are analysed. Without a checkpoint, or with that of another run, all frames are
/// analysed and costs and comparisons are unknown, with a warning.
/// Where log-weights of the analysed frames differ, all averages are weighted. Free energies of the
/// levels of a ladder are from the frames of all chains.
/// @throws InputError      when the trajectory has fewer than kMinReportFrames frames
/// @throws NumericalError  when no analysed frame has weight
io::ReportData analyse_run(const RunFiles& files);

/// Whether chains agree, by the worst split R-hat and the fewest effective samples of all
/// observables: "chains agree: split R-hat at most 1.003 (cos psi_2), ...", and how they are
/// weighted, if they are; empty without any.
std::string agreement(const engine::RunSummary& summary);

/// What a run says of itself at its end: agreement, round trips of a ladder, and what has to be
/// known of the samplers it is compared with.
std::vector<std::string> verdicts(const engine::RunSummary& summary);

/// Writes summary.json beside the trajectory.
void write_summary(const io::ReportData& data, const RunFiles& files);
/// Writes report.html beside the trajectory.
void write_report(const io::ReportData& data, const RunFiles& files);

}  // namespace saltus::tools
