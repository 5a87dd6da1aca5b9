#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "io/hdf5/hdf5_detail.h"
#include "io/hdf5/trajectory_writer.h"

/// Which datasets a trajectory file has; shared by writer, reader and repair.
namespace saltus::io::detail {

/// With log-weights; without them it is version 1, in which a run's own observable may have their
/// name.
constexpr std::uint64_t kTrajectoryLayoutVersion = 2;
constexpr const char* kParticlesPath = "/particles/trajectory";
constexpr const char* kParametersPath = "/parameters/saltus";

/// Value of a step that was never written; marks holes left by a crash.
constexpr std::int64_t kNoStep = -1;

enum class ColumnType { kFloat32, kFloat64, kInt32, kInt64 };

/// One dataset that grows by a row per frame and chain.
struct Column {
  std::string path;                ///< "/particles/trajectory/position/value"
  std::vector<std::string> links;  ///< hard links to it: "/coordinates"
  ColumnType type = ColumnType::kFloat64;
  std::vector<hsize_t> row_shape;  ///< without the first, growing dimension
  std::string unit;                ///< H5MD's spelling: "nm"
  std::string units;               ///< MDTraj's spelling: "nanometers"
  bool compressed = false;

  std::size_t row_values() const;
  std::size_t row_bytes() const;
};

/// What decides the set of columns.
struct TrajectoryShape {
  std::size_t n_atoms = 0;
  std::size_t n_chains = 0;
  bool velocities = false;
  bool box = false;
  bool log_weights = true;
  std::vector<Observable> observables;
};

/// Shape of a file made with these options.
TrajectoryShape shape_of_options(std::size_t n_atoms, std::size_t n_chains,
                                 const TrajectoryOptions& options);

/// Name of the log-weights among the observables.
constexpr const char* kLogWeightName = "log_weight";

/// Columns in file order. The first `kFirstOptionalColumn` are always there.
enum : std::size_t {
  kPosition,
  kStep,
  kTime,
  kChain,
  kPotentialEnergy,
  kTemperature,
  kFirstOptionalColumn
};
std::vector<Column> trajectory_columns(const TrajectoryShape& shape);

constexpr const char* kVelocityPath = "/particles/trajectory/velocity/value";
constexpr const char* kBoxEdgesPath = "/particles/trajectory/box/edges/value";
std::string observable_path(const std::string& name);

hid_t hdf5_type(ColumnType type);

/// Rows of a coordinate chunk for blocks of `block_frames` frames of all chains.
/// 0: as many frames as fill 64 KiB. A chunk never exceeds 1 MiB unless one row does.
std::size_t choose_block_frames(std::size_t block_frames, const TrajectoryShape& shape);
std::size_t chunk_rows(std::size_t block_frames, const TrajectoryShape& shape);

/// Creates the column's dataset (0 rows), its links and attributes, and for ".../value" the hard
/// links `step` and `time` beside it. Parent groups must exist.
void create_column(hid_t file, const Column& column, std::size_t rows_per_chunk, int gzip_level,
                   const std::string& what);

/// Reads the shape back from a file of ours.
/// @throws FileError   when the file cannot be read
/// @throws InputError  when it is not a Saltus trajectory or of a newer layout
TrajectoryShape read_trajectory_shape(hid_t file, const std::string& what);

/// Rows present in every column: the smallest first dimension.
/// @throws FileError  when a column has other dimensions than its shape says
std::size_t common_rows(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                        const std::string& what);

/// Bytes by which the file may grow when rows [first, first + count) are written: all chunks they
/// touch, as if nothing could be compressed, and the index.
std::uint64_t max_bytes_to_write(const std::vector<Column>& columns,
                                 const std::vector<Handle>& datasets, std::size_t first,
                                 std::size_t count, const std::string& what);

/// Rows of a chunk of a column's dataset.
std::size_t rows_per_chunk(hid_t dataset, const Column& column, const std::string& what);

/// `count` rows, from the first on every `stride`-th one.
struct RowRange {
  std::size_t first = 0, count = 0, stride = 1;
};

/// Reads or writes rows; those that are written stand together.
void read_rows(hid_t dataset, const Column& column, const RowRange& rows, void* out,
               const std::string& what);
void write_rows(hid_t dataset, const Column& column, const RowRange& rows, const void* data,
                const std::string& what);

std::vector<Handle> open_columns(hid_t file, const std::vector<Column>& columns,
                                 const std::string& what);
/// Whether a column has more than `rows` rows, or chunks behind them.
bool have_more_rows(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                    std::size_t rows, const std::string& what);
/// Cuts every column to `rows` rows. HDF5 does so by steps that a kill must not come between: a
/// file with frames that matter is copied first.
void truncate_columns(const std::vector<Column>& columns, const std::vector<Handle>& datasets,
                      std::size_t rows, const std::string& what);

}  // namespace saltus::io::detail
