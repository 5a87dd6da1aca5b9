// Oracle: what the writer was given, and files that are broken on purpose.
#include "io/hdf5/conformer_file_reader.h"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "engine/core/error.h"
#include "io/hdf5/conformer_file.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using testing::HasSubstr;

/// Two conformers of water, a molecule that failed, three of hydrogen.
void write_example(const std::string& path) {
  ConformerFileWriter writer(path, false, {}, {"OK", "EMPTY"});
  ConformerSet set;
  set.record = 3;
  set.name = "wa";
  set.smiles = "O";
  set.molecule.atoms = {{8, -1, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}};
  set.molecule.bonds = {{0, 1, 1}, {0, 2, 1}};
  set.temperature_K = 310.0;
  engine::ConformerEnsemble water;
  water.positions = engine::CoordinateBatch(2, 3);
  for (std::size_t i = 0; i < 18; ++i) water.positions.values()[i] = 0.1 * static_cast<double>(i);
  water.energies = {4.184, std::numeric_limits<double>::quiet_NaN()};
  water.log_weights = {-0.5, 0.25};
  set.ensemble = &water;
  writer.write(set);
  ConformerSet failed;
  failed.record = 4;
  failed.status = 1;
  writer.write(failed);
  ConformerSet other;
  other.record = 5;
  other.name = "hydrogen";
  other.molecule.atoms = {{1, 0, 0, 0}, {1, 0, 0, 0}};
  other.molecule.bonds = {{0, 1, 1}};
  engine::ConformerEnsemble hydrogen;
  hydrogen.positions = engine::CoordinateBatch(3, 2);
  for (std::size_t i = 0; i < 18; ++i)
    hydrogen.positions.values()[i] = -0.1 * static_cast<double>(i);
  hydrogen.energies = {1.0, 2.0, 3.0};
  hydrogen.degeneracies = {1.0, 2.0, 4.0};
  other.ensemble = &hydrogen;
  writer.write(other);
  writer.commit();
}

/// Says that the file is of this layout; version 1 had no mol blocks.
void set_layout(const std::string& path, std::uint64_t version) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t attribute = H5Aopen(file, "layout_version", H5P_DEFAULT);
  EXPECT_GE(H5Awrite(attribute, H5T_NATIVE_UINT64, &version), 0);
  H5Aclose(attribute);
  if (version == 1) {
    for (const char* array : {"molecules/mol_block", "molecules/mol_block_ptr"})
      EXPECT_GE(H5Ldelete(file, array, H5P_DEFAULT), 0) << array;
  }
  H5Fclose(file);
}

TEST(ConformerFileReader, SumsUpAFile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("c.h5");
  write_example(path);
  EXPECT_TRUE(is_conformer_file(path));
  const ConformerFileSummary summary = ConformerFileReader(path).summary();
  EXPECT_EQ(summary.n_conformers, 5u);
  EXPECT_EQ(summary.statuses, (std::map<std::string, std::size_t>{{"OK", 2}, {"EMPTY", 1}}));
  EXPECT_TRUE(summary.made_by.empty());
  const std::string named = folder.file("named.h5");
  ConformerFileWriter(named, false, {{"program", "a program"}}, {"OK"}).commit();
  EXPECT_EQ(ConformerFileReader(named).summary().made_by,
            (std::map<std::string, std::string>{{"program", "a program"}}));
  std::ofstream(folder.file("text.h5")) << "hello";
  EXPECT_FALSE(is_conformer_file(folder.file("text.h5")));
  EXPECT_FALSE(is_conformer_file(folder.file("none.h5")));
}

TEST(ConformerFileReader, ReadsFilesOfEarlierVersionsButNotOfLaterOnes) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("c.h5");
  write_example(path);
  set_layout(path, 3);
  EXPECT_THAT(tests::message_of<engine::InputError>([&] { ConformerFileReader reader(path); }),
              HasSubstr("layout version 3, this program reads 1 to 2; make the conformers again"));
  set_layout(path, 1);
  const ConformerFileReader reader(path);
  ASSERT_EQ(reader.n_molecules(), 3u);
  EXPECT_EQ(reader.read(0).name, "wa");
}

TEST(ConformerFileReader, GivesBackWhatWasWritten) {
  const tests::TemporaryFolder folder;
  write_example(folder.file("c.h5"));
  const ConformerFileReader reader(folder.file("c.h5"));
  ASSERT_EQ(reader.n_molecules(), 3u);
  const StoredConformers water = reader.read(0), failed = reader.read(1), hydrogen = reader.read(2);
  EXPECT_EQ(water.record, 3u);
  EXPECT_EQ(water.name, "wa");
  EXPECT_EQ(water.smiles, "O");
  EXPECT_EQ(water.status, "OK");
  EXPECT_EQ(water.temperature_K, 310.0);
  ASSERT_EQ(water.molecule.atoms.size(), 3u);
  EXPECT_EQ(water.molecule.atoms[0].charge, -1);
  ASSERT_EQ(water.molecule.bonds.size(), 2u);
  EXPECT_EQ(water.molecule.bonds[1].second, 2u);
  ASSERT_EQ(water.ensemble.n_frames(), 2u);
  EXPECT_NEAR(water.ensemble.positions.chain(1)[8], 1.7, 1e-6);
  EXPECT_NEAR(water.ensemble.energies[0], 4.184, 1e-12);
  EXPECT_TRUE(std::isnan(water.ensemble.energies[1]));
  EXPECT_EQ(water.ensemble.log_weights, (std::vector<double>{-0.5, 0.25}));
  EXPECT_TRUE(std::isnan(water.ensemble.degeneracies[0]));
  EXPECT_EQ(failed.status, "EMPTY");
  EXPECT_EQ(failed.ensemble.n_frames(), 0u);
  ASSERT_EQ(hydrogen.ensemble.n_frames(), 3u);
  EXPECT_NEAR(hydrogen.ensemble.positions.chain(2)[5], -1.7, 1e-6);
  EXPECT_EQ(hydrogen.ensemble.degeneracies, (std::vector<double>{1.0, 2.0, 4.0}));
}

TEST(ConformerFileReader, RefusesOtherFilesAndBrokenPointers) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("c.h5");
  const auto message = [&] {
    return tests::message_of<engine::Error>([&] { const ConformerFileReader reader(path); });
  };
  EXPECT_THAT(message(), HasSubstr("cannot read conformers '" + path + "'"));
  std::ofstream(path) << "no HDF5 file";
  EXPECT_THAT(message(), HasSubstr("cannot read conformers '" + path + "'"));
  H5Fclose(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_THAT(message(), HasSubstr("it has no 'molecules/conformer_ptr', expected a file of saltus "
                                   "conformers"));
  std::filesystem::remove(path);
  write_example(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, "molecules/atom_ptr", H5P_DEFAULT);
  const std::int64_t wrong[4] = {0, 3, 3, 6};  // there are five atoms
  H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, wrong);
  H5Dclose(dataset);
  H5Fclose(file);
  EXPECT_THAT(message(), HasSubstr("'molecules/atom_ptr' does not fit 'molecules/z'"));
}

}  // namespace
}  // namespace saltus::io
