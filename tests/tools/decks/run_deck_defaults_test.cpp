// Oracle: the option structs that a deck holds, default-constructed, and the numbers a user gets
// when a deck says nothing, written out by hand.
#include <gmock/gmock.h>

#include <tuple>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/tuning/step_size_tuner.h"
#include "tests/tools/decks/run_deck_fixture.h"

namespace saltus::tools {
namespace {

// Structured bindings name every member: whoever adds one has to add it here.
auto fields(const mlsamplers::LeapTrainingOptions& options) {
  const auto& [seed, lag, components, rotor_components, hidden, uniform, threshold, epochs, batch,
               rate, decay, held_out, smoothness] = options;
  return std::make_tuple(seed, lag, components, rotor_components, hidden, uniform, threshold,
                         epochs, batch, rate, decay, held_out, smoothness);
}

auto fields(const mlsamplers::LeapRefinementOptions& options) {
  const auto& [rounds, chains, leaps] = options;
  return std::make_tuple(rounds, chains, leaps);
}

auto fields(const forcefields::MoleculeOptions& options) {
  const auto& [method, cutoff, ewald, switching, tail, box, rigid_water, constraints, model,
               solvent] = options;
  const auto& [tolerance, alpha, grid] = ewald;
  const auto& [solute_dielectric, solvent_dielectric, surface_term, solvent_cutoff] = solvent;
  return std::make_tuple(method, cutoff, tolerance, alpha, grid, switching, tail, box, rigid_water,
                         constraints, model, solute_dielectric, solvent_dielectric, surface_term,
                         solvent_cutoff);
}

auto fields(const forcefields::MmffOptions& options) {
  const auto& [variant, dielectric, distance_dependent, solvent, solvent_dielectric, surface_term,
               charges] = options;
  return std::make_tuple(variant, dielectric, distance_dependent, solvent, solvent_dielectric,
                         surface_term, charges);
}

auto fields(const forcefields::PlainDynamicsOptions& options) {
  const auto& [platform, temperature, time_step, friction, seed, tolerance] = options;
  return std::make_tuple(platform.name, platform.threads, temperature, time_step, friction, seed,
                         tolerance);
}

auto fields(const engine::HamiltonianOptions& options) {
  return std::make_tuple(options.time_step_ps, options.n_steps, options.length_jitter,
                         options.friction_per_ps);
}

auto fields(const engine::LangevinOptions& options) {
  return std::make_tuple(options.time_step_ps, options.friction_per_ps, options.n_steps);
}

auto fields(const PilotDeck& pilot) {
  const auto& [temperatures, ladders, dynamics, hydrogen_mass, exchange, frame, length,
               equilibration] = pilot;
  return std::make_tuple(temperatures, ladders, fields(dynamics), hydrogen_mass, exchange, frame,
                         length, equilibration);
}

auto fields(const ComparisonDeck& comparison) {
  const auto& [asked_for, dynamics, length, hydrogen_mass, frame] = comparison;
  return std::make_tuple(fields(dynamics), length, hydrogen_mass, frame);
}

auto fields(const EnergyDeck& energy) {
  const auto& [backend, precision, platform, cross_check, threads] = energy;
  return std::make_tuple(backend, precision, platform, cross_check, threads);
}

auto fields(const RunSectionDeck& run) {
  const auto& [steps, frame, checkpoint, check, tolerance] = run;
  return std::make_tuple(steps, frame, checkpoint, check, tolerance);
}

auto fields(const OutputDeck& output) {
  const auto& [directory, trajectory, overwrite, velocities] = output;
  return std::make_tuple(trajectory, overwrite, velocities);
}

// Every table of a deck is there, each with nothing but what it cannot do without.
constexpr const char* kTables =
    "[[move]]\nkind = \"hmc\"\n[[move]]\nkind = \"ghmc\"\n[[move]]\nkind = \"langevin\"\n"
    "[[move]]\nkind = \"learned_leap\"\n[leap]\nmodel = \"train\"\n"
    "[comparison]\nopenmm_dynamics = true\n";

TEST_F(RunDeckTest, WithoutOptionalKeysHoldsDefaultOptions) {
  const RunDeck deck = read(std::string(kMinimal) + kTables).deck;
  EXPECT_EQ(deck.seed, RunDeck{}.seed);
  EXPECT_EQ(fields(deck.system.options), fields(forcefields::MoleculeOptions{}));
  EXPECT_EQ(fields(deck.energy), fields(EnergyDeck{}));
  EXPECT_EQ(fields(deck.run), fields(RunSectionDeck{}));
  EXPECT_EQ(fields(deck.output), fields(OutputDeck{}));
  EXPECT_EQ(fields(deck.comparison), fields(ComparisonDeck{}));
  EXPECT_EQ(fields(deck.comparison.dynamics), fields(forcefields::PlainDynamicsOptions{}));
  ASSERT_TRUE(deck.leaps.size() == 1 && deck.pilot.has_value());
  EXPECT_EQ(fields(deck.leaps[0].options.training), fields(mlsamplers::LeapTrainingOptions{}));
  EXPECT_EQ(fields(deck.leaps[0].options.refinement), fields(mlsamplers::LeapRefinementOptions{}));
  EXPECT_EQ(fields(*deck.pilot), fields(PilotDeck{}));
  EXPECT_EQ(
      std::make_tuple(deck.chains.count, deck.chains.start, deck.warm_up.steps, deck.warm_up.tune),
      std::make_tuple(ChainsDeck{}.count, ChainsDeck{}.start, WarmUpDeck{}.steps,
                      WarmUpDeck{}.tune));
}

TEST_F(RunDeckTest, WithoutOptionalKeysHoldsDefaultsOfTheEngine) {
  const RunDeck deck = read(std::string(kMinimal) + kTables).deck;
  ASSERT_EQ(deck.moves.size(), 4U);
  EXPECT_EQ(fields(deck.moves[0].as<engine::HamiltonianOptions>()),
            fields(engine::HamiltonianOptions{}));
  EXPECT_EQ(deck.moves[0].target_acceptance, engine::StepSizeTunerOptions{}.target_acceptance);
  engine::HamiltonianOptions generalised;
  generalised.friction_per_ps = engine::LangevinOptions{}.friction_per_ps;
  EXPECT_EQ(fields(deck.moves[1].as<engine::HamiltonianOptions>()), fields(generalised));
  EXPECT_EQ(fields(deck.moves[2].as<engine::LangevinOptions>()), fields(engine::LangevinOptions{}));
  EXPECT_EQ(deck.pilot->dynamics.friction_per_ps, engine::LangevinOptions{}.friction_per_ps);
  EXPECT_EQ(deck.run.energy_check_period, engine::SimulationOptions{}.energy_check_period);
  EXPECT_EQ(deck.run.energy_tolerance, engine::SimulationOptions{}.energy_tolerance);
}

// Keys that wait for another one have the same defaults once they are asked for.
TEST_F(RunDeckTest, HoldsDefaultOptionsOfCutoffSolventAndMmff) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc,
                            {"system.nonbonded=cutoff", "system.implicit_solvent=obc2"})
                           .deck;
  forcefields::MoleculeOptions expected;
  expected.nonbonded_method = engine::NonbondedMethod::kCutoffNonPeriodic;
  expected.implicit_solvent = engine::GeneralizedBornModel::kObc2;
  EXPECT_EQ(fields(deck.system.options), fields(expected));
  EXPECT_EQ(expected.solvent_with_cutoff().cutoff_nm, expected.cutoff_nm);
  EXPECT_EQ(forcefields::MoleculeOptions{}.solvent_with_cutoff().cutoff_nm, 0.0);

  const RunDeck mmff =
      read(std::regex_replace(std::string(kMinimal) + kHmc, std::regex("x.pdb"), "x.sdf"),
           {"system.force_field=mmff94"})
          .deck;
  ASSERT_TRUE(mmff.system.mmff.has_value());
  EXPECT_EQ(fields(*mmff.system.mmff), fields(forcefields::MmffOptions{}));
}

TEST(RunDeckDefaults, AreTheseNumbers) {
  const mlsamplers::LeapTrainingOptions training;
  EXPECT_EQ(fields(training),
            std::make_tuple(std::uint64_t{0}, 10.0, std::size_t{8}, std::size_t{3}, std::size_t{48},
                            0.05, 20.0 * engine::kRadianPerDegree, std::size_t{40},
                            std::size_t{512}, 3e-3, 1e-4, 0.1, 3e-3));
  EXPECT_EQ(fields(mlsamplers::LeapRefinementOptions{}),
            std::make_tuple(std::size_t{3}, std::size_t{256}, std::size_t{2000}));
  EXPECT_EQ(forcefields::MoleculeOptions{}.cutoff_nm, 2.0);
  EXPECT_EQ(forcefields::MoleculeOptions{}.solvent.solute_dielectric, 1.0);
  EXPECT_EQ(forcefields::MoleculeOptions{}.solvent.solvent_dielectric, 78.5);
  EXPECT_EQ(fields(PilotDeck{}.dynamics),
            std::make_tuple(0.002, 1.0, engine::LangevinOptions{}.n_steps));
  EXPECT_EQ(ComparisonDeck{}.dynamics.time_step_ps, 0.002);
  EXPECT_EQ(ComparisonDeck{}.hydrogen_mass_dalton, 4.0);
}

TEST(RunDeckDefaults, ArePrintedFromTheStructs) {
  const std::string printed = default_run_deck();
  for (const char* line :
       {"#cutoff = \"2 nm\"  ", "#solvent_dielectric = 78.5  ", "#surface_term = true  ",
        "#lag = \"10 ps\"  ", "#components = 8  ", "#soft_threshold = \"20 deg\"  ",
        "#epochs = 40  ", "#learning_rate = 0.003  ", "#refinement_rounds = 3  ",
        "# of each of 256 chains in a round [model = \"train\"]\n", "#platform = \"Reference\"  ",
        "#time_step = \"2 fs\"  ", "#friction = \"1 /ps\"  ", "#hydrogen_mass = \"4 amu\"  ",
        "#target_acceptance = 0.8  "})
    EXPECT_THAT(printed, testing::HasSubstr(line));
}

}  // namespace
}  // namespace saltus::tools
