// Oracle: RDKit's Python module (GetHashedMorganFingerprint(m, 4).ToBinary()) and Python's zlib.
#include "forcefields/chem/molecule_keys.h"

#include <gtest/gtest.h>

#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/molecule_reader.h"

namespace saltus::forcefields {
namespace {

struct Known {
  const char* smiles;
  std::uint32_t crc;
};

TEST(FingerprintCrc32, IsThatOfPython) {
  for (const Known& known : {Known{"CCO", 974994690u},
                             {"CC(C)Cc1ccc(cc1)C(C)C(=O)O", 3157176812u},
                             {"CC(C)NCC(O)COc1ccc(cc1)CC(N)=O", 520303385u},
                             {"Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F", 3910071449u},
                             {"C1CCCCC1", 2434776044u},
                             {"NCC(=O)O", 1578834213u},
                             {"CN1CCCC1c1cccnc1", 649657565u},
                             {"FC=CCl", 1475939709u}}) {
    SCOPED_TRACE(known.smiles);
    const ChemMolecule implied = parse_listed_smiles(known.smiles, "here", 100);
    EXPECT_EQ(fingerprint_crc32(implied), known.crc);
    EXPECT_EQ(fingerprint_crc32(with_hydrogens(implied)), known.crc);
  }
}

TEST(FingerprintCrc32, IsBlindToConfiguration) {
  EXPECT_EQ(fingerprint_crc32(parse_smiles("CN1CCC[C@H]1c1cccnc1")), 649657565u);
  EXPECT_EQ(fingerprint_crc32(parse_smiles("F/C=C/Cl")),
            fingerprint_crc32(parse_smiles("F/C=C\\Cl")));
}

TEST(CanonicalSmilesWithoutStereo, IsThatOfTheGraph) {
  EXPECT_EQ(canonical_smiles_without_stereo(parse_smiles("OC(=O)[C@@H](C)c1ccc(cc1)CC(C)C")),
            "CC(C)Cc1ccc(C(C)C(=O)O)cc1");
  EXPECT_EQ(canonical_smiles_without_stereo(parse_smiles("F/C=C/CCl")), "FC=CCCl");
  // The hydrogen carries nothing but the configuration.
  EXPECT_EQ(canonical_smiles_without_stereo(parse_smiles("[H]/N=C(/C)CC")), "CCC(C)=N");
}

}  // namespace
}  // namespace saltus::forcefields
