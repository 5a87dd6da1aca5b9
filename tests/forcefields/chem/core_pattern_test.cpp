// Oracle: cores, ways to find them and messages written out by hand; bits of the given positions.
#include "forcefields/chem/core_pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/conformers/molecule_status.h"
#include "forcefields/chem/common_atoms.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/support/errors.h"

namespace saltus::forcefields {
namespace {

using engine::InputError;
using engine::MoleculeFailure;
using engine::MoleculeStatus;
using tests::message_of;

ChemMolecule parse(const std::string& smiles) {
  return with_hydrogens(parse_listed_smiles(smiles, "here", 100));
}

/// With the coordinates of its first conformer.
ChemMolecule placed(const std::string& smiles) {
  ChemMolecule molecule = parse(smiles);
  EmbeddingOptions options;
  options.n_conformers = 1;
  const Embedding embedding = embed(molecule, configuration_of(molecule), options);
  molecule.positions_nm = embedding.positions.values();
  return molecule;
}

FoundCore find(const CorePattern& pattern, const ChemMolecule& molecule,
               const CoreSearch& search = {}) {
  return pattern.find(molecule, configuration_of(molecule), search);
}

MoleculeStatus status_of(const CorePattern& pattern, const ChemMolecule& molecule,
                         const CoreSearch& search = {}) {
  try {
    find(pattern, molecule, search);
  } catch (const MoleculeFailure& failure) {
    return failure.status();
  }
  return MoleculeStatus::kOk;
}

std::string smarts_error(const std::string& smarts) {
  return message_of<InputError>([&] { CorePattern::of_smarts(smarts); });
}

TEST(CorePattern, SaysInWhichColumnSmartsAreWrong) {
  EXPECT_EQ(smarts_error("CC(C"), "SMARTS 'CC(C', column 3: '(' is not closed");
  EXPECT_EQ(smarts_error("CC)C"), "SMARTS 'CC)C', column 3: ')' without '(' before it");
  EXPECT_EQ(smarts_error("c1cccc"), "SMARTS 'c1cccc', column 2: ring 1 is not closed");
  EXPECT_EQ(smarts_error("CC[C"), "SMARTS 'CC[C', column 3: '[' is not closed");
  EXPECT_EQ(smarts_error("CC[Qq]C"), "SMARTS 'CC[Qq]C', column 3: '[Qq]' is no atom");
  EXPECT_EQ(smarts_error("CCXC"),
            "SMARTS 'CCXC', column 3: 'X' is no atom; elements other than B, C, N, O, P, S, F, Cl, "
            "Br and I stand in brackets");
  EXPECT_EQ(smarts_error("CC C"), "SMARTS 'CC C', column 3: ' ' has no meaning here");
  EXPECT_EQ(smarts_error("CC%1C"),
            "SMARTS 'CC%1C', column 3: '%' is followed by two digits, the number of a ring");
  EXPECT_EQ(smarts_error(""), "there is no SMARTS string");
  EXPECT_EQ(smarts_error("CC"),
            "SMARTS 'CC' has 2 atoms, expected at least 3: fewer do not tell where the rest of a "
            "molecule is");
  for (const char* good : {"c1ccccc1", "[$(C=O)]~[#7;!H0]C", "C(Cl)(Br)-N", "C%10CC%10", "*~*~*"})
    EXPECT_NO_THROW(CorePattern::of_smarts(good)) << good;
}

TEST(CorePattern, OfARecordIsWhereTheRecordHasIt) {
  const ChemMolecule record = placed("CCCOc1ccncc1C");
  // Hydrogens go and come again, as in the stages before.
  const ChemMolecule molecule = with_hydrogens(without_hydrogens(with_remembered_numbers(record)));
  ASSERT_TRUE(molecule.positions_nm.empty());
  CoreSearch search;
  search.record = &record;
  const FoundCore core = find(*CorePattern::of_smarts("c1ccncc1"), molecule, search);
  EXPECT_EQ(core.n_ways, 1u);
  ASSERT_EQ(core.held.atoms.size(), 6u);
  for (std::size_t k = 0; k < 6; ++k) {
    const std::size_t atom = core.held.atoms[k];
    EXPECT_GE(atom, 4u);
    EXPECT_LE(atom, 9u);
    EXPECT_TRUE(std::equal(&core.held.positions[3 * k], &core.held.positions[3 * k] + 3,
                           &record.positions_nm[3 * atom]));
  }
  const FoundCore listed = find(*CorePattern::of_atoms({4, 1, 3, 2}), molecule, search);
  EXPECT_EQ(listed.held.atoms, (std::vector<std::size_t>{3, 0, 2, 1}));
}

TEST(CorePattern, OfARecordThatDoesNotHaveItIsAStatus) {
  const ChemMolecule record = placed("CCCO");
  const ChemMolecule molecule = with_hydrogens(without_hydrogens(with_remembered_numbers(record)));
  CoreSearch search;
  search.record = &record;
  const auto ring = CorePattern::of_smarts("c1ccccc1");
  EXPECT_EQ(status_of(*ring, molecule, search), MoleculeStatus::kCoreNotFound);
  EXPECT_EQ(status_of(*ring, molecule), MoleculeStatus::kNoCoordinates);
  EXPECT_EQ(status_of(*CorePattern::of_atoms({1, 2, 99}), molecule, search),
            MoleculeStatus::kCoreNotFound);
  EXPECT_EQ(status_of(*CorePattern::of_atoms({1, 2, 5}), molecule, search),
            MoleculeStatus::kCoreNotFound)
      << "atom 5 is a hydrogen";
  EXPECT_EQ(status_of(*CorePattern::of_smarts("CCC"), molecule, search), MoleculeStatus::kOk);
  EXPECT_EQ(message_of<InputError>([] {
              CorePattern::of_atoms({1, 2, 2});
            }),
            "atom 2 is given twice");
  EXPECT_EQ(message_of<InputError>([] {
              CorePattern::of_atoms({0, 1, 2});
            }),
            "atoms are counted from 1, got 0");
}

TEST(CorePattern, ThatIsThereTwiceIsAmbiguous) {
  const ChemMolecule record = placed("c1ccccc1CCc1ccncc1");
  const ChemMolecule molecule = with_hydrogens(without_hydrogens(with_remembered_numbers(record)));
  CoreSearch search;
  search.record = &record;
  const auto ring = CorePattern::of_smarts("a1aaaaa1");
  EXPECT_EQ(status_of(*ring, molecule, search), MoleculeStatus::kCoreAmbiguous);
  search.first_of_several = true;
  EXPECT_EQ(find(*ring, molecule, search).n_ways, 2u);
}

TEST(CorePattern, OfATemplateIsFoundInAllWaysThatDiffer) {
  const auto pyridine = CorePattern::of_template(placed("c1ccncc1"));
  // The ring can be turned over; of pyridine itself that exchanges equal atoms only.
  EXPECT_EQ(find(*pyridine, parse("c1ccncc1")).n_ways, 1u);
  EXPECT_EQ(find(*pyridine, parse("Cc1ccncc1")).n_ways, 1u) << "4-picoline: still symmetric";
  EXPECT_EQ(status_of(*pyridine, parse("Cc1cccnc1")), MoleculeStatus::kCoreAmbiguous);
  CoreSearch search;
  search.first_of_several = true;
  EXPECT_EQ(find(*pyridine, parse("Cc1cccnc1"), search).n_ways, 2u);
  EXPECT_EQ(status_of(*pyridine, parse("CCCO")), MoleculeStatus::kCoreNotFound);
}

TEST(CorePattern, OfATemplateNeedsCoordinatesAndAtoms) {
  EXPECT_EQ(message_of<InputError>([] { CorePattern::of_template(parse("c1ccncc1")); }),
            "here: no 3D coordinates, expected a place for each atom of the core");
  EXPECT_EQ(
      message_of<InputError>([] { CorePattern::of_template(placed("CO")); }),
      "here: without hydrogens 2 atoms, expected at least 3: fewer do not tell where the rest "
      "of a molecule is");
}

TEST(CorePattern, DecidesAboutConfigurations) {
  const auto core = CorePattern::of_template(placed("C[C@H](O)N"));
  EXPECT_EQ(status_of(*core, parse("C[C@H](O)NCC")), MoleculeStatus::kOk);
  EXPECT_EQ(status_of(*core, parse("C[C@@H](O)NCC")), MoleculeStatus::kStereoImpossible);
  EXPECT_EQ(status_of(*core, parse("CC(O)NCC")), MoleculeStatus::kOk) << "open: the core decides";
  const auto cis = CorePattern::of_template(placed("C/C=C\\C"));
  CoreSearch either_way_round;
  either_way_round.first_of_several = true;
  EXPECT_EQ(status_of(*cis, parse("CC/C=C\\C"), either_way_round), MoleculeStatus::kOk);
  EXPECT_EQ(status_of(*cis, parse("CC/C=C/C"), either_way_round),
            MoleculeStatus::kStereoImpossible);
}

TEST(Embedding, HasTheHeldAtomsInPlace) {
  // Twisted, so that it differs from its mirror image; without stereo centres and with.
  const ChemMolecule core = placed("CCOCC");
  const auto pattern = CorePattern::of_template(core);
  for (const char* smiles : {"CC(C)OCCN", "C[C@H](F)OCC(=O)N"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = parse(smiles);
    CoreSearch search;
    search.first_of_several = true;
    EmbeddingOptions options;
    options.n_conformers = 5;
    options.held = find(*pattern, molecule, search).held;
    const Embedding embedding = embed(molecule, configuration_of(molecule), options);
    ASSERT_EQ(embedding.positions.n_chains(), 5u);
    for (std::size_t c = 0; c < 5; ++c) {
      EXPECT_TRUE(engine::are_in_place(options.held, embedding.positions.chain(c)));
      EXPECT_EQ(canonical_smiles_of(molecule, embedding.positions.chain(c)),
                canonical_smiles(molecule));
    }
  }
}

TEST(CommonAtoms, AreTheLargestSubstructureInAllWays) {
  const CommonAtoms same = common_atoms(parse("Cc1ccncc1"), parse("Cc1ccncc1"), 100);
  EXPECT_TRUE(same.complete);
  EXPECT_FALSE(same.cut);
  ASSERT_EQ(same.ways.size(), 2u) << "the ring may be turned over";
  EXPECT_EQ(same.ways[0].size(), 7u);
  const CommonAtoms part = common_atoms(parse("Cc1ccncc1"), parse("OCCc1ccncc1"), 100);
  EXPECT_FALSE(part.complete);
  ASSERT_FALSE(part.ways.empty());
  EXPECT_EQ(part.ways[0].size(), 7u);
  EXPECT_TRUE(common_atoms(parse("CCO"), parse("FC(F)(F)Cl"), 100).ways.empty());
}

}  // namespace
}  // namespace saltus::forcefields
