// Oracle: RDKit's own reader of PDB files; lines written out by hand.
#include "forcefields/chem/pdb_text.h"

#include <GraphMol/GraphMol.h>  // first: the others need it

#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/MonomerInfo.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>
#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <string>

#include "engine/core/error.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

using testing::HasSubstr;

TEST(PdbModels, AreReadBackWithGraphAndCoordinates) {
  for (const char* smiles : {"CC(=O)Nc1ccccc1C#N", "C[C@H](Cl)CO", "c1ccc2[nH]ccc2c1"}) {
    SCOPED_TRACE(smiles);
    const ChemMolecule molecule = with_hydrogens(parse_listed_smiles(smiles, "here", 100));
    EmbeddingOptions options;
    options.n_conformers = 3;
    const auto x = embed(molecule, configuration_of(molecule), options).positions;
    ASSERT_EQ(x.n_chains(), 3u);
    const std::string text =
        pdb_models("some name", {"one", "two"}, molecule_table(molecule), x.view());
    EXPECT_THAT(text, HasSubstr("COMPND    some name\nREMARK   6 one\nREMARK   6 two\nMODEL "));
    EXPECT_EQ(text.substr(text.size() - 4), "END\n");
    EXPECT_LT(text.rfind("CONECT"), text.find("ENDMDL")) << "bonds of all models, once";
    constexpr bool kSanitise = true, kRemoveHydrogens = false, kByDistance = false;
    const std::unique_ptr<RDKit::RWMol> read(
        RDKit::PDBBlockToMol(text, kSanitise, kRemoveHydrogens, 0, kByDistance));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->getNumConformers(), 3u);
    std::set<std::string> names;
    for (unsigned c = 0; c < 3; ++c)
      for (unsigned i = 0; i < read->getNumAtoms(); ++i) {
        const auto point = read->getConformer(static_cast<int>(c)).getAtomPos(i);
        const double* expected = x.chain(c).data() + 3 * i;
        EXPECT_NEAR(point.x, 10.0 * expected[0], 5.1e-4);
        EXPECT_NEAR(point.y, 10.0 * expected[1], 5.1e-4);
        EXPECT_NEAR(point.z, 10.0 * expected[2], 5.1e-4);
        names.insert(dynamic_cast<const RDKit::AtomPDBResidueInfo*>(
                         read->getAtomWithIdx(i)->getMonomerInfo())
                         ->getName());
      }
    EXPECT_EQ(names.size(), molecule.n_atoms()) << "unique";
    RDKit::MolOps::removeHs(*read);
    RDKit::MolOps::assignStereochemistryFrom3D(*read);
    EXPECT_EQ(RDKit::MolToSmiles(*read), canonical_smiles(molecule));
  }
}

TEST(PdbModels, HaveOneModelEvenForOneConformer) {
  const ChemMolecule molecule = with_hydrogens(parse_listed_smiles("C", "here", 100));
  const engine::CoordinateBatch x(1, 5);
  const std::string text = pdb_models("a\nb", {}, molecule_table(molecule), x.view());
  EXPECT_THAT(text, HasSubstr("COMPND    a b\nMODEL        1\nHETATM    1  C1  UNL     1"));
  EXPECT_THAT(text, HasSubstr("ENDMDL\n"));
}

TEST(PdbModels, RefuseWhatDoesNotFit) {
  const ChemMolecule molecule = with_hydrogens(parse_listed_smiles("C", "here", 100));
  engine::CoordinateBatch x(1, 5);
  x.values()[4] = -100.0;
  EXPECT_THROW(pdb_models("far", {}, molecule_table(molecule), x.view()), engine::InputError);
}

}  // namespace
}  // namespace saltus::forcefields
