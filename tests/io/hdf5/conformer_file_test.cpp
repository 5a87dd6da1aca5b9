// Oracle: the numbers that were written, read back with the HDF5 library alone.
#include "io/hdf5/conformer_file.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include <cmath>

#include "engine/core/error.h"
#include "io/hdf5/conformer_spool.h"
#include "tests/support/errors.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

template <class T>
std::vector<T> read(hid_t file, const char* path, hid_t type) {
  const hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT), space = H5Dget_space(dataset);
  std::vector<T> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  EXPECT_GE(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0) << path;
  H5Sclose(space);
  H5Dclose(dataset);
  return values;
}

using Integers = std::vector<std::int64_t>;

TEST(ConformerFile, HoldsRowsFoundByPointers) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("c.h5");
  ConformerFileWriter writer(path, false, {{"program", "test"}}, {"OK", "EMPTY"});
  ConformerSet water;
  water.record = 3;
  water.name = "wa";
  water.smiles = "O";
  water.molecule.atoms = {{8, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}};
  water.molecule.bonds = {{0, 1, 1}, {0, 2, 1}};
  water.seed = 77;
  water.method = "hmc";
  water.temperature_K = 310.0;
  engine::ConformerEnsemble frames;
  frames.positions = engine::CoordinateBatch(2, 3);
  for (std::size_t i = 0; i < 18; ++i) frames.positions.values()[i] = 0.1 * static_cast<double>(i);
  frames.energies = {4.184, 8.368};
  frames.log_weights = {-0.5, 0.25};
  frames.log_q = {-3.0, -4.0};
  frames.accepted = {true, false};
  frames.facts.biased = true;
  frames.facts.n_effective = 1.5;
  frames.facts.free_energy = -4.184;
  frames.facts.n_energy_evaluations = 9;
  water.ensemble = &frames;
  ConformerSet failed;
  failed.record = 4;
  failed.name = "none";
  failed.status = 1;
  writer.write(water);
  writer.write(failed);
  writer.write(water);
  EXPECT_FALSE(std::filesystem::exists(path));
  writer.commit();
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  const auto integers = [&](const char* name) {
    return read<std::int64_t>(file, name, H5T_NATIVE_INT64);
  };
  EXPECT_EQ(integers("molecules/record"), (Integers{3, 4, 3}));
  EXPECT_EQ(integers("molecules/status"), (Integers{0, 1, 0}));
  EXPECT_EQ(integers("molecules/seed"), (Integers{77, 0, 77}));
  EXPECT_EQ(integers("molecules/atom_ptr"), (Integers{0, 3, 3, 6}));
  EXPECT_EQ(integers("molecules/z"), (Integers{8, 1, 1, 8, 1, 1}));
  EXPECT_EQ(integers("molecules/bond_ptr"), (Integers{0, 2, 2, 4}));
  EXPECT_EQ(integers("molecules/bond"), (Integers{0, 1, 0, 2, 0, 1, 0, 2}));
  EXPECT_EQ(integers("molecules/name_ptr"), (Integers{0, 2, 6, 8}));
  EXPECT_EQ(integers("molecules/smiles"), (Integers{'O', 'O'}));
  EXPECT_EQ(integers("molecules/conformer_ptr"), (Integers{0, 2, 2, 4}));
  const Integers blocks = integers("molecules/mol_block_ptr");
  ASSERT_EQ(blocks.size(), 4u);
  EXPECT_GT(blocks[1], 0);
  EXPECT_EQ(blocks[2], blocks[1]);  // of a molecule without conformers
  const Integers block = integers("molecules/mol_block");
  const std::string text(block.begin(), block.begin() + blocks[1]);
  EXPECT_EQ(text.substr(0, 3), "wa\n");
  EXPECT_NE(text.find("M  V30 2 H 3.000000 4.000000 5.000000 0\n"), std::string::npos) << text;
  EXPECT_EQ(integers("conformers/atom_ptr"), (Integers{0, 3, 6, 9, 12}));
  EXPECT_EQ(integers("conformers/mol"), (Integers{0, 0, 2, 2}));
  const auto energy = read<double>(file, "conformers/energy", H5T_NATIVE_DOUBLE);
  EXPECT_EQ(energy.size(), 4u);
  EXPECT_NEAR(energy[1], 2.0, 1e-12);
  const auto xyz = read<float>(file, "conformers/xyz", H5T_NATIVE_FLOAT);
  const auto numbers = [&](const char* name) {
    return read<double>(file, name, H5T_NATIVE_DOUBLE);
  };
  using Numbers = std::vector<double>;
  EXPECT_EQ(numbers("conformers/log_weight"), (Numbers{-0.5, 0.25, -0.5, 0.25}));
  EXPECT_EQ(numbers("conformers/log_q"), (Numbers{-3.0, -4.0, -3.0, -4.0}));
  EXPECT_EQ(integers("conformers/accepted"), (Integers{1, 0, 1, 0}));
  EXPECT_EQ(integers("conformers/seed"), (Integers{77, 77, 77, 77}));
  EXPECT_EQ(integers("molecules/method_ptr"), (Integers{0, 3, 3, 6}));
  EXPECT_EQ(integers("molecules/biased"), (Integers{1, 0, 1}));
  EXPECT_EQ(integers("molecules/energy_evaluations"), (Integers{9, 0, 9}));
  EXPECT_EQ(numbers("molecules/temperature"), (Numbers{310.0, 0.0, 310.0}));
  EXPECT_EQ(numbers("molecules/n_effective"), (Numbers{1.5, 0.0, 1.5}));
  EXPECT_DOUBLE_EQ(numbers("molecules/free_energy")[0], -1.0);
  EXPECT_TRUE(std::isnan(numbers("molecules/free_energy")[1]));
  EXPECT_TRUE(std::isnan(numbers("molecules/free_energy_error")[0]));
  ASSERT_EQ(xyz.size(), 36u);
  for (std::size_t i = 0; i < 36; ++i)
    EXPECT_FLOAT_EQ(xyz[i], static_cast<float>(i % 18));  // angstrom
  H5Fclose(file);
}

TEST(ConformerFile, LeavesNothingBehindWithoutCommit) {
  const tests::TemporaryFolder folder;
  { const ConformerFileWriter writer(folder.file("c.h5"), false, {}, {"OK"}); }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ConformerSpool, GivesBackWhatItWasGiven) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("spool");
  ConformerSet set;
  set.record = 5;
  set.name = "na\nme";
  set.molecule.atoms = {{8, -1, 18, 1}};
  set.molecule.bonds = {{0, 0, 2}};
  set.method = "m";
  engine::ConformerEnsemble frames;
  frames.positions = engine::CoordinateBatch(2, 1);
  frames.positions.values() = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  frames.energies = {1.5, 2.5};
  frames.accepted = {false, true};
  set.ensemble = &frames;
  std::uint64_t mark = 0;
  {
    ConformerSpool spool(path, std::nullopt);
    spool.write(set);
    mark = spool.mark();
    spool.write(set);  // is lost
  }
  ConformerSpool spool(path, mark);
  ConformerSet failed;
  failed.status = 3;
  spool.write(failed);
  std::size_t n = 0;
  spool.read([&](const ConformerSet& found) {
    if (n++ == 1) {
      EXPECT_EQ(found.status, 3);
      return;
    }
    EXPECT_EQ(found.record, 5u);
    EXPECT_EQ(found.name, "na\nme");
    EXPECT_EQ(found.method, "m");
    ASSERT_EQ(found.molecule.atoms.size(), 1u);
    EXPECT_EQ(found.molecule.atoms[0].isotope, 18);
    ASSERT_EQ(found.molecule.bonds.size(), 1u);
    EXPECT_EQ(found.molecule.bonds[0].order, 2);
    EXPECT_EQ(found.ensemble->energies, frames.energies);
    EXPECT_EQ(found.ensemble->accepted, frames.accepted);
    EXPECT_EQ(found.ensemble->n_frames(), 2u);
    EXPECT_EQ(found.ensemble->positions.values(), frames.positions.values());
  });
  EXPECT_EQ(n, 2u);
  spool.remove();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ConformerSpool, ThatWasChangedSaysSo) {
  const tests::TemporaryFolder folder;
  const std::string text(16, '\x7f');
  folder.write("spool.new", text);
  ConformerSpool spool(folder.file("spool"), text.size());
  EXPECT_EQ(tests::message_of<engine::FileError>([&] { spool.read([](const ConformerSet&) {}); }),
            "'" + folder.file("spool.new") + "' has been changed");
}

TEST(ConformerFile, GrowsBeyondItsChunks) {
  const tests::TemporaryFolder folder;
  ConformerFileWriter writer(folder.file("c.h5"), false, {}, {"OK"});
  ConformerSet set;
  set.molecule.atoms.resize(100);
  engine::ConformerEnsemble frames;
  frames.positions = engine::CoordinateBatch(50, 100);
  frames.positions.values().assign(300 * 50, 0.25);
  frames.energies.assign(50, 0.0);
  set.ensemble = &frames;
  for (int i = 0; i < 5; ++i) writer.write(set);
  writer.commit();
  const hid_t file = H5Fopen(folder.file("c.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  EXPECT_EQ(read<float>(file, "conformers/xyz", H5T_NATIVE_FLOAT), std::vector<float>(75000, 2.5f));
  H5Fclose(file);
}

}  // namespace
}  // namespace saltus::io
