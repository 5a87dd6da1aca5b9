// Oracle: the plain energy of the system with its solvent at the positions of the conformers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "engine/reference/plain_energy.h"
#include "forcefields/chem/molecule_reader.h"
#include "forcefields/mmff/mmff_system.h"
#include "tools/conformers/make_conformers.h"

namespace saltus::tools {
namespace {

using forcefields::PartialCharges;

// Alanine's zwitterion, which vacuum folds onto itself.
constexpr const char* kZwitterion = "C[C@H]([NH3+])C(=O)[O-]";

ConformerSettings in_water(ConformerMode mode) {
  ConformerSettings settings = default_settings(mode);
  settings.n_conformers = 8;
  put_into_solvent(engine::GeneralizedBornModel::kObc2, settings);
  return settings;
}

void expect_energies_in_water(ConformerMode mode) {
  const ConformerSettings settings = in_water(mode);
  const ConformerOutcome outcome = make_conformers(kZwitterion, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const engine::ConformerEnsemble& ensemble = outcome.isomers[0].ensemble;
  ASSERT_GT(ensemble.n_frames(), 0u);
  const auto molecule = forcefields::parse_smiles(kZwitterion);
  const engine::PlainEnergy energy(forcefields::mmff_system(molecule, settings.mmff), nullptr);
  std::vector<double> energies(ensemble.n_frames());
  energy.evaluate(ensemble.positions.view(), energies, {});
  for (std::size_t c = 0; c < energies.size(); ++c)
    EXPECT_NEAR(ensemble.energies[c], energies[c], 1e-6 * std::abs(energies[c]));
}

TEST(ConformersInWater, HaveItsEnergies) {
  expect_energies_in_water(ConformerMode::kEnsemble);
  expect_energies_in_water(ConformerMode::kMinima);
}

TEST(ConformersInWater, AreDrawnThere) { expect_energies_in_water(ConformerMode::kBoltzmann); }

TEST(ConformersInWater, SayIn) {
  ConformerSettings settings = in_water(ConformerMode::kEnsemble);
  EXPECT_EQ(settings.force_field_text(), "MMFF94s, dielectric 1, OBC2 water");
  settings.mmff.charges = PartialCharges::kGiven;
  settings.mmff.implicit_solvent = engine::GeneralizedBornModel::kGbn2;
  EXPECT_EQ(settings.force_field_text(), "MMFF94s, dielectric 1, GBn2 water, charges of the file");
}

/// Hydrogen peroxide with its hydrogens between the oxygens' lines, and these charges.
NamedMolecule peroxide(const std::string& charges) {
  std::istringstream stream(
      "peroxide\n     by hand        3D\n\n  4  3  0  0  0  0  0  0  0  0999 V2000\n"
      "   -1.0000    0.8000    0.3000 H   0  0\n   -0.7000    0.0000    0.0000 O   0  0\n"
      "    0.7000    0.0000    0.0000 O   0  0\n    1.0000    0.8000   -0.3000 H   0  0\n"
      "  1  2  1  0\n  2  3  1  0\n  3  4  1  0\nM  END\n>  <atom.dprop.PartialCharge>\n" +
      charges + "\n\n$$$$\n");
  NamedMolecule named;
  named.molecule = forcefields::SdfReader(stream, "p.sdf").next();
  return named;
}

TEST(ChargesOfTheFile, StayWithTheirAtoms) {
  ConformerSettings settings = in_water(ConformerMode::kMinima);
  settings.mmff.charges = PartialCharges::kGiven;
  const NamedMolecule named = peroxide("0.4 -0.41 -0.38 0.39");
  const ConformerOutcome outcome = make_conformers(named, settings);
  ASSERT_EQ(outcome.isomers.size(), 1u) << outcome.message;
  const IsomerConformers& isomer = outcome.isomers[0];
  ASSERT_GT(isomer.ensemble.n_frames(), 0u);
  EXPECT_EQ(isomer.molecule.atoms.front().atomic_number, 1);  // the order of the file
  const engine::PlainEnergy energy(forcefields::mmff_system(*named.molecule, settings.mmff),
                                   nullptr);
  std::vector<double> energies(isomer.ensemble.n_frames());
  energy.evaluate(isomer.ensemble.positions.view(), energies, {});
  for (std::size_t c = 0; c < energies.size(); ++c)
    EXPECT_NEAR(isomer.ensemble.energies[c], energies[c], 1e-6);
}

TEST(ChargesOfTheFile, ThatAreWrongAreTheReason) {
  ConformerSettings settings = in_water(ConformerMode::kEnsemble);
  settings.mmff.charges = PartialCharges::kGiven;
  const ConformerOutcome wrong = make_conformers(peroxide("0.4 -0.41 -0.38 0.49"), settings);
  EXPECT_EQ(wrong.status, engine::MoleculeStatus::kNoParameters);
  EXPECT_EQ(wrong.message,
            "its partial charges add up to 0.1000 e, but its formal charge is 0; correct the field "
            "atom.dprop.PartialCharge or the charges of its atoms");
  const ConformerOutcome none = make_conformers("OO", settings);
  EXPECT_EQ(none.status, engine::MoleculeStatus::kNoParameters);
  EXPECT_EQ(none.message,
            "no partial charges; expected the data field atom.dprop.PartialCharge of an SD file, "
            "one number for each atom");
}

}  // namespace
}  // namespace saltus::tools
