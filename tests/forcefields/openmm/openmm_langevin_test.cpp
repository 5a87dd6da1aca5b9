// Oracle: the Gaussian distribution of harmonic oscillators, which the integrator samples without
// an error of the time step; PlainDynamics; replays; geometry of rigid water.
#include "forcefields/openmm/openmm_langevin.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "forcefields/openmm/openmm_energy.h"
#include "forcefields/openmm/system_xml.h"
#include "tests/forcefields/reference_data.h"
#include "tests/support/boxes.h"

namespace saltus::tests {
namespace {

using forcefields::OpenMMLangevin;
using forcefields::OpenMMLangevinOptions;

/// Pairs of atoms held together by springs of length 0.
engine::System springs(std::size_t n_pairs) {
  constexpr double kSpring = 1000.0, kMass = 10.0;
  engine::System system;
  system.masses.assign(2 * n_pairs, kMass);
  for (std::size_t pair = 0; pair < n_pairs; ++pair)
    system.bonds.push_back({2 * pair, 2 * pair + 1, 0.0, kSpring});
  return system;
}

engine::Canonical target_of(const engine::System& system) {
  return {std::make_shared<forcefields::OpenMMEnergy>(system, forcefields::OpenMMPlatform{}),
          engine::measure_of(system)};
}

OpenMMLangevinOptions on_reference(std::size_t n_steps) {
  OpenMMLangevinOptions options;
  options.platform.name = "Reference";
  options.n_steps = n_steps;
  return options;
}

engine::ChainBatch chains_of(const engine::System& system, std::size_t n_chains,
                             engine::Span<const double> x) {
  engine::ChainBatch chains(n_chains, system.n_atoms(), {320.0});
  for (std::size_t c = 0; c < n_chains; ++c)
    std::copy(x.begin(), x.end(), chains.positions.chain(c).begin());
  chains.positions.set_boxes(engine::start_boxes(system, n_chains));
  target_of(system).refresh(chains);
  return chains;
}

TEST(OpenMMLangevin, SamplesHarmonicOscillatorsAtTheTemperatureOfEachChain) {
  constexpr std::size_t kPairs = 200, kSnapshots = 20;
  const engine::System system = springs(kPairs);
  OpenMMLangevinOptions options = on_reference(100);
  // As in the test of PlainDynamics: forgotten within a tenth of the time between snapshots.
  options.time_step_ps = 0.05;
  options.friction_per_ps = 5.0;
  const OpenMMLangevin move(system, options);
  const engine::Canonical target = target_of(system);
  engine::ChainBatch chains = chains_of(system, 2, std::vector<double>(6 * kPairs, 0.0));
  chains.states[1].temperature_K = 480.0;
  std::vector<double> mean(2, 0.0);
  constexpr std::size_t kEquilibration = 5;
  for (std::uint64_t step = 0; step < kEquilibration + kSnapshots; ++step) {
    const auto info = move.apply(chains, target, {7, step});
    EXPECT_EQ(info.records.at(0).outcomes,
              (std::vector{engine::Outcome::kAccepted, engine::Outcome::kAccepted}));
    if (step < kEquilibration) continue;
    for (std::size_t c = 0; c < 2; ++c) mean[c] += chains.energies[c] / kSnapshots;
  }
  for (std::size_t c = 0; c < 2; ++c) {
    const double expected = 1.5 * kPairs * engine::kGasConstant * chains.states[c].temperature_K;
    // Five standard deviations of the mean of 12 000 squared normal numbers: 1 in 2 million.
    EXPECT_NEAR(mean[c] / expected, 1.0, 5.0 * std::sqrt(2.0 / (3.0 * kPairs * kSnapshots)));
  }
}

TEST(OpenMMLangevin, KeepsNothingFromOneApplicationToTheNext) {
  const engine::System system = springs(3);
  const engine::Canonical target = target_of(system);
  const OpenMMLangevin used(system, on_reference(20)), fresh(system, on_reference(20));
  const std::vector<double> x(18, 0.1);
  engine::ChainBatch first = chains_of(system, 3, x), second = chains_of(system, 3, x);
  used.apply(first, target, {3, 0});
  first = chains_of(system, 3, x);
  used.apply(first, target, {3, 5});
  fresh.apply(second, target, {3, 5});
  EXPECT_EQ(first.positions.values(), second.positions.values());
  EXPECT_EQ(first.velocities.values(), second.velocities.values());
  EXPECT_EQ(first.energies, second.energies);
  // Chains that started alike have gone their own ways.
  EXPECT_NE(first.positions.values()[0], first.positions.values()[18]);
}

TEST(OpenMMLangevin, RigidWaterStaysRigidInItsBox) {
  const engine::System system = forcefields::read_system_xml(data_path("waters_pme.xml")).system;
  const ReferenceData reference(data_path("waters_pme.xml.reference"));
  const engine::Canonical target = target_of(system);
  engine::ChainBatch chains = chains_of(system, 2, reference["positions"]);
  OpenMMLangevinOptions options = on_reference(20);
  options.time_step_ps = 0.0005;
  options.constraint_tolerance = 1e-8;
  OpenMMLangevin(system, options).apply(chains, target, {1, 0});
  for (std::size_t c = 0; c < 2; ++c) {
    const auto chain = chains.positions.chain(c);
    for (const engine::Constraint& k : system.constraints) {
      double square = 0.0;
      for (std::size_t d = 0; d < 3; ++d)
        square += std::pow(chain[3 * k.i + d] - chain[3 * k.j + d], 2);
      EXPECT_NEAR(std::sqrt(square) / k.distance_nm, 1.0, 1e-7);
    }
    std::vector<double> placed(chain.begin(), chain.end());
    engine::place_virtual_sites(system.virtual_sites, placed);
    for (std::size_t n = 0; n < placed.size(); ++n) EXPECT_NEAR(placed[n], chain[n], 1e-12);
  }
}

TEST(OpenMMLangevin, SaysWhatIsWrong) {
  EXPECT_EQ(message_of<engine::InputError>([] { OpenMMLangevin(springs(1), on_reference(0)); }),
            "openmm_langevin: steps is 0, expected at least 1 and at most 2147483647");
}

}  // namespace
}  // namespace saltus::tests
