#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/diagnostics/autocorrelation.h"
#include "engine/run/free_energy_summary.h"
#include "engine/run/move_statistics.h"
#include "engine/run/protocol_choice.h"
#include "engine/run/radial_distribution.h"
#include "engine/run/round_trips.h"

namespace saltus::engine {

/// An unknown number; files show it as null, pages as a dash.
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// What a run tells about one observable.
struct ObservableSummary {
  std::string name;
  std::string unit;                ///< "" when dimensionless
  AutocorrelationTime statistics;  ///< tau counted in stored frames
  double r_hat = kUnknown;         ///< split R-hat
};

/// What a run tells about one elementary move. CPU seconds are those of the process, all threads.
struct MoveSummary {
  std::string name;
  std::uint64_t proposed = 0, accepted = 0, invalid = 0;
  std::uint64_t n_energy_evaluations = 0;
  std::uint64_t longest_rejection_run = 0;
  double acceptance = kUnknown;
  double invalid_fraction = kUnknown;
  double largest_log_ratio = 0.0;
  double mean_work = kUnknown, work_deviation = kUnknown;  ///< kT, see WorkMoments
  double cpu_seconds = 0.0;
  double cpu_seconds_per_application = kUnknown;  ///< and chain
  double energy_evaluations_per_application = kUnknown;
  /// Of the slowest observable; unknown when several moves share the work, because effective
  /// samples cannot be divided among them.
  double effective_samples_per_cpu_second = kUnknown;

  /// A move between a few known states, by its name, which ends in "_flip": how many of its
  /// proposals are accepted is set by the populations of the states, and says little about it.
  bool is_flip() const;
};

/// How fast one sampler gathers effective samples of one observable.
struct ObservableEfficiency {
  std::string observable;
  double effective_samples = kUnknown, effective_samples_error = kUnknown;
  double r_hat = kUnknown;
  double per_cpu_second = kUnknown, per_cpu_second_error = kUnknown;
  double per_energy_evaluation = kUnknown, per_energy_evaluation_error = kUnknown;

  /// Whether the chains do not agree (R-hat not at most kMaxRHat): the effective samples and what
  /// is computed from them are then an upper bound.
  bool is_upper_bound() const;
};

/// One sampler of a comparison and what it cost.
struct SamplerEfficiency {
  std::string sampler;  ///< e.g. "learned leaps", "plain dynamics (native)"
  double cpu_seconds = kUnknown;
  std::uint64_t n_energy_evaluations = 0;  ///< 0: not counted
  std::vector<ObservableEfficiency> observables;

  /// What its numbers are when it is compared with and has upper bounds: "its chains do not agree
  /// yet (split R-hat up to 1.12, cos psi_2): ..."; empty when it has none.
  std::string caveat() const;
};

/// What one stage of a run's preparation has cost: "minimisation", "pilot", "training", "warm-up",
/// "tuning".
struct StageCost {
  std::string stage;
  std::uint64_t n_energy_evaluations = 0;  ///< configurations, all chains
  double cpu_seconds = 0.0;                ///< of the process, all threads
};

/// A cost that may be unknown.
struct TotalCost {
  double energy_evaluations = kUnknown, cpu_seconds = kUnknown;
};

/// The sum of all stages; unknown when there are none.
TotalCost total_cost(const std::vector<StageCost>& stages);

/// Ratio of this run's efficiency to a reference sampler's, for one observable.
struct SpeedUp {
  std::string reference, observable;
  double per_cpu_second = kUnknown, per_cpu_second_error = kUnknown;
  double per_energy_evaluation = kUnknown, per_energy_evaluation_error = kUnknown;
  /// The reference's effective samples are an upper bound, those of the run are not.
  bool is_lower_bound = false;
};

/// Round trips of replicas over the temperatures of their ladders.
struct LadderSummary {
  std::uint64_t n_levels = 0, n_ladders = 0;
  std::uint64_t n_round_trips = 0;     ///< completed, of all replicas together
  double round_trip_steps = kUnknown;  ///< mean length of those; trips under way are not among them
  double per_cpu_second = kUnknown;    ///< completed, over the CPU time of all moves
  std::uint64_t first_step = 0;        ///< counted from here on
  /// Steps from one look to the next. Above 1, when only frames are left to count in: round trips
  /// between two frames are missed.
  std::uint64_t look_period = 1;

  /// "120 round trips of 48 replicas over 6 temperatures, 410 steps each, 3.1 per CPU second", and
  /// what makes them a lower bound.
  std::string text() const;
};

/// Everything a report says about a run, without its curves.
struct RunSummary {
  std::string title, molecule;
  std::uint64_t n_atoms = 0, n_chains = 0;
  std::uint64_t n_steps = 0;   ///< done, per chain
  std::uint64_t n_frames = 0;  ///< stored, per chain
  std::uint64_t steps_per_frame = 1;
  std::vector<double> temperatures_K;  ///< one, or a ladder
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> versions;    ///< (program, version)
  std::vector<std::string> approximate_moves;                   ///< names; empty: exact
  std::vector<std::pair<std::string, std::string>> model_card;  ///< (entry, value); may be empty
  std::vector<ObservableSummary> observables;
  std::vector<MoveSummary> moves;
  std::vector<ProtocolChoice> protocols;         ///< that warm-up chose
  std::optional<LadderSummary> ladder;           ///< where replicas were followed
  std::optional<FreeEnergySummary> free_energy;  ///< of the levels of a ladder
  std::vector<RadialCurve> radial;  ///< of the waters of periodic boxes; empty: there are none
  /// What was spent before production, in the order it began; empty: unknown.
  std::vector<StageCost> preparation;
  /// Trained models that the run took as they were: their training is in none of its costs.
  std::vector<std::string> ready_models;
  /// The run itself first, then what it is compared with; empty when nothing was compared.
  std::vector<SamplerEfficiency> samplers;
  std::vector<SpeedUp> speed_ups;
  std::vector<std::string> warnings;
  /// Where weights of the analysed values differ: how many values there are, and as how many equal
  /// ones their weights count, (sum w)^2 / sum w^2 (Kish, Survey Sampling (1965), sec. 11.7).
  std::uint64_t n_weighted_values = 0;
  double kish_effective_samples = kUnknown;

  bool is_weighted() const { return n_weighted_values > 0; }
  /// Kish's number over the number of values, in (0, 1]; unknown when nothing is weighted.
  double kish_share() const {
    return kish_effective_samples / static_cast<double>(n_weighted_values);
  }
  /// "weighted: 400 values count as 120 equal ones (Kish)"; empty when nothing is weighted.
  std::string weighting() const;
  bool is_exact() const { return approximate_moves.empty(); }
  /// "exact", or "approximate: langevin is not exact".
  std::string exactness() const;
};

/// Above this chains are said not to agree, below that many effective samples R-hat and errors are
/// not to be relied on (Vehtari et al., Bayesian Anal. 16, 667 (2021), doi:10.1214/20-BA1221).
constexpr double kMaxRHat = 1.01;
constexpr double kMinEffectiveSamples = 400.0;

/// Adds one observable to summary.observables; weighted if the series has weights.
/// @throws InputError, NumericalError  as check_series for 4 steps
void compute_observable(const std::string& name, const std::string& unit, ChainSeries series,
                        RunSummary& summary);

/// Sets how values are weighted; nothing when weights are equal.
/// @param log_weights  of the values of one observable, as its series has them
/// @throws NumericalError  when there are weights but none is positive, or one is NaN or +inf
void compute_weights(Span<const double> log_weights, RunSummary& summary);

/// Sets summary.moves; call after the observables.
void compute_moves(const MoveStatisticsTable& statistics, RunSummary& summary);

/// Sets summary.ladder; nothing when no round trips were counted.
/// @param cpu_seconds  of all moves of the run; kUnknown when not known
void compute_ladder(const RoundTrips& round_trips, double cpu_seconds, RunSummary& summary);

/// Efficiency of one sampler from its observables' statistics and its total cost.
/// Errors come from those of the effective samples; costs have none.
/// @param cpu_seconds         > 0, or kUnknown
/// @param n_energy_evaluations  configurations; 0 when not counted
/// @throws InputError  when cpu_seconds is 0, negative or infinite
SamplerEfficiency compute_efficiency(const std::string& sampler,
                                     const std::vector<ObservableSummary>& observables,
                                     double cpu_seconds, std::uint64_t n_energy_evaluations);

/// Sets summary.speed_ups: the first sampler against each other one, observable by observable.
void compute_speed_ups(RunSummary& summary);

/// Appends to summary.warnings what a reader must know before trusting the numbers of the run. What
/// has to be known of the samplers it is compared with stands at their own numbers
/// (SamplerEfficiency::caveat). Call last.
void compute_warnings(RunSummary& summary);

/// Index of the observable with the fewest effective samples (one that never changed before all
/// others); observables.size() when there is none.
std::size_t slowest_observable(const std::vector<ObservableSummary>& observables);

}  // namespace saltus::engine
