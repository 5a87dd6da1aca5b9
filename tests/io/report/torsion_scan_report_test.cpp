// Oracle: what was put in, found in the page by hand-written texts.
#include "io/report/torsion_scan_report.h"

#include <gmock/gmock.h>

#include <limits>

namespace saltus::io {
namespace {

using testing::HasSubstr;
using testing::Not;

TorsionScanReportData::Scan example() {
  TorsionScanReportData::Scan scan;
  scan.name = "a<b";
  scan.torsion = "C1-C2-C3-C4";
  scan.force_field = "MMFF94s";
  scan.status = "OK";
  scan.points = {
      {-180.0, 0.5}, {-90.0, 1.0}, {0.0, std::numeric_limits<double>::quiet_NaN()}, {90.0, 2.0}};
  scan.minima = {{-170.0, 0.0}};
  scan.barriers = {{88.0, 2.125}};
  return scan;
}

TEST(TorsionScanScript, ClosesTheTurn) {
  const std::string script = torsion_scan_script(example());
  EXPECT_THAT(script, HasSubstr("-180 0.5\n-90 1\n0 NaN\n90 2\n180 0.5\n"));
  EXPECT_THAT(script, HasSubstr("torsion C1-C2-C3-C4 / degrees"));
  EXPECT_THAT(script, HasSubstr("energy / kcal/mol"));
  EXPECT_EQ(torsion_scan_script({}), "");
}

TEST(TorsionScanPage, ShowsScansAndFailures) {
  TorsionScanReportData data;
  data.title = "t & u";
  data.scans = {example(), {}};
  data.scans[1].name = "none";
  data.scans[1].status = "NO_TORSION";
  data.scans[1].message = "in a ring";
  data.provenance = {{"Seed", "17"}};
  const std::string page = render_torsion_scan_report(data);
  for (const char* part :
       {"<h1>t &amp; u</h1>", "a&lt;b, C1-C2-C3-C4", "<svg", "barrier", "<data value=\"2.125\">",
        "NO_TORSION: in a ring", "<dt>Seed</dt><dd>17</dd>"})
    EXPECT_THAT(page, HasSubstr(part));
  for (const char* loader : {"http://", "https://", " src=", "@import", "<link", "url("})
    EXPECT_THAT(page, Not(HasSubstr(loader)));
}

}  // namespace
}  // namespace saltus::io
