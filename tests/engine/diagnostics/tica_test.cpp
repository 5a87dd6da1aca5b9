// Oracles: Ornstein-Uhlenbeck (AR(1)) processes, whose autocorrelations are known, hidden behind a
// linear mixture.
#include "engine/diagnostics/tica.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "tests/engine/diagnostics/autoregressive.h"
#include "tests/support/errors.h"

namespace saltus::engine {
namespace {

using tests::autoregressive_chains;
using tests::message_of;

constexpr std::size_t kChains = 8, kSteps = 20000;
constexpr double kSlow = 0.98, kFast = 0.7;

// Features a s + b f, -c s + d f, and a constant, of a slow and a fast process.
struct Mixture {
  std::vector<double> slow = autoregressive_chains(kSlow, kChains, kSteps, 11);
  std::vector<double> fast = autoregressive_chains(kFast, kChains, kSteps, 12);

  std::vector<double> rows(std::size_t chain) const {
    std::vector<double> rows;
    for (std::size_t t = 0; t < kSteps; ++t) {
      const double s = slow[chain * kSteps + t], f = fast[chain * kSteps + t];
      rows.insert(rows.end(), {100.0 + 0.2 * s + 3.0 * f, -0.1 * s + 5.0 * f, 7.0});
    }
    return rows;
  }
  FeatureChains chains() const {
    return {kChains, kSteps, 3, [this](std::size_t chain) { return rows(chain); }};
  }
};

TEST(Tica, FindsTheTimeScalesOfAMixture) {
  const Mixture mixture;
  constexpr std::size_t kLag = 5;
  const TicaModel model = fit_tica(mixture.chains(), {kLag, 2, false});
  ASSERT_EQ(model.n_components(), 2u);
  // Five standard errors: one of the slow rho_1 is sqrt((1 - rho^2) / n) = 5e-4.
  EXPECT_NEAR(model.eigenvalues[0], std::pow(kSlow, 5.0), 0.012);
  EXPECT_NEAR(model.eigenvalues[1], std::pow(kFast, 5.0), 0.012);
  EXPECT_NEAR(model.timescale_steps(0), -1.0 / std::log(kSlow), 7.0);
}

TEST(Tica, RecoversTheSlowProcess) {
  const Mixture mixture;
  const TicaModel model = fit_tica(mixture.chains(), {5, 2, false});
  double product = 0.0, square = 0.0, sum = 0.0;
  for (std::size_t chain = 0; chain < kChains; ++chain) {
    const std::vector<double> tics = model.project(mixture.rows(chain));
    for (std::size_t t = 0; t < kSteps; ++t) {
      product += tics[2 * t] * mixture.slow[chain * kSteps + t];
      square += tics[2 * t] * tics[2 * t];
      sum += tics[2 * t];
    }
  }
  const double n = kChains * kSteps;
  // The sample's own variance is 1 within some 3 %.
  EXPECT_GT(std::abs(product / n), 0.94);
  EXPECT_NEAR(square / n, 1.0, 0.01);
  EXPECT_NEAR(sum / n, 0.0, 0.01);
}

TEST(Tica, DoesNotDependOnUnitsAndOrigins) {
  const Mixture mixture;
  FeatureChains scaled = mixture.chains();
  scaled.rows = [&mixture](std::size_t chain) {
    std::vector<double> rows = mixture.rows(chain);
    for (std::size_t i = 0; i < rows.size(); i += 3) rows[i] = 1e3 * rows[i] - 5e4;
    return rows;
  };
  const TicaModel a = fit_tica(mixture.chains(), {2, 2, false});
  const TicaModel b = fit_tica(scaled, {2, 2, false});
  for (std::size_t i = 0; i < 2; ++i) EXPECT_NEAR(a.eigenvalues[i], b.eigenvalues[i], 1e-7);
}

// Short chains that all begin far from the mean of the process, which is 0.
FeatureChains relaxing_chains(std::size_t n_chains, std::size_t n_steps, double start) {
  return {
      n_chains, n_steps, 1, [n_steps, start](std::size_t chain) {
        constexpr double kRho = 0.8;
        RandomStream stream({3, 0}, StreamName::kTest, static_cast<std::uint32_t>(chain));
        std::vector<double> values = {start + 0.5 * stream.normal()};
        while (values.size() < n_steps)
          values.push_back(kRho * values.back() + std::sqrt(1.0 - kRho * kRho) * stream.normal());
        return values;
      }};
}

TEST(Tica, KoopmanWeightsFindTheEquilibriumOfRelaxingChains) {
  const FeatureChains chains = relaxing_chains(8000, 6, 1.0);
  EXPECT_GT(fit_tica(chains, {1, 1, false}).mean[0], 0.5);
  EXPECT_NEAR(fit_tica(chains, {1, 1, true}).mean[0], 0.0, 0.15);
}

// Linear weights of chains further out than the process is wide are negative where most chains are.
TEST(Tica, KoopmanWeightsDoNotReachTooFar) {
  EXPECT_EQ(
      message_of<NumericalError>([] {
        fit_tica(relaxing_chains(8000, 6, 2.0), {1, 1, true});
      }),
      "TICA: with Koopman weights the variance of feature 0 is not positive: chains begin too "
      "far from equilibrium; use longer chains or koopman = false");
}

TEST(Tica, KoopmanWeightsChangeLittleInEquilibrium) {
  const Mixture mixture;
  const TicaModel plain = fit_tica(mixture.chains(), {5, 2, false});
  const TicaModel weighted = fit_tica(mixture.chains(), {5, 2, true});
  EXPECT_NEAR(plain.eigenvalues[0], weighted.eigenvalues[0], 0.01);
}

TEST(Tica, RefusesWhatItCannotDo) {
  const Mixture mixture;
  EXPECT_EQ(message_of<InputError>([&] {
              fit_tica(mixture.chains(), {kSteps, 2, false});
            }),
            "TICA at a lag of 20000 steps of chains of 20000 steps: expected longer chains or a "
            "shorter lag");
  EXPECT_EQ(message_of<InputError>([&] {
              fit_tica(mixture.chains(), {0, 2, false});
            }),
            "TICA: expected a lag of at least one step and at least one component");
  const FeatureChains constant = {1, 10, 1,
                                  [](std::size_t) { return std::vector<double>(10, 0.1); }};
  EXPECT_EQ(message_of<NumericalError>([&] {
              fit_tica(constant, {1, 1, false});
            }),
            "TICA: no feature varies: expected chains that move");
  const FeatureChains broken = {1, 4, 1, [](std::size_t) {
                                  return std::vector<double>{0.0, 1.0, std::nan(""), 2.0};
                                }};
  EXPECT_EQ(message_of<InputError>([&] {
              fit_tica(broken, {1, 1, false});
            }),
            "feature 0 is not finite at chain 0, step 2");
}

}  // namespace
}  // namespace saltus::engine
