// Oracle: the numbers that were written; exact messages for files that are none.
#include "io/hdf5/torsion_ensemble_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <fstream>

#include "engine/core/error.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

std::vector<TorsionEnsemble> two_molecules() {
  TorsionEnsemble amine;
  amine.record = 4;
  amine.smiles = "CCNC";
  amine.split_key = 4000000001u;
  amine.n_torsions = 2;
  amine.n_inversions = 1;
  amine.torsions = {0.5f, -1.5f, 3.0f, 0.25f};
  amine.inversions = {1, -1};
  amine.single_acceptance = 0.625;
  TorsionEnsemble butane;
  butane.record = 9;
  butane.smiles = "CCCC";
  butane.split_key = 7;
  butane.n_torsions = 1;
  butane.torsions = {1.0f, 2.0f, -3.0f};
  return {amine, butane};
}

TEST(TorsionDataFile, GivesBackWhatWasWritten) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_torsion_ensembles(path, two_molecules(), {{"deck", "abc"}});
  const auto read = read_torsion_ensembles(path), written = two_molecules();
  ASSERT_EQ(read.size(), 2u);
  for (std::size_t m = 0; m < 2; ++m) {
    EXPECT_EQ(read[m].record, written[m].record);
    EXPECT_EQ(read[m].smiles, written[m].smiles);
    EXPECT_EQ(read[m].split_key, written[m].split_key);
    EXPECT_EQ(read[m].n_torsions, written[m].n_torsions);
    EXPECT_EQ(read[m].n_inversions, written[m].n_inversions);
    EXPECT_EQ(read[m].torsions, written[m].torsions);
    EXPECT_EQ(read[m].inversions, written[m].inversions);
    EXPECT_EQ(read[m].single_acceptance, written[m].single_acceptance);
  }
  EXPECT_EQ(read[0].n_frames(), 2u);
  EXPECT_EQ(read[1].n_frames(), 3u);
  EXPECT_EQ(torsion_ensembles_attribute(path, "deck"), "abc");
}

TEST(TorsionDataFile, MayBeEmpty) {
  const tests::TemporaryFolder folder;
  write_torsion_ensembles(folder.file("t.h5"), {}, {});
  EXPECT_TRUE(read_torsion_ensembles(folder.file("t.h5")).empty());
}

TEST(TorsionDataFile, RefusesOtherFiles) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  std::ofstream(path) << "no HDF5";
  EXPECT_THAT(tests::message_of<engine::FileError>([&] { read_torsion_ensembles(path); }),
              testing::StartsWith("cannot read torsion ensembles '" + path + "': "));
  EXPECT_THAT(
      tests::message_of<engine::FileError>([&] { read_torsion_ensembles(folder.file("no.h5")); }),
      testing::HasSubstr("No such file or directory"));
}

// Angles of another version are other coordinates; attributes may be named otherwise, too.
TEST(TorsionDataFile, RefusesOtherLayouts) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("t.h5");
  write_torsion_ensembles(path, two_molecules(), {{"deck", "abc"}});
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t attribute = H5Aopen(file, "layout_version", H5P_DEFAULT);
  const std::uint64_t first = 1;
  EXPECT_GE(H5Awrite(attribute, H5T_NATIVE_UINT64, &first), 0);
  H5Aclose(attribute);
  H5Fclose(file);
  const std::string message = "cannot read torsion ensembles '" + path +
                              "': layout version 1, this program reads 2; make the ensembles again";
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { read_torsion_ensembles(path); }), message);
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { torsion_ensembles_attribute(path, "no"); }),
            message);
}

TEST(TorsionDataFile, RefusesColumnsThatDoNotFit) {
  const tests::TemporaryFolder folder;
  auto ensembles = two_molecules();
  ensembles[1].inversions = {1};    // of a molecule without centres: one too many at the end
  ensembles[0].inversions.clear();  // and two too few before it
  const std::string path = folder.file("t.h5");
  write_torsion_ensembles(path, ensembles, {});
  EXPECT_EQ(tests::message_of<engine::InputError>([&] { read_torsion_ensembles(path); }),
            "cannot read torsion ensembles '" + path +
                "': the file is damaged: its columns do not fit together");
}

}  // namespace
}  // namespace saltus::io
