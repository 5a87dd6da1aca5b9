#include "io/hdf5/trajectory_creation_detail.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/core/error.h"
#include "io/files/durable_file.h"
#include "io/files/file_place.h"
#include "io/hdf5/repair.h"
#include "io/hdf5/topology_json.h"

namespace saltus::io::detail {
namespace {

using engine::FileError;
using engine::InputError;
using engine::Topology;

constexpr int kMaxGzipLevel = 9;

// Small pieces of metadata must not cross the memory pages of the operating system: a writer that
// is killed between two pages would leave a piece half new, half old, with a wrong checksum.
Handle make_file_creation(const std::string& what) {
  constexpr hsize_t kPageBytes = 4096;
  Handle creation = checked(H5Pcreate(H5P_FILE_CREATE), H5Pclose, what);
  check(H5Pset_file_space_strategy(creation.get(), H5F_FSPACE_STRATEGY_PAGE, false, 1), what);
  check(H5Pset_file_space_page_size(creation.get(), kPageBytes), what);
  return creation;
}

void check_observables(const TrajectoryOptions& options) {
  std::set<std::string> used = {"chain", "potential_energy", "temperature"};
  if (options.log_weights) used.insert(kLogWeightName);
  for (const Observable& observable : options.observables) {
    const std::string& name = observable.name;
    const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_word))
      throw InputError("trajectory: observable name '" + name +
                       "' must be made of letters, digits and '_'");
    if (!used.insert(name).second)
      throw InputError("trajectory: observable '" + name + "' is there twice or is a built-in one");
    if (observable.unit.empty())
      throw InputError("trajectory: observable '" + name +
                       "' has no unit; write \"1\" when it is dimensionless");
  }
}

void check_masses(engine::Span<const double> masses, std::size_t n_atoms) {
  if (masses.size() != n_atoms)
    throw InputError("trajectory: " + std::to_string(masses.size()) + " masses for " +
                     std::to_string(n_atoms) + " atoms");
  for (std::size_t i = 0; i < masses.size(); ++i) {
    if (!std::isfinite(masses[i]) || masses[i] < 0)
      throw InputError("trajectory: mass of atom " + std::to_string(i) + " is " +
                       std::to_string(masses[i]) + ", expected a number not below 0");
  }
}

std::string observables_to_json(const std::vector<Observable>& observables) {
  nlohmann::json list = nlohmann::json::array();
  for (const Observable& observable : observables)
    list.push_back({{"name", observable.name}, {"unit", observable.unit}});
  return list.dump();
}

std::string provenance_to_json(const std::map<std::string, std::string>& provenance) {
  try {
    return nlohmann::json(provenance).dump();
  } catch (const nlohmann::json::exception& error) {
    throw InputError(std::string("trajectory: provenance cannot be written as JSON: ") +
                     error.what());
  }
}

// Root attributes of the MDTraj convention.
void write_mdtraj_attributes(hid_t file, const TrajectoryOptions& options,
                             const std::string& what) {
  const Handle root = open_group(file, "/", what);
  write_attribute(root.get(), "conventions", std::string("Pande"), what);
  write_attribute(root.get(), "conventionVersion", std::string("1.1"), what);
  write_attribute(root.get(), "program", std::string("Saltus"), what);
  write_attribute(root.get(), "programVersion", options.creator_version, what);
  write_attribute(root.get(), "application", std::string("Saltus"), what);
  write_attribute(root.get(), "title", options.title, what);
  write_attribute(root.get(), "forcefield", options.force_field, what);
  write_attribute(root.get(), "randomState", std::to_string(options.seed), what);
}

// The group /h5md of the H5MD convention with its module `units`.
void write_h5md_group(hid_t file, const TrajectoryOptions& options, const std::string& what) {
  const Handle h5md = create_group(file, "/h5md", what);
  write_attribute(h5md.get(), "version", std::vector<int>{1, 1}, what);
  const Handle author = create_group(file, "/h5md/author", what);
  write_attribute(author.get(), "name", options.author, what);
  const Handle creator = create_group(file, "/h5md/creator", what);
  write_attribute(creator.get(), "name", std::string("Saltus"), what);
  write_attribute(creator.get(), "version", options.creator_version, what);
  create_group(file, "/h5md/modules", what);
  const Handle units = create_group(file, "/h5md/modules/units", what);
  write_attribute(units.get(), "version", std::vector<int>{1, 0}, what);
  write_attribute(units.get(), "system", std::string("SI"), what);
}

void write_parameters(hid_t file, std::size_t n_chains, const TrajectoryOptions& options,
                      const std::string& what) {
  create_group(file, "/parameters", what);
  const Handle group = create_group(file, kParametersPath, what);
  write_attribute(group.get(), "layout_version",
                  options.log_weights ? kTrajectoryLayoutVersion : std::uint64_t{1}, what);
  write_attribute(group.get(), "n_chains", std::uint64_t{n_chains}, what);
  write_attribute(group.get(), "seed", options.seed, what);
  write_attribute(group.get(), "deck", options.resolved_deck, what);
  write_attribute(group.get(), "deck_digest", options.deck_digest, what);
  write_attribute(group.get(), "observables", observables_to_json(options.observables), what);
  write_attribute(group.get(), "provenance", provenance_to_json(options.provenance), what);
}

void write_units(const Handle& dataset, const std::string& unit, const std::string& units,
                 const std::string& what) {
  write_attribute(dataset.get(), "unit", unit, what);
  write_attribute(dataset.get(), "units", units, what);
}

void write_particles(hid_t file, const Topology& topology, engine::Span<const double> masses,
                     const TrajectoryShape& shape, const std::string& what) {
  const std::string particles = kParticlesPath;
  create_group(file, "/particles", what);
  create_group(file, particles, what);
  create_group(file, particles + "/position", what);
  if (shape.velocities) create_group(file, particles + "/velocity", what);
  const Handle box = create_group(file, particles + "/box", what);
  write_attribute(box.get(), "dimension", std::vector<int>{3}, what);
  const std::string boundary = shape.box ? "periodic" : "none";
  write_attribute(box.get(), "boundary", std::vector<std::string>(3, boundary), what);
  if (shape.box) create_group(file, particles + "/box/edges", what);

  std::vector<std::int32_t> species;
  for (const engine::Atom& atom : topology.atoms) species.push_back(atom.atomic_number);
  write_units(write_fixed_dataset(file, particles + "/species",
                                  {H5T_NATIVE_INT32, {species.size()}, species.data()}, what),
              "1", "dimensionless", what);
  write_units(write_fixed_dataset(file, particles + "/mass",
                                  {H5T_NATIVE_DOUBLE, {masses.size()}, masses.data()}, what),
              "u", "dalton", what);
}

void write_connectivity(hid_t file, const Topology& topology, const std::string& what) {
  create_group(file, "/connectivity", what);
  std::vector<std::int64_t> pairs;
  for (const engine::Bond& bond : topology.bonds) {
    pairs.push_back(static_cast<std::int64_t>(bond.first));
    pairs.push_back(static_cast<std::int64_t>(bond.second));
  }
  const Handle bonds = write_fixed_dataset(
      file, "/connectivity/bonds", {H5T_NATIVE_INT64, {pairs.size() / 2, 2}, pairs.data()}, what);
  write_units(bonds, "1", "dimensionless", what);
  hobj_ref_t particles = 0;
  check(H5Rcreate(&particles, file, kParticlesPath, H5R_OBJECT, -1), what);
  const Handle space = checked(H5Screate(H5S_SCALAR), H5Sclose, what);
  const Handle attribute = checked(H5Acreate2(bonds.get(), "particles_group", H5T_STD_REF_OBJ,
                                              space.get(), H5P_DEFAULT, H5P_DEFAULT),
                                   H5Aclose, what);
  check(H5Awrite(attribute.get(), H5T_STD_REF_OBJ, &particles), what);
}

void write_columns(hid_t file, const TrajectoryShape& shape, const TrajectoryOptions& options,
                   const std::string& what) {
  const std::vector<Column> columns = trajectory_columns(shape);
  create_group(file, "/observables", what);
  for (const char* name : {"chain", "potential_energy", "temperature"})
    create_group(file, std::string("/observables/") + name, what);
  if (shape.log_weights) create_group(file, std::string("/observables/") + kLogWeightName, what);
  for (const Observable& observable : shape.observables)
    create_group(file, "/observables/" + observable.name, what);
  const std::size_t rows = chunk_rows(choose_block_frames(options.block_frames, shape), shape);
  for (const Column& column : columns) create_column(file, column, rows, options.gzip_level, what);
}

}  // namespace

void check_trajectory_options(const Topology& topology, std::size_t n_chains,
                              const TrajectoryOptions& options) {
  if (topology.n_atoms() == 0) throw InputError("trajectory: the topology has no atoms");
  if (n_chains == 0) throw InputError("trajectory: there must be at least one chain, got 0");
  if (options.gzip_level < 0 || options.gzip_level > kMaxGzipLevel)
    throw InputError("trajectory: gzip_level is " + std::to_string(options.gzip_level) +
                     ", expected 0 to 9");
  if (!(options.flush_seconds >= 0))
    throw InputError("trajectory: flush_seconds is " + std::to_string(options.flush_seconds) +
                     ", expected a number not below 0");
  check_observables(options);
}

TrajectoryPlace create_empty_trajectory(const std::filesystem::path& name, const Topology& topology,
                                        engine::Span<const double> masses, std::size_t n_chains,
                                        const TrajectoryOptions& options) {
  require_file_place(name);
  const std::filesystem::path path = behind_links(name);
  check_masses(masses, topology.n_atoms());
  const std::string json = topology_to_json(topology);
  const std::string what = "cannot create trajectory '" + path.string() + "'";
  if (std::filesystem::exists(path)) {
    if (!options.overwrite)
      throw FileError(what + ": it exists; choose another name, continue it, or ask to overwrite");
    refuse_if_in_use(path);
    remove_unfinished_repair(path);
  }
  std::filesystem::path temporary = path;
  temporary += ".new";
  require_file_place(temporary);
  try {
    const Handle access = make_file_access(what), creation = make_file_creation(what);
    Handle file = checked(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()),
                          H5Fclose, what);
    const TrajectoryShape shape = shape_of_options(topology.n_atoms(), n_chains, options);
    write_mdtraj_attributes(file.get(), options, what);
    write_h5md_group(file.get(), options, what);
    write_parameters(file.get(), n_chains, options, what);
    write_particles(file.get(), topology, masses, shape, what);
    write_connectivity(file.get(), topology, what);
    write_columns(file.get(), shape, options, what);
    write_text_dataset(file.get(), "/topology", json, what);
    check(file.reset(), what);
    return {temporary, path};
  } catch (const engine::Error&) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw;
  }
}

}  // namespace saltus::io::detail
