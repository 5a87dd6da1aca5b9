#include "io/hdf5/trajectory_layout_detail.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace saltus::io::detail {
namespace {

using engine::FileError;
using engine::InputError;

constexpr std::size_t kMinChunkBytes = 64 * 1024;
constexpr std::size_t kMaxChunkBytes = 1024 * 1024;
constexpr std::size_t kMinChunkRows = 1024;  // of columns with one number per row

Column scalar_column(const std::string& path, std::vector<std::string> links,
                     const std::string& unit, const std::string& units) {
  return {path, std::move(links), ColumnType::kFloat64, {}, unit, units, false};
}

std::size_t position_bytes_per_frame(const TrajectoryShape& shape) {
  return 3 * sizeof(float) * shape.n_atoms * shape.n_chains;
}

// Marks rows that a crash left unwritten: no writer of ours stores NaN or a negative step.
void set_fill_value(hid_t properties, ColumnType type, const std::string& what) {
  const float no_float = std::numeric_limits<float>::quiet_NaN();
  const double no_double = std::numeric_limits<double>::quiet_NaN();
  const std::int32_t no_int = -1;
  const std::int64_t no_step = kNoStep;
  const void* value = nullptr;
  switch (type) {
    case ColumnType::kFloat32:
      value = &no_float;
      break;
    case ColumnType::kFloat64:
      value = &no_double;
      break;
    case ColumnType::kInt32:
      value = &no_int;
      break;
    case ColumnType::kInt64:
      value = &no_step;
      break;
  }
  check(H5Pset_fill_value(properties, hdf5_type(type), value), what);
}

Handle make_column_properties(const Column& column, std::size_t rows_per_chunk, int gzip_level,
                              const std::string& what) {
  Handle properties = checked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, what);
  // Uncompressed chunks stay where they are when they are rewritten, so they may be larger.
  const std::size_t rows = column.compressed
                               ? rows_per_chunk
                               : std::max(rows_per_chunk, kMinChunkRows / column.row_values());
  std::vector<hsize_t> chunk = {rows};
  chunk.insert(chunk.end(), column.row_shape.begin(), column.row_shape.end());
  check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), what);
  set_fill_value(properties.get(), column.type, what);
  if (column.compressed && gzip_level > 0) {
    check(H5Pset_shuffle(properties.get()), what);
    check(H5Pset_deflate(properties.get(), static_cast<unsigned>(gzip_level)), what);
  }
  return properties;
}

void hard_link(hid_t file, const std::string& target, const std::string& link,
               const std::string& what) {
  check(H5Lcreate_hard(file, target.c_str(), file, link.c_str(), H5P_DEFAULT, H5P_DEFAULT), what);
}

std::vector<hsize_t> full_shape(const Column& column, std::size_t rows) {
  std::vector<hsize_t> shape = {rows};
  shape.insert(shape.end(), column.row_shape.begin(), column.row_shape.end());
  return shape;
}

// File space with some rows selected, and the memory space for them.
std::pair<Handle, Handle> select_rows(hid_t dataset, const Column& column, const RowRange& rows,
                                      const std::string& what) {
  Handle file_space = checked(H5Dget_space(dataset), H5Sclose, what);
  std::vector<hsize_t> start(column.row_shape.size() + 1, 0), steps(start.size(), 1);
  start[0] = rows.first;
  steps[0] = rows.stride;
  const std::vector<hsize_t> counts = full_shape(column, rows.count);
  check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), steps.data(),
                            counts.data(), nullptr),
        what);
  Handle memory_space = checked(
      H5Screate_simple(static_cast<int>(counts.size()), counts.data(), nullptr), H5Sclose, what);
  return {std::move(file_space), std::move(memory_space)};
}

std::vector<Observable> observables_from_json(const std::string& text, const std::string& what) {
  using nlohmann::json;
  try {
    std::vector<Observable> observables;
    for (const json& entry : json::parse(text))
      observables.push_back(
          {entry.at("name").get<std::string>(), entry.at("unit").get<std::string>()});
    return observables;
  } catch (const json::exception&) {
    throw FileError(what + ": attribute observables of " + kParametersPath +
                    " is damaged: " + text);
  }
}

}  // namespace

std::size_t Column::row_values() const {
  std::size_t n = 1;
  for (hsize_t extent : row_shape) n *= extent;
  return n;
}

std::size_t Column::row_bytes() const {
  const bool four = type == ColumnType::kFloat32 || type == ColumnType::kInt32;
  return row_values() * (four ? 4 : 8);
}

std::string observable_path(const std::string& name) { return "/observables/" + name + "/value"; }

TrajectoryShape shape_of_options(std::size_t n_atoms, std::size_t n_chains,
                                 const TrajectoryOptions& options) {
  TrajectoryShape shape;
  shape.n_atoms = n_atoms;
  shape.n_chains = n_chains;
  shape.velocities = options.velocities;
  shape.box = options.box;
  shape.log_weights = options.log_weights;
  shape.observables = options.observables;
  return shape;
}

std::vector<Column> trajectory_columns(const TrajectoryShape& shape) {
  const std::string particles = kParticlesPath;
  const std::vector<hsize_t> vectors = {shape.n_atoms, 3};
  std::vector<Column> columns = {
      {particles + "/position/value",
       {"/coordinates"},
       ColumnType::kFloat32,
       vectors,
       "nm",
       "nanometers",
       true},
      {particles + "/position/step", {}, ColumnType::kInt64, {}, "1", "dimensionless", false},
      scalar_column(particles + "/position/time", {"/time"}, "ps", "picoseconds"),
      {observable_path("chain"), {}, ColumnType::kInt32, {}, "1", "dimensionless", false},
      scalar_column(observable_path("potential_energy"), {"/potentialEnergy"}, "kJ mol-1",
                    "kilojoules_per_mole"),
      scalar_column(observable_path("temperature"), {"/temperature"}, "K", "kelvin")};
  if (shape.log_weights)
    columns.push_back(scalar_column(observable_path(kLogWeightName), {}, "1", "dimensionless"));
  if (shape.velocities)
    columns.push_back({kVelocityPath,
                       {"/velocities"},
                       ColumnType::kFloat32,
                       vectors,
                       "nm ps-1",
                       "nanometers/picosecond",
                       true});
  if (shape.box) {
    // MDAnalysis ignores a box that is not a 3x3 matrix per frame, MDTraj wants lengths and angles.
    columns.push_back({kBoxEdgesPath, {}, ColumnType::kFloat64, {3, 3}, "nm", "nanometers", false});
    columns.push_back({"/cell_lengths", {}, ColumnType::kFloat32, {3}, "nm", "nanometers", false});
    columns.push_back({"/cell_angles", {}, ColumnType::kFloat32, {3}, "deg", "degrees", false});
  }
  for (const Observable& extra : shape.observables)
    columns.push_back(scalar_column(observable_path(extra.name), {}, extra.unit,
                                    extra.unit == "1" ? "dimensionless" : extra.unit));
  return columns;
}

hid_t hdf5_type(ColumnType type) {
  switch (type) {
    case ColumnType::kFloat32:
      return H5T_NATIVE_FLOAT;
    case ColumnType::kFloat64:
      return H5T_NATIVE_DOUBLE;
    case ColumnType::kInt32:
      return H5T_NATIVE_INT32;
    case ColumnType::kInt64:
      return H5T_NATIVE_INT64;
  }
  throw engine::InternalError("unknown column type");
}

std::size_t choose_block_frames(std::size_t block_frames, const TrajectoryShape& shape) {
  if (block_frames > 0) return block_frames;
  const std::size_t frame_bytes = position_bytes_per_frame(shape);
  return (kMinChunkBytes + frame_bytes - 1) / frame_bytes;
}

std::size_t chunk_rows(std::size_t block_frames, const TrajectoryShape& shape) {
  const std::size_t row_bytes = position_bytes_per_frame(shape) / shape.n_chains;
  const std::size_t most = std::max<std::size_t>(1, kMaxChunkBytes / row_bytes);
  return std::min(block_frames * shape.n_chains, most);
}

void create_column(hid_t file, const Column& column, std::size_t rows_per_chunk, int gzip_level,
                   const std::string& what) {
  const std::vector<hsize_t> initial = full_shape(column, 0);
  std::vector<hsize_t> largest = initial;
  largest[0] = H5S_UNLIMITED;
  const Handle space =
      checked(H5Screate_simple(static_cast<int>(initial.size()), initial.data(), largest.data()),
              H5Sclose, what);
  const Handle properties = make_column_properties(column, rows_per_chunk, gzip_level, what);
  const Handle dataset =
      checked(H5Dcreate2(file, column.path.c_str(), hdf5_type(column.type), space.get(),
                         H5P_DEFAULT, properties.get(), H5P_DEFAULT),
              H5Dclose, what);
  write_attribute(dataset.get(), "unit", column.unit, what);
  write_attribute(dataset.get(), "units", column.units, what);

  for (const std::string& link : column.links) hard_link(file, column.path, link, what);
  const std::string leaf = "/value", position = std::string(kParticlesPath) + "/position";
  const std::size_t end = column.path.rfind(leaf);
  if (end == std::string::npos || column.path.compare(0, end, position) == 0) return;
  const std::string group = column.path.substr(0, end);
  hard_link(file, position + "/step", group + "/step", what);
  hard_link(file, position + "/time", group + "/time", what);
}

TrajectoryShape read_trajectory_shape(hid_t file, const std::string& what) {
  if (!path_exists(file, kParametersPath))
    throw InputError(what + ": an HDF5 file, but not a Saltus trajectory (it has no group " +
                     kParametersPath + ")");
  const Handle parameters = open_group(file, kParametersPath, what);
  const std::uint64_t version = read_integer_attribute(parameters.get(), "layout_version", what);
  if (version < 1 || version > kTrajectoryLayoutVersion)
    throw InputError(what + ": layout version " + std::to_string(version) +
                     ", this program reads versions 1 to " +
                     std::to_string(kTrajectoryLayoutVersion) +
                     "; use the version of Saltus that wrote it");
  TrajectoryShape shape;
  shape.log_weights = version > 1;
  shape.n_chains = read_integer_attribute(parameters.get(), "n_chains", what);
  shape.observables =
      observables_from_json(read_string_attribute(parameters.get(), "observables", what), what);
  shape.velocities = path_exists(file, kVelocityPath);
  shape.box = path_exists(file, kBoxEdgesPath);
  const Handle positions =
      open_dataset(file, std::string(kParticlesPath) + "/position/value", what);
  const std::vector<hsize_t> dimensions = shape_of(positions.get(), what);
  if (dimensions.size() == 3) shape.n_atoms = dimensions[1];
  if (shape.n_atoms == 0 || shape.n_chains == 0)
    throw FileError(what + ": damaged, it has " + std::to_string(shape.n_atoms) + " atoms and " +
                    std::to_string(shape.n_chains) + " chains");
  return shape;
}

std::vector<Handle> open_columns(hid_t file, const std::vector<Column>& columns,
                                 const std::string& what) {
  std::vector<Handle> datasets;
  for (const Column& column : columns)
    datasets.push_back(open_dataset(file, column.path, what + ": " + column.path));
  return datasets;
}

std::size_t common_rows(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                        const std::string& what) {
  std::size_t rows = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::vector<hsize_t> dimensions = shape_of(datasets[i].get(), what);
    const Handle type = checked(H5Dget_type(datasets[i].get()), H5Tclose, what);
    if (dimensions.empty() || dimensions != full_shape(columns[i], dimensions[0]) ||
        H5Tequal(type.get(), hdf5_type(columns[i].type)) <= 0)
      throw FileError(what + ": damaged, " + columns[i].path +
                      " has not the dimensions or the type of its layout");
    rows = std::min<std::size_t>(rows, dimensions[0]);
  }
  return rows;
}

std::size_t rows_per_chunk(hid_t dataset, const Column& column, const std::string& what) {
  const Handle properties = checked(H5Dget_create_plist(dataset), H5Pclose, what);
  std::vector<hsize_t> chunk(column.row_shape.size() + 1);
  if (H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()) !=
          static_cast<int>(chunk.size()) ||
      chunk[0] == 0)
    throw FileError(what + ": damaged, " + column.path + " is not stored in chunks");
  return chunk[0];
}

std::uint64_t max_bytes_to_write(const std::vector<Column>& columns,
                                 const std::vector<Handle>& datasets, std::size_t first,
                                 std::size_t count, const std::string& what) {
  constexpr std::uint64_t kIndexBytes = 32 * 1024;  // of one column
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t rows = rows_per_chunk(datasets[i].get(), columns[i], what);
    const std::size_t n_chunks = (first + count - 1) / rows - first / rows + 1;
    const std::uint64_t chunk_bytes = rows * columns[i].row_bytes();
    bytes += n_chunks * (chunk_bytes + chunk_bytes / 64) + kIndexBytes;
  }
  return bytes;
}

void read_rows(hid_t dataset, const Column& column, const RowRange& rows, void* out,
               const std::string& what) {
  if (rows.count == 0) return;
  const auto spaces = select_rows(dataset, column, rows, what);
  check(H5Dread(dataset, hdf5_type(column.type), spaces.second.get(), spaces.first.get(),
                H5P_DEFAULT, out),
        what + ": cannot read " + column.path);
}

void write_rows(hid_t dataset, const Column& column, const RowRange& rows, const void* data,
                const std::string& what) {
  const std::vector<hsize_t> extent = full_shape(column, rows.first + rows.count);
  check(H5Dset_extent(dataset, extent.data()), what);
  const auto spaces = select_rows(dataset, column, {rows.first, rows.count}, what);
  check(H5Dwrite(dataset, hdf5_type(column.type), spaces.second.get(), spaces.first.get(),
                 H5P_DEFAULT, data),
        what);
}

namespace {

/// Rows that a column counts, and those up to the end of the last chunk that its index knows. A
/// writer that was killed may have entered a chunk of which it had neither counted the rows nor
/// written the bytes.
struct RowEnds {
  std::size_t counted = 0, indexed = 0;
};

RowEnds row_ends(hid_t dataset, const Column& column, const std::string& what) {
  const Handle space = checked(H5Dget_space(dataset), H5Sclose, what);
  hsize_t n_chunks = 0;
  check(H5Dget_num_chunks(dataset, space.get(), &n_chunks), what + ": " + column.path);
  const std::size_t rows = rows_per_chunk(dataset, column, what);
  const std::size_t counted = shape_of(dataset, what)[0];
  const bool has_uncounted_chunk = n_chunks > 0 && (n_chunks - 1) * rows >= counted;
  return {counted, has_uncounted_chunk ? n_chunks * rows : counted};
}

}  // namespace

bool have_more_rows(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                    std::size_t rows, const std::string& what) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (row_ends(datasets[i].get(), columns[i], what).indexed > rows) return true;
  return false;
}

void truncate_columns(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                      std::size_t rows, const std::string& what) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto resize = [&](std::size_t to) {
      const std::vector<hsize_t> extent = full_shape(columns[i], to);
      check(H5Dset_extent(datasets[i].get(), extent.data()), what + ": " + columns[i].path);
    };
    const RowEnds ends = row_ends(datasets[i].get(), columns[i], what);
    // HDF5 forgets only chunks that it cuts off; others it would read back before it writes there.
    if (ends.indexed > ends.counted) resize(ends.indexed);
    if (ends.indexed > rows) resize(rows);
  }
}

}  // namespace saltus::io::detail
