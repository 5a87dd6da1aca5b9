#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/core/random.h"

namespace saltus::tests {

/// Stationary Gaussian AR(1) chains, x_{t+1} = phi x_t + sqrt(1 - phi^2) noise: mean 0, variance 1,
/// rho_k = phi^k, tau = (1 + phi) / (1 - phi). Started in the stationary distribution.
inline std::vector<double> autoregressive_chains(double phi, std::size_t n_chains,
                                                 std::size_t n_steps, std::uint64_t seed) {
  std::vector<double> values;
  values.reserve(n_chains * n_steps);
  for (std::size_t c = 0; c < n_chains; ++c) {
    engine::RandomStream stream({seed, 0}, engine::StreamName::kTest,
                                static_cast<std::uint32_t>(c));
    double x = stream.normal();
    for (std::size_t t = 0; t < n_steps; ++t) {
      values.push_back(x);
      x = phi * x + std::sqrt(1.0 - phi * phi) * stream.normal();
    }
  }
  return values;
}

}  // namespace saltus::tests
