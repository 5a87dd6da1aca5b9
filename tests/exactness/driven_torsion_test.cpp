// Oracle: exact draws and distribution functions. Of a chain without constraints all internal
// coordinates (tests/support/chain_molecule.h); of a chain of five atoms with four rigid bonds
// torsions and angles, whose density has Fixman's factor of the masses (constrained_test.cpp), and
// kinetic energies. Starts in the answer. Planted bugs live in a copy of the move, which unbroken
// passes as well: it turns between whole steps of dynamics, where the move turns within them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/core/axis_turn.h"
#include "engine/core/vec3.h"
#include "engine/ensemble/canonical.h"
#include "engine/lanes/native_energy.h"
#include "engine/moves/driven_torsion.h"
#include "tests/support/chain_molecule.h"
#include "tests/support/environment.h"
#include "tests/support/exact_start.h"
#include "tests/support/numerics.h"
#include "tests/support/statistics.h"

namespace saltus::tests {
namespace {

using namespace engine;

constexpr double kRequiredPower = 0.03;

/// Atoms 0-1-2-3-4 with rigid bonds, weak bending, and torsions whose wells a turn has to find.
struct RigidChain {
  static constexpr double kTemperature_K = 300.0, kLength_nm = 0.12;
  static constexpr double kAngle_rad = 1.7, kBending = 12.0;
  static constexpr std::size_t kAtoms = 5, kChains = 40000, kApplications = 8;

  System system;
  std::vector<RotatableTorsion> torsions;
  std::shared_ptr<const NativeEnergy> energy;
  Canonical target;
  Integrator integrator;

  RigidChain()
      : system(make_system()),
        torsions{{0, {1, 2, {3, 4}}, 3}, {1, {2, 3, {4}}, 4}},
        energy(std::make_shared<NativeEnergy>(system, nullptr)),
        target(energy, ReferenceMeasure::kCartesianUpToRigidMotion),
        integrator("test", moving_particles(system)) {}

  static System make_system() {
    System s;
    s.masses = {12.0, 14.0, 2.0, 12.0, 3.0};
    for (std::size_t i = 0; i + 1 < kAtoms; ++i) s.constraints.push_back({i, i + 1, kLength_nm});
    for (std::size_t i = 0; i + 2 < kAtoms; ++i)
      s.angles.push_back({i, i + 1, i + 2, kAngle_rad, kBending});
    s.torsions = {{0, 1, 2, 3, 1, 0.5, 4.0}, {0, 1, 2, 3, 2, 1.0, 3.0}, {1, 2, 3, 4, 1, -0.8, 5.0}};
    return s;
  }

  static double beta() { return ThermodynamicState{kTemperature_K}.beta(); }

  TabulatedDensity torsion_density(std::size_t first) const {
    constexpr std::size_t kPoints = 20001;
    std::vector<double> reduced(kPoints, 0.0);
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double phi = -kPi + kTwoPi * static_cast<double>(i) / (kPoints - 1.0);
      for (const PeriodicTorsion& t : system.torsions)
        if (t.i == first)
          reduced[i] += beta() * t.k * (1.0 + std::cos(t.periodicity * phi - t.phase_rad));
    }
    return TabulatedDensity(-kPi, kPi, reduced);
  }

  /// det Z of the rigid bonds, Z_ab = sum_i grad_i c_a grad_i c_b / m_i / lengths.
  double mass_factor(const std::array<double, 3>& angles) const {
    const auto w = [this](std::size_t i) { return 1.0 / system.masses[i]; };
    // Determinant of a tridiagonal matrix, row by row.
    double before = 1.0, det = w(0) + w(1);
    for (std::size_t b = 1; b < 4; ++b) {
      const double off = w(b) * std::cos(angles[b - 1]);
      const double next = (w(b) + w(b + 1)) * det - off * off * before;
      before = det;
      det = next;
    }
    return std::sqrt(det);
  }

  double angle_weight(double theta) const {
    const double bend = theta - kAngle_rad;
    return std::sin(theta) * std::exp(-0.5 * beta() * kBending * bend * bend);
  }

  /// Of the angle in the middle, the others summed over.
  TabulatedDensity middle_angle_density() const {
    constexpr std::size_t kPoints = 401, kInner = 60;
    constexpr double kEdge = 1e-6;  // sin vanishes at both ends
    std::vector<double> reduced(kPoints);
    const auto at = [](std::size_t i, std::size_t n) {
      return kEdge + (kPi - 2.0 * kEdge) * (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    };
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double theta = kEdge + (kPi - 2.0 * kEdge) * static_cast<double>(i) / (kPoints - 1.0);
      double sum = 0.0;
      for (std::size_t a = 0; a < kInner; ++a)
        for (std::size_t b = 0; b < kInner; ++b)
          sum += angle_weight(at(a, kInner)) * angle_weight(at(b, kInner)) *
                 mass_factor({at(a, kInner), theta, at(b, kInner)});
      reduced[i] = -std::log(sum * angle_weight(theta));
    }
    return TabulatedDensity(kEdge, kPi - kEdge, reduced);
  }

  std::array<double, 3> draw_angles(RandomStream& stream) const {
    const double largest = mass_factor({0.5 * kPi, 0.5 * kPi, 0.5 * kPi});
    for (;;) {
      std::array<double, 3> angles{};
      for (double& theta : angles) {
        do theta = kPi * stream.uniform();
        while (!(stream.uniform() < angle_weight(theta)));
      }
      if (stream.uniform() * largest < mass_factor(angles)) return angles;
    }
  }

  ChainBatch start(std::uint64_t seed) const {
    ChainBatch chains(kChains, kAtoms, {kTemperature_K});
    const TabulatedDensity first = torsion_density(0), second = torsion_density(1);
    for (std::size_t c = 0; c < kChains; ++c) {
      RandomStream stream({test_seed(seed), 0}, StreamName::kInitialState,
                          static_cast<std::uint32_t>(c));
      const std::array<double, 3> theta = draw_angles(stream);
      const std::array<double, 2> phi = {first.quantile(stream.uniform()),
                                         second.quantile(stream.uniform())};
      const auto x = chains.positions.chain(c);
      x[3] = kLength_nm;
      x[6] = kLength_nm - kLength_nm * std::cos(theta[0]);
      x[7] = kLength_nm * std::sin(theta[0]);
      for (std::size_t i = 3; i < kAtoms; ++i) {
        // In the plane of the three atoms before, then turned out of it: cis is 0.
        const Vec3 b = load_atom(x.data(), i - 2), p = load_atom(x.data(), i - 1);
        const Vec3 along = (1.0 / kLength_nm) * (p - b), back = load_atom(x.data(), i - 3) - b;
        const Vec3 side = back - dot(back, along) * along;
        const Vec3 cis =
            -std::cos(theta[i - 2]) * along + (std::sin(theta[i - 2]) / norm(side)) * side;
        add_to_atom(x.data(), i, p + kLength_nm * AxisTurn(along, phi[i - 3])(cis));
      }
      move_rigidly(x, random_rotation(stream), {0.1, 0.2, 0.3});
    }
    draw_velocities(chains, integrator.particles(), {test_seed(seed), 0});
    energy->evaluate(chains.positions.view(), chains.energies, {});
    return chains;
  }

  static double torsion(Span<const double> x, std::size_t first) {
    const Vec3 a = load_atom(x.data(), first), b = load_atom(x.data(), first + 1),
               c = load_atom(x.data(), first + 2), d = load_atom(x.data(), first + 3);
    const Vec3 m = cross(b - a, c - b), n = cross(c - b, d - c);
    return std::atan2(norm(c - b) * dot(b - a, n), dot(m, n));
  }

  /// Distribution function of half a chi-squared variate of 11 degrees: P(11/2, x).
  static double half_chi_squared_11(double x) {
    double term = 1.0, sum = 0.0;
    for (int k = 0; k < 5; ++k) {
      sum += term;
      term *= 2.0 * x / (2.0 * k + 3.0);
    }
    return std::erf(std::sqrt(x)) - 2.0 / std::sqrt(kPi) * std::exp(-x) * std::sqrt(x) * sum;
  }

  DistributionCheck check(const std::string& label, const ChainBatch& chains) const {
    std::vector<double> phi, psi, theta, kinetic;
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      const auto x = chains.positions.chain(c);
      phi.push_back(torsion(x, 0));
      psi.push_back(torsion(x, 1));
      const Vec3 back = load_atom(x.data(), 1) - load_atom(x.data(), 2),
                 on = load_atom(x.data(), 3) - load_atom(x.data(), 2);
      theta.push_back(std::acos(dot(back, on) / (kLength_nm * kLength_nm)));
      kinetic.push_back(beta() * integrator.kinetic_energy(chains.velocities.chain(c)));
    }
    const TabulatedDensity first = torsion_density(0), second = torsion_density(1),
                           middle = middle_angle_density();
    return check_projections(
        {{label + ", first torsion", phi, [&](double value) { return first.cumulative(value); }},
         {label + ", second torsion", psi, [&](double value) { return second.cumulative(value); }},
         {label + ", angle", theta, [&](double value) { return middle.cumulative(value); }},
         {label + ", kinetic energy", kinetic, half_chi_squared_11}});
  }

  DistributionCheck check_move(const std::string& label, const Move& move,
                               std::uint64_t seed) const {
    ChainBatch chains = start(seed);
    apply_repeatedly(move, chains, target, kApplications, test_seed(seed + 1000));
    return check(label, chains);
  }
};

DrivenTorsionOptions options(TorsionChange change, std::size_t n_steps, double stiffness) {
  DrivenTorsionOptions result;
  result.change = change;
  result.width_rad = 1.0;
  result.steps = {0.01, n_steps};
  result.stiffness = stiffness;
  return result;
}

TEST(DrivenTorsionExactness, StartsInTheAnswer) {
  const RigidChain chain;
  ASSERT_EQ(chain.integrator.degrees_of_freedom(), 11u);
  expect_passed(chain.check("start", chain.start(90)), kRequiredPower);
}

TEST(DrivenTorsionExactness, EveryChangeIsExactWithConstraints) {
  const RigidChain chain;
  for (const TorsionChange change :
       {TorsionChange::kHalfTurn, TorsionChange::kWalk, TorsionChange::kUniform})
    for (const double stiffness : {0.0, 60.0}) {
      const std::size_t n_steps = stiffness > 0.0 ? 6 : 1;
      const DrivenTorsion move(chain.torsions, chain.integrator.particles(),
                               options(change, n_steps, stiffness));
      expect_passed(
          chain.check_move("driven torsion, change " + std::to_string(static_cast<int>(change)) +
                               ", " + std::to_string(n_steps) + " steps",
                           move, 91),
          kRequiredPower);
      ChainBatch chains = chain.start(92);
      const auto outcomes = move.apply(chains, chain.target, {1, 1}).records.at(0).outcomes;
      for (const Outcome outcome : {Outcome::kAccepted, Outcome::kRejected})
        EXPECT_GT(std::count(outcomes.begin(), outcomes.end(), outcome), chains.n_chains() / 20)
            << "the rule must matter";
    }
}

TEST(DrivenTorsionExactness, IsExactWithoutConstraints) {
  const ChainMolecule molecule;
  constexpr double kTemperature_K = 300.0;
  const Canonical target(molecule.energy(), ReferenceMeasure::kCartesianUpToRigidMotion);
  ChainBatch chains = molecule.draw(30000, kTemperature_K, test_seed(93));
  DrivenTorsionOptions driven = options(TorsionChange::kUniform, 5, 100.0);
  driven.steps.time_step_ps = 0.002;  // bonds are stiff
  const DrivenTorsion move({{0, {1, 2, {3, 4}}, 3}, {4, {3, 2, {1, 0}}, 1}},
                           moving_particles(molecule.system()), driven);
  apply_repeatedly(move, chains, target, 6, test_seed(94));
  expect_passed(check_projections(molecule.projections(chains)), kRequiredPower);
}

enum class DrivenBug {
  kNone,
  kNoKineticEnergy,      ///< the decision looks at potential energies only
  kVelocitiesNotTurned,  ///< positions turn, velocities stay
  kLopsidedChange,       ///< torsions grow, but never shrink
};

/// Whole steps of dynamics with turns between them.
class BreakableDrivenTorsion final : public Move {
 public:
  BreakableDrivenTorsion(const RigidChain& chain, DrivenBug bug) : chain_(chain), bug_(bug) {}
  std::string name() const override { return "breakable_driven_torsion"; }
  TransitionInfo apply(ChainBatch& chains, const TargetDensity& target,
                       const StepKey& key) const override {
    chain_.integrator.refresh_velocities(chains, 0.0, StreamName::kMomentumRefresh, key);
    CoordinateBatch x = chains.positions, v = chains.velocities;
    std::vector<double> energies;
    std::vector<char> failed(chains.n_chains(), 0);
    const auto step = [&] {
      energies = chain_.integrator.velocity_verlet(x, v, *target.guide(), 0.01, 1);
      for (std::size_t c = 0; c < chains.n_chains(); ++c) {
        if (std::isfinite(energies[c])) continue;
        // Goes on from where something can.
        failed[c] = 1;
        x.copy_chain(chains.positions.view(), c, c);
        v.copy_chain(chains.velocities.view(), c, c);
      }
    };
    step();
    for (int n = 0; n < kTurns; ++n) {
      for (std::size_t c = 0; c < chains.n_chains(); ++c) turn(key, c, x.chain(c), v.chain(c));
      step();
    }
    for (std::size_t c = 0; c < chains.n_chains(); ++c) {
      double work = energies[c] - chains.energies[c];
      if (bug_ != DrivenBug::kNoKineticEnergy)
        work += chain_.integrator.kinetic_energy(v.chain(c)) -
                chain_.integrator.kinetic_energy(chains.velocities.chain(c));
      RandomStream accept(key, StreamName::kAccept, static_cast<std::uint32_t>(c));
      if (failed[c] || !(accept.uniform() < std::exp(-RigidChain::beta() * work))) continue;
      std::copy(x.chain(c).begin(), x.chain(c).end(), chains.positions.chain(c).begin());
      std::copy(v.chain(c).begin(), v.chain(c).end(), chains.velocities.chain(c).begin());
      chains.energies[c] = energies[c];
    }
    return {};
  }

 private:
  static constexpr int kTurns = 3;

  void turn(const StepKey& key, std::size_t c, Span<double> x, Span<double> v) const {
    RandomStream stream(key, StreamName::kProposal, static_cast<std::uint32_t>(c));
    double angle = 2.0 * stream.uniform() - 1.0;
    if (bug_ == DrivenBug::kLopsidedChange) angle = std::abs(angle);
    const RotatableBond& bond = chain_.torsions[stream.below(2)].bond;
    const Vec3 pivot = load_atom(v.data(), bond.axis_to);
    const AxisTurn turned(load_atom(x.data(), bond.axis_to) - load_atom(x.data(), bond.axis_from),
                          angle);
    rotate_about_bond(bond, angle, x);
    if (bug_ == DrivenBug::kVelocitiesNotTurned) return;
    for (const std::size_t atom : bond.moving) {
      const Vec3 relative = load_atom(v.data(), atom) - pivot;
      add_to_atom(v.data(), atom, turned(relative) - relative);
    }
  }

  const RigidChain& chain_;
  DrivenBug bug_;
};

TEST(DrivenTorsionExactness, BreakableCopyIsExactWhenUnbroken) {
  const RigidChain chain;
  expect_passed(
      chain.check_move("own driven torsion", BreakableDrivenTorsion(chain, DrivenBug::kNone), 95),
      kRequiredPower);
}

TEST(DrivenTorsionExactness, PlantedBugsAreCaught) {
  const RigidChain chain;
  for (const DrivenBug bug :
       {DrivenBug::kNoKineticEnergy, DrivenBug::kVelocitiesNotTurned, DrivenBug::kLopsidedChange}) {
    SCOPED_TRACE(static_cast<int>(bug));
    expect_caught(chain.check_move("planted", BreakableDrivenTorsion(chain, bug), 95));
  }
}

}  // namespace
}  // namespace saltus::tests
