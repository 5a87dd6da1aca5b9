#include "tools/saltus/run/compared_trajectory.h"

#include <algorithm>

#include "engine/core/error.h"
#include "engine/core/units.h"
#include "io/hdf5/trajectory_reader.h"
#include "tools/saltus/run/report.h"

namespace saltus::tools {

namespace {

using engine::InputError;

void check_atoms(const engine::Topology& found, const engine::Topology& wanted,
                 const std::filesystem::path& path) {
  if (found.n_atoms() != wanted.n_atoms())
    throw InputError(path.string() + ": has " + std::to_string(found.n_atoms()) +
                     " atoms, the reference " + std::to_string(wanted.n_atoms()) +
                     "; both have to be of the same molecule");
  for (std::size_t i = 0; i < found.n_atoms(); ++i)
    if (found.describe_atom(i) != wanted.describe_atom(i))
      throw InputError(path.string() + ": " + found.describe_atom(i) +
                       " stands where the reference has " + wanted.describe_atom(i) +
                       "; both have to be of the same molecule, atoms in the same order");
}

/// Chains at the lowest temperature there is.
std::vector<std::size_t> lowest_chains(const std::vector<double>& temperatures_K) {
  const double lowest = *std::min_element(temperatures_K.begin(), temperatures_K.end());
  std::vector<std::size_t> chains;
  for (std::size_t c = 0; c < temperatures_K.size(); ++c)
    if (temperatures_K[c] == lowest) chains.push_back(c);
  return chains;
}

/// Positions of one stored frame, in double.
std::vector<double> frame_of(const ComparedTrajectory& trajectory, std::size_t frame,
                             std::size_t n_values) {
  const auto first =
      trajectory.heavy_positions.begin() + static_cast<std::ptrdiff_t>(frame * n_values);
  return {first, first + static_cast<std::ptrdiff_t>(n_values)};
}

std::vector<double> feature_rows(const ComparedTrajectory& trajectory,
                                 const ComparedCoordinates& coordinates, FeatureChoice choice,
                                 std::size_t first, std::size_t count) {
  std::vector<double> rows;
  rows.reserve(count * n_features(coordinates, choice));
  const std::size_t n_values = 3 * coordinates.heavy_atoms.size();
  for (std::size_t frame = first; frame < first + count; ++frame)
    append_features(coordinates, choice, frame_of(trajectory, frame, n_values), rows);
  return rows;
}

}  // namespace

engine::Topology topology_of(const std::filesystem::path& path) {
  return io::TrajectoryReader(path).topology();
}

ComparedTrajectory read_compared(const std::filesystem::path& path,
                                 const engine::Topology& topology,
                                 const ComparedCoordinates& coordinates) {
  ComparedTrajectory result;
  result.path = path;
  result.summary = analyse_run(RunFiles(path)).summary;
  if (result.summary.is_weighted())
    throw InputError(path.string() + ": the run is " + result.summary.weighting() +
                     "; comparisons count all frames alike and take runs of equal weights only");
  const io::TrajectoryReader reader(path);
  check_atoms(reader.topology(), topology, path);
  if (reader.has_box())
    throw InputError(path.string() + ": has periodic boxes; comparisons are of molecules alone");
  result.force_field = reader.info().force_field;
  const auto frames = static_cast<std::size_t>(result.summary.n_frames);
  const std::vector<double> temperatures_K = reader.observable("temperature", 0, 1);
  const std::vector<std::size_t> chains = lowest_chains(temperatures_K);
  result.temperature_K = temperatures_K[chains[0]];
  result.n_chains = chains.size();
  result.n_steps = frames;

  const std::size_t n_values = 3 * coordinates.heavy_atoms.size();
  result.heavy_positions.resize(result.n_frames() * n_values);
  result.energies_kT.resize(result.n_frames());
  result.angles.assign(coordinates.torsions.size(), std::vector<double>(result.n_frames()));
  const std::vector<double> energies = reader.observable("potential_energy", 0, frames);
  const double kT = engine::kGasConstant * result.temperature_K;
  std::vector<double> x(n_values);
  // Frame by frame: in the file all chains of a frame stand together.
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const engine::CoordinateBatch positions = reader.positions(frame);
    for (std::size_t c = 0; c < chains.size(); ++c) {
      const engine::Span<const double> all = positions.view().chain(chains[c]);
      for (std::size_t i = 0; i < n_values; ++i)
        x[i] = all[3 * coordinates.heavy_atoms[i / 3] + i % 3];
      const std::size_t row = c * frames + frame;
      std::transform(x.begin(), x.end(),
                     result.heavy_positions.begin() + static_cast<std::ptrdiff_t>(row * n_values),
                     [](double value) { return static_cast<float>(value); });
      const std::vector<double> angles = measure_angles(coordinates, x);
      for (std::size_t t = 0; t < angles.size(); ++t) result.angles[t][row] = angles[t];
      result.energies_kT[row] = energies[frame * reader.n_chains() + chains[c]] / kT;
    }
  }
  return result;
}

engine::FeatureChains features_for_fit(const ComparedTrajectory& trajectory,
                                       const ComparedCoordinates& coordinates, FeatureChoice choice,
                                       std::size_t lag, std::size_t max_frames) {
  engine::FeatureChains features;
  features.n_features = n_features(coordinates, choice);
  std::vector<std::size_t> starts;
  std::size_t length = trajectory.n_steps;
  if (trajectory.n_frames() > max_frames) {
    constexpr std::size_t kLags = 10, kMinPiece = 200;
    length = std::min(length, std::max(kLags * lag, kMinPiece));
    const std::size_t pieces = std::max<std::size_t>(2, max_frames / length);
    const std::size_t rounds = (pieces + trajectory.n_chains - 1) / trajectory.n_chains;
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      // With fewer pieces than chains, not only the first chains.
      const std::size_t chain =
          rounds > 1 ? piece % trajectory.n_chains : piece * trajectory.n_chains / pieces;
      const std::size_t round = rounds > 1 ? piece / trajectory.n_chains : 0;
      const std::size_t room = trajectory.n_steps - length;
      starts.push_back(chain * trajectory.n_steps + (rounds > 1 ? round * room / (rounds - 1) : 0));
    }
  } else {
    for (std::size_t chain = 0; chain < trajectory.n_chains; ++chain)
      starts.push_back(chain * trajectory.n_steps);
  }
  features.n_chains = starts.size();
  features.n_steps = length;
  features.rows = [&trajectory, &coordinates, choice, starts, length](std::size_t piece) {
    return feature_rows(trajectory, coordinates, choice, starts[piece], length);
  };
  return features;
}

void project(const engine::TicaModel& tica, const ComparedCoordinates& coordinates,
             FeatureChoice choice, ComparedTrajectory& trajectory) {
  const std::size_t n = tica.n_components();
  trajectory.tics.assign(n, {});
  for (std::size_t chain = 0; chain < trajectory.n_chains; ++chain) {
    const std::vector<double> values = tica.project(feature_rows(
        trajectory, coordinates, choice, chain * trajectory.n_steps, trajectory.n_steps));
    for (std::size_t i = 0; i < values.size(); ++i) trajectory.tics[i % n].push_back(values[i]);
  }
  trajectory.heavy_positions.clear();
  trajectory.heavy_positions.shrink_to_fit();
}

}  // namespace saltus::tools
