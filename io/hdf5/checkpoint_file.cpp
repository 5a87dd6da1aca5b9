#include "io/hdf5/checkpoint_file.h"

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

constexpr std::uint64_t kLayoutVersion = 1;
constexpr const char* kGroup = "/checkpoint";
constexpr const char* kMagic = "Saltus checkpoint\n";
constexpr std::size_t kTextBlockBytes = 512;  // where HDF5 looks next for the start of a file

static_assert(sizeof(engine::ThermodynamicState) == sizeof(double),
              "a new member of ThermodynamicState must be stored as well");

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
      chains.log_weights.size() != n)
    throw InputError(what +
                     ": positions, velocities, energies, states and log-weights are of "
                     "different numbers of chains or atoms");
}

void write_doubles(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
                   const std::vector<double>& values, const std::string& unit,
                   const std::string& what) {
  const Handle dataset = detail::write_fixed_dataset(file, kGroup + ("/" + name), H5T_NATIVE_DOUBLE,
                                                     shape, values.data(), what);
  detail::write_attribute(dataset.get(), "unit", unit, what);
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
  write("layout_version", kLayoutVersion);
  write("seed", checkpoint.seed);
  write("step", checkpoint.step);
  write("frames_written", checkpoint.frames_written);
  write("n_chains", checkpoint.chains.n_chains());
  write("n_atoms", checkpoint.chains.n_atoms());
  detail::write_attribute(group.get(), "deck_digest", checkpoint.deck_digest, what);
  detail::write_attribute(group.get(), "run_record", checkpoint.run_record_json, what);
}

void write_chains(hid_t file, const ChainBatch& chains, const std::string& what) {
  const hsize_t n = chains.n_chains(), n_atoms = chains.n_atoms();
  std::vector<double> temperatures;
  for (const engine::ThermodynamicState& state : chains.states)
    temperatures.push_back(state.temperature_K);
  write_doubles(file, "positions", {n, n_atoms, 3}, chains.positions.values(), "nm", what);
  write_doubles(file, "velocities", {n, n_atoms, 3}, chains.velocities.values(), "nm ps-1", what);
  write_doubles(file, "energies", {n}, chains.energies, "kJ mol-1", what);
  write_doubles(file, "temperatures", {n}, temperatures, "K", what);
  write_doubles(file, "log_weights", {n}, chains.log_weights, "1", what);
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
  if (number("layout_version") != kLayoutVersion)
    throw InputError(what + ": layout version " + std::to_string(number("layout_version")) +
                     ", this program reads version " + std::to_string(kLayoutVersion) +
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
