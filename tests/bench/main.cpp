// Speed of Saltus beside OpenMM and RDKit, on the same molecules and configurations in one process.
// saltus_benchmark [--table FILE] [options of Google Benchmark; --help lists them]
#include <benchmark/benchmark.h>

#include <fstream>
#include <iostream>

#include "engine/core/error.h"
#include "engine/lanes/instruction_set.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/energy_measurements.h"
#include "tests/bench/leap_measurements.h"
#include "tests/bench/tables.h"

namespace saltus::tests {
namespace {

// Takes "--table FILE" out of the arguments.
std::string take_table_option(std::vector<std::string>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] != "--table") continue;
    if (i + 1 == arguments.size())
      throw engine::UsageError("saltus_benchmark: --table needs the name of a file");
    const std::string path = arguments[i + 1];
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    return path;
  }
  return {};
}

// Random order spreads whatever else the machine does over all measurements. Options of the user
// come later and win.
// Google Benchmark keeps a pointer to the first argument.
void initialise(std::vector<std::string>& arguments) {
  const std::vector<std::string> defaults = {"--benchmark_repetitions=9",
                                             "--benchmark_min_time=0.03",
                                             "--benchmark_enable_random_interleaving=true"};
  arguments.insert(arguments.begin() + 1, defaults.begin(), defaults.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (count > 1)
    throw engine::UsageError("saltus_benchmark: unknown option " + std::string(pointers[1]) +
                             "; --table FILE and the options of --help are known");
}

void write_table(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  if (!file) throw engine::FileError(path + " cannot be written");
}

void run(std::vector<std::string> arguments) {
  const std::string path = take_table_option(arguments);
  initialise(arguments);
  engine::choose_instruction_set();
  const auto systems = load_bench_systems();
  const auto small = find_system(systems, kSmallSolvated);
  const MemoryGrowth memory = measure_memory(*small);
  require_agreement(systems);

  register_measurements(energy_measurements(systems));
  for (const char* key : {kSmallVacuum, kSmallSolvated})
    register_measurements(dynamics_measurements(find_system(systems, key)));
  register_measurements(leap_measurements(small));
  register_measurements(torsion_reset_measurements(find_system(systems, kDrug)));
  register_measurements(batch_measurements(small));
  register_measurements(thread_measurements(small));
  const Results results = run_registered();
  if (results.empty())
    throw engine::UsageError("saltus_benchmark: nothing was measured; no name fits the filter");
  const std::string table = markdown_tables(systems, results, memory);
  std::cout << '\n' << table;
  if (!path.empty()) write_table(path, table);
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  using namespace saltus::tests;
  return bench_main(argc, argv, [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "saltus_benchmark");  // Google Benchmark wants its name
    run(arguments);
  });
}
