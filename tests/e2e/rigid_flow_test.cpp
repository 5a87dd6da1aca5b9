// Oracle: the same training after an interruption and with other threads, and the same run in two
// parts, all bit for bit; counts that follow from decks; exact messages.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"
#include "tests/e2e/trajectories.h"

namespace saltus::tests {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr int kInput = 65, kFile = 74;
constexpr const char* kIce =
    "force_field = [\"amber14/tip4pew.xml\"]\nnonbonded = \"pme\"\ncutoff = \"0.36 nm\"\n"
    "switching_distance = \"0.32 nm\"";

/// A training of some seconds: 16 molecules of ice from 250 K to 200 K.
std::string training_deck(const std::string& threads = "1", const std::string& epochs = "2") {
  return "schema = 1\ntitle = \"ice\"\nseed = 7\n[system]\ncoordinates = \"ice.pdb\"\n" +
         std::string(kIce) + "\n[energy]\nthreads = " + threads +
         "\n[base]\ntemperature = \"250 K\"\nchains = 8\nheld_out_chains = 4\nequilibration = 20\n"
         "samples = 6\nstride = 2\nsteps = 10\ntime_step = \"3 fs\"\n"
         "[target]\ntemperature = \"200 K\"\n[rigid_flow]\ncouplings = 1\nhidden = 8\n"
         "[training]\nepochs = " +
         epochs + "\nsteps = 5\nbatch_size = 8\n[output]\nmodel = \"flow.safetensors\"\n";
}

/// One flow for all tests.
class RigidFlows : public ProgramTest {
 protected:
  static void put_ice(const std::string& folder) {
    std::filesystem::copy_file(
        std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/ice_xi_16.pdb", folder + "/ice.pdb");
  }
  static void SetUpTestSuite() {
    shared_ = std::make_unique<TemporaryFolder>();
    put_ice(shared_->path());
    shared_->write("train.toml", training_deck());
    trained_ = run_saltus({"train", "train.toml"}, shared_->path());
    ASSERT_EQ(trained_.exit_code, 0) << trained_.err;
  }
  static void TearDownTestSuite() { shared_.reset(); }
  void SetUp() override {
    put_ice(folder_.path());
    copy_in(shared_->file("flow.safetensors"), "flow.safetensors");
  }

  /// A short run of ice on a ladder.
  static DeckText ice(const std::string& temperatures, const std::string& exchange) {
    DeckText deck;
    deck.coordinates = "ice.pdb";
    deck.energy_source = kIce;
    deck.ensemble = "temperatures = [" + temperatures + "]";
    deck.chains = "count = 2";
    deck.warm_up = "steps = 4";
    deck.moves =
        "[[move]]\nkind = \"rigid_hmc\"\nsteps = 5\ntime_step = \"3 fs\"\n"
        "[[move]]\nkind = \"replica_exchange\"\n" +
        exchange;
    return deck;
  }
  json summary(const std::string& folder = "out") const {
    return json::parse(read(folder + "/summary.json"));
  }
  static json row_of(const json& summary, const std::string& name) {
    for (const json& row : summary.at("moves"))
      if (row.at("name") == name) return row;
    ADD_FAILURE() << "no row of " << name;
    return {};
  }

  static std::unique_ptr<TemporaryFolder> shared_;
  static ProgramEnd trained_;
};

std::unique_ptr<TemporaryFolder> RigidFlows::shared_;
ProgramEnd RigidFlows::trained_;

TEST_F(RigidFlows, AreTrainedFromADeck) {
  EXPECT_EQ(trained_.out, "model: " + std::string("flow.safetensors") + "\n");
  EXPECT_THAT(trained_.err, HasSubstr("48 samples of 8 chains"));
  EXPECT_THAT(trained_.err, HasSubstr("effective samples"));
  EXPECT_THAT(trained_.err, HasSubstr("difference of reduced free energies "));
  EXPECT_FALSE(std::filesystem::exists(shared_->file("flow.safetensors.base")));
  const std::string card = good({"info", "flow.safetensors"}).out;
  EXPECT_THAT(card, HasSubstr("kind         rigid-body flow\n"));
  EXPECT_THAT(card, HasSubstr("leads        from 250 K to 200 K\n"));
  EXPECT_THAT(card, HasSubstr("bodies       16\n"));
  EXPECT_THAT(card, HasSubstr("48 samples of 8 chains"));
  EXPECT_THAT(card, HasSubstr("held out     "));
}

TEST_F(RigidFlows, AreTheSameWithOtherThreadsAndAfterAnInterruption) {
  std::filesystem::remove(file("flow.safetensors"));
  // So many gradients that the signal comes among them.
  write("long.toml", training_deck("2", "20000"));
  RunningProgram program({"train", "long.toml"}, folder_.path());
  while (!std::filesystem::exists(file("flow.safetensors")) && !program.has_ended())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  program.send(SIGTERM);
  EXPECT_EQ(program.wait().exit_code, 130);
  ASSERT_TRUE(std::filesystem::exists(file("flow.safetensors.base")));
  good({"info", "flow.safetensors"});
  write("train.toml", training_deck("2"));
  const ProgramEnd end = good({"train", "train.toml"});
  EXPECT_THAT(end.err, HasSubstr("training with the base samples in '"));
  EXPECT_EQ(end.err.find("sampling the base"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file("flow.safetensors.base")));
  copy_in(shared_->file("flow.safetensors"), "first.safetensors");
  EXPECT_TRUE(read("flow.safetensors") == read("first.safetensors"));
}

TEST_F(RigidFlows, LearnFromSamplesOfBothEnds) {
  std::string deck = training_deck();
  deck.replace(deck.find("batch_size"), 0, "loss = \"both\"\npatience = 1\n");
  write("train.toml", deck);
  const ProgramEnd end = good({"train", "train.toml", "--overwrite"});
  EXPECT_THAT(end.err, HasSubstr("; of the target: loss "));
  const std::string card = good({"info", "flow.safetensors"}).out;
  EXPECT_THAT(card, HasSubstr("from 250 K to 200 K by energies (weight 0.5) and likelihood of "
                              "samples of the target; 48 samples of 8 chains"));
}

TEST_F(RigidFlows, OfEqualMoleculesNeedNoSites) {
  std::string deck = training_deck();
  deck.replace(deck.find("couplings"), 0, "conditioner = \"attention\"\n");
  write("train.toml", deck);
  good({"train", "train.toml", "--overwrite"});
  EXPECT_THAT(good({"info", "flow.safetensors"}).out,
              HasSubstr("bodies       16, without sites\n"));
  write_deck(ice("200, 250", "flows = [\"flow.safetensors\"]"));
  good({"run", "deck.toml"});
  EXPECT_EQ(summary().at("is_exact"), true);
  EXPECT_EQ(row_of(summary(), "replica_exchange").at("proposed"), 2 * 24 / 2);
}

TEST_F(RigidFlows, OfOneMoleculeNeedNoBox) {
  const std::string decks = std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/";
  const ProgramEnd end =
      good({"train", decks + "rigid_molecule_in_field_flow.toml", "-o", file("one.safetensors"),
            "--set", "base.chains=12", "--set", "base.held_out_chains=4", "--set",
            "training.epochs=1", "--set", "training.steps=4", "--set", "training.batch_size=16"});
  EXPECT_THAT(end.err, HasSubstr("; of the target: loss "));
  EXPECT_THAT(good({"info", "one.safetensors"}).out, HasSubstr("box          none\n"));
  copy_in(decks + "rigid_molecule_in_field.toml", "one.toml");
  std::string run = read("one.toml");
  const std::string shipped = "../models/rigid_molecule_in_field.safetensors";
  run.replace(run.find(shipped), shipped.size(), file("one.safetensors"));
  run.replace(run.find("../molecules"), std::string("../molecules").size(), decks + "../molecules");
  write("one.toml", run);
  good({"run", "one.toml", "--set", "output.directory=out", "--set", "run.steps=40"});
  EXPECT_EQ(summary().at("is_exact"), true);
  EXPECT_GT(row_of(summary(), "rigid_flow_walk").at("accepted"), 0);
}

TEST_F(RigidFlows, AreNotReplacedUnasked) {
  write("train.toml", training_deck());
  const ProgramEnd end = saltus({"train", "train.toml"});
  EXPECT_EQ(end.exit_code, kFile);
  EXPECT_THAT(end.err, HasSubstr("flow.safetensors' exists"));
}

TEST_F(RigidFlows, KeepSamplesOfOneDeckOnly) {
  write("train.toml", training_deck());
  write("flow.safetensors.base", "hello");
  const ProgramEnd damaged = saltus({"train", "train.toml"});
  EXPECT_EQ(damaged.exit_code, kInput);
  EXPECT_THAT(damaged.err, HasSubstr("flow.safetensors.base' is damaged: "));
  EXPECT_THAT(damaged.err, HasSubstr("; delete it, and the samples are made again"));
}

TEST_F(RigidFlows, CarryConfigurationsAlongALadder) {
  write_deck(ice("200, 250", "flows = [\"flow.safetensors\"]"));
  good({"run", "deck.toml"});
  const json whole = summary();
  EXPECT_EQ(whole.at("is_exact"), true);
  EXPECT_EQ(whole.at("ready_models"), json::array({"flow.safetensors"}));
  const json swaps = row_of(whole, "replica_exchange");
  // One pair of each of two ladders in every second step.
  EXPECT_EQ(swaps.at("proposed"), 2 * 24 / 2);
  EXPECT_GT(swaps.at("accepted"), 0);

  // In two parts it is the same run.
  std::vector<std::string> part = {"run",   "deck.toml",   "--set", "output.directory=two",
                                   "--set", "run.steps=10"};
  good(part);
  part.back() = "run.steps=24";
  part.push_back("--resume");
  good(part);
  EXPECT_EQ(expect_same_frames(file("two/trajectory.h5"), file("out/trajectory.h5")), 24u);

  // And with another flow it cannot go on.
  write("train.toml", training_deck("1", "1"));
  good({"train", "train.toml", "--overwrite"});
  const ProgramEnd other = saltus(part);
  EXPECT_EQ(other.exit_code, kInput);
  EXPECT_THAT(other.err, HasSubstr("move[1].flows was a file with SHA-256 "));
}

TEST_F(RigidFlows, OfOneStructureNeedNoFile) {
  write_deck(ice("200, 225, 250", "flow = \"harmonic\""));
  good({"run", "deck.toml"});
  const json swaps = row_of(summary(), "replica_exchange");
  EXPECT_EQ(swaps.at("proposed"), 2 * 24);
  EXPECT_GT(swaps.at("accepted"), 0);
  EXPECT_TRUE(summary().at("ready_models").empty());
}

TEST_F(RigidFlows, AndTheHarmonicCrystalMoveIceAtOneTemperature) {
  DeckText deck = ice("200, 250", "");
  deck.ensemble = "temperature = \"200 K\"";
  deck.moves =
      "[[move]]\nkind = \"rigid_flow_walk\"\nmodel = \"flow.safetensors\"\nscale = 0.1\n"
      "[[move]]\nkind = \"rigid_block\"\nrepeat = 4\n[[move]]\nkind = \"rigid_draw\"\n";
  write_deck(deck);
  good({"run", "deck.toml"});
  const json whole = summary();
  EXPECT_EQ(whole.at("is_exact"), true);
  EXPECT_EQ(row_of(whole, "rigid_flow_walk").at("proposed"), 2 * 24);
  EXPECT_GT(row_of(whole, "rigid_flow_walk").at("accepted"), 0);
  EXPECT_EQ(row_of(whole, "rigid_block").at("proposed"), 4 * 2 * 24);
  EXPECT_GT(row_of(whole, "rigid_block").at("accepted"), 0);
  EXPECT_EQ(row_of(whole, "rigid_draw").at("proposed"), 2 * 24);
}

TEST_F(RigidFlows, AreRefusedWhereTheyDoNotFit) {
  const std::string flow = "flow.safetensors", in_move = "move[1]: ";
  write_deck(ice("150, 250", "flows = [\"flow.safetensors\"]"));
  expect_error({"run", "deck.toml"}, kInput,
               in_move + flow +
                   ": this flow leads from 250 K to 200 K; expected two neighbours of "
                   "ensemble.temperatures (150 K, 250 K)");
  write_deck(ice("200, 250, 300", "flows = [\"flow.safetensors\"]"));
  expect_error(
      {"run", "deck.toml"}, kInput,
      in_move +
          "replica_exchange: flows: no file leads between 250 K and 300 K; expected one flow "
          "for each pair of neighbours of ensemble.temperatures");
  write_deck(ice("200, 250", "flows = [\"flow.safetensors\", \"flow.safetensors\"]"));
  expect_error({"run", "deck.toml"}, kInput,
               in_move + flow + ": this flow leads from 250 K to 200 K, and so does " + flow +
                   "; expected one flow for each pair of neighbours");
  DeckText deck = ice("200, 250", "flows = [\"flow.safetensors\"]");
  deck.energy_source =
      std::string(kIce) + "\newald_tolerance = 1e-5\ndispersion_correction = false";
  write_deck(deck);
  expect_error({"run", "deck.toml"}, kInput,
               in_move + flow +
                   ": this model cannot be used here: it was trained with other force-field "
                   "parameters (tip4pew.xml; here tip4pew.xml). Train a model "
                   "for this deck (saltus train), or use the deck it was trained with.");
  copy_in(
      std::string(SALTUS_TEST_SOURCE_DIR) + "/data/models/alanine_dipeptide_310K.leap.safetensors",
      "leap.safetensors");
  write_deck(ice("200, 250", "flows = \"leap.safetensors\""));
  const ProgramEnd leap = saltus({"run", "deck.toml"});
  EXPECT_EQ(leap.exit_code, kInput);
  EXPECT_THAT(leap.err,
              HasSubstr("leap.safetensors: a model of kind 'internal-coordinate leap', expected "
                        "'rigid-body flow'"));
  DeckText walk = ice("200, 250", "");
  walk.ensemble = "temperature = \"250 K\"";
  walk.moves = "[[move]]\nkind = \"rigid_flow_walk\"\nmodel = \"flow.safetensors\"";
  write_deck(walk);
  expect_error({"run", "deck.toml"}, kInput,
               "move[0]: " + flow +
                   ": this flow leads from 250 K to 200 K; expected one that leads to "
                   "ensemble.temperature, 250 K");
}

TEST_F(RigidFlows, OfAnotherBoxAreRefused) {
  const std::string pdb = read("ice.pdb");
  write("ice.pdb", "CRYST1    9.100" + pdb.substr(15));
  write_deck(ice("200, 250", "flows = [\"flow.safetensors\"]"));
  const ProgramEnd end = saltus({"run", "deck.toml"});
  EXPECT_EQ(end.exit_code, kInput);
  EXPECT_THAT(end.err, HasSubstr("flow.safetensors: rigid-body flow: made for a rectangular box of "
                                 "0.898460 x 0.778080 x 0.733580 nm; that of chain 0 has edges of "
                                 "0.910000, 0.778080 and 0.733580 nm"));
}

TEST_F(RigidFlows, NeedRigidMoleculesInABox) {
  std::string deck = training_deck();
  deck.replace(deck.find("nonbonded"), std::string("nonbonded = \"pme\"\ncutoff").size(),
               "nonbonded = \"cutoff\"\nrigid_water = true\ncutoff");
  write("train.toml", deck);
  expect_error(
      {"train", "train.toml", "--overwrite"}, kInput,
      "ice.pdb: a rigid-body flow needs a rectangular periodic box, but the system has none; "
      "give system.nonbonded = \"pme\" and a file with a box");
  EXPECT_FALSE(std::filesystem::exists(file("flow.safetensors.base")));
  EXPECT_EQ(
      good({"check", std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/ice_xi_16_flow.toml"}).out,
      std::string(SALTUS_TEST_SOURCE_DIR) + "/data/decks/ice_xi_16_flow.toml: the deck is fine\n");
}

}  // namespace
}  // namespace saltus::tests
