#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/bench/bench_systems.h"
#include "tests/bench/measurement.h"

namespace saltus::tests {

/// A program that runs Langevin dynamics (LangevinMiddle, 1 fs, 300 K, 1/ps), and its name for
/// tables.
struct DynamicsWay {
  std::string key, title;
  bool is_saltus = false;
  Clock clock = Clock::kProcessCpu;
};

/// Saltus on one thread in float and mixed precision, on two threads (wall time), and OpenMM.
const std::vector<DynamicsWay>& dynamics_ways();

/// "langevin/<system>/<way>".
std::string dynamics_name(const BenchSystem& system, const DynamicsWay& way);

/// A unit is one step of one chain. Saltus moves many chains at once, OpenMM one.
std::vector<Measurement> dynamics_measurements(std::shared_ptr<const BenchSystem> system);

constexpr std::size_t kDynamicsChains = 1024;

/// Memory that many chains of dynamics add to the process.
struct MemoryGrowth {
  std::size_t n_chains = 0;
  double peak_MiB = 0.0;       ///< largest resident set during the work, less the one before it
  double positions_MiB = 0.0;  ///< positions and velocities alone
};

/// Makes 10,000 chains, an energy function and a Langevin move, and takes two steps. To be called
/// before much has been freed, as memory that is used again does not show.
/// @throws FileError  when the system does not tell (outside Linux)
MemoryGrowth measure_memory(const BenchSystem& system);

}  // namespace saltus::tests
