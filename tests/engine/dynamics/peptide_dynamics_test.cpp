// Oracle: what dynamics of a real molecule must conserve or average to: constrained distances,
// energy, the temperatures of velocities and of bond lengths.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/engine/dynamics/peptide.h"

namespace saltus::tests {
namespace {

using namespace engine;

/// Mean of independent numbers, one for each chain, and its standard error.
struct Mean {
  double value = 0.0, error = 0.0;
};

Mean mean_of(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (double x : values) sum += x;
  for (double x : values) squares += (x - sum / n) * (x - sum / n);
  return {sum / n, std::sqrt(squares / (n * (n - 1.0)))};
}

double largest_violation(const std::vector<Constraint>& constraints, const CoordinateBatch& x) {
  double largest = 0.0;
  for (std::size_t c = 0; c < x.n_chains(); ++c) {
    const auto p = x.chain(c);
    for (const Constraint& k : constraints)
      largest = std::max(
          largest, std::abs(std::hypot(p[3 * k.i] - p[3 * k.j], p[3 * k.i + 1] - p[3 * k.j + 1],
                                       p[3 * k.i + 2] - p[3 * k.j + 2]) -
                            k.distance_nm));
  }
  return largest;
}

TEST(PeptideDynamics, BondsToHydrogenKeepTheirLengthsAtTwoFemtoseconds) {
  Peptide peptide(64, true, 0.0);
  ASSERT_EQ(peptide.system.constraints.size(), 12u);
  const Integrator integrator("test", peptide.particles());
  double largest = 0.0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    integrator.langevin_middle(peptide.chains, *peptide.energy, {0.002, 2.0, 100},
                               {test_seed(1), step});
    largest =
        std::max(largest, largest_violation(peptide.system.constraints, peptide.chains.positions));
  }
  RecordProperty("largest_violation_nm", std::to_string(largest * 1e12) + "e-12");
  std::printf("largest violation over 10 ps of 64 chains: %.2g nm\n", largest);
  // The tolerance of the solver, 1e-10 of at most 0.11 nm; what is asked of trajectories is 1e-6.
  EXPECT_LE(largest, 1.2e-11 * tolerance_scale());
}

TEST(PeptideDynamics, RigidWaterStaysRigidAtTwoFemtoseconds) {
  // Two TIP3P molecules in vacuum, hydrogen-bonded.
  System water;
  water.masses = {15.999, 1.008, 1.008, 15.999, 1.008, 1.008};
  water.constraints = {{0, 1, 0.09572}, {0, 2, 0.09572}, {1, 2, 0.15139},
                       {3, 4, 0.09572}, {3, 5, 0.09572}, {4, 5, 0.15139}};
  water.nonbonded.emplace();
  for (std::size_t atom = 0; atom < 6; ++atom)
    water.nonbonded->particles.push_back(atom % 3 == 0
                                             ? NonbondedParticle{-0.834, 0.315075, 0.635968}
                                             : NonbondedParticle{0.417, 1.0, 0.0});
  for (std::size_t first : {0u, 3u})
    for (const auto& [i, j] : {std::pair{0u, 1u}, std::pair{0u, 2u}, std::pair{1u, 2u}})
      water.nonbonded->exceptions.push_back({first + i, first + j, 0.0, 1.0, 0.0});
  const auto energy = std::make_shared<NativeEnergy>(water, nullptr);
  const Integrator integrator("test", moving_particles(water));
  EXPECT_EQ(integrator.degrees_of_freedom(), 12u);
  ChainBatch chains(32, 6, {300.0});
  const double start[] = {0.0,    0.0,    0.0, 0.0757, 0.0586, 0.0, -0.0757, 0.0586, 0.0,
                          0.0757, 0.2600, 0.0, 0.15,   0.3,    0.0, 0.0757,  0.35,   0.05};
  for (std::size_t c = 0; c < 32; ++c) std::copy_n(start, 18, chains.positions.chain(c).begin());
  integrator.project_positions(chains.positions);
  draw_velocities(chains, moving_particles(water), {test_seed(2), 0});
  double largest = 0.0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    integrator.langevin_middle(chains, *energy, {0.002, 2.0, 100}, {test_seed(3), step});
    largest = std::max(largest, largest_violation(water.constraints, chains.positions));
  }
  std::printf("largest violation over 10 ps of 32 chains: %.2g nm\n", largest);
  EXPECT_LE(largest, 1.6e-11 * tolerance_scale());
}

/// Change of the total energy, k_B T for each ns and degree of freedom, by the slope of a line
/// through the energies of each chain.
Mean energy_drift(bool constrained, double time_step_ps, std::size_t n_chains, double length_ps) {
  Peptide peptide(n_chains, constrained, 4.0);
  const Integrator integrator("test", peptide.particles());
  constexpr double kPiece_ps = 0.02;
  const auto steps_per_piece = static_cast<std::size_t>(std::lround(kPiece_ps / time_step_ps));
  const auto n_pieces = static_cast<std::size_t>(std::lround(length_ps / kPiece_ps));
  const double middle = 0.5 * static_cast<double>(n_pieces - 1);
  std::vector<double> slopes(n_chains);
  double squares = 0.0;
  for (std::size_t piece = 0; piece < n_pieces; ++piece) {
    const auto energies =
        integrator.velocity_verlet(peptide.chains.positions, peptide.chains.velocities,
                                   *peptide.energy, time_step_ps, steps_per_piece);
    const double t = static_cast<double>(piece) - middle;
    squares += t * t;
    for (std::size_t c = 0; c < n_chains; ++c)
      slopes[c] +=
          t * (energies[c] + integrator.kinetic_energy(peptide.chains.velocities.chain(c)));
  }
  const double kt = 1.0 / peptide.chains.states[0].beta();
  const double unit =
      squares * kPiece_ps * 1e-3 * kt * static_cast<double>(integrator.degrees_of_freedom());
  for (double& slope : slopes) slope /= unit;
  const Mean drift = mean_of(slopes);
  std::printf("energy drift %.2g +- %.1g kT per ns and degree of freedom\n", drift.value,
              drift.error);
  return drift;
}

constexpr double kMaxDrift = 1e-3;

TEST(PeptideDynamics, EnergyIsConservedWithFloatForces) {
  const Mean drift = energy_drift(false, 0.0005, SALTUS_DRIFT_CHAINS, SALTUS_DRIFT_PS);
  ASSERT_LT(drift.error, 0.5 * kMaxDrift) << "too short to tell";
  // 5.33 standard errors: 1e-7.
  EXPECT_LT(std::abs(drift.value), (kMaxDrift + 5.33 * drift.error) * tolerance_scale());
}

TEST(PeptideDynamics, EnergyIsConservedWithConstraints) {
  const Mean drift = energy_drift(true, 0.0005, SALTUS_DRIFT_CHAINS / 2, SALTUS_DRIFT_PS);
  ASSERT_LT(drift.error, 0.5 * kMaxDrift) << "too short to tell";
  EXPECT_LT(std::abs(drift.value), (kMaxDrift + 5.33 * drift.error) * tolerance_scale());
}

/// Both sides of k_B T <div G> = -<G F>, true for any field G in equilibrium: G moves the first
/// atom of each bond along it by the stretch r - r_0, so that div G = 1 + 2 (r - r_0) / r. Added up
/// over the bonds, whose vibrations are what a time step has to follow.
struct Hypervirial {
  double divergence = 0.0, work = 0.0;  // 1, kJ/mol

  void add(const std::vector<HarmonicBond>& bonds, Span<const double> x,
           Span<const double> forces) {
    for (const HarmonicBond& bond : bonds) {
      double d[3], r2 = 0.0, along = 0.0;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        d[axis] = x[3 * bond.i + axis] - x[3 * bond.j + axis];
        r2 += d[axis] * d[axis];
        along += d[axis] * forces[3 * bond.i + axis];
      }
      const double r = std::sqrt(r2), stretch = r - bond.length_nm;
      divergence += 1.0 + 2.0 * stretch / r;
      work -= stretch * along / r;
    }
  }
};

TEST(PeptideDynamics, TemperaturesAreRightAtOneFemtosecond) {
  // Half of a per cent of bias would be seen with near certainty: errors are below a quarter of
  // that.
  constexpr double kMaxBias = 0.005;
  for (bool constrained : {false, true}) {
    constexpr std::size_t kChains = 384, kSamples = 3500;
    Peptide peptide(kChains, constrained, 4.0);
    const Integrator integrator("test", peptide.particles());
    const std::size_t n = 3 * peptide.system.n_atoms();
    const double kt = 1.0 / peptide.chains.states[0].beta();
    std::vector<Hypervirial> sums(kChains);
    std::vector<double> kinetic(kChains), configurational, energies(kChains), forces(kChains * n);
    for (std::uint64_t sample = 0; sample < kSamples; ++sample) {
      integrator.langevin_middle(peptide.chains, *peptide.energy, {0.001, 10.0, 10},
                                 {test_seed(4), sample});
      peptide.energy->evaluate(peptide.chains.positions.view(), energies, forces);
      for (std::size_t c = 0; c < kChains; ++c) {
        kinetic[c] += 2.0 * integrator.kinetic_energy(peptide.chains.velocities.chain(c)) /
                      (kt * static_cast<double>(integrator.degrees_of_freedom() * kSamples));
        sums[c].add(peptide.system.bonds, peptide.chains.positions.chain(c), {&forces[c * n], n});
      }
    }
    for (const Hypervirial& sum : sums) configurational.push_back(sum.work / sum.divergence / kt);
    const Mean t_kin = mean_of(kinetic), t_conf = mean_of(configurational);
    std::printf("T / T_0, %s: kinetic %.5f +- %.5f\n", constrained ? "constrained" : "flexible",
                t_kin.value, t_kin.error);
    ASSERT_LT(t_kin.error, 0.25 * kMaxBias);
    EXPECT_NEAR(t_kin.value, 1.0, kMaxBias * tolerance_scale());
    // Forces on constrained atoms are not those of the constraint surface.
    if (constrained) continue;
    std::printf("T / T_0 of %zu bonds %.5f +- %.5f\n", peptide.system.bonds.size(), t_conf.value,
                t_conf.error);
    ASSERT_LT(t_conf.error, 0.25 * kMaxBias);
    EXPECT_NEAR(t_conf.value, 1.0, kMaxBias * tolerance_scale());
  }
}

}  // namespace
}  // namespace saltus::tests
