// Oracle: what a page must be able to take in.
#include "forcefields/chem/depiction.h"

#include <gmock/gmock.h>

#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Depiction, IsAnElementThatLoadsNothing) {
  for (const char* smiles : {"CCO", "c1ccccc1C(=O)[O-]", "C[C@H](F)Cl", "O", "[13CH4]"}) {
    const std::string svg = drawing_svg(parse_smiles(smiles), 200, 150);
    EXPECT_THAT(svg, testing::StartsWith("<svg class=\"drawing\" viewBox=\"0 0 200 150\">"));
    EXPECT_THAT(svg, testing::EndsWith("</svg>"));
    EXPECT_THAT(svg, HasSubstr("<path"));
    for (const char* loader : {"http:", "https:", "xmlns", "<?xml", "<!--", "href", "<script"})
      EXPECT_THAT(svg, Not(HasSubstr(loader))) << smiles;
  }
}

}  // namespace
}  // namespace saltus::forcefields
