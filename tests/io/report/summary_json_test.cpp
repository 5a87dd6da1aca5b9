// Oracle: the whole text of a small summary, written by hand; an independent parser for the rest.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/report/summary_json.h"
#include "tests/io/report/synthetic_report.h"

namespace saltus::io {
namespace {

engine::RunSummary small_summary() {
  engine::RunSummary summary;
  summary.title = "a \"title\"";
  summary.molecule = "water";
  summary.n_atoms = 3;
  summary.n_chains = 2;
  summary.n_steps = 40;
  summary.n_frames = 20;
  summary.steps_per_frame = 2;
  summary.temperatures_K = {310.5};
  summary.seed = 18446744073709551615u;
  summary.versions = {{"Saltus", "0.1.0"}};
  summary.approximate_moves = {"langevin"};
  engine::ObservableSummary energy;
  energy.name = "energy";
  energy.unit = "kJ/mol";
  energy.statistics = {1.5, 0.25, 26.0, 4.0, -3.5, 0.125, 0.5};
  energy.r_hat = std::numeric_limits<double>::infinity();
  summary.observables = {energy};
  summary.warnings = {"be careful"};
  return summary;
}

TEST(SummaryJson, IsThisText) {
  EXPECT_EQ(summary_to_json(small_summary()), R"({
  "schema": 1,
  "title": "a \"title\"",
  "molecule": "water",
  "is_exact": false,
  "exactness": "approximate: langevin is not exact",
  "n_atoms": 3,
  "n_chains": 2,
  "n_steps": 40,
  "n_frames": 20,
  "steps_per_frame": 2,
  "temperatures_K": [
    310.5
  ],
  "weighted": false,
  "kish_effective_samples": null,
  "kish_share": null,
  "seed": 18446744073709551615,
  "versions": {
    "Saltus": "0.1.0"
  },
  "model_card": {},
  "observables": [
    {
      "name": "energy",
      "unit": "kJ/mol",
      "mean_kJ_mol": -3.5,
      "mean_error_kJ_mol": 0.125,
      "standard_deviation_kJ_mol": 0.5,
      "autocorrelation_time_steps": 3.0,
      "autocorrelation_time_error_steps": 0.5,
      "effective_samples": 26.0,
      "effective_samples_error": 4.0,
      "split_r_hat": null
    }
  ],
  "moves": [],
  "protocols": [],
  "ladder": null,
  "free_energy": null,
  "radial_distributions": [],
  "preparation": null,
  "ready_models": [],
  "samplers": [],
  "speed_ups": [],
  "warnings": [
    "be careful"
  ]
}
)");
}

TEST(SummaryJson, TellsWhatProtocolsMeasured) {
  engine::RunSummary summary;
  const std::vector<engine::TrialDrive> drives = {{-2.0, true}, {0.0, false}};
  const std::vector<engine::TrialDrive> hopeless = {
      {-std::numeric_limits<double>::infinity(), true},
      {-std::numeric_limits<double>::infinity(), true}};
  summary.protocols = {{"m",
                        {engine::average_drives("1 step", hopeless, 2.0),
                         engine::average_drives("9 steps", drives, 10.0)},
                        engine::average_drives("at once", hopeless, 2.0),
                        1}};
  const auto json = nlohmann::json::parse(summary_to_json(summary)).at("protocols").at(0);
  EXPECT_EQ(json.at("move"), "m");
  EXPECT_EQ(json.at("chosen"), "9 steps");
  EXPECT_EQ(json.at("gains"), false);
  EXPECT_EQ(json.at("at_once").at("acceptance"), 0.0);
  EXPECT_TRUE(json.at("tried").at(0).at("mean_work_kT").is_null());
  const auto& chosen = json.at("tried").at(1);
  EXPECT_EQ(chosen.at("trials"), 2);
  EXPECT_EQ(chosen.at("energy_evaluations_per_trial"), 10.0);
  EXPECT_EQ(chosen.at("mean_work_kT"), 1.0);
  EXPECT_NEAR(chosen.at("gain").get<double>(), std::exp(-2.0) / 2.0, 1e-12);
}

TEST(SummaryJson, HasTheSameKeysForEveryMoveAndSampler) {
  const auto json =
      nlohmann::ordered_json::parse(summary_to_json(tests::synthetic_report().summary));
  const auto keys = [](const nlohmann::ordered_json& object) {
    std::vector<std::string> names;
    for (const auto& item : object.items()) names.push_back(item.key());
    return names;
  };
  EXPECT_EQ(keys(json["moves"][0]),
            (std::vector<std::string>{
                "name", "proposed", "accepted", "acceptance", "invalid", "invalid_fraction",
                "longest_rejection_run", "largest_log_ratio", "mean_work_kT", "work_deviation_kT",
                "cpu_s", "cpu_s_per_application", "energy_evaluations",
                "energy_evaluations_per_application", "effective_samples_per_cpu_s"}));
  EXPECT_EQ(keys(json["samplers"][1]),
            (std::vector<std::string>{"sampler", "cpu_s", "energy_evaluations", "caveat",
                                      "observables"}));
  EXPECT_EQ(keys(json["samplers"][1]["observables"][0]),
            (std::vector<std::string>{
                "observable", "effective_samples", "effective_samples_error", "split_r_hat",
                "is_upper_bound", "effective_samples_per_cpu_s",
                "effective_samples_per_cpu_s_error", "effective_samples_per_energy_evaluation",
                "effective_samples_per_energy_evaluation_error"}));
  EXPECT_EQ(keys(json["speed_ups"][0]),
            (std::vector<std::string>{"reference", "observable", "per_cpu_s", "per_cpu_s_error",
                                      "per_energy_evaluation", "per_energy_evaluation_error",
                                      "is_lower_bound"}));
  // Unknown numbers are null, not absent.
  EXPECT_TRUE(json["moves"][0]["effective_samples_per_cpu_s"].is_null());
  EXPECT_EQ(json["observables"][1].count("mean_rad"), 1u);
  EXPECT_EQ(json["observables"][3].count("mean"), 1u);
}

TEST(SummaryJson, TellsTheRoundTrips) {
  engine::RunSummary summary = small_summary();
  engine::RoundTrips trips(2, 0, std::vector<std::uint32_t>{0, 1, 2, 3});
  trips.n_round_trips = 6;
  trips.n_steps = 27;
  engine::compute_ladder(trips, 8.0, summary);
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["ladder"], nlohmann::json::parse(R"({"levels": 2, "ladders": 2, "round_trips": 6,
      "round_trips_per_cpu_s": 0.75, "round_trip_steps": 4.5, "counted_from_step": 0,
      "counted_every_steps": 1})"));
}

TEST(SummaryJson, TellsTheFreeEnergiesOfALadder) {
  engine::RunSummary summary = small_summary();
  summary.free_energy = tests::synthetic_free_energy();
  const auto json = nlohmann::json::parse(summary_to_json(summary)).at("free_energy");
  EXPECT_EQ(json["levels"][1], nlohmann::json::parse(R"({"temperature_K": 400.5,
      "mean_potential_energy_kJ_mol": -41.5, "mean_potential_energy_error_kJ_mol": 0.75,
      "heat_capacity_kJ_mol_K": 0.21, "heat_capacity_error_kJ_mol_K": 0.011,
      "reduced_free_energy_mbar": -7.25, "reduced_free_energy_mbar_error": 0.0625,
      "reduced_free_energy_bennett": -7.375, "reduced_free_energy_bennett_error": 0.03125,
      "reduced_free_energy_map": -7.3125, "reduced_free_energy_map_error": 0.015625})"));
  EXPECT_EQ(json["pairs"][0], nlohmann::json::parse(R"({"lower_temperature_K": 300.25,
      "upper_temperature_K": 400.5, "reduced_difference_mbar": -7.26,
      "reduced_difference_mbar_error": 0.0626, "without_map": {"reduced_difference_up": -7.1,
      "reduced_difference_up_error": 0.11, "reduced_difference_down": -7.2,
      "reduced_difference_down_error": 0.12, "reduced_difference_bennett": -7.3,
      "reduced_difference_bennett_error": 0.13, "overlap": 0.31, "effective_share_up": 0.041,
      "effective_share_down": 0.051, "predicted_acceptance": 0.061},
      "with_map": {"reduced_difference_up": -8.1,
      "reduced_difference_up_error": 0.21, "reduced_difference_down": -8.2,
      "reduced_difference_down_error": 0.22, "reduced_difference_bennett": -8.3,
      "reduced_difference_bennett_error": 0.23, "overlap": 0.32, "effective_share_up": 0.042,
      "effective_share_down": 0.052, "predicted_acceptance": 0.062}})"));
  auto rest = json;
  rest.erase("levels");
  rest.erase("pairs");
  EXPECT_EQ(rest, nlohmann::json::parse(R"({"missing": "", "mbar_missing": "", "map_missing": "",
      "ensemble": "constant volume", "statistical_inefficiency_steps": 12.5,
      "steps_between_samples": 15, "samples_per_level": 1600, "blocks": "whole ladders",
      "n_blocks": 16, "samples_per_block": 1001, "bootstrap_draws": 99,
      "map_energy_evaluations": 123457})"));
  // Without a map, and where MBAR found nothing.
  summary.free_energy->mapped = {};
  summary.free_energy->mbar = {};
  const auto without = nlohmann::json::parse(summary_to_json(summary)).at("free_energy");
  EXPECT_TRUE(without["pairs"][0]["with_map"].is_null());
  EXPECT_TRUE(without["pairs"][0]["reduced_difference_mbar"].is_null());
  EXPECT_TRUE(without["levels"][1]["reduced_free_energy_map"].is_null());
  EXPECT_EQ(without["levels"][1]["reduced_free_energy_bennett"], -7.375);
}

TEST(SummaryJson, MarksTheBoundsOfASamplerThatIsComparedWith) {
  engine::RunSummary summary = small_summary();
  summary.warnings.clear();
  summary.observables[0].r_hat = 1.0;
  std::vector<engine::ObservableSummary> theirs = summary.observables;
  theirs[0].r_hat = 1.12;
  summary.samplers = {engine::compute_efficiency("this run", summary.observables, 1.0, 1),
                      engine::compute_efficiency("pilot", theirs, 1.0, 1)};
  engine::compute_speed_ups(summary);
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["samplers"][0]["observables"][0]["is_upper_bound"], false);
  EXPECT_EQ(json["samplers"][0]["caveat"], "");
  EXPECT_EQ(json["samplers"][1]["observables"][0]["is_upper_bound"], true);
  EXPECT_EQ(json["samplers"][1]["caveat"], summary.samplers[1].caveat());
  EXPECT_EQ(json["speed_ups"][0]["is_lower_bound"], true);
  EXPECT_TRUE(json["warnings"].empty());
}

TEST(SummaryJson, TellsTheWeights) {
  engine::RunSummary summary = small_summary();
  const std::vector<double> log_weights = {0.0, std::log(2.0), std::log(3.0), std::log(2.0)};
  engine::compute_weights(log_weights, summary);
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["weighted"], true);
  EXPECT_NEAR(json["kish_effective_samples"].get<double>(), 64.0 / 18.0, 1e-14);
  EXPECT_NEAR(json["kish_share"].get<double>(), 16.0 / 18.0, 1e-14);
}

TEST(SummaryJson, TellsWhatPreparationCost) {
  engine::RunSummary summary = small_summary();
  summary.preparation = {{"pilot", 1200, 3.5}, {"warm-up", 34, engine::kUnknown}};
  summary.ready_models = {"m.safetensors"};
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["preparation"], nlohmann::json::parse(R"([
    {"stage": "pilot", "energy_evaluations": 1200, "cpu_s": 3.5},
    {"stage": "warm-up", "energy_evaluations": 34, "cpu_s": null}])"));
  EXPECT_EQ(json["ready_models"], nlohmann::json::parse(R"(["m.safetensors"])"));
}

TEST(SummaryJson, KeepsDoublesExactly) {
  engine::RunSummary summary = small_summary();
  summary.observables[0].statistics.mean = 1.0 / 3.0;
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["observables"][0]["mean_kJ_mol"].get<double>(), 1.0 / 3.0);
}

TEST(SummaryJson, SurvivesTextThatIsNotUtf8) {
  engine::RunSummary summary = small_summary();
  summary.title = "bad \xff byte";
  const auto json = nlohmann::json::parse(summary_to_json(summary));
  EXPECT_EQ(json["title"], "bad \xef\xbf\xbd byte");
}

}  // namespace
}  // namespace saltus::io
