// Oracle: what moves are said to be (exact or not), counts that follow from the deck, and the same
// run done twice or with another number of threads, bit for bit.
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "io/hdf5/trajectory_reader.h"
#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::size_t kChains = 4, kSteps = 24;  // of DeckText

/// A row of summary.json says how often a move was accepted.
void expect_acceptance(const json& move) {
  const double proposed = move.at("proposed"), accepted = move.at("accepted");
  EXPECT_DOUBLE_EQ(move.at("acceptance").get<double>(), accepted / proposed) << move.dump();
}

struct MoveCase {
  const char *name, *moves;
  bool is_exact = true;
};

class Moves : public ProgramTest, public testing::WithParamInterface<MoveCase> {};

TEST_P(Moves, RunAndAreCountedAndRepeatThemselvesOnAnyNumberOfThreads) {
  DeckText deck;
  deck.moves = GetParam().moves;
  write_deck(deck);
  const ProgramEnd end = good({"run", "deck.toml"});
  EXPECT_EQ(end.out,
            "trajectory: out/trajectory.h5\nsummary:    out/summary.json\nreport:     "
            "out/report.html\n");
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), GetParam().is_exact);
  EXPECT_EQ(summary.at("n_atoms"), 22);
  EXPECT_EQ(summary.at("n_chains"), kChains);
  EXPECT_EQ(summary.at("n_steps"), kSteps);
  EXPECT_EQ(summary.at("n_frames"), kSteps);
  EXPECT_FALSE(summary.at("moves").empty());
  for (const json& move : summary.at("moves")) {
    expect_acceptance(move);
    EXPECT_EQ(move.at("proposed").get<std::size_t>() % kChains, 0u);
    EXPECT_GT(move.at("proposed"), 0);
    EXPECT_GT(move.at("accepted"), 0) << move.dump();
    EXPECT_LE(move.at("accepted"), move.at("proposed"));
    EXPECT_EQ(move.at("invalid"), 0);
  }

  good({"run", "deck.toml", "--set", "output.directory=again"});
  expect_same_frames(file("again/trajectory.h5"), file("out/trajectory.h5"));
  good({"run", "deck.toml", "--set", "output.directory=two", "--set", "energy.threads=2"});
  expect_same_frames(file("two/trajectory.h5"), file("out/trajectory.h5"));
}

INSTANTIATE_TEST_SUITE_P(
    All, Moves,
    testing::Values(
        MoveCase{"hmc", "[[move]]\nkind = \"hmc\"\nsteps = 5"},
        MoveCase{"ghmc", "[[move]]\nkind = \"ghmc\"\nsteps = 3\nfriction = \"5 /ps\""},
        MoveCase{"langevin", "[[move]]\nkind = \"langevin\"\nsteps = 5", false},
        MoveCase{"mala", "[[move]]\nkind = \"mala\""},
        MoveCase{"torsion_walk", "[[move]]\nkind = \"torsion_walk\""},
        MoveCase{"sequence",
                 "[[move]]\nkind = \"torsion_walk\"\nrepeat = 2\n[[move]]\nkind = \"hmc\"\n"
                 "steps = 3\n[[move]]\nkind = \"mala\""},
        MoveCase{"mixture",
                 "[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\nsteps = 3\n"
                 "[[move.part]]\nkind = \"torsion_walk\"\nweight = 3\n[[move.part]]\n"
                 "kind = \"hmc\"\nsteps = 6"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(ProgramTest, MovesOfTorsionsRunOnMoleculesWithBondOrders) {
  copy_in(std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/atenolol.sdf", "atenolol.sdf");
  DeckText deck;
  deck.coordinates = "atenolol.sdf";
  deck.energy_source = "force_field = \"mmff94\"";
  deck.moves =
      "[[move]]\nkind = \"torsion_reset\"\nrepeat = 2\n[[move]]\nkind = \"torsion_reset\"\n"
      "torsions = 2\ndensities = \"crystal\"\n[[move]]\nkind = \"nitrogen_inversion\"\n"
      "[[move]]\nkind = \"multiple_try\"\ntries = 3\n[move.proposal]\nkind = \"torsion_reset\"\n"
      "[[move]]\nkind = \"nonequilibrium\"\nrungs = 1\nsteps = 2\n[move.proposal]\n"
      "kind = \"torsion_reset\"\n[[move]]\nkind = \"hmc\"\nsteps = 3";
  write_deck(deck);
  good({"run", "deck.toml"});
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("is_exact"), true);
  std::map<std::string, std::size_t> proposed, accepted;
  for (const json& move : summary.at("moves")) {
    expect_acceptance(move);
    proposed[move.at("name")] = move.at("proposed");
    accepted[move.at("name")] = move.at("accepted");
  }
  const std::map<std::string, std::size_t> expected = {
      {"torsion_reset", 2 * kSteps * kChains},  {"torsion_reset_2", kSteps * kChains},
      {"nitrogen_inversion", kSteps * kChains}, {"multiple_try", kSteps * kChains},
      {"nonequilibrium", kSteps * kChains},     {"hmc", kSteps * kChains}};
  EXPECT_EQ(proposed, expected);
  EXPECT_GT(accepted["torsion_reset"], 0u);
  EXPECT_GT(accepted["multiple_try"], 0u);
  good({"run", "deck.toml", "--set", "output.directory=two", "--set", "energy.threads=2"});
  expect_same_frames(file("two/trajectory.h5"), file("out/trajectory.h5"));
  good({"run", "deck.toml", "--resume", "--set", "run.steps=30"});
}

TEST_F(ProgramTest, BondsToHydrogenKeepTheirLengths) {
  DeckText deck;
  deck.energy_source += "\nconstraints = \"h_bonds\"";
  deck.moves =
      "[[move]]\nkind = \"hmc\"\nsteps = 5\n[[move]]\nkind = \"ghmc\"\nsteps = 2\n[[move]]\n"
      "kind = \"langevin\"\ntime_step = \"2 fs\"\nsteps = 10";
  for (const std::string start : {"minimised", "input", "pilot"}) {
    deck.chains = "count = 4\nstart = \"" + start + "\"";
    deck.more = start == "pilot" ? "[pilot]\nladders = 2\nlength = \"1 ps\"\nequilibration = "
                                   "\"0.2 ps\"\nframe_period = \"0.1 ps\""
                                 : "";
    write_deck(deck);
    good({"run", "deck.toml", "--set", "output.directory=" + start});
    const io::TrajectoryReader reader(file(start + "/trajectory.h5"));
    const auto& topology = reader.topology();
    const auto first = reader.positions(0);
    std::size_t n_bonds = 0;
    for (std::uint64_t frame = 0; frame < reader.n_frames(); ++frame) {
      const auto x = reader.positions(frame);
      for (const engine::Bond& bond : topology.bonds) {
        if (topology.atoms[bond.first].atomic_number != 1 &&
            topology.atoms[bond.second].atomic_number != 1)
          continue;
        ++n_bonds;
        for (std::size_t c = 0; c < x.n_chains(); ++c) {
          const auto length = [&](engine::Span<const double> p) {
            const std::size_t i = 3 * bond.first, j = 3 * bond.second;
            return std::hypot(p[i] - p[j], p[i + 1] - p[j + 1], p[i + 2] - p[j + 2]);
          };
          // Stored as floats.
          ASSERT_NEAR(length(x.chain(c)), length(first.chain(0)), 1e-6) << start;
        }
      }
    }
    EXPECT_EQ(n_bonds, 12 * reader.n_frames());
  }
}

TEST_F(ProgramTest, MovesOfASequenceAreAllAppliedInEachStep) {
  DeckText deck;
  deck.moves =
      "[[move]]\nkind = \"torsion_walk\"\nrepeat = 2\n[[move]]\nkind = \"hmc\"\nsteps = 3\n"
      "[[move]]\nkind = \"hmc\"\nsteps = 2";
  write_deck(deck);
  good({"run", "deck.toml"});
  std::map<std::string, std::size_t> proposed;
  const json moves = json::parse(read("out/summary.json")).at("moves");
  for (const json& move : moves) proposed[move.at("name")] = move.at("proposed");
  const std::map<std::string, std::size_t> expected = {{"torsion_walk", 2 * kSteps * kChains},
                                                       {"hmc", kSteps * kChains},
                                                       {"hmc_2", kSteps * kChains}};
  EXPECT_EQ(proposed, expected);
}

TEST_F(ProgramTest, ExactlyOneMoveOfAMixtureIsAppliedInEachStep) {
  DeckText deck;
  deck.moves =
      "[[move]]\nkind = \"mixture\"\n[[move.part]]\nkind = \"hmc\"\nsteps = 2\n[[move.part]]\n"
      "kind = \"torsion_walk\"\nweight = 2";
  write_deck(deck);
  good({"run", "deck.toml"});
  const json moves = json::parse(read("out/summary.json")).at("moves");
  ASSERT_EQ(moves.size(), 2u);
  EXPECT_EQ(moves[0].at("proposed").get<std::size_t>() + moves[1].at("proposed").get<std::size_t>(),
            kSteps * kChains);
}

TEST_F(ProgramTest, ApproximateMovesAreCalledApproximateEverywhere) {
  DeckText deck;
  deck.moves = "[[move]]\nkind = \"langevin\"\nsteps = 5\n[[move]]\nkind = \"hmc\"\nsteps = 2";
  write_deck(deck);
  const ProgramEnd end = good({"run", "deck.toml", "--quiet"});
  EXPECT_EQ(end.err, "warning: approximate: langevin is not exact\n");
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("exactness"), "approximate: langevin is not exact");
  EXPECT_THAT(summary.at("warnings").at(0).get<std::string>(),
              HasSubstr("approximate: langevin is not exact"));
  EXPECT_THAT(read("out/report.html"), HasSubstr("approximate: langevin is not exact"));
  good({"report", "out/trajectory.h5"});
  EXPECT_EQ(json::parse(read("out/summary.json")).at("exactness"),
            "approximate: langevin is not exact");
}

TEST_F(ProgramTest, ExactRunsDoNotWarnOfApproximations) {
  write_deck({});
  EXPECT_EQ(good({"run", "deck.toml", "--quiet"}).err, "");
  EXPECT_THAT(read("out/report.html"), testing::Not(HasSubstr("approximate:")));
}

TEST_F(ProgramTest, LaddersSwapAndReportTheLowestTemperature) {
  DeckText deck;
  deck.ensemble = "temperatures = [\"310 K\", \"350 K\", \"400 K\"]";
  deck.chains = "count = 3";
  deck.moves += "\n[[move]]\nkind = \"replica_exchange\"";
  write_deck(deck);
  good({"run", "deck.toml"});
  const json summary = json::parse(read("out/summary.json"));
  EXPECT_EQ(summary.at("n_chains"), 9);
  EXPECT_EQ(summary.at("temperatures_K"), json({310.0, 350.0, 400.0}));
  EXPECT_EQ(summary.at("is_exact"), true);
  const json& swaps = summary.at("moves").at(1);
  EXPECT_EQ(swaps.at("name"), "replica_exchange");
  EXPECT_GT(swaps.at("accepted"), 0);
  expect_acceptance(swaps);
  const json& ladder = summary.at("ladder");
  EXPECT_EQ(ladder.at("levels"), 3);
  EXPECT_EQ(ladder.at("ladders"), 3);
  EXPECT_EQ(ladder.at("counted_from_step"), 0);
  EXPECT_EQ(ladder.at("counted_every_steps"), 1);
  // Replicas are no torsion that is averaged.
  for (const json& observable : summary.at("observables"))
    EXPECT_THAT(observable.at("name").get<std::string>(), testing::Not(HasSubstr("replica")));
  good({"run", "deck.toml", "--set", "output.directory=two", "--set", "energy.threads=2"});
  expect_same_frames(file("two/trajectory.h5"), file("out/trajectory.h5"));
}

/// Eight ladders of alanine dipeptide.
DeckText eight_ladders() {
  DeckText deck;
  deck.ensemble = "temperatures = [\"310 K\", \"340 K\", \"380 K\"]";
  deck.chains = "count = 8";
  deck.moves += "\n[[move]]\nkind = \"replica_exchange\"";
  deck.run = "steps = 60";
  return deck;
}

TEST_F(ProgramTest, LaddersTellTheFreeEnergiesOfTheirLevels) {
  write_deck(eight_ladders());
  good({"run", "deck.toml"});
  const json free_energy = json::parse(read("out/summary.json")).at("free_energy");
  EXPECT_EQ(free_energy.at("missing"), "");
  EXPECT_EQ(free_energy.at("blocks"), "whole ladders");
  EXPECT_EQ(free_energy.at("n_blocks"), 8);
  EXPECT_EQ(free_energy.at("map_energy_evaluations"), 0);
  ASSERT_EQ(free_energy.at("levels").size(), 3u);
  const json& top = free_energy.at("levels").at(2);
  // -<U> in units of RT times d ln T, and 60 classical degrees of freedom: some tens at most.
  EXPECT_LT(std::abs(top.at("reduced_free_energy_mbar").get<double>()), 200.0);
  EXPECT_GT(top.at("reduced_free_energy_mbar_error"), 0.0);
  EXPECT_LT(top.at("reduced_free_energy_mbar_error"), 20.0);
  EXPECT_NEAR(top.at("reduced_free_energy_mbar").get<double>(),
              top.at("reduced_free_energy_bennett").get<double>(),
              5.0 * top.at("reduced_free_energy_bennett_error").get<double>());
  EXPECT_GT(free_energy.at("pairs").at(0).at("without_map").at("overlap"), 0.0);
  EXPECT_TRUE(free_energy.at("pairs").at(0).at("with_map").is_null());
  EXPECT_THAT(read("out/report.html"), HasSubstr("<h2>Free energies between temperatures</h2>"));
}

TEST_F(ProgramTest, ExchangesWithAMapMeasureItsWorkAlsoWhenResumed) {
  DeckText deck = eight_ladders();
  deck.energy_source =
      "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"";
  deck.moves += "\nmodel = \"default\"";
  deck.run = "steps = 40\nframe_period = 2";
  write_deck(deck);
  good({"run", "deck.toml", "--set", "output.directory=whole"});
  good({"run", "deck.toml", "--set", "run.steps=18"});
  // Whether work is measured is the trajectory's to say once it is begun.
  good({"run", "deck.toml", "--resume", "--set", "observables.map_work=false"});
  expect_same_frames(file("out/trajectory.h5"), file("whole/trajectory.h5"));
  const json resumed = json::parse(read("out/summary.json")).at("free_energy");
  EXPECT_EQ(resumed, json::parse(read("whole/summary.json")).at("free_energy"));
  // 20 frames of 8 ladders with two pairs each, both ways.
  EXPECT_EQ(resumed.at("map_energy_evaluations"), 20 * 8 * 4);
  const json& pair = resumed.at("pairs").at(0);
  EXPECT_GT(pair.at("with_map").at("overlap"), 0.0);
  EXPECT_GT(pair.at("with_map").at("reduced_difference_bennett_error"), 0.0);
  good(
      {"run", "deck.toml", "--set", "output.directory=off", "--set", "observables.map_work=false"});
  EXPECT_TRUE(json::parse(read("off/summary.json"))
                  .at("free_energy")
                  .at("pairs")
                  .at(0)
                  .at("with_map")
                  .is_null());
}

TEST_F(ProgramTest, OtherSeedsGiveOtherRuns) {
  write_deck({});
  good({"run", "deck.toml"});
  good({"run", "deck.toml", "--set", "seed=6", "--set", "output.directory=other"});
  EXPECT_NE(json::parse(read("out/summary.json")).at("observables"),
            json::parse(read("other/summary.json")).at("observables"));
}

TEST_F(ProgramTest, TheOpenMMBackendSamplesToo) {
  DeckText deck;
  deck.energy = "backend = \"openmm\"";
  write_deck(deck);
  good({"run", "deck.toml"});
  EXPECT_EQ(json::parse(read("out/summary.json")).at("n_frames"), kSteps);
}

TEST_F(ProgramTest, ACrossCheckIsReported) {
  DeckText deck;
  deck.energy = "cross_check = true";
  write_deck(deck);
  EXPECT_THAT(good({"run", "deck.toml"}).err, HasSubstr("native and OpenMM energies agree\n"));
}

}  // namespace
}  // namespace saltus::tests
