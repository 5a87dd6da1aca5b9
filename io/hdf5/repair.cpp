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

void cut_rows(const std::filesystem::path& path, std::size_t rows, const std::string& what) {
  Handle file = open_marked_file(path, what);
  // Space that was in use when the writer died must not be given out again.
  check(H5Fincrement_filesize(file.get(), 0), what);
  const auto columns = detail::trajectory_columns(detail::read_trajectory_shape(file.get(), what));
  std::vector<Handle> datasets = detail::open_columns(file.get(), columns, what);
  detail::truncate_columns(columns, datasets, rows, what);
  datasets.clear();
  check(file.reset(), what);
  sync_file(path);
}

// The reader reads the last row of every column when it opens a file.
void require_repaired(const std::filesystem::path& path, std::uint64_t n_frames,
                      const std::string& what) {
  if (needs_repair(path) || TrajectoryReader(path).n_frames() != n_frames)
    throw FileError(what + ": it is still damaged afterwards");
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

// A file with damaged parts is not written to: its good rows go to a new file.
void replace_by_copy(const std::filesystem::path& path, const Superblock& superblock,
                     std::size_t rows, const std::string& what) {
  std::filesystem::path named = path, copy;
  named += ".repaired";
  try {
    Handle damaged = open_for_survey(path, superblock, what);
    const auto shape = detail::read_trajectory_shape(damaged.get(), what);
    const auto header = detail::read_trajectory_header(damaged.get(), shape, what);
    auto options = detail::options_like(damaged.get(), shape, header.info, what);
    options.overwrite = true;
    copy = detail::create_empty_trajectory(named, header.topology, header.masses, shape.n_chains,
                                           options)
               .now;
    Handle file = open_marked_file(copy, what);
    copy_rows(damaged.get(), file.get(), rows, what);
    check(file.reset(), what);
    damaged.reset();
    require_repaired(copy, rows / shape.n_chains, what);
    rename_durably(copy, path);
  } catch (const engine::Error&) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    throw;
  }
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

RepairReport repair_trajectory(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  const std::string what = "cannot repair trajectory '" + path.string() + "'";
  const Superblock superblock = detail::read_superblock(path);
  refuse_if_in_use(path);
  const detail::Survey survey = survey_file(path, superblock, what);
  if (survey.good_rows == 0 && !survey.reason.empty())
    throw FileError(what + ": none of its " + std::to_string(survey.max_rows) +
                    " rows can be read: " + survey.reason +
                    "; each quantity is stored in blocks of many frames, and a frame is whole only "
                    "where all of its blocks are there; copy the file again");

  RepairReport report;
  report.was_marked_open = superblock.open_for_writing || superblock.open_for_swmr;
  report.frames_kept = survey.good_rows / survey.n_chains;
  report.rows_cut = survey.max_rows - survey.good_rows;
  report.reason_for_cut = survey.reason;
  report.was_changed = !superblock.is_clean() || report.rows_cut > 0;
  if (!report.was_changed) return report;
  if (superblock.is_truncated() || !survey.reason.empty()) {
    replace_by_copy(path, superblock, survey.good_rows, what);
  } else {
    cut_rows(path, survey.good_rows, what);
    require_repaired(path, report.frames_kept, what);
  }
  return report;
}

}  // namespace saltus::io
