// Oracle: what is wrong with a deck, written out by hand.
#include "tests/tools/decks/run_deck_fixture.h"

namespace saltus::tools {
namespace {

using engine::InputError;
using io::message_of;

TEST_F(RunDeckTest, NamesWhatAnEmptyDeckLacks) {
  EXPECT_EQ(message_of<InputError>([] { read(""); }),
            "deck.toml: schema: missing; expected 1\n"
            "deck.toml: system.coordinates: missing; expected a path\n"
            "deck.toml: system: missing force_field, system_xml or topology; one of them must "
            "define the energy\n"
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
        Addition{"[[move]]\nkind = \"replica_exchange\"",
                 "12:8: move[1].kind: replica exchange needs a ladder; give "
                 "ensemble.temperatures, such as [\"310 K\", \"400 K\"]"},
        Addition{"[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"",
                 "13:1: move[1].part: expected at least 2 [[move.part]], got 1"},
        Addition{"[[move]]\nkind = \"learned_leap\"",
                 " leap.model: missing; expected \"train\" or a path"},
        Addition{"[leap]\nmodel = \"train\"",
                 "11:2: leap: only used with a [[move]] of kind \"learned_leap\" or \"timewarp\""},
        Addition{"[warm_up]\ntune = false\n[[move]]\nkind = \"mala\"\ntarget_acceptance = 0.5",
                 "15:1: move[1].target_acceptance: only used with warm_up.tune = true"},
        Addition{"[warm_up]\ntune = true\nsteps = 0",
                 "12:8: warm_up.tune: needs warm_up.steps of at least 1"}));

TEST_F(RunDeckTest, ListsTheKindsOfMovesThereAre) {
  EXPECT_EQ(quoted_list({"a", "b", "c"}), "\"a\", \"b\" or \"c\"");
  const std::string all = quoted_kinds([](const MoveKind&) { return true; });
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc + "[[move]]\nkind = \"hcm\"\nanything = 1"),
            "12:8: move[1].kind: expected " + all + ", got string \"hcm\"; did you mean \"hmc\"?");
  const std::string parts =
      quoted_kinds([](const MoveKind& kind) { return kind.parts != MoveParts::kMoves; });
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc +
                   "[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\n[[move.part]]\n"
                   "kind = \"mixture\""),
            "16:8: move[1].part[1].kind: expected " + parts + ", got string \"mixture\"");
}

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
        Addition{
            "model = \"train\"\nuniform_fraction = 0\nhidden = 0",
            "15:20: leap.uniform_fraction: expected a number between 0 and 1, both excluded, "
            "usually 0.05, got integer 0\n"
            "16:10: leap.hidden: expected an integer from 1 to 100000, usually 48, got integer 0"},
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
                 "12:11: energy.backend: expected \"auto\", \"native\" or \"openmm\", got string "
                 "\"opnmm\"; "
                 "did you mean \"openmm\"?"},
        Addition{"[observables]\nmap_work = true",
                 "12:1: observables.map_work: only used with a move that has a map between "
                 "temperatures"},
        Addition{"[energy]\nplatform = \"CPU\"",
                 "12:1: energy.platform: only used with backend = \"openmm\""},
        Addition{"[energy]\nbackend = \"openmm\"\ncross_check = true",
                 "13:1: energy.cross_check: only used with backend = \"auto\" or \"native\""},
        Addition{"[run]\nsteps = -1\nframe_period = 1.5",
                 "12:9: run.steps: expected an integer from 0 to 1000000000000, usually 1000, got "
                 "integer -1\n"
                 "13:16: run.frame_period: expected an integer from 0 to 1000000000000, usually 1, "
                 "got real 1.5"},
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
                 "2:1: system: missing force_field, system_xml or topology; one of them must "
                 "define the energy"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nsystem_xml = \"x.xml\"",
                 "5:14: system.system_xml: give either force_field or system_xml, not both"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = []",
                 "4:15: system.force_field: expected at least 1 entry, got 0"},
        Addition{"coordinates = \"x.gro\"\nforce_field = [\"a.xml\"]",
                 "3:15: system.coordinates: expected a .pdb, .sdf, .mol, .inpcrd or .rst7 file, "
                 "got \"x.gro\""},
        Addition{"coordinates = \"x.sdf\"\nforce_field = \"a.xml\"\ndielectric = 2",
                 "3:15: system.coordinates: an .sdf or .mol file needs force_field = \"mmff94\" or "
                 "\"mmff94s\"\n"
                 "5:1: system.dielectric: only used with force_field = \"mmff94\" or \"mmff94s\""},
        Addition{"coordinates = \"x.pdb\"\nforce_field = \"mmff94\"\nconstraints = \"h_bonds\"\n"
                 "dielectric = 0",
                 "3:15: system.coordinates: MMFF94 needs bond orders and charges; expected an .sdf "
                 "or .mol file, got \"x.pdb\"\n"
                 "5:1: system.constraints: only used with force_field files or topology\n"
                 "6:14: system.dielectric: expected a number from 0.01 to 1e+06, usually 1, got "
                 "integer 0"},
        Addition{
            "coordinates = \"x.sdf\"\nforce_field = \"mmff94\"\n"
            "implicit_solvent = \"obc2\"\ndistance_dependent_dielectric = true\n"
            "solute_dielectric = 2",
            "6:33: system.distance_dependent_dielectric: excludes implicit_solvent, both stand "
            "for water; leave one of them out\n"
            "7:1: system.solute_dielectric: only used with force_field files or topology; with "
            "MMFF94 give dielectric"},
        Addition{"coordinates = \"x.sdf\"\nforce_field = [\"mmff94\", \"a.xml\"]",
                 "4:15: system.force_field: mmff94 is complete; give it alone"},
        Addition{"coordinates = \"x.sdf\"\nforce_field = 94",
                 "4:15: system.force_field: expected a path or a list of them, got integer 94"},
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
                 "6:1: system.implicit_solvent: only used with force_field or topology\n"
                 "7:1: system.surface_term: only used with implicit_solvent\n"
                 "8:1: system.constraints: only used with force_field or topology"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\ncutoff = \"1 nm\"",
                 "5:1: system.cutoff: only used with nonbonded = \"cutoff\", \"cutoff_periodic\", "
                 "\"ewald\" or \"pme\""},
        // A misspelt method is one error: what depends on it stays silent.
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nnonbonded = \"cutof\"\n"
                 "cutoff = \"1 nm\"",
                 "5:13: system.nonbonded: expected \"no_cutoff\", \"cutoff\", \"cutoff_periodic\", "
                 "\"ewald\" or \"pme\", got string "
                 "\"cutof\"; did you mean \"cutoff\"?"},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nnonbonded = \"ljpme\"",
                 "5:13: system.nonbonded: \"ljpme\" is not available; \"pme\" with "
                 "dispersion_correction is; expected \"no_cutoff\", \"cutoff\", "
                 "\"cutoff_periodic\", \"ewald\" or \"pme\""},
        Addition{"coordinates = \"x.pdb\"\nforce_field = [\"a.xml\"]\nnonbonded = \"pme\"\n"
                 "implicit_solvent = \"obc2\"",
                 "5:13: system.nonbonded: a periodic box excludes implicit_solvent; leave one of "
                 "the two out"},
        Addition{"coordinates = \"x.pdb\"\ntopology = \"x.prmtop\"\nimplicit_solvent = \"gbn3\"\n"
                 "solvent_dielectric = 0.5",
                 "5:20: system.implicit_solvent: expected \"none\", \"obc1\", \"obc2\" or "
                 "\"gbn2\", got string \"gbn3\"; did you mean \"gbn2\"?\n"
                 "6:22: system.solvent_dielectric: expected a number from 1 to 1e+06, usually "
                 "78.5, got real 0.5"},
        Addition{"coordinates = \"x.pdb\"\ntopology = \"x.prmtop\"\nsolvent_dielectric = 80",
                 "5:1: system.solvent_dielectric: only used with implicit_solvent"}));

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
                 "ensemble.temperature instead of ensemble.temperatures"},
        Addition{"temperature = 300\npressure = \"1 bar\"\n[[move]]\nkind = \"hmc\"",
                 "9:12: ensemble.pressure: a pressure needs a [[move]] of kind \"volume\""},
        Addition{"temperature = 300\n[[move]]\nkind = \"volume\"",
                 "10:8: move[0].kind: a change of the volume needs a pressure; give "
                 "ensemble.pressure, such as \"1 bar\", or leave this move out"},
        Addition{"temperature = 300\npressure = 1\n[[move]]\nkind = \"volume\"",
                 "9:12: ensemble.pressure: expected a pressure such as \"1 bar\", got 1 without a "
                 "unit"},
        Addition{"temperature = 300\npressure = \"1 K\"\n[[move]]\nkind = \"volume\"",
                 "9:12: ensemble.pressure: expected a pressure such as \"1 bar\", got temperature "
                 "\"1 K\""},
        Addition{
            "temperature = 300\npressure = \"1 bar\"\n[[move]]\nkind = \"volume\"\n"
            "[comparison]\nopenmm_dynamics = true",
            "13:19: comparison.openmm_dynamics: plain dynamics run at constant volume, another "
            "ensemble than that of ensemble.pressure; leave one of the two out"}));

}  // namespace
}  // namespace saltus::tools
