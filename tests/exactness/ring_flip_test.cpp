// Oracle: exact draws of a ring of three states, each with widths, lengths and a share of its own;
// starts in the answer. The move knows other widths and means, so that it is often rejected.
#include "engine/rings/ring_flip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

#include "engine/ensemble/canonical.h"
#include "engine/moves/metropolis.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/ring_molecule.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kWidth = 2.5, kMoveWidth = 3.2, kMoveShift_nm = 0.0004;
constexpr std::size_t kChains = 20000, kApplications = 6;

enum class Bug { kNone, kNoVolume, kNoDeterminant, kNoChoice, kNoWayBack };

/// The move written again, with a knob.
class BreakableRingFlip final : public Proposal {
 public:
  explicit BreakableRingFlip(Bug bug) : bug_(bug) {}
  std::string name() const override { return "breakable_ring_flip"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey& key) const override {
    ProposalBatch batch(current.positions);
    const RingStates& states = *states_;
    std::vector<double> q(states.system().n_coordinates());
    for (std::size_t c = 0; c < current.positions.n_chains; ++c) {
      RandomStream stream(key, StreamName::kProposal, static_cast<std::uint32_t>(c));
      const auto x = current.positions.chain(c);
      const std::size_t i = states.nearest(x), j = states.choose(i, stream.uniform());
      RingPose pose;
      double volumes = -states[i].coordinates.measure(x, q, pose);
      const double determinant = states.carry(i, j, q);
      volumes += states[j].coordinates.build(q, pose, x, batch.positions.chain(c));
      const bool has_way_back = states.nearest(batch.positions.view().chain(c)) == j;
      if (!std::isfinite(volumes) || (bug_ != Bug::kNoWayBack && !has_way_back)) {
        batch.log_forward[c] = -std::numeric_limits<double>::infinity();
        continue;
      }
      if (bug_ != Bug::kNoChoice) {
        batch.log_forward[c] = states.log_choice(i, j);
        batch.log_reverse[c] = states.log_choice(j, i);
      }
      if (bug_ != Bug::kNoVolume) batch.log_reverse[c] += volumes;
      if (bug_ != Bug::kNoDeterminant) batch.log_reverse[c] += determinant;
    }
    return batch;
  }

 private:
  Bug bug_;
  std::shared_ptr<const RingStates> states_ = RingMolecule().known(kMoveWidth, kMoveShift_nm);
};

/// Numbers of one configuration whose averages are compared.
std::vector<double> features_of(const RingStates& states, Span<const double> x) {
  const std::size_t s = states.nearest(x);
  std::vector<double> features(states.size(), 0.0);
  features.at(s) = 1.0;
  std::vector<double> q(states.system().n_coordinates());
  RingPose pose;
  states[s].coordinates.measure(x, q, pose);
  // Whatever the state: coordinates and their squares.
  for (std::size_t k = 0; k < q.size(); ++k) {
    features.push_back(q[k]);
    features.push_back(q[k] * q[k]);
  }
  for (const std::size_t k : {q.size() - 6, q.size() - 1})  // within each state
    for (std::size_t t = 0; t < states.size(); ++t) features.push_back(t == s ? q[k] : 0.0);
  features.insert(features.end(), {pose.centre.x, pose.rotation[0], pose.rotation[5]});
  return features;
}

struct Averages {
  std::vector<double> means, squared_errors;
};

Averages averages_of(const RingStates& states, const ChainBatch& chains) {
  Averages result;
  const auto n = static_cast<double>(chains.n_chains());
  for (std::size_t c = 0; c < chains.n_chains(); ++c) {
    const auto features = features_of(states, chains.positions.view().chain(c));
    result.means.resize(features.size());
    result.squared_errors.resize(features.size());
    for (std::size_t k = 0; k < features.size(); ++k) {
      result.means[k] += features[k] / n;
      result.squared_errors[k] += features[k] * features[k] / n;
    }
  }
  for (std::size_t k = 0; k < result.means.size(); ++k)
    result.squared_errors[k] = (result.squared_errors[k] - result.means[k] * result.means[k]) / n;
  return result;
}

/// The largest deviation of an average from that of other exact draws, in standard errors.
double worst_deviation(const std::shared_ptr<const Proposal>& proposal, std::uint64_t seed) {
  const auto mixture = std::make_shared<const RingMixture>(kWidth);
  const Canonical target(mixture, ReferenceMeasure::kCartesian);
  ChainBatch chains = mixture->draw(kChains, test_seed(seed));
  target.refresh(chains);
  if (proposal)
    apply_repeatedly(Metropolis(proposal), chains, target, kApplications, test_seed(seed + 1000));
  const Averages moved = averages_of(mixture->states(), chains);
  const Averages exact =
      averages_of(mixture->states(), mixture->draw(kChains, test_seed(seed + 2000)));
  double worst = 0.0;
  for (std::size_t k = 0; k < moved.means.size(); ++k)
    worst = std::max(worst, std::abs(moved.means[k] - exact.means[k]) /
                                std::sqrt(moved.squared_errors[k] + exact.squared_errors[k]));
  return worst;
}

/// Of 48 averages one deviates by more once in 10 million runs.
constexpr double kMostErrors = 6.2;

TEST(RingFlipExactness, StartIsTheAnswer) { EXPECT_LT(worst_deviation(nullptr, 71), kMostErrors); }

TEST(RingFlipExactness, IsExact) {
  const auto known = RingMolecule().known(kMoveWidth, kMoveShift_nm);
  EXPECT_LT(
      worst_deviation(
          std::make_shared<RingFlip>(std::vector<std::shared_ptr<const RingStates>>{known}), 72),
      kMostErrors);
}

TEST(RingFlipExactness, IsAcceptedAndRefusesWaysOfNoReturn) {
  const auto mixture = std::make_shared<const RingMixture>(kWidth);
  const Canonical target(mixture, ReferenceMeasure::kCartesian);
  ChainBatch chains = mixture->draw(2000, test_seed(73));
  target.refresh(chains);
  const auto known = RingMolecule().known(kMoveWidth, kMoveShift_nm);
  const Metropolis move(
      std::make_shared<RingFlip>(std::vector<std::shared_ptr<const RingStates>>{known}));
  const auto outcomes = move.apply(chains, target, {test_seed(73), 0}).records.at(0).outcomes;
  const auto n = [&](Outcome outcome) {
    return std::count(outcomes.begin(), outcomes.end(), outcome);
  };
  EXPECT_GT(n(Outcome::kAccepted), 200);
  EXPECT_GT(n(Outcome::kRejected), 200);
  EXPECT_GT(n(Outcome::kInvalid), 40);
}

TEST(RingFlipExactness, ACopyIsExact) {
  EXPECT_LT(worst_deviation(std::make_shared<BreakableRingFlip>(Bug::kNone), 74), kMostErrors);
}

TEST(RingFlipExactness, AMissingVolumeIsCaught) {
  EXPECT_GT(worst_deviation(std::make_shared<BreakableRingFlip>(Bug::kNoVolume), 75), kMostErrors);
}

TEST(RingFlipExactness, AMissingDeterminantIsCaught) {
  EXPECT_GT(worst_deviation(std::make_shared<BreakableRingFlip>(Bug::kNoDeterminant), 76),
            kMostErrors);
}

TEST(RingFlipExactness, AMissingChoiceIsCaught) {
  EXPECT_GT(worst_deviation(std::make_shared<BreakableRingFlip>(Bug::kNoChoice), 77), kMostErrors);
}

TEST(RingFlipExactness, AMissingCheckOfTheWayBackIsCaught) {
  EXPECT_GT(worst_deviation(std::make_shared<BreakableRingFlip>(Bug::kNoWayBack), 78), kMostErrors);
}

}  // namespace
}  // namespace saltus::tests
