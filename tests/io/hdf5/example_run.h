#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "engine/system/topology.h"
#include "io/hdf5/trajectory_writer.h"

/// A made-up run whose every number is a function of (frame, chain, atom), so that tests can tell
/// what a file must contain without having written it themselves.
namespace saltus::io::example {

constexpr double kTimeStep_ps = 0.02;
constexpr std::uint64_t kStepsPerFrame = 10;

/// Two residues of chain A (one with an insertion code), a water with a massless site as chain B.
inline engine::Topology make_topology() {
  engine::Topology topology;
  topology.residues = {{"ACE", "A", 1, ""}, {"ALA", "A", 1, "C"}, {"HOH", "B", -4, ""}};
  topology.atoms = {{"C", 6, 0}, {"O", 8, 0},  {"N", 7, 1},  {"CA", 6, 1}, {"CL", 17, 1},
                    {"O", 8, 2}, {"H1", 1, 2}, {"H2", 1, 2}, {"M", 0, 2}};
  topology.bonds = {{0, 1}, {0, 2}, {2, 3}, {3, 4}, {5, 6}, {5, 7}};
  return topology;
}

inline std::vector<double> make_masses() {
  return {12.011, 15.999, 14.007, 12.011, 35.45, 15.999, 1.008, 1.008, 0.0};
}

/// A number in (-1, 1) that looks random; different for every argument.
inline double number(std::uint64_t frame, std::uint64_t chain, std::uint64_t item) {
  std::uint64_t z = frame * 0x9E3779B97F4A7C15ULL + chain * 0xBF58476D1CE4E5B9ULL + item + 1;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-52 - 1.0;
}

/// Owns the arrays of one frame.
class ExampleFrame {
 public:
  ExampleFrame(std::uint64_t index, std::size_t n_chains, std::size_t n_atoms,
               const TrajectoryOptions& options)
      : positions_(n_chains, n_atoms), velocities_(n_chains, n_atoms) {
    for (std::size_t c = 0; c < n_chains; ++c) {
      for (std::size_t i = 0; i < 3 * n_atoms; ++i) {
        positions_.chain(c)[i] = 5.0 * number(index, c, i);
        velocities_.chain(c)[i] = number(index, c, 1'000'000 + i);
      }
      energies_.push_back(-100.0 + number(index, c, 2'000'000));
      temperatures_.push_back(300.0 + 10.0 * static_cast<double>(c));
      const bool weightless = (index + c) % 5 == 4;
      const double weight = weightless ? -std::numeric_limits<double>::infinity()
                                       : 20.0 * number(index, c, 5'000'000);
      log_weights_.push_back(options.log_weights ? weight : 0.0);
      const double stretch = 1.0 + 0.01 * number(index, c, 3'000'000);
      for (double value : {3.0, 0.0, 0.0, 0.5, 4.0, 0.0, 0.25, -0.5, 5.0})
        box_.push_back(value * stretch);
      boxes_.push_back(engine::Box::from_vectors({box_.data() + 9 * c, 9}));
    }
    for (std::size_t o = 0; o < options.observables.size(); ++o)
      for (std::size_t c = 0; c < n_chains; ++c)
        observables_.push_back(number(index, c, 4'000'000 + o));
    frame_.step = (index + 1) * kStepsPerFrame;
    frame_.time_ps = static_cast<double>(index + 1) * kTimeStep_ps;
    if (!options.velocities) velocities_ = engine::CoordinateBatch();
    if (!options.box) boxes_.clear();
  }

  /// The view is valid as long as this object.
  Frame view() {
    frame_.positions = positions_.view();
    frame_.positions.boxes = boxes_;
    frame_.velocities = velocities_.view();
    frame_.potential_energies = energies_;
    frame_.temperatures = temperatures_;
    frame_.log_weights = log_weights_;
    frame_.observables = observables_;
    return frame_;
  }

  engine::CoordinateBatch& positions() { return positions_; }
  engine::CoordinateBatch& velocities() { return velocities_; }
  std::vector<double>& energies() { return energies_; }
  std::vector<double>& temperatures() { return temperatures_; }
  std::vector<double>& log_weights() { return log_weights_; }
  std::vector<engine::Box>& boxes() { return boxes_; }
  /// [B, 3, 3], as files have them.
  const std::vector<double>& box_vectors() const { return box_; }
  std::vector<double>& observables() { return observables_; }

 private:
  engine::CoordinateBatch positions_, velocities_;
  std::vector<double> energies_, temperatures_, log_weights_, box_, observables_;
  std::vector<engine::Box> boxes_;
  Frame frame_;
};

/// Appends frames [first, last).
inline void append_frames(TrajectoryWriter& writer, std::uint64_t first, std::uint64_t last,
                          std::size_t n_chains, const TrajectoryOptions& options) {
  for (std::uint64_t f = first; f < last; ++f)
    writer.append(ExampleFrame(f, n_chains, make_topology().n_atoms(), options).view());
}

/// Everything on: velocities, box, weights, two observables.
inline TrajectoryOptions full_options() {
  TrajectoryOptions options;
  options.block_frames = 7;
  options.velocities = true;
  options.box = true;
  options.observables = {{"log_acceptance", "1"}, {"end_to_end", "nm"}};
  options.author = "Ada Lovelace";
  options.creator_version = "0.1.0-test";
  options.title = "example";
  options.force_field = "made up";
  options.resolved_deck = "schema = 1\n# \xC3\xA9t\xC3\xA9\n";
  options.deck_digest = "0123abcd";
  options.seed = 18'446'744'073'709'551'615ULL;
  options.provenance = {{"compiler", "GNU \"12\""}, {"git", "abc"}};
  return options;
}

}  // namespace saltus::io::example
