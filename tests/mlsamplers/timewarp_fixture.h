#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/ensemble/canonical.h"
#include "engine/moves/move.h"
#include "engine/potential/analytic.h"
#include "engine/system/topology.h"
#include "mlsamplers/timewarp/timewarp_model.h"
#include "tests/support/statistics.h"

/// Molecules, models and a target with exact draws that the tests of Timewarp share.
namespace saltus::tests {

/// Atoms of these elements in a row, each bonded to the next.
engine::Topology row_of_atoms(const std::vector<int>& elements);
/// CFClBr with a hydrogen: one centre, atom 0, around which neighbours may stand in two ways.
engine::Topology handed_molecule();

/// Four couplings, 8 features, two kernels.
mlsamplers::TimewarpShape small_timewarp_shape();

/// A model with weights drawn at random, strong ones, so that its densities depend on everything.
mlsamplers::TimewarpModel random_timewarp(const engine::Topology& topology,
                                          mlsamplers::TimewarpFrame frame);

/// Two atoms of different elements, each coordinate in the same asymmetric double well: no rigid
/// motion leaves this target as it is.
class WellPair {
 public:
  static constexpr double kTemperature_K = 300.0, kHalfDistance_nm = 0.1;
  /// Six coordinates each: 72 000 draws.
  static constexpr std::size_t kChains = 12000, kApplications = 16;
  /// Gap that is caught with probability 1 - kBeta.
  static constexpr double kRequiredPower = 0.022;

  /// Wells with 6 kJ/mol between them, or lower ones, which are left and entered more often.
  explicit WellPair(double barrier = 6.0, double tilt = 1.5)
      : energy_(std::make_shared<engine::DoubleWell>(2, barrier, kHalfDistance_nm, tilt)) {}

  engine::Topology topology() const { return row_of_atoms({6, 8}); }
  engine::ChainBatch draw(std::size_t n_chains, std::uint64_t seed) const;
  engine::Canonical target() const { return {energy_, engine::ReferenceMeasure::kCartesian}; }

  /// Starts in the answer, applies the move and compares all coordinates with the answer.
  DistributionCheck check(const std::string& label, const engine::Move& move, std::uint64_t seed,
                          std::size_t n_applications = kApplications) const;

 private:
  std::shared_ptr<const engine::DoubleWell> energy_;
};

}  // namespace saltus::tests
