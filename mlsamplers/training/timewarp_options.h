#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/units.h"
#include "mlsamplers/timewarp/timewarp_model.h"

namespace saltus::mlsamplers {

/// Second stage of a training: the loss is a sum over states x of a batch, divided by atoms, of
///   likelihood  -log q(y, v|x) of data,
///   energy      U(y)/kT + |v|^2/2 + log q(y, v|x) of draws (y, v),
///   acceptance  max(0, -log r) + entropy log q(y, v|x) of draws, r being the Metropolis ratio.
/// The clamp is that of min(1, r): draws that are accepted for certain teach nothing more, and bad
/// ones keep their gradient. Without the entropy term, acceptance is best for steps that go
/// nowhere.
struct TimewarpTuningOptions {
  std::size_t n_steps = 0;  ///< 0: no such stage
  double learning_rate = 1e-4;
  double likelihood = 0.9, energy = 0.0, acceptance = 0.1, entropy = 0.1;  ///< weights
  double largest_rise_kT = 300.0;  ///< draws whose energy is higher than that above x are left out
};

/// Size of a Timewarp flow and schedule of its training. What users may leave out has its default
/// here and nowhere else: decks hold one of these.
struct TimewarpTrainingOptions {
  TimewarpShape shape;
  TimewarpFrame frame = TimewarpFrame::kBody;
  std::uint64_t seed = 0;
  double lag_ps = 10.0;           ///< time between the two ends of a training pair
  std::size_t n_steps = 3000;     ///< gradients of the likelihood
  std::size_t batch_size = 128;   ///< pairs per gradient
  double learning_rate = 1.5e-3;  ///< of Adam; rises at first, then falls as a cosine
  std::size_t n_rise = 100;       ///< gradients in which it rises
  double max_gradient_norm = 5.0;
  double averaging = 0.99;  ///< of weights: w <- a w + (1 - a) new; what is kept are averages
  double held_out_fraction = 0.1;  ///< of the series, at least one
  std::size_t check_period = 100;  ///< gradients between points of the held-out curve
  std::size_t n_held_out = 512;    ///< pairs of each point
  /// Where a state turned and went in the time of a lag says nothing of its shape and is forgotten:
  /// y is laid on x and then turned and shifted by normal numbers of these widths. Atoms then move
  /// by about as much as bonds stretch, so that no direction is much narrower than the others.
  double turn_rad = engine::kRadianPerDegree, shift_nm = 0.002;
  TimewarpTuningOptions tuning;

  /// @throws InputError  naming what is out of range
  void validate() const;
};

}  // namespace saltus::mlsamplers
