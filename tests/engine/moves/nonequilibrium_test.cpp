// Oracle: the promises of moves and proposals; energies of systems scaled by hand; chains that must
// not notice what becomes of others; closed forms of resampling.
#include "engine/moves/nonequilibrium.h"
#include "engine/ensemble/canonical.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/resampling.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/torsion_walk.h"
#include "engine/system/softening.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using engine::InputError;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The chain with interactions between its atoms beyond bonds: charges, Lennard-Jones, MMFF pairs.
engine::System interacting_chain() {
  engine::System system = ChainMolecule().system();
  engine::Nonbonded nonbonded;
  for (std::size_t a = 0; a < system.n_atoms(); ++a)
    nonbonded.particles.push_back({a % 2 == 0 ? 0.1 : -0.1, 0.2, 0.3});
  nonbonded.exceptions = {{0, 1, 0.0, 0.2, 0.0},
                          {1, 2, 0.0, 0.2, 0.0},
                          {2, 3, 0.0, 0.2, 0.0},
                          {3, 4, 0.0, 0.2, 0.0},
                          {0, 3, 0.01, 0.2, 0.1}};
  system.nonbonded = nonbonded;
  system.mmff.emplace();
  system.mmff->pairs = {{0, 4, 0.2, 0.3, 0.02}};
  return system;
}

engine::MovingParticles particles() { return engine::moving_particles(ChainMolecule().system()); }

engine::NonequilibriumOptions options() {
  engine::NonequilibriumOptions result;
  result.hmc.time_step_ps = 0.003;
  result.hmc.n_steps = 3;
  return result;
}

std::shared_ptr<const engine::Proposal> walk() {
  return std::make_shared<engine::TorsionWalk>(engine::rotatable_bonds(ChainMolecule().topology()),
                                               engine::TorsionWalkOptions{1.5});
}

engine::Canonical interacting_target() {
  return {std::make_shared<engine::NativeEnergy>(interacting_chain(), nullptr),
          engine::ReferenceMeasure::kCartesian};
}

TEST(Nonequilibrium, KeepsThePromisesOfMoves) {
  const engine::NonequilibriumCandidate move(
      walk(), engine::softened_energies(interacting_chain(), 2, 0.0, nullptr), particles(),
      options());
  EXPECT_EQ(move.name(), "nonequilibrium_torsion_walk");
  engine::ChainBatch chains = ChainMolecule().draw(20, 300.0, test_seed(40));
  for (std::size_t c = 0; c < 20; ++c) chains.states[c].temperature_K = c % 2 == 0 ? 300.0 : 500.0;
  expect_move_invariants(move, chains, interacting_target(), {test_seed(41), 3});
}

TEST(Nonequilibrium, CountsEveryEnergy) {
  auto o = options();
  o.hmc.length_jitter = 0.0;
  o.n_trajectories = 2;
  const engine::NonequilibriumCandidate move(
      walk(), engine::softened_energies(interacting_chain(), 3, 0.0, nullptr), particles(), o);
  engine::ChainBatch chains = ChainMolecule().draw(5, 300.0, test_seed(42));
  const engine::Canonical target = interacting_target();
  target.refresh(chains);
  const auto info = move.apply(chains, target, {test_seed(43), 0});
  // 5 chains: 6 changes of rungs, the middle, 2 x 3 x 2 trajectories of 3 steps and their start.
  EXPECT_EQ(info.records.at(0).n_energy_evaluations, 5u * (6 + 1 + 12 * 4));
}

/// Fails for the chains with odd numbers.
class LameWalk final : public engine::Proposal {
 public:
  enum class Way { kNotPossible, kNowhere, kInfiniteEnergy };
  explicit LameWalk(Way way) : way_(way) {}
  std::string name() const override { return "lame_walk"; }
  engine::ReferenceMeasure measure() const override { return engine::ReferenceMeasure::kCartesian; }
  engine::ProposalBatch sample(const engine::ChainView& current,
                               const engine::StepKey& key) const override {
    engine::ProposalBatch result = walk()->sample(current, key);
    for (std::size_t c = 1; c < result.log_forward.size(); c += 2) {
      const auto x = result.positions.chain(c);
      if (way_ == Way::kNotPossible) result.log_forward[c] = -kInfinity;
      if (way_ == Way::kNowhere) x[0] = std::nan("");
      if (way_ == Way::kInfiniteEnergy) std::copy(x.begin(), x.begin() + 3, x.begin() + 3);
    }
    return result;
  }

 private:
  Way way_;
};

TEST(Nonequilibrium, ChainsThatCannotGoOnAreInvalidAndDisturbNobody) {
  const auto softer = engine::softened_energies(interacting_chain(), 2, 0.0, nullptr);
  const engine::Canonical target = interacting_target();
  engine::ChainBatch start = ChainMolecule().draw(12, 300.0, test_seed(44));
  target.refresh(start);
  const engine::StepKey key = {test_seed(45), 0};
  engine::ChainBatch sound = start;
  engine::NonequilibriumCandidate(walk(), softer, particles(), options()).apply(sound, target, key);
  using Way = LameWalk::Way;
  for (Way way : {Way::kNotPossible, Way::kNowhere, Way::kInfiniteEnergy}) {
    engine::ChainBatch chains = start;
    const engine::NonequilibriumCandidate move(std::make_shared<LameWalk>(way), softer, particles(),
                                               options());
    const auto record = move.apply(chains, target, key).records.at(0);
    for (std::size_t c = 0; c < 12; ++c) {
      const auto is = chains.positions.chain(c);
      const auto should = (c % 2 == 0 ? sound : start).positions.chain(c);
      EXPECT_TRUE(std::equal(is.begin(), is.end(), should.begin())) << "chain " << c;
      EXPECT_EQ(record.outcomes[c] == engine::Outcome::kInvalid, c % 2 == 1) << "chain " << c;
    }
  }
}

TEST(Nonequilibrium, AllChainsMayFail) {
  const auto softer = engine::softened_energies(interacting_chain(), 1, 0.0, nullptr);
  const engine::Canonical target = interacting_target();
  engine::ChainBatch one = ChainMolecule().draw(1, 300.0, test_seed(46));
  target.refresh(one);
  const engine::CoordinateBatch start = one.positions;
  class Never final : public engine::Proposal {
   public:
    std::string name() const override { return "never"; }
    engine::ReferenceMeasure measure() const override {
      return engine::ReferenceMeasure::kCartesian;
    }
    engine::ProposalBatch sample(const engine::ChainView& current,
                                 const engine::StepKey&) const override {
      engine::ProposalBatch result(current.positions);
      result.log_forward.assign(current.positions.n_chains, -kInfinity);
      return result;
    }
  };
  const engine::NonequilibriumCandidate move(std::make_shared<Never>(), softer, particles(),
                                             options());
  const auto record = move.apply(one, target, {1, 0}).records.at(0);
  EXPECT_EQ(record.outcomes.at(0), engine::Outcome::kInvalid);
  EXPECT_EQ(one.positions.values(), start.values());
}

TEST(Nonequilibrium, SaysWhatIsWrong) {
  const auto softer = engine::softened_energies(interacting_chain(), 1, 0.0, nullptr);
  const auto make = [&](auto rungs, engine::MovingParticles p, engine::NonequilibriumOptions o) {
    return message_of<InputError>(
        [&] { engine::NonequilibriumCandidate(walk(), rungs, std::move(p), o); });
  };
  EXPECT_EQ(
      make(std::vector<std::shared_ptr<const engine::EnergyFunction>>(), particles(), options()),
      "nonequilibrium: expected at least one softer energy");
  EXPECT_EQ(make(softer, {{12.0}, {}}, options()),
            "nonequilibrium: an energy is of 5 atoms, there are 1 masses");
  engine::MovingParticles tied = particles();
  tied.constraints = {{0, 1, 0.15}};
  EXPECT_EQ(make(softer, tied, options()),
            "nonequilibrium: the molecule has constraints; proposals do not keep them. Use one "
            "without");
  auto o = options();
  o.hmc.friction_per_ps = 1.0;
  EXPECT_EQ(make(softer, particles(), o),
            "nonequilibrium: friction must be 0: kept momenta break detailed balance of the steps");
  EXPECT_EQ(message_of<InputError>(
                [] { engine::softened_energies(interacting_chain(), 0, 0.0, nullptr); }),
            "softened energies: expected at least one rung");
  EXPECT_EQ(message_of<InputError>(
                [] { engine::softened_energies(interacting_chain(), 1, 1.0, nullptr); }),
            "softened energies: the softest rung must keep a share in [0, 1), not 1.000000");
}

}  // namespace
}  // namespace saltus::tests
