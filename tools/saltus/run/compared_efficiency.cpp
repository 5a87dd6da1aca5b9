#include "tools/saltus/run/compared_efficiency.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/text.h"
#include "engine/diagnostics/convergence.h"
#include "tools/saltus/decks/move_kinds.h"

namespace saltus::tools {

namespace {

using engine::SamplerEfficiency;
using io::ComparisonData;
using SpeedUp = ComparisonData::SpeedUp;

/// Ratio of two numbers with errors; the error is unknown when one of theirs is.
void set_ratio(double above, double above_error, double below, double below_error,
               SpeedUp& speed_up) {
  if (!(below > 0.0) || std::isnan(above)) return;
  speed_up.value = above / below;
  if (above > 0.0)
    speed_up.error = speed_up.value * std::hypot(above_error / above, below_error / below);
}

double per_second(double samples, const ComparisonData::Run& run) {
  return run.cpu_seconds > 0.0 ? samples / run.cpu_seconds : ComparisonData::kUnknown;
}

/// Against a run that never entered or never left a state: as if each of its chains were a sample.
void set_lower_bound(const ComparisonData::Run& below, const ComparisonData::Run& run,
                     SpeedUp& speed_up) {
  if (!(run.slowest_samples > 0.0)) {
    speed_up.remark = "not known: neither has a sample of its slowest observable";
    return;
  }
  set_ratio(per_second(run.slowest_samples, run), per_second(run.slowest_samples_error, run),
            per_second(static_cast<double>(below.n_chains), below), 0.0, speed_up);
  speed_up.is_lower_bound = true;
  speed_up.remark = "'" + below.name + "' has no sample of " + below.slowest +
                    ": counted as one for each of its chains, more than it has";
}

/// The run's efficiency against that of a run of plain dynamics.
void add_speed_ups(const ComparisonData::Run& below, const std::string& reference,
                   ComparisonData::Run& run) {
  SpeedUp slowest{reference, "slowest (" + run.slowest + ")", {}, {}, "", true};
  slowest.value = slowest.error = ComparisonData::kUnknown;
  SpeedUp tic = slowest;
  tic.observable = "TIC 0, published definition";
  tic.is_slowest = false;
  if (std::isnan(run.cpu_seconds) || std::isnan(below.cpu_seconds)) {
    slowest.remark = tic.remark = "not known: a run has no checkpoint, which holds the costs";
  } else {
    set_ratio(per_second(run.slowest_samples, run), per_second(run.slowest_samples_error, run),
              per_second(below.slowest_samples, below),
              per_second(below.slowest_samples_error, below), slowest);
    set_ratio(per_second(run.tic_0_published_samples, run), ComparisonData::kUnknown,
              per_second(below.tic_0_published_samples, below), ComparisonData::kUnknown, tic);
    if (!(below.slowest_samples > 0.0))
      set_lower_bound(below, run, slowest);
    else
      slowest.remark = "slowest of '" + below.name + "': " + below.slowest;
  }
  run.speed_ups.push_back(slowest);
  run.speed_ups.push_back(tic);
}

/// Sets what was spent before production: what the deck says, else what the run has recorded.
void set_training(const ComparedTrajectory& trajectory, const ComparedRunDeck& deck,
                  ComparisonData::Run& run) {
  const engine::RunSummary& summary = trajectory.summary;
  const engine::TotalCost recorded = engine::total_cost(summary.preparation);
  const auto given_or = [](double given, double otherwise) {
    return std::isnan(given) ? otherwise : given;
  };
  run.training_energy_evaluations =
      given_or(deck.training_energy_evaluations, recorded.energy_evaluations);
  run.training_cpu_seconds = given_or(deck.training_cpu_seconds, recorded.cpu_seconds);
  if (!std::isnan(deck.training_energy_evaluations)) return;
  const std::string evaluations = engine::significant_text(recorded.energy_evaluations, 6);
  if (!summary.preparation.empty())
    run.remarks.push_back("distances along the run count the " + evaluations +
                          " energy evaluations that it has recorded of its preparation");
  else if (trajectory.costs() != nullptr || !summary.model_card.empty())
    run.remarks.push_back(
        "what pilot, warm-up and training cost is not known, give training_energy_evaluations and "
        "training_cpu_seconds; distances along the run count production alone");
  if (!summary.ready_models.empty())
    run.remarks.push_back(
        "trained elsewhere, and not counted: " + engine::joined(summary.ready_models) +
        "; to count it, give training_energy_evaluations and training_cpu_seconds, those of the "
        "run's own preparation included");
}

/// The observable of a sampler that both have and that has the fewest effective samples a second.
const engine::ObservableEfficiency* slowest_common(const SamplerEfficiency& sampler,
                                                   const SamplerEfficiency& other) {
  const engine::ObservableEfficiency* slowest = nullptr;
  for (const engine::ObservableEfficiency& row : sampler.observables) {
    bool common = false;
    for (const engine::ObservableEfficiency& their : other.observables)
      common = common || their.observable == row.observable;
    // One that never changed is unknown, and slower than all.
    if (!common) continue;
    if (std::isnan(row.per_cpu_second)) return &row;
    if (slowest == nullptr || row.per_cpu_second < slowest->per_cpu_second) slowest = &row;
  }
  return slowest;
}

/// From samplers that the run's own deck compared it with: only what they recorded.
bool add_recorded_speed_ups(const ComparedTrajectory& trajectory, ComparisonData::Run& run) {
  const std::vector<SamplerEfficiency>& samplers = trajectory.summary.samplers;
  for (std::size_t i = 1; i < samplers.size(); ++i) {
    const auto* above = slowest_common(samplers[0], samplers[i]);
    const auto* below = slowest_common(samplers[i], samplers[0]);
    if (above == nullptr || below == nullptr) continue;
    SpeedUp speed_up;
    speed_up.reference = samplers[i].sampler;
    speed_up.observable = "slowest recorded (" + above->observable + ")";
    speed_up.remark =
        "of observables that both recorded, TIC 0 and states not among them; its "
        "slowest: " +
        below->observable;
    if (below->is_upper_bound()) speed_up.remark += ", whose samples are an upper bound";
    set_ratio(above->per_cpu_second, above->per_cpu_second_error, below->per_cpu_second,
              below->per_cpu_second_error, speed_up);
    run.speed_ups.push_back(speed_up);
  }
  return samplers.size() > 1;
}

/// "residue_2" of "peptide_leap/residue_2/carry_0.5"; the whole of a name without parts.
std::string block_of(const std::string& row) {
  const std::size_t first = row.find('/');
  if (first == std::string::npos) return row;
  const std::size_t second = row.find('/', first + 1);
  return row.substr(first + 1, second == std::string::npos ? second : second - first - 1);
}

}  // namespace

WorstRHat worst_r_hat(const ComparedTrajectory& trajectory) {
  WorstRHat worst;
  const auto look_at = [&worst](double value, const std::string& of) {
    if (std::isnan(value) || value <= worst.value) return;
    worst = {value, of};
  };
  for (const engine::ObservableSummary& observable : trajectory.summary.observables)
    look_at(observable.r_hat, observable.name);
  if (!trajectory.tics.empty())
    look_at(engine::split_r_hat(trajectory.series(trajectory.tics[0])), "TIC 0");
  return worst;
}

void set_samples(const ComparedTrajectory& trajectory, const std::vector<std::string>& names,
                 const std::vector<std::vector<double>>& indicators, ComparisonData::Run& run) {
  const engine::ChainSeries tic = trajectory.series(trajectory.tics.at(0));
  const auto time = engine::autocorrelation_time(tic);
  run.tic_0_samples = time.effective_samples;
  run.tic_0_samples_error = time.effective_samples_error;
  run.tic_0_published_samples =
      static_cast<double>(trajectory.n_frames()) / engine::first_crossing_time(tic);
  const auto look_at = [&run](const engine::AutocorrelationTime& found, const std::string& name) {
    const bool changes = !std::isnan(found.tau);
    const double samples = changes ? found.effective_samples : 0.0;
    if (samples >= run.slowest_samples) return;
    run.slowest = name;
    run.slowest_samples = samples;
    run.slowest_samples_error = changes ? found.effective_samples_error : ComparisonData::kUnknown;
  };
  look_at(time, "TIC 0");
  for (std::size_t s = 0; s < indicators.size(); ++s)
    look_at(engine::autocorrelation_time(trajectory.series(indicators[s])), names[s]);
  run.slowest_per_cpu_second = per_second(run.slowest_samples, run);
}

void set_costs(const ComparedTrajectory& trajectory, const ComparedRunDeck& deck,
               ComparisonData::Run& run) {
  set_training(trajectory, deck, run);
  const SamplerEfficiency* costs = trajectory.costs();
  if (costs == nullptr) {
    run.exactness = "unknown";
    run.remarks.push_back(
        "no costs: there is no checkpoint of this run beside its trajectory, or its moves were not "
        "timed");
    return;
  }
  run.exactness = trajectory.summary.exactness();
  run.cpu_seconds = costs->cpu_seconds;
  if (costs->n_energy_evaluations > 0)
    run.energy_evaluations = static_cast<double>(costs->n_energy_evaluations);
  else
    run.remarks.push_back("energy evaluations were not counted");
  if (trajectory.n_chains < trajectory.summary.n_chains)
    run.remarks.push_back(
        "costs are those of all levels of its ladder, samples those of the lowest");
}

void set_acceptance(const ComparedTrajectory& trajectory, ComparisonData::Run& run) {
  struct Counts {
    double accepted = 0.0, proposed = 0.0;
  };
  Counts all;
  std::map<std::string, Counts> blocks;
  for (const engine::MoveSummary& row : trajectory.summary.moves) {
    const MoveKind* kind = kind_of_label(row.name);
    if (kind == nullptr || !kind->leaps || row.proposed == 0) continue;
    for (Counts* counts : {&all, &blocks[block_of(row.name)]}) {
      counts->accepted += static_cast<double>(row.accepted);
      counts->proposed += static_cast<double>(row.proposed);
    }
  }
  if (blocks.empty()) return;
  run.leap_acceptance = all.accepted / all.proposed;
  std::vector<double> sorted;
  for (const auto& [block, counts] : blocks) sorted.push_back(counts.accepted / counts.proposed);
  std::sort(sorted.begin(), sorted.end());
  run.block_acceptance = 0.5 * (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]);
}

void set_speed_ups(const std::vector<ComparedTrajectory>& trajectories,
                   const std::vector<ComparedRunDeck>& decks,
                   std::vector<ComparisonData::Run>& runs) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (decks[i].role != ComparedRole::kRun) continue;
    bool has_openmm = false, has_plain = false;
    for (std::size_t j = 0; j < runs.size(); ++j) {
      if (decks[j].role == ComparedRole::kRun) continue;
      add_speed_ups(runs[j], to_string(decks[j].role), runs[i]);
      (decks[j].role == ComparedRole::kOpenMMDynamics ? has_openmm : has_plain) = true;
    }
    if (!has_openmm && !add_recorded_speed_ups(trajectories[i], runs[i]))
      runs[i].remarks.push_back(
          "no speed-up over OpenMM's dynamics: give a run with role = \"openmm_dynamics\", or make "
          "the run with comparison.openmm_dynamics = true");
    if (!has_plain)
      runs[i].remarks.push_back(
          "no speed-up over our own dynamics: give a run with role = \"plain_dynamics\"");
  }
}

}  // namespace saltus::tools
