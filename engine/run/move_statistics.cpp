#include "engine/run/move_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"

namespace saltus::engine {
namespace {

MoveStatistics& row_named(const std::string& name, std::vector<MoveStatistics>& rows) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const MoveStatistics& row) { return row.name == name; });
  if (found != rows.end()) return *found;
  rows.emplace_back();
  rows.back().name = name;
  return rows.back();
}

void add_outcome(Outcome outcome, std::uint64_t& run, MoveStatistics& row) {
  if (outcome == Outcome::kNotApplied) return;
  ++row.proposed;
  if (outcome == Outcome::kAccepted) {
    ++row.accepted;
    run = 0;
    return;
  }
  if (outcome == Outcome::kInvalid) ++row.invalid;
  row.longest_rejection_run = std::max(row.longest_rejection_run, ++run);
}

void add_record(const MoveRecord& record, MoveStatistics& row) {
  // A row that has seen no chain yet may be of any width (also one restored from a checkpoint).
  if (row.current_rejection_run.empty()) row.current_rejection_run.resize(record.outcomes.size());
  if (row.current_rejection_run.size() != record.outcomes.size()) {
    throw InternalError("move " + record.name + " reported " +
                        std::to_string(record.outcomes.size()) + " chains, before it were " +
                        std::to_string(row.current_rejection_run.size()));
  }
  for (std::size_t c = 0; c < record.outcomes.size(); ++c) {
    add_outcome(record.outcomes[c], row.current_rejection_run[c], row);
  }
  // std::max keeps its first argument when the second is NaN.
  for (double ratio : record.log_ratios) {
    row.largest_log_ratio = std::max(row.largest_log_ratio, ratio);
    if (std::isfinite(ratio)) row.work.add(-ratio);
  }
  row.n_energy_evaluations += record.n_energy_evaluations;
  row.cpu_seconds += record.cpu_seconds;
}

}  // namespace

void WorkMoments::add(double work) {
  ++count;
  const double before = work - mean;
  mean += before / static_cast<double>(count);
  sum_of_squares += before * (work - mean);
}

double WorkMoments::standard_deviation() const {
  return count < 2 ? std::numeric_limits<double>::quiet_NaN()
                   : std::sqrt(sum_of_squares / static_cast<double>(count - 1));
}

void MoveStatisticsTable::add(const TransitionInfo& info) {
  for (const MoveRecord& record : info.records) {
    const std::string kind = record.kind.empty() ? "" : "/" + record.kind;
    add_record(record, row_named(record.name + kind, rows_));
  }
}

}  // namespace saltus::engine
