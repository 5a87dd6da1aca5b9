// Oracle: RDKit's reader of MOL2 files; Sybyl types as a chemist assigns them.
#include "forcefields/openbabel/mol2_text.h"

#include <GraphMol/GraphMol.h>  // first: the others need it

#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"

namespace saltus::forcefields {
namespace {

using testing::HasSubstr;

class Mol2Record : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_write_mol2()) GTEST_SKIP() << why_no_mol2();
  }

  static ChemMolecule placed(const std::string& smiles) {
    ChemMolecule molecule = with_hydrogens(parse_listed_smiles(smiles, "here", 100));
    EmbeddingOptions options;
    options.n_conformers = 1;
    molecule.positions_nm = embed(molecule, configuration_of(molecule), options).positions.values();
    return molecule;
  }
  static std::string record_of(const ChemMolecule& molecule) {
    return mol2_record("some name", {"a comment"}, molecule_table(molecule), molecule.positions_nm,
                       mmff_charges(molecule));
  }
  /// Column of the lines between two headings.
  static std::vector<std::string> column(const std::string& text, const std::string& heading,
                                         int which) {
    std::istringstream lines(text.substr(text.find(heading)));
    std::vector<std::string> found;
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line) && line[0] != '@';) {
      std::istringstream words(line);
      std::string word;
      for (int k = 0; k < which; ++k) words >> word;
      found.push_back(word);
    }
    return found;
  }
};

TEST_F(Mol2Record, IsReadBackWithGraphChargesAndCoordinates) {
  // RDKit's reader takes only some of the ways in which aromatic NH, ammonium, acids and nitro
  // groups are written in MOL2 files, so that it is no oracle for these.
  for (const char* smiles : {"CC(=O)Nc1ccccc1C#N", "C[C@H](Cl)CO", "c1ccc(O)cc1", "CS(=O)(=O)C",
                             "CC(=O)OC", "c1ccncc1"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = placed(smiles);
    const std::string text = record_of(molecule);
    EXPECT_EQ(text.compare(0, 12, "# a comment\n"), 0);
    EXPECT_THAT(text, HasSubstr("@<TRIPOS>MOLECULE\nsome name\n"));
    EXPECT_THAT(text, HasSubstr("\nMMFF94_CHARGES\n"));
    constexpr bool kSanitise = true, kRemoveHydrogens = false;
    const std::unique_ptr<RDKit::RWMol> read(
        RDKit::Mol2BlockToMol(text, kSanitise, kRemoveHydrogens));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->getNumAtoms(), molecule.n_atoms());
    for (unsigned i = 0; i < read->getNumAtoms(); ++i) {
      const auto point = read->getConformer().getAtomPos(i);
      EXPECT_NEAR(point.x, 10.0 * molecule.positions_nm[3 * i], 5.1e-5);
      EXPECT_NEAR(point.y, 10.0 * molecule.positions_nm[3 * i + 1], 5.1e-5);
      EXPECT_NEAR(point.z, 10.0 * molecule.positions_nm[3 * i + 2], 5.1e-5);
    }
    RDKit::MolOps::assignStereochemistryFrom3D(*read);
    RDKit::MolOps::removeHs(*read);
    EXPECT_EQ(RDKit::MolToSmiles(*read), canonical_smiles(molecule));
    const auto charges = mmff_charges(molecule);
    const auto written = column(text, "@<TRIPOS>ATOM", 9);
    ASSERT_EQ(written.size(), charges.size());
    for (std::size_t i = 0; i < charges.size(); ++i)
      EXPECT_NEAR(std::stod(written[i]), charges[i], 5.1e-5);
    const auto names = column(text, "@<TRIPOS>ATOM", 2);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size()) << "unique";
  }
}

TEST_F(Mol2Record, HasSybylTypes) {
  const auto types = [](const char* smiles) {
    return column(record_of(placed(smiles)), "@<TRIPOS>ATOM", 6);
  };
  const auto bonds = [](const char* smiles) {
    return column(record_of(placed(smiles)), "@<TRIPOS>BOND", 4);
  };
  const auto heavy = [](std::vector<std::string> all, std::size_t n) {
    all.resize(n);
    return all;
  };
  using Words = std::vector<std::string>;
  EXPECT_EQ(heavy(types("CC(=O)N"), 4), (Words{"C.3", "C.2", "O.2", "N.am"}));
  EXPECT_EQ(heavy(bonds("CC(=O)N"), 3), (Words{"1", "2", "am"}));
  EXPECT_EQ(heavy(types("CC(=O)[O-]"), 4), (Words{"C.3", "C.2", "O.co2", "O.co2"}));
  EXPECT_EQ(heavy(types("CC#N"), 3), (Words{"C.3", "C.1", "N.1"}));
  EXPECT_EQ(heavy(types("C[NH+](C)C"), 2), (Words{"C.3", "N.4"}));
  EXPECT_EQ(heavy(types("CS(=O)(=O)C"), 2), (Words{"C.3", "S.O2"}));
  EXPECT_EQ(heavy(types("c1ccncc1"), 6), (Words{"C.ar", "C.ar", "C.ar", "N.ar", "C.ar", "C.ar"}));
  EXPECT_EQ(heavy(bonds("c1ccncc1"), 6), (Words{"ar", "ar", "ar", "ar", "ar", "ar"}));
}

TEST_F(Mol2Record, SaysWhenChargesAreUnknown) {
  const ChemMolecule molecule = placed("CCO");
  const std::string text =
      mol2_record("a\nb", {}, molecule_table(molecule), molecule.positions_nm, {});
  EXPECT_EQ(text.compare(0, 22, "@<TRIPOS>MOLECULE\na b\n"), 0);
  EXPECT_THAT(text, HasSubstr("\nNO_CHARGES\n"));
  EXPECT_EQ(column(text, "@<TRIPOS>ATOM", 9)[0], "0.0000");
}

TEST(Mol2Writer, SaysWhyItIsNotThere) {
  if (can_write_mol2()) {
    EXPECT_EQ(why_no_mol2(), "");
    return;
  }
  EXPECT_THAT(why_no_mol2(), HasSubstr("install libopenbabel-dev and build again"));
  EXPECT_THROW(mol2_record("", {}, {}, {}, {}), engine::InputError);
}

}  // namespace
}  // namespace saltus::forcefields
