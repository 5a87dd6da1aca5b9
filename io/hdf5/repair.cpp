#include "io/hdf5/repair.h"

#include <algorithm>

#include "engine/core/error.h"
#include "io/hdf5/durable_file_detail.h"
#include "io/hdf5/superblock_detail.h"
#include "io/hdf5/trajectory_layout_detail.h"
#include "io/hdf5/trajectory_survey_detail.h"

namespace saltus::io {
namespace {

using detail::check;
using detail::Handle;
using detail::Superblock;
using engine::FileError;

// Properties of the library's own h5clear program; they are not in its headers, so a library
// without them must be noticed.
void set_private_flag(const Handle& access, const char* name, const std::string& what) {
  hbool_t on = true;
  if (H5Pexist(access.get(), name) <= 0)
    throw FileError(what + ": this HDF5 library has no property '" + name + "'");
  check(H5Pset(access.get(), name, &on), what);
}

Handle open_marked_file(const std::filesystem::path& path, const std::string& what) {
  const Handle access = detail::make_file_access(what);
  set_private_flag(access, "clear_status_flags", what);
  set_private_flag(access, "skip_eof_check", what);
  return detail::checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose, what);
}

detail::Survey survey_file(const std::filesystem::path& path, const Superblock& superblock,
                           const std::string& what) {
  // A writer killed outside SWMR leaves a mark that forbids reading it.
  const bool blocked = superblock.open_for_writing && !superblock.open_for_swmr;
  const Handle file = blocked ? open_marked_file(path, what) : detail::open_for_reading(path, what);
  return detail::survey_trajectory(file.get(), superblock, what);
}

void mend(const std::filesystem::path& path, std::size_t rows, const std::string& what) {
  Handle file = open_marked_file(path, what);
  // Space that was in use when the writer died must not be given out again.
  check(H5Fincrement_filesize(file.get(), 0), what);
  const auto columns = detail::trajectory_columns(detail::read_trajectory_shape(file.get(), what));
  std::vector<Handle> datasets = detail::open_columns(file.get(), columns, what);
  detail::truncate_columns(columns, datasets, rows, what);
  datasets.clear();
  check(file.reset(), what);
  detail::sync_file(path);
}

void require_mended(const std::filesystem::path& path, std::size_t rows, const std::string& what) {
  const Superblock superblock = detail::read_superblock(path);
  const detail::Survey survey = survey_file(path, superblock, what);
  if (!superblock.is_clean() || survey.good_rows != rows || survey.most_rows != rows)
    throw FileError(what + ": it is still damaged afterwards");
}

// Mending a file with missing parts may fail half-way, so it is tried on a copy.
void mend_copy(const std::filesystem::path& path, std::size_t rows, const std::string& what) {
  std::filesystem::path copy = path;
  copy += ".new";
  try {
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    mend(copy, rows, what);
    require_mended(copy, rows, what);
    detail::rename_durably(copy, path);
  } catch (const std::filesystem::filesystem_error& error) {
    std::error_code ignored;
    std::filesystem::remove(copy, ignored);
    throw FileError(what + ": cannot copy it: " + error.code().message());
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
  detail::refuse_if_in_use(path);
  const detail::Survey survey = survey_file(path, superblock, what);
  if (survey.good_rows == 0 && survey.most_rows > 0)
    throw FileError(what + ": none of its " + std::to_string(survey.most_rows) +
                    " rows can be read: " + survey.reason);

  RepairReport report;
  report.was_marked_open = superblock.open_for_writing || superblock.open_for_swmr;
  report.frames_kept = survey.good_rows / survey.n_chains;
  report.rows_cut = survey.most_rows - survey.good_rows;
  report.reason_for_cut = survey.reason;
  report.was_changed = !superblock.is_clean() || report.rows_cut > 0;
  if (!report.was_changed) return report;
  if (superblock.is_truncated() || !survey.reason.empty()) {
    mend_copy(path, survey.good_rows, what);
  } else {
    mend(path, survey.good_rows, what);
  }
  return report;
}

}  // namespace saltus::io
