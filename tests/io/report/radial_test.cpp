// Oracle: two curves of a few bins, written out by hand.
#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "io/report/html_report.h"
#include "io/report/plots.h"
#include "io/report/summary_json.h"

namespace saltus::io {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<engine::RadialCurve> curves() {
  return {{"O-O", 7, 0.25, {0.0, 2.75}, {0.0, 0.125}},
          {"O-H", 7, 0.25, {0.5, 1.5}, {kNone, kNone}}};
}

TEST(RadialReport, SummariesHaveAllNumbers) {
  engine::RunSummary summary;
  summary.radial = curves();
  EXPECT_EQ(nlohmann::json::parse(summary_to_json(summary)).at("radial_distributions"),
            nlohmann::json::parse(
                R"([{"pair": "O-O", "configurations": 7, "bin_nm": 0.25, "g": [0.0, 2.75],
                     "g_error": [0.0, 0.125]},
                    {"pair": "O-H", "configurations": 7, "bin_nm": 0.25, "g": [0.5, 1.5],
                     "g_error": [null, null]}])"));
}

TEST(RadialReport, ScriptsHaveMiddlesOfBinsAndErrors) {
  const std::string script = radial_script(curves());
  EXPECT_THAT(script, HasSubstr("\n0.125 0 0\n0.375 2.75 0.125\n"));
  // Without an error there is no band.
  EXPECT_THAT(script, HasSubstr("\n0.125 0.5 0\n0.375 1.5 0\n"));
  EXPECT_THAT(script, HasSubstr("O-O"));
  EXPECT_EQ(radial_script({}), "");
}

TEST(RadialReport, PagesHaveASectionWhereThereIsWater) {
  ReportData data;
  EXPECT_THAT(render_report(data), Not(HasSubstr("Structure of water")));
  data.summary.radial = curves();
  const std::string page = render_report(data);
  EXPECT_THAT(page, HasSubstr("<h2>Structure of water</h2>"));
  EXPECT_THAT(page, HasSubstr("of 7 configurations at the lowest temperature"));
}

}  // namespace
}  // namespace saltus::io
