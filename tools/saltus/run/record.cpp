#include "tools/saltus/run/record.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace saltus::tools {

using nlohmann::json;

namespace {

/// JSON has no NaN; null stands for it.
double number(const json& value) {
  return value.is_null() ? engine::kUnknown : value.get<double>();
}

json to_json(const engine::MoveStatistics& row) {
  return {{"name", row.name},
          {"proposed", row.proposed},
          {"accepted", row.accepted},
          {"invalid", row.invalid},
          {"energy_evaluations", row.n_energy_evaluations},
          {"cpu_seconds", row.cpu_seconds},
          {"longest_rejection_run", row.longest_rejection_run},
          {"largest_log_ratio", row.largest_log_ratio},
          {"current_rejection_run", row.current_rejection_run}};
}

engine::MoveStatistics statistics_from(const json& value) {
  engine::MoveStatistics row;
  value.at("name").get_to(row.name);
  value.at("proposed").get_to(row.proposed);
  value.at("accepted").get_to(row.accepted);
  value.at("invalid").get_to(row.invalid);
  value.at("energy_evaluations").get_to(row.n_energy_evaluations);
  value.at("cpu_seconds").get_to(row.cpu_seconds);
  value.at("longest_rejection_run").get_to(row.longest_rejection_run);
  row.largest_log_ratio = number(value.at("largest_log_ratio"));
  value.at("current_rejection_run").get_to(row.current_rejection_run);
  return row;
}

json to_json(const engine::SamplerEfficiency& sampler) {
  json observables = json::array();
  for (const engine::ObservableEfficiency& o : sampler.observables)
    observables.push_back({{"observable", o.observable},
                           {"effective_samples", o.effective_samples},
                           {"effective_samples_error", o.effective_samples_error},
                           {"r_hat", o.r_hat},
                           {"per_cpu_second", o.per_cpu_second},
                           {"per_cpu_second_error", o.per_cpu_second_error},
                           {"per_energy_evaluation", o.per_energy_evaluation},
                           {"per_energy_evaluation_error", o.per_energy_evaluation_error}});
  return {{"sampler", sampler.sampler},
          {"cpu_seconds", sampler.cpu_seconds},
          {"energy_evaluations", sampler.n_energy_evaluations},
          {"observables", observables}};
}

engine::SamplerEfficiency sampler_from(const json& value) {
  engine::SamplerEfficiency sampler;
  value.at("sampler").get_to(sampler.sampler);
  sampler.cpu_seconds = number(value.at("cpu_seconds"));
  value.at("energy_evaluations").get_to(sampler.n_energy_evaluations);
  for (const json& o : value.at("observables")) {
    engine::ObservableEfficiency observable;
    o.at("observable").get_to(observable.observable);
    observable.effective_samples = number(o.at("effective_samples"));
    observable.effective_samples_error = number(o.at("effective_samples_error"));
    observable.r_hat = number(o.at("r_hat"));
    observable.per_cpu_second = number(o.at("per_cpu_second"));
    observable.per_cpu_second_error = number(o.at("per_cpu_second_error"));
    observable.per_energy_evaluation = number(o.at("per_energy_evaluation"));
    observable.per_energy_evaluation_error = number(o.at("per_energy_evaluation_error"));
    sampler.observables.push_back(observable);
  }
  return sampler;
}

json to_json(const ModelRecord& model) {
  return {
      {"name", model.name}, {"path", model.path}, {"digest", model.digest}, {"card", model.card}};
}

ModelRecord model_from(const json& value) {
  ModelRecord model;
  value.at("name").get_to(model.name);
  value.at("path").get_to(model.path);
  value.at("digest").get_to(model.digest);
  value.at("card").get_to(model.card);
  return model;
}

/// Runs of earlier versions have one model at most, without a name.
std::vector<ModelRecord> models_from(const json& record) {
  std::vector<ModelRecord> models;
  if (record.contains("models")) {
    for (const json& model : record.at("models")) models.push_back(model_from(model));
    return models;
  }
  ModelRecord only;
  record.at("model_path").get_to(only.path);
  record.at("model_digest").get_to(only.digest);
  record.at("model_card").get_to(only.card);
  if (!only.path.empty()) models.push_back(only);
  return models;
}

}  // namespace

std::string record_to_json(const RunRecord& record) {
  json moves = json::array(), comparisons = json::array(), models = json::array();
  for (const auto& row : record.statistics.rows()) moves.push_back(to_json(row));
  for (const auto& sampler : record.comparisons) comparisons.push_back(to_json(sampler));
  for (const ModelRecord& model : record.models) models.push_back(to_json(model));
  return json{{"molecule", record.molecule},
              {"moves", moves},
              {"tuned", record.tuned},
              {"approximate_moves", record.approximate_moves},
              {"models", models},
              {"comparisons", comparisons},
              {"identity", record.identity}}
      .dump();
}

RunRecord record_from_json(const std::string& text, const std::string& path) {
  try {
    const json value = json::parse(text);
    RunRecord record;
    value.at("molecule").get_to(record.molecule);
    for (const json& row : value.at("moves"))
      record.statistics.rows().push_back(statistics_from(row));
    value.at("tuned").get_to(record.tuned);
    value.at("approximate_moves").get_to(record.approximate_moves);
    record.models = models_from(value);
    for (const json& sampler : value.at("comparisons"))
      record.comparisons.push_back(sampler_from(sampler));
    if (value.contains("identity")) value.at("identity").get_to(record.identity);
    return record;
  } catch (const json::exception&) {
    throw engine::InputError(path +
                             ": the record of the run in this checkpoint is damaged; resume from "
                             "another checkpoint, or start again with --overwrite");
  }
}

}  // namespace saltus::tools
