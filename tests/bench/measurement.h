#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace saltus::tests {

/// CPU time of all threads of the process (helpers of OpenMM's CPU platform included), or wall time
/// where several threads work at once.
enum class Clock { kProcessCpu, kWall };

/// One thing to be timed.
struct Measurement {
  std::string name;                                ///< "energy/alanine_vacuum/lanes"
  std::function<std::function<void()>()> prepare;  ///< returns the work, set up and ready
  double units_per_call = 1.0;                     ///< chains, or steps of chains
  Clock clock = Clock::kProcessCpu;
};

/// What was measured, by name of the measurement.
class Results {
 public:
  void add(const std::string& name, double seconds_per_unit);

  bool empty() const { return seconds_.empty(); }
  /// Median over repetitions, seconds a unit; nothing when it was not run.
  std::optional<double> median(const std::string& name) const;
  /// Smallest and largest number of repetitions of a measurement.
  std::size_t min_repetitions() const;
  std::size_t max_repetitions() const;
  /// The measurement whose middle half of repetitions is widest, and that width over its median.
  struct Spread {
    std::string name;
    double relative = 0.0;
  };
  Spread widest_spread() const;

 private:
  std::map<std::string, std::vector<double>> seconds_;
};

/// Hands measurements to Google Benchmark.
void register_measurements(const std::vector<Measurement>& measurements);

/// Runs what was registered and passes the filter, printing as it goes.
Results run_registered();

}  // namespace saltus::tests
