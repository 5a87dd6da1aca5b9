// Oracle: the exact distribution of the angle of three atoms with two rigid bonds, which has a
// factor of the masses in it: p(theta) ~ sin(theta) sqrt(det Z) exp(-beta u), Z_ab = sum_i grad_i
// c_a grad_i c_b / m_i (Fixman, PNAS 71, 3050 (1974), doi:10.1073/pnas.71.8.3050). Starts in the
// answer; velocities must stay Maxwell's on the constraints. Planted bugs live in a copy of the
// move, which unbroken passes as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/hamiltonian.h"
#include "engine/moves/langevin.h"
#include "engine/moves/metropolis.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/numerics.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kRequiredPower = 0.03;

/// Two rigid bonds that meet at a light atom, where the factor of the masses is strongest, with a
/// weak bending energy.
struct RigidTrimer {
  static constexpr double kTemperature_K = 300.0, kLength_nm = 0.12;
  static constexpr double kAngle_rad = 1.6, kBending = 3.0;
  static constexpr std::size_t kChains = 40000, kApplications = 12;

  System system;
  std::shared_ptr<const NativeEnergy> energy;
  Canonical target;
  Integrator integrator;

  RigidTrimer()
      : system(make_system()),
        energy(std::make_shared<NativeEnergy>(system, nullptr)),
        target(energy, ReferenceMeasure::kCartesianUpToRigidMotion),
        integrator("test", moving_particles(system)) {}

  static System make_system() {
    System s;
    s.masses = {12.0, 1.5, 16.0};
    s.angles = {{0, 1, 2, kAngle_rad, kBending}};
    s.constraints = {{0, 1, kLength_nm}, {1, 2, kLength_nm}};
    return s;
  }

  TabulatedDensity density(bool with_masses = true) const {
    constexpr std::size_t kPoints = 20001;
    constexpr double kEdge = 1e-6;  // sin vanishes at both ends
    const double beta = ThermodynamicState{kTemperature_K}.beta();
    const double w0 = 1.0 / system.masses[0], w1 = 1.0 / system.masses[1],
                 w2 = 1.0 / system.masses[2];
    std::vector<double> reduced(kPoints);
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double theta = kEdge + (kPi - 2.0 * kEdge) * static_cast<double>(i) / (kPoints - 1.0);
      const double bend = theta - kAngle_rad, along = w1 * std::cos(theta);
      const double det = (w0 + w1) * (w1 + w2) - along * along;
      reduced[i] = 0.5 * beta * kBending * bend * bend - std::log(std::sin(theta)) -
                   (with_masses ? 0.5 * std::log(det) : 0.0);
    }
    return TabulatedDensity(kEdge, kPi - kEdge, reduced);
  }

  ChainBatch start(std::uint64_t seed) const {
    ChainBatch chains(kChains, 3, {kTemperature_K});
    const TabulatedDensity angles = density();
    for (std::size_t c = 0; c < kChains; ++c) {
      RandomStream stream({test_seed(seed), 0}, StreamName::kInitialState,
                          static_cast<std::uint32_t>(c));
      const double theta = angles.quantile(stream.uniform());
      const double x[] = {kLength_nm,
                          0.0,
                          0.0,
                          0.0,
                          0.0,
                          0.0,
                          kLength_nm * std::cos(theta),
                          kLength_nm * std::sin(theta),
                          0.0};
      std::copy_n(x, 9, chains.positions.chain(c).begin());
      move_rigidly(chains.positions.chain(c), random_rotation(stream), {0.1, 0.2, 0.3});
    }
    draw_velocities(chains, integrator.particles(), {test_seed(seed), 0});
    energy->evaluate(chains.positions.view(), chains.energies, {});
    return chains;
  }

  static double angle(Span<const double> x) {
    double dot = 0.0;
    for (std::size_t d = 0; d < 3; ++d) dot += (x[d] - x[3 + d]) * (x[6 + d] - x[3 + d]);
    return std::acos(dot / (kLength_nm * kLength_nm));
  }

  /// Angle, and kinetic energy of the seven degrees of freedom: a chi-squared variate.
  DistributionCheck check(const std::string& label, const ChainBatch& chains,
                          bool with_masses = true) const {
    const TabulatedDensity angles = density(with_masses);
    std::vector<double> theta, kinetic;
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      theta.push_back(angle(chains.positions.chain(c)));
      kinetic.push_back(chains.states[c].beta() *
                        integrator.kinetic_energy(chains.velocities.chain(c)));
    }
    return check_projections(
        {{label + ", angle", theta, [&](double value) { return angles.cumulative(value); }},
         {label + ", kinetic energy", kinetic, half_chi_squared_7}});
  }

  /// Distribution function of half a chi-squared variate of 7 degrees: the regularised incomplete
  /// gamma function P(7/2, x).
  static double half_chi_squared_7(double x) {
    const double root = std::sqrt(x);
    return std::erf(root) -
           2.0 / std::sqrt(kPi) * std::exp(-x) * root * (1.0 + 2.0 * x / 3.0 + 4.0 * x * x / 15.0);
  }

  DistributionCheck check_move(const std::string& label, const Move& move,
                               std::uint64_t seed) const {
    ChainBatch chains = start(seed);
    apply_repeatedly(move, chains, target, kApplications, test_seed(seed + 1000));
    return check(label, chains);
  }
};

HamiltonianOptions options(double friction_per_ps) {
  HamiltonianOptions result;
  result.time_step_ps = 0.02;  // the light atom turns by half a radian: some are rejected
  result.n_steps = 4;
  result.friction_per_ps = friction_per_ps;
  return result;
}

TEST(ConstrainedExactness, StartsInTheAnswer) {
  const RigidTrimer trimer;
  ASSERT_EQ(trimer.integrator.degrees_of_freedom(), 7u);
  expect_passed(trimer.check("start", trimer.start(80)), kRequiredPower);
}

TEST(ConstrainedExactness, HmcAndGhmcAreExact) {
  const RigidTrimer trimer;
  for (double friction : {0.0, 5.0}) {
    const HamiltonianMonteCarlo move(options(friction), trimer.integrator.particles());
    expect_passed(trimer.check_move("constrained " + move.name(), move, 81), kRequiredPower);
    ChainBatch chains = trimer.start(82);
    std::size_t rejected = 0;
    for (Outcome outcome : move.apply(chains, trimer.target, {1, 1}).records.at(0).outcomes)
      rejected += outcome == Outcome::kRejected;
    EXPECT_GT(rejected, RigidTrimer::kChains / 100) << "the rule must matter";
  }
}

TEST(ConstrainedExactness, LangevinStaysCloseAtASmallTimeStep) {
  const RigidTrimer trimer;
  expect_passed(trimer.check_move("constrained Langevin",
                                  Langevin({0.002, 5.0, 15}, trimer.integrator.particles()), 83),
                kRequiredPower);
}

TEST(ConstrainedExactness, TheFactorOfTheMassesIsSeen) {
  const RigidTrimer trimer;
  ChainBatch chains = trimer.start(84);
  expect_caught(trimer.check("against the density without it", chains, false));
}

enum class ConstrainedBug {
  kNone,
  kVelocitiesNotProjected,  ///< fresh velocities keep what constraints do not allow
  kNoMassMetric,            ///< velocities are projected as if all masses were equal
};

/// Hybrid Monte Carlo with constraints, one length of trajectories, written apart from the
/// production move.
class BreakableConstrainedHmc final : public Move {
 public:
  BreakableConstrainedHmc(const RigidTrimer& trimer, ConstrainedBug bug)
      : trimer_(trimer), bug_(bug) {}
  std::string name() const override { return "breakable_constrained_hmc"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override {
    draw(chains, key);
    CoordinateBatch x = chains.positions, v = chains.velocities;
    const auto energies = trimer_.integrator.velocity_verlet(x, v, *target.guide(), 0.02, 4);
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const double before =
          chains.energies[c] + trimer_.integrator.kinetic_energy(chains.velocities.chain(c));
      const double after = energies[c] + trimer_.integrator.kinetic_energy(v.chain(c));
      RandomStream accept(key, StreamName::kAccept, static_cast<std::uint32_t>(c));
      if (!(accept.uniform() < std::exp(-chains.states[c].beta() * (after - before)))) continue;
      std::copy_n(x.chain(c).begin(), 9, chains.positions.chain(c).begin());
      std::copy_n(v.chain(c).begin(), 9, chains.velocities.chain(c).begin());
      chains.energies[c] = energies[c];
    }
    return {};
  }

 private:
  void draw(ChainBatch& chains, const StepKey& key) const {
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      RandomStream stream(key, StreamName::kMomentumRefresh, static_cast<std::uint32_t>(c));
      for (std::size_t i = 0; i < 9; ++i)
        chains.velocities.chain(c)[i] =
            stream.normal() / std::sqrt(chains.states[c].beta() * trimer_.system.masses[i / 3]);
    }
    MovingParticles metric = trimer_.integrator.particles();
    if (bug_ == ConstrainedBug::kNoMassMetric) metric.masses.assign(3, 1.0);
    if (bug_ != ConstrainedBug::kVelocitiesNotProjected)
      Integrator("test", metric).project_velocities(chains.positions, chains.velocities);
  }

  const RigidTrimer& trimer_;
  ConstrainedBug bug_;
};

TEST(ConstrainedExactness, BreakableCopyIsExactWhenUnbroken) {
  const RigidTrimer trimer;
  expect_passed(trimer.check_move("own constrained HMC",
                                  BreakableConstrainedHmc(trimer, ConstrainedBug::kNone), 85),
                kRequiredPower);
}

TEST(ConstrainedExactness, PlantedBugsAreCaught) {
  const RigidTrimer trimer;
  for (ConstrainedBug bug :
       {ConstrainedBug::kVelocitiesNotProjected, ConstrainedBug::kNoMassMetric})
    expect_caught(trimer.check_move("planted", BreakableConstrainedHmc(trimer, bug), 85));
}

}  // namespace
}  // namespace saltus::tests
