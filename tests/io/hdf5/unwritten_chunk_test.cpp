// Oracle: the example run's formula. The states of a file in the middle of a flush are made of the
// file before and after it: all that the flush changed but for one place and the checksum behind
// it.
#include <gtest/gtest.h>
#include <hdf5.h>

#include <algorithm>
#include <vector>

#include "engine/core/error.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/hdf5/trajectory_writer.h"
#include "tests/io/hdf5/example_run.h"
#include "tests/io/hdf5/expect_frames.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_folder.h"

namespace saltus::io {
namespace {

using tests::content_of;
using tests::set_content;
using tests::TemporaryFolder;

constexpr std::size_t kChains = 3;
constexpr std::uint64_t kBlock = 5;  // frames of a flush, and of a chunk of coordinates
constexpr const char* kPositions = "/particles/trajectory/position/value";

TrajectoryOptions small_blocks() {
  TrajectoryOptions options = example::full_options();
  options.gzip_level = 1;
  options.block_frames = kBlock;
  return options;
}

/// The file before and after its third block was written.
struct Flush {
  std::string before, after;
};

Flush record_flush(const std::filesystem::path& path) {
  const TrajectoryOptions options = small_blocks();
  Flush flush;
  TrajectoryWriter writer(path, example::make_topology(), example::make_masses(), kChains, options);
  example::append_frames(writer, 0, 2 * kBlock, kChains, options);
  writer.flush();
  flush.before = content_of(path);
  example::append_frames(writer, 2 * kBlock, 3 * kBlock, kChains, options);
  writer.flush();
  flush.after = content_of(path);
  return flush;
}

/// Places of the earlier file that the flush changed: (first byte, behind the last).
std::vector<std::pair<std::size_t, std::size_t>> changed_places(const Flush& flush) {
  constexpr std::size_t kApart = 8;  // equal bytes between two places
  std::vector<std::pair<std::size_t, std::size_t>> places;
  for (std::size_t i = 0; i < flush.before.size(); ++i) {
    if (flush.before[i] == flush.after[i]) continue;
    if (places.empty() || i > places.back().second + kApart) places.push_back({i, i});
    places.back().second = i + 1;
  }
  return places;
}

struct Chunks {
  hsize_t rows = 0, count = 0;
  haddr_t last_address = 0;
  hsize_t last_bytes = 0;
};

/// Of the positions, as a reader sees them while somebody writes; nothing if it cannot be read.
Chunks chunks_of_positions(const std::filesystem::path& path) {
  Chunks chunks;
  H5E_auto2_t print = nullptr;
  void* data = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_metadata_read_attempts(access, 1);  // what is broken now does not become whole
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access);
  const hid_t dataset = H5Dopen2(file, kPositions, H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  hsize_t shape[3] = {0, 0, 0};
  H5Sget_simple_extent_dims(space, shape, nullptr);
  chunks.rows = shape[0];
  if (H5Dget_num_chunks(dataset, space, &chunks.count) >= 0 && chunks.count > 0) {
    hsize_t offset[3];
    unsigned mask = 0;
    H5Dget_chunk_info(dataset, space, chunks.count - 1, offset, &mask, &chunks.last_address,
                      &chunks.last_bytes);
  }
  H5Sclose(space), H5Dclose(dataset), H5Fclose(file), H5Pclose(access);
  H5Eset_auto2(H5E_DEFAULT, print, data);
  return chunks;
}

// A writer that was killed has entered a chunk into the index, but has neither counted its rows nor
// written its bytes. Whoever continued the run read the chunk back, to write into it: "inflate()
// failed", each time the run was resumed.
TEST(UnwrittenChunk, IsForgotten) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  const TrajectoryOptions options = small_blocks();
  const Flush flush = record_flush(path);
  set_content(path, flush.after);
  const Chunks whole = chunks_of_positions(path);
  ASSERT_EQ(whole.count, 3u);
  ASSERT_LE(whole.last_address + whole.last_bytes, flush.after.size());

  int n_uncounted = 0;
  const auto places = changed_places(flush);
  for (std::size_t i = 0; i + 1 < places.size(); ++i) {
    const std::size_t begin = places[i].first, end = places[i + 1].second;
    SCOPED_TRACE("bytes " + std::to_string(begin) + " to " + std::to_string(end));
    std::string state = flush.after;
    state.replace(begin, end - begin, flush.before, begin, end - begin);
    state.replace(whole.last_address, whole.last_bytes, whole.last_bytes, 'x');
    set_content(path, state);
    const Chunks found = chunks_of_positions(path);
    if (found.rows != 2 * kBlock * kChains || found.count != 3) continue;
    ++n_uncounted;
    {
      TrajectoryWriter writer = TrajectoryWriter::open_for_append(
          path, 2 * kBlock, example::make_topology(), kChains, options);
      example::append_frames(writer, 2 * kBlock, 2 * kBlock + 2, kChains, options);
      writer.flush();  // a part of the chunk
      example::append_frames(writer, 2 * kBlock + 2, 6 * kBlock, kChains, options);
      writer.close();
    }
    const TrajectoryReader reader(path);
    EXPECT_EQ(reader.n_frames(), 6 * kBlock);
    example::expect_example_frames(reader, options);
  }
  EXPECT_GE(n_uncounted, 1);
}

// Frames that are kept may share a block with others that are cut off, and HDF5 moves such a block.
TEST(UnwrittenChunk, IsCutOffInACopy) {
  const TemporaryFolder folder;
  const auto path = folder / "run.h5";
  set_content(path, record_flush(path).after);
  const std::string bytes = content_of(path);
  std::filesystem::create_directories(folder / "run.h5.repaired" / "in the way");
  EXPECT_THROW(repair_trajectory(path, kBlock + 1), engine::FileError);
  EXPECT_THROW(TrajectoryWriter::open_for_append(path, kBlock + 1, example::make_topology(),
                                                 kChains, small_blocks()),
               engine::FileError);
  EXPECT_EQ(content_of(path), bytes);
  std::filesystem::remove_all(folder / "run.h5.repaired");
  EXPECT_EQ(repair_trajectory(path, kBlock + 1).frames_kept, kBlock + 1);
  example::expect_example_frames(TrajectoryReader(path), small_blocks());
  EXPECT_FALSE(std::filesystem::exists(folder / "run.h5.repaired"));
  // What a killed repair has left goes, also where nothing is repaired any more.
  set_content(folder / "run.h5.repaired", "half of it");
  TrajectoryWriter::open_for_append(path, kBlock + 1, example::make_topology(), kChains,
                                    small_blocks());
  EXPECT_FALSE(std::filesystem::exists(folder / "run.h5.repaired"));
}

}  // namespace
}  // namespace saltus::io
