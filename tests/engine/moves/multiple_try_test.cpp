// Oracle: the interface's promises; with one try, the Metropolis rule over the same reset; counts
// and messages written down by hand.
#include "engine/moves/multiple_try.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/torsion_walk.h"
#include "engine/torsions/histogram_torsion_model.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

using namespace engine;

struct Hexane {
  ChainMolecule molecule{6};
  Canonical target{molecule.energy(), ReferenceMeasure::kCartesian};
  std::shared_ptr<const TorsionGraph> graph =
      std::make_shared<TorsionGraph>(make_torsion_graph(molecule.topology()));
  std::shared_ptr<const NeighbourModel> model = std::make_shared<NeighbourModel>(*graph);
  ChainBatch chains = molecule.draw(40, 300.0, 41);

  Hexane() {
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      chains.states[c].temperature_K = 280.0 + 10.0 * static_cast<double>(c);
  }
  MultipleTry move(std::size_t n_torsions, std::size_t n_tries) const {
    return {
        std::make_shared<TorsionReset>(graph, model, TorsionResetOptions{n_torsions, 0.1, 300.0}),
        n_tries};
  }
  /// A proposal that depends on where it starts, so that tries of the way back are needed.
  MultipleTry walk(std::size_t n_tries) const {
    return {std::make_shared<TorsionWalk>(rotatable_bonds(molecule.topology()),
                                          TorsionWalkOptions{0.5}),
            n_tries};
  }
};

TEST(MultipleTry, KeepsTheInterfacesPromises) {
  const Hexane hexane;
  for (std::size_t n : {1, 2, 3})
    expect_move_invariants(hexane.move(n, 4), hexane.chains, hexane.target, {test_seed(41), n});
  for (std::size_t n_tries : {1, 4})
    expect_move_invariants(hexane.walk(n_tries), hexane.chains, hexane.target, {test_seed(44), 1});
  EXPECT_EQ(hexane.move(2, 8).name(), "multiple_try_8_torsion_reset_2");
  EXPECT_EQ(hexane.walk(3).name(), "multiple_try_3_torsion_walk");
}

TEST(MultipleTry, WithOneTryIsTheMetropolisRule) {
  const Hexane hexane;
  ChainBatch a = hexane.chains, b = hexane.chains;
  const Metropolis rule(std::make_shared<TorsionReset>(hexane.graph, hexane.model,
                                                       TorsionResetOptions{2, 0.1, 300.0}));
  std::size_t n_accepted = 0;
  for (std::uint64_t step = 0; step < 5; ++step) {
    const auto one = hexane.move(2, 1).apply(a, hexane.target, {test_seed(42), step}).records[0];
    const auto other = rule.apply(b, hexane.target, {test_seed(42), step}).records[0];
    for (std::size_t c = 0; c < a.n_chains(); ++c) {
      EXPECT_NEAR(one.log_ratios[c], other.log_ratios[c], tolerance_scale() * 1e-10);
      EXPECT_EQ(one.outcomes[c], other.outcomes[c]);
      n_accepted += one.outcomes[c] == Outcome::kAccepted ? 1 : 0;
    }
    EXPECT_EQ(a.positions.values(), b.positions.values());
  }
  EXPECT_GT(n_accepted, 0u);
}

TEST(MultipleTry, CountsTheEnergiesOfAllTries) {
  Hexane hexane;
  const auto record = hexane.move(1, 5).apply(hexane.chains, hexane.target, {1, 0}).records.at(0);
  EXPECT_EQ(record.n_energy_evaluations, 5u * 40u);
  EXPECT_EQ(record.name, "multiple_try_5_torsion_reset_1");
  // Tries of the way back cost as much again, but for the present state.
  EXPECT_EQ(
      hexane.walk(5).apply(hexane.chains, hexane.target, {1, 0}).records.at(0).n_energy_evaluations,
      (5u + 4u) * 40u);
}

/// +inf but for the positions it was given.
class OnePlace final : public EnergyFunction {
 public:
  OnePlace(std::size_t n_atoms, std::vector<double> allowed)
      : n_atoms_(n_atoms), allowed_(std::move(allowed)) {}
  std::size_t n_atoms() const override { return n_atoms_; }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double>) const override {
    for (std::size_t c = 0; c < x.n_chains; ++c) {
      const auto chain = x.chain(c);
      energies[c] = std::equal(chain.begin(), chain.end(), allowed_.begin())
                        ? 0.0
                        : std::numeric_limits<double>::infinity();
    }
  }

 private:
  std::size_t n_atoms_;
  std::vector<double> allowed_;
};

TEST(MultipleTry, RejectsWhenNoTryHasWeight) {
  const Hexane hexane;
  ChainBatch chains = hexane.molecule.draw(1, 300.0, 43);
  chains.energies[0] = 0.0;
  const std::vector<double> before = chains.positions.values();
  const Canonical target(std::make_shared<OnePlace>(6, before), ReferenceMeasure::kCartesian);
  const auto record = hexane.move(1, 3).apply(chains, target, {1, 0}).records.at(0);
  EXPECT_EQ(record.outcomes[0], Outcome::kInvalid);
  EXPECT_EQ(record.log_ratios[0], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(chains.positions.values(), before);
}

TEST(MultipleTry, StaysWhereATorsionIsUndefined) {
  Hexane hexane;
  const auto x = hexane.chains.positions.chain(0);
  for (std::size_t a = 0; a < 3; ++a) {
    x[3 * a] = 0.15 * static_cast<double>(a);
    x[3 * a + 1] = x[3 * a + 2] = 0.0;
  }
  hexane.target.refresh(hexane.chains);
  const auto record = hexane.move(1, 3).apply(hexane.chains, hexane.target, {1, 0}).records.at(0);
  EXPECT_EQ(record.outcomes[0], Outcome::kInvalid);
  EXPECT_NE(record.outcomes[1], Outcome::kInvalid);
}

TEST(MultipleTry, RefusesBadOptionsAndMeasures) {
  Hexane hexane;
  EXPECT_EQ(message_of<InputError>([&] { hexane.move(1, 0); }),
            "multiple_try: n_tries must not be 0");
  EXPECT_EQ(message_of<InputError>([&] { hexane.move(4, 2); }),
            "torsion_reset: n_torsions is 4, expected 1 to the 3 of the molecule");
  const Canonical other(hexane.molecule.energy(), ReferenceMeasure::kTorsionsAtFixedBonds);
  EXPECT_EQ(
      message_of<InputError>([&] {
        hexane.move(1, 2).apply(hexane.chains, other, {1, 0});
      }),
      "proposal torsion_reset_1 is a density with respect to 'Cartesian', the target one with "
      "respect to 'torsions at fixed bonds'");
}

}  // namespace
}  // namespace saltus::tests
