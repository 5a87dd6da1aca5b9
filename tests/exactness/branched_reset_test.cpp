// Oracle: exact draws of a molecule whose torsions are coupled and whose ends carry more than one
// atom; starts in the answer. A graph with a wrong substituent must be caught.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/moves/metropolis.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/exactness/branched_chain.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"

namespace saltus::tests {
namespace {

constexpr double kTemperature_K = 300.0;
constexpr std::size_t kChains = 10000, kApplications = 48;
/// Twenty-two projections share alpha.
constexpr double kRequiredPower = 0.053;

const BranchedChain& molecule() {
  static const BranchedChain branched(kTemperature_K);
  return branched;
}

const engine::ChainBatch& start() {
  static const engine::ChainBatch chains = molecule().draw(kChains, test_seed(60));
  return chains;
}

/// Sharp enough to make a wrong ratio of densities show: far from the target, and from what it is
/// when a neighbour has another angle.
class SharpModel final : public engine::TorsionModel {
 public:
  explicit SharpModel(std::shared_ptr<const engine::TorsionGraph> graph)
      : graph_(std::move(graph)) {}
  std::string name() const override { return "sharp"; }
  std::size_t n_torsions() const override { return graph_->torsions.size(); }
  void density(std::size_t torsion, const engine::TorsionContext& context,
               engine::VonMisesMixture& out) const override {
    double mean = 0.5;
    for (const std::size_t near : graph_->torsions[torsion].neighbours)
      if (context.known[near] != 0) mean += 0.7 * std::sin(context.torsions[near]);
    out = {1, 0.0, {0.8, 0.2}, {mean, mean + 2.5}, {8.0, 2.0}};
  }

 private:
  std::shared_ptr<const engine::TorsionGraph> graph_;
};

DistributionCheck check(std::shared_ptr<const engine::TorsionGraph> graph, std::size_t n_torsions) {
  const auto model = std::make_shared<SharpModel>(graph);
  const engine::Metropolis move(std::make_shared<engine::TorsionReset>(
      graph, model, engine::TorsionResetOptions{n_torsions, 0.1, 300.0}));
  engine::ChainBatch chains = start();
  apply_repeatedly(move, chains, molecule().target(), kApplications, test_seed(61));
  DistributionCheck worst = check_projections(molecule().projections(chains));
  worst.label = move.name() + ", " + worst.label;
  return worst;
}

TEST(BranchedResetExactness, StartIsTheAnswer) {
  expect_projections(molecule().projections(start()), kRequiredPower);
}

class BranchedResetOf : public ::testing::TestWithParam<std::size_t> {};

TEST_P(BranchedResetOf, IsExact) {
  expect_passed(check(molecule().graph(), GetParam()), kRequiredPower);
}

INSTANTIATE_TEST_SUITE_P(Bonds, BranchedResetOf, ::testing::Values(1, 2, 3));

TEST(BranchedResetExactness, SubstituentsBeyondTheAxisAreCaught) {
  auto graph = std::make_shared<engine::TorsionGraph>(*molecule().graph());
  // Atoms 3, 4 and 5 are not on atom 1: the coordinate grows by less than the angle of the turn.
  graph->torsions.at(0).ends[0].others = {3, 4, 5};
  expect_caught(check(graph, 1));
}

}  // namespace
}  // namespace saltus::tests
