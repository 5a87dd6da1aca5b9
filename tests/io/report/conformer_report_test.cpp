// Oracle: what was put in, found in the page by hand-written texts.
#include "io/report/conformer_report.h"

#include <gmock/gmock.h>

#include <regex>

namespace saltus::io {
namespace {

using testing::HasSubstr;
using testing::Not;

ConformerReportData example() {
  ConformerReportData data;
  data.title = "drugs & more";
  data.seconds = 2.0;
  data.n_molecules = 500;
  data.n_with_conformers = 498;
  data.n_conformers = 4000;
  data.molecule_stages = {{"read", 500}, {"understood", 499}};
  data.conformer_stages = {{"asked for", 8000}, {"kept", 4000}};
  data.failures = {{"PARSE_SYNTAX", 1, {"a.smi:3 <x>: wrong"}}};
  data.rows = {{"benzene", "OK", 1, 2, 1.25, 0.5, 7.0, 0.125},
               {"broken", "PARSE_SYNTAX", 0, 0, {}, {}, {}, {}}};
  data.rows[1].energy_span = ConformerReportData::kUnknown;
  std::vector<double> flat(36, 1.0 / 36.0);
  data.torsions = {{"butane", {{"C1-C2-C3-C4", flat}, {"C2-C3-C4-C5", flat}}}};
  data.pictures = {{"hydrogen </script>",
                    "[H][H]",
                    {"H", "H"},
                    {{0, 1, 1}},
                    {{{0.0, 0.0, 0.0, 0.74123456, 0.0, 0.0}, "1 of 1"}}}};
  data.provenance = {{"Seed", "17"}};
  return data;
}

TEST(ConformerPage, ShowsWhatItIsGiven) {
  const std::string page = render_conformer_report(example());
  for (const char* part :
       {"<h1>drugs &amp; more</h1>", "<data value=\"498\">498</data> of ", "conformers per second",
        "<data value=\"2000\">", "width:50.0%", "a.smi:3 &lt;x&gt;: wrong",
        "The first <data value=\"2\">2</data> of <data value=\"500\">500</data> molecules",
        "<data value=\"1.25\">1.25</data>", "Torsions of butane", "<dt>Seed</dt><dd>17</dd>",
        "0.741,0.0,0.0]", "hydrogen &lt;/script&gt;"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("interrupted")));
  ConformerReportData cut = example();
  cut.interrupted = true;
  EXPECT_THAT(render_conformer_report(cut), HasSubstr(">interrupted</span>"));
}

TEST(ConformerPage, LoadsNothingAndKeepsItsScriptsWhole) {
  const std::string page = render_conformer_report(example());
  for (const char* loader : {"http://", "https://", " src=", "@import", "<link", "<iframe",
                             "url(\"", "url('", "file:", "fetch(", "import("})
    EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
  const auto count = [&](const char* what) {
    const std::regex pattern(what);
    return std::distance(std::sregex_iterator(page.begin(), page.end(), pattern),
                         std::sregex_iterator());
  };
  EXPECT_EQ(count("<script"), 2);
  EXPECT_EQ(count("</script>"), 2);
  EXPECT_EQ(count("<svg"), 1);
}

TEST(ConformerPage, CanBeEmpty) {
  const std::string page = render_conformer_report({});
  EXPECT_THAT(page, HasSubstr("The input held no molecules."));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_EQ(torsion_histograms_script({}), "");
}

}  // namespace
}  // namespace saltus::io
