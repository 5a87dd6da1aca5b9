// Oracle: exact draws of a molecule with independent internal coordinates, each with its exact
// distribution; starts in the answer, by every kernel. Each planted bug must fail the assertion
// that correct code passes.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/mlsamplers/leap_fixture.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using engine::CarriedLeap;
using engine::LaneLeap;
using engine::LeapWeights;

constexpr double kTemperature_K = SeparableMolecule::kTemperature_K;
constexpr std::size_t kChains = 50000, kApplications = 16;
/// Nineteen projections share alpha.
constexpr double kRequiredPower = 0.024;

LeapWeights with_wide_draws(LeapWeights weights) {
  weights.wide_fraction = 0.3;
  weights.wide_scale = 2.0;
  return weights;
}

void expect_exact(const std::string& label, std::shared_ptr<const engine::Proposal> proposal,
                  std::uint64_t seed) {
  expect_passed(check_leap(label, std::move(proposal), seed, kChains, kApplications),
                kRequiredPower);
}

TEST(BlockExactness, IndependentDrawsAreExact) {
  expect_exact("block", std::make_shared<LaneLeap>(misled_block(), nullptr), 11000000);
}

TEST(BlockExactness, WideDrawsAreExact) {
  expect_exact("block with wide draws",
               std::make_shared<LaneLeap>(with_wide_draws(misled_block()), nullptr), 12000000);
}

TEST(BlockExactness, CarriedDrawsAreExact) {
  expect_exact("carried block", std::make_shared<CarriedLeap>(misled_block(), 0.5, nullptr),
               13000000);
  expect_exact(
      "carried whole molecule",
      std::make_shared<CarriedLeap>(mlsamplers::weights_of(untrained_model()), 0.8, nullptr),
      14000000);
}

TEST(BlockExactness, TransportIsExact) {
  expect_exact("transported block", std::make_shared<CarriedLeap>(misled_block(), 1.0, nullptr),
               15000000);
  expect_exact(
      "transported whole molecule",
      std::make_shared<CarriedLeap>(mlsamplers::weights_of(untrained_model()), 1.0, nullptr),
      16000000);
}

std::shared_ptr<const engine::BlockLeap> mixed_leap() {
  const LeapWeights block = misled_block(), whole = mlsamplers::weights_of(trained_leap().model);
  return std::make_shared<engine::BlockLeap>(std::vector<engine::BlockLeap::Entry>{
      {"block", 2.0, std::make_shared<LaneLeap>(with_wide_draws(block), nullptr)},
      {"carried block", 2.0, std::make_shared<CarriedLeap>(block, 0.5, nullptr)},
      {"transport", 1.0, std::make_shared<CarriedLeap>(whole, 1.0, nullptr)},
      {"whole", 1.0, std::make_shared<LaneLeap>(whole, nullptr)}});
}

TEST(BlockExactness, MixedLeapsAreExact) { expect_exact("mixed leaps", mixed_leap(), 17000000); }

/// Several tries of mixed leaps, each by an entry of its own.
TEST(BlockExactness, TriesOfMixedLeapsAreExact) {
  engine::ChainBatch chains = molecule().draw(20000, test_seed(18000000));
  const engine::MultipleTry move(mixed_leap(), 3);
  for (std::uint64_t step = 0; step < 6; ++step)
    move.apply(chains, leap_target(), {test_seed(18000001), step});
  expect_passed(check_projections(molecule().projections(chains)), 0.038);
}

TEST(BlockExactness, StatisticsTellKindsApart) {
  engine::ChainBatch chains = molecule().draw(8, test_seed(162));
  const engine::Metropolis move(mixed_leap());
  const engine::MoveRecord record =
      move.apply(chains, leap_target(), {test_seed(163), 0}).records.at(0);
  EXPECT_EQ(record.name, "block_leap");
  EXPECT_FALSE(record.kind.empty());
}

/// Sign of the volume that three hydrogens span as seen from their carbon.
double handedness(engine::Span<const double> x) {
  double e[3][3];
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 3; ++k) e[i][k] = x[3 * (5 + i) + k] - x[3 * 4 + k];
  const double volume = e[0][0] * (e[1][1] * e[2][2] - e[1][2] * e[2][1]) -
                        e[0][1] * (e[1][0] * e[2][2] - e[1][2] * e[2][0]) +
                        e[0][2] * (e[1][0] * e[2][1] - e[1][1] * e[2][0]);
  return volume > 0.0 ? 1.0 : -1.0;
}

TEST(BlockExactness, LeapsKeepHandedness) {
  const LeapWeights block = misled_block();
  const LeapWeights whole = mlsamplers::weights_of(trained_leap().model);
  const engine::ChainBatch chains = molecule().draw(200, test_seed(164));
  std::vector<std::shared_ptr<const engine::Proposal>> leaps;
  leaps.push_back(std::make_shared<LaneLeap>(block, nullptr));
  leaps.push_back(std::make_shared<LaneLeap>(whole, nullptr));
  for (const double carry : {0.5, 1.0}) {
    leaps.push_back(std::make_shared<CarriedLeap>(block, carry, nullptr));
    leaps.push_back(std::make_shared<CarriedLeap>(whole, carry, nullptr));
  }
  for (const auto& leap : leaps) {
    const engine::ProposalBatch drawn = leap->sample(chains.view(), {test_seed(165), 1});
    for (std::size_t c = 0; c < 200; ++c) {
      if (!std::isfinite(drawn.log_forward[c])) continue;
      EXPECT_EQ(handedness(drawn.positions.chain(c)), handedness(chains.positions.chain(c)))
          << leap->name() << ", chain " << c;
    }
  }
}

enum class LeapBug {
  kNone,
  kNoReverseNormal,  ///< -|z|^2/2 of the state leapt from is left out
  kNoNormals,        ///< and -|z'|^2/2 too, as if z' were no draw
  kOldContext,       ///< the way back is told with the context of the state leapt from
};

/// A carried leap with a knob.
class BreakableLeap final : public engine::Proposal {
 public:
  BreakableLeap(double carry, LeapBug bug)
      : weights_(misled_block()), leap_(weights_, carry, nullptr), bug_(bug) {}
  std::string name() const override { return "breakable_leap"; }
  engine::ReferenceMeasure measure() const override { return leap_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = leap_.sample(current, key);
    if (bug_ == LeapBug::kNone) return batch;
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      const std::vector<double> old = plain_internal(weights_, current.positions.slice(c, 1)),
                                q = plain_internal(weights_, batch.positions.view().slice(c, 1));
      if (bug_ == LeapBug::kOldContext) {
        batch.log_reverse[c] += plain_soft(weights_, old, old, kTemperature_K) -
                                plain_soft(weights_, old, q, kTemperature_K);
        continue;
      }
      batch.log_reverse[c] += half_norm(old);
      if (bug_ == LeapBug::kNoNormals) batch.log_forward[c] += half_norm(q);
    }
    return batch;
  }

 private:
  double half_norm(const std::vector<double>& q) const {
    double sum = 0.0;
    for (const double z : plain_whitened(weights_, q, kTemperature_K)) sum += 0.5 * z * z;
    return sum;
  }

  LeapWeights weights_;
  CarriedLeap leap_;
  LeapBug bug_;
};

/// Half of the chains show what is wrong with normals; contexts need all of them.
DistributionCheck check_bug(const std::string& label, double carry, LeapBug bug) {
  const std::size_t n_chains = bug == LeapBug::kOldContext ? kChains : kChains / 2;
  return check_leap(label, std::make_shared<BreakableLeap>(carry, bug), 71000000, n_chains,
                    kApplications);
}

TEST(BlockExactness, UnbrokenCopiesAreExact) {
  for (const double carry : {0.5, 0.9})
    expect_passed(check_bug("unbroken copy", carry, LeapBug::kNone), 0.034);
}

TEST(BlockExactness, MissingReverseNormalIsCaught) {
  expect_caught(check_bug("no reverse normal", 0.5, LeapBug::kNoReverseNormal));
}

TEST(BlockExactness, MissingNormalsAreCaught) {
  expect_caught(check_bug("no normals", 0.5, LeapBug::kNoNormals));
}

TEST(BlockExactness, ContextOfTheOldStateIsCaught) {
  expect_caught(check_bug("old context", 0.9, LeapBug::kOldContext));
}

}  // namespace
}  // namespace saltus::tests
