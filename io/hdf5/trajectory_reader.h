#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::io {

/// What a trajectory file says about the run that wrote it.
struct TrajectoryInfo {
  std::string author, creator_version, title, force_field;
  std::string resolved_deck, deck_digest;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> provenance;
};

/// Reads a trajectory of TrajectoryWriter, also while another process writes it (refresh() shows
/// the new frames) and after its writer was killed. A process cannot read what it is writing
/// itself: close the writer first. "Frame" means one step of all chains.
///
/// All methods throw FileError when the file cannot be read and InputError for a frame, chain or
/// observable that is not there.
class TrajectoryReader {
 public:
  /// @throws FileError   when the file cannot be read or is damaged; the message says to repair it
  ///                     where that may help
  /// @throws InputError  when it is not a Saltus trajectory
  explicit TrajectoryReader(const std::filesystem::path& path);
  TrajectoryReader(TrajectoryReader&&) noexcept;
  TrajectoryReader& operator=(TrajectoryReader&&) noexcept;
  ~TrajectoryReader();

  const engine::Topology& topology() const;
  const std::vector<double>& masses() const;  ///< [N], dalton
  const TrajectoryInfo& info() const;
  std::size_t n_atoms() const;
  std::size_t n_chains() const;
  std::uint64_t n_frames() const;
  bool has_velocities() const;
  bool has_box() const;
  /// False for files of earlier versions of the program, in which all weights are equal.
  bool has_log_weights() const;
  /// Names for observable(): "potential_energy", "temperature" and the run's own.
  std::vector<std::string> observable_names() const;

  /// Looks for frames written since; n_frames() may grow.
  void refresh();

  std::vector<std::uint64_t> steps(std::uint64_t first, std::uint64_t count) const;  ///< [count]
  std::vector<double> times(std::uint64_t first, std::uint64_t count) const;  ///< [count], ps

  /// All chains of one frame: [B, N, 3], nm (stored as float32), in their boxes if has_box().
  engine::CoordinateBatch positions(std::uint64_t frame) const;
  /// One chain of `count` frames from `first`: [count, N, 3], nm, in their boxes if has_box().
  engine::CoordinateBatch chain_positions(std::size_t chain, std::uint64_t first,
                                          std::uint64_t count) const;
  /// [B, N, 3], nm/ps.
  engine::CoordinateBatch velocities(std::uint64_t frame) const;
  /// The box of every chain, [B].
  /// @throws InputError  when there are none, or they are not lower triangular
  std::vector<engine::Box> boxes(std::uint64_t frame) const;
  /// [count, B], in the observable's unit.
  std::vector<double> observable(const std::string& name, std::uint64_t first,
                                 std::uint64_t count) const;
  /// [count, B], dimensionless: log-weights the chains had when frames were taken, -inf for weight
  /// 0; all 0 without has_log_weights().
  std::vector<double> log_weights(std::uint64_t first, std::uint64_t count) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace saltus::io
