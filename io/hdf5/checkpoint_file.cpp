#include "io/hdf5/checkpoint_file.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/hdf5/hdf5_detail.h"

namespace saltus::io {
namespace {

using detail::check;
using detail::checked;
using detail::Handle;
using engine::ChainBatch;
using engine::Checkpoint;
using engine::FileError;
using engine::InputError;

// Version 1 has no boxes, pressures, paths and other terms, version 2 has them, and version 3 says
// which replicas chains hold; the lowest that can hold what there is, is written.
constexpr std::uint64_t kFirstLayoutVersion = 1, kExtrasLayoutVersion = 2, kLayoutVersion = 3;
constexpr const char* kGroup = "/checkpoint";
constexpr const char* kMagic = "Saltus checkpoint\n";
// Stands for "no pressure" in an array of pressures.
constexpr double kNoPressure = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kTextBlockBytes = 512;  // where HDF5 looks next for the start of a file

// A new member of ThermodynamicState must be stored as well: name all of them.
static_assert(sizeof(engine::ThermodynamicState) ==
                  2 * sizeof(double) + sizeof(std::optional<double>),
              "temperature_K, pressure_bar and path are stored");

std::string checksum(const std::string& bytes, std::size_t first) {
  engine::Fnv1a hash;
  hash.add(bytes.data() + first, bytes.size() - first);
  return hash.hex();
}

// The text block: what the file is, for readers, and the checksum of all after it, zero padded.
std::string make_text_block(const std::string& hash) {
  std::string block = std::string(kMagic) + "fnv1a64 " + hash + "\nHDF5 data begin at byte 512.\n";
  block.resize(kTextBlockBytes, '\0');
  return block;
}

// An HDF5 file that lives in memory only; `image` is its content or null to begin an empty one.
Handle open_in_memory(const std::string* image, const std::string& what) {
  // Default format: H5Fget_file_image spoils the superblock's checksum in the latest one.
  const Handle access = checked(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, what);
  check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), what);
  constexpr std::size_t kGrowth = 1 << 16;
  check(H5Pset_fapl_core(access.get(), kGrowth, false), what);
  if (!image)
    return checked(H5Fcreate("checkpoint", H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose,
                   what);
  std::string copy = *image;
  check(H5Pset_file_image(access.get(), copy.data(), copy.size()), what);
  return checked(H5Fopen("checkpoint", H5F_ACC_RDONLY, access.get()), H5Fclose, what);
}

std::string image_of(const Handle& file, const std::string& what) {
  check(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), what);
  const ssize_t size = H5Fget_file_image(file.get(), nullptr, 0);
  if (size <= 0) detail::throw_hdf5_error(what);
  std::string image(static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(file.get(), image.data(), image.size()) != size)
    detail::throw_hdf5_error(what);
  return image;
}

void require_consistent(const ChainBatch& chains, const std::string& what) {
  const std::size_t n = chains.n_chains(), n_atoms = chains.n_atoms();
  if (chains.positions.n_chains() != n || chains.velocities.n_chains() != n ||
      chains.velocities.n_atoms() != n_atoms || chains.states.size() != n ||
      chains.log_weights.size() != n || chains.replicas.size() != n)
    throw InputError(what +
                     ": positions, velocities, energies, states, log-weights and replicas are of "
                     "different numbers of chains or atoms");
  if (chains.other_terms.size() != n * chains.n_other_terms())
    throw InputError(what + ": " + std::to_string(chains.other_terms.size()) +
                     " other terms of the density cannot be those of " + std::to_string(n) +
                     " chains");
}

// What chains may carry or not.
struct Extras {
  explicit Extras(const ChainBatch& chains)
      : boxes(!chains.positions.boxes().empty()), other_terms(chains.n_other_terms() > 0) {
    for (const engine::ThermodynamicState& state : chains.states) {
      pressures = pressures || state.pressure_bar.has_value();
      paths = paths || state.path != engine::ThermodynamicState{}.path;
    }
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      replicas = replicas || chains.replicas[c] != c;
  }
  std::uint64_t layout_version() const {
    if (replicas) return kLayoutVersion;
    return boxes || other_terms || pressures || paths ? kExtrasLayoutVersion : kFirstLayoutVersion;
  }
  bool boxes, other_terms, pressures = false, paths = false;
  bool replicas = false;  ///< that have changed places
};

struct DoubleArray {
  const char* name;
  std::vector<hsize_t> shape;
  const std::vector<double>& values;
  const char* unit;
};

void write_doubles(hid_t file, const DoubleArray& array, const std::string& what) {
  const Handle dataset =
      detail::write_fixed_dataset(file, std::string(kGroup) + "/" + array.name,
                                  {H5T_NATIVE_DOUBLE, array.shape, array.values.data()}, what);
  detail::write_attribute(dataset.get(), "unit", std::string(array.unit), what);
}

std::vector<double> read_doubles(hid_t file, const std::string& name,
                                 const std::vector<hsize_t>& shape, const std::string& what) {
  const Handle dataset = detail::open_dataset(file, kGroup + ("/" + name), what);
  if (detail::shape_of(dataset.get(), what) != shape)
    throw FileError(what + ": array " + name + " has not the dimensions of its chains and atoms");
  std::size_t n = 1;
  for (hsize_t extent : shape) n *= extent;
  std::vector<double> values(n);
  check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
        what);
  return values;
}

void write_numbers(const Handle& group, const Checkpoint& checkpoint, const std::string& what) {
  const auto write = [&](const char* name, std::uint64_t value) {
    detail::write_attribute(group.get(), name, value, what);
  };
  write("layout_version", Extras(checkpoint.chains).layout_version());
  write("seed", checkpoint.seed);
  write("step", checkpoint.step);
  write("frames_written", checkpoint.frames_written);
  write("n_chains", checkpoint.chains.n_chains());
  write("n_atoms", checkpoint.chains.n_atoms());
  detail::write_attribute(group.get(), "deck_digest", checkpoint.deck_digest, what);
  detail::write_attribute(group.get(), "run_record", checkpoint.run_record_json, what);
}

void write_extras(hid_t file, const ChainBatch& chains, const std::string& what) {
  const Extras extras(chains);
  const hsize_t n = chains.n_chains();
  std::vector<double> boxes, pressures, paths;
  for (const engine::Box& box : chains.positions.boxes()) {
    const auto vectors = box.vectors();
    boxes.insert(boxes.end(), vectors.begin(), vectors.end());
  }
  for (const engine::ThermodynamicState& state : chains.states) {
    pressures.push_back(state.pressure_bar.value_or(kNoPressure));
    paths.push_back(state.path);
  }
  if (extras.boxes) write_doubles(file, {"boxes", {n, 3, 3}, boxes, "nm"}, what);
  if (extras.pressures) write_doubles(file, {"pressures", {n}, pressures, "bar"}, what);
  if (extras.paths) write_doubles(file, {"paths", {n}, paths, "1"}, what);
  if (extras.replicas) {
    const std::vector<double> replicas(chains.replicas.begin(), chains.replicas.end());
    write_doubles(file, {"replicas", {n}, replicas, "1"}, what);
  }
  if (extras.other_terms)
    write_doubles(file, {"other_terms", {n, chains.n_other_terms()}, chains.other_terms, "1"},
                  what);
}

void write_chains(hid_t file, const ChainBatch& chains, const std::string& what) {
  const hsize_t n = chains.n_chains(), n_atoms = chains.n_atoms();
  std::vector<double> temperatures;
  for (const engine::ThermodynamicState& state : chains.states)
    temperatures.push_back(state.temperature_K);
  write_doubles(file, {"positions", {n, n_atoms, 3}, chains.positions.values(), "nm"}, what);
  write_doubles(file, {"velocities", {n, n_atoms, 3}, chains.velocities.values(), "nm ps-1"}, what);
  write_doubles(file, {"energies", {n}, chains.energies, "kJ mol-1"}, what);
  write_doubles(file, {"temperatures", {n}, temperatures, "K"}, what);
  write_doubles(file, {"log_weights", {n}, chains.log_weights, "1"}, what);
  write_extras(file, chains, what);
}

bool has(hid_t file, const std::string& name) {
  return detail::path_exists(file, kGroup + ("/" + name));
}

void read_replicas(hid_t file, ChainBatch& chains, const std::string& what) {
  const std::size_t n = chains.n_chains();
  const std::vector<double> replicas = read_doubles(file, "replicas", {n}, what);
  for (std::size_t c = 0; c < n; ++c) {
    if (!(replicas[c] >= 0.0 && replicas[c] < static_cast<double>(n)))
      throw FileError(what + ": chain " + std::to_string(c) + " holds replica " +
                      std::to_string(replicas[c]) + ", expected 0 to " + std::to_string(n - 1) +
                      "; the file is damaged, use an older checkpoint");
    chains.replicas[c] = static_cast<std::uint32_t>(replicas[c]);
  }
}

// Whatever is there; files of version 1 have nothing of it.
void read_extras(hid_t file, ChainBatch& chains, const std::string& what) {
  const hsize_t n = chains.n_chains();
  if (has(file, "boxes")) {
    constexpr std::size_t kNumbers = 9;
    const std::vector<double> numbers = read_doubles(file, "boxes", {n, 3, 3}, what);
    std::vector<engine::Box> boxes;
    for (std::size_t c = 0; c < n; ++c)
      boxes.push_back(engine::Box::from_vectors({numbers.data() + kNumbers * c, kNumbers}));
    chains.positions.set_boxes(std::move(boxes));
  }
  if (has(file, "pressures")) {
    const std::vector<double> pressures = read_doubles(file, "pressures", {n}, what);
    for (std::size_t c = 0; c < n; ++c)
      if (!std::isnan(pressures[c])) chains.states[c].pressure_bar = pressures[c];
  }
  if (has(file, "paths")) {
    const std::vector<double> paths = read_doubles(file, "paths", {n}, what);
    for (std::size_t c = 0; c < n; ++c) chains.states[c].path = paths[c];
  }
  if (has(file, "replicas")) read_replicas(file, chains, what);
  if (!has(file, "other_terms")) return;
  const Handle dataset = detail::open_dataset(file, kGroup + std::string("/other_terms"), what);
  const std::vector<hsize_t> shape = detail::shape_of(dataset.get(), what);
  chains.other_terms =
      read_doubles(file, "other_terms", {n, shape.size() == 2 ? shape[1] : 0}, what);
}

ChainBatch read_chains(hid_t file, hsize_t n, hsize_t n_atoms, const std::string& what) {
  ChainBatch chains;
  const std::vector<double> positions = read_doubles(file, "positions", {n, n_atoms, 3}, what);
  const std::vector<double> velocities = read_doubles(file, "velocities", {n, n_atoms, 3}, what);
  chains = ChainBatch(n, n_atoms, engine::ThermodynamicState{});
  chains.positions.values() = positions;
  chains.velocities.values() = velocities;
  chains.energies = read_doubles(file, "energies", {n}, what);
  chains.log_weights = read_doubles(file, "log_weights", {n}, what);
  const std::vector<double> temperatures = read_doubles(file, "temperatures", {n}, what);
  for (std::size_t c = 0; c < n; ++c) chains.states[c].temperature_K = temperatures[c];
  read_extras(file, chains, what);
  return chains;
}

// The HDF5 part of a file whose text block and checksum are right.
std::string verified_image(const std::filesystem::path& path, const std::string& what) {
  const std::string bytes = read_whole_file(path, "checkpoint");
  if (bytes.compare(0, std::string(kMagic).size(), kMagic) != 0)
    throw InputError(what + ": it is not a Saltus checkpoint");
  if (bytes.size() <= kTextBlockBytes ||
      bytes.compare(0, kTextBlockBytes, make_text_block(checksum(bytes, kTextBlockBytes))) != 0)
    throw FileError(what +
                    ": its checksum does not fit its content; the file is damaged, use an "
                    "older checkpoint");
  return bytes.substr(kTextBlockBytes);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  const detail::QuietErrors quiet;
  const std::string what = "cannot write checkpoint '" + path.string() + "'";
  require_consistent(checkpoint.chains, what);
  const Handle file = open_in_memory(nullptr, what);
  const Handle group = detail::create_group(file.get(), kGroup, what);
  write_numbers(group, checkpoint, what);
  write_chains(file.get(), checkpoint.chains, what);
  const std::string image = image_of(file, what);
  write_file_durably(path, make_text_block(checksum(image, 0)) + image);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const detail::QuietErrors quiet;
  const std::string what = "cannot read checkpoint '" + path.string() + "'";
  const std::string image = verified_image(path, what);
  const Handle file = open_in_memory(&image, what);
  const Handle group = detail::open_group(file.get(), kGroup, what);
  const auto number = [&](const char* name) {
    return detail::read_integer_attribute(group.get(), name, what);
  };
  const std::uint64_t version = number("layout_version");
  if (version < kFirstLayoutVersion || version > kLayoutVersion)
    throw InputError(what + ": layout version " + std::to_string(version) +
                     ", this program reads versions " + std::to_string(kFirstLayoutVersion) +
                     " to " + std::to_string(kLayoutVersion) +
                     "; use the version of Saltus that wrote it");
  Checkpoint checkpoint;
  checkpoint.seed = number("seed");
  checkpoint.step = number("step");
  checkpoint.frames_written = number("frames_written");
  checkpoint.deck_digest = detail::read_string_attribute(group.get(), "deck_digest", what);
  checkpoint.run_record_json = detail::read_string_attribute(group.get(), "run_record", what);
  checkpoint.chains = read_chains(file.get(), number("n_chains"), number("n_atoms"), what);
  return checkpoint;
}

}  // namespace saltus::io
