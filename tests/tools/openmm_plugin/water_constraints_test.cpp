// Oracle: OpenMM's constraints of rigid water, by its own algorithm.
#include <OpenMM.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/dynamics/integrator.h"
#include "tests/support/environment.h"

namespace saltus::tests {
namespace {

constexpr std::size_t kWaters = 50;  // no whole number of lanes
// OpenMM's Reference platform computes in double; its tolerance, relative, is for other clusters.
constexpr double kTolerance = 1e-12;
// Positions of a few nm have roundings of 4e-16.
constexpr double kSame_nm = 1e-13;
// Velocities of a few nm/ps, solved by another formula.
constexpr double kSame_nm_ps = 1e-12;

/// TIP3P, with lengths that are floats: OpenMM keeps them as such.
engine::MovingParticles waters() {
  constexpr double kLeg_nm = static_cast<double>(0.09572f);
  constexpr double kBase_nm = static_cast<double>(0.15139006545247f);
  engine::MovingParticles particles;
  for (std::size_t o = 0; o < 3 * kWaters; o += 3) {
    for (const double mass : {15.99943, 1.007947, 1.007947}) particles.masses.push_back(mass);
    particles.constraints.push_back({o, o + 1, kLeg_nm});
    particles.constraints.push_back({o, o + 2, kLeg_nm});
    particles.constraints.push_back({o + 1, o + 2, kBase_nm});
  }
  return particles;
}

/// The same in a Context.
struct OpenMMWaters {
  OpenMM::System system;
  OpenMM::VerletIntegrator integrator{0.001};
  std::unique_ptr<OpenMM::Context> context;

  explicit OpenMMWaters(const engine::MovingParticles& particles) {
    for (const double mass : particles.masses) system.addParticle(mass);
    for (const engine::Constraint& c : particles.constraints)
      system.addConstraint(static_cast<int>(c.i), static_cast<int>(c.j), c.distance_nm);
    context = std::make_unique<OpenMM::Context>(system, integrator,
                                                OpenMM::Platform::getPlatformByName("Reference"));
  }
};

std::vector<OpenMM::Vec3> vectors(engine::Span<const double> flat) {
  std::vector<OpenMM::Vec3> result;
  for (std::size_t i = 0; i < flat.size(); i += 3)
    result.emplace_back(flat[i], flat[i + 1], flat[i + 2]);
  return result;
}

double farthest(const std::vector<OpenMM::Vec3>& theirs, engine::Span<const double> ours) {
  double largest = 0.0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    largest = std::max(largest, std::abs(theirs[i / 3][static_cast<int>(i % 3)] - ours[i]));
  return largest;
}

/// Largest differences of positions and velocities after constraints of rough ones.
std::pair<double, double> differences(const engine::MovingParticles& ours) {
  OpenMMWaters theirs(waters());
  const engine::Integrator integrator("test", ours);
  engine::CoordinateBatch x(1, 3 * kWaters), v(1, 3 * kWaters);
  engine::RandomStream stream = test_stream(50);
  const double ideal[] = {0.0, 0.0, 0.0, 0.0757, 0.0586, 0.0, -0.0757, 0.0586, 0.0};
  for (std::size_t i = 0; i < 9 * kWaters; ++i) {
    x.values()[i] = ideal[i % 9] + 0.3 * static_cast<double>(i / 9 % 7) + 0.004 * stream.normal();
    v.values()[i] = stream.normal();
  }
  theirs.context->setPositions(vectors(x.values()));
  theirs.context->applyConstraints(kTolerance);
  integrator.project_positions(x);
  const int both = OpenMM::State::Positions | OpenMM::State::Velocities;
  const double of_x = farthest(theirs.context->getState(both).getPositions(), x.values());

  theirs.context->setPositions(vectors(x.values()));
  theirs.context->setVelocities(vectors(v.values()));
  theirs.context->applyVelocityConstraints(kTolerance);
  integrator.project_velocities(x, v);
  return {of_x, farthest(theirs.context->getState(both).getVelocities(), v.values())};
}

TEST(WaterConstraints, AreThoseOfOpenMM) {
  const auto [of_x, of_v] = differences(waters());
  EXPECT_LT(of_x, kSame_nm * tolerance_scale());
  EXPECT_LT(of_v, kSame_nm_ps * tolerance_scale());
}

TEST(WaterConstraints, AWrongMassIsSeen) {
  engine::MovingParticles planted = waters();
  planted.masses[3 * 17] += 0.001;
  const auto [of_x, of_v] = differences(planted);
  EXPECT_GT(of_x, 1e3 * kSame_nm);
  EXPECT_GT(of_v, 1e3 * kSame_nm_ps);
}

}  // namespace
}  // namespace saltus::tests
