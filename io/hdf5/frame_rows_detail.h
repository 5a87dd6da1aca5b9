#pragma once

#include <vector>

#include "engine/system/topology.h"
#include "io/hdf5/trajectory_layout_detail.h"

namespace saltus::io::detail {

/// Frames of the current block, converted to rows of the columns and waiting to be written.
class FrameRows {
 public:
  FrameRows(engine::Topology topology, TrajectoryShape shape, const std::vector<Column>& columns);

  /// Checks and converts a frame; either all of it is taken or nothing.
  /// @throws InputError, NumericalError  as TrajectoryWriter::append
  void take(const Frame& frame);
  void clear();

  std::size_t n_frames() const { return n_frames_; }
  /// Waiting rows of a column, in its type.
  const void* data(std::size_t column) const { return bytes_[column].data(); }

 private:
  void check_sizes(const Frame& frame) const;
  void check_numbers(const Frame& frame) const;
  void check_vectors(const Frame& frame, engine::ConstCoordinates vectors,
                     const std::string& quantity) const;
  void check_chain_values(const Frame& frame, engine::Span<const double> values,
                          const std::string& quantity) const;
  void check_log_weights(const Frame& frame) const;
  void check_box(const Frame& frame) const;
  void store_box(const Frame& frame, std::size_t first_column);

  template <class Stored, class Given>
  void store(std::size_t column, const Given* values, std::size_t count);

  engine::Topology topology_;
  TrajectoryShape shape_;
  std::size_t n_frames_ = 0;
  std::vector<std::vector<unsigned char>> bytes_;  // one buffer per column
};

}  // namespace saltus::io::detail
