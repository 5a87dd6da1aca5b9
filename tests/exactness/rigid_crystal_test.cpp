// Oracle: as in rigid_moves_test.cpp: exact draws of four rigid bodies held by springs in a uniform
// field, for moves that draw from a harmonic crystal which is not that density. Start in the
// answer, 20000 chains: false alarms 1e-7 for each check of 30 projections; a gap of 0.04 in a
// distribution function is missed with a probability of 1e-3. Planted bugs live in a copy of the
// block move and of the draw, which unbroken pass as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/rigid/rigid_block.h"
#include "engine/rigid/rigid_draw.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kChains = 20000, kApplications = 24;
constexpr double kRequiredPower = 0.04;

class RigidCrystalExactness : public testing::Test {
 protected:
  DistributionCheck check(const Move& move, std::uint64_t seed) const {
    ChainBatch chains = dipoles_.draw(kChains, test_seed(seed));
    apply_repeatedly(move, chains, dipoles_.target(), kApplications, test_seed(seed + 1000));
    std::vector<Projection> projections = dipoles_.projections(chains);
    for (Projection& pair : differences(chains)) projections.push_back(std::move(pair));
    DistributionCheck worst = check_projections(std::move(projections));
    worst.label = move.name() + ", " + worst.label;
    return worst;
  }
  /// From body 0 to each other, by their standard deviation: what is coupled in the crystal and
  /// not in the answer.
  std::vector<Projection> differences(const ChainBatch& chains) const {
    std::vector<Projection> result;
    const double beta = ThermodynamicState{RigidDipoles::kTemperature_K}.beta();
    for (std::size_t body = 1; body < dipoles_.bodies()->size(); ++body) {
      const Vec3 mean = dipoles_.centre(body) - dipoles_.centre(0);
      const double width =
          std::sqrt((1.0 / dipoles_.spring(0) + 1.0 / dipoles_.spring(body)) / beta);
      std::vector<Projection> axes(
          3, {"from body 0 to body " + std::to_string(body), {}, standard_normal_cdf});
      for (std::size_t c = 0; c < chains.n_chains(); ++c) {
        const double* const x = chains.positions.chain(c).data();
        const Vec3 off = load_atom(x, dipoles_.bodies()->atoms(body)[0]) -
                         load_atom(x, dipoles_.bodies()->atoms(0)[0]) - mean;
        axes[0].values.push_back(off.x / width);
        axes[1].values.push_back(off.y / width);
        axes[2].values.push_back(off.z / width);
      }
      result.insert(result.end(), axes.begin(), axes.end());
    }
    return result;
  }
  /// Share of chains that one application moves.
  double acceptance(const Move& move) const {
    ChainBatch chains = dipoles_.draw(4000, test_seed(80));
    const auto record = move.apply(chains, dipoles_.target(), {80, 1}).records.at(0);
    return static_cast<double>(
               std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kAccepted)) /
           4000.0;
  }
  Metropolis block(std::size_t n_bodies, double width) const {
    return Metropolis(std::make_shared<RigidBlock>(RigidBlockOptions{n_bodies, width}, crystal_));
  }

  /// Body 0 is held four times as firmly: others are near their sites relative to it.
  RigidDipoles dipoles_{4.0};
  std::shared_ptr<const HarmonicCrystal> crystal_ =
      std::make_shared<HarmonicCrystal>(dipoles_.bodies(), dipoles_.crystal({}));
};

TEST_F(RigidCrystalExactness, DrawIsExact) {
  const Metropolis move(std::make_shared<RigidDraw>(crystal_));
  const double accepted = acceptance(move);
  EXPECT_GT(accepted, 0.01) << "draws must be accepted at times";
  EXPECT_LT(accepted, 0.9) << "the rule must matter";
  expect_passed(check(move, 81), kRequiredPower);
}

TEST_F(RigidCrystalExactness, SeveralDrawsAreExact) {
  expect_passed(check(MultipleTry(std::make_shared<RigidDraw>(crystal_), 3), 82), kRequiredPower);
}

TEST_F(RigidCrystalExactness, BlocksAreExact) {
  std::uint64_t seed = 83;
  for (const std::size_t n_bodies : {1u, 2u, 3u}) {
    const Metropolis move = block(n_bodies, n_bodies == 2 ? 1.3 : 1.0);
    const double accepted = acceptance(move);
    EXPECT_GT(accepted, 0.005) << n_bodies;
    EXPECT_LT(accepted, 0.9) << n_bodies;
    expect_passed(check(move, seed++), kRequiredPower);
  }
  expect_passed(
      check(MultipleTry(std::make_shared<RigidBlock>(RigidBlockOptions{2, 1.0}, crystal_), 3), 86),
      kRequiredPower);
}

enum class BlockBug {
  kNone,
  kNoArea,         ///< densities of v instead of those of orientations
  kOldVelocities,  ///< velocities stay behind when a body turns
};

/// Blocks of one body, written apart from the production proposal.
class BreakableBlock final : public Proposal {
 public:
  BreakableBlock(std::shared_ptr<const HarmonicCrystal> crystal, BlockBug bug)
      : crystal_(std::move(crystal)), bug_(bug), hessian_(crystal_->full_hessian()) {}
  std::string name() const override { return "breakable_block"; }
  ReferenceMeasure measure() const override { return crystal_->bodies().measure(); }

  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch result(current.positions);
    result.velocities = CoordinateBatch::repeated(current.velocities, 1);
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) draw(current, key, c, result);
    return result;
  }

 private:
  void draw(const ChainView& current, const StepKey& key, std::size_t c,
            ProposalBatch& result) const {
    const PoseCoordinates& chart = crystal_->coordinates();
    const std::size_t n_bodies = chart.sites().size(), n = chart.size();
    RandomStream stream(key, StreamName::kProposal, static_cast<std::uint32_t>(c));
    const auto chosen = static_cast<std::size_t>(stream.below(n_bodies));
    const std::size_t reference = (chosen + 1) % n_bodies;
    const double beta = current.states[c].beta();
    const std::vector<RigidPose> poses = chart.bodies()->poses(current.positions, c);
    const std::vector<double> from = chart.of(poses, reference);
    std::vector<std::size_t> rows;
    for (std::size_t k = 0; k < chart.count(chosen); ++k) rows.push_back(chart.first(chosen) + k);
    std::vector<double> own, pull;
    for (const std::size_t row : rows) {
      for (const std::size_t column : rows) own.push_back(hessian_[row * n + column]);
      double sum = 0.0;
      for (std::size_t j = 0; j < n; ++j)
        if (std::find(rows.begin(), rows.end(), j) == rows.end())
          sum -= hessian_[row * n + j] * from[j];
      pull.push_back(sum);
    }
    const PrecisionNormal normal(own, rows.size());
    const std::vector<double> mean = normal.solve(pull), step = normal.sample(beta, stream);
    std::vector<double> to = from, back = step;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      to[rows[i]] = mean[i] + step[i];
      back[i] = from[rows[i]] - mean[i];
    }
    result.log_forward[c] = normal.log_density(step, beta);
    result.log_reverse[c] = normal.log_density(back, beta);
    if (bug_ != BlockBug::kNoArea) {
      result.log_forward[c] -= chart.log_area(chosen, to);
      result.log_reverse[c] -= chart.log_area(chosen, from);
    }
    chart.move(chosen, poses[chosen], from, to, result.positions.chain(c),
               bug_ == BlockBug::kOldVelocities ? Span<double>{} : result.velocities.chain(c));
  }

  std::shared_ptr<const HarmonicCrystal> crystal_;
  BlockBug bug_;
  std::vector<double> hessian_;
};

TEST_F(RigidCrystalExactness, BreakableBlockIsExactWhenUnbroken) {
  expect_passed(check(Metropolis(std::make_shared<BreakableBlock>(crystal_, BlockBug::kNone)), 87),
                kRequiredPower);
}

TEST_F(RigidCrystalExactness, BugsOfBlocksAreCaught) {
  for (const BlockBug bug : {BlockBug::kNoArea, BlockBug::kOldVelocities}) {
    SCOPED_TRACE(static_cast<int>(bug));
    expect_caught(check(Metropolis(std::make_shared<BreakableBlock>(crystal_, bug)), 87));
  }
}

/// The same with equal atoms: turns about dipoles are uniform, and a crystal, which knows one
/// numbering, draws a good part of them nearer to their site in another one.
class EqualAtomsExactness : public RigidCrystalExactness {
 protected:
  EqualAtomsExactness() {
    dipoles_ = RigidDipoles(4.0, RigidDipoles::Atoms::kEqual);
    crystal_ = std::make_shared<HarmonicCrystal>(dipoles_.bodies(), dipoles_.crystal({}));
  }
};

TEST_F(EqualAtomsExactness, DrawsAndBlocksAreExact) {
  ASSERT_EQ(dipoles_.bodies()->images(0).size(), 2u);
  ASSERT_EQ(dipoles_.bodies()->images(1).size(), 3u);
  expect_passed(check(Metropolis(std::make_shared<RigidDraw>(crystal_)), 88), kRequiredPower);
  expect_passed(check(MultipleTry(std::make_shared<RigidDraw>(crystal_), 3), 89), kRequiredPower);
  expect_passed(check(block(1, 1.0), 90), kRequiredPower);
  expect_passed(check(block(2, 1.3), 91), kRequiredPower);
}

enum class DrawBug {
  kNone,
  kBeyond,        ///< draws nearer to their site in another numbering are taken
  kOwnNumbering,  ///< densities are those of the numbering that bodies have
};

/// Draws of the whole crystal, written apart from the production proposal.
class BreakableDraw final : public Proposal {
 public:
  BreakableDraw(std::shared_ptr<const HarmonicCrystal> crystal, DrawBug bug)
      : crystal_(std::move(crystal)), bug_(bug) {}
  std::string name() const override { return "breakable_draw"; }
  ReferenceMeasure measure() const override { return crystal_->bodies().measure(); }

  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    const PoseCoordinates& chart = crystal_->coordinates();
    ProposalBatch result(current.positions);
    result.velocities = CoordinateBatch::repeated(current.velocities, 1);
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      RandomStream stream(key, StreamName::kProposal, static_cast<std::uint32_t>(c));
      const double beta = current.states[c].beta();
      const std::vector<RigidPose> poses = crystal_->bodies().poses(current.positions, c);
      const std::vector<double> from = chart.of(poses, 0), to = crystal_->sample(beta, stream);
      for (std::size_t body = 0; body < poses.size(); ++body)
        chart.move(body, poses[body], from, to, result.positions.chain(c),
                   result.velocities.chain(c));
      result.log_forward[c] =
          log_density(crystal_->bodies().poses(result.positions.view(), c), to, beta);
      result.log_reverse[c] = log_density(poses, from, beta);
      for (std::size_t body = 0; body < poses.size(); ++body)
        if (bug_ != DrawBug::kBeyond && !chart.is_own_image(body, to))
          result.log_forward[c] = -std::numeric_limits<double>::infinity();
    }
    return result;
  }

 private:
  double log_density(const std::vector<RigidPose>& poses, std::vector<double> at,
                     double beta) const {
    const PoseCoordinates& chart = crystal_->coordinates();
    for (std::size_t body = 0; body < poses.size() && bug_ == DrawBug::kOwnNumbering; ++body) {
      if (chart.n_turns(body) != 3) continue;
      const Quaternion r = conjugate(chart.sites()[body].orientation) * poses[body].orientation;
      double* const v = at.data() + chart.first(body) + 3;
      v[0] = r.x / r.w, v[1] = r.y / r.w, v[2] = r.z / r.w;
    }
    return crystal_->log_density(at, beta);
  }

  std::shared_ptr<const HarmonicCrystal> crystal_;
  DrawBug bug_;
};

TEST_F(EqualAtomsExactness, BugsOfNumberingsAreCaught) {
  const auto broken = [&](DrawBug bug) {
    return check(Metropolis(std::make_shared<BreakableDraw>(crystal_, bug)), 92);
  };
  expect_passed(broken(DrawBug::kNone), kRequiredPower);
  for (const DrawBug bug : {DrawBug::kBeyond, DrawBug::kOwnNumbering}) {
    SCOPED_TRACE(static_cast<int>(bug));
    expect_caught(broken(bug));
  }
}

}  // namespace
}  // namespace saltus::tests
