#include "io/hdf5/trajectory_survey_detail.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/core/error.h"
#include "io/hdf5/trajectory_layout_detail.h"

namespace saltus::io::detail {
namespace {

using engine::FileError;

struct SurveyedFile {
  const Superblock& superblock;
  std::size_t n_chains;
  const std::string& what;
};

// How many of the first `count` rows of a chunk are neither absent nor beyond the end of the file,
// where HDF5 would read zeros without an error. Slow: the library walks over all chunks.
std::size_t rows_in_file(hid_t dataset, const Column& column, std::size_t first_row,
                         std::size_t count, const SurveyedFile& file) {
  const std::uint64_t file_size = file.superblock.file_size;
  std::vector<hsize_t> offset(column.row_shape.size() + 1, 0);
  offset[0] = first_row;
  unsigned filters = 0;
  haddr_t address = HADDR_UNDEF;
  hsize_t size = 0;
  if (H5Dget_chunk_info_by_coord(dataset, offset.data(), &filters, &address, &size) < 0 ||
      address == HADDR_UNDEF || address >= file_size)
    return 0;
  if (address + size <= file_size) return count;
  // A compressed chunk is lost with its end; of others, whole rows are there from the start.
  const Handle creation = checked(H5Dget_create_plist(dataset), H5Pclose, file.what);
  if (H5Pget_nfilters(creation.get()) != 0) return 0;
  return std::min<std::size_t>(count, (file_size - address) / column.row_bytes());
}

template <class T>
std::size_t leading_non_nan(const std::vector<unsigned char>& bytes, std::size_t n_values) {
  for (std::size_t i = 0; i < n_values; ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    if (std::isnan(value)) return i;
  }
  return n_values;
}

// Steps grow from frame to frame and are equal within one; chain numbers count up.
class OrderCheck {
 public:
  explicit OrderCheck(std::size_t n_chains) : n_chains_(n_chains) {}

  std::size_t leading_good_steps(const std::vector<unsigned char>& bytes, std::size_t first_row,
                                 std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::int64_t step;
      std::memcpy(&step, bytes.data() + i * sizeof step, sizeof step);
      const bool begins_frame = (first_row + i) % n_chains_ == 0;
      if (begins_frame ? step <= last_step_ : step != last_step_) return i;
      last_step_ = step;
    }
    return count;
  }

  std::size_t leading_good_chains(const std::vector<unsigned char>& bytes, std::size_t first_row,
                                  std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) {
      std::int32_t chain;
      std::memcpy(&chain, bytes.data() + i * sizeof chain, sizeof chain);
      if (chain != static_cast<std::int32_t>((first_row + i) % n_chains_)) return i;
    }
    return count;
  }

 private:
  std::size_t n_chains_;
  std::int64_t last_step_ = kNoStep;
};

// Rows at the start of `bytes` that a writer of ours can have written.
std::size_t leading_good_rows(const Column& column, const std::vector<unsigned char>& bytes,
                              std::size_t first_row, std::size_t count, OrderCheck& order) {
  const std::size_t n_values = count * column.row_values();
  switch (column.type) {
    case ColumnType::kFloat32:
      return leading_non_nan<float>(bytes, n_values) / column.row_values();
    case ColumnType::kFloat64:
      return leading_non_nan<double>(bytes, n_values) / column.row_values();
    case ColumnType::kInt64:
      return order.leading_good_steps(bytes, first_row, count);
    case ColumnType::kInt32:
      return order.leading_good_chains(bytes, first_row, count);
  }
  throw engine::InternalError("unknown column type");
}

bool ends_with_zeros(const std::vector<unsigned char>& bytes, std::size_t n_bytes) {
  return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(n_bytes - 4),
                     bytes.begin() + static_cast<std::ptrdiff_t>(n_bytes),
                     [](unsigned char byte) { return byte == 0; });
}

// Number of good rows among the first `rows` of a column; `reason` says why there are not more.
std::size_t good_rows_of_column(hid_t dataset, const Column& column, std::size_t rows,
                                const SurveyedFile& file, std::string& reason) {
  const std::size_t chunk = rows_per_chunk(dataset, column, file.what);
  std::vector<unsigned char> bytes(chunk * column.row_bytes());
  OrderCheck order(file.n_chains);
  for (std::size_t first = 0; first < rows; first += chunk) {
    const std::size_t count = std::min(chunk, rows - first);
    const std::string where = column.path + ", row " + std::to_string(first);
    try {
      read_rows(dataset, column, {first, count}, bytes.data(), where);
    } catch (const FileError& error) {
      reason = error.what();
      return first;
    }
    const bool may_be_missing =
        file.superblock.is_truncated() &&
        (count < chunk || ends_with_zeros(bytes, count * column.row_bytes()));
    const std::size_t here =
        may_be_missing ? rows_in_file(dataset, column, first, count, file) : count;
    const std::size_t good = leading_good_rows(column, bytes, first, here, order);
    if (good < count) {
      reason = column.path + ", row " + std::to_string(first + good) +
               (good < here ? ": never written" : ": beyond the end of the file");
      return first + good;
    }
  }
  return rows;
}

}  // namespace

Handle open_for_reading(const std::filesystem::path& path, const std::string& what) {
  const Handle access = make_file_access(what);
  set_private_flag(access, "skip_eof_check", what);
  return checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access.get()), H5Fclose,
                 what);
}

Survey survey_trajectory(hid_t file, const Superblock& superblock, const std::string& what) {
  const TrajectoryShape shape = read_trajectory_shape(file, what);
  const std::vector<Column> columns = trajectory_columns(shape);
  const std::vector<Handle> datasets = open_columns(file, columns, what);
  Survey survey;
  survey.n_chains = shape.n_chains;
  survey.good_rows = common_rows(columns, datasets, what);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    survey.max_rows = std::max<std::size_t>(survey.max_rows, shape_of(datasets[i].get(), what)[0]);
    survey.good_rows = good_rows_of_column(datasets[i].get(), columns[i], survey.good_rows,
                                           {superblock, shape.n_chains, what}, survey.reason);
  }
  survey.good_rows -= survey.good_rows % shape.n_chains;
  return survey;
}

}  // namespace saltus::io::detail
