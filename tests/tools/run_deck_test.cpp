// Oracle: what a deck means and what is wrong with it, written out by hand.
#include "tools/saltus/run_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "tests/io/deck/deck_test_files.h"

namespace saltus::tools {
namespace {

using engine::InputError;
using io::DeckFolder;
using io::message_of;

// A complete deck but for its moves, in eight lines.
constexpr const char* kMinimal =
    "schema = 1\n"
    "[system]\n"
    "coordinates = \"x.pdb\"\n"
    "force_field = [\"amber99sbildn.xml\"]\n"
    "[output]\n"
    "directory = \"runs/x\"\n"
    "[ensemble]\n"
    "temperature = \"310 K\"\n";
constexpr const char* kHmc = "[[move]]\nkind = \"hmc\"\n";

class RunDeckTest : public testing::Test {
 protected:
  RunDeckTest() {
    for (const char* name : {"x.pdb", "x.inpcrd", "x.prmtop", "x.xml", "x.gro", "m.pt"}) {
      folder_.write(name, "");
    }
  }

  static LoadedRunDeck read(const std::string& text,
                            const std::vector<std::string>& overrides = {}) {
    return parse_run_deck(text, "deck.toml", "", overrides);
  }

  // Lines of the message without "deck.toml:" and the line with their number.
  static std::string errors(const std::string& text) {
    const std::string message = message_of<InputError>([&] { read(text); });
    std::string lines = message.substr(0, message.rfind('\n'));
    return std::regex_replace(lines, std::regex("(^|\n)deck.toml(:|$)"), "$1");
  }

  DeckFolder folder_;
};

TEST_F(RunDeckTest, TakesEngineAndTrainingDefaults) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc).deck;
  EXPECT_EQ(deck.seed, 2026U);
  EXPECT_EQ(deck.system.coordinates, "x.pdb");
  EXPECT_THAT(deck.system.force_field, testing::ElementsAre("amber99sbildn.xml"));
  EXPECT_FALSE(deck.system.implicit_solvent.has_value());
  EXPECT_EQ(deck.system.nonbonded, engine::NonbondedMethod::kNoCutoff);
  EXPECT_FALSE(deck.system.hydrogen_mass_dalton.has_value());
  EXPECT_EQ(deck.energy.backend, EnergyBackend::kNative);
  EXPECT_THAT(deck.temperatures_K, testing::ElementsAre(310.0));
  EXPECT_FALSE(deck.has_ladder());
  EXPECT_EQ(deck.chains.count, 64U);
  EXPECT_EQ(deck.chains.start, ChainStart::kMinimised);
  EXPECT_EQ(deck.warm_up.steps, 100U);
  EXPECT_TRUE(deck.warm_up.tune);
  ASSERT_EQ(deck.moves.size(), 1U);
  EXPECT_EQ(deck.moves[0].kind, MoveKind::kHmc);
  EXPECT_EQ(deck.moves[0].hamiltonian.n_steps, engine::HamiltonianOptions{}.n_steps);
  EXPECT_EQ(deck.moves[0].target_acceptance, 0.8);
  EXPECT_FALSE(deck.leap.has_value());
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
  EXPECT_EQ(deck.moves[0].kind, MoveKind::kLearnedLeap);
  EXPECT_EQ(deck.moves[0].repeat, 2U);
  EXPECT_EQ(deck.moves[1].kind, MoveKind::kGhmc);
  EXPECT_EQ(deck.moves[1].hamiltonian.time_step_ps, 0.0005);
  EXPECT_EQ(deck.moves[1].hamiltonian.n_steps, 3U);
  EXPECT_EQ(deck.moves[1].hamiltonian.friction_per_ps, 2.0);
  EXPECT_EQ(deck.moves[2].langevin.time_step_ps, 0.002);
  EXPECT_EQ(deck.moves[2].langevin.friction_per_ps, 5.0);
  EXPECT_EQ(deck.moves[2].langevin.n_steps, 7U);
  ASSERT_EQ(deck.moves[3].parts.size(), 2U);
  EXPECT_DOUBLE_EQ(deck.moves[3].parts[0].step_nm, 0.001);
  EXPECT_EQ(deck.moves[3].parts[0].weight, 3.0);
  EXPECT_DOUBLE_EQ(deck.moves[3].parts[1].width_rad, engine::kPi / 2.0);
  EXPECT_EQ(deck.moves[3].parts[1].target_acceptance, 0.3);
  EXPECT_TRUE(deck.uses(MoveKind::kTorsionWalk));
  EXPECT_FALSE(deck.uses(MoveKind::kReplicaExchange));
  ASSERT_TRUE(deck.leap.has_value());
  EXPECT_TRUE(deck.leap->train);
  EXPECT_EQ(deck.leap->lag_ps, 5.0);
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
  EXPECT_FALSE(deck.leap->train);
  EXPECT_EQ(deck.leap->model, "m.pt");
  EXPECT_FALSE(deck.pilot.has_value());
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
  EXPECT_EQ(deck.system.implicit_solvent, engine::GeneralizedBornModel::kGbn2);
  EXPECT_EQ(deck.system.solute_dielectric, 2.0);
  EXPECT_DOUBLE_EQ(deck.system.cutoff_nm, 1.2);
  EXPECT_EQ(deck.system.hydrogen_mass_dalton, 3.0);
  EXPECT_EQ(deck.system.constraints, BondConstraints::kHydrogenBonds);
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

TEST_F(RunDeckTest, SwitchesTuningOffWithoutWarmUp) {
  const RunDeck deck = read(std::string(kMinimal) + kHmc, {"warm_up.steps=0"}).deck;
  EXPECT_FALSE(deck.warm_up.tune);
  EXPECT_EQ(deck.moves[0].target_acceptance, 0.0);
}

TEST_F(RunDeckTest, NamesWhatAnEmptyDeckLacks) {
  EXPECT_EQ(message_of<InputError>([] { read(""); }),
            "deck.toml: schema: missing; expected 1\n"
            "deck.toml: system.coordinates: missing; expected a path\n"
            "deck.toml: system: missing force_field, system_xml or topology; one of them has to "
            "say what the energy is\n"
            "deck.toml: ensemble.temperature: missing; expected a temperature such as \"300 K\"\n"
            "deck.toml: move: expected at least 1 [[move]], got 0\n"
            "deck.toml: output.directory: missing; expected a string\n"
            "6 errors in deck.toml");
}

TEST_F(RunDeckTest, RefusesOtherSchemas) {
  EXPECT_EQ(errors("schema = 2\n" + std::string(kMinimal).substr(11) + kHmc),
            "1:10: schema: expected 1, got integer 2");
}

// Each case adds text after the minimal deck and one hmc move; its first line is line 11.
struct Addition {
  const char* text;
  const char* errors;
};

class WrongAdditions : public RunDeckTest, public testing::WithParamInterface<Addition> {};

TEST_P(WrongAdditions, AreReportedWhereTheyStand) {
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc + GetParam().text), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Moves, WrongAdditions,
    testing::Values(
        Addition{"friction = \"1 /ps\"",
                 "11:1: move[0].friction: unknown key; known here: kind, repeat, time_step, steps, "
                 "length_jitter, target_acceptance"},
        Addition{"time_step = \"1 kJ/mol\"",
                 "11:13: move[0].time_step: expected a time such as \"1 fs\", got energy \"1 "
                 "kJ/mol\""},
        Addition{"weight = 2",
                 "11:1: move[0].weight: unknown key; known here: kind, repeat, time_step, steps, "
                 "length_jitter, target_acceptance"},
        Addition{"[[move]]\nkind = \"hcm\"\nanything = 1",
                 "12:8: move[1].kind: expected \"hmc\", \"ghmc\", \"langevin\", \"mala\", "
                 "\"torsion_walk\", \"learned_leap\", \"replica_exchange\" or \"mixture\", got "
                 "string \"hcm\"; did you mean \"hmc\"?"},
        Addition{"[[move]]\nkind = \"replica_exchange\"",
                 "12:8: move[1].kind: replica exchange needs a ladder; give "
                 "ensemble.temperatures, such as [\"310 K\", \"400 K\"]"},
        Addition{"[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"",
                 "13:1: move[1].part: expected at least 2 [[move.part]], got 1"},
        Addition{"[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\n[[move.part]]\n"
                 "kind = \"mixture\"",
                 "16:8: move[1].part[1].kind: expected \"hmc\", \"ghmc\", \"langevin\", \"mala\", "
                 "\"torsion_walk\", \"learned_leap\" or \"replica_exchange\", got string "
                 "\"mixture\""},
        Addition{"[[move]]\nkind = \"learned_leap\"",
                 " leap.model: missing; expected \"train\" or a path"},
        Addition{"[leap]\nmodel = \"train\"",
                 "11:2: leap: only used with a [[move]] of kind \"learned_leap\""},
        Addition{"[warm_up]\ntune = false\n[[move]]\nkind = \"mala\"\ntarget_acceptance = 0.5",
                 "15:1: move[1].target_acceptance: only used with warm_up.tune = true"},
        Addition{"[warm_up]\ntune = true\nsteps = 0",
                 "12:8: warm_up.tune: needs warm_up.steps of at least 1"}));

constexpr const char* kLeapMoveText = "[[move]]\nkind = \"learned_leap\"\n[leap]\n";

class WrongLeaps : public WrongAdditions {};

// The text begins at line 14.
TEST_P(WrongLeaps, AreReportedWhereTheyStand) {
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc + kLeapMoveText + GetParam().text),
            GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Sections, WrongLeaps,
    testing::Values(
        Addition{"model = \"no.pt\"",
                 "14:9: leap.model: no file \"no.pt\"; paths count from the folder of the deck "
                 "that holds them"},
        Addition{"model = \"m.pt\"\nlag = \"5 ps\"\n[pilot]\nladders = 3",
                 "15:1: leap.lag: only used with model = \"train\"\n"
                 "16:2: pilot: only used with leap.model = \"train\" or chains.start = \"pilot\""},
        Addition{"model = \"train\"\nlag = \"1 ns\"",
                 "15:7: leap.lag: expected less than what the pilot keeps (130 ps), got 1000 ps"},
        Addition{"model = \"train\"\nlag = \"0.3 ps\"",
                 "15:7: leap.lag: expected a multiple of pilot.frame_period (0.2 ps), got 0.3 ps"},
        Addition{"model = \"train\"\nuniform_fraction = 0\nhidden = 0",
                 "15:20: leap.uniform_fraction: expected a number between 0 and 1, both excluded, "
                 "got integer 0\n"
                 "16:10: leap.hidden: expected an integer of at least 1, got integer 0"},
        Addition{"model = \"train\"\n[pilot]\ntemperatures = [\"300 K\", \"400 K\", \"350 K\"]",
                 "16:17: pilot.temperatures[0]: expected ensemble.temperature, 310 K, got 300 K\n"
                 "16:35: pilot.temperatures[2]: expected more than the temperature before, 400 K, "
                 "got 350 K"},
        Addition{"model = \"train\"\n[pilot]\nframe_period = \"3 fs\"\nexchange_period = \"1 fs\"",
                 "16:16: pilot.frame_period: expected a multiple of time_step (0.002 ps), got "
                 "0.003 ps\n"
                 "17:19: pilot.exchange_period: expected a multiple of time_step (0.002 ps), got "
                 "0.001 ps"},
        Addition{"model = \"train\"\n[pilot]\nequilibration = \"1 ns\"",
                 "16:17: pilot.equilibration: expected less than length (150 ps), got 1000 ps"}));

INSTANTIATE_TEST_SUITE_P(
    Sections, WrongAdditions,
    testing::Values(
        Addition{"[energy]\nbackend = \"opnmm\"",
                 "12:11: energy.backend: expected \"native\" or \"openmm\", got string \"opnmm\"; "
                 "did you mean \"openmm\"?"},
        Addition{
            "[energy]\nplatform = \"CPU\"",
            "12:1: energy.platform: only used with backend = \"openmm\" or cross_check = true"},
        Addition{"[energy]\nbackend = \"openmm\"\ncross_check = true",
                 "13:1: energy.cross_check: only used with backend = \"native\""},
        Addition{"[run]\nsteps = -1\nframe_period = 1.5",
                 "12:9: run.steps: expected an integer of at least 0, got integer -1\n"
                 "13:16: run.frame_period: expected an integer of at least 0, got real 1.5"},
        Addition{"[pilot]\nladders = 3",
                 "11:2: pilot: only used with leap.model = \"train\" or chains.start = \"pilot\""},
        Addition{"[comparison]\nlength = \"1 ns\"",
                 "12:1: comparison.length: only used with openmm_dynamics = true"},
        Addition{
            "[comparison]\nopenmm_dynamics = true\nframe_period = \"0.3 ps\"",
            "11:1: comparison.length: expected a multiple of frame_period (0.3 ps), got 1000 ps"},
        Addition{"[observables.torsions]\nphi = [\"1:C\", \"2N\"]",
                 "12:7: observables.torsions.phi: expected four atoms, such as [\"1:C\", \"2:N\", "
                 "\"2:CA\", \"2:C\"], got 2\n"
                 "12:15: observables.torsions.phi[1]: expected an atom such as \"2:CA\" or "
                 "\"A/2:CA\", got \"2N\""},
        Addition{"[outputs]\nx = 1", "11:2: outputs: unknown key; did you mean \"output\"?"},
        Addition{"[vars]\nx = 1",
                 "12:1: vars.x: never used; write \"${x}\" where it is wanted, or remove it"}));

// Each case takes the place of the system's two lines, which are 3 and 4.
class WrongSystems : public WrongAdditions {};

TEST_P(WrongSystems, AreReportedWhereTheyStand) {
  EXPECT_EQ(errors("schema = 1\n[system]\n" + std::string(GetParam().text) +
                   "\n[output]\ndirectory = \"o\"\n[ensemble]\ntemperature = 300\n" + kHmc),
            GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Sections, WrongSystems,
    testing::Values(
        Addition{"coordinates = \"x.pdb\"",
                 "2:1: system: missing force_field, system_xml or topology; one of them has to say "
                 "what the energy is"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nsystem_xml = \"x.xml\"",
                 "5:14: system.system_xml: give either force_field or system_xml, not both"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = []",
                 "4:15: system.force_field: expected at least 1 entry, got 0"},
        Addition{"coordinates = \"x.gro\"\nforce_field = [\"a.xml\"]",
                 "3:15: system.coordinates: expected a .pdb, .inpcrd or .rst7 file, got \"x.gro\""},
        Addition{"coordinates = \"x.inpcrd\"\nsystem_xml = \"x.xml\"",
                 "3:15: system.coordinates: AMBER coordinates need topology, the .prmtop file with "
                 "the atoms' names"},
        Addition{"coordinates = \"no.pdb\"\nsystem_xml = \"no.xml\"",
                 "3:15: system.coordinates: no file \"no.pdb\"; paths count from the folder of the "
                 "deck that holds them\n"
                 "4:14: system.system_xml: no file \"no.xml\"; paths count from the folder of the "
                 "deck that holds them"},
        Addition{"coordinates = \"x.pdb\"\nsystem_xml = \"x.xml\"\nnonbonded = \"cutoff\"\n"
                 "implicit_solvent = \"obc1\"\nsurface_term = false\nconstraints = \"none\"",
                 "5:1: system.nonbonded: only used with force_field or topology\n"
                 "6:1: system.implicit_solvent: only used with topology\n"
                 "7:1: system.surface_term: only used with force_field or implicit_solvent\n"
                 "8:1: system.constraints: only used with force_field or topology"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\ncutoff = \"1 nm\"",
                 "5:1: system.cutoff: only used with nonbonded = \"cutoff\""},
        // A misspelt method is one error: what depends on it stays silent.
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nnonbonded = \"cutof\"\n"
                 "cutoff = \"1 nm\"",
                 "5:13: system.nonbonded: expected \"no_cutoff\" or \"cutoff\", got string "
                 "\"cutof\"; did you mean \"cutoff\"?"},
        Addition{"coordinates = \"x.pdb\"\ntopology = \"x.prmtop\"\nimplicit_solvent = \"gbn3\"\n"
                 "solvent_dielectric = 0.5",
                 "5:20: system.implicit_solvent: expected \"none\", \"obc1\", \"obc2\" or "
                 "\"gbn2\", got string \"gbn3\"; did you mean \"gbn2\"?\n"
                 "6:22: system.solvent_dielectric: expected a number of at least 1, got real 0.5"},
        Addition{
            "coordinates = \"x.pdb\"\ntopology = \"x.prmtop\"\nsolvent_dielectric = 80",
            "5:1: system.solvent_dielectric: only used with force_field or implicit_solvent"}));

class WrongEnsembles : public WrongAdditions {};

// The text begins at line 8.
TEST_P(WrongEnsembles, AreReportedWhereTheyStand) {
  const std::string before = std::string(kMinimal);
  EXPECT_EQ(errors(before.substr(0, before.rfind("temperature")) + GetParam().text),
            GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Sections, WrongEnsembles,
    testing::Values(
        Addition{"temperature = 300\ntemperatures = [300, 400]\n[[move]]\nkind = "
                 "\"replica_exchange\"",
                 "8:15: ensemble.temperature: give either temperature or temperatures, not both"},
        Addition{"temperatures = [300, 400]\n[[move]]\nkind = \"hmc\"",
                 "8:16: ensemble.temperatures: a ladder needs a [[move]] of kind "
                 "\"replica_exchange\""},
        Addition{"temperatures = [300]\n[[move]]\nkind = \"replica_exchange\"",
                 "8:16: ensemble.temperatures: expected at least 2 entries, got 1"},
        Addition{"temperatures = [400, 300]\n[[move]]\nkind = \"replica_exchange\"",
                 "8:22: ensemble.temperatures[1]: expected more than the temperature before, 400 "
                 "K, got 300 K"},
        Addition{"temperatures = [300, 400]\n[[move]]\nkind = \"replica_exchange\"\n[[move]]\n"
                 "kind = \"learned_leap\"\n[leap]\nmodel = \"m.pt\"",
                 "12:8: move[1].kind: a learned leap is made for one temperature; give "
                 "ensemble.temperature instead of ensemble.temperatures"}));

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
  EXPECT_EQ(second.deck.moves[1].parts[1].width_rad, 0.3);
  EXPECT_EQ(second.deck.leap->save, "models/m.pt");
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
  for (const MoveKind kind :
       {MoveKind::kLearnedLeap, MoveKind::kHmc, MoveKind::kGhmc, MoveKind::kLangevin,
        MoveKind::kMala, MoveKind::kTorsionWalk, MoveKind::kReplicaExchange, MoveKind::kMixture}) {
    EXPECT_THAT(printed, testing::HasSubstr("#[[move]]\n#kind = \"" + std::string(name_of(kind))));
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
