// Oracle: RDKit's forces, which must vanish where the native engine says that its own do.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "tests/forcefields/mmff/rdkit_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

class MmffMinimum : public testing::TestWithParam<const char*> {};

TEST_P(MmffMinimum, IsOneOfRdkit) {
  constexpr double kTolerance = 0.01;  // kJ/mol/nm
  constexpr std::size_t kChains = 3;
  auto molecule = embedded(GetParam());
  engine::CoordinateBatch x(kChains, molecule.n_atoms());
  auto stream = test_stream(62);
  for (std::size_t c = 0; c < kChains; ++c)
    for (std::size_t i = 0; i < molecule.positions_nm.size(); ++i)
      x.chain(c)[i] = molecule.positions_nm[i] + 0.01 * stream.normal();
  const engine::NativeEnergy energy(forcefields::mmff_system(molecule), nullptr);
  const auto results = engine::minimise(energy, x, {kTolerance, 20000, {}});
  for (std::size_t c = 0; c < kChains; ++c) {
    EXPECT_TRUE(results[c].converged);
    molecule.positions_nm.assign(x.chain(c).begin(), x.chain(c).end());
    const EnergyAndForces theirs = rdkit_mmff(molecule, {});
    double sum = 0.0;
    for (const double f : theirs.forces) sum += f * f;
    // Forces of both agree to 1e-5 (mmff_molecules_test.cpp).
    EXPECT_LT(std::sqrt(sum / static_cast<double>(theirs.forces.size())), kTolerance + 1e-5);
    EXPECT_NEAR(results[c].energy, theirs.energy, tolerance_scale() * 1e-7);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MmffMinimum,
                         testing::Values("CCO", "CC(=O)NC", "CC#N",
                                         "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1"));

}  // namespace
}  // namespace saltus::tests
