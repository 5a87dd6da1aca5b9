// Oracle: what the force field should refuse and how, written out by hand.
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"
#include "tests/support/errors.h"

namespace saltus::tests {
namespace {

using engine::InputError;
using forcefields::mmff_charges;
using forcefields::mmff_system;
using forcefields::parse_smiles;

struct Refusal {
  const char *smiles, *message;
};

class MmffRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(MmffRefusals, NameTheAtoms) {
  const auto molecule = parse_smiles(GetParam().smiles);
  const std::string message =
      "SMILES '" + std::string(GetParam().smiles) + "': " + GetParam().message;
  EXPECT_EQ(message_of<InputError>([&] { mmff_system(molecule); }), message);
  EXPECT_EQ(message_of<InputError>([&] { mmff_charges(molecule); }), message);
}

INSTANTIATE_TEST_SUITE_P(
    All, MmffRefusals,
    testing::Values(
        Refusal{
            "CCN.Cl",
            "MMFF94 has no atom type for atom 12 (H); use another force field, or leave out the "
            "salt or metal"},
        Refusal{"C[Hg]C",
                "MMFF94 has no atom type for atom 2 (Hg); use another force field, or leave out "
                "the salt or metal"},
        Refusal{"[Se]1[Se][Se][Se][Se][Se][Se][Se][Se][Se][Se][Se]1",
                "MMFF94 has no atom type for atom 1 (Se), atom 2 (Se), atom 3 (Se), atom 4 (Se), "
                "atom 5 (Se), atom 6 (Se), atom 7 (Se), atom 8 (Se), atom 9 (Se), atom 10 (Se) and "
                "2 more; use another force field, or leave out the salt or metal"},
        Refusal{"C[CH2]",
                "MMFF94 has no unpaired electrons, but they are at atom 2 (C); correct its bonds, "
                "hydrogens or charges"}));

TEST(MmffMasses, AreThoseOfIsotopes) {
  const auto masses = mmff_system(parse_smiles("[2H]O[3H]")).masses;
  ASSERT_EQ(masses.size(), 3u);
  EXPECT_NEAR(masses[0], 2.014, 5e-4);
  EXPECT_NEAR(masses[1], 15.999, 5e-4);
  EXPECT_NEAR(masses[2], 3.016, 5e-4);
}

TEST(MmffOptions, HaveAPositiveDielectric) {
  const auto molecule = parse_smiles("O");
  for (const auto& [dielectric, text] :
       {std::pair<double, const char*>{0.0, "0.000000"}, {-2.0, "-2.000000"}}) {
    forcefields::MmffOptions options;
    options.dielectric = dielectric;
    EXPECT_EQ(message_of<InputError>([&] { mmff_system(molecule, options); }),
              std::string("SMILES 'O': the dielectric constant of MMFF94 is ") + text +
                  ", expected a positive number");
  }
}

}  // namespace
}  // namespace saltus::tests
