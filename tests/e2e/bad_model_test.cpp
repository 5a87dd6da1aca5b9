// Oracle: exit codes of sysexits.h and what the program should say about models that do not fit,
// written out by hand.
#include <memory>

#include "saltus_test_paths.h"
#include "tests/e2e/program.h"

namespace saltus::tests {
namespace {

constexpr int kInput = 65, kFile = 74;

/// One small model of alanine dipeptide for all tests.
class BadModels : public ProgramTest {
 protected:
  static void SetUpTestSuite() {
    model_folder_ = std::make_unique<TemporaryFolder>();
    DeckText deck;
    deck.coordinates =
        std::string(SALTUS_TEST_SOURCE_DIR) + "/data/molecules/alanine_dipeptide.pdb";
    deck.moves = "[[move]]\nkind = \"learned_leap\"";
    deck.more =
        "[pilot]\ntemperatures = [\"310 K\"]\nladders = 4\nframe_period = \"20 fs\"\n"
        "exchange_period = \"0.1 ps\"\nlength = \"2 ps\"\nequilibration = \"0.2 ps\"\n"
        "[leap]\nmodel = \"train\"\nlag = \"0.2 ps\"\nepochs = 1\nhidden = 4\ncomponents = 2\n"
        "refinement_rounds = 0";
    model_folder_->write("deck.toml", deck.text());
    const ProgramEnd end =
        run_saltus({"train", "deck.toml", "-o", "model.pt"}, model_folder_->path());
    ASSERT_EQ(end.exit_code, 0) << end.err;
  }
  static void TearDownTestSuite() { model_folder_.reset(); }
  void SetUp() override {
    ProgramTest::SetUp();
    copy_in(model_folder_->file("model.pt"), "model.pt");
    deck_.moves = "[[move]]\nkind = \"learned_leap\"";
    deck_.more = "[leap]\nmodel = \"model.pt\"";
  }
  void expect_refusal(const std::string& why) const {
    write_deck(deck_);
    expect_error({"run", "deck.toml"}, kInput,
                 "model.pt: this model cannot be used here: " + why +
                     " Train a model for this deck (saltus train), or use the deck it was trained "
                     "with.");
  }

  static std::unique_ptr<TemporaryFolder> model_folder_;
  DeckText deck_;
};

std::unique_ptr<TemporaryFolder> BadModels::model_folder_;

TEST_F(BadModels, AreNotThoseThatFit) {
  write_deck(deck_);
  good({"run", "deck.toml"});
}

TEST_F(BadModels, OfAnotherTemperature) {
  deck_.ensemble = "temperature = \"320 K\"";
  expect_refusal("it was trained at 310 K, this run is at 320 K.");
}

TEST_F(BadModels, OfAnotherForceField) {
  deck_.energy_source = "force_field = [\"amber99sbildn.xml\"]";
  expect_refusal(
      "it was trained with other force-field parameters (amber99sbildn.xml + amber99_obc.xml; here "
      "amber99sbildn.xml).");
}

TEST_F(BadModels, OfAnotherMolecule) {
  copy_in(force_field_data("RE.prmtop"), "re.prmtop");
  copy_in(force_field_data("RE.inpcrd"), "re.inpcrd");
  deck_.coordinates = "re.inpcrd";
  deck_.energy_source = "topology = \"re.prmtop\"";
  expect_refusal("it was trained for a molecule of 22 atoms, this one has 42.");
}

TEST_F(BadModels, OfAnotherOrderOfAtoms) {
  const std::string pdb = read("ala.pdb");
  // The second and third lines change places.
  const std::size_t second = pdb.find('\n') + 1, third = pdb.find('\n', second) + 1,
                    fourth = pdb.find('\n', third) + 1;
  write("ala.pdb", pdb.substr(0, second) + pdb.substr(third, fourth - third) +
                       pdb.substr(second, third - second) + pdb.substr(fourth));
  expect_refusal(
      "it was trained for the same atoms in another order: atom 1 is 'ACE 1 HH31 H' in the model "
      "and 'ACE 1 CH3 C' here.");
}

TEST_F(BadModels, ThatAreTextOrEmptyOrCutShort) {
  const std::string whole = read("model.pt");
  write_deck(deck_);
  for (const std::string& content :
       {std::string("hello\n"), std::string(), whole.substr(0, whole.size() / 2),
        whole.substr(0, whole.size() - 10)}) {
    SCOPED_TRACE(std::to_string(content.size()) + " bytes");
    write("model.pt", content);
    const std::string reason =
        "this is not a model file of Saltus, or it is cut short; make one with saltus train";
    expect_error({"run", "deck.toml"}, kInput, "model.pt: " + reason);
    expect_error({"info", "model.pt"}, kInput, "model.pt: " + reason);
  }
}

TEST_F(BadModels, ThatAreNotThere) {
  std::filesystem::remove(file("model.pt"));
  write_deck(deck_);
  expect_error({"run", "deck.toml"}, kInput,
               "deck.toml:22:9: leap.model: no file \"model.pt\"; paths count from the folder of "
               "the deck that holds them\n1 error in deck.toml");
  expect_error({"info", "model.pt"}, kFile,
               "model.pt: cannot open the model file: No such file or directory");
}

TEST_F(BadModels, ThatAreNotWhatTheResumedRunBeganWith) {
  write_deck(deck_);
  good({"run", "deck.toml"});
  write("model.pt", "hello\n");
  expect_error({"run", "deck.toml", "--resume"}, kInput,
               "--resume: '" + file("model.pt") +
                   "' is not the model this run began with; put that one back, or start again with "
                   "--overwrite");
}

TEST_F(BadModels, AreNotWrittenOverOthers) {
  deck_.more = "[leap]\nmodel = \"train\"";
  write_deck(deck_);
  const std::string before = read("model.pt");
  expect_error({"train", "deck.toml", "-o", "model.pt"}, kFile,
               "'model.pt' exists: use --overwrite to replace it, load it with leap.model, or "
               "choose another name with leap.save");
  EXPECT_EQ(read("model.pt"), before);
}

TEST_F(BadModels, AreNotTrainedOnOneLadder) {
  deck_.more = "[leap]\nmodel = \"train\"\n[pilot]\nladders = 1";
  write_deck(deck_);
  expect_error({"run", "deck.toml"}, kInput,
               "pilot.ladders: training needs at least 2, one of them to be held out, got 1");
}

}  // namespace
}  // namespace saltus::tests
