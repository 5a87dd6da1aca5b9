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

std::uint64_t n_isomers(const std::string& smiles) {
  const StereoFreedom freedom = stereo_freedom(parse(smiles));
  EXPECT_TRUE(freedom.exact);
  return freedom.n_isomers;
}

TEST(Stereoisomers, AreCountedWhereOnePlaceDependsOnAnother) {
  EXPECT_THAT(isomers("CCC=C1CC(O)C1"),
              testing::UnorderedElementsAre("CC/C=C1/C[C@H](O)C1", "CC/C=C1/C[C@@H](O)C1"));
  EXPECT_EQ(n_isomers("CC=C1CCC(=CC)CC1"), 2u);
  EXPECT_EQ(n_isomers("CC1CC2(C1)CC(C)C2"), 2u);
  EXPECT_EQ(n_isomers("OC1C(O)C(O)C(O)C(O)C1O"), 9u);
  EXPECT_EQ(n_isomers("CC1CC(C)CC(C)C1"), 2u);
  EXPECT_EQ(n_isomers("CC=NN=CC"), 3u);
  EXPECT_EQ(n_isomers("CC1CCCCC1"), 1u);
}

TEST(Stereoisomers, OfChainsOfDoubleBonds) {
  EXPECT_THAT(isomers("FC=C=CCl"), testing::UnorderedElementsAre("FC=[C@]=CCl", "FC=[C@@]=CCl"));
  EXPECT_EQ(n_isomers("FC=C=C=CCl"), 2u);
  EXPECT_EQ(n_isomers("FC=C=C=C=CCl"), 2u);
  for (const char* smiles : {"C=C=C=C=C", "CC(C)=C=C(C)C", "CN=[N+]=[N-]", "CN=C=NC", "CC=C=O"})
    EXPECT_EQ(n_isomers(smiles), 1u) << smiles;
}

TEST(Stereoisomers, OfCagesAreThoseThatExist) {
  for (const char* smiles : {"C1C2CC3CC1CC(C2)C3", "C12C3C4C1C5C2C3C45", "C1CC2CCN1CC2",
                             "C1CN2CCN1CC2", "C1N2CN3CN1CN(C2)C3", "C1CC2CCC1C2"}) {
    EXPECT_EQ(stereo_freedom(parse(smiles)).n_open(), 0u) << smiles;
    EXPECT_EQ(n_isomers(smiles), 1u) << smiles;
  }
  EXPECT_EQ(n_isomers("CC1(C)C2CCC1(C)C(=O)C2"), 2u);
  EXPECT_EQ(n_isomers("CC1CC2CCC1C2"), 4u);
  EXPECT_EQ(n_isomers("C1c2ccccc2N2CN1c1ccccc1C2"), 2u);
  EXPECT_EQ(n_isomers("CC1CC2CCC1CC2"), 2u);
  // Decalin is not small.
  EXPECT_EQ(n_isomers("C1CCC2CCCCC2C1"), 2u);
}

TEST(Stereoisomers, ThatCagesForbidAreNamed) {
  const auto contradiction = [](const std::string& smiles) {
    return stereo_freedom(parse(smiles)).contradiction;
  };
  const std::string one = contradiction("F[C@]12CC[C@](Cl)(CC1)C2");
  const std::string other = contradiction("F[C@]12CC[C@@](Cl)(CC1)C2");
  EXPECT_NE(one.empty(), other.empty());
  EXPECT_THAT(one + other, testing::HasSubstr("the centre at atom 2 (C) and the centre at atom 5 "
                                              "(C), bridgeheads of bicyclo[2.2.1]"));
}

TEST(Stereoisomers, TellTheMarksThatMeanNothing) {
  EXPECT_THAT(stereo_notes(parse("C[C@H](C)O")),
              testing::ElementsAre("the mark of the centre at atom 2 (C) means nothing: both "
                                   "configurations are the same"));
  EXPECT_THAT(stereo_notes(parse("C/C=CC")),
              testing::ElementsAre("marks / or \\ at atom 1 (C) mean nothing: there is no double "
                                   "bond with such marks at both ends"));
  EXPECT_TRUE(stereo_notes(parse("C[C@H](F)/C=C/Cl")).empty());
  EXPECT_TRUE(stereo_notes(parse("C/C=C1/C[C@H](O)C1")).empty());
}

TEST(Stereoisomers, AreWrittenSoThatTheyCanBeReadBack) {
  for (const char* smiles :
       {"CCC=C1CC(O)C1", "CC=C=CC(F)Cl", "FC=C=C=CCl", "CC=C1CCC(=CC)CC1", "C1CC2CC(F)C1C2",
        "CC1CN1C", "C1c2ccccc2N2CN1c1ccccc1C2", "OC1C(O)C(O)C(O)C(O)C1O"})
    for (const std::string& isomer : isomers(smiles)) {
      EXPECT_EQ(canonical_smiles(parse(isomer)), isomer);
      EXPECT_EQ(stereo_freedom(parse(isomer)).n_open(), 0u) << isomer;
    }
  for (const char* smiles : {"C[C@H]1C[N@H]1", "C[C@H]1C[N@@H]1", "C[C@H]1CCCC[N@@H]1"})
    EXPECT_EQ(canonical_smiles(parse(smiles)), smiles);
  // Twice the same: an axis read from either end, a ring from either side.
  EXPECT_EQ(canonical_smiles(parse("ClC=[C@]=CF")), canonical_smiles(parse("FC=[C@]=CCl")));
  EXPECT_EQ(canonical_smiles(parse("C/C=C1/C[C@H](O)C1")),
            canonical_smiles(parse("C/C=C1\\C[C@@H](O)C1")));
}

TEST(Stereoisomers, AreNoMoreThanAskedFor) {
  StereoisomerOptions options;
  options.max_isomers = 3;
  const std::string sugar = "OCC1OC(O)C(O)C(O)C1O";
  const auto some = isomers(sugar, options);
  EXPECT_EQ(some.size(), 3u);
  EXPECT_EQ(isomers(sugar, options), some);
  options.max_isomers = 100;
  EXPECT_EQ(isomers(sugar, options).size(), 32u);
}

TEST(Stereoisomers, BeginWithAnyOfThemInRandomOrder) {
  StereoisomerOptions options;
  options.random_order = true;
  options.max_isomers = 1;
  std::vector<std::string> first;
  for (options.seed = 1; options.seed <= 40; ++options.seed)
    first.push_back(isomers("CC(F)Cl", options).at(0));
  // Both come up; that one does not has a probability of 2^-39.
  EXPECT_THAT(first, testing::Contains("C[C@H](F)Cl"));
  EXPECT_THAT(first, testing::Contains("C[C@@H](F)Cl"));
}

}  // namespace
}  // namespace saltus::forcefields
