// Oracle: exact draws and distribution functions of positions, and the Maxwell distribution of
// velocities; the Context starts in the answer, moves, and is still in it. Planted bugs: a force
// that the answer lacks, a torsion that is too soft, and dynamics without a Metropolis test.
#include <OpenMM.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/core/units.h"
#include "engine/potential/analytic.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/statistics.h"
#include "tools/openmm_plugin/saltus_integrator.h"

namespace saltus::tests {
namespace {

using openmm_plugin::SaltusIntegrator;

constexpr double kTemperature_K = 300.0;
constexpr double kMass = 12.0;

std::unique_ptr<OpenMM::Context> context_of(const OpenMM::System& system,
                                            OpenMM::Integrator& integrator) {
  return std::make_unique<OpenMM::Context>(system, integrator,
                                           OpenMM::Platform::getPlatformByName("Reference"));
}

/// Atoms in asymmetric double wells, in the Context all at once: the joint density is the product,
/// so that all coordinates of all starts are independent draws.
class Wells {
 public:
  static constexpr std::size_t kAtoms = 8, kStarts = 6000;  // 144 000 draws
  static constexpr int kSteps = 4;
  static constexpr double kTimeStep_ps = 0.05;  // a sixth of the period: the rule matters
  static constexpr double kRequiredPower = 0.013;

  /// @param hidden  kJ/mol/nm, slope of a force in group 1
  explicit Wells(double hidden = 0.0) {
    auto wells = std::make_unique<OpenMM::CustomExternalForce>(
        "6*((x/0.1)^2-1)^2+1.5*x/0.1+6*((y/0.1)^2-1)^2+1.5*y/0.1+6*((z/0.1)^2-1)^2+1.5*z/0.1");
    auto slope = std::make_unique<OpenMM::CustomExternalForce>("g*(x+y+z)");
    slope->addGlobalParameter("g", hidden);
    slope->setForceGroup(1);
    for (std::size_t i = 0; i < kAtoms; ++i) {
      system_.addParticle(kMass);
      wells->addParticle(static_cast<int>(i));
      slope->addParticle(static_cast<int>(i));
    }
    system_.addForce(wells.release());
    system_.addForce(slope.release());
  }

  OpenMM::System& system() { return system_; }

  DistributionCheck check(const std::string& label, SaltusIntegrator& integrator) const {
    const auto context = context_of(system_, integrator);
    const engine::DoubleWell wells(kAtoms, 6.0, 0.1, 1.5);
    const engine::ChainBatch starts = draw_exact_chains(
        wells, kStarts, kTemperature_K, std::vector<double>(kAtoms, kMass), test_seed(40));
    std::vector<double> ends;
    std::vector<OpenMM::Vec3> x(kAtoms);
    for (std::size_t start = 0; start < kStarts; ++start) {
      for (std::size_t i = 0; i < 3 * kAtoms; ++i)
        x[i / 3][static_cast<int>(i % 3)] = starts.positions.chain(start)[i];
      context->setPositions(x);
      integrator.step(kSteps);
      const OpenMM::State state = context->getState(OpenMM::State::Positions);
      for (const OpenMM::Vec3& end : state.getPositions())
        for (int d = 0; d < 3; ++d) ends.push_back(end[d]);
    }
    const engine::TabulatedDensity density = wells.density(kTemperature_K);
    return check_distribution(label, ends, [&](double value) { return density.cumulative(value); });
  }

 private:
  OpenMM::System system_;
};

TEST(OpenMMPluginExactness, HybridMonteCarloIsExact) {
  SaltusIntegrator hmc(kTemperature_K, Wells::kTimeStep_ps);
  hmc.addHamiltonianMonteCarlo(5);
  expect_passed(Wells().check("HMC of a Context", hmc), Wells::kRequiredPower);
  EXPECT_LT(hmc.getStatistics(0).acceptance(), 0.95);
  EXPECT_TRUE(hmc.isExact());
}

/// Wells hold the atoms in place, so that the motion of the centre of mass matters.
TEST(OpenMMPluginExactness, ACentreOfMassThatIsStoppedChangesNothing) {
  for (const double friction_per_ps : {0.0, 0.5}) {
    SaltusIntegrator hmc(kTemperature_K, Wells::kTimeStep_ps);
    hmc.addHamiltonianMonteCarlo(5, 1.0, friction_per_ps);
    Wells wells;
    wells.system().addForce(new OpenMM::CMMotionRemover(1));
    expect_passed(wells.check("with a CMMotionRemover", hmc), Wells::kRequiredPower);
  }
}

TEST(OpenMMPluginExactness, AForceThatIsNotSeenIsCaught) {
  SaltusIntegrator all(kTemperature_K, Wells::kTimeStep_ps);
  all.addHamiltonianMonteCarlo(5);
  expect_caught(Wells(10.0).check("with a force that the answer lacks", all));
  // Of the groups that are sampled, that force is none.
  SaltusIntegrator some(kTemperature_K, Wells::kTimeStep_ps);
  some.addHamiltonianMonteCarlo(5);
  some.setIntegrationForceGroups(1);
  expect_passed(Wells(10.0).check("without its group", some), Wells::kRequiredPower);
}

TEST(OpenMMPluginExactness, DynamicsWithoutAMetropolisTestIsCaughtAndSaysSo) {
  SaltusIntegrator langevin(kTemperature_K, Wells::kTimeStep_ps);
  langevin.addLangevin(10.0, 20);
  EXPECT_FALSE(langevin.isExact());
  expect_caught(Wells().check("Langevin dynamics at a large time step", langevin));
}

/// Four atoms in a row with constrained bonds and a torsion potential; angles are right.
class ConstrainedChain {
 public:
  static constexpr std::size_t kStarts = 16000;
  static constexpr int kSteps = 8;
  static constexpr double kLength_nm = 0.15, kTorsion = 4.0;  // kJ/mol
  static constexpr double kRequiredPower = 0.04;

  explicit ConstrainedChain(double seen = kTorsion) {
    for (int i = 0; i < 4; ++i) system_.addParticle(kMass + i);
    for (int i = 0; i < 3; ++i) system_.addConstraint(i, i + 1, kLength_nm);
    auto torsion = std::make_unique<OpenMM::PeriodicTorsionForce>();
    torsion->addTorsion(0, 1, 2, 3, 1, 0.0, seen);
    system_.addForce(torsion.release());
  }

  static void add_walk(SaltusIntegrator& integrator) {
    integrator.addResidue("ROW", 1, 0);
    for (const char* name : {"C1", "C2", "C3", "C4"}) integrator.addAtom(name, 6, 0);
    for (int i = 0; i < 3; ++i) integrator.addBond(i, i + 1);
    integrator.addTorsionWalk(2.0);
  }

  /// Torsion in units of its distribution, and the kinetic energy, after some turns.
  DistributionCheck check(const std::string& label) const {
    SaltusIntegrator walk(kTemperature_K, 0.001);
    add_walk(walk);
    const auto context = context_of(system_, walk);
    engine::RandomStream stream = test_stream(41);
    std::vector<double> torsions, velocities;
    for (std::size_t start = 0; start < kStarts; ++start) {
      context->setPositions(chain(draw(stream)));
      context->setVelocities(std::vector<OpenMM::Vec3>(4));
      walk.step(kSteps);
      const OpenMM::State state =
          context->getState(OpenMM::State::Positions | OpenMM::State::Velocities);
      torsions.push_back(torsion_of(state.getPositions()));
      // The centre of mass is free of constraints: its velocity is normal, of variance kT / M.
      OpenMM::Vec3 momentum;
      for (int i = 0; i < 4; ++i)
        momentum += state.getVelocities()[static_cast<std::size_t>(i)] * (kMass + i);
      velocities.push_back(momentum[0] / std::sqrt(kTotalMass * kThermal));
      for (std::size_t i = 0; i < 3; ++i) {
        const OpenMM::Vec3 d = state.getPositions()[i + 1] - state.getPositions()[i];
        const OpenMM::Vec3 v = state.getVelocities()[i + 1] - state.getVelocities()[i];
        EXPECT_NEAR(d.dot(v), 0.0, 1e-8);  // nm^2/ps, of 0.1: as far as constraints are solved
      }
    }
    return check_projections({{label + ", torsion", torsions, cumulative},
                              {label + ", velocities", velocities, standard_normal_cdf}});
  }

 private:
  static constexpr double kThermal = engine::kGasConstant * kTemperature_K;
  static constexpr double kTotalMass = 4 * kMass + 6;
  static constexpr double kPi = engine::kPi;

  static double weight(double torsion) {
    return std::exp(-kTorsion * (1.0 + std::cos(torsion)) / kThermal);
  }
  static double draw(engine::RandomStream& stream) {
    for (;;) {
      const double torsion = kPi * (2.0 * stream.uniform() - 1.0);
      if (stream.uniform() < weight(torsion)) return torsion;
    }
  }
  /// By Simpson's rule, tabulated.
  static double cumulative(double torsion) {
    static const std::vector<double> table = [] {
      std::vector<double> sums = {0.0};
      for (std::size_t i = 0; i < kCells; ++i) {
        const double a = place(i), b = place(i + 1);
        sums.push_back(sums.back() +
                       (weight(a) + 4.0 * weight(0.5 * (a + b)) + weight(b)) * (b - a) / 6.0);
      }
      for (double& sum : sums) sum /= sums.back();
      return sums;
    }();
    const double cell = (torsion + kPi) / (2.0 * kPi) * kCells;
    const auto i = std::min<std::size_t>(kCells - 1, static_cast<std::size_t>(cell));
    return table[i] + (cell - static_cast<double>(i)) * (table[i + 1] - table[i]);
  }
  static constexpr std::size_t kCells = 4000;
  static double place(std::size_t i) { return kPi * (2.0 * static_cast<double>(i) / kCells - 1.0); }

  static std::vector<OpenMM::Vec3> chain(double torsion) {
    return {
        OpenMM::Vec3(kLength_nm, 0.0, 0.0), OpenMM::Vec3(0.0, 0.0, 0.0),
        OpenMM::Vec3(0.0, 0.0, kLength_nm),
        OpenMM::Vec3(kLength_nm * std::cos(torsion), kLength_nm * std::sin(torsion), kLength_nm)};
  }
  static double torsion_of(const std::vector<OpenMM::Vec3>& x) {
    const OpenMM::Vec3 axis = x[2] - x[1], a = x[0] - x[1], b = x[3] - x[2];
    return std::atan2(axis.dot(a.cross(b)) / kLength_nm, a.dot(b));
  }

  OpenMM::System system_;
};

TEST(OpenMMPluginExactness, TurnsOfConstrainedBondsAreExactAndDrawVelocities) {
  expect_passed(ConstrainedChain().check("torsion walk"), ConstrainedChain::kRequiredPower);
}

TEST(OpenMMPluginExactness, ATorsionThatIsTooSoftIsCaught) {
  expect_caught(ConstrainedChain(0.8 * ConstrainedChain::kTorsion).check("softer torsion"));
}

TEST(OpenMMPluginExactness, TurnsThatChangeTheMetricAreRefused) {
  OpenMM::System system;
  for (int i = 0; i < 4; ++i) system.addParticle(kMass);
  system.addConstraint(0, 2, 0.2);
  system.addConstraint(2, 3, 0.15);
  SaltusIntegrator walk(kTemperature_K, 0.001);
  ConstrainedChain::add_walk(walk);
  const auto context = context_of(system, walk);
  context->setPositions({{0.2, 0.0, 0.0}, {0.1, 0.1, 0.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 0.15}});
  try {
    walk.step(1);
    FAIL() << "a constrained angle was turned";
  } catch (const OpenMM::OpenMMException& error) {
    EXPECT_NE(std::string(error.what()).find("has a constrained angle"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace saltus::tests
