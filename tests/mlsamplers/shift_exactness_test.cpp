// Oracle: exact draws of a molecule with independent internal coordinates, each with its exact
// distribution; starts in the answer, by leaps that shift soft torsions, crankshafts among them.
// Each planted bug must fail the assertion that correct code passes.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/leap/lane_leap.h"
#include "tests/engine/leap/leap_example.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/mlsamplers/leap_fixture.h"

namespace saltus::tests {
namespace {

using engine::CarriedLeap;
using engine::LeapWeights;

constexpr std::size_t kChains = 25000, kApplications = 16;
/// Nineteen projections share alpha.
constexpr double kRequiredPower = 0.034;

/// Both soft torsions turned against each other; rotor and fast coordinates as in other tests.
LeapWeights crankshaft() {
  LeapWeights weights = misled_block();
  weights.soft = weights.basis_torsions;
  return with_shift(weights, {1.0, -1.0});
}

LeapWeights one_torsion() { return with_shift(misled_block(), {1.0}); }

void expect_exact(const std::string& label, const LeapWeights& weights, double carry,
                  std::uint64_t seed) {
  expect_passed(check_leap(label, std::make_shared<CarriedLeap>(weights, carry, nullptr), seed,
                           kChains, kApplications),
                kRequiredPower);
}

TEST(ShiftExactness, TransportedCrankshaftsAreExact) {
  expect_exact("transported crankshaft", crankshaft(), 1.0, 31000000);
}

TEST(ShiftExactness, CarriedCrankshaftsAreExact) {
  expect_exact("carried crankshaft", crankshaft(), 0.5, 32000000);
}

TEST(ShiftExactness, CrankshaftsWithFreshWideDrawsAreExact) {
  LeapWeights weights = crankshaft();
  weights.wide_fraction = 0.3;
  weights.wide_scale = 2.0;
  expect_exact("crankshaft with wide draws", weights, 0.0, 33000000);
}

/// A direction of no whole numbers, and a single torsion.
TEST(ShiftExactness, OtherDirectionsAreExact) {
  LeapWeights weights = crankshaft();
  weights.shift.direction = {0.6, 1.7};
  weights.shift.widths = {0.2, 0.7, 1.5};
  expect_exact("skew direction", weights, 0.5, 34000000);
  expect_exact("one torsion", one_torsion(), 0.5, 35000000);
}

/// What is wrong with a shift.
struct ShiftBugs {
  double ahead = 0.5;        ///< part of angles above 0: their mean is 0 for one half only
  bool no_jacobian = false;  ///< of the change to Cartesian coordinates
};

/// A carried crankshaft with knobs.
class BreakableShift final : public engine::Proposal {
 public:
  explicit BreakableShift(const ShiftBugs& bugs)
      : weights_(crankshaft()),
        there_(weights_, kCarry, nullptr),
        opposite_(turned_around(weights_), kCarry, nullptr),
        bugs_(bugs) {}
  std::string name() const override { return "breakable_shift"; }
  engine::ReferenceMeasure measure() const override { return there_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = there_.sample(current, key);
    choose_signs(current, key, batch);
    if (bugs_.no_jacobian) forget_jacobians(current, batch);
    return batch;
  }

 private:
  static constexpr double kCarry = 0.5;

  static LeapWeights turned_around(LeapWeights weights) {
    for (double& d : weights.shift.direction) d = -d;
    return weights;
  }

  /// Of the two draws by delta and by -delta takes the one whose angle is above 0 as often as it
  /// should be. Nothing else in them tells which one it is.
  void choose_signs(const engine::ChainView& current, const engine::StepKey& key,
                    engine::ProposalBatch& batch) const {
    const engine::ProposalBatch other = opposite_.sample(current, key);
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      const auto chain = current.first_chain + static_cast<std::uint32_t>(c);
      engine::RandomStream stream(key, engine::StreamName::kTest, chain);
      const bool is_ahead = PlainShift(weights_, key, chain).angle > 0.0;
      if (is_ahead == (stream.uniform() < bugs_.ahead)) continue;
      batch.positions.copy_chain(other.positions.view(), c, c);
      batch.log_forward[c] = other.log_forward[c];
      batch.log_reverse[c] = other.log_reverse[c];
    }
  }

  /// Takes the Jacobians out of both log-densities.
  void forget_jacobians(const engine::ChainView& current, engine::ProposalBatch& batch) const {
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      if (!std::isfinite(batch.log_forward[c])) continue;
      batch.log_forward[c] += plain_log_jacobian(weights_, batch.positions.view().slice(c, 1));
      batch.log_reverse[c] += plain_log_jacobian(weights_, current.positions.slice(c, 1));
    }
  }

  LeapWeights weights_;
  CarriedLeap there_, opposite_;
  ShiftBugs bugs_;
};

DistributionCheck check_bugs(const std::string& label, const ShiftBugs& bugs) {
  return check_leap(label, std::make_shared<BreakableShift>(bugs), 72000000, kChains,
                    kApplications);
}

TEST(ShiftExactness, UnbrokenCopiesAreExact) {
  expect_passed(check_bugs("unbroken copy", {}), kRequiredPower);
}

TEST(ShiftExactness, AnglesWithAMeanAreCaught) {
  ShiftBugs bugs;
  bugs.ahead = 0.8;
  expect_caught(check_bugs("angles mostly above 0", bugs));
}

TEST(ShiftExactness, MissingJacobianIsCaught) {
  ShiftBugs bugs;
  bugs.no_jacobian = true;
  expect_caught(check_bugs("no Jacobian", bugs));
}

}  // namespace
}  // namespace saltus::tests
