// Oracle: exact draws of a peptide whose internal coordinates have a known density; starts in the
// answer, by the leaps of every block. A model that is wrong lowers acceptance and nothing else; a
// planted bug in a density must fail the assertion that correct code passes.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "engine/leap/block_leap.h"
#include "engine/leap/lane_leap.h"
#include "tests/engine/leap/plain_leap.h"
#include "tests/mlsamplers/separable_peptide.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

using engine::LaneLeap;
using engine::LeapWeights;

constexpr double kTemperature_K = SeparablePeptide::kTemperature_K;
constexpr std::size_t kChains = 20000;
/// Seventy projections share alpha = 1e-7; a gap of this size is missed once in a thousand times.
constexpr double kRequiredPower = 0.038;

std::shared_ptr<const engine::Proposal> all_leaps(ModelFault fault) {
  std::vector<engine::BlockLeap::Entry> entries;
  for (const mlsamplers::PeptideLeap& leap :
       mlsamplers::peptide_leaps(serine_model(fault), two_serines().peptide(), {}, "serines")) {
    std::shared_ptr<const engine::Proposal> one;
    if (leap.carry > 0.0)
      one = std::make_shared<engine::CarriedLeap>(leap.weights, leap.carry, nullptr);
    else
      one = std::make_shared<LaneLeap>(leap.weights, nullptr);
    entries.push_back({leap.name, leap.probability, one});
  }
  return std::make_shared<engine::BlockLeap>(std::move(entries));
}

std::shared_ptr<const engine::Proposal> leap_of_block(const std::string& name, ModelFault fault) {
  return std::make_shared<LaneLeap>(serine_block(name, fault), nullptr);
}

TEST(PeptideExactness, ExactDrawsAreExact) {
  expect_passed(check_projections(
                    two_serines().projections(two_serines().draw(kChains, test_seed(31000000)))),
                kRequiredPower);
}

TEST(PeptideExactness, AllLeapsAreExact) {
  expect_passed(check_serines("all leaps", all_leaps(ModelFault::kNone), 32000000, kChains),
                kRequiredPower);
}

TEST(PeptideExactness, EachSortOfBlockIsExact) {
  std::uint64_t seed = 33000000;
  for (const char* block : {"residue_1", "residue_2", "side_chain_1", "link_1", "whole"})
    expect_passed(
        check_serines(block, leap_of_block(block, ModelFault::kNone), seed += 10000, kChains),
        kRequiredPower);
}

TEST(PeptideExactness, TheModelIsGood) {
  // Else what follows would say little.
  EXPECT_GT(serine_acceptance(leap_of_block("side_chain_1", ModelFault::kNone), 34), 0.6);
  EXPECT_GT(serine_acceptance(leap_of_block("residue_1", ModelFault::kNone), 35), 0.4);
}

/// Wrong embeddings and slots lead to other draws, told as they are.
void expect_worse_but_exact(ModelFault fault, const std::string& block, std::uint64_t seed) {
  const double right = serine_acceptance(leap_of_block(block, ModelFault::kNone), seed),
               wrong = serine_acceptance(leap_of_block(block, fault), seed);
  EXPECT_LT(wrong, 0.7 * right);
  EXPECT_GT(wrong, 0.01);  // else exactness would say nothing
  expect_passed(check_serines("faulty model", leap_of_block(block, fault), seed + 10, kChains),
                kRequiredPower);
  expect_passed(check_serines("faulty model, all leaps", all_leaps(fault), seed + 20, kChains),
                kRequiredPower);
}

TEST(PeptideExactness, AWrongEmbeddingOnlyLowersAcceptance) {
  expect_worse_but_exact(ModelFault::kEmbedding, "side_chain_1", 35000000);
}

TEST(PeptideExactness, AWrongSlotOnlyLowersAcceptance) {
  expect_worse_but_exact(ModelFault::kSlot, "side_chain_1", 36000000);
}

enum class PartBug {
  kNone,
  kNoRotor,       ///< log-densities without the rotors' factors
  kNoSideChain,   ///< without -|z|^2/2 of the side chain's fast coordinates
  kNoSecondPart,  ///< without -|z|^2/2 of the second residue of a link
};

/// A leap of one block with a knob.
class BreakablePeptideLeap final : public engine::Proposal {
 public:
  BreakablePeptideLeap(const std::string& block, PartBug bug)
      : weights_(serine_block(block)), leap_(weights_, nullptr), bug_(bug) {
    const mlsamplers::PeptideResidue& first = two_serines().peptide().residues[0];
    for (const engine::LeapFastCoordinate& fast : weights_.fast)
      for (const mlsamplers::PeptideFast& own : first.fast)
        n_first_ += own.coordinate.coordinate == fast.coordinate ? 1 : 0;
  }
  std::string name() const override { return "breakable_peptide_leap"; }
  engine::ReferenceMeasure measure() const override { return leap_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch batch = leap_.sample(current, key);
    if (bug_ == PartBug::kNone) return batch;
    for (std::size_t c = 0; c < batch.log_forward.size(); ++c) {
      batch.log_forward[c] -= left_out(batch.positions.view().slice(c, 1));
      batch.log_reverse[c] -= left_out(current.positions.slice(c, 1));
    }
    return batch;
  }

 private:
  double left_out(engine::ConstCoordinates x) const {
    const std::vector<double> q = plain_internal(weights_, x);
    if (bug_ == PartBug::kNoRotor) return plain_rotors(weights_, q, kTemperature_K);
    const std::vector<double> z = plain_whitened(weights_, q, kTemperature_K);
    double sum = 0.0;
    for (std::size_t i = bug_ == PartBug::kNoSecondPart ? n_first_ : 0; i < z.size(); ++i)
      sum -= 0.5 * z[i] * z[i];
    return sum;
  }

  LeapWeights weights_;
  LaneLeap leap_;
  PartBug bug_;
  std::size_t n_first_ = 0;  ///< fast coordinates of the first residue
};

DistributionCheck check_bug(const std::string& block, PartBug bug) {
  return check_serines(block, std::make_shared<BreakablePeptideLeap>(block, bug), 37000000,
                       kChains);
}

TEST(PeptideExactness, UnbrokenCopiesAreExact) {
  for (const char* block : {"residue_1", "side_chain_1", "link_1"})
    expect_passed(check_bug(block, PartBug::kNone), kRequiredPower);
}

TEST(PeptideExactness, AMissingRotorIsCaught) {
  expect_caught(check_bug("residue_1", PartBug::kNoRotor));
}

TEST(PeptideExactness, AMissingSideChainIsCaught) {
  expect_caught(check_bug("side_chain_1", PartBug::kNoSideChain));
}

TEST(PeptideExactness, AMissingPartOfALinkIsCaught) {
  expect_caught(check_bug("link_1", PartBug::kNoSecondPart));
}

/// Mean over draws y from the block at T_q of p(y|x) / q(y|x), p the same at T_p, and its standard
/// error. Factors that depend on the temperature alone cancel in Metropolis ratios, not here.
struct MeanRatio {
  double mean = 0.0, error = 0.0;
};

/// @param n_unscaled  fast coordinates whose determinant is told as if T were T_ref
MeanRatio mean_ratio(const std::string& block, std::size_t n_unscaled) {
  constexpr std::size_t kDraws = 20000;
  constexpr double kWide_K = 400.0, kNarrow_K = 340.0;
  const LeapWeights weights = serine_block(block);
  const LaneLeap leap(weights, nullptr);
  engine::ChainBatch from = two_serines().draw(kDraws, test_seed(38000000));
  const auto log_factor = [&](double temperature_K) {
    return 0.5 * static_cast<double>(n_unscaled) * std::log(temperature_K / weights.temperature_K);
  };
  for (engine::ThermodynamicState& state : from.states) state.temperature_K = kWide_K;
  const engine::ProposalBatch drawn = leap.sample(from.view(), {test_seed(38000001), 0});
  for (engine::ThermodynamicState& state : from.states) state.temperature_K = kNarrow_K;
  std::vector<double> log_p(kDraws);
  leap.log_density(drawn.positions.view(), from.view(), log_p);
  double sum = 0.0, squares = 0.0;
  for (std::size_t c = 0; c < kDraws; ++c) {
    const double ratio =
        std::exp(log_p[c] + log_factor(kNarrow_K) - drawn.log_forward[c] - log_factor(kWide_K));
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / kDraws;
  return {mean, std::sqrt((squares / kDraws - mean * mean) / kDraws)};
}

/// Beyond 5.5 standard errors in one of 3e7 cases.
constexpr double kErrors = 5.5;

TEST(PeptideNormalisation, HoldsForEachSortOfBlock) {
  for (const char* block : {"residue_1", "side_chain_2", "link_1"}) {
    const MeanRatio ratio = mean_ratio(block, 0);
    EXPECT_LT(ratio.error, 0.02) << block << ": the draws cannot tell";
    EXPECT_NEAR(ratio.mean, 1.0, tolerance_scale() * kErrors * ratio.error) << block;
  }
}

TEST(PeptideNormalisation, ADeterminantThatIgnoresTheTemperatureIsCaught) {
  std::size_t n_side_chain = 0;
  for (const mlsamplers::PeptideFast& fast : two_serines().peptide().residues[0].fast)
    n_side_chain += fast.is_side_chain ? 1 : 0;
  ASSERT_GT(n_side_chain, 0U);
  for (const char* block : {"residue_1", "side_chain_1"}) {
    const MeanRatio ratio = mean_ratio(block, n_side_chain);
    EXPECT_GT(std::abs(ratio.mean - 1.0), 2.0 * kErrors * ratio.error) << block;
  }
}

}  // namespace
}  // namespace saltus::tests
