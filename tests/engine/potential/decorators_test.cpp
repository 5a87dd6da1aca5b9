// Oracle: the wrapped energy itself, and exact messages.
#include "engine/potential/decorators.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/potential/analytic.h"
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

template <class Caught, class Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Caught& error) {
    return error.what();
  }
  return "nothing thrown";
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
  EXPECT_EQ(limits.largest_batch, 20u);
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
