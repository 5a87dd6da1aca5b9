// Oracle: the rule itself, chain by chain, and the documented message.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/exploration.h"
#include "engine/potential/analytic.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using engine::BiasedExploration;
using engine::Outcome;

constexpr double kTemperature_K = 300.0, kWidth_nm = 0.05;

/// Adds a normal number to each coordinate; rules every third chain out.
class Jump final : public engine::Proposal {
 public:
  std::string name() const override { return "jump"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch(current.positions);
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      engine::RandomStream stream(key, engine::StreamName::kProposal,
                                  current.first_chain + static_cast<std::uint32_t>(c));
      for (double& x : batch.positions.chain(c)) x += kWidth_nm * stream.normal();
      if (c % 3 == 2) batch.log_forward[c] = -std::numeric_limits<double>::infinity();
    }
    return batch;
  }
};

const std::shared_ptr<const engine::HarmonicWell>& well() {
  static const auto instance = std::make_shared<const engine::HarmonicWell>(1, 4000.0);
  return instance;
}
engine::Canonical well_target() { return {well(), engine::ReferenceMeasure::kCartesian}; }

TEST(BiasedExploration, KeepsTheInterface) {
  const BiasedExploration move(std::make_shared<Jump>(), 5.0);
  expect_move_invariants(move, draw_exact_chains(*well(), 40, kTemperature_K, {12.0}, 3),
                         well_target(), {7, 1});
  EXPECT_EQ(move.name(), "biased_exploration_jump");
  EXPECT_EQ(move.invariance(), engine::Invariance::kApproximate);
  EXPECT_TRUE(move.requirements() == Jump().requirements());
}

TEST(BiasedExploration, TakesWhatDoesNotRiseTooMuch) {
  constexpr double kLargestRise = 5.0;
  const auto proposal = std::make_shared<Jump>();
  const BiasedExploration move(proposal, kLargestRise);
  engine::ChainBatch chains = draw_exact_chains(*well(), 300, kTemperature_K, {12.0}, 4);
  const engine::ChainBatch before = chains;
  const engine::StepKey key{9, 2};
  const engine::ProposalBatch proposed = proposal->sample(before.view(), key);
  std::vector<double> energies(300);
  well()->evaluate(proposed.positions.view(), energies, {});
  const engine::MoveRecord record = move.apply(chains, well_target(), key).records.at(0);
  EXPECT_EQ(record.n_energy_evaluations, 300u);
  std::size_t n_taken = 0, n_refused = 0;
  for (std::size_t c = 0; c < 300; ++c) {
    const bool low = energies[c] - before.energies[c] <= kLargestRise;
    const Outcome expected = c % 3 == 2 ? Outcome::kInvalid
                             : low      ? Outcome::kAccepted
                                        : Outcome::kRejected;
    EXPECT_EQ(record.outcomes[c], expected) << "chain " << c;
    n_taken += expected == Outcome::kAccepted;
    n_refused += expected == Outcome::kRejected;
  }
  EXPECT_GT(n_taken, 20u);
  EXPECT_GT(n_refused, 20u);
}

TEST(BiasedExploration, RefusesThresholdsThatAreNone) {
  for (const double rise : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    EXPECT_THROW(BiasedExploration(std::make_shared<Jump>(), rise), engine::InputError);
  EXPECT_EQ(
      message_of<engine::InputError>([] { BiasedExploration(std::make_shared<Jump>(), 0.0); }),
      "biased_exploration: largest_rise must be positive and finite, got 0 kJ/mol");
}

}  // namespace
}  // namespace saltus::tests
