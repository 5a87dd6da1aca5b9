#include "engine/run/run_summary.h"

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/diagnostics/convergence.h"
#include "engine/diagnostics/reweighting.h"

namespace saltus::engine {
namespace {

/// Chains shorter than this many correlation times may still depend on their start.
constexpr double kMinEffectiveSamplesPerChain = 5.0;
/// Below this share, errors of weighted averages rest on few values.
constexpr double kLowKishShare = 0.1;
constexpr double kLowAcceptance = 0.01;
constexpr double kManyInvalid = 0.05;
/// A rejection run this many times the expected one shows states the proposal rarely reaches.
constexpr double kSuspiciousRunFactor = 5.0;
/// exp of this: how far the proposal's density may fall short of the target's before we say so.
constexpr double kHeavyTailLogRatio = 10.0;

std::string text_of(double value) { return significant_text(value, 3); }

std::string percent(double fraction) { return text_of(100.0 * fraction) + " %"; }

double ratio_or_unknown(double numerator, std::uint64_t denominator) {
  return denominator == 0 ? kUnknown : numerator / static_cast<double>(denominator);
}

struct Ratio {
  double value = kUnknown, error = kUnknown;
};

/// a/b with first-order error propagation; unknown when either is.
Ratio divide(double a, double a_error, double b, double b_error) {
  if (!(b > 0.0) || std::isnan(a)) return {};
  const double value = a / b;
  return {value, std::hypot(a_error / b, value * b_error / b)};
}

/// Typical longest run of rejections when each of n proposals is accepted independently:
/// ln(n a) / -ln(1 - a) (Schilling, College Math. J. 21, 196 (1990), doi:10.2307/2686886).
double expected_rejection_run(std::uint64_t n, double acceptance) {
  const double accepted = static_cast<double>(n) * acceptance;
  return std::log(std::max(accepted, 2.0)) / -std::log1p(-acceptance);
}

void warn_of_observable(const ObservableSummary& observable, std::uint64_t n_chains,
                        std::vector<std::string>& warnings) {
  const std::string& name = observable.name;
  const double samples = observable.statistics.effective_samples;
  if (std::isnan(samples)) {
    warnings.push_back(name + ": never changed, so nothing is known about how fast it is sampled.");
    return;
  }
  if (!(observable.r_hat <= kMaxRHat)) {
    warnings.push_back(name + ": split R-hat is " + text_of(observable.r_hat) + ", above " +
                       text_of(kMaxRHat) +
                       ": the chains do not agree yet, and every error shown may be too small; run"
                       " longer.");
  }
  if (samples < kMinEffectiveSamples) {
    warnings.push_back(name + ": only " + text_of(samples) + " effective samples, fewer than " +
                       text_of(kMinEffectiveSamples) + "; run longer.");
  }
  if (samples < kMinEffectiveSamplesPerChain * static_cast<double>(n_chains)) {
    warnings.push_back(name + ": chains are shorter than " + text_of(kMinEffectiveSamplesPerChain) +
                       " autocorrelation times, so they may still depend on their start.");
  }
}

void warn_of_move(const MoveSummary& move, std::vector<std::string>& warnings) {
  if (move.proposed == 0) return;
  if (move.acceptance < kLowAcceptance && !move.is_flip()) {
    warnings.push_back(move.name + ": accepts only " + percent(move.acceptance) +
                       " of its proposals.");
  }
  if (move.invalid_fraction > kManyInvalid) {
    warnings.push_back(move.name + ": " + percent(move.invalid_fraction) +
                       " of its proposals had zero or undefined density.");
  }
  if (move.acceptance > 0.0 && move.acceptance < 1.0 && !move.is_flip()) {
    const double expected = expected_rejection_run(move.proposed, move.acceptance);
    if (static_cast<double>(move.longest_rejection_run) > kSuspiciousRunFactor * expected) {
      warnings.push_back(move.name + ": a chain was rejected " +
                         std::to_string(move.longest_rejection_run) +
                         " times in a row, where independent rejections would give about " +
                         text_of(std::round(expected)) + ": this move rarely leaves some states.");
    }
  }
  if (move.largest_log_ratio > kHeavyTailLogRatio) {
    warnings.push_back(move.name + ": largest log acceptance ratio is " +
                       text_of(move.largest_log_ratio) +
                       ": the proposal has lighter tails than the target.");
  }
}

}  // namespace

bool MoveSummary::is_flip() const {
  const std::string end = "_flip";
  return name.size() >= end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

bool ObservableEfficiency::is_upper_bound() const {
  return !std::isnan(effective_samples) && !(r_hat <= kMaxRHat);
}

std::string SamplerEfficiency::caveat() const {
  const ObservableEfficiency* worst = nullptr;
  for (const ObservableEfficiency& row : observables) {
    if (!row.is_upper_bound()) continue;
    // An unknown R-hat is named when there is no other.
    if (worst == nullptr || std::isnan(worst->r_hat) || row.r_hat > worst->r_hat) worst = &row;
  }
  if (worst == nullptr) return "";
  return "its chains do not agree yet (split R-hat up to " + text_of(worst->r_hat) + ", " +
         worst->observable +
         "): its effective samples are an upper bound, and the speed-up over it a lower bound";
}

std::string LadderSummary::text() const {
  const std::string replicas = std::to_string(n_levels * n_ladders);
  const std::string temperatures = " over " + std::to_string(n_levels) + " temperatures";
  std::string text = n_round_trips == 0
                         ? "no replica of " + replicas + " has made a round trip yet" + temperatures
                         : std::to_string(n_round_trips) + " round trips of " + replicas +
                               " replicas" + temperatures;
  if (n_round_trips > 0) text += ", " + text_of(round_trip_steps) + " steps each";
  if (n_round_trips > 0 && !std::isnan(per_cpu_second))
    text += ", " + text_of(per_cpu_second) + " per CPU second";
  if (first_step > 0) text += "; counted from step " + std::to_string(first_step) + " on";
  if (look_period > 1)
    text += "; counted in frames, " + std::to_string(look_period) +
            " steps apart, so that there may be more";
  return text;
}

std::string RunSummary::exactness() const {
  if (is_exact()) return "exact";
  std::string names;
  for (const std::string& name : approximate_moves) names += (names.empty() ? "" : ", ") + name;
  return "approximate: " + names + (approximate_moves.size() == 1 ? " is" : " are") + " not exact";
}

std::string RunSummary::weighting() const {
  if (!is_weighted()) return "";
  constexpr double kManyValues = 10.0;
  const int decimals = kish_effective_samples < kManyValues ? 1 : 0;
  return "weighted: " + std::to_string(n_weighted_values) + " values count as " +
         fixed_text(kish_effective_samples, decimals) + " equal ones (Kish)";
}

TotalCost total_cost(const std::vector<StageCost>& stages) {
  if (stages.empty()) return {};
  TotalCost total{0.0, 0.0};
  for (const StageCost& stage : stages) {
    total.energy_evaluations += static_cast<double>(stage.n_energy_evaluations);
    total.cpu_seconds += stage.cpu_seconds;
  }
  return total;
}

void compute_observable(const std::string& name, const std::string& unit, ChainSeries series,
                        RunSummary& summary) {
  summary.observables.push_back({name, unit, autocorrelation_time(series), split_r_hat(series)});
}

void compute_weights(Span<const double> log_weights, RunSummary& summary) {
  if (!weights_differ(log_weights)) return;
  summary.n_weighted_values = log_weights.size();
  summary.kish_effective_samples = kish_effective_sample_size(log_weights);
}

std::size_t slowest_observable(const std::vector<ObservableSummary>& observables) {
  const auto samples = [](const ObservableSummary& observable) {
    const double n = observable.statistics.effective_samples;
    return std::isnan(n) ? -1.0 : n;
  };
  const auto slowest =
      std::min_element(observables.begin(), observables.end(),
                       [&](const ObservableSummary& a, const ObservableSummary& b) {
                         return samples(a) < samples(b);
                       });
  return static_cast<std::size_t>(slowest - observables.begin());
}

void compute_moves(const MoveStatisticsTable& statistics, RunSummary& summary) {
  summary.moves.clear();
  for (const MoveStatistics& row : statistics.rows()) {
    MoveSummary move;
    move.name = row.name;
    move.proposed = row.proposed;
    move.accepted = row.accepted;
    move.invalid = row.invalid;
    move.n_energy_evaluations = row.n_energy_evaluations;
    move.longest_rejection_run = row.longest_rejection_run;
    move.largest_log_ratio = row.largest_log_ratio;
    if (row.work.count > 0) move.mean_work = row.work.mean;
    move.work_deviation = row.work.standard_deviation();
    move.cpu_seconds = row.cpu_seconds;
    move.acceptance = ratio_or_unknown(static_cast<double>(row.accepted), row.proposed);
    move.invalid_fraction = ratio_or_unknown(static_cast<double>(row.invalid), row.proposed);
    move.cpu_seconds_per_application = ratio_or_unknown(row.cpu_seconds, row.proposed);
    move.energy_evaluations_per_application =
        ratio_or_unknown(static_cast<double>(row.n_energy_evaluations), row.proposed);
    summary.moves.push_back(move);
  }
  const std::size_t slowest = slowest_observable(summary.observables);
  if (summary.moves.size() == 1 && slowest < summary.observables.size() &&
      summary.moves[0].cpu_seconds > 0.0) {
    summary.moves[0].effective_samples_per_cpu_second =
        summary.observables[slowest].statistics.effective_samples / summary.moves[0].cpu_seconds;
  }
}

void compute_ladder(const RoundTrips& round_trips, double cpu_seconds, RunSummary& summary) {
  if (round_trips.ladder_size == 0) return;
  LadderSummary ladder;
  ladder.n_levels = round_trips.ladder_size;
  ladder.n_ladders = round_trips.phases.size() / round_trips.ladder_size;
  ladder.n_round_trips = round_trips.n_round_trips;
  ladder.round_trip_steps = round_trips.mean_steps();
  ladder.first_step = round_trips.first_step;
  // Costs are those of the whole run.
  if (cpu_seconds > 0.0 && ladder.first_step == 0)
    ladder.per_cpu_second = static_cast<double>(ladder.n_round_trips) / cpu_seconds;
  summary.ladder = ladder;
}

SamplerEfficiency compute_efficiency(const std::string& sampler,
                                     const std::vector<ObservableSummary>& observables,
                                     double cpu_seconds, std::uint64_t n_energy_evaluations) {
  if (!std::isnan(cpu_seconds) && !(cpu_seconds > 0.0 && std::isfinite(cpu_seconds))) {
    throw InputError("efficiency of " + sampler + " with " + text_of(cpu_seconds) +
                     " CPU seconds: expected a positive number");
  }
  SamplerEfficiency result{sampler, cpu_seconds, n_energy_evaluations, {}};
  for (const ObservableSummary& observable : observables) {
    ObservableEfficiency row;
    row.observable = observable.name;
    row.effective_samples = observable.statistics.effective_samples;
    row.effective_samples_error = observable.statistics.effective_samples_error;
    row.r_hat = observable.r_hat;
    row.per_cpu_second = row.effective_samples / cpu_seconds;
    row.per_cpu_second_error = row.effective_samples_error / cpu_seconds;
    row.per_energy_evaluation = ratio_or_unknown(row.effective_samples, n_energy_evaluations);
    row.per_energy_evaluation_error =
        ratio_or_unknown(row.effective_samples_error, n_energy_evaluations);
    result.observables.push_back(row);
  }
  return result;
}

void compute_speed_ups(RunSummary& summary) {
  summary.speed_ups.clear();
  for (std::size_t s = 1; s < summary.samplers.size(); ++s) {
    const SamplerEfficiency& reference = summary.samplers[s];
    for (const ObservableEfficiency& ours : summary.samplers[0].observables) {
      const auto theirs = std::find_if(
          reference.observables.begin(), reference.observables.end(),
          [&](const ObservableEfficiency& row) { return row.observable == ours.observable; });
      if (theirs == reference.observables.end()) continue;
      const Ratio cpu = divide(ours.per_cpu_second, ours.per_cpu_second_error,
                               theirs->per_cpu_second, theirs->per_cpu_second_error);
      const Ratio evaluations =
          divide(ours.per_energy_evaluation, ours.per_energy_evaluation_error,
                 theirs->per_energy_evaluation, theirs->per_energy_evaluation_error);
      summary.speed_ups.push_back({reference.sampler, ours.observable, cpu.value, cpu.error,
                                   evaluations.value, evaluations.error,
                                   theirs->is_upper_bound() && !ours.is_upper_bound()});
    }
  }
}

void compute_warnings(RunSummary& summary) {
  std::vector<std::string>& warnings = summary.warnings;
  if (!summary.is_exact()) {
    // Exploration has no ensemble; all else comes near the target with short steps.
    const auto explores = [](const std::string& move) { return move.rfind("biased", 0) == 0; };
    const bool biased =
        std::any_of(summary.approximate_moves.begin(), summary.approximate_moves.end(), explores);
    warnings.push_back("The sampled density is not exactly the target (" + summary.exactness() +
                       (biased ? "); this run says which basins there are, not how populated they "
                                 "are: all averages are biased."
                               : "); the bias depends on the time step and is in no error shown."));
  }
  if (summary.kish_share() < kLowKishShare) {
    warnings.push_back("Averages are " + summary.weighting() +
                       ": few values carry them, and errors"
                       " may be too small; more chains, or resampling them earlier, helps.");
  }
  for (const ObservableSummary& observable : summary.observables) {
    warn_of_observable(observable, summary.n_chains, warnings);
  }
  for (const MoveSummary& move : summary.moves) warn_of_move(move, warnings);
  for (const ProtocolChoice& choice : summary.protocols)
    if (!choice.gains()) warnings.push_back("In the warm-up, " + choice.warning() + ".");
  if (!summary.free_energy) return;
  for (std::string& warning : free_energy_warnings(*summary.free_energy))
    warnings.push_back(std::move(warning));
}

}  // namespace saltus::engine
