// Oracle: energy of the minimum of sixteen molecules of ice XI as OpenMM found it, -990.408 kJ/mol
// with its grid; acceptances of moves from the harmonic crystal about it, as they were measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "engine/moves/metropolis.h"
#include "engine/rigid/rigid_block.h"
#include "engine/rigid/rigid_draw.h"
#include "tests/support/environment.h"
#include "tests/support/ice_xi.h"

namespace saltus::tests {
namespace {

using namespace engine;

class IceCrystal : public testing::Test {
 protected:
  void SetUp() override {
    ice_ = ice_xi_crystal();
    if (!ice_) GTEST_SKIP() << "fixture " << ice_xi_path(kIceXiFrame) << " is not there";
  }

  /// Mean of min(1, ratio) over a few applications.
  double acceptance(std::shared_ptr<const Proposal> proposal, ChainBatch chains) const {
    const Metropolis move(std::move(proposal));
    constexpr std::size_t kApplications = 8;
    double sum = 0.0;
    for (std::size_t step = 0; step < kApplications; ++step) {
      const auto record = move.apply(chains, *ice_->target, {112, step}).records.at(0);
      for (const double log_ratio : record.log_ratios) sum += acceptance_probability(log_ratio);
    }
    return sum / static_cast<double>(kApplications * chains.n_chains());
  }

  std::shared_ptr<const RigidBlock> block(std::size_t n_bodies) const {
    return std::make_shared<RigidBlock>(RigidBlockOptions{n_bodies, 1.0}, ice_->crystal);
  }

  std::optional<IceXiCrystal> ice_;
};

TEST_F(IceCrystal, MovesOfBlocksAreAccepted) {
  EXPECT_NEAR(ice_->crystal->minimum().energy, -990.408, tolerance_scale() * 0.2)
      << "0.2 kJ/mol is what OpenMM's grid costs";
  EXPECT_EQ(ice_->crystal->n_freedoms(), 93u);
  EXPECT_LT(ice_->crystal->minimum().rms_gradient, 0.02);
  const ChainBatch chains = ice_->equilibrated(64, 100.0, test_seed(110));
  // 0.78, 0.69, 0.57 and 0.32 were measured; a mean over 64 independent chains has a standard error
  // of at most 0.5 / 8, and in fact of a quarter of it.
  EXPECT_NEAR(acceptance(block(1), chains), 0.78, tolerance_scale() * 0.1);
  EXPECT_NEAR(acceptance(block(2), chains), 0.69, tolerance_scale() * 0.1);
  EXPECT_NEAR(acceptance(block(4), chains), 0.57, tolerance_scale() * 0.12);
  EXPECT_NEAR(acceptance(std::make_shared<RigidDraw>(ice_->crystal), chains), 0.32,
              tolerance_scale() * 0.15);
}

}  // namespace
}  // namespace saltus::tests
