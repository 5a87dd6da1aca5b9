// Oracle: the mean of the virial pressure at constant pressure is that pressure, for any number of
// atoms; the published equation of state of the Lennard-Jones fluid. Minutes; ctest -L long.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "engine/core/text.h"
#include "engine/ensemble/isobaric.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/volume_change.h"
#include "engine/run/simulation.h"
#include "tests/exactness/volume_bugs.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Pressure of the Lennard-Jones fluid in units of epsilon / sigma^3: the modified
/// Benedict-Webb-Rubin equation of Johnson, Zollweg, Gubbins, Mol. Phys. 78, 591 (1993), equation 7
/// and table 10, doi:10.1080/00268979300100411. Fits simulations of the fluid to half a per cent.
double equation_of_state(double density, double t) {
  constexpr std::array<double, 33> x = {0.0,
                                        0.8623085097507421,
                                        2.976218765822098,
                                        -8.402230115796038,
                                        0.1054136629203555,
                                        -0.8564583828174598,
                                        1.582759470107601,
                                        0.7639421948305453,
                                        1.753173414312048,
                                        2798.291772190376,
                                        -0.048394220260857657,
                                        0.9963265197721935,
                                        -36.98000291272493,
                                        20.84012299434647,
                                        83.05402124717285,
                                        -957.4799715203068,
                                        -147.7746229234994,
                                        63.98607852471505,
                                        16.03993673294834,
                                        68.05916615864377,
                                        -2791.293578795945,
                                        -6.245128304568454,
                                        -8116.836104958410,
                                        14.88735559561229,
                                        -10593.46754655084,
                                        -113.1607632802822,
                                        -8867.771540418822,
                                        -39.86982844450543,
                                        -4689.270299917261,
                                        259.3535277438717,
                                        -2694.523589434903,
                                        -721.8487631550215,
                                        172.1802063863269};
  const double t2 = t * t, t3 = t2 * t, t4 = t2 * t2;
  const double a[8] = {x[1] * t + x[2] * std::sqrt(t) + x[3] + x[4] / t + x[5] / t2,
                       x[6] * t + x[7] + x[8] / t + x[9] / t2,
                       x[10] * t + x[11] + x[12] / t,
                       x[13],
                       x[14] / t + x[15] / t2,
                       x[16] / t,
                       x[17] / t + x[18] / t2,
                       x[19] / t2};
  const double b[6] = {x[20] / t2 + x[21] / t3, x[22] / t2 + x[23] / t4,
                       x[24] / t2 + x[25] / t3, x[26] / t2 + x[27] / t4,
                       x[28] / t2 + x[29] / t3, x[30] / t2 + x[31] / t3 + x[32] / t4};
  constexpr double kGamma = 3.0;
  double sum = density * t;
  for (int i = 0; i < 8; ++i) sum += a[i] * std::pow(density, i + 2);
  for (int i = 0; i < 6; ++i)
    sum += b[i] * std::pow(density, 2 * i + 3) * std::exp(-kGamma * density * density);
  return sum;
}

constexpr double kSigma_nm = 0.34, kEpsilon = 0.996, kTemperature = 2.0, kDensity = 0.5;
constexpr std::size_t kEdge = 5, kAtoms = kEdge * kEdge * kEdge, kChains = 32;

/// Argon, a supercritical fluid.
struct Fluid {
  Fluid() {
    system.masses.assign(kAtoms, 40.0);
    topology.residues = {{"AR", "", 1, ""}};
    topology.atoms.assign(kAtoms, {"AR", 18, 0});
    const double edge = kSigma_nm * std::cbrt(static_cast<double>(kAtoms) / kDensity);
    system.box = Box({edge, edge, edge});
    Nonbonded& nonbonded = system.nonbonded.emplace();
    nonbonded.particles.assign(kAtoms, {0.0, kSigma_nm, kEpsilon});
    nonbonded.method = NonbondedMethod::kCutoffPeriodic;
    nonbonded.cutoff_nm = 2.5 * kSigma_nm;
    nonbonded.switching_distance_nm = 2.2 * kSigma_nm;
    nonbonded.long_range_correction = true;
  }

  /// On a lattice.
  ChainBatch chains(const ThermodynamicState& state) const {
    ChainBatch result(kChains, kAtoms, state);
    result.positions.set_boxes(start_boxes(system, kChains));
    const double spacing = system.box->ax / static_cast<double>(kEdge);
    for (std::size_t c = 0; c < kChains; ++c)
      for (std::size_t n = 0; n < kAtoms; ++n) {
        const std::size_t place[3] = {n % kEdge, n / kEdge % kEdge, n / kEdge / kEdge};
        for (std::size_t k = 0; k < 3; ++k)
          result.positions.chain(c)[3 * n + k] = spacing * static_cast<double>(place[k]);
      }
    return result;
  }

  Topology topology;
  System system;
};

/// N k_B T / V - dU/dV of each chain, by a difference of energies, in bar.
std::vector<double> virial_pressures(const EnergyFunction& energy, const ChainBatch& chains) {
  constexpr double kStep = 1e-4;  // of ln V; errors of order step^2
  std::vector<double> energies[2];
  for (int side = 0; side < 2; ++side) {
    const double factor = std::exp((side == 0 ? -kStep : kStep) / 3.0);
    CoordinateBatch x = chains.positions;
    for (double& value : x.values()) value *= factor;
    std::vector<Box> boxes = x.boxes();
    for (Box& box : boxes) box = box.stretched({factor, factor, factor});
    x.set_boxes(boxes);
    energies[side].resize(kChains);
    energy.evaluate(x.view(), energies[side], {});
  }
  std::vector<double> result;
  for (std::size_t c = 0; c < kChains; ++c) {
    const double slope = (energies[1][c] - energies[0][c]) / (2.0 * kStep);
    result.push_back((static_cast<double>(kAtoms) / chains.states[c].beta() - slope) /
                     (chains.positions.boxes()[c].volume() * kKJPerBarNm3));
  }
  return result;
}

/// Mean of the chains' means, and its standard error.
struct Estimate {
  double mean = 0.0, error = 0.0;
};

Estimate estimate(const std::vector<double>& means) {
  const double n = static_cast<double>(means.size());
  Estimate result{std::accumulate(means.begin(), means.end(), 0.0) / n, 0.0};
  for (const double mean : means) result.error += std::pow(mean - result.mean, 2);
  result.error = std::sqrt(result.error / (n * (n - 1.0)));
  return result;
}

struct Measured {
  Estimate pressure_bar, volume_nm3;
};

/// The fluid at a pressure, with a number of molecules that may be wrong in the ratio.
Measured run(double pressure_bar, double miscount, std::uint64_t seed) {
  constexpr std::size_t kSteps = 10000, kDiscarded = 500;
  const Fluid fluid;
  const auto energy = std::make_shared<NativeEnergy>(fluid.system, nullptr, Precision::kDouble);
  const Isobaric target(energy);
  ChainBatch chains = fluid.chains({kTemperature * kEpsilon / kGasConstant, pressure_bar});
  target.refresh(chains);
  HamiltonianOptions trajectories;
  trajectories.time_step_ps = 0.025;
  trajectories.n_steps = 8;
  std::vector<Sequence::Part> parts;
  parts.push_back(
      {std::make_shared<HamiltonianMonteCarlo>(trajectories, moving_particles(fluid.system))});
  parts.push_back(
      {std::make_shared<Metropolis>(std::make_shared<MiscountingVolumeChange>(
           VolumeChange({VolumeMode::kIsotropic, 0.1}, fluid.topology, fluid.system), miscount)),
       2});
  SimulationOptions options;
  options.seed = test_seed(seed);
  options.n_steps = kSteps;
  Simulation simulation(std::make_shared<Sequence>(std::move(parts)), target, options);
  std::vector<double> pressures(kChains, 0.0), volumes(kChains, 0.0);
  simulation.add_reporter(
      every(1, [&](std::uint64_t step, const ChainBatch& now, const TransitionInfo&) {
        if (step <= kDiscarded) return;
        const std::vector<double> virial = virial_pressures(*energy, now);
        for (std::size_t c = 0; c < kChains; ++c) {
          pressures[c] += virial[c] / (kSteps - kDiscarded);
          volumes[c] += now.positions.boxes()[c].volume() / (kSteps - kDiscarded);
        }
      }));
  simulation.run(chains, {});
  for (const MoveStatistics& row : simulation.statistics().rows())
    testing::Test::RecordProperty(row.name, fixed_text(row.acceptance(), 3));
  return {estimate(pressures), estimate(volumes)};
}

// Of 32 independent means: one false alarm in 3000 (Student, 31 degrees of freedom), and by that
// number of standard errors the planted bug must be seen.
constexpr double kErrors = 4.0;

/// Of the equation of state, in bar.
double wanted_bar() {
  const double per_bar = std::pow(kSigma_nm, 3) / kEpsilon * kKJPerBarNm3;
  return equation_of_state(kDensity, kTemperature) / per_bar;
}

TEST(LennardJonesPressure, IsThatOfTheVirialAndOfTheEquationOfState) {
  const Measured measured = run(wanted_bar(), 0.0, 90);
  EXPECT_NEAR(measured.pressure_bar.mean, wanted_bar(),
              kErrors * measured.pressure_bar.error * tolerance_scale())
      << "standard error " << measured.pressure_bar.error << " bar";
  const double density =
      static_cast<double>(kAtoms) * std::pow(kSigma_nm, 3) / measured.volume_nm3.mean;
  // How well the equation fits simulations.
  EXPECT_NEAR(density, kDensity, 0.005 * kDensity * tolerance_scale())
      << "standard error " << density * measured.volume_nm3.error / measured.volume_nm3.mean;
}

TEST(LennardJonesPressure, OneMoleculeTooFewIsSeen) {
  const Measured measured = run(wanted_bar(), -1.0, 91);
  EXPECT_GT(std::abs(measured.pressure_bar.mean - wanted_bar()),
            kErrors * measured.pressure_bar.error);
}

}  // namespace
}  // namespace saltus::tests
