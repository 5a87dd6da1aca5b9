// Oracle: exact draws of four rigid bodies held by springs in a uniform field, each coordinate with
// its exact distribution, and Maxwell's distribution of velocities on the constraints; starts in
// the answer. Planted bugs live in copies of the moves, which unbroken pass as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/core/units.h"
#include "engine/dynamics/integrator.h"
#include "engine/moves/decision.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/metropolis.h"
#include "engine/rigid/rigid_hamiltonian.h"
#include "engine/rigid/rigid_walk.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/rigid_dipoles.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// 21 projections share alpha, and each has one draw per chain.
constexpr std::size_t kChains = 40000, kApplications = 16;
constexpr double kRequiredPower = 0.03;

DistributionCheck check(const std::string& label, const Move& move, std::uint64_t seed,
                        std::size_t n_applications = kApplications) {
  const RigidDipoles dipoles;
  ChainBatch chains = dipoles.draw(kChains, test_seed(seed));
  apply_repeatedly(move, chains, dipoles.target(), n_applications, test_seed(seed + 1000));
  DistributionCheck worst = check_projections(dipoles.projections(chains));
  worst.label = label + ", " + worst.label;
  return worst;
}

/// One of four bodies is moved each time, by steps of which half are accepted.
constexpr RigidWalkOptions kSteps = {0.06, 0.9, 1.0};

/// The lightest rotor turns by a radian in such a step: a fifth of the trajectories is rejected.
constexpr double kStep_ps = 0.1;
constexpr std::size_t kTrajectory = 3;

HamiltonianOptions trajectories() {
  HamiltonianOptions options;
  options.time_step_ps = kStep_ps;
  options.n_steps = kTrajectory;
  return options;
}

TEST(RigidExactness, StartIsTheAnswer) {
  const RigidDipoles dipoles;
  expect_projections(dipoles.projections(dipoles.draw(kChains, test_seed(60))), kRequiredPower);
}

TEST(RigidExactness, WalkIsExact) {
  const RigidDipoles dipoles;
  const Metropolis walk(std::make_shared<RigidWalk>(kSteps, dipoles.bodies()));
  expect_passed(check("rigid walk", walk, 61, 64), kRequiredPower);
}

TEST(RigidExactness, HmcIsExact) {
  const RigidDipoles dipoles;
  const RigidHamiltonianMonteCarlo hmc(trajectories(), dipoles.bodies());
  expect_passed(check("rigid hmc", hmc, 62), kRequiredPower);
  ChainBatch chains = dipoles.draw(2000, test_seed(63));
  const auto record = hmc.apply(chains, dipoles.target(), {1, 1}).records.at(0);
  EXPECT_GT(std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kRejected), 200)
      << "the rule must matter";
}

TEST(RigidExactness, ConstrainedHmcHasTheSameDensity) {
  const RigidDipoles dipoles;
  HamiltonianOptions options;
  options.time_step_ps = 0.01;
  options.n_steps = 10;
  const HamiltonianMonteCarlo hmc(options, moving_particles(dipoles.system()));
  expect_passed(check("constrained hmc", hmc, 64), kRequiredPower);
}

TEST(RigidExactness, DipolesPointAsLangevinSaid) {
  // <cos> = coth k - 1/k, after long runs from one start; standard deviations are at most 0.58:
  // six standard errors, false alarms 2e-9.
  const RigidDipoles dipoles;
  const auto expect_means = [&](const Move& move, std::size_t n_applications) {
    constexpr std::size_t kFew = 4000;
    ChainBatch chains = dipoles.draw(1, test_seed(65));
    ChainBatch many(kFew, chains.n_atoms(), chains.states[0]);
    for (std::size_t c = 0; c < kFew; ++c) many.copy_configuration(chains, 0, c);
    apply_repeatedly(move, many, dipoles.target(), n_applications, test_seed(66));
    std::size_t body = 0;
    for (const Projection& projection : dipoles.projections(many)) {
      if (projection.label.rfind("cosine", 0) != 0) continue;
      double mean = 0.0;
      for (const double value : projection.values) mean += value / kFew;
      const double k = dipoles.strength(body++);
      EXPECT_NEAR(mean, 1.0 / std::tanh(k) - 1.0 / k,
                  tolerance_scale() * 6.0 * 0.58 / std::sqrt(static_cast<double>(kFew)))
          << move.name() << ", " << projection.label;
    }
    EXPECT_EQ(body, 3u);
  };
  expect_means(Metropolis(std::make_shared<RigidWalk>(kSteps, dipoles.bodies())), 400);
  expect_means(RigidHamiltonianMonteCarlo(trajectories(), dipoles.bodies()), 60);
}

enum class WalkBug {
  kNone,
  kBiasedAxis,     ///< every turn goes a little further about one axis of the laboratory
  kEulerAngles,    ///< symmetric steps of Euler angles, without their sin(theta)
  kOldVelocities,  ///< velocities stay behind when a body turns
};

/// A walk of all bodies at once, written apart from the production proposal.
class BreakableWalk final : public Proposal {
 public:
  BreakableWalk(std::shared_ptr<const RigidBodies> bodies, WalkBug bug)
      : bodies_(std::move(bodies)), bug_(bug) {}
  std::string name() const override { return "breakable_walk"; }
  ReferenceMeasure measure() const override { return bodies_->measure(); }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch result(current.positions);
    result.velocities = CoordinateBatch::repeated(current.velocities, 1);
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      RandomStream stream(key, StreamName::kProposal, static_cast<std::uint32_t>(c));
      for (std::size_t body = 0; body < bodies_->size(); ++body) {
        RigidPose pose = bodies_->pose(body, current.positions, c);
        const Quaternion before = pose.orientation;
        pose.position = pose.position + 0.02 * normal(stream);
        if (!bodies_->shape(body).is_atom()) pose.orientation = turned(before, stream);
        bodies_->place(body, pose, result.positions.chain(c));
        if (bug_ == WalkBug::kOldVelocities) continue;
        const Quaternion turn = pose.orientation * conjugate(before);
        for (const std::size_t atom : bodies_->atoms(body)) {
          const auto v = result.velocities.chain(c);
          const Vec3 now = rotate(turn, load_atom(v.data(), atom));
          v[3 * atom] = now.x, v[3 * atom + 1] = now.y, v[3 * atom + 2] = now.z;
        }
      }
    }
    return result;
  }

 private:
  static Vec3 normal(RandomStream& stream) {
    const double x = stream.normal(), y = stream.normal(), z = stream.normal();
    return {x, y, z};
  }
  Quaternion turned(Quaternion q, RandomStream& stream) const {
    Vec3 step = 0.5 * normal(stream);
    if (bug_ == WalkBug::kBiasedAxis) step.x += 0.5;
    if (bug_ != WalkBug::kEulerAngles) return normalised(from_rotation_vector(step) * q);
    // R = R_z(phi) R_y(theta) R_z(psi)
    const auto r = rotation_matrix(q);
    const double phi = std::atan2(r[5], r[2]) + step.x,
                 theta = std::acos(std::max(-1.0, std::min(1.0, r[8]))) + step.y,
                 psi = std::atan2(r[7], -r[6]) + step.z;
    return normalised(from_rotation_vector({0.0, 0.0, phi}) *
                      from_rotation_vector({0.0, theta, 0.0}) *
                      from_rotation_vector({0.0, 0.0, psi}));
  }

  std::shared_ptr<const RigidBodies> bodies_;
  WalkBug bug_;
};

DistributionCheck check_walk(WalkBug bug) {
  const RigidDipoles dipoles;
  return check("own walk", Metropolis(std::make_shared<BreakableWalk>(dipoles.bodies(), bug)), 67);
}

TEST(RigidExactness, BreakableWalkIsExactWhenUnbroken) {
  expect_passed(check_walk(WalkBug::kNone), kRequiredPower);
}

TEST(RigidExactness, BugsOfWalksAreCaught) {
  for (WalkBug bug : {WalkBug::kBiasedAxis, WalkBug::kEulerAngles, WalkBug::kOldVelocities})
    expect_caught(check_walk(bug));
}

enum class TrajectoryBug {
  kNone,
  kOtherMoments,     ///< angular momenta are drawn with the moments of other axes
  kNoRotation,       ///< the ratio leaves the energy of rotation out
  kSharedDirection,  ///< momenta of one length: not normal
};

/// Hybrid Monte Carlo of rigid bodies, one length of trajectories, written apart from the
/// production move.
class BreakableRigidHmc final : public Move {
 public:
  BreakableRigidHmc(std::shared_ptr<const RigidBodies> bodies, TrajectoryBug bug)
      : bodies_(std::move(bodies)), bug_(bug) {}
  std::string name() const override { return "breakable_rigid_hmc"; }

  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override {
    std::vector<RigidState> states;
    TrajectoryEnds ends;
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      RandomStream stream(key, StreamName::kMomentumRefresh, static_cast<std::uint32_t>(c));
      states.push_back({bodies_->poses(chains.positions.view(), c),
                        draw(1.0 / chains.states[c].beta(), stream)});
      ends.kinetic_before.push_back(kinetic(states[c]));
      write_velocities(*bodies_, states[c], chains.velocities.chain(c));
    }
    ends.positions = chains.positions;
    ends.velocities = chains.velocities;
    ends.guide_energies = RigidIntegrator(bodies_).velocity_verlet(
        states, ends.positions, *target.guide(), kStep_ps, kTrajectory);
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      ends.kinetic_after.push_back(kinetic(states[c]));
      write_velocities(*bodies_, states[c], ends.velocities.chain(c));
    }
    return {{accept_trajectories(name(), std::move(ends), target, key, chains)}};
  }

 private:
  std::vector<RigidMotion> draw(double kt, RandomStream& stream) const {
    std::vector<RigidMotion> motions = draw_motions(*bodies_, kt, stream);
    for (std::size_t body = 0; body < motions.size(); ++body) {
      Vec3& l = motions[body].angular_momentum;
      const RigidShape& shape = bodies_->shape(body);
      if (shape.is_atom()) continue;
      const Vec3 moments = shape.moments;
      if (bug_ == TrajectoryBug::kOtherMoments && !shape.is_line())
        l = {l.x * std::sqrt(moments.z / moments.x), l.y, l.z * std::sqrt(moments.x / moments.z)};
      if (bug_ == TrajectoryBug::kSharedDirection)
        l = std::sqrt(2.0 * kt * moments.z) / norm(l) * l;
    }
    return motions;
  }

  double kinetic(const RigidState& state) const {
    std::vector<RigidMotion> motions = state.motions;
    if (bug_ == TrajectoryBug::kNoRotation)
      for (RigidMotion& motion : motions) motion.angular_momentum = {};
    return kinetic_energy(*bodies_, motions);
  }

  std::shared_ptr<const RigidBodies> bodies_;
  TrajectoryBug bug_;
};

DistributionCheck check_trajectories(TrajectoryBug bug) {
  const RigidDipoles dipoles;
  return check("own rigid hmc", BreakableRigidHmc(dipoles.bodies(), bug), 68);
}

TEST(RigidExactness, BreakableHmcIsExactWhenUnbroken) {
  expect_passed(check_trajectories(TrajectoryBug::kNone), kRequiredPower);
}

TEST(RigidExactness, BugsOfTrajectoriesAreCaught) {
  for (TrajectoryBug bug :
       {TrajectoryBug::kOtherMoments, TrajectoryBug::kNoRotation, TrajectoryBug::kSharedDirection})
    expect_caught(check_trajectories(bug));
}

}  // namespace
}  // namespace saltus::tests
