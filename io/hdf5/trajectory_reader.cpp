#include "io/hdf5/trajectory_reader.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/core/error.h"
#include "io/hdf5/superblock_detail.h"
#include "io/hdf5/trajectory_header_detail.h"
#include "io/hdf5/trajectory_layout_detail.h"
#include "io/hdf5/trajectory_survey_detail.h"

namespace saltus::io {
namespace {

using detail::Column;
using detail::Handle;
using engine::CoordinateBatch;
using engine::FileError;
using engine::InputError;

// A living writer may be about to lengthen the file.
detail::Superblock settled_superblock(const std::filesystem::path& path) {
  constexpr int kAttempts = 5;
  constexpr std::chrono::milliseconds kPause(20);
  detail::Superblock superblock = detail::read_superblock(path);
  for (int i = 1; i < kAttempts && superblock.is_truncated() && superblock.open_for_swmr; ++i) {
    std::this_thread::sleep_for(kPause);
    superblock = detail::read_superblock(path);
  }
  return superblock;
}

// Tells apart what the library would call "unable to open file".
Handle open_trajectory(const std::filesystem::path& path, const std::string& what) {
  const detail::Superblock superblock = settled_superblock(path);
  if (superblock.is_truncated())
    throw FileError(what + ": it is truncated, " + std::to_string(superblock.file_size) + " of " +
                    std::to_string(superblock.stored_end) +
                    " bytes are there; copy it again, or repair it to save its first frames");
  if (superblock.open_for_writing && !superblock.open_for_swmr)
    throw FileError(what + ": its writer was killed; repair the file");
  return detail::open_for_reading(path, what);
}

}  // namespace

class TrajectoryReader::Impl {
 public:
  explicit Impl(const std::filesystem::path& path)
      : what_("cannot read trajectory '" + path.string() + "'"),
        file_(open_trajectory(path, what_)),
        shape_(detail::read_trajectory_shape(file_.get(), what_)),
        columns_(detail::trajectory_columns(shape_)),
        datasets_(detail::open_columns(file_.get(), columns_, what_)),
        header_(detail::read_trajectory_header(file_.get(), shape_, what_)) {
    count_frames();
    require_last_row();
  }

  const std::string& what() const { return what_; }
  const detail::TrajectoryShape& shape() const { return shape_; }
  const engine::Topology& topology() const { return header_.topology; }
  const std::vector<double>& masses() const { return header_.masses; }
  const TrajectoryInfo& info() const { return header_.info; }
  std::uint64_t n_frames() const { return n_frames_; }

  void refresh() {
    for (const Handle& dataset : datasets_) detail::check(H5Drefresh(dataset.get()), what_);
    count_frames();
  }

  std::size_t column_at(const std::string& path) const {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].path == path) return i;
    throw InputError(what_ + ": it has no " + path);
  }

  void require_frames(std::uint64_t first, std::uint64_t count) const {
    if (first > n_frames_ || count > n_frames_ - first)
      throw InputError(what_ + ": frames " + std::to_string(first) + " to " +
                       std::to_string(first + count) + " (exclusive) asked for, it has " +
                       std::to_string(n_frames_));
  }

  // Rows of whole frames, or every n_chains-th row.
  template <class T>
  std::vector<T> read(std::size_t column, std::size_t first_row, std::size_t n_rows,
                      std::size_t stride) const {
    std::vector<T> values(n_rows * columns_[column].row_values());
    detail::read_rows(datasets_[column].get(), columns_[column], {first_row, n_rows, stride},
                      values.data(), what_);
    return values;
  }

  std::vector<engine::Box> read_boxes(std::size_t first_row, std::size_t n_rows,
                                      std::size_t stride) const {
    constexpr std::size_t kNumbers = 9;
    const std::vector<double> stored =
        read<double>(column_at(detail::kBoxEdgesPath), first_row, n_rows, stride);
    std::vector<engine::Box> boxes;
    try {
      for (std::size_t row = 0; row < n_rows; ++row)
        boxes.push_back(engine::Box::from_vectors({stored.data() + kNumbers * row, kNumbers}));
    } catch (const InputError& error) {
      throw InputError(what_ + ": " + error.what());
    }
    return boxes;
  }

  CoordinateBatch read_positions(std::size_t first_row, std::size_t n_rows,
                                 std::size_t stride) const {
    CoordinateBatch batch = read_vectors(detail::kPosition, first_row, n_rows, stride);
    if (shape_.box) batch.set_boxes(read_boxes(first_row, n_rows, stride));
    return batch;
  }

  CoordinateBatch read_vectors(std::size_t column, std::size_t first_row, std::size_t n_rows,
                               std::size_t stride) const {
    const std::vector<float> stored = read<float>(column, first_row, n_rows, stride);
    CoordinateBatch batch(n_rows, shape_.n_atoms);
    std::copy(stored.begin(), stored.end(), batch.values().begin());
    return batch;
  }

 private:
  void count_frames() {
    n_frames_ = detail::common_rows(columns_, datasets_, what_) / shape_.n_chains;
  }

  // A damaged file should say so now, not in the middle of an analysis.
  void require_last_row() const {
    if (n_frames_ == 0) return;
    std::vector<unsigned char> row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      row.resize(columns_[i].row_bytes());
      try {
        detail::read_rows(datasets_[i].get(), columns_[i], {n_frames_ * shape_.n_chains - 1, 1},
                          row.data(), what_);
      } catch (const FileError& error) {
        throw FileError(std::string(error.what()) + "; the file is damaged, repair it");
      }
    }
  }

  std::string what_;
  Handle file_;
  detail::TrajectoryShape shape_;
  std::vector<Column> columns_;
  std::vector<Handle> datasets_;
  detail::TrajectoryHeader header_;
  std::uint64_t n_frames_ = 0;
};

TrajectoryReader::TrajectoryReader(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  impl_ = std::make_unique<Impl>(path);
}
TrajectoryReader::TrajectoryReader(TrajectoryReader&&) noexcept = default;
TrajectoryReader& TrajectoryReader::operator=(TrajectoryReader&&) noexcept = default;
TrajectoryReader::~TrajectoryReader() = default;

const engine::Topology& TrajectoryReader::topology() const { return impl_->topology(); }
const std::vector<double>& TrajectoryReader::masses() const { return impl_->masses(); }
const TrajectoryInfo& TrajectoryReader::info() const { return impl_->info(); }
std::size_t TrajectoryReader::n_atoms() const { return impl_->shape().n_atoms; }
std::size_t TrajectoryReader::n_chains() const { return impl_->shape().n_chains; }
std::uint64_t TrajectoryReader::n_frames() const { return impl_->n_frames(); }
bool TrajectoryReader::has_velocities() const { return impl_->shape().velocities; }
bool TrajectoryReader::has_box() const { return impl_->shape().box; }
bool TrajectoryReader::has_log_weights() const { return impl_->shape().log_weights; }

std::vector<std::string> TrajectoryReader::observable_names() const {
  std::vector<std::string> names = {"potential_energy", "temperature"};
  for (const Observable& observable : impl_->shape().observables) names.push_back(observable.name);
  return names;
}

void TrajectoryReader::refresh() {
  const detail::QuietErrors quiet;
  impl_->refresh();
}

std::vector<std::uint64_t> TrajectoryReader::steps(std::uint64_t first, std::uint64_t count) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(first, count);
  const std::vector<std::int64_t> stored =
      impl_->read<std::int64_t>(detail::kStep, first * n_chains(), count, n_chains());
  return {stored.begin(), stored.end()};
}

std::vector<double> TrajectoryReader::times(std::uint64_t first, std::uint64_t count) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(first, count);
  return impl_->read<double>(detail::kTime, first * n_chains(), count, n_chains());
}

CoordinateBatch TrajectoryReader::positions(std::uint64_t frame) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(frame, 1);
  return impl_->read_positions(frame * n_chains(), n_chains(), 1);
}

CoordinateBatch TrajectoryReader::chain_positions(std::size_t chain, std::uint64_t first,
                                                  std::uint64_t count) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(first, count);
  if (chain >= n_chains())
    throw InputError(impl_->what() + ": chain " + std::to_string(chain) + " asked for, it has " +
                     std::to_string(n_chains()));
  return impl_->read_positions(first * n_chains() + chain, count, n_chains());
}

CoordinateBatch TrajectoryReader::velocities(std::uint64_t frame) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(frame, 1);
  return impl_->read_vectors(impl_->column_at(detail::kVelocityPath), frame * n_chains(),
                             n_chains(), 1);
}

std::vector<engine::Box> TrajectoryReader::boxes(std::uint64_t frame) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(frame, 1);
  return impl_->read_boxes(frame * n_chains(), n_chains(), 1);
}

std::vector<double> TrajectoryReader::observable(const std::string& name, std::uint64_t first,
                                                 std::uint64_t count) const {
  const detail::QuietErrors quiet;
  const std::vector<std::string> names = observable_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw InputError(impl_->what() + ": it has no observable '" + name + "'");
  impl_->require_frames(first, count);
  return impl_->read<double>(impl_->column_at(detail::observable_path(name)), first * n_chains(),
                             count * n_chains(), 1);
}

std::vector<double> TrajectoryReader::log_weights(std::uint64_t first, std::uint64_t count) const {
  const detail::QuietErrors quiet;
  impl_->require_frames(first, count);
  if (!has_log_weights()) return std::vector<double>(count * n_chains(), 0.0);
  return impl_->read<double>(impl_->column_at(detail::observable_path(detail::kLogWeightName)),
                             first * n_chains(), count * n_chains(), 1);
}

}  // namespace saltus::io
