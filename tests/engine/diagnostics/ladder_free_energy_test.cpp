// Oracle: exact free energies of harmonic oscillators at several temperatures. Estimates must be
// within six of their own errors, which 100 draws give to 10 %: false alarms below 1e-7 each. A
// wrong sign of works or energies is seen by the same assertion.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/diagnostics/ladder_free_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kStandardErrors = 6.0, kInfinity = std::numeric_limits<double>::infinity();
constexpr BootstrapOptions kDraws = {100, 7};
constexpr std::size_t kDimensions = 3;

/// Energies of oscillators u = r^2 / 2 in three dimensions, [K, ladders * frames]: those of a
/// ladder share a part of their random numbers if `shared`, which correlates its levels.
struct Oscillators {
  std::vector<double> temperatures = {1.0, 1.5, 2.2};
  std::size_t n_ladders = 40, n_frames = 50;
  std::vector<double> energies;

  std::size_t n() const { return n_ladders * n_frames; }
  /// f_k - f_0 = -3/2 log(T_k / T_0).
  double exact(std::size_t k) const {
    return -0.5 * kDimensions * std::log(temperatures[k] / temperatures[0]);
  }

  explicit Oscillators(std::uint64_t seed, bool shared = false) {
    for (std::size_t k = 0; k < temperatures.size(); ++k)
      for (std::size_t i = 0; i < n(); ++i) {
        RandomStream stream({test_seed(seed), i}, StreamName::kTest,
                            static_cast<std::uint32_t>(shared ? 0 : k));
        double square = 0.0;
        for (std::size_t d = 0; d < kDimensions; ++d) square += std::pow(stream.normal(), 2);
        energies.push_back(0.5 * temperatures[k] * square);
      }
  }

  std::vector<double> potentials(double sign = 1.0) const {
    std::vector<double> result;
    for (const double t : temperatures)
      for (const double energy : energies) result.push_back(sign * energy / t);
    return result;
  }

  /// Of the map x' = (T' / T)^(exponent / 2) x, which is exact for an exponent of 1 and no map for
  /// 0: w = E (s^2 / T' - 1 / T) - 3/2 exponent log(T' / T).
  std::vector<double> works(int direction, double exponent) const {
    std::vector<double> result(energies.size(), 0.0);
    for (std::size_t k = 0; k < temperatures.size(); ++k) {
      const std::size_t other = direction > 0 ? k + 1 : k - 1;
      if (other >= temperatures.size()) continue;
      const double ratio = temperatures[other] / temperatures[k];
      for (std::size_t i = k * n(); i < (k + 1) * n(); ++i)
        result[i] = energies[i] / temperatures[k] * (std::pow(ratio, exponent - 1.0) - 1.0) -
                    0.5 * kDimensions * exponent * std::log(ratio);
    }
    return result;
  }
};

bool is_near(const FreeEnergyEstimate& estimate, double exact) {
  return std::abs(estimate.value - exact) <=
         tolerance_scale() * kStandardErrors * estimate.error + 1e-12;
}

LadderFreeEnergies mbar(const Oscillators& o, const std::vector<double>& potentials, bool joint) {
  return ladder_free_energies(
      {potentials, std::vector<std::size_t>(o.temperatures.size(), o.n()), o.n_frames, joint},
      kDraws);
}

LadderWorkEstimates by_work(const Oscillators& o, double exponent, double sign = 1.0) {
  std::vector<double> up = o.works(1, exponent), down = o.works(-1, exponent);
  for (double& w : up) w *= sign;
  for (double& w : down) w *= sign;
  return ladder_work_free_energies({up, down, o.temperatures.size(), o.n_frames}, kDraws);
}

TEST(LadderFreeEnergy, OfTemperaturesIsThatOfOscillators) {
  const Oscillators o(12);
  const auto ladder = mbar(o, o.potentials(), true);
  EXPECT_DOUBLE_EQ(ladder.from_first[0].value, 0.0);
  EXPECT_DOUBLE_EQ(ladder.from_first[0].error, 0.0);
  for (std::size_t k = 1; k < o.temperatures.size(); ++k) {
    EXPECT_PRED2(is_near, ladder.from_first[k], o.exact(k));
    EXPECT_PRED2(is_near, ladder.to_next[k - 1], o.exact(k) - o.exact(k - 1));
    EXPECT_DOUBLE_EQ(ladder.to_next[k - 1].value,
                     ladder.from_first[k].value - ladder.from_first[k - 1].value);
    EXPECT_LT(kStandardErrors * ladder.from_first[k].error, 0.3) << "an error must be seen";
  }
}

TEST(LadderFreeEnergy, OfTwoIsTheAcceptanceRatio) {
  Oscillators o(13);
  o.temperatures.pop_back();
  o.energies.resize(2 * o.n());
  const auto ladder = mbar(o, o.potentials(), false);
  const auto works = by_work(o, 0.0);
  // Newton's last step is below 1e-9, what is left after it below its square.
  EXPECT_NEAR(ladder.from_first[1].value, works.pairs[0].bennett.value, 1e-10);
}

TEST(LadderFreeEnergy, ErrorsKnowThatLevelsOfALadderAreAlike) {
  // With the same random numbers at all levels estimates of neighbours err to the same side.
  const Oscillators o(14, true);
  const double joint = mbar(o, o.potentials(), true).from_first[2].error;
  const double apart = mbar(o, o.potentials(), false).from_first[2].error;
  // 1.5 to 1.9 times as large with other seeds.
  EXPECT_GT(joint, 1.2 * apart);
}

TEST(LadderFreeEnergy, OfEnsemblesFarApartIsRefused) {
  const std::vector<double> potentials = {0.0,    1.0,    2000.0, 2001.0,  //
                                          2000.0, 2001.0, 0.0,    1.0};
  EXPECT_THROW(ladder_free_energies({potentials, {2, 2}, 1}, kDraws), NumericalError);
}

TEST(LadderFreeEnergy, RefusesWhatDoesNotFit) {
  const std::vector<double> w = {1.0, 2.0, 3.0, 4.0};
  EXPECT_THROW(ladder_free_energies({w, {2, 1}, 1}, kDraws), InputError);
  const std::vector<double> potentials(2 * 6, 1.0);
  EXPECT_THROW(ladder_free_energies({potentials, {4, 2}, 1, true}, kDraws), InputError);
  EXPECT_THROW(ladder_work_free_energies({w, w, 1, 1}, kDraws), InputError);
  EXPECT_THROW(ladder_work_free_energies({w, w, 3, 1}, kDraws), InputError);
  EXPECT_THROW(ladder_work_free_energies({w, w, 2, 2}, kDraws), InputError);
}

TEST(LadderWork, GivesTheFreeEnergiesOfOscillatorsWithAndWithoutAMap) {
  const Oscillators o(15);
  for (const double exponent : {0.0, 0.6}) {
    const auto result = by_work(o, exponent);
    for (std::size_t k = 0; k + 1 < o.temperatures.size(); ++k) {
      const NeighbourFreeEnergy& pair = result.pairs[k];
      const double exact = o.exact(k + 1) - o.exact(k);
      for (const FreeEnergyEstimate& estimate : {pair.up, pair.down, pair.bennett})
        EXPECT_PRED2(is_near, estimate, exact);
      EXPECT_PRED2(is_near, result.from_first[k + 1], o.exact(k + 1));
    }
  }
}

TEST(LadderWork, AMapHelps) {
  const Oscillators o(15);
  const NeighbourFreeEnergy plain = by_work(o, 0.0).pairs[0], mapped = by_work(o, 0.6).pairs[0];
  EXPECT_GT(mapped.overlap, plain.overlap);
  EXPECT_GT(mapped.share_up, plain.share_up);
  EXPECT_GT(mapped.share_down, plain.share_down);
  EXPECT_GT(mapped.acceptance, plain.acceptance);
  EXPECT_LT(mapped.bennett.error, 0.7 * plain.bennett.error);
  const NeighbourFreeEnergy exact = by_work(o, 1.0).pairs[0];
  for (const double one : {exact.overlap, exact.share_up, exact.share_down, exact.acceptance})
    EXPECT_NEAR(one, 1.0, 1e-9);
}

TEST(LadderWork, PredictsTheAcceptanceOfExchanges) {
  const Oscillators o(16);
  // That of configurations as they are: min(1, exp((1/T - 1/T') (E - E'))).
  double accepted = 0.0;
  for (std::size_t i = 0; i < o.n(); ++i)
    accepted += std::min(1.0, std::exp((1.0 / o.temperatures[0] - 1.0 / o.temperatures[1]) *
                                       (o.energies[i] - o.energies[o.n() + i]))) /
                static_cast<double>(o.n());
  EXPECT_NEAR(by_work(o, 0.0).pairs[0].acceptance, accepted, 1e-12);
}

TEST(LadderWork, AWrongSignIsCaught) {
  const Oscillators o(15);
  for (const double exponent : {0.0, 0.6}) {
    const auto result = by_work(o, exponent, -1.0);
    EXPECT_FALSE(is_near(result.pairs[0].bennett, o.exact(1))) << exponent;
    EXPECT_FALSE(is_near(result.from_first[2], o.exact(2))) << exponent;
  }
  EXPECT_FALSE(is_near(mbar(o, o.potentials(-1.0), true).from_first[1], o.exact(1)));
}

TEST(LadderWork, InfiniteWorkCountsAsNoWeight) {
  // Every second sample of both levels is infinite, all else is exact: half the weight there and
  // half of it back.
  std::vector<double> up(16, 2.0), down(16, -2.0);
  for (std::size_t i = 0; i < up.size(); i += 2) up[i] = down[i] = kInfinity;
  const auto result = ladder_work_free_energies({up, down, 2, 2}, kDraws);
  EXPECT_NEAR(result.pairs[0].up.value, 2.0 + std::log(2.0), 1e-12);
  EXPECT_NEAR(result.pairs[0].down.value, 2.0 - std::log(2.0), 1e-12);
  EXPECT_NEAR(result.pairs[0].bennett.value, 2.0, 1e-12);
  EXPECT_NEAR(result.pairs[0].share_up, 0.5, 1e-12);
  EXPECT_NEAR(result.pairs[0].overlap, 0.5, 1e-12);
  EXPECT_NEAR(result.pairs[0].acceptance, 0.5, 1e-12);
}

TEST(LadderWork, ErrorsOfSumsKnowThatNeighboursShareALevel) {
  // All works of a ladder shift together: errors add up, and not their squares.
  std::vector<double> up(60), down(60);
  for (std::size_t i = 0; i < up.size(); ++i) {
    const double shift = std::sin(static_cast<double>(i % 20));
    up[i] = 1.0 + shift;
    down[i] = -1.0 - shift;
  }
  const auto result = ladder_work_free_energies({up, down, 3, 1}, kDraws);
  EXPECT_NEAR(result.from_first[2].error, 2.0 * result.pairs[0].bennett.error, 1e-9);
}

}  // namespace
}  // namespace saltus::tests
