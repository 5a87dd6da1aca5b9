#include "tests/support/ice_xi.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "engine/dynamics/integrator.h"
#include "engine/lanes/native_energy.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "saltus_test_paths.h"
#include "tests/support/boxes.h"
#include "tests/support/file_content.h"

namespace saltus::tests {

using namespace engine;

namespace {

/// The numbers between `key` and the next `]]`, in their order.
std::vector<double> numbers_of(const std::string& json, const std::string& key) {
  const std::size_t begin = json.find('[', json.find('"' + key + '"'));
  const std::string list = json.substr(begin, json.find("]]", begin) - begin);
  std::vector<double> result;
  for (std::size_t at = 0; at < list.size();) {
    at = list.find_first_of("-0123456789", at);
    if (at == std::string::npos) break;
    char* end = nullptr;
    result.push_back(std::strtod(list.c_str() + at, &end));
    at = static_cast<std::size_t>(end - list.c_str());
  }
  return result;
}

}  // namespace

std::string ice_xi_path(const std::string& name) {
  return std::string(SALTUS_TEST_FIXTURE_DIR) + "/ice_xi/" + name + ".json";
}

std::optional<IceXiFrame> read_ice_xi(const std::string& name, double cutoff_nm) {
  if (!std::filesystem::exists(ice_xi_path(name))) return std::nullopt;
  const std::string json = content_of(ice_xi_path(name));
  IceXiFrame frame;
  frame.positions = numbers_of(json, "positions");
  System& system = frame.system;
  system.box = Box::from_vectors(numbers_of(json, "box"));
  Nonbonded& nonbonded = system.nonbonded.emplace();
  nonbonded.method = NonbondedMethod::kPme;
  nonbonded.cutoff_nm = cutoff_nm;
  nonbonded.switching_distance_nm = 0.9 * cutoff_nm;
  nonbonded.long_range_correction = true;
  for (std::size_t o = 0; o < frame.positions.size() / 3; o += 4) {
    system.masses.insert(system.masses.end(), {15.99943, 1.007947, 1.007947, 0.0});
    nonbonded.particles.insert(nonbonded.particles.end(), {{0.0, 0.316435, 0.680946},
                                                           {0.52422, 1.0, 0.0},
                                                           {0.52422, 1.0, 0.0},
                                                           {-1.04844, 1.0, 0.0}});
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = i + 1; j < 4; ++j)
        nonbonded.exceptions.push_back({o + i, o + j, 0.0, 1.0, 0.0});
    VirtualSite site;
    site.site = o + 3;
    site.parents = {o, o + 1, o + 2};
    site.weights = {0.786646558, 0.106676721, 0.106676721};
    system.virtual_sites.push_back(site);
  }
  return frame;
}

void add_rigid_water(System& system) {
  constexpr double kBond_nm = 0.09572, kHalfAngle_rad = 0.5 * 104.52 / 57.29577951308232;
  for (std::size_t o = 0; o < system.n_atoms(); o += 4) {
    system.constraints.push_back({o, o + 1, kBond_nm});
    system.constraints.push_back({o, o + 2, kBond_nm});
    system.constraints.push_back({o + 1, o + 2, 2.0 * kBond_nm * std::sin(kHalfAngle_rad)});
  }
}

std::optional<IceXiCrystal> ice_xi_crystal() {
  auto frame = read_ice_xi(kIceXiFrame, 0.36678);
  if (!frame) return {};
  IceXiCrystal result;
  result.system = std::move(frame->system);
  result.system.nonbonded->ewald.tolerance = 1e-4;
  add_rigid_water(result.system);
  CoordinateBatch x = in_box(result.system, frame->positions);
  Integrator("test", moving_particles(result.system)).project_positions(x);
  result.bodies = std::make_shared<const RigidBodies>(result.system, x.values(), nullptr);
  result.energy = std::make_shared<NativeEnergy>(result.system, nullptr);
  result.target = std::make_shared<const Canonical>(result.energy, measure_of(result.system));
  result.crystal = std::make_shared<const HarmonicCrystal>(
      result.bodies,
      find_harmonic_minimum(result.bodies, *result.energy, x.values(), result.system.box));
  return result;
}

ChainBatch IceXiCrystal::drawn(std::size_t n_chains, double temperature_K,
                               std::uint64_t seed) const {
  ChainBatch chains(n_chains, system.n_atoms(), {temperature_K});
  chains.positions.set_boxes(start_boxes(system, n_chains));
  for (std::size_t c = 0; c < n_chains; ++c) {
    RandomStream stream({seed, 0}, StreamName::kInitialState, static_cast<std::uint32_t>(c));
    const PoseCoordinates& chart = crystal->coordinates();
    const std::vector<double> zero(chart.size()),
        at = crystal->sample(chains.states[c].beta(), stream);
    for (std::size_t body = 0; body < bodies->size(); ++body)
      bodies->place(body, chart.moved(body, chart.sites()[body], zero, at),
                    chains.positions.chain(c));
  }
  target->refresh(chains);
  return chains;
}

ChainBatch IceXiCrystal::equilibrated(std::size_t n_chains, double temperature_K,
                                      std::uint64_t seed) const {
  ChainBatch chains = drawn(n_chains, temperature_K, seed);
  HamiltonianOptions options;
  options.time_step_ps = 0.003;
  options.n_steps = 20;
  const RigidHamiltonianMonteCarlo hmc(options, bodies);
  for (std::size_t step = 0; step < 10; ++step) hmc.apply(chains, *target, {seed + 1, step});
  return chains;
}

}  // namespace saltus::tests
