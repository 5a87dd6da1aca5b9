// Oracles: minima known in closed form or by Newton's method; counts; exact messages.
#include "engine/minimisation/minimise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>

#include "engine/core/error.h"
#include "engine/potential/analytic.h"
#include "engine/potential/decorators.h"
#include "tests/engine/dynamics/water_pair.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace saltus::tests {

namespace {

using namespace engine;

/// u = sum_i k_i (x_i - i / 100)^2 / 2 along directions that are turned against the axes two by
/// two; k_i from 1 to 10^decades kJ/mol/nm^2.
class Valley final : public EnergyFunction {
 public:
  Valley(std::size_t n_atoms, double decades) : n_atoms_(n_atoms), decades_(decades) {}
  std::size_t n_atoms() const override { return n_atoms_; }
  double centre(std::size_t i) const { return 0.01 * static_cast<double>(i); }
  double k(std::size_t i) const {
    return std::pow(10.0,
                    decades_ * static_cast<double>(i) / static_cast<double>(3 * n_atoms_ - 1));
  }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      energies[c] = 0.0;
      for (std::size_t i = 0; i < x.stride(); i += 2) {
        const double a = x.chain(c)[i] - centre(i), b = x.chain(c)[i + 1] - centre(i + 1);
        const double along = kCosine * a + kSine * b, across = kCosine * b - kSine * a;
        energies[c] += 0.5 * k(i) * along * along + 0.5 * k(i + 1) * across * across;
        double* f = forces.data() + c * x.stride() + i;
        f[0] = -kCosine * k(i) * along + kSine * k(i + 1) * across;
        f[1] = -kSine * k(i) * along - kCosine * k(i + 1) * across;
      }
    }
  }

 private:
  static constexpr double kCosine = 0.8, kSine = 0.6;
  std::size_t n_atoms_;
  double decades_;
};

/// u = 1000 |x|: no point on which the force vanishes. Beyond `wall` +inf.
class Kink final : public EnergyFunction {
 public:
  explicit Kink(double wall) : wall_(wall) {}
  std::size_t n_atoms() const override { return 1; }
  EvaluationLimits limits() const override { return {2, 3}; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    EXPECT_LE(x.n_chains, limits().max_batch);
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      energies[c] = 0.0;
      for (std::size_t i = 3 * c; i < 3 * c + 3; ++i) {
        energies[c] += 1000.0 * std::abs(x.data[i]);
        forces[i] = x.data[i] > 0.0 ? -1000.0 : 1000.0;
        if (x.data[i] < wall_) energies[c] = std::numeric_limits<double>::infinity();
      }
    }
  }

 private:
  double wall_;
};

CoordinateBatch filled(std::size_t n_chains, std::size_t n_atoms,
                       const std::function<double(std::size_t, std::size_t)>& value) {
  CoordinateBatch x(n_chains, n_atoms);
  for (std::size_t c = 0; c < n_chains; ++c)
    for (std::size_t i = 0; i < 3 * n_atoms; ++i) x.chain(c)[i] = value(c, i);
  return x;
}

TEST(Minimise, FindsTheBottomOfNarrowValleys) {
  constexpr double kTolerance = 1e-4;  // kJ/mol/nm
  for (const double decades : {0.0, 2.0, 4.0, 6.0}) {
    const Valley valley(10, decades);
    auto x = filled(3, 10, [&](std::size_t c, std::size_t i) {
      return valley.centre(i) + 0.05 * std::sin(static_cast<double>(7 * c + 3 * i + 1));
    });
    const auto results = minimise(valley, x, {kTolerance, 20000, {}});
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_TRUE(results[c].converged) << decades;
      EXPECT_LT(results[c].rms_force, kTolerance);
      // With 30 coordinates the smallest k, 1, turns that force into at most this distance.
      for (std::size_t i = 0; i < 30; ++i)
        EXPECT_NEAR(x.chain(c)[i], valley.centre(i),
                    tolerance_scale() * std::sqrt(30.0) * kTolerance);
      EXPECT_LT(results[c].energy, 30.0 * kTolerance * kTolerance);
    }
  }
}

TEST(Minimise, NeedsFewEvaluationsInNarrowValleys) {
  // Steepest descent contracts by (1 - 10^-4) a step here.
  const Valley valley(10, 4.0);
  auto x = filled(1, 10, [&](std::size_t, std::size_t i) { return valley.centre(i) + 0.01; });
  const auto result = minimise(valley, x, {1e-3, 2000, {}}).front();
  EXPECT_TRUE(result.converged);
  EXPECT_LT(result.n_steps, 400u);
}

TEST(Minimise, FindsTheNearerOfTwoWells) {
  const DoubleWell wells(2, 20.0, 0.1, 3.0);
  const auto bottom = [&](double x) {
    for (int n = 0; n < 50; ++n) {
      const double h = 1e-5;
      x += wells.force(x) * 2.0 * h / (wells.force(x - h) - wells.force(x + h));
    }
    return x;
  };
  // From both sides of the barrier, some where the curvature is negative.
  const std::vector<double> starts = {-0.13, -0.07, -0.03, 0.03, 0.05, 0.12};
  auto x = filled(starts.size(), 2, [&](std::size_t c, std::size_t) { return starts[c]; });
  const auto results = minimise(wells, x, {1e-4, 200, {}});
  for (std::size_t c = 0; c < starts.size(); ++c) {
    EXPECT_TRUE(results[c].converged);
    // The curvature of either well is above 1e4 kJ/mol/nm^2.
    for (const double value : x.chain(c))
      EXPECT_NEAR(value, bottom(starts[c] < 0.0 ? -0.1 : 0.1), tolerance_scale() * 1e-7);
  }
}

TEST(Minimise, LeavesATopSoon) {
  // Steps by a fixed multiple of the force would grow by a hundredth each.
  const DoubleWell wells(1, 20.0, 0.1, 0.0);
  auto x = filled(1, 1, [](std::size_t, std::size_t) { return 1e-6; });
  EXPECT_TRUE(minimise(wells, x, {1e-4, 60, {}}).front().converged);
  for (const double value : x.values()) EXPECT_NEAR(value, 0.1, tolerance_scale() * 1e-7);
}

TEST(Minimise, MovesNoCoordinateFarAtOnce) {
  const Valley valley(4, 5.0);
  const auto at = [&](std::size_t n_steps) {
    auto x = filled(1, 4, [&](std::size_t, std::size_t i) { return valley.centre(i) + 1.0; });
    minimise(valley, x, {1e-3, n_steps, {}});
    return x.values();
  };
  auto last = at(0);
  for (std::size_t n_steps = 1; n_steps < 30; ++n_steps) {
    const auto next = at(n_steps);
    for (std::size_t i = 0; i < next.size(); ++i)
      EXPECT_LE(std::abs(next[i] - last[i]), 0.02 + 1e-15);
    last = next;
  }
  EXPECT_LT(last.back(), valley.centre(11) + 0.9);
}

TEST(Minimise, LeavesAStartBelowTheToleranceAlone) {
  const HarmonicWell well(2, 100.0);
  auto x = filled(1, 2, [](std::size_t, std::size_t) { return 1e-3; });
  const auto before = x.values();
  const auto result = minimise(well, x, {0.11, 100, {}}).front();
  EXPECT_EQ(x.values(), before);
  EXPECT_EQ(result.n_steps, 0u);
  EXPECT_TRUE(result.converged);
  EXPECT_NEAR(result.rms_force, 0.1, tolerance_scale() * 1e-15);
  EXPECT_NEAR(result.energy, 6 * 0.5 * 100.0 * 1e-6, tolerance_scale() * 1e-15);
}

TEST(Minimise, SaysWhenItWasNotAllowedToArrive) {
  const Valley valley(10, 4.0);
  for (const std::size_t n_steps : {0u, 1u, 7u}) {
    auto x = filled(1, 10, [&](std::size_t, std::size_t i) { return valley.centre(i) + 0.01; });
    const auto result = minimise(valley, x, {1e-3, n_steps, {}}).front();
    EXPECT_FALSE(result.converged);
    EXPECT_EQ(result.n_steps, n_steps);
    double energy = 0.0, sum = 0.0;
    std::vector<double> forces(30);
    valley.evaluate(x.view(), {&energy, 1}, forces);
    for (double f : forces) sum += f * f;
    EXPECT_EQ(result.energy, energy);
    EXPECT_NEAR(result.rms_force, std::sqrt(sum / 30.0),
                tolerance_scale() * 1e-13 * result.rms_force);
    EXPECT_GT(result.rms_force, 1e-3);
  }
}

TEST(Minimise, GivesUpWhereThereIsNothingLower) {
  // The energy function's limits let three of the five chains move at a time.
  auto x = filled(
      5, 1, [](std::size_t c, std::size_t i) { return 0.03 + 0.01 * static_cast<double>(c + i); });
  const auto results = minimise(Kink(-1.0), x, {1.0, 100000, {}});
  for (std::size_t c = 0; c < 5; ++c) {
    EXPECT_FALSE(results[c].converged);
    EXPECT_LT(results[c].n_steps, 2000u);
    EXPECT_EQ(results[c].rms_force, 1000.0);
    EXPECT_LT(results[c].energy, 90.0);
  }
}

TEST(Minimise, RefusesPointsOfInfiniteEnergy) {
  // The bottom at 0 is open on one side only; every step that goes past it is refused.
  auto x = filled(1, 1, [](std::size_t, std::size_t) { return 0.0301; });
  const auto result = minimise(Kink(0.0), x, {1.0, 2000, {}}).front();
  EXPECT_TRUE(std::isfinite(result.energy));
  EXPECT_LT(result.energy, 1.0);
  for (double value : x.values()) EXPECT_GE(value, 0.0);
}

TEST(Minimise, EvaluatesEachChainOnceForEachStep) {
  const auto valley = std::make_shared<Valley>(4, 3.0);
  const CountingEnergy counting(valley);
  auto x = filled(37, 4, [&](std::size_t c, std::size_t i) {
    return valley->centre(i) + 0.001 * static_cast<double>(c);
  });
  std::uint64_t expected = 0;
  for (const auto& result : minimise(counting, x, {1e-3, 1000, {}})) expected += result.n_steps + 1;
  EXPECT_EQ(counting.evaluations(), expected);
}

TEST(Minimise, LeavesFrozenAtomsWhereTheyAre) {
  const HarmonicWell well(3, 100.0);
  const auto start = filled(
      2, 3, [](std::size_t c, std::size_t i) { return 0.1 + 0.01 * static_cast<double>(c + i); });
  auto x = start;
  const auto results = minimise(well, x, {1e-6, 100, {1, 1}});
  for (std::size_t c = 0; c < 2; ++c) {
    EXPECT_TRUE(results[c].converged);
    for (std::size_t i = 0; i < 9; ++i) {
      if (i / 3 == 1)
        EXPECT_EQ(x.chain(c)[i], start.chain(c)[i]);
      else
        EXPECT_NEAR(x.chain(c)[i], 0.0, tolerance_scale() * 1e-7);  // 1e-6 sqrt(6) / 100
    }
  }
  x = start;
  const auto all_frozen = minimise(well, x, {1e-6, 100, {0, 1, 2}}).front();
  EXPECT_EQ(x.values(), start.values());
  EXPECT_TRUE(all_frozen.converged);
  EXPECT_EQ(all_frozen.rms_force, 0.0);
}

TEST(Minimise, LeavesVirtualSitesInTheirPlaces) {
  CoordinateBatch x(3, 8);
  for (std::size_t c = 0; c < 3; ++c)
    std::copy_n(water_pair_positions().begin(), 24, x.chain(c).begin());
  MinimisationOptions options;
  options.force_tolerance = 0.01;
  options.virtual_sites = water_pair().virtual_sites;
  CoordinateBatch placed = x;
  for (const MinimisationResult& result : minimise(WaterPairEnergy(), x, options)) {
    EXPECT_TRUE(result.converged);
    EXPECT_LT(result.energy, -20.0);  // a hydrogen bond
  }
  for (std::size_t c = 0; c < 3; ++c) {
    std::copy_n(x.chain(c).begin(), 24, placed.chain(c).begin());
    place_virtual_sites(options.virtual_sites, placed.chain(c));
  }
  EXPECT_EQ(x.values(), placed.values());
}

TEST(Minimise, OfNoChainsDoesNothing) {
  CoordinateBatch x(0, 2);
  EXPECT_TRUE(minimise(HarmonicWell(2, 1.0), x, {}).empty());
}

TEST(Minimise, RefusesBadInput) {
  const HarmonicWell well(2, 1.0);
  CoordinateBatch x(1, 2), other(1, 3);
  EXPECT_EQ(message_of<InputError>([&] {
              minimise(well, x, {0.0, 10, {}});
            }),
            "minimisation: the force tolerance is 0.000000 kJ/mol/nm; it must be greater than 0");
  EXPECT_EQ(message_of<InputError>([&] {
              minimise(well, x, {std::nan(""), 10, {}});
            }),
            "minimisation: the force tolerance is nan kJ/mol/nm; it must be greater than 0");
  EXPECT_EQ(message_of<InputError>([&] {
              minimise(well, x, {1.0, 10, {2}});
            }),
            "minimisation: frozen atom 2 of 2; atoms are counted from 0");
  MinimisationOptions site;
  site.virtual_sites = {{0, VirtualSite::Kind::kAverage, {1, 2}, {0.5, 0.5}, {}, {}, {}}};
  EXPECT_EQ(message_of<InternalError>([&] { minimise(well, x, site); }),
            "minimise: a virtual site of atom 2 of 2");
  EXPECT_EQ(message_of<InternalError>([&] { minimise(well, other, {}); }),
            "minimise: positions of 3 atoms for an energy of 2");
}

}  // namespace

}  // namespace saltus::tests
