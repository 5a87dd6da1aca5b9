// Oracle: the configurations that groups allow, written out by hand; canonical SMILES by RDKit.
#include "forcefields/chem/stereo_groups.h"

#include <gmock/gmock.h>

#include "forcefields/chem/conformer_input.h"

namespace saltus::forcefields {
namespace {

using testing::ElementsAre;

ChemMolecule molecule(const std::string& smiles) { return parse_listed_smiles(smiles, "x", 100); }

std::vector<std::string> alternatives(const std::string& smiles, std::size_t max_isomers = 8) {
  StereoisomerOptions options;
  options.max_isomers = max_isomers;
  std::vector<std::string> found;
  for (const ChemMolecule& one : group_alternatives(molecule(smiles), options)) {
    found.push_back(canonical_smiles(one));
    EXPECT_EQ(stereo_group_counts(one).n_groups(), 0u);
  }
  return found;
}

std::string canonical(const std::string& smiles) { return canonical_smiles(molecule(smiles)); }

TEST(StereoGroups, AreInvertedAsAWhole) {
  EXPECT_THAT(alternatives("C[C@H](O)F |&1:1|"),
              ElementsAre(canonical("C[C@H](O)F"), canonical("C[C@@H](O)F")));
  EXPECT_THAT(alternatives("O[C@H](Br)[C@H](F)C |o1:1,3|"),
              ElementsAre(canonical("O[C@H](Br)[C@H](F)C"), canonical("O[C@@H](Br)[C@@H](F)C")));
  EXPECT_EQ(alternatives("O[C@H](Br)[C@H](F)C |&1:1,&2:3|").size(), 4u);
  EXPECT_EQ(alternatives("O[C@H](Br)[C@H](F)C |&1:1,&2:3|", 3).size(), 3u);
  EXPECT_THAT(alternatives("O[C@H](Br)[C@H](F)C |a:1,&2:3|"),
              ElementsAre(canonical("O[C@H](Br)[C@H](F)C"), canonical("O[C@H](Br)[C@@H](F)C")));
}

TEST(StereoGroups, OfFormsThatAreTheirOwnMirrorImagesGiveOne) {
  EXPECT_THAT(alternatives("O[C@H](F)[C@H](F)O |&1:1,3|"),
              ElementsAre(canonical("O[C@H](F)[C@H](F)O")));
}

TEST(StereoGroups, LeaveDoubleBondsAsTheyAre) {
  EXPECT_THAT(alternatives("C/C=C/[C@H](O)F |&1:3|"),
              ElementsAre(canonical("C/C=C/[C@H](O)F"), canonical("C/C=C/[C@@H](O)F")));
}

TEST(StereoGroups, StayWithTheFragmentsOfSalts) {
  const auto parts = fragments_of(molecule("Cl.O[C@H](Br)[C@H](F)C |&1:2,o2:4|"));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(stereo_group_counts(parts[0]).n_groups(), 0u);
  EXPECT_EQ(stereo_group_counts(parts[1]).n_and, 1u);
  EXPECT_EQ(stereo_group_counts(parts[1]).n_or, 1u);
  EXPECT_EQ(group_alternatives(parts[1], {}).size(), 4u);
}

TEST(StereoGroups, MayBeginAnywhere) {
  StereoisomerOptions options;
  options.max_isomers = 1;
  options.random_order = true;
  std::vector<std::string> found;
  for (options.seed = 1; options.seed < 40; ++options.seed)
    found.push_back(
        canonical_smiles(group_alternatives(molecule("C[C@H](O)F |&1:1|"), options).at(0)));
  EXPECT_THAT(found, testing::Contains(canonical("C[C@H](O)F")));
  EXPECT_THAT(found, testing::Contains(canonical("C[C@@H](O)F")));
}

TEST(CoordinateBonds, AreWrittenWithCharges) {
  EXPECT_EQ(canonical("[NH3]->[BH3]"), canonical("[NH3+][BH3-]"));
  EXPECT_EQ(canonical("[BH3]<-N"), canonical("[NH3+][BH3-]"));
  EXPECT_EQ(canonical("CN(C)(C)O |C:1.3|"), canonical("C[N+](C)(C)[O-]"));
  EXPECT_EQ(molecule("N->B").remarks.size(), 1u);
  EXPECT_TRUE(molecule("NB").remarks.empty());
}

}  // namespace
}  // namespace saltus::forcefields
