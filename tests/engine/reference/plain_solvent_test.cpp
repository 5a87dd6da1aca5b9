// Oracle: the definitions. Born integrals by Simpson's rule over the shells around an atom, Born's
// formula for one ion and Coulomb's law between far ones, the neck function term by term.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/error.h"
#include "engine/potential/gbn2_neck_tables.h"
#include "engine/reference/implicit_solvent_terms.h"
#include "engine/reference/plain_energy.h"
#include "tests/support/environment.h"

namespace saltus::tests {

namespace {

using namespace engine;

System solvated_ions(std::vector<GeneralizedBornParticle> particles,
                     GeneralizedBornModel model = GeneralizedBornModel::kObc2) {
  System system;
  system.masses.assign(particles.size(), 1.0);
  ImplicitSolvent solvent;
  solvent.model = model;
  solvent.particles = std::move(particles);
  system.implicit_solvent = solvent;
  return system;
}

double energy_at(const System& system, const std::vector<double>& x) {
  double energy = 0.0;
  PlainEnergy(system, nullptr).evaluate({x.data(), 1, system.n_atoms()}, {&energy, 1}, {});
  return energy;
}

double pair_energy_at(const System& system, double distance_nm) {
  return energy_at(system, {0.1, 0.2, 0.3, 0.1, 0.2, 0.3 + distance_nm});
}

double tau(const ImplicitSolvent& s) {
  return s.coulomb_constant * (1.0 / s.solute_dielectric - 1.0 / s.solvent_dielectric);
}

double self_energy(const ImplicitSolvent& s, const GeneralizedBornParticle& p, double born_radius) {
  return -0.5 * tau(s) * p.charge * p.charge / born_radius +
         4.0 * kPi * s.surface_energy * std::pow(p.radius_nm + 0.14, 2) *
             std::pow(p.radius_nm / born_radius, 6);
}

/// Simpson's rule with 20 000 intervals on these smooth functions leaves rounding: 3e-14 was seen.
constexpr double kQuadrature = 1e-11;

/// Integral of f over [a, b].
template <class F>
double simpson(F f, double a, double b) {
  constexpr int kIntervals = 20000;
  const double h = (b - a) / kIntervals;
  double sum = f(a) + f(b);
  for (int n = 1; n < kIntervals; ++n) sum += (n % 2 == 1 ? 4.0 : 2.0) * f(a + n * h);
  return sum * h / 3.0;
}

/// (1 / 4 pi) times the integral of 1/x^4 over the part of a sphere of radius s, centred at
/// distance r, that lies outside of radius rho: shells of radius x times the fraction of them in
/// the sphere.
double descreening(double r, double rho, double s) {
  const auto shell = [&](double x) {
    return (1.0 - (x * x + r * r - s * s) / (2.0 * x * r)) / (2.0 * x * x);
  };
  const double lower = std::max(rho, std::abs(r - s)), upper = r + s;
  const double partial = upper > lower ? simpson(shell, lower, upper) : 0.0;
  const double whole_shells = s - r > rho ? 1.0 / rho - 1.0 / (s - r) : 0.0;
  return partial + whole_shells;
}

double born_radius(const GeneralizedBornParticle& p, double offset_nm, double integral) {
  const double rho = p.radius_nm - offset_nm, psi = integral * rho;
  return 1.0 /
         (1.0 / rho -
          std::tanh(p.alpha * psi - p.beta * psi * psi + p.gamma * psi * psi * psi) / p.radius_nm);
}

double pair_energy(const ImplicitSolvent& s, double r, double born_i, double born_j) {
  const double f = std::sqrt(r * r + born_i * born_j * std::exp(-r * r / (4.0 * born_i * born_j)));
  return -tau(s) * s.particles[0].charge * s.particles[1].charge / f +
         self_energy(s, s.particles[0], born_i) + self_energy(s, s.particles[1], born_j);
}

const GeneralizedBornParticle kCarbon = {0.6, 0.17, 0.72, 1.0, 0.8, 4.85};
const GeneralizedBornParticle kOxygen = {-0.5, 0.15, 0.85, 0.9, 0.7, 3.0};

TEST(NativeSolvent, OneIonHasBornsEnergy) {
  const System system = solvated_ions({kCarbon});
  const ImplicitSolvent& solvent = *system.implicit_solvent;
  const double expected = self_energy(solvent, kCarbon, kCarbon.radius_nm - solvent.offset_nm);
  EXPECT_NEAR(energy_at(system, {1.0, 2.0, 3.0}), expected, tolerance_scale() * 1e-11);
}

TEST(NativeSolvent, FarIonsInteractByCoulombsLaw) {
  const System system = solvated_ions({kCarbon, kOxygen});
  const ImplicitSolvent& solvent = *system.implicit_solvent;
  const double alone = energy_at(solvated_ions({kCarbon}), {0.0, 0.0, 0.0}) +
                       energy_at(solvated_ions({kOxygen}), {0.0, 0.0, 0.0});
  const double r = 1000.0;
  // What is left of the Born integrals falls off as 1/r^4.
  EXPECT_NEAR(pair_energy_at(system, r), alone - tau(solvent) * 0.6 * -0.5 / r,
              tolerance_scale() * 1e-9);
}

TEST(NativeSolvent, BornIntegralsEqualQuadrature) {
  System system = solvated_ions({kCarbon, kOxygen});
  const ImplicitSolvent& solvent = *system.implicit_solvent;
  const double rho_i = 0.17 - 0.009, rho_j = 0.15 - 0.009;
  // Apart; overlapping; one of the two not descreened at all; one centre inside the other's sphere.
  for (double r : {0.5, 0.3, 0.14, 0.04, 0.02}) {
    const double born_i = born_radius(kCarbon, 0.009, descreening(r, rho_i, kOxygen.scale * rho_j));
    const double born_j = born_radius(kOxygen, 0.009, descreening(r, rho_j, kCarbon.scale * rho_i));
    EXPECT_NEAR(pair_energy_at(system, r), pair_energy(solvent, r, born_i, born_j),
                tolerance_scale() * kQuadrature)
        << "distance " << r;
  }
}

TEST(NativeSolvent, EngulfedAtomsCountInObcOnly) {
  GeneralizedBornParticle wide = kCarbon;
  wide.scale = 1.5;
  const double r = 0.05;
  const double offset = 0.009, rho_i = 0.17 - offset, rho_j = 0.15 - offset;
  const double whole = descreening(r, rho_j, wide.scale * rho_i);
  const double engulfed = 1.0 / rho_j - 1.0 / (wide.scale * rho_i - r);
  ASSERT_GT(engulfed, 0.1) << "the test needs an atom inside the other's sphere";
  const double by_oxygen = descreening(r, rho_i, kOxygen.scale * rho_j);

  const System obc = solvated_ions({wide, kOxygen});
  EXPECT_NEAR(pair_energy_at(obc, r),
              pair_energy(*obc.implicit_solvent, r, born_radius(wide, offset, by_oxygen),
                          born_radius(kOxygen, offset, whole)),
              tolerance_scale() * kQuadrature);

  const System gbn2 = solvated_ions({wide, kOxygen}, GeneralizedBornModel::kGbn2);
  const auto neck = [r](double radius_i, double radius_j) {
    const NeckParameters p = neck_parameters(radius_i, radius_j);
    const double d = r - p.distance_nm;
    return 0.826836 * p.value / (1.0 + 100.0 * d * d + 0.3e6 * std::pow(d, 6));
  };
  EXPECT_NEAR(pair_energy_at(gbn2, r),
              pair_energy(*gbn2.implicit_solvent, r,
                          born_radius(wide, offset, by_oxygen + neck(0.17, 0.15)),
                          born_radius(kOxygen, offset, whole - engulfed + neck(0.15, 0.17))),
              tolerance_scale() * kQuadrature);
}

TEST(NativeSolvent, NegativeScaleTakesTheSphereAway) {
  // Sulfur in GBn2: the integral changes sign as long as the sphere stays outside of the atom.
  GeneralizedBornParticle sulfur = kCarbon;
  sulfur.scale = -0.7;
  ImplicitSolvent solvent;
  solvent.particles = {sulfur, kOxygen};
  const double r = 0.31, rho_i = 0.17 - 0.009, rho_j = 0.15 - 0.009;
  ASSERT_GT(r - 0.7 * rho_i, rho_j);
  const double expected =
      pair_energy(solvent, r, born_radius(sulfur, 0.009, descreening(r, rho_i, 0.85 * rho_j)),
                  born_radius(kOxygen, 0.009, -descreening(r, rho_j, 0.7 * rho_i)));
  const auto term = make_implicit_solvent_term(solvent);
  std::vector<double> workspace(term->workspace_size());
  const std::vector<double> x = {0.0, 0.0, 0.0, 0.0, r, 0.0};
  EXPECT_NEAR(term->evaluate({x.data(), 1, 2}, {}, workspace), expected,
              tolerance_scale() * kQuadrature);
}

TEST(NativeSolvent, NeckEndsAtItsRange) {
  const System obc = solvated_ions({kCarbon, kOxygen});
  const System gbn2 = solvated_ions({kCarbon, kOxygen}, GeneralizedBornModel::kGbn2);
  const double range = 0.17 + 0.15 + 0.68;
  EXPECT_EQ(pair_energy_at(gbn2, range + 1e-9), pair_energy_at(obc, range + 1e-9));
  EXPECT_NE(pair_energy_at(gbn2, range - 1e-9), pair_energy_at(obc, range - 1e-9));
}

TEST(NativeSolvent, CutoffDropsPairsAndShiftsTheOthers) {
  System system = solvated_ions({kCarbon, kOxygen});
  const double alone = energy_at(solvated_ions({kCarbon}), {0.0, 0.0, 0.0}) +
                       energy_at(solvated_ions({kOxygen}), {0.0, 0.0, 0.0});
  const double r = 0.4, whole = pair_energy_at(system, r);
  system.implicit_solvent->cutoff_nm = 0.5;
  const double shift = tau(*system.implicit_solvent) * 0.6 * -0.5 / 0.5;
  EXPECT_NEAR(pair_energy_at(system, r), whole + shift, tolerance_scale() * 1e-11);
  EXPECT_NEAR(pair_energy_at(system, 0.5 + 1e-9), alone, tolerance_scale() * 1e-11);
}

TEST(NativeSolvent, RefusesRadiiOutsideTheNeckTable) {
  GeneralizedBornParticle wide = kCarbon;
  wide.radius_nm = 0.21;
  EXPECT_THROW(PlainEnergy(solvated_ions({wide}, GeneralizedBornModel::kGbn2), nullptr),
               InputError);
  EXPECT_NO_THROW(PlainEnergy(solvated_ions({wide}), nullptr));
}

}  // namespace

}  // namespace saltus::tests
