// Oracle: digests by another program (coreutils' sha256sum), exact messages for wrong lists.
#include "tools/saltus/training/torsion_ensembles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/decks/torsion_deck_fixture.h"
#include "tools/saltus/training/torsions.h"

namespace saltus::tools {
namespace {

using testing::HasSubstr;

TEST(TorsionData, KnowsMoleculesByDigests) {
  EXPECT_EQ(molecule_digest("CCCC"), "90b4853e06e722c6");
  EXPECT_TRUE(is_held_out(4000000001u));
  EXPECT_TRUE(is_held_out(30));
  EXPECT_FALSE(is_held_out(32));
}

TEST(TorsionData, IsMadeOnceAndLeavesOutWhatIsExcluded) {
  const tests::TemporaryFolder folder;
  write(folder, "list.smi", "CCCC butane\nnonsense\nCCNC amine\nC methane\nCCO ethanol\n");
  write(folder, "out.txt", "# ethanol\n" + molecule_digest("CCO") + "\n");
  const std::string path = write(folder, "d.toml", small_deck("excluded = \"out.txt\"\n"));
  const auto deck =
      load_torsion_deck(path, {"ensembles.folder=\"" + folder.file("e") + "\"", "threads=2"}).deck;
  Progress quiet(true);
  const auto files = make_torsion_ensembles(deck, quiet);
  ASSERT_EQ(files.size(), 1u);
  const auto ensembles = io::read_torsion_ensembles(files[0]);
  ASSERT_EQ(ensembles.size(), 2u);
  EXPECT_EQ(ensembles[0].smiles, "CCCC");
  EXPECT_EQ(ensembles[0].record, 1u);
  EXPECT_EQ(ensembles[0].n_frames(), 40u);
  EXPECT_EQ(ensembles[1].smiles, "CCNC");
  EXPECT_EQ(ensembles[1].n_inversions, 1u);
  const auto samples = training_samples(ensembles[1]);
  EXPECT_EQ(samples.n_samples, 40u);
  EXPECT_EQ(samples.graph.torsions.size(), ensembles[1].n_torsions);

  const auto written = std::filesystem::last_write_time(files[0]);
  EXPECT_EQ(make_torsion_ensembles(deck, quiet), files);
  EXPECT_EQ(std::filesystem::last_write_time(files[0]), written);
}

// Each file knows what it was made for: settings, seed and its own molecules.
TEST(TorsionData, IsUsedForNothingButWhatItWasMadeFor) {
  const tests::TemporaryFolder folder;
  std::string lines;
  for (int i = 0; i < 200; ++i) lines += i < 2 ? "CCCC\n" : "C\n";
  write(folder, "list.smi", lines);
  write(folder, "more.smi", "CCCO\n");
  const std::string path = write(folder, "d.toml", small_deck());
  const std::string where = "ensembles.folder=\"" + folder.file("e") + "\"";
  const auto deck_with = [&](const std::string& change) {
    return load_torsion_deck(path, {where, change}).deck;
  };
  Progress quiet(true);
  const auto files = make_torsion_ensembles(deck_with("threads=1"), quiet);
  ASSERT_EQ(files.size(), 1u);
  for (const char* change : {"seed=9", "ensembles.sweeps=9", "molecules.max_molecules=1"})
    EXPECT_EQ(tests::message_of<engine::InputError>(
                  [&] { make_torsion_ensembles(deck_with(change), quiet); }),
              "'" + files[0].string() +
                  "' was made by a deck with other molecules or settings; move it away, or choose "
                  "another ensembles.folder")
        << change;
  EXPECT_EQ(make_torsion_ensembles(deck_with("torsion_network.epochs=9"), quiet), files);
  const auto longer = deck_with("molecules.more_files=\"" + folder.file("more.smi") + "\"");
  const auto more = make_torsion_ensembles(longer, quiet);
  ASSERT_EQ(more.size(), 2u);
  EXPECT_EQ(more[0], files[0]);
  const auto added = io::read_torsion_ensembles(more[1]);
  ASSERT_EQ(added.size(), 1u);
  EXPECT_EQ(added[0].record, 201u);
  EXPECT_EQ(added[0].smiles, "CCCO");
}

// Ensembles may be there already when a molecule is excluded.
TEST(TorsionData, OfExcludedMoleculesIsNotLearnedFrom) {
  const tests::TemporaryFolder folder;
  write(folder, "list.smi", "CCCC\nCCNC\nCCCO\n");
  const std::string list = write(folder, "out.txt",
                                 molecule_digest("CCNC") + "\n" + molecule_digest("CCCC") + "\n" +
                                     molecule_digest("CCCO") + "\n");
  const std::string path = write(folder, "d.toml", small_deck());
  const auto deck_with = [&](const std::string& change) {
    return load_torsion_deck(path, {"ensembles.folder=\"" + folder.file("e") + "\"", change}).deck;
  };
  Progress quiet(true);
  ASSERT_EQ(
      io::read_torsion_ensembles(make_torsion_ensembles(deck_with("threads=1"), quiet)[0]).size(),
      3u);
  EXPECT_EQ(tests::message_of<engine::InputError>([&] {
              train_torsion_deck(deck_with("molecules.excluded=\"" + list + "\""),
                                 folder.file("m.pt"), false, quiet);
            }),
            "torsion training: at least 2 molecules are needed, one of them to be held out");
}

TEST(TorsionData, RefusesListsOfExcludedMoleculesThatAreNone) {
  const tests::TemporaryFolder folder;
  write(folder, "list.smi", "CCCC\n");
  const std::string list = write(folder, "out.txt", "CCO\n");
  const std::string path = write(folder, "d.toml", small_deck("excluded = \"out.txt\"\n"));
  Progress quiet(true);
  EXPECT_EQ(tests::message_of<engine::InputError>(
                [&] { make_torsion_ensembles(load_torsion_deck(path, {}).deck, quiet); }),
            list + ":1: expected 16 hexadecimal digits of a molecule, got 'CCO'");
}

TEST(TorsionData, OfAnotherVersionIsRefused) {
  io::TorsionEnsemble ensemble;
  ensemble.smiles = "CCCC";
  ensemble.n_torsions = 1;
  ensemble.torsions = {1.0f};
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { training_samples(ensemble); }),
            "SMILES 'CCCC' has 3 torsions, its ensemble has 1; the ensembles were made by another "
            "version, make them again");
}

}  // namespace
}  // namespace saltus::tools
