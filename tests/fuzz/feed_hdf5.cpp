#include "io/hdf5/checkpoint_file.h"
#include "io/hdf5/conformer_file_reader.h"
#include "io/hdf5/trajectory_reader.h"
#include "tests/fuzz/feeding.h"

namespace saltus::fuzz {

void feed_trajectory(Bytes bytes) {
  const MemoryFile file(bytes);
  expect_result_or_error([&] {
    const io::TrajectoryReader reader(file.path());
    if (reader.n_frames() == 0) return;
    reader.positions(reader.n_frames() - 1);
    reader.log_weights(reader.n_frames() - 1, 1);
  });
}

void feed_checkpoint(Bytes bytes) {
  const MemoryFile file(bytes);
  expect_result_or_error([&] { io::read_checkpoint(file.path()); });
}

void feed_conformers(Bytes bytes) {
  const MemoryFile file(bytes);
  expect_result_or_error([&] {
    const io::ConformerFileReader reader(file.path());
    for (std::size_t m = 0; m < reader.n_molecules(); ++m) reader.read(m);
  });
}

}  // namespace saltus::fuzz
