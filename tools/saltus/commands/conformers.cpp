#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "tools/conformers/torsion_models.h"
#include "tools/saltus/commands/commands.h"
#include "tools/saltus/common/progress.h"
#include "tools/saltus/common/signals.h"
#include "tools/saltus/conformers/analysis_options.h"
#include "tools/saltus/conformers/analysis_run.h"
#include "tools/saltus/conformers/merge.h"
#include "tools/saltus/conformers/options.h"
#include "tools/saltus/conformers/run.h"

namespace saltus::tools {

namespace {

constexpr int kWrongCallExit = 1, kSomeFailedExit = 2, kInterruptedExit = 130;

volatile std::sig_atomic_t interrupted = 0;

extern "C" void finish_soon(int signal) {
  interrupted = 1;
  // The next one ends the program at once; but a closed terminal is reported by both kernel and
  // shell.
  if (signal != SIGHUP) std::signal(signal, SIG_DFL);
}

void print_json(const ConformerRunEnd& end) {
  const ConformerTotals& totals = end.totals;
  nlohmann::ordered_json json;
  json["n_molecules"] = totals.n_records;
  json["n_with_conformers"] = totals.n_with_conformers;
  json["n_conformers"] = totals.n_conformers;
  json["n_embedded"] = totals.n_embedded;
  json["n_stereo_rejected"] = totals.n_stereo_rejected;
  json["n_isomer_lists_cut"] = totals.n_isomer_lists_cut;
  json["n_fallback"] = totals.n_fallback;
  json["statuses"] = totals.statuses;
  json["seconds"] = totals.seconds;
  json["interrupted"] = !end.complete;
  std::cout << json.dump(1) << "\n";
}

std::string failures_text(const ConformerTotals& totals) {
  std::string text;
  for (const auto& [status, n] : totals.statuses)
    if (status != "OK") text += (text.empty() ? "; " : ", ") + std::to_string(n) + " " + status;
  return text;
}

/// "only the first 3 molecules are written"
std::string written_text(std::size_t n) {
  if (n == 0) return "no molecule was finished";
  if (n == 1) return "only the first molecule is written";
  return "only the first " + std::to_string(n) + " molecules are written";
}

/// --strain, --rescore or --scan.
int analysis(const std::vector<std::string>& arguments) {
  const auto request = parse_analysis_request(arguments);
  if (!request) return 0;
  Progress progress(request->quiet, request->progress_period_s);
  interrupted = 0;
  handle_requests_to_end(finish_soon);
  hold_interrupts();
  const AnalysisEnd end = run_analysis(*request, progress, [] {
    if (interrupt_pending()) interrupted = 1;
    return interrupted != 0;
  });
  stop_handling_requests_to_end();
  progress.finish(std::to_string(end.n_ok) + " of " + std::to_string(end.n_rows) + " are OK");
  if (!end.complete) {
    progress.warn("interrupted: no file is written");
    std::cout.flush();
    std::fflush(nullptr);
    std::_Exit(kInterruptedExit);
  }
  if (end.n_rows == 0) progress.warn("the input holds no molecules");
  return end.n_ok == end.n_rows ? 0 : kSomeFailedExit;
}

/// Works until the end, or until somebody asks to stop. @returns  the exit code
/// @param next  where records with outcomes come from; empty: records of the inputs are worked on
int work_and_report(const ConformerRequest& request, const RecordSource& next, Progress& progress) {
  interrupted = 0;
  handle_requests_to_end(finish_soon);
  hold_interrupts();
  const auto stop = [] {
    if (interrupt_pending()) interrupted = 1;
    return interrupted != 0;
  };
  const ConformerRunEnd end = next ? rerun_conformers(request, next, progress, stop)
                                   : run_conformers(request, progress, stop);
  const ConformerTotals& totals = end.totals;
  stop_handling_requests_to_end();
  progress.finish(rate_text(totals) + failures_text(totals));
  if (request.json) print_json(end);
  if (!end.complete) {
    progress.warn("interrupted: " + written_text(totals.n_records) +
                  (request.resume_file().empty() ? "" : "; --resume continues"));
    // Other threads may still be at the molecules in hand; nothing may be taken away below them.
    std::cout.flush();
    std::fflush(nullptr);
    std::_Exit(kInterruptedExit);
  }
  if (totals.n_records == 0)
    progress.warn(request.input.shard ? "the input holds no molecules for this shard"
                                      : "the input holds no molecules");
  std::size_t n_good = totals.n_with_conformers;
  if (request.strict) {
    const auto ok = totals.statuses.find("OK");
    n_good = ok == totals.statuses.end() ? 0 : ok->second;
  }
  return n_good == totals.n_records && !request.partial ? 0 : kSomeFailedExit;
}

int conformers(const std::vector<std::string>& arguments) {
  if (asks_for_analysis(arguments)) return analysis(arguments);
  auto request = parse_conformer_request(arguments);
  if (!request) return 0;
  request->settings.network = load_torsion_model(request->settings.model);
  Progress progress(request->quiet, request->progress_period_s);
  return work_and_report(*request, {}, progress);
}

int merge(const std::vector<std::string>& arguments) {
  const auto merge = parse_merge_request(arguments);
  if (!merge) return 0;
  // Other threads may still be reading when an interrupted merge ends.
  const auto shards = std::make_shared<MergedShards>(merge->shards, merge->incomplete);
  const ConformerRequest request = merged_run(*merge, *shards);
  Progress progress(request.quiet, request.progress_period_s);
  if (request.partial) progress.warn("not all of the input is merged: " + shards->lacks());
  return work_and_report(
      request, [shards] { return shards->next(); }, progress);
}

/// Scripts around programs of this kind expect 1 for whatever stops all of the work.
template <class Command>
int with_exit_code_1(const Command& command, const std::vector<std::string>& arguments) {
  try {
    return command(arguments);
  } catch (const engine::Error& error) {
    throw engine::Error(error.what(), kWrongCallExit);
  }
}

}  // namespace

int conformers_command(const std::vector<std::string>& arguments) {
  return with_exit_code_1(conformers, arguments);
}

int merge_command(const std::vector<std::string>& arguments) {
  return with_exit_code_1(merge, arguments);
}

}  // namespace saltus::tools
