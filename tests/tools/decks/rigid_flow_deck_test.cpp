// Oracle: the deck that comes with Saltus, numbers of a deck written out by hand, exact messages
// for wrong ones.
#include "tools/saltus/decks/rigid_flow_deck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/tools/decks/torsion_deck_fixture.h"
#include "tools/saltus/decks/peptide_deck.h"
#include "tools/saltus/decks/torsion_deck.h"

namespace saltus::tools {
namespace {

using testing::HasSubstr;

constexpr const char* kDecks = SALTUS_TEST_SOURCE_DIR "/data/decks/";

/// A deck with its sections in a fixed order; [base] begins at line 6.
struct FlowDeckText {
  std::string base = "temperature = \"250 K\"\n";
  std::string target = "temperature = \"100 K\"\n";
  std::string flow = "hidden = 8\n";
  std::string training = "";
  std::string output = "model = \"flow.safetensors\"\n";

  std::string text() const {
    return "schema = 1\nseed = 7\n[system]\ncoordinates = \"x.pdb\"\nforce_field = \"a.xml\"\n"
           "[base]\n" +
           base + "[target]\n" + target + "[rigid_flow]\n" + flow + "[training]\n" + training +
           "[output]\n" + output;
  }
};

class RigidFlowDeckTest : public testing::Test {
 protected:
  RigidFlowDeckTest() { write(folder_, "x.pdb", ""); }

  std::string path_of(const FlowDeckText& deck) const {
    return write(folder_, "d.toml", deck.text());
  }
  /// The message without its last line, which counts errors.
  std::string errors(const FlowDeckText& deck) const {
    const std::string path = path_of(deck);
    const std::string message =
        tests::message_of<engine::InputError>([&] { load_rigid_flow_deck(path, {}); });
    std::string lines = message.substr(0, message.rfind('\n'));
    for (std::size_t at = lines.find(path); at != std::string::npos; at = lines.find(path))
      lines.replace(at, path.size() + 1, "");
    return lines;
  }

  tests::TemporaryFolder folder_;
};

TEST_F(RigidFlowDeckTest, ThatComesWithSaltusIsRead) {
  const std::string path = std::string(kDecks) + "ice_xi_16_flow.toml";
  ASSERT_TRUE(is_rigid_flow_deck(path, {}));
  EXPECT_FALSE(is_torsion_deck(path, {}));
  EXPECT_FALSE(is_peptide_deck(path, {}));
  const RigidFlowDeck deck = load_rigid_flow_deck(path, {}).deck;
  EXPECT_EQ(deck.base.temperature_K, 250.0);
  EXPECT_EQ(deck.target_temperature_K, 100.0);
  EXPECT_TRUE(deck.system.options.rigid_water);
  EXPECT_EQ(deck.training.seed, deck.seed);
  EXPECT_EQ(deck.training.energy_weight, 1.0);
  EXPECT_FALSE(deck.uses_target_samples());
  EXPECT_EQ(deck.training.patience, 0u);
  EXPECT_FALSE(is_rigid_flow_deck(std::string(kDecks) + "rigid_molecule_in_field.toml", {}));
  const RigidFlowDeck in_field =
      load_rigid_flow_deck(std::string(kDecks) + "rigid_molecule_in_field_flow.toml", {}).deck;
  EXPECT_EQ(in_field.training.energy_weight, 0.5);
  EXPECT_TRUE(in_field.uses_target_samples());
  EXPECT_TRUE(in_field.external.field.has_value());
}

TEST_F(RigidFlowDeckTest, LossIsEnergyLikelihoodOrBoth) {
  const auto weight = [&](const std::string& training) {
    FlowDeckText text;
    text.training = training;
    return load_rigid_flow_deck(path_of(text), {}).deck.training.energy_weight;
  };
  EXPECT_EQ(weight(""), 1.0);
  EXPECT_EQ(weight("loss = \"energy\"\n"), 1.0);
  EXPECT_EQ(weight("loss = \"likelihood\"\n"), 0.0);
  EXPECT_EQ(weight("loss = \"both\"\n"), 0.5);
  EXPECT_EQ(weight("loss = \"both\"\nenergy_weight = 0.2\n"), 0.2);
  FlowDeckText text;
  text.training = "loss = \"reverse\"\npatience = -1\n";
  EXPECT_EQ(errors(text),
            "13:8: training.loss: expected \"energy\", \"likelihood\" or \"both\", got string "
            "\"reverse\"\n"
            "14:12: training.patience: expected an integer from 0 to 1000000000, usually 0, got "
            "integer -1");
  text.training = "energy_weight = 0.2\n";
  EXPECT_EQ(errors(text), "13:1: training.energy_weight: only used with loss = \"both\"");
  text.training = "loss = \"both\"\nenergy_weight = 1\n";
  EXPECT_THAT(errors(text), HasSubstr("14:17: training.energy_weight: expected "));
}

TEST_F(RigidFlowDeckTest, SaysWhatItIsTold) {
  FlowDeckText text;
  text.base =
      "temperature = \"250 K\"\nchains = 12\nheld_out_chains = 5\nequilibration = 9\n"
      "samples = 3\nstride = 2\ntime_step = \"2 fs\"\nsteps = 11\nlength_jitter = 0.1\n";
  text.flow =
      "conditioner = \"attention\"\ncouplings = 3\nhidden = 8\norientations = "
      "\"convex_gradient\"\nterms = 5\n";
  text.training =
      "epochs = 2\nsteps = 5\nbatch_size = 21\nfirst_rate = 1e-4\nlast_rate = 1e-6\n"
      "loss = \"both\"\nenergy_weight = 0.25\npatience = 3\n";
  text.output += "overwrite = true\n";
  const LoadedRigidFlowDeck loaded = load_rigid_flow_deck(path_of(text), {});
  const RigidFlowDeck& deck = loaded.deck;
  EXPECT_EQ(deck.seed, 7u);
  EXPECT_EQ(deck.base.chains, 12u);
  EXPECT_EQ(deck.base.held_out_chains, 5u);
  EXPECT_EQ(deck.base.training_chains(), 7u);
  EXPECT_EQ(deck.base.equilibration, 9u);
  EXPECT_EQ(deck.base.samples, 3u);
  EXPECT_EQ(deck.base.stride, 2u);
  EXPECT_DOUBLE_EQ(deck.base.trajectories.time_step_ps, 0.002);
  EXPECT_EQ(deck.base.trajectories.n_steps, 11u);
  EXPECT_EQ(deck.base.trajectories.length_jitter, 0.1);
  EXPECT_EQ(deck.shape.conditioner, mlsamplers::FlowConditioner::kAttention);
  EXPECT_EQ(deck.shape.n_couplings, 3u);
  EXPECT_EQ(deck.shape.hidden, 8u);
  EXPECT_EQ(deck.shape.orientation_map, mlsamplers::OrientationMap::kConvexGradient);
  EXPECT_EQ(deck.shape.n_terms, 5u);
  EXPECT_EQ(deck.training.n_epochs, 2u);
  EXPECT_EQ(deck.training.steps_per_epoch, 5u);
  EXPECT_EQ(deck.training.batch_size, 21u);
  EXPECT_EQ(deck.training.first_rate, 1e-4);
  EXPECT_EQ(deck.training.last_rate, 1e-6);
  EXPECT_EQ(deck.training.energy_weight, 0.25);
  EXPECT_EQ(deck.training.patience, 3u);
  EXPECT_EQ(deck.training.seed, 7u);
  EXPECT_EQ(deck.model.filename(), "flow.safetensors");
  EXPECT_TRUE(deck.overwrite);
  // What it resolves to means the same.
  const std::string again = write(folder_, "again.toml", loaded.resolved_toml);
  EXPECT_EQ(load_rigid_flow_deck(again, {}).resolved_toml, loaded.resolved_toml);
}

TEST_F(RigidFlowDeckTest, SaysAllThatIsWrong) {
  FlowDeckText text;
  text.base = "chains = 8\nheld_out_chains = 8\nstrid = 2\n";
  text.target = "temperature = \"0 K\"\n";
  text.flow = "hidden = 0\n";
  text.training = "first_rate = 1e-5\nlast_rate = 1e-4\n";
  text.output = "";
  EXPECT_EQ(
      errors(text),
      "6:1: base.temperature: missing; expected a temperature such as \"300 K\"\n"
      "8:19: base.held_out_chains: expected fewer than chains (8), got 8\n"
      "9:1: base.strid: unknown key; did you mean \"stride\"?\n"
      "11:15: target.temperature: expected a temperature from 0.001 K to 1e+05 K, usually 300 K, "
      "got \"0 K\"\n"
      "13:10: rigid_flow.hidden: expected an integer from 1 to 100000, usually 128, got integer 0\n"
      "16:13: training.last_rate: expected at most first_rate\n"
      "17:1: output.model: missing; expected a path");
}

TEST_F(RigidFlowDeckTest, RefusesWhatCannotBeTrained) {
  FlowDeckText text;
  text.target = "temperature = \"250 K\"\n";
  EXPECT_EQ(errors(text),
            "9:15: target.temperature: expected another one than base.temperature, got 250 K");
  text = {};
  text.base += "chains = 6\nheld_out_chains = 4\nsamples = 3\n";
  text.training = "batch_size = 7\n";
  EXPECT_EQ(errors(text),
            "16:14: training.batch_size: expected at most the 6 samples of the chains that are not "
            "held out, got 7");
  text.flow = "terms = 5\n";
  text.training = "batch_size = 6\n";
  EXPECT_EQ(errors(text),
            "14:1: rigid_flow.terms: only used with orientations = \"convex_gradient\"");
  text.flow = "";
  EXPECT_NO_THROW(load_rigid_flow_deck(path_of(text), {}));
}

TEST_F(RigidFlowDeckTest, DefaultsAreExplained) {
  const std::string printed = default_rigid_flow_deck();
  for (const char* table :
       {"[system]", "[energy]", "[base]", "[target]", "[rigid_flow]", "[training]", "[output]"})
    EXPECT_THAT(printed, HasSubstr(std::string("\n") + table + "\n"));
}

}  // namespace
}  // namespace saltus::tools
