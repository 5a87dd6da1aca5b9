// Oracle: exact draws of harmonic oscillators, whose energies have a gamma distribution; the
// planted defect is a sampler 2 % too warm.
#include "tests/validation/ensemble_ratio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

constexpr double kColder = 1.0, kWarmer = 1.0 / 1.25;  // 1/kT
constexpr double kShape = 30.0;                        // 60 oscillators

bool agrees(const Comparison& comparison) { return std::abs(comparison.normal_deviate()) <= 4.0; }

ChainSeries energies(double inverse_temperature, unsigned seed, std::size_t n_frames = 200) {
  std::mt19937_64 generator(seed);
  std::gamma_distribution<double> energy(kShape, 1.0 / inverse_temperature);
  ChainSeries series(64, std::vector<double>(n_frames));
  for (auto& chain : series)
    for (double& value : chain) value = energy(generator);
  return series;
}

TEST(EnsembleRatio, FindsTheDifferenceOfInverseTemperatures) {
  const Comparison ratio =
      ensemble_ratio(energies(kColder, 1), energies(kWarmer, 2), kWarmer - kColder);
  EXPECT_TRUE(agrees(ratio));
  EXPECT_LT(ratio.error, 0.005);  // of about 0.0026; otherwise the test below would see nothing
}

TEST(EnsembleRatio, SeesASamplerThatIsTwoPercentTooWarm) {
  const Comparison ratio =
      ensemble_ratio(energies(kColder / 1.02, 1), energies(kWarmer, 2), kWarmer - kColder);
  EXPECT_FALSE(agrees(ratio));
}

TEST(EnsembleRatio, ItsDeviatesAreNormal) {
  constexpr unsigned kRepetitions = 200;
  double squares = 0.0;
  std::vector<double> deviates;
  for (unsigned i = 0; i < kRepetitions; ++i) {
    const Comparison ratio = ensemble_ratio(energies(kColder, 100 + 2 * i, 20),
                                            energies(kWarmer, 101 + 2 * i, 20), kWarmer - kColder);
    squares += ratio.standard_errors() * ratio.standard_errors();
    deviates.push_back(ratio.normal_deviate());
  }
  // Student's t with 31 degrees of freedom has variance 31/29; its mean over 200 scatters by 0.11.
  EXPECT_NEAR(squares / kRepetitions, 31.0 / 29.0, 4 * 0.11);
  EXPECT_TRUE(check_distribution("deviates", deviates, standard_normal_cdf, 1e-4).passed());
}

TEST(EnsembleRatio, IsUnknownWithoutOverlap) {
  EXPECT_TRUE(std::isnan(ensemble_ratio(energies(1.0, 1), energies(1000.0, 2), 999.0).measured));
}

TEST(EnsembleRatio, NeedsChains) {
  EXPECT_THROW(ensemble_ratio(ChainSeries(15, {1.0}), ChainSeries(16, {1.0}), 1.0),
               std::invalid_argument);
}

TEST(MeanOf, HasTheErrorOfItsChains) {
  const Comparison mean = mean_of(energies(1.0, 3), kShape);
  EXPECT_TRUE(agrees(mean));
  EXPECT_NEAR(mean.error, std::sqrt(kShape / (64.0 * 200.0)), 0.3 * mean.error);
}

}  // namespace
}  // namespace saltus::tests
