// Oracle: the promises of moves and proposals; energies of systems scaled by hand; chains that must
// not notice what becomes of others; closed forms of resampling.
#include "engine/moves/nonequilibrium.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/resampling.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/guided_trajectory.h"
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
                                               1.5);
}

engine::TargetDensity interacting_target() {
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
  const engine::TargetDensity target = interacting_target();
  target.refresh_energies(chains);
  const auto info = move.apply(chains, target, {test_seed(43), 0});
  // 5 chains: 6 changes of rungs, the middle, 2 x 3 x 2 trajectories of 3 steps and their start.
  EXPECT_EQ(info.records.at(0).energy_evaluations, 5u * (6 + 1 + 12 * 4));
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
  const engine::TargetDensity target = interacting_target();
  engine::ChainBatch start = ChainMolecule().draw(12, 300.0, test_seed(44));
  target.refresh_energies(start);
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
  const engine::TargetDensity target = interacting_target();
  engine::ChainBatch one = ChainMolecule().draw(1, 300.0, test_seed(46));
  target.refresh_energies(one);
  const engine::CoordinateBatch start = one.positions;
  class Never final : public engine::Proposal {
   public:
    std::string name() const override { return "never"; }
    engine::ReferenceMeasure measure() const override {
      return engine::ReferenceMeasure::kCartesian;
    }
    engine::ProposalBatch sample(const engine::ChainView& current,
                                 const engine::StepKey&) const override {
      engine::ProposalBatch result(current.positions.n_chains, current.positions.n_atoms);
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

TEST(GuidedTrajectory, KeepsThePromisesOfProposals) {
  const engine::GuidedTrajectory proposal(
      std::make_shared<engine::NativeEnergy>(interacting_chain(), nullptr), particles(),
      options().hmc);
  expect_proposal_invariants(proposal, ChainMolecule().draw(6, 300.0, test_seed(47)),
                             {test_seed(48), 0});
}

TEST(GuidedTrajectory, SaysWhatIsWrong) {
  const auto energy = std::make_shared<engine::NativeEnergy>(interacting_chain(), nullptr);
  const auto make = [&](engine::MovingParticles p, engine::HamiltonianOptions o) {
    return message_of<InputError>([&] { engine::GuidedTrajectory(energy, std::move(p), o); });
  };
  EXPECT_EQ(make({{12.0}, {}}, options().hmc),
            "guided trajectory: the guide is of 5 atoms, there are 1 masses");
  engine::MovingParticles tied = particles();
  tied.constraints = {{0, 1, 0.15}};
  EXPECT_EQ(make(tied, options().hmc), "guided trajectory: constraints are not supported");
  auto o = options().hmc;
  o.friction_per_ps = 1.0;
  EXPECT_EQ(make(particles(), o),
            "guided trajectory: friction must be 0: momenta are always fresh");
  o.friction_per_ps = 0.0;
  o.n_steps = 0;
  EXPECT_EQ(make(particles(), o), "guided trajectory: steps must be at least 1");
}

TEST(Softening, InteractionsAreLinearInTheShareKept) {
  const engine::ChainBatch chains = ChainMolecule().draw(10, 300.0, test_seed(49));
  const auto energies = [&](double keep) {
    std::vector<double> result(10);
    engine::PlainEnergy(engine::softened(interacting_chain(), keep), nullptr)
        .evaluate(chains.positions.view(), result, {});
    return result;
  };
  const auto full = energies(1.0), some = energies(0.3), none = energies(0.0);
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_NEAR(some[c], 0.3 * full[c] + 0.7 * none[c],
                1e-10 * tolerance_scale() * std::max(1.0, std::abs(full[c])));
    EXPECT_NEAR(none[c], chains.energies[c], 1e-10 * tolerance_scale() * chains.energies[c]);
    EXPECT_GT(std::abs(full[c] - none[c]), 1e-6);
  }
  EXPECT_EQ(message_of<InputError>([] { engine::softened(interacting_chain(), 1.5); }),
            "softened system: the share kept must be in [0, 1], not 1.500000");
}

TEST(Resampling, EachIsChosenFloorOrCeilingTimesAndRightOnAverage) {
  const std::vector<double> weights = {0.05, 0.45, 0.0, 0.3, 0.2};
  std::vector<double> log_weights;
  for (double w : weights) log_weights.push_back(std::log(w) + 700.0);  // any offset
  constexpr std::size_t kRepeats = 20000;
  std::vector<double> mean(5, 0.0);
  for (std::uint32_t r = 0; r < kRepeats; ++r) {
    const auto chosen = engine::systematic_resampling(log_weights, {test_seed(50), 0}, r);
    ASSERT_EQ(chosen.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) {
      const double n = static_cast<double>(std::count(chosen.begin(), chosen.end(), i));
      EXPECT_GE(n, std::floor(5.0 * weights[i] - 1e-9));
      EXPECT_LE(n, std::ceil(5.0 * weights[i] + 1e-9));
      mean[i] += n / kRepeats;
    }
  }
  // Each count is one of two neighbours: variance at most 1/4; 5.6 standard errors, 2e-8.
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(mean[i], 5.0 * weights[i], tolerance_scale() * 5.6 * 0.5 / std::sqrt(kRepeats));
  EXPECT_NEAR(engine::log_mean_exp(log_weights), 700.0 + std::log(0.2), 1e-12 * 700.0);
}

}  // namespace
}  // namespace saltus::tests
