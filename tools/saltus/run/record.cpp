#include "tools/saltus/run/record.h"

#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "tools/saltus/common/json_fields_detail.h"

namespace saltus::tools {

using nlohmann::json;

namespace {

constexpr auto kStatisticsFields = [](auto& row, const auto& field) {
  field("name", row.name);
  field("proposed", row.proposed);
  field("accepted", row.accepted);
  field("invalid", row.invalid);
  field("energy_evaluations", row.n_energy_evaluations);
  field("cpu_seconds", row.cpu_seconds);
  field("longest_rejection_run", row.longest_rejection_run);
  field("largest_log_ratio", row.largest_log_ratio);
  field("current_rejection_run", row.current_rejection_run);
};

constexpr auto kWorkFields = [](auto& work, const auto& field) {
  field("count", work.count);
  field("mean", work.mean);
  field("sum_of_squares", work.sum_of_squares);
};

/// Without its work.
constexpr auto kTrialFields = [](auto& row, const auto& field) {
  field("protocol", row.protocol);
  field("drives", row.n_drives);
  field("evaluations", row.evaluations);
  field("acceptance", row.acceptance);
  field("acceptance_error", row.acceptance_error);
  field("gain", row.gain);
  field("gain_error", row.gain_error);
};

constexpr auto kRoundTripFields = [](auto& row, const auto& field) {
  field("ladder_size", row.ladder_size);
  field("first_step", row.first_step);
  field("round_trips", row.n_round_trips);
  field("steps", row.n_steps);
  field("phases", row.phases);
  field("begun", row.begun);
};

constexpr auto kObservableFields = [](auto& row, const auto& field) {
  field("observable", row.observable);
  field("effective_samples", row.effective_samples);
  field("effective_samples_error", row.effective_samples_error);
  field("r_hat", row.r_hat);
  field("per_cpu_second", row.per_cpu_second);
  field("per_cpu_second_error", row.per_cpu_second_error);
  field("per_energy_evaluation", row.per_energy_evaluation);
  field("per_energy_evaluation_error", row.per_energy_evaluation_error);
};

/// Without its observables.
constexpr auto kSamplerFields = [](auto& row, const auto& field) {
  field("sampler", row.sampler);
  field("cpu_seconds", row.cpu_seconds);
  field("energy_evaluations", row.n_energy_evaluations);
};

constexpr auto kModelFields = [](auto& row, const auto& field) {
  field("name", row.name);
  field("path", row.path);
  field("digest", row.digest);
  field("card", row.card);
};

constexpr auto kStageFields = [](auto& row, const auto& field) {
  field("stage", row.stage);
  field("energy_evaluations", row.n_energy_evaluations);
  field("cpu_seconds", row.cpu_seconds);
};

template <class Row, class Fields>
json array_of(const std::vector<Row>& rows, const Fields& fields) {
  json array = json::array();
  for (const Row& row : rows) array.push_back(fields_to_json(row, fields));
  return array;
}

template <class Row, class Fields>
std::vector<Row> rows_of(const json& array, const Fields& fields) {
  std::vector<Row> rows;
  for (const json& value : array) rows.push_back(fields_from_json<Row>(value, fields));
  return rows;
}

json to_json(const engine::SamplerEfficiency& sampler) {
  json object = fields_to_json(sampler, kSamplerFields);
  object["observables"] = array_of(sampler.observables, kObservableFields);
  return object;
}

engine::SamplerEfficiency sampler_from(const json& value) {
  auto sampler = fields_from_json<engine::SamplerEfficiency>(value, kSamplerFields);
  sampler.observables =
      rows_of<engine::ObservableEfficiency>(value.at("observables"), kObservableFields);
  return sampler;
}

json to_json(const engine::ProtocolTrials& trials) {
  json object = fields_to_json(trials, kTrialFields);
  object["work"] = fields_to_json(trials.work, kWorkFields);
  return object;
}

engine::ProtocolTrials trials_from(const json& value) {
  auto trials = fields_from_json<engine::ProtocolTrials>(value, kTrialFields);
  trials.work = fields_from_json<engine::WorkMoments>(value.at("work"), kWorkFields);
  return trials;
}

json to_json(const engine::ProtocolChoice& choice) {
  json tried = json::array();
  for (const engine::ProtocolTrials& trials : choice.tried) tried.push_back(to_json(trials));
  return {{"move", choice.move},
          {"tried", tried},
          {"at_once", to_json(choice.at_once)},
          {"chosen", choice.chosen}};
}

engine::ProtocolChoice choice_from(const json& value) {
  engine::ProtocolChoice choice;
  value.at("move").get_to(choice.move);
  for (const json& trials : value.at("tried")) choice.tried.push_back(trials_from(trials));
  choice.at_once = trials_from(value.at("at_once"));
  value.at("chosen").get_to(choice.chosen);
  choice.best();  // throws where there is no such protocol
  return choice;
}

/// Runs of earlier versions have one model at most, without a name.
std::vector<ModelRecord> models_from(const json& record) {
  if (record.contains("models")) return rows_of<ModelRecord>(record.at("models"), kModelFields);
  std::vector<ModelRecord> models;
  ModelRecord only;
  record.at("model_path").get_to(only.path);
  record.at("model_digest").get_to(only.digest);
  record.at("model_card").get_to(only.card);
  if (!only.path.empty()) models.push_back(only);
  return models;
}

}  // namespace

std::string record_to_json(const RunRecord& record) {
  json comparisons = json::array(), protocols = json::array();
  for (const engine::ProtocolChoice& choice : record.tuned.protocols)
    protocols.push_back(to_json(choice));
  for (const auto& sampler : record.comparisons) comparisons.push_back(to_json(sampler));
  std::vector<engine::WorkMoments> works;
  for (const auto& row : record.statistics.rows()) works.push_back(row.work);
  return json{{"molecule", record.molecule},
              {"moves", array_of(record.statistics.rows(), kStatisticsFields)},
              {"works", array_of(works, kWorkFields)},
              {"round_trips", fields_to_json(record.round_trips, kRoundTripFields)},
              {"tuned", record.tuned.steps},
              {"protocols", protocols},
              {"approximate_moves", record.approximate_moves},
              {"models", array_of(record.models, kModelFields)},
              {"comparisons", comparisons},
              {"preparation", array_of(record.preparation, kStageFields)},
              {"ready_models", record.ready_models},
              {"identity", record.identity}}
      .dump();
}

RunRecord record_from_json(const std::string& text, const std::string& path) {
  try {
    const json value = json::parse(text);
    RunRecord record;
    value.at("molecule").get_to(record.molecule);
    record.statistics.rows() =
        rows_of<engine::MoveStatistics>(value.at("moves"), kStatisticsFields);
    if (value.contains("works")) {
      const auto works = rows_of<engine::WorkMoments>(value.at("works"), kWorkFields);
      for (std::size_t i = 0; i < record.statistics.rows().size(); ++i)
        record.statistics.rows()[i].work = works.at(i);
    }
    if (value.contains("round_trips"))
      record.round_trips =
          fields_from_json<engine::RoundTrips>(value.at("round_trips"), kRoundTripFields);
    value.at("tuned").get_to(record.tuned.steps);
    if (value.contains("protocols"))
      for (const json& choice : value.at("protocols"))
        record.tuned.protocols.push_back(choice_from(choice));
    value.at("approximate_moves").get_to(record.approximate_moves);
    record.models = models_from(value);
    for (const json& sampler : value.at("comparisons"))
      record.comparisons.push_back(sampler_from(sampler));
    if (value.contains("identity")) value.at("identity").get_to(record.identity);
    if (value.contains("preparation"))
      record.preparation = rows_of<engine::StageCost>(value.at("preparation"), kStageFields);
    if (value.contains("ready_models")) value.at("ready_models").get_to(record.ready_models);
    return record;
  } catch (const std::exception&) {
    throw engine::InputError(path +
                             ": the record of the run in this checkpoint is damaged; resume from "
                             "another checkpoint, or start again with --overwrite");
  }
}

}  // namespace saltus::tools
