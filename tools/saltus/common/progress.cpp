#include "tools/saltus/common/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/core/elapsed.h"
#include "engine/core/text.h"
#include "io/formats/visible_text.h"

namespace saltus::tools {

namespace {

constexpr double kTerminalPeriod = 0.3;  // seconds

/// "1 h 02 min", "3 min 20 s", "12 s"
std::string duration_text(double seconds) {
  const long total = std::lround(std::max(0.0, seconds));
  if (total >= 3600)
    return fmt::format(FMT_STRING("{} h {:02} min"), total / 3600, total % 3600 / 60);
  if (total >= 60) return fmt::format(FMT_STRING("{} min {:02} s"), total / 60, total % 60);
  return fmt::format(FMT_STRING("{} s"), total);
}

}  // namespace

Progress::Progress(bool quiet, double plain_period)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0), plain_period_(plain_period) {}

void Progress::show(const std::string& line, bool last) {
  if (quiet_) return;
  if (terminal_) {
    // Blanks wipe what a longer line left behind.
    const std::size_t pad = line_length_ > line.size() ? line_length_ - line.size() : 0;
    std::fprintf(stderr, "\r%s%s%s", line.c_str(), std::string(pad, ' ').c_str(), last ? "\n" : "");
    line_length_ = last ? 0 : line.size();
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

void Progress::say(const std::string& text) { show(io::visible_text(text, "\n\t"), true); }

void Progress::warn(const std::string& text) {
  std::fprintf(stderr, "%swarning: %s\n", terminal_ && line_length_ > 0 ? "\n" : "",
               io::visible_text(text, "\n\t").c_str());
  line_length_ = 0;
}

void Progress::start(const std::string& activity) {
  activity_ = activity;
  started_ = shown_ = Clock::now();
  if (terminal_) show(activity_ + " ...", false);
}

void Progress::update(double fraction, const std::string& details) {
  if (quiet_ || engine::seconds_since(shown_) < (terminal_ ? kTerminalPeriod : plain_period_))
    return;
  shown_ = Clock::now();
  const double elapsed = engine::seconds_since(started_);
  std::string line = activity_ + ": " + engine::fixed_text(100.0 * fraction, 0) + " %";
  if (fraction > 0.0) line += ", " + duration_text(elapsed * (1.0 - fraction) / fraction) + " left";
  if (!details.empty()) line += ", " + details;
  show(line, false);
}

void Progress::finish(const std::string& details) {
  show(activity_ + ": done in " + duration_text(engine::seconds_since(started_)) +
           (details.empty() ? "" : ", " + details),
       true);
}

ProgressReporter::ProgressReporter(Progress& progress, std::uint64_t first_step,
                                   std::uint64_t n_steps)
    : progress_(progress),
      first_step_(first_step),
      n_steps_(n_steps),
      started_(std::chrono::steady_clock::now()) {}

namespace {

/// One number for each move; those that propose in several ways ("move/way") have one row for each.
std::string acceptance_text(const engine::MoveStatisticsTable& statistics) {
  std::vector<engine::MoveStatistics> moves;
  for (const engine::MoveStatistics& row : statistics.rows()) {
    const std::string name = row.name.substr(0, row.name.find('/'));
    auto move = std::find_if(moves.begin(), moves.end(),
                             [&](const auto& other) { return other.name == name; });
    if (move == moves.end()) {
      move = moves.emplace(moves.end());
      move->name = name;
    }
    move->proposed += row.proposed;
    move->accepted += row.accepted;
  }
  std::string text;
  for (const engine::MoveStatistics& move : moves) {
    if (move.proposed == 0) continue;
    text += (text.empty() ? "accepted: " : ", ") + move.name + " " +
            engine::fixed_text(100.0 * move.acceptance(), 0) + " %";
  }
  return text;
}

}  // namespace

void ProgressReporter::on_step(std::uint64_t step, const engine::ChainBatch&,
                               const engine::TransitionInfo& info) {
  statistics_.add(info);
  const double rate = static_cast<double>(step - first_step_) / engine::seconds_since(started_);
  const std::string steps =
      fmt::format(FMT_STRING("step {} of {}, {:.3g} steps/s, "), step, n_steps_, rate);
  progress_.update(static_cast<double>(step - first_step_) /
                       static_cast<double>(std::max<std::uint64_t>(1, n_steps_ - first_step_)),
                   steps + acceptance_text(statistics_));
}

void ProgressReporter::on_end(std::uint64_t, const engine::ChainBatch&) {
  progress_.finish(acceptance_text(statistics_));
}

}  // namespace saltus::tools
