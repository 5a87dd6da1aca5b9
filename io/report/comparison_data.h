#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/run_summary.h"
#include "io/report/report_data.h"

namespace saltus::io {

/// All that a comparison of runs with references shows. Numbers that are not known are NaN: pages
/// show a dash, JSON null.
struct ComparisonData {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  /// Wasserstein distance of a sample to the reference, and that of two samples of the reference.
  struct Distance {
    double value = kUnknown;
    double floor = kUnknown;
    double floor_error = kUnknown;  ///< standard error of the mean of several pairs of samples

    double ratio() const { return value / floor; }
  };

  /// All distances of one sample.
  struct Distances {
    std::size_t n_frames = 0;  ///< of each sample
    Distance energy_1_kT, energy_2_kT;
    Distance torus_2_rad;  ///< all phi and psi
    Distance tica_2;       ///< TIC 0 and TIC 1
  };

  /// Distances of the first part of a run.
  struct CurvePoint {
    double energy_evaluations = kUnknown;  ///< spent until then, with preparation when known
    Distances distances;
  };

  /// A state of the reference.
  struct State {
    std::string name;
    double population = kUnknown, error = kUnknown;
  };

  /// The same state in a run.
  struct Population {
    double value = kUnknown, error = kUnknown;
    double standard_errors = kUnknown;  ///< from the reference, of both errors together
    bool missed = false;                ///< never visited
  };

  /// Ratio of effective samples per CPU second to another sampler's.
  struct SpeedUp {
    std::string reference, observable;
    double value = kUnknown, error = kUnknown;
    std::string remark;      ///< why it is not known, or what it rests on
    bool is_slowest = true;  ///< of each sampler's slowest observable: what figures show
    /// The other sampler never entered or never left a state: it counts as one sample for each of
    /// its chains, which is more than it has.
    bool is_lower_bound = false;
  };

  struct Run {
    std::string name, role;
    std::string exactness;  ///< "exact", "approximate: ...", "unknown: no checkpoint"
    std::size_t n_frames = 0, n_chains = 0;
    double energy_evaluations = kUnknown, cpu_seconds = kUnknown;
    /// Of all that comes before production: minimisation, pilot, training, tuning, warm-up.
    double training_energy_evaluations = kUnknown, training_cpu_seconds = kUnknown;
    double tic_0_published_samples = kUnknown;  ///< effective, by first_crossing_time
    double tic_0_samples = kUnknown, tic_0_samples_error = kUnknown;
    std::string slowest;  ///< of TIC 0 and the states; the observable with fewest effective samples
    double slowest_samples = kUnknown, slowest_samples_error = kUnknown;
    double slowest_per_cpu_second = kUnknown;
    double r_hat = kUnknown;  ///< worst split R-hat of the run's observables and TIC 0
    std::string r_hat_of;
    /// Of learned leaps: all together, and the median over the blocks they move; unknown without.
    double leap_acceptance = kUnknown, block_acceptance = kUnknown;
    double farthest = kUnknown;  ///< of reference frames to the nearest frame, in scaled TICs
    std::optional<engine::LadderSummary> ladder;  ///< where replicas were followed
    std::size_t n_missed = 0;
    double most_standard_errors = kUnknown;
    std::vector<Population> populations;  ///< as Peptide::states
    Distances distances;
    std::vector<CurvePoint> curve;
    std::vector<SpeedUp> speed_ups;
    std::vector<std::string> remarks;
  };

  /// Free energy along one coordinate, in kT, from its minimum; infinite where nothing was seen.
  struct Profile {
    struct Curve {
      std::string name;
      std::vector<double> x, free_energy, error;
    };
    std::string quantity, unit;
    std::vector<Curve> curves;
  };

  /// Frames in the plane of TIC 0 and TIC 1.
  struct Points {
    std::string name;
    std::vector<std::array<double, 2>> points;
  };

  struct Peptide {
    std::string name, reference;  ///< reference: a path
    double temperature_K = kUnknown;
    std::size_t n_frames = 0, n_chains = 0, n_features = 0;
    double r_hat = kUnknown;  ///< of the reference, worst of all
    std::string r_hat_of;
    double tic_0_samples = kUnknown;
    /// Of the chains at the lowest temperature between both ends of TIC 0.
    std::size_t tic_0_round_trips = 0;
    std::optional<engine::LadderSummary> ladder;  ///< of the reference
    std::vector<double> tic_timescales_frames;
    std::vector<State> states;
    std::vector<Run> runs;
    std::vector<Profile> profiles;
    std::vector<std::pair<std::string, TorsionMap>> maps;  ///< of the reference and of each run
    std::vector<Points> tic_points;
    std::vector<std::string> remarks;
  };

  std::string title;
  std::vector<Peptide> peptides;
  std::string deck_text;
  std::vector<std::pair<std::string, std::string>> provenance;
};

/// One speed-up of the slowest observable.
struct NamedSpeedUp {
  std::string peptide, run;
  double value = ComparisonData::kUnknown, error = ComparisonData::kUnknown;
  bool is_lower_bound = false;
};

/// Known speed-ups of the slowest observable against one reference, largest first; lower bounds
/// among them.
std::vector<NamedSpeedUp> sorted_speed_ups(const ComparisonData& data,
                                           const std::string& reference);
/// References that any speed-up is counted from, in the order they come.
std::vector<std::string> speed_up_references(const ComparisonData& data);
/// A lower bound when any of them is one; NaN for none.
double median_speed_up(const std::vector<NamedSpeedUp>& speed_ups);

}  // namespace saltus::io
