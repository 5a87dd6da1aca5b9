#include "io/report/summary_json.h"

#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/report/json_number.h"

namespace saltus::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto number = json_number<Json>;

/// "_kJ_mol" of "kJ/mol", "" of "".
std::string key_suffix(const std::string& unit) {
  std::string suffix;
  bool starts_word = true;
  for (char c : unit) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      starts_word = true;
      continue;
    }
    if (starts_word) suffix.push_back('_');
    suffix.push_back(c);
    starts_word = false;
  }
  return suffix;
}

Json object_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  Json object = Json::object();
  for (const auto& [key, value] : entries) object[key] = value;
  return object;
}

template <class Items, class ToJson>
Json array_of(const Items& items, const ToJson& to_json) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

Json observable_json(const engine::ObservableSummary& observable, double steps_per_frame) {
  const engine::AutocorrelationTime& statistics = observable.statistics;
  const std::string suffix = key_suffix(observable.unit);
  return {{"name", observable.name},
          {"unit", observable.unit},
          {"mean" + suffix, number(statistics.mean)},
          {"mean_error" + suffix, number(statistics.mean_error)},
          {"standard_deviation" + suffix, number(statistics.standard_deviation)},
          {"autocorrelation_time_steps", number(statistics.tau * steps_per_frame)},
          {"autocorrelation_time_error_steps", number(statistics.tau_error * steps_per_frame)},
          {"effective_samples", number(statistics.effective_samples)},
          {"effective_samples_error", number(statistics.effective_samples_error)},
          {"split_r_hat", number(observable.r_hat)}};
}

Json move_json(const engine::MoveSummary& move) {
  return {{"name", move.name},
          {"proposed", move.proposed},
          {"accepted", move.accepted},
          {"acceptance", number(move.acceptance)},
          {"invalid", move.invalid},
          {"invalid_fraction", number(move.invalid_fraction)},
          {"longest_rejection_run", move.longest_rejection_run},
          {"largest_log_ratio", number(move.largest_log_ratio)},
          {"mean_work_kT", number(move.mean_work)},
          {"work_deviation_kT", number(move.work_deviation)},
          {"cpu_s", number(move.cpu_seconds)},
          {"cpu_s_per_application", number(move.cpu_seconds_per_application)},
          {"energy_evaluations", move.n_energy_evaluations},
          {"energy_evaluations_per_application", number(move.energy_evaluations_per_application)},
          {"effective_samples_per_cpu_s", number(move.effective_samples_per_cpu_second)}};
}

Json ladder_json(const std::optional<engine::LadderSummary>& ladder) {
  if (!ladder) return nullptr;
  return {{"levels", ladder->n_levels},
          {"ladders", ladder->n_ladders},
          {"round_trips", ladder->n_round_trips},
          {"round_trips_per_cpu_s", number(ladder->per_cpu_second)},
          {"round_trip_steps", number(ladder->round_trip_steps)},
          {"counted_from_step", ladder->first_step},
          {"counted_every_steps", ladder->look_period}};
}

void add_estimate(const std::string& key, const engine::FreeEnergyEstimate& estimate,
                  Json& object) {
  object[key] = number(estimate.value);
  object[key + "_error"] = number(estimate.error);
}

/// Of one level; unknown where there are no estimates.
void add_level_estimate(const std::string& key,
                        const std::vector<engine::FreeEnergyEstimate>& estimates, std::size_t level,
                        Json& object) {
  const engine::FreeEnergyEstimate unknown = {engine::kUnknown, engine::kUnknown};
  add_estimate(key, level < estimates.size() ? estimates[level] : unknown, object);
}

/// Null without works.
Json works_json(const engine::LadderWorkEstimates& estimates, std::size_t pair) {
  if (pair >= estimates.pairs.size()) return nullptr;
  const engine::NeighbourFreeEnergy& from = estimates.pairs[pair];
  Json object = Json::object();
  add_estimate("reduced_difference_up", from.up, object);
  add_estimate("reduced_difference_down", from.down, object);
  add_estimate("reduced_difference_bennett", from.bennett, object);
  object["overlap"] = number(from.overlap);
  object["effective_share_up"] = number(from.share_up);
  object["effective_share_down"] = number(from.share_down);
  object["predicted_acceptance"] = number(from.acceptance);
  return object;
}

Json free_energy_json(const std::optional<engine::FreeEnergySummary>& summary) {
  if (!summary) return nullptr;
  Json levels = Json::array(), pairs = Json::array();
  for (std::size_t k = 0; k < summary->levels.size(); ++k) {
    const engine::LevelSummary& level = summary->levels[k];
    Json object = {{"temperature_K", number(level.temperature_K)},
                   {"mean_potential_energy_kJ_mol", number(level.mean_energy)},
                   {"mean_potential_energy_error_kJ_mol", number(level.mean_energy_error)},
                   {"heat_capacity_kJ_mol_K", number(level.heat_capacity)},
                   {"heat_capacity_error_kJ_mol_K", number(level.heat_capacity_error)}};
    add_level_estimate("reduced_free_energy_mbar", summary->mbar.from_first, k, object);
    add_level_estimate("reduced_free_energy_bennett", summary->plain.from_first, k, object);
    add_level_estimate("reduced_free_energy_map", summary->mapped.from_first, k, object);
    levels.push_back(object);
  }
  for (std::size_t k = 0; k < summary->plain.pairs.size(); ++k) {
    Json object = {{"lower_temperature_K", number(summary->levels[k].temperature_K)},
                   {"upper_temperature_K", number(summary->levels[k + 1].temperature_K)}};
    add_level_estimate("reduced_difference_mbar", summary->mbar.to_next, k, object);
    object["without_map"] = works_json(summary->plain, k);
    object["with_map"] = works_json(summary->mapped, k);
    pairs.push_back(object);
  }
  return {{"missing", summary->missing},
          {"mbar_missing", summary->mbar_missing},
          {"map_missing", summary->mapped_missing},
          {"ensemble", summary->constant_pressure ? "constant pressure" : "constant volume"},
          {"statistical_inefficiency_steps", number(summary->inefficiency_steps)},
          {"steps_between_samples", summary->steps_between_samples},
          {"samples_per_level", summary->n_samples},
          {"blocks", summary->block_words()},
          {"n_blocks", summary->n_blocks},
          {"samples_per_block", summary->block_size},
          {"bootstrap_draws", summary->n_draws},
          {"map_energy_evaluations", summary->n_map_evaluations},
          {"levels", levels},
          {"pairs", pairs}};
}

Json radial_json(const engine::RadialCurve& curve) {
  Json g = Json::array(), errors = Json::array();
  for (const double value : curve.g) g.push_back(number(value));
  for (const double error : curve.g_error) errors.push_back(number(error));
  return {{"pair", curve.name},
          {"configurations", curve.n_configurations},
          {"bin_nm", number(curve.bin_nm)},
          {"g", g},
          {"g_error", errors}};
}

Json efficiency_json(const engine::ObservableEfficiency& row) {
  return {
      {"observable", row.observable},
      {"effective_samples", number(row.effective_samples)},
      {"effective_samples_error", number(row.effective_samples_error)},
      {"split_r_hat", number(row.r_hat)},
      {"is_upper_bound", row.is_upper_bound()},
      {"effective_samples_per_cpu_s", number(row.per_cpu_second)},
      {"effective_samples_per_cpu_s_error", number(row.per_cpu_second_error)},
      {"effective_samples_per_energy_evaluation", number(row.per_energy_evaluation)},
      {"effective_samples_per_energy_evaluation_error", number(row.per_energy_evaluation_error)}};
}

/// Of a sampler that is compared with; what has to be known of the run itself, its warnings say.
Json sampler_json(const engine::SamplerEfficiency& sampler, bool is_run) {
  return {{"sampler", sampler.sampler},
          {"cpu_s", number(sampler.cpu_seconds)},
          {"energy_evaluations", sampler.n_energy_evaluations},
          {"caveat", is_run ? "" : sampler.caveat()},
          {"observables", array_of(sampler.observables, efficiency_json)}};
}

Json speed_up_json(const engine::SpeedUp& speed_up) {
  return {{"reference", speed_up.reference},
          {"observable", speed_up.observable},
          {"per_cpu_s", number(speed_up.per_cpu_second)},
          {"per_cpu_s_error", number(speed_up.per_cpu_second_error)},
          {"per_energy_evaluation", number(speed_up.per_energy_evaluation)},
          {"per_energy_evaluation_error", number(speed_up.per_energy_evaluation_error)},
          {"is_lower_bound", speed_up.is_lower_bound}};
}

Json trials_json(const engine::ProtocolTrials& trials) {
  return {{"protocol", trials.protocol},
          {"trials", trials.n_drives},
          {"energy_evaluations_per_trial", number(trials.evaluations)},
          {"mean_work_kT", trials.work.count > 0 ? number(trials.work.mean) : nullptr},
          {"work_deviation_kT", number(trials.work.standard_deviation())},
          {"acceptance", number(trials.acceptance)},
          {"acceptance_error", number(trials.acceptance_error)},
          {"gain", number(trials.gain)},
          {"gain_error", number(trials.gain_error)},
          {"gain_per_energy_evaluation", number(trials.gain_per_evaluation())}};
}

Json choice_json(const engine::ProtocolChoice& choice) {
  return {{"move", choice.move},
          {"chosen", choice.best().protocol},
          {"gains", choice.gains()},
          {"tried", array_of(choice.tried, trials_json)},
          {"at_once", trials_json(choice.at_once)}};
}

/// Null when nothing is known of it.
Json preparation_json(const std::vector<engine::StageCost>& stages) {
  if (stages.empty()) return nullptr;
  return array_of(stages, [](const engine::StageCost& stage) {
    return Json{{"stage", stage.stage},
                {"energy_evaluations", stage.n_energy_evaluations},
                {"cpu_s", number(stage.cpu_seconds)}};
  });
}

}  // namespace

std::string summary_to_json(const engine::RunSummary& summary) {
  const double steps_per_frame = static_cast<double>(summary.steps_per_frame);
  const Json json = {{"schema", kSummarySchema},
                     {"title", summary.title},
                     {"molecule", summary.molecule},
                     {"is_exact", summary.is_exact()},
                     {"exactness", summary.exactness()},
                     {"n_atoms", summary.n_atoms},
                     {"n_chains", summary.n_chains},
                     {"n_steps", summary.n_steps},
                     {"n_frames", summary.n_frames},
                     {"steps_per_frame", summary.steps_per_frame},
                     {"temperatures_K", array_of(summary.temperatures_K, number)},
                     {"weighted", summary.is_weighted()},
                     {"kish_effective_samples", number(summary.kish_effective_samples)},
                     {"kish_share", number(summary.kish_share())},
                     {"seed", summary.seed},
                     {"versions", object_of(summary.versions)},
                     {"model_card", object_of(summary.model_card)},
                     {"observables", array_of(summary.observables,
                                              [&](const engine::ObservableSummary& observable) {
                                                return observable_json(observable, steps_per_frame);
                                              })},
                     {"moves", array_of(summary.moves, move_json)},
                     {"protocols", array_of(summary.protocols, choice_json)},
                     {"ladder", ladder_json(summary.ladder)},
                     {"free_energy", free_energy_json(summary.free_energy)},
                     {"radial_distributions", array_of(summary.radial, radial_json)},
                     {"preparation", preparation_json(summary.preparation)},
                     {"ready_models", summary.ready_models},
                     {"samplers", array_of(summary.samplers,
                                           [&](const engine::SamplerEfficiency& sampler) {
                                             return sampler_json(
                                                 sampler, &sampler == &summary.samplers.front());
                                           })},
                     {"speed_ups", array_of(summary.speed_ups, speed_up_json)},
                     {"warnings", summary.warnings}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace saltus::io
