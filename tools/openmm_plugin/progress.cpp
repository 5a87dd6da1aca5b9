#include "tools/openmm_plugin/progress.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <string>
#include <utility>

#include "engine/core/error.h"
#include "tools/openmm_plugin/xml_checks.h"

namespace saltus::openmm_plugin {

namespace {

const std::string kMagic = "SaltusIntegrator 3\n";
const std::string kChosenSteps = "ChosenSteps";
/// More rows, or longer names, than any run has.
constexpr std::uint64_t kMaxRows = 1000000, kMaxName = 10000;

template <class Value>
void put(std::ostream& stream, const Value& value) {
  stream.write(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Value>
void get(std::istream& stream, Value& value) {
  if (!stream.read(reinterpret_cast<char*>(&value), sizeof value))
    throw engine::InputError("the checkpoint ends before the data of its SaltusIntegrator do");
}

std::uint64_t get_count(std::istream& stream, std::uint64_t limit) {
  std::uint64_t count = 0;
  get(stream, count);
  if (count > limit) throw engine::InputError("the checkpoint's SaltusIntegrator is damaged");
  return count;
}

/// Calls field(name, member) for all counts of a row.
template <class Row, class Field>
void for_each_count(Row& row, Field field) {
  field("proposed", row.proposed);
  field("accepted", row.accepted);
  field("invalid", row.invalid);
  field("energyEvaluations", row.n_energy_evaluations);
  field("longestRejectionRun", row.longest_rejection_run);
  field("works", row.work.count);
}

/// The same for all that are no counts.
template <class Row, class Field>
void for_each_number(Row& row, Field field) {
  field("cpuSeconds", row.cpu_seconds);
  field("largestLogRatio", row.largest_log_ratio);
  field("meanWork", row.work.mean);
  field("sumOfSquaredWork", row.work.sum_of_squares);
}

std::uint64_t current_run(const engine::MoveStatistics& row) {
  return row.current_rejection_run.empty() ? 0 : row.current_rejection_run.front();
}

}  // namespace

void write_progress(const Progress& progress, std::ostream& stream) {
  stream.write(kMagic.data(), static_cast<std::streamsize>(kMagic.size()));
  put(stream, progress.n_moves);
  put(stream, static_cast<std::uint64_t>(progress.statistics.rows().size()));
  for (const engine::MoveStatistics& row : progress.statistics.rows()) {
    put(stream, static_cast<std::uint64_t>(row.name.size()));
    stream.write(row.name.data(), static_cast<std::streamsize>(row.name.size()));
    for_each_count(row, [&](const char*, const std::uint64_t& count) { put(stream, count); });
    put(stream, current_run(row));
    for_each_number(row, [&](const char*, const double& number) { put(stream, number); });
  }
  put(stream, static_cast<std::uint64_t>(progress.chosen_steps.size()));
  for (const auto& [move, steps] : progress.chosen_steps) put(stream, move), put(stream, steps);
}

Progress read_progress(std::istream& stream) {
  std::string magic(kMagic.size(), '\0');
  if (!stream.read(magic.data(), static_cast<std::streamsize>(magic.size())) || magic != kMagic)
    throw engine::InputError("the checkpoint is not one of a Context with a SaltusIntegrator");
  Progress progress;
  get(stream, progress.n_moves);
  for (std::uint64_t n = get_count(stream, kMaxRows); n > 0; --n) {
    engine::MoveStatistics row;
    row.name.resize(get_count(stream, kMaxName));
    if (!stream.read(row.name.data(), static_cast<std::streamsize>(row.name.size())))
      throw engine::InputError("the checkpoint ends before the data of its SaltusIntegrator do");
    for_each_count(row, [&](const char*, std::uint64_t& count) { get(stream, count); });
    row.current_rejection_run.resize(1);
    get(stream, row.current_rejection_run.front());
    for_each_number(row, [&](const char*, double& number) { get(stream, number); });
    progress.statistics.rows().push_back(std::move(row));
  }
  for (std::uint64_t n = get_count(stream, kMaxRows); n > 0; --n) {
    int move = 0;
    get(stream, move);
    get(stream, progress.chosen_steps[move]);
  }
  return progress;
}

void write_progress(const Progress& progress, OpenMM::SerializationNode& node) {
  node.setLongProperty("moves", static_cast<long long>(progress.n_moves));
  for (const engine::MoveStatistics& row : progress.statistics.rows()) {
    OpenMM::SerializationNode& child = node.createChildNode("Statistics");
    child.setStringProperty("name", row.name);
    for_each_count(row, [&](const char* name, const std::uint64_t& count) {
      child.setLongProperty(name, static_cast<long long>(count));
    });
    child.setLongProperty("currentRejectionRun", static_cast<long long>(current_run(row)));
    for_each_number(row, [&](const char* name, const double& number) {
      child.setDoubleProperty(name, number);
    });
  }
  for (const auto& [move, steps] : progress.chosen_steps)
    node.createChildNode(kChosenSteps).setIntProperty("move", move).setIntProperty("steps", steps);
}

Progress read_progress(const OpenMM::SerializationNode& node) {
  allow_only(node, {"moves", "type"}, {"Statistics", kChosenSteps});
  Progress progress;
  progress.n_moves = static_cast<std::uint64_t>(count_of(node, "moves"));
  for (const OpenMM::SerializationNode& child : node.getChildren()) {
    if (child.getName() == kChosenSteps) {
      allow_only(child, {"move", "steps"}, {});
      progress.chosen_steps[int_of(child, "move")] = int_of(child, "steps");
      continue;
    }
    std::vector<std::string> known = {"name", "currentRejectionRun"};
    engine::MoveStatistics row;
    for_each_count(row, [&](const char* name, const std::uint64_t&) { known.push_back(name); });
    for_each_number(row, [&](const char* name, const double&) { known.push_back(name); });
    allow_only(child, known, {});
    row.name = text_of(child, "name");
    for_each_count(row, [&](const char* name, std::uint64_t& count) {
      count = static_cast<std::uint64_t>(count_of(child, name));
    });
    row.current_rejection_run = {
        static_cast<std::uint64_t>(count_of(child, "currentRejectionRun"))};
    for_each_number(row,
                    [&](const char* name, double& number) { number = number_of(child, name); });
    progress.statistics.rows().push_back(std::move(row));
  }
  return progress;
}

}  // namespace saltus::openmm_plugin
