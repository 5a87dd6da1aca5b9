// Oracle: write-read identity, bit for bit; and damage made byte by byte, which must be noticed.
#include "io/hdf5/checkpoint_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <limits>

#include "engine/core/error.h"
#include "saltus_test_paths.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using engine::Checkpoint;
using tests::content_of;
using tests::set_content;
using tests::TemporaryFolder;

Checkpoint make_checkpoint() {
  constexpr std::size_t kChains = 3, kAtoms = 4;
  Checkpoint checkpoint;
  checkpoint.seed = std::numeric_limits<std::uint64_t>::max();
  checkpoint.step = 1ULL << 63;
  checkpoint.frames_written = 12345;
  checkpoint.deck_digest = "sha256:00ff";
  checkpoint.run_record_json = R"({"moves":[{"name":"flow \u00e9"}]})";
  checkpoint.chains = engine::ChainBatch(kChains, kAtoms, engine::ThermodynamicState{});
  for (std::size_t c = 0; c < kChains; ++c) {
    for (std::size_t i = 0; i < 3 * kAtoms; ++i) {
      checkpoint.chains.positions.chain(c)[i] = example::number(1, c, i) / 3.0;
      checkpoint.chains.velocities.chain(c)[i] = example::number(2, c, i) * 1e-300;
    }
    checkpoint.chains.energies[c] = example::number(3, c, 0);
    checkpoint.chains.log_weights[c] = example::number(4, c, 0);
    checkpoint.chains.states[c].temperature_K = 300.1 + static_cast<double>(c);
  }
  // Doubles that a detour by text or float would change.
  checkpoint.chains.energies[0] = -0.0;
  checkpoint.chains.energies[1] = std::numeric_limits<double>::denorm_min();
  checkpoint.chains.log_weights[0] = -std::numeric_limits<double>::infinity();
  return checkpoint;
}

void expect_same_bits(const std::vector<double>& read, const std::vector<double>& written) {
  ASSERT_EQ(read.size(), written.size());
  if (read.empty()) return;
  EXPECT_EQ(std::memcmp(read.data(), written.data(), written.size() * sizeof(double)), 0);
}

void expect_same(const Checkpoint& read, const Checkpoint& written) {
  EXPECT_EQ(read.seed, written.seed);
  EXPECT_EQ(read.step, written.step);
  EXPECT_EQ(read.frames_written, written.frames_written);
  EXPECT_EQ(read.deck_digest, written.deck_digest);
  EXPECT_EQ(read.run_record_json, written.run_record_json);
  EXPECT_EQ(read.chains.n_chains(), written.chains.n_chains());
  EXPECT_EQ(read.chains.n_atoms(), written.chains.n_atoms());
  expect_same_bits(read.chains.positions.values(), written.chains.positions.values());
  expect_same_bits(read.chains.velocities.values(), written.chains.velocities.values());
  expect_same_bits(read.chains.energies, written.chains.energies);
  expect_same_bits(read.chains.log_weights, written.chains.log_weights);
  ASSERT_EQ(read.chains.states.size(), written.chains.states.size());
  for (std::size_t c = 0; c < read.chains.states.size(); ++c) {
    EXPECT_EQ(read.chains.states[c].temperature_K, written.chains.states[c].temperature_K);
    EXPECT_EQ(read.chains.states[c].pressure_bar, written.chains.states[c].pressure_bar);
    EXPECT_EQ(read.chains.states[c].path, written.chains.states[c].path);
  }
  expect_same_bits(read.chains.other_terms, written.chains.other_terms);
  EXPECT_EQ(read.chains.positions.boxes(), written.chains.positions.boxes());
  EXPECT_TRUE(read.chains.velocities.boxes().empty());
  EXPECT_EQ(read.chains.replicas, written.chains.replicas);
}

/// Triclinic boxes, pressures of some chains, places on a path, two further terms each, and
/// replicas that have changed places.
Checkpoint with_everything() {
  Checkpoint checkpoint = make_checkpoint();
  engine::ChainBatch& chains = checkpoint.chains;
  std::vector<engine::Box> boxes;
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    engine::Box box({3.0 + example::number(5, c, 0), 4.0, 5.0});
    box.bx = example::number(5, c, 1) / 3.0;
    box.cx = -box.bx;
    box.cy = example::number(5, c, 2);
    boxes.push_back(box);
    if (c != 1) chains.states[c].pressure_bar = 1.01325 + static_cast<double>(c);
    chains.states[c].path = static_cast<double>(c) / 7.0;
    for (std::size_t i = 0; i < 2; ++i) chains.other_terms.push_back(example::number(6, c, i));
  }
  chains.other_terms[3] = std::numeric_limits<double>::infinity();
  chains.positions.set_boxes(boxes);
  chains.replicas = {2, 0, 1};
  return checkpoint;
}

/// A checkpoint with one of the things that not all have.
std::vector<Checkpoint> with_one_thing_each() {
  const Checkpoint everything = with_everything();
  std::vector<Checkpoint> result(5, make_checkpoint());
  result[0].chains.positions.set_boxes(everything.chains.positions.boxes());
  result[1].chains.other_terms = everything.chains.other_terms;
  for (std::size_t c = 0; c < everything.chains.n_chains(); ++c) {
    result[2].chains.states[c].pressure_bar = everything.chains.states[c].pressure_bar;
    result[3].chains.states[c].path = everything.chains.states[c].path;
  }
  result[4].chains.replicas = everything.chains.replicas;
  return result;
}

std::string reading_error(const std::filesystem::path& path) {
  try {
    read_checkpoint(path);
  } catch (const engine::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(CheckpointFile, ComesBackBitForBit) {
  const TemporaryFolder folder;
  const Checkpoint written = make_checkpoint();
  write_checkpoint(folder / "a.checkpoint", written);
  expect_same(read_checkpoint(folder / "a.checkpoint"), written);
}

TEST(CheckpointFile, KeepsAllThatChainsCarry) {
  const TemporaryFolder folder;
  const Checkpoint everything = with_everything();
  write_checkpoint(folder / "a.checkpoint", everything);
  expect_same(read_checkpoint(folder / "a.checkpoint"), everything);
  for (const Checkpoint& one : with_one_thing_each()) {
    write_checkpoint(folder / "b.checkpoint", one);
    expect_same(read_checkpoint(folder / "b.checkpoint"), one);
  }
}

TEST(CheckpointFile, IsOfTheFirstLayoutWhereNothingElseIsCarried) {
  // Earlier versions of the program can read it: it has their arrays and no other.
  const TemporaryFolder folder;
  write_checkpoint(folder / "a.checkpoint", make_checkpoint());
  write_checkpoint(folder / "b.checkpoint", with_everything());
  const std::string plain = content_of(folder / "a.checkpoint");
  const std::string full = content_of(folder / "b.checkpoint");
  for (const char* array : {"boxes", "pressures", "paths", "other_terms", "replicas"}) {
    EXPECT_EQ(plain.find(array), std::string::npos) << array;
    EXPECT_NE(full.find(array), std::string::npos) << array;
  }
}

TEST(CheckpointFile, OfAnEarlierVersionIsRead) {
  // Written before chains carried boxes, pressures, paths and other terms.
  const Checkpoint old = read_checkpoint(std::filesystem::path(SALTUS_TEST_SOURCE_DIR) /
                                         "tests/fuzz/corpus/checkpoint/small.checkpoint");
  EXPECT_EQ(old.step, 3u);
  ASSERT_EQ(old.chains.n_chains(), 1u);
  EXPECT_EQ(old.chains.n_atoms(), 22u);
  EXPECT_NEAR(old.chains.energies[0], -33.90315672, 1e-8);
  EXPECT_EQ(old.chains.states[0].temperature_K, 300.0);
  EXPECT_FALSE(old.chains.states[0].pressure_bar.has_value());
  EXPECT_EQ(old.chains.states[0].path, 1.0);
  EXPECT_TRUE(old.chains.positions.boxes().empty());
  EXPECT_TRUE(old.chains.other_terms.empty());
  EXPECT_EQ(old.chains.replicas, std::vector<std::uint32_t>{0});
}

TEST(CheckpointFile, TakesABatchWithoutChains) {
  const TemporaryFolder folder;
  Checkpoint written;
  write_checkpoint(folder / "a.checkpoint", written);
  expect_same(read_checkpoint(folder / "a.checkpoint"), written);
}

TEST(CheckpointFile, ReplacesTheOlderOne) {
  const TemporaryFolder folder;
  const auto path = folder / "a.checkpoint";
  Checkpoint written = make_checkpoint();
  write_checkpoint(path, written);
  written.step = 7;
  write_checkpoint(path, written);
  EXPECT_EQ(read_checkpoint(path).step, 7u);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.checkpoint.new"));
}

TEST(CheckpointFile, NoticesEveryChangedByte) {
  const TemporaryFolder folder;
  const auto path = folder / "a.checkpoint";
  write_checkpoint(path, make_checkpoint());
  const std::string good = content_of(path);
  const std::string damaged = "cannot read checkpoint '" + path.string() +
                              "': its checksum does not fit its content; the file is damaged, use "
                              "an older checkpoint";
  const std::string foreign =
      "cannot read checkpoint '" + path.string() + "': it is not a Saltus checkpoint";
  constexpr std::size_t kMagicBytes = 18;
  for (std::size_t i = 0; i < good.size(); i += i < 600 ? 1 : 13) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    set_content(path, bad);
    ASSERT_EQ(reading_error(path), i < kMagicBytes ? foreign : damaged) << "byte " << i;
  }
  for (std::size_t size = 0; size < good.size(); size += size < 600 ? 1 : 97) {
    set_content(path, good.substr(0, size));
    ASSERT_EQ(reading_error(path), size < kMagicBytes ? foreign : damaged) << "size " << size;
  }
  set_content(path, good + "x");
  EXPECT_EQ(reading_error(path), damaged);
}

TEST(CheckpointFile, NamesWhatCannotBeOpened) {
  const TemporaryFolder folder;
  const auto path = folder / "none.checkpoint";
  EXPECT_EQ(reading_error(path),
            "cannot read checkpoint '" + path.string() + "': No such file or directory");
  const auto deep = folder / "missing/a.checkpoint";
  try {
    write_checkpoint(deep, make_checkpoint());
    FAIL() << "written into a folder that does not exist";
  } catch (const engine::FileError& error) {
    EXPECT_EQ(error.what(), "cannot create '" + deep.string() + ".new': No such file or directory");
  }
}

TEST(CheckpointFile, KeepsTheOlderOneWhenTheFolderIsReadOnly) {
  if (::geteuid() == 0) GTEST_SKIP() << "the superuser may write everywhere";
  const TemporaryFolder folder;
  const auto path = folder / "a.checkpoint";
  write_checkpoint(path, make_checkpoint());
  ::chmod(path.parent_path().c_str(), 0500);
  EXPECT_THROW(write_checkpoint(path, make_checkpoint()), engine::FileError);
  ::chmod(path.parent_path().c_str(), 0700);
  expect_same(read_checkpoint(path), make_checkpoint());
}

TEST(CheckpointFile, KeepsTheOlderOneWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  const auto path = folder / "a.checkpoint";
  write_checkpoint(path, make_checkpoint());
  // Files of this process may have a few bytes only, which fails as a full disk does.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{100, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string message = "written";
  try {
    write_checkpoint(path, make_checkpoint());
  } catch (const engine::FileError& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "cannot write '" + path.string() + "': File too large");
  expect_same(read_checkpoint(path), make_checkpoint());
}

TEST(CheckpointFile, RefusesReplicasOfAnotherRun) {
  const TemporaryFolder folder;
  const auto path = folder / "a.checkpoint";
  Checkpoint checkpoint = make_checkpoint();
  checkpoint.chains.replicas = {0, 1, 3};
  write_checkpoint(path, checkpoint);
  EXPECT_EQ(reading_error(path),
            "cannot read checkpoint '" + path.string() +
                "': chain 2 holds replica 3.000000, expected 0 to 2; the file is damaged, use an "
                "older checkpoint");
}

TEST(CheckpointFile, RefusesUnequalArrays) {
  const TemporaryFolder folder;
  Checkpoint checkpoint = make_checkpoint();
  checkpoint.chains.log_weights.pop_back();
  const auto path = folder / "a.checkpoint";
  try {
    write_checkpoint(path, checkpoint);
    FAIL() << "written";
  } catch (const engine::InputError& error) {
    EXPECT_EQ(error.what(), "cannot write checkpoint '" + path.string() +
                                "': positions, velocities, energies, states, log-weights and "
                                "replicas are of different numbers of chains or atoms");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  checkpoint = with_everything();
  checkpoint.chains.other_terms.pop_back();
  try {
    write_checkpoint(path, checkpoint);
    FAIL() << "written";
  } catch (const engine::InputError& error) {
    EXPECT_EQ(error.what(), "cannot write checkpoint '" + path.string() +
                                "': 5 other terms of the density cannot be those of 3 chains");
  }
}

}  // namespace
}  // namespace saltus::io
