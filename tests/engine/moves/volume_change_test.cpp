// Oracle: definitions of the density at constant pressure and of the change of volume; the
// invariants of proposals and moves. What is sampled: tests/exactness/volume_test.cpp.
#include "engine/moves/volume_change.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

#include "engine/core/error.h"
#include "engine/ensemble/canonical.h"
#include "engine/ensemble/isobaric.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/metropolis.h"
#include "engine/moves/nonequilibrium.h"
#include "engine/run/simulation.h"
#include "tests/support/boxes.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr std::size_t kMolecules = 4, kAtoms = 3 * kMolecules, kChains = 21;
constexpr double kCutoff_nm = 0.6;
constexpr ThermodynamicState kState = {150.0, 200.0};

/// Chlorine, nearly, with a virtual site in the middle of each bond.
struct Chlorine {
  Chlorine() {
    topology.residues = {{"CHL", "", 1, ""}};
    system.box = Box({1.4, 1.45, 1.5});
    Nonbonded& nonbonded = system.nonbonded.emplace();
    nonbonded.method = NonbondedMethod::kCutoffPeriodic;
    nonbonded.cutoff_nm = kCutoff_nm;
    nonbonded.switching_distance_nm = 0.5;
    nonbonded.long_range_correction = true;
    for (std::size_t m = 0; m < kMolecules; ++m) {
      const std::size_t a = 3 * m;
      for (const char* name : {"CL1", "CL2", "M"}) topology.atoms.push_back({name, 17, 0});
      topology.bonds.push_back({a, a + 1});
      system.masses.insert(system.masses.end(), {35.0, 37.0, 0.0});
      system.bonds.push_back({a, a + 1, 0.2, 1e5});
      nonbonded.particles.insert(nonbonded.particles.end(),
                                 {{0.0, 0.34, 1.0}, {0.0, 0.34, 1.0}, {0.0, 0.1, 0.0}});
      nonbonded.exceptions.push_back({a, a + 1, 0.0, 1.0, 0.0});
      VirtualSite site;
      site.site = a + 2;
      site.parents = {a, a + 1};
      site.weights = {0.5, 0.5};
      system.virtual_sites.push_back(site);
    }
  }

  /// Molecules on a lattice, the third and the fourth among other images than their box.
  ChainBatch chains() const {
    std::vector<double> x;
    for (std::size_t m = 0; m < kMolecules; ++m)
      for (const double along : {0.0, 0.2, 0.1}) {
        const double place = static_cast<double>(m);
        x.insert(x.end(),
                 {along + 0.3 + (m > 1 ? -1.4 : 0.0), 0.1 + 0.37 * place, 0.2 + 0.4 * place});
      }
    ChainBatch chains(kChains, kAtoms, kState);
    chains.positions = CoordinateBatch::repeated(in_box(system, x).view(), kChains);
    auto stream = test_stream(81);
    for (double& value : chains.positions.values()) value += 0.01 * stream.normal();
    for (double& value : chains.velocities.values()) value = stream.normal();
    return chains;
  }

  /// Sites do not interact, and our own energies know none.
  std::shared_ptr<const EnergyFunction> energy() const {
    System without_sites = system;
    without_sites.virtual_sites.clear();
    return std::make_shared<NativeEnergy>(without_sites, nullptr, Precision::kDouble);
  }

  Topology topology;
  System system;
};

VolumeChange change(const Chlorine& gas, VolumeMode mode, double max_change = 0.1) {
  return {{mode, max_change}, gas.topology, gas.system};
}

TEST(VolumeChange, KeepsTheInvariants) {
  const Chlorine gas;
  const Isobaric target(gas.energy());
  for (const VolumeMode mode : {VolumeMode::kIsotropic, VolumeMode::kAnisotropic}) {
    const auto proposal = std::make_shared<VolumeChange>(change(gas, mode));
    expect_proposal_invariants(*proposal, gas.chains(), {test_seed(82), 3});
    expect_move_invariants(Metropolis(proposal), gas.chains(), target, {test_seed(83), 0});
    EXPECT_TRUE(proposal->requirements() == [] {
      MoveRequirements only;
      only.pressure = true;
      return only;
    }());
  }
}

Vec3 centre(Span<const double> x, std::size_t molecule) {
  const Vec3 a = load_atom(x.data(), 3 * molecule), b = load_atom(x.data(), 3 * molecule + 1);
  return (1.0 / 72.0) * (35.0 * a + 37.0 * b);
}

TEST(VolumeChange, StretchesTheBoxAndMovesWholeMolecules) {
  const Chlorine gas;
  const ChainBatch chains = gas.chains();
  const double rounding = 1e-14 * tolerance_scale();
  for (const VolumeMode mode : {VolumeMode::kIsotropic, VolumeMode::kAnisotropic}) {
    const ProposalBatch moved = change(gas, mode).sample(chains.view(), {test_seed(84), 0});
    std::array<std::size_t, 3> n_stretched{};
    for (std::size_t c = 0; c < kChains; ++c) {
      const Box &from = chains.positions.boxes()[c], &to = moved.positions.boxes()[c];
      const double f[3] = {to.ax / from.ax, to.by / from.by, to.cz / from.cz};
      const double log_change = std::log(to.volume() / from.volume());
      EXPECT_LE(std::abs(log_change), 0.1);
      for (std::size_t k = 0; k < 3; ++k) {
        if (mode == VolumeMode::kIsotropic) {
          EXPECT_NEAR(f[k], std::exp(log_change / 3), rounding);
        }
        if (f[k] != 1.0) ++n_stretched[k];
      }
      const auto x = chains.positions.chain(c), y = std::as_const(moved.positions).chain(c);
      for (std::size_t m = 0; m < kMolecules; ++m) {
        const Vec3 r = centre(x, m), s = centre(y, m);
        EXPECT_NEAR(s.x, f[0] * r.x, rounding);
        EXPECT_NEAR(s.y, f[1] * r.y, rounding);
        EXPECT_NEAR(s.z, f[2] * r.z, rounding);
      }
      // All atoms of a molecule, virtual sites too, are shifted alike.
      for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t first = i - i % 9 + i % 3;
        EXPECT_NEAR(y[i] - x[i], y[first] - x[first], rounding);
      }
      // M + 1 dimensions change with the volume.
      EXPECT_NEAR(moved.log_reverse[c] - moved.log_forward[c],
                  (static_cast<double>(kMolecules) + 1.0) * log_change, 1e-12 * tolerance_scale());
    }
    const std::size_t all = n_stretched[0] + n_stretched[1] + n_stretched[2];
    EXPECT_EQ(all, mode == VolumeMode::kIsotropic ? 3 * kChains : kChains);
    for (const std::size_t n : n_stretched) EXPECT_GT(n, 0u);
  }
}

TEST(VolumeChange, DoesNotMindWhereMoleculesAreAmongTheirImages) {
  const Chlorine gas;
  const ChainBatch chains = gas.chains();
  ChainBatch others = chains;
  const Box& box = *gas.system.box;
  for (std::size_t c = 0; c < kChains; ++c)
    for (std::size_t atom = 3; atom < 6; ++atom)
      add_to_atom(others.positions.chain(c).data(), atom, {3.0 * box.ax, -box.by, 2.0 * box.cz});
  const Isobaric target(gas.energy());
  TargetTerms here, there;
  for (const VolumeMode mode : {VolumeMode::kIsotropic, VolumeMode::kAnisotropic}) {
    target.evaluate(change(gas, mode).sample(chains.view(), {5, 0}).positions.view(), here);
    target.evaluate(change(gas, mode).sample(others.view(), {5, 0}).positions.view(), there);
    for (std::size_t c = 0; c < kChains; ++c)
      EXPECT_NEAR(here.energies[c], there.energies[c], 1e-8 * tolerance_scale());
  }
}

TEST(VolumeChange, KeepsTriclinicBoxesInShape) {
  Chlorine gas;
  ChainBatch chains = gas.chains();
  Box box({1.4, 1.5, 1.6});
  box.bx = 0.7;
  box.cx = -0.7;
  box.cy = 0.75;
  chains.positions.set_boxes(std::vector<Box>(kChains, box));
  const ProposalBatch moved =
      change(gas, VolumeMode::kIsotropic).sample(chains.view(), {test_seed(85), 0});
  for (const Box& to : moved.positions.boxes()) {
    EXPECT_EQ(to.problem(), "");
    EXPECT_NEAR(to.cx / to.ax, -0.5, 1e-15 * tolerance_scale());
  }
  const std::string rest =
      " is triclinic, and its edges can be changed one by one only when it is rectangular; use the "
      "isotropic mode";
  EXPECT_EQ(message_of<InputError>([&] {
              change(gas, VolumeMode::kAnisotropic).sample(chains.view(), {1, 0});
            }),
            "volume: the box of chain 0" + rest);
  gas.system.box = box;
  EXPECT_EQ(message_of<InputError>([&] { change(gas, VolumeMode::kAnisotropic); }),
            "volume: the box of the system" + rest);
}

TEST(VolumeChange, KeepsVelocitiesAndWhatChainsCarry) {
  const Chlorine gas;
  const Isobaric target(gas.energy());
  ChainBatch chains = gas.chains();
  target.refresh(chains);
  const ChainBatch before = chains;
  SimulationOptions options;
  options.n_steps = 20;
  options.energy_check_period = 1;
  Simulation simulation(std::make_shared<Metropolis>(
                            std::make_shared<VolumeChange>(change(gas, VolumeMode::kIsotropic))),
                        target, options);
  simulation.run(chains, {});
  EXPECT_EQ(chains.velocities.values(), before.velocities.values());
  EXPECT_NE(chains.positions.boxes(), before.positions.boxes());
  for (std::size_t c = 0; c < kChains; ++c)
    EXPECT_EQ(chains.other_terms[c], chains.positions.boxes()[c].volume());
  EXPECT_GT(simulation.statistics().rows().at(0).acceptance(), 0.1);
}

TEST(VolumeChange, IsRefusedWhereItHasNoMeaning) {
  const Chlorine gas;
  const auto message = [](const Chlorine& changed, double max_change = 0.1) {
    return message_of<InputError>([&] { change(changed, VolumeMode::kIsotropic, max_change); });
  };
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    EXPECT_EQ(message(gas, wrong), "volume: max_change must be positive and finite");
  Chlorine held = gas;
  held.system.position_restraints.push_back({0, {0.0, 0.0, 0.0}, 1.0, 0.0});
  EXPECT_EQ(message(held),
            "volume: position restraints hold atoms in their places, but molecules move along with "
            "the box; leave one of the two out");
  Chlorine frozen = gas;
  frozen.system.masses[4] = 0.0;
  EXPECT_EQ(message(frozen),
            "volume: atom CL2 of residue CHL 1 has mass 0 and never moves, but molecules move "
            "along with the box; give it a mass");

  ChainBatch chains = gas.chains();
  const Canonical canonical(gas.energy(), ReferenceMeasure::kCartesian);
  canonical.refresh(chains);
  const auto proposal = std::make_shared<VolumeChange>(change(gas, VolumeMode::kIsotropic));
  EXPECT_EQ(message_of<InputError>([&] {
              Metropolis(proposal).apply(chains, canonical, {1, 0});
            }),
            "proposal volume is a density with respect to 'Cartesian and volume', the target one "
            "with respect to 'Cartesian'");
  EXPECT_EQ(message_of<InputError>([&] {
              NonequilibriumCandidate(proposal, {gas.energy()}, {gas.system.masses, {}}, {});
            }),
            "nonequilibrium: its densities are at constant volume, and the proposal volume changes "
            "it; use that by itself");
  chains.positions.set_boxes({});
  EXPECT_EQ(message_of<InputError>([&] {
              proposal->sample(chains.view(), {1, 0});
            }),
            "volume: the chains have no boxes to change");
}

TEST(Isobaric, IsTheCanonicalDensityWithTheWorkAgainstThePressure) {
  const Chlorine gas;
  const Isobaric target(gas.energy());
  const Canonical canonical(gas.energy(), ReferenceMeasure::kCartesian);
  ChainBatch chains = gas.chains();
  target.refresh(chains);
  EXPECT_EQ(target.n_atoms(), kAtoms);
  ASSERT_EQ(chains.n_other_terms(), target.n_other_terms());
  EXPECT_EQ(target.guide()->n_atoms(), kAtoms);
  // 1 bar on 1 nm^3 is 1e5 N/m^2 times 1e-27 m^3, and N_A of these 0.0602 kJ/mol.
  const double volume = 1.4 * 1.45 * 1.5, work = 200.0 * 1e5 * volume * 1e-27 * 6.02214076e23 / 1e3;
  for (std::size_t c = 0; c < kChains; ++c) {
    EXPECT_NEAR(chains.other_terms[c], volume, 1e-15 * tolerance_scale());
    EXPECT_NEAR(target.log_density(chains, c),
                canonical.log_density(chains.energies[c], {}, kState) - kState.beta() * work,
                1e-10 * tolerance_scale());
  }
  TargetTerms terms;
  target.evaluate_with_guide(chains.positions.view(), chains.energies, terms);
  EXPECT_EQ(terms.energies, chains.energies);
  EXPECT_EQ(terms.others, chains.other_terms);
  // At a fixed box every Cartesian proposal may be used.
  EXPECT_TRUE(measures_agree(target.measure(), ReferenceMeasure::kCartesian));
  EXPECT_FALSE(measures_agree(target.measure(), ReferenceMeasure::kCartesianUpToRigidMotion));
}

TEST(Isobaric, VanishesInBoxesTooNarrowForTheCutoff) {
  const Chlorine gas;
  const Isobaric target(gas.energy());
  ChainBatch chains = gas.chains();
  std::vector<Box> boxes = chains.positions.boxes();
  boxes[3].by = 2.0 * kCutoff_nm - 1e-9;
  boxes[4].by = 2.0 * kCutoff_nm;
  chains.positions.set_boxes(boxes);
  TargetTerms terms;
  target.evaluate(chains.positions.view(), terms);
  for (std::size_t c = 0; c < kChains; ++c) {
    const double log_density = target.log_density(terms.energies[c], terms.others_of(c), kState);
    EXPECT_EQ(std::isfinite(log_density), c != 3) << c;
    EXPECT_EQ(terms.others[c], boxes[c].volume());
  }
  chains.positions.set_boxes(std::vector<Box>(kChains, boxes[3]));
  target.evaluate(chains.positions.view(), terms);
  for (const double energy : terms.energies)
    EXPECT_EQ(energy, std::numeric_limits<double>::infinity());
  // No chain can start there.
  EXPECT_EQ(message_of<InputError>([&] { target.refresh(chains); }),
            "the box of chain 0: the cutoff, 0.600000 nm, is more than half the shortest width of "
            "the box, 1.200000 nm; set cutoff = \"0.59 nm\" or less, or take a larger box");
  // And none gets there: such changes are counted as invalid.
  chains.positions.set_boxes(std::vector<Box>(kChains, boxes[4]));
  target.refresh(chains);
  const Metropolis move(std::make_shared<VolumeChange>(change(gas, VolumeMode::kIsotropic)));
  const MoveRecord record = move.apply(chains, target, {test_seed(86), 0}).records.at(0);
  for (std::size_t c = 0; c < kChains; ++c)
    EXPECT_EQ(record.outcomes[c] == Outcome::kInvalid, record.log_ratios[c] < -1e300) << c;
  EXPECT_NE(std::count(record.outcomes.begin(), record.outcomes.end(), Outcome::kInvalid), 0);
  for (const Box& box : chains.positions.boxes()) EXPECT_GE(box.by, 2.0 * kCutoff_nm);
}

TEST(Isobaric, NeedsBoxesAndPressures) {
  const Chlorine gas;
  const Isobaric target(gas.energy());
  ChainBatch chains = gas.chains();
  target.refresh(chains);
  chains.states[7].pressure_bar.reset();
  EXPECT_EQ(message_of<InputError>([&] { target.log_density(chains, 7); }),
            "a chain has no pressure, and the density is one at constant pressure; give each a "
            "pressure, or use the canonical density");
  chains.positions.set_boxes({});
  TargetTerms terms;
  EXPECT_EQ(message_of<InputError>([&] { target.evaluate(chains.positions.view(), terms); }),
            "a pressure acts on the volume of a periodic box, but the chains have no boxes; use a "
            "periodic system, or leave the pressure out");
}

}  // namespace
}  // namespace saltus::tests
