// How well a rigid-body flow leads ice XI (TIP4P-Ew, all molecules of one box) from 250 K to 100 K:
// see tests/README.md. saltus_rigid_flow_benchmark FRAME.json [--NAME NUMBER ...] [--save MODEL]
// The frame: {"positions": [[x, y, z], ...] of O, H, H, M of each molecule, "box": [3][3]}, nm.
#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/core/elapsed.h"
#include "engine/core/error.h"
#include "engine/core/units.h"
#include "engine/diagnostics/free_energy.h"
#include "engine/diagnostics/reweighting.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "mlsamplers/rigid/rigid_flow_map.h"
#include "mlsamplers/rigid/rigid_flow_trainer.h"
#include "tests/bench/bench_main.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::FlowDirection;

constexpr double kBase_K = 250.0, kTarget_K = 100.0;
/// MBAR over five temperatures of published samples of 16 molecules (arXiv:2301.11355).
constexpr double kPublished = -669.711, kPublishedError = 0.054;

struct Frame {
  System system;
  std::vector<double> positions;
};

/// TIP4P-Ew (Horn et al., J. Chem. Phys. 120, 9665 (2004), doi:10.1063/1.1683075) as OpenMM
/// has it.
Frame water(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw FileError(path + ": cannot be opened");
  const auto json = nlohmann::json::parse(stream);
  Frame frame;
  System& system = frame.system;
  for (const auto& position : json.at("positions"))
    for (const auto& value : position) frame.positions.push_back(value.get<double>());
  std::vector<double> rows;
  for (const auto& row : json.at("box"))
    for (const auto& value : row) rows.push_back(value.get<double>());
  system.box = Box::from_vectors(rows);
  Nonbonded nonbonded;
  nonbonded.method = NonbondedMethod::kPme;
  // Half the shortest edge, and a little less.
  nonbonded.cutoff_nm = 0.4999859 * system.box->shortest_width();
  nonbonded.switching_distance_nm = 0.9 * nonbonded.cutoff_nm;
  nonbonded.ewald.tolerance = 1e-4;
  nonbonded.long_range_correction = true;
  constexpr double kBond_nm = 0.09572, kAngle = 104.52 * kRadianPerDegree;
  constexpr double kOfOxygen = 0.786646558, kOfHydrogen = 0.106676721;
  for (std::size_t o = 0; o < frame.positions.size() / 3; o += 4) {
    system.masses.insert(system.masses.end(), {15.99943, 1.007947, 1.007947, 0.0});
    nonbonded.particles.push_back({0.0, 0.316435, 0.680946});
    nonbonded.particles.push_back({0.52422, 1.0, 0.0});
    nonbonded.particles.push_back({0.52422, 1.0, 0.0});
    nonbonded.particles.push_back({-1.04844, 1.0, 0.0});
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = i + 1; j < 4; ++j)
        nonbonded.exceptions.push_back({o + i, o + j, 0.0, 1.0, 0.0});
    system.constraints.push_back({o, o + 1, kBond_nm});
    system.constraints.push_back({o, o + 2, kBond_nm});
    system.constraints.push_back({o + 1, o + 2, 2.0 * kBond_nm * std::sin(0.5 * kAngle)});
    VirtualSite site;
    site.site = o + 3;
    site.parents = {o, o + 1, o + 2};
    site.weights = {kOfOxygen, kOfHydrogen, kOfHydrogen};
    system.virtual_sites.push_back(site);
  }
  system.nonbonded = nonbonded;
  return frame;
}

/// Samples of one temperature, chain by chain.
CoordinateBatch sample(const Frame& frame, const std::shared_ptr<const RigidBodies>& bodies,
                       const Canonical& target, double temperature_K,
                       std::map<std::string, std::size_t>& options) {
  const std::size_t n_chains = options["chains"], n_samples = options["samples"],
                    stride = options["stride"];
  HamiltonianOptions trajectory;
  trajectory.time_step_ps = 0.004;
  trajectory.n_steps = 25;
  const RigidHamiltonianMonteCarlo move(trajectory, bodies);
  ChainBatch chains(n_chains, frame.system.n_atoms(), {temperature_K});
  chains.positions.set_boxes(start_boxes(frame.system, n_chains));
  std::vector<double> start = frame.positions;
  const ConstCoordinates one = {start.data(), 1, frame.system.n_atoms()};
  const auto poses = bodies->poses(one, 0);
  for (std::size_t c = 0; c < n_chains; ++c)
    for (std::size_t body = 0; body < bodies->size(); ++body)
      bodies->place(body, poses[body], chains.positions.chain(c));
  target.refresh(chains);
  if (temperature_K == kBase_K)
    fmt::print("energy of the frame: {:.4f} kJ/mol\n", chains.energies[0]);
  CoordinateBatch result = CoordinateBatch::like(chains.positions.view(), n_chains * n_samples);
  double accepted = 0.0, sum = 0.0, square = 0.0;
  const auto clock = std::chrono::steady_clock::now();
  const auto seed = static_cast<std::uint64_t>(temperature_K);
  const std::size_t n_steps = options["burn"] + n_samples * stride;
  for (std::size_t step = 0; step < n_steps; ++step) {
    const auto info = move.apply(chains, target, {seed, step});
    const auto& outcomes = info.records.at(0).outcomes;
    accepted +=
        static_cast<double>(std::count(outcomes.begin(), outcomes.end(), Outcome::kAccepted));
    if (step < options["burn"] || (step - options["burn"]) % stride != 0) continue;
    const std::size_t k = (step - options["burn"]) / stride;
    for (std::size_t c = 0; c < n_chains; ++c)
      result.copy_chain(chains.positions.view(), c, c * n_samples + k);
    for (const double energy : chains.energies) sum += energy, square += energy * energy;
  }
  const auto n = static_cast<double>(n_chains * n_samples);
  fmt::print(
      "{} K: {} samples of {} chains, mean energy {:.2f}, deviation {:.2f} kJ/mol, {:.2f} "
      "of trajectories accepted, {:.0f} s\n",
      temperature_K, n_chains * n_samples, n_chains, sum / n,
      std::sqrt(square / n - sum * sum / n / n), accepted / static_cast<double>(n_steps * n_chains),
      seconds_since(clock));
  return result;
}

void report(const std::vector<double>& there, const std::vector<double>& back,
            std::size_t block_size, std::size_t n_molecules) {
  constexpr BootstrapOptions kDraws = {200, 1};
  const auto n = static_cast<double>(there.size());
  const double loss = std::accumulate(there.begin(), there.end(), 0.0) / n;
  std::vector<double> log_weights = there;
  for (double& w : log_weights) w = -w;
  const auto perturbation = perturbation_free_energy({there, block_size}, kDraws);
  const auto ratio = acceptance_ratio_free_energy({there, block_size}, {back, block_size}, kDraws);
  double accepted = 0.0;
  for (std::size_t i = 0; i < there.size(); ++i)
    accepted += std::min(1.0, std::exp(-there[i] - back[i])) / n;
  fmt::print("loss {:.3f}, divergence from BAR {:.3f} nats\n", loss, loss - ratio.value);
  fmt::print("effective samples {:.4f} of all\n", kish_effective_sample_size(log_weights) / n);
  fmt::print("perturbation {:.3f} +- {:.3f}\n", perturbation.value, perturbation.error);
  fmt::print("BAR {:.3f} +- {:.3f}, {:.4f} by molecule\n", ratio.value, ratio.error,
             ratio.value / static_cast<double>(n_molecules));
  fmt::print("overlap {:.4f}, exchanges accepted {:.3f}\n",
             work_overlap({there, block_size}, {back, block_size}, ratio.value), accepted);
  fmt::print("published, of 16 molecules: {} +- {}\n", kPublished, kPublishedError);
}

void run(const std::vector<std::string>& arguments) {
  std::map<std::string, std::size_t> options = {
      {"chains", 64}, {"samples", 64}, {"stride", 4},  {"burn", 100},    {"epochs", 10},
      {"steps", 300}, {"batch", 32},   {"hidden", 32}, {"couplings", 4}, {"rate-per-million", 100}};
  std::string path, save;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].rfind("--", 0) != 0) {
      path = arguments[i];
      continue;
    }
    const std::string name = arguments[i].substr(2);
    if (i + 1 == arguments.size() || (name != "save" && options.count(name) == 0))
      throw UsageError("saltus_rigid_flow_benchmark: --" + name + " is unknown, or has no value");
    ++i;
    if (name == "save")
      save = arguments[i];
    else
      options[name] = std::stoul(arguments[i]);
  }
  if (path.empty()) throw UsageError("saltus_rigid_flow_benchmark FRAME.json [--NAME NUMBER ...]");
  const Frame frame = water(path);
  const auto bodies = std::make_shared<const RigidBodies>(frame.system, frame.positions, nullptr);
  const auto energy = std::make_shared<NativeEnergy>(frame.system, nullptr, Precision::kDouble);
  const Canonical target(energy, measure_of(frame.system));
  const CoordinateBatch base = sample(frame, bodies, target, kBase_K, options),
                        cold = sample(frame, bodies, target, kTarget_K, options);
  // A quarter of the chains is held out: half of it chooses weights, half of it is for the end.
  const std::size_t n_samples = options["samples"], eighth = options["chains"] / 8 * n_samples;
  const ConstCoordinates all = base.view();
  const ConstCoordinates training = all.slice(0, all.n_chains - 2 * eighth),
                         choosing = all.slice(training.n_chains, eighth),
                         last = all.slice(training.n_chains + eighth, eighth);
  mlsamplers::RigidFlowShape shape;
  shape.hidden = options["hidden"];
  shape.n_couplings = options["couplings"];
  const auto edges = frame.system.box->edges_nm();
  mlsamplers::ModelCard card;
  card.force_field = "TIP4P-Ew";
  card.force_field_digest = mlsamplers::force_field_digest(frame.system);
  card.measure = name_of(bodies->measure());
  auto model = mlsamplers::rigid_flow_for(mlsamplers::poses_of(*bodies, training),
                                          {kBase_K, kTarget_K, edges}, shape, card, {1, 0});
  mlsamplers::RigidFlowTrainingOptions schedule;
  schedule.n_epochs = options["epochs"];
  schedule.steps_per_epoch = options["steps"];
  schedule.batch_size = options["batch"];
  schedule.first_rate = 1e-6 * static_cast<double>(options["rate-per-million"]);
  schedule.last_rate = 0.01 * schedule.first_rate;
  const auto clock = std::chrono::steady_clock::now();
  const double cpu = process_cpu_seconds();
  train_rigid_flow(model, *bodies, *energy, {{training, choosing}, {}}, schedule,
                   [&](const mlsamplers::RigidFlowScore& score) {
                     fmt::print(
                         "step {:6}: loss {:.3f}, held out {:.3f}, effective samples "
                         "{:.4f}, {:.0f} s, {:.0f} CPU s\n",
                         score.step, score.training, score.held_out, score.held_out_samples,
                         seconds_since(clock), process_cpu_seconds() - cpu);
                     std::fflush(stdout);
                   });
  if (!save.empty()) mlsamplers::save_rigid_flow(model, save);
  const auto there = flow_work(model, *bodies, *energy, last, FlowDirection::kToTarget),
             back = flow_work(model, *bodies, *energy, cold.view().slice(0, last.n_chains),
                              FlowDirection::kToBase);
  report(there, back, n_samples, bodies->size());
}

}  // namespace
}  // namespace saltus::tests

int main(int argc, char** argv) {
  return saltus::tests::bench_main(argc, argv, saltus::tests::run);
}
