#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"

namespace saltus::tests {

/// The setting of most exactness tests: one atom in an asymmetric double well in each direction, so
/// that each chain gives three independent draws; every chain starts in the answer.
struct Wells {
  static constexpr double kTemperature_K = 300.0;
  static constexpr double kHalfDistance_nm = 0.1;
  static constexpr double kMass = 12.0;
  static constexpr std::size_t kChains = 66667;  // three coordinates each: 200 001 draws
  static constexpr std::size_t kApplications = 16;
  /// For bugs whose effect grows slowly; correct moves pass at any number.
  static constexpr std::size_t kManyApplications = 64;
  /// Gap the assertions must be able to catch with probability 1 - kBeta.
  static constexpr double kRequiredPower = 0.012;

  std::shared_ptr<const engine::DoubleWell> energy =
      std::make_shared<engine::DoubleWell>(1, 6.0, kHalfDistance_nm, 1.5);
  engine::Canonical target{energy, engine::ReferenceMeasure::kCartesian};
  std::vector<double> masses = {kMass};

  engine::ChainBatch start(std::uint64_t seed, double temperature_K = kTemperature_K,
                           std::size_t n_chains = kChains) const {
    return draw_exact_chains(*energy, n_chains, temperature_K, masses, test_seed(seed));
  }

  /// Starts in the answer, applies the move and compares the pooled coordinates with the answer.
  DistributionCheck check(const std::string& label, const engine::Move& move, std::uint64_t seed,
                          std::size_t n_applications = kApplications) const {
    engine::ChainBatch chains = start(seed);
    apply_repeatedly(move, chains, target, n_applications, test_seed(seed + 1000));
    return check_positions(label, chains);
  }

  DistributionCheck check_positions(const std::string& label,
                                    const engine::ChainBatch& chains) const {
    const engine::TabulatedDensity density = energy->density(chains.states.at(0).temperature_K);
    return check_distribution(label, pooled_coordinates(chains),
                              [&](double x) { return density.cumulative(x); });
  }
};

}  // namespace saltus::tests
