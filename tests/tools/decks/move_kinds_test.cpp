// Oracle: what rows of the table of kinds and decks of their moves mean, written out by hand.
#include "tools/saltus/decks/move_kinds.h"

#include <gmock/gmock.h>

#include <set>

#include "engine/core/units.h"
#include "engine/rigid/rigid_block.h"
#include "tests/tools/decks/run_deck_fixture.h"

namespace saltus::tools {
namespace {

using engine::InternalError;
using io::message_of;

class MoveKindsTest : public RunDeckTest {
 protected:
  /// A deck with bond orders; moves begin at line 11.
  static std::string with_bonds(const std::string& moves) {
    std::string text = std::regex_replace(kMinimal, std::regex("x.pdb"), "x.sdf");
    text = std::regex_replace(text, std::regex("\\[\"amber99sbildn.xml\"\\]"), "\"mmff94\"");
    return text + kHmc + moves;
  }
};

TEST(MoveKinds, HaveDifferentNamesAndSayEverything) {
  std::set<std::string> names;
  for (const MoveKind& kind : move_kinds()) {
    SCOPED_TRACE(kind.name);
    EXPECT_TRUE(names.insert(kind.name).second);
    EXPECT_STRNE(kind.description, "");
    EXPECT_STRNE(kind.words, "");
    EXPECT_EQ(&move_kind(kind.name), &kind);
    // Made in one way, and of parts only when somebody reads them.
    const int ways =
        (kind.propose ? 1 : 0) + (kind.build ? 1 : 0) + (kind.parts == MoveParts::kMoves ? 1 : 0);
    EXPECT_EQ(ways, 1);
  }
  EXPECT_EQ(message_of<InternalError>([] { move_kind("hcm"); }), "no move of kind hcm");
}

TEST(MoveKinds, TuneStepsBetweenSensibleOnes) {
  std::set<std::string> tuned;
  for (const MoveKind& kind : move_kinds()) {
    if (!kind.tuned) continue;
    SCOPED_TRACE(kind.name);
    tuned.insert(kind.name);
    EXPECT_LT(kind.tuned->smallest, kind.tuned->initial);
    EXPECT_LT(kind.tuned->initial, kind.tuned->largest);
    EXPECT_GT(kind.tuned->usual_acceptance, 0.0);
    EXPECT_LT(kind.tuned->usual_acceptance, 1.0);
  }
  EXPECT_THAT(tuned, testing::IsSupersetOf({"hmc", "ghmc", "mala", "torsion_walk"}));
  EXPECT_STREQ(move_kind("hmc").tuned->unit, "ps");
  EXPECT_EQ(move_kind("hmc").tuned->initial, 0.001);
  EXPECT_EQ(move_kind("hmc").tuned->largest, 0.01);
  EXPECT_EQ(move_kind("ghmc").tuned->smallest, 1e-5);
  EXPECT_STREQ(move_kind("mala").tuned->unit, "nm");
  EXPECT_EQ(move_kind("mala").tuned->initial, 0.002);
  EXPECT_EQ(move_kind("mala").tuned->largest, 1.0);
  EXPECT_EQ(move_kind("mala").tuned->usual_acceptance, 0.57);
  EXPECT_STREQ(move_kind("torsion_walk").tuned->unit, "rad");
  EXPECT_EQ(move_kind("torsion_walk").tuned->initial, 30.0 * engine::kRadianPerDegree);
  EXPECT_EQ(move_kind("torsion_walk").tuned->largest, engine::kPi);
  EXPECT_EQ(move_kind("torsion_walk").tuned->usual_acceptance, 0.4);
}

TEST(MoveKinds, AreFoundByTheLabelsOfTheirMoves) {
  EXPECT_EQ(kind_of_label("hmc"), &move_kind("hmc"));
  EXPECT_EQ(kind_of_label("replica_exchange_12"), &move_kind("replica_exchange"));
  EXPECT_EQ(kind_of_label("learned_leap/phi 3"), &move_kind("learned_leap"));
  EXPECT_EQ(kind_of_label("learned_leap_2/phi_3"), &move_kind("learned_leap"));
  EXPECT_EQ(kind_of_label("phi/hmc"), nullptr);
  EXPECT_EQ(kind_of_label("hmc_"), nullptr);
  EXPECT_EQ(kind_of_label("hmc2"), nullptr);
  EXPECT_EQ(kind_of_label("12"), nullptr);
  EXPECT_EQ(kind_of_label(""), nullptr);
}

TEST(MoveKinds, AreListedForMessages) {
  EXPECT_EQ(kinds_that_keep_constraints(),
            "openmm_langevin, langevin, hmc, ghmc and driven_torsion");
  const auto is_hybrid = [](const MoveKind& kind) {
    return kind.tuned && std::string(kind.tuned->unit) == "ps";
  };
  EXPECT_EQ(kinds_in_quotes(is_hybrid), "\"hmc\" or \"ghmc\" or \"rigid_hmc\"");
}

TEST_F(MoveKindsTest, ReadTorsionMoves) {
  folder_.write("n.net", "");
  const LoadedRunDeck loaded = read(with_bonds(
      "[[move]]\nkind = \"torsion_reset\"\nrepeat = 3\n"
      "[[move]]\nkind = \"torsion_reset\"\ntorsions = 2\nuniform = 1\ndensities = \"n.net\"\n"
      "[[move]]\nkind = \"nitrogen_inversion\"\n"
      "[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\n"
      "[[move.part]]\nkind = \"multiple_try\"\ntries = 4\n"
      "[move.part.proposal]\nkind = \"torsion_reset\"\ndensities = \"n.net\"\n"));
  const auto& moves = loaded.deck.moves;
  ASSERT_EQ(moves.size(), 5U);
  EXPECT_STREQ(moves[1].kind->name, "torsion_reset");
  EXPECT_EQ(moves[1].repeat, 3U);
  EXPECT_TRUE(moves[1].files.empty());
  EXPECT_STREQ(moves[4].parts.at(1).parts.at(0).kind->name, "torsion_reset");
  EXPECT_THAT(files_of_moves(moves),
              testing::ElementsAre(testing::Pair("move[2].densities", "n.net"),
                                   testing::Pair("move[4].part[1].proposal.densities", "n.net")));
  EXPECT_THAT(ready_models_of(moves),
              testing::ElementsAre("the torsion network within Saltus", "n.net"));
  EXPECT_THAT(loaded.resolved_toml,
              testing::HasSubstr("[[move]]\nkind = \"torsion_reset\"\nrepeat = 3\ntorsions = 1\n"
                                 "uniform = 0.05\ndensities = \"default\"\n"));
  EXPECT_THAT(loaded.resolved_toml,
              testing::HasSubstr("[[move.part]]\nkind = \"multiple_try\"\nweight = 1.0\ntries = 4\n"
                                 "\n[move.part.proposal]\nkind = \"torsion_reset\"\n"));
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
}

TEST_F(MoveKindsTest, ReadRingMoves) {
  const LoadedRunDeck loaded =
      read(with_bonds("[[move]]\nkind = \"ring_flip\"\n"
                      "[[move]]\nkind = \"ring_flip\"\nrepeat = 2\nkicks = 7\nwindow = 12.5\n"));
  const auto& moves = loaded.deck.moves;
  ASSERT_EQ(moves.size(), 3U);
  EXPECT_EQ(moves[1].as<RingRequest>().n_kicks, engine::RingSearchOptions{}.n_kicks);
  EXPECT_EQ(moves[2].as<RingRequest>().n_kicks, 7U);
  EXPECT_EQ(moves[2].as<RingRequest>().energy_window, 12.5);
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
  EXPECT_THAT(errors(with_bonds("[[move]]\nkind = \"ring_flip\"\nkicks = 0\n")),
              testing::HasSubstr("move[1].kicks"));
}

/// A ladder; its moves begin at line 9.
std::string ladder_of(const std::string& moves, const std::string& more = "") {
  return std::regex_replace(std::string(kMinimal), std::regex("temperature = \"310 K\"\n"),
                            "temperatures = [100, 175, 250]\n" + more) +
         moves;
}

TEST_F(MoveKindsTest, ReadMapsBetweenTemperatures) {
  folder_.write("a.flow", "");
  folder_.write("b.flow", "");
  const std::string exchange = "[[move]]\nkind = \"replica_exchange\"\n";
  const LoadedRunDeck plain = read(ladder_of(exchange));
  EXPECT_EQ(plain.deck.moves.at(0).as<MapRequest>().kind, MapKind::kNone);
  // Decks of earlier versions keep their meaning, which runs are resumed by.
  EXPECT_THAT(plain.resolved_toml, testing::Not(testing::HasSubstr("flow")));
  const LoadedRunDeck harmonic = read(ladder_of(exchange + "flow = \"harmonic\"\n"));
  EXPECT_EQ(harmonic.deck.moves.at(0).as<MapRequest>().kind, MapKind::kHarmonic);
  EXPECT_TRUE(requirements_of(harmonic.deck.moves[0]).rigid_molecules);
  EXPECT_TRUE(ready_models_of(harmonic.deck.moves).empty());
  EXPECT_EQ(read(harmonic.resolved_toml).resolved_toml, harmonic.resolved_toml);

  const LoadedRunDeck flows = read(ladder_of(exchange + "flows = [\"b.flow\", \"a.flow\"]\n"));
  const auto& request = flows.deck.moves.at(0).as<MapRequest>();
  EXPECT_EQ(request.kind, MapKind::kRigidFlows);
  EXPECT_THAT(request.names, testing::ElementsAre("b.flow", "a.flow"));
  EXPECT_TRUE(requirements_of(flows.deck.moves[0]).rigid_molecules);
  EXPECT_THAT(files_of_moves(flows.deck.moves),
              testing::ElementsAre(testing::Pair("move[0].flows", "b.flow"),
                                   testing::Pair("move[0].flows", "a.flow")));
  EXPECT_THAT(ready_models_of(flows.deck.moves), testing::ElementsAre("b.flow", "a.flow"));
  EXPECT_EQ(read(flows.resolved_toml).resolved_toml, flows.resolved_toml);
}

TEST_F(MoveKindsTest, OfMapsBetweenTemperaturesSayWhatIsWrong) {
  folder_.write("a.flow", "");
  const std::string exchange = "[[move]]\nkind = \"replica_exchange\"\n";
  EXPECT_EQ(errors(ladder_of(exchange + "model = \"default\"\nflow = \"harmonic\"\n"
                                        "flows = \"a.flow\"\n")),
            "12:8: move[0].flow: give either model or flow, not both\n"
            "13:9: move[0].flows: give either model or flows, not both");
  EXPECT_EQ(errors(ladder_of(exchange + "flow = \"harmonics\"\n")),
            "11:8: move[0].flow: expected \"harmonic\", got string \"harmonics\"; did you mean "
            "\"harmonic\"?");
  EXPECT_EQ(errors(ladder_of(exchange + "flows = []\n")),
            "11:9: move[0].flows: expected at least 1 entry, got 0");
  EXPECT_EQ(errors(ladder_of(exchange + "flows = [\"c.flow\"]\n")),
            "11:10: move[0].flows[0]: no file \"c.flow\"; paths count from the folder of the deck "
            "that holds them");
  EXPECT_EQ(errors(ladder_of(exchange + "flow = \"harmonic\"\n[[move]]\nkind = \"volume\"\n",
                             "pressure = \"1 bar\"\n")),
            "12:8: move[0].flow: works in one box, but ensemble.pressure changes it; leave one of "
            "the two out");
}

TEST_F(MoveKindsTest, ReadMovesOfRigidMolecules) {
  folder_.write("a.flow", "");
  const LoadedRunDeck loaded =
      read(std::string(kMinimal) +
           "[[move]]\nkind = \"rigid_flow_walk\"\nmodel = \"a.flow\"\ntranslation = \"0.01 nm\"\n"
           "rotation = 0.1\nscale = 0.5\nbodies = 3\n"
           "[[move]]\nkind = \"rigid_draw\"\n"
           "[[move]]\nkind = \"rigid_block\"\nbodies = 4\nwidth = 0.75\n");
  const auto& moves = loaded.deck.moves;
  ASSERT_EQ(moves.size(), 3U);
  const auto& walk = moves[0].as<LearnedRequest>();
  EXPECT_EQ(walk.kind, LearnedKind::kRigidFlowWalk);
  EXPECT_EQ(walk.name, "a.flow");
  EXPECT_EQ(walk.flow_walk.translation_nm, 0.01);
  EXPECT_EQ(walk.flow_walk.rotation_rad, 0.1);
  EXPECT_EQ(walk.flow_walk.bodies, 3U);
  EXPECT_EQ(step_of(moves[0]), 0.5);
  EXPECT_EQ(step_of(with_step(moves[0], 0.25)), 0.25);
  EXPECT_EQ(moves[0].target_acceptance, 0.4);
  EXPECT_THAT(files_of_moves(moves),
              testing::ElementsAre(testing::Pair("move[0].model", "a.flow")));
  EXPECT_THAT(ready_models_of(moves), testing::ElementsAre("a.flow"));
  EXPECT_EQ(moves[2].as<engine::RigidBlockOptions>().n_bodies, 4U);
  EXPECT_EQ(moves[2].as<engine::RigidBlockOptions>().width, 0.75);
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
}

TEST_F(MoveKindsTest, OfRigidMoleculesSayWhatIsWrong) {
  folder_.write("a.flow", "");
  EXPECT_EQ(
      errors(std::string(kMinimal) + "[[move]]\nkind = \"rigid_flow_walk\"\n"
                                     "[[move]]\nkind = \"rigid_block\"\nbodies = 0\n"
                                     "width = 0\n"),
      "9:1: move[0].model: missing; expected a path\n"
      "13:10: move[1].bodies: expected an integer from 1 to 100000000, usually 2, got integer 0\n"
      "14:9: move[1].width: expected a number from 1e-09 to 1e+09, usually 1, got integer 0");
  EXPECT_EQ(errors(ladder_of("[[move]]\nkind = \"replica_exchange\"\n[[move]]\n"
                             "kind = \"rigid_flow_walk\"\nmodel = \"a.flow\"\n")),
            "12:8: move[1].kind: a walk by a rigid-body flow is made for one temperature; give "
            "ensemble.temperature instead of ensemble.temperatures");
  EXPECT_EQ(errors(std::string(kMinimal) + "pressure = \"1 bar\"\n[[move]]\nkind = \"volume\"\n"
                                           "[[move]]\nkind = \"rigid_draw\"\n"),
            "13:8: move[1].kind: works in one box, but ensemble.pressure changes it; leave one of "
            "the two out");
}

TEST_F(MoveKindsTest, ReadMovesThatAreMadeOfAProposal) {
  const LoadedRunDeck loaded = read(with_bonds(
      "[[move]]\nkind = \"nonequilibrium\"\nrungs = 2\nsoftest = 0.5\ntrajectories = 3\n"
      "time_step = \"0.5 fs\"\nsteps = 7\nlength_jitter = 0\n"
      "[move.proposal]\nkind = \"nitrogen_inversion\"\n"
      "[[move]]\nkind = \"multiple_try\"\n[move.proposal]\nkind = \"torsion_walk\"\nwidth = 1\n"));
  const auto& moves = loaded.deck.moves;
  ASSERT_EQ(moves.size(), 3U);
  EXPECT_STREQ(moves[1].parts.at(0).kind->name, "nitrogen_inversion");
  EXPECT_EQ(step_of(moves[2].parts.at(0)), 1.0);
  EXPECT_EQ(moves[2].parts[0].target_acceptance, 0.0);
  EXPECT_THAT(loaded.resolved_toml,
              testing::HasSubstr("rungs = 2\nsoftest = 0.5\ntrajectories = 3\n"
                                 "time_step = \"0.5 fs\"\nsteps = 7\nlength_jitter = 0.0\n"));
  EXPECT_EQ(read(loaded.resolved_toml).resolved_toml, loaded.resolved_toml);
}

TEST_F(MoveKindsTest, NeedWhatTheirPartsNeed) {
  const auto moves = read(with_bonds("[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\n"
                                     "[[move.part]]\nkind = \"multiple_try\"\n"
                                     "[move.part.proposal]\nkind = \"learned_leap\"\n"
                                     "[leap]\nmodel = \"m.pt\"\n"))
                         .deck.moves;
  EXPECT_TRUE(requirements_of(moves[0]) == engine::MoveRequirements{});
  EXPECT_TRUE(requirements_of(moves[1]) == move_kind("learned_leap").requirements);
  EXPECT_TRUE(requirements_of(moves[1].parts[1]).free_molecule);
  EXPECT_TRUE(any_move(moves, [](const MoveDeck& move) { return move.kind->learned; }));
}

TEST_F(MoveKindsTest, HaveStepsThatCanBeChanged) {
  const MoveDeck hmc = read(with_bonds("")).deck.moves.at(0);
  EXPECT_EQ(step_of(hmc), 0.001);
  EXPECT_EQ(step_of(with_step(hmc, 0.003)), 0.003);
  EXPECT_EQ(step_of(hmc), 0.001);
  MoveDeck inversion;
  inversion.kind = &move_kind("nitrogen_inversion");
  EXPECT_EQ(message_of<InternalError>([&] { step_of(inversion); }),
            "nitrogen_inversion has no step");
  EXPECT_EQ(message_of<InternalError>([&] { hmc.as<int>(); }),
            "a move's options are not of the type that was asked for");
}

TEST_F(MoveKindsTest, OfTorsionsAreRefusedWithoutBondOrders) {
  const std::string needs =
      " needs bond orders, which only .sdf and .mol files have; give system.coordinates as one of "
      "these, with force_field = \"mmff94\" or \"mmff94s\", or leave this move out";
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc + "[[move]]\nkind = \"torsion_reset\"\n"),
            "12:8: move[1].kind: a torsion reset" + needs);
  EXPECT_EQ(errors(std::string(kMinimal) + kHmc +
                   "[[move]]\nkind = \"multiple_try\"\n[move.proposal]\n"
                   "kind = \"nitrogen_inversion\"\n"),
            "14:8: move[1].proposal.kind: a nitrogen inversion" + needs);
}

TEST_F(MoveKindsTest, OfProposalsSayWhatIsWrong) {
  const std::string proposals =
      quoted_kinds([](const MoveKind& kind) { return static_cast<bool>(kind.propose); });
  EXPECT_EQ(
      errors(with_bonds("[[move]]\nkind = \"torsion_reset\"\nuniform = 0\ntorsions = 0\n"
                        "densities = \"cristal\"\ntarget_acceptance = 0.4\n")),
      "13:11: move[1].uniform: expected a number between 0 and 1, usually 0.05, got integer 0\n"
      "14:12: move[1].torsions: expected an integer from 1 to 10000, usually 1, got integer 0\n"
      "15:13: move[1].densities: no file \"cristal\"; paths count from the folder of the "
      "deck that holds them\n"
      "16:1: move[1].target_acceptance: unknown key; known here: kind, repeat, torsions, "
      "uniform, densities");
  EXPECT_EQ(
      errors(with_bonds("[[move]]\nkind = \"multiple_try\"\ntries = 1\n")),
      " move[1].proposal.kind: missing; expected " + proposals +
          "\n"
          "13:9: move[1].tries: expected an integer from 2 to 10000, usually 8, got integer 1");
  EXPECT_EQ(
      errors(with_bonds("[[move]]\nkind = \"nonequilibrium\"\nsoftest = 1\n"
                        "[move.proposal]\nkind = \"hmc\"\nsteps = 3\n")),
      "13:11: move[1].softest: expected a number between 0 and 1, usually 0.8, got integer 1\n"
      "15:8: move[1].proposal.kind: expected " +
          proposals + ", got string \"hmc\"");
}

}  // namespace
}  // namespace saltus::tools
