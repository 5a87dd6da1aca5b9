#include "mlsamplers/training/timewarp_pairs_detail.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"

namespace saltus::mlsamplers {

using engine::InputError;
using engine::RandomStream;
using torch::Tensor;

namespace {

std::int64_t number(std::size_t value) { return static_cast<std::int64_t>(value); }

void require(bool ok, const std::string& what) {
  if (!ok) throw InputError("timewarp training: " + what);
}

/// Standard normal numbers, float64.
Tensor normal(RandomStream& stream, torch::IntArrayRef sizes) {
  Tensor values = torch::empty(sizes, torch::kFloat64);
  auto* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = stream.normal();
  return values;
}

/// Rotations [B, 3, 3] of quaternions [B, 4], which need not be normalised.
Tensor rotations_of(const Tensor& quaternions) {
  const auto q = (quaternions / quaternions.norm(2, 1, true)).unbind(1);
  const Tensor &w = q[0], &x = q[1], &y = q[2], &z = q[3];
  return torch::stack({1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
                       2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
                       2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)},
                      1)
      .view({-1, 3, 3});
}

/// Turns by about `width` about each axis.
Tensor small_rotations(RandomStream& stream, std::int64_t n, double width) {
  const Tensor half_angles = 0.5 * width * normal(stream, {n, 3});
  return rotations_of(torch::cat({torch::ones({n, 1}, torch::kFloat64), half_angles}, 1));
}

Tensor turned(const Tensor& x, const Tensor& rotations) {
  return torch::matmul(x, rotations.transpose(1, 2));
}

}  // namespace

void TimewarpTrainingOptions::validate() const {
  shape.validate();
  require(lag_ps > 0.0, "the lag must be positive");
  require(n_steps > 0 && batch_size > 0 && check_period > 0 && n_held_out > 0,
          "steps, batch size, check period and held-out pairs must be positive");
  require(learning_rate > 0.0 && tuning.learning_rate > 0.0 && max_gradient_norm > 0.0,
          "learning rates and the largest gradient must be positive");
  require(averaging >= 0.0 && averaging < 1.0, "averaging must be in [0, 1)");
  require(held_out_fraction > 0.0 && held_out_fraction < 1.0,
          "the held-out fraction must be between 0 and 1");
  require(turn_rad > 0.0 && shift_nm > 0.0, "turn and shift must be positive");
  require(tuning.likelihood >= 0.0 && tuning.energy >= 0.0 && tuning.acceptance >= 0.0 &&
              tuning.entropy >= 0.0 && tuning.largest_rise_kT > 0.0,
          "weights of the tuning must not be negative, its largest rise must be positive");
}

TimewarpPairs TimewarpPairs::rows(std::int64_t first, std::int64_t last) const {
  TimewarpPairs part;
  part.states = states.slice(0, first, last);
  part.displacements = displacements.slice(0, first, last);
  part.auxiliaries = auxiliaries.slice(0, first, last);
  part.fresh = fresh.slice(0, first, last);
  for (std::size_t i = 0; i < 2; ++i) part.noise[i] = noise[i].slice(0, first, last);
  return part;
}

TimewarpPairSource::TimewarpPairSource(const PilotTrajectory& pilot,
                                       const TimewarpTrainingOptions& options,
                                       const TimewarpModel& model)
    : pilot_(pilot), options_(options), axes_(model.axes) {
  require(pilot.n_series > 1, "at least 2 series are needed, one of them to be held out, got " +
                                  std::to_string(pilot.n_series));
  lag_frames_ =
      static_cast<std::size_t>(std::max(1L, std::lround(options.lag_ps / pilot.frame_spacing_ps)));
  require(pilot.n_frames > lag_frames_,
          "the pilot's " + std::to_string(pilot.n_frames) + " frames, " +
              engine::significant_text(pilot.frame_spacing_ps, 6) +
              " ps apart, are too few for a lag of " + engine::significant_text(options.lag_ps, 6) +
              " ps: make the pilot longer or the lag shorter");
  require(pilot.frames.n_atoms() == model.elements.size(), "the pilot is of another molecule");
  n_starts_ = pilot.n_frames - lag_frames_;
  const double wanted = options.held_out_fraction * static_cast<double>(pilot.n_series);
  const auto n_held_out =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(wanted)), 1, pilot.n_series - 1);
  n_training_series_ = pilot.n_series - n_held_out;
  RandomStream stream(engine::StepKey{options.seed, 0}.child(1),
                      engine::StreamName::kTrainingShuffle, 0);
  held_out_ = pairs(stream, options.n_held_out, n_training_series_, n_held_out);
}

TimewarpPairs TimewarpPairSource::training(std::size_t step) const {
  RandomStream stream({options_.seed, step}, engine::StreamName::kTrainingShuffle, 1);
  return pairs(stream, options_.batch_size, 0, n_training_series_);
}

TimewarpPairs TimewarpPairSource::pairs(RandomStream& stream, std::size_t n,
                                        std::size_t first_series, std::size_t n_series) const {
  const std::int64_t rows = number(n), n_atoms = number(pilot_.frames.n_atoms());
  Tensor ends[2] = {torch::empty({rows, n_atoms, 3}, torch::kFloat64),
                    torch::empty({rows, n_atoms, 3}, torch::kFloat64)};
  const std::size_t stride = 3 * pilot_.frames.n_atoms();
  for (std::size_t row = 0; row < n; ++row) {
    const std::size_t series = first_series + stream.below(n_series);
    const std::size_t first = series * pilot_.n_frames + stream.below(n_starts_);
    const std::size_t reversed = stream.below(2);
    for (std::size_t end = 0; end < 2; ++end) {
      const auto frame = pilot_.frames.chain(first + end * lag_frames_);
      std::copy(frame.begin(), frame.end(), ends[end ^ reversed].data_ptr<double>() + row * stride);
    }
  }
  // The end laid on the beginning, then moved a little.
  Tensor states = body_poses(ends[0], axes_).into(ends[0]);
  Tensor targets = turned(body_poses(ends[1], axes_).into(ends[1]),
                          small_rotations(stream, rows, options_.turn_rad)) +
                   options_.shift_nm * normal(stream, {rows, 1, 3});
  if (options_.frame != TimewarpFrame::kBody) {
    const Tensor rotations = rotations_of(normal(stream, {rows, 4}));
    states = turned(states, rotations);
    targets = turned(targets, rotations);
  }
  const auto numbers = [&] { return normal(stream, {rows, n_atoms, 3}).to(torch::kFloat32); };
  TimewarpPairs result;
  result.states = states.to(torch::kFloat32);
  result.displacements = (targets - states).to(torch::kFloat32);
  result.auxiliaries = numbers();
  result.fresh = numbers();
  result.noise[0] = numbers();
  result.noise[1] = numbers();
  return result;
}

double TimewarpPairSource::displacement_scale_nm() const {
  const double scale =
      training(0).displacements.to(torch::kFloat64).pow(2).mean().sqrt().item<double>();
  if (!(scale > 0.0) || !std::isfinite(scale))
    throw InputError("timewarp training: the pilot's frames are not finite");
  return scale;
}

std::string TimewarpPairSource::digest() const {
  const TimewarpTrainingOptions& o = options_;
  const TimewarpTuningOptions& t = o.tuning;
  std::vector<double> numbers = {static_cast<double>(o.shape.n_parameters()),
                                 static_cast<double>(o.shape.n_couplings),
                                 static_cast<double>(o.shape.n_encoders),
                                 o.shape.scale_bound,
                                 static_cast<double>(o.frame),
                                 static_cast<double>(o.seed),
                                 static_cast<double>(o.n_steps),
                                 static_cast<double>(o.batch_size),
                                 static_cast<double>(o.n_rise),
                                 static_cast<double>(o.check_period),
                                 static_cast<double>(o.n_held_out),
                                 static_cast<double>(t.n_steps),
                                 o.lag_ps,
                                 o.learning_rate,
                                 o.max_gradient_norm,
                                 o.averaging,
                                 o.held_out_fraction,
                                 o.turn_rad,
                                 o.shift_nm,
                                 t.learning_rate,
                                 t.likelihood,
                                 t.energy,
                                 t.acceptance,
                                 t.entropy,
                                 t.largest_rise_kT};
  numbers.insert(numbers.end(), o.shape.lengths_nm.begin(), o.shape.lengths_nm.end());
  engine::Fnv1a hash;
  hash.add(numbers.data(), numbers.size() * sizeof(double));
  hash.add(pilot_.frames.values().data(), pilot_.frames.values().size() * sizeof(double));
  return hash.hex();
}

Tensor energies_of(const engine::EnergyFunction& energy, const Tensor& x) {
  const Tensor dense = x.detach().to(torch::kFloat64).contiguous();
  const auto n = static_cast<std::size_t>(dense.size(0));
  std::vector<double> energies(n), forces(static_cast<std::size_t>(dense.numel()));
  energy.evaluate({dense.data_ptr<double>(), n, static_cast<std::size_t>(dense.size(1))}, energies,
                  forces);
  // Where atoms coincide there is no slope to follow; such draws are left out.
  for (double& value : forces)
    if (!std::isfinite(value)) value = 0.0;
  const Tensor slope = -torch::tensor(forces, torch::kFloat64).view(dense.sizes());
  return torch::tensor(energies, torch::kFloat64) +
         ((x.to(torch::kFloat64) - dense) * slope).flatten(1).sum(1);
}

}  // namespace saltus::mlsamplers
