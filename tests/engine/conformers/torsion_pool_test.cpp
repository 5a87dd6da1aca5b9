// Oracle: exact torsion densities of a chain whose torsions are independent, energies computed
// anew, exact messages for bad input.
#include "engine/conformers/torsion_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/torsions/torsion_geometry.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/errors.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Sharp and far from the seeds.
class SharpModel final : public TorsionModel {
 public:
  explicit SharpModel(std::size_t n) : n_(n) {}
  std::string name() const override { return "sharp"; }
  std::size_t n_torsions() const override { return n_; }
  void density(std::size_t torsion, const TorsionContext&, VonMisesMixture& out) const override {
    out = {1, 0.0, {1.0}, {mean(torsion)}, {1e8}};
  }
  static double mean(std::size_t torsion) { return 0.5 + static_cast<double>(torsion); }

 private:
  std::size_t n_;
};

struct Case {
  ChainMolecule molecule{6};
  TorsionGraph graph = make_torsion_graph(molecule.topology());
  CoordinateBatch seeds{2, 6};
  TorsionPoolOptions options;

  Case() {
    constexpr int kBranched = 4;
    for (GraphAtom& atom : graph.atoms) atom.degree = kBranched;
    const ChainBatch chains = molecule.draw(2, 300.0, 5);
    seeds.values() = chains.positions.values();
    options.n_draws = 60;
    options.n_kept = 20;
    options.n_steps = 0;
  }
  TorsionPool pool(const Configuration& configuration = {}) const {
    return draw_torsion_pool(*molecule.energy(), graph, SharpModel(graph.torsions.size()), seeds,
                             configuration, options);
  }
};

TEST(TorsionPool, DrawsFromSeedsByTheirWeights) {
  Case chain;
  // Bond lengths tell which seed a draw began with.
  for (double& value : chain.seeds.chain(1)) value *= 1.01;
  chain.options.n_draws = chain.options.n_kept = 40;
  const auto n_of_first = [&] {
    const TorsionPool pool = chain.pool();
    const auto bond = [&](std::size_t c) {
      return atom_distance(pool.positions.chain(c).data(), 0, 1);
    };
    std::size_t n = 0;
    for (std::size_t c = 2; c < pool.energies.size(); ++c)
      n += std::abs(bond(c) - bond(0)) < std::abs(bond(c) - bond(1));
    EXPECT_EQ(pool.energies.size(), 42u);
    return n;
  };
  EXPECT_EQ(n_of_first(), 20u);
  chain.options.seed_weights = {3.0, 1.0};
  EXPECT_EQ(n_of_first(), 30u);
  chain.options.seed_weights = {0.0, 0.5};
  EXPECT_EQ(n_of_first(), 0u);
  chain.options.seed_weights = {1.0};
  EXPECT_EQ(message_of<InputError>([&] { chain.pool(); }),
            "torsion pool: 1 weights for 2 conformers");
  chain.options.seed_weights = {0.0, 0.0};
  EXPECT_EQ(message_of<InputError>([&] { chain.pool(); }),
            "torsion pool: weights of conformers must be finite and not negative, one at least "
            "positive");
}

TEST(TorsionPool, BeginsWithTheSeedsAndHasTheModelsTorsions) {
  const Case chain;
  const TorsionPool pool = chain.pool();
  ASSERT_EQ(pool.energies.size(), 22u);
  EXPECT_TRUE(std::equal(chain.seeds.values().begin(), chain.seeds.values().end(),
                         pool.positions.values().begin()));
  std::vector<double> tau(chain.graph.torsions.size());
  for (std::size_t c = 2; c < 22; ++c) {
    torsion_angles(chain.graph, pool.positions.chain(c), tau);
    for (std::size_t t = 0; t < tau.size(); ++t)
      EXPECT_NEAR(tau[t], SharpModel::mean(t), 1e-3) << "ten standard deviations of 1e-4 rad";
  }
}

TEST(TorsionPool, LeavesBondsOfHydrogenAlone) {
  Case chain;
  for (GraphAtom& atom : chain.graph.atoms) atom.n_hydrogens = 3;
  const TorsionPool pool = chain.pool();
  EXPECT_EQ(pool.positions.values(), chain.seeds.values());
}

TEST(TorsionPool, EnergiesAreThoseOfThePositions) {
  Case chain;
  chain.options.n_steps = 7;
  const TorsionPool pool = chain.pool();
  std::vector<double> energies(pool.energies.size());
  chain.molecule.energy()->evaluate(pool.positions.view(), energies, {});
  for (std::size_t c = 0; c < energies.size(); ++c)
    EXPECT_NEAR(pool.energies[c], energies[c], 1e-6) << "the engine's promise between its ways";
}

TEST(TorsionPool, IsTheSameAgain) {
  Case chain;
  const TorsionPool first = chain.pool();
  EXPECT_EQ(first.positions.values(), chain.pool().positions.values());
  chain.options.seed = 2;
  EXPECT_NE(first.positions.values(), chain.pool().positions.values());
}

TEST(TorsionPool, HasOtherDrawsInAnotherRound) {
  Case chain;
  const TorsionPool first = chain.pool();
  chain.options.round = 1;
  const TorsionPool second = chain.pool();
  EXPECT_EQ(second.positions.values(), chain.pool().positions.values());
  ASSERT_EQ(first.energies.size(), second.energies.size());
  const std::size_t n_seeds = chain.seeds.n_chains();
  for (std::size_t c = 0; c < first.energies.size(); ++c)
    EXPECT_EQ(std::equal(first.positions.chain(c).begin(), first.positions.chain(c).end(),
                         second.positions.chain(c).begin()),
              c < n_seeds)
        << "only seeds are the same";
}

TEST(TorsionPool, LeavesOutOtherConfigurations) {
  const Case chain;
  // Cis by the first torsion, 0.5 rad: true of all draws; trans: of none.
  const auto& bond = chain.graph.torsions[0];
  ConfiguredDoubleBond end{bond.ends[0].reference, bond.ends[0].atom, bond.ends[1].atom,
                           bond.ends[1].reference, true};
  Configuration cis;
  cis.double_bonds = {end};
  EXPECT_GE(chain.pool(cis).energies.size(), 20u);
  end.cis = false;
  Configuration trans;
  trans.double_bonds = {end};
  const TorsionPool pool = chain.pool(trans);
  EXPECT_LE(pool.energies.size(), 2u) << "seeds alone may be trans";
  EXPECT_GE(pool.n_wrong_configuration, 20u);
}

TEST(TorsionPool, StopsAtTheDeadline) {
  Case chain;
  chain.options.deadline = std::chrono::steady_clock::time_point::min();
  const TorsionPool pool = chain.pool();
  EXPECT_TRUE(pool.timed_out);
  EXPECT_TRUE(pool.energies.empty());
}

TEST(TorsionPool, SaysWhatIsWrong) {
  const auto message = [](const Case& chain) {
    return message_of<InputError>([&] { chain.pool(); });
  };
  Case none;
  none.seeds = CoordinateBatch(0, 6);
  EXPECT_EQ(message(none), "torsion pool: there must be a conformer to begin with");
  Case other;
  other.seeds = CoordinateBatch(1, 5);
  EXPECT_EQ(message(other),
            "torsion pool: conformers, graph and energy differ in their numbers of atoms");
  Case cold;
  cold.options.selection_energy = 0.0;
  EXPECT_EQ(message(cold), "torsion pool: the energy of selection must be positive and finite");
  const Case chain;
  EXPECT_EQ(message_of<InputError>([&] {
              draw_torsion_pool(*chain.molecule.energy(), chain.graph, SharpModel(1), chain.seeds,
                                {}, chain.options);
            }),
            "torsion pool: the model has 1 torsions, the molecule 3");
}

}  // namespace
}  // namespace saltus::tests
