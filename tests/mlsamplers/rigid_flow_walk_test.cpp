// Oracle: exact draws of held bodies, and of one body with several minima; the flow itself, by
// which steps are seen in the coordinates of its base. Each planted bug must fail the assertion
// that correct code passes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/error.h"
#include "engine/dynamics/integrator.h"
#include "engine/moves/metropolis.h"
#include "mlsamplers/rigid/harmonic_flow.h"
#include "mlsamplers/rigid/rigid_flow_walk.h"
#include "tests/mlsamplers/held_bodies.h"
#include "tests/mlsamplers/many_minima.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;
using mlsamplers::apply_flow;
using mlsamplers::FlowDirection;
using mlsamplers::PoseBatch;
using mlsamplers::poses_of;
using mlsamplers::RigidFlowModel;
using mlsamplers::RigidFlowWalk;
using mlsamplers::RigidFlowWalkOptions;

constexpr std::size_t kChains = 20000;
constexpr std::size_t kApplications = 6;
/// 15 projections share alpha, and each has one draw per chain.
constexpr double kRequiredPower = 0.04;
/// Weights that fit badly: volumes differ by as much as energies.
constexpr double kMisfit = 1.0;
/// Of coordinates, nm, that went through a flow and its inverse.
constexpr double kRoundTrip = 1e-10;

const HeldBodies& held() {
  static const HeldBodies instance;
  return instance;
}

const ManyMinima& toy() {
  static const ManyMinima instance;
  return instance;
}
/// Where one body is at several minima in turn.
constexpr double kCool_K = 800.0;

std::shared_ptr<const RigidFlowModel> bad_flow() {
  static const auto flow = std::make_shared<const RigidFlowModel>(held().random_flow(kMisfit));
  return flow;
}

RigidFlowWalkOptions steps(double scale, std::size_t bodies) {
  RigidFlowWalkOptions options;
  options.translation_nm = 0.02;
  options.rotation_rad = 0.2;
  options.scale = scale;
  options.bodies = bodies;
  return options;
}

std::shared_ptr<const RigidFlowWalk> walk(double scale = 1.0, std::size_t bodies = 0) {
  return std::make_shared<const RigidFlowWalk>(steps(scale, bodies), bad_flow(), held().bodies());
}

TEST(RigidFlowWalk, KeepsTheInvariantsOfProposals) {
  const ChainBatch chains = held().draw(20, HeldBodies::kCold_K, test_seed(80));
  ProposalInvariantOptions options;
  // Products of matrices are summed in another order in other batches.
  options.batch_tolerance = 1e-11;
  for (const std::size_t bodies : {std::size_t{0}, std::size_t{1}, std::size_t{2}})
    expect_proposal_invariants(*walk(1.0, bodies), chains, {81, 2}, options);
}

TEST(RigidFlowWalk, StepsInTheCoordinatesOfTheBase) {
  constexpr std::size_t kFew = 3000;
  const ChainBatch chains = held().draw(kFew, HeldBodies::kCold_K, test_seed(82));
  const ProposalBatch proposed = walk(0.5, 1)->sample(chains.view(), {83, 1});
  const auto z = apply_flow(*bad_flow(), poses_of(*held().bodies(), chains.positions.view()),
                            FlowDirection::kToBase),
             z2 = apply_flow(*bad_flow(), poses_of(*held().bodies(), proposed.positions.view()),
                             FlowDirection::kToBase);
  std::vector<double> times(3, 0.0);
  double squares = 0.0, turns = 0.0;
  for (std::size_t c = 0; c < kFew; ++c) {
    // log J(z) = -log |det| of the inverse there.
    EXPECT_NEAR(proposed.log_reverse[c] - proposed.log_forward[c], z.log_dets[c] - z2.log_dets[c],
                1e-8);
    std::size_t moved = 0;
    for (std::size_t body = 0; body < 3; ++body) {
      const RigidPose a = z.poses.pose(3 * c + body), b = z2.poses.pose(3 * c + body);
      const Vec3 shift = b.position - a.position,
                 turn = rotation_vector(normalised(b.orientation * conjugate(a.orientation)));
      if (norm(shift) < kRoundTrip && norm(turn) < 1e-7) continue;
      ++moved;
      times[body] += 1.0;
      squares += dot(shift, shift) / 3.0;
      turns += dot(turn, turn) / 3.0;
    }
    EXPECT_EQ(moved, 1u);
  }
  // Six standard errors of means of 3 n squares of normal numbers and of binomial fractions: false
  // alarms 1e-8.
  const double error = 6.0 * std::sqrt(2.0 / (3.0 * kFew)) * tolerance_scale();
  EXPECT_NEAR(squares / kFew / (0.01 * 0.01), 1.0, error);
  EXPECT_NEAR(turns / kFew / (0.1 * 0.1), 1.0, error);
  for (const double n : times)
    EXPECT_NEAR(n / kFew, 1.0 / 3.0, 6.0 * tolerance_scale() * std::sqrt(2.0 / 9.0 / kFew));
}

TEST(RigidFlowWalk, ShiftsOfEverythingChangeNothing) {
  const ChainBatch chains = held().draw(20, HeldBodies::kCold_K, test_seed(84));
  ChainBatch shifted = chains;
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    for (double& x : shifted.positions.chain(c)) x += 0.7;
  const ProposalBatch a = walk()->sample(chains.view(), {85, 1}),
                      b = walk()->sample(shifted.view(), {85, 1});
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    EXPECT_NEAR(a.log_forward[c], b.log_forward[c], 1e-9);
    EXPECT_NEAR(a.log_reverse[c], b.log_reverse[c], 1e-9);
    for (std::size_t i = 0; i < a.positions.chain(c).size(); ++i)
      EXPECT_NEAR(b.positions.chain(c)[i] - a.positions.chain(c)[i], 0.7, kRoundTrip);
  }
}

TEST(RigidFlowWalk, TurnsVelocitiesWithTheBodies) {
  ChainBatch chains = held().draw(20, HeldBodies::kCold_K, test_seed(86));
  const Integrator integrator("test", moving_particles(held().system()));
  chains.velocities = CoordinateBatch::like(chains.positions.view(), chains.n_chains());
  RandomStream stream = test_stream(87);
  for (std::size_t c = 0; c < chains.n_chains(); ++c)
    for (double& v : chains.velocities.chain(c)) v = stream.normal();
  integrator.project_velocities(chains.positions, chains.velocities);
  const ProposalBatch proposed = walk()->sample(chains.view(), {88, 1});
  // What is left to take from velocities on the constraints, nm/ps.
  const auto off = [&](const CoordinateBatch& velocities) {
    CoordinateBatch projected = velocities;
    integrator.project_velocities(proposed.positions, projected);
    double largest = 0.0;
    for (std::size_t i = 0; i < projected.values().size(); ++i)
      largest = std::max(largest, std::abs(projected.values()[i] - velocities.values()[i]));
    return largest;
  };
  EXPECT_GT(off(chains.velocities), 0.1);
  EXPECT_LT(off(proposed.velocities), 1e-8);
  for (std::size_t i = 0; i < chains.velocities.values().size(); i += 3) {
    const Vec3 before = load_atom(chains.velocities.values().data(), i / 3),
               after = load_atom(proposed.velocities.values().data(), i / 3);
    EXPECT_NEAR(norm(after), norm(before), 1e-12);
  }
}

TEST(RigidFlowWalk, SaysWhatItNeedsAndDoesNotTake) {
  MoveRequirements expected;
  expected.rigid_molecules = expected.one_temperature = true;
  EXPECT_TRUE(walk()->requirements() == expected);
  ChainBatch chains = held().draw(2, HeldBodies::kCold_K, test_seed(89));
  chains.states[1].temperature_K = 250.0;
  EXPECT_EQ(message_of<InputError>([&] { walk()->sample(chains.view(), {}); }),
            "rigid_flow_walk: the flow leads to 200 K; chain 1 is at 250 K");
  chains.states[1].temperature_K = HeldBodies::kCold_K;
  chains.positions.set_boxes({});
  EXPECT_EQ(message_of<InputError>([&] { walk()->sample(chains.view(), {}); }),
            "rigid-body flow: made for a box of 1.900000 x 2.100000 x 2.400000 nm; there is no "
            "box");
  EXPECT_EQ(message_of<InputError>([] { walk(1.0, 4); }),
            "rigid_flow_walk: bodies is 4; there are 3");
  EXPECT_EQ(message_of<InputError>([] { walk(0.0); }),
            "rigid_flow_walk: scale must be positive and finite");
}

TEST(RigidFlowWalkExactness, StartIsTheAnswer) {
  expect_projections(held().projections(held().draw(kChains, HeldBodies::kCold_K, test_seed(90)),
                                        HeldBodies::kCold_K),
                     kRequiredPower);
}

TEST(RigidFlowWalkExactness, WalkIsExact) {
  for (const std::size_t bodies : {std::size_t{0}, std::size_t{1}}) {
    ChainBatch chains = held().draw(kChains, HeldBodies::kCold_K, test_seed(91 + bodies));
    const Metropolis move(walk(bodies == 0 ? 0.3 : 1.0, bodies));
    double accepted = 0.0;
    for (std::size_t step = 0; step < kApplications; ++step) {
      const auto record = move.apply(chains, held().target(), {test_seed(93), step}).records[0];
      accepted += static_cast<double>(
          std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kAccepted));
    }
    expect_projections(held().projections(chains, HeldBodies::kCold_K), kRequiredPower);
    EXPECT_GT(accepted, 0.1 * kChains * kApplications);
    EXPECT_LT(accepted, 0.9 * kChains * kApplications) << "the rule must matter";
  }
}

enum class WalkBug {
  kNone,
  kNoVolumes,   ///< the ratio of the volumes is left out
  kAsymmetric,  ///< steps are longer on one side, and nothing corrects for it
};

/// The walk of one body by a harmonic map about one of its minima: log J varies by 2.2 over all
/// orientations.
class BreakableFlowWalk final : public Proposal {
 public:
  explicit BreakableFlowWalk(WalkBug bug) : bug_(bug) {
    const ChainBatch structure = toy().at_minimum(0, 1, kCool_K);
    const auto flow = std::make_shared<const RigidFlowModel>(mlsamplers::harmonic_flow(
        *toy().bodies(), structure.positions.view(), ManyMinima::kHot_K, kCool_K));
    for (const double scale : {1.0, 4.0})
      walks_.push_back(
          std::make_shared<const RigidFlowWalk>(steps(2.0 * scale, 0), flow, toy().bodies()));
  }
  std::string name() const override { return "breakable_flow_walk"; }
  ReferenceMeasure measure() const override { return walks_[0]->measure(); }
  MoveRequirements requirements() const override { return walks_[0]->requirements(); }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch result = walks_[0]->sample(current, key);
    if (bug_ == WalkBug::kNoVolumes)
      for (std::size_t c = 0; c < result.log_forward.size(); ++c)
        result.log_forward[c] = result.log_reverse[c] = 0.0;
    if (bug_ == WalkBug::kAsymmetric) {
      const ProposalBatch longer = walks_[1]->sample(current, key);
      for (std::size_t c = 0; c < result.log_forward.size(); ++c) {
        const Quaternion q = toy().bodies()->pose(0, current.positions, c).orientation;
        if (rotate(q, {1.0, 0.0, 0.0}).x < 0.0) continue;
        result.positions.copy_chain(longer.positions.view(), c, c);
        result.log_forward[c] = longer.log_forward[c];
        result.log_reverse[c] = longer.log_reverse[c];
      }
    }
    return result;
  }

 private:
  std::vector<std::shared_ptr<const RigidFlowWalk>> walks_;
  WalkBug bug_;
};

/// Largest error of populations, in standard errors, after walks from the answer.
double error_after_walks(WalkBug bug) {
  ChainBatch chains = toy().draw(kChains, test_seed(110), kCool_K);
  apply_repeatedly(Metropolis(std::make_shared<BreakableFlowWalk>(bug)), chains, toy().target(), 20,
                   test_seed(111));
  return ManyMinima::largest_error(ManyMinima::fractions(toy().minima_of(chains)), kCool_K,
                                   kChains);
}

TEST(RigidFlowWalkExactness, PlantedBugsAreCaught) {
  // Of each of five fractions: false alarms 1e-7. One that is wrong by 0.03 is 8.5 standard errors
  // off or more (they are at most 0.5 / sqrt(20000) = 0.0035), and is seen with probability 0.999.
  constexpr double kErrors = 5.33;
  EXPECT_LE(error_after_walks(WalkBug::kNone), tolerance_scale() * kErrors);
  EXPECT_GT(error_after_walks(WalkBug::kNoVolumes), kErrors);
  EXPECT_GT(error_after_walks(WalkBug::kAsymmetric), kErrors);
}

}  // namespace
}  // namespace saltus::tests
