// Oracle: derivatives of the energy itself; bond lengths of boron and selenium as in crystals.
#include "forcefields/uff/uff_energy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/minimisation/minimise.h"
#include "forcefields/chem/conformer_input.h"
#include "forcefields/chem/embedding.h"
#include "forcefields/chem/molecule_reader.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using forcefields::ChemMolecule;

engine::CoordinateBatch built(const ChemMolecule& molecule, std::size_t n) {
  forcefields::EmbeddingOptions options;
  options.n_conformers = n;
  return forcefields::embed(molecule, forcefields::configuration_of(molecule), options).positions;
}

double distance(engine::Span<const double> x, std::size_t i, std::size_t j) {
  double square = 0.0;
  for (std::size_t k = 0; k < 3; ++k)
    square += (x[3 * i + k] - x[3 * j + k]) * (x[3 * i + k] - x[3 * j + k]);
  return std::sqrt(square);
}

TEST(UffEnergy, KeepsThePromisesOfAnEnergyFunction) {
  for (const char* smiles : {"OB(O)c1ccccc1", "C[Se]CC", "FP(F)(F)(F)F"}) {
    const ChemMolecule molecule = forcefields::parse_smiles(smiles);
    const auto energy = forcefields::uff_energy(molecule);
    EnergyInvariantOptions options;
    // RDKit computes in angstrom and kcal/mol, and rounds angles near 0 and pi.
    options.force_tolerance = 1e-5;
    options.energy_tolerance = 1e-10;
    // Moved by a nanometre, forces in the right angles of PF5 differ by 3e-9 of the largest.
    options.motion_tolerance = 1e-8;
    const engine::CoordinateBatch points = built(molecule, 3);
    ASSERT_GT(points.n_chains(), 0u) << smiles;
    expect_energy_function_invariants(*energy, points.view(), options);
  }
}

TEST(UffEnergy, HasBondsOfTheRightLength) {
  const auto relaxed = [](const char* smiles) {
    const ChemMolecule molecule = forcefields::parse_smiles(smiles);
    engine::CoordinateBatch x = built(molecule, 1);
    engine::MinimisationOptions options;
    options.force_tolerance = 0.1;
    EXPECT_TRUE(engine::minimise(*forcefields::uff_energy(molecule), x, options)[0].converged);
    return x;
  };
  const engine::CoordinateBatch acid = relaxed("CB(O)O"), selenide = relaxed("C[Se]C");
  EXPECT_NEAR(distance(acid.chain(0), 1, 2), 0.136, 0.015);      // B-O
  EXPECT_NEAR(distance(selenide.chain(0), 0, 1), 0.195, 0.010);  // C-Se
}

}  // namespace
}  // namespace saltus::tests
