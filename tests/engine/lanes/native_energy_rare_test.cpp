// Oracle: PlainEnergy, and chains alone against the same chains among others, where float
// polynomials leave their range and numbers overflow.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/lanes/instruction_set.h"
#include "engine/lanes/native_energy.h"
#include "engine/reference/plain_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

using namespace engine;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Result {
  std::vector<double> energies, forces;
};

Result evaluate(const EnergyFunction& energy, const std::vector<double>& x) {
  const std::size_t n_chains = x.size() / (3 * energy.n_atoms());
  Result result{std::vector<double>(n_chains), std::vector<double>(x.size())};
  energy.evaluate({x.data(), n_chains, energy.n_atoms()}, result.energies, result.forces);
  return result;
}

System atoms(std::size_t n) {
  System system;
  system.masses.assign(n, 12.0);
  return system;
}

/// Runs on the instruction set that is its parameter.
class NativeEnergyRareBranches : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_instruction_set(GetParam()); }
  void TearDown() override { choose_instruction_set(available_instruction_sets().front()); }
};

/// Two atoms. For the second chain both limits of the integral of atom 1 lie far apart, for the
/// first those of atom 0 do: its descreening sphere has a negative radius, as sulfur has in GBn2,
/// but a larger one.
TEST_P(NativeEnergyRareBranches, SpheresOfNegativeRadiusDoNotLookAtOtherLanes) {
  System system = atoms(2);
  ImplicitSolvent& solvent = system.implicit_solvent.emplace();
  solvent.model = GeneralizedBornModel::kGbn2;
  solvent.offset_nm = 0.0195141;
  solvent.particles = {{0.5, 0.12, 3.8, 1.1, 0.8, 0.5}, {-0.5, 0.18, -2.5, 1.1, 0.8, 0.5}};
  const std::vector<double> alone = {0.0, 0.0, 0.0, 0.6, 0.0, 0.0};
  std::vector<double> together = alone;
  together.insert(together.end(), {0.0, 0.0, 0.0, 0.38, 0.0, 0.0});
  const NativeEnergy single(system, nullptr, Precision::kSingle);
  const Result one = evaluate(single, alone), both = evaluate(single, together);
  EXPECT_EQ(one.energies[0], both.energies[0]);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(one.forces[i], both.forces[i]);
  const Result expected = evaluate(PlainEnergy(system, nullptr), together);
  for (std::size_t c = 0; c < 2; ++c) {
    // A float has seven digits of energies and forces of the order of 100.
    EXPECT_NEAR(both.energies[c], expected.energies[c], 1e-4 * tolerance_scale());
    EXPECT_NEAR(both.forces[6 * c], expected.forces[6 * c], 1e-3 * tolerance_scale());
  }
}

TEST_P(NativeEnergyRareBranches, CoincidentAtomsInSolventAloneAreInfinite) {
  for (const auto model :
       {GeneralizedBornModel::kObc1, GeneralizedBornModel::kObc2, GeneralizedBornModel::kGbn2}) {
    System system = atoms(3);
    ImplicitSolvent& solvent = system.implicit_solvent.emplace();
    solvent.model = model;
    solvent.particles = {{0.4, 0.15, 0.85}, {-0.3, 0.17, 0.72}, {0.1, 0.12, 0.8}};
    const std::vector<double> x = {0.1, 0.2, 0.3, 0.4, 0.2, 0.1, 0.4, 0.2, 0.1};
    for (Precision precision : {Precision::kDouble, Precision::kSingle})
      EXPECT_EQ(evaluate(NativeEnergy(system, nullptr, precision), x).energies[0], kInfinity)
          << "precision " << static_cast<int>(precision);
  }
}

/// Products of four coordinates overflow although all distances are finite.
TEST_P(NativeEnergyRareBranches, AnglesAndTorsionsThatOverflowAreInfinite) {
  System bend = atoms(3);
  bend.mmff.emplace().stretch_bends = {{0, 1, 2, 0.1, 0.1, 1.9, 1e-9, 1e-9}};
  System restrained = atoms(4);
  restrained.torsion_restraints = {{0, 1, 2, 3, 0.5, 30.0, 0.0}};
  System mapped = atoms(4);
  mapped.correction_maps = {{3, {1.0, 2.0, 0.5, -1.0, 4.0, 2.5, 0.0, 1.5, -2.0}}};
  mapped.correction_torsions = {{0, {0, 1, 2, 3}, {3, 2, 1, 0}}};
  const std::vector<double> shape = {1.0, 0.1, 0.0, 0.0, 0.0, 0.0, 0.2, 1.0, 0.0, 0.3, 1.2, 1.0};
  for (const System* system : {&bend, &restrained, &mapped})
    for (const auto& [precision, size] :
         {std::pair{Precision::kDouble, 1e120}, std::pair{Precision::kSingle, 1e15}}) {
      std::vector<double> x(shape.begin(),
                            shape.begin() + static_cast<std::ptrdiff_t>(3 * system->n_atoms()));
      for (double& value : x) value *= size;
      const Result result = evaluate(NativeEnergy(*system, nullptr, precision), x);
      EXPECT_EQ(result.energies[0], kInfinity) << size;
      for (double force : result.forces) EXPECT_EQ(force, 0.0);
    }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, NativeEnergyRareBranches,
                         testing::ValuesIn(available_instruction_sets()),
                         [](const auto& set) { return set.param; });

}  // namespace

}  // namespace saltus::tests
