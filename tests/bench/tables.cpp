#include "tests/bench/tables.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/lanes/instruction_set.h"
#include "saltus_version.h"
#include "tests/bench/energy_measurements.h"
#include "tests/bench/leap_measurements.h"
#include "tests/support/library_versions.h"

namespace saltus::tests {

namespace {

using Seconds = std::optional<double>;
using Systems = std::vector<std::shared_ptr<const BenchSystem>>;

constexpr const char* kNothing = "-";

// Two significant digits: more is not known.
std::string text_of(double value) {
  const int magnitude = value > 0.0 ? static_cast<int>(std::floor(std::log10(value))) : 0;
  const double unit = std::pow(10.0, magnitude - 1);
  std::ostringstream text;
  text.precision(std::max(0, 1 - magnitude));
  text << std::fixed << std::round(value / unit) * unit;
  std::string digits = text.str();
  for (std::size_t end = digits.find('.') == std::string::npos ? digits.size() : 0; end > 3;)
    digits.insert(end -= 3, ",");
  return digits;
}

std::string microseconds(Seconds seconds) { return seconds ? text_of(*seconds * 1e6) : kNothing; }

std::string steps_per_second(Seconds seconds) {
  return seconds ? text_of(1.0 / *seconds) : kNothing;
}

// How many times faster the first is.
std::string ratio(Seconds ours, Seconds theirs) {
  return ours && theirs ? "**" + text_of(*theirs / *ours) + "**" : kNothing;
}

std::string percent(double fraction) {
  return std::to_string(std::lround(100.0 * fraction)) + " %";
}

// A Markdown table without rows of nothing; empty when there are none.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  void add(std::vector<std::string> row) {
    for (std::size_t i = 1; i < row.size(); ++i)
      if (row[i] != kNothing) {
        rows_.push_back(std::move(row));
        return;
      }
  }
  std::string text(const std::string& title) const {
    if (rows_.empty()) return {};
    std::string lines = "\n" + title + "\n\n" + line(header_) + "|";
    for (std::size_t i = 0; i < header_.size(); ++i) lines += i == 0 ? " --- |" : " ---: |";
    lines += "\n";
    for (const auto& row : rows_) lines += line(row);
    return lines;
  }

 private:
  static std::string line(const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    return text + "\n";
  }
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

std::string other_title(const std::string& title) {
  return title == "RDKit" ? title : "OpenMM " + title;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "an unnamed processor";
}

std::string repetitions(const Results& results) {
  const std::size_t min = results.min_repetitions(), max = results.max_repetitions();
  if (max <= 1) return "Single measurements, not medians";
  return "Medians of " + std::to_string(min) + (min == max ? "" : " to " + std::to_string(max)) +
         " repetitions";
}

std::string preamble(const Results& results) {
  const Results::Spread spread = results.widest_spread();
  return repetitions(results) + " in one process on " + processor() + ", vectors of " +
         engine::chosen_instruction_set() +
         "; CPU time of one thread where nothing else is said. Saltus " SALTUS_VERSION
         " (" SALTUS_COMPILER "), OpenMM " +
         openmm_version() + ", RDKit " + rdkit_version() +
         ". The middle half of the repetitions spreads over " + percent(spread.relative) +
         " of the median at most (`" + spread.name + "`).\n";
}

std::string energy_table(const Systems& systems, const Results& results) {
  std::vector<std::string> header = {"energy and forces, µs a chain"};
  for (const Way& way : saltus_ways()) header.push_back(way.title);
  for (const Way& way : other_ways()) header.push_back(other_title(way.title));
  Table table(header);
  for (const auto& bench : systems) {
    std::vector<std::string> row = {bench->title};
    for (const auto* ways : {&saltus_ways(), &other_ways()})
      for (const Way& way : *ways)
        row.push_back(microseconds(results.median(energy_name(*bench, way))));
    table.add(row);
  }
  return table.text("Saltus (five ways) and others:");
}

std::string energy_ratios(const Systems& systems, const Results& results) {
  std::vector<std::string> header = {"so many times faster than"};
  std::vector<Way> ours = saltus_ways(), theirs = other_ways();
  const Way plain = ours.back();
  ours.pop_back();
  for (const Way& way : ours) header.push_back(way.title);
  Table table(header);
  const auto add = [&](const BenchSystem& bench, const Way& other, const std::string& title) {
    std::vector<std::string> row = {bench.title + ": " + title};
    for (const Way& way : ours)
      row.push_back(ratio(results.median(energy_name(bench, way)),
                          results.median(energy_name(bench, other))));
    table.add(row);
  };
  for (const auto& bench : systems) {
    for (const Way& other : theirs) add(*bench, other, other_title(other.title));
    add(*bench, plain, "Saltus, " + plain.title);
  }
  return table.text(
      "Ratios of these times (OpenMM Reference and RDKit compute in double, OpenMM CPU in float); "
      "Saltus is:");
}

std::string dynamics_table(const Systems& systems, const Results& results) {
  std::vector<std::string> header = {"Langevin steps a second"};
  for (const DynamicsWay& way : dynamics_ways())
    header.push_back(way.is_saltus ? way.title : other_title(way.title));
  Table steps(header);
  header = {"so many times faster than"};
  for (const DynamicsWay& way : dynamics_ways())
    if (!way.is_saltus) header.push_back(other_title(way.title));
  Table ratios(header);
  for (const char* key : {kSmallVacuum, kSmallSolvated}) {
    const BenchSystem& bench = *find_system(systems, key);
    const auto time = [&](const DynamicsWay& way) {
      return results.median(dynamics_name(bench, way));
    };
    std::vector<std::string> row = {bench.title};
    for (const DynamicsWay& way : dynamics_ways()) row.push_back(steps_per_second(time(way)));
    steps.add(row);
    for (const DynamicsWay& way : dynamics_ways()) {
      if (!way.is_saltus || way.clock != Clock::kProcessCpu) continue;
      row = {bench.title + ": " + way.title};
      for (const DynamicsWay& other : dynamics_ways())
        if (!other.is_saltus) row.push_back(ratio(time(way), time(other)));
      ratios.add(row);
    }
  }
  return steps.text("LangevinMiddle, 1 fs, all chains together (Saltus: " +
                    std::to_string(kDynamicsChains) + " chains, OpenMM: one):") +
         ratios.text("Ratios of these; Saltus is:");
}

std::string batch_table(const Results& results) {
  Seconds best;
  for (const std::size_t n : batch_sizes())
    if (const Seconds time = results.median(batch_name(n)); time && (!best || *time < *best))
      best = time;
  Table table({"chains in the batch", "µs a chain", "of the best rate"});
  for (const std::size_t n : batch_sizes())
    if (const Seconds time = results.median(batch_name(n)))
      table.add({std::to_string(n), microseconds(time), percent(*best / *time)});
  return table.text("Energy and forces by batch (22 atoms, OBC2, rows, mixed; blocks hold 16):");
}

std::string thread_table(const Results& results) {
  Table table({"chains in the batch", "1 thread, µs a chain", "2 threads", "times faster"});
  for (const std::size_t n : threaded_batch_sizes()) {
    const Seconds one = results.median(threads_name(n, 1)),
                  two = results.median(threads_name(n, 2));
    table.add({std::to_string(n), microseconds(one), microseconds(two), ratio(two, one)});
  }
  return table.text("The same on one and two threads, wall time (means little on a busy machine):");
}

std::string leap_table(const Results& results) {
  const std::string chains = std::to_string(kLeapChains) + " chains";
  Table table({"proposal", "draw, µs a chain", "energy in double", "times as much"});
  const auto add = [&](const std::string& title, const char* draw_name, const char* energy_name) {
    const Seconds draw = results.median(draw_name), energy = results.median(energy_name);
    table.add(
        {title + ", " + chains, microseconds(draw), microseconds(energy), ratio(energy, draw)});
  };
  add("leap of alanine dipeptide, OBC2", kLeapName, kLeapEnergyName);
  add("reset of one torsion of atenolol, MMFF94", kTorsionResetName, kTorsionResetEnergyName);
  return table.text("Learned proposals (draw and both densities) and one energy without forces:");
}

std::string memory_line(const MemoryGrowth& memory) {
  return "\nMemory: " + std::to_string(memory.n_chains) +
         " chains of 22 atoms, their energy function and Langevin steps add " +
         text_of(memory.peak_MiB) +
         " MiB to the process at most; their positions and velocities are " +
         text_of(memory.positions_MiB) + " MiB of it.\n";
}

}  // namespace

std::string markdown_tables(const Systems& systems, const Results& results,
                            const MemoryGrowth& memory) {
  return preamble(results) + energy_table(systems, results) + energy_ratios(systems, results) +
         dynamics_table(systems, results) + leap_table(results) + batch_table(results) +
         thread_table(results) + memory_line(memory);
}

}  // namespace saltus::tests
