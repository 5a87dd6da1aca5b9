// Oracle: the interfaces' own promises (invariant kits) and exact messages for bad options. Whether
// the target is invariant is the business of tests/exactness.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/moves/composites.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/replica_exchange.h"
#include "engine/moves/torsion_walk.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/exact_start.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Molecules at several temperatures with velocities.
struct Molecules {
  ChainMolecule molecule;
  Canonical target{molecule.energy(), ReferenceMeasure::kCartesian};
  ChainBatch chains = molecule.draw(12, 300.0, 5);
  Molecules() {
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      chains.states[c].temperature_K = 300.0 + 10.0 * static_cast<double>(c);
    draw_velocities(chains, particles(), {5, 0});
  }
  const std::vector<double>& masses() const { return molecule.system().masses; }
  MovingParticles particles() const { return moving_particles(molecule.system()); }
};

HamiltonianOptions hamiltonian_options(double friction_per_ps) {
  HamiltonianOptions options;
  options.time_step_ps = 0.008;  // large enough for some rejections
  options.n_steps = 5;
  options.friction_per_ps = friction_per_ps;
  return options;
}

std::shared_ptr<const Proposal> torsion_walk(const Molecules& m) {
  return std::make_shared<TorsionWalk>(rotatable_bonds(m.molecule.topology()),
                                       TorsionWalkOptions{1.0});
}

std::shared_ptr<const Proposal> mala(const Molecules& m) {
  return std::make_shared<MalaProposal>(m.molecule.energy(), MalaOptions{0.02}, m.masses());
}

TEST(Moves, KeepTheirPromises) {
  const Molecules m;
  const auto hmc = std::make_shared<HamiltonianMonteCarlo>(hamiltonian_options(0.0), m.particles());
  const auto ghmc =
      std::make_shared<HamiltonianMonteCarlo>(hamiltonian_options(2.0), m.particles());
  const auto walk = std::make_shared<Metropolis>(torsion_walk(m));
  const std::vector<std::shared_ptr<const Move>> moves = {
      hmc,
      ghmc,
      walk,
      std::make_shared<Metropolis>(mala(m)),
      std::make_shared<Langevin>(LangevinOptions{0.001, 1.0, 10}, m.particles()),
      std::make_shared<Sequence>(std::vector<Sequence::Part>{{walk, 2}, {ghmc, 1}}),
      std::make_shared<RandomMixture>(std::vector<RandomMixture::Part>{{walk, 2.0}, {hmc, 1.0}})};
  for (const auto& move : moves)
    for (std::uint64_t step : {0u, 1u, 2u}) {
      SCOPED_TRACE(move->name() + ", step " + std::to_string(step));
      expect_move_invariants(*move, m.chains, m.target, {test_seed(1), step});
    }
}

TEST(Moves, ReplicaExchangeKeepsItsPromises) {
  const Molecules m;
  MoveInvariantOptions options;
  options.outcome_at_own_chain = false;
  for (std::uint64_t step : {0u, 1u})
    expect_move_invariants(ReplicaExchange(4), m.chains, m.target, {test_seed(2), step}, options);
}

TEST(Proposals, KeepTheirPromises) {
  const Molecules m;
  expect_proposal_invariants(*torsion_walk(m), m.chains, {test_seed(3), 4});
  expect_proposal_invariants(*mala(m), m.chains, {test_seed(4), 4});
}

TEST(Proposals, MalaIsNormalised) {
  const auto well = std::make_shared<DoubleWell>(1, 6.0, 0.1, 1.5);
  const ChainBatch chains = draw_exact_chains(*well, 4, 300.0, {4.0}, 6);
  ProposalInvariantOptions options;
  options.normalisation_width_nm = 0.05;
  // Step 0.06 nm for 1 dalton is 0.03 nm for 4.
  expect_proposal_invariants(MalaProposal(well, {0.06}, {4.0}), chains, {test_seed(5), 4}, options);
}

TEST(Moves, CountEnergyEvaluations) {
  Molecules m;
  HamiltonianOptions options = hamiltonian_options(0.0);
  options.length_jitter = 0.0;
  const auto evaluations = [&m](const Move& move) {
    ChainBatch chains = m.chains;
    return move.apply(chains, m.target, {1, 0}).records.at(0).n_energy_evaluations;
  };
  EXPECT_EQ(evaluations(HamiltonianMonteCarlo(options, m.particles())), 12u * 6u);
  EXPECT_EQ(evaluations(Metropolis(torsion_walk(m))), 12u);
  EXPECT_EQ(evaluations(Metropolis(mala(m))), 12u * 3u);
  EXPECT_EQ(evaluations(ReplicaExchange(4)), 0u);
}

TEST(Moves, RefuseNonFiniteCurrentStates) {
  const Molecules m;
  HamiltonianOptions options = hamiltonian_options(0.0);
  const HamiltonianMonteCarlo hmc(options, m.particles());
  const Metropolis walk(torsion_walk(m));
  for (const Move* move : {static_cast<const Move*>(&hmc), static_cast<const Move*>(&walk)})
    for (double bad : {std::numeric_limits<double>::infinity(), std::nan("")}) {
      ChainBatch chains = m.chains;
      chains.energies[3] = bad;
      EXPECT_EQ(message_of<NumericalError>([&] {
                  move->apply(chains, m.target, {1, 17});
                }),
                "chain 3 has a non-finite energy before move " + move->name() + " of step 17");
    }
}

/// A proposal that cannot draw for some chains.
class SometimesImpossible final : public Proposal {
 public:
  std::string name() const override { return "sometimes_impossible"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey&) const override {
    ProposalBatch batch(current.positions);
    batch.log_forward[0] = -std::numeric_limits<double>::infinity();
    batch.positions.chain(1)[0] = std::nan("");
    batch.log_reverse[2] = std::nan("");
    for (double& value : batch.positions.chain(3)) value = 0.0;
    return batch;
  }
};

TEST(Metropolis, CountsWhatCouldNotBeProposedAsInvalid) {
  const auto well = std::make_shared<HarmonicWell>(1, 100.0);
  const Canonical target(well, ReferenceMeasure::kCartesian);
  ChainBatch chains = draw_exact_chains(*well, 4, 300.0, {1.0}, 7);
  const ChainBatch before = chains;
  const auto info =
      Metropolis(std::make_shared<SometimesImpossible>()).apply(chains, target, {1, 0});
  const std::vector<Outcome> expected = {Outcome::kInvalid, Outcome::kInvalid, Outcome::kInvalid,
                                         Outcome::kAccepted};  // the origin is the lowest point
  EXPECT_EQ(info.records.at(0).outcomes, expected);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_EQ(chains.positions.values()[i], before.positions.values()[i]);
}

TEST(Metropolis, RefusesAMeasureThatDoesNotAgree) {
  Molecules m;
  const Canonical torsions(m.molecule.energy(), ReferenceMeasure::kTorsionsAtFixedBonds);
  EXPECT_EQ(message_of<InputError>([&] {
              Metropolis(torsion_walk(m)).apply(m.chains, torsions, {1, 0});
            }),
            "proposal torsion_walk is a density with respect to 'Cartesian', the target one with "
            "respect to 'torsions at fixed bonds'");
}

TEST(Composites, ConcatenateRecordsAndGiveEachPartItsOwnNumbers) {
  const Molecules m;
  const auto walk = std::make_shared<Metropolis>(torsion_walk(m));
  const auto hmc = std::make_shared<HamiltonianMonteCarlo>(hamiltonian_options(0.0), m.particles());
  ChainBatch chains = m.chains;
  const auto info = Sequence({{walk, 2}, {hmc, 1}}).apply(chains, m.target, {1, 0});
  ASSERT_EQ(info.records.size(), 3u);
  EXPECT_EQ(info.records[0].name, "torsion_walk");
  EXPECT_EQ(info.records[2].name, "hmc");
  EXPECT_NE(info.records[0].log_ratios, info.records[1].log_ratios);
}

TEST(Moves, RefuseBadOptionsByName) {
  const MovingParticles particles = {{12.0}, {}};
  const auto hmc = [&](HamiltonianOptions options) {
    return message_of<InputError>([&] { HamiltonianMonteCarlo(options, particles); });
  };
  EXPECT_EQ(hmc({0.0, 1, 0.0, 0.0}), "hmc: time_step must be positive and finite");
  EXPECT_EQ(hmc({0.1, 0, 0.0, 0.0}), "hmc: steps must be at least 1");
  EXPECT_EQ(hmc({0.1, 1, 1.0, 0.0}), "hmc: length_jitter must be in [0, 1)");
  EXPECT_EQ(hmc({0.1, 1, 0.0, -1.0}), "hmc: friction must not be negative");
  EXPECT_EQ(message_of<InputError>([] {
              HamiltonianMonteCarlo({}, {{-1.0}, {}});
            }),
            "hmc: masses must not be negative");

  const auto langevin = [&](LangevinOptions options) {
    return message_of<InputError>([&] { Langevin(options, particles); });
  };
  EXPECT_EQ(langevin({std::nan(""), 1.0, 1}), "langevin: time_step must be positive and finite");
  EXPECT_EQ(langevin({0.001, -1.0, 1}), "langevin: friction must not be negative");
  EXPECT_EQ(langevin({0.001, 1.0, 0}), "langevin: steps must be at least 1");

  EXPECT_EQ(message_of<InputError>([] { ReplicaExchange(1); }),
            "replica_exchange: a ladder needs at least 2 temperatures, got 1");
  EXPECT_EQ(message_of<InputError>([] { TorsionWalk({}, {1.0}); }),
            "torsion_walk: the molecule has no rotatable bond");
  EXPECT_EQ(message_of<InputError>([] {
              TorsionWalk({{0, 1, {2}}}, {0.0});
            }),
            "torsion_walk: width must be positive and finite");
  EXPECT_EQ(message_of<InputError>([] { Sequence({}); }),
            "a sequence of moves needs at least one move");
  EXPECT_EQ(message_of<InputError>([] { RandomMixture({}); }),
            "a mixture of moves needs at least one move");
  const auto well = std::make_shared<HarmonicWell>(1, 1.0);
  EXPECT_EQ(message_of<InputError>([&] { MalaProposal(well, {0.0}, {1.0}); }),
            "mala: step must be positive and finite");
  EXPECT_EQ(
      message_of<InputError>([&] { MalaProposal(well, {0.1}, {0.0}); }),
      "mala: every atom needs a positive mass; it moves neither frozen atoms nor virtual sites");
}

TEST(ReplicaExchange, RefusesChainsThatAreNoLadders) {
  const Molecules m;
  ChainBatch chains = m.chains;
  EXPECT_EQ(message_of<InputError>([&] {
              ReplicaExchange(5).apply(chains, m.target, {1, 0});
            }),
            "replica_exchange: 12 chains cannot be split into ladders of 5");
}

TEST(ReplicaExchange, PairsAlternateWithTheStep) {
  const Molecules m;
  for (std::uint64_t step : {0u, 1u}) {
    ChainBatch chains = m.chains;
    const auto outcomes =
        ReplicaExchange(4).apply(chains, m.target, {1, step}).records.at(0).outcomes;
    for (std::size_t c = 0; c < 12; ++c) {
      const std::size_t level = c % 4;
      const bool is_lower = step == 0 ? level % 2 == 0 : level == 1;
      EXPECT_EQ(outcomes[c] != Outcome::kNotApplied, is_lower) << "step " << step << " chain " << c;
    }
  }
}

TEST(ReplicaExchange, RepeatedInAStepTriesBothKindsOfPairs) {
  const Molecules m;
  ChainBatch chains = m.chains;
  const auto exchange = std::make_shared<ReplicaExchange>(4);
  for (std::uint64_t step : {0u, 1u}) {
    const auto records = Sequence({{exchange, 2}}).apply(chains, m.target, {1, step}).records;
    ASSERT_EQ(records.size(), 2u);
    for (std::size_t c = 0; c < 12; ++c) {
      const bool first = records[step == 0 ? 0 : 1].outcomes[c] != Outcome::kNotApplied;
      const bool second = records[step == 0 ? 1 : 0].outcomes[c] != Outcome::kNotApplied;
      EXPECT_EQ(first, c % 4 % 2 == 0);
      EXPECT_EQ(second, c % 4 == 1);
    }
  }
}

TEST(Composites, RunAPartOncePerPeriodWithAKeyOfItsOwn) {
  const Molecules m;
  const auto hmc = std::make_shared<HamiltonianMonteCarlo>(hamiltonian_options(0.0), m.particles());
  const auto exchange = std::make_shared<ReplicaExchange>(4);
  const Sequence move({{hmc, 1, 1}, {exchange, 1, 3}}, 5);
  ChainBatch chains = m.chains, expected = m.chains;
  for (std::uint64_t step = 0; step < 7; ++step) {
    const auto info = move.apply(chains, m.target, {1, step});
    EXPECT_EQ(info.records.size(), step % 3 == 2 ? 2u : 1u);
    hmc->apply(expected, m.target, StepKey{1, step}.child(5));
    if (step % 3 == 2) exchange->apply(expected, m.target, StepKey{1, step / 3}.child(6));
  }
  EXPECT_EQ(chains.positions.values(), expected.positions.values());
  EXPECT_EQ(chains.velocities.values(), expected.velocities.values());
}

TEST(Composites, HandOnTheStepsKeyWhenTold) {
  const Molecules m;
  const auto exchange = std::make_shared<ReplicaExchange>(4);
  ChainBatch chains = m.chains, expected = m.chains;
  Sequence({{exchange, 1, 1, true}}).apply(chains, m.target, {1, 4});
  exchange->apply(expected, m.target, {1, 4});
  EXPECT_EQ(chains.positions.values(), expected.positions.values());
}

TEST(Moves, SayWhatTheyNeed) {
  const Molecules m;
  const auto walk = std::make_shared<Metropolis>(torsion_walk(m));
  const auto hmc = std::make_shared<HamiltonianMonteCarlo>(hamiltonian_options(0.0), m.particles());
  const auto exchange = std::make_shared<ReplicaExchange>(4);
  EXPECT_TRUE(walk->requirements().no_constraints);
  EXPECT_TRUE(walk->requirements().movable_atoms);
  EXPECT_TRUE(hmc->requirements() == MoveRequirements{});
  EXPECT_TRUE(exchange->requirements().several_temperatures);
  const MoveRequirements all =
      Sequence({{hmc, 1},
                {std::make_shared<RandomMixture>(
                     std::vector<RandomMixture::Part>{{walk, 1.0}, {exchange, 1.0}}),
                 1}})
          .requirements();
  EXPECT_TRUE(all.no_constraints);
  EXPECT_TRUE(all.several_temperatures);
  EXPECT_TRUE(all.movable_atoms);
  EXPECT_FALSE(all.one_temperature);
  EXPECT_FALSE(all.free_molecule);
  EXPECT_TRUE(all == (exchange->requirements() | walk->requirements()));
}

/// A density without forces.
class Unguided final : public TargetDensity {
 public:
  std::size_t n_atoms() const override { return 1; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  void evaluate(ConstCoordinates x, TargetTerms& terms) const override {
    terms.resize(x.n_chains, 0);
  }
  double log_density(double energy, Span<const double>, const ThermodynamicState&) const override {
    return -energy;
  }
};

TEST(Moves, AlongForcesNeedAGuide) {
  ChainBatch chains(2, 1, {300.0});
  EXPECT_EQ(message_of<InputError>([&] {
              HamiltonianMonteCarlo({}, {{12.0}, {}}).apply(chains, Unguided(), {1, 0});
            }),
            "hmc moves along forces, and the target density has no energy that gives some; use a "
            "move without forces");
}

TEST(FrozenAtoms, DoNotMove) {
  const Molecules m;
  MovingParticles particles = m.particles();
  particles.masses[2] = 0.0;
  HamiltonianOptions options = hamiltonian_options(0.0);
  options.time_step_ps = 0.001;
  const HamiltonianMonteCarlo hmc(options, particles);
  const Langevin langevin({0.001, 1.0, 10}, particles);
  for (const Move* move : {static_cast<const Move*>(&hmc), static_cast<const Move*>(&langevin)}) {
    ChainBatch chains = m.chains;
    draw_velocities(chains, particles, {9, 0});
    move->apply(chains, m.target, {1, 0});
    for (std::size_t c = 0; c < chains.n_chains(); ++c)
      for (std::size_t d = 6; d < 9; ++d) {
        EXPECT_EQ(chains.positions.chain(c)[d], m.chains.positions.chain(c)[d]);
        EXPECT_EQ(chains.velocities.chain(c)[d], 0.0);
      }
    EXPECT_NE(chains.positions.values(), m.chains.positions.values());
  }
}

}  // namespace
}  // namespace saltus::tests
