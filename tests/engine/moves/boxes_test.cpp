// Oracle: each chain alone in its box; definitions of what moves and copies carry.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/ensemble/resampling.h"
#include "engine/lanes/native_energy.h"
#include "engine/minimisation/minimise.h"
#include "engine/moves/decision.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/mala.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/multiple_try.h"
#include "engine/moves/replica_exchange.h"
#include "engine/potential/decorators.h"
#include "engine/reference/plain_energy.h"
#include "engine/run/simulation.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kAtoms = 8, kChains = 21;

/// Argon, nearly, on a lattice of 0.4 nm.
System argon() {
  System system;
  system.masses.assign(kAtoms, 40.0);
  system.box = Box({1.2, 1.2, 1.2});
  Nonbonded& nonbonded = system.nonbonded.emplace();
  nonbonded.particles.assign(kAtoms, {0.0, 0.34, 1.0});
  nonbonded.method = NonbondedMethod::kCutoffPeriodic;
  nonbonded.cutoff_nm = 0.6;
  nonbonded.switching_distance_nm = 0.5;
  nonbonded.long_range_correction = true;
  return system;
}

/// Chains in boxes of different sizes.
ChainBatch argon_chains(std::size_t n_chains = kChains) {
  std::vector<double> x;
  for (std::size_t n = 0; n < kAtoms; ++n)
    for (std::size_t place : {n % 2, n / 2 % 2, n / 4})
      x.push_back(0.55 * static_cast<double>(place) - 0.1);
  ChainBatch chains(n_chains, kAtoms, {120.0});
  chains.positions = CoordinateBatch::repeated(in_box(argon(), x).view(), n_chains);
  auto stream = test_stream(72);
  for (double& value : chains.positions.values()) value += 0.01 * stream.normal();
  std::vector<Box> boxes;
  for (std::size_t c = 0; c < n_chains; ++c) {
    const double share = static_cast<double>(c) / static_cast<double>(n_chains);
    boxes.emplace_back(std::array<double, 3>{1.2 + 0.1 * share, 1.25, 1.3 - 0.1 * share});
  }
  chains.positions.set_boxes(boxes);
  return chains;
}

/// An energy function without blocks, so that moves and minimisation evaluate batches.
class WithoutBlocks final : public EnergyFunction {
 public:
  explicit WithoutBlocks(std::shared_ptr<const EnergyFunction> inner) : inner_(std::move(inner)) {}
  std::size_t n_atoms() const override { return inner_->n_atoms(); }
  EvaluationLimits limits() const override { return {4, 5}; }
  BoxNeeds box_needs() const override { return inner_->box_needs(); }
  void evaluate(ConstCoordinates x, Span<double> energies, Span<double> forces) const override {
    ASSERT_LE(x.n_chains, 5u);
    inner_->evaluate(x, energies, forces);
  }

 private:
  std::shared_ptr<const EnergyFunction> inner_;
};

std::shared_ptr<const EnergyFunction> native() {
  return std::make_shared<NativeEnergy>(argon(), nullptr, Precision::kDouble);
}

HamiltonianOptions trajectories() {
  HamiltonianOptions options;
  options.time_step_ps = 0.01;
  options.n_steps = 10;
  return options;
}

std::vector<std::shared_ptr<const Move>> moves() {
  const System system = argon();
  const auto mala = std::make_shared<MalaProposal>(native(), MalaOptions{0.05}, system.masses);
  LangevinOptions langevin;
  langevin.n_steps = 5;
  return {std::make_shared<HamiltonianMonteCarlo>(trajectories(), moving_particles(system)),
          std::make_shared<Langevin>(langevin, moving_particles(system)),
          std::make_shared<Metropolis>(mala), std::make_shared<MultipleTry>(mala, 3)};
}

TEST(BoxesOfChains, StayWithThemInEveryMove) {
  const Canonical target(native(), ReferenceMeasure::kCartesian);
  for (const auto& move : moves()) {
    SCOPED_TRACE(move->name());
    ChainBatch chains = argon_chains();
    const std::vector<Box> before = chains.positions.boxes();
    expect_move_invariants(*move, chains, target, {test_seed(8), 0});
    target.refresh(chains);
    SimulationOptions options;
    options.n_steps = 5;
    options.energy_check_period = 1;
    const std::vector<double> energies = chains.energies;
    Simulation(move, target, options).run(chains, {});
    EXPECT_EQ(chains.positions.boxes(), before);
    EXPECT_NE(chains.energies, energies);
  }
}

TEST(BoxesOfChains, AreThoseThatBlocksAndBatchesEvaluateIn) {
  // Lanes of different boxes, batches of five, and every chain by itself.
  const System system = argon();
  const auto energy = native();
  const auto batches = split_to_limits(std::make_shared<WithoutBlocks>(energy));
  const Integrator integrator("test", moving_particles(system));
  ChainBatch chains = argon_chains();
  draw_velocities(chains, moving_particles(system), {3, 0});
  const auto run = [&](const EnergyFunction& used, CoordinateBatch x, CoordinateBatch v) {
    integrator.velocity_verlet(x, v, used, 0.01, 20);
    return x;
  };
  const CoordinateBatch in_blocks = run(*energy, chains.positions, chains.velocities);
  EXPECT_EQ(run(*batches, chains.positions, chains.velocities).values(), in_blocks.values());
  for (std::size_t c : {0u, 7u, 20u}) {
    const std::vector<std::size_t> row = {c};
    const CoordinateBatch alone = run(*energy, CoordinateBatch::rows(chains.positions.view(), row),
                                      CoordinateBatch::rows(chains.velocities.view(), row));
    EXPECT_TRUE(
        std::equal(alone.values().begin(), alone.values().end(), in_blocks.chain(c).begin()));
    EXPECT_EQ(alone.boxes().at(0), in_blocks.boxes().at(c));
  }
}

TEST(BoxesOfChains, AreThoseThatMinimisationWorksIn) {
  const auto energy = native();
  MinimisationOptions options;
  options.force_tolerance = 0.1;
  CoordinateBatch in_blocks = argon_chains().positions, in_batches = in_blocks;
  const std::vector<Box> boxes = in_blocks.boxes();
  const auto results = minimise(*energy, in_blocks, options);
  const auto others = minimise(WithoutBlocks(energy), in_batches, options);
  EXPECT_EQ(in_blocks.boxes(), boxes);
  EXPECT_EQ(in_blocks.values(), in_batches.values());
  std::vector<double> energies(kChains);
  PlainEnergy(argon(), nullptr).evaluate(in_blocks.view(), energies, {});
  for (std::size_t c = 0; c < kChains; ++c) {
    EXPECT_TRUE(results[c].converged);
    EXPECT_EQ(results[c].energy, others[c].energy);
    EXPECT_NEAR(results[c].energy, energies[c], 1e-9 * tolerance_scale());
  }
  EXPECT_NE(energies[0], energies[10]);
}

TEST(BoxesOfChains, AreNeededByWhatIsPeriodic) {
  const auto energy = native();
  const Canonical target(energy, ReferenceMeasure::kCartesian);
  ChainBatch chains = argon_chains();
  target.refresh(chains);
  chains.positions.set_boxes({});
  const std::string message =
      "the energy function is periodic, but the positions come without their boxes";
  EXPECT_EQ(message_of<InternalError>([&] { target.refresh(chains); }), message);
  EXPECT_EQ(message_of<InternalError>([&] { minimise(*energy, chains.positions, {}); }), message);
  for (const auto& move : moves())
    EXPECT_EQ(message_of<InternalError>([&] {
                move->apply(chains, target, {1, 0});
              }),
              message)
        << move->name();
  const CountingEnergy counting(energy);
  const SplittingEnergy splitting(energy);
  const CrossCheckedEnergy checked(std::make_shared<PlainEnergy>(argon(), nullptr), energy, 1e-9);
  std::vector<double> energies(kChains);
  for (const EnergyFunction* wrapped : {static_cast<const EnergyFunction*>(&counting),
                                        static_cast<const EnergyFunction*>(&splitting),
                                        static_cast<const EnergyFunction*>(&checked)}) {
    EXPECT_TRUE(wrapped->box_needs().needed);
    EXPECT_EQ(wrapped->box_needs().cutoff_nm, 0.6);
    EXPECT_THROW(wrapped->evaluate(chains.positions.view(), energies, {}), InternalError);
    wrapped->evaluate(argon_chains().positions.view(), energies, {});
  }
}

TEST(BoxesOfChains, MayBeTriclinic) {
  ChainBatch chains = argon_chains(2);
  std::vector<Box> boxes = chains.positions.boxes();
  boxes[1].bx = 0.3;
  chains.positions.set_boxes(boxes);
  std::vector<double> energies(2);
  PlainEnergy(argon(), nullptr).evaluate(chains.positions.view(), energies, {});
  const Canonical target(native(), ReferenceMeasure::kCartesian);
  target.refresh(chains);
  for (std::size_t c = 0; c < 2; ++c)
    EXPECT_NEAR(chains.energies[c], energies[c], tolerance_scale() * 1e-9);
  moves()[0]->apply(chains, target, {1, 0});
  EXPECT_EQ(chains.positions.boxes(), boxes);
}

/// A proposal that forgets the boxes.
class Forgetful final : public Proposal {
 public:
  std::string name() const override { return "forgetful"; }
  ReferenceMeasure measure() const override { return ReferenceMeasure::kCartesian; }
  ProposalBatch sample(const ChainView& current, const StepKey&) const override {
    ProposalBatch batch(current.positions);
    batch.positions.set_boxes({});
    return batch;
  }
};

TEST(BoxesOfChains, CannotBeForgottenByAProposal) {
  const Canonical target(native(), ReferenceMeasure::kCartesian);
  ChainBatch chains = argon_chains();
  target.refresh(chains);
  EXPECT_THROW(Metropolis(std::make_shared<Forgetful>()).apply(chains, target, {1, 0}),
               InternalError);
  // Nor where the energy does not ask for them.
  Candidates candidates;
  candidates.positions = chains.positions;
  candidates.positions.set_boxes({});
  candidates.terms = {chains.energies, {}};
  candidates.log_ratios.assign(kChains, 0.0);
  EXPECT_EQ(message_of<InternalError>([&] {
              accept_or_reject("x", candidates, {1, 0}, chains);
            }),
            "x: the candidates have lost the boxes of their chains");
}

TEST(BoxesOfChains, ComeAlongWhenAcceptedOnly) {
  ChainBatch chains = argon_chains();
  Canonical(native(), ReferenceMeasure::kCartesian).refresh(chains);
  const std::vector<Box> before = chains.positions.boxes();
  Candidates candidates;
  candidates.positions = chains.positions;
  candidates.positions.set_boxes(std::vector<Box>(kChains, Box({2.0, 2.0, 2.0})));
  candidates.terms = {chains.energies, {}};
  for (std::size_t c = 0; c < kChains; ++c)
    candidates.log_ratios.push_back(c % 2 == 0 ? 0.0 : -1e9);
  accept_or_reject("x", candidates, {1, 0}, chains);
  for (std::size_t c = 0; c < kChains; ++c)
    EXPECT_EQ(chains.positions.boxes()[c], c % 2 == 0 ? Box({2.0, 2.0, 2.0}) : before[c]) << c;
}

TEST(BoxesOfChains, TravelWithConfigurations) {
  const Canonical target(native(), ReferenceMeasure::kCartesian);
  ChainBatch chains = argon_chains(4);
  target.refresh(chains);
  const ChainBatch before = chains;
  const std::vector<Box>& old = before.positions.boxes();
  chains.swap_configurations(0, 3);
  EXPECT_EQ(chains.positions.boxes(), (std::vector<Box>{old[3], old[1], old[2], old[0]}));
  chains.copy_configuration(before, 2, 0);
  EXPECT_EQ(chains.positions.boxes()[0], old[2]);
  // And so does the replica.
  EXPECT_EQ(chains.replicas, (std::vector<std::uint32_t>{2, 1, 2, 0}));

  chains = before;
  chains.log_weights = {-1e9, 0.0, -1e9, -1e9};
  std::vector<std::size_t> ancestors = {0, 1, 2, 3};
  EXPECT_EQ(resample({1, 0.9}, {1, 0}, chains, ancestors), 1u);
  EXPECT_EQ(chains.positions.boxes(), std::vector<Box>(4, old[1]));
  EXPECT_EQ(chains.replicas, std::vector<std::uint32_t>(4, 1));

  // Equal temperatures: every exchange is accepted.
  chains = before;
  ReplicaExchange(2).apply(chains, target, {1, 0});
  EXPECT_EQ(chains.positions.boxes(), (std::vector<Box>{old[1], old[0], old[3], old[2]}));
  EXPECT_EQ(chains.replicas, (std::vector<std::uint32_t>{1, 0, 3, 2}));
  const std::vector<double> carried = chains.energies;
  target.refresh(chains);
  EXPECT_EQ(chains.energies, carried);
}

}  // namespace
}  // namespace saltus::tests
