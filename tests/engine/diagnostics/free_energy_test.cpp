// Oracle: exact differences of free energies of normal distributions, and the exact variance of
// Bennett's estimate, by quadrature. Estimates must be within six of their own standard errors,
// each of which must be within a third of the truth: false alarms below 1e-8 each for the first,
// and below 1e-4 for the second (200 independent blocks and 100 draws give an error to 8 %).
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/units.h"
#include "engine/diagnostics/free_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kStandardErrors = 6.0;
constexpr std::size_t kSamples = 4000, kBlock = 20;
constexpr BootstrapOptions kDraws = {100, 7};

/// u = (x - centre)^2 / (2 width^2) + offset, f = offset - log(width) - log(2 pi) / 2.
struct Oscillator {
  double centre = 0.0, width = 1.0, offset = 0.0;
  double u(double x) const { return 0.5 * (x - centre) * (x - centre) / (width * width) + offset; }
  double f() const { return offset - std::log(width) - 0.5 * std::log(kTwoPi); }
  double density(double x) const { return std::exp(f() - u(x)); }
};

const Oscillator kFirst = {0.0, 1.0, 0.0}, kSecond = {0.8, 0.6, 3.0};

/// Blocks of equal samples when `repeated`: a series that is as good as one sample a block.
std::vector<double> draw(const Oscillator& o, std::uint64_t seed, bool repeated = false) {
  RandomStream stream({test_seed(seed)}, StreamName::kTest, 0);
  std::vector<double> x;
  for (std::size_t i = 0; i < kSamples; ++i)
    x.push_back(repeated && i % kBlock != 0 ? x.back() : o.centre + o.width * stream.normal());
  return x;
}

std::vector<double> work(const std::vector<double>& x, const Oscillator& from,
                         const Oscillator& to) {
  std::vector<double> w;
  for (const double value : x) w.push_back(to.u(value) - from.u(value));
  return w;
}

double integral(const std::function<double(double)>& g) {
  // Analytic integrands that vanish at the ends: the trapezoidal rule is exact to rounding.
  constexpr double kStep = 0.01, kEnd = 12.0;
  double sum = 0.0;
  for (double x = -kEnd; x < kEnd; x += kStep) sum += kStep * g(x);
  return sum;
}

/// 1 - the overlap of the densities, in Bennett's formula for as many samples from both.
double exact_overlap() {
  return integral([](double x) {
    const double p = kFirst.density(x), q = kSecond.density(x);
    return p + q > 0.0 ? 2.0 * p * q / (p + q) : 0.0;
  });
}

void expect_right(const FreeEnergyEstimate& estimate, double value, double error) {
  EXPECT_NEAR(estimate.value, value, tolerance_scale() * kStandardErrors * error);
  EXPECT_NEAR(estimate.error, error, tolerance_scale() * error / 3.0);
}

const double kDifference = kSecond.f() - kFirst.f();

/// Bennett's variance with n samples from each side: (2 / overlap - 2) / n.
double bennett_error(std::size_t n) {
  return std::sqrt((2.0 / exact_overlap() - 2.0) / static_cast<double>(n));
}

/// Of -log mean exp(-w): sqrt(variance of exp(Delta f - w) / n).
double perturbation_error(std::size_t n) {
  const double second_moment = integral([](double x) {
    const double p = kFirst.density(x), q = kSecond.density(x);
    return p > 0.0 ? q * q / p : 0.0;
  });
  return std::sqrt((second_moment - 1.0) / static_cast<double>(n));
}

TEST(FreeEnergy, PerturbationIsThatOfOscillators) {
  const auto w = work(draw(kFirst, 1), kFirst, kSecond);
  expect_right(perturbation_free_energy({w, kBlock}, kDraws), kDifference,
               perturbation_error(kSamples));
}

TEST(FreeEnergy, AcceptanceRatioIsThatOfOscillatorsAndHasBennettsError) {
  const auto there = work(draw(kFirst, 2), kFirst, kSecond),
             back = work(draw(kSecond, 3), kSecond, kFirst);
  expect_right(acceptance_ratio_free_energy({there, kBlock}, {back, kBlock}, kDraws), kDifference,
               bennett_error(kSamples));
}

TEST(FreeEnergy, ErrorsAreThoseOfBlocks) {
  const auto there = work(draw(kFirst, 4, true), kFirst, kSecond),
             back = work(draw(kSecond, 5, true), kSecond, kFirst);
  expect_right(acceptance_ratio_free_energy({there, kBlock}, {back, kBlock}, kDraws), kDifference,
               bennett_error(kSamples / kBlock));
  // As if all were independent, the error would be sqrt(20) times too small: seen.
  const double wrong = acceptance_ratio_free_energy({there, 1}, {back, 1}, kDraws).error;
  EXPECT_LT(wrong, 0.4 * bennett_error(kSamples / kBlock));
}

TEST(FreeEnergy, UnequalNumbersGiveTheSameDifference) {
  auto there = work(draw(kFirst, 6), kFirst, kSecond),
       back = work(draw(kSecond, 7), kSecond, kFirst);
  back.resize(back.size() / 4);
  const auto estimate = acceptance_ratio_free_energy({there, kBlock}, {back, kBlock}, kDraws);
  EXPECT_NEAR(estimate.value, kDifference,
              tolerance_scale() * kStandardErrors * bennett_error(kSamples / 4));
  // A wrong sign of m moves it by up to log(16): far outside.
  EXPECT_LT(bennett_error(kSamples / 4) * kStandardErrors, 0.5 * std::log(4.0));
}

TEST(FreeEnergy, OverlapIsTheIntegral) {
  const auto there = work(draw(kFirst, 8), kFirst, kSecond),
             back = work(draw(kSecond, 9), kSecond, kFirst);
  // Numbers in [0, 2]: standard deviations are at most 1.
  const double tolerance =
      tolerance_scale() * kStandardErrors / std::sqrt(2.0 * static_cast<double>(kSamples));
  EXPECT_NEAR(work_overlap({there, 1}, {back, 1}, kDifference), exact_overlap(), tolerance);
  const std::vector<double> same(kSamples, 2.0), reverse(kSamples, -2.0);
  EXPECT_DOUBLE_EQ(work_overlap({same, 1}, {reverse, 1}, 2.0), 1.0);
}

TEST(FreeEnergy, AMapThatFitsLeavesNoError) {
  // x' = centre + width x maps the first on the second: all work is Delta f.
  const std::vector<double> there(100, kDifference), back(100, -kDifference);
  for (const auto& estimate : {perturbation_free_energy({there, 10}, kDraws),
                               acceptance_ratio_free_energy({there, 10}, {back, 10}, kDraws)}) {
    EXPECT_NEAR(estimate.value, kDifference, 1e-12);
    EXPECT_NEAR(estimate.error, 0.0, 1e-12);
  }
}

TEST(FreeEnergy, InfiniteWorkCountsAsNoWeight) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> w(100, 1.0);
  for (std::size_t i = 0; i < w.size(); i += 2) w[i] = kInfinity;
  EXPECT_NEAR(perturbation_free_energy({w, 2}, kDraws).value, 1.0 + std::log(2.0), 1e-12);
  // Where half of the forward work and none of the reverse is infinite, Delta f solves
  // n/2 fermi(1 - D) = n fermi(-1 + D): with e = exp(D - 1), e / (1 + e) = 2 / (1 + e).
  const std::vector<double> back(100, -1.0);
  EXPECT_NEAR(acceptance_ratio_free_energy({w, 2}, {back, 2}, kDraws).value, 1.0 + std::log(2.0),
              1e-12);
}

TEST(FreeEnergy, AcceptanceRatioIsFoundBetweenDistantWorks) {
  // One work each way, far from each other: fermi(a - D) = fermi(b + D) at D = (a - b) / 2.
  for (const double a : {-3000.0, 0.5, 40.0, 3000.0})
    for (const double b : {-50.0, 0.0, 2000.0}) {
      const std::vector<double> there(4, a), back(4, b);
      EXPECT_NEAR(acceptance_ratio_free_energy({there, 1}, {back, 1}, {2, 7}).value, 0.5 * (a - b),
                  1e-9);
    }
}

TEST(FreeEnergy, RefusesWhatItCannotUse) {
  const std::vector<double> w = {1.0, 2.0, 3.0, 4.0};
  EXPECT_THROW(perturbation_free_energy({w, 3}, kDraws), InputError);
  EXPECT_THROW(perturbation_free_energy({w, 4}, kDraws), InputError);
  EXPECT_THROW(perturbation_free_energy({w, 0}, kDraws), InputError);
  EXPECT_THROW(perturbation_free_energy({w, 1}, {1, 0}), InputError);
  const std::vector<double> nan = {1.0, std::nan("")};
  EXPECT_THROW(perturbation_free_energy({nan, 1}, kDraws), InputError);
  EXPECT_THROW(acceptance_ratio_free_energy({w, 1}, {nan, 1}, kDraws), InputError);
  const std::vector<double> infinite(4, std::numeric_limits<double>::infinity());
  EXPECT_THROW(perturbation_free_energy({infinite, 1}, kDraws), NumericalError);
  EXPECT_THROW(acceptance_ratio_free_energy({infinite, 1}, {infinite, 1}, kDraws), NumericalError);
}

}  // namespace
}  // namespace saltus::tests
