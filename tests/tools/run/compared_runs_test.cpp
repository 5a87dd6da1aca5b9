// Oracles: trajectories drawn from known distributions; one with a basin taken out.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/core/log_math.h"
#include "engine/core/random.h"
#include "tools/saltus/run/compared_distances.h"
#include "tools/saltus/run/compared_efficiency.h"
#include "tools/saltus/run/compared_states.h"

namespace saltus::tools {
namespace {

using io::ComparisonData;

constexpr std::size_t kChains = 8, kSteps = 500;

ComparedCoordinates phi_and_psi() {
  ComparedCoordinates coordinates;
  coordinates.torsions = {{{"phi_2", {0, 1, 2, 3}}, TorsionClass::kPhi, 1},
                          {{"psi_2", {1, 2, 3, 4}}, TorsionClass::kPsi, 1}};
  return coordinates;
}

// Independent frames; the rare basin, at phi = 1, has a share of `rare`. TIC 0 tells the basins
// apart.
ComparedTrajectory drawn(double rare, std::uint32_t seed, double energy_shift = 0.0) {
  ComparedTrajectory trajectory;
  trajectory.n_chains = kChains;
  trajectory.n_steps = kSteps;
  trajectory.temperature_K = 310.0;
  trajectory.angles.resize(2);
  trajectory.tics.resize(2);
  engine::RandomStream stream({seed, 0}, engine::StreamName::kTest, 0);
  for (std::size_t i = 0; i < kChains * kSteps; ++i) {
    const bool is_rare = stream.uniform() < rare;
    constexpr double kWidth = 0.2;
    trajectory.angles[0].push_back((is_rare ? 1.0 : -1.2) + kWidth * stream.normal());
    trajectory.angles[1].push_back(engine::wrap_angle(3.0 + kWidth * stream.normal()));
    trajectory.tics[0].push_back((is_rare ? 3.0 : -0.3) + 0.1 * stream.normal());
    trajectory.tics[1].push_back(stream.normal());
    trajectory.energies_kT.push_back(stream.normal() + energy_shift);
  }
  return trajectory;
}

// Even steps of 128 * 2000 / 3000 = 85.3 frames come to three of the chains only.
TEST(ComparedRuns, AreSampledInAllChains) {
  ComparedTrajectory trajectory;
  trajectory.n_chains = 128;
  trajectory.n_steps = 2000;
  const std::size_t n = trajectory.n_chains * trajectory.n_steps;
  trajectory.angles.assign(2, std::vector<double>(n, 0.0));
  trajectory.tics.assign(2, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i)
    trajectory.energies_kT.push_back(static_cast<double>(i / trajectory.n_steps));
  const FrameSample sample = sample_frames(trajectory, phi_and_psi(), whole(trajectory), 3000, 0);
  const std::set<double> chains(sample.energies_kT.begin(), sample.energies_kT.end());
  EXPECT_EQ(sample.energies_kT.size(), 3000u);
  EXPECT_EQ(chains.size(), trajectory.n_chains);
  // As many frames as there are: each once.
  const FrameSample all = sample_frames(trajectory, phi_and_psi(), whole(trajectory), n, 0);
  EXPECT_EQ(std::count(all.energies_kT.begin(), all.energies_kT.end(), 5.0), 2000);
}

TEST(ComparedRuns, AgreeInTheirStates) {
  const ComparedCoordinates coordinates = phi_and_psi();
  const ComparedTrajectory reference = drawn(0.1, 1), run = drawn(0.1, 2);
  const ComparedStates states(coordinates, reference, {});
  ASSERT_EQ(states.size(), 2u);
  EXPECT_THAT(states.name(0), testing::StartsWith("phi_2, psi_2: 1 near -"));
  const auto of_reference = populations_of(states, reference, states.indicators(reference));
  EXPECT_NEAR(of_reference[1].population, 0.1, 0.02);
  // Independent draws: sqrt(p (1 - p) / n), within what eight chains tell of it.
  EXPECT_NEAR(of_reference[1].error, 0.0047, 0.004);
  for (const auto& population :
       compare_populations(of_reference, populations_of(states, run, states.indicators(run)))) {
    EXPECT_FALSE(population.missed);
    EXPECT_LT(population.standard_errors, 5.0);
  }
}

TEST(ComparedRuns, WithoutABasinMissIt) {
  const ComparedCoordinates coordinates = phi_and_psi();
  const ComparedTrajectory reference = drawn(0.1, 1), run = drawn(0.0, 2);
  const ComparedStates states(coordinates, reference, {});
  const auto indicators = states.indicators(run);
  const auto compared =
      compare_populations(populations_of(states, reference, states.indicators(reference)),
                          populations_of(states, run, indicators));
  EXPECT_FALSE(compared[0].missed);
  EXPECT_TRUE(compared[1].missed);
  ComparisonData::Run result;
  result.cpu_seconds = 10.0;
  set_samples(run, {states.name(0), states.name(1)}, indicators, result);
  EXPECT_EQ(result.slowest_samples, 0.0);
  EXPECT_EQ(result.slowest_per_cpu_second, 0.0);
  EXPECT_GT(result.tic_0_samples, 1000.0);
  EXPECT_NEAR(farthest_reference_frame(reference, drawn(0.1, 3)), 0.0, 0.3);
  EXPECT_GT(farthest_reference_frame(reference, run), 0.5);
}

TEST(ComparedRuns, StatesOfSmallPopulationDoNotCount) {
  ComparedStatesDeck deck;
  deck.min_population = 0.3;
  EXPECT_EQ(ComparedStates(phi_and_psi(), drawn(0.1, 1), deck).size(), 1u);
}

TEST(ComparedRuns, OfOneDistributionAreAFloorApart) {
  const ComparedCoordinates coordinates = phi_and_psi();
  const ComparedTrajectory reference = drawn(0.0, 1);
  ComparedDistancesDeck deck;
  deck.n_frames = 400;
  deck.n_curve_frames = 100;
  deck.n_curve_points = 3;
  deck.n_floors = 5;
  engine::ThreadPool pool(1);
  DistanceMeter meter(reference, coordinates, deck, pool);
  ComparisonData::Run same, shifted;
  same.energy_evaluations = 4e4;
  same.training_energy_evaluations = 1e3;
  meter.measure(drawn(0.0, 2), same);
  EXPECT_EQ(same.distances.n_frames, 400u);
  for (const ComparisonData::Distance* distance :
       {&same.distances.energy_1_kT, &same.distances.energy_2_kT, &same.distances.torus_2_rad,
        &same.distances.tica_2}) {
    EXPECT_GT(distance->ratio(), 0.3);
    EXPECT_LT(distance->ratio(), 3.0);
    EXPECT_GT(distance->floor_error, 0.0);
  }
  // Training is part of every point.
  ASSERT_EQ(same.curve.size(), 3u);
  EXPECT_DOUBLE_EQ(same.curve[0].energy_evaluations, 1e3 + 1e4);
  EXPECT_DOUBLE_EQ(same.curve[2].energy_evaluations, 1e3 + 4e4);
  EXPECT_EQ(same.curve[0].distances.n_frames, 100u);
  EXPECT_GT(same.curve[0].distances.torus_2_rad.floor, same.distances.torus_2_rad.floor);

  meter.measure(drawn(0.0, 2, 2.0), shifted);
  EXPECT_NEAR(shifted.distances.energy_1_kT.value, 2.0, 0.3);
  EXPECT_GT(shifted.distances.energy_1_kT.ratio(), 8.0);
  EXPECT_TRUE(std::isnan(shifted.curve[0].energy_evaluations));
}

TEST(ComparedRuns, SplitTheReferenceByChainsOrElseByTime) {
  ComparedTrajectory reference = drawn(0.1, 1);
  EXPECT_EQ(half(reference, 0).last_chain, 4u);
  EXPECT_EQ(half(reference, 1).first_chain, 4u);
  EXPECT_EQ(half(reference, 1).size(), 4 * kSteps);
  reference.n_chains = 1;
  EXPECT_EQ(half(reference, 0).last_step, kSteps / 2);
  EXPECT_EQ(half(reference, 1).size(), kSteps / 2);
}

ComparisonData::Run run_with(const std::string& name, double samples, double cpu_seconds) {
  ComparisonData::Run run;
  run.name = name;
  run.slowest = "TIC 0";
  run.slowest_samples = run.tic_0_published_samples = samples;
  run.slowest_samples_error = 0.1 * samples;
  run.cpu_seconds = cpu_seconds;
  return run;
}

ComparedRunDeck deck_of(ComparedRole role) {
  ComparedRunDeck deck;
  deck.role = role;
  return deck;
}

TEST(ComparedRuns, GainWhatTheirSamplesCost) {
  std::vector<ComparisonData::Run> runs = {run_with("leaps", 2000.0, 10.0),
                                           run_with("md", 100.0, 50.0)};
  set_speed_ups(std::vector<ComparedTrajectory>(2),
                {deck_of(ComparedRole::kRun), deck_of(ComparedRole::kPlainDynamics)}, runs);
  ASSERT_EQ(runs[0].speed_ups.size(), 2u);
  EXPECT_EQ(runs[0].speed_ups[0].reference, "plain dynamics");
  EXPECT_NEAR(runs[0].speed_ups[0].value, 100.0, 1e-9);
  EXPECT_NEAR(runs[0].speed_ups[0].error, 100.0 * std::hypot(0.1, 0.1), 1e-9);
  EXPECT_FALSE(runs[0].speed_ups[1].is_slowest);
  // What is missing is said.
  EXPECT_THAT(runs[0].remarks,
              testing::ElementsAre(testing::StartsWith("no speed-up over OpenMM's dynamics: ")));
  EXPECT_TRUE(runs[1].speed_ups.empty());
}

TEST(ComparedRuns, GainAtLeastOneSampleAChainOverASamplerThatMissedAState) {
  std::vector<ComparisonData::Run> runs = {run_with("leaps", 2000.0, 10.0),
                                           run_with("md", 0.0, 50.0)};
  runs[1].slowest = "a state";
  runs[1].n_chains = 4;
  set_speed_ups(std::vector<ComparedTrajectory>(2),
                {deck_of(ComparedRole::kRun), deck_of(ComparedRole::kOpenMMDynamics)}, runs);
  // 200 samples a second against at most 4 in 50 seconds.
  EXPECT_NEAR(runs[0].speed_ups[0].value, 2500.0, 1e-9);
  EXPECT_NEAR(runs[0].speed_ups[0].error, 250.0, 1e-9);
  EXPECT_TRUE(runs[0].speed_ups[0].is_lower_bound);
  EXPECT_EQ(runs[0].speed_ups[0].remark,
            "'md' has no sample of a state: counted as one for each of its chains, more than it "
            "has");
  // Two samplers without samples: nothing is known.
  runs[0].slowest_samples = 0.0;
  runs[0].speed_ups.clear();
  set_speed_ups(std::vector<ComparedTrajectory>(2),
                {deck_of(ComparedRole::kRun), deck_of(ComparedRole::kOpenMMDynamics)}, runs);
  EXPECT_TRUE(std::isnan(runs[0].speed_ups[0].value));
  EXPECT_FALSE(runs[0].speed_ups[0].is_lower_bound);
  EXPECT_EQ(runs[0].speed_ups[0].remark,
            "not known: neither has a sample of its slowest observable");
}

/// A run that has recorded its costs.
ComparedTrajectory recorded(const std::vector<engine::StageCost>& preparation) {
  ComparedTrajectory trajectory;
  trajectory.summary.samplers = {{"this run", 20.0, 5000, {}}};
  trajectory.summary.preparation = preparation;
  return trajectory;
}

TEST(ComparedRuns, CountWhatTheirPreparationCost) {
  const ComparedTrajectory trajectory = recorded({{"pilot", 1000, 3.0}, {"warm-up", 234, 0.5}});
  ComparisonData::Run run;
  set_costs(trajectory, {}, run);
  EXPECT_EQ(run.energy_evaluations, 5000.0);
  EXPECT_EQ(run.training_energy_evaluations, 1234.0);
  EXPECT_EQ(run.training_cpu_seconds, 3.5);
  EXPECT_THAT(run.remarks,
              testing::ElementsAre("distances along the run count the 1234 energy evaluations that "
                                   "it has recorded of its preparation"));
}

TEST(ComparedRuns, CountWhatTheDeckSaysInstead) {
  ComparedTrajectory trajectory = recorded({{"warm-up", 1000, 3.0}});
  trajectory.summary.ready_models = {"the peptide model within Saltus"};
  ComparedRunDeck deck;
  deck.training_energy_evaluations = 7.0;
  ComparisonData::Run run;
  set_costs(trajectory, deck, run);
  EXPECT_EQ(run.training_energy_evaluations, 7.0);
  EXPECT_EQ(run.training_cpu_seconds, 3.0) << "the deck says nothing of it";
  EXPECT_TRUE(run.remarks.empty());
}

TEST(ComparedRuns, SayWhatTheirCostsDoNotContain) {
  ComparedTrajectory trajectory = recorded({{"warm-up", 1000, 3.0}});
  trajectory.summary.ready_models = {"the peptide model within Saltus"};
  ComparisonData::Run ready, old;
  set_costs(trajectory, {}, ready);
  ASSERT_EQ(ready.remarks.size(), 2u);
  EXPECT_THAT(ready.remarks[1],
              testing::StartsWith("trained elsewhere, and not counted: the peptide model within "
                                  "Saltus; to count it, give training_energy_evaluations"));
  // A checkpoint of an earlier version.
  set_costs(recorded({}), {}, old);
  EXPECT_TRUE(std::isnan(old.training_energy_evaluations));
  EXPECT_THAT(old.remarks, testing::ElementsAre(testing::StartsWith(
                               "what pilot, warm-up and training cost is not known, give ")));
}

TEST(ComparedRuns, WithoutCostsSaySo) {
  ComparedTrajectory trajectory = drawn(0.1, 1);
  ComparisonData::Run run;
  set_costs(trajectory, {}, run);
  EXPECT_EQ(run.exactness, "unknown");
  EXPECT_TRUE(std::isnan(run.cpu_seconds));
  EXPECT_THAT(run.remarks, testing::ElementsAre(testing::StartsWith("no costs: ")));
}

engine::MoveSummary move_row(const std::string& name, std::uint64_t proposed,
                             std::uint64_t accepted) {
  engine::MoveSummary row;
  row.name = name;
  row.proposed = proposed;
  row.accepted = accepted;
  return row;
}

TEST(ComparedRuns, TellHowOftenBlocksLeapt) {
  ComparedTrajectory trajectory;
  // Blocks: residue_1 at 30 of 100, residue_2 at 50 of 100, link_1 at 10 of 200.
  trajectory.summary.moves = {move_row("peptide_leap/residue_1/carry_0.5", 50, 25),
                              move_row("peptide_leap/residue_1", 50, 5),
                              move_row("peptide_leap_2/residue_2/carry_0", 100, 50),
                              move_row("peptide_leap/link_1", 200, 10),
                              move_row("peptide_leap/whole", 0, 0),
                              move_row("hmc", 1000, 900)};
  ComparisonData::Run run;
  set_acceptance(trajectory, run);
  EXPECT_DOUBLE_EQ(run.leap_acceptance, 90.0 / 400.0);
  EXPECT_DOUBLE_EQ(run.block_acceptance, 0.3);
}

TEST(ComparedRuns, WithoutLeapsHaveNoAcceptanceOfThem) {
  ComparedTrajectory trajectory;
  trajectory.summary.moves = {move_row("hmc", 1000, 900), move_row("torsion_walk", 10, 5)};
  ComparisonData::Run run;
  set_acceptance(trajectory, run);
  EXPECT_TRUE(std::isnan(run.leap_acceptance));
  EXPECT_TRUE(std::isnan(run.block_acceptance));
  trajectory.summary.moves.push_back(move_row("learned_leap_2", 10, 4));
  set_acceptance(trajectory, run);
  EXPECT_DOUBLE_EQ(run.block_acceptance, 0.4);
}

}  // namespace
}  // namespace saltus::tools
