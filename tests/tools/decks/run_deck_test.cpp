// Oracle: what a deck means, written out by hand.
#include "tools/saltus/decks/load_run_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "engine/core/units.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/volume_change.h"
#include "tests/tools/decks/run_deck_fixture.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {
namespace {

TEST_F(RunDeckTest, TakesEngineAndTrainingDefaults) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc).deck;
  EXPECT_EQ(deck.seed, 2026U);
  EXPECT_EQ(deck.system.coordinates, "x.pdb");
  EXPECT_THAT(deck.system.force_field, testing::ElementsAre("amber99sbildn.xml"));
  EXPECT_FALSE(deck.system.options.implicit_solvent.has_value());
  EXPECT_EQ(deck.system.options.nonbonded_method, engine::NonbondedMethod::kNoCutoff);
  EXPECT_FALSE(deck.system.hydrogen_mass_dalton.has_value());
  EXPECT_EQ(deck.energy.backend, EnergyBackend::kAuto);
  EXPECT_THAT(deck.temperatures_K, testing::ElementsAre(310.0));
  EXPECT_FALSE(deck.has_ladder());
  EXPECT_EQ(deck.chains.count, 64U);
  EXPECT_EQ(deck.chains.start, ChainStart::kMinimised);
  EXPECT_EQ(deck.warm_up.steps, 100U);
  EXPECT_TRUE(deck.warm_up.tune);
  ASSERT_EQ(deck.moves.size(), 1U);
  EXPECT_STREQ(deck.moves[0].kind->name, "hmc");
  EXPECT_EQ(deck.moves[0].as<engine::HamiltonianOptions>().n_steps,
            engine::HamiltonianOptions{}.n_steps);
  EXPECT_EQ(deck.moves[0].target_acceptance, 0.8);
  EXPECT_TRUE(deck.leaps.empty());
  EXPECT_FALSE(deck.pilot.has_value());
  EXPECT_TRUE(deck.observables.backbone_torsions);
  EXPECT_EQ(deck.output.trajectory, "trajectory.h5");
  EXPECT_FALSE(deck.comparison.openmm_dynamics);
}

TEST_F(RunDeckTest, ReadsEveryKindOfMove) {
  const RunDeck deck =
      read(std::string(kMinimal) +
           "[leap]\nmodel = \"train\"\nlag = \"5 ps\"\n"
           "[[move]]\nkind = \"learned_leap\"\nrepeat = 2\n"
           "[[move]]\nkind = \"ghmc\"\ntime_step = \"0.5 fs\"\nsteps = 3\nfriction = \"2 /ps\"\n"
           "[[move]]\nkind = \"langevin\"\ntime_step = \"2 fs\"\nfriction = \"5 /ps\"\nsteps = 7\n"
           "[[move]]\nkind = \"mixture\"\n"
           "[[move.part]]\nkind = \"mala\"\nstep = \"0.01 A\"\nweight = 3\n"
           "[[move.part]]\nkind = \"torsion_walk\"\nwidth = \"90 deg\"\ntarget_acceptance = 0.3\n")
          .deck;
  ASSERT_EQ(deck.moves.size(), 4U);
  EXPECT_STREQ(deck.moves[0].kind->name, "learned_leap");
  EXPECT_EQ(deck.moves[0].repeat, 2U);
  EXPECT_STREQ(deck.moves[1].kind->name, "ghmc");
  const auto& trajectories = deck.moves[1].as<engine::HamiltonianOptions>();
  EXPECT_EQ(trajectories.time_step_ps, 0.0005);
  EXPECT_EQ(trajectories.n_steps, 3U);
  EXPECT_EQ(trajectories.friction_per_ps, 2.0);
  const auto& langevin = deck.moves[2].as<engine::LangevinOptions>();
  EXPECT_EQ(langevin.time_step_ps, 0.002);
  EXPECT_EQ(langevin.friction_per_ps, 5.0);
  EXPECT_EQ(langevin.n_steps, 7U);
  ASSERT_EQ(deck.moves[3].parts.size(), 2U);
  EXPECT_DOUBLE_EQ(step_of(deck.moves[3].parts[0]), 0.001);
  EXPECT_EQ(deck.moves[3].parts[0].weight, 3.0);
  EXPECT_DOUBLE_EQ(step_of(deck.moves[3].parts[1]), engine::kPi / 2.0);
  EXPECT_EQ(deck.moves[3].parts[1].target_acceptance, 0.3);
  const auto uses = [&](const char* kind) {
    return any_move(deck.moves,
                    [&](const MoveDeck& move) { return move.kind == &move_kind(kind); });
  };
  EXPECT_TRUE(uses("torsion_walk"));
  EXPECT_FALSE(uses("replica_exchange"));
  ASSERT_EQ(deck.leaps.size(), 1U);
  EXPECT_TRUE(deck.leaps.at(0).train);
  EXPECT_EQ(deck.leaps.at(0).options.training.lag_ps, 5.0);
  ASSERT_TRUE(deck.pilot.has_value());
  EXPECT_THAT(deck.pilot->temperatures_K, testing::ElementsAre(310.0, 400.0, 520.0, 680.0));
}

TEST_F(RunDeckTest, StartsThePilotAtTheTemperatureOfTheRun) {
  const RunDeck deck =
      read(std::string(kMinimal) + kHmc, {"ensemble.temperature=620 K", "chains.start=pilot"}).deck;
  ASSERT_TRUE(deck.pilot.has_value());
  EXPECT_THAT(deck.pilot->temperatures_K, testing::ElementsAre(620.0, 800.0, 1040.0, 1360.0));
}

TEST_F(RunDeckTest, LoadsAModelInsteadOfTraining) {
  const RunDeck deck =
      read(std::string(kMinimal) + "[leap]\nmodel = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\n")
          .deck;
  EXPECT_FALSE(deck.leaps.at(0).train);
  EXPECT_EQ(deck.leaps.at(0).model, "m.pt");
  EXPECT_FALSE(deck.pilot.has_value());
}

TEST_F(RunDeckTest, NotesWhatSetHasLeftWithoutUse) {
  const std::string trains = std::string(kMinimal) +
                             "[leap]\nmodel = \"train\"\nlag = \"5 ps\"\n"
                             "[[move]]\nkind = \"learned_leap\"\n[pilot]\nladders = 4\n"
                             "[comparison]\nopenmm_dynamics = true\nlength = \"2 ns\"\n";
  EXPECT_THAT(read(trains).notes, testing::IsEmpty());
  const LoadedRunDeck loaded =
      read(trains, {"leap.model=m.pt", "comparison.openmm_dynamics=false"});
  EXPECT_THAT(
      loaded.notes,
      testing::ElementsAre(
          "deck.toml:11:1: leap.lag: not used after --set: only used with model = \"train\"",
          "deck.toml:14:2: pilot: not used after --set: only used with leap.model = \"train\" or "
          "chains.start = \"pilot\"",
          "deck.toml:18:1: comparison.length: not used after --set: only used with "
          "openmm_dynamics = true"));
  EXPECT_EQ(loaded.deck.leaps.at(0).model, "m.pt");
  EXPECT_FALSE(loaded.deck.leaps.at(0).train);
  // The deck as understood is without them, and the same as one that never had them.
  const std::string plain = std::string(kMinimal) +
                            "[leap]\nmodel = \"m.pt\"\n[[move]]\nkind = \"learned_leap\"\n"
                            "[comparison]\nopenmm_dynamics = false\n";
  EXPECT_EQ(loaded.resolved_toml, read(plain).resolved_toml);
}

TEST_F(RunDeckTest, ReadsLaddersAndAmberFiles) {
  const RunDeck deck =
      read(
          "schema = 1\n[system]\ncoordinates = \"x.inpcrd\"\ntopology = \"x.prmtop\"\n"
          "implicit_solvent = \"gbn2\"\nsolute_dielectric = 2\nnonbonded = \"cutoff\"\n"
          "cutoff = \"12 A\"\nhydrogen_mass = \"3 amu\"\nconstraints = \"h_bonds\"\n"
          "[ensemble]\ntemperatures = [\"300 K\", 330, \"360 K\"]\n[output]\ndirectory = \"o\"\n"
          "[[move]]\nkind = \"hmc\"\n[[move]]\nkind = \"replica_exchange\"\n")
          .deck;
  EXPECT_TRUE(deck.has_ladder());
  EXPECT_THAT(deck.temperatures_K, testing::ElementsAre(300.0, 330.0, 360.0));
  EXPECT_EQ(deck.system.topology, "x.prmtop");
  EXPECT_EQ(deck.system.options.implicit_solvent, engine::GeneralizedBornModel::kGbn2);
  EXPECT_EQ(deck.system.options.solvent.solute_dielectric, 2.0);
  EXPECT_DOUBLE_EQ(deck.system.options.cutoff_nm, 1.2);
  EXPECT_EQ(deck.system.hydrogen_mass_dalton, 3.0);
  EXPECT_EQ(deck.system.options.constraints, forcefields::BondConstraints::kHydrogenBonds);
}

TEST_F(RunDeckTest, ReadsMoleculeFilesWithMmff) {
  const std::string minimal =
      std::regex_replace(std::string(kMinimal) + kHmc, std::regex("x.pdb"), "x.sdf");
  const auto with = [&](const char* force_field) {
    return std::regex_replace(minimal, std::regex("force_field = [^\n]*"),
                              std::string("force_field = ") + force_field);
  };
  const SystemDeck plain = read(with("\"mmff94\"")).deck.system;
  EXPECT_EQ(plain.coordinates, "x.sdf");
  EXPECT_TRUE(plain.force_field.empty());
  ASSERT_TRUE(plain.mmff.has_value());
  EXPECT_EQ(plain.mmff->variant, forcefields::MmffVariant::kMmff94);
  EXPECT_EQ(plain.mmff->dielectric, 1.0);
  EXPECT_FALSE(plain.mmff->distance_dependent_dielectric);
  const LoadedRunDeck set =
      read(with("[\"mmff94s\"]\ndielectric = 4\ndistance_dependent_dielectric = true"));
  EXPECT_EQ(set.deck.system.mmff->variant, forcefields::MmffVariant::kMmff94s);
  EXPECT_EQ(set.deck.system.mmff->dielectric, 4.0);
  EXPECT_TRUE(set.deck.system.mmff->distance_dependent_dielectric);
  EXPECT_EQ(read(set.resolved_toml).resolved_toml, set.resolved_toml);
  EXPECT_FALSE(set.deck.system.mmff->implicit_solvent.has_value());
  const LoadedRunDeck wet =
      read(with("\"mmff94\"\nimplicit_solvent = \"obc2\"\nsolvent_dielectric = 40\n"
                "surface_term = false\ndielectric = 2\ncharges = \"file\""));
  const forcefields::MmffOptions& mmff = *wet.deck.system.mmff;
  EXPECT_EQ(mmff.implicit_solvent, engine::GeneralizedBornModel::kObc2);
  EXPECT_EQ(mmff.dielectric, 2.0);
  EXPECT_EQ(mmff.solvent_dielectric, 40.0);
  EXPECT_FALSE(mmff.surface_term);
  EXPECT_EQ(mmff.charges, forcefields::PartialCharges::kGiven);
  EXPECT_EQ(read(wet.resolved_toml).resolved_toml, wet.resolved_toml);
}

TEST_F(RunDeckTest, ReadsNamedTorsions) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc +
                            "[observables]\nbackbone_torsions = false\n[observables.torsions]\n"
                            "chi = [\"-2:N\", \"2:CA\", \"A/2:CB\", \"2:HB1\"]\n")
                           .deck;
  EXPECT_FALSE(deck.observables.backbone_torsions);
  ASSERT_EQ(deck.observables.torsions.size(), 1U);
  const TorsionSelector& chi = deck.observables.torsions[0];
  EXPECT_EQ(chi.name, "chi");
  ASSERT_EQ(chi.atoms.size(), 4U);
  EXPECT_EQ(chi.atoms[0].residue, -2);
  EXPECT_EQ(chi.atoms[0].atom, "N");
  EXPECT_EQ(chi.atoms[2].chain, "A");
  EXPECT_EQ(chi.atoms[2].residue, 2);
  EXPECT_EQ(chi.atoms[3].atom, "HB1");
}

TEST_F(RunDeckTest, MeasuresTheWorkOfAMapUnlessToldOtherwise) {
  const std::string ladder =
      std::regex_replace(std::string(kMinimal), std::regex("temperature = [^\n]*"),
                         std::string("temperatures = [\"310 K\", \"400 K\"]"));
  const std::string text =
      ladder + kHmc + "[[move]]\nkind = \"replica_exchange\"\nmodel = \"default\"\n";
  const LoadedRunDeck loaded = read(text);
  EXPECT_TRUE(loaded.deck.observables.map_work);
  EXPECT_TRUE(loaded.deck.moves.at(1).has_map);
  EXPECT_THAT(loaded.resolved_toml, testing::HasSubstr("map_work = true\n"));
  EXPECT_FALSE(read(text, {"observables.map_work=false"}).deck.observables.map_work);
  const LoadedRunDeck without = read(ladder + kHmc + "[[move]]\nkind = \"replica_exchange\"\n");
  EXPECT_FALSE(without.deck.moves.at(1).has_map);
  EXPECT_THAT(without.resolved_toml, testing::Not(testing::HasSubstr("map_work")));
}

TEST_F(RunDeckTest, SwitchesTuningOffWithoutWarmUp) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc, {"warm_up.steps=0"}).deck;
  EXPECT_FALSE(deck.warm_up.tune);
  EXPECT_EQ(deck.moves[0].target_acceptance, 0.0);
}

TEST_F(RunDeckTest, ReadsAPressureAndChangesOfTheVolume) {
  const std::string text = std::string(kMinimal) + "pressure = \"1 atm\"\n" + kHmc +
                           "[[move]]\nkind = \"volume\"\n[[move]]\nkind = \"volume\"\n"
                           "mode = \"anisotropic\"\nmax_change = 0.1\n";
  const LoadedRunDeck loaded = read(text);
  EXPECT_FALSE(read(std::string(kMinimal) + kHmc).deck.pressure_bar.has_value());
  ASSERT_TRUE(loaded.deck.pressure_bar.has_value());
  EXPECT_DOUBLE_EQ(*loaded.deck.pressure_bar, 1.01325);
  EXPECT_THAT(loaded.resolved_toml, testing::HasSubstr("pressure = \"1.01325 bar\"\n"));
  const auto options = loaded.deck.moves.at(1).as<engine::VolumeOptions>();
  EXPECT_EQ(options.mode, engine::VolumeMode::kIsotropic);
  EXPECT_EQ(options.max_change, engine::VolumeOptions{}.max_change);
  EXPECT_EQ(loaded.deck.moves[2].as<engine::VolumeOptions>().mode,
            engine::VolumeMode::kAnisotropic);
  EXPECT_EQ(step_of(loaded.deck.moves[2]), 0.1);
  EXPECT_TRUE(requirements_of(loaded.deck.moves[1]).pressure);
}

TEST_F(RunDeckTest, ResolvesToADeckThatReadsBackToItself) {
  const std::string text =
      "title = \"a $${b}\"\nseed = 7\n" + std::string(kMinimal) +
      "[leap]\nmodel = \"train\"\nsave = \"models/m.pt\"\n[[move]]\nkind = \"learned_leap\"\n"
      "[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"mala\"\n[[move.part]]\n"
      "kind = \"torsion_walk\"\nwidth = 0.3\n[comparison]\nopenmm_dynamics = true\n"
      "[observables.torsions]\nchi = [\"2:N\", \"2:CA\", \"2:CB\", \"2:HB1\"]\n";
  const LoadedRunDeck first = read(text);
  const LoadedRunDeck second = read(first.resolved_toml);
  EXPECT_EQ(second.resolved_toml, first.resolved_toml);
  EXPECT_EQ(second.digest, first.digest);
  EXPECT_EQ(step_of(second.deck.moves[1].parts[1]), 0.3);
  EXPECT_EQ(second.deck.leaps.at(0).save, "models/m.pt");
  EXPECT_NE(read(text, {"seed=8"}).digest, first.digest);
}

TEST_F(RunDeckTest, PrintsDefaultsThatReadBackToTheDefaults) {
  const std::vector<std::string> required = {
      "system.coordinates=x.pdb", "system.force_field=[\"amber99sbildn.xml\"]",
      "output.directory=runs/x", "ensemble.temperature=310 K", "move[0].kind=hmc"};
  const LoadedRunDeck printed = read(default_run_deck(), required);
  EXPECT_EQ(printed.resolved_toml, read(std::string(kMinimal) + kHmc).resolved_toml);
}

// Keys that are off in the printed deck carry their defaults too: switched on section by section,
// they change nothing.
TEST_F(RunDeckTest, PrintsDefaultsOfWhatIsOff) {
  const std::string printed = default_run_deck();
  const auto section = [&](const std::string& header) {
    const std::size_t start = printed.find("#[" + header + "]\n");
    EXPECT_NE(start, std::string::npos) << header;
    const std::string text = printed.substr(start, printed.find("\n\n", start) - start);
    return std::regex_replace(text, std::regex("(^|\n)#(?=[a-z\\[])"), "$1") + '\n';
  };
  const std::string leap =
      std::regex_replace(section("leap"), std::regex("= \\.\\.\\."), "= \"train\"");
  const std::string without_save = std::regex_replace(leap, std::regex("\nsave = [^\n]*"), "");
  const std::string move = std::string(kMinimal) + "[[move]]\nkind = \"learned_leap\"\n";
  EXPECT_EQ(read(move + without_save + section("pilot")).resolved_toml,
            read(move + "[leap]\nmodel = \"train\"\n").resolved_toml);
}

TEST_F(RunDeckTest, DescribesEveryMove) {
  const std::string printed = default_run_deck();
  for (const char* kind : {"learned_leap", "hmc", "ghmc", "langevin", "mala", "torsion_walk",
                           "replica_exchange", "mixture"}) {
    EXPECT_NO_THROW(move_kind(kind));
  }
  for (const MoveKind& kind : move_kinds()) {
    EXPECT_THAT(printed, testing::HasSubstr("#[[move]]\n#kind = \"" + std::string(kind.name)));
  }
  EXPECT_THAT(printed, testing::HasSubstr("#[[move.part]]\n"));
}

TEST_F(RunDeckTest, LoadsFilesWithOverrides) {
  folder_.write("decks/deck.toml", std::string(kMinimal) + kHmc);
  folder_.write("decks/x.pdb", "");
  const LoadedRunDeck loaded = load_run_deck("decks/deck.toml", {"run.steps=5"});
  EXPECT_EQ(loaded.deck.run.steps, 5U);
  EXPECT_EQ(loaded.deck.system.coordinates, "decks/x.pdb");
  EXPECT_THAT(loaded.resolved_toml, testing::HasSubstr("coordinates = \"x.pdb\"\n"));
}

}  // namespace
}  // namespace saltus::tools
