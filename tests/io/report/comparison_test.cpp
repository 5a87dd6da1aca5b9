// Oracle: the numbers put in, found again in JSON and page.
#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "io/report/comparison_json.h"
#include "io/report/comparison_plots.h"
#include "io/report/comparison_report.h"

namespace saltus::io {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

ComparisonData::SpeedUp speed_up(const std::string& reference, double value, bool is_slowest) {
  ComparisonData::SpeedUp result;
  result.reference = reference;
  result.observable = is_slowest ? "slowest (TIC 0)" : "TIC 0, published definition";
  result.value = value;
  result.is_slowest = is_slowest;
  return result;
}

ComparisonData::Peptide peptide(const std::string& name, double gain) {
  ComparisonData::Peptide result;
  result.name = name;
  result.states = {{"phi_2, psi_2: 1 near -75°, 145°", 0.9, 0.01}, {"rare <state>", 0.1, 0.01}};
  ComparisonData::Run run;
  run.name = "leaps";
  run.populations = {{1.0, 0.02, 4.5, false}, {0.0, ComparisonData::kUnknown, 10.0, true}};
  run.n_missed = 1;
  run.distances = {100, {0.2, 0.1, 0.01}, {0.3, 0.1, 0.01}, {0.4, 0.1, 0.01}, {0.5, 0.1, 0.01}};
  run.curve = {{1e4, run.distances}, {1e5, run.distances}};
  run.speed_ups = {speed_up("OpenMM dynamics", gain, true),
                   speed_up("OpenMM dynamics", 1e6, false)};
  run.remarks = {"something to know"};
  result.runs = {run};
  result.profiles = {{"phi_2", "deg", {{"leaps", {-90.0, 90.0}, {0.0, 1.5}, {0.1, 0.2}}}}};
  result.tic_points = {{"reference", {{0.0, 1.0}}}, {"leaps", {{0.5, 1.0}}}};
  return result;
}

ComparisonData comparison() {
  ComparisonData data;
  data.title = "Two peptides";
  data.peptides = {peptide("AA", 10.0), peptide("WY", 1000.0)};
  return data;
}

TEST(Comparison, SortsSpeedUpsOfTheSlowestObservable) {
  const ComparisonData data = comparison();
  EXPECT_EQ(speed_up_references(data), std::vector<std::string>{"OpenMM dynamics"});
  const auto sorted = sorted_speed_ups(data, "OpenMM dynamics");
  ASSERT_EQ(sorted.size(), 2u);
  EXPECT_EQ(sorted[0].peptide, "WY");
  EXPECT_EQ(sorted[1].value, 10.0);
  EXPECT_EQ(median_speed_up(sorted), 505.0);
  EXPECT_TRUE(std::isnan(median_speed_up({})));
}

TEST(Comparison, LeavesOutSpeedUpsThatAreNotKnown) {
  ComparisonData data = comparison();
  data.peptides[0].runs[0].speed_ups[0].value = ComparisonData::kUnknown;
  EXPECT_EQ(sorted_speed_ups(data, "OpenMM dynamics").size(), 1u);
}

TEST(Comparison, IsWrittenAsJson) {
  const json written = json::parse(comparison_to_json(comparison()));
  EXPECT_EQ(written.at("schema"), kComparisonSchema);
  EXPECT_EQ(written.at("speed_ups")[0].at("median_per_cpu_s"), 505.0);
  const json& run = written.at("peptides")[0].at("runs")[0];
  EXPECT_TRUE(run.at("cpu_s").is_null());
  EXPECT_EQ(run.at("distances").at("torus_w2_rad").at("ratio"), 4.0);
  EXPECT_EQ(run.at("populations")[1].at("missed"), true);
  EXPECT_TRUE(run.at("populations")[1].at("population_error").is_null());
  EXPECT_EQ(run.at("distances_along_run")[1].at("energy_evaluations"), 1e5);
  EXPECT_TRUE(written.at("peptides")[0].at("reference").at("ladder_round_trips").is_null());
}

TEST(Comparison, IsDrawn) {
  const std::string page = render_comparison(comparison());
  EXPECT_THAT(page, HasSubstr("<h2>AA</h2>"));
  EXPECT_THAT(page, HasSubstr("something to know"));
  EXPECT_THAT(page, HasSubstr("rare &lt;state&gt;"));
  EXPECT_THAT(page, HasSubstr("missed"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
}

TEST(Comparison, ShowsRoundTripsOfLadders) {
  ComparisonData data = comparison();
  engine::LadderSummary ladder;
  ladder.n_levels = 6;
  ladder.n_ladders = 2;
  ladder.n_round_trips = 1234;
  ladder.round_trip_steps = 50.0;
  data.peptides[0].ladder = ladder;
  ladder.n_round_trips = 77;
  ladder.per_cpu_second = 4.5;
  data.peptides[0].runs[0].ladder = ladder;
  const json peptide = json::parse(comparison_to_json(data)).at("peptides")[0];
  EXPECT_EQ(peptide.at("reference").at("ladder_round_trips"), 1234);
  EXPECT_TRUE(peptide.at("reference").at("ladder_round_trips_per_cpu_s").is_null());
  EXPECT_EQ(peptide.at("runs")[0].at("ladder_round_trips"), 77);
  EXPECT_EQ(peptide.at("runs")[0].at("ladder_round_trips_per_cpu_s"), 4.5);
  const std::string page = render_comparison(data);
  EXPECT_THAT(page, HasSubstr("Replica exchange: 1234 round trips of 12 replicas over 6 "
                              "temperatures, 50 steps each."));
  EXPECT_THAT(page, HasSubstr("<data value=\"77\">77</data> (<data value=\"4.5\">4.50</data>"));
  EXPECT_THAT(page, HasSubstr("Replica exchange: no ladder whose replicas it knows."));
}

TEST(Comparison, HasNoFigureOfNothing) {
  EXPECT_EQ(speed_up_script({}), "");
  EXPECT_EQ(tic_points_script({}), "");
  ComparisonData::Run run;
  run.curve = {{ComparisonData::kUnknown, {}}};
  EXPECT_EQ(distance_curve_script(
                {run}, "Energy",
                [](const ComparisonData::Distances& distances) -> const ComparisonData::Distance& {
                  return distances.energy_1_kT;
                }),
            "");
}

}  // namespace
}  // namespace saltus::io
