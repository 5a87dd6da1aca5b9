// Oracle: what a folder holds before and after, and messages.
#include "tools/saltus/run/folder_run.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "engine/core/error.h"
#include "io/hdf5/checkpoint_file.h"
#include "saltus_test_paths.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tools/saltus/molecules/load_molecule.h"
#include "tools/saltus/run/peptide_leap.h"

namespace saltus::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using tests::message_of;

std::string deck_text(int run_steps, int hmc_steps) {
  return "schema = 1\n[system]\ncoordinates = \"nowhere.pdb\"\n"
         "force_field = [\"amber14/protein.ff14SB.xml\"]\nimplicit_solvent = \"obc2\"\n"
         "[ensemble]\ntemperature = \"310 K\"\n[chains]\ncount = 2\n[warm_up]\nsteps = 2\n"
         "[energy]\nthreads = 1\n[[move]]\nkind = \"hmc\"\nsteps = " +
         std::to_string(hmc_steps) + "\n[run]\nsteps = " + std::to_string(run_steps) +
         "\n[output]\ndirectory = \"nowhere\"\n";
}

class FolderRuns : public testing::Test {
 protected:
  void SetUp() override {
    write_peptide_structure("AG", folder_ / "AG/structure.pdb");
    folder_.write("deck.toml", deck_text(8, 2));
  }
  FolderRun run() const {
    return {folder_ / "deck.toml", folder_ / "AG/structure.pdb", folder_ / "AG/run"};
  }
  bool make(ChangedRun changed, std::function<bool()> interrupted = {}) {
    return make_folder_run(run(), {changed, std::move(interrupted)}, progress_);
  }
  std::uint64_t steps_done() const {
    return io::read_checkpoint(folder_ / "AG/run/trajectory.checkpoint").step;
  }

  tests::TemporaryFolder folder_;
  Progress progress_{true};
};

bool never() { throw std::runtime_error("nothing is to be run"); }

TEST_F(FolderRuns, KeepAStructureThatIsThere) {
  folder_.write("AG/structure.pdb", "mine");
  write_peptide_structure("AG", folder_ / "AG/structure.pdb");
  EXPECT_EQ(fs::file_size(folder_ / "AG/structure.pdb"), 4u);
}

TEST_F(FolderRuns, AreMadeOnce) {
  ASSERT_TRUE(make(ChangedRun::kRefuse));
  EXPECT_EQ(steps_done(), 8u);
  EXPECT_TRUE(fs::exists(folder_ / "AG/run/summary.json"));
  EXPECT_FALSE(fs::exists(folder_ / "AG/run/report.html"));
  for (ChangedRun changed : {ChangedRun::kKeep, ChangedRun::kRefuse, ChangedRun::kRemake})
    EXPECT_TRUE(make(changed, never));
}

TEST_F(FolderRuns, GoOnAfterAnInterruptionAndToMoreSteps) {
  int asked = 0;
  // Asked when preparation is over, then before each step.
  ASSERT_FALSE(make(ChangedRun::kRefuse, [&asked] { return ++asked > 4; }));
  EXPECT_EQ(steps_done(), 3u);
  EXPECT_FALSE(fs::exists(folder_ / "AG/run/summary.json"));
  ASSERT_TRUE(make(ChangedRun::kRefuse));
  EXPECT_EQ(steps_done(), 8u);
  folder_.write("deck.toml", deck_text(10, 2));
  ASSERT_TRUE(make(ChangedRun::kRefuse));
  EXPECT_EQ(steps_done(), 10u);
}

TEST_F(FolderRuns, OfAnotherDeckAreNoticed) {
  ASSERT_TRUE(make(ChangedRun::kRefuse));
  folder_.write("deck.toml", deck_text(8, 3));
  EXPECT_THAT(message_of<engine::InputError>([&] { make(ChangedRun::kRefuse); }),
              HasSubstr("AG/run' holds a run by another deck: move[0].steps was 2 and is 3 now; "
                        "use --overwrite to make it again, or another folder"));
  EXPECT_TRUE(make(ChangedRun::kKeep, never));
  EXPECT_TRUE(make(ChangedRun::kRemake));
  EXPECT_TRUE(make(ChangedRun::kRefuse, never));
}

TEST_F(FolderRuns, OfAnotherStructureAreNoticed) {
  ASSERT_TRUE(make(ChangedRun::kRefuse));
  fs::remove(folder_ / "AG/structure.pdb");
  write_peptide_structure("GA", folder_ / "AG/structure.pdb");
  EXPECT_THAT(message_of<engine::InputError>([&] { make(ChangedRun::kRefuse); }),
              HasSubstr("holds a run by another deck: system.coordinates was a file with SHA-256"));
}

TEST(RunIdentityOfAPeptideRun, KnowsTheModelWithinSaltus) {
  const LoadedRunDeck loaded =
      load_run_deck(SALTUS_TEST_SOURCE_DIR "/data/decks/peptide_run.toml", {});
  const RunIdentity identity =
      run_identity(loaded, load_molecule(loaded.deck.system, loaded.deck.external));
  EXPECT_THAT(identity, testing::Contains(testing::Pair(
                            "move[0].model", "\"default\"" + shipped_peptide_model_version())));
}

}  // namespace
}  // namespace saltus::tools
