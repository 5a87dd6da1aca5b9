// Oracle: stereoisomers counted by hand, and RDKit's canonical SMILES.
#include "forcefields/chem/stereoisomers.h"

#include <gmock/gmock.h>

#include "forcefields/chem/conformer_input.h"

namespace saltus::forcefields {
namespace {

ChemMolecule parse(const std::string& smiles) { return parse_listed_smiles(smiles, "here", 100); }

std::vector<std::string> isomers(const std::string& smiles,
                                 const StereoisomerOptions& options = {}) {
  std::vector<std::string> found;
  for (const ChemMolecule& isomer : stereoisomers(parse(smiles), options))
    found.push_back(canonical_smiles(isomer));
  return found;
}

TEST(Stereoisomers, AreAllThereAre) {
  EXPECT_THAT(isomers("CC(F)Cl"), testing::UnorderedElementsAre("C[C@H](F)Cl", "C[C@@H](F)Cl"));
  EXPECT_THAT(isomers("CC=CC"), testing::UnorderedElementsAre("C/C=C/C", "C/C=C\\C"));
  EXPECT_EQ(isomers("CC(F)C(Cl)Br").size(), 4u);
  EXPECT_EQ(isomers("CC=CC(F)Cl").size(), 4u);
}

TEST(Stereoisomers, ComeOnceWhenTheyAreTheirOwnMirrorImages) {
  EXPECT_EQ(isomers("OC(F)C(O)F").size(), 3u);  // a pair and a meso form
  EXPECT_EQ(isomers("CC1CCC(C)CC1").size(), 2u);
}

TEST(Stereoisomers, KeepWhatIsSpecified) {
  EXPECT_THAT(isomers("C[C@H](F)Cl"), testing::ElementsAre("C[C@H](F)Cl"));
  for (const std::string& isomer : isomers("C/C=C/C(F)Cl"))
    EXPECT_THAT(isomer, testing::StartsWith("C/C=C/"));
  EXPECT_EQ(isomers("C/C=C/C(F)Cl").size(), 2u);
}

TEST(Stereoisomers, LeaveInvertingNitrogenAndSmallRingsAlone) {
  EXPECT_EQ(stereo_freedom(parse("CN(F)Cl")).n_open(), 0u);
  EXPECT_EQ(stereo_freedom(parse("C1CCC=CC1")).n_open(), 0u);
  EXPECT_EQ(stereo_freedom(parse("CC(=N)C")).n_open(), 0u);
  EXPECT_EQ(stereo_freedom(parse("CC(F)C=CC")).n_centres, 1u);
  EXPECT_EQ(stereo_freedom(parse("CC(F)C=CC")).n_double_bonds, 1u);
}

TEST(Stereoisomers, AreNoMoreThanAskedFor) {
  StereoisomerOptions options;
  options.most = 3;
  const std::string sugar = "OCC1OC(O)C(O)C(O)C1O";
  const auto some = isomers(sugar, options);
  EXPECT_EQ(some.size(), 3u);
  EXPECT_EQ(isomers(sugar, options), some);
  options.most = 100;
  EXPECT_EQ(isomers(sugar, options).size(), 32u);
}

TEST(Stereoisomers, BeginWithAnyOfThemInRandomOrder) {
  StereoisomerOptions options;
  options.random_order = true;
  options.most = 1;
  std::vector<std::string> first;
  for (options.seed = 1; options.seed <= 40; ++options.seed)
    first.push_back(isomers("CC(F)Cl", options).at(0));
  // Both come up; that one does not has a probability of 2^-39.
  EXPECT_THAT(first, testing::Contains("C[C@H](F)Cl"));
  EXPECT_THAT(first, testing::Contains("C[C@@H](F)Cl"));
}

}  // namespace
}  // namespace saltus::forcefields
