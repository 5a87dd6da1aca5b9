#include "io/report/comparison_json.h"

#include <nlohmann/json.hpp>

#include "io/report/comparison_summary.h"
#include "io/report/json_number.h"

namespace saltus::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto number = json_number<Json>;

template <class Items, class ToJson>
Json array_of(const Items& items, const ToJson& to_json) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

/// Null where replicas were not followed.
Json round_trips_json(const std::optional<engine::LadderSummary>& ladder) {
  return ladder ? Json(ladder->n_round_trips) : Json(nullptr);
}

Json round_trip_rate_json(const std::optional<engine::LadderSummary>& ladder) {
  return ladder ? number(ladder->per_cpu_second) : Json(nullptr);
}

Json distance_json(const ComparisonData::Distance& distance) {
  return {{"value", number(distance.value)},
          {"floor", number(distance.floor)},
          {"floor_error", number(distance.floor_error)},
          {"ratio", number(distance.ratio())}};
}

Json distances_json(const ComparisonData::Distances& distances) {
  return {{"n_frames", distances.n_frames},
          {"energy_w1_kT", distance_json(distances.energy_1_kT)},
          {"energy_w2_kT", distance_json(distances.energy_2_kT)},
          {"torus_w2_rad", distance_json(distances.torus_2_rad)},
          {"tica_w2", distance_json(distances.tica_2)}};
}

Json population_json(const ComparisonData::State& state,
                     const ComparisonData::Population& population) {
  return {{"state", state.name},
          {"population", number(population.value)},
          {"population_error", number(population.error)},
          {"standard_errors_from_reference", number(population.standard_errors)},
          {"missed", population.missed}};
}

Json speed_up_json(const ComparisonData::SpeedUp& speed_up) {
  return {{"reference", speed_up.reference},           {"observable", speed_up.observable},
          {"per_cpu_s", number(speed_up.value)},       {"per_cpu_s_error", number(speed_up.error)},
          {"is_lower_bound", speed_up.is_lower_bound}, {"remark", speed_up.remark}};
}

Json run_json(const ComparisonData::Peptide& peptide, const ComparisonData::Run& run) {
  Json populations = Json::array();
  for (std::size_t s = 0; s < run.populations.size() && s < peptide.states.size(); ++s)
    populations.push_back(population_json(peptide.states[s], run.populations[s]));
  Json curve = Json::array();
  for (const ComparisonData::CurvePoint& point : run.curve)
    curve.push_back({{"energy_evaluations", number(point.energy_evaluations)},
                     {"distances", distances_json(point.distances)}});
  return {{"name", run.name},
          {"role", run.role},
          {"exactness", run.exactness},
          {"n_frames", run.n_frames},
          {"n_chains", run.n_chains},
          {"energy_evaluations", number(run.energy_evaluations)},
          {"cpu_s", number(run.cpu_seconds)},
          {"training_energy_evaluations", number(run.training_energy_evaluations)},
          {"training_cpu_s", number(run.training_cpu_seconds)},
          {"tic_0_effective_samples_published_definition", number(run.tic_0_published_samples)},
          {"tic_0_effective_samples", number(run.tic_0_samples)},
          {"tic_0_effective_samples_error", number(run.tic_0_samples_error)},
          {"slowest_observable", run.slowest},
          {"slowest_effective_samples", number(run.slowest_samples)},
          {"slowest_effective_samples_error", number(run.slowest_samples_error)},
          {"slowest_effective_samples_per_cpu_s", number(run.slowest_per_cpu_second)},
          {"worst_split_r_hat", number(run.r_hat)},
          {"worst_split_r_hat_of", run.r_hat_of},
          {"acceptance_of_leaps", number(run.leap_acceptance)},
          {"median_acceptance_of_blocks", number(run.block_acceptance)},
          {"farthest_reference_frame", number(run.farthest)},
          {"ladder_round_trips", round_trips_json(run.ladder)},
          {"ladder_round_trips_per_cpu_s", round_trip_rate_json(run.ladder)},
          {"n_missed_states", run.n_missed},
          {"most_standard_errors_from_reference", number(run.most_standard_errors)},
          {"populations", std::move(populations)},
          {"distances", distances_json(run.distances)},
          {"distances_along_run", std::move(curve)},
          {"speed_ups", array_of(run.speed_ups, speed_up_json)},
          {"remarks", run.remarks}};
}

Json peptide_json(const ComparisonData::Peptide& peptide) {
  const Json reference = {
      {"trajectory", peptide.reference},
      {"n_frames", peptide.n_frames},
      {"n_chains", peptide.n_chains},
      {"temperature_K", number(peptide.temperature_K)},
      {"worst_split_r_hat", number(peptide.r_hat)},
      {"worst_split_r_hat_of", peptide.r_hat_of},
      {"tic_0_effective_samples", number(peptide.tic_0_samples)},
      {"tic_0_round_trips", peptide.tic_0_round_trips},
      {"ladder_round_trips", round_trips_json(peptide.ladder)},
      {"ladder_round_trips_per_cpu_s", round_trip_rate_json(peptide.ladder)},
      {"n_features", peptide.n_features},
      {"tic_timescales_frames", array_of(peptide.tic_timescales_frames, number)},
      {"states", array_of(peptide.states, [](const ComparisonData::State& state) {
         return Json{{"state", state.name},
                     {"population", number(state.population)},
                     {"population_error", number(state.error)}};
       })}};
  return {
      {"name", peptide.name},
      {"reference", reference},
      {"runs", array_of(peptide.runs,
                        [&](const ComparisonData::Run& run) { return run_json(peptide, run); })},
      {"remarks", peptide.remarks}};
}

Json over_peptides_json(const OverPeptides& values) {
  return {{"n_peptides", values.n},
          {"median", number(values.median)},
          {"lowest", number(values.lowest)},
          {"lowest_of", values.lowest_of},
          {"highest", number(values.highest)},
          {"highest_of", values.highest_of}};
}

Json summary_json(const RunOverPeptides& run) {
  Json json = {{"name", run.name},
               {"role", run.role},
               {"n_peptides", run.n_peptides},
               {"n_missed_states", run.n_missed},
               {"n_peptides_with_missed_states", run.n_peptides_missed}};
  Json speed_ups = Json::array();
  for (const SummaryQuantity& speed_up : run.speed_ups) {
    Json entry = {{"reference", speed_up.key}};
    entry["per_cpu_s"] = over_peptides_json(speed_up.values);
    entry["lower_bounds"] = speed_up.n_lower_bounds;
    speed_ups.push_back(std::move(entry));
  }
  json["speed_ups_of_slowest_observable"] = std::move(speed_ups);
  for (const SummaryQuantity& quantity : run.quantities)
    json[quantity.key] = over_peptides_json(quantity.values);
  return json;
}

}  // namespace

std::string comparison_to_json(const ComparisonData& data) {
  Json speed_ups = Json::array();
  for (const std::string& reference : speed_up_references(data)) {
    const std::vector<NamedSpeedUp> sorted = sorted_speed_ups(data, reference);
    speed_ups.push_back({{"reference", reference},
                         {"median_per_cpu_s", number(median_speed_up(sorted))},
                         {"sorted", array_of(sorted, [](const NamedSpeedUp& speed_up) {
                            return Json{{"peptide", speed_up.peptide},
                                        {"run", speed_up.run},
                                        {"per_cpu_s", number(speed_up.value)},
                                        {"per_cpu_s_error", number(speed_up.error)},
                                        {"is_lower_bound", speed_up.is_lower_bound}};
                          })}});
  }
  Json provenance = Json::object();
  for (const auto& [key, value] : data.provenance) provenance[key] = value;
  Json summary = Json::object();
  summary["runs"] = array_of(runs_over_peptides(data), summary_json);
  const Json json = {
      {"schema", kComparisonSchema},         {"title", data.title},
      {"provenance", std::move(provenance)}, {"summary", std::move(summary)},
      {"speed_ups", std::move(speed_ups)},   {"peptides", array_of(data.peptides, peptide_json)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace saltus::io
