#include "engine/tuning/step_size_tuner.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "engine/core/error.h"
#include "engine/moves/metropolis.h"

namespace saltus::engine {

namespace {

using Factory = std::function<std::unique_ptr<const Move>(double)>;

constexpr double kMaxFactor = 1e6;

void check_options(const StepSizeTunerOptions& options) {
  if (!(options.initial_step > 0.0) || !std::isfinite(options.initial_step))
    throw InputError("step-size tuner: initial_step: expected a positive number, got " +
                     std::to_string(options.initial_step));
  if (!(options.target_acceptance > 0.0 && options.target_acceptance < 1.0))
    throw InputError("step-size tuner: target_acceptance: expected a number in (0, 1), got " +
                     std::to_string(options.target_acceptance));
  if (options.n_rounds < 8)
    throw InputError("step-size tuner: n_rounds: expected at least 8, got " +
                     std::to_string(options.n_rounds));
  if (!(options.max_step >= options.initial_step))
    throw InputError("step-size tuner: max_step: expected at least initial_step, got " +
                     std::to_string(options.max_step));
}

/// Mean acceptance probability over records and chains that were accepted or rejected by a ratio;
/// the probability is less noisy than whether the step was accepted.
double mean_acceptance(const TransitionInfo& info) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const MoveRecord& record : info.records)
    for (std::size_t chain = 0; chain < record.outcomes.size(); ++chain) {
      const bool invalid = record.outcomes[chain] == Outcome::kInvalid;
      if (!invalid && std::isnan(record.log_ratios[chain])) continue;
      if (!invalid) sum += acceptance_probability(record.log_ratios[chain]);
      ++count;
    }
  if (count == 0)
    throw InputError("step-size tuner: the move neither accepts nor rejects; nothing to tune");
  return sum / static_cast<double>(count);
}

/// Applies trial moves, each with random numbers of its own.
class Trials {
 public:
  Trials(const Factory& factory, ChainBatch& chains, const TargetDensity& target,
         const StepKey& key)
      : factory_(factory), chains_(chains), target_(target), key_(key) {}

  double acceptance_at(double step) {
    return mean_acceptance(factory_(step)->apply(chains_, target_, key_.child(n_done_++)));
  }

 private:
  const Factory& factory_;
  ChainBatch& chains_;
  const TargetDensity& target_;
  StepKey key_;
  std::uint32_t n_done_ = 0;
};

[[noreturn]] void fail_search(double first, double last, bool growing) {
  std::ostringstream message;
  message << "step-size tuner: acceptance stays " << (growing ? "above" : "below")
          << " the target for every step from " << first << " to " << last << "; "
          << (growing ? "set max_step or choose the step by hand"
                      : "check that energies and forces of the starting positions are reasonable");
  throw NumericalError(message.str());
}

/// The first step, by factors of 2 from the initial one, on the other side of the target.
double search_step(Trials& trials, const StepSizeTunerOptions& options) {
  double step = options.initial_step;
  const bool growing = trials.acceptance_at(step) > options.target_acceptance;
  while (true) {
    if (growing && step == options.max_step) return step;
    step = growing ? std::min(2.0 * step, options.max_step) : 0.5 * step;
    const double factor = growing ? step / options.initial_step : options.initial_step / step;
    if (factor > kMaxFactor) fail_search(options.initial_step, step, growing);
    if ((trials.acceptance_at(step) > options.target_acceptance) != growing) return step;
  }
}

}  // namespace

TunedMove tune_step_size(const Factory& factory, const StepSizeTunerOptions& options,
                         ChainBatch& chains, const TargetDensity& target, const StepKey& key) {
  check_options(options);
  Trials trials(factory, chains, target, key);
  double step = search_step(trials, options);

  // Symbols of Hoffman and Gelman, eq. 6. Their gamma of 0.05 suits a thousand rounds; over tens of
  // them it overshoots and ends with steps that are too small, so ours is larger. Their factor 10
  // in mu is not needed after the search.
  constexpr double kGamma = 0.2, kT0 = 10.0, kKappa = 0.75;
  const double mu = std::log(step);
  double h_bar = 0.0, log_step_bar = 0.0;
  double late_sum = 0.0;
  const std::size_t n_late = options.n_rounds / 4;
  for (std::size_t round = 1; round <= options.n_rounds; ++round) {
    const double acceptance = trials.acceptance_at(step);
    const double t = static_cast<double>(round);
    const double weight = 1.0 / (t + kT0);
    h_bar = (1.0 - weight) * h_bar + weight * (options.target_acceptance - acceptance);
    const double log_step =
        std::min(mu - std::sqrt(t) / kGamma * h_bar, std::log(options.max_step));
    const double eta = std::pow(t, -kKappa);
    log_step_bar = eta * log_step + (1.0 - eta) * log_step_bar;
    step = std::exp(log_step);
    if (round > options.n_rounds - n_late) late_sum += acceptance;
  }

  TunedMove tuned;
  tuned.step = std::min(std::exp(log_step_bar), options.max_step);
  tuned.acceptance = late_sum / static_cast<double>(n_late);
  tuned.move = factory(tuned.step);
  return tuned;
}

}  // namespace saltus::engine
