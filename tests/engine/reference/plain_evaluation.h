#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "engine/reference/plain_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {

constexpr double kRounding = 1e-12;  // a few operations on numbers of order 1 to 1e3

/// n atoms of mass 1 without any term.
inline engine::System atoms(std::size_t n) {
  engine::System system;
  system.masses.assign(n, 1.0);
  return system;
}

struct Result {
  double energy = 0.0;
  std::vector<double> forces;
};

/// PlainEnergy of one configuration.
inline Result evaluate(const engine::System& system, const std::vector<double>& x) {
  Result result{0.0, std::vector<double>(x.size(), 7.0)};
  engine::PlainEnergy(system, nullptr)
      .evaluate({x.data(), 1, system.n_atoms()}, {&result.energy, 1}, result.forces);
  return result;
}

/// Equal but for rounding, relative to max(1, |expected|).
inline void expect_near(double actual, double expected) {
  EXPECT_NEAR(actual, expected, tolerance_scale() * kRounding * std::max(1.0, std::abs(expected)));
}

}  // namespace saltus::tests
