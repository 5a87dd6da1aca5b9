#include "io/hdf5/repair.h"

#include <algorithm>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/hdf5/superblock_detail.h"
#include "io/hdf5/trajectory_creation_detail.h"
#include "io/hdf5/trajectory_header_detail.h"
#include "io/hdf5/trajectory_layout_detail.h"
#include "io/hdf5/trajectory_reader.h"
#include "io/hdf5/trajectory_survey_detail.h"

namespace saltus::io {
namespace {

using detail::check;
using detail::Handle;
using detail::Superblock;
using engine::FileError;

Handle open_marked_file(const std::filesystem::path& path, const std::string& what) {
  const Handle access = detail::make_file_access(what);
  detail::set_private_flag(access, "clear_status_flags", what);
  detail::set_private_flag(access, "skip_eof_check", what);
  return detail::checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose, what);
}

// A writer killed outside SWMR leaves a mark that forbids reading.
Handle open_for_survey(const std::filesystem::path& path, const Superblock& superblock,
                       const std::string& what) {
  const bool blocked = superblock.open_for_writing && !superblock.open_for_swmr;
  return blocked ? open_marked_file(path, what) : detail::open_for_reading(path, what);
}

detail::Survey survey_file(const std::filesystem::path& path, const Superblock& superblock,
                           const std::string& what) {
  const Handle file = open_for_survey(path, superblock, what);
  return detail::survey_trajectory(file.get(), superblock, what);
}

// The reader reads the last row of every column when it opens a file.
void require_repaired(const std::filesystem::path& path, std::uint64_t n_frames,
                      const std::string& what) {
  if (needs_repair(path) || TrajectoryReader(path).n_frames() != n_frames)
    throw FileError(what + ": it is still damaged afterwards");
}

// Puts a new file, which `make` makes and names, in the place of a trajectory. Until it is whole,
// and when it cannot be made, the trajectory stays as it is: a kill at any time loses nothing.
template <class Make>
void replace(const std::filesystem::path& path, std::uint64_t n_frames, const std::string& what,
             Make make) {
  std::filesystem::path made;
  try {
    make(made);
    require_repaired(made, n_frames, what);
    rename_durably(made, std::filesystem::canonical(path));  // a link stays
  } catch (const engine::Error&) {
    std::error_code ignored;
    std::filesystem::remove(made, ignored);
    throw;
  }
}

std::filesystem::path name_beside(const std::filesystem::path& path) {
  std::filesystem::path name = std::filesystem::weakly_canonical(path);
  return name += ".repaired";
}

// HDF5 cuts a file by steps of which the first move blocks that are kept: in a copy only.
void cut_copy(const std::filesystem::path& path, std::size_t rows, std::filesystem::path& copy,
              const std::string& what) {
  copy = name_beside(path);
  std::error_code failure;
  std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing,
                             failure);
  if (failure)
    throw FileError(
        what + ": a copy of it, which it is repaired in, cannot be written: " + failure.message());
  Handle file = open_marked_file(copy, what);
  // Space that was in use when the writer died must not be given out again.
  check(H5Fincrement_filesize(file.get(), 0), what);
  const auto columns = detail::trajectory_columns(detail::read_trajectory_shape(file.get(), what));
  std::vector<Handle> datasets = detail::open_columns(file.get(), columns, what);
  detail::truncate_columns(columns, datasets, rows, what);
  datasets.clear();
  check(file.reset(), what);
}

bool has_more_rows(const std::filesystem::path& path, const Superblock& superblock,
                   std::size_t rows, const std::string& what) {
  const Handle file = open_for_survey(path, superblock, what);
  const auto columns = detail::trajectory_columns(detail::read_trajectory_shape(file.get(), what));
  return detail::have_more_rows(columns, detail::open_columns(file.get(), columns, what), rows,
                                what);
}

void copy_rows(hid_t from, hid_t to, std::size_t rows, const std::string& what) {
  const auto columns = detail::trajectory_columns(detail::read_trajectory_shape(from, what));
  const std::vector<Handle> sources = detail::open_columns(from, columns, what);
  const std::vector<Handle> targets = detail::open_columns(to, columns, what);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t block = detail::rows_per_chunk(sources[i].get(), columns[i], what);
    std::vector<unsigned char> bytes(block * columns[i].row_bytes());
    for (std::size_t first = 0; first < rows; first += block) {
      const std::size_t count = std::min(block, rows - first);
      detail::read_rows(sources[i].get(), columns[i], {first, count}, bytes.data(), what);
      detail::write_rows(targets[i].get(), columns[i], {first, count}, bytes.data(), what);
    }
  }
}

// Of a file with damaged parts the good rows go to a new file.
void copy_good_rows(const std::filesystem::path& path, const Superblock& superblock,
                    std::size_t rows, std::filesystem::path& copy, const std::string& what) {
  const Handle damaged = open_for_survey(path, superblock, what);
  const auto shape = detail::read_trajectory_shape(damaged.get(), what);
  const auto header = detail::read_trajectory_header(damaged.get(), shape, what);
  auto options = detail::options_like(damaged.get(), shape, header.info, what);
  options.overwrite = true;
  copy = detail::create_empty_trajectory(name_beside(path), header.topology, header.masses,
                                         shape.n_chains, options)
             .now;
  Handle file = open_marked_file(copy, what);
  copy_rows(damaged.get(), file.get(), rows, what);
  check(file.reset(), what);
}

}  // namespace

std::string RepairReport::describe() const {
  const std::string frames =
      std::to_string(frames_kept) + (frames_kept == 1 ? " frame" : " frames");
  if (!was_changed) return "nothing to repair, " + frames;
  std::string text = "repaired, " + frames + " kept";
  if (rows_cut > 0) text += ", " + std::to_string(rows_cut) + " incomplete rows cut";
  if (!reason_for_cut.empty()) text += " (" + reason_for_cut + ")";
  return text;
}

bool needs_repair(const std::filesystem::path& path) {
  return !detail::read_superblock(path).is_clean();
}

void remove_unfinished_repair(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(name_beside(path), ignored);
}

RepairReport repair_trajectory(const std::filesystem::path& path, std::uint64_t max_frames) {
  const detail::QuietErrors quiet;
  const std::string what = "cannot repair trajectory '" + path.string() + "'";
  const Superblock superblock = detail::read_superblock(path);
  refuse_if_in_use(path);
  remove_unfinished_repair(path);
  const detail::Survey survey = survey_file(path, superblock, what);
  if (survey.good_rows == 0 && !survey.reason.empty())
    throw FileError(what + ": none of its " + std::to_string(survey.max_rows) +
                    " rows can be read: " + survey.reason +
                    "; each quantity is stored in blocks of many frames, and a frame is whole only "
                    "where all of its blocks are there; copy the file again");

  RepairReport report;
  report.was_marked_open = superblock.open_for_writing || superblock.open_for_swmr;
  report.frames_kept = std::min<std::uint64_t>(survey.good_rows / survey.n_chains, max_frames);
  report.rows_cut = survey.max_rows - survey.good_rows;
  report.reason_for_cut = survey.reason;
  const std::size_t rows = report.frames_kept * survey.n_chains;
  const bool is_damaged = superblock.is_truncated() || !survey.reason.empty();
  report.was_changed =
      is_damaged || !superblock.is_clean() || has_more_rows(path, superblock, rows, what);
  if (!report.was_changed) return report;
  replace(path, report.frames_kept, what, [&](std::filesystem::path& copy) {
    if (is_damaged)
      copy_good_rows(path, superblock, rows, copy, what);
    else
      cut_copy(path, rows, copy, what);
  });
  return report;
}

}  // namespace saltus::io
