#include "tools/saltus/conformers/run.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "engine/core/counted.h"
#include "engine/core/elapsed.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "io/files/file_place.h"
#include "saltus_version.h"
#include "tools/conformers/make_conformers.h"
#include "tools/saltus/common/ordered_work.h"
#include "tools/saltus/conformers/html.h"
#include "tools/saltus/conformers/resume.h"
#include "tools/saltus/conformers/shard_file.h"
#include "tools/saltus/conformers/structure_outputs.h"

namespace saltus::tools {

namespace {

using Clock = std::chrono::steady_clock;
using engine::counted;

/// What must be equal in all runs that share an input: files of a shard's own do not count.
std::map<std::string, std::string> options_of_all_shards(const ConformerRequest& request) {
  std::map<std::string, std::string> options(request.decisive.begin(), request.decisive.end());
  for (const char* own : {"--shard", "--output", "--split", "--split-format", "--failed",
                          "--report", "--html", "--log"})
    options.erase(own);
  return options;
}

/// One run: where it comes from, what it writes and how far it is.
class Run {
 public:
  /// @param next  where records come from; empty: from the inputs
  Run(const ConformerRequest& request, const RecordSource& next, Progress& progress,
      const std::function<bool()>& stop)
      : request_(request),
        progress_(progress),
        resume_file_(request.resume_file(), request.decisive),
        next_(next) {
    if (!next_) {
      inputs_ = std::make_shared<ConformerInputs>(request.inputs, request.input, stop);
      // May still be at it when all else is gone, so it owns what it needs.
      next_ = [inputs = inputs_] { return inputs->next(); };
    }
    totals_.seconds = request.seconds_before;
    begin();
    make_outputs();
    seconds_before_ = totals_.seconds;
  }

  ConformerRunEnd work(const std::function<bool()>& stop) {
    OrderedWork<ConformerRecord, ConformerOutcome> work;
    work.stop = stop;
    work.take = next_;
    // May still be at it when all else is gone, so it owns what it needs.
    work.work = [settings = request_.settings](const ConformerRecord& record) {
      return record.outcome ? *record.outcome : make_conformers(record, settings);
    };
    work.hand_on = [&](const ConformerRecord& record, const ConformerOutcome& outcome) {
      hand_on(record, outcome);
    };
    progress_.start("conformers");
    const bool complete = work.run(request_.n_threads);
    commit(complete);
    return {totals_, complete};
  }

 private:
  struct Named {
    std::string kind;
    std::unique_ptr<ConformerOutput> output;
  };

  bool can_be_resumed() const { return !resume_file_.path().empty(); }

  void begin() {
    if (!can_be_resumed() || !resume_file_.exists()) {
      if (request_.resume)
        progress_.say("there is no interrupted run to resume; starting a new one");
      return;
    }
    if (request_.resume) {
      state_ = resume_file_.read();
      skip_what_is_done();
      return;
    }
    if (!request_.overwrite)
      throw engine::FileError("'" + resume_file_.path().string() +
                              "' belongs to an interrupted run: resume it with --resume, or start "
                              "again with --overwrite");
    resume_file_.remove();
  }

  void skip_what_is_done() {
    const std::size_t n = state_->totals.n_records;
    for (std::size_t i = 0; i < n; ++i) {
      const auto record = next_();
      if (!record) break;
      digest_.add(*record);
    }
    if (digest_.text() != state_->records)
      throw engine::InputError(
          "the interrupted run cannot be resumed: the first " +
          (n == 1 ? "record of the input is not the one it worked on"
                  : std::to_string(n) + " records of the input are not those it worked on"));
    totals_ = state_->totals;
    progress_.say("resuming after molecule " + std::to_string(n));
  }

  /// How the output of a kind begins.
  OutputStart start_of(const std::string& kind) const {
    OutputStart start;
    start.overwrite = request_.overwrite;
    if (!state_) return start;
    const auto found = state_->marks.find(kind);
    if (found == state_->marks.end())
      throw engine::InputError("'" + resume_file_.path().string() + "' has no record of --" + kind +
                               "; start again with --overwrite");
    start.mark = found->second;
    start.all_written = state_->all_written;
    return start;
  }

  template <class Make>
  void add(const std::string& kind, const std::string& path, const Make& make) {
    if (path.empty()) return;
    io::refuse_to_replace_input(path, {request_.inputs.begin(), request_.inputs.end()});
    outputs_.push_back({kind, make(start_of(kind))});
  }

  void make_outputs() {
    const ConformerSettings& settings = request_.settings;
    add("output", request_.output, [&](const OutputStart& start) {
      if (request_.input.shard) return make_shard_output(start);
      return make_conformer_output(request_.output, start, settings, request_.command_line);
    });
    add("split", request_.split, [&](const OutputStart& start) {
      return make_split_output(request_.split, request_.split_format, start, settings,
                               request_.command_line);
    });
    add("report", request_.report, [&](const OutputStart& start) {
      return std::make_unique<ConformerReport>(request_.report, start, settings.force_field_text());
    });
    add("failed", request_.failed, [&](const OutputStart& start) {
      return std::make_unique<FailedRecords>(request_.failed, start);
    });
    add("log", request_.log, [&](const OutputStart& start) {
      return std::make_unique<ConformerLog>(request_.log, start);
    });
    // The last one: it needs a program to draw, without which the others are still there.
    add("html", request_.html, [&](const OutputStart& start) {
      return std::make_unique<ConformerPage>(request_.html, start, settings, totals_, provenance());
    });
  }

  std::unique_ptr<ConformerOutput> make_shard_output(const OutputStart& start) const {
    const ShardHead head{*request_.input.shard, program_text(), request_.arguments,
                         options_of_all_shards(request_)};
    return std::make_unique<ShardOutput>(request_.output, start, head, inputs_, totals_.seconds);
  }

  std::vector<std::pair<std::string, std::string>> provenance() const {
    return {{"Command", request_.command_line},
            {"Force field", request_.settings.force_field_text()},
            {"Seed", std::to_string(request_.settings.seed)},
            {"Program", "Saltus " SALTUS_VERSION " (" SALTUS_GIT_REVISION ")"}};
  }

  void hand_on(const ConformerRecord& record, const ConformerOutcome& outcome) {
    totals_.add(outcome);
    totals_.seconds = seconds_before_ + engine::seconds_since(start_);
    for (const Named& output : outputs_) output.output->write(record, outcome);
    if (can_be_resumed()) {
      digest_.add(record);
      // Often enough to lose little, rarely enough to cost little.
      constexpr double kMaxLost_s = 2.0, kMaxLostShare = 0.1, kMaxCostShare = 0.05;
      const double period = std::min(kMaxLost_s, kMaxLostShare * engine::seconds_since(start_));
      if (engine::seconds_since(marked_) > std::max(period, mark_cost_s_ / kMaxCostShare))
        mark(false);
    }
    progress_.update(record.input_fraction, rate_text(totals_));
  }

  void mark(bool all_written) {
    const auto start = Clock::now();
    ResumeState state;
    state.all_written = all_written;
    state.records = digest_.text();
    state.totals = totals_;
    for (const Named& output : outputs_) state.marks[output.kind] = output.output->mark();
    resume_file_.write(state);
    mark_cost_s_ = engine::seconds_since(start);
    marked_ = Clock::now();
  }

  void commit(bool complete) {
    totals_.seconds = seconds_before_ + engine::seconds_since(start_);
    // Whatever happens from here on, nothing has to be made again.
    if (can_be_resumed()) mark(complete);
    for (const Named& output : outputs_) output.output->commit(complete && !request_.partial);
    if (!complete) return;
    // In this order: a run killed in between finds that it only has to go on with this.
    for (const Named& output : outputs_) output.output->forget_marks();
    if (can_be_resumed()) resume_file_.remove();
  }

  const ConformerRequest& request_;
  Progress& progress_;
  ResumeFile resume_file_;
  RecordSource next_;
  std::shared_ptr<ConformerInputs> inputs_;  // null when records come from elsewhere
  std::optional<ResumeState> state_;
  RecordDigest digest_;
  ConformerTotals totals_;
  std::vector<Named> outputs_;
  Clock::time_point start_ = Clock::now(), marked_ = start_;
  double seconds_before_ = 0.0, mark_cost_s_ = 0.0;
};

}  // namespace

std::string rate_text(const ConformerTotals& totals) {
  const double rate = static_cast<double>(totals.n_records) / std::max(totals.seconds, 1e-9);
  return counted(totals.n_records, "molecule") + ", " + counted(totals.n_conformers, "conformer") +
         ", " + engine::significant_text(rate, 3) + " molecules/s";
}

ConformerRunEnd run_conformers(const ConformerRequest& request, Progress& progress,
                               const std::function<bool()>& stop) {
  return Run(request, {}, progress, stop).work(stop);
}

ConformerRunEnd rerun_conformers(const ConformerRequest& request, const RecordSource& next,
                                 Progress& progress, const std::function<bool()>& stop) {
  return Run(request, next, progress, stop).work(stop);
}

}  // namespace saltus::tools
