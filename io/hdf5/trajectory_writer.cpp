#include "io/hdf5/trajectory_writer.h"

#include <chrono>
#include <optional>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/hdf5/frame_rows_detail.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/topology_json.h"
#include "io/hdf5/trajectory_creation_detail.h"
#include "io/hdf5/trajectory_layout_detail.h"
#include "io/hdf5/trajectory_survey_detail.h"

namespace saltus::io {
namespace {

using detail::Column;
using detail::Handle;
using detail::TrajectoryShape;
using engine::FileError;
using engine::InputError;
using engine::Topology;
using Clock = std::chrono::steady_clock;

Handle open_for_writing(const std::filesystem::path& path, const std::string& what) {
  const Handle access = detail::make_file_access(what);
  return detail::checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose, what);
}

std::string in_file_and_asked(const std::string& in_file, const std::string& asked) {
  return "'" + in_file + "' in the file, '" + asked + "' now";
}

void check_same_observables(const std::vector<Observable>& in_file,
                            const std::vector<Observable>& asked, const std::string& what) {
  const auto describe = [](const std::vector<Observable>& list) {
    std::string text;
    for (const Observable& o : list)
      text += (text.empty() ? "" : ", ") + o.name + " [" + o.unit + "]";
    return text;
  };
  if (describe(in_file) != describe(asked))
    throw InputError(
        what + ": other observables: " + in_file_and_asked(describe(in_file), describe(asked)));
}

// The run that continues it.
struct Run {
  const Topology& topology;
  std::size_t n_chains;
  const TrajectoryOptions& options;
};

// A run may only continue in a file of the same system, deck and columns.
void check_same_run(hid_t file, const TrajectoryShape& shape, const Run& run,
                    const std::string& what) {
  const TrajectoryOptions& options = run.options;
  if (shape.n_chains != run.n_chains)
    throw InputError(what + ": it has " + std::to_string(shape.n_chains) + " chains, the run has " +
                     std::to_string(run.n_chains));
  if (shape.velocities != options.velocities)
    throw InputError(what + ": it was written with" + (shape.velocities ? "" : "out") +
                     " velocities, the run asks for the opposite");
  if (shape.box != options.box)
    throw InputError(what + ": it was written with" + (shape.box ? "" : "out") +
                     " box vectors, the run asks for the opposite");
  check_same_observables(shape.observables, options.observables, what);
  if (detail::read_text_dataset(file, "/topology", what) != topology_to_json(run.topology))
    throw InputError(what + ": its topology is not that of the run");
  const Handle parameters = detail::open_group(file, detail::kParametersPath, what);
  const std::string digest = detail::read_string_attribute(parameters.get(), "deck_digest", what);
  if (digest != options.deck_digest)
    throw InputError(what + ": written from another deck (digest " +
                     in_file_and_asked(digest, options.deck_digest) + ")");
}

// What is to be continued, as it is in the file.
struct Continued {
  TrajectoryShape shape;
  bool has_more = false;  ///< than the frames a checkpoint knows of
};

Continued read_continued(const std::filesystem::path& path, std::uint64_t n_frames, const Run& run,
                         const std::string& what) {
  const Handle file = detail::open_for_reading(path, what);
  const TrajectoryShape shape = detail::read_trajectory_shape(file.get(), what);
  check_same_run(file.get(), shape, run, what);
  const std::vector<Column> columns = detail::trajectory_columns(shape);
  const std::vector<Handle> datasets = detail::open_columns(file.get(), columns, what);
  const std::size_t rows = detail::common_rows(columns, datasets, what);
  if (rows < n_frames * run.n_chains)
    throw InputError(what + ": it has " + std::to_string(rows / run.n_chains) +
                     " frames, the checkpoint counts " + std::to_string(n_frames) +
                     "; is it the trajectory of this checkpoint?");
  return {shape, detail::have_more_rows(columns, datasets, n_frames * run.n_chains, what)};
}

}  // namespace

class TrajectoryWriter::Impl {
 public:
  Impl(const detail::TrajectoryPlace& place, const Topology& topology, std::size_t n_chains,
       const TrajectoryOptions& options)
      : path_(place.path),
        what_("cannot write trajectory '" + path_.string() + "'"),
        flush_seconds_(options.flush_seconds),
        shape_(detail::shape_of_options(topology.n_atoms(), n_chains, options)),
        block_frames_(detail::choose_block_frames(options.block_frames, shape_)),
        columns_(detail::trajectory_columns(shape_)),
        rows_(topology, shape_, columns_),
        file_(open_for_writing(place.now, what_)) {
    start_swmr();
    lock_ = lock_as_writer(place.now);
    // Not before: until SWMR has started, HDF5 locks readers out.
    if (place.now != place.path) rename_durably(place.now, place.path);
    read_end();
    last_flush_ = Clock::now();
  }

  ~Impl() {
    const detail::QuietErrors quiet;
    try {
      close();
    } catch (const engine::Error&) {
      // A destructor cannot report; frames_written() has told how much is safe.
    }
  }

  void append(const Frame& frame) {
    require_usable();
    if (last_step_ && frame.step <= *last_step_)
      throw InputError(what_ + ": step " + std::to_string(frame.step) + " after step " +
                       std::to_string(*last_step_) + "; steps must grow");
    rows_.take(frame);
    last_step_ = frame.step;
    const std::chrono::duration<double> waited = Clock::now() - last_flush_;
    const bool block_is_full = (frames_written_ + rows_.n_frames()) % block_frames_ == 0;
    if (block_is_full || waited.count() >= flush_seconds_) flush();
  }

  void flush() {
    require_usable();
    last_flush_ = Clock::now();
    if (rows_.n_frames() == 0) return;
    const std::size_t first = frames_written_ * shape_.n_chains;
    const std::size_t count = rows_.n_frames() * shape_.n_chains;
    reserve(first, count);
    write(first, count);
    frames_written_ += rows_.n_frames();
    rows_.clear();
  }

  void sync() {
    flush();
    sync_file(path_);
  }

  void close() {
    if (!file_.is_open()) return;
    std::string reason;
    if (!failed_) reason = flush_and_close();
    // HDF5 would continue with the writes that failed and then mark the file as whole.
    for (Handle& dataset : datasets_) dataset.abandon();
    datasets_.clear();
    file_.abandon();
    lock_.reset();
    if (!reason.empty()) throw FileError(reason);
  }

  std::uint64_t frames_written() const { return frames_written_; }
  std::uint64_t frames_appended() const { return frames_written_ + rows_.n_frames(); }

 private:
  void require_usable() const {
    if (failed_) throw FileError(what_ + ": an earlier write failed" + safe_frames());
    if (!file_.is_open()) throw engine::InternalError(what_ + ": it is closed");
  }

  // Nothing is wrong with the file yet when there is no room: it can be closed, or tried again.
  void reserve(std::size_t first, std::size_t count) const {
    haddr_t end = 0;
    detail::check(H5Fget_eoa(file_.get(), &end), what_);
    const std::uint64_t bytes =
        detail::max_bytes_to_write(columns_, datasets_, first, count, what_);
    reserve_space(lock_.get(), end, bytes, what_);
  }

  void write(std::size_t first, std::size_t count) {
    failed_ = true;  // until everything has succeeded
    try {
      for (std::size_t i = 0; i < columns_.size(); ++i)
        detail::write_rows(datasets_[i].get(), columns_[i], {first, count}, rows_.data(i), what_);
      // The whole file: after H5Dflush alone the end-of-file mark would be stale.
      detail::check(H5Fflush(file_.get(), H5F_SCOPE_GLOBAL), what_);
    } catch (const FileError& error) {
      throw FileError(error.what() + safe_frames());
    }
    failed_ = false;
  }

  // Why not everything could be written; empty when all is well. The file is closed in any case.
  std::string flush_and_close() {
    std::string reason;
    try {
      flush();
    } catch (const FileError& error) {
      if (failed_) return error.what();
      reason = error.what();
    }
    datasets_.clear();
    if (file_.reset() < 0) reason = what_ + ": " + detail::last_reason();
    return reason;
  }

  std::string safe_frames() const {
    return "; its first " + std::to_string(frames_written_) +
           " frames are safe, repair the file to read them";
  }

  // Datasets are opened afterwards: starting SWMR resets the chunk cache of open ones.
  void start_swmr() {
    detail::check(H5Fstart_swmr_write(file_.get()), what_);
    datasets_ = detail::open_columns(file_.get(), columns_, what_);
  }

  void read_end() {
    const std::size_t rows = detail::common_rows(columns_, datasets_, what_);
    frames_written_ = rows / shape_.n_chains;
    if (frames_written_ == 0) return;
    std::int64_t step = 0;
    detail::read_rows(datasets_[detail::kStep].get(), columns_[detail::kStep], {rows - 1, 1}, &step,
                      what_);
    last_step_ = static_cast<std::uint64_t>(step);
  }

  std::filesystem::path path_;
  std::string what_;
  double flush_seconds_;
  TrajectoryShape shape_;
  std::size_t block_frames_;
  std::vector<Column> columns_;
  detail::FrameRows rows_;
  Handle file_;
  std::vector<Handle> datasets_;
  FileDescriptor lock_;
  std::uint64_t frames_written_ = 0;
  std::optional<std::uint64_t> last_step_;
  Clock::time_point last_flush_;
  bool failed_ = false;
};

TrajectoryWriter::TrajectoryWriter(const std::filesystem::path& path, const Topology& topology,
                                   engine::Span<const double> masses, std::size_t n_chains,
                                   const TrajectoryOptions& options) {
  const detail::QuietErrors quiet;
  detail::check_trajectory_options(topology, n_chains, options);
  const detail::TrajectoryPlace place =
      detail::create_empty_trajectory(path, topology, masses, n_chains, options);
  try {
    impl_ = std::make_unique<Impl>(place, topology, n_chains, options);
  } catch (const engine::Error&) {
    std::error_code ignored;
    std::filesystem::remove(place.now, ignored);
    throw;
  }
}

TrajectoryWriter TrajectoryWriter::open_for_append(const std::filesystem::path& path,
                                                   std::uint64_t n_frames, const Topology& topology,
                                                   std::size_t n_chains,
                                                   const TrajectoryOptions& options) {
  const detail::QuietErrors quiet;
  detail::check_trajectory_options(topology, n_chains, options);
  const std::string what = "cannot continue trajectory '" + path.string() + "'";
  if (needs_repair(path)) repair_trajectory(path, n_frames);
  refuse_if_in_use(path);
  remove_unfinished_repair(path);
  const Continued continued = read_continued(path, n_frames, {topology, n_chains, options}, what);
  if (continued.has_more) repair_trajectory(path, n_frames);
  TrajectoryOptions as_in_file = options;
  as_in_file.log_weights = continued.shape.log_weights;
  return TrajectoryWriter(
      std::make_unique<Impl>(detail::TrajectoryPlace{path, path}, topology, n_chains, as_in_file));
}

TrajectoryWriter::TrajectoryWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TrajectoryWriter::TrajectoryWriter(TrajectoryWriter&&) noexcept = default;
TrajectoryWriter& TrajectoryWriter::operator=(TrajectoryWriter&&) noexcept = default;
TrajectoryWriter::~TrajectoryWriter() = default;

void TrajectoryWriter::append(const Frame& frame) {
  const detail::QuietErrors quiet;
  impl_->append(frame);
}

void TrajectoryWriter::flush() {
  const detail::QuietErrors quiet;
  impl_->flush();
}

void TrajectoryWriter::sync() {
  const detail::QuietErrors quiet;
  impl_->sync();
}

void TrajectoryWriter::close() {
  const detail::QuietErrors quiet;
  impl_->close();
}

std::uint64_t TrajectoryWriter::frames_written() const { return impl_->frames_written(); }
std::uint64_t TrajectoryWriter::frames_appended() const { return impl_->frames_appended(); }

}  // namespace saltus::io
