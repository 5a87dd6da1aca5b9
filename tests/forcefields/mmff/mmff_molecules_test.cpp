// Oracles: RDKit's own MMFF94 on small molecules, published parameters, and counts by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/core/units.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/forcefields/mmff/rdkit_energy.h"

namespace saltus::tests {
namespace {

using forcefields::mmff_charges;
using forcefields::mmff_system;
using forcefields::MmffOptions;
using forcefields::MmffVariant;
using forcefields::parse_smiles;

// Rounding of a few thousand terms summed in another order, relative to energies of 1e4 kJ/mol.
constexpr double kEnergyBar = 1e-7;
constexpr double kForceBar = 1e-5;

void expect_rdkit(const char* smiles, const MmffOptions& options) {
  SCOPED_TRACE(smiles);
  const auto molecule = embedded(smiles);
  const EnergyAndForces ours = saltus_mmff(molecule, options);
  const EnergyAndForces theirs = rdkit_mmff(molecule, options);
  EXPECT_NEAR(ours.energy, theirs.energy, kEnergyBar);
  EXPECT_LE(largest_difference(ours.forces, theirs.forces), kForceBar);
}

class MmffMolecules : public testing::TestWithParam<const char*> {};

TEST_P(MmffMolecules, HaveTheEnergyOfRdkit) {
  for (const MmffVariant variant : {MmffVariant::kMmff94, MmffVariant::kMmff94s})
    for (const double dielectric : {1.0, 4.0})
      for (const bool distance_dependent : {false, true})
        expect_rdkit(GetParam(), {variant, dielectric, distance_dependent});
}

INSTANTIATE_TEST_SUITE_P(All, MmffMolecules,
                         testing::Values("O", "CC#C", "CC#N", "C=C=C", "CN=[N+]=[N-]", "C1CC1",
                                         "C1CCC1", "c1ccccc1N", "CC(=O)NC", "[NH3+]CC(=O)[O-]",
                                         "CS(=O)(=O)Nc1ccncc1", "OP(=O)(O)OC", "C1=CC2C=CC1C2",
                                         "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1", "[Na+].[Cl-]", "O.O",
                                         "[Fe+3].O.O.O", "C[N+](C)(C)C.[Br-]", "[2H]OC"));

TEST(MmffSystem, OfPropyneHasLinearAngles) {
  const auto system = mmff_system(parse_smiles("CC#C"));
  // CH3-C#C-H: three H-C-H and three H-C-C angles at the methyl, one at each sp carbon.
  EXPECT_EQ(system.mmff->angles.size(), 6u);
  ASSERT_EQ(system.mmff->linear_angles.size(), 2u);
  EXPECT_EQ(system.mmff->linear_angles[0].j, 1u);
  EXPECT_EQ(system.mmff->linear_angles[1].j, 2u);
  EXPECT_EQ(system.mmff->bonds.size(), 6u);
  EXPECT_TRUE(system.torsions.empty());
  EXPECT_TRUE(system.mmff->out_of_planes.empty());
  for (const auto& term : system.mmff->stretch_bends) EXPECT_EQ(term.j, 0u);
}

TEST(MmffSystem, OfEthaneHasTheParametersOfThePaper) {
  const auto molecule = parse_smiles("CC");
  const auto system = mmff_system(molecule);
  const engine::Mmff& mmff = *system.mmff;
  // CR-CR: kb = 4.258 md/angstrom, r0 = 1.508 angstrom (J. Comput. Chem. 17, 490, MMFFBOND.PAR).
  ASSERT_EQ(mmff.bonds.size(), 7u);
  EXPECT_DOUBLE_EQ(mmff.bonds[0].length_nm, 0.1508);
  EXPECT_NEAR(mmff.bonds[0].k, 4.258 * 143.9325 * 418.4, 1e-6);
  // HC-CR-HC: ka = 0.516, theta0 = 108.836 degrees.
  EXPECT_EQ(mmff.angles.size(), 12u);
  EXPECT_NEAR(mmff.angles.back().angle_rad, 108.836 * engine::kRadianPerDegree, 1e-12);
  EXPECT_NEAR(mmff.angles.back().k, 0.516 * 143.9325 * 4.184, 1e-9);
  // HC-CR-CR-HC: V = (0.284, -1.386, 0.314) kcal/mol, nine times.
  ASSERT_EQ(system.torsions.size(), 27u);
  double sum[4] = {};
  for (const auto& torsion : system.torsions) sum[torsion.periodicity] += torsion.k;
  EXPECT_NEAR(sum[1], 9 * 0.5 * 0.284 * 4.184, 1e-12);
  EXPECT_NEAR(sum[2], 9 * 0.5 * -1.386 * 4.184, 1e-12);
  EXPECT_NEAR(sum[3], 9 * 0.5 * 0.314 * 4.184, 1e-12);
  // Only hydrogens at different ends are more than two bonds apart.
  EXPECT_EQ(mmff.pairs.size(), 9u);
  ASSERT_EQ(system.masses.size(), 8u);
  EXPECT_NEAR(system.masses[0], 12.011, 1e-9);
  EXPECT_NEAR(system.masses[7], 1.008, 1e-9);
}

TEST(MmffSystem, ScalesCoulombAcrossThreeBondsOnly) {
  const auto molecule = parse_smiles("OCCO");
  const auto charges = mmff_charges(molecule);
  const auto system = mmff_system(molecule);
  // O1-C2-C3-O4, hydrogens 5 on O1, 6-7 on C2, 8-9 on C3, 10 on O4.
  const auto product = [&](std::size_t i, std::size_t j) {
    for (const auto& pair : system.mmff->pairs)
      if (pair.i == i && pair.j == j) return pair.charge_product;
    ADD_FAILURE() << "no pair " << i << " " << j;
    return 0.0;
  };
  EXPECT_DOUBLE_EQ(product(0, 3), 0.75 * charges[0] * charges[3]);
  EXPECT_DOUBLE_EQ(product(4, 9), charges[4] * charges[9]);
}

TEST(MmffSystem, LetsSeparateMoleculesInteract) {
  // Iron and nine atoms of three waters: all pairs but those within the waters.
  const auto system = mmff_system(parse_smiles("[Fe+2].O.O.O"));
  EXPECT_EQ(system.mmff->pairs.size(), 45u - 9u);
}

TEST(MmffCharges, AddUpToTheChargeOfTheMolecule) {
  for (const auto& [smiles, total] : {std::pair<const char*, double>{"CC(=O)[O-]", -1.0},
                                      {"[NH3+]CC(=O)[O-]", 0.0},
                                      {"[Ca+2].O", 2.0}}) {
    const std::vector<double> charges = mmff_charges(parse_smiles(smiles));
    EXPECT_NEAR(std::accumulate(charges.begin(), charges.end(), 0.0), total, 1e-12) << smiles;
  }
  // Bond charge increment of OH2-HOH: 0.43 e.
  const std::vector<double> water = mmff_charges(parse_smiles("O"));
  ASSERT_EQ(water.size(), 3u);
  EXPECT_DOUBLE_EQ(water[0], -0.86);
  EXPECT_DOUBLE_EQ(water[1], 0.43);
}

TEST(MmffSystem, LeavesTheMoleculeAsItIs) {
  // RDKit's typing rewrites aromaticity; a second call must see what the first one saw.
  const auto molecule = embedded("c1ccc2c(c1)cc[nH]2");
  const double before = saltus_mmff(molecule, {}).energy;
  EXPECT_EQ(saltus_mmff(molecule, {}).energy, before);
}

}  // namespace
}  // namespace saltus::tests
