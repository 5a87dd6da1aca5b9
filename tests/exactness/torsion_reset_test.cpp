// Oracle: exact draws of a molecule with coupled torsions and their exact distributions by
// quadrature; starts in the answer. Each planted bug must fail the assertion that the correct move
// passes.
#include <gtest/gtest.h>

#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/torsion_walk.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/exactness/coupled_chain.h"
#include "tests/exactness/torsion_bugs.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using engine::ChainBatch;
using engine::Metropolis;
using engine::TorsionReset;
using engine::TorsionResetOptions;

constexpr double kTemperature_K = 300.0;
constexpr std::size_t kChains = 10000, kApplications = 16;
/// Thirteen projections share alpha, and each has one draw per chain. The planted bugs' gaps are
/// 0.04 to 0.15 (threshold 0.031), the correct moves' below 0.013.
constexpr double kRequiredPower = 0.051;

const CoupledChain& hexane() {
  static const CoupledChain molecule(kTemperature_K);
  return molecule;
}

const ChainBatch& start() {
  static const ChainBatch chains = hexane().draw(kChains, test_seed(50));
  return chains;
}

std::shared_ptr<const engine::TorsionModel> model() {
  return std::make_shared<NeighbourModel>(*hexane().graph());
}

DistributionCheck check(const engine::Move& move, std::uint64_t seed) {
  ChainBatch chains = start();
  apply_repeatedly(move, chains, hexane().target(), kApplications, test_seed(seed));
  DistributionCheck worst = check_projections(hexane().projections(chains));
  worst.label = move.name() + ", " + worst.label;
  return worst;
}

TEST(TorsionResetExactness, StartIsTheAnswer) {
  expect_projections(hexane().projections(start()), kRequiredPower);
}

class ResetOf : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ResetOf, IsExact) {
  const Metropolis move(std::make_shared<TorsionReset>(
      hexane().graph(), model(), TorsionResetOptions{GetParam(), 0.1, 300.0}));
  expect_passed(check(move, 51), kRequiredPower);
}

INSTANTIATE_TEST_SUITE_P(Bonds, ResetOf, ::testing::Values(1, 2, 3));

TEST(TorsionResetExactness, IsExactForChainsHotterThanTheModel) {
  const Metropolis move(std::make_shared<TorsionReset>(hexane().graph(), model(),
                                                       TorsionResetOptions{2, 0.1, 200.0}));
  expect_passed(check(move, 52), kRequiredPower);
}

TEST(TorsionResetExactness, IsReversible) {
  ChainBatch chains = start();
  const std::vector<double> before = hexane().projections(chains)[10].values;
  const Metropolis move(std::make_shared<TorsionReset>(hexane().graph(), model(),
                                                       TorsionResetOptions{2, 0.1, 300.0}));
  apply_repeatedly(move, chains, hexane().target(), 2, test_seed(53));
  expect_passed(
      check_reversibility("torsion 1", before, hexane().projections(chains)[10].values, -0.5, 1.0),
      2.0 * kRequiredPower);
}

TEST(TorsionResetExactness, OfAHistogramIsExact) {
  // Angles of other draws: the model is fixed before the chains under test begin.
  const ChainBatch pilot = hexane().draw(200, test_seed(54));
  const std::vector<Projection> projections = hexane().projections(pilot);
  std::vector<double> samples;
  for (std::size_t c = 0; c < pilot.n_chains(); ++c)
    for (std::size_t t = 9; t < 12; ++t) samples.push_back(projections[t].values[c]);
  const Metropolis move(std::make_shared<TorsionReset>(
      hexane().graph(), std::make_shared<engine::HistogramTorsionModel>(*hexane().graph(), samples),
      TorsionResetOptions{2, 0.1, 300.0}));
  expect_passed(check(move, 55), kRequiredPower);
}

TEST(MultipleTryExactness, IsExact) {
  const engine::MultipleTry move(
      std::make_shared<TorsionReset>(hexane().graph(), model(), TorsionResetOptions{2, 0.1, 300.0}),
      3);
  expect_passed(check(move, 56), kRequiredPower);
}

TEST(MultipleTryExactness, IsExactForAProposalThatDependsOnWhereItStarts) {
  const engine::MultipleTry move(
      std::make_shared<engine::TorsionWalk>(engine::rotatable_bonds(ChainMolecule(6).topology()),
                                            engine::TorsionWalkOptions{1.0}),
      3);
  expect_passed(check(move, 58), kRequiredPower);
}

/// Says of a walk that its tries are interchangeable, which they are not.
class WronglyInterchangeable final : public engine::Proposal {
 public:
  std::string name() const override { return walk_.name(); }
  engine::ReferenceMeasure measure() const override { return walk_.measure(); }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    return walk_.sample(current, key);
  }
  bool tries_are_interchangeable() const override { return true; }

 private:
  engine::TorsionWalk walk_{engine::rotatable_bonds(ChainMolecule(6).topology()), {1.0}};
};

TEST(MultipleTryExactness, TriesThatAreNotInterchangeableAreCaught) {
  expect_caught(check(engine::MultipleTry(std::make_shared<WronglyInterchangeable>(), 3), 58));
}

Metropolis breakable(std::size_t n_torsions, ResetBug bug) {
  return Metropolis(
      std::make_shared<BreakableTorsionReset>(hexane().graph(), model(), n_torsions, bug));
}

TEST(TorsionResetExactness, BreakableCopyIsExactWhenUnbroken) {
  for (std::size_t n : {1, 3})
    expect_passed(check(breakable(n, ResetBug::kNone), 57), kRequiredPower);
}

TEST(TorsionResetExactness, DroppedRatioIsCaught) {
  expect_caught(check(breakable(1, ResetBug::kRatioDropped), 57));
}

TEST(TorsionResetExactness, CountingOnlyTheDrawnComponentIsCaught) {
  expect_caught(check(breakable(1, ResetBug::kDrawnComponent), 57));
}

TEST(TorsionResetExactness, TheMetricFactorIsCaught) {
  expect_caught(check(breakable(1, ResetBug::kMetricFactor), 57));
}

TEST(TorsionResetExactness, AnotherOrderOnTheWayBackIsCaught) {
  expect_caught(check(breakable(3, ResetBug::kOrder), 57));
}

TEST(TorsionResetExactness, ASubsetThatDependsOnTheStateIsCaught) {
  expect_caught(check(breakable(1, ResetBug::kStateSubset), 57));
}

/// Looks at the angle that is to be drawn.
class PeekingModel final : public engine::TorsionModel {
 public:
  std::string name() const override { return "peeking"; }
  std::size_t n_torsions() const override { return 3; }
  void density(std::size_t torsion, const engine::TorsionContext& context,
               engine::VonMisesMixture& out) const override {
    out = {1, 0.0, {1.0}, {context.torsions[torsion] + 0.8}, {2.0}};
  }
};

TEST(TorsionResetExactness, AModelThatLooksAtHiddenTorsionsSeesNothing) {
  const TorsionResetOptions options{2, 0.1, 300.0};
  const auto peeking = std::make_shared<PeekingModel>();
  const auto reset = std::make_shared<TorsionReset>(hexane().graph(), peeking, options);
  expect_passed(check(Metropolis(reset), 58), kRequiredPower);
}

class PlantedTriesBug : public ::testing::TestWithParam<TriesBug> {};

TEST_P(PlantedTriesBug, IsCaught) {
  expect_caught(check(BreakableMultipleTry(hexane().graph(), model(), 3, GetParam()), 59));
}
INSTANTIATE_TEST_SUITE_P(Bugs, PlantedTriesBug,
                         ::testing::Values(TriesBug::kWeightsWithoutDensity,
                                           TriesBug::kCurrentForgotten));

TEST(MultipleTryExactness, BreakableCopyIsExactWhenUnbroken) {
  expect_passed(check(BreakableMultipleTry(hexane().graph(), model(), 3, TriesBug::kNone), 59),
                kRequiredPower);
}

}  // namespace
}  // namespace saltus::tests
