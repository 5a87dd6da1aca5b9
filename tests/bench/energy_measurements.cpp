#include "tests/bench/energy_measurements.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/lanes/lane_blocks.h"
#include "engine/lanes/lane_evaluator.h"
#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "forcefields/openmm/platform.h"
#include "tests/bench/other_programs.h"

namespace saltus::tests {

using engine::CoordinateBatch;
using engine::kLaneWidth;
using engine::Precision;
using SystemPointer = std::shared_ptr<const BenchSystem>;

namespace {

constexpr std::size_t kBatch = kConfigurations;
constexpr const char* kLanes = "lanes";
constexpr const char* kPlain = "plain";
constexpr const char* kRdkit = "rdkit";

// Something that computes a number of configurations at each call; energies [n_units].
struct Evaluation {
  virtual ~Evaluation() = default;
  virtual void run() = 0;
  virtual double first_energy() const = 0;
};

// Blocks [value][lane], packed before the clock starts; forces stay in blocks too.
struct LaneEvaluation final : Evaluation {
  explicit LaneEvaluation(const BenchSystem& bench)
      : evaluator(bench.system),
        scratch(evaluator.make_scratch()),
        stride(3 * evaluator.n_atoms() * kLaneWidth),
        x(kBatch / kLaneWidth * stride),
        energies(kBatch),
        forces(x.size()) {
    for (std::size_t first = 0; first < kBatch; first += kLaneWidth)
      engine::pack_rows(bench.configurations.chain(first).data(), kLaneWidth,
                        3 * evaluator.n_atoms(), x.data() + first / kLaneWidth * stride);
    boxes.set_all(engine::start_boxes(bench.system, kLaneWidth));
  }
  void run() override {
    for (std::size_t block = 0; block < kBatch / kLaneWidth; ++block)
      evaluator.evaluate_single({x.data() + block * stride, kLaneWidth, &boxes},
                                energies.data() + block * kLaneWidth,
                                forces.data() + block * stride, scratch);
  }
  double first_energy() const override { return energies[0]; }

  engine::LaneEvaluator evaluator;
  engine::LaneEvaluator::Scratch scratch;
  std::size_t stride;
  engine::AlignedVector<double> x, energies;
  engine::AlignedVector<float> forces;
  engine::BlockBoxes boxes;
};

// Rows [B, N, 3] through the interface that all energy functions share.
struct RowEvaluation final : Evaluation {
  RowEvaluation(std::unique_ptr<engine::EnergyFunction> function, CoordinateBatch configurations)
      : energy(std::move(function)),
        x(std::move(configurations)),
        energies(x.n_chains()),
        forces(x.values().size()) {}
  void run() override { energy->evaluate(x.view(), energies, forces); }
  double first_energy() const override { return energies[0]; }

  std::unique_ptr<engine::EnergyFunction> energy;
  CoordinateBatch x;
  std::vector<double> energies, forces;
};

struct OtherEvaluation final : Evaluation {
  explicit OtherEvaluation(std::unique_ptr<OtherProgram> other) : program(std::move(other)) {}
  void run() override {
    energy = program->evaluate();
    if (++calls == 1) first = energy;
  }
  double first_energy() const override { return first; }

  std::unique_ptr<OtherProgram> program;
  double energy = 0.0, first = 0.0;
  std::size_t calls = 0;
};

struct RowKind {
  const char* key;
  Precision precision;
};
constexpr RowKind kRowKinds[] = {{"rows_single", Precision::kSingle},
                                 {"rows_mixed", Precision::kMixed},
                                 {"rows_double", Precision::kDouble}};

// Few enough that a call stays in the range of milliseconds.
std::size_t plain_batch(const BenchSystem& bench) { return bench.system.n_atoms() > 100 ? 8 : 64; }

std::unique_ptr<Evaluation> native_rows(const BenchSystem& bench, Precision precision,
                                        std::size_t n_chains,
                                        std::shared_ptr<engine::ThreadPool> pool) {
  return std::make_unique<RowEvaluation>(
      std::make_unique<engine::NativeEnergy>(bench.system, std::move(pool), precision),
      repeated(bench.configurations, n_chains));
}

std::unique_ptr<Evaluation> make_evaluation(const SystemPointer& bench, const Way& way) {
  if (way.key == kLanes) return std::make_unique<LaneEvaluation>(*bench);
  for (const RowKind& kind : kRowKinds)
    if (way.key == kind.key) return native_rows(*bench, kind.precision, kBatch, nullptr);
  if (way.key == kPlain)
    return std::make_unique<RowEvaluation>(
        std::make_unique<engine::PlainEnergy>(bench->system, nullptr),
        repeated(bench->configurations, plain_batch(*bench)));
  return std::make_unique<OtherEvaluation>(way.key == kRdkit ? rdkit_program(bench)
                                                             : openmm_program(bench, way.title));
}

double chains_per_call(const BenchSystem& bench, const Way& way) {
  for (const Way& other : other_ways())
    if (way.key == other.key) return 1.0;
  return static_cast<double>(way.key == kPlain ? plain_batch(bench) : kBatch);
}

// RDKit's only force field here is MMFF94, for which OpenMM has no native forces.
bool applies(const BenchSystem& bench, const Way& way) {
  for (const Way& other : other_ways())
    if (way.key == other.key) return bench.chem.has_value() == (way.key == kRdkit);
  return true;
}

std::vector<Way> all_ways() {
  std::vector<Way> ways = saltus_ways();
  ways.insert(ways.end(), other_ways().begin(), other_ways().end());
  return ways;
}

std::function<void()> work_of(std::shared_ptr<Evaluation> evaluation) {
  return [evaluation] { evaluation->run(); };
}

}  // namespace

const std::vector<Way>& saltus_ways() {
  static const std::vector<Way> kWays = {{kLanes, "blocks, float"},
                                         {"rows_single", "rows, float"},
                                         {"rows_mixed", "rows, mixed"},
                                         {"rows_double", "rows, double"},
                                         {kPlain, "plain double"}};
  return kWays;
}

const std::vector<Way>& other_ways() {
  static const std::vector<Way> kWays = [] {
    std::vector<Way> ways = {{"openmm_reference", "Reference"}};
    const auto platforms = forcefields::openmm_platforms();
    if (std::find(platforms.begin(), platforms.end(), "CPU") != platforms.end())
      ways.push_back({"openmm_cpu", "CPU"});
    ways.push_back({kRdkit, "RDKit"});
    return ways;
  }();
  return kWays;
}

std::string energy_name(const BenchSystem& system, const Way& way) {
  return "energy/" + system.key + "/" + way.key;
}

std::vector<Measurement> energy_measurements(const std::vector<SystemPointer>& systems) {
  std::vector<Measurement> measurements;
  for (const SystemPointer& bench : systems)
    for (const Way& way : all_ways()) {
      if (!applies(*bench, way)) continue;
      measurements.push_back({energy_name(*bench, way),
                              [bench, way] { return work_of(make_evaluation(bench, way)); },
                              chains_per_call(*bench, way)});
    }
  return measurements;
}

void require_agreement(const std::vector<SystemPointer>& systems) {
  // Float arithmetic over the thousands of pairs of the largest system, whose single terms reach
  // hundreds of kJ/mol; a missing term of any kind is farther off.
  constexpr double kToleranceKJPerMol = 0.05;
  for (const SystemPointer& bench : systems) {
    RowEvaluation oracle(std::make_unique<engine::PlainEnergy>(bench->system, nullptr),
                         repeated(bench->configurations, 1));
    oracle.run();
    for (const Way& way : all_ways()) {
      if (!applies(*bench, way)) continue;
      const auto evaluation = make_evaluation(bench, way);
      evaluation->run();
      const double difference = evaluation->first_energy() - oracle.first_energy();
      const double allowed = kToleranceKJPerMol + bench->grid_error_kj_per_mol;
      if (!(std::abs(difference) <= allowed))
        throw engine::NumericalError("benchmark: the energy of " + bench->title + " by " + way.key +
                                     " is " + std::to_string(difference) +
                                     " kJ/mol off PlainEnergy's; speeds of different things are "
                                     "not compared");
    }
  }
}

const std::vector<std::size_t>& batch_sizes() {
  static const std::vector<std::size_t> kSizes = {1, 8, 16, 17, 64, 65, 100, 256, 1024, 4096};
  return kSizes;
}

std::string batch_name(std::size_t n_chains) { return "batch/" + std::to_string(n_chains); }

std::vector<Measurement> batch_measurements(SystemPointer bench) {
  std::vector<Measurement> measurements;
  for (const std::size_t n_chains : batch_sizes())
    measurements.push_back({batch_name(n_chains),
                            [bench, n_chains] {
                              return work_of(
                                  native_rows(*bench, Precision::kMixed, n_chains, nullptr));
                            },
                            static_cast<double>(n_chains)});
  return measurements;
}

const std::vector<std::size_t>& threaded_batch_sizes() {
  static const std::vector<std::size_t> kSizes = {64, 1024, 4096};
  return kSizes;
}

std::string threads_name(std::size_t n_chains, std::size_t n_threads) {
  return "threads/" + std::to_string(n_chains) + "/" + std::to_string(n_threads);
}

std::vector<Measurement> thread_measurements(SystemPointer bench) {
  std::vector<Measurement> measurements;
  for (const std::size_t n_chains : threaded_batch_sizes())
    for (const std::size_t n_threads : {1, 2})
      measurements.push_back({threads_name(n_chains, n_threads),
                              [bench, n_chains, n_threads] {
                                return work_of(
                                    native_rows(*bench, Precision::kMixed, n_chains,
                                                std::make_shared<engine::ThreadPool>(n_threads)));
                              },
                              static_cast<double>(n_chains), Clock::kWall});
  return measurements;
}

}  // namespace saltus::tests
