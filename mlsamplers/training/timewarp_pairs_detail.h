#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "engine/potential/energy_function.h"
#include "mlsamplers/timewarp/timewarp_flow_detail.h"
#include "mlsamplers/training/leap_trainer.h"
#include "mlsamplers/training/timewarp_options.h"

namespace saltus::mlsamplers {

/// Training pairs as the flow sees them; float32.
struct TimewarpPairs {
  torch::Tensor states;         ///< [B, N, 3], nm, centred
  torch::Tensor displacements;  ///< [B, N, 3], nm
  torch::Tensor auxiliaries;    ///< [B, N, 3], v' of the end
  torch::Tensor fresh;          ///< [B, N, 3], v of the beginning, for the way back
  torch::Tensor noise[2];       ///< [B, N, 3], standard normal, for draws from the flow

  TimewarpPairs rows(std::int64_t first, std::int64_t last) const;
};

/// Pairs of frames of a pilot, in some axes.
class TimewarpPairSource {
 public:
  /// @throws InputError  when the pilot is too short for the lag or has fewer than two series
  TimewarpPairSource(const PilotTrajectory& pilot, const TimewarpTrainingOptions& options,
                     const TimewarpModel& model);

  /// A batch: a function of the options' seed and the step.
  TimewarpPairs training(std::size_t step) const;
  /// Always the same.
  const TimewarpPairs& held_out() const { return held_out_; }
  std::size_t n_pairs() const { return n_training_series_ * n_starts_; }
  /// Root mean square of displacements, nm: the flow's unit.
  double displacement_scale_nm() const;
  /// Digest of options and frames: what a training that goes on must have been begun with.
  std::string digest() const;

 private:
  TimewarpPairs pairs(engine::RandomStream& stream, std::size_t n, std::size_t first_series,
                      std::size_t n_series) const;

  const PilotTrajectory& pilot_;
  const TimewarpTrainingOptions& options_;
  std::array<std::size_t, 3> axes_;
  std::size_t n_training_series_ = 0, n_starts_ = 0, lag_frames_ = 0;
  TimewarpPairs held_out_;
};

/// Energies of [B, N, 3], kJ/mol, with a gradient: what is added to them is 0 and has the slope of
/// minus the forces.
torch::Tensor energies_of(const engine::EnergyFunction& energy, const torch::Tensor& x);

}  // namespace saltus::mlsamplers
