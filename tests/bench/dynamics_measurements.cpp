#include "tests/bench/dynamics_measurements.h"

#include <algorithm>
#include <fstream>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/dynamics/integrator.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/langevin.h"
#include "forcefields/openmm/plain_dynamics.h"

namespace saltus::tests {

using engine::ChainBatch;
using engine::Precision;
using SystemPointer = std::shared_ptr<const BenchSystem>;

namespace {

constexpr double kTimeStepPs = 0.001, kFrictionPerPs = 1.0, kTemperatureK = 300.0;
// Long enough that what a call costs beside its steps does not count; the same for all programs.
constexpr std::size_t kStepsPerCall = 50;

// Chains of a molecule under way.
class ManyChains {
 public:
  ManyChains(const BenchSystem& bench, Precision precision, std::size_t n_threads,
             std::size_t n_chains, std::size_t steps_per_call)
      : target_(std::make_shared<engine::NativeEnergy>(
                    bench.system, std::make_shared<engine::ThreadPool>(n_threads), precision),
                engine::ReferenceMeasure::kCartesianUpToRigidMotion),
        move_({kTimeStepPs, kFrictionPerPs, steps_per_call},
              engine::moving_particles(bench.system)),
        chains_(n_chains, bench.system.n_atoms(), {kTemperatureK}) {
    chains_.positions = repeated(bench.configurations, n_chains);
    engine::draw_velocities(chains_, engine::moving_particles(bench.system), key_);
    target_.refresh(chains_);
  }
  void step() {
    ++key_.step;
    move_.apply(chains_, target_, key_);
  }

 private:
  engine::Canonical target_;
  engine::Langevin move_;
  ChainBatch chains_;
  engine::StepKey key_;
};

std::function<void()> saltus_work(const BenchSystem& bench, Precision precision,
                                  std::size_t n_threads) {
  auto chains =
      std::make_shared<ManyChains>(bench, precision, n_threads, kDynamicsChains, kStepsPerCall);
  return [chains] { chains->step(); };
}

std::function<void()> openmm_work(const BenchSystem& bench, const std::string& platform) {
  forcefields::PlainDynamicsOptions options;
  options.platform = {platform, platform == "CPU" ? 1 : 0};
  options.temperature_K = kTemperatureK;
  options.time_step_ps = kTimeStepPs;
  options.friction_per_ps = kFrictionPerPs;
  auto dynamics = std::make_shared<forcefields::PlainDynamics>(
      bench.system, bench.configurations.chain(0), options);
  return [dynamics] { dynamics->step(static_cast<int>(kStepsPerCall)); };
}

std::function<void()> work_of(const BenchSystem& bench, const DynamicsWay& way) {
  if (!way.is_saltus) return openmm_work(bench, way.title);
  const Precision precision =
      way.key.find("single") != std::string::npos ? Precision::kSingle : Precision::kMixed;
  return saltus_work(bench, precision, way.clock == Clock::kWall ? 2 : 1);
}

// A line "VmRSS:   123 kB" of /proc/self/status, in MiB.
double status_MiB(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kB = 0.0; word == name + ":" && status >> kB) return kB / 1024.0;
  throw engine::FileError("/proc/self/status has no " + name +
                          "; memory can be measured on Linux only");
}

// Makes VmHWM, the largest resident set so far, the present one.
void reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;
  if (!file)
    throw engine::FileError(
        "/proc/self/clear_refs cannot be written, without which memory cannot be measured");
}

}  // namespace

const std::vector<DynamicsWay>& dynamics_ways() {
  static const std::vector<DynamicsWay> kWays = [] {
    std::vector<DynamicsWay> ways = {
        {"saltus_single", "Saltus, float", true},
        {"saltus_mixed", "Saltus, mixed", true},
        {"saltus_mixed_2", "Saltus, mixed, 2 threads (wall time)", true, Clock::kWall},
        {"openmm_reference", "Reference"}};
    const auto platforms = forcefields::openmm_platforms();
    if (std::find(platforms.begin(), platforms.end(), "CPU") != platforms.end())
      ways.push_back({"openmm_cpu", "CPU"});
    return ways;
  }();
  return kWays;
}

std::string dynamics_name(const BenchSystem& system, const DynamicsWay& way) {
  return "langevin/" + system.key + "/" + way.key;
}

std::vector<Measurement> dynamics_measurements(SystemPointer bench) {
  std::vector<Measurement> measurements;
  for (const DynamicsWay& way : dynamics_ways()) {
    const std::size_t chains = way.is_saltus ? kDynamicsChains : 1;
    measurements.push_back({dynamics_name(*bench, way),
                            [bench, way] { return work_of(*bench, way); },
                            static_cast<double>(chains * kStepsPerCall), way.clock});
  }
  return measurements;
}

MemoryGrowth measure_memory(const BenchSystem& bench) {
  constexpr std::size_t kChains = 10000;
  reset_peak();
  const double before = status_MiB("VmRSS");
  ManyChains(bench, Precision::kMixed, 1, kChains, 2).step();
  const double peak = status_MiB("VmHWM") - before;
  constexpr double kMiB = 1024.0 * 1024.0;
  const auto n_values = static_cast<double>(2 * 3 * kChains * bench.system.n_atoms());
  return {kChains, peak, n_values * sizeof(double) / kMiB};
}

}  // namespace saltus::tests
