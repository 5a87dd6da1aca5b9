// Oracle: exact draws of a five-atom molecule in internal coordinates, each with its exact
// distribution; starts in the answer. Planted bugs live in a copy of the move, which unbroken
// passes as well.
#include <gtest/gtest.h>

#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/decision.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/nonequilibrium.h"
#include "engine/torsions/torsion_reset.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/torsion_graphs.h"

namespace saltus::tests {
namespace {

constexpr double kTemperature_K = 300.0;
constexpr std::size_t kChains = 20000, kApplications = 10, kRungs = 2;
/// Nine projections share alpha, and each has one draw per chain.
constexpr double kRequiredPower = 0.036;

engine::HamiltonianOptions short_trajectory() {
  engine::HamiltonianOptions options;
  options.time_step_ps = 0.006;  // a seventh of the stretching period
  options.n_steps = 3;
  return options;
}

/// Rungs on which the torsions of the molecule, and its angles become softer: a change
/// that must cost work.
std::vector<std::shared_ptr<const engine::EnergyFunction>> softer_energies() {
  std::vector<std::shared_ptr<const engine::EnergyFunction>> rungs;
  for (std::size_t k = 1; k <= kRungs; ++k) {
    engine::System system = ChainMolecule().system();
    for (engine::PeriodicTorsion& torsion : system.torsions)
      torsion.k *= 1.0 - 0.4 * static_cast<double>(k);
    for (engine::HarmonicAngle& angle : system.angles)
      angle.k *= 1.0 - 0.4 * static_cast<double>(k);
    rungs.push_back(std::make_shared<engine::NativeEnergy>(system, nullptr));
  }
  return rungs;
}

std::shared_ptr<const engine::Proposal> joint_reset() {
  const auto graph =
      std::make_shared<engine::TorsionGraph>(make_torsion_graph(ChainMolecule().topology()));
  return std::make_shared<engine::TorsionReset>(graph, std::make_shared<NeighbourModel>(*graph),
                                                engine::TorsionResetOptions{2, 0.2, 300.0});
}

std::shared_ptr<const engine::EnergyFunction> lanes_energy() {
  return std::make_shared<engine::NativeEnergy>(ChainMolecule().system(), nullptr);
}

enum class ProtocolBug {
  kNone,
  kWrongWorkSign,
  kResetWorkForgotten,
  kSameOrderBothWays,  ///< change, then relax: the way back is another protocol than the way there
  kDensitiesForgotten,
};

/// The move written apart from the production one, with a knob.
class BreakableNonequilibrium final : public engine::Move {
 public:
  explicit BreakableNonequilibrium(ProtocolBug bug)
      : bug_(bug), hmc_(short_trajectory(), engine::moving_particles(ChainMolecule().system())) {}
  std::string name() const override { return "breakable_nonequilibrium"; }

  engine::TransitionInfo apply(engine::ChainBatch& chains, const engine::TargetDensity& target,
                               const engine::StepKey& key) const override {
    engine::ChainBatch path = chains;
    std::vector<double> work(chains.n_chains(), 0.0);
    const auto change = [&](const engine::EnergyFunction& energy, bool counts) {
      const std::vector<double> before = path.energies;
      energy.evaluate(path.positions.view(), path.energies, {});
      for (std::size_t c = 0; counts && c < work.size(); ++c)
        work[c] += path.energies[c] - before[c];
    };
    std::uint32_t part = 0;
    const auto relax = [&](const std::shared_ptr<const engine::EnergyFunction>& energy) {
      hmc_.apply(path, engine::Canonical(energy, target.measure()), key.child(++part));
    };
    for (std::size_t k = 0; k < kRungs; ++k) {
      change(*softer_[k], true);
      relax(softer_[k]);
    }
    engine::ProposalBatch proposed = middle_->sample(path.view(), key);
    path.positions = proposed.positions;
    change(*softer_.back(), bug_ != ProtocolBug::kResetWorkForgotten);
    for (std::size_t k = kRungs; k-- > 0;) {
      const bool before = bug_ != ProtocolBug::kSameOrderBothWays;
      if (before) relax(softer_[k]);
      const auto last = std::shared_ptr<const engine::EnergyFunction>(
          target.guide(), [](const engine::EnergyFunction*) {});
      const auto next = k > 0 ? softer_[k - 1] : last;
      change(*next, true);
      if (!before) relax(next);
    }
    decide(chains, path, work, proposed, key);
    return {};
  }

 private:
  void decide(engine::ChainBatch& chains, const engine::ChainBatch& path,
              const std::vector<double>& work, const engine::ProposalBatch& proposed,
              const engine::StepKey& key) const {
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const double sign = bug_ == ProtocolBug::kWrongWorkSign ? 1.0 : -1.0;
      double log_ratio = sign * chains.states[c].beta() * work[c];
      if (bug_ != ProtocolBug::kDensitiesForgotten)
        log_ratio += proposed.log_reverse[c] - proposed.log_forward[c];
      const double u =
          engine::RandomStream(key, engine::StreamName::kAccept, static_cast<std::uint32_t>(c))
              .uniform();
      if (!(u < engine::acceptance_probability(log_ratio))) continue;
      const auto to = path.positions.chain(c);
      std::copy(to.begin(), to.end(), chains.positions.chain(c).begin());
      chains.energies[c] = path.energies[c];
    }
  }

  ProtocolBug bug_;
  engine::HamiltonianMonteCarlo hmc_;
  std::vector<std::shared_ptr<const engine::EnergyFunction>> softer_ = softer_energies();
  std::shared_ptr<const engine::Proposal> middle_ = joint_reset();
};

engine::Canonical canonical() {
  return engine::Canonical(lanes_energy(), engine::ReferenceMeasure::kCartesian);
}

DistributionCheck check(const std::string& label, const engine::Move& move, std::uint64_t seed,
                        const engine::TargetDensity& target = canonical()) {
  const ChainMolecule molecule;
  engine::ChainBatch chains = molecule.draw(kChains, kTemperature_K, test_seed(seed));
  apply_repeatedly(move, chains, target, kApplications, test_seed(seed + 1000));
  DistributionCheck worst = check_projections(molecule.projections(chains));
  worst.label = label + ", " + worst.label;
  return worst;
}

TEST(NonequilibriumExactness, IsExact) {
  engine::NonequilibriumOptions options;
  options.hmc = short_trajectory();
  const engine::NonequilibriumCandidate move(joint_reset(), softer_energies(),
                                             engine::moving_particles(ChainMolecule().system()),
                                             options);
  expect_passed(check("nonequilibrium", move, 61), kRequiredPower);
}

TEST(NonequilibriumExactness, BreakableCopyIsExactWhenUnbroken) {
  expect_passed(check("own copy", BreakableNonequilibrium(ProtocolBug::kNone), 62), kRequiredPower);
}

TEST(NonequilibriumExactness, WrongSignOfWorkIsCaught) {
  expect_caught(check("sign", BreakableNonequilibrium(ProtocolBug::kWrongWorkSign), 62));
}

TEST(NonequilibriumExactness, ForgottenWorkOfTheResetIsCaught) {
  expect_caught(check("reset", BreakableNonequilibrium(ProtocolBug::kResetWorkForgotten), 62));
}

TEST(NonequilibriumExactness, AsymmetricProtocolIsCaught) {
  expect_caught(check("protocol", BreakableNonequilibrium(ProtocolBug::kSameOrderBothWays), 62));
}

TEST(NonequilibriumExactness, ForgottenDensitiesAreCaught) {
  expect_caught(check("densities", BreakableNonequilibrium(ProtocolBug::kDensitiesForgotten), 62));
}

/// The density of one energy, with the forces of another.
class OtherwiseGuided final : public engine::TargetDensity {
 public:
  OtherwiseGuided(const engine::Canonical& density,
                  std::shared_ptr<const engine::EnergyFunction> guide)
      : density_(density), guide_(std::move(guide)) {}
  std::size_t n_atoms() const override { return density_.n_atoms(); }
  engine::ReferenceMeasure measure() const override { return density_.measure(); }
  void evaluate(engine::ConstCoordinates x, engine::TargetTerms& terms) const override {
    density_.evaluate(x, terms);
  }
  double log_density(double energy, engine::Span<const double> other_terms,
                     const engine::ThermodynamicState& state) const override {
    return density_.log_density(energy, other_terms, state);
  }
  const engine::EnergyFunction* guide() const override { return guide_.get(); }

 private:
  engine::Canonical density_;
  std::shared_ptr<const engine::EnergyFunction> guide_;
};

TEST(HamiltonianExactness, IsExactWithTheForcesOfAnotherEnergy) {
  const engine::HamiltonianMonteCarlo move(short_trajectory(),
                                           engine::moving_particles(ChainMolecule().system()));
  const OtherwiseGuided target(canonical(), softer_energies().back());
  expect_passed(check("another guide", move, 63, target), kRequiredPower);
}

}  // namespace
}  // namespace saltus::tests
