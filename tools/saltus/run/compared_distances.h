#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "engine/core/thread_pool.h"
#include "io/report/comparison_data.h"
#include "tools/saltus/decks/compare_deck.h"
#include "tools/saltus/run/compared_trajectory.h"

namespace saltus::tools {

/// Frames of some chains between two steps.
struct FrameRange {
  std::size_t first_chain = 0, last_chain = 0;  ///< [first, last)
  std::size_t first_step = 0, last_step = 0;

  std::size_t size() const { return (last_chain - first_chain) * (last_step - first_step); }
};

/// All frames.
FrameRange whole(const ComparedTrajectory& trajectory);
/// Half 0 or 1: of the chains, or of the steps when there is one chain.
FrameRange half(const ComparedTrajectory& trajectory, int which);

/// Frames as points: energies in kT, all phi and psi, the first two TICs; row-major.
struct FrameSample {
  std::size_t n_frames = 0, n_torsions = 0, n_tics = 0;
  std::vector<double> energies_kT, torsions, tics;
};

/// `n` frames spread evenly over time and chains.
/// @param draw  number of the draw; another one gives other frames
/// @throws InputError  when the range has fewer than `n`
FrameSample sample_frames(const ComparedTrajectory& trajectory,
                          const ComparedCoordinates& coordinates, const FrameRange& range,
                          std::size_t n, std::uint32_t draw);

/// Distances of a run to its reference, each with its floor, at its end and along it.
class DistanceMeter {
 public:
  /// All are referred to.
  DistanceMeter(const ComparedTrajectory& reference, const ComparedCoordinates& coordinates,
                const ComparedDistancesDeck& deck, engine::ThreadPool& pool);

  /// @param run  gets `distances` and `curve`; its costs are there already
  void measure(const ComparedTrajectory& trajectory, io::ComparisonData::Run& run);

 private:
  /// The four distances of two samples, in the order of `Distances`.
  using Four = std::array<double, 4>;
  /// Mean and standard error of the mean of several pairs.
  struct Floor {
    Four mean, error;
  };

  std::vector<Four> work_out(const std::vector<std::pair<FrameSample, FrameSample>>& pairs);
  const Floor& floor_of(std::size_t n_frames);
  io::ComparisonData::Distances with_floor(std::size_t n_frames, const Four& values);
  std::pair<FrameSample, FrameSample> samples(const ComparedTrajectory& trajectory,
                                              const FrameRange& range, std::size_t n_frames) const;

  const ComparedTrajectory& reference_;
  const ComparedCoordinates& coordinates_;
  const ComparedDistancesDeck& deck_;
  engine::ThreadPool& pool_;
  std::map<std::size_t, Floor> floors_;  ///< by number of frames
};

/// Largest distance of a reference frame (at most 2,000 of them) to the nearest of a run (at most
/// 20,000) in the plane of TIC 0 and TIC 1, each divided by its largest magnitude in the reference.
double farthest_reference_frame(const ComparedTrajectory& reference,
                                const ComparedTrajectory& trajectory);

}  // namespace saltus::tools
