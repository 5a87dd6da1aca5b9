// Oracle: the OpenSMILES and CXSMILES specifications, strings and messages written out by hand.
#include "forcefields/chem/smiles_text.h"

#include <gmock/gmock.h>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/cxsmiles.h"
#include "tests/support/errors.h"

namespace saltus::forcefields {
namespace {

using engine::MoleculeFailure;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::message_of;

std::string complaint(const std::string& smiles) {
  return message_of<MoleculeFailure>([&] { count_smiles_atoms(smiles); });
}

TEST(SmilesText, CountsEveryAtom) {
  EXPECT_EQ(count_smiles_atoms(""), 0u);
  EXPECT_EQ(count_smiles_atoms("ClC(Br)(I)[C@@H](N)c1cc[nH]c1"), 11u);
  EXPECT_EQ(count_smiles_atoms("[H][C@](O)(F)Cl.[Na+].[13CH4]"), 7u);
  EXPECT_EQ(count_smiles_atoms("C%12CC%(345)C%12C%(345)"), 5u);
  EXPECT_EQ(count_smiles_atoms("F/C=C\\F"), 4u);
  EXPECT_EQ(count_smiles_atoms("N->B<-N~C$C:C#*"), 7u);
}

TEST(SmilesText, NamesWhatItStopsAt) {
  EXPECT_EQ(complaint("C[C\xE2\x88\x92]"),
            "character 4 is a minus sign (U+2212), which no SMILES string contains: write -");
  EXPECT_EQ(complaint("CC\xC3\xA9"),
            "character 3 is U+00E9, which no SMILES string contains: remove it");
  EXPECT_EQ(complaint("C\xE9"),
            "character 2 is byte 0xE9, which no SMILES string contains: remove it");
  EXPECT_EQ(
      complaint(std::string("C\0C", 3)),
      "character 2 is a control character (0x00), which no SMILES string contains: remove it");
  EXPECT_EQ(complaint("[C C]"),
            "character 3 is a blank, which no SMILES string contains: remove it");
  EXPECT_EQ(complaint("[C[C]]"), "the bracket opened with [ at character 1 is not closed");
  EXPECT_EQ(complaint("CH3"),
            "character 2: 'H' is not a symbol; elements other than B, C, N, O, P, S, F, Cl, Br and "
            "I are written in brackets");
  EXPECT_EQ(complaint("C%1C"),
            "character 2: expected two digits after %, or a number in "
            "parentheses");
}

TEST(SmilesText, IsSplitFromExtensionsAndNames) {
  const SmilesText both = split_smiles("CCO |$a b;;$|  my name ");
  EXPECT_EQ(both.smiles + "/" + both.extensions + "/" + both.rest, "CCO/|$a b;;$|/my name");
  const SmilesText name = split_smiles("CCO\tethanol |x");
  EXPECT_EQ(name.smiles + "/" + name.extensions + "/" + name.rest, "CCO//ethanol |x");
  EXPECT_EQ(split_smiles("  ").smiles, "");
  EXPECT_THAT(message_of<MoleculeFailure>([] { split_smiles("CCO |x"); }),
              HasSubstr("a CXSMILES block that is not closed"));
}

Cxsmiles block(const std::string& text) { return read_cxsmiles(text, 4, 3); }

TEST(CxsmilesBlocks, KeepWhatChangesTheMolecule) {
  EXPECT_EQ(block("||").decisive, "");
  EXPECT_EQ(block("|&1:1,3,^1:0,C:2.1,$a;b,c;$,o2:0|").decisive, "|^1:0,C:2.1,&1:1,3,o2:0|");
  EXPECT_THAT(block("|&1:1,$_R1;;$,&1:3,a:2|").grouped, ElementsAre(1, 3, 2));
  // One group in two places is one group.
  EXPECT_EQ(block("|&1:1,&1:3|").decisive, "|&1:1,3|");
  const Cxsmiles drawn = block("|(0,0,;1,,0;2,0,;3,0,),wU:1.0,w:2.1,lp:1:2,3:1|");
  EXPECT_EQ(drawn.decisive, "");
  EXPECT_THAT(drawn.left_out,
              ElementsAre("2D coordinates", "wedge bonds", "wavy bonds", "lone pairs"));
  EXPECT_THAT(drawn.wedged, ElementsAre(1));
  EXPECT_THAT(drawn.wavy, ElementsAre(2));
}

TEST(CxsmilesBlocks, AreRefusedWithTheFeature) {
  const auto message = [](const char* text) {
    return message_of<MoleculeFailure>([&] { block(text); });
  };
  EXPECT_EQ(message("|&1:4|"),
            "CXSMILES: '&1:4': there is no atom 4; the molecule has 4, counted from 0");
  EXPECT_EQ(message("|&1:-1|"), "CXSMILES: '&1:-1': expected numbers of atoms, got '-1'");
  EXPECT_EQ(message("|&1:1,,o2:2|"), "CXSMILES: '&1:1,': expected numbers of atoms, got ''");
  EXPECT_EQ(message("|&1:1,o1:1|"), "CXSMILES: atom 1 is in two groups of stereo centres");
  EXPECT_EQ(message("|C:1|"), "CXSMILES: 'C:1': expected atom.bond, got '1'");
  EXPECT_EQ(message("|C:1.3|"),
            "CXSMILES: 'C:1.3': there is no bond 3; the molecule has 3, counted from 0");
  EXPECT_EQ(message("|^8:1|"), "CXSMILES: '^8:1': kinds of radicals are ^1 to ^7");
  EXPECT_EQ(message("|$a;b|"), "CXSMILES: atom labels are opened but not closed");
  EXPECT_EQ(message("|m:0:1.2|"),
            "CXSMILES: 'm:0:1.2' stands for bonds to several atoms; one "
            "molecule is expected");
  EXPECT_EQ(message("|&1:99999999999999999999999|"),
            "CXSMILES: '&1:99999999999999999999999': expected numbers of atoms, got "
            "'99999999999999999999999'");
  EXPECT_EQ(message("|hello|"), "CXSMILES: 'hello' is not a known feature");
}

}  // namespace
}  // namespace saltus::forcefields
