// Oracle: the way back of a trajectory; the numerical Jacobian; distances and their rates of change
// computed here; hybrid Monte Carlo, which a turn by nothing must equal.
#include "engine/moves/driven_torsion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/core/error.h"
#include "engine/core/vec3.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/lane_term.h"
#include "engine/system/internal_coordinates.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/invariants.h"
#include "tests/support/numerics.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kTemperature_K = 300.0;

/// The chain molecule, of which all bonds, the first two or none are rigid.
struct DrivenChain {
  ChainMolecule molecule;
  Integrator integrator;
  std::vector<RotatableTorsion> torsions = {
      {0, {1, 2, {3, 4}}, 3}, {3, {2, 1, {0}}, 0}, {1, {2, 3, {4}}, 4}};

  double stiffness = 200.0;

  explicit DrivenChain(std::size_t n_rigid)
      : integrator("test", particles(ChainMolecule(), n_rigid)) {}

  static MovingParticles particles(const ChainMolecule& molecule, std::size_t n_rigid) {
    MovingParticles result = moving_particles(molecule.system());
    for (std::size_t i = 0; i < n_rigid; ++i) {
      const HarmonicBond& bond = molecule.system().bonds[i];
      result.constraints.push_back({bond.i, bond.j, bond.length_nm});
    }
    return result;
  }

  ChainBatch start(std::size_t n_chains) const {
    ChainBatch chains = molecule.draw(n_chains, kTemperature_K, test_seed(7));
    integrator.project_positions(chains.positions);
    draw_velocities(chains, integrator.particles(), {test_seed(7), 0});
    return chains;
  }

  /// One of the torsions for each chain, with springs that begin at `center` of it.
  std::vector<BondTurn> turns(std::size_t n_chains, double sign, double center = 0.0) const {
    std::vector<BondTurn> result;
    for (std::size_t c = 0; c < n_chains; ++c) {
      const auto& [first, bond, last] = torsions[c % torsions.size()];
      const double angle = 0.01 * (1.0 + static_cast<double>(c % 7));
      result.push_back({bond.axis_from, bond.axis_to, bond.moving, sign * angle, first, last,
                        center + 0.3 * static_cast<double>(c), stiffness});
    }
    return result;
  }
};

void reverse(CoordinateBatch& velocities) {
  for (std::size_t c = 0; c < velocities.n_chains(); ++c)
    for (double& v : velocities.chain(c)) v = -v;
}

double farthest(const CoordinateBatch& a, const CoordinateBatch& b) {
  double result = 0.0;
  for (std::size_t c = 0; c < a.n_chains(); ++c)
    for (std::size_t i = 0; i < a.chain(c).size(); ++i)
      result = std::max(result, std::abs(a.chain(c)[i] - b.chain(c)[i]));
  return result;
}

TEST(DrivenVerlet, ComesBackToWhereItBegan) {
  // More chains than one block of lanes has.
  constexpr std::size_t kChains = 40;
  for (const std::size_t n_rigid : {0, 2, 4}) {
    SCOPED_TRACE(n_rigid);
    const DrivenChain chain(n_rigid);
    const ChainBatch begin = chain.start(kChains);
    CoordinateBatch x = begin.positions, v = begin.velocities;
    const VerletSteps steps = {0.001, 50};
    const EnergyFunction& energy = *chain.molecule.energy();
    chain.integrator.driven_verlet(x, v, energy, steps, chain.turns(kChains, 1.0));
    EXPECT_GT(farthest(x, begin.positions), 0.05);
    reverse(v);
    std::vector<BondTurn> back = chain.turns(kChains, -1.0);
    for (BondTurn& turn : back) turn.center_rad -= 50.0 * turn.angle_rad;
    chain.integrator.driven_verlet(x, v, energy, steps, back);
    reverse(v);
    // Rounding and what constraints may be off, grown along 100 steps; velocities are some 1e3
    // times positions in these units.
    EXPECT_LT(farthest(x, begin.positions), 1e-9);
    EXPECT_LT(farthest(v, begin.velocities), 1e-6);
  }
}

TEST(DrivenVerlet, KeepsTheVolumeOfPhaseSpace) {
  const DrivenChain chain(0);
  const ChainBatch begin = chain.start(1);
  const std::size_t n = begin.positions.chain(0).size();
  std::vector<double> point(begin.positions.chain(0).begin(), begin.positions.chain(0).end());
  point.insert(point.end(), begin.velocities.chain(0).begin(), begin.velocities.chain(0).end());
  const auto map = [&](const std::vector<double>& from) {
    CoordinateBatch x = begin.positions, v = begin.velocities;
    std::copy_n(from.begin(), n, x.chain(0).begin());
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(n), n, v.chain(0).begin());
    std::vector<BondTurn> turns = chain.turns(1, 20.0);
    chain.integrator.driven_verlet(x, v, *chain.molecule.energy(), {0.001, 4}, turns);
    std::vector<double> to(x.chain(0).begin(), x.chain(0).end());
    to.insert(to.end(), v.chain(0).begin(), v.chain(0).end());
    return to;
  };
  EXPECT_NEAR(log_abs_determinant(numerical_jacobian(map, point, 1e-3), 2 * n), 0.0, 1e-6);
}

TEST(DrivenVerlet, KeepsConstraintsAndTheirRatesOfChange) {
  constexpr std::size_t kChains = 21;
  const DrivenChain chain(4);
  ChainBatch chains = chain.start(kChains);
  chain.integrator.driven_verlet(chains.positions, chains.velocities, *chain.molecule.energy(),
                                 {0.001, 20}, chain.turns(kChains, 3.0));
  for (std::size_t c = 0; c < kChains; ++c)
    for (const Constraint& bond : chain.integrator.particles().constraints) {
      const double* x = chains.positions.chain(c).data();
      const double* v = chains.velocities.chain(c).data();
      EXPECT_NEAR(atom_distance(x, bond.i, bond.j), bond.distance_nm, 1e-9);
      const Vec3 between = load_atom(x, bond.i) - load_atom(x, bond.j);
      EXPECT_NEAR(dot(between, load_atom(v, bond.i) - load_atom(v, bond.j)), 0.0, 1e-9);
    }
}

TEST(DrivenVerlet, TurnedByNothingIsVelocityVerletWithoutConstraints) {
  DrivenChain chain(0);
  chain.stiffness = 0.0;
  ChainBatch driven = chain.start(3), plain = driven;
  const EnergyFunction& energy = *chain.molecule.energy();
  chain.integrator.driven_verlet(driven.positions, driven.velocities, energy, {0.001, 10},
                                 chain.turns(3, 0.0));
  chain.integrator.velocity_verlet(plain.positions, plain.velocities, energy, 0.001, 10);
  EXPECT_LT(farthest(driven.positions, plain.positions), 1e-12);
}

TEST(DrivenVerlet, SpringsAreSlopesOfTheirEnergy) {
  const DrivenChain chain(0);
  const ChainBatch begin = chain.start(3);
  const std::vector<BondTurn> turns = chain.turns(3, 1.0, 0.2);
  const std::vector<double> factors(15, 1.0);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto x = begin.positions.chain(c);
    std::vector<double> lanes(x.size() * kLaneWidth), kicks(lanes.size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) lanes[i * kLaneWidth + 1] = x[i];
    kick_by_spring(turns[c], 7, factors.data(), {1, kLaneWidth}, lanes.data(), kicks.data());
    double largest = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<double> moved(x.begin(), x.end());
      const auto energy = [&](double value) {
        moved[i] = value;
        return spring_energy(turns[c], 7, moved);
      };
      const double slope = ridders_derivative(energy, x[i], 1e-3).value;
      largest = std::max(largest, std::abs(slope));
      EXPECT_NEAR(kicks[i * kLaneWidth + 1], -slope, 1e-5 * (1.0 + std::abs(slope)));
    }
    EXPECT_GT(largest, 1.0);
  }
}

// Normal angles, taken round the circle, would be almost uniform for k = 0.12: a gap of 0.025.
TEST(DrawnDeviations, HaveTheDensityOfTheSpringOnTheCircle) {
  for (const double k : {0.05, 0.12, 24.0}) {
    std::vector<double> drawn;
    for (std::uint32_t i = 0; i < 100000; ++i) {
      RandomStream stream({test_seed(77), 0}, StreamName::kTest, i);
      drawn.push_back(draw_deviation(k, stream));
    }
    const double end = std::erf(kPi * std::sqrt(0.5 * k));
    expect_distribution(
        "deviations, k = " + std::to_string(k), drawn,
        [&](double d) { return 0.5 + 0.5 * std::erf(d * std::sqrt(0.5 * k)) / end; }, 0.016);
  }
}

TEST(DrivenTorsion, CarriesTheTorsionToWhereItWasSent) {
  // Almost nothing else happens in a short time: the torsion goes half round.
  const DrivenChain chain(0);
  const Canonical target(chain.molecule.energy(), ReferenceMeasure::kCartesianUpToRigidMotion);
  ChainBatch chains = chain.molecule.draw(256, kTemperature_K, test_seed(8));
  const ChainBatch before = chains;
  DrivenTorsionOptions options;
  options.change = TorsionChange::kHalfTurn;
  options.steps = {1e-6, 10};
  const DrivenTorsion move({chain.torsions[0]}, chain.integrator.particles(), options);
  const MoveRecord record = move.apply(chains, target, {test_seed(8), 1}).records.at(0);
  EXPECT_EQ(record.n_energy_evaluations, 256u * 11u);
  const auto torsion = [](const ChainBatch& batch, std::size_t c) {
    const double* x = batch.positions.chain(c).data();
    const Vec3 b = load_atom(x, 2) - load_atom(x, 1);
    const Vec3 m = cross(load_atom(x, 1) - load_atom(x, 0), b),
               n = cross(b, load_atom(x, 3) - load_atom(x, 2));
    return std::atan2(norm(b) * dot(load_atom(x, 1) - load_atom(x, 0), n), dot(m, n));
  };
  std::size_t accepted = 0;
  for (std::size_t c = 0; c < 256; ++c) {
    if (record.outcomes[c] != Outcome::kAccepted) continue;
    ++accepted;
    const double turned = torsion(chains, c) - torsion(before, c);
    EXPECT_NEAR(std::cos(turned), -1.0, 1e-4);
  }
  EXPECT_GT(accepted, 5u);
}

TEST(DrivenTorsion, SaysBeforehandWhichTurnsAreFar) {
  const DrivenChain chain(0);
  const Canonical target(chain.molecule.energy(), ReferenceMeasure::kCartesianUpToRigidMotion);
  DrivenTorsionOptions options;
  options.steps = {1e-6, 10};
  for (const TorsionChange change :
       {TorsionChange::kUniform, TorsionChange::kWalk, TorsionChange::kHalfTurn}) {
    options.change = change;
    options.width_rad = 0.2;
    const double far = change == TorsionChange::kWalk ? options.width_rad : kFarTurn_rad;
    const DrivenTorsion move({chain.torsions[0]}, chain.integrator.particles(), options);
    ChainBatch chains = chain.molecule.draw(256, kTemperature_K, test_seed(8));
    const ChainBatch before = chains;
    const StepKey key = {test_seed(8), 1};
    const std::vector<bool> said = move.turns_far(before, key);
    const MoveRecord record = move.apply(chains, target, key).records.at(0);
    std::size_t n_far = 0, n_near = 0;
    for (std::size_t c = 0; c < 256; ++c) {
      if (record.outcomes[c] != Outcome::kAccepted) continue;
      const double* from = before.positions.chain(c).data();
      const double* to = chains.positions.chain(c).data();
      const double turned = std::abs(std::remainder(
          torsion_angle({to, 15}, 0, 1, 2, 3) - torsion_angle({from, 15}, 0, 1, 2, 3), 2.0 * kPi));
      // Dynamics of 10 as moves the torsion by far less than this.
      if (std::abs(turned - far) < 1e-3) continue;
      EXPECT_EQ(said[c], turned > far) << turned;
      ++(said[c] ? n_far : n_near);
    }
    EXPECT_GT(n_far, 3u);
    if (change != TorsionChange::kHalfTurn) {
      EXPECT_GT(n_near, 3u);
    }
  }
}

std::string refusal(std::vector<RotatableTorsion> torsions, const MovingParticles& particles,
                    const DrivenTorsionOptions& options = {}) {
  return message_of<InputError>([&] { DrivenTorsion(torsions, particles, options); });
}

TEST(DrivenTorsion, RefusesWhatItCannotTurn) {
  const RotatableTorsion torsion = {0, {1, 2, {3, 4}}, 3};
  MovingParticles particles = DrivenChain(4).integrator.particles();
  EXPECT_NO_THROW(DrivenTorsion({torsion}, particles, {}));
  EXPECT_EQ(refusal({}, particles), "driven_torsion: there is no torsion to turn");
  EXPECT_EQ(refusal({{3, {1, 2, {3, 4}}, 0}}, particles),
            "driven_torsion: the last of a torsion's atoms must turn, the first must not, but they "
            "are 3 and 0");
  // An angle held across the bond, seen from either end.
  for (const Constraint& across : {Constraint{1, 3, 0.25}, Constraint{0, 2, 0.25}}) {
    MovingParticles held = particles;
    held.constraints.push_back(across);
    EXPECT_EQ(refusal({torsion}, held),
              "driven_torsion: atoms " + std::to_string(across.i) + " and " +
                  std::to_string(across.j) +
                  " are held at a fixed distance across the bond of atoms 1 and 2, which then "
                  "cannot be turned; constrain bonds only, or turn another bond");
  }
  particles.constraints.clear();
  particles.masses[4] = 0.0;
  EXPECT_EQ(refusal({torsion}, particles),
            "driven_torsion: atom 4 has mass 0 and never moves, but would turn about the bond of "
            "atoms 1 and 2; give it a mass or turn another bond");
  DrivenTorsionOptions options;
  options.steps.n_steps = 0;
  EXPECT_EQ(refusal({torsion}, DrivenChain(0).integrator.particles(), options),
            "driven_torsion: steps must be at least 1");
}

TEST(RotatableTorsion, TurnsTheSmallerSideOrSaysWhyNot) {
  const ChainMolecule molecule;
  const Topology& topology = molecule.topology();
  const auto [first, bond, last] = rotatable_torsion(topology, {0, 1, 2, 3});
  EXPECT_EQ(first, 3u);
  EXPECT_EQ(last, 0u);
  EXPECT_EQ(std::min(bond.axis_from, bond.axis_to), 1u);
  EXPECT_EQ(std::max(bond.axis_from, bond.axis_to), 2u);
  EXPECT_EQ(bond.moving, (std::vector<std::size_t>{0}));
  EXPECT_NE(message_of<InputError>([&] {
              rotatable_torsion(topology, {0, 1, 3, 4});
            }).find("are not bonded; give four atoms bonded in a row"),
            std::string::npos);
}

}  // namespace
}  // namespace saltus::tests
