// Oracle: rows of double bonds found by hand.
#include "forcefields/chem/cumulenes.h"

#include <gmock/gmock.h>

#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

using testing::ElementsAre;

TEST(Cumulenes, AreFoundFromEndToEnd) {
  EXPECT_THAT(cumulenes(parse_smiles("CC=C=C=CC")), ElementsAre(ElementsAre(1, 2, 3, 4)));
  EXPECT_THAT(cumulenes(parse_smiles("FC=C=CCl")), ElementsAre(ElementsAre(1, 2, 3)));
  EXPECT_THAT(cumulenes(parse_smiles("CN=C=NC")), ElementsAre(ElementsAre(1, 2, 3)));
  EXPECT_THAT(cumulenes(parse_smiles("C=C=CC")), ElementsAre(ElementsAre(0, 1, 2)));
  EXPECT_EQ(cumulenes(parse_smiles("CC=C=CCC=C=CC")).size(), 2u);
}

TEST(Cumulenes, AreNotWhatHasNothingToTwist) {
  for (const char* smiles : {"C=C=C=C=C", "CN=[N+]=[N-]", "CC=C=O", "O=C=O", "CC#CC", "CC=CC=C",
                             "CS(=O)(=O)C", "CN=C=S"})
    EXPECT_TRUE(cumulenes(parse_smiles(smiles)).empty()) << smiles;
}

}  // namespace
}  // namespace saltus::forcefields
