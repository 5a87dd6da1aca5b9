#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/span.h"
#include "engine/system/coordinates.h"
#include "engine/system/topology.h"

namespace saltus::io {

/// A further number per chain and frame, stored as /observables/<name>.
struct Observable {
  std::string name;        ///< letters, digits and '_'; "log_acceptance"
  std::string unit = "1";  ///< as H5MD spells it: "kJ mol-1"; "1" when dimensionless
};

/// What is known about a run before its first frame; all of it is kept in the file.
struct TrajectoryOptions {
  /// Frames (of all chains) that are compressed and written together; 0: as many as fill 64 KiB.
  std::size_t block_frames = 0;
  /// An append that comes so long after the last flush flushes a block that is not yet full, s.
  double flush_seconds = 5.0;
  /// 0 (none) to 9, for positions and velocities; lossless.
  int gzip_level = 1;
  bool velocities = false;
  /// Positions come with their periodic boxes, which are stored.
  bool box = false;
  /// Store the chains' log-weights, also when they are equal. Without, the file has layout version
  /// 1, which earlier versions of the program read, and takes frames of weight 1 only.
  bool log_weights = true;
  /// Replace an existing file; otherwise it is refused.
  bool overwrite = false;
  std::vector<Observable> observables;

  std::string author = "unknown";
  std::string creator_version;
  std::string title;
  std::string force_field;
  std::string resolved_deck;
  std::string deck_digest;
  std::uint64_t seed = 0;
  std::map<std::string, std::string> provenance;  ///< versions, checksums of inputs, host, ...
};

/// All chains after one step.
struct Frame {
  std::uint64_t step = 0;
  double time_ps = 0.0;
  engine::ConstCoordinates positions;   ///< [B, N, 3], nm; with boxes if and only if options.box
  engine::ConstCoordinates velocities;  ///< [B, N, 3], nm/ps; only with options.velocities
  engine::Span<const double> potential_energies;  ///< [B], kJ/mol
  engine::Span<const double> temperatures;        ///< [B], K, of each chain's thermodynamic state
  engine::Span<const double> log_weights;         ///< [B], dimensionless; -inf: weight 0
  engine::Span<const double> observables;         ///< [n_observables, B]
};

/// Writes a trajectory that H5MD 1.1 and MDTraj 1.1 programs read, also while it grows, and that
/// survives `kill -9`. Layout and reasons: io/hdf5/README.md.
///
/// Positions and velocities are stored as float32, energies, weights, times and observables as
/// float64. A frame carries the weights its chains had when it was taken. Rows
/// are ordered by step, then chain: row = frame * n_chains + chain. "Frame" always means one step
/// of all chains here.
///
/// Not safe for use from several threads; neither is the HDF5 library, so only one thread of a
/// process may use io/hdf5 at a time. Local POSIX file systems only (no NFS): SWMR needs them.
class TrajectoryWriter {
 public:
  /// Creates a file.
  /// @param masses  [N], dalton
  /// @throws InputError  for options, topology or masses that do not fit together
  /// @throws FileError   when the file exists (without options.overwrite) or cannot be created
  TrajectoryWriter(const std::filesystem::path& path, const engine::Topology& topology,
                   engine::Span<const double> masses, std::size_t n_chains,
                   const TrajectoryOptions& options);

  /// Opens a file to continue after its first `n_frames` frames
  /// (engine::Checkpoint::frames_written); later ones are cut off. A file left behind by a killed
  /// writer is repaired first. Of `options` block_frames (must fit the chunks only for speed),
  /// flush_seconds, velocities, box and observables are used; the latter three must be those of the
  /// file. Whether log-weights are stored stays as the file has it.
  /// @throws InputError  when topology, chains, columns or deck_digest differ from the file's, or
  ///                     when it has fewer frames
  /// @throws FileError   when it cannot be opened, or another process has it open
  static TrajectoryWriter open_for_append(const std::filesystem::path& path, std::uint64_t n_frames,
                                          const engine::Topology& topology, std::size_t n_chains,
                                          const TrajectoryOptions& options);

  TrajectoryWriter(TrajectoryWriter&&) noexcept;
  TrajectoryWriter& operator=(TrajectoryWriter&&) noexcept;
  /// Closes; errors are lost, so call close() where they matter.
  ~TrajectoryWriter();

  /// Takes a frame into the current block; writes the block when it is full or flush_seconds have
  /// passed. Copies what it needs.
  /// @throws InputError      when arrays have the wrong size, the step does not grow, or chains
  /// have
  ///                         weights that a file of layout version 1 cannot hold
  /// @throws NumericalError  when a number is NaN, or too large for its type; nothing of the frame
  ///                         is kept then
  /// @throws FileError       when writing fails; the frames of frames_written() are safe. "No space
  ///                         left on device" is noticed before anything is written: the file stays
  ///                         whole, the block stays in memory, and flush() may be tried again.
  ///                         After any other failure every later call throws as well, the file
  ///                         needs repair, and only another process can do that
  void append(const Frame& frame);

  /// Hands all frames to the operating system: safe when the process dies, visible to readers.
  void flush();
  /// flush(), then waits until the disk has them: safe when the machine dies. Before a checkpoint.
  void sync();
  /// flush(), then closes the file; append() is an error afterwards.
  void close();

  /// Flushed frames, each of all chains: what a checkpoint may promise.
  std::uint64_t frames_written() const;
  /// Frames taken by append(), flushed or not, and those already in the file.
  std::uint64_t frames_appended() const;

 private:
  class Impl;
  explicit TrajectoryWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace saltus::io
