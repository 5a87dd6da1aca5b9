#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "tools/saltus/commands.h"
#include "tools/saltus/conformers_options.h"
#include "tools/saltus/conformers_output.h"
#include "tools/saltus/ordered_work.h"
#include "tools/saltus/progress.h"

namespace saltus::tools {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWrongCallExit = 1, kSomeFailedExit = 2, kInterruptedExit = 130;

volatile std::sig_atomic_t interrupted = 0;

extern "C" void finish_soon(int) {
  interrupted = 1;
  std::signal(SIGINT, SIG_DFL);  // the next one ends the program at once
}

struct RunEnd {
  ConformerTotals totals;
  double seconds = 0.0;
};

std::vector<std::unique_ptr<ConformerOutput>> make_outputs(const ConformerRequest& request) {
  std::vector<std::unique_ptr<ConformerOutput>> outputs;
  outputs.push_back(make_conformer_output(request.output, request.overwrite, request.settings,
                                          request.command_line));
  if (!request.report.empty())
    outputs.push_back(std::make_unique<ConformerReport>(request.report, request.overwrite));
  if (!request.failed.empty())
    outputs.push_back(std::make_unique<FailedRecords>(request.failed, request.overwrite));
  return outputs;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string rate_text(const RunEnd& end) {
  char text[128];
  std::snprintf(text, sizeof text, "%zu molecules, %zu conformers, %.3g molecules/s",
                end.totals.n_records, end.totals.n_conformers,
                static_cast<double>(end.totals.n_records) / std::max(end.seconds, 1e-9));
  return text;
}

RunEnd run(const ConformerRequest& request, Progress& progress) {
  ConformerInputs inputs(request.inputs, request.input);
  const auto outputs = make_outputs(request);
  RunEnd end;
  const auto start = Clock::now();
  OrderedWork<ConformerRecord, ConformerOutcome> work;
  work.take = [&] { return interrupted != 0 ? std::nullopt : inputs.next(); };
  work.work = [&](const ConformerRecord& record) {
    return make_conformers(record, request.settings);
  };
  work.hand_on = [&](const ConformerRecord& record, const ConformerOutcome& outcome) {
    for (const auto& output : outputs) output->write(record, outcome);
    end.totals.add(outcome);
    end.seconds = seconds_since(start);
    progress.update(inputs.fraction(), rate_text(end));
  };
  progress.start("conformers");
  work.run(request.n_threads);
  for (const auto& output : outputs) output->commit();
  end.seconds = seconds_since(start);
  return end;
}

void print_json(const RunEnd& end) {
  nlohmann::ordered_json json;
  json["n_molecules"] = end.totals.n_records;
  json["n_with_conformers"] = end.totals.n_with_conformers;
  json["n_conformers"] = end.totals.n_conformers;
  json["n_embedded"] = end.totals.n_embedded;
  json["n_stereo_rejected"] = end.totals.n_stereo_rejected;
  json["statuses"] = end.totals.statuses;
  json["seconds"] = end.seconds;
  json["interrupted"] = interrupted != 0;
  std::cout << json.dump(1) << "\n";
}

std::string failures_text(const ConformerTotals& totals) {
  std::string text;
  for (const auto& [status, n] : totals.statuses)
    if (status != "OK") text += (text.empty() ? "; " : ", ") + std::to_string(n) + " " + status;
  return text;
}

int conformers(const std::vector<std::string>& arguments) {
  const auto request = parse_conformer_request(arguments);
  if (!request) return 0;
  Progress progress(request->quiet);
  interrupted = 0;
  std::signal(SIGINT, finish_soon);
  const RunEnd end = run(*request, progress);
  std::signal(SIGINT, SIG_DFL);
  progress.finish(rate_text(end) + failures_text(end.totals));
  if (request->json) print_json(end);
  if (interrupted != 0) {
    progress.warn("interrupted: only the first " + std::to_string(end.totals.n_records) +
                  " molecules are written");
    return kInterruptedExit;
  }
  if (end.totals.n_records == 0) progress.warn("the input holds no molecules");
  std::size_t n_good = end.totals.n_with_conformers;
  const auto partial = end.totals.statuses.find("PARTIAL_TIMEOUT");
  if (request->strict && partial != end.totals.statuses.end()) n_good -= partial->second;
  return n_good == end.totals.n_records ? 0 : kSomeFailedExit;
}

}  // namespace

int conformers_command(const std::vector<std::string>& arguments) {
  try {
    return conformers(arguments);
  } catch (const engine::Error& error) {
    // Scripts around programs of this kind expect 1 for whatever stops all of the work.
    throw engine::Error(error.what(), kWrongCallExit);
  }
}

}  // namespace saltus::tools
