#include "io/hdf5/trajectory_header_detail.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "io/hdf5/topology_json.h"

namespace saltus::io::detail {
namespace {

using engine::FileError;

TrajectoryInfo read_info(hid_t file, const std::string& what) {
  const auto text = [&](const char* group, const char* name) {
    return read_string_attribute(open_group(file, group, what).get(), name, what);
  };
  TrajectoryInfo info;
  info.author = text("/h5md/author", "name");
  info.creator_version = text("/h5md/creator", "version");
  info.title = text("/", "title");
  info.force_field = text("/", "forcefield");
  info.resolved_deck = text(kParametersPath, "deck");
  info.deck_digest = text(kParametersPath, "deck_digest");
  const Handle parameters = open_group(file, kParametersPath, what);
  info.seed = read_integer_attribute(parameters.get(), "seed", what);
  try {
    info.provenance = nlohmann::json::parse(text(kParametersPath, "provenance"))
                          .get<std::map<std::string, std::string>>();
  } catch (const nlohmann::json::exception&) {
    throw FileError(what + ": damaged, the attribute provenance is not JSON");
  }
  return info;
}

std::vector<double> read_masses(hid_t file, std::size_t n_atoms, const std::string& what) {
  const std::string path = std::string(kParticlesPath) + "/mass";
  const Handle dataset = open_dataset(file, path, what);
  if (shape_of(dataset.get(), what) != std::vector<hsize_t>{n_atoms})
    throw FileError(what + ": damaged, " + path + " has not one number per atom");
  std::vector<double> masses(n_atoms);
  check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, masses.data()),
        what);
  return masses;
}

engine::Topology read_topology(hid_t file, std::size_t n_atoms, const std::string& what) {
  engine::Topology topology;
  try {
    topology = topology_from_json(read_text_dataset(file, "/topology", what));
  } catch (const engine::InputError& error) {
    throw FileError(what + ": " + error.what());
  }
  if (topology.n_atoms() != n_atoms)
    throw FileError(what + ": damaged, the topology has " + std::to_string(topology.n_atoms()) +
                    " atoms, the frames have " + std::to_string(n_atoms));
  return topology;
}

int gzip_level_of(hid_t dataset, const std::string& what) {
  const Handle properties = checked(H5Dget_create_plist(dataset), H5Pclose, what);
  unsigned flags = 0, level = 0, configuration = 0;
  std::size_t n_values = 1;
  const herr_t found = H5Pget_filter_by_id2(properties.get(), H5Z_FILTER_DEFLATE, &flags, &n_values,
                                            &level, 0, nullptr, &configuration);
  return found < 0 ? 0 : static_cast<int>(level);
}

}  // namespace

TrajectoryHeader read_trajectory_header(hid_t file, const TrajectoryShape& shape,
                                        const std::string& what) {
  return {read_topology(file, shape.n_atoms, what), read_masses(file, shape.n_atoms, what),
          read_info(file, what)};
}

TrajectoryOptions options_like(hid_t file, const TrajectoryShape& shape, const TrajectoryInfo& info,
                               const std::string& what) {
  const Column position = trajectory_columns(shape)[kPosition];
  const Handle dataset = open_dataset(file, position.path, what);
  TrajectoryOptions options;
  options.block_frames =
      std::max<std::size_t>(1, rows_per_chunk(dataset.get(), position, what) / shape.n_chains);
  options.gzip_level = gzip_level_of(dataset.get(), what);
  options.velocities = shape.velocities;
  options.box = shape.box;
  options.log_weights = shape.log_weights;
  options.observables = shape.observables;
  options.author = info.author;
  options.creator_version = info.creator_version;
  options.title = info.title;
  options.force_field = info.force_field;
  options.resolved_deck = info.resolved_deck;
  options.deck_digest = info.deck_digest;
  options.seed = info.seed;
  options.provenance = info.provenance;
  return options;
}

}  // namespace saltus::io::detail
