#include "tests/bench/measurement.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "tests/bench/benchmark_version_detail.h"

namespace saltus::tests {

namespace {

// p between 0 and 1, by linear interpolation.
double quantile(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double place = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

// Fills caches and lets the clock of the processor settle.
void warm_up(const std::function<void()>& work) {
  using Time = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kEnough(10);
  const auto start = Time::now();
  do {
    work();
  } while (Time::now() - start < kEnough);
}

void run(const Measurement& measurement, benchmark::State& state) {
  const std::function<void()> work = measurement.prepare();
  warm_up(work);
  for (auto _ : state) work();
  state.SetItemsProcessed(static_cast<std::int64_t>(static_cast<double>(state.iterations()) *
                                                    measurement.units_per_call));
}

// Prints to the console and keeps the time of every repetition.
class KeepingReporter final : public benchmark::ConsoleReporter {
 public:
  KeepingReporter() : ConsoleReporter(OO_Tabular) {}
  const Results& results() const { return results_; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto rate = run.counters.find("items_per_second");
      if (run.run_type != Run::RT_Iteration || detail::gave_up(run, 0) ||
          rate == run.counters.end())
        continue;
      results_.add(run.run_name.function_name, 1.0 / rate->second.value);
    }
    std::vector<Run> shown;
    for (const Run& run : runs)
      if (run.repetitions <= 1 || run.aggregate_name == "median") shown.push_back(run);
    if (!shown.empty()) ConsoleReporter::ReportRuns(shown);
  }

 private:
  Results results_;
};

}  // namespace

void Results::add(const std::string& name, double seconds_per_unit) {
  seconds_[name].push_back(seconds_per_unit);
}

std::optional<double> Results::median(const std::string& name) const {
  const auto found = seconds_.find(name);
  if (found == seconds_.end()) return std::nullopt;
  return quantile(found->second, 0.5);
}

std::size_t Results::min_repetitions() const {
  std::size_t min = empty() ? 0 : seconds_.begin()->second.size();
  for (const auto& [name, seconds] : seconds_) min = std::min(min, seconds.size());
  return min;
}

std::size_t Results::max_repetitions() const {
  std::size_t max = 0;
  for (const auto& [name, seconds] : seconds_) max = std::max(max, seconds.size());
  return max;
}

Results::Spread Results::widest_spread() const {
  Spread widest;
  for (const auto& [name, seconds] : seconds_) {
    const double width =
        (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / quantile(seconds, 0.5);
    if (widest.name.empty() || width > widest.relative) widest = {name, width};
  }
  return widest;
}

void register_measurements(const std::vector<Measurement>& measurements) {
  for (const Measurement& measurement : measurements) {
    auto* registered = benchmark::RegisterBenchmark(
        measurement.name.c_str(),
        [measurement](benchmark::State& state) { run(measurement, state); });
    registered->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime();
    if (measurement.clock == Clock::kWall) registered->UseRealTime();
  }
}

Results run_registered() {
  KeepingReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return reporter.results();
}

}  // namespace saltus::tests
