// Oracle: the wrapped energy itself, and exact messages.
#include "engine/potential/decorators.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/dynamics/integrator.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "engine/potential/analytic.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// A constant energy of any size and limits.
class ConstantEnergy final : public EnergyFunction {
 public:
  explicit ConstantEnergy(double value, EvaluationLimits limits = {})
      : value_(value), limits_(limits) {}
  std::size_t n_atoms() const override { return 1; }
  EvaluationLimits limits() const override { return limits_; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    check_evaluation_sizes(*this, x, energies, forces);
    for (double& e : energies) e = value_;
    for (double& f : forces) f = 0.0;
  }

 private:
  double value_;
  EvaluationLimits limits_;
};

std::shared_ptr<const EnergyFunction> constant(double value, EvaluationLimits limits = {}) {
  return std::make_shared<ConstantEnergy>(value, limits);
}

const std::vector<double> kThreePoints = {0.1, 0.2, 0.3, -0.1, 0.05, 0.2, 0.0, 0.1, -0.3};
const ConstCoordinates kPoints{kThreePoints.data(), 3, 1};

EnergyInvariantOptions fixed_in_space() {
  EnergyInvariantOptions options;
  options.translation = options.rotation = false;
  return options;
}

TEST(CountingEnergy, CountsConfigurationsAndChangesNothing) {
  const CountingEnergy energy(std::make_shared<HarmonicWell>(1, 100.0));
  std::vector<double> energies(3), forces(9);
  energy.evaluate(kPoints, energies, {});
  EXPECT_EQ(energy.evaluations(), 3u);
  energy.evaluate(kPoints.slice(1, 2), Span<double>(energies.data(), 2), {});
  EXPECT_EQ(energy.evaluations(), 5u);
  EXPECT_THROW(energy.evaluate(kPoints, {}, {}), InternalError);
  EXPECT_EQ(energy.evaluations(), 5u) << "a failed evaluation counts nothing";
  expect_energy_function_invariants(energy, kPoints, fixed_in_space());
}

TEST(CountingEnergy, MayShareItsCount) {
  const auto count = std::make_shared<EvaluationCount>(0);
  const CountingEnergy one(constant(1.0), count), other(constant(2.0), count);
  std::vector<double> energies(3);
  one.evaluate(kPoints, energies, {});
  other.evaluate(kPoints, energies, {});
  EXPECT_EQ(*count, 6u);
  EXPECT_EQ(one.evaluations(), 6u);
}

TEST(CrossCheckedEnergy, ReturnsTheFirstWhenBothAgree) {
  const auto well = std::make_shared<HarmonicWell>(1, 100.0);
  const CrossCheckedEnergy energy(well, std::make_shared<HarmonicWell>(1, 100.0 * (1 + 1e-9)),
                                  1e-8);
  expect_energy_function_invariants(energy, kPoints, fixed_in_space());
  std::vector<double> expected(3), actual(3);
  well->evaluate(kPoints, expected, {});
  energy.evaluate(kPoints, actual, {});
  EXPECT_EQ(actual, expected);
}

TEST(CrossCheckedEnergy, NamesChainAndBothEnergies) {
  const CrossCheckedEnergy energy(constant(2.0), constant(2.5), 0.125);
  std::vector<double> energies(3);
  EXPECT_EQ(
      message_of<NumericalError>([&] { energy.evaluate(kPoints, energies, {}); }),
      "energies disagree in chain 0: 2 kJ/mol and 2.5 kJ/mol, tolerance 0.125 of the larger of "
      "1 kJ/mol and the first");
}

TEST(CrossCheckedEnergy, ToleranceIsRelativeAboveOneKilojoule) {
  std::vector<double> energies(3);
  EXPECT_NO_THROW(
      CrossCheckedEnergy(constant(1000.0), constant(1000.9), 1e-3).evaluate(kPoints, energies, {}));
  EXPECT_THROW(
      CrossCheckedEnergy(constant(0.0), constant(0.9), 1e-3).evaluate(kPoints, energies, {}),
      NumericalError);
}

TEST(CrossCheckedEnergy, InfinitiesAgreeOnlyWithThemselves) {
  std::vector<double> energies(3);
  const auto check = [&](double a, double b) {
    CrossCheckedEnergy(constant(a), constant(b), 1.0).evaluate(kPoints, energies, {});
  };
  EXPECT_NO_THROW(check(INFINITY, INFINITY));
  EXPECT_THROW(check(INFINITY, 1e9), NumericalError);
  EXPECT_THROW(check(1e9, INFINITY), NumericalError);
  EXPECT_THROW(check(std::nan(""), std::nan("")), NumericalError);
}

TEST(CrossCheckedEnergy, TakesTheSmallerLimits) {
  const EvaluationLimits limits =
      CrossCheckedEnergy(constant(0, {8, 100}), constant(0, {16, 20}), 0.0).limits();
  EXPECT_EQ(limits.preferred_batch, 8u);
  EXPECT_EQ(limits.max_batch, 20u);
}

/// Trajectories along an energy, and what it was told.
struct Trajectory {
  CoordinateBatch x, v;
  std::vector<double> energies;
};

Trajectory follow(const std::shared_ptr<const EnergyFunction>& energy) {
  const ChainMolecule molecule(6);
  ChainBatch chains = molecule.draw(20, 300.0, 3);
  draw_velocities(chains, moving_particles(molecule.system()), {3, 0});
  Trajectory result{chains.positions, chains.velocities, {}};
  result.energies = Integrator("test", moving_particles(molecule.system()))
                        .velocity_verlet(result.x, result.v, *energy, 0.002, 7);
  return result;
}

void expect_same(const Trajectory& a, const Trajectory& b) {
  EXPECT_EQ(a.x.values(), b.x.values());
  EXPECT_EQ(a.v.values(), b.v.values());
  EXPECT_EQ(a.energies, b.energies);
}

std::shared_ptr<const EnergyFunction> mixed_precision() {
  return std::make_shared<NativeEnergy>(ChainMolecule(6).system(), nullptr);
}

TEST(Decorators, ChangeNoBitOfTrajectoriesInMixedPrecision) {
  const auto energy = mixed_precision();
  ASSERT_TRUE(energy->blocks());
  const Trajectory bare = follow(energy);
  const auto counting = std::make_shared<CountingEnergy>(energy);
  expect_same(follow(counting), bare);
  EXPECT_EQ(counting->evaluations(), 20u * 8u);
  expect_same(follow(std::make_shared<CrossCheckedEnergy>(energy, mixed_precision(), 1e-12)), bare);
  expect_same(follow(std::make_shared<SplittingEnergy>(counting)), bare);
  EXPECT_EQ(counting->evaluations(), 2u * 20u * 8u);
}

TEST(CrossCheckedEnergy, ComparesWhatWasFoundInBlocks) {
  System changed = ChainMolecule(6).system();
  changed.angles.front().k *= 1.001;
  const auto other = std::make_shared<NativeEnergy>(changed, nullptr);
  const auto wrong = std::make_shared<CountingEnergy>(
      std::make_shared<CrossCheckedEnergy>(mixed_precision(), other, 1e-9));
  EXPECT_THROW(follow(wrong), NumericalError);
}

TEST(CountingEnergy, CountsTheStepsOfAMinimisation) {
  const auto counting = std::make_shared<CountingEnergy>(mixed_precision());
  CoordinateBatch x = ChainMolecule(6).draw(20, 300.0, 3).positions;
  std::uint64_t n = 0;
  for (const MinimisationResult& result : minimise(*counting, x, {})) n += result.n_steps + 1;
  EXPECT_EQ(counting->evaluations(), n);
}

/// Remembers the sizes of its batches.
class Diary final : public EnergyFunction {
 public:
  std::size_t n_atoms() const override { return 1; }
  EvaluationLimits limits() const override { return {1, 2}; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    sizes.push_back(x.n_chains);
    HarmonicWell(1, 100.0).evaluate(x, energies, forces);
  }
  mutable std::vector<std::size_t> sizes;
};

TEST(SplittingEnergy, ObeysTheLargestBatch) {
  const auto inner = std::make_shared<Diary>();
  const auto energy = split_to_limits(inner);
  std::vector<double> energies(3), forces(9), expected(3), expected_forces(9);
  energy->evaluate(kPoints, energies, forces);
  EXPECT_EQ(inner->sizes, (std::vector<std::size_t>{2, 1}));
  HarmonicWell(1, 100.0).evaluate(kPoints, expected, expected_forces);
  EXPECT_EQ(energies, expected);
  EXPECT_EQ(forces, expected_forces);
  EXPECT_EQ(energy->limits().max_batch, EvaluationLimits{}.max_batch);
  const auto free = std::make_shared<HarmonicWell>(1, 100.0);
  EXPECT_EQ(split_to_limits(free), free);
  EXPECT_EQ(message_of<InputError>([] {
              SplittingEnergy(constant(0.0, {1, 0}));
            }),
            "splitting energy: the energy function takes no configurations");
}

TEST(SplittingEnergy, IsWhatTargetsAndTheirTrajectoriesUse) {
  const auto inner = std::make_shared<Diary>();
  const Canonical target(inner, ReferenceMeasure::kCartesian);
  ChainBatch chains(5, 1, {300.0});
  target.refresh(chains);
  HamiltonianMonteCarlo({}, {{12.0}, {}}).apply(chains, target, {1, 0});
  Metropolis(std::make_shared<MalaProposal>(inner, MalaOptions{0.01}, std::vector<double>{12.0}))
      .apply(chains, target, {1, 1});
  for (std::size_t size : inner->sizes) EXPECT_LE(size, 2u);
}

TEST(Decorators, RefuseBadInput) {
  EXPECT_EQ(message_of<InputError>([] { CountingEnergy(nullptr); }),
            "counting energy: no energy function given");
  EXPECT_EQ(message_of<InputError>([] { CrossCheckedEnergy(constant(0), nullptr, 0.0); }),
            "cross-checked energy: expected two energy functions");
  EXPECT_EQ(message_of<InputError>([] {
              CrossCheckedEnergy(constant(0), std::make_shared<HarmonicWell>(3, 1.0), 0.0);
            }),
            "cross-checked energy: the two energy functions have 1 and 3 atoms");
  EXPECT_EQ(message_of<InputError>([] { CrossCheckedEnergy(constant(0), constant(0), -1.0); }),
            "cross-checked energy: expected a tolerance of 0 or more, got -1.000000");
}

TEST(EvaluationSizes, MessagesSayWhatDoesNotFit) {
  const HarmonicWell well(1, 1.0);
  std::vector<double> three(3), two(2), short_forces(8);
  EXPECT_EQ(message_of<InternalError>([&] {
              well.evaluate({kThreePoints.data(), 1, 3}, Span<double>(three.data(), 1), {});
            }),
            "energy evaluation: positions have 3 atoms, the energy function has 1");
  EXPECT_EQ(message_of<InternalError>([&] { well.evaluate(kPoints, two, {}); }),
            "energy evaluation: room for 2 energies, expected one for each of 3 chains");
  EXPECT_EQ(message_of<InternalError>([&] { well.evaluate(kPoints, three, short_forces); }),
            "energy evaluation: room for 8 force components, expected none or 9");
}

}  // namespace
}  // namespace saltus::tests
