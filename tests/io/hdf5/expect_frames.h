#pragma once

#include <gtest/gtest.h>

#include "io/hdf5/trajectory_reader.h"
#include "tests/io/hdf5/example_run.h"

namespace saltus::io::example {

/// Positions are stored as float32, so a value must come back as exactly its nearest float.
inline void expect_floats(const engine::CoordinateBatch& read,
                          const engine::CoordinateBatch& written) {
  ASSERT_EQ(read.values().size(), written.values().size());
  for (std::size_t i = 0; i < read.values().size(); ++i)
    ASSERT_EQ(read.values()[i], static_cast<double>(static_cast<float>(written.values()[i]))) << i;
}

/// Every number of frames [0, reader.n_frames()) is bitwise the one of the example run.
inline void expect_example_frames(const TrajectoryReader& reader,
                                  const TrajectoryOptions& options) {
  const std::uint64_t n = reader.n_frames();
  const std::size_t n_chains = reader.n_chains();
  const std::vector<std::uint64_t> steps = reader.steps(0, n);
  const std::vector<double> times = reader.times(0, n);
  const std::vector<double> energies = reader.observable("potential_energy", 0, n);
  const std::vector<double> log_weights = reader.log_weights(0, n);
  ASSERT_EQ(log_weights.size(), n * n_chains);
  const std::vector<double> temperatures = reader.observable("temperature", 0, n);
  for (std::uint64_t f = 0; f < n; ++f) {
    SCOPED_TRACE("frame " + std::to_string(f));
    ExampleFrame expected(f, n_chains, reader.n_atoms(), options);
    ASSERT_EQ(steps[f], expected.view().step);
    ASSERT_EQ(times[f], expected.view().time_ps);
    expect_floats(reader.positions(f), expected.positions());
    if (options.velocities) expect_floats(reader.velocities(f), expected.velocities());
    if (options.box) {
      const std::vector<engine::Box> boxes = reader.boxes(f);
      ASSERT_EQ(boxes, expected.boxes());
      ASSERT_EQ(reader.positions(f).boxes(), boxes);
      for (std::size_t c = 0; c < n_chains; ++c)
        for (std::size_t i = 0; i < 9; ++i)
          ASSERT_EQ(boxes[c].vectors()[i], expected.box_vectors()[9 * c + i]);
    }
    for (std::size_t c = 0; c < n_chains; ++c) {
      ASSERT_EQ(energies[f * n_chains + c], expected.energies()[c]);
      ASSERT_EQ(log_weights[f * n_chains + c], expected.log_weights()[c]);
      ASSERT_EQ(temperatures[f * n_chains + c], expected.temperatures()[c]);
    }
    for (std::size_t o = 0; o < options.observables.size(); ++o) {
      const std::vector<double> row = reader.observable(options.observables[o].name, f, 1);
      for (std::size_t c = 0; c < n_chains; ++c)
        ASSERT_EQ(row[c], expected.observables()[o * n_chains + c]);
    }
  }
}

}  // namespace saltus::io::example
